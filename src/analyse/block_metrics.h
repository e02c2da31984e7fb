/* The metrics of blocks: how each block was forged, how it reached its
 * observers, when how much of the cluster had adopted it. Pure; any thread. */
#ifndef OU_ANALYSE_BLOCK_METRICS_H
#define OU_ANALYSE_BLOCK_METRICS_H

#include "analyse/analysis.h"

enum block_metric_source {
    OF_FORGER_PHASE,   /* which: enum forger_phase */
    OF_OBSERVER_PHASE, /* which: enum observer_phase; a sample for each valid observation */
    OF_FIRST_NOTICE,   /* the least of the valid observations */
    OF_FIRST_BODY,     /* likewise */
    OF_ADOPTION,       /* which: of adoption_fractions */
    OF_SIZE,
    OF_BATTLES,
};

struct block_metric {
    enum metric_section section;
    const char *id;
    enum block_metric_source source;
    int which;
};

/* In the order of the dictionary. */
#define BLOCK_METRICS_MAX 32
size_t block_metric_count(void);
const struct block_metric *block_metric_row(size_t i);
/* NULL when it is no metric of blocks. */
const struct block_metric *block_metric_find(enum metric_section section, const char *id);

/* Whether the block is on the chain and passed the filters: others are in no metric. */
bool block_metric_counts(const struct chain_block *block);

/* What one block comes down to, in the unit of the dictionary, NaN when it has
 * nothing to say. Of an observer's phase it is the mean over the block's valid
 * observations, to the nanosecond. */
double block_metric_value(const struct block_metric *m, const struct chain_block *block);

/* The sample of one observation, for OF_OBSERVER_PHASE; NaN when it does not count. */
double block_metric_observed(const struct block_metric *m, const struct block_observation *o);

#endif
