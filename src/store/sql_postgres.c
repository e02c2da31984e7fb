/* PostgreSQL through libpq. Statements are prepared under names, values and rows travel in the binary format. */
#include <libpq-fe.h>
#include <math.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "store/sql_postgres_values.h"
#include "store/sql_private.h"

#define CONNECT_TIMEOUT_S "5"
/* All writers take this lock first, for their transaction: see sql_write.c. */
#define WRITE_LOCK "8031170765064693616" /* "ouroscop" */

struct postgres_db {
    struct sql sql; /* first */
    PGconn *connection;
    PGresult *result; /* of the running statement */
    int row, row_count;
    uint64_t names_given;
    /* The values of a statement, as libpq takes them. */
    Oid types[SQL_ARGS_MAX];
    const char *values[SQL_ARGS_MAX];
    int lengths[SQL_ARGS_MAX];
    int formats[SQL_ARGS_MAX];
    char numbers[SQL_ARGS_MAX][8];
};

struct prepared {
    char name[24];
    size_t count;
    Oid types[]; /* 0: only NULL was seen there, and the server chose */
};

static struct postgres_db *of(struct sql *db)
{
    return (struct postgres_db *)db;
}

static struct sql *make(void)
{
    void *made = calloc(1, sizeof(struct postgres_db));

    return made; /* whose first member it is */
}

/* ---- failures ---- */

static const struct {
    const char *code; /* SQLSTATE, or the beginning of some */
    enum sql_fault fault;
} FAULTS[] = {
    { "08", SQL_AWAY },       { "57P", SQL_AWAY },      { "53300", SQL_AWAY },
    { "40001", SQL_BUSY },    { "40P01", SQL_BUSY },    { "55P03", SQL_BUSY },
    { "53100", SQL_FULL },    { "25006", SQL_FULL },    { "42501", SQL_FULL },
    { "23", SQL_CONSTRAINT }, { "XX001", SQL_CORRUPT }, { "XX002", SQL_CORRUPT },
    { "42P01", SQL_OLD },     { "42703", SQL_OLD },     { "57014", SQL_SLOW },
};

static enum sql_fault fault_of(const char *code)
{
    for (size_t i = 0; code && i < sizeof FAULTS / sizeof *FAULTS; i++)
        if (strncmp(code, FAULTS[i].code, strlen(FAULTS[i].code)) == 0)
            return FAULTS[i].fault;
    return SQL_OTHER;
}

/* libpq's messages in one line. */
static void one_line(const char *text, char *ret, size_t room)
{
    size_t len = 0;

    while (*text && len + 3 < room) {
        const char c = *text++;

        if (c != '\n') {
            if (c != '\t') /* in front of a line that goes on */
                ret[len++] = c;
        } else if (*text) {
            ret[len++] = ';';
            ret[len++] = ' ';
        }
    }
    ret[len] = '\0';
}

static enum ou_status fail_away(struct postgres_db *d, struct ou_error *err)
{
    char text[512];

    one_line(PQerrorMessage(d->connection), text, sizeof text);
    return sql_fail(&d->sql, SQL_AWAY, err, "%s: %s", d->sql.shown,
                    text[0] ? text : "the connection was lost");
}

static enum ou_status fail_result(struct postgres_db *d, const PGresult *result,
                                  struct ou_error *err)
{
    const char *code = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *says = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *shown = d->sql.shown;
    enum sql_fault fault = fault_of(code);

    if (PQstatus(d->connection) == CONNECTION_BAD || (fault != SQL_AWAY && !code))
        return fail_away(d, err);
    if (!says)
        says = "no reason was given";
    if (fault == SQL_BUSY)
        return sql_fail(&d->sql, fault, err, "%s: others are writing: %s", shown, says);
    if (fault == SQL_SLOW)
        return sql_fail(&d->sql, fault, err, "%s: no answer within %g s", shown,
                        d->sql.options.answer_s);
    if (fault == SQL_OLD)
        return sql_fail(&d->sql, fault, err,
                        "%s: %s: `ouroscope db migrate` helps if it was made by an older version",
                        shown, says);
    return sql_fail(&d->sql, fault, err, "%s: %s", shown, says);
}

/* ---- places ---- */

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val;
    return NULL;
}

/* "postgres://me@db.example:5432/results", or with "?host=/run/postgresql". */
static void show(const PQconninfoOption *options, char *ret, size_t room)
{
    const char *user = value_of(options, "user"), *host = value_of(options, "host");
    const char *port = value_of(options, "port"), *name = value_of(options, "dbname");
    bool by_socket = host && host[0] == '/';

    (void)snprintf(ret, room, "postgres://%s%s%s%s%s/%s%s%s", user ? user : "", user ? "@" : "",
                   host && !by_socket ? host : "", port ? ":" : "", port ? port : "",
                   name ? name : "", by_socket ? "?host=" : "", by_socket ? host : "");
}

/* What libpq says of a place that it cannot read may have the password in it. */
static enum ou_status look_at_place(struct sql *db, struct ou_error *err)
{
    PQconninfoOption *options = PQconninfoParse(db->place, NULL);

    if (!options) {
        (void)snprintf(db->shown, sizeof db->shown, "postgres://...");
        return ou_fail(err, OU_INVALID,
                       "the URL of the database cannot be read: postgres://USER@HOST:PORT/NAME,"
                       " with %%2F for a / inside of a part");
    }
    show(options, db->shown, sizeof db->shown);
    PQconninfoFree(options);
    return OU_OK;
}

/* ---- connections ---- */

static void say_nothing(void *context, const char *message)
{
    (void)context, (void)message;
}

/* What was set in the URL goes before these, and the environment's before the last two. */
static PGconn *connect_place(const struct sql *db)
{
    const char *const keywords[] = {
        "connect_timeout",  "keepalives_idle",  "keepalives_interval",
        "keepalives_count", "tcp_user_timeout", "fallback_application_name",
        "dbname",           "client_encoding",  NULL,
    };
    const char *const values[] = {
        CONNECT_TIMEOUT_S, "30", "10", "3", "30000", db->application, db->place, "UTF8", NULL,
    };

    return PQconnectdbParams(keywords, values, 1);
}

static enum ou_status script(struct sql *db, const char *text, struct ou_error *err);

/* A server that forgets what was committed is told not to, for this session. A writer that is
 * gone without a word, or stuck, does not keep the others waiting for ever. */
static enum ou_status set_up(struct sql *db, struct ou_error *err)
{
    char text[768];

    (void)snprintf(text, sizeof text,
                   "SET client_min_messages = error; SET standard_conforming_strings = on;"
                   "SET jit = off; SET statement_timeout = %.0f; SET lock_timeout = %d;"
                   "SET idle_in_transaction_session_timeout = '5min';"
                   "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10;"
                   "SET tcp_keepalives_count = 3; SET default_transaction_read_only = %s;"
                   "SELECT set_config('synchronous_commit', 'on', false)"
                   " WHERE current_setting('synchronous_commit') = 'off'",
                   db->options.answer_s * 1000, sql_wait_ms(db),
                   db->options.read_only ? "on" : "off");
    return script(db, text, err);
}

static void disconnect(struct sql *db)
{
    struct postgres_db *d = of(db);

    PQclear(d->result);
    d->result = NULL;
    PQfinish(d->connection);
    d->connection = NULL;
}

static enum ou_status check_encoding(struct postgres_db *d, struct ou_error *err)
{
    const char *encoding = PQparameterStatus(d->connection, "server_encoding");

    if (encoding && strcmp(encoding, "UTF8") == 0)
        return OU_OK;
    (void)sql_fail(&d->sql, SQL_CORRUPT, NULL, "%s", "");
    return ou_fail(err, OU_INVALID,
                   "%s: its encoding is %s and UTF8 is needed: createdb -E UTF8 -T template0 NAME",
                   d->sql.shown, encoding ? encoding : "not known");
}

static enum ou_status connect_server(struct sql *db, struct ou_error *err)
{
    struct postgres_db *d = of(db);
    enum ou_status status;

    d->connection = connect_place(db);
    if (!d->connection)
        return ou_fail(err, OU_NO_MEMORY, "open %s: no memory", db->shown);
    PQsetNoticeProcessor(d->connection, say_nothing, NULL);
    status = PQstatus(d->connection) == CONNECTION_OK ? OU_OK : fail_away(d, err);
    if (!status)
        status = check_encoding(d, err);
    if (!status)
        status = set_up(db, err);
    if (status)
        disconnect(db);
    return status;
}

/* A server that went away has closed its side, and said so; that is seen without asking it anything. */
static bool is_connected(struct sql *db)
{
    struct postgres_db *d = of(db);
    struct pollfd fd = { .fd = d->connection ? PQsocket(d->connection) : -1, .events = POLLIN };

    if (fd.fd < 0 || PQstatus(d->connection) != CONNECTION_OK)
        return false;
    while (poll(&fd, 1, 0) > 0)
        if (!PQconsumeInput(d->connection) || PQstatus(d->connection) != CONNECTION_OK)
            return false;
    return true;
}

/* ---- transactions ---- */

static enum ou_status script(struct sql *db, const char *text, struct ou_error *err)
{
    struct postgres_db *d = of(db);
    PGresult *result = PQexec(d->connection, text);
    ExecStatusType got = PQresultStatus(result);
    enum ou_status status = OU_OK;

    if (got != PGRES_COMMAND_OK && got != PGRES_TUPLES_OK && got != PGRES_EMPTY_QUERY)
        status = fail_result(d, result, err);
    PQclear(result);
    return status;
}

static enum ou_status commit(struct sql *db, struct ou_error *err)
{
    struct postgres_db *d = of(db);
    PGresult *result = PQexec(d->connection, "COMMIT");
    enum ou_status status = OU_OK;

    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        status = fail_result(d, result, err);
    else if (strcmp(PQcmdStatus(result), "COMMIT") !=
             0) /* it says ROLLBACK of one that had failed */
        status = sql_fail(db, SQL_OTHER, err, "%s: nothing was written", db->shown);
    if (status && db->fault == SQL_AWAY)
        status = sql_fail(db, SQL_AWAY, err,
                          "%s: the connection was lost while writing: it is not known whether it"
                          " was written; look, or do it again",
                          db->shown);
    PQclear(result);
    return status;
}

static bool rollback(struct sql *db)
{
    struct postgres_db *d = of(db);

    if (!d->connection || PQstatus(d->connection) != CONNECTION_OK)
        return false;
    return PQtransactionStatus(d->connection) == PQTRANS_IDLE ||
           script(db, "ROLLBACK", NULL) == OU_OK;
}

/* ---- statements ---- */

/* A statement keeps the types that it was prepared with; NULL goes with all of them. */
static bool fits(const struct prepared *prepared, const struct sql_value *args, size_t count)
{
    if (prepared->count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (args[i].type != SQL_NULL && prepared->types[i] != pg_type_of(&args[i]))
            return false;
    return true;
}

static struct prepared *describe(struct postgres_db *d, const struct prepared *before,
                                 const struct sql_value *args, size_t count)
{
    struct prepared *p = malloc(sizeof *p + count * sizeof *p->types);

    if (!p)
        return NULL;
    (void)snprintf(p->name, sizeof p->name, "s%llu", (unsigned long long)++d->names_given);
    p->count = count;
    for (size_t i = 0; i < count; i++) {
        p->types[i] = pg_type_of(&args[i]);
        if (p->types[i] == 0 && before && i < before->count)
            p->types[i] = before->types[i];
    }
    return p;
}

static void forget(struct sql *db, struct sql_statement *statement)
{
    struct postgres_db *d = of(db);
    struct prepared *p = statement->prepared;
    char text[48];

    statement->prepared = NULL;
    if (d->connection && PQtransactionStatus(d->connection) != PQTRANS_INERROR) {
        (void)snprintf(text, sizeof text, "DEALLOCATE %s", p->name);
        PQclear(PQexec(d->connection, text));
    }
    free(p);
}

static enum ou_status prepare(struct sql *db, struct sql_statement *statement,
                              const struct sql_value *args, size_t count, struct ou_error *err)
{
    struct postgres_db *d = of(db);
    enum ou_status status = OU_OK;
    struct prepared *p;
    PGresult *result;

    if (statement->prepared && fits(statement->prepared, args, count))
        return OU_OK;
    p = describe(d, statement->prepared, args, count);
    if (!p)
        return ou_fail(err, OU_NO_MEMORY, "prepare a statement: no memory");
    if (statement->prepared)
        forget(db, statement);
    result = PQprepare(d->connection, p->name, statement->text, (int)count, p->types);
    if (PQresultStatus(result) == PGRES_COMMAND_OK)
        statement->prepared = p;
    else
        status = fail_result(d, result, err);
    if (status)
        free(p);
    PQclear(result);
    return status;
}

static void put_values(struct postgres_db *d, const struct sql_value *args, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        d->formats[i] = 1;
        d->values[i] = pg_value(&args[i], d->numbers[i], &d->lengths[i]);
    }
}

static enum ou_status check_columns(struct postgres_db *d, struct ou_error *err)
{
    for (int i = 0; i < PQnfields(d->result); i++)
        if (!pg_is_readable(PQftype(d->result, i)))
            return sql_fail(&d->sql, SQL_OTHER, err, "%s: column %d has a type that is not read",
                            d->sql.shown, i + 1);
    return OU_OK;
}

static enum ou_status start(struct sql *db, struct sql_statement *statement,
                            const struct sql_value *args, size_t count, struct ou_error *err)
{
    struct postgres_db *d = of(db);
    const struct prepared *p = statement->prepared;
    ExecStatusType got;

    for (size_t i = 0; i < count; i++)
        if (args[i].type >= SQL_TEXT && args[i].bytes.len > INT32_MAX)
            return ou_fail(err, OU_TOO_LARGE, "%s: value %zu is too large", db->shown, i + 1);
    put_values(d, args, count);
    d->result =
        PQexecPrepared(d->connection, p->name, (int)count, d->values, d->lengths, d->formats, 1);
    got = PQresultStatus(d->result);
    if (got != PGRES_TUPLES_OK && got != PGRES_COMMAND_OK)
        return fail_result(d, d->result, err);
    d->row = -1;
    d->row_count = got == PGRES_TUPLES_OK ? PQntuples(d->result) : 0;
    return check_columns(d, err);
}

static enum ou_status step(struct sql *db, struct sql_statement *statement, bool *ret_row,
                           struct ou_error *err)
{
    struct postgres_db *d = of(db);

    (void)statement, (void)err;
    *ret_row = ++d->row < d->row_count;
    return OU_OK;
}

static void finish(struct sql *db, struct sql_statement *statement)
{
    (void)statement;
    PQclear(of(db)->result);
    of(db)->result = NULL;
}

static int64_t changed(struct sql *db, struct sql_statement *statement)
{
    (void)statement;
    return strtoll(PQcmdTuples(of(db)->result), NULL, 10);
}

static struct sql_value column(const struct sql *db, const struct sql_statement *statement,
                               int index)
{
    const struct postgres_db *d = (const struct postgres_db *)db;
    struct span bytes;

    (void)statement;
    if (PQgetisnull(d->result, d->row, index))
        return sql_none();
    bytes.at = PQgetvalue(d->result, d->row, index);
    bytes.len = (size_t)PQgetlength(d->result, d->row, index);
    return pg_read(PQftype(d->result, index), bytes);
}

/* ---- listening ---- */

static enum ou_status listen_to_others(struct sql *db, struct ou_error *err)
{
    return script(db, "LISTEN ouroscope", err);
}

static bool take_notes(PGconn *connection)
{
    bool heard = false;
    PGnotify *note;

    while ((note = PQnotifies(connection))) {
        heard = true;
        PQfreemem(note);
    }
    return heard;
}

static enum ou_status await(struct sql *db, int stop_fd, double seconds, bool *ret_heard,
                            struct ou_error *err)
{
    struct postgres_db *d = of(db);
    struct pollfd fds[] = {
        { .fd = PQsocket(d->connection), .events = POLLIN },
        { .fd = stop_fd, .events = POLLIN },
    };

    *ret_heard = take_notes(d->connection);
    if (*ret_heard || poll(fds, 2, (int)(seconds * 1000)) <= 0 || !fds[0].revents)
        return OU_OK;
    if (!PQconsumeInput(d->connection) || PQstatus(d->connection) != CONNECTION_OK)
        return fail_away(d, err);
    *ret_heard = take_notes(d->connection);
    return OU_OK;
}

const struct sql_driver sql_postgres_driver = {
    .kind = SQL_POSTGRES,
    .begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    /* The statement that waits for the lock must not settle what the later ones see: READ COMMITTED. */
    .begin_write =
        "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(" WRITE_LOCK ")",
    .make = make,
    .look_at_place = look_at_place,
    .connect = connect_server,
    .disconnect = disconnect,
    .is_connected = is_connected,
    .script = script,
    .commit = commit,
    .rollback = rollback,
    .prepare = prepare,
    .forget = forget,
    .start = start,
    .step = step,
    .finish = finish,
    .changed = changed,
    .column = column,
    .listen = listen_to_others,
    .await = await,
};
