#include "study/variance.h"

#include "json/tree.h"
#include "stats/summary.h"
#include "study/sample_runs_test.h"
#include "support/near.h"

#define EXAMPLES "tests/data/examples/03-variance/"

static void compute(const struct run_set *set, struct variance *ret)
{
    struct variance_options options = VARIANCE_DEFAULTS;
    struct ou_error err = { 0 };

    options.resamples = 2000;
    if (variance_compute(set, &options, ret, &err))
        fail_msg("%s", err.text);
}

/* Gives a run's metric the distribution of some samples. */
static void set_samples(struct run_set *s, size_t run, const double *samples, size_t n,
                        enum quantile_rule rule)
{
    struct run_value *v = &s->runs[run].values[0];
    struct distribution d;
    double sorted[64];

    memcpy(sorted, samples, n * sizeof *samples);
    distribution_of(sorted, n, rule, &d);
    v->n = (double)n;
    v->mean = d.mean;
    v->median = d.median;
    v->sd = d.sd;
    v->min = d.min;
    v->max = d.max;
    memcpy(v->quantiles, d.quantiles, sizeof d.quantiles);
}

static void same_row(const struct multi_run_row *row, double average, double cov, double min,
                     double max, double stddev, double size)
{
    assert_near(row->average, average, 1e-9);
    assert_near(row->cov, cov, 1e-9);
    assert_near(row->min, min, 1e-9);
    assert_near(row->max, max, 1e-9);
    assert_near(row->stddev, stddev, 1e-9);
    assert_near(row->range, max - min, 1e-9);
    assert_int_equal(row->precision, 3);
    assert_near(row->size, size, 0);
}

/* --- The example of multi-run tables ------------------------------------------------- */

static const struct metric_info *adoption(void)
{
    return sample_metric(SECTION_ENDTOEND, "cdf0.50");
}

static void make_example(struct run_set *s)
{
    static const double samples[3][10] = {
        { 0.1, 0.12, 0.11, 0.13, 0.14, 0.12, 0.1, 0.15, 0.11, 0.12 },
        { 0.11, 0.12, 0.12, 0.14, 0.15, 0.13, 0.11, 0.16, 0.12, 0.14 },
        { 0.1, 0.11, 0.11, 0.12, 0.14, 0.12, 0.09, 0.15, 0.11, 0.15 },
    };
    const struct metric_info *info = adoption();

    sample_runs(s, "run", 3, &info, 1);
    for (size_t i = 0; i < 3; i++)
        set_samples(s, i, samples[i], 10, QUANTILE_LOCLI);
}

static void test_the_rows_are_those_of_existing_multi_run_tables(void **state)
{
    struct run_set s;
    struct variance v;

    (void)state;
    make_example(&s);
    compute(&s, &v);
    assert_int_equal(v.metric_count, 1);
    same_row(&v.metrics[0].inter_run, .1233333333333, .0468121839883, .12, .13, .0057735026919, 3);
    same_row(&v.metrics[0].overall, .1233333333333, .1666057838640, .09, .16, .0205480466766, 30);
    /* The 0.9 centile of the runs, by the rank rule: .15, .16, .15; and 4.302653 is Student's t of two degrees. */
    assert_near(v.metrics[0].quantiles[1].mean, .1533333333333, 1e-9);
    assert_near(v.metrics[0].quantiles[1].interval.high - .1533333333333,
                4.30265272991 * .0057735026919 / sqrt(3), 1e-9);
    variance_release(&v);
    run_set_release(&s);
}

/* Three runs that are shifted copies of each other: all in closed form. */
static void test_shifted_runs_differ_by_their_shifts_alone(void **state)
{
    static const double samples[3][3] = { { -1, 0, 1 }, { 0, 1, 2 }, { 1, 2, 3 } };
    const struct metric_info *info = adoption();
    struct run_set s;
    struct variance v;

    (void)state;
    sample_runs(&s, "run", 3, &info, 1);
    for (size_t i = 0; i < 3; i++)
        set_samples(&s, i, samples[i], 3, QUANTILE_LOCLI);
    compute(&s, &v);
    assert_near(v.metrics[0].inter_run.average, 1, 0);
    assert_near(v.metrics[0].inter_run.stddev, 1, 1e-12);
    assert_near(v.metrics[0].inter_run.min, 0, 0);
    assert_near(v.metrics[0].inter_run.max, 2, 0);
    assert_near(v.metrics[0].overall.min, -1, 0);
    assert_near(v.metrics[0].overall.max, 3, 0);
    assert_near(v.metrics[0].overall.stddev, 1, 1e-12);
    assert_near(v.metrics[0].overall.size, 9, 0);
    /* The centiles at 1/6, 1/2 and 5/6 of a run are its samples; those of p50 have the mean 1 and the deviation 1. */
    assert_near(v.metrics[0].quantiles[0].mean, 1, 0);
    /* A mean that may be 0: no change can be a share of it. */
    assert_true(isnan(v.metrics[0].alone.change[0]));
    variance_release(&v);
    run_set_release(&s);
}

static json_t *load(const char *path)
{
    struct ou_error err = { 0 };
    json_t *tree = NULL;

    if (json_tree_load(path, 1 << 20, &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

/* {"run-a": [...], ...} */
static void load_example(struct run_set *s)
{
    const struct metric_info *info = adoption();
    json_t *runs = load(EXAMPLES "samples.json"), *samples;
    const char *name;
    size_t run = 0;

    sample_runs(s, "run", json_object_size(runs), &info, 1);
    json_object_foreach(runs, name, samples)
    {
        double values[64];

        for (size_t i = 0; i < json_array_size(samples); i++)
            values[i] = json_number_value(json_array_get(samples, i));
        set_samples(s, run++, values, json_array_size(samples), QUANTILE_LOCLI);
    }
    json_decref(runs);
}

/* The cells as they were worked out elsewhere, also of the quirk that this program does not have. */
static void test_the_example_file_says_the_same(void **state)
{
    json_t *expected = load(EXAMPLES "expected.json"), *row, *quirk;
    const struct metric_info *info = sample_metric(SECTION_MACHPERF, "CentiCpu");
    double sum = 0;
    struct run_set s;
    struct variance v;

    (void)state;
    load_example(&s);
    compute(&s, &v);
    row = json_object_get(json_object_get(expected, "reportRow"), "interCdf");
    same_row(&v.metrics[0].inter_run, json_number_value(json_object_get(row, "average")),
             json_number_value(json_object_get(row, "CoV")),
             json_number_value(json_object_get(row, "min")),
             json_number_value(json_object_get(row, "max")),
             json_number_value(json_object_get(row, "stddev")),
             json_number_value(json_object_get(row, "size")));
    variance_release(&v);
    run_set_release(&s);
    /* The existing tool averages the 29 least of 52 hosts, 14; here it is the mean of all. */
    quirk = json_object_get(expected, "clusterAverageQuirk");
    for (size_t i = 0; i < 52; i++)
        sum += json_number_value(json_array_get(json_object_get(quirk, "hostAverages"), i));
    SAMPLE_VALUES(&s, "cluster", info, sum / 52, sum / 52);
    compute(&s, &v);
    assert_near(v.metrics[0].inter_run.average,
                json_number_value(json_object_get(quirk, "trueMean")), 1e-12);
    variance_release(&v);
    run_set_release(&s);
    json_decref(expected);
}

/* --- Shares ------------------------------------------------------------------------------ */

/* AIAG gauge study: ten parts by three operators by three trials; hosts and runs here. */
static void test_crossed_shares_are_those_of_the_gauge_study(void **state)
{
    static const double study[3][3][10] = {
        { { .29, -.56, 1.34, .47, -.80, .02, .59, -.31, 2.26, -1.36 },
          { .41, -.68, 1.17, .50, -.92, -.11, .75, -.20, 1.99, -1.25 },
          { .64, -.58, 1.27, .64, -.84, -.21, .66, -.17, 2.01, -1.31 } },
        { { .08, -.47, 1.19, .01, -.56, -.20, .47, -.63, 1.80, -1.68 },
          { .25, -1.22, .94, 1.03, -1.20, .22, .55, .08, 2.12, -1.62 },
          { .07, -.68, 1.34, .20, -1.28, .06, .83, -.34, 2.19, -1.50 } },
        { { .04, -1.38, .88, .14, -1.46, -.29, .02, -.46, 1.77, -1.49 },
          { -.11, -1.13, 1.09, .20, -1.07, -.67, .01, -.56, 1.45, -1.77 },
          { -.15, -.96, .67, .11, -1.45, -.49, .21, -.49, 1.87, -2.16 } },
    };
    static const char *names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };
    const struct metric_info *info = sample_metric(SECTION_MACHPERF, "CentiCpu");
    const double sum = .0459822 + .0521229 + 1.0886721;
    struct run_set s;
    struct variance v;

    (void)state;
    sample_runs(&s, "run", 3, &info, 1);
    for (size_t r = 0; r < 3; r++) {
        struct run_value *value = &s.runs[r].values[0];
        struct host_part *parts = sample_take(&s, 10 * sizeof *parts);
        struct moments all = { 0 };

        for (uint32_t h = 0; h < 10; h++) {
            struct moments m = { 0 };

            for (size_t k = 0; k < 3; k++)
                moments_add(&m, study[r][k][h]);
            parts[h] = (struct host_part){ h, 3, m.mean, moments_sd(&m) };
            moments_merge(&all, &m);
        }
        s.runs[r].hosts = names;
        s.runs[r].host_count = 10;
        value->hosts = parts;
        value->host_count = 10;
        value->mean = all.mean;
    }
    compute(&s, &v);
    assert_true(v.metrics[0].shares.crossed);
    assert_near(v.metrics[0].shares.run, .0521229 / sum, 1e-6);
    assert_near(v.metrics[0].shares.host, 1.0886721 / sum, 1e-6);
    assert_near(v.metrics[0].shares.interaction, 0, 0); /* -.0086796, counted as 0 */
    assert_near(v.metrics[0].shares.within, .0459822 / sum, 1e-6);
    variance_release(&v);
    run_set_release(&s);
}

/* Dyestuff: six batches of five; runs and their blocks here. */
static void make_dyestuff(struct run_set *s)
{
    static const double batches[6][5] = {
        { 1545, 1440, 1440, 1520, 1580 }, { 1540, 1555, 1490, 1560, 1495 },
        { 1595, 1550, 1605, 1510, 1560 }, { 1445, 1440, 1595, 1465, 1545 },
        { 1595, 1630, 1515, 1635, 1625 }, { 1520, 1455, 1450, 1480, 1445 },
    };
    const struct metric_info *info = adoption();

    sample_runs(s, "batch", 6, &info, 1);
    for (size_t i = 0; i < 6; i++) {
        set_samples(s, i, batches[i], 5, QUANTILE_TYPE7);
        s->runs[i].values[0].blocks = batches[i];
        s->runs[i].block_count = 5;
    }
}

static void test_without_hosts_runs_and_their_blocks_share(void **state)
{
    struct run_set s;
    struct variance v;
    const struct metric_variance *m;

    (void)state;
    make_dyestuff(&s);
    compute(&s, &v);
    m = &v.metrics[0];
    assert_false(m->shares.crossed);
    assert_near(m->shares.run, .418488, 1e-6); /* the intraclass correlation, as printed */
    assert_near(m->shares.within, 1 - .418488, 1e-6);
    assert_true(isnan(m->shares.host) && isnan(m->shares.interaction));
    /* The grand mean with its error 19.383412 and t_.975,5 = 2.570582. */
    assert_near(m->inter_run.average, 1527.5, 1e-9);
    assert_near(m->mean.high - 1527.5, 2.570582 * 19.383412, 1e-4);
    /* Six runs: the least number that bounds a median. */
    assert_near(m->median_rank.low, 1470, 1e-9);
    assert_near(m->median_rank.high, 1600, 1e-9);
    assert_true(m->median_of_blocks.interval.low < m->median_of_blocks.estimate &&
                m->median_of_blocks.estimate < m->median_of_blocks.interval.high);
    assert_near(m->median_of_blocks.estimate, (1520. + 1540 + 1560 + 1465 + 1625 + 1455) / 6, 1e-9);
    variance_release(&v);
    run_set_release(&s);
}

/* --- Planning, drift, odd ones ---------------------------------------------------------------- */

static void test_runs_needed_come_from_the_variation_between_runs(void **state)
{
    /* A deviation of 1 in 100: 17 runs for 1 %, 6 for 2 %, 3 for 5 % by R's power.t.test, and by Welch's test. The margin
     * is 2 %; to show that nothing changes takes 2 (2.927 / 2)^2 = 4.3 of them. */
    const struct metric_info *info = sample_metric(SECTION_MACHPERF, "CentiCpu");
    struct run_set s;
    struct variance v;

    (void)state;
    SAMPLE_VALUES(&s, "run", info, 99, 100, 101);
    compute(&s, &v);
    assert_near(v.metrics[0].inter_run.cov, .01, 1e-12);
    assert_near(v.metrics[0].alone.change[0], 17, 0);
    assert_near(v.metrics[0].alone.change[1], 6, 0);
    assert_near(v.metrics[0].alone.change[2], 3, 0);
    assert_near(v.metrics[0].alone.margin, 6, 0);
    assert_int_equal(v.tests, 1);
    assert_near(v.metrics[0].among_all.change[0], 17, 0);
    variance_release(&v);
    run_set_release(&s);
}

static const struct metric_variance *of_metric(const struct variance *v, const char *id)
{
    for (size_t i = 0; i < v->metric_count; i++)
        if (strcmp(v->metrics[i].info->id, id) == 0)
            return &v->metrics[i];
    fail_msg("no %s", id);
    return NULL;
}

/* Four metrics that are two tests: one has the values of another, one never varies; and one that no comparison judges. */
static void test_among_all_metrics_it_takes_more_runs_than_alone(void **state)
{
    static const double off[] = { -1, 0, 1 };
    const struct metric_info *metrics[] = { sample_metric(SECTION_ENDTOEND, "cdf0.94"),
                                            sample_metric(SECTION_ENDTOEND, "cdf0.96"),
                                            sample_metric(SECTION_MACHPERF, "CentiCpu"),
                                            sample_metric(SECTION_MACHPERF, "RSS"),
                                            sample_metric(SECTION_MACHPERF, "cdfDensity") };
    struct run_set s;
    struct variance v;

    (void)state;
    sample_runs(&s, "run", 3, metrics, 5);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 5; j++)
            s.runs[i].values[j].mean = j == 3 ? 100 : 100 + (j < 2 ? 1 : 2) * off[i];
    compute(&s, &v);
    assert_int_equal(v.tests, 2);
    assert_near(of_metric(&v, "cdf0.96")->alone.change[0], 17, 0);
    /* R: power.t.test(delta = 1, sd = 1, sig.level = .025, power = .8) has n = 20.07. */
    assert_near(of_metric(&v, "cdf0.96")->among_all.change[0], 21, 0);
    assert_near(of_metric(&v, "RSS")->among_all.change[0], 2, 0);
    assert_true(isnan(of_metric(&v, "cdfDensity")->alone.change[0]));
    assert_true(isnan(of_metric(&v, "cdfDensity")->among_all.margin));
    variance_release(&v);
    run_set_release(&s);
}

/* Of a mean that may be 0 no change is a share, but the margin has a floor. */
static void test_near_0_only_the_margin_can_be_planned_for(void **state)
{
    struct run_set s;
    struct variance v;

    (void)state;
    SAMPLE_VALUES(&s, "run", sample_metric(SECTION_MACHPERF, "CentiGC"), 0, .02, .01);
    compute(&s, &v);
    assert_true(isnan(v.metrics[0].alone.change[0]));
    assert_near(v.metrics[0].alone.margin, 3, 0); /* .05 is five deviations */
    variance_release(&v);
    run_set_release(&s);
}

static void test_a_run_that_is_given_twice_is_refused(void **state)
{
    struct variance_options options = VARIANCE_DEFAULTS;
    struct ou_error err = { "" };
    struct run_set s;
    struct variance v;

    (void)state;
    SAMPLE_VALUES(&s, "run", adoption(), 3, 4);
    s.runs[1] = s.runs[0];
    s.runs[1].title = "run-1 #2";
    assert_int_equal(variance_compute(&s, &options, &v, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "run-1 stands there twice"));
    run_set_release(&s);
}

static void test_one_run_says_nothing_about_others(void **state)
{
    const struct metric_info *info = adoption();
    struct run_set s;
    struct variance v;

    (void)state;
    SAMPLE_VALUES(&s, "run", info, 3);
    compute(&s, &v);
    assert_near(v.metrics[0].inter_run.average, 3, 0);
    assert_true(isnan(v.metrics[0].inter_run.stddev) && isnan(v.metrics[0].inter_run.cov));
    assert_false(interval_known(v.metrics[0].mean));
    assert_true(isnan(v.metrics[0].alone.change[2]) && isnan(v.metrics[0].shares.run));
    variance_release(&v);
    run_set_release(&s);
}

static void test_a_run_that_stands_apart_is_named(void **state)
{
    const struct metric_info *info = sample_metric(SECTION_MACHPERF, "CentiCpu");
    struct run_set s;
    struct variance v;

    (void)state;
    SAMPLE_VALUES(&s, "run", info, 10, 11, 10, 12, 11, 10, 30);
    compute(&s, &v);
    assert_int_equal(v.metrics[0].odd_run_count, 1);
    assert_string_equal(v.metrics[0].odd_runs[0].name, "run-7");
    assert_near(v.metrics[0].odd_runs[0].z, 12.8155, 1e-9);
    variance_release(&v);
    run_set_release(&s);
    /* Where more than half are equal there is no measure of what is usual: nobody is named. */
    SAMPLE_VALUES(&s, "run", info, 10, 10, 10, 10, 10.1, 11);
    compute(&s, &v);
    assert_int_equal(v.metrics[0].odd_run_count, 0);
    variance_release(&v);
    run_set_release(&s);
}

static void test_drift_is_that_of_kendall(void **state)
{
    const struct metric_info *info = sample_metric(SECTION_MACHPERF, "CentiCpu");
    struct run_set s;
    struct variance v;

    (void)state;
    SAMPLE_VALUES(&s, "run", info, 1.0, 1.2, .9, 1.3, 1.4, 1.35, 1.5, 1.6);
    compute(&s, &v);
    assert_near(v.metrics[0].drift.tau, .785714286, 1e-9);
    assert_near(v.metrics[0].drift.p, .005506, 1e-6);
    variance_release(&v);
    run_set_release(&s);
}

static void test_a_run_without_the_metric_is_left_out_and_kept_in_place(void **state)
{
    const struct metric_info *info = adoption();
    struct run_set s;
    struct variance v;

    (void)state;
    SAMPLE_VALUES(&s, "run", info, 1, 2, 3);
    s.runs[1].values[0].kind = RUN_VALUE_ABSENT;
    compute(&s, &v);
    assert_int_equal(v.metrics[0].runs, 2);
    assert_near(v.metrics[0].values[0], 1, 0);
    assert_true(isnan(v.metrics[0].values[1]));
    assert_near(v.metrics[0].inter_run.average, 2, 0);
    variance_release(&v);
    run_set_release(&s);
}

/* --- Which sets ------------------------------------------------------------------------------------ */

static void test_runs_that_are_not_alike_are_refused_unless_allowed(void **state)
{
    static struct run_fact facts[] = { { "profile", "", "ci-test" }, { "profile", "", "default" } };
    struct variance_options options = VARIANCE_DEFAULTS;
    const struct metric_info *info = adoption();
    struct ou_error err = { 0 };
    struct run_set s, empty;
    struct variance v;

    (void)state;
    SAMPLE_VALUES(&s, "run", info, 1, 2);
    for (size_t i = 0; i < 2; i++) {
        s.runs[i].facts = &facts[i];
        s.runs[i].fact_count = 1;
    }
    assert_int_equal(variance_compute(&s, &options, &v, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "profile: ci-test in run-1, default in run-2"));
    options.allow_different = true;
    assert_int_equal(variance_compute(&s, &options, &v, &err), OU_OK);
    assert_int_equal(v.difference_count, 1);
    variance_release(&v);
    run_set_release(&s);
    run_set_init(&empty);
    assert_int_equal(variance_compute(&empty, &options, &v, &err), OU_INVALID);
    run_set_release(&empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_rows_are_those_of_existing_multi_run_tables),
        cmocka_unit_test(test_shifted_runs_differ_by_their_shifts_alone),
        cmocka_unit_test(test_the_example_file_says_the_same),
        cmocka_unit_test(test_crossed_shares_are_those_of_the_gauge_study),
        cmocka_unit_test(test_without_hosts_runs_and_their_blocks_share),
        cmocka_unit_test(test_runs_needed_come_from_the_variation_between_runs),
        cmocka_unit_test(test_among_all_metrics_it_takes_more_runs_than_alone),
        cmocka_unit_test(test_near_0_only_the_margin_can_be_planned_for),
        cmocka_unit_test(test_a_run_that_is_given_twice_is_refused),
        cmocka_unit_test(test_one_run_says_nothing_about_others),
        cmocka_unit_test(test_a_run_that_stands_apart_is_named),
        cmocka_unit_test(test_drift_is_that_of_kendall),
        cmocka_unit_test(test_a_run_without_the_metric_is_left_out_and_kept_in_place),
        cmocka_unit_test(test_runs_that_are_not_alike_are_refused_unless_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
