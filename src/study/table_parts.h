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

struct table;

/* Takes a run: the columns that show it, newest report first. It is called as `named` is. */
typedef void table_taker(struct table *t, const struct column *const *columns, size_t count,
                         const struct column *named);

struct table {
    struct reading *r;
    table_taker *take;         /* each run that is wanted */
    void *context;             /* of it */
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

/* Walks over the runs of a table: the selected one, or each once where selector is NULL. */
void table_walk(struct reading *r, struct span text, const char *selector, table_taker *take,
                void *context);

/* The taker that adds runs to the set. */
table_taker table_add_run;

#endif
