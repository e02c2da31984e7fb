/* Order statistics of all sums of pairs, which are never formed: a million values
 * a side have 10^12 of them. Bisection over the value, counting with two fingers:
 * at most 64 passes over both arrays for each order statistic. Exact: the result
 * is one of the sums, as double arithmetic has it. Pure; any thread. */
#ifndef OU_STATS_PAIR_SUMS_H
#define OU_STATS_PAIR_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pair_sums {
    const double *x, *y; /* ascending, finite */
    size_t nx, ny;
    bool walsh; /* y is x, and the pair (i,j) is the same as (j,i): i <= j only */
};

uint64_t pair_sums_count(const struct pair_sums *p);
/* The k-th smallest, k from 1 to the count. */
double pair_sums_at(const struct pair_sums *p, uint64_t k);
double pair_sums_median(const struct pair_sums *p);

#endif
