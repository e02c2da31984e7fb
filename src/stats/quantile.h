/* Quantiles of a sorted sample, by named rules. Pure; any thread.
 * Source of the rules: Hyndman and Fan 1996 (types 7 and 8); the rank rule of
 * the field's existing analysis tool, locli. */
#ifndef OU_STATS_QUANTILE_H
#define OU_STATS_QUANTILE_H

#include <stddef.h>

enum quantile_rule {
    QUANTILE_TYPE7, /* h = (n-1)p + 1, linear: R's and NumPy's default, and ours */
    QUANTILE_TYPE8, /* h = (n+1/3)p + 1/3, linear: median-unbiased */
    QUANTILE_LOCLI, /* element min(n-1, floor(n p)), no interpolation */
};

/* "type 7", "type 8", "locli rank": to be named wherever a quantile is shown. */
const char *quantile_rule_name(enum quantile_rule rule);

/* sorted: n >= 1 ascending finite values; p in [0,1]. */
double quantile_sorted(const double *sorted, size_t n, double p, enum quantile_rule rule);

/* The standard 29 fractions, and the eight at which adoption is sampled. */
#define STANDARD_QUANTILES 29
extern const double standard_quantiles[STANDARD_QUANTILES];
#define ADOPTION_FRACTIONS 8
extern const double adoption_fractions[ADOPTION_FRACTIONS];

/* Half width of the Dvoretzky-Kiefer-Wolfowitz band around a whole empirical
 * distribution function: sqrt(ln(2/alpha) / (2n)). */
double dkw_half_width(size_t n, double alpha);

/* A confidence interval of the p-quantile that assumes no distribution (order
 * statistics and the binomial law): the l-th and u-th smallest values, counted
 * from 1. l == 0 or u == n + 1 means unbounded on that side. coverage is the
 * true one, P(l <= Bin(n,p) <= u-1). */
struct quantile_ranks {
    size_t l, u;
    double coverage;
};
struct quantile_ranks quantile_interval(size_t n, double p, double confidence);

/* The smallest n for which quantile_interval() is bounded on both sides;
 * SIZE_MAX when that is beyond 2^32, or never (p 0 or 1). */
size_t quantile_interval_min_n(double p, double confidence);

#endif
