/* The series are those that the tests of Apache Otava and of Hunter, its forerunner, ask for
 * (Apache-2.0). */
#include "stats/change_points.h"

#include <math.h>

#include "stats/random.h"
#include "support/near.h"
#include "support/test.h"

#define COUNT(x) (sizeof(x) / sizeof *(x))

static const double z1[] = { .3,   2.4,   1.5,   -.9,   -.5,   99.7,  98.3,
                             99.1, 149.0, 149.7, 149.5, 149.1, 148.8, 150 };
static const double s1[] = { 1.02, .95, .99, 1.00, 1.12, .90, .50, .51, .48, .48, .55 };
static const double s2[] = { 2.02, 2.03, 2.01, 2.04, 1.82, 1.85, 1.79, 1.81, 1.80, 1.76, 1.78 };
static const double s3[] = { 1.02, .95, .99, 1.00, 1.12, 1.00, 1.01, .98, 1.01, .96,
                             .50,  .51, .48, .48,  .55,  .50,  .49,  .51, .50,  .49 };

struct found {
    struct change_point points[16];
    size_t count;
};

static struct found find(const double *values, size_t n, struct change_options options)
{
    struct found f;

    assert_int_equal(change_points(values, n, &options, f.points, 16, &f.count), OU_OK);
    assert_true(f.count <= 16);
    return f;
}

static struct found find_at(const double *values, size_t n, double threshold)
{
    struct change_options options = CHANGE_DEFAULTS;

    options.threshold = threshold;
    return find(values, n, options);
}

static void assert_candidate(const double *values, size_t n, double q, size_t tau, size_t kappa)
{
    struct change_candidate c;

    assert_int_equal(change_candidate(values, n, &c), OU_OK);
    assert_near(c.q, q, 1e-9 * q);
    assert_int_equal(c.tau, tau);
    if (kappa)
        assert_int_equal(c.kappa, kappa);
}

static void test_candidates_of_worked_examples(void **state)
{
    (void)state;
    assert_candidate(z1, COUNT(z1), 761.2821428571, 5, 14);
    assert_candidate(z1 + 5, COUNT(z1) - 5, 198.2666666667, 3, 0);
    assert_candidate(s1, COUNT(s1), 2.3545454545, 6, 0);
    assert_candidate(s2, COUNT(s2), 1.0060606061, 4, 0);
    assert_candidate(s3, COUNT(s3), 4.6822222222, 10, 0);
}

/* Q by its definition. */
static double q_by_definition(const double *x, size_t tau, size_t kappa)
{
    double n = (double)tau, m = (double)(kappa - tau), a = 0, b = 0, c = 0;

    for (size_t i = 0; i < kappa; i++)
        for (size_t j = i + 1; j < kappa; j++)
            *(j < tau ? &b : i < tau ? &a : &c) += fabs(x[i] - x[j]);
    return 2 / (n + m) * a - (n > 1 ? 2 * m / ((n + m) * (n - 1)) * b : 0) -
           (m > 1 ? 2 * n / ((n + m) * (m - 1)) * c : 0);
}

static void test_the_candidate_is_the_best_of_all(void **state)
{
    struct random_stream random;

    (void)state;
    random_stream_init(&random, 5, 0);
    for (int round = 0; round < 30; round++) {
        size_t n = 2 + random_below(&random, 24);
        struct change_candidate got;
        double x[26], best = 0;

        for (size_t i = 0; i < n; i++)
            x[i] = random_normal(&random) + (i > n / 2 ? 1 : 0);
        for (size_t tau = 1; tau < n; tau++)
            for (size_t kappa = tau + 1; kappa <= n; kappa++)
                best = fmax(best, q_by_definition(x, tau, kappa));
        assert_int_equal(change_candidate(x, n, &got), OU_OK);
        assert_near(got.q, best, 1e-12 * (1 + best));
        assert_near(q_by_definition(x, got.tau, got.kappa), best, 1e-12 * (1 + best));
    }
}

static void test_two_steps_are_two_points(void **state)
{
    struct found f = find_at(z1, COUNT(z1), .01);

    (void)state;
    assert_int_equal(f.count, 2);
    assert_int_equal(f.points[0].at, 5);
    assert_int_equal(f.points[1].at, 8);
    assert_near(f.points[0].q, 761.2821428571, 1e-9);
    assert_near(f.points[1].q, 198.2666666667, 1e-9);
    assert_near(f.points[0].before, 2.8 / 5, 1e-12);
    assert_near(f.points[0].after, 297.1 / 3, 1e-12);
    assert_near(f.points[1].before, 297.1 / 3, 1e-12);
    assert_near(f.points[1].after, 896.1 / 6, 1e-12);
}

static void assert_one_point(struct found f, size_t at, double q)
{
    assert_int_equal(f.count, 1);
    assert_int_equal(f.points[0].at, at);
    assert_near(f.points[0].q, q, 5e-10);
}

static void test_one_step_is_one_point(void **state)
{
    (void)state;
    assert_one_point(find(s1, COUNT(s1), CHANGE_DEFAULTS), 6, 2.3545454545);
    assert_one_point(find(s2, COUNT(s2), CHANGE_DEFAULTS), 4, 1.0060606061);
    assert_one_point(find_at(s3, COUNT(s3), 1e-4), 10, 4.6822222222);
}

/* The p of a point is that of its two segments, by Student's test. */
static void test_the_p_of_a_point(void **state)
{
    static const double x[] = { 1.00, 1.02, 1.05, .95, .98, .80, .82, .85, .79, .77 };
    struct found f = find(x, COUNT(x), CHANGE_DEFAULTS);

    (void)state;
    assert_int_equal(f.count, 1);
    assert_int_equal(f.points[0].at, 5);
    assert_near(f.points[0].p, 2.024977e-5, 5e-12);
}

static void test_changes_that_do_not_matter_are_left_out(void **state)
{
    struct change_options options = CHANGE_DEFAULTS;

    (void)state;
    options.minimum_change = .2;
    assert_int_equal(find(s1, COUNT(s1), options).count, 1);
    assert_int_equal(find(s2, COUNT(s2), options).count, 0);
    options.minimum_change = .1;
    assert_int_equal(find(s2, COUNT(s2), options).count, 1);
}

static void test_a_change_from_zero_divides_by_nothing(void **state)
{
    static const double x[] = { 0, 0, 0, 1.00, 1.12, .90, .50, .51, .48, .48, .55 };
    struct change_options options = CHANGE_DEFAULTS;
    struct found f;

    (void)state;
    options.minimum_change = .01;
    f = find(x, COUNT(x), options);
    assert_int_equal(f.count, 2);
    assert_int_equal(f.points[0].at, 3);
    assert_int_equal(f.points[1].at, 6);
    assert_near(f.points[0].before, 0, 0);
}

static void test_one_outlier_is_no_change(void **state)
{
    double x[21];

    (void)state;
    for (size_t at = 0; at < 21; at++) {
        for (size_t i = 0; i < 21; i++)
            x[i] = 10 + .01 * (double)(i * 8 % 21);
        x[at] = 20;
        assert_int_equal(find(x, 21, CHANGE_DEFAULTS).count, 0);
    }
}

static void test_constant_series_do_not_change(void **state)
{
    double x[200];

    (void)state;
    for (size_t i = 0; i < 200; i++)
        x[i] = .1;
    assert_int_equal(find(x, 200, CHANGE_DEFAULTS).count, 0);
    assert_int_equal(find(x, 20, CHANGE_DEFAULTS).count, 0);
}

static void test_numbers_at_the_end_of_their_range_do_no_harm(void **state)
{
    double x[24];

    (void)state;
    for (size_t i = 0; i < 24; i++)
        x[i] = (i < 8 ? 1 : i < 16 ? 1.7e308 : -1.7e308) * (i % 2 ? 1 : .99);
    for (size_t i = 0; i < find(x, 24, CHANGE_DEFAULTS).count; i++)
        assert_true(find(x, 24, CHANGE_DEFAULTS).points[i].p < .001);
}

static void test_short_series_do_not_change(void **state)
{
    (void)state;
    for (size_t n = 0; n < 4; n++)
        assert_int_equal(find(z1 + 4, n, CHANGE_DEFAULTS).count, 0);
}

/* Steps in all places of a long series, most of them near an end of some window. */
static void test_long_series_are_searched_in_windows(void **state)
{
    struct random_stream random;
    double x[180];

    (void)state;
    for (size_t step = 20; step <= 160; step += 7) {
        struct found f;

        random_stream_init(&random, 1, step);
        for (size_t i = 0; i < 180; i++)
            x[i] = 100 + random_normal(&random) + (i >= step ? 5 : 0);
        f = find_at(x, 180, 1e-6);
        assert_int_equal(f.count, 1);
        assert_in_range(f.points[0].at, step - 1, step + 1);
    }
}

/* What only one window believed is dropped when the whole of its neighbours is looked at. */
static void test_merging_keeps_what_the_whole_series_supports(void **state)
{
    double x[150];
    struct found f;

    (void)state;
    for (size_t i = 0; i < 150; i++)
        x[i] = (i < 40 ? 10 : i < 110 ? 12 : 9) + .3 * sin((double)(i * i));
    f = find(x, 150, CHANGE_DEFAULTS);
    assert_int_equal(f.count, 2);
    assert_int_equal(f.points[0].at, 40);
    assert_int_equal(f.points[1].at, 110);
    assert_near(f.points[0].before, 10, .1);
    assert_near(f.points[1].before, 12, .1);
    assert_near(f.points[1].after, 9, .1);
}

static void test_points_beyond_the_room_are_counted(void **state)
{
    struct change_options options = CHANGE_DEFAULTS;
    struct change_point first;
    size_t count;

    (void)state;
    options.threshold = .01;
    assert_int_equal(change_points(z1, COUNT(z1), &options, &first, 1, &count), OU_OK);
    assert_int_equal(count, 2);
    assert_int_equal(first.at, 5);
}

static void test_options_that_cannot_be_are_refused(void **state)
{
    struct change_options none_a_side = CHANGE_DEFAULTS, no_step = CHANGE_DEFAULTS;
    struct change_options narrow = CHANGE_DEFAULTS, gaps = CHANGE_DEFAULTS;
    struct change_candidate candidate;
    size_t count = 77;

    (void)state;
    none_a_side.least_segment = 0;
    no_step.step = 0;
    narrow.window = 3;
    gaps.step = gaps.window + 1;
    assert_int_equal(change_points(s1, 11, &none_a_side, NULL, 0, &count), OU_INVALID);
    assert_int_equal(change_points(s1, 11, &no_step, NULL, 0, &count), OU_INVALID);
    assert_int_equal(change_points(s1, 11, &narrow, NULL, 0, &count), OU_INVALID);
    assert_int_equal(change_points(s1, 11, &gaps, NULL, 0, &count), OU_INVALID);
    assert_int_equal(count, 77);
    assert_int_equal(change_candidate(s1, 1, &candidate), OU_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_candidates_of_worked_examples),
        cmocka_unit_test(test_the_candidate_is_the_best_of_all),
        cmocka_unit_test(test_two_steps_are_two_points),
        cmocka_unit_test(test_one_step_is_one_point),
        cmocka_unit_test(test_the_p_of_a_point),
        cmocka_unit_test(test_changes_that_do_not_matter_are_left_out),
        cmocka_unit_test(test_a_change_from_zero_divides_by_nothing),
        cmocka_unit_test(test_one_outlier_is_no_change),
        cmocka_unit_test(test_constant_series_do_not_change),
        cmocka_unit_test(test_numbers_at_the_end_of_their_range_do_no_harm),
        cmocka_unit_test(test_short_series_do_not_change),
        cmocka_unit_test(test_long_series_are_searched_in_windows),
        cmocka_unit_test(test_merging_keeps_what_the_whole_series_supports),
        cmocka_unit_test(test_points_beyond_the_room_are_counted),
        cmocka_unit_test(test_options_that_cannot_be_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
