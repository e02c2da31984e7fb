/* The table of statistics in Org as the field's existing tool draws it: a row
 * for each metric, with columns average, CoV, min, max, stddev, range, precision,
 * size, and below it the size of the first one, for formulas. */
#ifndef OU_REPORT_ORG_STATISTICS_H
#define OU_REPORT_ORG_STATISTICS_H

#include <stddef.h>

#include "analyse/dictionary.h"
#include "base/buffer.h"
#include "report/org_table.h"

/* NaN: not known. */
struct org_statistic {
    const struct metric_info *info;
    double average, cov, min, max, stddev, range, size;
};

/* Draws one table; count > 0. */
void org_statistics(const struct org_statistic *rows, size_t count, struct buffer *out);

/* "0.50 adoption, s": the label of published tables, in a cell. */
void org_label(struct org_table *t, const struct metric_info *info);
/* A cell of foreign text. */
void org_text(struct org_table *t, const char *text);
/* A cell that says that nothing is known. */
void org_absent(struct org_table *t);

#endif
