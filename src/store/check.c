#include "store/check.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buffer.h"
#include "store/check_inside.h"
#include "store/keep.h"
#include "store/migrate_private.h"

/* ---- findings ---- */

void check_found(struct check *c, bool is_damage, const char *where, const char *format, ...)
{
    char text[512];
    struct check_finding *grown;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    c->report->damage_count += is_damage;
    grown = c->report->finding_count < CHECK_FINDINGS_MAX
                ? keep_room(c->memory, c->report->findings, c->report->finding_count, sizeof *grown)
                : NULL;
    if (!grown) {
        c->report->left_out++;
        return;
    }
    c->report->findings = grown;
    grown[c->report->finding_count++] = (struct check_finding){
        .is_damage = is_damage,
        .where = where,
        .says = arena_copy(c->memory, text, strlen(text)),
    };
}

/* ---- the file ---- */

/* Each row of an answer is a finding, except a lone "ok". */
static enum ou_status integrity(struct check *c, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(c->db, "PRAGMA integrity_check(50)", SQL_NO_ARGS, &rows, err);

    if (status)
        return status;
    while (sql_next(rows)) {
        struct span says = sql_get_text(rows, 0);

        if (!span_is(says, "ok"))
            check_found(c, true, "file", "%.*s", (int)says.len, says.at);
    }
    return sql_rows_end(rows, err);
}

static enum ou_status references(struct check *c, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(c->db, "PRAGMA foreign_key_check", SQL_NO_ARGS, &rows, err);

    if (status)
        return status;
    while (sql_next(rows)) {
        struct span table = sql_get_text(rows, 0), to = sql_get_text(rows, 2);

        check_found(c, true, "references",
                    "row %" PRId64 " of %.*s refers to a row of %.*s that is not there",
                    sql_get_int(rows, 1), (int)table.len, table.at, (int)to.len, to.at);
    }
    return sql_rows_end(rows, err);
}

/* PostgreSQL holds references itself, and its files have checksums of their own. */
static enum ou_status check_file(struct check *c, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    if (sql_kind(c->db) == SQL_SQLITE) {
        status = integrity(c, err);
        if (!status)
            status = references(c, err);
    }
    return status;
}

/* ---- the schema ---- */

static void check_version(struct check *c, const struct sql_rows *rows)
{
    int64_t number = sql_get_int(rows, 0);
    struct span name = sql_get_text(rows, 1);
    char hash[SCHEMA_HASH_ROOM];

    if (number < 1 || number > (int64_t)migrate_count()) {
        check_found(c, true, "schema", "step %" PRId64 " is not known to this ouroscope", number);
        return;
    }
    migrate_hash((size_t)number - 1, hash);
    if (!span_is(sql_get_text(rows, 2), hash))
        check_found(c, true, "schema",
                    "step %.*s was applied with another text than this ouroscope has",
                    (int)name.len, name.at);
    c->report->schema_version = number;
}

static enum ou_status check_schema(struct check *c, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status =
        sql_query(c->db, "SELECT number, name, sha256 FROM schema_versions ORDER BY number",
                  SQL_NO_ARGS, &rows, err);
    int64_t expected = 0;

    if (status)
        return status;
    while (sql_next(rows)) {
        if (sql_get_int(rows, 0) != ++expected)
            check_found(c, true, "schema", "step %" PRId64 " is missing", expected);
        check_version(c, rows);
    }
    return sql_rows_end(rows, err);
}

static enum ou_status count_rows(struct check *c, struct ou_error *err)
{
    char statement[64];
    struct sql_rows *rows;

    c->report->rows =
        arena_take(c->memory, store_table_count * sizeof *c->report->rows, sizeof(int64_t));
    if (!c->report->rows)
        return ou_fail(err, OU_NO_MEMORY, "check a database: no memory");
    for (size_t i = 0; i < store_table_count; i++) {
        enum ou_status status;

        (void)snprintf(statement, sizeof statement, "SELECT count(*) FROM %s",
                       store_tables[i].name);
        status = sql_query(c->db, statement, SQL_NO_ARGS, &rows, err);
        if (status)
            return status;
        c->report->rows[i] = sql_next(rows) ? sql_get_int(rows, 0) : 0;
        status = sql_rows_end(rows, err);
        if (status)
            return status;
    }
    return OU_OK;
}

/* ---- what belongs together ---- */

static const struct {
    bool is_damage;
    const char *where, *says, *statement; /* counts what is wrong */
} RULES[] = {
    { true, "runs", "have an id that is not that of their content",
      "SELECT count(*) FROM runs WHERE substr(content_hash, 1, 32) <> id" },
    { true, "runs", "are of another project, profile or environment than their series",
      "SELECT count(*) FROM runs r JOIN series s ON s.no = r.series_no WHERE r.project_no <> "
      "s.project_no OR r.profile_no <> s.profile_no OR r.environment_no <> s.environment_no" },
    { true, "samples", "of a run and metric are not all there",
      "SELECT count(*) FROM (SELECT max(chunk) AS last, count(*) AS chunks FROM samples "
      "GROUP BY run_no, metric_no) AS s WHERE last + 1 <> chunks" },
    { true, "samples", "are not as many as their run has blocks",
      "SELECT count(*) FROM (SELECT run_no, sum(count) AS n FROM samples GROUP BY run_no, "
      "metric_no) AS s JOIN (SELECT run_no, count(*) AS n FROM blocks GROUP BY run_no) AS b "
      "ON b.run_no = s.run_no WHERE b.n <> s.n" },
    { true, "news", "have numbers above the last one that was given out",
      "SELECT count(*) FROM news WHERE no > (SELECT max(last) FROM news_state)" },
    { false, "series", "have no runs and no thresholds",
      "SELECT count(*) FROM series s WHERE NOT EXISTS (SELECT 1 FROM runs r WHERE "
      "r.series_no = s.no) AND NOT EXISTS (SELECT 1 FROM thresholds t WHERE t.series_no = s.no)" },
    { false, "versions", "have no runs",
      "SELECT count(*) FROM versions v WHERE NOT EXISTS (SELECT 1 FROM runs r WHERE "
      "r.version_no = v.no)" },
    { false, "profiles", "have no series",
      "SELECT count(*) FROM profiles p WHERE NOT EXISTS (SELECT 1 FROM series s WHERE "
      "s.profile_no = p.no)" },
    { false, "environments", "have no series",
      "SELECT count(*) FROM environments e WHERE NOT EXISTS (SELECT 1 FROM series s WHERE "
      "s.environment_no = e.no)" },
};

static enum ou_status check_rules(struct check *c, struct ou_error *err)
{
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
        struct sql_rows *rows;
        enum ou_status status = sql_query(c->db, RULES[i].statement, SQL_NO_ARGS, &rows, err);
        int64_t count;

        if (status)
            return status;
        count = sql_next(rows) ? sql_get_int(rows, 0) : 0;
        status = sql_rows_end(rows, err);
        if (status)
            return status;
        if (count > 0)
            check_found(c, RULES[i].is_damage, RULES[i].where, "%" PRId64 " %s %s", count,
                        RULES[i].where, RULES[i].says);
    }
    return OU_OK;
}

/* ---- all of it ---- */

static enum ou_status check_all(struct sql *db, void *context, struct ou_error *err)
{
    struct check *c = context;
    enum ou_status status;

    c->db = db;
    *c->report = (struct check_report){ 0 };
    status = check_file(c, err);
    if (!status)
        status = check_schema(c, err);
    if (!status)
        status = count_rows(c, err);
    if (!status)
        status = check_rules(c, err);
    if (!status)
        status = check_blobs(c, err);
    return status;
}

enum ou_status store_check(struct sql *db, struct arena *memory, struct check_report *ret,
                           struct ou_error *err)
{
    struct check c = { .memory = memory, .report = ret };
    enum ou_status status = migrate_check(db, err);

    return status ? status : sql_read(db, check_all, &c, err);
}
