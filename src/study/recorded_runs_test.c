/* What variance and comparison promise, on runs that were really made (tests/data/repeated): the
 * runs that the planner names find a slowdown made on purpose, alike runs raise no alarm, and of
 * runs that vary as the recorded ones do the intervals cover the truth. */
#include <stdio.h>

#include "stats/components.h"
#include "stats/mean.h"
#include "stats/random.h"
#include "study/comparison.h"
#include "study/read_runs.h"
#include "study/sample_runs_test.h"
#include "study/variance.h"
#include "support/near.h"

#define REPEATED "tests/data/repeated/"

/* --- Recorded runs ----------------------------------------------------------------------------- */

/* The runs first, first + step, ... of a kind, as many as `count`. */
static void load(struct run_set *s, const char *kind, const char *digits, size_t first, size_t step,
                 size_t count)
{
    struct ou_error err = { "" };
    char path[128];

    run_set_init(s);
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, REPEATED "%s-%s%zu.json.zst", kind,
                 first + i * step > 9 ? "" : digits, first + i * step);
        if (run_set_add(s, path, &err))
            fail_msg("%s", err.text);
    }
    run_set_sort(s);
    run_set_name(s, kind);
}

static void study(const struct run_set *set, bool no_plan, struct variance *ret)
{
    struct variance_options options = { .resamples = 100, .no_plan = no_plan };
    struct ou_error err = { "" };

    if (variance_compute(set, &options, ret, &err))
        fail_msg("%s", err.text);
}

/* Of all metrics where none is named. */
static void compare(const struct run_set *base, const struct run_set *variant, const char *metric,
                    bool unpaired, struct comparison *ret)
{
    struct comparison_options options = COMPARISON_DEFAULTS;
    struct ou_error err = { "" };

    options.metrics = &metric;
    options.metric_count = metric ? 1 : 0;
    options.unpaired = unpaired;
    options.no_plan = true;
    if (comparison_compute(base, &variant, 1, &options, ret, &err))
        fail_msg("%s", err.text);
}

static const struct metric_comparison *found(const struct comparison *c,
                                             enum metric_section section, const char *id)
{
    for (size_t i = 0; i < c->sides[0].metric_count; i++) {
        const struct metric_comparison *m = &c->sides[0].metrics[i];

        if (m->info->section == section && strcmp(m->info->id, id) == 0)
            return m;
    }
    fail_msg("no %s", id);
    return NULL;
}

/* --- The slowdown of 5 % ----------------------------------------------------------------------- */

struct slowdown {
    size_t alone, among_all; /* runs a side that the planner named from the base runs */
    size_t tests;
};

static struct slowdown plan_for_five_percent(void)
{
    struct run_set base;
    struct variance v;
    struct slowdown plan;
    const struct metric_variance *m;

    load(&base, "base", "", 1, 1, 5);
    study(&base, false, &v);
    m = variance_find(&v, SECTION_ENDTOEND, "cdf0.50");
    plan = (struct slowdown){ (size_t)m->alone.change[2], (size_t)m->among_all.change[2], v.tests };
    variance_release(&v);
    run_set_release(&base);
    return plan;
}

static void assert_found_with(size_t runs, const char *metric, bool unpaired, size_t tests)
{
    struct run_set base, slow;
    struct comparison c;
    const struct metric_comparison *m;

    assert_in_range(runs, 2, 5); /* as many as were recorded */
    load(&base, "base", "", 1, 1, runs);
    load(&slow, "slow", "", 1, 1, runs);
    compare(&base, &slow, metric, unpaired, &c);
    m = found(&c, SECTION_ENDTOEND, "cdf0.50");
    assert_int_equal(m->base_n, runs);
    assert_int_equal(m->verdict, VERDICT_REGRESSION);
    assert_true(m->percent_interval.low < 5 && m->percent_interval.high > 5);
    assert_int_equal(c.sides[0].tests, tests);
    comparison_release(&c);
    run_set_release(&base);
    run_set_release(&slow);
}

static void test_the_slowdown_is_found_with_the_runs_that_the_planner_named(void **state)
{
    struct slowdown plan = plan_for_five_percent();

    (void)state;
    print_message("planned for 5 %%: %zu runs a side alone, %zu among %zu tests\n", plan.alone,
                  plan.among_all, plan.tests);
    assert_true(plan.alone < plan.among_all);
    assert_found_with(plan.alone, "endtoend/cdf0.50", false, 1);
    assert_found_with(plan.alone, "endtoend/cdf0.50", true, 1);
    assert_found_with(plan.among_all, NULL, false, plan.tests);
    assert_found_with(plan.among_all, NULL, true, plan.tests);
}

/* --- Alike runs ---------------------------------------------------------------------------------- */

static void assert_no_alarm(struct run_set *a, struct run_set *b)
{
    struct comparison c;
    const size_t *n;

    compare(a, b, NULL, false, &c);
    n = c.sides[0].verdicts;
    assert_true(c.sides[0].tests > 30);
    assert_int_equal(n[VERDICT_REGRESSION] + n[VERDICT_IMPROVEMENT] + n[VERDICT_CHANGE], 0);
    comparison_release(&c);
    run_set_release(a);
    run_set_release(b);
}

static void test_alike_runs_raise_no_alarm(void **state)
{
    struct run_set a, b;

    (void)state;
    load(&a, "base", "", 1, 1, 3);
    load(&b, "base", "", 4, 1, 2);
    assert_no_alarm(&a, &b);
    load(&a, "ci-test", "0", 1, 2, 5);
    load(&b, "ci-test", "0", 2, 2, 5);
    assert_no_alarm(&a, &b);
}

/* --- Runs that vary as the recorded ones do -------------------------------------------------------- */

enum { SETS = 2000, RUNS = 10, HOSTS = 2 };

/* Deviations of what each part adds, and the samples of a host in a run. */
struct truth {
    const struct metric_info *info;
    double mean, run, host, interaction, within, samples;
};

static double deviation(double component)
{
    return sqrt(fmax(component, 0)); /* one below 0 is none */
}

static struct truth measure(const struct run_set *s, const struct metric_info *info)
{
    struct truth t = { .info = info };
    struct cell_moments cells[RUNS * HOSTS];
    struct crossed_components c;

    for (size_t i = 0; i < RUNS; i++) {
        const struct run_value *v = run_value_find(&s->runs[i], info->section, info->id);

        assert_int_equal(v->host_count, HOSTS);
        t.mean += v->mean / RUNS;
        for (size_t h = 0; h < HOSTS; h++) {
            const struct host_part *p = &v->hosts[h];

            cells[i * HOSTS + h] =
                (struct cell_moments){ (size_t)p->n, p->mean, p->sd * p->sd * (p->n - 1) };
        }
    }
    assert_int_equal(crossed_components(cells, RUNS, HOSTS, &c), OU_OK);
    t.run = deviation(c.var_run);
    t.host = deviation(c.var_host);
    t.interaction = deviation(c.var_interaction);
    t.within = deviation(c.var_error);
    t.samples = floor(c.samples_per_cell);
    return t;
}

/* A host's samples in one run by their law: the mean is normal, the sum of squares is a chi-squared
 * variable, by Wilson's and Hilferty's cube of a normal one. */
static struct host_part draw_host(const struct truth *t, uint32_t host, double mean,
                                  struct random_stream *r)
{
    double dof = t->samples - 1, c = 2 / (9 * dof);
    double square = pow(1 - c + sqrt(c) * random_normal(r), 3);

    mean += t->interaction * random_normal(r) + t->within / sqrt(t->samples) * random_normal(r);
    return (struct host_part){ host, t->samples, mean, t->within * sqrt(square) };
}

/* offsets: what the hosts differ in every run. */
static void draw_run(struct finished_run *run, size_t metric, const struct truth *t,
                     const double offsets[HOSTS], struct random_stream *r)
{
    struct run_value *v = &run->values[metric];
    double common = t->run * random_normal(r);

    v->n = HOSTS * t->samples;
    v->mean = 0;
    for (uint32_t h = 0; h < HOSTS; h++) {
        v->hosts[h] = draw_host(t, h, t->mean + common + offsets[h], r);
        v->mean += v->hosts[h].mean / HOSTS;
    }
}

static void make_sets(struct run_set *s, const struct truth *truths, size_t count)
{
    static const char *names[HOSTS] = { "node-0", "node-1" };
    const struct metric_info *metrics[8];

    for (size_t j = 0; j < count; j++)
        metrics[j] = truths[j].info;
    sample_runs(s, "run", RUNS, metrics, count);
    for (size_t i = 0; i < RUNS; i++) {
        s->runs[i].hosts = names;
        s->runs[i].host_count = HOSTS;
        for (size_t j = 0; j < count; j++) {
            s->runs[i].values[j].hosts = sample_take(s, HOSTS * sizeof(struct host_part));
            s->runs[i].values[j].host_count = HOSTS;
        }
    }
}

static void draw_and_study(struct run_set *s, const struct truth *truths, size_t count,
                           struct random_stream *r, size_t *covered)
{
    double truth[8], offsets[HOSTS];
    struct variance v;

    for (size_t j = 0; j < count; j++) {
        truth[j] = truths[j].mean;
        for (size_t h = 0; h < HOSTS; h++) {
            offsets[h] = truths[j].host * random_normal(r);
            truth[j] += offsets[h] / HOSTS;
        }
        for (size_t i = 0; i < RUNS; i++)
            draw_run(&s->runs[i], j, &truths[j], offsets, r);
    }
    study(s, true, &v);
    for (size_t j = 0; j < count; j++) {
        const struct metric_variance *m = &v.metrics[j];

        assert_ptr_equal(m->info, truths[j].info);
        assert_true(m->shares.crossed);
        covered[j] += m->mean.low <= truth[j] && truth[j] <= m->mean.high;
    }
    variance_release(&v);
}

static void test_intervals_of_ten_such_runs_cover_the_truth(void **state)
{
    /* In the order of the dictionary. */
    const struct metric_info *const metrics[] = {
        sample_metric(SECTION_FORGER, "cdfForgerForge"),
        sample_metric(SECTION_PEERS, "cdfPeerFetch"),
        sample_metric(SECTION_PEERS, "cdfPeerAdoption"),
        sample_metric(SECTION_MACHPERF, "CentiCpu"),
        sample_metric(SECTION_MACHPERF, "RSS"),
        sample_metric(SECTION_MACHPERF, "Live"),
    };
    enum { METRICS = sizeof metrics / sizeof *metrics };
    struct truth truths[METRICS];
    size_t covered[METRICS] = { 0 };
    struct random_stream random;
    struct run_set recorded, drawn;

    (void)state;
    load(&recorded, "ci-test", "0", 1, 1, RUNS);
    for (size_t j = 0; j < METRICS; j++)
        truths[j] = measure(&recorded, metrics[j]);
    run_set_release(&recorded);
    make_sets(&drawn, truths, METRICS);
    random_stream_init(&random, UINT64_C(0x7265636f72646564), 0);
    for (size_t set = 0; set < SETS; set++)
        draw_and_study(&drawn, truths, METRICS, &random, covered);
    run_set_release(&drawn);
    for (size_t j = 0; j < METRICS; j++) {
        double share = (double)covered[j] / SETS;

        print_message("%s: run %.3g, host %.3g, both %.3g, within %.3g of %.4g; covered %.4f\n",
                      metrics[j]->id, truths[j].run, truths[j].host, truths[j].interaction,
                      truths[j].within, truths[j].mean, share);
        if (share < .93 || share > .97)
            fail_msg("%s: covered in %.4f of the sets", metrics[j]->id, share);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_slowdown_is_found_with_the_runs_that_the_planner_named),
        cmocka_unit_test(test_alike_runs_raise_no_alarm),
        cmocka_unit_test(test_intervals_of_ten_such_runs_cover_the_truth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
