/* The reader of all rings: makes values of records, feeds metrics and folds,
 * filters, limits, and hands lines to outputs.
 *
 * All of it is guarded by one lock, and whoever holds that lock is the reader:
 * most of the time the library's thread, but also a thread that flushes,
 * changes the configuration, or unloads a library. Writers never take it. */
#ifndef OU_TRACE_CONSUMER_H
#define OU_TRACE_CONSUMER_H

#include <ouroscope/trace.h>

#include "trace/config.h"
#include "trace/forwarding.h"

/* False, and no lock, for a thread that holds it already: one that is in a
 * function of the program's which handles a message. */
bool consumer_lock(void);
bool consumer_lock_within(int seconds); /* likewise; false after that time, too */
void consumer_unlock(void);

/* --- With the lock ------------------------------------------------------------ */

struct consumer_options {
    const char *host; /* copied */
    uint32_t window_ms;
    const char *env; /* for the legacy layout; copied */
    struct forwarding_options collector;
    const struct ou_node_info *node; /* copied */
};

/* Opens the outputs and takes the configuration over, with effect on all points. Takes the
 * config in any case. OU_IO when a file cannot be opened: then the configuration from
 * before is in effect. */
enum ou_status consumer_configure(struct config *config, const char *warnings,
                                  struct ou_error *err);

enum ou_status consumer_begin(const struct consumer_options *options, struct ou_error *err);
void consumer_end(void);     /* points off, outputs closed */
void consumer_abandon(void); /* likewise, in a forked child: nothing is written */

/* Brings the points into line with configuration, folds and outputs; nothing
 * before consumer_begin(). */
void consumer_apply(void);

/* Writes all records up to a stamp. */
uint64_t consumer_pass(uint64_t horizon); /* returns how many */

bool consumer_has_begun(void);

/* The end has two steps: all points but reflections are off; then, when calls
 * that were under way have ended, the rest is written and every loss is told. */
void consumer_quieten(void);
void consumer_finish(void);

void consumer_reopen_files(void);

/* Points that are about to go: their records are written first. */
void consumer_drop_points(struct ou_point *const *points, size_t count);

/* The stamp up to which records can be read in order now. */
uint64_t consumer_horizon(void);

/* --- Without --------------------------------------------------------------------- */

void consumer_counts(struct ou_trace_counts *ret); /* any thread */

/* Fork: the child must not find the lock held by a thread it does not have. */
void consumer_fork_prepare(void);
void consumer_fork_parent(void);
void consumer_fork_child(void);

#endif
