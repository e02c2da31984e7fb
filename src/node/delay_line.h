/* Bytes on their way along a modelled line (link_model.h): they come out in order, when they are due.
 * Pure: the time is the caller's. One thread. */
#ifndef OU_NODE_DELAY_LINE_H
#define OU_NODE_DELAY_LINE_H

#include "node/byte_queue.h"
#include "node/link_model.h"

/* Bytes that go in so long before the line is free still find it busy, and none of its capacity is lost when the
 * loop turns late. */
#define DELAY_LINE_AHEAD_NS INT64_C(4000000)
/* Bytes that are due within so short a time come out together. */
#define DELAY_LINE_GRAIN_NS INT64_C(50000)

struct delay_chunk {
    int64_t first_due_ns, due_ns;
    size_t count; /* bytes */
};

struct delay_line {
    struct link_line line;
    struct byte_queue bytes;
    struct delay_chunk *chunks; /* owned: a ring, oldest at `first` */
    size_t first, used, room;
};

void delay_line_init(struct delay_line *d, struct allocator *from, struct link_model model,
                     size_t max_bytes);
void delay_line_release(struct delay_line *d); /* a zeroed one is fine */

/* Whether the model holds anything back at all. */
static inline bool delay_line_is_there(const struct delay_line *d)
{
    return d->line.model.latency_ns > 0 || d->line.model.bytes_per_second > 0;
}

/* Whether bytes may go in now, or at which instant, which is in the future. */
bool delay_line_takes(const struct delay_line *d, int64_t now_ns, int64_t *ret_when_ns);

/* OU_TOO_LARGE above the maximum, OU_NO_MEMORY. */
enum ou_status delay_line_put(struct delay_line *d, struct bytes bytes, int64_t now_ns);

/* What has come out by now; none with *ret_when_ns the instant of the next, or INT64_MAX. */
struct bytes delay_line_due(const struct delay_line *d, int64_t now_ns, int64_t *ret_when_ns);

/* Takes away bytes that are due. */
void delay_line_drop(struct delay_line *d, size_t count);

static inline size_t delay_line_count(const struct delay_line *d)
{
    return byte_queue_count(&d->bytes);
}

#endif
