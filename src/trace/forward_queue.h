/* Encoded trace objects on their way to a collector: a queue with bounds on count and bytes. When there is no room the
 * oldest are dropped, one by one, and counted; whoever pushes never waits. What has been handed to a
 * connection stays until it is confirmed, and comes back to the front when the connection ends first.
 *
 * Any thread pushes; one thread takes. Memory is taken once, at the start. */
#ifndef OU_TRACE_FORWARD_QUEUE_H
#define OU_TRACE_FORWARD_QUEUE_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

struct forward_queue;

/* Every object that was pushed is in one of these: pushed = confirmed + dropped + waiting + in_doubt. */
struct forward_counts {
    uint64_t pushed;
    uint64_t confirmed; /* the collector asked for more after it had got them */
    uint64_t
        dropped; /* the oldest, where there was no room; also one larger than the whole queue */
    uint64_t waiting;  /* in the queue */
    uint64_t in_doubt; /* handed to a connection, not confirmed yet */
    uint64_t
        resent; /* handed out again after a connection had ended (a part of confirmed, dropped, in_doubt) */
    uint64_t bytes; /* waiting and in doubt */
};

/* NULL: no memory. */
struct forward_queue *forward_queue_new(size_t max_count, size_t max_bytes);
void forward_queue_free(struct forward_queue *q);

void forward_queue_push(struct forward_queue *q, struct bytes object);

/* The taker's side. Appends the oldest objects, at most `most` and about max_bytes of them (one at least), and puts them in doubt. Returns how many. */
size_t forward_queue_take(struct forward_queue *q, size_t most, size_t max_bytes,
                          struct buffer *out);
void forward_queue_confirm(struct forward_queue *q); /* all that is in doubt */
void forward_queue_return(
    struct forward_queue *q); /* all that is in doubt, to the front, in order */

struct forward_counts forward_queue_counts(const struct forward_queue *q); /* any thread */

#endif
