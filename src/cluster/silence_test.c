/* A silence is told once when it is long, and once when it is over. */
#include "cluster/silence.h"

#include "support/test.h"

#define PATIENCE 15

static void test_who_answers_in_time_is_not_talked_about(void **state)
{
    struct silence s = { 0 };
    int64_t for_ns = -1;

    (void)state;
    for (int64_t now = 100; now < 200; now++)
        assert_int_equal(silence_look(&s, now - now % PATIENCE, now, PATIENCE, &for_ns),
                         SILENCE_NO_NEWS);
    assert_int_equal(for_ns, -1);
}

static void test_a_silence_is_told_once_and_its_end_with_its_length(void **state)
{
    struct silence s = { 0 };
    int64_t for_ns;

    (void)state;
    assert_int_equal(silence_look(&s, 100, 115, PATIENCE, &for_ns), SILENCE_NO_NEWS);
    assert_int_equal(silence_look(&s, 100, 116, PATIENCE, &for_ns), SILENCE_BEGUN);
    assert_int_equal(for_ns, 16);
    for (int64_t now = 117; now < 900; now++)
        assert_int_equal(silence_look(&s, 100, now, PATIENCE, &for_ns), SILENCE_NO_NEWS);
    assert_int_equal(silence_look(&s, 125, 900, PATIENCE, &for_ns), SILENCE_OVER);
    assert_int_equal(for_ns, 25);
    assert_int_equal(silence_look(&s, 899, 901, PATIENCE, &for_ns), SILENCE_NO_NEWS);
}

static void test_the_next_silence_is_told_again(void **state)
{
    struct silence s = { 0 };
    int64_t for_ns;

    (void)state;
    assert_int_equal(silence_look(&s, 100, 120, PATIENCE, &for_ns), SILENCE_BEGUN);
    assert_int_equal(silence_look(&s, 121, 122, PATIENCE, &for_ns), SILENCE_OVER);
    assert_int_equal(silence_look(&s, 121, 140, PATIENCE, &for_ns), SILENCE_BEGUN);
    assert_int_equal(for_ns, 19);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_answers_in_time_is_not_talked_about),
        cmocka_unit_test(test_a_silence_is_told_once_and_its_end_with_its_length),
        cmocka_unit_test(test_the_next_silence_is_told_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
