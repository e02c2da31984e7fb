/* Rows of one table that go into it many at a time: a statement for each would be a journey to the server for each. */
#ifndef OU_STORE_RECORD_BULK_H
#define OU_STORE_RECORD_BULK_H

#include "store/sql.h"

enum { BULK_ROWS = 50, BULK_COLUMNS_MAX = 12 };

/* Set the first three, the rest zero. What rows point to must stay until they are flushed: bulk_end(), or BULK_ROWS later. */
struct bulk {
    struct sql *db;
    const char *head; /* "INSERT INTO hosts (run_no, place, name)" */
    size_t columns;
    struct ou_error *err;
    enum ou_status status; /* the first failure, sticky */
    struct sql_value values[BULK_ROWS * BULK_COLUMNS_MAX];
    size_t rows; /* that wait */
};

/* Adds a row of `columns` values. */
void bulk_add(struct bulk *b, const struct sql_value *row);
/* What waits goes in; the status of all of it. */
enum ou_status bulk_end(struct bulk *b);

#endif
