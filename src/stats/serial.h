/* Series in time: are neighbours alike, is there a trend, is it steady? Pure; any
 * thread. NaN where a thing is not defined. */
#ifndef OU_STATS_SERIAL_H
#define OU_STATS_SERIAL_H

#include <stdbool.h>
#include <stddef.h>

double autocorrelation(const double *values, size_t n, size_t lag);

struct serial {
    double rho1, effective_n; /* n (1-rho1)/(1+rho1), at least 1 and at most n */
    double q, p;              /* Ljung-Box at lag 1 */
    size_t block;             /* length of pieces to resample in: 1 where p >= .01, else at least ceil(n^(1/3)) */
} serial_of(const double *values, size_t n);

struct kendall {
    double s, tau, p; /* of the values against their order; exact up to 50 without ties */
} mann_kendall(const double *values, size_t n);

/* A series is steady when neither a trend nor a difference of its halves shows at `level`. Series with correlated
 * neighbours are thinned into means of serial.block values before. */
struct steadiness {
    bool enough; /* 8 values at least after thinning; else nothing is said */
    bool steady;
    double trend_tau, trend_p, halves_p;
    size_t thinned_n;
} steadiness_of(const double *values, size_t n, double level);

#endif
