/* Series with known change points (Matteson and James 2014; tests of public change-point tools), and the published results
 * of 2023 to 2026. */
#include "study/history.h"

#include "study/margins.h"
#include "study/read_runs.h"
#include "study/sample_runs_test.h"
#include "support/files.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* --- A series of runs --------------------------------------------------------------- */

struct world {
    struct run_set set;
    struct history h;
    struct ou_error err;
};

/* Runs of one metric or two, in order of time, an hour apart. */
static void begin(struct world *w, size_t metrics, const double *const *values, size_t n)
{
    const struct metric_info *const infos[] = { sample_metric(SECTION_MACHPERF, "CentiCpu"),
                                                sample_metric(SECTION_MACHPERF, "RSS") };

    *w = (struct world){ .err = { "" } };
    sample_runs(&w->set, "run", n, infos, metrics);
    for (size_t i = 0; i < n; i++) {
        w->set.runs[i].started_ns = (int64_t)i * 3600 * NS_PER_SECOND;
        for (size_t k = 0; k < metrics; k++)
            w->set.runs[i].values[k].mean = values[k][i];
    }
}

static void end(struct world *w)
{
    history_release(&w->h);
    run_set_release(&w->set);
}

static void compute(struct world *w, const struct history_options *o)
{
    if (history_compute(&w->set, NULL, 0, o, &w->h, &w->err))
        fail_msg("%s", w->err.text);
}

static struct history_options options(double threshold, double minimum)
{
    struct history_options o = HISTORY_DEFAULTS;

    o.change.threshold = threshold;
    o.change.minimum_change = minimum;
    return o;
}

static void assert_segments(const struct metric_history *m, size_t count, const size_t *firsts)
{
    assert_int_equal(m->segment_count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(m->segments[i].first, firsts[i]);
}

static void near(double value, double wanted, double tolerance)
{
    if (!(fabs(value - wanted) <= tolerance))
        fail_msg("%.12g is not %.12g", value, wanted);
}

static const double z1[] = { .3,   2.4, 1.5,   -.9,   -.5,   99.7,  98.3,
                             99.1, 149, 149.7, 149.5, 149.1, 148.8, 150 };
static const double s1[] = { 1.02, .95, .99, 1.00, 1.12, .90, .50, .51, .48, .48, .55 };
static const double s2[] = { 2.02, 2.03, 2.01, 2.04, 1.82, 1.85, 1.79, 1.81, 1.80, 1.76, 1.78 };
static const double s3[] = { 1.02, .95, .99, 1.00, 1.12, 1.00, 1.01, .98, 1.01, .96,
                             .50,  .51, .48, .48,  .55,  .50,  .49,  .51, .50,  .49 };

static void test_known_series_have_their_change_points(void **state)
{
    static const struct {
        const double *values;
        size_t n, segments, firsts[3];
        double threshold;
    } cases[] = {
        { z1, COUNT(z1), 3, { 0, 5, 8 }, .01 },
        { s1, COUNT(s1), 2, { 0, 6 }, .001 },
        { s2, COUNT(s2), 2, { 0, 4 }, .001 },
        { s3, COUNT(s3), 2, { 0, 10 }, 1e-4 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct history_options o = options(cases[i].threshold, 0);
        struct world w;

        begin(&w, 1, &cases[i].values, cases[i].n);
        compute(&w, &o);
        assert_int_equal(w.h.metric_count, 1);
        assert_null(w.h.metrics[0].workload);
        assert_segments(&w.h.metrics[0], cases[i].segments, cases[i].firsts);
        end(&w);
    }
}

static void test_a_least_change_keeps_large_ones(void **state)
{
    const double *const both[] = { s1, s2 };
    const struct history_options o = options(.001, .2);
    struct world w;

    (void)state;
    begin(&w, 2, both, COUNT(s1));
    compute(&w, &o);
    assert_int_equal(w.h.metrics[0].segment_count, 2);
    assert_int_equal(w.h.metrics[1].segment_count, 1);
    end(&w);
}

/* Means .996667 and .504; .996667 +- 2.570582 * .073937 / sqrt(6). */
static void test_segments_tell_levels_intervals_and_the_change(void **state)
{
    const double *const values[] = { s1 };
    const struct history_options o = options(.001, 0);
    struct world w;
    const struct metric_history *m;

    (void)state;
    begin(&w, 1, values, COUNT(s1));
    compute(&w, &o);
    m = &w.h.metrics[0];
    near(m->segments[0].mean, 5.98 / 6, 1e-12);
    near(m->segments[1].mean, 2.52 / 5, 1e-12);
    near(m->segments[1].change_percent, (2.52 / 5) / (5.98 / 6) * 100 - 100, 1e-9);
    assert_true(isnan(m->segments[0].change_percent));
    near(m->segments[0].interval.low, .919074, 1e-5);
    near(m->segments[0].interval.high, 1.074259, 1e-5);
    assert_true(m->segments[1].p < .001);
    assert_true(m->segments[1].p_adjusted == m->segments[1].p); /* one series, one change */
    end(&w);
}

/* {100, 102, 98, 101, 99}: the next lies within 100 +- 4.808944. */
static void test_the_last_value_is_held_against_what_came_before_it(void **state)
{
    static const double usual[] = { 100, 102, 98, 101, 99, 104.8 };
    static const double odd[] = { 100, 102, 98, 101, 99, 104.9 };
    const struct history_options o = HISTORY_DEFAULTS;
    const double *values = usual;
    struct world w;

    (void)state;
    begin(&w, 1, &values, 6);
    compute(&w, &o);
    near(w.h.metrics[0].expected_last.high, 104.808944, 1e-6);
    assert_false(w.h.metrics[0].last_unusual);
    end(&w);
    values = odd;
    begin(&w, 1, &values, 6);
    compute(&w, &o);
    assert_int_equal(w.h.metrics[0].segment_count, 1); /* one value is no level */
    assert_true(w.h.metrics[0].last_unusual);
    assert_true(w.h.metrics[0].last_p < .05 && w.h.metrics[0].last_p > .045);
    end(&w);
}

/* Two levels, each off by 1 % of itself: sqrt(4 * 1e-4 / 2). */
static void test_noise_is_relative_to_its_level(void **state)
{
    static const double levels[] = { 99, 101, 99, 101, 990, 1010, 990, 1010 };
    const struct history_options o = HISTORY_DEFAULTS;
    const double *const values[] = { levels };
    struct world w;

    (void)state;
    begin(&w, 1, values, 8);
    compute(&w, &o);
    assert_int_equal(w.h.metrics[0].segment_count, 2);
    near(w.h.metrics[0].noise_percent, sqrt(8e-4 / 6) * 100, 1e-9);
    end(&w);
}

/* --- Many questions ------------------------------------------------------------------- */

/* The change of s2 has p = 1e-7, and stands beside a series without one; with so many beside it that
 * p times their number is above the threshold it does not. */
static void test_what_is_found_is_adjusted_for_what_was_looked_for(void **state)
{
    static const double level[] = { 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5 };
    const double *const both[] = { s2, level };
    struct history_options o = options(.001, 0);
    struct world w;
    double p;

    (void)state;
    begin(&w, 2, both, COUNT(s2));
    compute(&w, &o);
    assert_int_equal(w.h.searched, 2);
    assert_int_equal(w.h.metrics[0].segment_count, 2);
    p = w.h.metrics[0].segments[1].p;
    near(w.h.metrics[0].segments[1].p_adjusted, 2 * p, 1e-12 * p);
    history_release(&w.h);
    o.change.threshold = 1.5 * p; /* enough for one question, not for two */
    compute(&w, &o);
    assert_int_equal(w.h.metrics[0].segment_count, 1);
    assert_true(w.h.threshold == 0);
    end(&w);
}

/* --- Order and grouping ------------------------------------------------------------------ */

static void test_runs_stand_in_order_of_time_or_version(void **state)
{
    static const double values[] = { 1, 2, 3, 4 };
    static const char *const versions[] = { "10.10", "10.2", "9.1-pre", "9.1" };
    static const size_t by_version[] = { 2, 3, 1, 0 };
    const double *const only[] = { values };
    struct history_options o = HISTORY_DEFAULTS;
    struct world w;

    (void)state;
    begin(&w, 1, only, 4);
    for (size_t i = 0; i < 4; i++) {
        w.set.runs[i].node_version = versions[i];
        w.set.runs[i].started_ns = (int64_t)(10 - i) * NS_PER_SECOND;
    }
    compute(&w, &o);
    for (size_t i = 0; i < 4; i++)
        assert_ptr_equal(w.h.metrics[0].runs[i], &w.set.runs[3 - i]);
    history_release(&w.h);
    o.by_version = true;
    compute(&w, &o);
    for (size_t i = 0; i < 4; i++)
        assert_ptr_equal(w.h.metrics[0].runs[i], &w.set.runs[by_version[i]]);
    end(&w);
}

static void test_a_run_without_a_version_stands_with_the_one_before_it_in_time(void **state)
{
    static const double values[] = { 1, 2, 3, 4, 5 };
    static const char *const versions[] = { "11.0.1", "unknown", "(10.3)", "10.2", NULL };
    static const size_t by_version[] = { 3, 4, 2, 0, 1 };
    const double *const only[] = { values };
    struct history_options o = HISTORY_DEFAULTS;
    struct world w;

    (void)state;
    begin(&w, 1, only, 5);
    for (size_t i = 0; i < 5; i++)
        w.set.runs[i].node_version = versions[i];
    for (size_t i = 0; i < 5; i++)
        w.set.runs[i].started_ns = (int64_t)(i + 1) * NS_PER_SECOND;
    w.set.runs[4].title = "mem-x1.5";
    o.by_version = true;
    compute(&w, &o);
    for (size_t i = 0; i < 5; i++)
        assert_ptr_equal(w.h.metrics[0].runs[i], &w.set.runs[by_version[i]]);
    end(&w);
}

static void test_a_run_that_is_given_twice_is_one_point(void **state)
{
    static const double values[] = { 1, 2, 3, 3 };
    const double *const only[] = { values };
    const struct history_options o = HISTORY_DEFAULTS;
    struct world w;

    (void)state;
    begin(&w, 1, only, 4);
    w.set.runs[3] = w.set.runs[2];
    w.set.runs[3].title = "3 #2";
    compute(&w, &o);
    assert_int_equal(w.h.run_count, 3);
    assert_int_equal(w.h.repeated, 1);
    assert_int_equal(w.h.metrics[0].count, 3);
    end(&w);
}

static void test_runs_without_a_start_come_last_as_given(void **state)
{
    static const double values[] = { 1, 2, 3 };
    const double *const only[] = { values };
    const struct history_options o = HISTORY_DEFAULTS;
    struct world w;

    (void)state;
    begin(&w, 1, only, 3);
    w.set.runs[0].started_ns = w.set.runs[1].started_ns = TIME_NONE;
    compute(&w, &o);
    assert_ptr_equal(w.h.metrics[0].runs[0], &w.set.runs[2]);
    assert_ptr_equal(w.h.metrics[0].runs[1], &w.set.runs[0]);
    end(&w);
}

static void test_each_workload_has_a_series_of_its_own(void **state)
{
    static const double values[] = { 1, 100, 2, 110, 3 };
    const double *const only[] = { values };
    const struct history_options o = HISTORY_DEFAULTS;
    struct world w;

    (void)state;
    begin(&w, 1, only, 5);
    for (size_t i = 0; i < 5; i++)
        w.set.runs[i].profile = i % 2 ? "model" : "ci-test";
    w.set.runs[4].values[0].mean = NAN; /* a run without it is no point */
    compute(&w, &o);
    assert_int_equal(w.h.metric_count, 2);
    assert_string_equal(w.h.metrics[0].workload, "ci-test");
    assert_int_equal(w.h.metrics[0].count, 2);
    assert_string_equal(w.h.metrics[1].workload, "model");
    assert_true(w.h.metrics[1].values[1] == 110);
    end(&w);
}

/* --- What cannot be -------------------------------------------------------------------- */

static void refused(struct world *w, const char *metric, enum ou_status status, const char *text)
{
    const struct history_options o = HISTORY_DEFAULTS;

    assert_int_equal(history_compute(&w->set, &metric, 1, &o, &w->h, &w->err), status);
    if (!strstr(w->err.text, text))
        fail_msg("%s", w->err.text);
}

static void test_metrics_that_are_not_there_are_named(void **state)
{
    static const double values[] = { 1, 2, 3 };
    const double *const only[] = { values };
    struct world w;

    (void)state;
    begin(&w, 1, only, 3);
    refused(&w, "CentiCpus", OU_USAGE, "is CentiCpu meant?");
    refused(&w, "Alloc", OU_NOT_FOUND, "none of these runs has a number for Alloc");
    refused(&w, "forger/CentiCpu", OU_USAGE, "there is no metric forger/CentiCpu");
    end(&w);
}

static void test_few_or_equal_values_are_one_level(void **state)
{
    static const double same[] = { 7, 7, 7, 7, 7, 7 };
    const double *const only[] = { same };
    const struct history_options o = HISTORY_DEFAULTS;
    struct world w;

    (void)state;
    for (size_t n = 1; n <= 6; n++) {
        begin(&w, 1, only, n);
        compute(&w, &o);
        assert_int_equal(w.h.metrics[0].segment_count, 1);
        assert_false(w.h.metrics[0].last_unusual);
        end(&w);
    }
}

/* --- Published results --------------------------------------------------------------- */

static const struct metric_history *series(const struct history *h, const char *id,
                                           const char *workload)
{
    for (size_t i = 0; i < h->metric_count; i++)
        if (strcmp(h->metrics[i].info->id, id) == 0 && h->metrics[i].workload &&
            strcmp(h->metrics[i].workload, workload) == 0)
            return &h->metrics[i];
    fail_msg("no history of %s, %s", id, workload);
    return NULL;
}

static const struct history_segment *change_at(const struct metric_history *m, const char *title)
{
    for (size_t i = 1; i < m->segment_count; i++)
        if (strcmp(m->runs[m->segments[i].first]->title, title) == 0)
            return &m->segments[i];
    fail_msg("%s, %s does not change at %s", m->info->id, m->workload, title);
    return NULL;
}

static void load_published(struct world *w)
{
    const char *path = shared_data("published/published_results.tsv");

    *w = (struct world){ .err = { "" } };
    run_set_init(&w->set);
    if (run_set_add(&w->set, path, &w->err))
        fail_msg("%s", w->err.text);
}

/* Means of 10.7.1 and 11.0.1, and of the seven runs from 10.5.0 to 10.6.2, as the table has them. */
static void test_the_drop_of_processor_usage_at_10_7_1_is_found(void **state)
{
    const char *metric = "CentiCpu";
    const struct history_options o = HISTORY_DEFAULTS;
    const struct history_segment *drop;
    struct world w;

    (void)state;
    load_published(&w);
    assert_int_equal(history_compute(&w.set, &metric, 1, &o, &w.h, &w.err), OU_OK);
    drop = change_at(series(&w.h, "CentiCpu", "value"), "10.7.1");
    assert_int_equal(drop->count, 2);
    near(drop->mean, (2.7907 + 2.9488) / 2, 1e-9);
    assert_true(drop->change_percent < -45 && drop->change_percent > -55);
    drop = change_at(series(&w.h, "CentiCpu", "plutus"), "10.7.1");
    near(drop->mean, (1.1368 + 1.1413) / 2, 1e-9);
    assert_true(drop->change_percent < -65 && drop->change_percent > -75);
    end(&w);
}

/* What the reports themselves tell: since 10.5.0 the ledger's metrics are no longer asked for in the forge loop; since 10.1
 * the mempool is not read anew for script transactions; 10.3.0 was first built with the collector of GHC 9.6. (A run is
 * called as the newest report calls it, and that of 10.5.0 is there a baseline.) */
static void test_other_published_changes_are_found_where_the_reports_tell_of_them(void **state)
{
    const struct history_options o = HISTORY_DEFAULTS;
    struct world w;

    (void)state;
    load_published(&w);
    compute(&w, &o);
    assert_true(
        change_at(series(&w.h, "cdfForgerBlkCtx", "value"), "10.5-baseline")->change_percent < -99);
    assert_true(
        change_at(series(&w.h, "cdfForgerBlkCtx", "plutus"), "10.5-baseline")->change_percent <
        -99);
    assert_true(change_at(series(&w.h, "cdfForgerMemSnap", "plutus"), "10.1.1")->change_percent <
                -95);
    assert_true(change_at(series(&w.h, "CentiGC", "plutus"), "10.3-ghc965")->change_percent < -50);
    change_at(series(&w.h, "CentiCpu", "value"), "10.7.1"); /* it stands among many, too */
    change_at(series(&w.h, "CentiCpu", "plutus"), "10.7.1");
    assert_true(w.h.searched > 80);
    for (size_t i = 0; i < w.h.metric_count; i++) {
        assert_true(margin_of(w.h.metrics[i].info)->method != COMPARE_NOTHING);
        for (size_t k = 1; k < w.h.metrics[i].segment_count; k++)
            assert_true(w.h.metrics[i].segments[k].p_adjusted < .001);
    }
    end(&w);
}

static void test_a_history_of_no_runs_is_refused(void **state)
{
    const struct history_options o = HISTORY_DEFAULTS;
    struct world w = { .err = { "" } };

    (void)state;
    run_set_init(&w.set);
    assert_int_equal(history_compute(&w.set, NULL, 0, &o, &w.h, &w.err), OU_INVALID);
    assert_string_equal(w.err.text, "a history wants runs");
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_history_of_no_runs_is_refused),
        cmocka_unit_test(test_known_series_have_their_change_points),
        cmocka_unit_test(test_a_least_change_keeps_large_ones),
        cmocka_unit_test(test_segments_tell_levels_intervals_and_the_change),
        cmocka_unit_test(test_the_last_value_is_held_against_what_came_before_it),
        cmocka_unit_test(test_noise_is_relative_to_its_level),
        cmocka_unit_test(test_what_is_found_is_adjusted_for_what_was_looked_for),
        cmocka_unit_test(test_runs_stand_in_order_of_time_or_version),
        cmocka_unit_test(test_a_run_without_a_version_stands_with_the_one_before_it_in_time),
        cmocka_unit_test(test_a_run_that_is_given_twice_is_one_point),
        cmocka_unit_test(test_runs_without_a_start_come_last_as_given),
        cmocka_unit_test(test_each_workload_has_a_series_of_its_own),
        cmocka_unit_test(test_metrics_that_are_not_there_are_named),
        cmocka_unit_test(test_few_or_equal_values_are_one_level),
        cmocka_unit_test(test_the_drop_of_processor_usage_at_10_7_1_is_found),
        cmocka_unit_test(test_other_published_changes_are_found_where_the_reports_tell_of_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
