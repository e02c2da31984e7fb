#include "store/migrate.h"

#include <inttypes.h>
#include <sodium.h>

#include "base/time.h"
#include "store/migrate_private.h"

#define STEP_TEXT_MAX ((size_t)256 << 10)

extern char schema_0001_results_sql[], schema_0002_judgements_sql[], schema_0003_access_sql[],
    schema_0004_feed_sql[];

static const struct {
    const char *name, *text;
} STEPS[] = {
    { "0001-results", schema_0001_results_sql },
    { "0002-judgements", schema_0002_judgements_sql },
    { "0003-access", schema_0003_access_sql },
    { "0004-feed", schema_0004_feed_sql },
};
#define STEP_COUNT (sizeof STEPS / sizeof *STEPS)

static const char VERSIONS_TABLE[] = "CREATE TABLE IF NOT EXISTS schema_versions (\n"
                                     "    number INTEGER NOT NULL PRIMARY KEY,\n"
                                     "    name TEXT NOT NULL,\n"
                                     "    sha256 TEXT NOT NULL,\n"
                                     "    applied_ns INTEGER NOT NULL\n"
                                     ");\n";

size_t migrate_count(void)
{
    return STEP_COUNT;
}

struct schema_version migrate_version(size_t i)
{
    return (struct schema_version){ (int64_t)i + 1, STEPS[i].name };
}

void migrate_text(size_t i, enum sql_kind kind, struct buffer *ret)
{
    schema_text(STEPS[i].text, kind, ret);
}

void migrate_hash(size_t i, char ret[SCHEMA_HASH_ROOM])
{
    unsigned char sum[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(sum, (const unsigned char *)STEPS[i].text, strlen(STEPS[i].text));
    sodium_bin2hex(ret, SCHEMA_HASH_ROOM, sum, sizeof sum);
}

/* ---- what is there ---- */

static enum ou_status query_number(struct sql *db, const char *statement, int64_t *ret,
                                   struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    int64_t number = 0;
    enum ou_status status = sql_query(db, statement, SQL_NO_ARGS, &rows, err);

    if (status)
        return status;
    if (sql_next(rows))
        number = sql_get_int(rows, 0);
    status = sql_rows_end(rows, err);
    if (!status)
        *ret = number;
    return status;
}

/* Asked of the catalogue: a statement that fails would end the transaction. */
static enum ou_status count_tables(struct sql *db, bool versions_only, int64_t *ret,
                                   struct ou_error *err)
{
    static const char *const all[] = {
        [SQL_SQLITE] = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                       " AND name NOT LIKE 'sqlite%'",
        [SQL_POSTGRES] = "SELECT count(*) FROM pg_catalog.pg_class WHERE relkind = 'r'"
                         " AND pg_catalog.pg_table_is_visible(oid)"
                         " AND relnamespace = pg_catalog.current_schema()::regnamespace",
    };
    static const char *const versions[] = {
        [SQL_SQLITE] = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                       " AND name = 'schema_versions'",
        [SQL_POSTGRES] = "SELECT count(*) FROM pg_catalog.pg_class WHERE relkind = 'r'"
                         " AND relname = 'schema_versions'"
                         " AND pg_catalog.pg_table_is_visible(oid)",
    };

    return query_number(db, (versions_only ? versions : all)[sql_kind(db)], ret, err);
}

enum ou_status migrate_current(struct sql *db, int64_t *ret, struct ou_error *err)
{
    int64_t tables = 0;
    enum ou_status status = count_tables(db, true, &tables, err);

    if (!status && tables > 0)
        return query_number(db, "SELECT max(number) FROM schema_versions", ret, err);
    if (!status)
        *ret = 0;
    return status;
}

static enum ou_status fail_newer(struct sql *db, int64_t current, struct ou_error *err)
{
    return ou_fail(err, OU_INVALID,
                   "%s: its schema is version %" PRId64 " and this ouroscope knows %zu: use the"
                   " ouroscope that made it, or a newer one",
                   sql_shown(db), current, STEP_COUNT);
}

enum ou_status migrate_check(struct sql *db, struct ou_error *err)
{
    int64_t current = 0;
    enum ou_status status = migrate_current(db, &current, err);

    if (status)
        return status;
    if (current > (int64_t)STEP_COUNT)
        return fail_newer(db, current, err);
    if (current == 0)
        return ou_fail(
            err, OU_INVALID,
            "%s: is no results database yet: `ouroscope db migrate --db %s` makes it one",
            sql_shown(db), sql_shown(db));
    if (current < (int64_t)STEP_COUNT)
        return ou_fail(err, OU_INVALID,
                       "%s: its schema is version %" PRId64 " and this ouroscope wants %zu:"
                       " `ouroscope db migrate --db %s` brings it up to date",
                       sql_shown(db), current, STEP_COUNT, sql_shown(db));
    return OU_OK;
}

/* ---- steps ---- */

static enum ou_status run_text(struct sql *db, const char *text, struct ou_error *err)
{
    struct buffer script;
    enum ou_status status;

    buffer_init(&script, allocator_libc(), STEP_TEXT_MAX);
    schema_text(text, sql_kind(db), &script);
    status = buffer_status(&script);
    if (status)
        status = ou_fail(err, status, "make the schema: %s", ou_status_name(status));
    else
        status = sql_script(db, buffer_string(&script), err);
    buffer_release(&script);
    return status;
}

/* An SQLite file is ours alone; of PostgreSQL one schema may hold what others need too. */
static enum ou_status begin_versions(struct sql *db, struct ou_error *err)
{
    int64_t tables = 0;
    enum ou_status status = OU_OK;

    if (sql_kind(db) == SQL_SQLITE)
        status = count_tables(db, false, &tables, err);
    if (!status && tables > 0)
        status = ou_fail(err, OU_INVALID, "%s: holds tables of another program", sql_shown(db));
    if (!status)
        status = run_text(db, VERSIONS_TABLE, err);
    return status;
}

static enum ou_status apply(struct sql *db, size_t i, struct ou_error *err)
{
    char hash[SCHEMA_HASH_ROOM];
    enum ou_status status = i == 0 ? begin_versions(db, err) : OU_OK;

    if (!status)
        status = run_text(db, STEPS[i].text, err);
    if (status)
        return status;
    migrate_hash(i, hash);
    return sql_run(db,
                   "INSERT INTO schema_versions (number, name, sha256, applied_ns)"
                   " VALUES ($1, $2, $3, $4)",
                   SQL_ARGS(sql_int((int64_t)i + 1), sql_text(STEPS[i].name), sql_text(hash),
                            sql_int(time_wall_ns())),
                   NULL, err);
}

struct migration {
    int64_t to;
    size_t steps; /* that were made */
};

/* What is there is asked in the same transaction: another program may have been quicker. */
static enum ou_status apply_all(struct sql *db, void *context, struct ou_error *err)
{
    struct migration *m = context;
    int64_t current = 0;
    enum ou_status status = migrate_current(db, &current, err);

    m->steps = 0;
    if (status)
        return status;
    if (current > (int64_t)STEP_COUNT)
        return fail_newer(db, current, err);
    for (; !status && current < m->to; current++, m->steps++)
        status = apply(db, (size_t)current, err);
    return status;
}

enum ou_status migrate(struct sql *db, int64_t to, size_t *ret_steps, struct ou_error *err)
{
    struct migration m = { .to = to ? to : (int64_t)STEP_COUNT };
    enum ou_status status;

    if (m.to < 0 || m.to > (int64_t)STEP_COUNT)
        return ou_fail(err, OU_USAGE, "there is no schema version %" PRId64, m.to);
    status = sql_write(db, apply_all, &m, err);
    if (!status && ret_steps)
        *ret_steps = m.steps;
    return status;
}
