/* Sweeps whose truth is known, because the test has made it up. */
#include "study/sweep_results.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "study/sample_sweep_test.h"
#include "study/sweep_inside.h"
#include "support/near.h"

static const struct sweep_study_options defaults = { 1 };

/* --- Truths -------------------------------------------------------------------------------- */

enum { CPU, RSS, ADOPTION };

/* A larger allocation area costs memory and saves CPU; more cores cost CPU and speed adoption up. Nothing hangs on anything
 * else. */
static void additive(const size_t *l, double *ret)
{
    static const double area_cpu[] = { 0, -4, -8, -9 }, cores_cpu[] = { 0, 2, 3, 3 };

    ret[CPU] = 50 + area_cpu[l[0]] + cores_cpu[l[1]];
    ret[RSS] = 1000 + 200 * (double)l[0];
    ret[ADOPTION] = 1;
}

/* Memory saves CPU on the second processor only. */
static void hanging_together(const size_t *l, double *ret)
{
    ret[CPU] = 50 - (l[0] > 0 && l[1] > 0 ? 5 : 0);
    ret[RSS] = 1000;
    ret[ADOPTION] = 1;
}

/* The best by CPU delays adoption by a tenth. */
static void with_a_price(const size_t *l, double *ret)
{
    additive(l, ret);
    ret[ADOPTION] = l[0] == 2 ? 1.1 : l[0] == 1 ? .998 : 1;
}

/* All but the base cost more CPU. */
static void dearer(const size_t *l, double *ret)
{
    ret[CPU] = 50 + 10 * (double)(l[0] + l[1]);
    ret[RSS] = 1000;
    ret[ADOPTION] = 1;
}

/* The more CPU is saved the later is adoption. */
static void with_a_choice(const size_t *l, double *ret)
{
    ret[CPU] = 50 - 5 * (double)(l[0] + l[1]);
    ret[RSS] = 1000;
    ret[ADOPTION] = 1 + .1 * (double)(l[0] + l[1]);
}

static void nothing(const size_t *l, double *ret)
{
    (void)l;
    ret[CPU] = 50;
    ret[RSS] = 1000;
    ret[ADOPTION] = 1;
}

static void one_more(const size_t *l, double *ret)
{
    nothing(l, ret);
    ret[CPU] = l[0] > 0 ? 3 : 4;
}

static void enormous(const size_t *l, double *ret)
{
    additive(l, ret);
    ret[CPU] *= 1e300;
}

#define ASKED "[\"CentiCpu\",\"endtoend/cdf0.96\"]"

static struct sample_sweep three_by_three(sample_truth *truth)
{
    return (struct sample_sweep){ .axes = 2,
                                  .levels = { 3, 3 },
                                  .repetitions = 4,
                                  .part = 1,
                                  .truth = truth,
                                  .noise = { .01, .005, .003 },
                                  .drift = .02,
                                  .seed = 11,
                                  .metrics = ASKED };
}

/* --- Reading and all -------------------------------------------------------------------------- */

static void compute(struct temp_dir *dir, struct sweep_results *ret)
{
    struct ou_error err = { 0 };

    if (sweep_results_compute(dir->path, &defaults, ret, &err))
        fail_msg("%s", err.text);
}

static void make(struct sample_sweep *s, size_t runs, struct temp_dir *dir,
                 struct sweep_results *ret)
{
    temp_dir_make(dir);
    sample_write(s, dir, runs);
    compute(dir, ret);
}

static void end(struct temp_dir *dir, struct sweep_results *r)
{
    sweep_results_release(r);
    temp_dir_remove(dir);
}

static const struct sweep_metric *metric(const struct sweep_results *r, enum metric_section section,
                                         const char *id)
{
    const struct sweep_metric *m = sweep_metric_find(r, dictionary_find(section, id));

    if (!m)
        fail_msg("no %s in the results", id);
    return m;
}

static const struct sweep_metric *cpu(const struct sweep_results *r)
{
    return metric(r, SECTION_MACHPERF, "CentiCpu");
}

static const struct sweep_effect *effect(const struct sweep_metric *m, size_t a, size_t b)
{
    for (size_t i = 0; i < m->effect_count; i++)
        if (m->effects[i].axis == a && m->effects[i].other == b)
            return &m->effects[i];
    fail();
    return NULL;
}

static size_t setting_at(const struct sweep_results *r, size_t a, size_t b)
{
    for (size_t i = 0; i < r->setting_count; i++)
        if (r->all[i].levels[0] == a && r->all[i].levels[1] == b)
            return i;
    fail();
    return 0;
}

static void test_a_sweep_is_read_whole(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    make(&s, 36, &dir, &r);
    assert_string_equal(r.name, "sample");
    assert_string_equal(r.fraction, "full");
    assert_int_equal(r.axis_count, 2);
    assert_int_equal(r.setting_count, 9);
    assert_int_equal(r.planned, 36);
    assert_int_equal(r.runs.count, 36);
    assert_int_equal(r.failed, 0);
    assert_int_equal(r.repetitions, 4);
    assert_string_equal(r.all[r.base].label, "-A4m, cores 1");
    for (size_t i = 0; i < r.setting_count; i++)
        assert_int_equal(r.all[i].run_count, 4);
    assert_int_equal(r.asked_count, 2);
    assert_string_equal(r.metrics[0].info->id, "CentiCpu");
    assert_string_equal(r.metrics[1].info->id, "cdf0.96");
    assert_string_equal(r.metrics[2].info->id, "RSS");
    assert_int_equal(r.metric_count, 3);
    end(&dir, &r);
}

static void test_the_truth_is_found(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;
    const struct sweep_metric *m;
    size_t best;

    (void)state;
    make(&s, 36, &dir, &r);
    m = cpu(&r);
    best = setting_at(&r, 2, 0);
    assert_int_equal(m->error, SWEEP_ERROR_RUNS);
    assert_near(m->residual_dof, 24, 0);
    assert_near(m->noise_percent, 1, .5);
    assert_true(effect(m, 0, 0)->p_adjusted < 1e-6);
    assert_true(effect(m, 1, 1)->p_adjusted < 1e-3);
    assert_true(effect(m, 0, 1)->p_adjusted > .05);
    assert_true(effect(m, 0, 0)->share > .7);
    assert_int_equal(m->settings[0].setting, best);
    assert_true(r.recommendation.is_made);
    assert_int_equal(r.recommendation.setting, best);
    assert_non_null(strstr(r.recommendation.why, "-A64m, cores 1 is better than -A4m, cores 1"));
    /* The machine drifted by 2 % a block, and that is told. */
    assert_true(m->block_p_adjusted < .01);
    assert_true(m->blocks[3].mean > m->blocks[0].mean);
    end(&dir, &r);
}

static void test_the_front_holds_what_no_other_beats(void **state)
{
    struct sample_sweep s = three_by_three(with_a_price);
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    make(&s, 36, &dir, &r);
    assert_string_equal(r.pareto.cost->id, "CentiCpu");
    assert_string_equal(r.pareto.benefit->id, "cdf0.96");
    assert_int_equal(r.pareto.places[setting_at(&r, 2, 0)], PARETO_FRONT); /* least CPU */
    assert_int_not_equal(r.pareto.places[setting_at(&r, 1, 0)], PARETO_BEHIND);
    assert_int_equal(r.pareto.places[setting_at(&r, 2, 2)], PARETO_BEHIND);
    end(&dir, &r);
}

/* The journal's last event of a setting's last run becomes one of a failure. */
static void make_last_fail(const struct sample_sweep *s, struct temp_dir *dir, size_t setting)
{
    size_t order[SAMPLE_POINTS_MAX], last = s->repetitions - 1;

    temp_file(dir, "journal.jsonl", "");
    for (size_t run = 0; run < s->repetitions * s->point_count; run++) {
        size_t position = run % s->point_count;
        bool fails;

        sample_order(s, run / s->point_count, order);
        fails = run / s->point_count == last && order[position] == setting;
        sample_write_event(dir, run, fails ? "given-up" : "done", fails ? "it died" : "");
    }
}

static void test_a_setting_that_harms_another_metric_is_not_taken(void **state)
{
    struct sample_sweep s = three_by_three(with_a_price);
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    s.repetitions = 12;
    make(&s, 108, &dir, &r);
    assert_true(r.recommendation.is_made);
    assert_int_equal(r.recommendation.setting,
                     setting_at(&r, 1, 0)); /* not -A64m, the best by CPU */
    end(&dir, &r);
}

static void test_what_is_too_noisy_is_not_recommended(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    s.noise[ADOPTION] = .1; /* whether adoption is worse by 2 % cannot be told */
    make(&s, 36, &dir, &r);
    assert_false(r.recommendation.is_made);
    assert_non_null(strstr(r.recommendation.why, "may be worse by more than the margin"));
    assert_non_null(
        strstr(r.recommendation.why,
               "repetitions would tell a difference as small as the margin; there are 4."));
    end(&dir, &r);
}

/* Stamps of the base with two decimals: the same differences, of which 10 ms say nothing. */
static void test_what_stamps_cannot_tell_widens_intervals_of_times(void **state)
{
    static const char *const asked[] = { "CentiCpu", "endtoend/cdf0.96" };
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;
    struct sweep_work work = { .results = &r, .options = &defaults };
    struct setting_estimate time, cpu;
    struct ou_error err = { 0 };

    (void)state;
    make(&s, 36, &dir, &r);
    time = metric(&r, SECTION_ENDTOEND, "cdf0.96")->settings[0];
    cpu = metric(&r, SECTION_MACHPERF, "CentiCpu")->settings[0];
    assert_int_not_equal(time.setting, r.base);
    for (size_t i = 0; i < r.all[r.base].run_count; i++)
        r.runs.runs[r.all[r.base].runs[i]].coarse_stamps = true;
    assert_int_equal(sweep_work_out(&work, asked, 2, &err), OU_OK);
    for (size_t i = 0; i < r.setting_count; i++) {
        const struct setting_estimate *e = &metric(&r, SECTION_ENDTOEND, "cdf0.96")->settings[i];

        if (e->setting == r.base)
            assert_near(e->against_base.low, 0, 1e-12);
        if (e->setting != time.setting)
            continue;
        assert_near(e->against_base.low, time.against_base.low - .01, 1e-12);
        assert_near(e->against_base.high, time.against_base.high + .01, 1e-12);
    }
    assert_near(metric(&r, SECTION_MACHPERF, "CentiCpu")->settings[0].against_base.low,
                cpu.against_base.low, 1e-12);
    end(&dir, &r);
}

/* As above, but of the setting that reads least: it may be 10 ms later than it reads, which all others are not. */
static void test_what_stamps_cut_is_not_the_best_for_that(void **state)
{
    static const char *const asked[] = { "CentiCpu", "endtoend/cdf0.96" };
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;
    struct sweep_work work = { .results = &r, .options = &defaults };
    struct setting_estimate before, second, after;
    const struct sweep_metric *m;
    double repetitions;
    struct ou_error err = { 0 };

    (void)state;
    make(&s, 36, &dir, &r);
    m = metric(&r, SECTION_ENDTOEND, "cdf0.96");
    before = m->settings[0];
    second = m->settings[1];
    repetitions = m->repetitions_needed;
    for (size_t i = 0; i < r.all[before.setting].run_count; i++)
        r.runs.runs[r.all[before.setting].runs[i]].coarse_stamps = true;
    assert_int_equal(sweep_work_out(&work, asked, 2, &err), OU_OK);
    m = metric(&r, SECTION_ENDTOEND, "cdf0.96");
    after = *sweep_estimate(&r, m, before.setting);
    assert_int_equal(m->settings[0].setting, second.setting);
    assert_near(m->settings[0].percent_of_best, 0, 0);
    assert_near(after.mean, before.mean, 1e-12);
    assert_true(isnan(after.percent_of_best));
    assert_near(after.against_best.high, before.against_best.high + .01, 1e-12);
    assert_true(m->margin > .01); /* else runs would decide nothing */
    assert_true(m->repetitions_needed > repetitions);
    end(&dir, &r);
}

/* No number of runs tells less than a step. */
static void test_margins_within_a_step_plan_no_repetitions(void **state)
{
    static const struct sweep_study_options strict = { .margin_scale = .1 };
    static const char *const asked[] = { "CentiCpu", "endtoend/cdf0.96" };
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;
    struct sweep_work work = { .results = &r, .options = &strict };
    struct ou_error err = { 0 };

    (void)state;
    make(&s, 36, &dir, &r);
    for (size_t i = 0; i < r.all[r.base].run_count; i++)
        r.runs.runs[r.all[r.base].runs[i]].coarse_stamps = true;
    assert_int_equal(sweep_work_out(&work, asked, 2, &err), OU_OK);
    assert_true(isnan(metric(&r, SECTION_ENDTOEND, "cdf0.96")->repetitions_needed));
    assert_true(metric(&r, SECTION_MACHPERF, "CentiCpu")->repetitions_needed > 0);
    assert_non_null(strstr(r.recommendation.why, "however many runs there are"));
    end(&dir, &r);
}

/* What nobody has measured may be harmed by anything. */
static void test_nothing_is_recommended_beside_a_metric_that_no_run_has(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    s.metrics = "[\"CentiCpu\",\"rtsGcCpu\"]";
    make(&s, 36, &dir, &r);
    assert_int_equal(r.asked_count, 1);
    assert_int_equal(r.unmeasured_count, 1);
    assert_false(r.recommendation.is_made);
    assert_non_null(strstr(r.recommendation.why, "No run has rtsGcCpu"));
    end(&dir, &r);
}

static void test_a_base_that_nothing_beats_is_kept(void **state)
{
    struct sample_sweep s = three_by_three(dearer);
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    s.noise[ADOPTION] = .0005;
    make(&s, 36, &dir, &r);
    assert_true(r.recommendation.is_made);
    assert_int_equal(r.recommendation.setting, r.base);
    assert_null(r.recommendation.objective);
    assert_non_null(strstr(r.recommendation.why, "no setting is shown to be better than"));
    end(&dir, &r);
    s.metrics = "[\"CentiCpu\",\"rtsGcCpu\"]"; /* in which others may be better */
    make(&s, 36, &dir, &r);
    assert_false(r.recommendation.is_made);
    end(&dir, &r);
    s.metrics = ASKED;
    s.truth = with_a_choice; /* less CPU for later adoption */
    make(&s, 36, &dir, &r);
    assert_false(r.recommendation.is_made);
    end(&dir, &r);
}

/* Runs that did not fail may be the lucky ones. */
static void test_a_setting_that_fails_is_not_recommended(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;
    size_t best;

    (void)state;
    s.repetitions = 12;
    make(&s, 108, &dir, &r);
    assert_true(r.recommendation.is_made);
    best = r.recommendation.setting;
    sweep_results_release(&r);
    make_last_fail(&s, &dir, best);
    compute(&dir, &r);
    assert_int_equal(sweep_failures(&r, best), 1);
    assert_true(!r.recommendation.is_made || r.recommendation.setting != best);
    end(&dir, &r);
}

/* "between 100 % less and 264 % more": what cannot be negative does not fall by more than all of it. */
static void test_ranges_are_told_by_direction_and_end_at_nothing(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;
    const struct sweep_metric *m;

    (void)state;
    s.noise[CPU] = .9;
    s.repetitions = 2;
    s.metrics = "[\"CentiCpu\"]";
    make(&s, 18, &dir, &r);
    m = cpu(&r);
    for (size_t i = 0; i < r.setting_count; i++) {
        const struct setting_estimate *e = &m->settings[i];

        if (e->mean >= 0)
            assert_true(sweep_percent_against_base(&r, m, e).low >= -100);
    }
    assert_non_null(strstr(r.recommendation.why, "% less and "));
    assert_non_null(strstr(r.recommendation.why, "% more)"));
    end(&dir, &r);
}

static void test_interactions_are_found(void **state)
{
    struct sample_sweep s = three_by_three(hanging_together);
    struct temp_dir dir;
    struct sweep_results r;
    const struct level_mean *l = NULL;

    (void)state;
    make(&s, 36, &dir, &r);
    assert_true(effect(cpu(&r), 0, 1)->p_adjusted < 1e-3);
    for (size_t i = 0; i < cpu(&r)->level_count; i++) {
        l = &cpu(&r)->levels[i];
        if (l->axis == 0 && l->other == 1 && l->level == 2 && l->other_level == 2)
            break;
    }
    assert_non_null(l);
    assert_int_equal(l->n, 4);
    assert_true(l->interval.low < 45 * 1.03 && l->interval.high > 45 * 1.03);
    end(&dir, &r);
}

static void test_a_fraction_says_what_it_cannot_tell(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    s.axes = 3;
    s.levels[2] = 3;
    s.part = 3;
    make(&s, 36, &dir, &r);
    assert_string_equal(r.fraction, "1/3");
    assert_int_equal(r.setting_count, 9);
    for (size_t i = 0; i < cpu(&r)->effect_count; i++)
        assert_true(cpu(&r)->effects[i].aliased);
    assert_true(effect(cpu(&r), 0, 0)->p < 1e-6);
    assert_true(isnan(effect(cpu(&r), 0, 1)->p));
    end(&dir, &r);
}

/* --- Sweeps that did not end --------------------------------------------------------------------- */

static void test_an_incomplete_sweep_tells_what_it_can(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    s.drift = .1;
    make(&s, 9 + 9 + 5, &dir, &r);
    assert_int_equal(r.runs.count, 23);
    assert_near(cpu(&r)->residual_dof, 23 - 9 - 2, 0);
    assert_near(cpu(&r)->noise_percent, 1, .6); /* not the drift's tens */
    assert_true(cpu(&r)->connected);
    assert_int_equal(cpu(&r)->settings[0].setting, setting_at(&r, 2, 0));
    end(&dir, &r);
}

static void test_one_repetition_takes_interactions_for_noise(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    make(&s, 9, &dir, &r);
    assert_int_equal(cpu(&r)->error, SWEEP_ERROR_INTERACTIONS);
    assert_near(cpu(&r)->residual_dof, 4, 0);
    assert_int_equal(cpu(&r)->effect_count, 2);
    assert_true(effect(cpu(&r), 0, 0)->p < .05);
    end(&dir, &r);
}

static void test_too_few_runs_are_told(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    make(&s, 3, &dir, &r);
    assert_int_equal(cpu(&r)->error, SWEEP_ERROR_NONE);
    assert_false(r.recommendation.is_made);
    assert_non_null(
        strstr(r.recommendation.why, "two settings with results in the same two blocks"));
    end(&dir, &r);
    s.repetitions = 1;
    make(&s, 3, &dir, &r);
    assert_non_null(strstr(r.recommendation.why, "a second repetition tells it"));
    end(&dir, &r);
    s.repetitions = 4;
    make(&s, 0, &dir, &r);
    assert_int_equal(r.metric_count, 0);
    assert_string_equal(r.recommendation.why, "No run has results yet.");
    end(&dir, &r);
}

/* Two runs that count three are no proof that there are always three. */
static void test_runs_that_come_out_alike_have_the_noise_of_rounding(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    memset(s.noise, 0, sizeof s.noise);
    s.drift = 0;
    make(&s, 36, &dir, &r);
    assert_near(cpu(&r)->residual_deviation, 1 / sqrt(12), 1e-12); /* whole numbers */
    assert_true(effect(cpu(&r), 0, 0)->p < 1e-9);
    assert_near(effect(cpu(&r), 0, 1)->p, 1, 0);
    assert_true(r.recommendation.is_made);
    assert_int_equal(cpu(&r)->settings[0].rank_high, 1);
    end(&dir, &r);
    s.truth = one_more;
    s.levels[0] = s.levels[1] = 2;
    s.repetitions = 1;
    make(&s, 4, &dir, &r); /* four runs that add up by chance */
    assert_int_equal(cpu(&r)->error, SWEEP_ERROR_INTERACTIONS);
    assert_true(effect(cpu(&r), 0, 0)->p > .05);
    assert_false(r.recommendation.is_made);
    end(&dir, &r);
}

static void test_values_whose_squares_are_no_numbers_tell_nothing(void **state)
{
    struct sample_sweep s = three_by_three(enormous);
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    make(&s, 36, &dir, &r);
    assert_null(sweep_metric_find(&r, dictionary_find(SECTION_MACHPERF, "CentiCpu")));
    assert_false(r.recommendation.is_made);
    end(&dir, &r);
}

/* --- Journals and plans ---------------------------------------------------------------------------- */

static void test_failures_are_counted_with_their_cause(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct temp_dir dir;
    struct sweep_results r;
    FILE *f;

    (void)state;
    temp_dir_make(&dir);
    sample_write(&s, &dir, 18);
    sample_write_event(&dir, 18, "begun", "");
    sample_write_event(&dir, 18, "failed", "node 1 died");
    sample_write_event(&dir, 18, "given-up", "node 1 died again");
    sample_write_event(&dir, 19, "done", ""); /* but it has no analysis */
    f = fopen(temp_path(&dir, "journal.jsonl"), "a");
    fputs("{\"run\":20,\"event\":\"do", f); /* the power went */
    fclose(f);
    compute(&dir, &r);
    assert_int_equal(r.failed, 2);
    assert_int_equal(r.runs.count, 18);
    assert_int_equal(r.made[18].fate, SWEEP_FATE_FAILED);
    assert_int_equal(r.made[18].attempts, 2);
    assert_string_equal(r.made[18].cause, "node 1 died again");
    assert_int_equal(r.made[19].fate, SWEEP_FATE_UNREAD);
    assert_non_null(strstr(r.made[19].cause, "runs/r19"));
    assert_int_equal(r.made[20].fate, SWEEP_FATE_OPEN);
    end(&dir, &r);
}

static void refuse(const char *plan, const char *journal, const char *why)
{
    struct temp_dir dir;
    struct sweep_results r;
    struct ou_error err = { 0 };

    temp_dir_make(&dir);
    temp_file(&dir, "sweep.json", plan);
    temp_file(&dir, "journal.jsonl", journal);
    assert_int_not_equal(sweep_results_compute(dir.path, &defaults, &r, &err), OU_OK);
    if (!strstr(err.text, why))
        fail_msg("%s does not say %s", err.text, why);
    temp_dir_remove(&dir);
}

#define PLAN(points, order)                                                                \
    "{\"schema\":1,\"name\":\"n\",\"profile\":\"p\",\"axes\":[{\"name\":\"a\",\"levels\":" \
    "[\"x\",\"y\"]}],\"points\":" points ",\"order\":" order "}"
#define GOOD PLAN("[[0],[1]]", "[{\"block\":0,\"position\":0,\"point\":0}]")

static void test_what_is_no_plan_is_refused(void **state)
{
    (void)state;
    refuse("[]", "", "schema is not 1");
    refuse("{\"schema\":2}", "", "schema is not 1");
    refuse("{\"schema\":1,\"name\":\"n\"}", "", "profile is missing");
    refuse("{\"schema\":1,\"name\":\"n\",\"profile\":\"p\",\"axes\":[]}", "", "axes: 1 to 8");
    refuse(PLAN("[[2]]", "[]"), "", "points[0][0] is no level of axis a");
    refuse(PLAN("[[0,0]]", "[]"), "", "points[0] does not have");
    refuse(PLAN("[[0]]", "[]"), "", "order: 1 to");
    refuse(PLAN("[[0]]", "[{\"block\":0,\"position\":0,\"point\":1}]"), "", "order[0]");
    refuse(GOOD, "{\"run\":1,\"event\":\"begun\"}\n", "line 1 names no run of the plan");
    refuse(GOOD, "\nnonsense\n", "line 2 is no event");
    refuse(GOOD, "{\"run\":0,\"event\":\"done\",\"directory\":\"runs/../../x\"}\n", "outside");
    refuse(GOOD, "{\"run\":0,\"event\":\"done\",\"directory\":\"/etc\"}\n", "outside");
}

/* A directory's path with so many bytes: "/./." is no way to go. */
static void lengthen(const char *path, size_t len, char ret[PATH_MAX])
{
    size_t at = (size_t)snprintf(ret, PATH_MAX, "%s", path);

    assert_true(len < PATH_MAX);
    while (at < len) {
        ret[at] = ret[at - 1] == '/' ? '.' : '/';
        at++;
    }
    ret[at] = '\0';
}

/* There are names that only just fit: of the plan first, then of the journal, then of a run. */
static void test_a_path_that_is_too_long_is_refused_for_that(void **state)
{
    static const char run[] =
        "{\"run\":0,\"event\":\"done\",\"directory\":\"runs/of-a-long-name\"}\n";
    static const struct {
        size_t len;
        const char *journal;
    } cases[] = { { PATH_MAX - sizeof "/sweep.json" + 1, "" },
                  { PATH_MAX - sizeof "/journal.jsonl" + 1, "" },
                  { PATH_MAX - sizeof "/journal.jsonl", run } };
    char path[PATH_MAX];
    struct temp_dir dir;
    struct sweep_results r;

    (void)state;
    temp_dir_make(&dir);
    temp_file(&dir, "sweep.json", GOOD);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ou_error err = { 0 };

        temp_file(&dir, "journal.jsonl", cases[i].journal);
        lengthen(dir.path, cases[i].len, path);
        assert_int_equal(sweep_results_compute(path, &defaults, &r, &err), OU_TOO_LARGE);
        if (!strstr(err.text, "...: the path is too long"))
            fail_msg("%s does not say why", err.text);
    }
    temp_dir_remove(&dir);
}

static void test_a_directory_without_a_plan_is_named(void **state)
{
    struct temp_dir dir;
    struct sweep_results r;
    struct ou_error err = { 0 };

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(sweep_results_compute(dir.path, &defaults, &r, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "ouroscope sweep FILE"));
    temp_dir_remove(&dir);
}

/* --- How often statements are true --------------------------------------------------------------------- */

enum { SWEEPS = 400 };

/* Counts over many sweeps of one truth. */
struct tally {
    size_t level_covers, levels; /* 95 % intervals of levels' means */
    size_t setting_covers, settings;
    size_t base_covers; /* sweeps in which all intervals against the base hold, in both metrics */
    size_t ranks_hold;  /* sweeps in which all ranks of CPU do */
    size_t alarms[3];   /* p below .05: of the first axis, the second, their interaction */
    size_t any_alarm;   /* adjusted p below .05 somewhere */
    size_t recommended, best_is_first;
};

static double true_mean(const struct sample_sweep *s, size_t setting, size_t metric)
{
    double values[SAMPLE_METRICS];

    s->truth(s->points[setting], values);
    return values[metric] * (1 + s->drift * ((double)s->repetitions - 1) / 2);
}

static double true_level(const struct sample_sweep *s, const struct level_mean *l)
{
    double sum = 0, n = 0;

    for (size_t i = 0; i < s->point_count; i++)
        if (s->points[i][l->axis] == l->level && s->points[i][l->other] == l->other_level) {
            sum += true_mean(s, i, CPU);
            n++;
        }
    return sum / n;
}

static bool holds(struct interval i, double truth)
{
    return i.low <= truth && truth <= i.high;
}

static void tally_metric(const struct sample_sweep *s, const struct sweep_results *r,
                         struct tally *t)
{
    const struct sweep_metric *m = cpu(r);
    bool ranks = true;

    for (size_t i = 0; i < m->level_count; i++) {
        t->level_covers += holds(m->levels[i].interval, true_level(s, &m->levels[i]));
        t->levels++;
    }
    for (size_t i = 0; i < r->setting_count; i++) {
        const struct setting_estimate *e = &m->settings[i];
        double truth = true_mean(s, e->setting, CPU);
        size_t less = 0, not_more = 0;

        for (size_t k = 0; k < r->setting_count; k++) {
            less += true_mean(s, k, CPU) < truth;
            not_more += true_mean(s, k, CPU) <= truth;
        }
        ranks = ranks && e->rank_low <= less + 1 && e->rank_high >= not_more;
        t->setting_covers += holds(e->interval, truth);
        t->settings++;
    }
    t->ranks_hold += ranks;
    for (size_t i = 0; i < 3; i++)
        t->alarms[i] += m->effects[i].p < .05;
    t->best_is_first += m->settings[0].setting == 2; /* of `additive` */
}

static void tally_sweep(const struct sample_sweep *s, const struct sweep_results *r,
                        struct tally *t)
{
    static const size_t which[] = { CPU, ADOPTION };
    bool base = true, alarm = false;

    for (size_t k = 0; k < 2; k++) {
        const struct sweep_metric *m = &r->metrics[k];

        for (size_t i = 0; i < r->setting_count; i++) {
            const struct setting_estimate *e = &m->settings[i];

            base = base && holds(e->against_base, true_mean(s, e->setting, which[k]) -
                                                      true_mean(s, r->base, which[k]));
        }
        for (size_t i = 0; i < m->effect_count; i++)
            alarm = alarm || m->effects[i].p_adjusted < .05;
    }
    t->base_covers += base;
    t->any_alarm += alarm;
    t->recommended += r->recommendation.is_made;
    tally_metric(s, r, t);
}

/* The runs of the plan are read once; then their values are drawn again and again. Noise is additive here, and drift too, so
 * that the model is the truth. */
static void draw(const struct sample_sweep *s, struct sweep_results *r, uint64_t seed)
{
    for (size_t i = 0; i < r->planned; i++) {
        const struct sweep_made *made = &r->made[i];
        struct finished_run *run = &r->runs.runs[made->run];
        struct random_stream noise;
        double values[SAMPLE_METRICS], base[SAMPLE_METRICS];

        random_stream_init(&noise, seed, i);
        s->truth(s->points[made->setting], values);
        s->truth(s->points[0], base);
        for (size_t k = 0; k < run->value_count; k++) {
            const char *id = run->values[k].info->id;
            size_t of = strcmp(id, "CentiCpu") == 0 ? CPU : strcmp(id, "RSS") == 0 ? RSS : ADOPTION;
            double middle = ((double)s->repetitions - 1) / 2;

            run->values[k].mean = values[of] * (1 + s->drift * middle) +
                                  base[of] * (s->drift * ((double)made->block - middle) +
                                              s->noise[of] * random_normal(&noise));
        }
    }
}

static void simulate(struct sample_sweep *s, struct tally *ret)
{
    static const char *const asked[] = { "CentiCpu", "endtoend/cdf0.96" };
    struct temp_dir dir;
    struct sweep_results r;
    struct sweep_work work = { .results = &r, .options = &defaults };
    struct ou_error err = { 0 };

    *ret = (struct tally){ 0 };
    make(s, s->repetitions * 9, &dir, &r);
    for (uint64_t i = 0; i < SWEEPS; i++) {
        draw(s, &r, 5000 + i);
        assert_int_equal(sweep_work_out(&work, asked, 2, &err), OU_OK);
        tally_sweep(s, &r, ret);
    }
    end(&dir, &r);
}

/* Of n trials with chance p so many, within four deviations. Trials of one sweep hang together: `each` of them count as one. */
static void assert_share(size_t count, size_t n, size_t each, double p)
{
    double reach = 4 * sqrt(p * (1 - p) / ((double)n / (double)each));

    assert_near((double)count / (double)n, p, reach);
}

static void assert_at_least(size_t count, double p)
{
    assert_true((double)count / SWEEPS >= p - 3 * sqrt(p * (1 - p) / SWEEPS));
}

static void test_intervals_hold_as_often_as_they_say(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct tally t;

    (void)state;
    s.drift = .05;
    simulate(&s, &t);
    assert_share(t.level_covers, t.levels, t.levels / SWEEPS, .95);
    assert_share(t.setting_covers, t.settings, t.settings / SWEEPS, .95);
    assert_at_least(t.base_covers, .95);
    assert_at_least(t.ranks_hold, .95);
    assert_share(t.alarms[2], SWEEPS, 1, .05); /* there is no interaction */
    assert_true(t.alarms[0] == SWEEPS && (double)t.alarms[1] > .99 * SWEEPS);
    assert_true((double)t.recommended > .9 * SWEEPS);
    assert_true((double)t.best_is_first > .9 * SWEEPS);
}

static void test_where_nothing_is_nothing_is_found(void **state)
{
    struct sample_sweep s = three_by_three(nothing);
    struct tally t;

    (void)state;
    simulate(&s, &t);
    for (size_t i = 0; i < 3; i++)
        assert_share(t.alarms[i], SWEEPS, 1, .05);
    assert_at_least(SWEEPS - t.any_alarm, .95);
    assert_at_least(SWEEPS - t.recommended, .95);
    assert_at_least(t.ranks_hold, .95);
}

/* --- Spread and traces ------------------------------------------------------------------------ */

static void test_spread_is_told_beside_that_of_the_base(void **state)
{
    struct sample_sweep s = three_by_three(additive);
    struct sweep_results r;
    struct temp_dir dir;
    const struct setting_estimate *base, *other;

    (void)state;
    make(&s, 36, &dir, &r);
    base = sweep_estimate(&r, cpu(&r), r.base);
    other = sweep_estimate(&r, cpu(&r), 4);
    assert_true(isnan(base->spread.ratio) && !interval_known(base->spread.interval));
    assert_near(other->spread.ratio, pow(other->deviation / base->deviation, 2), 1e-9);
    /* Quantiles of F with 3 and 3 degrees of freedom: R's qf(c(.025, .975), 3, 3). */
    assert_near(other->spread.interval.low, other->spread.ratio / 15.4391823787473, 1e-9);
    assert_near(other->spread.interval.high, other->spread.ratio / .0647702692713, 1e-8);
    assert_near(other->variation, other->deviation / 44.3, .01); /* 44 and the drift */
    end(&dir, &r);
}

/* Level 2 is silent. Level 0 has 1000 messages more, and 1, 1.1, 1.2 and 1.3 s: 1150 us, and R's t.test() of those numbers
 * for the interval. Level 1 takes 1 ms a message, however many there are. */
static const struct sample_traces traces = { .silent = 2,
                                             .messages = { 1100, 2100, 100 },
                                             .messages_more = { 0, 200, 0 },
                                             .cpu_s = { 3, 4, 2 },
                                             .cpu_more_s = { .1, .2, 0 },
                                             .dropped = 3 };

static struct sample_sweep traced(void)
{
    struct sample_sweep s = three_by_three(nothing);

    s.axes = 1;
    s.traces = &traces;
    return s;
}

static void test_a_message_costs_what_the_silent_setting_does_not_take(void **state)
{
    struct sample_sweep s = traced();
    struct sweep_results r;
    struct temp_dir dir;

    (void)state;
    make(&s, 12, &dir, &r);
    assert_int_equal(r.axes[0].silent, 2);
    assert_int_equal(r.traces[0].silent, 2);
    assert_near(r.traces[0].messages, 1100, 1e-9);
    assert_near(r.traces[0].node_cpu_s, 3.15, 1e-9);
    assert_near(r.traces[0].collector_cpu_s, .25, 0);
    assert_near(sweep_estimate(&r, metric(&r, SECTION_PROCESS, "processCpuSeconds"), 0)->mean,
                3.15 / 2, 1e-9); /* of one of the two nodes */
    assert_int_equal(r.traces[0].pairs, 4);
    assert_near(r.traces[0].cost_us, 1150, 1e-6);
    assert_near(r.traces[0].cost.low, 944.574, 1e-3);
    assert_near(r.traces[0].cost.high, 1355.426, 1e-3);
    assert_near(r.traces[1].cost_us, 1000, 1e-6);
    assert_near(r.traces[1].cost.low, 1000, 1e-3);
    assert_near(r.traces[1].cost.high, 1000, 1e-3);
    end(&dir, &r);
}

static void test_losses_are_those_of_nodes_in_all_runs(void **state)
{
    struct sample_sweep s = traced();
    struct sweep_results r;
    struct temp_dir dir;

    (void)state;
    make(&s, 12, &dir, &r);
    assert_near(r.traces[0].dropped, 4 * 2 * 3, 0);
    assert_near(r.traces[0].unwritten, 0, 0);
    assert_near(r.traces[0].given_up, 4 * 5, 0);
    assert_true(isnan(r.traces[2].given_up)); /* it has no collector */
    assert_near(r.traces[2].dropped, 0, 0);
    end(&dir, &r);
}

static void test_the_silent_setting_and_what_is_not_told_cost_nothing_that_is_known(void **state)
{
    struct sample_sweep s = traced(), untold = three_by_three(nothing);
    struct sweep_results r;
    struct temp_dir dir;

    (void)state;
    make(&s, 12, &dir, &r);
    assert_true(r.traces[2].silent == SIZE_MAX && isnan(r.traces[2].cost_us));
    assert_true(isnan(r.traces[2].collector_cpu_s)); /* it has none */
    end(&dir, &r);
    make(&untold, 36, &dir, &r);
    assert_true(r.axes[0].silent == SIZE_MAX && r.traces[0].silent == SIZE_MAX);
    assert_true(isnan(r.traces[0].messages) && isnan(r.traces[0].dropped) &&
                isnan(r.traces[0].node_cpu_s) && isnan(r.traces[0].cost_us));
    end(&dir, &r);
}

static void test_percents_of_a_base_that_is_nothing_are_none(void **state)
{
    struct setting_estimate base = { .mean = 1e-19 };
    size_t place = 0;
    double cut = 0;
    struct sweep_metric m = { .settings = &base, .places = &place, .margin = 5e-4, .cuts = &cut };
    struct sweep_results r = { .setting_count = 1 };

    (void)state;
    assert_true(isnan(sweep_percent_of_base(&r, &m, 1))); /* 0 that a fit has rounded */
    assert_false(sweep_is_in_percent(&r, &m));
    base.mean = 1e-5; /* below the margin: a number, but sentences have the unit */
    assert_float_equal(sweep_percent_of_base(&r, &m, 1e-5), 100, 1e-9);
    assert_false(sweep_is_in_percent(&r, &m));
    base.mean = -2e-3;
    assert_float_equal(sweep_percent_of_base(&r, &m, 1e-3), 50, 1e-9);
    assert_true(sweep_is_in_percent(&r, &m));
    cut = .01; /* what stamps cut may be all that there was */
    assert_true(isnan(sweep_percent_of_base(&r, &m, 1e-3)));
    assert_false(sweep_is_in_percent(&r, &m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percents_of_a_base_that_is_nothing_are_none),
        cmocka_unit_test(test_spread_is_told_beside_that_of_the_base),
        cmocka_unit_test(test_a_message_costs_what_the_silent_setting_does_not_take),
        cmocka_unit_test(test_losses_are_those_of_nodes_in_all_runs),
        cmocka_unit_test(test_the_silent_setting_and_what_is_not_told_cost_nothing_that_is_known),
        cmocka_unit_test(test_a_sweep_is_read_whole),
        cmocka_unit_test(test_the_truth_is_found),
        cmocka_unit_test(test_the_front_holds_what_no_other_beats),
        cmocka_unit_test(test_a_setting_that_harms_another_metric_is_not_taken),
        cmocka_unit_test(test_what_is_too_noisy_is_not_recommended),
        cmocka_unit_test(test_what_stamps_cannot_tell_widens_intervals_of_times),
        cmocka_unit_test(test_what_stamps_cut_is_not_the_best_for_that),
        cmocka_unit_test(test_margins_within_a_step_plan_no_repetitions),
        cmocka_unit_test(test_nothing_is_recommended_beside_a_metric_that_no_run_has),
        cmocka_unit_test(test_a_base_that_nothing_beats_is_kept),
        cmocka_unit_test(test_a_setting_that_fails_is_not_recommended),
        cmocka_unit_test(test_ranges_are_told_by_direction_and_end_at_nothing),
        cmocka_unit_test(test_interactions_are_found),
        cmocka_unit_test(test_a_fraction_says_what_it_cannot_tell),
        cmocka_unit_test(test_an_incomplete_sweep_tells_what_it_can),
        cmocka_unit_test(test_one_repetition_takes_interactions_for_noise),
        cmocka_unit_test(test_too_few_runs_are_told),
        cmocka_unit_test(test_runs_that_come_out_alike_have_the_noise_of_rounding),
        cmocka_unit_test(test_values_whose_squares_are_no_numbers_tell_nothing),
        cmocka_unit_test(test_failures_are_counted_with_their_cause),
        cmocka_unit_test(test_what_is_no_plan_is_refused),
        cmocka_unit_test(test_a_path_that_is_too_long_is_refused_for_that),
        cmocka_unit_test(test_a_directory_without_a_plan_is_named),
        cmocka_unit_test(test_intervals_hold_as_often_as_they_say),
        cmocka_unit_test(test_where_nothing_is_nothing_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
