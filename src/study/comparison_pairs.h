/* Designs that take turns: which runs of two sides belong together. */
#ifndef OU_STUDY_COMPARISON_PAIRS_H
#define OU_STUDY_COMPARISON_PAIRS_H

#include "study/finished_run.h"

struct run_pair {
    size_t base, variant; /* indices into the sets */
};

/* The runs of two sides side by side, in pairs:
 *  - where meta.design of all of them names one series, and each of its blocks has one run of either side;
 *  - else where they were made on one machine, and in the order of their starts each two neighbours are one of either
 *    side, whichever comes first (A B A B, or A B B A: randomised blocks of two). Three pairs at least: fewer fall into
 *    such an order too easily.
 * *ret_count is 0 where there is no such design. ret has room for base->count pairs. OU_NO_MEMORY for scratch memory out
 * of `memory`. */
enum ou_status comparison_pairs(const struct run_set *base, const struct run_set *variant,
                                struct arena *memory, struct run_pair *ret, size_t *ret_count,
                                struct ou_error *err);

/* Whether all runs of one side had begun before the other's first; false where a start is not known. */
bool runs_stand_apart(const struct run_set *base, const struct run_set *variant);

#endif
