#include "deploy/backend.h"

#include <stdio.h>
#include <string.h>

#include "support/test.h"

static struct backend backend;
static char told[2000];

static void on_line(void *context, const char *line)
{
    assert_ptr_equal(context, told);
    snprintf(told, sizeof told, "%s", line);
}

static int set_up(void **state)
{
    (void)state;
    backend = (struct backend){ .context = told };
    told[0] = '\0';
    return 0;
}

static void test_a_step_that_is_done_again_is_told_where_it_was_done_last(void **state)
{
    (void)state;
    backend_step(&backend, "hosts placed", "node-1");
    backend_step(&backend, "bundle uploaded", "");
    backend_step(&backend, "hosts placed", "node-2");
    assert_int_equal(backend.step_count, 2);
    assert_string_equal(backend.steps[0].name, "bundle uploaded");
    assert_string_equal(backend.steps[1].name, "hosts placed");
    assert_string_equal(backend.steps[1].host, "node-2");
    assert_true(backend.steps[1].at_ns >= backend.steps[0].at_ns);
}

static void test_steps_that_find_no_room_are_not_kept(void **state)
{
    static char names[BACKEND_STEPS_MAX + 1][8];

    (void)state;
    for (size_t i = 0; i <= BACKEND_STEPS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "%zu", i);
        backend_step(&backend, names[i], "");
    }
    assert_int_equal(backend.step_count, BACKEND_STEPS_MAX);
    backend_step(&backend, "0", "");
    assert_string_equal(backend.steps[BACKEND_STEPS_MAX - 1].name, "0");
}

static void test_lines_go_to_who_wants_them(void **state)
{
    (void)state;
    backend_say(&backend, "nobody hears %d", 1);
    backend_progress(&backend, "nor %d", 2);
    assert_string_equal(told, "");
    backend.say = on_line;
    backend_say(&backend, "host %s", "node-1");
    assert_string_equal(told, "host node-1");
    backend.progress = on_line;
    backend_progress(&backend, "%d of 6", 4);
    assert_string_equal(told, "4 of 6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_step_that_is_done_again_is_told_where_it_was_done_last,
                               set_up),
        cmocka_unit_test_setup(test_steps_that_find_no_room_are_not_kept, set_up),
        cmocka_unit_test_setup(test_lines_go_to_who_wants_them, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
