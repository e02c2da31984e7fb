/* One metric while it is made: for metrics.c and summary_metrics.c alone. */
#ifndef OU_ANALYSE_METRIC_MAKING_H
#define OU_ANALYSE_METRIC_MAKING_H

#include "analyse/analysis.h"
#include "analyse/machine_stats.h"

struct metric_making {
    struct analysis *a;
    const struct machine_stats *machines;
    double *values; /* room for one value per block observation, block or host */
    size_t n;
    struct metric_result *out;
    bool no_memory; /* a text found no room */
};

/* Collects a value for the distribution; NaN is none. */
void metric_add(struct metric_making *m, double value);

/* What becomes of the metric; reasons say why it is absent where there is no value. */
void metric_absent(struct metric_making *m, const char *reason);
void metric_number(struct metric_making *m, double value, const char *reason);
void metric_text(struct metric_making *m, const char *value, const char *reason);
/* Of the values collected so far. */
void metric_distribution(struct metric_making *m, const char *reason);

/* A metric of the section "summary". */
void metric_make_summary(struct metric_making *m, const char *id);

bool metric_has_processes(const struct analysis *a);

/* A metric of the section "process", where the logs tell of ends of programs. */
enum ou_status metric_make_process(struct metric_making *m, const char *id);

/* A metric of the section "sync", where nodes followed a chain that was there. */
enum ou_status metric_make_sync(struct metric_making *m, const char *id);

/* A metric of the section "rts", where the run has such statistics (m->a->rts). */
enum ou_status metric_make_rts(struct metric_making *m, const char *id);

#endif
