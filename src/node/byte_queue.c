#include "node/byte_queue.h"

#include <assert.h>

void byte_queue_init(struct byte_queue *q, struct allocator *from, size_t max_bytes)
{
    *q = (struct byte_queue){ 0 };
    buffer_init(&q->buffer, from, max_bytes);
}

void byte_queue_release(struct byte_queue *q)
{
    buffer_release(&q->buffer);
    q->start = 0;
}

/* Moves what is there to the front. */
static void settle(struct byte_queue *q)
{
    const size_t count = byte_queue_count(q);

    if (q->start == 0)
        return;
    memmove(q->buffer.at, q->buffer.at + q->start, count);
    buffer_cut(&q->buffer, count);
    q->start = 0;
}

enum ou_status byte_queue_put(struct byte_queue *q, struct bytes bytes)
{
    enum ou_status status;

    /* Moving less than is gone already keeps the cost of each byte constant; beyond that, only a full
     * buffer makes it necessary. */
    if (q->start > byte_queue_count(q) || bytes.count > q->buffer.max - q->buffer.len)
        settle(q);
    buffer_append(&q->buffer, bytes.at, bytes.count);
    status = buffer_status(&q->buffer);
    if (status)
        buffer_cut(&q->buffer, q->buffer.len);
    return status;
}

void byte_queue_drop(struct byte_queue *q, size_t count)
{
    assert(count <= byte_queue_count(q));
    q->start += count;
    if (byte_queue_count(q) > 0)
        return;
    q->start = 0;
    if (q->buffer.cap > BYTE_QUEUE_KEPT) {
        struct allocator *from = q->buffer.from;
        const size_t max = q->buffer.max;

        buffer_release(&q->buffer);
        buffer_init(&q->buffer, from, max);
    } else {
        buffer_clear(&q->buffer);
    }
}
