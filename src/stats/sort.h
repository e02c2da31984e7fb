/* Sorting of large arrays of numbers. Machine performance sorts about thirty
 * arrays of 64,000 values for each host, so the general qsort() is too slow. */
#ifndef OU_STATS_SORT_H
#define OU_STATS_SORT_H

#include <stddef.h>

#include "base/alloc.h"

/* Sorts n values ascending; none may be NaN (-0 comes before 0). Large arrays
 * take scratch memory of twice their size from `from` for the time of the call;
 * where there is none they are sorted in place, more slowly. Any thread. */
void sort_doubles(struct allocator *from, double *values, size_t n);

#endif
