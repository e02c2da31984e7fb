/* Inside study/: a table of published results between its lines and its runs. */
#ifndef OU_STUDY_TABLE_PARTS_H
#define OU_STUDY_TABLE_PARTS_H

#include "base/intern.h"
#include "study/reading.h"

enum table_field { REPORT, WORKLOAD, SECTION, LABEL, UNIT, METRIC, RUN, VALUE, FIELDS };

struct row {
    struct span fields[FIELDS]; /* what follows the last one is a NUL, a tab or a line end */
    size_t line;
    uint32_t column;
};

/* A run as one report shows it. */
struct column {
    struct span report, workload, name;
    int64_t start_ns, report_newest_ns; /* of the run; of the newest run in its report */
    size_t first_row, row_count;        /* once the rows are sorted */
    bool wanted;
};

struct table {
    struct reading *r;
    struct row *rows, *sorted; /* in the order of the file; by column */
    size_t row_count;
    struct column *columns;
    size_t column_count;
    struct intern column_keys;
};

/* For "%.*s". */
#define SPAN(s) (int)(s).len, (s).at

/* NULL when the column has no such row. */
const struct row *table_find_label(const struct table *t, const struct column *c,
                                   const char *section, const char *label);

/* Adds the run that the columns show, newest report first; it is called as `named` is. */
void table_add_run(struct table *t, const struct column *const *columns, size_t count,
                   const struct column *named);

#endif
