/* Every metric of the dictionary, from what was rebuilt and folded. */
#ifndef OU_ANALYSE_METRICS_H
#define OU_ANALYSE_METRICS_H

#include "analyse/analysis.h"
#include "analyse/machine_stats.h"

/* Fills a->metrics from the rest of *a and the hosts' machine statistics
 * (a->host_count entries). */
enum ou_status metrics_fill(struct analysis *a, const struct machine_stats *machines,
                            struct ou_error *err);

#endif
