/* From runs to series: the first step of a history, for history.c alone. */
#ifndef OU_STUDY_HISTORY_SERIES_H
#define OU_STUDY_HISTORY_SERIES_H

#include "study/history.h"

/* Fills h->runs and their counts, h->metrics with their points, and h->searched, from h->set, h->by_version and h->change. Statuses as of
 * history_compute(). */
enum ou_status history_gather(struct history *h, const char *const *metrics, size_t metric_count,
                              struct ou_error *err);

/* Whether a series has runs enough for two levels. */
bool history_is_searched(const struct history *h, const struct metric_history *m);

/* What runs of one series share: the kind of their workload, else their profile, else "". */
const char *history_workload(const struct finished_run *r);

enum ou_status history_no_memory(struct ou_error *err);

#endif
