/* How much of a change matters, per metric, and how the metric is compared:
 * data/margins.tsv, with the reasons. */
#ifndef OU_STUDY_MARGINS_H
#define OU_STUDY_MARGINS_H

#include "analyse/dictionary.h"
#include "base/status.h"

enum compare_method {
    COMPARE_MEANS,   /* run-level values */
    COMPARE_COUNTS,  /* events in an exposure: exact Poisson */
    COMPARE_NOTHING, /* described, not judged: identification, sizes, dates */
};

struct margin {
    enum metric_section section;
    const char *id; /* "*": the rest of the section */
    enum compare_method method;
    double relative; /* .02: 2 % of the old mean */
    double absolute; /* in the metric's unit, a floor for metrics near 0; 0: none */
    const char *reason;
};

/* The row of a metric; its section's row where it has none of its own; never NULL. */
const struct margin *margin_of(const struct metric_info *info);

/* How much it is, in the metric's unit, around such a mean: the greater one of share and floor. */
double margin_amount(const struct margin *m, double mean);

/* The table itself, for those who show it. */
size_t margin_count(void);
const struct margin *margin_row(size_t i); /* NULL behind the last */

#endif
