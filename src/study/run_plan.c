#include "study/run_plan.h"

#include <math.h>

#include "stats/planning.h"

static const double level = .05, power = .8;

double runs_to_find(const struct run_plan *plan, double change)
{
    double own = level / (double)plan->tests;

    return ceil(plan->pairs ? pairs_for_difference(change, plan->deviation, own, power)
                            : runs_for_welch(change, plan->deviation, own, power));
}

double runs_to_decide(const struct run_plan *plan, double margin)
{
    /* The plan for equivalence takes two groups; a pair's difference has the variance of both. */
    double deviation = plan->pairs ? plan->deviation / sqrt(2) : plan->deviation;
    double found = runs_to_find(plan, margin);

    return isnan(found) ? NAN : fmax(found, ceil(runs_for_equivalence(margin, deviation)));
}

double change_to_find(const struct run_plan *plan, double n)
{
    return visible_by_welch(n, plan->deviation, level / (double)plan->tests, power);
}
