/* The tables of a results database, each behind those it refers to. Immutable. */
#ifndef OU_STORE_TABLES_H
#define OU_STORE_TABLES_H

#include <stdbool.h>
#include <stddef.h>

struct store_table {
    const char *name;
    const char *columns; /* "run_no, place, name" */
    size_t column_count;
    bool numbers_rows; /* the database gives out its "no" */
    bool heavy;        /* a row may have megabytes */
};

#define STORE_COLUMNS_MAX 24
extern const struct store_table store_tables[];
extern const size_t store_table_count;

#endif
