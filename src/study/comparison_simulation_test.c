/* Whether a comparison keeps what it promises, over thousands of simulated sets of
 * runs whose truth is known: intervals cover it as often as they say, alike
 * versions raise no more alarms than allowed, and a change is found as often as
 * it was planned. The same numbers come out on every machine. */
#include "stats/mean.h"
#include "stats/planning.h"
#include "stats/random.h"
#include "study/comparison.h"
#include "study/sample_runs_test.h"
#include "study/variance.h"
#include "support/near.h"

enum { SETS = 2000, METRICS = 40, HOSTS = 13, RUNS_MOST = 12 };

static const uint64_t seed = UINT64_C(0x6f75726f73636f70);

/* Like runs of a cluster: machines differ, runs differ, and machines differ from run to run; and what a run has in
 * common moves several of its metrics. In per cent of the mean of 100. */
struct truth {
    double mean, run, common, host, interaction, within;
};
static const struct truth usual = { 100, 1, .6, 4, 1.5, 12 };

/* The deviation of a run's mean over hosts whose own differences are the same in each run; 40 samples a host. */
static double run_deviation(const struct truth *t)
{
    return sqrt(t->run * t->run + t->common * t->common +
                (t->interaction * t->interaction + t->within * t->within / 40) / HOSTS);
}

/* host_mean: of the hosts' own differences, which no run changes. What differs from host to host and from sample to
 * sample is drawn as the one normal that its mean is. */
static double run_mean(const struct truth *t, double host_mean, double common,
                       struct random_stream *r)
{
    double beside = (t->interaction * t->interaction + t->within * t->within / 40) / HOSTS;

    return t->mean + t->host * host_mean + t->run * random_normal(r) + t->common * common +
           sqrt(beside) * random_normal(r);
}

/* --- Sets that are filled again and again ------------------------------------------------------ */

struct simulation {
    struct run_set base, variant, history;
    const struct metric_info *metrics[METRICS];
    size_t metric_count;
    double host_mean;
    struct comparison_options options;
    struct random_stream random;
};

static void choose_metrics(struct simulation *s, size_t count)
{
    s->metric_count = 0;
    for (size_t i = 0; i < dictionary_count() && s->metric_count < count; i++) {
        const struct metric_info *info = dictionary_row(i);

        if (info->direction == DIRECTION_LESS_IS_BETTER &&
            info->section != SECTION_BLOCK_TIMELINE && info->section != SECTION_SLOT_TIMELINE &&
            margin_of(info)->method == COMPARE_MEANS)
            s->metrics[s->metric_count++] = info;
    }
    assert_int_equal(s->metric_count, count);
}

static void simulation_begin(struct simulation *s, uint64_t stream, size_t metrics,
                             size_t base_runs, size_t new_runs)
{
    *s = (struct simulation){ .options = COMPARISON_DEFAULTS };
    s->options.resamples = 10;
    s->options.no_plan = true;
    random_stream_init(&s->random, seed, stream);
    choose_metrics(s, metrics);
    sample_runs(&s->base, "base", base_runs, s->metrics, metrics);
    sample_runs(&s->variant, "new", new_runs, s->metrics, metrics);
    for (size_t h = 0; h < HOSTS; h++)
        s->host_mean += random_normal(&s->random) / HOSTS;
}

static void simulation_end(struct simulation *s)
{
    run_set_release(&s->base);
    run_set_release(&s->variant);
    run_set_release(&s->history);
}

static void fill_run(struct simulation *s, struct finished_run *run, const struct truth *t)
{
    double common = random_normal(&s->random);

    for (size_t j = 0; j < s->metric_count; j++)
        run->values[j].mean = run_mean(t, s->host_mean, common, &s->random);
}

static void fill(struct simulation *s, struct run_set *set, const struct truth *t)
{
    for (size_t i = 0; i < set->count; i++)
        fill_run(s, &set->runs[i], t);
}

static void compare(struct simulation *s, struct comparison *ret)
{
    const struct run_set *variant = &s->variant;
    struct ou_error err = { "" };

    if (comparison_compute(&s->base, &variant, 1, &s->options, ret, &err))
        fail_msg("%s", err.text);
}

static bool covers(struct interval i, double truth)
{
    return i.low <= truth && truth <= i.high;
}

static void assert_share(const char *what, size_t hits, size_t of, double low, double high)
{
    double share = (double)hits / (double)of;

    print_message("%s: %.4f\n", what, share);
    if (share < low || share > high)
        fail_msg("%s: %.4f of %zu, not between %g and %g", what, share, of, low, high);
}

/* --- Coverage ---------------------------------------------------------------------------------- */

/* What `variance` shows is the interval that is tested here. */
static void assert_variance_says(const struct run_set *set, struct interval interval)
{
    struct variance_options options = { .seed = seed, .resamples = 10 };
    struct variance v;
    struct ou_error err = { "" };

    if (variance_compute(set, &options, &v, &err))
        fail_msg("%s", err.text);
    assert_near(v.metrics[0].mean.low, interval.low, 1e-9);
    assert_near(v.metrics[0].mean.high, interval.high, 1e-9);
    variance_release(&v);
}

static void test_intervals_of_a_mean_cover_it(void **state)
{
    struct simulation s;
    double values[5];
    size_t hits = 0;

    (void)state;
    simulation_begin(&s, 1, 1, 5, 5);
    for (size_t i = 0; i < SETS; i++) {
        fill(&s, &s.base, &usual);
        for (size_t j = 0; j < 5; j++)
            values[j] = s.base.runs[j].values[0].mean;
        hits += covers(mean_interval(values, 5, .95), usual.mean + usual.host * s.host_mean);
    }
    assert_variance_says(&s.base, mean_interval(values, 5, .95));
    simulation_end(&s);
    assert_share("mean of 5 runs", hits, SETS, .93, .97);
}

/* The new version is 5 % slower and its runs vary twice as much. */
static void check_coverage(const char *what, uint64_t stream, size_t base_runs, size_t new_runs)
{
    struct simulation s;
    struct truth slower = usual;
    size_t of_delta = 0, of_percent = 0;
    char text[80];

    slower.mean *= 1.05;
    slower.run *= 2;
    simulation_begin(&s, stream, 1, base_runs, new_runs);
    for (size_t i = 0; i < SETS; i++) {
        struct comparison c;
        double offset = usual.host * s.host_mean;

        fill(&s, &s.base, &usual);
        fill(&s, &s.variant, &slower);
        compare(&s, &c);
        assert_int_equal(c.sides[0].metrics[0].basis, BASIS_RUNS);
        of_delta += covers(c.sides[0].metrics[0].delta_interval, slower.mean - usual.mean);
        of_percent += covers(c.sides[0].metrics[0].percent_interval,
                             100 * (slower.mean + offset) / (usual.mean + offset) - 100);
        comparison_release(&c);
    }
    simulation_end(&s);
    snprintf(text, sizeof(text), "difference, %s", what);
    assert_share(text, of_delta, SETS, .93, .97);
    snprintf(text, sizeof(text), "relative change, %s", what);
    assert_share(text, of_percent, SETS, .93, .97);
}

static void test_intervals_of_differences_and_relative_changes_cover_them(void **state)
{
    (void)state;
    check_coverage("3 runs a side", 2, 3, 3);
    check_coverage("5 runs a side", 3, 5, 5);
    check_coverage("10 runs a side", 4, 10, 10);
    check_coverage("4 runs against 9", 5, 4, 9);
}

/* Neighbours in time share a drift that is larger than anything else. */
static void test_intervals_of_pairs_cover_the_change_in_spite_of_drift(void **state)
{
    struct simulation s;
    struct truth slower = usual;
    size_t of_delta = 0, of_percent = 0;

    (void)state;
    slower.mean *= 1.03;
    simulation_begin(&s, 6, 1, 6, 6);
    sample_starts(&s.base, &s.variant, "bnnbbnbnnbnb");
    for (size_t i = 0; i < SETS; i++) {
        struct comparison c;
        double offset = usual.host * s.host_mean;

        fill(&s, &s.base, &usual);
        fill(&s, &s.variant, &slower);
        for (size_t j = 0; j < 6; j++) {
            s.base.runs[j].values[0].mean += (double)j * 3 - 7.5;
            s.variant.runs[j].values[0].mean += (double)j * 3 - 7.5;
        }
        compare(&s, &c);
        assert_int_equal(c.sides[0].metrics[0].basis, BASIS_PAIRS);
        of_delta += covers(c.sides[0].metrics[0].delta_interval, slower.mean - usual.mean);
        of_percent += covers(c.sides[0].metrics[0].percent_interval,
                             100 * (slower.mean + offset) / (usual.mean + offset) - 100);
        comparison_release(&c);
    }
    simulation_end(&s);
    assert_share("difference of pairs", of_delta, SETS, .93, .97);
    assert_share("relative change of pairs", of_percent, SETS, .93, .97);
}

/* repeated: all runs of the past are of one version; else each is of its own. */
static void check_history(const char *what, uint64_t stream, size_t past, bool repeated)
{
    struct simulation s;
    struct truth slower = usual;
    size_t of_delta = 0, of_percent = 0;
    char text[80];

    slower.mean *= 1.04;
    simulation_begin(&s, stream, 1, 1, 1);
    sample_runs(&s.history, "past", past, s.metrics, 1);
    for (size_t i = 0; i < past && !repeated; i++)
        s.history.runs[i].ident = NULL;
    s.options.history = &s.history;
    for (size_t i = 0; i < SETS; i++) {
        struct comparison c;
        double offset = usual.host * s.host_mean;

        fill(&s, &s.base, &usual);
        fill(&s, &s.variant, &slower);
        fill(&s, &s.history, &usual);
        compare(&s, &c);
        assert_int_equal(c.sides[0].metrics[0].basis, BASIS_HISTORY);
        of_delta += covers(c.sides[0].metrics[0].delta_interval, slower.mean - usual.mean);
        of_percent += covers(c.sides[0].metrics[0].percent_interval,
                             100 * (slower.mean + offset) / (usual.mean + offset) - 100);
        comparison_release(&c);
    }
    simulation_end(&s);
    snprintf(text, sizeof(text), "difference, %s", what);
    assert_share(text, of_delta, SETS, .93, .97);
    snprintf(text, sizeof(text), "relative change, %s", what);
    assert_share(text, of_percent, SETS, .93, .97);
}

static void test_intervals_of_single_runs_cover_with_a_history(void **state)
{
    (void)state;
    check_history("history of 6 runs of one version", 7, 6, true);
    check_history("history of 12 versions", 15, 12, false);
}

/* --- False alarms ------------------------------------------------------------------------------ */

/* Any difference at all that is claimed of two alike versions. */
static size_t alarms_of(const struct comparison *c)
{
    const size_t *n = c->sides[0].verdicts;

    return n[VERDICT_REGRESSION] + n[VERDICT_IMPROVEMENT] + n[VERDICT_CHANGE] +
           n[VERDICT_NEGLIGIBLE];
}

static void check_alarms(const char *what, uint64_t stream, size_t runs, const char *order,
                         size_t past)
{
    /* Three standard errors of a share of 5 % above it; and not so few that nothing is tested. */
    const double most = .05 + 3 * sqrt(.05 * .95 / SETS);
    struct simulation s;
    size_t alarms = 0;

    simulation_begin(&s, stream, METRICS, runs, runs);
    if (order)
        sample_starts(&s.base, &s.variant, order);
    if (past) {
        sample_runs(&s.history, "past", past, s.metrics, METRICS);
        s.options.history = &s.history;
    }
    for (size_t i = 0; i < SETS; i++) {
        struct comparison c;

        fill(&s, &s.base, &usual);
        fill(&s, &s.variant, &usual);
        fill(&s, &s.history, &usual);
        compare(&s, &c);
        alarms += alarms_of(&c) > 0;
        comparison_release(&c);
    }
    simulation_end(&s);
    assert_share(what, alarms, SETS, .005, most);
}

static void test_alike_versions_raise_no_more_alarms_than_allowed(void **state)
{
    (void)state;
    check_alarms("any alarm, 5 runs a side", 8, 5, NULL, 0);
    check_alarms("any alarm, 3 runs a side", 9, 3, NULL, 0);
    check_alarms("any alarm, 5 pairs", 10, 5, "bnnbbnbnnb", 0);
    check_alarms("any alarm, single runs with a history of 8", 11, 1, NULL, 8);
}

/* --- Power ------------------------------------------------------------------------------------- */

/* The first metric becomes worse by what so many runs should show with power .8. */
static void check_power(const char *what, uint64_t stream, size_t metrics, size_t runs)
{
    struct simulation s;
    size_t found = 0, sets = metrics == 1 ? 4 * SETS : SETS; /* one metric is soon done */
    double change =
        visible_difference((double)runs, run_deviation(&usual), .05 / (double)metrics, .8);

    simulation_begin(&s, stream, metrics, runs, runs);
    s.options.margin_scale =
        .01; /* the plan is for finding a change of that size, not for its mattering */
    for (size_t i = 0; i < sets; i++) {
        struct comparison c;

        fill(&s, &s.base, &usual);
        fill(&s, &s.variant, &usual);
        for (size_t j = 0; j < runs; j++)
            s.variant.runs[j].values[0].mean += change;
        compare(&s, &c);
        found += c.sides[0].metrics[0].verdict == VERDICT_REGRESSION;
        comparison_release(&c);
    }
    simulation_end(&s);
    assert_share(what, found, sets, .77, .83);
}

static void test_a_change_is_found_as_often_as_planned(void **state)
{
    (void)state;
    check_power("found, one metric, 6 runs a side", 12, 1, 6);
    check_power("found, one metric, 10 runs a side", 13, 1, 10);
    check_power("found among 40 metrics, 10 runs a side", 14, METRICS, 10);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intervals_of_a_mean_cover_it),
        cmocka_unit_test(test_intervals_of_differences_and_relative_changes_cover_them),
        cmocka_unit_test(test_intervals_of_pairs_cover_the_change_in_spite_of_drift),
        cmocka_unit_test(test_intervals_of_single_runs_cover_with_a_history),
        cmocka_unit_test(test_alike_versions_raise_no_more_alarms_than_allowed),
        cmocka_unit_test(test_a_change_is_found_as_often_as_planned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
