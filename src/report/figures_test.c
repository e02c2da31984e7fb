#include "report/figures.h"
#include "stats/planning.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/figures_inside.h"
#include "support/near.h"
#include "support/test.h"

static struct document d;

static int begin(void **state)
{
    (void)state;
    document_init(&d);
    return 0;
}

static int end(void **state)
{
    (void)state;
    document_release(&d);
    return 0;
}

static const struct doc_figure *last_figure(void)
{
    assert_int_equal(document_status(&d, NULL), OU_OK);
    assert_non_null(d.last);
    assert_int_equal(d.last->kind, DOC_FIGURE);
    return d.last->figure;
}

static const struct doc_cell *cell(const struct doc_figure *f, size_t row, const char *column)
{
    assert_true(row < f->data.row_count);
    for (size_t c = 0; c < f->data.column_count; c++) {
        if (strcmp(f->data.columns[c].id, column) == 0)
            return &f->data.cells[row * f->data.column_count + c];
    }
    fail_msg("no column %s", column);
    return NULL;
}

static double number(const struct doc_figure *f, size_t row, const char *column)
{
    const struct doc_cell *c = cell(f, row, column);

    return c->kind == DOC_NUMBER ? c->number : NAN;
}

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" does not have \"%s\"", text, part);
}

/* --- Runs by hand ------------------------------------------------------------------------ */

enum { VALUES = 2, RUNS = 3 };

/* A set whose runs have one metric with a value a block, and its mean. */
struct one_metric {
    struct run_set set;
    struct finished_run runs[RUNS];
    struct run_value values[RUNS][VALUES];
};

static const char *const titles[RUNS] = { "a", "b", "b" };

static void make(struct one_metric *m, const char *label, enum metric_section section,
                 const char *id, const double *const *blocks, size_t block_count, size_t runs)
{
    *m = (struct one_metric){ .set = { .label = label, .runs = m->runs, .count = runs } };
    for (size_t r = 0; r < runs; r++) {
        double sum = 0;

        for (size_t i = 0; i < block_count; i++)
            sum += blocks[r][i];
        m->values[r][0] =
            (struct run_value){ .info = dictionary_find(section, id),
                                .kind = RUN_VALUE_DISTRIBUTION,
                                .mean = block_count > 0 ? sum / (double)block_count : NAN,
                                .blocks = blocks[r] };
        m->runs[r] = (struct finished_run){
            .title = titles[r], .values = m->values[r], .value_count = 1, .block_count = block_count
        };
    }
}

static const double few[] = { .4, .1, .3, .2 }, more[] = { .5, .2, .4, .3 },
                    most[] = { .6, .3, .5, .4 };

/* --- Specifications ----------------------------------------------------------------------- */

static void test_blanks_are_text_in_strings_and_json_in_place_of_them(void **state)
{
    const struct spec_blank blanks[] = { { "axis", "a \"b\" \\ </script>", NULL },
                                         { "ticks", NULL, "[1,2]" } };

    (void)state;
    assert_string_equal(
        figure_spec(&d, "{\"x\":\"@axis@, s\",\"y\":\"@ticks@\",\"z\":\"q(@ticks@)\",\"w\":\"@\"}",
                    blanks, 2),
        "{\"x\":\"a \\\"b\\\" \\\\ </script>, s\",\"y\":[1,2],\"z\":\"q([1,2])\",\"w\":\"@\"}");
}

static void test_amounts_have_three_digits(void **state)
{
    (void)state;
    assert_string_equal(figure_amount(&d, .5123, "s"), "0.512 s");
    assert_string_equal(figure_amount(&d, .05123, "s"), "51.2 ms");
    assert_string_equal(figure_amount(&d, 12345, "MB"), "12,345 MB");
    assert_string_equal(figure_difference(&d, 4.256, "%"), "+4.26 %");
    assert_string_equal(figure_amount(&d, 3, "#"), "3.00");
    assert_string_equal(figure_count(&d, 1, "run", "runs"), "1 run");
    assert_string_equal(figure_count(&d, 2315, "block", "blocks"), "2,315 blocks");
}

static void test_runs_that_are_called_alike_are_told_apart(void **state)
{
    const double *const blocks[] = { few, more, most };
    struct one_metric m;

    (void)state;
    make(&m, "x", SECTION_ENDTOEND, "cdf0.50", blocks, 4, 3);
    assert_string_equal(figure_run_label(&d, &m.set, 0), "a");
    assert_string_equal(figure_run_label(&d, &m.set, 1), "b (2)");
    assert_string_equal(figure_run_label(&d, &m.set, 2), "b (3)");
}

/* --- Distributions ------------------------------------------------------------------------- */

static void test_nothing_is_drawn_of_nothing(void **state)
{
    struct finished_run run = { .title = "a" };
    struct run_set set = { .label = "x", .runs = &run, .count = 1 };
    const struct run_set *sets[] = { &set, &set };
    struct variance v = { .set = &set };
    struct side_comparison c = { .base = &set, .variant = &set };
    struct metric_history h = { .info = dictionary_find(SECTION_MACHPERF, "RSS") };

    (void)state;
    assert_false(figure_cdf(&d, sets, 2, SECTION_ENDTOEND, "cdf0.50"));
    assert_false(figure_cdf(&d, sets, 2, SECTION_ENDTOEND, "no such metric"));
    assert_false(figure_shift(&d, &set, &set, SECTION_ENDTOEND, "cdf0.50"));
    assert_false(figure_run_strips(&d, &set, SECTION_ENDTOEND, "cdf0.50"));
    assert_false(figure_shares(&d, &v));
    assert_false(figure_runs_needed(&d, &v));
    assert_false(figure_host_heat(&d, &set));
    assert_false(figure_timeline(&d, &run));
    assert_false(figure_arrival(&d, &run));
    assert_false(figure_phases(&d, sets, 2));
    assert_false(figure_changes(&d, &c));
    assert_false(figure_history(&d, &h));
    assert_null(d.first);
}

/* The DKW band of 4 values is wider than the whole range: it ends at 0 and 1. */
static void test_a_single_run_has_the_band_around_its_function(void **state)
{
    const double *const blocks[] = { few };
    struct one_metric m;
    const struct run_set *sets[] = { &m.set };
    const struct doc_figure *f;

    (void)state;
    make(&m, "x", SECTION_ENDTOEND, "cdf0.50", blocks, 4, 1);
    assert_true(figure_cdf(&d, sets, 1, SECTION_ENDTOEND, "cdf0.50"));
    f = last_figure();
    assert_int_equal(f->data.row_count, 4);
    for (size_t i = 0; i < 4; i++) {
        double share = (double)(i + 1) / 4, half = sqrt(log(40) / 8);

        assert_near(number(f, i, "value"), (double)(i + 1) / 10, 1e-12);
        assert_near(number(f, i, "share"), share, 1e-12);
        assert_near(number(f, i, "low"), fmax(share - half, 0), 1e-12);
        assert_near(number(f, i, "high"), fmin(share + half, 1), 1e-12);
    }
    assert_contains(f->units, "4 blocks in 1 run");
    assert_contains(f->units, "DKW");
    assert_contains(
        f->reading,
        "50 % adoption: half of the blocks are at or below 0.250 s, 95 % at or below 0.385 s.");
}

/* 90 % of the blocks lie between 6 and 96 ms: the linear scale goes on for three times as much, and the one of 10 s is out. */
static void test_a_late_block_does_not_squash_the_others(void **state)
{
    double values[101];
    const double *const blocks[] = { values };
    struct one_metric m;
    const struct run_set *sets[] = { &m.set };

    (void)state;
    for (int i = 0; i < 100; i++)
        values[i] = (i + 1) / 1000.;
    values[100] = 10;
    make(&m, "x", SECTION_ENDTOEND, "cdf0.50", blocks, 101, 1);
    assert_true(figure_cdf(&d, sets, 1, SECTION_ENDTOEND, "cdf0.50"));
    assert_contains(last_figure()->units,
                    "linear scale from 1.00 ms to 0.366 s, without 1 of 101 blocks");
    assert_contains(last_figure()->spec, "[0.001,10]");
    assert_contains(last_figure()->spec, "[0.001,0.01,0.1,1");
    assert_int_equal(last_figure()->data.row_count, 101); /* all of them are in the data */
}

static void test_several_runs_have_the_band_of_the_runs(void **state)
{
    const double *const blocks[] = { few, more };
    struct one_metric m;
    const struct run_set *sets[] = { &m.set };
    const struct doc_figure *f;

    (void)state;
    make(&m, "x", SECTION_ENDTOEND, "cdf0.50", blocks, 4, 2);
    assert_true(figure_cdf(&d, sets, 1, SECTION_ENDTOEND, "cdf0.50"));
    f = last_figure();
    assert_int_equal(f->data.row_count, 5); /* .1 to .5: three of them twice */
    assert_near(number(f, 1, "value"), .2, 1e-12);
    assert_near(number(f, 1, "share"), 3. / 8, 1e-12);
    assert_near(number(f, 1, "low"), .25, 1e-12);
    assert_near(number(f, 1, "high"), .5, 1e-12);
}

static void test_long_curves_are_thinned_and_keep_their_ends(void **state)
{
    static double many[5000];
    const double *const blocks[] = { many };
    struct one_metric m;
    const struct run_set *sets[] = { &m.set };
    const struct doc_figure *f;

    (void)state;
    for (size_t i = 0; i < 5000; i++)
        many[i] = (double)((i * 7919) % 5000) + 1;
    make(&m, "x", SECTION_ENDTOEND, "cdf0.50", blocks, 5000, 1);
    assert_true(figure_cdf(&d, sets, 1, SECTION_ENDTOEND, "cdf0.50"));
    f = last_figure();
    assert_int_equal(f->data.row_count, CURVE_POINTS);
    assert_near(number(f, 0, "value"), 1, 0);
    assert_near(number(f, CURVE_POINTS - 1, "value"), 5000, 0);
    for (size_t i = 0; i < CURVE_POINTS; i++)
        assert_near(number(f, i, "share"), number(f, i, "value") / 5000, 1e-12);
    assert_contains(f->units, "at most 200 points a curve");
}

static void test_quantiles_that_all_lie_later_are_said_to(void **state)
{
    const double *const old_blocks[] = { few, few, few }, *const new_blocks[] = { more, more,
                                                                                  most };
    struct one_metric a, b;
    const struct doc_figure *f;

    (void)state;
    make(&a, "old", SECTION_ENDTOEND, "cdf0.50", old_blocks, 4, 3);
    make(&b, "new", SECTION_ENDTOEND, "cdf0.50", new_blocks, 4, 3);
    assert_true(figure_shift(&d, &a.set, &b.set, SECTION_ENDTOEND, "cdf0.50"));
    f = last_figure();
    for (size_t i = 0; i < f->data.row_count; i++) { /* .1, .1, .2 later */
        assert_near(number(f, i, "difference"), .4 / 3, 1e-12);
        /* Welch: deviation of 0 on one side, .1/sqrt(3) on the other; t(.975, 2) = 4.302653 */
        assert_near(number(f, i, "high") - number(f, i, "difference"), 4.30265273 / 30, 1e-8);
    }
    assert_contains(f->reading, "The median of 50 % adoption differs by +0.133 s");
    assert_contains(f->reading, "leaves out 0 at 0 of 18 quantiles");
}

/* --- Runs and hosts ------------------------------------------------------------------------- */

static void test_strips_name_the_runs_with_least_and_most(void **state)
{
    const double *const blocks[] = { few, most, more };
    struct one_metric m;
    const struct doc_figure *f;

    (void)state;
    make(&m, "x", SECTION_ENDTOEND, "cdf0.50", blocks, 4, 3);
    assert_true(figure_run_strips(&d, &m.set, SECTION_ENDTOEND, "cdf0.50"));
    f = last_figure();
    assert_int_equal(f->data.row_count, 3 * 6);
    assert_string_equal(cell(f, 4, "kind")->text, "quartiles");
    assert_near(number(f, 4, "value"), .175, 1e-12);
    assert_near(number(f, 4, "to"), .325, 1e-12);
    assert_contains(f->reading, "from 0.250 s in a to 0.450 s in b (2), 80.0 % more");
    assert_int_equal(f->sketch->count, 3);
}

/* The modified z score of 30 in {10,11,10,12,11,10,30} is 12.8155. */
static void test_the_odd_host_is_named(void **state)
{
    static const double means[] = { 10, 11, 10, 12, 11, 10, 30 };
    const char *names[] = { "n10", "n1", "n2", "n3", "n4", "n5", "n9 <odd>" };
    struct host_part parts[7];
    struct run_value value = { .info = dictionary_find(SECTION_MACHPERF, "RSS"),
                               .kind = RUN_VALUE_DISTRIBUTION,
                               .mean = 13,
                               .hosts = parts,
                               .host_count = 7 };
    struct finished_run run = {
        .title = "a", .hosts = names, .host_count = 7, .values = &value, .value_count = 1
    };
    struct run_set set = { .label = "x", .runs = &run, .count = 1 };
    const struct doc_figure *f;

    (void)state;
    for (uint32_t h = 0; h < 7; h++)
        parts[h] = (struct host_part){ h, 1, means[h], NAN };
    assert_true(figure_host_heat(&d, &set));
    f = last_figure();
    assert_int_equal(f->data.row_count, 7);
    assert_near(number(f, 5, "z"), 12.8155, 1e-9);
    assert_string_equal(cell(f, 6, "host")->text, "n10"); /* 10 stands behind 9 */
    assert_contains(f->reading, "1 cell stands apart");
    assert_contains(f->reading, "<odd> in resident memory (z +12.8)");
}

/* Five runs a side see 2.024 deviations with power .8, and three 3.071. */
static void test_runs_needed_follow_the_deviation_of_runs(void **state)
{
    static double values[] = { 98, 99, 100, 101, 102 };
    struct finished_run runs[5] = { { 0 } };
    struct run_set set = { .label = "x", .runs = runs, .count = 5 };
    struct metric_variance metric = { .info = dictionary_find(SECTION_ENDTOEND, "cdf0.50"),
                                      .runs = 5,
                                      .values = values };
    struct variance v = { .set = &set, .metrics = &metric, .metric_count = 1 };
    double deviation = sqrt(2.5);
    const struct doc_figure *f;
    size_t seen = 0;

    (void)state;
    assert_true(figure_runs_needed(&d, &v));
    f = last_figure();
    for (size_t i = 0; i < f->data.row_count; i++) {
        double n = number(f, i, "runs"), percent = number(f, i, "percent");
        bool visible = strstr(cell(f, i, "what")->text, "visible") != NULL;

        assert_int_equal(cell(f, i, "here")->kind == DOC_TEXT, n == 5);
        if (visible && (n == 3 || n == 5)) {
            /* Welch's test sees less than the pooled one, of which R says 3.071 and 2.024. */
            assert_true(percent / deviation > (n == 3 ? 3.071 : 2.024));
            assert_near(percent, visible_by_welch(n, deviation, .05, .8), 1e-9);
            seen++;
        }
        if (!visible && n == 5) {
            assert_near(percent, 2.776445105 * deviation / sqrt(5), 1e-6);
            seen++;
        }
    }
    assert_int_equal(seen, 3);
    assert_contains(f->reading, "5 runs a side show a change of 3.");
}

/* --- The journey ------------------------------------------------------------------------------ */

static void test_phases_follow_each_other(void **state)
{
    struct run_value values[] = {
        { .info = dictionary_find(SECTION_FORGER, "cdfForgerStart"), .mean = .001 },
        { .info = dictionary_find(SECTION_FORGER, "cdfForgerLead"), .mean = .002 },
        { .info = dictionary_find(SECTION_FORGER, "cdfForgerForge"), .mean = .010 },
        { .info = dictionary_find(SECTION_PEERS, "cdfPeerNoticeFirst"), .mean = .050 },
        { .info = dictionary_find(SECTION_PEERS, "cdfPeerFetch"), .mean = .200 },
    };
    struct finished_run run = { .title = "a", .values = values, .value_count = 5 };
    struct run_set set = { .label = "x", .runs = &run, .count = 1 };
    const struct run_set *sets[] = { &set };
    const struct doc_figure *f;

    (void)state;
    assert_true(figure_phases(&d, sets, 1));
    f = last_figure();
    assert_int_equal(f->data.row_count, 5);
    for (size_t i = 1; i < 5; i++)
        assert_near(number(f, i, "begin"), number(f, i - 1, "end"), 1e-15);
    assert_near(number(f, 3, "end"), .050, 1e-12);
    assert_near(number(f, 3, "duration"), .037, 1e-12);
    assert_contains(f->reading, "takes 0.250 s from the slot start");
    assert_contains(f->reading, "most of it in fetch (0.200 s)");
}

static void test_arrival_is_held_against_the_bound(void **state)
{
    struct arrival_point points[] = { { .5, .2, .3, .4, .1 }, { 1, .4, .5, .9, .2 } };
    struct finished_run run = { .title = "a", .arrival = points, .arrival_count = 2 };

    (void)state;
    assert_true(figure_arrival(&d, &run));
    assert_contains(last_figure()->reading, "half of the hosts after 0.300 s");
    assert_contains(last_figure()->reading, "100 % of them after 0.500 s");
    assert_contains(last_figure()->reading, "physics allows 0.200 s, 40.0 % of that time");
    assert_null(strstr(last_figure()->reading, "faster"));
    points[1].p05 = .15; /* of a forger in the middle, where the median block's is not */
    assert_true(figure_arrival(&d, &run));
    assert_contains(last_figure()->reading, "blocks of forgers nearer to the others can be faster");
    points[0].bound = points[1].bound = NAN;
    assert_true(figure_arrival(&d, &run));
    assert_null(strstr(last_figure()->reading, "physics"));
}

static void test_lines_over_slots_have_epochs_and_adoptions(void **state)
{
    struct timeline_bin bins[] = { { 1, 0, 2 }, { NAN, NAN, NAN }, { 3, 2, 4 } },
                        zeros[3] = { { 0 } };
    struct timeline_line lines[] = { { dictionary_find(SECTION_MACHPERF, "CentiCpu"), bins },
                                     { dictionary_find(SECTION_MACHPERF, "CentiGC"), zeros } };
    struct run_block blocks[] = { { .slot = 100 }, { .slot = 121 }, { .slot = 122 } };
    struct finished_run run = { .title = "a", .blocks = blocks, .block_count = 3 };
    const struct doc_figure *f;

    (void)state;
    run.timeline.first_slot = 100;
    run.timeline.slots_per_bin = 10;
    run.timeline.epoch_slots = 60;
    run.timeline.bins = 3;
    run.timeline.lines = lines;
    run.timeline.line_count = 2;
    assert_true(figure_timeline(&d, &run));
    f = last_figure();
    assert_int_equal(f->data.row_count, 2 + 1 + 2 + 1); /* means, an epoch; counts, an epoch */
    assert_near(number(f, 1, "slot"), 120, 0);
    assert_string_equal(cell(f, 2, "kind")->text, "epoch");
    assert_near(number(f, 2, "slot"), 120, 0);
    assert_near(number(f, 4, "mean"), 2, 0);
    assert_contains(f->units, "0 throughout: GC CPU");
    assert_contains(f->reading,
                    "CPU changed most among CPU and memory: from 1.00 % to 3.00 %, by +200 %");
}

/* --- Verdicts and history ----------------------------------------------------------------------- */

static void test_what_harms_stands_first(void **state)
{
    struct run_set base = { .label = "old", .count = 5 }, variant = { .label = "new", .count = 5 };
    struct metric_comparison metrics[] = {
        { .info = dictionary_find(SECTION_MACHPERF, "RSS"),
          .verdict = VERDICT_EQUIVALENT,
          .delta_percent = .1,
          .percent_interval = { -.5, .7 },
          .margin_percent = 2 },
        { .info = dictionary_find(SECTION_MACHPERF, "CentiCpu"),
          .verdict = VERDICT_REGRESSION,
          .delta_percent = 5,
          .percent_interval = { 3, 7 },
          .margin_percent = 2 },
        { .info = dictionary_find(SECTION_MACHPERF, "Alloc"),
          .verdict = VERDICT_NONE,
          .delta_percent = NAN,
          .percent_interval = { NAN, NAN },
          .margin_percent = NAN },
    };
    struct side_comparison c = { .base = &base,
                                 .variant = &variant,
                                 .basis = BASIS_RUNS,
                                 .metrics = metrics,
                                 .metric_count = 3 };
    const struct doc_figure *f;

    (void)state;
    c.verdicts[VERDICT_EQUIVALENT] = c.verdicts[VERDICT_REGRESSION] = 1;
    assert_true(figure_changes(&d, &c));
    f = last_figure();
    assert_int_equal(f->data.row_count, 2);
    assert_string_equal(cell(f, 0, "metric")->text, "CPU");
    assert_string_equal(cell(f, 1, "verdict")->text, "equivalent");
    assert_contains(f->reading, "1 regression, 1 metric that is equivalent");
    assert_contains(f->reading, "CPU, +5.00 % (regression)");
    assert_contains(f->spec, "[-2,-1,0,1,2,5]");
}

/* One run a side: nothing is judged, and all that was measured is drawn but for what is the same. */
static void test_changes_of_single_runs_are_drawn(void **state)
{
    struct run_set base = { .label = "old", .count = 1 }, variant = { .label = "new", .count = 1 };
    struct metric_comparison metrics[] = {
        { .info = dictionary_find(SECTION_MACHPERF, "RSS"), .delta = 1, .delta_percent = 4000 },
        { .info = dictionary_find(SECTION_MACHPERF, "CentiCpu"), .delta = 0 },
        { .info = dictionary_find(SECTION_SUMMARY, "sumHosts"), .delta = 1, .delta_percent = 2 },
    };
    struct side_comparison c = { .base = &base,
                                 .variant = &variant,
                                 .basis = BASIS_NONE,
                                 .metrics = metrics,
                                 .metric_count = 3 };
    const struct doc_figure *f;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        metrics[i].percent_interval = interval_none();
        metrics[i].margin_percent = NAN;
        metrics[i].verdict = VERDICT_NONE;
    }
    assert_true(figure_changes(&d, &c));
    f = last_figure();
    assert_int_equal(f->data.row_count, 1);
    assert_string_equal(cell(f, 0, "verdict")->text, "not judged");
    assert_contains(f->units, "arrows: it goes on beyond");
    assert_contains(f->units, "left out: 1 metric that is the same in all runs");
    assert_contains(f->spec, "[0,5,20,100,500]");
}

static void test_history_tells_the_greatest_change(void **state)
{
    struct finished_run runs[4] = {
        { .title = "1" }, { .title = "2" }, { .title = "3" }, { .title = "3" }
    };
    const struct finished_run *order[] = { &runs[0], &runs[1], &runs[2], &runs[3] };
    double values[] = { 8, 8, 4, 4 };
    struct history_segment segments[] = {
        { .count = 2, .mean = 8, .interval = { 7, 9 }, .change_percent = NAN },
        { .first = 2, .count = 2, .mean = 4, .interval = { 3, 5 }, .change_percent = -50 },
    };
    struct metric_history h = { .info = dictionary_find(SECTION_MACHPERF, "CentiCpu"),
                                .runs = order,
                                .values = values,
                                .count = 4,
                                .segments = segments,
                                .segment_count = 2,
                                .noise_percent = NAN };
    const struct doc_figure *f;

    (void)state;
    assert_true(figure_history(&d, &h));
    f = last_figure();
    assert_int_equal(f->data.row_count, 4);
    assert_string_equal(cell(f, 2, "run")->text, "3 (3)");
    assert_string_equal(cell(f, 2, "change")->text, "yes");
    assert_int_equal(cell(f, 3, "change")->kind, DOC_NONE);
    assert_contains(f->reading,
                    "1 change of level; the greatest at 3 (3): -50.0 %, from 8.00 % to 4.00 %");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_blanks_are_text_in_strings_and_json_in_place_of_them),
        TEST(test_amounts_have_three_digits),
        TEST(test_runs_that_are_called_alike_are_told_apart),
        TEST(test_nothing_is_drawn_of_nothing),
        TEST(test_a_single_run_has_the_band_around_its_function),
        TEST(test_a_late_block_does_not_squash_the_others),
        TEST(test_several_runs_have_the_band_of_the_runs),
        TEST(test_long_curves_are_thinned_and_keep_their_ends),
        TEST(test_quantiles_that_all_lie_later_are_said_to),
        TEST(test_strips_name_the_runs_with_least_and_most),
        TEST(test_the_odd_host_is_named),
        TEST(test_runs_needed_follow_the_deviation_of_runs),
        TEST(test_phases_follow_each_other),
        TEST(test_arrival_is_held_against_the_bound),
        TEST(test_lines_over_slots_have_epochs_and_adoptions),
        TEST(test_what_harms_stands_first),
        TEST(test_changes_of_single_runs_are_drawn),
        TEST(test_history_tells_the_greatest_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
