#include "store/notify.h"

#include <stdatomic.h>
#include <unistd.h>

#include "support/databases.h"
#include "support/postgres.h"
#include "support/test.h"

static struct ou_error err;
static atomic_int heard_count;

static void heard(void *context)
{
    assert_ptr_equal(context, &heard_count);
    atomic_fetch_add(&heard_count, 1);
}

static struct store *open_store(const char *place)
{
    const struct store_options options = { .migrate = true };
    struct store *s = NULL;

    if (store_open(place, &options, &s, &err))
        fail_msg("%s", err.text);
    return s;
}

static enum ou_status say(struct sql *db, void *context, struct ou_error *e)
{
    enum ou_status *then = context;
    enum ou_status status = sql_run(db,
                                    "INSERT INTO audit (at_ns, actor, action, target)"
                                    " VALUES (1, 'local', 'say', 'x')",
                                    SQL_NO_ARGS, NULL, e);

    if (!status)
        status = store_notify(db, e);
    return status ? status : *then;
}

static void say_once(struct store *s, enum ou_status then)
{
    struct sql *db;

    if (store_take(s, &db, &err))
        fail_msg("%s", err.text);
    assert_int_equal(sql_write(db, say, &then, &err), then);
    store_give(s, db);
}

/* Waits until more was heard than before. */
static bool hears_more_than(int before)
{
    for (int i = 0; i < 200; i++) {
        if (atomic_load(&heard_count) > before)
            return true;
        usleep(50000);
    }
    return false;
}

static void test_what_another_program_writes_is_heard(void **state)
{
    struct store *here = open_store(database_empty()), *there = open_store(database_again());
    struct store_listener *l = NULL;

    (void)state;
    atomic_store(&heard_count, 0);
    assert_int_equal(store_listen(here, heard, &heard_count, &l, &err), OU_OK);
    for (int i = 0; i < 3; i++) {
        int before = atomic_load(&heard_count);

        say_once(there, OU_OK);
        assert_true(hears_more_than(before));
    }
    store_listener_close(l);
    store_close(there);
    store_close(here);
}

static void test_many_writes_are_told_together(void **state)
{
    struct store *s = open_store(database_empty());
    struct store_listener *l = NULL;

    (void)state;
    atomic_store(&heard_count, 0);
    assert_int_equal(store_listen(s, heard, &heard_count, &l, &err), OU_OK);
    for (int i = 0; i < 100; i++)
        say_once(s, OU_OK);
    assert_true(hears_more_than(0));
    store_listener_close(l);
    assert_in_range(atomic_load(&heard_count), 1, 90);
    store_close(s);
}

static void test_what_was_undone_is_not_told(void **state)
{
    struct store *s = open_store(database_empty());
    struct store_listener *l = NULL;

    (void)state;
    atomic_store(&heard_count, 0);
    assert_int_equal(store_listen(s, heard, &heard_count, &l, &err), OU_OK);
    say_once(s, OU_NOT_FOUND);
    usleep(600000);
    assert_int_equal(atomic_load(&heard_count), 0);
    store_listener_close(l);
    store_close(s);
}

static void test_a_listener_finds_its_way_back_and_says_that_it_was_away(void **state)
{
    struct store *s;
    struct store_listener *l = NULL;
    int before;

    (void)state;
    if (!database_is_postgres())
        skip();
    s = open_store(database_empty());
    atomic_store(&heard_count, 0);
    assert_int_equal(store_listen(s, heard, &heard_count, &l, &err), OU_OK);
    postgres_command("kill");
    postgres_command("start");
    assert_true(hears_more_than(0));
    before = atomic_load(&heard_count);
    say_once(s, OU_OK);
    assert_true(hears_more_than(before));
    store_listener_close(l);
    store_close(s);
}

static void test_a_listener_ends_at_once(void **state)
{
    struct store *s = open_store(database_empty());
    struct store_listener *l = NULL;

    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(store_listen(s, heard, &heard_count, &l, &err), OU_OK);
        store_listener_close(l);
    }
    store_listener_close(NULL);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_what_another_program_writes_is_heard),
        database_test(test_many_writes_are_told_together),
        database_test(test_what_was_undone_is_not_told),
        database_test(test_a_listener_finds_its_way_back_and_says_that_it_was_away),
        database_test(test_a_listener_ends_at_once),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
