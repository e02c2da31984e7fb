#include "stats/serial.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stats/laws.h"
#include "stats/mean.h"
#include "stats/sample_moments.h"
#include "stats/scratch.h"
#include "stats/two_samples.h"

#define CORRELATED_BELOW .01 /* the p below which neighbours count as alike */
enum { EXACT_MAX = 50, STEADY_MIN = 8 };

/* --- Neighbours --------------------------------------------------------------------- */

double autocorrelation(const double *values, size_t n, size_t lag)
{
    double mean = mean_of(values, n);
    long double together = 0, squares = 0;

    if (n < 2 || lag >= n || values_all_equal(values, n))
        return NAN;
    for (size_t i = 0; i < n; i++)
        squares += ((long double)values[i] - mean) * (values[i] - mean);
    for (size_t i = lag; i < n; i++)
        together += ((long double)values[i] - mean) * (values[i - lag] - mean);
    return squares > 0 ? (double)(together / squares) : NAN;
}

/* The best length of pieces for a series whose neighbours follow each other as in an
 * autoregression (Politis and White 2004, corrected 2009), at least the cube root of n. */
static size_t piece_length(size_t n, double rho)
{
    double root = cbrt((double)n);
    double best = root * cbrt(1.5) * pow(2 * fabs(rho) / (1 - rho * rho), 2.0 / 3);

    return (size_t)fmin(ceil(fmax(root, best)), (double)n);
}

struct serial serial_of(const double *values, size_t n)
{
    double count = (double)n, rho = autocorrelation(values, n, 1);
    double q = count * (count + 2) * rho * rho / (count - 1);
    struct serial ret = { .rho1 = rho, .effective_n = NAN, .q = q, .block = 1 };

    ret.p = chi_squared_tail(q, 1);
    if (isnan(rho))
        return ret;
    ret.effective_n = fmin(fmax(count * (1 - rho) / (1 + rho), 1), count);
    if (ret.p < CORRELATED_BELOW)
        ret.block = piece_length(n, rho);
    return ret;
}

/* --- Trend --------------------------------------------------------------------------- */

/* Sorts [0,n) and returns how many pairs stood in the wrong order: for each value that is
 * taken from the right half, what is left of the left half is greater. */
static double sort_inversions(double *values, double *scratch, size_t n)
{
    size_t half = n / 2, left = 0, right = half;
    double inversions;

    if (n < 2)
        return 0;
    inversions =
        sort_inversions(values, scratch, half) + sort_inversions(values + half, scratch, n - half);
    for (size_t i = 0; i < n; i++) {
        bool take_left = right == n || (left < half && values[left] <= values[right]);

        if (!take_left)
            inversions += (double)(half - left);
        scratch[i] = take_left ? values[left++] : values[right++];
    }
    memcpy(values, scratch, n * sizeof *values);
    return inversions;
}

/* Over the groups of equal values: how many pairs they make, and what they take off the
 * variance of the score. */
struct ties {
    double pairs, variance;
};

static struct ties count_ties(const double *sorted, size_t n)
{
    struct ties ties = { 0 };
    size_t end;

    for (size_t start = 0; start < n; start = end) {
        double t;

        for (end = start + 1; end < n && sorted[end] == sorted[start];)
            end++;
        t = (double)(end - start);
        ties.pairs += t * (t - 1) / 2;
        ties.variance += t * (t - 1) * (2 * t + 5);
    }
    return ties;
}

/* P(at most `inversions`) among all orders of n different values: the counts of orders by
 * inversions (Mahonian numbers), built up value by value, as shares of n!. */
static double few_inversions(size_t n, size_t inversions)
{
    double share[EXACT_MAX * (EXACT_MAX - 1) / 2 + 1] = { 1 };
    double sum = 0;

    for (size_t values = 2; values <= n; values++) {
        size_t most = values * (values - 1) / 2;

        for (size_t i = 1; i <= most; i++) /* running sums: share[i] is of at most i */
            share[i] += share[i - 1];
        for (size_t i = most; i >= values; i--)
            share[i] -= share[i - values];
        for (size_t i = 0; i <= most; i++)
            share[i] /= (double)values;
    }
    for (size_t i = 0; i <= inversions; i++)
        sum += share[i];
    return sum;
}

/* Both directions are alike likely, so the lesser count of inversions is looked up. */
static double exact_trend_p(size_t n, double pairs, double inversions)
{
    return fmin(1, 2 * few_inversions(n, (size_t)fmin(inversions, pairs - inversions)));
}

static double normal_trend_p(double n, double score, double tie_variance)
{
    double variance = (n * (n - 1) * (2 * n + 5) - tie_variance) / 18;

    if (variance <= 0)
        return 1;
    return fmin(1, 2 * normal_cdf(-fmax(fabs(score) - 1, 0) / sqrt(variance)));
}

struct kendall mann_kendall(const double *values, size_t n)
{
    struct kendall ret = { NAN, NAN, NAN };
    double *copy =
        n < 2 || n > SIZE_MAX / 2 / sizeof *copy ? NULL : scratch_take(2 * n, sizeof *copy);
    double pairs = (double)n * ((double)n - 1) / 2, inversions;
    struct ties ties;

    if (!copy)
        return ret;
    memcpy(copy, values, n * sizeof *copy);
    inversions = sort_inversions(copy, copy + n, n);
    ties = count_ties(copy, n);
    free(copy);
    ret.s = pairs - ties.pairs - 2 * inversions;
    if (pairs > ties.pairs)
        ret.tau = ret.s / sqrt(pairs * (pairs - ties.pairs));
    ret.p = n <= EXACT_MAX && ties.pairs == 0 ? exact_trend_p(n, pairs, inversions)
                                              : normal_trend_p((double)n, ret.s, ties.variance);
    return ret;
}

/* --- Steadiness ----------------------------------------------------------------------- */

/* The values less the straight line through them: a trend makes neighbours alike, too, and
 * must not be taken for a correlation that would hide it. */
static void remove_line(const double *values, size_t n, double *ret)
{
    double middle = ((double)n - 1) / 2, mean = mean_of(values, n), slope = 0;
    double spread = (double)n * ((double)n * (double)n - 1) / 12;

    for (size_t i = 0; i < n; i++)
        slope += ((double)i - middle) * (values[i] - mean);
    slope /= spread;
    for (size_t i = 0; i < n; i++)
        ret[i] = values[i] - mean - slope * ((double)i - middle);
}

/* Means of `block` values each, into ret, which may be values; what is left over at the end
 * is left out. Returns how many. */
static size_t thin(const double *values, size_t n, size_t block, double *ret)
{
    for (size_t i = 0; i < n / block; i++)
        ret[i] = mean_of(values + i * block, block);
    return n / block;
}

struct steadiness steadiness_of(const double *values, size_t n, double level)
{
    struct steadiness ret = { .trend_tau = NAN, .trend_p = NAN, .halves_p = NAN };
    double *work = n < STEADY_MIN ? NULL : scratch_take(n, sizeof *work);
    struct kendall trend;
    struct two_samples halves;

    if (!work)
        return ret;
    remove_line(values, n, work);
    ret.thinned_n = thin(values, n, serial_of(work, n).block, work);
    ret.enough = ret.thinned_n >= STEADY_MIN;
    if (ret.enough) {
        trend = mann_kendall(work, ret.thinned_n);
        halves = (struct two_samples){ work, ret.thinned_n / 2, work + ret.thinned_n / 2,
                                       ret.thinned_n - ret.thinned_n / 2 };
        ret.trend_tau = trend.tau;
        ret.trend_p = trend.p;
        ret.halves_p = mann_whitney(&halves).p;
        ret.steady = ret.trend_p >= level && ret.halves_p >= level;
    }
    free(work);
    return ret;
}
