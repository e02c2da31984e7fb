/* Checking, copying and thinning out: store/check.h, store/backup.h, store/prune.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "store/backup.h"
#include "store/check.h"
#include "store/judgements.h"
#include "store/migrate.h"
#include "store/prune.h"
#include "store/records.h"
#include "support/databases.h"
#include "support/files.h"
#include "support/test.h"

#define DAY_NS (86400 * NS_PER_SECOND)

static struct ou_error err;
static struct arena memory;

static void must(enum ou_status status)
{
    if (status)
        fail_msg("%s", err.text);
}

/* ---- runs ---- */

struct wish {
    const char *name;
    int64_t started_ns;
};

static enum ou_status put_run(struct sql *db, void *context, struct ou_error *e)
{
    static const double quantiles[] = { 0.5, 1, 1.5 }, samples[] = { 1, NAN, 3 },
                        hosts[] = { 3, 1, 0.5 };
    static const char *const host_names[] = { "node-0" };
    static const struct block_record blocks[] = { { 1, 10, "node-0", 10.25 },
                                                  { 2, 31, NULL, 31.5 },
                                                  { 3, 40, "node-0", 40 } };
    static const struct component_record components[] = { { "ledger", "1.2", NULL } };
    static const char file[] = "{\"meta\": \"Ω\"}";
    const struct summary_record summary = {
        .metric = { "propagation", "adoption", "Adoption", "s", "less", "until adopted" },
        .n = 2,
        .mean = 2,
        .median = 2,
        .sd = 1.5,
        .low = NAN,
        .high = NAN,
        .quantiles = quantiles,
        .quantile_count = 3,
        .host_values = hosts,
        .samples = samples,
    };
    const struct artifact_record artifact = { "analysis.json",
                                              "application/json",
                                              { file, sizeof file - 1 } };
    const struct put_options options = { .actor = "local", .now_ns = 5 };
    const struct wish *wish = context;
    char hash[RECORD_HASH_ROOM], id[RECORD_ID_ROOM];
    struct run_record run = {
        .content_hash = hash,
        .project = "p",
        .natural_key = wish->name,
        .name = wish->name,
        .source = "analysis",
        .state = "finished",
        .started_ns = wish->started_ns,
        .host_count = 1,
        .block_count = 3,
        .info = "{}",
        .profile = { "value", "conway", "value", "{}" },
        .environment = { "local", "m", "{}", 1 },
        .version = { "10.7.1", NULL, NULL, NULL, components, 1 },
        .series_title = "t",
        .hosts = host_names,
        .host_name_count = 1,
        .summaries = &summary,
        .summary_count = 1,
        .blocks = blocks,
        .block_record_count = 3,
        .artifacts = &artifact,
        .artifact_count = 1,
    };
    enum put_outcome outcome;

    record_hash(span_of(wish->name), hash);
    return record_put_run(db, &run, &options, id, &outcome, e);
}

static struct sql *open_made(const char *place)
{
    struct sql *db = NULL;

    must(sql_open(place, NULL, &db, &err));
    must(migrate(db, 0, NULL, &err));
    return db;
}

/* Runs 0 to count - 1, a day apart. */
static struct sql *open_with_runs(int count)
{
    struct sql *db = open_made(database_empty());
    char name[16];

    for (int i = 0; i < count; i++) {
        struct wish wish = { name, (i + 1) * DAY_NS };

        (void)snprintf(name, sizeof name, "run-%d", i);
        must(sql_write(db, put_run, &wish, &err));
    }
    return db;
}

static int64_t number(struct sql *db, const char *statement)
{
    struct sql_rows *rows;
    int64_t ret;

    must(sql_query(db, statement, SQL_NO_ARGS, &rows, &err));
    assert_true(sql_next(rows));
    ret = sql_get_int(rows, 0);
    must(sql_rows_end(rows, &err));
    return ret;
}

static void change(struct sql *db, const char *statement)
{
    int64_t changed = 0;

    must(sql_run(db, statement, SQL_NO_ARGS, &changed, &err));
    assert_true(changed > 0);
}

static enum ou_status keep_answer(struct sql *db, void *context, struct ou_error *e)
{
    char answer[4096];

    (void)context;
    memset(answer, 'a', sizeof answer); /* packed it is much shorter */
    return cached_put(db, "c", "variance", "{}", (struct span){ answer, sizeof answer }, 1, e);
}

static void fill_the_rest(struct sql *db)
{
    static const char *const statements[] = {
        "INSERT INTO thresholds (id, project_no, metric_no, kind, parameters, outlets, enabled, "
        "created_ns, revision) SELECT 't', p.no, m.no, 'static', '{}', '[]', 1, 1, 1 FROM projects p, "
        "metrics m",
        "INSERT INTO tokens (id, name, scopes, hash, created_ns) SELECT 'k', 'n', '[]', data, 1 FROM "
        "artifacts LIMIT 1",
    };

    must(sql_write(db, keep_answer, NULL, &err));
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        change(db, statements[i]);
}

/* ---- tables ---- */

static void test_all_tables_and_columns_are_listed(void **state)
{
    struct sql *db = open_made(database_empty());
    const char *tables = sql_kind(db) == SQL_SQLITE
                             ? "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name "
                               "NOT LIKE 'sqlite%'"
                             : "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND "
                               "relnamespace = current_schema()::regnamespace";
    const char *columns = sql_kind(db) == SQL_SQLITE
                              ? "SELECT group_concat(name, ', ') FROM pragma_table_info($1)"
                              : "SELECT string_agg(attname::text, ', ' ORDER BY attnum) FROM "
                                "pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0";

    (void)state;
    assert_int_equal(number(db, tables), store_table_count + 1); /* and schema_versions */
    for (size_t i = 0; i < store_table_count; i++) {
        const char *listed = store_tables[i].columns;
        size_t commas = 0;
        struct sql_rows *rows;
        struct span there;

        must(sql_query(db, columns, SQL_ARGS(sql_text(store_tables[i].name)), &rows, &err));
        assert_true(sql_next(rows));
        there = sql_get_text(rows, 0);
        if (!span_is(there, listed))
            fail_msg("%s has the columns %.*s", store_tables[i].name, (int)there.len, there.at);
        must(sql_rows_end(rows, &err));
        for (const char *at = listed; *at; at++)
            commas += *at == ',';
        assert_int_equal(store_tables[i].column_count, commas + 1);
        assert_int_equal(store_tables[i].numbers_rows,
                         strncmp(listed, "no, ", 4) == 0 && strcmp(store_tables[i].name, "news"));
    }
    sql_close(db);
}

/* ---- checks ---- */

static struct check_report check(struct sql *db)
{
    struct check_report report;

    arena_init(&memory, allocator_libc(), CHECK_MEMORY_MAX);
    must(store_check(db, &memory, &report, &err));
    return report;
}

static void test_a_whole_database_has_no_findings(void **state)
{
    struct sql *db = open_with_runs(2);
    struct check_report report;

    (void)state;
    fill_the_rest(db);
    report = check(db);
    for (size_t i = 0; i < report.finding_count; i++)
        fail_msg("%s: %s", report.findings[i].where, report.findings[i].says);
    assert_int_equal(report.schema_version, migrate_count());
    assert_int_equal(report.blobs, 2 * 3 + 1); /* a file, samples, values of hosts; an answer */
    for (size_t i = 0; i < store_table_count; i++)
        if (strcmp(store_tables[i].name, "blocks") == 0)
            assert_int_equal(report.rows[i], 6);
    arena_release(&memory);
    sql_close(db);
}

static void finds(struct sql *db, const char *where, const char *says)
{
    struct check_report report = check(db);
    bool found = false;

    for (size_t i = 0; i < report.finding_count; i++)
        found |= strcmp(report.findings[i].where, where) == 0 &&
                 strstr(report.findings[i].says, says) && report.findings[i].is_damage;
    if (!found)
        fail_msg("%s: not found: %s", where, says);
    assert_true(report.damage_count > 0);
    arena_release(&memory);
}

static void test_what_is_damaged_is_found(void **state)
{
    static const struct {
        const char *damage, *where, *says;
    } cases[] = {
        { "UPDATE artifacts SET sha256 = 'a'", "artifacts", "not those that were published" },
        { "UPDATE artifacts SET bytes = 4", "artifacts", "not those that were published" },
        { "UPDATE samples SET count = 2", "samples", "not those that were published" },
        { "UPDATE samples SET chunk = 1", "samples", "not all there" },
        { "DELETE FROM blocks WHERE place = 2", "samples", "as many as their run has blocks" },
        { "UPDATE runs SET content_hash = 'x'", "runs", "not that of their content" },
        { "UPDATE schema_versions SET sha256 = 'x' WHERE number = 2", "schema", "another text" },
        { "DELETE FROM schema_versions WHERE number = 2", "schema", "missing" },
        { "UPDATE news_state SET last = 0", "news", "above the last one" },
        { "UPDATE comparisons SET bytes = 4096", "comparisons", "not as many as are counted" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sql *db = open_with_runs(1);

        fill_the_rest(db);
        change(db, cases[i].damage);
        finds(db, cases[i].where, cases[i].says);
        sql_close(db);
    }
}

static void test_references_that_lead_nowhere_are_found(void **state)
{
    struct sql *db;

    (void)state;
    if (database_is_postgres())
        skip(); /* which holds them itself */
    db = open_with_runs(1);
    must(sql_script(db, "PRAGMA foreign_keys = OFF", &err));
    change(db, "DELETE FROM metrics");
    finds(db, "references", "of metrics that is not there");
    sql_close(db);
}

static void test_a_damaged_file_is_found(void **state)
{
    char bytes[4096];
    struct sql *db;
    FILE *f;

    (void)state;
    if (database_is_postgres())
        skip();
    sql_close(open_with_runs(20));
    memset(bytes, 0x5a, sizeof bytes);
    f = fopen(database_again(), "r+");
    assert_non_null(f);
    for (long page = 20; page < 60; page++) { /* behind the schema: of tables and indexes */
        assert_int_equal(fseek(f, page * (long)sizeof bytes + 64, SEEK_SET), 0);
        assert_int_equal(fwrite(bytes, 64, 1, f), 1);
    }
    assert_int_equal(fclose(f), 0);
    must(sql_open(database_again(), NULL, &db, &err));
    arena_init(&memory, allocator_libc(), CHECK_MEMORY_MAX);
    {
        struct check_report report = { 0 };
        enum ou_status status = store_check(db, &memory, &report, &err);

        assert_true(report.damage_count > 0); /* told, whether or not the rest could be read */
        assert_true(status == OU_OK || sql_fault(db) == SQL_CORRUPT);
    }
    arena_release(&memory);
    sql_close(db);
}

static void test_what_nothing_refers_to_is_a_remark(void **state)
{
    struct sql *db = open_with_runs(1);
    struct check_report report;

    (void)state;
    must(sql_run(db, "INSERT INTO versions (id, name) VALUES ('v', '1')", SQL_NO_ARGS, NULL, &err));
    report = check(db);
    assert_int_equal(report.finding_count, 1);
    assert_int_equal(report.damage_count, 0);
    assert_string_equal(report.findings[0].where, "versions");
    arena_release(&memory);
    sql_close(db);
}

/* ---- copies ---- */

/* All rows of a table, as SQLite and PostgreSQL give them alike. */
static void same_rows(struct sql *a, struct sql *b, const struct store_table *table)
{
    struct sql_rows *rows_a, *rows_b;
    char statement[768];
    bool more;

    (void)snprintf(statement, sizeof statement, "SELECT %s FROM %s ORDER BY 1, 2", table->columns,
                   table->name);
    must(sql_query(a, statement, SQL_NO_ARGS, &rows_a, &err));
    must(sql_query(b, statement, SQL_NO_ARGS, &rows_b, &err));
    do {
        more = sql_next(rows_a);
        assert_int_equal(sql_next(rows_b), more);
        for (size_t i = 0; more && i < table->column_count; i++) {
            struct sql_value x = sql_get(rows_a, (int)i), y = sql_get(rows_b, (int)i);

            assert_int_equal(x.type, y.type);
            if (x.type == SQL_INT || x.type == SQL_REAL)
                assert_true(x.integer == y.integer); /* of a real: its bits */
            else if (x.type != SQL_NULL)
                assert_true(span_equal(x.bytes, y.bytes));
        }
    } while (more);
    must(sql_rows_end(rows_a, &err));
    must(sql_rows_end(rows_b, &err));
}

static void same_database(struct sql *a, struct sql *b)
{
    for (size_t i = 0; i < store_table_count; i++)
        same_rows(a, b, &store_tables[i]);
}

static void test_a_backup_is_one_file_with_everything(void **state)
{
    struct sql *db = open_with_runs(70), *copy = NULL;
    struct backup_done done;
    struct temp_dir dir;
    struct stat st;
    const char *file;

    (void)state;
    fill_the_rest(db);
    temp_dir_make(&dir);
    file = temp_path(&dir, "backup.db");
    must(store_backup(db, file, false, &done, &err));
    assert_int_equal(done.runs, 70);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    must(sql_open(file, NULL, &copy, &err));
    same_database(db, copy);
    assert_int_equal(check(copy).finding_count, 0);
    arena_release(&memory);
    sql_close(copy);
    sql_close(db);
    temp_dir_remove(&dir);
}

static void test_a_connection_for_reading_makes_backups_and_still_writes_nothing(void **state)
{
    const struct sql_options options = { .read_only = true };
    struct backup_done done;
    struct temp_dir dir;
    struct sql *db;

    (void)state;
    sql_close(open_with_runs(1));
    must(sql_open(database_again(), &options, &db, &err));
    temp_dir_make(&dir);
    must(store_backup(db, temp_path(&dir, "backup.db"), false, &done, &err));
    assert_int_equal(done.runs, 1);
    assert_int_equal(sql_run(db, "DELETE FROM runs", SQL_NO_ARGS, NULL, &err), OU_IO);
    assert_int_equal(sql_fault(db), SQL_FULL);
    sql_close(db);
    temp_dir_remove(&dir);
}

static void test_a_backup_goes_back_into_any_database(void **state)
{
    struct sql *db = open_with_runs(3), *copy = NULL, *back = NULL;
    const char *file;
    struct backup_done done;
    struct temp_dir dir;
    struct wish wish = { "later", 99 };

    (void)state;
    fill_the_rest(db);
    temp_dir_make(&dir);
    file = temp_path(&dir, "backup.db");
    must(store_backup(db, file, false, &done, &err));
    must(sql_open(file, NULL, &copy, &err));
    back = open_made(database_empty());
    must(store_copy(copy, back, &done, &err));
    assert_int_equal(done.runs, 3);
    same_database(db, back);
    /* New rows get numbers that are free. */
    must(sql_write(back, put_run, &wish, &err));
    assert_int_equal(number(back, "SELECT count(*) FROM runs"), 4);
    /* And never over what is there. */
    assert_int_equal(store_copy(copy, back, &done, &err), OU_USAGE);
    assert_int_equal(number(back, "SELECT count(*) FROM runs"), 4);
    sql_close(back);
    sql_close(copy);
    sql_close(db);
    temp_dir_remove(&dir);
}

static void test_a_file_that_is_there_is_not_written_over(void **state)
{
    struct sql *db = open_with_runs(1);
    struct backup_done done;
    struct temp_dir dir;
    const char *file;

    (void)state;
    temp_dir_make(&dir);
    file = temp_file(&dir, "backup.db", "a letter");
    assert_int_equal(store_backup(db, file, false, &done, &err), OU_USAGE);
    assert_int_equal(lines_with(file, "a letter"), 1);
    must(store_backup(db, file, true, &done, &err));
    assert_int_equal(lines_with(file, "a letter"), 0);
    temp_file(&dir, "backup.db-wal", "of a program that has it open");
    assert_int_equal(store_backup(db, file, true, &done, &err), OU_USAGE);
    assert_int_equal(store_backup(db, temp_path(&dir, "no/folder.db"), false, &done, &err),
                     OU_NOT_FOUND);
    assert_int_equal(store_backup(db, dir.path, true, &done, &err), OU_USAGE);
    assert_non_null(strstr(err.text, ": is no file"));
    sql_close(db);
    temp_dir_remove(&dir);
}

/* ---- thinning out ---- */

static size_t goes(struct sql *db, struct prune_rule rule, struct prune_run **ret)
{
    size_t count = 0;

    must(prune_find(db, &rule, &memory, ret, &count, &err));
    return count;
}

static void test_old_runs_go_and_the_newest_of_each_series_stay(void **state)
{
    struct sql *db = open_with_runs(6);
    struct prune_run *runs = NULL;

    (void)state;
    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(goes(db, (struct prune_rule){ .before_ns = 3 * DAY_NS }, &runs), 2);
    assert_string_equal(runs[0].name, "run-0");
    assert_string_equal(runs[1].name, "run-1");
    assert_int_equal(goes(db, (struct prune_rule){ .before_ns = TIME_NONE, .keep = 4 }, &runs), 2);
    assert_int_equal(goes(db, (struct prune_rule){ .before_ns = 3 * DAY_NS, .keep = 5 }, &runs), 1);
    assert_string_equal(runs[0].project, "p");
    assert_int_equal(goes(db, (struct prune_rule){ TIME_NONE, 6, NULL }, &runs), 0);
    assert_int_equal(goes(db, (struct prune_rule){ TIME_NONE, 0, "p" }, &runs), 6);
    for (size_t i = 0; i < 6; i++)
        must(prune_run(db, &runs[i], &err));
    must(prune_run(db, &runs[0], &err)); /* another program was quicker */
    assert_int_equal(number(db, "SELECT count(*) FROM runs"), 0);
    assert_int_equal(number(db, "SELECT count(*) FROM artifacts"), 0);
    assert_int_equal(number(db, "SELECT count(*) FROM series"), 0);
    arena_release(&memory);
    sql_close(db);
}

static void test_a_project_that_is_not_there_has_nothing_to_prune(void **state)
{
    const struct prune_rule rule = { TIME_NONE, 0, "not-there" };
    struct sql *db = open_with_runs(1);
    struct prune_run *runs;
    size_t count;

    (void)state;
    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(prune_find(db, &rule, &memory, &runs, &count, &err), OU_NOT_FOUND);
    arena_release(&memory);
    sql_close(db);
}

static void test_the_audit_and_computed_answers_go_when_asked(void **state)
{
    struct sql *db = open_with_runs(2);
    struct prune_counts counts;

    (void)state;
    fill_the_rest(db);
    must(prune_count_rest(db, TIME_NONE, false, &counts, &err));
    assert_int_equal(counts.audit + counts.computed, 0);
    must(prune_count_rest(db, 6, true, &counts, &err));
    assert_int_equal(counts.audit, 2);
    assert_int_equal(counts.computed, 1);
    must(prune_rest(db, 5, true, &counts, &err));
    assert_int_equal(counts.audit, 0); /* they are of 5, and not from before */
    assert_int_equal(counts.computed, 1);
    must(prune_shrink(db, &err));
    assert_int_equal(number(db, "SELECT count(*) FROM comparisons"), 0);
    sql_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_all_tables_and_columns_are_listed),
        database_test(test_a_whole_database_has_no_findings),
        database_test(test_what_is_damaged_is_found),
        database_test(test_references_that_lead_nowhere_are_found),
        database_test(test_a_damaged_file_is_found),
        database_test(test_what_nothing_refers_to_is_a_remark),
        database_test(test_a_backup_is_one_file_with_everything),
        database_test(test_a_connection_for_reading_makes_backups_and_still_writes_nothing),
        database_test(test_a_backup_goes_back_into_any_database),
        database_test(test_a_file_that_is_there_is_not_written_over),
        database_test(test_old_runs_go_and_the_newest_of_each_series_stay),
        database_test(test_a_project_that_is_not_there_has_nothing_to_prune),
        database_test(test_the_audit_and_computed_answers_go_when_asked),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
