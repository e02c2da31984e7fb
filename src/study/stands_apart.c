/* Which of several values is not like the others, and matters. */
#include "study/stands_apart.h"

#include <math.h>

#include "stats/quantile.h"
#include "stats/spread.h"
#include "study/margins.h"

bool stands_apart(const struct metric_info *info, double x, const double *sorted, size_t n,
                  double *ret_z)
{
    double z = modified_z(x, sorted, n), median;
    const struct margin *margin = margin_of(info);

    if (ret_z)
        *ret_z = z;
    if (margin->method == COMPARE_NOTHING || n < APART_LEAST || !(fabs(z) > APART_Z))
        return false;
    median = quantile_sorted(sorted, n, .5, QUANTILE_TYPE7);
    return fabs(x - median) > margin_amount(margin, median);
}
