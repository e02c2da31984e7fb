#include "stats/ratio.h"

/* The ends are the roots of (a^2 - t^2 var_a) R^2 - 2 (a b - t^2 cov) R + (b^2 - t^2 var_b). */
struct interval ratio_interval(const struct estimate_pair *e, double t)
{
    double t2 = t * t;
    double square = e->a * e->a - t2 * e->var_a;
    double middle = e->a * e->b - t2 * e->covariance;
    double rest = e->b * e->b - t2 * e->var_b;
    double root = middle * middle - square * rest;

    if (!(square > 0) || !isfinite(root))
        return interval_none();
    /* Not below 0 where the variances are ones; rounding may think so when both are 0. */
    root = sqrt(fmax(root, 0));
    return (struct interval){ (middle - root) / square, (middle + root) / square };
}
