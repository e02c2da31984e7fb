/* Bytes that go in at the end and out at the beginning: what waits to be written, or to become a
 * whole message. Bounded; memory above BYTE_QUEUE_KEPT is given back when the queue runs empty,
 * so that a thousand idle connections cost little. One thread. */
#ifndef OU_NODE_BYTE_QUEUE_H
#define OU_NODE_BYTE_QUEUE_H

#include "base/bytes.h"

#define BYTE_QUEUE_KEPT 16384

struct byte_queue {
    struct buffer buffer; /* from `start` on: what is in the queue */
    size_t start;
};

void byte_queue_init(struct byte_queue *q, struct allocator *from, size_t max_bytes);
void byte_queue_release(struct byte_queue *q); /* a zeroed one is fine */

/* OU_TOO_LARGE above the maximum, OU_NO_MEMORY; then nothing has changed. */
enum ou_status byte_queue_put(struct byte_queue *q, struct bytes bytes);

/* All of it, to be changed in place, too; NULL when there never was anything. */
static inline uint8_t *byte_queue_front(const struct byte_queue *q)
{
    return q->buffer.at ? (uint8_t *)q->buffer.at + q->start : NULL;
}

static inline size_t byte_queue_count(const struct byte_queue *q)
{
    return q->buffer.len - q->start;
}

/* Valid until the next change. */
static inline struct bytes byte_queue_all(const struct byte_queue *q)
{
    return (struct bytes){ byte_queue_front(q), byte_queue_count(q) };
}

/* Takes the first `count` bytes away. */
void byte_queue_drop(struct byte_queue *q, size_t count);

#endif
