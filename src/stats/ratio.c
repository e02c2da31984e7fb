#include "stats/ratio.h"

/* The ends are the roots of (a^2 - t^2 var_a) R^2 - 2 (a b - t^2 cov) R + (b^2 - t^2 var_b). What
 * stands under the root is multiplied out, so that a^2 b^2 is not subtracted from itself. */
struct interval ratio_interval(const struct estimate_pair *e, double t)
{
    double t2 = t * t;
    double square = e->a * e->a - t2 * e->var_a;
    double middle = e->a * e->b - t2 * e->covariance;
    double error =
        e->a * e->a * e->var_b - 2 * e->a * e->b * e->covariance + e->b * e->b * e->var_a;
    double root = t2 * (error - t2 * (e->var_a * e->var_b - e->covariance * e->covariance));

    if (!(square > 0) || !isfinite(root))
        return interval_none();
    /* Not below 0 where the variances are ones; rounding may think so when both are 0. */
    root = sqrt(fmax(root, 0));
    return (struct interval){ (middle - root) / square, (middle + root) / square };
}
