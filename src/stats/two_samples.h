/* Two groups of values, old (a) and new (b): tests and effects. Differences are
 * new - old, ratios new / old. Pure; any thread. NaN or interval_none() where a
 * thing is not defined, or memory is out. Every value is finite. */
#ifndef OU_STATS_TWO_SAMPLES_H
#define OU_STATS_TWO_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

struct two_samples {
    const double *a; /* old */
    size_t na;
    const double *b; /* new */
    size_t nb;
};

/* --- Welch's t --------------------------------------------------------------- */

/* Where nothing varies on either side a difference is certain: t is infinite, p 0, the interval a
 * point. */

struct t_test {
    double difference, se, t, dof, p; /* p two-sided; 1 when all values are equal */
    struct interval interval;         /* of the difference */
    bool all_equal;
};
struct t_test welch_test(const struct two_samples *s, double confidence);
struct t_test pooled_test(const struct two_samples *s, double confidence);
/* From summaries: mean, deviation and size of each side. */
struct t_test welch_of_moments(double mean_a, double sd_a, double na, double mean_b, double sd_b,
                               double nb, double confidence);

/* --- Ranks -------------------------------------------------------------------- */

struct rank_test {
    double u;        /* #{a > b} + half the ties */
    double p;        /* two-sided */
    double p_less;   /* P(U <= u): a tends to be smaller */
    double smallest; /* the smallest two-sided p that these sizes can reach */
    bool exact, ties, all_equal;
};
/* Exact up to na + nb = 50 (with ties: the exact conditional law), else normal with corrections
 * for ties and continuity. */
struct rank_test mann_whitney(const struct two_samples *s);

struct shift_estimate {
    double shift;             /* Hodges-Lehmann: median of all b - a */
    struct interval interval; /* none when the sizes cannot reach the confidence */
};
struct shift_estimate hodges_lehmann(const struct two_samples *s, double confidence);

/* --- Effects -------------------------------------------------------------------- */

/* (#{a > b} - #{a < b}) / (na nb): above 0 where the old values are the greater ones. */
double cliffs_delta(const struct two_samples *s);
double vargha_delaney(const struct two_samples *s); /* P(a > b) + P(=)/2 */
/* "negligible" below .147 in magnitude, "small" .33, "medium" .474, else "large". */
const char *cliffs_word(double delta);
double cohens_d(const struct two_samples *s);
double hedges_g(const struct two_samples *s);

/* --- Ratios --------------------------------------------------------------------- */

/* Fieller's interval of mean_b / mean_a from the half widths h = t SE of each mean; none when
 * undefined. */
struct interval fieller_ratio(double a, double ha, double b, double hb);
/* exp of Welch's interval on logarithms; every value > 0, else NaN. */
struct ratio_estimate {
    double ratio;
    struct interval interval;
} geometric_ratio(const struct two_samples *s, double confidence);

/* --- Permutation ------------------------------------------------------------------ */

/* Two-sided, of the difference of means; all arrangements when there are at most `limit`, else so
 * many drawn, and p = (b+1)/(m+1). */
struct permutation_test {
    double p;
    bool enumerated;
    uint64_t arrangements;
} permutation_test(const struct two_samples *s, uint64_t limit, uint64_t seed);

/* --- Whole distributions ---------------------------------------------------------- */

/* Sorted values on both sides. */
struct ks_test {
    double d, p; /* exact where na * nb <= 10,000, else the asymptotic law */
} kolmogorov_smirnov(const struct two_samples *sorted);
double wasserstein(const struct two_samples *sorted); /* area between the distribution functions */

#endif
