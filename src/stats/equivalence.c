#include "stats/equivalence.h"

#include "stats/laws.h"

#define ALPHA 0.05

/* P(T > t), where a difference of exactly the margin proves nothing although
 * nothing varies. */
static double above(double distance, double se, double dof)
{
    if (se == 0)
        return distance > 0 ? 0 : 1;
    return student_cdf(-distance / se, dof);
}

static double scaled(double distance, double se)
{
    return distance == 0 ? 0 : distance / se;
}

struct equivalence_test equivalence_test(double difference, double se, double dof, double margin)
{
    double half = se == 0 ? 0 : se * student_quantile(1 - ALPHA, dof);
    struct equivalence_test test = { NAN, NAN, NAN, NAN, NAN, .interval = interval_none() };

    if (isnan(difference) || isnan(se) || isnan(dof))
        return test;
    test.interval = (struct interval){ difference - half, difference + half };
    if (isnan(margin))
        return test;
    test.t_low = scaled(difference + margin, se);
    test.p_low = above(difference + margin, se, dof);
    test.t_high = scaled(difference - margin, se);
    test.p_high = above(margin - difference, se, dof);
    test.p = fmax(test.p_low, test.p_high);
    return test;
}

static bool inside(struct interval i, double margin)
{
    return i.low > -margin && i.high < margin;
}

enum change change_of(struct interval difference, struct interval equivalence, double margin)
{
    if (!interval_known(difference))
        return CHANGE_INCONCLUSIVE;
    if (difference.low > 0 || difference.high < 0) {
        if (inside(difference, margin))
            return CHANGE_NEGLIGIBLE;
        return difference.low > 0 ? CHANGE_MORE : CHANGE_LESS;
    }
    return inside(equivalence, margin) ? CHANGE_EQUIVALENT : CHANGE_INCONCLUSIVE;
}
