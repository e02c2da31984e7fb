#include "stats/scratch.h"

#include <stdint.h>
#include <stdlib.h>

#include "support/test.h"

/* Sanitizers take the question itself for a mistake. */
static void take_too_much(void)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip();
#endif
    assert_null(scratch_take(SIZE_MAX / 16, sizeof(double)));
}

static void test_a_calculation_with_room_ends_as_it_did(void **state)
{
    struct ou_error err = { "" };
    double *values = scratch_take(3, sizeof *values);

    (void)state;
    assert_true(values[0] == 0 && values[2] == 0);
    free(values);
    assert_int_equal(scratch_settle(OU_OK, &err), OU_OK);
    assert_int_equal(scratch_settle(OU_INVALID, &err), OU_INVALID);
    assert_string_equal(err.text, "");
}

static void test_one_without_room_has_no_result_and_is_told_once(void **state)
{
    struct ou_error err;

    (void)state;
    take_too_much();
    assert_int_equal(scratch_settle(OU_OK, &err), OU_NO_MEMORY);
    assert_string_equal(err.text, "no memory for the statistics");
    assert_int_equal(scratch_settle(OU_OK, &err), OU_OK);
}

static void test_an_error_that_is_there_is_the_one_that_is_told(void **state)
{
    (void)state;
    take_too_much();
    assert_int_equal(scratch_settle(OU_INVALID, NULL), OU_INVALID);
    assert_int_equal(scratch_settle(OU_OK, NULL), OU_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_calculation_with_room_ends_as_it_did),
        cmocka_unit_test(test_one_without_room_has_no_result_and_is_told_once),
        cmocka_unit_test(test_an_error_that_is_there_is_the_one_that_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
