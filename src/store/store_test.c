#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/databases.h"
#include "support/files.h"
#include "support/postgres.h"
#include "support/test.h"

static struct ou_error err;
static const struct store_options MADE = { .migrate = true, .connections_max = 3 };

static struct store *open_store(void)
{
    struct store *s = NULL;

    if (store_open(database_empty(), &MADE, &s, &err))
        fail_msg("%s", err.text);
    return s;
}

static enum ou_status add_one(struct sql *db, void *context, struct ou_error *e)
{
    (void)context;
    return sql_run(db,
                   "INSERT INTO audit (at_ns, actor, action, target)"
                   " SELECT count(*), 'local', 'count', 'x' FROM audit",
                   SQL_NO_ARGS, NULL, e);
}

static int64_t count_rows(struct sql *db)
{
    struct sql_rows *rows;
    int64_t ret;

    if (sql_query(db, "SELECT count(*) FROM audit", SQL_NO_ARGS, &rows, &err))
        fail_msg("%s", err.text);
    assert_true(sql_next(rows));
    ret = sql_get_int(rows, 0);
    assert_int_equal(sql_rows_end(rows, &err), OU_OK);
    return ret;
}

static void test_a_connection_is_lent_again(void **state)
{
    struct store *s = open_store();
    struct sql *first, *second;

    (void)state;
    assert_int_equal(store_take(s, &first, &err), OU_OK);
    assert_int_equal(store_counts(s).lent, 1);
    store_give(s, first);
    assert_int_equal(store_take(s, &second, &err), OU_OK);
    assert_ptr_equal(first, second);
    store_give(s, second);
    assert_int_equal(store_counts(s).open, 1);
    assert_int_equal(store_counts(s).lent, 0);
    store_close(s);
}

enum { THREADS = 6, TIMES = 20 };

static void *write_often(void *context)
{
    struct store *s = context;
    struct ou_error e = { 0 };

    for (int i = 0; i < TIMES; i++) {
        struct sql *db;

        if (store_take(s, &db, &e) || sql_write(db, add_one, NULL, &e)) {
            print_message("%s\n", e.text);
            return s;
        }
        store_give(s, db);
    }
    return NULL;
}

/* Each writes how many rows it saw: a number that stands there twice would be of two who did not see each other. */
static void test_more_threads_than_connections_all_write(void **state)
{
    struct store *s = open_store();
    pthread_t threads[THREADS];
    struct sql_rows *rows;
    struct sql *db;

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_often, s), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;

        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_true(store_counts(s).open <= MADE.connections_max);
    assert_int_equal(store_take(s, &db, &err), OU_OK);
    assert_int_equal(count_rows(db), THREADS * TIMES);
    assert_int_equal(
        sql_query(db, "SELECT count(DISTINCT at_ns) FROM audit", SQL_NO_ARGS, &rows, &err), OU_OK);
    assert_true(sql_next(rows));
    assert_int_equal(sql_get_int(rows, 0), THREADS * TIMES);
    assert_int_equal(sql_rows_end(rows, &err), OU_OK);
    store_give(s, db);
    store_close(s);
}

static struct sql *take_in_the_end(struct store *s)
{
    struct sql *db = NULL;

    for (int i = 0; i < 300; i++) {
        if (store_take(s, &db, &err) == OU_OK)
            return db;
        usleep(100000);
    }
    fail_msg("%s", err.text);
    return NULL;
}

static enum ou_status lose_server(struct sql *db, void *context, struct ou_error *e)
{
    enum ou_status status = add_one(db, NULL, e);

    (void)context;
    postgres_command("kill");
    postgres_command("start");
    return status ? status : add_one(db, NULL, e);
}

/* What was acknowledged is there, what was not is undone, and the store finds the way back by itself. */
static void test_a_server_that_went_away_and_came_back(void **state)
{
    struct store *s;
    struct sql *db;

    (void)state;
    if (!database_is_postgres())
        skip();
    s = open_store();
    assert_int_equal(store_take(s, &db, &err), OU_OK);
    assert_int_equal(sql_write(db, add_one, NULL, &err), OU_OK);
    assert_int_equal(sql_write(db, lose_server, NULL, &err), OU_IO);
    assert_int_equal(sql_fault(db), SQL_AWAY);
    store_give(s, db);
    db = take_in_the_end(s);
    assert_int_equal(count_rows(db), 1);
    store_give(s, db);
    assert_true(store_counts(s).reconnections > 0);

    /* One that is idle meanwhile is not even told. */
    assert_int_equal(store_take(s, &db, &err), OU_OK);
    postgres_command("stop-fast");
    postgres_command("start");
    assert_int_equal(sql_write(db, add_one, NULL, &err), OU_OK);
    assert_int_equal(count_rows(db), 2);
    store_give(s, db);
    store_close(s);
}

static void test_a_database_that_is_away_is_told_at_once(void **state)
{
    struct store *s;
    struct sql *db = NULL;

    (void)state;
    if (!database_is_postgres())
        skip();
    s = open_store();
    postgres_command("stop-fast");
    assert_int_equal(store_take(s, &db, &err), OU_IO);
    assert_non_null(strstr(err.text, "postgres://"));
    for (int i = 0; i < 1000; i++) /* without a connection tried for each */
        assert_int_equal(store_take(s, &db, &err), OU_IO);
    assert_int_equal(store_counts(s).lent, 0);
    postgres_command("start");
    store_give(s, take_in_the_end(s));
    store_close(s);
}

/* ---- files ---- */

static void only_sqlite(void)
{
    if (database_is_postgres())
        skip();
}

static void test_only_its_owner_reads_a_new_file(void **state)
{
    struct store *s;
    struct stat st;
    char log[256];

    (void)state;
    only_sqlite();
    s = open_store();
    assert_int_equal(stat(database_again(), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    (void)snprintf(log, sizeof log, "%s-wal", database_again());
    assert_int_equal(stat(log, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    store_close(s);
}

static void test_a_file_that_was_removed_is_away(void **state)
{
    struct store *s;
    struct sql *db;

    (void)state;
    only_sqlite();
    s = open_store();
    assert_int_equal(store_take(s, &db, &err), OU_OK);
    assert_int_equal(unlink(database_again()), 0);
    assert_int_equal(sql_write(db, add_one, NULL, &err), OU_IO);
    assert_int_equal(sql_fault(db), SQL_AWAY);
    store_give(s, db);
    assert_int_equal(store_take(s, &db, &err), OU_IO); /* and no new, empty one is made */
    usleep(1100000);
    assert_int_equal(store_take(s, &db, &err), OU_IO);
    assert_int_not_equal(access(database_again(), F_OK), 0);
    store_close(s);
}

static enum ou_status open_place(const char *place)
{
    struct store *s = NULL;
    enum ou_status status = store_open(place, &MADE, &s, &err);

    store_close(s);
    return status;
}

static void test_what_is_no_database_is_refused_and_left_as_it_is(void **state)
{
    struct temp_dir dir;
    const char *garbage, *folder, *link, *inside;
    char text[64] = { 0 };
    FILE *f;

    (void)state;
    only_sqlite();
    temp_dir_make(&dir);
    garbage = temp_file(&dir, "garbage", "this is a letter, and a rather long one at that\n");
    folder = temp_path(&dir, "folder");
    inside = temp_path(&dir, "not-there/results.db");
    link = temp_path(&dir, "link");
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(symlink("nowhere", link), 0);
    assert_int_equal(open_place(garbage), OU_INVALID);
    assert_non_null(strstr(err.text, "is no SQLite database"));
    f = fopen(garbage, "r");
    assert_non_null(fgets(text, sizeof text, f));
    fclose(f);
    assert_string_equal(text, "this is a letter, and a rather long one at that\n");
    assert_int_equal(open_place(folder), OU_INVALID);
    assert_int_equal(open_place(inside), OU_NOT_FOUND);
    assert_int_equal(open_place(link), OU_NOT_FOUND); /* nothing is made where it leads */
    assert_int_equal(open_place(""), OU_IO);
    assert_int_equal(open_place("/dev/null"), OU_INVALID);
    temp_dir_remove(&dir);
}

static void test_a_link_to_a_database_is_as_good_as_it(void **state)
{
    struct temp_dir dir;
    const char *link;

    (void)state;
    only_sqlite();
    store_close(open_store());
    temp_dir_make(&dir);
    link = temp_path(&dir, "link.db");
    assert_int_equal(symlink(database_again(), link), 0);
    assert_int_equal(open_place(link), OU_OK);
    temp_dir_remove(&dir);
}

static void test_names_that_mean_something_to_sqlite_are_plain_files(void **state)
{
    static const char *const names[] = { ":memory:", "file:x?mode=memory" };
    struct temp_dir dir;
    char here[512];

    (void)state;
    only_sqlite();
    temp_dir_make(&dir);
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(dir.path), 0);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(open_place(names[i]), OU_OK);
        assert_int_equal(access(names[i], F_OK), 0);
    }
    assert_int_equal(chdir(here), 0);
    temp_dir_remove(&dir);
}

/* ---- URLs ---- */

static void test_a_database_of_another_encoding_is_refused_with_how_to_make_one(void **state)
{
    struct sql *db = NULL;
    const char *place;
    char latin[640], *name;

    (void)state;
    place = database_empty();
    if (!database_is_postgres())
        skip();
    assert_int_equal(sql_open(place, NULL, &db, &err), OU_OK);
    assert_int_equal(sql_run(db,
                             "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' "
                             "TEMPLATE template0",
                             SQL_NO_ARGS, NULL, &err),
                     OU_OK);
    sql_close(db);
    name = strstr(place, "/test?");
    assert_non_null(name);
    snprintf(latin, sizeof latin, "%.*s/latin%s", (int)(name - place), place, name + 5);
    assert_int_equal(open_place(latin), OU_INVALID);
    assert_non_null(strstr(err.text, ": its encoding is LATIN1 and UTF8 is needed: createdb -E"));
}

static void test_passwords_of_urls_stand_in_no_message(void **state)
{
    static const char *const places[] = {
        "postgres://me:sesame@127.0.0.1:1/results",
        "postgresql://me@127.0.0.1:1/results?password=sesame",
        "postgres://me:sesame@127.0.0.1:port/results",
        "postgres://me:sesame@[127.0.0.1/results",
        "postgres://me:sesame@127.0.0.1:1/results?nonsense=sesame",
        "postgres://me:ses%zzame@127.0.0.1:1/results",
    };

    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        assert_int_not_equal(open_place(places[i]), OU_OK);
        assert_non_null(strstr(err.text, "postgres://"));
        assert_null(strstr(err.text, "sesame"));
        assert_null(strstr(err.text, "zzame"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_a_connection_is_lent_again),
        database_test(test_more_threads_than_connections_all_write),
        database_test(test_a_server_that_went_away_and_came_back),
        database_test(test_a_database_that_is_away_is_told_at_once),
        database_test(test_only_its_owner_reads_a_new_file),
        database_test(test_a_file_that_was_removed_is_away),
        database_test(test_what_is_no_database_is_refused_and_left_as_it_is),
        database_test(test_a_link_to_a_database_is_as_good_as_it),
        database_test(test_names_that_mean_something_to_sqlite_are_plain_files),
        database_test(test_a_database_of_another_encoding_is_refused_with_how_to_make_one),
        cmocka_unit_test(test_passwords_of_urls_stand_in_no_message),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
