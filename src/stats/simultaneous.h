/* Several settings compared at once, so that all statements hold together: critical values by
 * numerical integration, comparisons with the best (Hsu 1981, 1996), and the ranks that settings may
 * have. Pure; any thread. */
#ifndef OU_STATS_SIMULTANEOUS_H
#define OU_STATS_SIMULTANEOUS_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/interval.h"

/* The value that the greatest of `count` (one-sided), or of their magnitudes (two-sided), stays below with probability
 * `confidence`: variables of Student's law with `dof` (infinite: normal ones) that share one deviation, each two correlated
 * by `correlation`, 0 <= it < 1. Of comparisons with one control in groups of one size the correlation is 1/2 (Dunnett
 * 1955). Less correlation than there is makes it greater (Slepian 1962), which is on the safe side. NaN for arguments that
 * make no sense. */
double dunnett_one_sided(double confidence, size_t count, double correlation, double dof);
double dunnett_two_sided(double confidence, size_t count, double correlation, double dof);

/* The studentized range of `count` means: Tukey's, and for unequal groups Kramer's, by q / sqrt 2. */
double studentized_range(double confidence, size_t count, double dof);

/* Estimates to be compared. Means that are NaN do not take part. */
struct compared_means {
    const double *means;
    size_t count;
    const double *
        variances; /* count squared: of the difference of two, in units of the square of deviation */
    double deviation; /* of one run */
    /* How far each may be off beside chance, as where readings are cut to steps: the difference of two by as much as
     * theirs differ. NULL: none is. */
    const double *cuts;
};

/* The least correlation that two comparisons with one mean have, no less than 0: what the critical values above are safe
 * with. 1/2 where all variances are equal; of many means with unequal ones it is not looked for, and is 0. */
double least_correlation(const struct compared_means *m);

/* Of the difference of each mean to the best of the others (ret: count entries), constrained: with the confidence of
 * `critical` all hold at once, and an interval that ends at 0 on its better side says that the setting is not the best.
 * critical: of dunnett_one_sided() with one mean less. None without others. */
void compare_with_best(const struct compared_means *m, bool more_is_better, double critical,
                       struct interval *ret);

/* The ranks (1: the best) that each may have, low <= high: all hold at once with the confidence of `critical`, which is of
 * studentized_range() (Tukey's intervals of all pairs; Al Mohamad, Goeman and van Zwet 2022). 0 for NaN. */
void ranks_of(const struct compared_means *m, bool more_is_better, double critical, size_t *ret_low,
              size_t *ret_high);

#endif
