/* What a history's document says; how documents are written is tested elsewhere. */
#include "report/builders.h"
#include "study/sample_runs_test.h"

struct world {
    struct run_set set;
    struct history h;
    struct document d;
};

static const double drop[] = { 6, 6.1, 5.9, 6.05, 5.95, 3, 3.05, 2.95 };
static const double level[] = { 10, 11, 10, 11, 10, 11, 10, 11 };

/* Eight runs of CPU, which drops at the sixth, and of resident memory, which does not. */
static void begin(struct world *w)
{
    const struct metric_info *const infos[] = { sample_metric(SECTION_MACHPERF, "CentiCpu"),
                                                sample_metric(SECTION_MACHPERF, "RSS") };

    memset(w, 0, sizeof *w);
    sample_runs(&w->set, "run", 8, infos, 2);
    for (size_t i = 0; i < 8; i++) {
        w->set.runs[i].started_ns =
            (INT64_C(1767225600) + (int64_t)i * 86400) * NS_PER_SECOND; /* 2026-01-01 and on */
        w->set.runs[i].values[0].mean = drop[i];
        w->set.runs[i].values[1].mean = level[i];
    }
}

static void build(struct world *w)
{
    const struct history_options o = HISTORY_DEFAULTS;
    struct ou_error err = { "" };

    if (history_compute(&w->set, NULL, 0, &o, &w->h, &err))
        fail_msg("%s", err.text);
    document_init(&w->d);
    document_of_history(&w->h, &w->d);
    assert_int_equal(document_status(&w->d, &err), OU_OK);
}

static void end(struct world *w)
{
    document_release(&w->d);
    history_release(&w->h);
    run_set_release(&w->set);
}

static const struct doc_table *table(const struct world *w, const char *id)
{
    for (const struct doc_block *b = w->d.first; b; b = b->next)
        if (b->kind == DOC_TABLE && strcmp(b->table->id, id) == 0)
            return b->table;
    return NULL;
}

static const struct doc_cell *cell(const struct doc_table *t, size_t row, const char *column)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (strcmp(t->columns[i].id, column) == 0)
            return &t->cells[row * t->column_count + i];
    fail_msg("%s has no column %s", t->id, column);
    return NULL;
}

static size_t count_figures(const struct world *w)
{
    size_t n = 0;

    for (const struct doc_block *b = w->d.first; b; b = b->next)
        n += b->kind == DOC_FIGURE;
    return n;
}

static void test_the_answer_comes_first(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    build(&w);
    assert_string_equal(w.d.title, "History of 2 metrics");
    assert_string_equal(w.d.subtitle,
                        "8 runs, from run-1 (2026-01-01) to run-8 (2026-01-08), by time");
    assert_string_equal(
        w.d.verdict,
        "1 of 2 series change their level; the last time at run-6 (2026-01-06): CPU -50.0 %.");
    end(&w);
}

/* A release has a run of each workload, and they are called alike. */
static void test_each_change_of_a_release_has_its_own_day(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    for (size_t i = 0; i < 8; i++)
        w.set.runs[i].values[1].mean = i < 4 ? 20 + (double)(i % 2) : level[i];
    w.set.runs[4].title = w.set.runs[5].title = "2.0";
    build(&w);
    assert_string_equal(w.d.verdict,
                        "2 of 2 series change their level; the last time at 2.0: resident memory "
                        "-48.8 % (2026-01-05); CPU -50.0 % (2026-01-06).");
    end(&w);
}

static void test_a_change_is_a_row_with_both_levels(void **state)
{
    struct world w;
    const struct doc_table *t;

    (void)state;
    begin(&w);
    build(&w);
    t = table(&w, "changes-of-level");
    assert_non_null(t);
    assert_int_equal(t->row_count, 1);
    assert_string_equal(cell(t, 0, "run")->text, "run-6");
    assert_string_equal(cell(t, 0, "start")->text, "2026-01-06");
    assert_true(fabs(cell(t, 0, "before")->number - 6) < 1e-12);
    assert_true(fabs(cell(t, 0, "after")->number - 3) < 1e-12);
    assert_true(fabs(cell(t, 0, "changePercent")->number + 50) < 1e-9);
    assert_int_equal(cell(t, 0, "changePercent")->tone, TONE_GOOD); /* less is better */
    assert_true(cell(t, 0, "pAdjusted")->number < 1e-3);
    end(&w);
}

static void test_every_series_has_its_levels_and_its_figure(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    build(&w);
    assert_int_equal(table(&w, "levels-machperf-centicpu")->row_count, 2);
    assert_int_equal(table(&w, "levels-machperf-rss")->row_count, 1);
    assert_int_equal(table(&w, "levels-today")->row_count, 2);
    assert_int_equal(table(&w, "last-values")->row_count, 2);
    assert_int_equal(count_figures(&w), 2);
    end(&w);
}

static void test_what_runs_of_a_series_do_not_share_is_said_before(void **state)
{
    struct run_fact slow = { "workload", "tps", "0.85" }, fast = { "workload", "tps", "12" };
    struct world w;

    (void)state;
    begin(&w);
    for (size_t i = 0; i < 8; i++) {
        w.set.runs[i].facts = i < 3 ? &fast : &slow;
        w.set.runs[i].fact_count = 1;
    }
    build(&w);
    assert_int_equal(w.d.first->kind, DOC_NOTICE);
    assert_non_null(strstr(w.d.first->text, "workload tps (12, 0.85)"));
    end(&w);
}

static void test_an_unusual_last_value_is_named_for_what_it_is(void **state)
{
    struct world w;
    const struct doc_table *t;

    (void)state;
    begin(&w);
    w.set.runs[7].values[1].mean = 20; /* one run is no level */
    build(&w);
    assert_int_equal(table(&w, "levels-machperf-rss")->row_count, 1);
    t = table(&w, "last-values");
    assert_string_equal(cell(t, 0, "word")->text, "as expected");
    assert_string_equal(cell(t, 1, "word")->text, "unusual");
    assert_non_null(strstr(w.d.verdict, " 1 last value is unusual."));
    end(&w);
}

static void test_what_is_not_found_is_said_so(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    for (size_t i = 0; i < 8; i++)
        w.set.runs[i].values[0].mean = level[i];
    build(&w);
    assert_string_equal(w.d.verdict, "No change of level was found in 2 series.");
    end(&w);
}

static void test_a_single_run_makes_a_document(void **state)
{
    struct world w;

    (void)state;
    begin(&w);
    w.set.count = 1;
    build(&w);
    assert_string_equal(w.d.verdict, "Too few runs to look for changes of level: it takes 4.");
    assert_null(table(&w, "changes-of-level"));
    assert_int_equal(count_figures(&w), 0);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_answer_comes_first),
        cmocka_unit_test(test_each_change_of_a_release_has_its_own_day),
        cmocka_unit_test(test_a_change_is_a_row_with_both_levels),
        cmocka_unit_test(test_every_series_has_its_levels_and_its_figure),
        cmocka_unit_test(test_what_runs_of_a_series_do_not_share_is_said_before),
        cmocka_unit_test(test_an_unusual_last_value_is_named_for_what_it_is),
        cmocka_unit_test(test_what_is_not_found_is_said_so),
        cmocka_unit_test(test_a_single_run_makes_a_document),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
