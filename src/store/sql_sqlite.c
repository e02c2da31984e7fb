/* SQLite: one file beside its write-ahead log, many readers and one writer at a time. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "store/sql_private.h"

#define BLOB_MAX (256 << 20)
#define STATEMENT_MAX (1 << 20)
#define STEPS_BETWEEN_LOOKS 10000
#define LOOK_MS 250

struct sqlite_db {
    struct sql sql; /* first */
    sqlite3 *handle;
    bool was_there; /* connected before: the file is not to be made again */
    dev_t device;   /* of the file that is open */
    ino_t inode;
    int64_t deadline_ns; /* of the running statement; 0: none */
    int64_t data_version;
};

static struct sqlite_db *of(struct sql *db)
{
    return (struct sqlite_db *)db;
}

static struct sql *make(void)
{
    void *made = calloc(1, sizeof(struct sqlite_db));

    return made; /* whose first member it is */
}

/* ---- failures ---- */

static enum sql_fault fault_of(const struct sqlite_db *d, int code)
{
    int os_error = d->handle ? sqlite3_system_errno(d->handle) : 0;

    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return SQL_BUSY;
    case SQLITE_FULL: return SQL_FULL;
    case SQLITE_READONLY: return code == SQLITE_READONLY_DBMOVED ? SQL_AWAY : SQL_FULL;
    case SQLITE_CONSTRAINT: return SQL_CONSTRAINT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return SQL_CORRUPT;
    case SQLITE_INTERRUPT: return SQL_SLOW;
    case SQLITE_IOERR:
        return os_error == ENOSPC || os_error == EDQUOT || os_error == EFBIG ? SQL_FULL : SQL_OTHER;
    default: return SQL_OTHER;
    }
}

static enum ou_status fail_code(struct sqlite_db *d, int code, struct ou_error *err)
{
    enum sql_fault fault = fault_of(d, code);
    const char *shown = d->sql.shown;
    const char *says = d->handle ? sqlite3_errmsg(d->handle) : sqlite3_errstr(code);

    if ((code & 0xff) == SQLITE_NOMEM)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", shown);
    if ((code & 0xff) == SQLITE_TOOBIG)
        return ou_fail(err, OU_TOO_LARGE, "%s: a value is larger than %d bytes", shown, BLOB_MAX);
    if (fault == SQL_BUSY)
        return sql_fail(&d->sql, fault, err, "%s: another program has been writing for %g s", shown,
                        d->sql.options.busy_s);
    if (fault == SQL_AWAY)
        return sql_fail(&d->sql, fault, err, "%s: the file was moved or removed", shown);
    if ((code & 0xff) == SQLITE_READONLY)
        return sql_fail(&d->sql, fault, err, "%s: may not be written to", shown);
    if (fault == SQL_FULL)
        return sql_fail(&d->sql, fault, err, "%s: the disk is full: nothing was written", shown);
    if (fault == SQL_SLOW)
        return sql_fail(&d->sql, fault, err, "%s: no answer within %g s", shown,
                        d->sql.options.answer_s);
    if ((code & 0xff) == SQLITE_NOTADB)
        return sql_fail(&d->sql, fault, err, "%s: is no SQLite database", shown);
    if (fault == SQL_OTHER && (strstr(says, "no such ") || strstr(says, " has no column named ")))
        return sql_fail(&d->sql, SQL_OLD, err,
                        "%s: %s: `ouroscope db migrate --db %s` helps if it"
                        " was made by an older version",
                        shown, says, shown);
    return sql_fail(&d->sql, fault, err, "%s: %s", shown, says);
}

/* ---- connections ---- */

static enum ou_status look_at_place(struct sql *db, struct ou_error *err)
{
    /* ":memory:" and "file:..." mean something to SQLite; here a place is a path. */
    const char *in_front = db->place[0] == '/' ? "" : "./";
    char *path;

    (void)snprintf(db->shown, sizeof db->shown, "%s", db->place);
    if (!db->place[0])
        return sql_fail(db, SQL_OTHER, err, "the place of a database is empty");
    if (asprintf(&path, "%s%s", in_front, db->place) < 0)
        return ou_fail(err, OU_NO_MEMORY, "open %s: no memory", db->shown);
    free(db->place);
    db->place = path;
    return OU_OK;
}

static enum ou_status fail_open(struct sqlite_db *d, int os_error, struct ou_error *err)
{
    if (d->sql.must_exist)
        return sql_fail(&d->sql, SQL_AWAY, err, "%s: the file was moved or removed", d->sql.shown);
    d->sql.fault = SQL_OTHER;
    return ou_fail(err, os_error == ENOENT ? OU_NOT_FOUND : OU_IO, "open %s: %s", d->sql.shown,
                   strerror(os_error));
}

/* The file is made before SQLite does, which would let everybody read it. Only where there is none: closing a descriptor
 * of a database that is open already would take its locks away. */
static enum ou_status make_file(struct sqlite_db *d, struct ou_error *err)
{
    const char *path = d->sql.place;
    struct stat st;
    int fd;

    if (stat(path, &st) == 0) {
        if (S_ISREG(st.st_mode))
            return OU_OK;
        return sql_fail(&d->sql, SQL_CORRUPT, err, "open %s: it is no file", d->sql.shown);
    }
    if (errno != ENOENT || d->sql.options.read_only || d->sql.must_exist)
        return fail_open(d, errno, err);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) /* another program was quicker; or a link that leads nowhere */
        return stat(path, &st) == 0 ? OU_OK : fail_open(d, ENOENT, err);
    if (fd < 0)
        return fail_open(d, errno, err);
    close(fd);
    return OU_OK;
}

/* Who only reads and may write opens the file for both all the same (set_up() sees to it that nothing is written): so the last
 * one to leave can tidy away the log, which a reader in the file's own sense could not. */
static int open_flags(const struct sqlite_db *d)
{
    bool may_write = !d->sql.options.read_only || access(d->sql.place, W_OK) == 0;

    return (may_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX |
           SQLITE_OPEN_PRIVATECACHE;
}

static enum ou_status open_file(struct sqlite_db *d, struct ou_error *err)
{
    /* While one thread makes the file no other one has it open. */
    static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
    enum ou_status status;
    int code;

    pthread_mutex_lock(&making);
    status = make_file(d, err);
    if (!status) {
        code = sqlite3_open_v2(d->sql.place, &d->handle, open_flags(d), NULL);
        if (d->handle)
            sqlite3_extended_result_codes(d->handle, 1);
        if (code)
            status = fail_code(d, code, err);
    }
    pthread_mutex_unlock(&making);
    return status;
}

static int look_at_clock(void *context)
{
    const struct sqlite_db *d = context;

    return d->deadline_ns && time_monotonic_ns() > d->deadline_ns;
}

static void limit(sqlite3 *handle)
{
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, BLOB_MAX);
    sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, STATEMENT_MAX);
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 1); /* VACUUM has one */
    sqlite3_limit(handle, SQLITE_LIMIT_VARIABLE_NUMBER, (int)SQL_ARGS_MAX);
    sqlite3_limit(handle, SQLITE_LIMIT_EXPR_DEPTH, 500);
    /* Who can write to the file must not get more than that by it. */
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
}

static enum ou_status script(struct sql *db, const char *text, struct ou_error *err);

/* A file with tables of another program is refused later, and until then nothing of it is changed. */
static bool is_of_others(struct sqlite_db *d)
{
    sqlite3_stmt *s = NULL;
    bool others = sqlite3_prepare_v2(d->handle,
                                     "SELECT count(*) > 0 AND sum(name = 'schema_versions') = 0 "
                                     "FROM sqlite_master WHERE type = 'table'",
                                     -1, &s, NULL) == SQLITE_OK &&
                  sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0);

    sqlite3_finalize(s);
    return others;
}

/* Going over to the write-ahead log wants the file for itself for a moment, and SQLite does not wait for that. */
static enum ou_status use_log(struct sqlite_db *d, struct ou_error *err)
{
    int64_t end_ns = time_monotonic_ns() + (int64_t)(d->sql.options.busy_s * NS_PER_SECOND);
    enum ou_status status;

    if (d->sql.options.read_only || is_of_others(d))
        return OU_OK;
    while ((status = script(&d->sql, "PRAGMA journal_mode = WAL", err)) &&
           d->sql.fault == SQL_BUSY && time_monotonic_ns() < end_ns)
        (void)poll(NULL, 0, 10);
    return status;
}

/* A commit is on the disk before it is acknowledged: synchronous = FULL. Pages are not mapped: a disk that fails is to be
 * an error, not a signal. */
static enum ou_status set_up(struct sqlite_db *d, struct ou_error *err)
{
    enum ou_status status;

    sqlite3_busy_timeout(d->handle, sql_wait_ms(&d->sql));
    limit(d->handle);
    if (d->sql.options.answer_s > 0)
        sqlite3_progress_handler(d->handle, STEPS_BETWEEN_LOOKS, look_at_clock, d);
    status = script(&d->sql, "SELECT count(*) FROM sqlite_schema", err);
    if (!status)
        status = use_log(d, err);
    if (!status)
        status = script(&d->sql,
                        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;"
                        "PRAGMA journal_size_limit = 67108864; PRAGMA mmap_size = 0;",
                        err);
    if (!status && d->sql.options.read_only)
        status = script(&d->sql, "PRAGMA query_only = ON", err);
    return status;
}

static void disconnect(struct sql *db)
{
    struct sqlite_db *d = of(db);

    sqlite3_close_v2(d->handle); /* the last statement that is forgotten ends it */
    d->handle = NULL;
}

static enum ou_status connect_file(struct sql *db, struct ou_error *err)
{
    struct sqlite_db *d = of(db);
    enum ou_status status = open_file(d, err);
    struct stat st;

    if (!status)
        status = set_up(d, err);
    if (!status && stat(db->place, &st) < 0)
        status = fail_open(d, errno, err);
    if (status) {
        disconnect(db);
        return status;
    }
    d->device = st.st_dev;
    d->inode = st.st_ino;
    d->sql.must_exist = true;
    return OU_OK;
}

/* With a write-ahead log SQLite would go on writing to a file that has no name any more. */
static bool is_connected(struct sql *db)
{
    const struct sqlite_db *d = of(db);
    struct stat st;

    return d->handle && stat(db->place, &st) == 0 && st.st_dev == d->device &&
           st.st_ino == d->inode;
}

/* ---- statements ---- */

static void set_deadline(struct sqlite_db *d)
{
    if (d->sql.options.answer_s > 0)
        d->deadline_ns = time_monotonic_ns() + (int64_t)(d->sql.options.answer_s * NS_PER_SECOND);
}

static enum ou_status script(struct sql *db, const char *text, struct ou_error *err)
{
    struct sqlite_db *d = of(db);
    int code;

    d->deadline_ns = 0;
    code = sqlite3_exec(d->handle, text, NULL, NULL, NULL);
    return code ? fail_code(d, code, err) : OU_OK;
}

static enum ou_status commit(struct sql *db, struct ou_error *err)
{
    return script(db, "COMMIT", err);
}

static bool rollback(struct sql *db)
{
    struct sqlite_db *d = of(db);

    /* After some failures SQLite has undone it already. */
    return d->handle &&
           (sqlite3_get_autocommit(d->handle) || script(db, "ROLLBACK", NULL) == OU_OK);
}

static enum ou_status prepare(struct sql *db, struct sql_statement *statement,
                              const struct sql_value *args, size_t count, struct ou_error *err)
{
    struct sqlite_db *d = of(db);
    sqlite3_stmt *prepared = NULL;
    struct buffer text;
    enum ou_status status;
    int code;

    (void)args, (void)count;
    if (statement->prepared)
        return OU_OK;
    buffer_init(&text, allocator_libc(), STATEMENT_MAX);
    sql_numbered(statement->text, &text);
    status = buffer_status(&text);
    if (status) {
        status = ou_fail(err, status, "prepare a statement: %s", ou_status_name(status));
    } else {
        code = sqlite3_prepare_v3(d->handle, buffer_string(&text), (int)text.len + 1,
                                  SQLITE_PREPARE_PERSISTENT, &prepared, NULL);
        if (code)
            status = fail_code(d, code, err);
        statement->prepared = prepared;
    }
    buffer_release(&text);
    return status;
}

static void forget(struct sql *db, struct sql_statement *statement)
{
    (void)db;
    sqlite3_finalize(statement->prepared);
    statement->prepared = NULL;
}

static int bind(const struct sql *db, sqlite3_stmt *prepared, int index,
                const struct sql_value *value)
{
    sqlite3_destructor_type how = db->args_stay ? SQLITE_STATIC : SQLITE_TRANSIENT;
    const char *at = value->bytes.at ? value->bytes.at : "";

    switch (value->type) {
    case SQL_NULL: return sqlite3_bind_null(prepared, index);
    case SQL_INT: return sqlite3_bind_int64(prepared, index, value->integer);
    case SQL_REAL: return sqlite3_bind_double(prepared, index, value->real);
    case SQL_TEXT:
        return sqlite3_bind_text64(prepared, index, at, value->bytes.len, how, SQLITE_UTF8);
    case SQL_BLOB: return sqlite3_bind_blob64(prepared, index, at, value->bytes.len, how);
    }
    return SQLITE_MISUSE;
}

static enum ou_status start(struct sql *db, struct sql_statement *statement,
                            const struct sql_value *args, size_t count, struct ou_error *err)
{
    struct sqlite_db *d = of(db);
    int wanted = sqlite3_bind_parameter_count(statement->prepared);

    if ((size_t)wanted != count)
        return sql_fail(db, SQL_OTHER, err, "%s: a statement wants %d values and has %zu",
                        db->shown, wanted, count);
    for (size_t i = 0; i < count; i++) {
        int code = bind(db, statement->prepared, (int)i + 1, &args[i]);

        if (code)
            return fail_code(d, code, err);
    }
    set_deadline(d);
    return OU_OK;
}

static enum ou_status step(struct sql *db, struct sql_statement *statement, bool *ret_row,
                           struct ou_error *err)
{
    int code = sqlite3_step(statement->prepared);

    *ret_row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? OU_OK : fail_code(of(db), code, err);
}

static void finish(struct sql *db, struct sql_statement *statement)
{
    (void)db;
    sqlite3_reset(statement->prepared);
    sqlite3_clear_bindings(statement->prepared);
}

static int64_t changed(struct sql *db, struct sql_statement *statement)
{
    /* SQLite counts those of the last statement that wrote, whichever it was. */
    return sqlite3_stmt_readonly(statement->prepared) ? 0 : sqlite3_changes64(of(db)->handle);
}

static struct span bytes_at(const void *at, int len)
{
    return (struct span){ at ? at : "", (size_t)len };
}

static struct sql_value column(const struct sql *db, const struct sql_statement *statement,
                               int index)
{
    sqlite3_stmt *s = statement->prepared;

    (void)db;
    switch (sqlite3_column_type(s, index)) {
    case SQLITE_INTEGER: return sql_int(sqlite3_column_int64(s, index));
    case SQLITE_FLOAT: return sql_real(sqlite3_column_double(s, index));
    case SQLITE_TEXT: {
        const void *text = sqlite3_column_text(s, index);

        return sql_span(bytes_at(text, sqlite3_column_bytes(s, index)));
    }
    case SQLITE_BLOB: {
        const void *blob = sqlite3_column_blob(s, index);

        return sql_blob(bytes_at(blob, sqlite3_column_bytes(s, index)));
    }
    default: return sql_none();
    }
}

/* ---- listening ---- */

/* The number that changes when another connection has written. */
static enum ou_status read_version(struct sqlite_db *d, int64_t *ret, struct ou_error *err)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(d->handle, "PRAGMA data_version", -1, &s, NULL);

    if (!code)
        code = sqlite3_step(s);
    if (code == SQLITE_ROW)
        *ret = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return code == SQLITE_ROW ? OU_OK : fail_code(d, code, err);
}

static enum ou_status listen_to_others(struct sql *db, struct ou_error *err)
{
    return read_version(of(db), &of(db)->data_version, err);
}

static enum ou_status await(struct sql *db, int stop_fd, double seconds, bool *ret_heard,
                            struct ou_error *err)
{
    struct sqlite_db *d = of(db);
    int64_t end_ns = time_monotonic_ns() + (int64_t)(seconds * NS_PER_SECOND);
    struct pollfd stop = { .fd = stop_fd, .events = POLLIN };
    int64_t version = d->data_version;
    enum ou_status status = OU_OK;

    while (!status && version == d->data_version && time_monotonic_ns() < end_ns &&
           poll(&stop, 1, LOOK_MS) == 0)
        status = read_version(d, &version, err);
    *ret_heard = version != d->data_version;
    d->data_version = version;
    return status;
}

const struct sql_driver sql_sqlite_driver = {
    .kind = SQL_SQLITE,
    .begin_read = "BEGIN",
    .begin_write = "BEGIN IMMEDIATE",
    .make = make,
    .look_at_place = look_at_place,
    .connect = connect_file,
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
