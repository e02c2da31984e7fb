/* Series in time: are neighbours alike, is there a trend, is it steady? Pure; any
 * thread. NaN where a thing is not defined, or memory is out. */
#ifndef OU_STATS_SERIAL_H
#define OU_STATS_SERIAL_H

#include <stdbool.h>
#include <stddef.h>

double autocorrelation(const double *values, size_t n, size_t lag);

struct serial {
    double rho1, effective_n; /* n (1-rho1)/(1+rho1), at least 1 and at most n */
    double q, p;              /* Ljung-Box at lag 1 */
    /* Length of pieces to resample in: 1 where p >= .01, else at least ceil(n^(1/3)), more where
     * rho1 is high (Politis and White 2004 for an autoregression). */
    size_t block;
} serial_of(const double *values, size_t n);

struct kendall {
    /* Of the values against their order: Kendall's score, tau (tau-b with ties) and two-sided p,
     * exact up to 50 values without ties. Equal values: tau NaN, p 1. In O(n log n). */
    double s, tau, p;
} mann_kendall(const double *values, size_t n);

/* A series is steady when neither a trend nor a difference of its halves shows at `level`. Series
 * with correlated neighbours are thinned into means of serial.block values before, where the block
 * is that of the values less the straight line through them: a trend is no correlation. */
struct steadiness {
    bool enough; /* 8 values at least after thinning; else nothing is said */
    bool steady;
    double trend_tau, trend_p, halves_p;
    size_t thinned_n;
} steadiness_of(const double *values, size_t n, double level);

#endif
