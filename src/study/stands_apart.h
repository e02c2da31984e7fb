/* Which of several values - of runs, of hosts - is not like the others, and matters. */
#ifndef OU_STUDY_STANDS_APART_H
#define OU_STUDY_STANDS_APART_H

#include <stdbool.h>
#include <stddef.h>

#include "analyse/dictionary.h"

enum { APART_LEAST = 5 }; /* of fewer, the middle deviation says nothing about how much is usual */
#define APART_Z 3.5       /* Iglewicz and Hoaglin */

/* The modified z score of x is above APART_Z in magnitude, and x lies further from the median than
 * the metric's margin (study/margins.h) around it: values that hardly differ have outliers, too.
 * Nothing does in metrics that no comparison judges: the lottery, or the length of the run, decides
 * them. `sorted` ascends, x is in it.
 * *ret_z (may be NULL): the score; NaN where most are equal, and then nothing stands apart. */
bool stands_apart(const struct metric_info *info, double x, const double *sorted, size_t n,
                  double *ret_z);

#endif
