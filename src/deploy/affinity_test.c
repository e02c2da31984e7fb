#include "deploy/affinity.h"

#include <stdio.h>
#include <string.h>

#include "support/test.h"

/* A processor that this test may use, whichever it is. */
static unsigned usable_core(void)
{
    cpu_set_t ours;
    unsigned core = 0;

    assert_int_equal(sched_getaffinity(0, sizeof ours, &ours), 0);
    while (!CPU_ISSET(core, &ours))
        core++;
    return core;
}

static void test_numbers_and_ranges_are_read(void **state)
{
    struct ou_error err = { 0 };
    char list[40];
    cpu_set_t set;
    unsigned core = usable_core();

    (void)state;
    snprintf(list, sizeof list, "%u", core);
    assert_int_equal(affinity_parse(list, &set, &err), OU_OK);
    assert_int_equal(CPU_COUNT(&set), 1);
    assert_true(CPU_ISSET(core, &set));
    snprintf(list, sizeof list, "%u-%u,%u", core, core, core);
    assert_int_equal(affinity_parse(list, &set, &err), OU_OK);
    assert_int_equal(CPU_COUNT(&set), 1);
}

static void test_what_is_no_list_is_told(void **state)
{
    static const char *const wrong[] = { "",
                                         "a",
                                         "0,",
                                         ",0",
                                         "0-",
                                         "-1",
                                         "1-0",
                                         "0 1",
                                         "0;1",
                                         "0x1",
                                         "0--1",
                                         "99999",
                                         "18446744073709551616" };
    struct ou_error err = { 0 };
    cpu_set_t set;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(affinity_parse(wrong[i], &set, &err), OU_INVALID);
        assert_non_null(strstr(err.text, wrong[i]));
    }
}

static void test_processors_that_are_not_there_are_told_with_those_that_are(void **state)
{
    struct ou_error err = { 0 };
    cpu_set_t set, ours;
    char list[20];
    unsigned core = CPU_SETSIZE - 1;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof ours, &ours), 0);
    while (core > 0 && CPU_ISSET(core, &ours))
        core--;
    if (CPU_ISSET(core, &ours))
        skip();
    snprintf(list, sizeof list, "%u", core);
    assert_int_equal(affinity_parse(list, &set, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "no processor"));
    assert_non_null(strstr(err.text, "there is "));
}

static void test_processes_take_turns(void **state)
{
    (void)state;
    assert_true(span_is(affinity_turn("0-1;2-3", 0), "0-1"));
    assert_true(span_is(affinity_turn("0-1;2-3", 1), "2-3"));
    assert_true(span_is(affinity_turn("0-1;2-3", 2), "0-1"));
    assert_true(span_is(affinity_turn("0", 7), "0"));
    assert_int_equal(affinity_turn("", 7).len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_and_ranges_are_read),
        cmocka_unit_test(test_what_is_no_list_is_told),
        cmocka_unit_test(test_processors_that_are_not_there_are_told_with_those_that_are),
        cmocka_unit_test(test_processes_take_turns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
