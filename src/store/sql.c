#include "store/sql.h"

#include <inttypes.h>
#include <math.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "base/utf8.h"
#include "store/sql_private.h"

/* ---- failures ---- */

static enum ou_status status_of(enum sql_fault fault)
{
    switch (fault) {
    case SQL_FINE: return OU_OK;
    case SQL_CONSTRAINT:
    case SQL_CORRUPT:
    case SQL_OLD: return OU_INVALID;
    case SQL_AWAY:
    case SQL_BUSY:
    case SQL_FULL:
    case SQL_SLOW:
    case SQL_OTHER: return OU_IO;
    }
    return OU_IO;
}

enum ou_status sql_fail(struct sql *db, enum sql_fault fault, struct ou_error *err,
                        const char *format, ...)
{
    struct ou_error said;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(said.text, sizeof said.text, format, args);
    va_end(args);
    db->fault = fault;
    return ou_fail(err, status_of(fault), "%s", said.text);
}

/* Refused before anything is sent; the transaction has failed all the same. */
static enum ou_status refuse(struct sql *db, struct ou_error *err, const char *why, size_t arg)
{
    db->fault = SQL_OTHER;
    return ou_fail(err, OU_INVALID, "value %zu for %s: %s", arg + 1, db->shown, why);
}

static enum ou_status note_failure(struct sql *db, enum ou_status status)
{
    if (!status)
        return status;
    atomic_fetch_add_explicit(&db->counts->failures, 1, memory_order_relaxed);
    if (db->in_transaction)
        db->broken = true;
    return status;
}

/* ---- connections ---- */

static enum ou_status fill(struct sql *db, const char *place, const struct sql_options *options,
                           struct ou_error *err)
{
    if (options)
        db->options = *options;
    if (db->options.busy_s <= 0)
        db->options.busy_s = SQL_BUSY_DEFAULT_S;
    db->application = strdup(options && options->application ? options->application : "ouroscope");
    db->place = strdup(place);
    db->options.application = db->application;
    db->counts = &db->own_counts;
    if (!db->application || !db->place)
        return ou_fail(err, OU_NO_MEMORY, "open a database: no memory");
    return db->driver->look_at_place(db, err);
}

static enum ou_status open_place(const char *place, const struct sql_options *options,
                                 bool must_exist, struct sql **ret, struct ou_error *err)
{
    const struct sql_driver *driver =
        sql_is_postgres(place) ? &sql_postgres_driver : &sql_sqlite_driver;
    struct sql *db = driver->make();
    enum ou_status status;

    if (!db)
        return ou_fail(err, OU_NO_MEMORY, "open a database: no memory");
    db->driver = driver;
    db->must_exist = must_exist;
    status = fill(db, place, options, err);
    if (!status)
        status = driver->connect(db, err);
    if (status) {
        sql_close(db);
        return status;
    }
    *ret = db;
    return OU_OK;
}

enum ou_status sql_open(const char *place, const struct sql_options *options, struct sql **ret,
                        struct ou_error *err)
{
    return open_place(place, options, false, ret, err);
}

enum ou_status sql_open_again(const char *place, const struct sql_options *options,
                              struct sql **ret, struct ou_error *err)
{
    return open_place(place, options, true, ret, err);
}

void sql_disconnect(struct sql *db)
{
    if (db->rows.statement)
        db->driver->finish(db, db->rows.statement);
    db->rows.statement = NULL;
    db->driver->disconnect(db);
    sql_statements_forget(db);
}

enum ou_status sql_ensure_connected(struct sql *db, struct ou_error *err)
{
    if (db->driver->is_connected(db))
        return OU_OK;
    sql_disconnect(db);
    atomic_fetch_add_explicit(&db->counts->reconnections, 1, memory_order_relaxed);
    return db->driver->connect(db, err);
}

void sql_close(struct sql *db)
{
    if (!db)
        return;
    sql_disconnect(db);
    if (db->place)
        sodium_memzero(db->place, strlen(db->place));
    free(db->place);
    free(db->application);
    free(db);
}

enum sql_kind sql_kind(const struct sql *db)
{
    return db->driver->kind;
}

enum sql_fault sql_fault(const struct sql *db)
{
    return db->fault;
}

const char *sql_shown(const struct sql *db)
{
    return db->shown;
}

/* ---- statements ---- */

/* What one database would take and the other not: texts that are no UTF-8 or have a NUL. */
static enum ou_status check_args(struct sql *db, const struct sql_value *args, size_t count,
                                 struct ou_error *err)
{
    if (count > SQL_ARGS_MAX)
        return ou_fail(err, OU_TOO_LARGE, "more than %zu values for one statement", SQL_ARGS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct span text = args[i].bytes;

        if (args[i].type == SQL_REAL && !isfinite(args[i].real))
            return refuse(db, err, "is not a finite number", i);
        if (args[i].type != SQL_TEXT || text.len == 0)
            continue;
        if (memchr(text.at, '\0', text.len))
            return refuse(db, err, "a text must not have a NUL", i);
        if (!utf8_is_valid(text))
            return refuse(db, err, "is not UTF-8", i);
    }
    return OU_OK;
}

/* Whether a statement may be begun now. */
static enum ou_status check_state(struct sql *db, struct ou_error *err)
{
    if (db->rows.statement)
        return ou_fail(err, OU_USAGE, "the rows of the last statement are still open");
    if (db->in_transaction && db->broken)
        return ou_fail(err, OU_INVALID, "%s: an earlier statement of the transaction failed",
                       db->shown);
    if (db->in_transaction)
        return OU_OK;
    db->fault = SQL_FINE;
    return sql_ensure_connected(db, err);
}

static enum ou_status start(struct sql *db, const char *text, const struct sql_value *args,
                            size_t count, struct sql_statement **ret, struct ou_error *err)
{
    enum ou_status status = check_state(db, err);

    atomic_fetch_add_explicit(&db->counts->statements, 1, memory_order_relaxed);
    if (!status)
        status = check_args(db, args, count, err);
    if (!status)
        status = sql_statement_of(db, text, args, count, ret, err);
    if (!status) {
        status = db->driver->start(db, *ret, args, count, err);
        if (status)
            db->driver->finish(db, *ret);
    }
    return note_failure(db, status);
}

enum ou_status sql_run(struct sql *db, const char *statement, const struct sql_value *args,
                       size_t count, int64_t *ret_changed, struct ou_error *err)
{
    struct sql_statement *s;
    enum ou_status status;
    bool has_row = true;

    db->args_stay = true;
    status = start(db, statement, args, count, &s, err);
    if (status)
        return status;
    while (!status && has_row)
        status = db->driver->step(db, s, &has_row, err);
    if (!status && ret_changed)
        *ret_changed = db->driver->changed(db, s);
    db->driver->finish(db, s);
    return note_failure(db, status);
}

enum ou_status sql_query(struct sql *db, const char *statement, const struct sql_value *args,
                         size_t count, struct sql_rows **ret, struct ou_error *err)
{
    struct sql_statement *s;
    enum ou_status status;

    db->args_stay = false;
    status = start(db, statement, args, count, &s, err);
    if (status)
        return status;
    db->rows = (struct sql_rows){ .db = db, .statement = s };
    *ret = &db->rows;
    return OU_OK;
}

bool sql_next(struct sql_rows *rows)
{
    bool has_row = false;

    if (rows->is_over || !rows->statement)
        return false;
    rows->status = rows->db->driver->step(rows->db, rows->statement, &has_row, &rows->err);
    rows->is_over = rows->status || !has_row;
    return !rows->is_over;
}

enum ou_status sql_rows_end(struct sql_rows *rows, struct ou_error *err)
{
    enum ou_status status;

    if (!rows || !rows->statement)
        return OU_OK;
    status = rows->status;
    rows->db->driver->finish(rows->db, rows->statement);
    rows->statement = NULL;
    if (status)
        (void)ou_fail(err, status, "%s", rows->err.text);
    return note_failure(rows->db, status);
}

struct sql_value sql_get(const struct sql_rows *rows, int column)
{
    return rows->db->driver->column(rows->db, rows->statement, column);
}

bool sql_is_null(const struct sql_rows *rows, int column)
{
    return sql_get(rows, column).type == SQL_NULL;
}

int64_t sql_get_int(const struct sql_rows *rows, int column)
{
    struct sql_value value = sql_get(rows, column);

    if (value.type == SQL_INT)
        return value.integer;
    /* Sums of PostgreSQL are decimal numbers. */
    return value.type == SQL_REAL && fabs(value.real) < 9.2e18 ? (int64_t)value.real : 0;
}

double sql_get_real(const struct sql_rows *rows, int column)
{
    struct sql_value value = sql_get(rows, column);

    if (value.type == SQL_REAL)
        return value.real;
    return value.type == SQL_INT ? (double)value.integer : NAN;
}

int64_t sql_get_time(const struct sql_rows *rows, int column)
{
    struct sql_value value = sql_get(rows, column);

    return value.type == SQL_INT ? value.integer : TIME_NONE;
}

static struct span bytes_of_column(const struct sql_rows *rows, int column)
{
    struct sql_value value = sql_get(rows, column);

    if (value.type == SQL_TEXT || value.type == SQL_BLOB)
        return value.bytes;
    return (struct span){ 0 };
}

struct span sql_get_text(const struct sql_rows *rows, int column)
{
    return bytes_of_column(rows, column);
}

struct span sql_get_blob(const struct sql_rows *rows, int column)
{
    return bytes_of_column(rows, column);
}

enum ou_status sql_script(struct sql *db, const char *text, struct ou_error *err)
{
    enum ou_status status = check_state(db, err);

    if (!status)
        status = db->driver->script(db, text, err);
    return note_failure(db, status);
}
