#include "workbench/run_machine.h"

#include <unistd.h>

#include "support/test.h"

static void test_what_is_always_known_is_told(void **state)
{
    json_t *machine = run_machine_document();

    (void)state;
    assert_int_equal(json_integer_value(json_object_get(machine, "cores")),
                     sysconf(_SC_NPROCESSORS_ONLN));
    assert_true(json_integer_value(json_object_get(machine, "memory_bytes")) > 1 << 20);
    assert_true(json_real_value(json_object_get(machine, "load_average")) >= 0);
    json_decref(machine);
}

/* A member that is not known is null, and not missing: who compares machines finds the same members. */
static void test_every_member_is_there(void **state)
{
    static const char *const names[] = { "kernel",          "architecture",       "cpu",     "smt",
                                         "cpu_limit_cores", "memory_limit_bytes", "governor" };
    json_t *machine = run_machine_document();

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_non_null(json_object_get(machine, names[i]));
    json_decref(machine);
}

static void test_a_quota_is_a_number_of_processors(void **state)
{
    (void)state;
    assert_true(run_machine_cpu_limit("200000 100000") == 2.0);
    assert_true(run_machine_cpu_limit("50000 100000") == 0.5);
    assert_true(run_machine_cpu_limit("max 100000") < 0);
    assert_true(run_machine_cpu_limit("1 0") < 0);
    assert_true(run_machine_cpu_limit("") < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_always_known_is_told),
        cmocka_unit_test(test_every_member_is_there),
        cmocka_unit_test(test_a_quota_is_a_number_of_processors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
