/* Transactions. Writers go one after another on both databases: SQLite knows no other way, and on PostgreSQL each takes the
 * same advisory lock first (sql_postgres.c). So no write fails because of another, numbers of news become visible in
 * their order, and both databases behave alike; results are written seldom and read often. */
#include <time.h>

#include "base/interrupt.h"
#include "base/time.h"
#include "store/sql_private.h"

#define PAUSE_FIRST_MS 5
#define PAUSE_MAX_MS 250

static enum ou_status begin(struct sql *db, const char *statement, struct ou_error *err)
{
    enum ou_status status = sql_ensure_connected(db, err);

    if (status)
        return status;
    status = db->driver->script(db, statement, err);
    /* It was lost while nobody looked: nothing of this transaction was done, so a new connection is as good. */
    if (status && db->fault == SQL_AWAY) {
        sql_disconnect(db);
        status = sql_ensure_connected(db, err);
        if (!status)
            status = db->driver->script(db, statement, err);
    }
    return status;
}

static void undo(struct sql *db)
{
    enum sql_fault why = db->fault;

    if (!db->driver->rollback(db))
        sql_disconnect(db);
    db->fault = why;
}

static enum ou_status once(struct sql *db, const char *statement, sql_work work, void *context,
                           struct ou_error *err)
{
    enum ou_status status = begin(db, statement, err);

    if (status) {
        undo(db); /* half of a beginning of two statements */
        return status;
    }
    db->in_transaction = true;
    db->broken = false;
    db->fault = SQL_FINE;
    status = work(db, context, err);
    (void)sql_rows_end(&db->rows, NULL); /* of work that gave up in the middle */
    if (!status && db->broken)
        status =
            ou_fail(err, OU_INVALID, "%s: a statement failed, so nothing was written", db->shown);
    if (!status)
        status = db->driver->commit(db, err);
    db->in_transaction = false;
    if (status)
        undo(db);
    return status;
}

static void pause_ms(unsigned ms)
{
    const struct timespec wait = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL);
}

static enum ou_status transaction(struct sql *db, const char *statement, sql_work work,
                                  void *context, struct ou_error *err)
{
    int64_t end_ns = time_monotonic_ns() + (int64_t)(db->options.busy_s * NS_PER_SECOND);
    unsigned ms = PAUSE_FIRST_MS;

    if (db->in_transaction || db->rows.statement)
        return ou_fail(err, OU_USAGE, "a transaction is open already");
    for (;;) {
        enum ou_status status = once(db, statement, work, context, err);

        if (!status || db->fault != SQL_BUSY || time_monotonic_ns() >= end_ns ||
            interrupt_pending())
            return status;
        atomic_fetch_add_explicit(&db->counts->retries, 1, memory_order_relaxed);
        pause_ms(ms);
        ms = ms * 2 < PAUSE_MAX_MS ? ms * 2 : PAUSE_MAX_MS;
    }
}

enum ou_status sql_write(struct sql *db, sql_work work, void *context, struct ou_error *err)
{
    return transaction(db, db->driver->begin_write, work, context, err);
}

enum ou_status sql_read(struct sql *db, sql_work work, void *context, struct ou_error *err)
{
    return transaction(db, db->driver->begin_read, work, context, err);
}
