#include "stats/equivalence.h"

#include "stats/two_samples.h"
#include "support/near.h"
#include "support/test.h"

static void test_one_sample(void **state)
{
    struct equivalence_test t = equivalence_test(.52 - .5, .5 / sqrt(300), 299, .1);

    (void)state;
    assert_near(t.t_low, 4.156922, 5e-7);
    assert_near(t.p_low, 2.1085e-5, 5e-10);
    assert_near(t.t_high, -2.771281, 5e-7);
    assert_near(t.p_high, .002966762, 5e-10);
    assert_near(t.p, t.p_high, 0);
    assert_near(t.interval.low, -.0276304, 5e-8);
    assert_near(t.interval.high, .0676304, 5e-8);
}

static void test_two_samples_by_their_moments(void **state)
{
    struct t_test welch = welch_of_moments(4.87, 1.11, 15, 4.55, 1.05, 15, 0.9);
    struct equivalence_test t = equivalence_test(welch.difference, welch.se, welch.dof, .5);

    (void)state;
    assert_near(welch.dof, 27.913979, 5e-7);
    assert_near(t.p_low, .325866803, 5e-10);
    assert_near(t.p_high, .023485815, 5e-10);
    assert_near(t.p, t.p_low, 0);
    assert_near(t.interval.low, -.9911879, 5e-8);
    assert_near(t.interval.high, .3511879, 5e-8);
    assert_near(t.interval.low, welch.interval.low, 1e-12);
}

/* p <= .05 and "the 90 % interval lies inside" are the same statement. */
static void test_p_and_the_interval_agree(void **state)
{
    (void)state;
    for (double difference = -3; difference <= 3; difference += .0625) {
        struct equivalence_test t = equivalence_test(difference, .7, 9, 2);

        assert_int_equal(t.p<.05, t.interval.low> - 2 && t.interval.high < 2);
    }
}

static void test_nothing_varies(void **state)
{
    struct equivalence_test inside = equivalence_test(1, 0, 6, 2);
    struct equivalence_test outside = equivalence_test(-3, 0, 6, 2);
    struct equivalence_test edge = equivalence_test(2, 0, 6, 2);

    (void)state;
    assert_near(inside.p, 0, 0);
    assert_near(inside.interval.low, 1, 0);
    assert_near(inside.interval.high, 1, 0);
    assert_near(outside.p, 1, 0);
    assert_near(edge.p, 1, 0);
}

static void test_unknown_numbers_say_nothing(void **state)
{
    (void)state;
    assert_true(isnan(equivalence_test(NAN, 1, 3, 1).p));
    assert_true(isnan(equivalence_test(1, NAN, 3, 1).p));
    assert_true(isnan(equivalence_test(1, 1, NAN, 1).p));
    assert_true(isnan(equivalence_test(1, 1, 3, NAN).p));
    assert_false(interval_known(equivalence_test(1, NAN, 3, 1).interval));
    assert_true(interval_known(equivalence_test(1, 1, 3, NAN).interval));
}

static void test_the_table_of_verdicts(void **state)
{
    static const struct {
        struct interval difference, equivalence;
        double margin;
        enum change change;
    } cases[] = {
        { { 3, 5 }, { 3.2, 4.8 }, 2, CHANGE_MORE },
        { { -5, -3 }, { -4.8, -3.2 }, 2, CHANGE_LESS },
        { { 1, 5 }, { 1.2, 4.8 }, 2, CHANGE_MORE }, /* straddles the margin */
        { { -5, -1 }, { -4.8, -1.2 }, 2, CHANGE_LESS },
        { { .5, 1.5 }, { .6, 1.4 }, 2, CHANGE_NEGLIGIBLE },
        { { -1.5, -.5 }, { -1.4, -.6 }, 2, CHANGE_NEGLIGIBLE },
        { { -1, 1 }, { -.8, .8 }, 2, CHANGE_EQUIVALENT },
        { { -.1, 2.1 }, { .1, 1.9 }, 2, CHANGE_EQUIVALENT }, /* by the narrower interval */
        { { -1, 4 }, { -.5, 3.5 }, 2, CHANGE_INCONCLUSIVE },
        { { -9, 9 }, { -8, 8 }, 2, CHANGE_INCONCLUSIVE },
        { { -1, 1 }, { NAN, NAN }, 2, CHANGE_INCONCLUSIVE },
        { { NAN, NAN }, { NAN, NAN }, 2, CHANGE_INCONCLUSIVE },
        { { 0, 0 }, { 0, 0 }, 2, CHANGE_EQUIVALENT },
        { { .1, INFINITY }, { .2, INFINITY }, 2, CHANGE_MORE },
        { { .1, .2 }, { .12, .18 }, 0, CHANGE_MORE }, /* any difference matters */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(change_of(cases[i].difference, cases[i].equivalence, cases[i].margin),
                         cases[i].change);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_sample),
        cmocka_unit_test(test_two_samples_by_their_moments),
        cmocka_unit_test(test_p_and_the_interval_agree),
        cmocka_unit_test(test_nothing_varies),
        cmocka_unit_test(test_unknown_numbers_say_nothing),
        cmocka_unit_test(test_the_table_of_verdicts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
