#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/interrupt.h"
#include "store/backup.h"
#include "store/migrate.h"
#include "store/tables.h"

#define STATEMENT_MAX ((size_t)64 << 10)
#define VALUES_MAX ((size_t)1024) /* of one statement */
#define ROWS_MAX ((size_t)64)
#define SELECT_ROOM 512
#define BATCH_BYTES_MAX ((size_t)512 << 20)

/* Rows on their way: read from one connection, put into the other a batch at a time. */
struct copying {
    struct sql *from, *to;
    const struct store_table *table;
    size_t batch_rows;   /* of a full batch */
    struct arena memory; /* of the batch's texts and blobs */
    struct sql_value values[VALUES_MAX];
    size_t rows; /* in the batch */
    uint64_t rows_done;
};

static enum ou_status number_of(struct sql *db, const char *statement, int64_t *ret,
                                struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db, statement, SQL_NO_ARGS, &rows, err);

    if (status)
        return status;
    *ret = sql_next(rows) ? sql_get_int(rows, 0) : 0;
    return sql_rows_end(rows, err);
}

/* ---- putting ---- */

static void put_statement(const struct copying *c, struct buffer *ret)
{
    const size_t columns = c->table->column_count;

    buffer_printf(ret, "INSERT INTO %s (%s) VALUES ", c->table->name, c->table->columns);
    for (size_t i = 0; i < c->rows * columns; i++) {
        if (i > 0)
            buffer_text(ret, ", ");
        buffer_printf(ret, "%s$%zu%s", i % columns ? "" : "(", i + 1, (i + 1) % columns ? "" : ")");
    }
}

static enum ou_status insert(struct copying *c, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    if (c->rows == 0)
        return OU_OK;
    buffer_init(&text, allocator_libc(), STATEMENT_MAX);
    put_statement(c, &text);
    status = buffer_status(&text);
    if (status)
        status = ou_fail(err, status, "copy %s: %s", c->table->name, ou_status_name(status));
    else
        status = sql_run(c->to, buffer_string(&text), c->values, c->rows * c->table->column_count,
                         NULL, err);
    buffer_release(&text);
    c->rows_done += c->rows;
    c->rows = 0;
    arena_release(&c->memory);
    return status;
}

/* ---- reading ---- */

/* The views of a row end with it. */
static enum ou_status keep_row(struct copying *c, const struct sql_rows *rows, struct ou_error *err)
{
    struct sql_value *into = c->values + c->rows * c->table->column_count;

    for (size_t i = 0; i < c->table->column_count; i++) {
        into[i] = sql_get(rows, (int)i);
        if (into[i].type != SQL_TEXT && into[i].type != SQL_BLOB)
            continue;
        into[i].bytes.at = arena_copy(&c->memory, into[i].bytes.at, into[i].bytes.len);
        if (!into[i].bytes.at)
            return ou_fail(err, OU_NO_MEMORY, "copy %s: no memory", c->table->name);
    }
    c->rows++;
    return OU_OK;
}

static enum ou_status copy_rows(struct copying *c, const char *statement, uint64_t *ret_rows,
                                struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status ended, status = sql_query(c->from, statement, SQL_NO_ARGS, &rows, err);

    *ret_rows = 0;
    if (status)
        return status;
    while (!status && sql_next(rows)) {
        ++*ret_rows;
        status = keep_row(c, rows, err);
        if (!status && c->rows == c->batch_rows)
            status = insert(c, err);
        if (!status && interrupt_pending())
            status = ou_fail(err, OU_INTERRUPTED, "copy %s: interrupted", c->table->name);
    }
    ended = sql_rows_end(rows, status ? NULL : err);
    if (!status)
        status = ended;
    return status ? status : insert(c, err);
}

/* SQLite gives rows one by one; an answer of PostgreSQL is in memory whole, so there a cursor gives it in batches. */
static enum ou_status copy_by_cursor(struct copying *c, const char *select, struct ou_error *err)
{
    char text[SELECT_ROOM + 64];
    uint64_t rows = 1;
    enum ou_status status;

    (void)snprintf(text, sizeof text, "DECLARE copied NO SCROLL CURSOR FOR %s", select);
    status = sql_run(c->from, text, SQL_NO_ARGS, NULL, err);
    (void)snprintf(text, sizeof text, "FETCH %zu FROM copied", c->batch_rows);
    while (!status && rows > 0)
        status = copy_rows(c, text, &rows, err);
    if (!status)
        status = sql_run(c->from, "CLOSE copied", SQL_NO_ARGS, NULL, err);
    return status;
}

/* Numbers that were copied must not be given out again. */
static enum ou_status go_on_counting(struct copying *c, struct ou_error *err)
{
    char text[256];

    if (!c->table->numbers_rows || sql_kind(c->to) == SQL_SQLITE)
        return OU_OK;
    (void)snprintf(text, sizeof text,
                   "SELECT setval(pg_get_serial_sequence('%s', 'no'), max(no)) FROM %s"
                   " HAVING count(*) > 0",
                   c->table->name, c->table->name);
    return sql_run(c->to, text, SQL_NO_ARGS, NULL, err);
}

static enum ou_status copy_table(struct copying *c, const struct store_table *table,
                                 struct ou_error *err)
{
    char select[SELECT_ROOM];
    uint64_t rows;
    enum ou_status status;

    c->table = table;
    c->batch_rows = table->heavy ? 1 : VALUES_MAX / table->column_count;
    if (c->batch_rows > ROWS_MAX)
        c->batch_rows = ROWS_MAX;
    (void)snprintf(select, sizeof select, "SELECT %s FROM %s", table->columns, table->name);
    status = sql_kind(c->from) == SQL_SQLITE ? copy_rows(c, select, &rows, err)
                                             : copy_by_cursor(c, select, err);
    return status ? status : go_on_counting(c, err);
}

/* ---- all of it ---- */

/* What a database has that somebody could miss. Rows that the schema itself puts in are not among it. */
static enum ou_status check_empty(struct sql *db, struct ou_error *err)
{
    int64_t rows = 0;
    enum ou_status status =
        number_of(db,
                  "SELECT (SELECT count(*) FROM projects) + (SELECT count(*) FROM tokens) +"
                  " (SELECT count(*) FROM audit) + (SELECT count(*) FROM news)",
                  &rows, err);

    if (status || rows == 0)
        return status;
    return ou_fail(err, OU_USAGE, "%s: holds results already; a copy wants an empty database",
                   sql_shown(db));
}

static enum ou_status empty_tables(struct sql *db, struct ou_error *err)
{
    char text[128];
    enum ou_status status = OU_OK;

    for (size_t i = store_table_count; !status && i > 0; i--) {
        (void)snprintf(text, sizeof text, "DELETE FROM %s", store_tables[i - 1].name);
        status = sql_run(db, text, SQL_NO_ARGS, NULL, err);
    }
    return status;
}

static enum ou_status read_all(struct sql *from, void *context, struct ou_error *err)
{
    struct copying *c = context;
    enum ou_status status = OU_OK;

    c->from = from;
    for (size_t i = 0; !status && i < store_table_count; i++)
        status = copy_table(c, &store_tables[i], err);
    return status;
}

static enum ou_status write_all(struct sql *to, void *context, struct ou_error *err)
{
    struct copying *c = context;
    enum ou_status status = check_empty(to, err);

    c->to = to;
    c->rows = 0;
    c->rows_done = 0;
    if (!status)
        status = empty_tables(to, err);
    return status ? status : sql_read(c->from, read_all, c, err);
}

enum ou_status store_copy(struct sql *from, struct sql *to, struct backup_done *ret,
                          struct ou_error *err)
{
    struct copying *c = alloc_zeroed(allocator_libc(), sizeof *c);
    enum ou_status status;
    int64_t runs = 0;

    if (!c)
        return ou_fail(err, OU_NO_MEMORY, "copy a database: no memory");
    c->from = from;
    arena_init(&c->memory, allocator_libc(), BATCH_BYTES_MAX);
    status = migrate_check(from, err);
    if (!status)
        status = migrate_check(to, err);
    if (!status)
        status = sql_write(to, write_all, c, err);
    if (!status)
        status = number_of(to, "SELECT count(*) FROM runs", &runs, err);
    if (!status)
        *ret = (struct backup_done){ .rows = c->rows_done, .runs = (uint64_t)runs };
    arena_release(&c->memory);
    alloc_free(allocator_libc(), c, sizeof *c);
    return status;
}
