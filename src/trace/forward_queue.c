#include "trace/forward_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* In the ring an object is its length and its bytes; either may go over the ring's end. */
typedef uint32_t object_head;

/* Pages that are empty again go back to the system in pieces of this size: a queue that holds little
 * goes round all its addresses, and must not come to own as much memory. */
#define PIECE_BYTES ((size_t)256 << 10)
#define RING_BYTES_MAX ((size_t)1 << 40)

#define HELD_BYTES_MAX ((size_t)1 << 32)
#define HELD_COUNT_MAX ((size_t)1 << 20)

struct ring {
    uint8_t *at;
    size_t cap;        /* a multiple of PIECE_BYTES */
    size_t from, used; /* in bytes */
    size_t count;      /* of objects */
};

/* Objects that have left the ring: the first `handed` are in doubt, the others came back. */
struct held {
    struct buffer bytes;
    struct held_object {
        uint32_t len;
        bool tells_gap;
    } * objects;
    size_t cap, count, handed;
    size_t handed_bytes;
    size_t known;       /* so many of them were handed out before, on an earlier connection */
    size_t real;        /* those that were pushed, and do not tell of a gap */
    size_t handed_real; /* likewise */
};

struct forward_queue {
    pthread_mutex_t lock;
    size_t max_count, max_bytes; /* of the ring */
    struct ring ring;
    struct held held;
    uint64_t pushed, confirmed, dropped, resent;
    uint64_t gap; /* dropped, and not told of */
    forward_gap tell_gap;
    void *context;
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* --- The ring ------------------------------------------------------------------- */

static bool ring_open(struct ring *r, size_t bytes)
{
    size_t cap = (bytes + PIECE_BYTES - 1) / PIECE_BYTES * PIECE_BYTES;
    void *at =
        mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED)
        return false;
    *r = (struct ring){ .at = at, .cap = cap };
    return true;
}

static void ring_close(struct ring *r)
{
    munmap(r->at, r->cap);
}

static void ring_put(struct ring *r, const void *bytes, size_t len)
{
    size_t to = (r->from + r->used) % r->cap, first = least(len, r->cap - to);

    memcpy(r->at + to, bytes, first);
    memcpy(r->at, (const uint8_t *)bytes + first, len - first);
    r->used += len;
}

/* The piece at i is empty, unless the newest bytes have come round to it. */
static void give_piece_back(struct ring *r, size_t i)
{
    if (r->used == 0 || (r->from + r->used - 1) % r->cap / PIECE_BYTES != i)
        madvise(r->at + i * PIECE_BYTES, PIECE_BYTES, MADV_DONTNEED);
}

/* Takes len bytes off the front. An empty ring begins anew where its memory is still warm. */
static void ring_pass(struct ring *r, size_t len)
{
    size_t piece = r->from / PIECE_BYTES, to = (r->from + len) % r->cap;

    r->from = to;
    r->used -= len;
    for (; piece != to / PIECE_BYTES; piece = (piece + 1) % (r->cap / PIECE_BYTES))
        give_piece_back(r, piece);
    if (r->used > 0)
        return;
    if (piece > 0)
        give_piece_back(r, piece);
    r->from = 0;
}

/* Copies len bytes that begin `skip` bytes behind the front. */
static void ring_get(const struct ring *r, size_t skip, void *ret, size_t len)
{
    size_t from = (r->from + skip) % r->cap, first = least(len, r->cap - from);

    memcpy(ret, r->at + from, first);
    memcpy((uint8_t *)ret + first, r->at, len - first);
}

static object_head ring_front(const struct ring *r)
{
    object_head len;

    ring_get(r, 0, &len, sizeof len);
    return len;
}

static void ring_drop(struct ring *r)
{
    ring_pass(r, sizeof(object_head) + ring_front(r));
    r->count--;
}

/* --- Life --------------------------------------------------------------------------- */

struct forward_queue *forward_queue_new(size_t max_count, size_t max_bytes)
{
    struct forward_queue *q = calloc(1, sizeof *q);

    if (!q)
        return NULL;
    if (max_bytes > RING_BYTES_MAX || !ring_open(&q->ring, max_bytes)) {
        free(q);
        return NULL;
    }
    q->max_count = max_count;
    q->max_bytes = max_bytes;
    pthread_mutex_init(&q->lock, NULL);
    buffer_init(&q->held.bytes, allocator_libc(), HELD_BYTES_MAX);
    return q;
}

void forward_queue_abandon(struct forward_queue *q)
{
    ring_close(&q->ring);
}

void forward_queue_free(struct forward_queue *q)
{
    if (!q)
        return;
    ring_close(&q->ring);
    buffer_release(&q->held.bytes);
    free(q->held.objects);
    free(q);
}

void forward_queue_tell_gaps(struct forward_queue *q, forward_gap gap, void *context)
{
    q->tell_gap = gap;
    q->context = context;
}

/* Moves all that is in the ring to another one. */
static bool move_ring(struct ring *r, size_t bytes)
{
    struct ring new;
    size_t first = least(r->used, r->cap - r->from);

    if (!ring_open(&new, bytes > r->used ? bytes : r->used))
        return false;
    ring_put(&new, r->at + r->from, first);
    ring_put(&new, r->at, r->used - first);
    new.count = r->count;
    ring_close(r);
    *r = new;
    return true;
}

enum ou_status forward_queue_limit(struct forward_queue *q, size_t max_count, size_t max_bytes)
{
    bool fits = true;

    pthread_mutex_lock(&q->lock);
    if (max_bytes != q->max_bytes)
        fits = max_bytes <= RING_BYTES_MAX && move_ring(&q->ring, max_bytes);
    if (fits) {
        q->max_count = max_count;
        q->max_bytes = max_bytes;
    }
    pthread_mutex_unlock(&q->lock);
    return fits ? OU_OK : OU_NO_MEMORY;
}

/* --- Pushing ------------------------------------------------------------------------ */

static void lose_one(struct forward_queue *q)
{
    q->dropped++;
    q->gap++;
}

/* Drops as many as the new object needs the room of. Where a bound was lowered, what is there above it
 * is not dropped for that: it becomes no more. */
static void make_room(struct forward_queue *q, size_t needed)
{
    struct ring *r = &q->ring;
    size_t most = r->used > q->max_bytes ? r->used : q->max_bytes;

    if (r->count >= q->max_count) {
        ring_drop(r);
        lose_one(q);
    }
    for (; r->used + needed > most; lose_one(q))
        ring_drop(r);
}

static void push(struct forward_queue *q, struct bytes object)
{
    object_head len = (object_head)object.count;
    size_t needed = sizeof len + object.count;

    q->pushed++;
    if (object.count > UINT32_MAX || needed > q->max_bytes || q->max_count == 0) {
        lose_one(q);
        return;
    }
    make_room(q, needed);
    ring_put(&q->ring, &len, sizeof len);
    ring_put(&q->ring, object.at, object.count);
    q->ring.count++;
}

void forward_queue_push(struct forward_queue *q, struct bytes object)
{
    pthread_mutex_lock(&q->lock);
    push(q, object);
    pthread_mutex_unlock(&q->lock);
}

void forward_queue_lose(struct forward_queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->pushed++;
    lose_one(q);
    pthread_mutex_unlock(&q->lock);
}

/* --- Taking ------------------------------------------------------------------------- */

static bool reserve_held(struct held *h)
{
    void *objects = h->objects;
    bool fits = array_reserve(allocator_libc(), &objects, &h->cap, h->count + 1, sizeof *h->objects,
                              HELD_COUNT_MAX);

    h->objects = objects;
    return fits;
}

/* Counts what has been appended to the bytes as one more object. False, and it is gone, when there
 * was no memory for it. */
static bool hold(struct held *h, size_t len_before, bool tells_gap)
{
    if (buffer_status(&h->bytes) || h->bytes.len == len_before) {
        buffer_cut(&h->bytes, len_before);
        return false;
    }
    h->objects[h->count++] =
        (struct held_object){ (uint32_t)(h->bytes.len - len_before), tells_gap };
    h->real += !tells_gap;
    return true;
}

static bool hold_gap(struct forward_queue *q)
{
    size_t before = q->held.bytes.len;

    q->tell_gap(q->context, q->gap, q->dropped, &q->held.bytes);
    if (!hold(&q->held, before, true))
        return false;
    q->gap = 0;
    return true;
}

static bool hold_front(struct forward_queue *q)
{
    object_head len = ring_front(&q->ring);
    size_t before = q->held.bytes.len;
    char *room = buffer_room(&q->held.bytes, len);

    if (room) {
        ring_get(&q->ring, sizeof len, room, len);
        buffer_added(&q->held.bytes, len);
    }
    if (!hold(&q->held, before, false))
        return false;
    ring_drop(&q->ring);
    return true;
}

/* Takes the next object out of the ring, or what tells of those that are missing before it. */
static bool hold_next(struct forward_queue *q)
{
    if (!reserve_held(&q->held))
        return false;
    if (q->gap && q->tell_gap && hold_gap(q))
        return true;
    return q->ring.count > 0 && hold_front(q);
}

static bool hand_out(struct forward_queue *q, struct buffer *out)
{
    struct held *h = &q->held;
    const struct held_object *object;
    size_t before = out->len;

    if (h->handed == h->count && !hold_next(q))
        return false;
    object = &h->objects[h->handed];
    buffer_append(out, h->bytes.at + h->handed_bytes, object->len);
    if (buffer_status(out)) {
        buffer_cut(out, before);
        return false;
    }
    if (h->handed < h->known && !object->tells_gap)
        q->resent++;
    h->handed++;
    h->handed_bytes += object->len;
    h->handed_real += !object->tells_gap;
    return true;
}

size_t forward_queue_take(struct forward_queue *q, size_t most, size_t max_bytes,
                          struct buffer *out)
{
    size_t before = out->len, count = 0;

    pthread_mutex_lock(&q->lock);
    while (count < most && (count == 0 || out->len - before < max_bytes) && hand_out(q, out))
        count++;
    pthread_mutex_unlock(&q->lock);
    return count;
}

void forward_queue_confirm(struct forward_queue *q)
{
    struct held *h = &q->held;

    pthread_mutex_lock(&q->lock);
    if (h->handed > 0) {
        memmove(h->bytes.at, h->bytes.at + h->handed_bytes, h->bytes.len - h->handed_bytes);
        buffer_cut(&h->bytes, h->bytes.len - h->handed_bytes);
        h->count -= h->handed;
        memmove(h->objects, h->objects + h->handed, h->count * sizeof *h->objects);
        h->known -= least(h->known, h->handed);
        h->real -= h->handed_real;
        q->confirmed += h->handed_real;
        h->handed = h->handed_real = h->handed_bytes = 0;
    }
    pthread_mutex_unlock(&q->lock);
}

void forward_queue_return(struct forward_queue *q)
{
    struct held *h = &q->held;

    pthread_mutex_lock(&q->lock);
    if (h->handed > h->known)
        h->known = h->handed;
    h->handed = h->handed_real = h->handed_bytes = 0;
    pthread_mutex_unlock(&q->lock);
}

struct forward_counts forward_queue_counts(const struct forward_queue *q)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)&q->lock;
    struct forward_counts counts;

    pthread_mutex_lock(lock);
    counts = (struct forward_counts){
        .pushed = q->pushed,
        .confirmed = q->confirmed,
        .dropped = q->dropped,
        .waiting = q->ring.count + q->held.real - q->held.handed_real,
        .in_doubt = q->held.handed_real,
        .resent = q->resent,
        .bytes = q->ring.used - q->ring.count * sizeof(object_head) + q->held.bytes.len,
    };
    pthread_mutex_unlock(lock);
    return counts;
}
