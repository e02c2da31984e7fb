/* Exact laws of rank sums under the hypothesis that nothing but chance orders
 * the values: each law counts the equally likely arrangements, by the sum that
 * they have. Ranks are whole: with ties, twice the midranks (then the law is the
 * conditional one, given the ties). Any thread. */
#ifndef OU_STATS_EXACT_RANKS_H
#define OU_STATS_EXACT_RANKS_H

#include <stdbool.h>
#include <stddef.h>

/* Up to so many ranks, so that counts (at most 2^50) are exact in a double. */
enum { EXACT_RANKS_MAX = 50 };

struct rank_law {
    double *ways; /* arrangements with sum 0, 1, ... sums - 1; owned */
    size_t sums;
};

/* The sum of k of n ranks (Mann-Whitney), k <= n <= EXACT_RANKS_MAX. False: no memory. */
bool rank_sum_law(const unsigned *ranks, size_t n, size_t k, struct rank_law *ret);
/* The sum of those ranks whose sign is positive (Wilcoxon). False: no memory. */
bool signed_rank_law(const unsigned *ranks, size_t n, struct rank_law *ret);
void rank_law_release(struct rank_law *law);

/* P(sum <= s) and P(sum >= s). */
struct rank_tails {
    double at_most, at_least;
};
struct rank_tails rank_law_tails(const struct rank_law *law, size_t sum);
/* Twice the smaller tail, at most 1. */
double two_sided_tail(struct rank_tails tails);

/* How many of the lowest possible sums can be left out with a probability of at most `tail` in
 * all, for a law whose possible sums follow each other without gaps. */
size_t rank_law_depth(const struct rank_law *law, double tail);

#endif
