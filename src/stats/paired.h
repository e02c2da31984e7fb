/* Pairs (old, new) measured next to each other: designs that cancel drift. Pure;
 * any thread. NaN also where memory is out. */
#ifndef OU_STATS_PAIRED_H
#define OU_STATS_PAIRED_H

#include "stats/two_samples.h"

/* One-sample t of b[i] - a[i]. NaN for n < 2. */
struct t_test paired_t(const double *a, const double *b, size_t n, double confidence);
/* The same of ln(b[i]/a[i]): ratio and its interval, new / old; every value > 0, else NaN. */
struct ratio_estimate paired_ratio(const double *a, const double *b, size_t n, double confidence);

struct signed_rank {
    double w;                 /* sum of the ranks of positive differences; zeros are left out */
    double p;                 /* two-sided; exact up to 50 pairs, also with ties */
    size_t n;                 /* pairs that are not equal */
    double shift;             /* pseudo-median: median of the Walsh averages, zeros among them */
    struct interval interval; /* of it, at `confidence` */
} wilcoxon_signed_rank(const double *differences, size_t n, double confidence);

#endif
