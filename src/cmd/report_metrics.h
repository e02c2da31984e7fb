/* --metrics: which metrics a report is about. */
#ifndef OU_CMD_REPORT_METRICS_H
#define OU_CMD_REPORT_METRICS_H

#include "study/finished_run.h"

/* Keeps only the metrics that `list` names, separated by commas: "cdf0.50", "endtoend/cdf0.50", or
 * a whole section, "forger". What the runs were (section summary) is kept anyway. OU_USAGE, with the
 * nearest name, for one that is none. */
enum ou_status report_choose_metrics(struct run_set *set, const char *list, struct ou_error *err);

#endif
