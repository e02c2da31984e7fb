/* Machine performance: statistics over the slots of one host, and over hosts. */
#ifndef OU_ANALYSE_MACHINE_STATS_H
#define OU_ANALYSE_MACHINE_STATS_H

#include "analyse/analysis.h"
#include "analyse/slot_fold.h"

#define MACHINE_METRICS 29

/* CPU spans are maximal runs of slots at or above this many percent of a core. */
#define BUSY_PERCENT 85

/* One host's distributions, by number of the metric (machine_metric_find). */
struct machine_stats {
    struct distribution of[MACHINE_METRICS]; /* n == 0: nothing measured */
    int64_t first_slot, last_slot;           /* of the records that passed the filters; -1 none */
    uint64_t slots, checked_slots, missed_slots;
};

/* Number of the metric with this dictionary id; -1 when there is none. */
int machine_metric_find(const char *id);

/* fold: finished. OU_NO_MEMORY is the only failure. */
enum ou_status machine_stats_of(const struct slot_fold *fold, enum quantile_rule rule,
                                struct machine_stats *ret);

/* One metric over all hosts: fills over, quantile_medians, inter_host_sd and
 * per_host (from memory) of *ret; METRIC_ABSENT when no host has it. */
enum ou_status machine_stats_over_hosts(struct arena *memory, const struct machine_stats *hosts,
                                        uint32_t host_count, int metric, bool compat,
                                        struct metric_result *ret);

#endif
