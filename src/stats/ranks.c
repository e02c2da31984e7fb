/* Mann-Whitney's test, and what is told by the same ranks. The exact law with ties is
 * the conditional one (Lehmann 1975); the shift is that of Hodges and Lehmann 1963. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/exact_ranks.h"
#include "stats/laws.h"
#include "stats/pair_sums.h"
#include "stats/scratch.h"
#include "stats/sort.h"
#include "stats/tie_groups.h"
#include "stats/two_samples.h"

/* Copies of both sides in order; one block of memory, a first. */
struct ordered_sides {
    double *a, *b;
    size_t na, nb;
};

static bool order_sides(const struct two_samples *s, struct ordered_sides *ret)
{
    double *values = scratch_take(s->na + s->nb, sizeof *values);

    if (!values)
        return false;
    memcpy(values, s->a, s->na * sizeof *values);
    memcpy(values + s->na, s->b, s->nb * sizeof *values);
    sort_doubles(allocator_libc(), values, s->na);
    sort_doubles(allocator_libc(), values + s->na, s->nb);
    *ret = (struct ordered_sides){ .a = values, .b = values + s->na, .na = s->na, .nb = s->nb };
    return true;
}

static struct tie_walk walk_of(const struct ordered_sides *o)
{
    return (struct tie_walk){ .x = o->a, .nx = o->na, .y = o->b, .ny = o->nb };
}

/* What the ranks say: twice U, which is whole, and the correction for ties. */
struct rank_facts {
    uint64_t u2;
    double ties; /* sum of t^3 - t over groups of t equal values */
    size_t groups;
};

static struct rank_facts rank_facts_of(const struct ordered_sides *o)
{
    struct rank_facts facts = { 0 };
    struct tie_walk walk = walk_of(o);

    for (struct tie_group g; tie_walk_next(&walk, &g); facts.groups++) {
        double t = (double)tie_group_size(&g);

        facts.u2 += (uint64_t)g.in_x * (2 * g.before_y + g.in_y);
        facts.ties += t * t * t - t;
    }
    return facts;
}

/* The rank of each value, both sides together; doubled where ties make halves.
 * Returns the sum of the ranks of side a. */
static size_t whole_ranks(const struct ordered_sides *o, bool ties, unsigned *ret_ranks)
{
    struct tie_walk walk = walk_of(o);
    size_t n = 0, sum = 0;

    for (struct tie_group g; tie_walk_next(&walk, &g);) {
        size_t rank = ties ? tie_group_rank2(&g) : tie_group_rank2(&g) / 2;

        sum += g.in_x * rank;
        for (size_t i = 0; i < tie_group_size(&g); i++)
            ret_ranks[n++] = (unsigned)rank;
    }
    return sum;
}

/* U and the sum of the ranks of a differ by a constant. */
static bool exact_tails(const struct ordered_sides *o, bool ties, struct rank_tails *ret)
{
    unsigned ranks[EXACT_RANKS_MAX];
    size_t sum = whole_ranks(o, ties, ranks);
    struct rank_law law;

    if (!rank_sum_law(ranks, o->na + o->nb, o->na, &law))
        return false;
    *ret = rank_law_tails(&law, sum);
    rank_law_release(&law);
    return true;
}

/* The normal law with corrections for ties and, a half towards the middle, for continuity. */
static struct rank_tails normal_tails(const struct ordered_sides *o, const struct rank_facts *facts)
{
    double na = (double)o->na, nb = (double)o->nb, n = na + nb;
    double middle = na * nb / 2, u = (double)facts->u2 / 2;
    double sd = sqrt(na * nb / 12 * (n + 1 - facts->ties / (n * (n - 1))));

    return (struct rank_tails){ normal_cdf((u + 0.5 - middle) / sd),
                                normal_cdf((middle - (u - 0.5)) / sd) };
}

/* lgamma() itself would write to a variable of all threads. */
static double log_factorial(size_t n)
{
    int sign;

    return lgamma_r((double)n + 1, &sign);
}

static double log_choices(size_t n, size_t k)
{
    return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

/* 2 / (n choose k), at most 1. */
static double smallest_two_sided(size_t n, size_t k)
{
    double choices = 1;

    if (n > EXACT_RANKS_MAX)
        return fmin(1, 2 * exp(-log_choices(n, k)));
    for (size_t i = 1; i <= k; i++)
        choices = choices * (double)(n - k + i) / (double)i; /* whole after each step */
    return fmin(1, 2 / choices);
}

static bool tails_of(const struct ordered_sides *o, const struct rank_facts *facts, bool exact,
                     struct rank_tails *ret)
{
    if (facts->groups == 1)
        *ret = (struct rank_tails){ 1, 1 };
    else if (exact)
        return exact_tails(o, facts->ties > 0, ret);
    else
        *ret = normal_tails(o, facts);
    return true;
}

struct rank_test mann_whitney(const struct two_samples *s)
{
    struct rank_test test = { NAN, NAN, NAN, NAN, .exact = s->na + s->nb <= EXACT_RANKS_MAX };
    struct ordered_sides ordered;
    struct rank_facts facts;
    struct rank_tails tails;

    if (s->na == 0 || s->nb == 0 || !order_sides(s, &ordered))
        return test;
    facts = rank_facts_of(&ordered);
    test.u = (double)facts.u2 / 2;
    test.ties = facts.ties > 0;
    test.all_equal = facts.groups == 1;
    test.smallest = smallest_two_sided(s->na + s->nb, s->na < s->nb ? s->na : s->nb);
    if (tails_of(&ordered, &facts, test.exact, &tails)) {
        test.p = two_sided_tail(tails);
        test.p_less = tails.at_most;
    }
    free(ordered.a);
    return test;
}

/* The d-th least difference is the lower end of the interval: the greatest d with P(U < d) <= tail,
 * for values without ties. 0: none is, or there is no memory. */
static uint64_t exact_depth(size_t na, size_t nb, double tail)
{
    unsigned ranks[EXACT_RANKS_MAX];
    struct rank_law law;
    uint64_t depth;

    for (size_t i = 0; i < na + nb; i++)
        ranks[i] = (unsigned)i + 1;
    if (!rank_sum_law(ranks, na + nb, na < nb ? na : nb, &law))
        return 0;
    depth = rank_law_depth(&law, tail);
    rank_law_release(&law);
    return depth;
}

static uint64_t depth_of(size_t na, size_t nb, double tail)
{
    double m = (double)na, n = (double)nb, depth;

    if (na + nb <= EXACT_RANKS_MAX)
        return exact_depth(na, nb, tail);
    depth = ceil(m * n / 2 - 0.5 + normal_quantile(tail) * sqrt(m * n * (m + n + 1) / 12));
    return depth > 0 ? (uint64_t)depth : 0;
}

/* -values, ascending again. */
static void mirror(double *values, size_t n)
{
    for (size_t i = 0; i < (n + 1) / 2; i++) {
        double low = values[i];

        values[i] = -values[n - 1 - i];
        values[n - 1 - i] = -low;
    }
}

/* Differences b - a are sums of b and the negated a. */
static struct shift_estimate shift_of(struct ordered_sides *o, double confidence)
{
    struct pair_sums differences = { .x = o->a, .nx = o->na, .y = o->b, .ny = o->nb };
    struct shift_estimate shift = { .interval = interval_none() };
    uint64_t count = pair_sums_count(&differences);
    uint64_t depth = depth_of(o->na, o->nb, (1 - confidence) / 2);

    mirror(o->a, o->na);
    shift.shift = pair_sums_median(&differences);
    if (depth > 0)
        shift.interval = (struct interval){ pair_sums_at(&differences, depth),
                                            pair_sums_at(&differences, count + 1 - depth) };
    return shift;
}

struct shift_estimate hodges_lehmann(const struct two_samples *s, double confidence)
{
    struct shift_estimate shift = { NAN, interval_none() };
    struct ordered_sides ordered;

    if (s->na == 0 || s->nb == 0 || !order_sides(s, &ordered))
        return shift;
    shift = shift_of(&ordered, confidence);
    free(ordered.a);
    return shift;
}

double vargha_delaney(const struct two_samples *s)
{
    struct ordered_sides ordered;
    double share;

    if (s->na == 0 || s->nb == 0 || !order_sides(s, &ordered))
        return NAN;
    share = (double)rank_facts_of(&ordered).u2 / 2 / ((double)s->na * (double)s->nb);
    free(ordered.a);
    return share;
}

double cliffs_delta(const struct two_samples *s)
{
    return 2 * vargha_delaney(s) - 1;
}
