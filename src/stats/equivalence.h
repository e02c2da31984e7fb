/* "No difference that matters": two one-sided tests against a margin, and the
 * verdict that comes from an interval. Pure; any thread. */
#ifndef OU_STATS_EQUIVALENCE_H
#define OU_STATS_EQUIVALENCE_H

#include "stats/interval.h"

/* Schuirmann's two one-sided t tests of a difference with its standard error. */
struct equivalence_test {
    double t_low, p_low;   /* against -margin */
    double t_high, p_high; /* against +margin */
    double p;              /* the greater one */
    /* Of 1 - 2 alpha, alpha .05: equivalent when it lies inside the margins. */
    struct interval interval;
} equivalence_test(double difference, double se, double dof, double margin);

/* From intervals of the change (new - old, or relative), both in the unit of the margin:
 *   difference (95 %) excludes 0, beyond +-margin         -> worse or better
 *   difference excludes 0, inside +-margin                 -> negligible
 *   includes 0, equivalence interval (90 %) inside +-margin -> equivalent
 *   otherwise                                              -> inconclusive
 * "Beyond" means that it does not lie inside: an interval that excludes 0 and straddles the
 * margin is a difference, too. */
enum change { CHANGE_INCONCLUSIVE, CHANGE_LESS, CHANGE_MORE, CHANGE_NEGLIGIBLE, CHANGE_EQUIVALENT };
enum change change_of(struct interval difference, struct interval equivalence, double margin);

#endif
