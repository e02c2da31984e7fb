#include "analyse/run_incidents.h"

#include "base/time.h"
#include "support/files.h"
#include "support/test.h"

struct fixture {
    struct temp_dir dir;
    struct run_context context;
    struct ou_error err;
};

static int set_up(void **state)
{
    static struct fixture f;

    f = (struct fixture){ 0 };
    temp_dir_make(&f.dir);
    assert_int_equal(run_context_load(temp_file(&f.dir, "meta.json", "{\"meta\": {}}"), NULL,
                                      &f.context, &f.err),
                     OU_OK);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    run_context_release(&f->context);
    temp_dir_remove(&f->dir);
    return 0;
}

static enum ou_status load(struct fixture *f, const char *text)
{
    return run_incidents_load(temp_file(&f->dir, "status.json", text), &f->context, &f->err);
}

static void test_what_happened_within_a_state_is_an_incident(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(
        load(
            f,
            "{\"history\": [{\"state\": \"genesis-ready\", \"at\": \"x\", \"cause\": \"\"},"
            " {\"state\": \"running\", \"at\": \"2026-11-22T10:00:00Z\", \"cause\": \"\"},"
            " {\"state\": \"running\", \"at\": \"2026-11-22T10:00:01Z\", \"cause\": \"node-4 died\"},"
            " {\"state\": \"running\", \"at\": \"2026-11-22T10:00:02Z\", \"cause\": \"\"},"
            " {\"state\": \"stopped\", \"at\": \"2026-11-22T10:00:03Z\", \"cause\": \"enough\"}]}"),
        OU_OK);
    assert_int_equal(f->context.incident_count, 1);
    assert_string_equal(f->context.incidents[0].what, "node-4 died");
    assert_int_equal(f->context.incidents[0].at_ns, 1795341601 * NS_PER_SECOND);
}

static void test_a_history_of_another_shape_tells_of_nothing(void **state)
{
    static const char *const SHAPES[] = {
        "{}",
        "{\"history\": 1}",
        "{\"history\": [1, null, {\"state\": 2}, {\"state\": \"a\"}, {\"state\": \"a\", \"cause\": 3}]}",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++) {
        assert_int_equal(load(f, SHAPES[i]), OU_OK);
        assert_int_equal(f->context.incident_count, 0);
    }
    assert_int_equal(load(f, "[]"), OU_INVALID);
    assert_int_equal(run_incidents_load("/nowhere", &f->context, &f->err), OU_NOT_FOUND);
}

static void test_a_time_that_is_none_is_not_told(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, "{\"history\": [{\"state\": \"running\"},"
                             " {\"state\": \"running\", \"at\": \"soon\", \"cause\": \"c\"}]}"),
                     OU_OK);
    assert_int_equal(f->context.incident_count, 1);
    assert_true(f->context.incidents[0].at_ns == TIME_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_happened_within_a_state_is_an_incident),
        TEST(test_a_history_of_another_shape_tells_of_nothing),
        TEST(test_a_time_that_is_none_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
