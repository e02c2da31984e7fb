/* Many questions asked at once: adjusted p values. Pure; any thread. */
#ifndef OU_STATS_MULTIPLICITY_H
#define OU_STATS_MULTIPLICITY_H

#include <stddef.h>

/* p and ret have n entries in any order, may be the same array; a NaN (no test was made) stays and
 * does not count. All are NaN where memory is out. */
void adjust_holm(const double *p, size_t n, double *ret);
void adjust_benjamini_hochberg(const double *p, size_t n, double *ret);

#endif
