#include "store/sql.h"

#include <math.h>
#include <stdio.h>

#include "base/time.h"
#include "support/databases.h"
#include "support/test.h"

static struct ou_error err;

static struct sql *open_empty(void)
{
    struct sql *db = NULL;
    enum ou_status status = sql_open(database_empty(), NULL, &db, &err);

    if (status)
        fail_msg("%s", err.text);
    return db;
}

static void script(struct sql *db, const char *text)
{
    if (sql_script(db, text, &err))
        fail_msg("%s", err.text);
}

static struct sql *open_table(void)
{
    struct sql *db = open_empty();

    script(db, sql_kind(db) == SQL_SQLITE
                   ? "CREATE TABLE t (i INTEGER, r REAL, x TEXT, b BLOB);"
                     "CREATE TABLE one (id INTEGER NOT NULL UNIQUE)"
                   : "CREATE TABLE t (i BIGINT, r DOUBLE PRECISION, x TEXT COLLATE \"C\", b BYTEA);"
                     "CREATE TABLE one (id BIGINT NOT NULL UNIQUE)");
    return db;
}

static void put(struct sql *db, struct sql_value i, struct sql_value r, struct sql_value x,
                struct sql_value b)
{
    const struct sql_value args[] = { i, r, x, b };
    int64_t changed = 0;

    if (sql_run(db, "INSERT INTO t (i, r, x, b) VALUES ($1, $2, $3, $4)", args, 4, &changed, &err))
        fail_msg("%s", err.text);
    assert_int_equal(changed, 1);
}

static int64_t count(struct sql *db, const char *statement)
{
    struct sql_rows *rows;
    int64_t ret = -1;

    if (sql_query(db, statement, SQL_NO_ARGS, &rows, &err))
        fail_msg("%s", err.text);
    assert_true(sql_next(rows));
    ret = sql_get_int(rows, 0);
    assert_false(sql_next(rows));
    assert_int_equal(sql_rows_end(rows, &err), OU_OK);
    return ret;
}

static void test_values_come_back_as_they_were_put(void **state)
{
    static const char bytes[] = { 0, 1, (char)0xff, '\'', '"' };
    struct sql *db = open_table();
    struct sql_rows *rows;
    struct span blob;

    (void)state;
    put(db, sql_int(INT64_MAX), sql_real(-0.1), sql_text("Ω 'quoted' \"x\" $1 %s"),
        sql_blob((struct span){ bytes, sizeof bytes }));
    assert_int_equal(sql_query(db, "SELECT i, r, x, b FROM t", SQL_NO_ARGS, &rows, &err), OU_OK);
    assert_true(sql_next(rows));
    assert_int_equal(sql_get_int(rows, 0), INT64_MAX);
    assert_true(sql_get_real(rows, 1) == -0.1);
    assert_true(span_is(sql_get_text(rows, 2), "Ω 'quoted' \"x\" $1 %s"));
    blob = sql_get_blob(rows, 3);
    assert_int_equal(blob.len, sizeof bytes);
    assert_memory_equal(blob.at, bytes, sizeof bytes);
    assert_false(sql_next(rows));
    assert_false(sql_next(rows)); /* the end stays the end */
    assert_int_equal(sql_rows_end(rows, &err), OU_OK);
    sql_close(db);
}

static void test_null_is_told_from_what_is_empty(void **state)
{
    const struct span nothing = { 0 };
    struct sql *db = open_table();
    struct sql_rows *rows;

    (void)state;
    put(db, sql_none(), sql_real(NAN), sql_text(NULL), sql_none());
    put(db, sql_int(1), sql_real(0), sql_span(nothing), sql_blob(nothing));
    assert_int_equal(sql_query(db, "SELECT i, r, x, b FROM t ORDER BY (i IS NULL) DESC",
                               SQL_NO_ARGS, &rows, &err),
                     OU_OK);
    assert_true(sql_next(rows));
    for (int column = 0; column < 4; column++)
        assert_true(sql_is_null(rows, column));
    assert_true(isnan(sql_get_real(rows, 1)));
    assert_true(sql_get_time(rows, 0) == TIME_NONE);
    assert_null(sql_get_text(rows, 2).at);
    assert_true(sql_next(rows));
    for (int column = 0; column < 4; column++)
        assert_false(sql_is_null(rows, column));
    assert_non_null(sql_get_text(rows, 2).at);
    assert_non_null(sql_get_blob(rows, 3).at);
    assert_int_equal(sql_rows_end(rows, &err), OU_OK);
    sql_close(db);
}

/* A statement that has only seen NULL in a place takes any type there afterwards, and goes on doing so. */
static void test_a_statement_is_kept_whatever_is_null_in_it(void **state)
{
    struct sql *db = open_table();

    (void)state;
    for (int round = 0; round < 3; round++)
        for (int mask = 0; mask < 16; mask++)
            put(db, mask & 1 ? sql_int(mask) : sql_none(), mask & 2 ? sql_real(mask) : sql_none(),
                mask & 4 ? sql_text("x") : sql_none(),
                mask & 8 ? sql_blob(span_of("b")) : sql_none());
    assert_int_equal(count(db, "SELECT count(*) FROM t WHERE i IS NOT NULL"), 24);
    assert_int_equal(count(db, "SELECT count(*) FROM t WHERE b IS NOT NULL"), 24);
    assert_int_equal(count(db, "SELECT sum(i) FROM t"), 3 * (1 + 3 + 5 + 7 + 9 + 11 + 13 + 15));
    sql_close(db);
}

static void test_a_whole_number_goes_where_reals_are(void **state)
{
    struct sql *db = open_table();

    (void)state;
    put(db, sql_int(1), sql_int(3), sql_none(), sql_none());
    put(db, sql_int(2), sql_real(3), sql_none(), sql_none());
    assert_int_equal(count(db, "SELECT count(*) FROM t WHERE r = 3"), 2);
    sql_close(db);
}

static void test_texts_compare_byte_by_byte(void **state)
{
    static const char *const sorted[] = { "", "A", "Z", "a", "aB", "ab", "b", "é", "Ω" };
    struct sql *db = open_table();
    struct sql_rows *rows;

    (void)state;
    for (size_t i = sizeof sorted / sizeof *sorted; i > 0; i--)
        put(db, sql_none(), sql_none(), sql_text(sorted[i - 1]), sql_none());
    assert_int_equal(sql_query(db, "SELECT x FROM t ORDER BY x", SQL_NO_ARGS, &rows, &err), OU_OK);
    for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++) {
        assert_true(sql_next(rows));
        assert_true(span_is(sql_get_text(rows, 0), sorted[i]));
    }
    assert_int_equal(sql_rows_end(rows, &err), OU_OK);
    sql_close(db);
}

static void test_texts_that_one_database_would_not_take_are_refused(void **state)
{
    struct sql *db = open_table();

    (void)state;
    assert_int_equal(sql_run(db, "INSERT INTO t (x) VALUES ($1)",
                             SQL_ARGS(sql_span((struct span){ "a\0b", 3 })), NULL, &err),
                     OU_INVALID);
    assert_non_null(strstr(err.text, "NUL"));
    assert_int_equal(
        sql_run(db, "INSERT INTO t (x) VALUES ($1)", SQL_ARGS(sql_text("\xc3(")), NULL, &err),
        OU_INVALID);
    assert_non_null(strstr(err.text, "UTF-8"));
    assert_int_equal(count(db, "SELECT count(*) FROM t"), 0);
    sql_close(db);
}

/* Placeholders inside of texts, names and comments are none. */
static void test_a_statement_may_have_dollars_in_texts(void **state)
{
    struct sql *db = open_table();
    struct sql_rows *rows;

    (void)state;
    assert_int_equal(sql_query(db, "SELECT '$1 it''s $2', $2 + $1 AS \"$3\" -- $4\n",
                               SQL_ARGS(sql_int(30), sql_int(4)), &rows, &err),
                     OU_OK);
    assert_true(sql_next(rows));
    assert_true(span_is(sql_get_text(rows, 0), "$1 it's $2"));
    assert_int_equal(sql_get_int(rows, 1), 34);
    assert_int_equal(sql_rows_end(rows, &err), OU_OK);
    sql_close(db);
}

static void test_more_statements_than_are_kept(void **state)
{
    struct sql *db = open_empty();
    char text[64];

    (void)state;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 300; i++) {
            (void)snprintf(text, sizeof text, "SELECT %d", i);
            assert_int_equal(count(db, text), i);
        }
    sql_close(db);
}

static enum ou_status put_two(struct sql *db, void *context, struct ou_error *e)
{
    enum ou_status *then = context;
    enum ou_status status =
        sql_run(db, "INSERT INTO one (id) VALUES ($1)", SQL_ARGS(sql_int(1)), NULL, e);

    if (!status)
        status = sql_run(db, "INSERT INTO one (id) VALUES ($1)", SQL_ARGS(sql_int(2)), NULL, e);
    return status ? status : *then;
}

static void test_work_that_fails_is_undone(void **state)
{
    struct sql *db = open_table();
    enum ou_status then = OU_NOT_FOUND;

    (void)state;
    assert_int_equal(sql_write(db, put_two, &then, &err), OU_NOT_FOUND);
    assert_int_equal(count(db, "SELECT count(*) FROM one"), 0);
    then = OU_OK;
    assert_int_equal(sql_write(db, put_two, &then, &err), OU_OK);
    assert_int_equal(count(db, "SELECT count(*) FROM one"), 2);
    assert_int_equal(sql_write(db, put_two, &then, &err), OU_INVALID);
    assert_int_equal(sql_fault(db), SQL_CONSTRAINT);
    assert_int_equal(count(db, "SELECT count(*) FROM one"), 2);
    sql_close(db);
}

static enum ou_status overlook(struct sql *db, void *context, struct ou_error *e)
{
    (void)context;
    (void)sql_run(db, "INSERT INTO one (id) VALUES (7)", SQL_NO_ARGS, NULL, e);
    (void)sql_run(db, "INSERT INTO one (id) VALUES (7)", SQL_NO_ARGS, NULL, e);
    return OU_OK;
}

/* SQLite would commit the first row and PostgreSQL nothing: here it is nothing in both. */
static void test_a_failure_that_was_overlooked_undoes_the_transaction(void **state)
{
    struct sql *db = open_table();

    (void)state;
    assert_int_equal(sql_write(db, overlook, NULL, &err), OU_INVALID);
    assert_int_equal(count(db, "SELECT count(*) FROM one"), 0);
    sql_close(db);
}

static enum ou_status go_on_after_a_failure(struct sql *db, void *context, struct ou_error *e)
{
    (void)context;
    for (int i = 0; i < 2; i++)
        assert_int_equal(sql_run(db, "INSERT INTO one (id) VALUES (7)", SQL_NO_ARGS, NULL, NULL),
                         i ? OU_INVALID : OU_OK);
    return sql_run(db, "INSERT INTO one (id) VALUES (8)", SQL_NO_ARGS, NULL, e);
}

static void test_a_failed_transaction_takes_no_further_statement(void **state)
{
    struct sql *db = open_table();

    (void)state;
    assert_int_equal(sql_write(db, go_on_after_a_failure, NULL, &err), OU_INVALID);
    assert_non_null(strstr(err.text, ": an earlier statement of the transaction failed"));
    assert_int_equal(count(db, "SELECT count(*) FROM one"), 0);
    sql_close(db);
}

static enum ou_status begin_within(struct sql *db, void *context, struct ou_error *e)
{
    (void)context;
    return sql_write(db, put_two, &(enum ou_status){ OU_OK }, e);
}

static void test_a_transaction_is_not_begun_within_another_one(void **state)
{
    struct sql *db = open_table();

    (void)state;
    assert_int_equal(sql_write(db, begin_within, NULL, &err), OU_USAGE);
    assert_string_equal(err.text, "a transaction is open already");
    assert_int_equal(count(db, "SELECT count(*) FROM one"), 0);
    sql_close(db);
}

static void test_a_statement_of_too_many_values_is_refused(void **state)
{
    static const struct sql_value args[2049] = { { .type = SQL_INT } };
    struct sql *db = open_table();

    (void)state;
    assert_int_equal(sql_run(db, "INSERT INTO one (id) VALUES ($1)", args, 2049, NULL, &err),
                     OU_TOO_LARGE);
    assert_string_equal(err.text, "more than 2048 values for one statement");
    assert_int_equal(count(db, "SELECT count(*) FROM one"), 0);
    sql_close(db);
}

static enum ou_status leave_open(struct sql *db, void *context, struct ou_error *e)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db, "SELECT 1 UNION SELECT 2", SQL_NO_ARGS, &rows, e);

    (void)context;
    assert_false(!status && !sql_next(rows));
    return status ? status : OU_TOO_LARGE;
}

static void test_rows_that_were_left_open_are_closed_with_the_transaction(void **state)
{
    struct sql *db = open_empty();

    (void)state;
    assert_int_equal(sql_read(db, leave_open, NULL, &err), OU_TOO_LARGE);
    assert_int_equal(count(db, "SELECT 5"), 5);
    sql_close(db);
}

static enum ou_status try_to_write(struct sql *db, void *context, struct ou_error *e)
{
    (void)context;
    return sql_run(db, "INSERT INTO one (id) VALUES (1)", SQL_NO_ARGS, NULL, e);
}

static void test_a_connection_for_reading_does_not_write(void **state)
{
    const struct sql_options options = { .read_only = true };
    struct sql *db;

    (void)state;
    sql_close(open_table());
    assert_int_equal(sql_open(database_again(), &options, &db, &err), OU_OK);
    assert_int_equal(sql_write(db, try_to_write, NULL, &err), OU_IO);
    assert_int_equal(sql_fault(db), SQL_FULL);
    assert_int_equal(count(db, "SELECT count(*) FROM one"), 0);
    sql_close(db);
}

struct two {
    struct sql *other;
    int64_t before, after;
};

static enum ou_status count_twice(struct sql *db, void *context, struct ou_error *e)
{
    struct two *two = context;

    two->before = count(db, "SELECT count(*) FROM one");
    if (sql_write(two->other, try_to_write, NULL, e))
        return OU_IO;
    two->after = count(db, "SELECT count(*) FROM one");
    return OU_OK;
}

static void test_a_reader_sees_one_state_while_others_write(void **state)
{
    struct sql *db = open_table();
    struct two two = { 0 };

    (void)state;
    assert_int_equal(sql_open(database_again(), NULL, &two.other, &err), OU_OK);
    assert_int_equal(sql_read(db, count_twice, &two, &err), OU_OK);
    assert_int_equal(two.before, 0);
    assert_int_equal(two.after, 0);
    assert_int_equal(count(db, "SELECT count(*) FROM one"), 1);
    sql_close(two.other);
    sql_close(db);
}

static enum ou_status write_meanwhile(struct sql *db, void *context, struct ou_error *e)
{
    struct sql *other = context;
    enum ou_status status = try_to_write(db, NULL, e);

    if (!status) {
        assert_int_equal(sql_write(other, try_to_write, NULL, &err), OU_IO);
        assert_int_equal(sql_fault(other), SQL_BUSY);
    }
    return status;
}

static void test_writers_go_one_after_another(void **state)
{
    const struct sql_options impatient = { .busy_s = 0.05 };
    struct sql *db = open_table(), *other;

    (void)state;
    assert_int_equal(sql_open(database_again(), &impatient, &other, &err), OU_OK);
    assert_int_equal(sql_write(db, write_meanwhile, other, &err), OU_OK);
    assert_int_equal(sql_write(other, try_to_write, NULL, &err), OU_INVALID); /* it is there now */
    assert_int_equal(sql_fault(other), SQL_CONSTRAINT);
    sql_close(other);
    sql_close(db);
}

static void test_a_statement_that_takes_too_long_is_stopped(void **state)
{
    const struct sql_options options = { .answer_s = 0.05 };
    struct sql *db;
    struct sql_rows *rows = NULL;
    enum ou_status status;

    (void)state;
    assert_int_equal(sql_open(database_empty(), &options, &db, &err), OU_OK);
    status = sql_query(db,
                       "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                       " WHERE i < 1000000000) SELECT count(*) FROM n",
                       SQL_NO_ARGS, &rows, &err);
    if (!status) {
        assert_false(sql_next(rows));
        status = sql_rows_end(rows, &err);
    }
    assert_int_equal(status, OU_IO);
    assert_int_equal(sql_fault(db), SQL_SLOW);
    assert_int_equal(count(db, "SELECT 1"), 1);
    sql_close(db);
}

static void test_a_table_that_is_not_there_has_a_next_step(void **state)
{
    struct sql *db = open_empty();

    (void)state;
    assert_int_equal(sql_run(db, "DELETE FROM not_there", SQL_NO_ARGS, NULL, &err), OU_INVALID);
    assert_int_equal(sql_fault(db), SQL_OLD);
    assert_non_null(strstr(err.text, "db migrate"));
    sql_close(db);
}

static void test_a_column_that_is_not_there_has_a_next_step(void **state)
{
    static const char *const statements[] = {
        "INSERT INTO one (not_there) VALUES (1)",
        "UPDATE one SET not_there = 1",
        "DELETE FROM one WHERE not_there = 1",
    };
    struct sql *db = open_table();

    (void)state;
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        assert_int_equal(sql_run(db, statements[i], SQL_NO_ARGS, NULL, &err), OU_INVALID);
        assert_int_equal(sql_fault(db), SQL_OLD);
        assert_non_null(strstr(err.text, "not_there"));
        assert_non_null(strstr(err.text, "db migrate"));
    }
    sql_close(db);
}

static void test_one_answer_is_open_at_a_time(void **state)
{
    struct sql *db = open_empty();
    struct sql_rows *rows;

    (void)state;
    assert_int_equal(sql_query(db, "SELECT 1", SQL_NO_ARGS, &rows, &err), OU_OK);
    assert_int_equal(sql_run(db, "SELECT 2", SQL_NO_ARGS, NULL, &err), OU_USAGE);
    assert_int_equal(sql_rows_end(rows, &err), OU_OK);
    assert_int_equal(count(db, "SELECT 3"), 3);
    sql_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_values_come_back_as_they_were_put),
        database_test(test_null_is_told_from_what_is_empty),
        database_test(test_a_statement_is_kept_whatever_is_null_in_it),
        database_test(test_a_whole_number_goes_where_reals_are),
        database_test(test_texts_compare_byte_by_byte),
        database_test(test_texts_that_one_database_would_not_take_are_refused),
        database_test(test_a_statement_may_have_dollars_in_texts),
        database_test(test_more_statements_than_are_kept),
        database_test(test_work_that_fails_is_undone),
        database_test(test_a_failure_that_was_overlooked_undoes_the_transaction),
        database_test(test_a_failed_transaction_takes_no_further_statement),
        database_test(test_a_transaction_is_not_begun_within_another_one),
        database_test(test_a_statement_of_too_many_values_is_refused),
        database_test(test_rows_that_were_left_open_are_closed_with_the_transaction),
        database_test(test_a_connection_for_reading_does_not_write),
        database_test(test_a_reader_sees_one_state_while_others_write),
        database_test(test_writers_go_one_after_another),
        database_test(test_a_statement_that_takes_too_long_is_stopped),
        database_test(test_a_table_that_is_not_there_has_a_next_step),
        database_test(test_a_column_that_is_not_there_has_a_next_step),
        database_test(test_one_answer_is_open_at_a_time),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
