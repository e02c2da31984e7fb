/* Encoded trace objects on their way to a collector: a queue with bounds on count and bytes. When there is no room the
 * oldest are dropped, one by one, and counted; whoever pushes never waits for the collector. What has been
 * handed to a connection stays until it is confirmed, and is handed out again, first and in order, when the
 * connection ends before that: it stands beside the queue, is no part of the bounds (it is one reply), and is not dropped.
 *
 * Any thread pushes; one thread takes. Addresses are taken once, at the start; memory only for what is there. */
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
    uint64_t waiting;  /* in the queue, or to be handed out again */
    uint64_t in_doubt; /* handed to a connection, not confirmed yet */
    uint64_t resent;   /* handed out again after a connection had ended (a part of confirmed,
                          in_doubt, and waiting) */
    uint64_t bytes;    /* waiting and in doubt */
};

/* NULL: no memory. max_bytes is at most 1 TiB. */
struct forward_queue *forward_queue_new(size_t max_count, size_t max_bytes);
void forward_queue_free(struct forward_queue *q);

/* In a forked child, where other threads' work on it was cut short: gives the memory of what waits back, and
 * leaves the rest as it is. */
void forward_queue_abandon(struct forward_queue *q);

/* Other bounds. What is there stays, also where it is more than that: then the queue shrinks as it is taken from.
 * OU_NO_MEMORY: all is as before. Any thread. */
enum ou_status forward_queue_limit(struct forward_queue *q, size_t max_count, size_t max_bytes);

/* Appends one encoded object that tells of a loss: how many were dropped since the last one, and in all. */
typedef void (*forward_gap)(void *context, uint64_t dropped, uint64_t total, struct buffer *out);

/* From now on such an object is handed out where the dropped ones would have come. It is in none of the counts. To
 * be called before the first push; gap is called by whoever takes, and must not use the queue. */
void forward_queue_tell_gaps(struct forward_queue *q, forward_gap gap, void *context);

void forward_queue_push(struct forward_queue *q, struct bytes object);
void forward_queue_lose(
    struct forward_queue *q); /* one that could not be encoded: pushed and dropped */

/* The taker's side. Appends the oldest objects, at most `most` and about max_bytes of them (one at least), and puts them in doubt. Returns how many. */
size_t forward_queue_take(struct forward_queue *q, size_t most, size_t max_bytes,
                          struct buffer *out);
void forward_queue_confirm(struct forward_queue *q); /* all that is in doubt */
void forward_queue_return(
    struct forward_queue *q); /* all that is in doubt, to the front, in order */

struct forward_counts forward_queue_counts(const struct forward_queue *q); /* any thread */

#endif
