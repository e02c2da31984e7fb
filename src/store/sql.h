/* A connection to a database, SQLite or PostgreSQL, behind one interface. Statements are written once, in what both
 * understand: parameters are $1, $2, ...; types are TEXT, INTEGER (64 bits), REAL (64 bits) and BLOB. Texts compare byte by byte in both.
 *
 * Statements must be static texts, or come from few shapes: each is prepared once for a connection and kept (the 256 used
 * last). Values never stand in a statement's text. A connection belongs to one thread at a time. */
#ifndef OU_STORE_SQL_H
#define OU_STORE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

enum sql_kind { SQL_SQLITE, SQL_POSTGRES };

/* Why the last call on a connection failed, for those who can do something about it. */
enum sql_fault {
    SQL_FINE,
    SQL_AWAY,       /* no connection, or it was lost; the next call tries to connect again */
    SQL_BUSY,       /* others write; or a transaction has to be made again: sql_write() does so */
    SQL_FULL,       /* the disk is full, or may not be written to */
    SQL_CONSTRAINT, /* a row that must be unique is there, or one that is referred to is not */
    SQL_CORRUPT,    /* it is no database, or a damaged one */
    SQL_OLD,        /* its schema is older or newer than this program's: store/migrate.h */
    SQL_SLOW,       /* it took longer than options.answer_s */
    SQL_OTHER,
};

struct sql_options {
    bool read_only;
    double busy_s;           /* to wait for others who write; 0: 10 */
    double answer_s;         /* of one statement, 0: none */
    const char *application; /* what PostgreSQL shows of us; NULL: "ouroscope" */
};

struct sql; /* opaque */

/* place: "postgres://USER@HOST/NAME" or "postgresql://..." (also "postgres:///NAME?host=/run/postgresql"), else the path of an SQLite file, which is made if
 * it is not there (unless read_only; mode 0600). options may be NULL. Passwords of a URL stand in no message; PGPASSWORD, PGPASSFILE and a
 * service file are used by libpq. OU_NOT_FOUND, OU_IO, OU_INVALID (no database). */
enum ou_status sql_open(const char *place, const struct sql_options *options, struct sql **ret,
                        struct ou_error *err);
void sql_close(struct sql *db); /* NULL is fine; what was not committed is undone */
enum sql_kind sql_kind(const struct sql *db);
enum sql_fault sql_fault(const struct sql *db);
/* The place as messages may show it: without a password. */
const char *sql_shown(const struct sql *db);
bool sql_is_postgres(const char *place);

/* --- Values ---------------------------------------------------------------------------------------- */

struct sql_value {
    enum { SQL_NULL, SQL_INT, SQL_REAL, SQL_TEXT, SQL_BLOB } type;
    union {
        int64_t integer;
        double real;
        struct span bytes;
    };
};

static inline struct sql_value sql_none(void)
{
    return (struct sql_value){ .type = SQL_NULL };
}
static inline struct sql_value sql_int(int64_t value)
{
    return (struct sql_value){ .type = SQL_INT, .integer = value };
}
/* Not finite: NULL. */
static inline struct sql_value sql_real(double value)
{
    return value - value == 0 ? (struct sql_value){ .type = SQL_REAL, .real = value } : sql_none();
}
/* NULL: NULL. */
static inline struct sql_value sql_text(const char *text)
{
    return text ? (struct sql_value){ .type = SQL_TEXT, .bytes = span_of(text) } : sql_none();
}
static inline struct sql_value sql_span(struct span text)
{
    return (struct sql_value){ .type = SQL_TEXT, .bytes = text };
}
static inline struct sql_value sql_blob(struct span bytes)
{
    return (struct sql_value){ .type = SQL_BLOB, .bytes = bytes };
}
/* TIME_NONE: NULL. */
static inline struct sql_value sql_time(int64_t ns)
{
    return ns == INT64_MIN ? sql_none() : sql_int(ns);
}

/* --- Statements -------------------------------------------------------------------------------------- */

/* Runs a statement for what it does. *ret_changed (may be NULL): rows that it changed. */
enum ou_status sql_run(struct sql *db, const char *statement, const struct sql_value *args,
                       size_t count, int64_t *ret_changed, struct ou_error *err);
/* SQL_ARGS(sql_int(1), sql_text("x")): the two arguments. */
#define SQL_ARGS(...)                            \
    ((const struct sql_value[]){ __VA_ARGS__ }), \
        (sizeof((const struct sql_value[]){ __VA_ARGS__ }) / sizeof(struct sql_value))
#define SQL_NO_ARGS NULL, 0

/* The rows of an answer; one at a time is open on a connection, and it is to be closed before the next statement. */
struct sql_rows;
enum ou_status sql_query(struct sql *db, const char *statement, const struct sql_value *args,
                         size_t count, struct sql_rows **ret, struct ou_error *err);
/* True: there is a row. False: there are no more, or it failed, which sql_rows_end() tells. */
bool sql_next(struct sql_rows *rows);
/* Closes them; the status of all of it. NULL is fine. */
enum ou_status sql_rows_end(struct sql_rows *rows, struct ou_error *err);
/* Columns from 0. Views are valid until the next row; NULL reads as 0, NaN, TIME_NONE or an empty view without `at`. */
bool sql_is_null(const struct sql_rows *rows, int column);
int64_t sql_get_int(const struct sql_rows *rows, int column);
double sql_get_real(const struct sql_rows *rows, int column);
int64_t sql_get_time(const struct sql_rows *rows, int column);
struct span sql_get_text(const struct sql_rows *rows, int column);
struct span sql_get_blob(const struct sql_rows *rows, int column);
/* As it is; a view where it is a text or a blob. */
struct sql_value sql_get(const struct sql_rows *rows, int column);

/* --- Transactions -------------------------------------------------------------------------------------- */

/* Does `work` in one transaction, which may write; again, with a pause, where others were in the way (SQL_BUSY), up to
 * options.busy_s or until interrupt_pending(). What work returns beside OU_OK undoes it. Not inside another one. When OU_OK is returned it is on the disk. */
typedef enum ou_status (*sql_work)(struct sql *db, void *context, struct ou_error *err);
enum ou_status sql_write(struct sql *db, sql_work work, void *context, struct ou_error *err);
/* The same, for reading: all statements of it see one state. */
enum ou_status sql_read(struct sql *db, sql_work work, void *context, struct ou_error *err);

/* Several statements without arguments or answers, as a script. For migrations. */
enum ou_status sql_script(struct sql *db, const char *text, struct ou_error *err);

#endif
