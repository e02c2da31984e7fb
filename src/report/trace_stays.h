/* A block's stay on one host, from the first that the host knew of it to the last that it did with it: what a trace viewer
 * draws as one bar with its phases inside. */
#ifndef OU_REPORT_TRACE_STAYS_H
#define OU_REPORT_TRACE_STAYS_H

#include "analyse/analysis.h"

enum { STAY_PHASES_MAX = 12 };

/* A phase that was measured and fits: phases of a stay follow each other without overlap. Its length is the analysis's
 * delta. */
struct stay_phase {
    const char *name;
    int64_t from_ns, to_ns;
};

struct block_stay {
    uint32_t host;
    bool forged;                      /* here; else it came from elsewhere */
    uint32_t sender;                  /* NO_HOST */
    int64_t from_ns, to_ns;           /* instants since 1970 */
    int64_t leading_ns;               /* the host found that it leads the slot; TIME_NONE */
    int64_t announced_ns, sending_ns; /* TIME_NONE */
    struct stay_phase phases[STAY_PHASES_MAX];
    size_t phase_count;
    size_t left_out; /* phases that went backwards, by clocks or by order of logging */
    int fetch;       /* index of that phase; -1: not among them */
};

/* What the forger's host has to say; false: nothing. slot_start_ns of the block must be known. */
bool stay_of_forger(const struct chain_block *b, struct block_stay *ret);
bool stay_of_observer(const struct chain_block *b, const struct block_observation *o,
                      struct block_stay *ret);

#endif
