/* What the two databases have to offer behind sql.h, and what they share. For src/store/sql*.c, migrate, notify, backup and store only. */
#ifndef OU_STORE_SQL_PRIVATE_H
#define OU_STORE_SQL_PRIVATE_H

#include <stdatomic.h>

#include "base/buffer.h"
#include "store/sql.h"

#define SQL_STATEMENTS_MAX 256
#define SQL_ARGS_MAX ((size_t)2048)
#define SQL_BUSY_DEFAULT_S 10.0
#define SQL_WAIT_MAX_S 10.0 /* at once; sql_write() goes on waiting up to options.busy_s */
#define SQL_SHOWN_ROOM 512

/* A text that was prepared on this connection. */
struct sql_statement {
    char *text; /* owned; NULL: a free place */
    uint64_t hash;
    uint64_t used;  /* by the connection's count of statements; the lowest goes first */
    void *prepared; /* the driver's */
};

/* What happened; of one connection or of all that a store has. */
struct sql_counts {
    atomic_uint_fast64_t statements, failures, reconnections, retries;
};

struct sql_rows {
    struct sql *db;
    struct sql_statement *statement; /* NULL: none is open */
    bool is_over;                    /* the last row was given, or it failed */
    enum ou_status status;           /* of the last step */
    struct ou_error err;
};

struct sql {
    const struct sql_driver *driver;
    struct sql_options options;
    char *application; /* owned */
    char *place;       /* owned; may have a password: overwritten before it is given back */
    char shown[SQL_SHOWN_ROOM];
    enum sql_fault fault;
    bool must_exist; /* it was there already: a file is not to be made again */
    bool in_transaction;
    bool broken;    /* a statement of this transaction failed: all of it has */
    bool args_stay; /* the values of the running statement live as long as it: sql_run() */
    struct sql_rows rows;
    struct sql_statement statements[SQL_STATEMENTS_MAX];
    uint64_t statement_no;
    struct sql_counts own_counts;
    struct sql_counts *counts; /* own_counts, or the store's */
};

/* What a database does. All functions set db->fault when they fail. The struct of a driver begins with its struct sql. */
struct sql_driver {
    enum sql_kind kind;
    const char *begin_read, *begin_write; /* the second may be several statements */
    /* A zeroed struct of its kind; NULL: no memory. */
    struct sql *(*make)(void);
    /* Fills db->shown and refuses what is no place at all. */
    enum ou_status (*look_at_place)(struct sql *db, struct ou_error *err);
    enum ou_status (*connect)(struct sql *db, struct ou_error *err);
    void (*disconnect)(struct sql *db); /* what was prepared is forgotten afterwards */
    /* False when it is known that there is no connection, or no good one. */
    bool (*is_connected)(struct sql *db);
    /* Statements without arguments; rows they give are dropped. */
    enum ou_status (*script)(struct sql *db, const char *text, struct ou_error *err);
    enum ou_status (*commit)(struct sql *db, struct ou_error *err);
    bool (*rollback)(
        struct sql
            *db); /* also where there is nothing to undo; false: the connection is of no more use */

    /* Makes statement->prepared, or sees that it is good for such arguments. */
    enum ou_status (*prepare)(struct sql *db, struct sql_statement *statement,
                              const struct sql_value *args, size_t count, struct ou_error *err);
    void (*forget)(struct sql *db, struct sql_statement *statement);
    enum ou_status (*start)(struct sql *db, struct sql_statement *statement,
                            const struct sql_value *args, size_t count, struct ou_error *err);
    enum ou_status (*step)(struct sql *db, struct sql_statement *statement, bool *ret_row,
                           struct ou_error *err);
    void (*finish)(struct sql *db, struct sql_statement *statement);
    /* Of the last statement that was run to its end; before finish(). */
    int64_t (*changed)(struct sql *db, struct sql_statement *statement);
    struct sql_value (*column)(const struct sql *db, const struct sql_statement *statement,
                               int column);

    /* Listening to what others write. await: until something was heard, or stop_fd can be read, or seconds are over. */
    enum ou_status (*listen)(struct sql *db, struct ou_error *err);
    enum ou_status (*await)(struct sql *db, int stop_fd, double seconds, bool *ret_heard,
                            struct ou_error *err);
};
extern const struct sql_driver sql_sqlite_driver, sql_postgres_driver;

/* How long a statement waits for others who write, in milliseconds. */
static inline int sql_wait_ms(const struct sql *db)
{
    return (int)((db->options.busy_s < SQL_WAIT_MAX_S ? db->options.busy_s : SQL_WAIT_MAX_S) *
                 1000);
}

/* Sets the fault and fails with the status that belongs to it. */
enum ou_status sql_fail(struct sql *db, enum sql_fault fault, struct ou_error *err,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));

/* One more connection to what was open already: where it is not there any more, no new one is made. */
enum ou_status sql_open_again(const char *place, const struct sql_options *options,
                              struct sql **ret, struct ou_error *err);

/* Reconnects where the connection is known to be lost. Outside of transactions. */
enum ou_status sql_ensure_connected(struct sql *db, struct ou_error *err);
void sql_disconnect(struct sql *db);

/* The statement of a text, prepared; valid until the next call. */
enum ou_status sql_statement_of(struct sql *db, const char *text, const struct sql_value *args,
                                size_t count, struct sql_statement **ret, struct ou_error *err);
void sql_statements_forget(struct sql *db);

/* "$1" becomes "?1" outside of texts, names and comments. */
void sql_numbered(const char *text, struct buffer *ret);

#endif
