#include "store/migrate.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "store/store.h"
#include "support/databases.h"
#include "support/files.h"
#include "support/test.h"

static struct ou_error err;

static struct sql *open_at(int64_t version)
{
    struct sql *db = NULL;
    size_t steps = 0;

    if (sql_open(database_empty(), NULL, &db, &err))
        fail_msg("%s", err.text);
    if (version > 0 && migrate(db, version, &steps, &err))
        fail_msg("%s", err.text);
    assert_int_equal(steps, version);
    return db;
}

static int64_t number(struct sql *db, const char *statement)
{
    struct sql_rows *rows;
    int64_t ret;

    if (sql_query(db, statement, SQL_NO_ARGS, &rows, &err))
        fail_msg("%s", err.text);
    assert_true(sql_next(rows));
    ret = sql_get_int(rows, 0);
    assert_int_equal(sql_rows_end(rows, &err), OU_OK);
    return ret;
}

/* Rows that fill what each version has added, as a program of that version would put them. */
static const struct {
    const char *rows, *count;
} FILLED[] = {
    { "INSERT INTO projects (name, title, created_ns) VALUES ('p', 'Ω', 1);"
      "INSERT INTO profiles (id, name, facts) VALUES ('f', 'value', '{}');"
      "INSERT INTO environments (id, facts) VALUES ('e', '{}');"
      "INSERT INTO versions (id, name) VALUES ('v', '10.7.1');"
      "INSERT INTO series (id, project_no, profile_no, environment_no, title)"
      " SELECT 's', p.no, f.no, e.no, 't' FROM projects p, profiles f, environments e;"
      "INSERT INTO runs (id, content_hash, project_no, natural_key, series_no, profile_no,"
      " environment_no, version_no, name, source, state, sort_ns, published_ns, errors, warnings,"
      " info, revision) SELECT 'r', 'h', p.no, 'k', s.no, f.no, e.no, v.no, 'n', 'analysis',"
      " 'finished', 1, 1, 0, 0, '{}', 1 FROM projects p, profiles f, environments e, versions v,"
      " series s;"
      "INSERT INTO hosts (run_no, place, name) SELECT no, 0, 'node-0' FROM runs",
      "SELECT count(*) FROM runs r JOIN hosts h ON h.run_no = r.no JOIN series s ON"
      " s.no = r.series_no JOIN projects p ON p.no = s.project_no WHERE p.title = 'Ω'" },
    { "INSERT INTO comparisons (id, kind, request, data, bytes, computed_ns, used_ns)"
      " VALUES ('c', 'comparison', '{}', '', 0, 1, 1)",
      "SELECT count(*) FROM comparisons" },
    { "INSERT INTO audit (at_ns, actor, action, target) VALUES (1, 'local', 'run.publish', 'r')",
      "SELECT count(*) FROM audit WHERE actor = 'local'" },
    { "INSERT INTO news (no, at_ns, kind, subject, data) VALUES (1, 1, 'run.published', 'r', '{}')",
      "SELECT count(*) FROM news WHERE subject = 'r'" },
};
#define FILLED_COUNT (sizeof FILLED / sizeof *FILLED)

static void test_rows_of_every_older_version_are_there_afterwards(void **state)
{
    (void)state;
    assert_int_equal(migrate_count(), FILLED_COUNT); /* a new step wants its rows here */
    for (size_t version = 1; version <= migrate_count(); version++) {
        struct sql *db = open_at((int64_t)version);
        size_t steps = 0;

        for (size_t i = 0; i < version; i++)
            if (sql_script(db, FILLED[i].rows, &err))
                fail_msg("rows of version %zu: %s", i + 1, err.text);
        if (migrate(db, 0, &steps, &err))
            fail_msg("from version %zu: %s", version, err.text);
        assert_int_equal(steps, migrate_count() - version);
        assert_int_equal(migrate_check(db, &err), OU_OK);
        for (size_t i = 0; i < version; i++)
            assert_int_equal(number(db, FILLED[i].count), 1);
        /* What came later is as good as in a new database. */
        for (size_t i = version; i < FILLED_COUNT; i++)
            assert_int_equal(sql_script(db, FILLED[i].rows, &err), OU_OK);
        sql_close(db);
    }
}

static void test_a_database_that_is_current_stays_as_it_is(void **state)
{
    struct sql *db = open_at((int64_t)migrate_count());
    size_t steps = 77;

    (void)state;
    assert_int_equal(migrate(db, 0, &steps, &err), OU_OK);
    assert_int_equal(steps, 0);
    sql_close(db);
}

static void test_an_older_schema_has_a_next_step(void **state)
{
    struct sql *db = open_at((int64_t)migrate_count() - 1);
    struct store *s = NULL;

    (void)state;
    assert_int_equal(migrate_check(db, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "ouroscope db migrate"));
    sql_close(db);
    assert_int_equal(store_open(database_again(), NULL, &s, &err), OU_INVALID);
    assert_null(s);
}

static void test_an_empty_database_is_told_from_an_older_one(void **state)
{
    struct sql *db = open_at(0);

    (void)state;
    assert_int_equal(migrate_check(db, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "no results database yet"));
    sql_close(db);
}

static void test_a_newer_schema_is_refused(void **state)
{
    const struct store_options options = { .migrate = true };
    struct sql *db = open_at((int64_t)migrate_count());
    struct store *s = NULL;

    (void)state;
    assert_int_equal(sql_script(db,
                                "INSERT INTO schema_versions (number, name, sha256, applied_ns)"
                                " VALUES (999, '0999-later', 'x', 1)",
                                &err),
                     OU_OK);
    assert_int_equal(migrate(db, 0, NULL, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "version 999"));
    assert_int_equal(migrate_check(db, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "a newer one"));
    sql_close(db);
    assert_int_equal(store_open(database_again(), &options, &s, &err), OU_INVALID);
}

static void test_a_version_that_is_not_known_is_not_gone_to(void **state)
{
    struct sql *db = open_at(0);

    (void)state;
    assert_int_equal(migrate(db, (int64_t)migrate_count() + 1, NULL, &err), OU_USAGE);
    assert_int_equal(migrate(db, -1, NULL, &err), OU_USAGE);
    sql_close(db);
}

static void test_tables_of_another_program_are_left_alone(void **state)
{
    struct sql *db = open_at(0);

    (void)state;
    assert_int_equal(sql_script(db, "CREATE TABLE invoices (id INTEGER)", &err), OU_OK);
    if (database_is_postgres()) {
        assert_int_equal(migrate(db, 0, NULL, &err), OU_OK); /* they may live side by side there */
    } else {
        assert_int_equal(migrate(db, 0, NULL, &err), OU_INVALID);
        assert_non_null(strstr(err.text, "another program"));
    }
    sql_close(db);
}

/* A step that fails half-way, here the third because a table of its name is there, leaves nothing of itself, nor of those
 * before it: others never see a database between two versions. */
static void test_a_migration_that_fails_is_undone_with_all_its_steps(void **state)
{
    struct sql *db = open_at(1);
    int64_t current = 0;

    (void)state;
    assert_int_equal(sql_script(db, "CREATE TABLE settings (id INTEGER)", &err), OU_OK);
    assert_int_not_equal(migrate(db, 0, NULL, &err), OU_OK);
    assert_int_equal(migrate_current(db, &current, &err), OU_OK);
    assert_int_equal(current, 1);
    assert_int_equal(sql_script(db, "DROP TABLE settings", &err), OU_OK);
    assert_int_equal(migrate(db, 0, NULL, &err), OU_OK);
    sql_close(db);
}

struct rival {
    const char *place;
    enum ou_status status;
    size_t steps;
};

static void *migrate_too(void *context)
{
    struct rival *rival = context;
    struct sql *db = NULL;
    struct ou_error e = { 0 };

    rival->status = sql_open(rival->place, NULL, &db, &e);
    if (!rival->status)
        rival->status = migrate(db, 0, &rival->steps, &e);
    if (rival->status)
        print_message("%s\n", e.text);
    sql_close(db);
    return NULL;
}

static void test_programs_that_migrate_at_once_wait_for_each_other(void **state)
{
    enum { RIVALS = 4 };
    struct rival rivals[RIVALS];
    pthread_t threads[RIVALS];
    const char *place = database_empty();
    size_t steps = 0;

    (void)state;
    for (int i = 0; i < RIVALS; i++) {
        rivals[i] = (struct rival){ .place = place };
        assert_int_equal(pthread_create(&threads[i], NULL, migrate_too, &rivals[i]), 0);
    }
    for (int i = 0; i < RIVALS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(rivals[i].status, OU_OK);
        steps += rivals[i].steps;
    }
    assert_int_equal(steps, migrate_count()); /* each of them once */
}

static void test_numbers_are_never_given_twice(void **state)
{
    struct sql *db = open_at(0);
    int64_t first;

    (void)state;
    assert_int_equal(migrate(db, 0, NULL, &err), OU_OK);
    assert_int_equal(sql_script(db, FILLED[2].rows, &err), OU_OK);
    first = number(db, "SELECT max(no) FROM audit");
    assert_int_equal(sql_script(db, "DELETE FROM audit", &err), OU_OK);
    assert_int_equal(sql_script(db, FILLED[2].rows, &err), OU_OK);
    assert_true(number(db, "SELECT max(no) FROM audit") > first);
    sql_close(db);
}

/* ---- texts ---- */

/* The steps as SQLite alone reads them: an outside reader of what migrate_text() makes. */
static void test_all_steps_are_what_sqlite_reads(void **state)
{
    struct buffer text;
    sqlite3 *db;
    char *message = NULL;

    (void)state;
    buffer_init(&text, allocator_libc(), 1 << 20);
    for (size_t i = 0; i < migrate_count(); i++)
        migrate_text(i, SQL_SQLITE, &text);
    assert_int_equal(buffer_status(&text), OU_OK);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    if (sqlite3_exec(db, buffer_string(&text), NULL, NULL, &message))
        fail_msg("%s", message);
    sqlite3_close(db);
    buffer_release(&text);
}

static void test_types_of_postgresql_stand_for_those_of_the_text(void **state)
{
    static const char *const wanted[] = {
        "name TEXT COLLATE \"C\" NOT NULL UNIQUE",
        "mean DOUBLE PRECISION",
        "text TEXT COLLATE \"C\",", /* a column's name is no type */
        "data BYTEA NOT NULL",
        "no BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        "run_no BIGINT NOT NULL REFERENCES runs (no) ON DELETE CASCADE",
    };
    struct buffer text;

    (void)state;
    buffer_init(&text, allocator_libc(), 1 << 20);
    migrate_text(0, SQL_POSTGRES, &text);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!strstr(buffer_string(&text), wanted[i]))
            fail_msg("not there: %s", wanted[i]);
    assert_null(strstr(buffer_string(&text), "INTEGER"));
    assert_null(strstr(buffer_string(&text), "--"));
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_rows_of_every_older_version_are_there_afterwards),
        database_test(test_a_database_that_is_current_stays_as_it_is),
        database_test(test_an_older_schema_has_a_next_step),
        database_test(test_an_empty_database_is_told_from_an_older_one),
        database_test(test_a_newer_schema_is_refused),
        database_test(test_a_version_that_is_not_known_is_not_gone_to),
        database_test(test_tables_of_another_program_are_left_alone),
        database_test(test_a_migration_that_fails_is_undone_with_all_its_steps),
        database_test(test_programs_that_migrate_at_once_wait_for_each_other),
        database_test(test_numbers_are_never_given_twice),
        cmocka_unit_test(test_all_steps_are_what_sqlite_reads),
        cmocka_unit_test(test_types_of_postgresql_stand_for_those_of_the_text),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
