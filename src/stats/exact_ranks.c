#include "stats/exact_ranks.h"

#include <math.h>
#include <stdlib.h>

#include "stats/scratch.h"

static size_t sum_of(const unsigned *ranks, size_t n)
{
    size_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += ranks[i];
    return sum;
}

/* Arrangements that leave a rank out are there already; those that take it are
 * the ones without it, `rank` further up. */
static void add_shifted(double *to, const double *from, size_t rank, size_t sums)
{
    for (size_t s = rank; s < sums; s++)
        to[s] += from[s - rank];
}

/* Row c of the table counts the choices of c among the ranks seen so far. Rows
 * are taken from the last, so that no rank is taken twice. */
bool rank_sum_law(const unsigned *ranks, size_t n, size_t k, struct rank_law *ret)
{
    size_t sums = sum_of(ranks, n) + 1;
    double *table = scratch_take((k + 1) * sums, sizeof *table);
    double *ways = scratch_take(sums, sizeof *ways);

    if (!table || !ways) {
        free(table);
        free(ways);
        return false;
    }
    table[0] = 1;
    for (size_t i = 0; i < n; i++)
        for (size_t c = i < k ? i + 1 : k; c > 0; c--)
            add_shifted(table + c * sums, table + (c - 1) * sums, ranks[i], sums);
    for (size_t s = 0; s < sums; s++)
        ways[s] = table[k * sums + s];
    free(table);
    *ret = (struct rank_law){ .ways = ways, .sums = sums };
    return true;
}

bool signed_rank_law(const unsigned *ranks, size_t n, struct rank_law *ret)
{
    size_t sums = sum_of(ranks, n) + 1;
    double *ways = scratch_take(sums, sizeof *ways);

    if (!ways)
        return false;
    ways[0] = 1;
    for (size_t i = 0; i < n; i++)
        for (size_t s = sums; s-- > ranks[i];) /* downwards: no rank is taken twice */
            ways[s] += ways[s - ranks[i]];
    *ret = (struct rank_law){ .ways = ways, .sums = sums };
    return true;
}

void rank_law_release(struct rank_law *law)
{
    free(law->ways);
    *law = (struct rank_law){ 0 };
}

static double all_ways(const struct rank_law *law)
{
    double all = 0;

    for (size_t s = 0; s < law->sums; s++)
        all += law->ways[s];
    return all;
}

struct rank_tails rank_law_tails(const struct rank_law *law, size_t sum)
{
    double below = 0, at = sum < law->sums ? law->ways[sum] : 0, all = all_ways(law);

    for (size_t s = 0; s < sum && s < law->sums; s++)
        below += law->ways[s];
    return (struct rank_tails){ (below + at) / all, (all - below) / all };
}

double two_sided_tail(struct rank_tails tails)
{
    return fmin(1, 2 * fmin(tails.at_most, tails.at_least));
}

size_t rank_law_depth(const struct rank_law *law, double tail)
{
    /* 1 - .9 is not .1 in binary: a law that reaches the tail exactly does reach it. */
    double allowed = tail * (1 + 1e-12) * all_ways(law), taken = 0;
    size_t first = 0, depth = 0;

    while (law->ways[first] == 0)
        first++;
    while (first + depth < law->sums && taken + law->ways[first + depth] <= allowed)
        taken += law->ways[first + depth++];
    return depth;
}
