#include "node/delay_line.h"

#include <assert.h>

#define CHUNKS_MAX (1U << 20)

void delay_line_init(struct delay_line *d, struct allocator *from, struct link_model model,
                     size_t max_bytes)
{
    *d = (struct delay_line){ .line = { .model = model } };
    byte_queue_init(&d->bytes, from, max_bytes);
}

void delay_line_release(struct delay_line *d)
{
    if (d->room > 0)
        alloc_free(d->bytes.buffer.from, d->chunks, d->room * sizeof *d->chunks);
    byte_queue_release(&d->bytes);
    *d = (struct delay_line){ 0 };
}

bool delay_line_takes(const struct delay_line *d, int64_t now_ns, int64_t *ret_when_ns)
{
    if (d->line.free_ns <= now_ns + DELAY_LINE_AHEAD_NS)
        return true;
    *ret_when_ns = d->line.free_ns - DELAY_LINE_AHEAD_NS;
    return false;
}

/* Room for one more chunk; the ring is laid out anew when it grows. */
static bool reserve(struct delay_line *d)
{
    struct allocator *from = d->bytes.buffer.from;
    const size_t room = d->room ? 2 * d->room : 16;
    struct delay_chunk *chunks;

    if (d->used < d->room)
        return true;
    if (room > CHUNKS_MAX)
        return false;
    chunks = alloc_zeroed(from, room * sizeof *chunks);
    if (!chunks)
        return false;
    for (size_t i = 0; i < d->used; i++)
        chunks[i] = d->chunks[(d->first + i) & (d->room - 1)];
    alloc_free(from, d->chunks, d->room * sizeof *chunks);
    d->chunks = chunks;
    d->first = 0;
    d->room = room;
    return true;
}

enum ou_status delay_line_put(struct delay_line *d, struct bytes bytes, int64_t now_ns)
{
    struct delay_chunk *last = NULL;
    enum ou_status status;
    int64_t due_ns;

    if (!reserve(d))
        return OU_NO_MEMORY;
    status = byte_queue_put(&d->bytes, bytes);
    if (status)
        return status;
    due_ns = link_line_due(&d->line, now_ns, bytes.count);
    if (d->used > 0)
        last = &d->chunks[(d->first + d->used - 1) & (d->room - 1)];
    if (last && due_ns - last->first_due_ns < DELAY_LINE_GRAIN_NS) {
        last->due_ns = due_ns;
        last->count += bytes.count;
        return OU_OK;
    }
    assert(d->chunks);
    d->chunks[(d->first + d->used++) & (d->room - 1)] =
        (struct delay_chunk){ .first_due_ns = due_ns, .due_ns = due_ns, .count = bytes.count };
    return OU_OK;
}

struct bytes delay_line_due(const struct delay_line *d, int64_t now_ns, int64_t *ret_when_ns)
{
    struct bytes due = byte_queue_all(&d->bytes);

    due.count = 0;
    *ret_when_ns = INT64_MAX;
    for (size_t i = 0; i < d->used; i++) {
        const struct delay_chunk *chunk = &d->chunks[(d->first + i) & (d->room - 1)];

        if (chunk->due_ns > now_ns) {
            *ret_when_ns = chunk->due_ns;
            break;
        }
        due.count += chunk->count;
    }
    return due;
}

void delay_line_drop(struct delay_line *d, size_t count)
{
    byte_queue_drop(&d->bytes, count);
    while (count > 0) {
        struct delay_chunk *chunk = &d->chunks[d->first];
        const size_t part = count < chunk->count ? count : chunk->count;

        assert(d->used > 0);
        chunk->count -= part;
        count -= part;
        if (chunk->count == 0) {
            d->first = (d->first + 1) & (d->room - 1);
            d->used--;
        }
    }
}
