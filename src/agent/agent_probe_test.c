#include "agent/agent_probe.h"

#include <math.h>

#include "base/time.h"
#include "support/test.h"

#define S NS_PER_SECOND

static void expect(const struct agent_clock *clock, double ahead_s, double doubt_s)
{
    double ahead, doubt;

    agent_clock_tell(clock, &ahead, &doubt);
    assert_true(fabs(ahead - ahead_s) < 1e-9);
    assert_true(fabs(doubt - doubt_s) < 1e-9);
}

static void test_nothing_is_known_before_the_first_answer(void **state)
{
    struct agent_clock clock = { 0 };
    double ahead, doubt;

    (void)state;
    agent_clock_seen(&clock, 10 * S, 11 * S, TIME_NONE);
    agent_clock_tell(&clock, &ahead, &doubt);
    assert_true(isnan(ahead) && isnan(doubt));
}

static void test_one_answer_tells_it_to_half_a_second(void **state)
{
    struct agent_clock clock = { 0 };

    (void)state;
    /* Theirs is in [100, 101) when ours is 105.2: we are ahead by 4.2 to 5.2. */
    agent_clock_seen(&clock, 105 * S + S / 5, 105 * S + S / 5, 100 * S);
    expect(&clock, 4.7, 0.5);
}

static void test_the_way_there_and_back_adds_to_the_doubt(void **state)
{
    struct agent_clock clock = { 0 };

    (void)state;
    agent_clock_seen(&clock, 100 * S, 102 * S, 100 * S);
    expect(&clock, 0.5, 1.5);
}

static void test_more_answers_leave_less_doubt(void **state)
{
    struct agent_clock clock = { 0 };

    (void)state;
    /* Clocks that agree: answers at 0.9 and 0.1 of a second. */
    agent_clock_seen(&clock, 100 * S + 9 * S / 10, 100 * S + 9 * S / 10, 100 * S);
    agent_clock_seen(&clock, 102 * S + S / 10, 102 * S + S / 10, 102 * S);
    expect(&clock, 0, 0.1);
}

static void test_a_clock_that_was_set_is_believed_as_it_is_now(void **state)
{
    struct agent_clock clock = { 0 };

    (void)state;
    agent_clock_seen(&clock, 100 * S, 100 * S, 100 * S);
    agent_clock_seen(&clock, 200 * S, 200 * S, 150 * S);
    expect(&clock, 49.5, 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_known_before_the_first_answer),
        cmocka_unit_test(test_one_answer_tells_it_to_half_a_second),
        cmocka_unit_test(test_the_way_there_and_back_adds_to_the_doubt),
        cmocka_unit_test(test_more_answers_leave_less_doubt),
        cmocka_unit_test(test_a_clock_that_was_set_is_believed_as_it_is_now),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
