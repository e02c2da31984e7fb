#include "stats/quantile.h"

#include <gsl/gsl_cdf.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

const double standard_quantiles[STANDARD_QUANTILES] = {
    0,     0.01,  0.05,  0.1,   0.2,    0.3,    0.4,    0.5,    0.6,  0.7,
    0.75,  0.8,   0.85,  0.875, 0.9,    0.925,  0.95,   0.97,   0.98, 0.99,
    0.995, 0.997, 0.998, 0.999, 0.9995, 0.9997, 0.9998, 0.9999, 1,
};

const double adoption_fractions[ADOPTION_FRACTIONS] = {
    0.5, 0.8, 0.9, 0.92, 0.94, 0.96, 0.98, 1,
};

const char *quantile_rule_name(enum quantile_rule rule)
{
    static const char *const names[] = {
        [QUANTILE_TYPE7] = "type 7",
        [QUANTILE_TYPE8] = "type 8",
        [QUANTILE_LOCLI] = "locli rank",
    };

    return names[rule];
}

/* The value at a position counted from 0, linear between neighbours. GSL has
 * type 7 only, and its weighted sum can fall an ulp outside of the neighbours:
 * a constant sample must have constant quantiles. */
static double at_position(const double *sorted, size_t n, double position)
{
    size_t below;
    double part;

    if (position <= 0)
        return sorted[0];
    if (position >= (double)(n - 1))
        return sorted[n - 1];
    below = (size_t)position;
    part = position - (double)below;
    return fmin(fmax((1 - part) * sorted[below] + part * sorted[below + 1], sorted[below]),
                sorted[below + 1]);
}

/* The product is taken in double arithmetic: that is what locli does, and for
 * some p it decides which element is meant. */
static double at_locli_rank(const double *sorted, size_t n, double p)
{
    size_t rank = (size_t)floor((double)n * p);

    return sorted[rank < n ? rank : n - 1];
}

double quantile_sorted(const double *sorted, size_t n, double p, enum quantile_rule rule)
{
    switch (rule) {
    case QUANTILE_LOCLI: return at_locli_rank(sorted, n, p);
    case QUANTILE_TYPE8: return at_position(sorted, n, ((double)n + 1.0 / 3) * p + 1.0 / 3 - 1);
    case QUANTILE_TYPE7: break;
    }
    return at_position(sorted, n, (double)(n - 1) * p);
}

double dkw_half_width(size_t n, double alpha)
{
    return sqrt(log(2 / alpha) / (2 * (double)n));
}

/* P(Bin(n,p) < k). GSL's continued fraction gives up (NaN, not an error) near
 * the middle of the law when n is above some 3e6, and it counts in unsigned;
 * the normal law is as good as exact there. */
static double binomial_below(size_t k, size_t n, double p)
{
    double exact = NAN;

    if (k == 0)
        return 0;
    if (k > n)
        return 1;
    if (n <= UINT_MAX)
        exact = gsl_cdf_binomial_P((unsigned)(k - 1), p, (unsigned)n);
    if (!isnan(exact))
        return exact;
    return gsl_cdf_ugaussian_P(((double)k - 0.5 - (double)n * p) / sqrt((double)n * p * (1 - p)));
}

/* P(Bin(n,p) >= k), of its own so that small values keep their digits. */
static double binomial_from(size_t k, size_t n, double p)
{
    double exact = NAN;

    if (k == 0)
        return 1;
    if (k > n)
        return 0;
    if (n <= UINT_MAX)
        exact = gsl_cdf_binomial_Q((unsigned)(k - 1), p, (unsigned)n);
    return isnan(exact) ? 1 - binomial_below(k, n, p) : exact;
}

static bool is_likely_below(size_t k, size_t n, double p, double tail)
{
    return binomial_below(k, n, p) > tail;
}

static bool is_unlikely_from(size_t k, size_t n, double p, double tail)
{
    return binomial_from(k, n, p) <= tail;
}

/* The smallest k in 1..n+1 for which `holds`, by bisection: it does not for 0,
 * does for n+1, and changes once between. */
static size_t first_rank(bool (*holds)(size_t k, size_t n, double p, double tail), size_t n,
                         double p, double tail)
{
    size_t no = 0, yes = n + 1;

    while (yes - no > 1) {
        size_t middle = no + (yes - no) / 2;

        if (holds(middle, n, p, tail))
            yes = middle;
        else
            no = middle;
    }
    return yes;
}

/* l is the greatest rank with P(Bin < l) <= tail, u the smallest with P(Bin >= u) <= tail. */
struct quantile_ranks quantile_interval(size_t n, double p, double confidence)
{
    double tail = (1 - confidence) / 2;
    struct quantile_ranks ranks = { .l = first_rank(is_likely_below, n, p, tail) - 1,
                                    .u = first_rank(is_unlikely_from, n, p, tail) };

    ranks.coverage = binomial_below(ranks.u, n, p) - binomial_below(ranks.l, n, p);
    return ranks;
}

static bool is_bounded(size_t n, double p, double confidence)
{
    struct quantile_ranks ranks = quantile_interval(n, p, confidence);

    return ranks.l >= 1 && ranks.u <= n;
}

/* Bounded means that both p^n and (1-p)^n are at most the tail. The logarithm
 * can be an ulp off the integer it means, hence the look around it. */
size_t quantile_interval_min_n(double p, double confidence)
{
    double guess;
    size_t n;

    if (p <= 0 || p >= 1)
        return SIZE_MAX;
    guess = ceil(log((1 - confidence) / 2) / log(fmax(p, 1 - p)));
    if (guess > (double)UINT_MAX)
        return SIZE_MAX;
    n = guess > 1 ? (size_t)guess - 1 : 1;
    while (!is_bounded(n, p, confidence))
        n++;
    return n;
}
