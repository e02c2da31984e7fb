#include "publish/threshold_kinds.h"

#include "publish/series_history.h"
#include "support/near.h"
#include "support/test.h"

static const struct metric_info *cpu(void) /* less is better */
{
    return metric_by_key("machperf/CentiCpu");
}

static struct threshold_rule read_rule(const char *kind, const char *parameters)
{
    struct threshold_rule rule;
    struct ou_error err = { "" };

    if (threshold_read(kind, parameters, cpu(), &rule, &err))
        fail_msg("%s", err.text);
    return rule;
}

static void assert_refused(const char *kind, const char *parameters, const char *word)
{
    struct threshold_rule rule;
    struct ou_error err = { "" };

    assert_int_equal(threshold_read(kind, parameters, cpu(), &rule, &err), OU_USAGE);
    if (!strstr(err.text, word))
        fail_msg("\"%s\" does not tell of %s", err.text, word);
}

/* Mean 100, deviation sqrt(2.5), t(.975, 4 degrees of freedom) = 2.776445: R gives 104.808944. */
static void test_a_prediction_is_what_statistics_programs_say(void **state)
{
    static const double values[] = { 100, 102, 98, 101, 99 };
    const struct threshold_rule rule = read_rule("prediction", "{\"sides\": \"both\"}");
    struct interval bounds = threshold_bounds(&rule, cpu(), values, 5);

    (void)state;
    assert_near(bounds.high, 104.808944, 1e-6);
    assert_near(bounds.low, 95.191056, 1e-6);
}

static void test_only_the_worse_side_counts_unless_both_are_asked_for(void **state)
{
    static const double values[] = { 100, 102, 98, 101, 99 };
    const struct threshold_rule rule = read_rule("percentage", "{\"percent\": 10}");
    struct interval bounds = threshold_bounds(&rule, cpu(), values, 5);

    (void)state;
    assert_true(isinf(bounds.low) && bounds.low < 0);
    assert_near(bounds.high, 110, 1e-9);
    assert_true(threshold_takes_change(&rule, cpu(), 3));
    assert_false(threshold_takes_change(&rule, cpu(), -3));
}

static void test_too_few_runs_tell_nothing_and_old_ones_are_left_out(void **state)
{
    static const double values[] = { 1000, 1000, 10, 20, 30 };
    const struct threshold_rule of_mean =
        read_rule("percentage", "{\"percent\": 50, \"least\": 3, \"last\": 3}");
    const struct threshold_rule of_last =
        read_rule("percentage", "{\"percent\": 50, \"of\": \"last\"}");

    (void)state;
    assert_false(interval_known(threshold_bounds(&of_mean, cpu(), values, 2)));
    assert_near(threshold_bounds(&of_mean, cpu(), values, 5).high, 30, 1e-9);
    assert_near(threshold_bounds(&of_last, cpu(), values, 5).high, 45, 1e-9);
}

/* Of 1 ... 9 the quartiles (type 7) are 3 and 7. */
static void test_fences_stand_at_quartiles(void **state)
{
    static const double values[] = { 9, 1, 8, 2, 7, 3, 6, 4, 5 };
    const struct threshold_rule rule = read_rule("iqr", "{\"factor\": 2, \"sides\": \"both\"}");
    struct interval bounds = threshold_bounds(&rule, cpu(), values, 9);

    (void)state;
    assert_near(bounds.low, -5, 1e-9);
    assert_near(bounds.high, 15, 1e-9);
}

static void test_a_static_one_needs_no_runs(void **state)
{
    const struct threshold_rule rule = read_rule("static", "{\"above\": 80}");
    struct interval bounds = threshold_bounds(&rule, cpu(), NULL, 0);

    (void)state;
    assert_true(bounds.high == 80);
    assert_true(isinf(bounds.low));
}

static void test_parameters_are_kept_as_they_are_in_force(void **state)
{
    const struct threshold_rule rule = read_rule("prediction", "{\"least\": 7}");
    struct buffer text;

    (void)state;
    buffer_init(&text, allocator_libc(), 1000);
    threshold_write(&rule, &text);
    assert_string_equal(buffer_string(&text),
                        "{\"confidence\":0.95,\"least\":7,\"last\":30,\"sides\":\"worse\"}");
    buffer_release(&text);
}

static void test_what_makes_no_sense_is_refused_with_a_reason(void **state)
{
    (void)state;
    assert_refused("guess", "{}", "guess");
    assert_refused("static", "{}", "above");
    assert_refused("static", "{\"above\": 1, \"below\": 2}", "no value");
    assert_refused("static", "{\"above\": \"much\"}", "above");
    assert_refused("percentage", "{}", "percent");
    assert_refused("percentage", "{\"percent\": -1}", "percent");
    assert_refused("prediction", "{\"confidence\": 1}", "confidence");
    assert_refused("prediction", "{\"least\": 2.5}", "whole");
    assert_refused("prediction", "{\"least\": 31}", "never");
    assert_refused("iqr", "{\"sides\": \"left\"}", "sides");
    assert_refused("change-point", "{\"percent\": 3}", "percent");
    assert_refused("static", "[]", "object");
    assert_refused("static", "{\"above\": 1", "parameters");
}

/* A metric of which a comparison says nothing has no change points either, and may have bounds all the same. */
static void test_a_metric_that_is_not_judged_has_no_change_points(void **state)
{
    const struct metric_info *metric = metric_by_key("machperf/cdfDensity");
    struct threshold_rule rule;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(threshold_read("change-point", "{}", metric, &rule, &err), OU_USAGE);
    assert_non_null(strstr(err.text, "cdfDensity is not judged when versions are compared"));
    assert_int_equal(threshold_read("static", "{\"above\": 1}", metric, &rule, &err), OU_OK);
    assert_int_equal(threshold_read("change-point", "{}", cpu(), &rule, &err), OU_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_prediction_is_what_statistics_programs_say),
        cmocka_unit_test(test_only_the_worse_side_counts_unless_both_are_asked_for),
        cmocka_unit_test(test_too_few_runs_tell_nothing_and_old_ones_are_left_out),
        cmocka_unit_test(test_fences_stand_at_quartiles),
        cmocka_unit_test(test_a_static_one_needs_no_runs),
        cmocka_unit_test(test_parameters_are_kept_as_they_are_in_force),
        cmocka_unit_test(test_what_makes_no_sense_is_refused_with_a_reason),
        cmocka_unit_test(test_a_metric_that_is_not_judged_has_no_change_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
