#include "trace/rings.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* What ou_ring.busy says other than 0; ou_set_busy() sets the first. */
enum { BUSY_WRITING = 1, BUSY_WAITING };

#define STEPS 8 /* of a ring that is half full: so far a writer goes without a look at the reader */

struct ring {
    struct ou_ring writer;           /* the writer's own, but for `published` */
    _Atomic uint64_t losses[LOSSES]; /* relaxed; by the writer */
    _Atomic uint64_t restart;        /* writer: read on from here; `published` releases it */
    struct ring *next;               /* older rings; set before the ring is published */
    _Atomic uint32_t owner;          /* kernel's number of the thread; 0: free */
    size_t mapped_bytes;

    /* What the reader needs for each record has a cache line of its own. It looks at the writer's
     * once in a reading: where that line goes to another core and back, the next call takes 130
     * ns longer. */
    _Alignas(64) _Atomic uint64_t taken; /* the reader's place (release; the writer's acquire) */
    uint64_t end;                        /* reader: as far as this reading goes */
    const struct ou_record *first;       /* reader: the next record, NULL when there is none */
    uint32_t thread;                     /* reader: whose the records are */
    const char *data;                    /* the writer's, which stays */
    size_t bytes;                        /* of data */
};

__thread struct ou_ring *ou_ring_here;
static __thread bool is_reader;

/* All rings, newest first; pushed with compare-and-swap, never removed. */
static struct ring *_Atomic all_rings;
static _Atomic uint32_t ring_count;

static _Atomic uint64_t no_memory_losses;
static _Atomic size_t bytes_of_new = RING_BYTES_MIN;
static _Atomic bool opened, blocking, lending_stacks;
void (*_Atomic rings_wake_reader)(void);

/* --- Writers ------------------------------------------------------------------ */

static uint32_t kernel_thread(void)
{
    return (uint32_t)syscall(SYS_gettid);
}

/* A ring whose thread has ended. */
static struct ring *claim_free(uint32_t thread)
{
    for (struct ring *r = atomic_load(&all_rings); r; r = r->next) {
        uint32_t nobody = 0;

        if (atomic_load_explicit(&r->owner, memory_order_relaxed) == 0 &&
            atomic_compare_exchange_strong(&r->owner, &nobody, thread))
            return r;
    }
    return NULL;
}

static struct ring *make_ring(uint32_t thread)
{
    size_t bytes = atomic_load(&bytes_of_new);
    size_t head = ((sizeof(struct ring) + 4095) & ~(size_t)4095) + SIGNAL_STACK_BYTES;
    struct ring *r;

    if (atomic_fetch_add(&ring_count, 1) >= RINGS_MAX)
        goto none;
    r = mmap(NULL, head + bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (r == MAP_FAILED)
        goto none;
    r->bytes = bytes;
    r->mapped_bytes = head + bytes;
    r->data = r->writer.data = (char *)r + head;
    r->writer.mask = bytes - 1;
    atomic_store_explicit(&r->owner, thread, memory_order_relaxed);
    r->next = atomic_load(&all_rings);
    while (!atomic_compare_exchange_weak(&all_rings, &r->next, r))
        ;
    return r;
none:
    atomic_fetch_sub(&ring_count, 1);
    return NULL;
}

/* A ring is one mapping: its struct, the signal stack, the records. */
static void *signal_stack_of(const struct ring *r)
{
    return r->writer.data - SIGNAL_STACK_BYTES;
}

static void lend_signal_stack(const struct ring *r)
{
    stack_t stack = { .ss_sp = signal_stack_of(r), .ss_size = SIGNAL_STACK_BYTES };
    stack_t old;

    if (atomic_load(&lending_stacks) && sigaltstack(NULL, &old) == 0 && (old.ss_flags & SS_DISABLE))
        sigaltstack(&stack, NULL);
}

/* This thread's ring, made or taken over at its first call. errno is the program's: a trace call
 * must not change it. */
static struct ring *ring_here(void)
{
    int program_errno = errno;
    uint32_t thread;
    struct ring *r;

    if (ou_ring_here)
        return (struct ring *)(void *)ou_ring_here;
    thread = kernel_thread();
    r = claim_free(thread);
    if (!r)
        r = make_ring(thread);
    if (r)
        lend_signal_stack(r);
    errno = program_errno;
    if (!r)
        return NULL;
    /* The reader may look at a ring that has nothing for it yet; with a record comes its thread. */
    atomic_store_explicit(&r->writer.thread, thread, memory_order_relaxed);
    atomic_store_explicit(&r->writer.busy, 0, memory_order_relaxed);
    ou_ring_here = &r->writer;
    return r;
}

static void wake_reader(void)
{
    void (*wake)(void) = atomic_load_explicit(&rings_wake_reader, memory_order_relaxed);

    if (wake)
        wake();
}

static void set_limit(struct ring *r, uint64_t limit)
{
    atomic_store_explicit(&r->writer.limit, limit, memory_order_relaxed);
}

/* The reader's place, or where it will go on without having looked at what is before. */
static uint64_t taken_up_to(const struct ring *r)
{
    uint64_t taken = atomic_load_explicit(&r->taken, memory_order_acquire);
    uint64_t restart = atomic_load_explicit(&r->restart, memory_order_relaxed);

    return taken > restart ? taken : restart;
}

/* Up to where there is room in one piece. */
static uint64_t room_end(const struct ring *r)
{
    uint64_t taken = taken_up_to(r);
    uint64_t lap_end = (r->writer.head & ~r->writer.mask) + r->bytes;

    return lap_end < taken + r->bytes ? lap_end : taken + r->bytes;
}

/* What is left of the buffer is too short: tells the reader so, and goes on at
 * the beginning. Of less than a head's size nothing need be told. */
static void skip_to_beginning(struct ring *r)
{
    struct ou_ring *w = &r->writer;
    uint64_t left = r->bytes - (w->head & w->mask);

    if (left >= sizeof(struct ou_record)) {
        struct ou_record *filler = (struct ou_record *)(void *)(w->data + (w->head & w->mask));

        filler->point = NULL;
        filler->bytes = (uint32_t)left;
    }
    w->head += left;
}

/* Where the reader has taken all there is, the beginning is used again: memory that nobody has touched since the ring was made
 * stays untouched unless much is waiting. The reader is told apart from the records, so that all of the ring is free at once. */
static void restart_if_all_is_taken(struct ring *r)
{
    struct ou_ring *w = &r->writer;
    uint64_t offset = w->head & w->mask;

    if (offset < r->bytes / STEPS ||
        w->head != atomic_load_explicit(&r->taken, memory_order_acquire))
        return;
    w->head += r->bytes - offset;
    atomic_store_explicit(&r->restart, w->head, memory_order_relaxed);
}

/* How far the writer may go without another look. A look takes the reader's cache line away, 150 ns; until the ring is half full
 * nobody need be woken, and none is made. Behind that they come in steps. */
static uint64_t next_look(const struct ring *r, size_t bytes, uint64_t end)
{
    uint64_t half = taken_up_to(r) + r->bytes / 2;
    uint64_t step = bytes > r->bytes / STEPS ? bytes : r->bytes / STEPS;
    uint64_t next = r->writer.head + step > half ? r->writer.head + step : half;

    return next < end ? next : end;
}

/* Looks how far the reader is, and wakes it when half is full. */
static bool find_room(struct ring *r, size_t bytes)
{
    struct ou_ring *w = &r->writer;
    uint64_t end, left;

    restart_if_all_is_taken(r);
    end = room_end(r);
    left = r->bytes - (w->head & w->mask);
    if (bytes > left) { /* not before the end of the buffer */
        if (w->head + left + bytes > taken_up_to(r) + r->bytes)
            return false;
        skip_to_beginning(r);
        end = room_end(r);
    }
    if (bytes > end - w->head)
        return false;
    set_limit(r, next_look(r, bytes, end));
    if (w->head + bytes - taken_up_to(r) > r->bytes / 2)
        wake_reader();
    return true;
}

/* Where the program has asked for it. The reader does not wait for itself. Who waits has not
 * taken a stamp yet, and says so: the reader need not leave newer records for later. A bare system
 * call, for libc's would be a point at which the thread can be cancelled. */
static bool wait_for_room(struct ring *r, size_t bytes)
{
    int program_errno = errno;
    bool found = false;

    if (is_reader || !atomic_load_explicit(&blocking, memory_order_relaxed))
        return false;
    atomic_store_explicit(&r->writer.busy, BUSY_WAITING, memory_order_relaxed);
    while (!found && atomic_load_explicit(&opened, memory_order_relaxed)) {
        static const struct timespec a_little = { 0, 50000 };

        wake_reader();
        syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &a_little, NULL);
        found = find_room(r, bytes);
    }
    ou_set_busy(&r->writer);
    errno = program_errno;
    return found;
}

static struct ou_record *lose(struct ring *r, enum loss cause)
{
    atomic_fetch_add_explicit(&r->losses[cause], 1, memory_order_relaxed);
    return NULL;
}

struct ou_record *rings_reserve(const struct ou_point *point, size_t bytes)
{
    struct ring *r = ring_here();
    struct ou_ring *w = (struct ou_ring *)r;
    struct ou_record *record;

    if (!r) {
        atomic_fetch_add_explicit(&no_memory_losses, 1, memory_order_relaxed);
        return NULL;
    }
    if (atomic_load_explicit(&w->busy, memory_order_relaxed))
        return lose(r, LOSS_interrupted);
    if (bytes > r->bytes / 4)
        return lose(r, LOSS_too_large);
    ou_set_busy(&r->writer);
    if (!find_room(r, bytes) && !wait_for_room(r, bytes)) {
        wake_reader();
        ou_clear_busy(w);
        return lose(r, LOSS_ring_full);
    }
    record = (struct ou_record *)(void *)(w->data + (w->head & w->mask));
    record->stamp = ou_ticks();
    record->point = point;
    record->bytes = (uint32_t)bytes;
    return record;
}

void rings_set_reader(bool reading)
{
    is_reader = reading;
}

bool rings_is_reader(void)
{
    return is_reader;
}

/* --- Control ------------------------------------------------------------------------ */

void rings_open(size_t ring_bytes, enum ou_when_full when_full)
{
    for (struct ring *r = atomic_load(&all_rings); r; r = r->next)
        for (int i = 0; i < LOSSES; i++)
            atomic_store_explicit(&r->losses[i], 0, memory_order_relaxed);
    atomic_store(&no_memory_losses, 0);
    atomic_store(&bytes_of_new, ring_bytes);
    atomic_store(&blocking, when_full == OU_WHEN_FULL_BLOCK);
    atomic_store(&opened, true);
}

void rings_lend_signal_stacks(bool lend)
{
    atomic_store(&lending_stacks, lend);
}

void rings_close(void)
{
    atomic_store(&opened, false);
}

/* False for a ring on whose stack this thread, in a signal handler, just runs. */
static bool take_signal_stack_back(const struct ring *r)
{
    static const stack_t none = { .ss_flags = SS_DISABLE };
    stack_t now;

    if (sigaltstack(NULL, &now) != 0 || now.ss_sp != signal_stack_of(r))
        return true;
    return sigaltstack(&none, NULL) == 0;
}

void rings_forget(void)
{
    struct ring *r = atomic_exchange(&all_rings, NULL);

    ou_ring_here = NULL;
    while (r) {
        struct ring *next = r->next;

        if (take_signal_stack_back(r))
            munmap(r, r->mapped_bytes);
        r = next;
    }
    atomic_store(&ring_count, 0);
    is_reader = false;
}

/* --- The reader ------------------------------------------------------------------------ */

/* The record at a position, or NULL when all up to `end` is read. Moves over what was skipped. */
static const struct ou_record *record_at(struct ring *r, uint64_t *at, uint64_t end)
{
    while (*at < end) {
        uint64_t offset = *at & (r->bytes - 1), left = r->bytes - offset;
        const struct ou_record *record;

        if (left >= sizeof(struct ou_record)) {
            record = (const struct ou_record *)(const void *)(r->data + offset);
            if (record->point)
                return record;
        }
        *at += left;
    }
    return NULL;
}

/* What `taken` says, or where the writer began again behind it, when that is not behind `end`. */
static uint64_t place_from(const struct ring *r, uint64_t taken, uint64_t end)
{
    uint64_t restart = atomic_load_explicit(&r->restart, memory_order_relaxed);

    return taken < restart && restart <= end ? restart : taken;
}

static void look(struct ring *r)
{
    uint64_t before = atomic_load_explicit(&r->taken, memory_order_relaxed);
    uint64_t at = place_from(r, before, r->end);

    r->first = record_at(r, &at, r->end);
    if (at != before)
        atomic_store_explicit(&r->taken, at, memory_order_release);
}

static void step_over(struct ring *r)
{
    uint64_t at = atomic_load_explicit(&r->taken, memory_order_relaxed) + r->first->bytes;

    atomic_store_explicit(&r->taken, at, memory_order_release);
    look(r);
}

/* All is taken. Far from the beginning the writer's next call shall look, and go back to it; a ring whose writer is near the
 * beginning is left alone, for this takes the writer's cache line away. */
static void ask_to_restart(struct ring *r)
{
    if ((r->end & (r->bytes - 1)) >= r->bytes / STEPS)
        atomic_store_explicit(&r->writer.limit, r->end, memory_order_relaxed);
}

/* The rings that have something to read: a heap, the earliest record on top. */
struct heap {
    struct ring *items[RINGS_MAX];
    size_t count;
};

static void sift_down(struct heap *h, size_t at)
{
    struct ring *moving = h->items[at];

    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= h->count)
            break;
        if (child + 1 < h->count &&
            h->items[child + 1]->first->stamp < h->items[child]->first->stamp)
            child++;
        if (h->items[child]->first->stamp >= moving->first->stamp)
            break;
        h->items[at] = h->items[child];
        at = child;
    }
    h->items[at] = moving;
}

static void gather(struct heap *h)
{
    h->count = 0;
    for (struct ring *r = atomic_load(&all_rings); r; r = r->next) {
        r->end = atomic_load_explicit(&r->writer.published, memory_order_acquire);
        r->thread = atomic_load_explicit(&r->writer.thread, memory_order_relaxed);
        look(r);
        if (r->first && h->count < RINGS_MAX)
            h->items[h->count++] = r;
    }
    for (size_t i = h->count / 2; i-- > 0;)
        sift_down(h, i);
}

uint64_t rings_read(uint64_t horizon,
                    void (*take)(void *context, const struct ou_record *record, uint32_t thread),
                    void *context)
{
    static struct heap heap; /* the reader's alone */
    uint64_t count = 0;

    gather(&heap);
    while (heap.count && heap.items[0]->first->stamp <= horizon) {
        struct ring *r = heap.items[0];

        take(context, r->first, r->thread);
        count++;
        step_over(r);
        if (!r->first) {
            ask_to_restart(r);
            heap.items[0] = heap.items[--heap.count];
        }
        if (heap.count)
            sift_down(&heap, 0);
    }
    return count;
}

static bool call_ends(const struct ring *r)
{
    uint64_t before = atomic_load_explicit(&r->writer.published, memory_order_relaxed);

    for (int looks = 0; looks < 500; looks++)
        if (atomic_load_explicit(&r->writer.busy, memory_order_relaxed) != BUSY_WRITING ||
            atomic_load_explicit(&r->writer.published, memory_order_relaxed) != before)
            return true;
    return false;
}

bool rings_are_quiet(void)
{
    for (const struct ring *r = atomic_load(&all_rings); r; r = r->next)
        if (atomic_load_explicit(&r->owner, memory_order_relaxed) && !call_ends(r))
            return false;
    return true;
}

static bool is_empty(struct ring *r)
{
    return atomic_load_explicit(&r->writer.published, memory_order_acquire) ==
           atomic_load_explicit(&r->taken, memory_order_relaxed);
}

void rings_recycle(void)
{
    for (struct ring *r = atomic_load(&all_rings); r; r = r->next) {
        uint32_t owner = atomic_load(&r->owner);

        if (owner == 0 || !is_empty(r))
            continue;
        if (syscall(SYS_tgkill, getpid(), owner, 0) == 0 || errno != ESRCH)
            continue;
        if (is_empty(r)) /* its last record may have come in between */
            atomic_store(&r->owner, 0);
    }
}

uint64_t rings_pending(void)
{
    uint64_t count = 0;

    for (struct ring *r = atomic_load(&all_rings); r; r = r->next) {
        uint64_t at = atomic_load_explicit(&r->taken, memory_order_acquire);
        uint64_t end = atomic_load_explicit(&r->writer.published, memory_order_acquire);
        const struct ou_record *record;

        at = place_from(r, at, end);
        while ((record = record_at(r, &at, end)) && record->bytes) {
            at += record->bytes;
            count++;
        }
    }
    return count;
}

uint64_t rings_lost(enum loss cause)
{
    uint64_t sum = cause == LOSS_no_memory ? atomic_load(&no_memory_losses) : 0;

    for (struct ring *r = atomic_load(&all_rings); r; r = r->next)
        sum += atomic_load_explicit(&r->losses[cause], memory_order_relaxed);
    return sum;
}
