#include "stats/paired.h"

#include <stdlib.h>

#include "stats/exact_ranks.h"
#include "stats/laws.h"
#include "stats/pair_sums.h"
#include "stats/sample_moments.h"
#include "stats/scratch.h"
#include "stats/sort.h"
#include "stats/t_test.h"
#include "stats/tie_groups.h"

static struct t_test one_sample(const double *values, size_t n, double confidence)
{
    struct sample_moments m = sample_moments_of(values, n);
    struct t_test test;

    test = t_test_of(m.mean, sqrt(m.variance / m.n), m.n - 1, confidence);
    test.all_equal = test.se == 0 && test.difference == 0;
    return test;
}

struct t_test paired_t(const double *a, const double *b, size_t n, double confidence)
{
    double *differences = n >= 2 ? scratch_take(n, sizeof *differences) : NULL;
    struct t_test test;

    if (!differences)
        return t_test_none();
    for (size_t i = 0; i < n; i++)
        differences[i] = b[i] - a[i];
    test = one_sample(differences, n, confidence);
    free(differences);
    return test;
}

static bool log_ratios(const double *a, const double *b, size_t n, double *ret)
{
    for (size_t i = 0; i < n; i++) {
        if (!(a[i] > 0) || !(b[i] > 0))
            return false;
        ret[i] = log(b[i] / a[i]);
    }
    return true;
}

struct ratio_estimate paired_ratio(const double *a, const double *b, size_t n, double confidence)
{
    struct ratio_estimate estimate = { NAN, interval_none() };
    double *logs = n >= 2 ? scratch_take(n, sizeof *logs) : NULL;
    struct t_test test;

    if (logs && log_ratios(a, b, n, logs)) {
        test = one_sample(logs, n, confidence);
        estimate.ratio = exp(test.difference);
        estimate.interval = (struct interval){ exp(test.interval.low), exp(test.interval.high) };
    }
    free(logs);
    return estimate;
}

/* --- Signed ranks ---------------------------------------------------------------- */

/* Sorted magnitudes of the differences that are not 0, by their sign. */
struct signed_sides {
    double *memory;        /* room for n values a side; owned */
    struct tie_walk sides; /* x: positive */
};

static bool signed_sides_init(const double *differences, size_t n, struct signed_sides *ret)
{
    double *memory = scratch_take(2 * n, sizeof *memory);
    size_t positive = 0, negative = 0;

    if (!memory)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (differences[i] > 0)
            memory[positive++] = differences[i];
        if (differences[i] < 0)
            memory[n + negative++] = -differences[i];
    }
    sort_doubles(allocator_libc(), memory, positive);
    sort_doubles(allocator_libc(), memory + n, negative);
    *ret =
        (struct signed_sides){ memory,
                               { .x = memory, .nx = positive, .y = memory + n, .ny = negative } };
    return true;
}

struct signed_facts {
    uint64_t w2;    /* twice the sum of the positive ranks */
    double squares; /* sum of the squared midranks: four times the variance of that sum */
};

static struct signed_facts signed_facts_of(struct tie_walk walk)
{
    struct signed_facts facts = { 0 };

    for (struct tie_group g; tie_walk_next(&walk, &g);) {
        double rank = (double)tie_group_rank2(&g) / 2;

        facts.w2 += (uint64_t)g.in_x * tie_group_rank2(&g);
        facts.squares += (double)tie_group_size(&g) * rank * rank;
    }
    return facts;
}

/* The exact law of doubled midranks, given the ties. NaN: no memory. */
static double exact_signed_p(struct tie_walk walk, uint64_t w2)
{
    unsigned ranks[EXACT_RANKS_MAX];
    struct rank_law law;
    size_t n = 0;
    double p;

    for (struct tie_group g; tie_walk_next(&walk, &g);)
        for (size_t i = 0; i < tie_group_size(&g); i++)
            ranks[n++] = (unsigned)tie_group_rank2(&g);
    if (!signed_rank_law(ranks, n, &law))
        return NAN;
    p = two_sided_tail(rank_law_tails(&law, w2));
    rank_law_release(&law);
    return p;
}

/* Corrected for ties and, a half towards the middle, for continuity. */
static double normal_signed_p(const struct signed_facts *facts, double n)
{
    double off = fabs((double)facts->w2 / 2 - n * (n + 1) / 4) - 0.5;

    return fmin(1, 2 * normal_cdf(-fmax(off, 0) / sqrt(facts->squares / 4)));
}

/* The d-th least Walsh average is the lower end of the interval: the greatest d with P(W < d) <=
 * tail, for values without ties. 0: none is, or there is no memory. */
static uint64_t walsh_depth(size_t n, double tail)
{
    double many = (double)n, depth;
    unsigned ranks[EXACT_RANKS_MAX];
    struct rank_law law;
    size_t exact;

    if (n > EXACT_RANKS_MAX) {
        depth = ceil(many * (many + 1) / 4 - 0.5 +
                     normal_quantile(tail) * sqrt(many * (many + 1) * (2 * many + 1) / 24));
        return depth > 0 ? (uint64_t)depth : 0;
    }
    for (size_t i = 0; i < n; i++)
        ranks[i] = (unsigned)i + 1;
    if (!signed_rank_law(ranks, n, &law))
        return 0;
    exact = rank_law_depth(&law, tail);
    rank_law_release(&law);
    return exact;
}

/* Walsh averages are sums of halves. Equal pairs say as much about the shift as others do: they
 * count here. */
static bool pseudo_median(const double *differences, size_t n, double confidence,
                          struct signed_rank *ret)
{
    double *halves = scratch_take(n, sizeof *halves);
    struct pair_sums averages = { .x = halves, .nx = n, .y = halves, .ny = n, .walsh = true };
    uint64_t count = pair_sums_count(&averages), depth = walsh_depth(n, (1 - confidence) / 2);

    if (!halves)
        return false;
    for (size_t i = 0; i < n; i++)
        halves[i] = differences[i] / 2;
    sort_doubles(allocator_libc(), halves, n);
    ret->shift = pair_sums_median(&averages);
    if (depth > 0)
        ret->interval = (struct interval){ pair_sums_at(&averages, depth),
                                           pair_sums_at(&averages, count + 1 - depth) };
    free(halves);
    return true;
}

struct signed_rank wilcoxon_signed_rank(const double *differences, size_t n, double confidence)
{
    struct signed_rank test = { NAN, NAN, 0, NAN, interval_none() };
    struct signed_sides signs;
    struct signed_facts facts;

    if (n == 0 || !signed_sides_init(differences, n, &signs))
        return test;
    facts = signed_facts_of(signs.sides);
    test.n = signs.sides.nx + signs.sides.ny;
    test.w = (double)facts.w2 / 2;
    test.p = test.n <= EXACT_RANKS_MAX ? exact_signed_p(signs.sides, facts.w2)
                                       : normal_signed_p(&facts, (double)test.n);
    free(signs.memory);
    pseudo_median(differences, n, confidence, &test);
    return test;
}
