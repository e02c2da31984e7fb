/* The metrics of this program: what trace points feed, and what it sets itself.
 *
 * Names are as the program gives them; where they are shown the configured
 * prefix goes before and the kind behind: cardano.node.metrics.slotNum_int. */
#ifndef OUROSCOPE_METRICS_H
#define OUROSCOPE_METRICS_H

#include <ouroscope/point.h>

/* Any thread, but not in signal handlers. A metric keeps the kind that it was first set with; setting
 * it with another does nothing, and so do the 4097th name and one above 255 bytes. */
OU_API void ou_metric_set(const char *name, int64_t value);
OU_API void ou_metric_set_real(const char *name, double value);
OU_API void ou_metric_add(const char *name, uint64_t n);

/* text is a set of labels, {key="value",...}, escaped as the text format of Prometheus wants it
 * and with no key twice; any other text is shown as {value="text"}. Cut to 2 KiB. */
OU_API void ou_metric_set_label(const char *name, const char *text);

/* All metrics in the text format of Prometheus. The caller free()s *ret. */
OU_API enum ou_status ou_metrics_text(char **ret, struct ou_error *err);

#endif
