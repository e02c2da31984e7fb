#include "stats/multiplicity.h"

#include "support/near.h"
#include "support/test.h"

/* Benjamini and Hochberg 1995, the example of their paper; adjusted by R 4.2. */
enum { COUNT = 15 };
static const double raw[COUNT] = { .0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344,
                                   .0459, .3240, .4262, .5719, .6528, .7590, 1.0 };
static const double bh[COUNT] = { .0015,      .003,       .0095,      .035625,    .0603,
                                  .063857143, .063857143, .0645,      .0765,      .486,
                                  .581181818, .714875,    .753230769, .813214286, 1 };
static const double holm[COUNT] = { .0015, .0056, .0247, .114, .2211, .278, .278, .278,
                                    .3213, 1,     1,     1,    1,     1,    1 };

static size_t rejected(const double *p)
{
    size_t n = 0;

    for (size_t i = 0; i < COUNT; i++)
        n += p[i] <= .05;
    return n;
}

static void test_the_example_of_1995(void **state)
{
    double got[COUNT];

    (void)state;
    adjust_benjamini_hochberg(raw, COUNT, got);
    for (size_t i = 0; i < COUNT; i++)
        assert_near(got[i], bh[i], 5e-10);
    assert_int_equal(rejected(got), 4);
    adjust_holm(raw, COUNT, got);
    for (size_t i = 0; i < COUNT; i++)
        assert_near(got[i], holm[i], 1e-12);
    assert_int_equal(rejected(got), 3);
}

/* From the tests of statsmodels. */
static void test_equally_spaced_p(void **state)
{
    static const double p[] = { .002, .004, .006, .008, .01, .012 };
    static const double want[] = { .012, .02, .024, .024, .024, .024 };
    double got[6];

    (void)state;
    adjust_holm(p, 6, got);
    for (size_t i = 0; i < 6; i++)
        assert_near(got[i], want[i], 1e-15);
    adjust_benjamini_hochberg(p, 6, got);
    for (size_t i = 0; i < 6; i++)
        assert_near(got[i], .012, 1e-15);
}

/* In another order, in place, with questions between that were not asked. */
static void test_order_does_not_matter_and_what_was_not_asked_does_not_count(void **state)
{
    double p[COUNT + 3], q[COUNT + 3];

    (void)state;
    for (size_t i = 0; i < COUNT + 3; i++)
        p[i] = q[i] = NAN;
    for (size_t i = 0; i < COUNT; i++)
        p[i * 7 % COUNT + i * 7 % COUNT / 5] = q[i * 7 % COUNT + i * 7 % COUNT / 5] = raw[i];
    adjust_benjamini_hochberg(p, COUNT + 3, p);
    adjust_holm(q, COUNT + 3, q);
    for (size_t i = 0; i < COUNT; i++) {
        assert_near(p[i * 7 % COUNT + i * 7 % COUNT / 5], bh[i], 5e-10);
        assert_near(q[i * 7 % COUNT + i * 7 % COUNT / 5], holm[i], 1e-12);
    }
    for (size_t i = 5; i < COUNT + 3; i += 6)
        assert_true(isnan(p[i]) && isnan(q[i]));
}

static void test_one_question_is_not_adjusted(void **state)
{
    double p = .04;

    (void)state;
    adjust_holm(&p, 1, &p);
    adjust_benjamini_hochberg(&p, 1, &p);
    assert_near(p, .04, 0);
}

static void test_no_questions(void **state)
{
    double p[] = { NAN, NAN };

    (void)state;
    adjust_holm(p, 2, p);
    adjust_benjamini_hochberg(p, 2, p);
    assert_true(isnan(p[0]) && isnan(p[1]));
    adjust_holm(p, 0, p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_example_of_1995),
        cmocka_unit_test(test_equally_spaced_p),
        cmocka_unit_test(test_order_does_not_matter_and_what_was_not_asked_does_not_count),
        cmocka_unit_test(test_one_question_is_not_adjusted),
        cmocka_unit_test(test_no_questions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
