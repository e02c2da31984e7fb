#include "node/script_time.h"

#include <time.h>

#include "support/test.h"

static void test_steps_take_their_time(void **state)
{
    const struct script_time t = { .ps_per_step = 50 };

    (void)state;
    assert_int_equal(script_time_ns(&t, 0), 0);
    assert_int_equal(script_time_ns(&t, 20), 1);
    assert_int_equal(script_time_ns(&t, 10000000000),
                     500000000); /* a transaction's budget: 0.5 s */
}

static void test_no_time_is_longer_than_the_longest(void **state)
{
    const struct script_time t = { .ps_per_step = 1e12 };

    (void)state;
    assert_int_equal(script_time_ns(&t, UINT64_MAX), SCRIPT_TIME_MAX_NS);
}

static void test_the_processor_is_busy_for_so_long(void **state)
{
    struct script_time t = { .ps_per_step = 1000 };
    struct timespec before, after;

    (void)state;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
    script_time_spend(&t, 2000000, 0); /* 2 ms */
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
    assert_true((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >=
                2000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_take_their_time),
        cmocka_unit_test(test_no_time_is_longer_than_the_longest),
        cmocka_unit_test(test_the_processor_is_busy_for_so_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
