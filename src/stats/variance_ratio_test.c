#include "stats/variance_ratio.h"

#include "support/near.h"

/* What R 4.2.2 says: var.test(b, a), and the F test of lm(|x - median| ~ group). */
struct oracle {
    const double *a, *b;
    size_t na, nb;
    double ratio, low, high, p, p_robust;
};

static const double of_ten[] = { .80, .83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, .73, 1.46 };
static const double of_five[] = { 1.15, .88, .90, .74, 1.21 };
/* InsectSprays, A and C; sleep, 1 and 2: data sets of R. */
static const double spray_a[] = { 10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13 };
static const double spray_c[] = { 0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4 };
static const double sleep_1[] = { .7, -1.6, -.2, -1.2, -.1, 3.4, 3.7, .8, 0, 2 };
static const double sleep_2[] = { 1.9, .8, 1.1, .1, -.1, 4.4, 5.5, 1.6, 4.6, 3.4 };

static struct variance_ratio ratio_of(const double *a, size_t na, const double *b, size_t nb)
{
    return variance_ratio_of(&(struct two_samples){ a, na, b, nb }, .95);
}

static void test_it_says_what_r_says(void **state)
{
    static const struct oracle oracles[] = {
        { of_ten, of_five, 10, 5, 0.1999817352641, 0.0423862674262, 1.7807736812615,
          0.1358216750099, 0.113333541786 },
        { spray_a, spray_c, 12, 12, 0.17517006802721, 0.05042753141567, 0.60848809908476,
          0.00748986874875, 0.042789300142 },
        { sleep_1, sleep_2, 10, 10, 1.252595035584, 0.311126888500, 5.042940295956, 0.742719931726,
          0.624374285415 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof oracles / sizeof *oracles; i++) {
        const struct oracle *o = &oracles[i];
        struct variance_ratio r = ratio_of(o->a, o->na, o->b, o->nb);

        assert_near(r.ratio, o->ratio, 1e-11);
        assert_near(r.interval.low, o->low, 1e-11);
        assert_near(r.interval.high, o->high, 1e-10);
        assert_near(r.p, o->p, 1e-11);
        assert_near(r.p_robust, o->p_robust, 1e-11);
    }
}

/* {1, 2, 3} has variance 1, {0, 2, 4} 4; with two and two degrees of freedom the quantile of F is p / (1 - p): 39. */
static void test_a_ratio_worked_out_by_hand(void **state)
{
    static const double a[] = { 1, 2, 3 }, b[] = { 4, 0, 2 };
    struct variance_ratio r = ratio_of(a, 3, b, 3);

    (void)state;
    assert_near(r.ratio, 4, 1e-12);
    assert_near(r.interval.low, 4. / 39, 1e-12);
    assert_near(r.interval.high, 4 * 39., 1e-9);
    assert_near(r.p, 2 * 1 / (1 + 4.), 1e-12);
}

static void test_the_other_way_round_it_is_the_inverse(void **state)
{
    struct variance_ratio r = ratio_of(of_ten, 10, of_five, 5),
                          s = ratio_of(of_five, 5, of_ten, 10);

    (void)state;
    assert_near(r.ratio * s.ratio, 1, 1e-12);
    assert_near(r.interval.low * s.interval.high, 1, 1e-10);
    assert_near(r.interval.high * s.interval.low, 1, 1e-10);
    assert_near(r.p, s.p, 1e-12);
    assert_near(r.p_robust, s.p_robust, 1e-12);
}

static void test_old_values_that_do_not_vary_have_no_ratio(void **state)
{
    static const double same[] = { .1, .1, .1, .1 };
    struct variance_ratio r = ratio_of(same, 4, of_ten, 10);

    (void)state;
    assert_true(isnan(r.ratio) && isnan(r.p) && !interval_known(r.interval));
    assert_true(r.p_robust < .05); /* that they vary less is seen all the same */
    r = ratio_of(of_ten, 10, same, 4);
    assert_near(r.ratio, 0, 0);
    assert_near(r.interval.high, 0, 0);
}

static void test_few_values_say_little_and_one_says_nothing(void **state)
{
    struct variance_ratio r = ratio_of(of_ten, 2, of_five, 2);

    (void)state;
    assert_true(r.ratio > 0 && interval_known(r.interval) && isnan(r.p_robust));
    r = ratio_of(of_ten, 1, of_five, 5);
    assert_true(isnan(r.ratio) && isnan(r.p) && !interval_known(r.interval) && isnan(r.p_robust));
    r = ratio_of(NULL, 0, of_five, 5);
    assert_true(isnan(r.ratio));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_says_what_r_says),
        cmocka_unit_test(test_a_ratio_worked_out_by_hand),
        cmocka_unit_test(test_the_other_way_round_it_is_the_inverse),
        cmocka_unit_test(test_old_values_that_do_not_vary_have_no_ratio),
        cmocka_unit_test(test_few_values_say_little_and_one_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
