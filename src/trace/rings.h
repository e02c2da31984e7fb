/* The rings: where each thread's calls leave their records, and how one reader
 * takes them out in the order of their time.
 *
 * A ring has one writer, its thread, and one reader, who holds the lock of
 * consumer.c. Neither waits for the other: the writer publishes how far it has
 * written (release, read with acquire), the reader how far it has taken (the same the
 * other way round). Records stand whole and side by side; one that does not
 * fit before the end of the buffer goes to its beginning, and what is left
 * over is skipped.
 *
 * Nothing here locks or calls malloc, so a signal handler may trace, even as the first thing that a
 * thread does. A ring is never given back: that of a thread which has ended
 * goes to the next one that begins. */
#ifndef OU_TRACE_RINGS_H
#define OU_TRACE_RINGS_H

#include <ouroscope/trace.h>

/* Most rings, that is threads that trace at the same time. */
#define RINGS_MAX 4096
#define RING_BYTES_MIN 65536u
#define RING_BYTES_MAX (64u << 20)
#define SIGNAL_STACK_BYTES 65536u /* of which none is used before a handler runs on it */

enum loss {
#define X(name, why) LOSS_##name,
    OU_LOSSES(X)
#undef X
        LOSSES,
};

/* --- Control: one thread at a time --------------------------------------------- */

/* From now on calls find rings of ring_bytes (a power of two within the limits
 * above; rings that exist keep their size), and losses count from zero. */
void rings_open(size_t ring_bytes, enum ou_when_full when_full);

/* Whether a thread that gets a ring also gets a stack for signal handlers, if it
 * has none: a handler can then run after the thread's own stack has overflowed. */
void rings_lend_signal_stacks(bool lend);

/* Nobody waits for room any more. */
void rings_close(void);

/* In the child after fork(): the rings are the parent's, whose thread writes what
 * they hold. All are forgotten. */
void rings_forget(void);

/* --- Writers ---------------------------------------------------------------------- */

/* What ou_reserve_slow() does for records that go through a ring. NULL: dropped and counted. */
struct ou_record *rings_reserve(const struct ou_point *point, size_t bytes);

/* Never let this thread wait for room: it is about to be the reader. */
void rings_set_reader(bool reading);
bool rings_is_reader(void); /* this thread; safe in a signal handler */

/* --- The reader -------------------------------------------------------------------- */

/* Hands on each record whose stamp is at most horizon, in the order of stamps over all
 * rings; each record is free to be overwritten when take returns. Returns how many. */
uint64_t rings_read(uint64_t horizon,
                    void (*take)(void *context, const struct ou_record *record, uint32_t thread),
                    void *context);

/* Whether each call that was under way has ended since or waits for room, or none was: then what
 * is traced from now on has later stamps than now, but for what the processor takes to
 * make a store visible. Looks a few microseconds at calls that are under way; false for one
 * that does not go on, whose thread is not running. */
bool rings_are_quiet(void);

/* Rings of threads that have ended, and whose records are read, are free for
 * others. Costs a system call for each ring: for now and then. */
void rings_recycle(void);

/* How many records wait. Any thread, at any time: approximate while writers write. */
uint64_t rings_pending(void);

/* What was lost since rings_open(), by cause. Any thread. */
uint64_t rings_lost(enum loss cause);

/* Wakes the reader; set by it. Must be safe in a signal handler. */
extern void (*_Atomic rings_wake_reader)(void);

#endif
