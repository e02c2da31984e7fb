#include "stats/simultaneous.h"

#include "stats/laws.h"
#include "stats/random.h"
#include "support/near.h"
#include "support/test.h"

/* R 4.2: qtukey(.95, count, dof). */
static void test_the_studentized_range_is_rs(void **state)
{
    static const struct {
        size_t count;
        double dof, q;
    } known[] = {
        { 2, 5, 3.63535142129 },  { 3, 10, 3.87677674919 },   { 4, 20, 3.95829346145 },
        { 10, 8, 5.91827652274 }, { 50, 100, 5.83335704108 }, { 9, 1e6, 4.38650927983 },
        { 3, 2, 8.33078255119 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_near(studentized_range(.95, known[i].count, known[i].dof), known[i].q, 2e-5);
}

/* The two integrals with R's integrate(), root by uniroot(). To two decimals they stand in Dunnett's tables of 1955 and
 * 1964: 2.44, 2.15, 2.81, 2.30 one-sided, 2.57 two-sided. */
static void test_dunnetts_values_are_those_of_tables(void **state)
{
    static const struct {
        size_t count;
        double correlation, dof, one_sided, two_sided;
    } known[] = {
        { 1, .5, 10, 1.8124611228, 2.22813885199 },  { 2, .5, 10, 2.15061382675, 2.56833887603 },
        { 9, .5, 10, 2.80688479562, 3.24415727061 }, { 2, .5, 5, 2.44037864023, 3.03023594658 },
        { 4, .5, 20, 2.3044275892, 2.65102958958 },  { 8, .3, 16, 2.70067886422, 3.05387404601 },
        { 3, .5, 3, 3.27924380366, 4.26261719997 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_near(dunnett_one_sided(.95, known[i].count, known[i].correlation, known[i].dof),
                    known[i].one_sided, 1e-6);
        assert_near(dunnett_two_sided(.95, known[i].count, known[i].correlation, known[i].dof),
                    known[i].two_sided, 1e-6);
    }
}

/* One comparison is Student's, two means are his as well. */
static void test_one_comparison_is_students(void **state)
{
    static const double dofs[] = { 1, 2, 7, 300, INFINITY };

    (void)state;
    for (size_t i = 0; i < sizeof dofs / sizeof *dofs; i++) {
        double t = isinf(dofs[i]) ? normal_quantile(.975) : student_quantile(.975, dofs[i]);

        assert_near(dunnett_two_sided(.95, 1, .5, dofs[i]), t, 1e-5 * t);
        assert_near(studentized_range(.95, 2, dofs[i]), M_SQRT2 * t, 1e-5 * t);
    }
}

static void test_less_correlation_asks_for_more(void **state)
{
    (void)state;
    assert_true(dunnett_one_sided(.95, 5, .2, 12) > dunnett_one_sided(.95, 5, .5, 12));
    assert_true(isnan(dunnett_one_sided(.95, 0, .5, 12)));
    assert_true(isnan(dunnett_one_sided(.95, 3, .5, 0)));
    assert_true(isnan(studentized_range(.95, 1, 5)));
}

/* --- Comparisons ---------------------------------------------------------------------- */

enum { FOUR = 4 };
static const double even[FOUR * FOUR] = {
    0, .5, .5, .5, .5, 0, .5, .5, .5, .5, 0, .5, .5, .5, .5, 0
};

/* By hand, from the definition: critical 2, deviation 1, reach 2 sqrt .5 = 1.4142. */
static void test_comparisons_with_the_best_are_hsus(void **state)
{
    static const double means[FOUR] = { 10, 11, 15, NAN };
    struct compared_means m = { means, FOUR, even, 1, NULL };
    struct interval got[FOUR];
    double far = M_SQRT2;

    (void)state;
    compare_with_best(&m, false, 2, got); /* less is better: 10 or 11 may be the best */
    assert_near(got[0].low, -(1 + far), 1e-12);
    assert_near(got[0].high, far - 1, 1e-12);
    assert_near(got[1].low, -(far - 1), 1e-12);
    assert_near(got[1].high, 1 + far, 1e-12);
    assert_near(got[2].low, 0, 0); /* surely not */
    assert_near(got[2].high, 5 + far, 1e-12);
    assert_false(interval_known(got[3]));
    compare_with_best(&m, true, 2, got); /* 15 alone may be: it is behind nobody */
    assert_near(got[2].low, 0, 0);
    assert_near(got[2].high, 4 + far, 1e-12);
    assert_near(got[0].high, 0, 0);
    assert_near(got[0].low, -(5 + far), 1e-12);
}

static void test_ranks_hold_what_cannot_be_told_apart(void **state)
{
    static const double means[FOUR] = { 10, 11, 15, NAN };
    struct compared_means m = { means, FOUR, even, 1, NULL };
    size_t low[FOUR], high[FOUR];

    (void)state;
    ranks_of(&m, false, 2 * M_SQRT2, low, high);
    assert_int_equal(low[0], 1);
    assert_int_equal(high[0], 2);
    assert_int_equal(low[1], 1);
    assert_int_equal(high[1], 2);
    assert_int_equal(low[2], 3);
    assert_int_equal(high[2], 3);
    assert_int_equal(low[3], 0);
    ranks_of(&m, true, 2 * M_SQRT2, low, high);
    assert_int_equal(high[2], 1);
    assert_int_equal(low[0], 2);
}

/* The first may be 3 more than it reads, or less. */
static void test_what_means_are_cut_by_widens_what_is_said_of_them(void **state)
{
    static const double means[FOUR] = { 10, 11, 15, NAN }, cuts[FOUR] = { 3, 0, 0, 0 };
    static const double alike[FOUR] = { 3, 3, 3, 3 };
    struct compared_means m = { means, FOUR, even, 1, cuts };
    struct interval got[FOUR];
    size_t low[FOUR], high[FOUR];
    double far = M_SQRT2;

    (void)state;
    compare_with_best(&m, false, 2, got);
    assert_near(got[0].low, -(1 + far + 3), 1e-12);
    assert_near(got[0].high, far + 3 - 1, 1e-12);
    assert_near(got[1].low, -(far + 3 - 1), 1e-12);
    assert_near(got[2].low, 0, 0); /* 11 is better than it for sure */
    assert_near(got[2].high, 5 + far + 3, 1e-12);
    ranks_of(&m, false, 2 * M_SQRT2, low, high);
    assert_int_equal(high[0], 2);
    assert_int_equal(low[2], 3);
    m.cuts = alike;
    compare_with_best(&m, false, 2, got);
    assert_near(got[0].low, -(1 + far), 1e-12);
}

/* Two settings of n, 2n, 4n runs: correlations follow from the sizes. */
static void test_the_least_correlation_is_found(void **state)
{
    static const double means[3] = { 1, 2, 3 };
    static const double variances[9] = { 0, 1.5, 1.25, 1.5, 0, .75, 1.25, .75, 0 };
    static const double one[3] = { 1, NAN, NAN };
    struct compared_means m = { means, 3, variances, 1, NULL },
                          alone = { one, 3, variances, 1, NULL };

    (void)state;
    /* With the third: (1.25 + .75 - 1.5) / 2 / sqrt(1.25 * .75). */
    assert_near(least_correlation(&m), .25 / sqrt(1.25 * .75), 1e-12);
    assert_near(least_correlation(&alone), .5, 0);
}

/* Coverage of all four statements at once, over draws of five settings with six runs each. */
static void test_statements_hold_together_as_often_as_they_say(void **state)
{
    enum { DRAWS = 2000, SETTINGS = 5, EACH = 6 };
    static const double truth[SETTINGS] = { 0, 0, .5, 1, 3 };
    double dof = SETTINGS * (EACH - 1.0), variances[SETTINGS * SETTINGS];
    double d = dunnett_one_sided(.95, SETTINGS - 1, .5, dof);
    double q = studentized_range(.95, SETTINGS, dof);
    size_t best_holds = 0, ranks_hold = 0;
    struct random_stream r;

    (void)state;
    random_stream_init(&r, 7, 1);
    for (size_t i = 0; i < SETTINGS * SETTINGS; i++)
        variances[i] = 2.0 / EACH;
    for (size_t draw = 0; draw < DRAWS; draw++) {
        double means[SETTINGS], squares = 0;
        struct interval with_best[SETTINGS];
        size_t low[SETTINGS], high[SETTINGS];
        struct compared_means m = { means, SETTINGS, variances, 0, NULL };
        bool best = true, ranks = true;

        for (size_t i = 0; i < SETTINGS; i++) {
            double values[EACH];

            means[i] = 0;
            for (size_t k = 0; k < EACH; k++)
                means[i] += (values[k] = truth[i] + random_normal(&r)) / EACH;
            for (size_t k = 0; k < EACH; k++)
                squares += (values[k] - means[i]) * (values[k] - means[i]);
        }
        m.deviation = sqrt(squares / dof);
        compare_with_best(&m, false, d, with_best);
        ranks_of(&m, false, q, low, high);
        for (size_t i = 0; i < SETTINGS; i++) {
            double others = i == 0 || i == 1 ? 0 : truth[0];
            size_t less = 0, not_more = 0;

            for (size_t k = 0; k < SETTINGS; k++) {
                less += truth[k] < truth[i];
                not_more += truth[k] <= truth[i];
            }
            best = best && with_best[i].low <= truth[i] - others &&
                   truth[i] - others <= with_best[i].high;
            ranks = ranks && low[i] <= less + 1 && high[i] >= not_more;
        }
        best_holds += best;
        ranks_hold += ranks;
    }
    /* Three deviations of a binomial below .95: .935. */
    assert_true((double)best_holds >= .935 * DRAWS);
    assert_true((double)ranks_hold >= .935 * DRAWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_studentized_range_is_rs),
        cmocka_unit_test(test_dunnetts_values_are_those_of_tables),
        cmocka_unit_test(test_one_comparison_is_students),
        cmocka_unit_test(test_less_correlation_asks_for_more),
        cmocka_unit_test(test_comparisons_with_the_best_are_hsus),
        cmocka_unit_test(test_ranks_hold_what_cannot_be_told_apart),
        cmocka_unit_test(test_what_means_are_cut_by_widens_what_is_said_of_them),
        cmocka_unit_test(test_the_least_correlation_is_found),
        cmocka_unit_test(test_statements_hold_together_as_often_as_they_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
