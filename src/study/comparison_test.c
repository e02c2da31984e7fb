#include "study/comparison.h"

#include <stdlib.h>

#include "stats/random.h"
#include "study/comparison_methods.h"
#include "study/comparison_pairs.h"
#include "study/history.h"
#include "study/read_runs.h"
#include "study/sample_runs_test.h"
#include "support/files.h"
#include "support/near.h"

static const struct metric_info *cpu(void)
{
    return sample_metric(SECTION_MACHPERF, "CentiCpu");
}

/* --- Comparing, and looking at the first metric ------------------------------------------------ */

static struct comparison compare_with(const struct run_set *base, const struct run_set *variant,
                                      const struct comparison_options *options)
{
    struct comparison c;
    struct ou_error err = { "" };

    if (comparison_compute(base, &variant, 1, options, &c, &err))
        fail_msg("%s", err.text);
    return c;
}

static struct comparison compare(const struct run_set *base, const struct run_set *variant)
{
    return compare_with(base, variant, &COMPARISON_DEFAULTS);
}

static void release(struct comparison *c, struct run_set *base, struct run_set *variant)
{
    comparison_release(c);
    run_set_release(base);
    run_set_release(variant);
}

static const struct metric_comparison *metric_of(const struct comparison *c, const char *id)
{
    for (size_t i = 0; i < c->sides[0].metric_count; i++)
        if (strcmp(c->sides[0].metrics[i].info->id, id) == 0)
            return &c->sides[0].metrics[i];
    fail_msg("no %s", id);
    return NULL;
}

static void assert_says(const struct metric_comparison *m, const char *words)
{
    if (!strstr(m->why, words))
        fail_msg("'%s' does not say '%s'", m->why, words);
}

/* --- Runs against runs -------------------------------------------------------------------------- */

/* The sample data of SciPy and R: t 3.97, 95 % [1.58, 6.92] the other way round. */
static void test_runs_are_compared_by_welchs_test_and_exact_ranks(void **state)
{
    struct run_set base, variant;
    struct comparison c;
    const struct metric_comparison *m;

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 2, 1, 3, 4);
    SAMPLE_VALUES(&variant, "new", cpu(), 6, 5, 7, 9);
    c = compare(&base, &variant);
    m = &c.sides[0].metrics[0];
    assert_int_equal(m->basis, BASIS_RUNS);
    assert_int_equal(m->base_n, 4);
    assert_near(m->delta, 4.25, 1e-12);
    assert_near(m->delta_percent, 170, 1e-9);
    assert_near(m->p, .008512863, 1e-9);
    assert_near(m->p_adjusted, m->p, 1e-12);
    assert_near(m->delta_interval.low, 1.582779378, 1e-9);
    assert_near(m->delta_interval.high, 6.917220622, 1e-9);
    assert_near(m->mann_whitney_p, 2 / 70.0, 1e-9);
    assert_near(m->smallest_p, 2 / 70.0, 1e-9);
    assert_near(m->permutation_p, 2 / 70.0, 1e-9);
    assert_near(m->cliffs, -1, 1e-12);
    assert_near(m->hedges, 2.441267479, 1e-9);
    assert_int_equal(m->verdict, VERDICT_REGRESSION);
    assert_int_equal(c.sides[0].verdicts[VERDICT_REGRESSION], 1);
    assert_int_equal(c.sides[0].judged, 1);
    release(&c, &base, &variant);
}

static void test_better_is_what_the_dictionary_says(void **state)
{
    struct run_set base, variant;
    struct comparison c;

    (void)state;
    SAMPLE_VALUES(&base, "old", sample_metric(SECTION_MACHPERF, "cdfStarts"), .999, .998, .9985,
                  .999);
    SAMPLE_VALUES(&variant, "new", sample_metric(SECTION_MACHPERF, "cdfStarts"), .95, .951, .949,
                  .95);
    c = compare(&base, &variant);
    assert_int_equal(c.sides[0].metrics[0].verdict, VERDICT_REGRESSION);
    release(&c, &base, &variant);
    SAMPLE_VALUES(&base, "old", cpu(), 50, 51, 50, 51);
    SAMPLE_VALUES(&variant, "new", cpu(), 40, 41, 40, 41);
    c = compare(&base, &variant);
    assert_int_equal(c.sides[0].metrics[0].verdict, VERDICT_IMPROVEMENT);
    release(&c, &base, &variant);
    SAMPLE_VALUES(&base, "old", sample_metric(SECTION_CONTROL, "cdfBlockSize"), 50, 51, 50, 51);
    SAMPLE_VALUES(&variant, "new", sample_metric(SECTION_CONTROL, "cdfBlockSize"), 40, 41, 40, 41);
    c = compare(&base, &variant);
    assert_int_equal(c.sides[0].metrics[0].verdict, VERDICT_CHANGE);
    release(&c, &base, &variant);
}

static void test_three_runs_a_side_are_judged_and_ranks_are_said_to_need_four(void **state)
{
    struct run_set base, variant;
    struct comparison c;
    const struct metric_comparison *m;

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 50, 50.5, 50.2);
    SAMPLE_VALUES(&variant, "new", cpu(), 60, 60.5, 60.2);
    c = compare(&base, &variant);
    m = &c.sides[0].metrics[0];
    assert_int_equal(m->verdict, VERDICT_REGRESSION);
    assert_near(m->smallest_p, .1, 1e-9);
    assert_says(m, "ranks alone need at least 4 runs a side");
    release(&c, &base, &variant);
}

static void test_runs_that_are_all_equal_are_equivalent_and_never_divide_by_zero(void **state)
{
    struct run_set base, variant;
    struct comparison c;
    const struct metric_comparison *m;

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 7, 7, 7, 7);
    SAMPLE_VALUES(&variant, "new", cpu(), 7, 7, 7, 7);
    c = compare(&base, &variant);
    m = &c.sides[0].metrics[0];
    assert_near(m->p, 1, 0);
    assert_int_equal(m->verdict, VERDICT_EQUIVALENT);
    release(&c, &base, &variant);
    /* Without any deviation t has no measure: the ranks' least p stands. */
    SAMPLE_VALUES(&base, "old", cpu(), 7, 7, 7);
    SAMPLE_VALUES(&variant, "new", cpu(), 9, 9, 9);
    c = compare(&base, &variant);
    m = &c.sides[0].metrics[0];
    assert_near(m->p, .1, 1e-9);
    assert_int_equal(m->verdict, VERDICT_INCONCLUSIVE);
    assert_false(interval_known(m->delta_interval));
    release(&c, &base, &variant);
}

/* --- Verdicts ---------------------------------------------------------------------------------- */

/* 20 runs a side around 100 and 100 + change, with a deviation that makes the standard error 1/10 of spread. */
static enum verdict verdict_at(double change, double spread, double *ret_runs)
{
    struct run_set base, variant;
    struct comparison c;
    double a[20], b[20];
    enum verdict verdict;

    for (size_t i = 0; i < 20; i++) {
        a[i] = 100 + (i % 2 ? spread : -spread);
        b[i] = 100 + change + (i % 2 ? spread : -spread);
    }
    sample_values(&base, "old", cpu(), 20, a);
    sample_values(&variant, "new", cpu(), 20, b);
    c = compare(&base, &variant);
    verdict = c.sides[0].metrics[0].verdict;
    *ret_runs = c.sides[0].metrics[0].runs_needed;
    release(&c, &base, &variant);
    return verdict;
}

static void test_verdicts_follow_from_interval_and_margin(void **state)
{
    double runs;

    (void)state;
    assert_int_equal(verdict_at(5, .5, &runs), VERDICT_REGRESSION);
    assert_int_equal(verdict_at(-5, .5, &runs), VERDICT_IMPROVEMENT);
    assert_int_equal(verdict_at(1, .5, &runs), VERDICT_NEGLIGIBLE); /* 2 % is the margin */
    assert_int_equal(verdict_at(.1, .5, &runs), VERDICT_EQUIVALENT);
    assert_true(isnan(runs));
    assert_int_equal(verdict_at(2, 1, &runs), VERDICT_REGRESSION); /* straddles the margin */
    assert_int_equal(verdict_at(1, 8, &runs), VERDICT_INCONCLUSIVE);
    /* By the plan for power .8 at 5 %: CoV 8.2 %, to see 2 %: 265 runs a side; to show none, 289. */
    assert_true(runs > 260 && runs < 300);
}

static void test_a_metric_near_zero_has_a_floor_for_its_margin(void **state)
{
    const struct metric_info *context = sample_metric(SECTION_FORGER, "cdfForgerBlkCtx");
    struct run_set base, variant;
    struct comparison_options tight = COMPARISON_DEFAULTS;
    struct margin_override margin = { "forger/cdfForgerBlkCtx", .05 };
    struct comparison c;

    (void)state;
    SAMPLE_VALUES(&base, "old", context, 65e-6, 66e-6, 64e-6, 65e-6);
    SAMPLE_VALUES(&variant, "new", context, 73e-6, 74e-6, 72e-6, 73e-6);
    c = compare(&base, &variant);
    assert_near(c.sides[0].metrics[0].margin_value, 1e-4, 1e-12);
    assert_int_equal(c.sides[0].metrics[0].verdict, VERDICT_NEGLIGIBLE);
    comparison_release(&c);
    tight.margins = &margin;
    tight.margin_count = 1;
    c = compare_with(&base, &variant, &tight);
    assert_near(c.sides[0].metrics[0].margin_percent, 5, 1e-9);
    assert_int_equal(c.sides[0].metrics[0].verdict, VERDICT_REGRESSION);
    comparison_release(&c);
    tight.margin_count = 0;
    tight.margin_scale = .001;
    c = compare_with(&base, &variant, &tight);
    assert_int_equal(c.sides[0].metrics[0].verdict, VERDICT_REGRESSION);
    release(&c, &base, &variant);
}

/* Benjamini and Hochberg's fifteen p values: Holm finds 3 of them, BH 4. */
static void test_the_decisive_interval_excludes_zero_exactly_when_the_adjusted_p_is_below_5_percent(
    void **state)
{
    static const double p[] = { .0001, .0004, .0019, .0095, .0201, .4262 };
    static const double adjusted[] = { .0015, .0056, .0247, .0500001, .0499999, 1 };

    (void)state;
    for (size_t i = 0; i < sizeof(p) / sizeof(*p); i++) {
        struct two_samples none = { 0 };
        struct metric_comparison m = { .info = cpu(), .margin = margin_of(cpu()) };
        struct level_values v = { .runs = none, .noise = { .deviation = NAN } };
        double a[6] = { 100, 101, 99, 100.5, 99.5, 100 }, b[6];
        double low = 0, high = 50;

        /* The shift that has this p. */
        for (int step = 0; step < 80; step++) {
            double shift = (low + high) / 2;

            for (size_t j = 0; j < 6; j++)
                b[j] = a[j] + shift;
            v.runs = (struct two_samples){ a, 6, b, 6 };
            m.margin_value = 2;
            compare_means(&v, &COMPARISON_DEFAULTS, &m);
            *(m.p > p[i] ? &low : &high) = shift;
        }
        m.p_adjusted = adjusted[i];
        assert_near(m.p, p[i], 1e-9);
        assert_int_equal(decisive_interval(&m).low > 0, adjusted[i] < .05);
        assert_int_equal(m.delta_interval.low > 0, p[i] < .05);
        assert_int_equal(m.percent_interval.low > 0, p[i] < .05);
    }
}

static void test_many_questions_make_each_harder(void **state)
{
    const struct metric_info *metrics[] = { cpu(), sample_metric(SECTION_MACHPERF, "RSS"),
                                            sample_metric(SECTION_MACHPERF, "Heap"),
                                            sample_metric(SECTION_SUMMARY, "tps") };
    static const double values[] = { 100, 101, 102, 103 };
    const char *only[] = { "machperf/CentiCpu" };
    struct comparison_options options = COMPARISON_DEFAULTS;
    struct run_set base, variant;
    struct comparison c;

    (void)state;
    sample_runs(&base, "old", 4, metrics, 4);
    sample_runs(&variant, "new", 4, metrics, 4);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++) {
            base.runs[i].values[j].mean = values[i] * (double)(j + 1);
            variant.runs[i].values[j].mean = base.runs[i].values[j].mean + (j == 0 ? 2.7 : 0);
        }
    c = compare(&base, &variant);
    assert_int_equal(c.sides[0].judged, 3); /* what was offered is described, not judged */
    assert_int_equal(metric_of(&c, "tps")->verdict, VERDICT_NONE);
    assert_near(metric_of(&c, "CentiCpu")->p_adjusted, 3 * metric_of(&c, "CentiCpu")->p, 1e-12);
    assert_int_equal(metric_of(&c, "CentiCpu")->verdict, VERDICT_INCONCLUSIVE);
    assert_says(metric_of(&c, "CentiCpu"), "alone it would be a difference");
    comparison_release(&c);
    options.metrics = only;
    options.metric_count = 1;
    c = compare_with(&base, &variant, &options);
    assert_int_equal(c.sides[0].metric_count, 1);
    assert_int_equal(metric_of(&c, "CentiCpu")->verdict, VERDICT_REGRESSION);
    release(&c, &base, &variant);
}

static void test_metrics_with_the_same_values_are_one_test_and_constant_ones_none(void **state)
{
    const struct metric_info *metrics[] = { sample_metric(SECTION_ENDTOEND, "cdf0.94"),
                                            sample_metric(SECTION_ENDTOEND, "cdf0.96"), cpu(),
                                            sample_metric(SECTION_MACHPERF, "FsRd") };
    static const double values[] = { 100, 101, 102, 103 };
    struct run_set base, variant;
    struct comparison c;

    (void)state;
    sample_runs(&base, "old", 4, metrics, 4);
    sample_runs(&variant, "new", 4, metrics, 4);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++) {
            base.runs[i].values[j].mean = j == 3 ? 0 : j == 2 ? 7 * values[3 - i] : values[i];
            variant.runs[i].values[j].mean = base.runs[i].values[j].mean + (j < 2 ? 2.7 : 0);
        }
    c = compare(&base, &variant);
    assert_int_equal(c.sides[0].judged, 4);
    assert_int_equal(c.sides[0].tests, 2);
    assert_near(metric_of(&c, "cdf0.94")->p_adjusted, 2 * metric_of(&c, "cdf0.94")->p, 1e-12);
    assert_near(metric_of(&c, "cdf0.96")->p_adjusted, 2 * metric_of(&c, "cdf0.94")->p, 1e-12);
    assert_near(metric_of(&c, "FsRd")->p_adjusted, 1, 0);
    release(&c, &base, &variant);
}

static void test_a_metric_that_no_run_has_is_wrong_usage(void **state)
{
    const char *only[] = { "cdf0.96" };
    struct comparison_options options = COMPARISON_DEFAULTS;
    struct run_set base, variant;
    const struct run_set *variants[] = { &variant };
    struct comparison c = { 0 };
    struct ou_error err = { "" };

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 1, 2);
    SAMPLE_VALUES(&variant, "new", cpu(), 1, 2);
    options.metrics = only;
    options.metric_count = 1;
    assert_int_equal(comparison_compute(&base, variants, 1, &options, &c, &err), OU_USAGE);
    release(&c, &base, &variant);
}

/* --- Few runs ---------------------------------------------------------------------------------- */

static void test_one_run_a_side_is_not_judged(void **state)
{
    struct run_set base, variant;
    struct comparison c;
    const struct metric_comparison *m;

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 5);
    SAMPLE_VALUES(&variant, "new", cpu(), 9);
    c = compare(&base, &variant);
    m = &c.sides[0].metrics[0];
    assert_int_equal(m->basis, BASIS_NONE);
    assert_int_equal(m->verdict, VERDICT_NONE);
    assert_near(m->delta_percent, 80, 1e-9);
    assert_false(interval_known(m->percent_interval));
    assert_true(isnan(m->p_adjusted));
    assert_says(m, "run-to-run variation is unknown");
    assert_int_equal(c.sides[0].judged, 0);
    release(&c, &base, &variant);
}

static void give_blocks(struct run_set *set, size_t n, double mean, double step)
{
    double *blocks = sample_take(set, n * sizeof(double));

    for (size_t i = 0; i < n; i++)
        blocks[i] = mean + (i % 3 == 0 ? step : -step / 2);
    set->runs[0].blocks = sample_take(set, n * sizeof(*set->runs[0].blocks));
    set->runs[0].block_count = n;
    set->runs[0].values[0].blocks = blocks;
}

static void test_blocks_of_one_run_a_side_give_an_interval_that_is_named_so(void **state)
{
    const struct metric_info *adoption = sample_metric(SECTION_ENDTOEND, "cdf0.96");
    struct run_set base, variant;
    struct comparison c;
    const struct metric_comparison *m;

    (void)state;
    SAMPLE_VALUES(&base, "old", adoption, 1);
    SAMPLE_VALUES(&variant, "new", adoption, 1.5);
    give_blocks(&base, 99, 1, .1);
    give_blocks(&variant, 99, 1.5, .1);
    c = compare(&base, &variant);
    m = &c.sides[0].metrics[0];
    assert_int_equal(m->basis, BASIS_WITHIN_RUN);
    assert_int_equal(m->verdict, VERDICT_NONE);
    assert_true(m->within_run.low > .45 && m->within_run.high < .55);
    assert_false(interval_known(m->percent_interval));
    assert_near(m->ks, 1, 1e-12);
    assert_near(m->wasserstein, .5, 1e-12);
    assert_says(m, "says nothing about other runs");
    release(&c, &base, &variant);
}

static void test_a_single_run_is_held_against_the_deviation_of_the_other_side(void **state)
{
    struct run_set base, variant;
    struct comparison c;
    const struct metric_comparison *m;

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 100, 102, 98, 101, 99);
    SAMPLE_VALUES(&variant, "new", cpu(), 104.808944);
    c = compare(&base, &variant);
    m = &c.sides[0].metrics[0];
    assert_int_equal(m->basis, BASIS_ONE_SIDE);
    /* The prediction bound of the five, at 97.5 %. */
    assert_near(m->p, .05, 1e-6);
    assert_near(m->dof, 4, 0);
    assert_says(m, "the deviation of the several stands for both");
    release(&c, &base, &variant);
}

static void test_a_history_says_how_much_single_runs_differ(void **state)
{
    struct run_set base, variant, past;
    struct comparison_options options = COMPARISON_DEFAULTS;
    struct comparison c;
    const struct metric_comparison *m;

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 100);
    SAMPLE_VALUES(&variant, "new", cpu(), 105);
    SAMPLE_VALUES(&past, "past", cpu(), 100, 102, 98, 101, 99, 300);
    past.runs[5] = base.runs[0]; /* the base itself is no measure of itself */
    options.history = &past;
    c = compare_with(&base, &variant, &options);
    m = &c.sides[0].metrics[0];
    assert_int_equal(m->basis, BASIS_HISTORY);
    assert_int_equal(c.sides[0].history_runs, 5);
    assert_near(m->deviation, sqrt(2.5), 1e-12);
    assert_near(m->dof, 4, 0);
    /* 5 / (sqrt(2.5) sqrt(2)) = sqrt(5): P(|T_4| > 2.236068) = .0890 */
    assert_near(m->p, .0890, 1e-4);
    assert_int_equal(m->verdict, VERDICT_INCONCLUSIVE);
    assert_true(m->runs_needed > 1);
    run_set_release(&past);
    release(&c, &base, &variant);
}

/* Two levels that are far apart, and another metric's noise at each of them. */
static void test_the_noise_of_a_history_is_what_runs_deviate_from_its_levels(void **state)
{
    struct run_set base, variant, past;
    struct comparison_options options = COMPARISON_DEFAULTS;
    const struct history_options search = HISTORY_DEFAULTS;
    const char *metric = "CentiCpu";
    struct history h;
    struct ou_error err;
    struct comparison c;
    const struct metric_comparison *m;

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 50);
    SAMPLE_VALUES(&variant, "new", cpu(), 47);
    SAMPLE_VALUES(&past, "past", cpu(), 100, 101, 99, 100, 102, 98, 50, 50.5, 49.5, 50, 51, 49);
    options.history = &past;
    c = compare_with(&base, &variant, &options);
    m = &c.sides[0].metrics[0];
    assert_int_equal(history_compute(&past, &metric, 1, &search, &h, &err), OU_OK);
    assert_near(m->deviation, h.metrics[0].noise_percent / 100 * 50, 1e-12);
    /* Both levels deviate by the same shares: 2 (1 + 1 + 4 + 4) / 10^4, of 12 - 2. */
    assert_near(m->deviation, 50 * sqrt(2 * 10 / 1e4 / 10), 1e-12);
    assert_near(m->dof, 10, 0);
    assert_says(m, "the deviation around 2 levels of 12 earlier runs");
    history_release(&h);
    run_set_release(&past);
    release(&c, &base, &variant);
}

/* Two runs of one side have one degree of freedom, and the history three. */
static void test_a_history_that_knows_more_than_the_side_with_several_runs_counts(void **state)
{
    struct run_set base, variant, past;
    struct comparison_options options = COMPARISON_DEFAULTS;
    struct comparison c;

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 100, 100.1);
    SAMPLE_VALUES(&variant, "new", cpu(), 105);
    SAMPLE_VALUES(&past, "past", cpu(), 100, 102, 98, 101);
    for (size_t i = 0; i < past.count; i++)
        past.runs[i].started_ns = (int64_t)i + 1;
    base.runs[0].started_ns = 10;
    base.runs[1].started_ns = 11;
    variant.runs[0].started_ns = 20;
    options.history = &past;
    c = compare_with(&base, &variant, &options);
    assert_int_equal(c.sides[0].basis, BASIS_HISTORY);
    assert_near(c.sides[0].metrics[0].dof, 3, 0);
    comparison_release(&c);
    options.history = NULL;
    c = compare_with(&base, &variant, &options);
    assert_int_equal(c.sides[0].basis, BASIS_ONE_SIDE);
    run_set_release(&past);
    release(&c, &base, &variant);
}

static void test_only_what_came_earlier_is_a_history_and_once(void **state)
{
    struct run_set base, variant, past;
    struct comparison_options options = COMPARISON_DEFAULTS;
    struct comparison c;

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 100);
    SAMPLE_VALUES(&variant, "new", cpu(), 105);
    SAMPLE_VALUES(&past, "past", cpu(), 100, 102, 98, 101, 30);
    base.runs[0].started_ns = 10;
    variant.runs[0].started_ns = 20;
    for (size_t i = 0; i < past.count; i++)
        past.runs[i].started_ns = (int64_t)i + 1;
    past.runs[4].started_ns = 30;
    options.history = &past;
    c = compare_with(&base, &variant, &options);
    assert_int_equal(c.sides[0].history_runs, 4);
    assert_int_equal(c.sides[0].basis, BASIS_HISTORY);
    comparison_release(&c);
    past.runs[3] = past.runs[0]; /* three runs around one level tell too little */
    c = compare_with(&base, &variant, &options);
    assert_int_equal(c.sides[0].history_runs, 3);
    assert_int_equal(c.sides[0].history_repeated, 1);
    assert_int_not_equal(c.sides[0].basis, BASIS_HISTORY);
    run_set_release(&past);
    release(&c, &base, &variant);
}

/* --- Percentages ------------------------------------------------------------------------------- */

static void test_nothing_falls_by_more_than_all_of_it(void **state)
{
    struct run_set base, variant;
    struct comparison c;
    const struct metric_comparison *m;

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 100, 120, 110, 90);
    SAMPLE_VALUES(&variant, "new", cpu(), 1, 2, 90, 1);
    c = compare(&base, &variant);
    m = &c.sides[0].metrics[0];
    assert_true(m->delta_interval.low < -m->base);
    assert_near(m->percent_interval.low, -100, 0);
    assert_near(m->equivalence_percent.low, -100, 0);
    assert_true(m->percent_interval.high > -100);
    assert_false(interval_known(percent_of_base(m, interval_none())));
    release(&c, &base, &variant);
    SAMPLE_VALUES(&base, "old", cpu(), 100, 120, 110, 90);
    SAMPLE_VALUES(&variant, "new", cpu(), -100, -120, -110, -90);
    c = compare(&base, &variant); /* of what can be negative nothing is known to end there */
    assert_true(c.sides[0].metrics[0].percent_interval.low < -200);
    release(&c, &base, &variant);
}

/* --- Designs ----------------------------------------------------------------------------------- */

static const double drifting[] = { 100, 103, 106, 109, 112, 115 };

static void sample_drift(struct run_set *base, struct run_set *variant)
{
    double later[6];

    for (size_t i = 0; i < 6; i++)
        later[i] = drifting[i] * 1.02 + (i % 2 ? .02 : -.02);
    sample_values(base, "old", cpu(), 6, drifting);
    sample_values(variant, "new", cpu(), 6, later);
}

static void test_runs_that_took_turns_are_compared_pair_by_pair(void **state)
{
    struct run_set base, variant;
    struct comparison_options unpaired = COMPARISON_DEFAULTS;
    struct comparison c;

    (void)state;
    sample_drift(&base, &variant);
    sample_starts(&base, &variant, "bnnbbnnbbnnb");
    c = compare(&base, &variant);
    assert_int_equal(c.sides[0].basis, BASIS_PAIRS);
    assert_true(c.sides[0].interleaved);
    assert_int_equal(c.sides[0].metrics[0].verdict, VERDICT_REGRESSION);
    assert_near(c.sides[0].metrics[0].signed_rank_p, 2 / 64.0, 1e-12);
    assert_near(c.sides[0].metrics[0].smallest_p, 2 / 64.0, 1e-12);
    assert_says(&c.sides[0].metrics[0], "6 pairs of runs that took turns");
    comparison_release(&c);
    unpaired.unpaired = true;
    c = compare_with(&base, &variant, &unpaired);
    assert_int_equal(c.sides[0].basis, BASIS_RUNS);
    assert_true(c.sides[0].interleaved);
    assert_int_equal(c.sides[0].metrics[0].verdict, VERDICT_INCONCLUSIVE);
    release(&c, &base, &variant);
}

static void test_few_pairs_are_compared_as_two_groups_unless_asked(void **state)
{
    struct run_set base, variant;
    struct comparison_options paired = COMPARISON_DEFAULTS;
    const struct run_set *variants[] = { &variant };
    struct comparison c;
    struct ou_error err = { "" };

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 100, 103, 106, 109);
    SAMPLE_VALUES(&variant, "new", cpu(), 102, 105.1, 108, 111.1);
    sample_starts(&base, &variant, "bnnbbnnb");
    c = compare(&base, &variant);
    assert_int_equal(c.sides[0].basis, BASIS_RUNS);
    assert_true(c.sides[0].interleaved && c.sides[0].few_pairs);
    comparison_release(&c);
    paired.paired = true;
    c = compare_with(&base, &variant, &paired);
    assert_int_equal(c.sides[0].basis, BASIS_PAIRS);
    assert_false(c.sides[0].few_pairs);
    comparison_release(&c);
    sample_starts(&base, &variant, "bbbbnnnn");
    assert_int_equal(comparison_compute(&base, variants, 1, &paired, &c, &err), OU_USAGE);
    assert_non_null(strstr(err.text, "did not take turns"));
    run_set_release(&base);
    run_set_release(&variant);
}

static size_t pairs_in(const char *order)
{
    struct run_set base, variant;
    struct run_pair pairs[8];
    struct ou_error err = { "" };
    size_t n, count = strlen(order) / 2;
    double values[8] = { 0 };

    sample_values(&base, "old", cpu(), count, values);
    sample_values(&variant, "new", cpu(), count, values);
    sample_starts(&base, &variant, order);
    assert_int_equal(comparison_pairs(&base, &variant, &base.memory, pairs, &n, &err), OU_OK);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pairs[i].base, pairs[i].variant);
    run_set_release(&base);
    run_set_release(&variant);
    return n;
}

static void test_only_orders_that_take_turns_make_pairs(void **state)
{
    (void)state;
    assert_int_equal(pairs_in("bnbnbn"), 3);
    assert_int_equal(pairs_in("bnnbbn"), 3);
    assert_int_equal(pairs_in("nbnbnbbn"), 4);
    assert_int_equal(pairs_in("bbnnbn"), 0);
    assert_int_equal(pairs_in("bbbnnn"), 0);
    assert_int_equal(pairs_in("bnbn"), 0); /* comes about by chance */
}

static void test_runs_of_two_machines_and_runs_without_a_start_are_no_pairs(void **state)
{
    struct run_set base, variant;
    struct comparison c;

    (void)state;
    sample_drift(&base, &variant);
    sample_starts(&base, &variant, "bnbnbnbnbnbn");
    variant.runs[3].machine = "aarch64, 64 cores";
    c = compare(&base, &variant);
    assert_int_equal(c.sides[0].basis, BASIS_RUNS);
    assert_false(c.sides[0].apart);
    comparison_release(&c);
    variant.runs[3].machine = base.runs[0].machine;
    variant.runs[3].started_ns = TIME_NONE;
    c = compare(&base, &variant);
    assert_int_equal(c.sides[0].basis, BASIS_RUNS);
    release(&c, &base, &variant);
}

static void test_a_design_in_blocks_pairs_what_belongs_together(void **state)
{
    struct run_set base, variant;
    struct run_pair pairs[6];
    struct ou_error err = { "" };
    size_t n;

    (void)state;
    sample_drift(&base, &variant);
    for (size_t i = 0; i < 6; i++) {
        base.runs[i].design = (struct run_design){ "night", (int64_t)i, 0 };
        variant.runs[i].design = (struct run_design){ "night", 5 - (int64_t)i, 1 };
    }
    assert_int_equal(comparison_pairs(&base, &variant, &base.memory, pairs, &n, &err), OU_OK);
    assert_int_equal(n, 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(pairs[i].base + pairs[i].variant, 5);
    variant.runs[2].design.block = 0; /* two in block 0, none in 3 */
    assert_int_equal(comparison_pairs(&base, &variant, &base.memory, pairs, &n, &err), OU_OK);
    assert_int_equal(n, 0);
    variant.runs[2].design = (struct run_design){ "day", 3, 1 };
    assert_int_equal(comparison_pairs(&base, &variant, &base.memory, pairs, &n, &err), OU_OK);
    assert_int_equal(n, 0);
    run_set_release(&base);
    run_set_release(&variant);
}

static void test_drift_over_the_order_of_runs_is_seen_beside_the_change(void **state)
{
    struct run_set base, variant;
    struct comparison c;

    (void)state;
    sample_drift(&base, &variant);
    sample_starts(&base, &variant, "bnbnbnbnbnbn");
    c = compare(&base, &variant);
    assert_true(c.sides[0].metrics[0].order.p < .001);
    release(&c, &base, &variant);
    SAMPLE_VALUES(&base, "old", cpu(), 10, 11, 9, 10.5);
    SAMPLE_VALUES(&variant, "new", cpu(), 20, 21, 19, 20.5);
    sample_starts(&base, &variant, "bbbbnnnn");
    c = compare(&base, &variant);
    assert_true(c.sides[0].metrics[0].order.p > .5);
    assert_true(c.sides[0].apart);
    release(&c, &base, &variant);
}

/* --- Counts ------------------------------------------------------------------------------------ */

static void give_count(struct run_set *set, size_t run, const char *id, double count,
                       double exposure)
{
    struct finished_run *r = &set->runs[run];

    r->counts[0] = (struct run_count){ id, "events", "blocks", count, exposure };
    r->count_count = 1;
}

/* 11 in 800 against 21 in 3,011, the other way round; battles are a metric of their own. */
static void test_rare_events_are_compared_as_counts(void **state)
{
    const struct metric_info *battles = sample_metric(SECTION_CONTROL, "cdfBlockBattle");
    struct run_set base, variant;
    struct comparison c;
    const struct metric_comparison *m;

    (void)state;
    SAMPLE_VALUES(&base, "old", battles, 21 / 3011.0);
    SAMPLE_VALUES(&variant, "new", battles, 11 / 800.0);
    give_count(&base, 0, "cdfBlockBattle", 21, 3011);
    give_count(&variant, 0, "cdfBlockBattle", 11, 800);
    c = compare(&base, &variant);
    m = &c.sides[0].metrics[0];
    assert_int_equal(m->basis, BASIS_COUNTS);
    assert_near(m->p, .079668633, 1e-9);
    assert_near(m->delta_percent, 97.1488095, 1e-6);
    assert_near(m->percent_interval.low, -14.1573597, 1e-6);
    assert_near(m->percent_interval.high, 327.7265944, 1e-6);
    assert_int_equal(m->verdict, VERDICT_INCONCLUSIVE);
    assert_near(m->margin_percent, 50, 1e-9);
    release(&c, &base, &variant);
}

static void test_counts_without_a_metric_have_a_row_of_their_own(void **state)
{
    struct run_set base, variant;
    struct comparison c;
    const struct metric_comparison *m;

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 1);
    SAMPLE_VALUES(&variant, "new", cpu(), 1);
    give_count(&base, 0, "missedSlots", 10, 1e6);
    give_count(&variant, 0, "missedSlots", 60, 1e6);
    c = compare(&base, &variant);
    m = metric_of(&c, "missedSlots");
    assert_int_equal(m->verdict, VERDICT_REGRESSION);
    assert_near(m->delta_percent, 500, 1e-9);
    release(&c, &base, &variant);
}

static void test_counts_that_vary_more_than_chance_are_compared_run_by_run(void **state)
{
    static const double wild[2][4] = { { 1, 40, 3, 20 }, { 60, 2, 35, 5 } };
    struct run_set base, variant;
    struct comparison c;
    const struct metric_comparison *m;

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 1, 2, 1, 2);
    SAMPLE_VALUES(&variant, "new", cpu(), 1, 2, 1, 2);
    for (size_t i = 0; i < 4; i++) {
        give_count(&base, i, "missedSlots", wild[0][i], 1000);
        give_count(&variant, i, "missedSlots", wild[1][i], 1000);
    }
    c = compare(&base, &variant);
    m = metric_of(&c, "missedSlots");
    assert_true(m->dispersed);
    assert_int_equal(m->basis, BASIS_RUNS);
    assert_true(m->p > .3); /* 64 against 102 would be .003 as single counts */
    assert_says(m, "vary more from run to run than chance");
    release(&c, &base, &variant);
}

static void test_counts_that_are_none_fall_back_to_means(void **state)
{
    const struct metric_info *battles = sample_metric(SECTION_CONTROL, "cdfBlockBattle");
    static const double bad[] = { -1, NAN, INFINITY, 1e300 };
    struct run_set base, variant;

    (void)state;
    SAMPLE_VALUES(&base, "old", battles, .003, .004);
    SAMPLE_VALUES(&variant, "new", battles, .003, .004);
    give_count(&base, 0, "cdfBlockBattle", 3, 1000);
    give_count(&base, 1, "cdfBlockBattle", 4, 1000);
    give_count(&variant, 0, "cdfBlockBattle", 3, 1000);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct comparison c;

        give_count(&variant, 1, "cdfBlockBattle", bad[i], 1000);
        c = compare(&base, &variant);
        assert_int_equal(c.sides[0].metrics[0].basis, BASIS_RUNS);
        comparison_release(&c);
        give_count(&variant, 1, "cdfBlockBattle", 4, bad[i]);
        c = compare(&base, &variant);
        assert_int_equal(c.sides[0].metrics[0].basis, BASIS_RUNS);
        comparison_release(&c);
    }
    run_set_release(&base);
    run_set_release(&variant);
}

/* --- Runs that should not be compared ----------------------------------------------------------- */

static void test_runs_that_differ_are_refused_with_what_differs(void **state)
{
    struct run_fact small = { "profile", "", "ci-test" }, large = { "profile", "", "model-52" };
    struct comparison_options options = COMPARISON_DEFAULTS;
    struct run_set base, variant;
    const struct run_set *variants[] = { &variant };
    struct comparison c = { 0 };
    struct ou_error err = { "" };

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 1, 2);
    SAMPLE_VALUES(&variant, "new", cpu(), 1, 2);
    for (size_t i = 0; i < 2; i++) {
        base.runs[i].facts = &small;
        variant.runs[i].facts = i ? &large : &small;
        base.runs[i].fact_count = variant.runs[i].fact_count = 1;
    }
    assert_int_equal(comparison_compute(&base, variants, 1, &options, &c, &err), OU_INVALID);
    if (!strstr(err.text, "ci-test in old-1, model-52 in new-2"))
        fail_msg("'%s'", err.text);
    options.allow_different = true;
    c = compare_with(&base, &variant, &options);
    assert_int_equal(c.difference_count, 1);
    release(&c, &base, &variant);
}

static void test_a_run_that_is_given_twice_is_refused(void **state)
{
    struct comparison_options options = COMPARISON_DEFAULTS;
    struct run_set base, variant;
    const struct run_set *variants[] = { &variant };
    struct comparison c = { 0 };
    struct ou_error err = { "" };

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 1, 2, 3);
    SAMPLE_VALUES(&variant, "new", cpu(), 1, 2, 3);
    variant.runs[2] = base.runs[0];
    assert_int_equal(comparison_compute(&base, variants, 1, &options, &c, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "old-1 stands there twice"));
    options.allow_different = true; /* on both sides */
    c = compare_with(&base, &variant, &options);
    comparison_release(&c);
    variant.runs[2] = variant.runs[1]; /* on one side: never, whatever the set calls it */
    variant.runs[2].title = "new-2 #2";
    assert_int_equal(comparison_compute(&base, variants, 1, &options, &c, &err), OU_INVALID);
    run_set_release(&base);
    run_set_release(&variant);
}

static void test_a_side_without_runs_is_refused(void **state)
{
    struct run_set base, variant = { 0 };
    const struct run_set *variants[] = { &variant };
    struct comparison c;
    struct ou_error err = { "" };

    (void)state;
    SAMPLE_VALUES(&base, "old", cpu(), 1, 2);
    assert_int_equal(comparison_compute(&base, variants, 1, &COMPARISON_DEFAULTS, &c, &err),
                     OU_INVALID);
    run_set_release(&base);
}

/* --- Values from anywhere ------------------------------------------------------------------------ */

static bool is_share(double p)
{
    return isnan(p) || (p >= 0 && p <= 1);
}

static void fill_with_extremes(struct run_set *set, struct random_stream *random)
{
    static const double extremes[] = { 0,      -0.0,   1,         -1,   1e308, -1e308,  1e-308,
                                       5e-324, 1e-300, 1 + 1e-15, 1e16, NAN,   INFINITY };
    const uint32_t count = sizeof(extremes) / sizeof(*extremes);

    for (size_t i = 0; i < set->count; i++)
        for (size_t j = 0; j < set->runs[i].value_count; j++)
            set->runs[i].values[j].mean = extremes[random_below(random, count)];
}

static void test_no_value_makes_a_comparison_trap_or_a_p_that_is_none(void **state)
{
    const struct metric_info *metrics[] = { cpu(), sample_metric(SECTION_MACHPERF, "cdfStarts"),
                                            sample_metric(SECTION_ENDTOEND, "cdf0.96") };
    struct random_stream random;

    (void)state;
    random_stream_init(&random, 7, 1);
    for (size_t round = 0; round < 600; round++) {
        struct run_set base, variant, past;
        struct comparison_options options = COMPARISON_DEFAULTS;
        struct comparison c;
        size_t runs = 1 + round % 4;

        options.resamples = 100;
        options.no_plan = round % 8 != 0;
        sample_runs(&base, "old", runs, metrics, 3);
        sample_runs(&variant, "new", 1 + (round / 4) % 4, metrics, 3);
        sample_runs(&past, "past", 5, metrics, 3);
        fill_with_extremes(&base, &random);
        fill_with_extremes(&variant, &random);
        fill_with_extremes(&past, &random);
        base.runs[0].values[0].mean = 1; /* one value at least */
        options.history = round % 3 ? &past : NULL;
        c = compare_with(&base, &variant, &options);
        for (size_t i = 0; i < c.sides[0].metric_count; i++) {
            const struct metric_comparison *m = &c.sides[0].metrics[i];

            assert_true(is_share(m->p) && is_share(m->p_adjusted) && is_share(m->mann_whitney_p));
            assert_true(is_share(m->permutation_p) && is_share(m->equivalence_p));
            assert_true((unsigned)m->verdict < VERDICT_COUNT);
            if (isnan(m->p_adjusted))
                assert_int_equal(m->verdict, VERDICT_NONE);
        }
        run_set_release(&past);
        release(&c, &base, &variant);
    }
}

/* --- Published results -------------------------------------------------------------------------- */

static void read_set(struct run_set *set, const char *table, const char *run)
{
    struct ou_error err = { "" };
    char operand[512];

    snprintf(operand, sizeof(operand), "%s#%s", table, run);
    run_set_init(set);
    if (run_set_add(set, operand, &err))
        fail_msg("%s", err.text);
}

/* Process CPU usage fell by nearly half in 10.7.1. */
static void test_published_results_of_two_releases_are_compared(void **state)
{
    const char *table = shared_data("published/published_results.tsv");
    struct run_set base, variant;
    struct comparison c;

    (void)state;
    read_set(&base, table, "release-10.7.1.value-only/10.6.2");
    read_set(&variant, table, "release-10.7.1.value-only/10.7.1");
    c = compare(&base, &variant);
    assert_near(metric_of(&c, "CentiCpu")->base, 5.1847, 1e-12);
    assert_near(metric_of(&c, "CentiCpu")->new_value, 2.7907, 1e-12);
    assert_near(metric_of(&c, "CentiCpu")->delta_percent, -46.1743, 1e-4);
    assert_int_equal(metric_of(&c, "CentiCpu")->verdict, VERDICT_NONE);
    assert_near(metric_of(&c, "cdf0.96")->delta_percent, -2.3655, 1e-4);
    release(&c, &base, &variant);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_are_compared_by_welchs_test_and_exact_ranks),
        cmocka_unit_test(test_better_is_what_the_dictionary_says),
        cmocka_unit_test(test_three_runs_a_side_are_judged_and_ranks_are_said_to_need_four),
        cmocka_unit_test(test_runs_that_are_all_equal_are_equivalent_and_never_divide_by_zero),
        cmocka_unit_test(test_verdicts_follow_from_interval_and_margin),
        cmocka_unit_test(test_a_metric_near_zero_has_a_floor_for_its_margin),
        cmocka_unit_test(
            test_the_decisive_interval_excludes_zero_exactly_when_the_adjusted_p_is_below_5_percent),
        cmocka_unit_test(test_many_questions_make_each_harder),
        cmocka_unit_test(test_metrics_with_the_same_values_are_one_test_and_constant_ones_none),
        cmocka_unit_test(test_a_metric_that_no_run_has_is_wrong_usage),
        cmocka_unit_test(test_one_run_a_side_is_not_judged),
        cmocka_unit_test(test_blocks_of_one_run_a_side_give_an_interval_that_is_named_so),
        cmocka_unit_test(test_a_single_run_is_held_against_the_deviation_of_the_other_side),
        cmocka_unit_test(test_a_history_says_how_much_single_runs_differ),
        cmocka_unit_test(test_the_noise_of_a_history_is_what_runs_deviate_from_its_levels),
        cmocka_unit_test(test_a_history_that_knows_more_than_the_side_with_several_runs_counts),
        cmocka_unit_test(test_only_what_came_earlier_is_a_history_and_once),
        cmocka_unit_test(test_runs_that_took_turns_are_compared_pair_by_pair),
        cmocka_unit_test(test_nothing_falls_by_more_than_all_of_it),
        cmocka_unit_test(test_few_pairs_are_compared_as_two_groups_unless_asked),
        cmocka_unit_test(test_only_orders_that_take_turns_make_pairs),
        cmocka_unit_test(test_runs_of_two_machines_and_runs_without_a_start_are_no_pairs),
        cmocka_unit_test(test_a_design_in_blocks_pairs_what_belongs_together),
        cmocka_unit_test(test_drift_over_the_order_of_runs_is_seen_beside_the_change),
        cmocka_unit_test(test_rare_events_are_compared_as_counts),
        cmocka_unit_test(test_counts_without_a_metric_have_a_row_of_their_own),
        cmocka_unit_test(test_counts_that_vary_more_than_chance_are_compared_run_by_run),
        cmocka_unit_test(test_counts_that_are_none_fall_back_to_means),
        cmocka_unit_test(test_runs_that_differ_are_refused_with_what_differs),
        cmocka_unit_test(test_a_run_that_is_given_twice_is_refused),
        cmocka_unit_test(test_a_side_without_runs_is_refused),
        cmocka_unit_test(test_no_value_makes_a_comparison_trap_or_a_p_that_is_none),
        cmocka_unit_test(test_published_results_of_two_releases_are_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
