/* Parts of a history's document: words and tables. */
#ifndef OU_REPORT_HISTORY_TABLES_H
#define OU_REPORT_HISTORY_TABLES_H

#include "report/builders.h"

/* So many series are shown one by one; of more, those that changed most. */
enum { SERIES_SHOWN = 12 };

const char *day_of(struct document *d,
                   const struct finished_run *r); /* "2026-04-15"; NULL when it is not known */
const char *run_and_day(struct document *d,
                        const struct finished_run *r); /* "10.7.1 (2026-04-15)" */
const char *series_name(struct document *d, const struct metric_history *m); /* "CPU, value" */

const char *series_id(struct document *d,
                      const struct metric_history *m); /* "machperf-CentiCpu-value" */

size_t count_unusual(const struct history *h); /* series whose last value is */

/* A level of a series that another one stands before. */
struct level_change {
    const struct metric_history *m;
    const struct history_segment *segment;
    size_t place; /* of its first run among all runs */
};

struct level_changes {
    struct level_change *items; /* in the document's memory */
    size_t count;
};

/* By run; of one run, the greatest first. */
struct level_changes list_changes(const struct history *h, struct document *d);
const struct finished_run *first_run_of(const struct level_change *c);

void add_change_table(const struct level_changes *all, struct document *d);
void add_level_table(const struct history *h,
                     struct document *d); /* the last level of each series */
void add_last_values(const struct history *h, struct document *d);
void add_segment_table(const struct metric_history *m,
                       struct document *d); /* all levels of a series */

#endif
