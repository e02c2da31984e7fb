/* The registry of metrics, and the page that shows it. The public calls are
 * in <ouroscope/metrics.h>. */
#ifndef OU_TRACE_METRICS_H
#define OU_TRACE_METRICS_H

#include <ouroscope/message.h>
#include <ouroscope/metrics.h>

#include "base/buffer.h"

#define METRICS_MAX 4096

/* Feeds a message's values to the metrics of its point. The consumer's thread. */
void metrics_feed(const struct ou_message *m);

/* The type of a metric in the registry stays; its help is what the point says. */
void metrics_text(const char *prefix, bool suffix, struct buffer *out);

/* The prefix of ou_metrics_text(); copied. Any thread. */
enum ou_status metrics_set_prefix(const char *prefix);

/* All metrics forgotten: for tests. */
void metrics_reset(void);

#endif
