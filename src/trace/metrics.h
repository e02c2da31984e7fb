/* The registry of metrics, and the page that shows it. The public calls are
 * in <ouroscope/metrics.h>. */
#ifndef OU_TRACE_METRICS_H
#define OU_TRACE_METRICS_H

#include <ouroscope/message.h>
#include <ouroscope/metrics.h>

#include "base/buffer.h"

#define METRICS_MAX 4096

/* Feeds a message's values to the metrics of its point, which get the help that the point gives
 * them. Values that are unknown, that do not fit the kind (a text for a gauge), and counters'
 * negative ones set nothing. A label is the field's name and the value: a text, or a hash in
 * hex; a text that is a whole set of labels is taken as that. Any thread. */
void metrics_feed(const struct ou_message *m);

/* Appends the page: metrics in the order in which they were first set, each with its name mangled as
 * the dispatcher mangles it. Of metrics that get the same name the first is shown, and none
 * whose name would be empty or begin with a digit. Without suffix, a kind at a name's end is
 * left out. No thread that sets metrics waits for it. Any thread. */
void metrics_text(const char *prefix, bool suffix, struct buffer *out);

/* The prefix of ou_metrics_text(); copied. Any thread. */
enum ou_status metrics_set_prefix(const char *prefix);

/* Around fork(): the lock is whole in the child. */
void metrics_fork_prepare(void);
void metrics_fork_done(void); /* in both processes */

/* All metrics and the prefix forgotten: for tests, where no other thread uses them. */
void metrics_reset(void);

#endif
