#include "json/tree.h"
#include "report/builders.h"
#include "report/cell_words.h"
#include "report/document_writers.h"
#include "report/schema_check_test.h"
#include "report/sweep_document.h"
#include "report/sweep_json.h"
#include "study/sample_sweep_test.h"
#include "support/near.h"

static const struct sweep_study_options defaults = { 1 };

static void truth(const size_t *l, double *ret)
{
    ret[0] = 50 - 5 * (double)l[0] + (double)l[1];
    ret[1] = 1000;
    ret[2] = 1 - .05 * (double)l[1];
}

/* --- A sweep of nine settings, three blocks, one run given up ----------------------------------- */

struct sample {
    struct temp_dir dir;
    struct sweep_results results;
    struct document document;
    struct buffer text;
};

static void begin_asking(struct sample *s, size_t runs, const char *metrics)
{
    struct sample_sweep sweep = { .axes = 2,
                                  .levels = { 3, 3 },
                                  .repetitions = 3,
                                  .part = 1,
                                  .truth = truth,
                                  .noise = { .005, .005, .005 },
                                  .drift = .01,
                                  .seed = 3,
                                  .metrics = metrics };
    struct ou_error err = { 0 };

    temp_dir_make(&s->dir);
    sample_write(&sweep, &s->dir, runs);
    if (runs == 26)
        sample_write_event(&s->dir, 26, "given-up", "node-1 <b>died</b>");
    if (sweep_results_compute(s->dir.path, &defaults, &s->results, &err))
        fail_msg("%s", err.text);
    document_init(&s->document);
    document_of_sweep(&s->results, &s->document);
    assert_int_equal(document_status(&s->document, &err), OU_OK);
    buffer_init(&s->text, allocator_libc(), 1 << 24);
}

static void begin(struct sample *s, size_t runs)
{
    begin_asking(s, runs, "[\"CentiCpu\",\"cdf0.96\"]");
}

static void end(struct sample *s)
{
    buffer_release(&s->text);
    document_release(&s->document);
    sweep_results_release(&s->results);
    temp_dir_remove(&s->dir);
}

static const struct doc_block *block(const struct document *d, enum doc_block_kind kind,
                                     const char *id)
{
    for (const struct doc_block *b = d->first; b; b = b->next)
        if (b->kind == kind && strcmp(kind == DOC_TABLE ? b->table->id : b->figure->id, id) == 0)
            return b;
    return NULL;
}

static const struct doc_table *table(const struct document *d, const char *id)
{
    const struct doc_block *b = block(d, DOC_TABLE, id);

    if (!b)
        fail_msg("no table %s", id);
    return b->table;
}

static const struct doc_figure *figure(const struct document *d, const char *id)
{
    const struct doc_block *b = block(d, DOC_FIGURE, id);

    if (!b)
        fail_msg("no figure %s", id);
    return b->figure;
}

static const struct doc_cell *cell(const struct doc_table *t, size_t row, const char *column)
{
    for (size_t c = 0; c < t->column_count; c++)
        if (strcmp(t->columns[c].id, column) == 0)
            return &t->cells[row * t->column_count + c];
    fail_msg("no column %s", column);
    return NULL;
}

/* The runs of one setting have been given up. */
static void fail_setting(const struct sample_sweep *sweep, struct temp_dir *dir, size_t setting)
{
    size_t order[SAMPLE_POINTS_MAX];

    for (size_t run = 0; run < sweep->repetitions * sweep->point_count; run++) {
        sample_order(sweep, run / sweep->point_count, order);
        if (order[run % sweep->point_count] == setting)
            sample_write_event(dir, run, "given-up", "node-1 died");
    }
}

/* --- What it says ---------------------------------------------------------------------------------- */

static void test_the_answer_stands_first(void **state)
{
    struct sample s;

    (void)state;
    begin(&s, 27);
    assert_string_equal(s.document.title, "sample: sweep of ci-test");
    assert_string_equal(s.document.subtitle, "allocation area x cores: 9 settings (full grid), 3 "
                                             "repetitions, 27 of 27 runs");
    assert_string_equal(s.document.verdict,
                        "Take -A64m, cores 1: in CPU it is better than the base.");
    assert_int_equal(s.document.verdict_tone, TONE_GOOD);
    assert_int_equal(s.document.first->kind, DOC_PARAGRAPH);
    assert_string_equal(s.document.first->text, s.results.recommendation.why);
    assert_string_equal(cell(table(&s.document, "summary"), 0, "verdict")->text, "better");
    end(&s);
}

static void test_tables_have_each_setting(void **state)
{
    struct sample s;
    const struct doc_table *t;

    (void)state;
    begin(&s, 27);
    t = table(&s.document, "matrix");
    assert_int_equal(t->row_count, 9);
    assert_string_equal(cell(t, 0, "setting")->text, "-A4m, cores 1");
    assert_near(cell(t, 0, "mean1")->number, 50 * 1.01, .6);
    t = table(&s.document, "ranking-CentiCpu");
    assert_string_equal(cell(t, 0, "setting")->text, "-A64m, cores 1");
    assert_string_equal(cell(t, 0, "rank")->text, "1");
    t = table(&s.document, "effects");
    assert_int_equal(t->row_count, 2 * 3); /* of each metric: two axes, and both together */
    end(&s);
}

static void test_each_metric_has_a_row_of_its_own(void **state)
{
    const struct doc_table *others, *asked;
    struct document d;
    struct sample s;

    (void)state;
    begin_asking(&s, 27, "[\"CentiCpu\"]");
    for (size_t i = 0; i < s.results.metric_count; i++)
        s.results.metrics[i].is_judged = false; /* as areas and counts are */
    document_init(&d);
    document_of_sweep(&s.results, &d);
    others = table(&d, "other-metrics");
    assert_int_equal(others->row_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_non_null(cell(others, i, "metric")->metric);
        assert_int_equal(cell(others, i, "noise")->kind, DOC_NONE);
    }
    asked = table(&d, "summary");
    assert_int_equal(asked->cell_count, asked->column_count);
    document_release(&d);
    end(&s);
}

/* One setting with three runs, of another none: nothing is known of noise, and that is no matter of repetitions. */
static void test_what_keeps_noise_from_being_known_is_told(void **state)
{
    struct sample_sweep sweep = { .axes = 1,
                                  .levels = { 2 },
                                  .repetitions = 3,
                                  .part = 1,
                                  .truth = truth,
                                  .seed = 3,
                                  .metrics = "[\"CentiCpu\"]" };
    struct ou_error err = { 0 };
    struct sample s;

    (void)state;
    temp_dir_make(&s.dir);
    sample_write(&sweep, &s.dir, 6);
    fail_setting(&sweep, &s.dir, 1);
    assert_int_equal(sweep_results_compute(s.dir.path, &defaults, &s.results, &err), OU_OK);
    document_init(&s.document);
    document_of_sweep(&s.results, &s.document);
    buffer_init(&s.text, allocator_libc(), 1 << 24);
    document_to_markdown(&s.document, &s.text);
    assert_int_equal(s.results.all[0].run_count, 3);
    assert_null(strstr(buffer_string(&s.text), "one run at most"));
    assert_null(strstr(buffer_string(&s.text), "second repetition"));
    assert_non_null(strstr(buffer_string(&s.text), "results in the same two blocks"));
    end(&s);
}

static void test_figures_have_data_and_sentences(void **state)
{
    static const struct {
        const char *id;
        size_t rows;
    } drawn[] = {
        { "sweep-pareto", 9 },
        { "sweep-matrix", 9 * 3 },
        { "sweep-settings-machperf-centicpu", 9 },
        { "sweep-levels-machperf-centicpu", 6 },
        { "sweep-interactions-machperf-centicpu", 9 },
        { "sweep-drift", 6 },
    };
    struct sample s;

    (void)state;
    begin(&s, 27);
    for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++) {
        const struct doc_figure *f = figure(&s.document, drawn[i].id);
        struct span spec = span_of(f->spec);
        struct ou_error err = { 0 };
        json_t *tree = NULL;

        assert_int_equal(f->data.row_count, drawn[i].rows);
        assert_non_null(strstr(f->units, "n = 27 runs"));
        assert_int_equal(f->reading[strlen(f->reading) - 1], '.');
        assert_null(strchr(f->spec, '@')); /* no blank is left open */
        if (json_tree_parse(spec, f->id, &tree, &err))
            fail_msg("%s", err.text);
        json_decref(tree);
    }
    end(&s);
}

/* What is not told has no colour, however large it seems. */
static void test_only_what_is_told_is_coloured(void **state)
{
    const struct doc_table *cells;
    struct sample s;
    size_t told = 0;

    (void)state;
    begin(&s, 27);
    s.results.metrics[0].settings[0].change = CHANGE_INCONCLUSIVE;
    document_release(&s.document);
    document_init(&s.document);
    document_of_sweep(&s.results, &s.document);
    cells = &figure(&s.document, "sweep-matrix")->data;
    for (size_t i = 0; i < cells->row_count; i++) {
        bool open = strcmp(cell(cells, i, "verdict")->text, "not told") == 0;

        assert_int_equal(cell(cells, i, "told")->kind, open ? DOC_NONE : DOC_NUMBER);
        assert_true(open == (strstr(cell(cells, i, "label")->text, "?") != NULL));
        told += !open;
    }
    assert_true(told > 0 && told < cells->row_count);
    end(&s);
}

/* A base of 0 has no percents. An empty text would be drawn as "null". */
static void test_no_cell_is_empty(void **state)
{
    const struct doc_table *cells;
    struct sample s;
    struct sweep_metric *m;
    size_t dashes = 0;

    (void)state;
    begin(&s, 27);
    m = &s.results.metrics[0];
    m->settings[m->places[s.results.base]].mean = 0;
    document_release(&s.document);
    document_init(&s.document);
    document_of_sweep(&s.results, &s.document);
    cells = &figure(&s.document, "sweep-matrix")->data;
    for (size_t i = 0; i < cells->row_count; i++) {
        const char *label = cell(cells, i, "label")->text;

        assert_string_not_equal(label, "");
        dashes += strcmp(label, "–") == 0;
    }
    assert_int_equal(dashes, s.results.setting_count - 1);
    end(&s);
}

/* Adoption in seconds is read in the same unit everywhere; programs have seconds. */
static void test_tables_of_a_metric_have_one_unit(void **state)
{
    struct buffer words;
    struct sample s;
    const struct doc_table *t;

    (void)state;
    begin(&s, 27);
    for (size_t i = 0; i < s.results.setting_count; i++) {
        s.results.metrics[1].settings[i].mean *= .018;
        s.results.metrics[1].settings[i].interval = interval_none();
    }
    document_release(&s.document);
    document_init(&s.document);
    document_of_sweep(&s.results, &s.document);
    t = table(&s.document, "ranking-cdf0.96");
    assert_string_equal(t->columns[2].id, "mean");
    assert_string_equal(t->columns[2].unit, "s");
    assert_string_equal(t->columns[2].shown_unit, "ms");
    assert_near(cell(t, 0, "mean")->scale, 1000, 0);
    t = table(&s.document, "matrix");
    assert_string_equal(t->columns[4].shown_unit, "ms");
    buffer_init(&words, allocator_libc(), 1 << 10);
    cell_words(&words, cell(t, 0, "mean2"));
    assert_non_null(strstr(buffer_string(&words), "18."));
    document_to_csv(&s.document, &s.text);
    assert_non_null(strstr(buffer_string(&s.text), ",0.018"));
    buffer_release(&words);
    end(&s);
}

/* Words about colours and dots stand where there is a picture. */
static void test_text_without_pictures_has_no_captions_of_them(void **state)
{
    struct text_style style = { .width = 80, .utf8 = true };
    struct sample s;

    (void)state;
    begin(&s, 27);
    document_to_text(&s.document, &style, &s.text);
    assert_null(strstr(buffer_string(&s.text), "colours:"));
    assert_null(strstr(buffer_string(&s.text), "dotted"));
    buffer_clear(&s.text);
    document_to_html(&s.document, &s.text);
    assert_non_null(strstr(buffer_string(&s.text), "the dotted line is the base"));
    end(&s);
}

/* The results have changed. */
static void document_again(struct sample *s)
{
    document_release(&s->document);
    document_init(&s->document);
    document_of_sweep(&s->results, &s->document);
    buffer_clear(&s->text);
    document_to_markdown(&s->document, &s->text);
}

static void test_runs_that_were_not_alone_are_told(void **state)
{
    struct sample s;

    (void)state;
    begin(&s, 27);
    document_to_markdown(&s.document, &s.text);
    assert_null(strstr(buffer_string(&s.text), "not alone"));
    s.results.runs.runs[3].concurrent = 2;
    document_again(&s);
    assert_non_null(strstr(buffer_string(&s.text), "1 of 27 runs were not alone"));
    end(&s);
}

static void test_stamps_that_are_cut_in_some_settings_are_told(void **state)
{
    struct sample s;

    (void)state;
    begin(&s, 27);
    document_to_markdown(&s.document, &s.text);
    assert_null(strstr(buffer_string(&s.text), "are cut to steps"));
    for (size_t i = 0; i < s.results.all[1].run_count; i++)
        s.results.runs.runs[s.results.all[1].runs[i]].coarse_stamps = true;
    document_again(&s);
    assert_non_null(
        strstr(buffer_string(&s.text), document_text(&s.document, "Stamps of %s are cut to steps",
                                                     s.results.all[1].label)));
    for (size_t i = 0; i < s.results.runs.count; i++)
        s.results.runs.runs[i].coarse_stamps = true;
    document_again(&s);
    assert_null(strstr(buffer_string(&s.text), "are cut to steps"));
    end(&s);
}

static void test_failures_are_told_as_text(void **state)
{
    struct sample s;
    const struct doc_table *t;

    (void)state;
    begin(&s, 26);
    t = table(&s.document, "failures");
    assert_int_equal(t->row_count, 1);
    assert_string_equal(cell(t, 0, "cause")->text, "node-1 <b>died</b>");
    document_to_html(&s.document, &s.text);
    assert_null(strstr(buffer_string(&s.text), "<b>died</b>"));
    assert_non_null(strstr(buffer_string(&s.text), "1 of 27 runs gave no results"));
    end(&s);
}

static void test_a_sweep_without_runs_has_a_report(void **state)
{
    struct sample s;

    (void)state;
    begin(&s, 0);
    assert_string_equal(s.document.verdict, "The runs do not carry a recommendation.");
    document_to_markdown(&s.document, &s.text);
    assert_non_null(strstr(buffer_string(&s.text), "27 of 27 runs were not made yet"));
    end(&s);
}

static void test_one_run_a_setting_is_said_to_be_that(void **state)
{
    struct sample s;

    (void)state;
    begin(&s, 9);
    document_to_markdown(&s.document, &s.text);
    assert_non_null(strstr(buffer_string(&s.text), "what axes do together is taken for noise"));
    end(&s);
}

static void test_the_same_sweep_gives_the_same_bytes(void **state)
{
    struct sample s;
    struct buffer again;
    struct document d;

    (void)state;
    begin(&s, 27);
    document_to_html(&s.document, &s.text);
    document_init(&d);
    document_of_sweep(&s.results, &d);
    buffer_init(&again, allocator_libc(), 1 << 24);
    document_to_html(&d, &again);
    assert_string_equal(buffer_string(&s.text), buffer_string(&again));
    buffer_release(&again);
    document_release(&d);
    end(&s);
}

/* --- results.json ------------------------------------------------------------------------------------ */

static void test_the_file_follows_its_schema(void **state)
{
    static const size_t runs[] = { 27, 26, 13, 9, 1, 0 };
    struct ou_error err = { 0 };
    json_t *schema = NULL;

    (void)state;
    assert_int_equal(
        json_tree_load("docs/formats/sweep-results.schema.json", 1 << 20, &schema, &err), OU_OK);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct schema_check check = { schema, "" };
        struct sample s;
        json_t *file = NULL;

        begin(&s, runs[i]);
        sweep_json(&s.results, &s.text);
        if (json_tree_parse((struct span){ buffer_string(&s.text), s.text.len }, "results.json",
                            &file, &err))
            fail_msg("%s", err.text);
        if (!schema_holds(&check, schema, file, "results"))
            fail_msg("of %zu runs: %s", runs[i], check.problem);
        json_decref(file);
        end(&s);
    }
    json_decref(schema);
}

/* --- Resources, spread, messages ---------------------------------------------------------------- */

/* Four blocks of three settings; the last one is silent. */
static void begin_traced(struct sample *s)
{
    static const struct sample_traces traces = { .silent = 2,
                                                 .messages = { 1100, 2100, 100 },
                                                 .cpu_s = { 3, 4, 2 },
                                                 .cpu_more_s = { .1, .2, 0 },
                                                 .dropped = 3 };
    struct sample_sweep sweep = { .axes = 1,
                                  .levels = { 3 },
                                  .repetitions = 4,
                                  .part = 1,
                                  .truth = truth,
                                  .noise = { .005, .005, .005 },
                                  .seed = 3,
                                  .metrics = "[\"CentiCpu\",\"cdf0.96\"]",
                                  .traces = &traces };
    struct ou_error err = { 0 };

    temp_dir_make(&s->dir);
    sample_write(&sweep, &s->dir, 12);
    assert_int_equal(sweep_results_compute(s->dir.path, &defaults, &s->results, &err), OU_OK);
    document_init(&s->document);
    document_of_sweep(&s->results, &s->document);
    assert_int_equal(document_status(&s->document, &err), OU_OK);
    buffer_init(&s->text, allocator_libc(), 1 << 24);
}

static void test_resources_have_each_run_and_each_mean(void **state)
{
    struct sample s;
    const struct doc_figure *f;
    size_t runs = 0, means = 0;

    (void)state;
    begin_traced(&s);
    f = figure(&s.document, "sweep-resources");
    for (size_t i = 0; i < f->data.row_count; i++) {
        bool is_mean = strcmp(cell(&f->data, i, "what")->text, "mean") == 0;

        means += is_mean;
        runs += !is_mean;
        assert_int_equal(cell(&f->data, i, "cpuLow")->kind, is_mean ? DOC_NUMBER : DOC_NONE);
    }
    assert_int_equal(runs, 12);
    assert_int_equal(means, 3);
    assert_non_null(strstr(f->reading, "-A64m: "));
    assert_string_equal(cell(table(&s.document, "resources"), 0, "cpuVerdict")->text, "the base");
    assert_string_equal(cell(table(&s.document, "resources"), 1, "cpuVerdict")->text, "better");
    assert_int_equal(cell(table(&s.document, "resources"), 0, "memoryChange")->kind, DOC_NONE);
    end(&s);
}

static void test_spread_is_told_only_where_both_methods_tell_it(void **state)
{
    struct setting_estimate e = { .setting = 1, .spread = { 9, { 1.5, 40 }, .01, .02 } };
    struct sample s;

    (void)state;
    begin_traced(&s);
    assert_string_equal(sweep_spread_verdict(&s.results, &e), "more");
    e.spread.p_robust = .2;
    assert_string_equal(sweep_spread_verdict(&s.results, &e), "more, if values are normal");
    e.spread.interval = (struct interval){ .02, .7 };
    assert_string_equal(sweep_spread_verdict(&s.results, &e), "less, if values are normal");
    e.spread = variance_ratio_none();
    assert_string_equal(sweep_spread_verdict(&s.results, &e), "not told");
    e.setting = s.results.base;
    assert_string_equal(sweep_spread_verdict(&s.results, &e), "the base");
    assert_int_equal(table(&s.document, "spread")->row_count, 2 * 3);
    end(&s);
}

static void test_messages_have_their_cost_and_losses(void **state)
{
    struct sample s;
    const struct doc_table *costs, *losses;

    (void)state;
    begin_traced(&s);
    costs = table(&s.document, "message-costs");
    losses = table(&s.document, "message-losses");
    assert_near(cell(costs, 0, "cost")->number, 1150, 1e-6);
    assert_string_equal(cell(costs, 0, "against")->text, "-A64m");
    assert_int_equal(cell(costs, 2, "cost")->kind, DOC_NONE);
    assert_int_equal(cell(costs, 2, "collectorCpu")->kind, DOC_NONE);
    assert_near(cell(losses, 0, "dropped")->number, 24, 0);
    assert_near(cell(losses, 2, "dropped")->number, 0, 0);
    assert_near(cell(losses, 0, "givenUp")->number, 20, 0);
    assert_int_equal(cell(losses, 2, "givenUp")->kind, DOC_NONE);
    assert_near(cell(losses, 0, "messages")->number, 4400, 1e-9);
    end(&s);
    begin(&s, 27); /* whose runs tell nothing of messages */
    assert_null(block(&s.document, DOC_TABLE, "message-costs"));
    end(&s);
}

static void test_a_metric_that_a_setting_cannot_tell_is_named(void **state)
{
    struct sample s;
    struct document d;
    struct buffer text;

    (void)state;
    begin(&s, 27);
    s.results.metrics[0].settings[s.results.metrics[0].places[4]].n = 0;
    document_init(&d);
    document_of_sweep(&s.results, &d);
    buffer_init(&text, allocator_libc(), 1 << 24);
    document_to_markdown(&d, &text);
    assert_non_null(strstr(buffer_string(&text), "CPU is not observable in -A16m, cores 2"));
    buffer_release(&text);
    document_release(&d);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resources_have_each_run_and_each_mean),
        cmocka_unit_test(test_spread_is_told_only_where_both_methods_tell_it),
        cmocka_unit_test(test_messages_have_their_cost_and_losses),
        cmocka_unit_test(test_a_metric_that_a_setting_cannot_tell_is_named),
        cmocka_unit_test(test_no_cell_is_empty),
        cmocka_unit_test(test_the_answer_stands_first),
        cmocka_unit_test(test_tables_have_each_setting),
        cmocka_unit_test(test_each_metric_has_a_row_of_its_own),
        cmocka_unit_test(test_what_keeps_noise_from_being_known_is_told),
        cmocka_unit_test(test_figures_have_data_and_sentences),
        cmocka_unit_test(test_only_what_is_told_is_coloured),
        cmocka_unit_test(test_tables_of_a_metric_have_one_unit),
        cmocka_unit_test(test_text_without_pictures_has_no_captions_of_them),
        cmocka_unit_test(test_runs_that_were_not_alone_are_told),
        cmocka_unit_test(test_stamps_that_are_cut_in_some_settings_are_told),
        cmocka_unit_test(test_failures_are_told_as_text),
        cmocka_unit_test(test_a_sweep_without_runs_has_a_report),
        cmocka_unit_test(test_one_run_a_setting_is_said_to_be_that),
        cmocka_unit_test(test_the_same_sweep_gives_the_same_bytes),
        cmocka_unit_test(test_the_file_follows_its_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
