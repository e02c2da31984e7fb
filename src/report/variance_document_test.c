#include "base/time.h"
#include "json/tree.h"
#include "report/builders.h"
#include "report/document_writers.h"
#include "report/schema_check_test.h"
#include "report/variance_org.h"
#include "study/read_runs.h"
#include "study/sample_analysis_test.h"
#include "study/variance_file.h"
#include "support/files.h"
#include "support/test.h"

/* Sets of the sample analysis, as often as is asked for, each with another mean of CPU. */
struct sample {
    struct temp_dir dir;
    struct run_set set;
    struct variance variance;
    struct document document;
    struct buffer text;
};

static void add_run(struct sample *s, size_t i)
{
    static const char old[] = "\"mean\": 4,";
    const char *at = strstr(SAMPLE_ANALYSIS, old);
    struct ou_error err = { 0 };
    char text[8192];

    snprintf(text, sizeof text, "%.*s\"mean\": %zu,%s", (int)(at - SAMPLE_ANALYSIS),
             SAMPLE_ANALYSIS, 100 + i, at + strlen(old));
    if (run_set_add(&s->set, temp_file(&s->dir, "analysis.json", text), &err))
        fail_msg("%s", err.text);
    s->set.runs[i].started_ns += (int64_t)i * NS_PER_SECOND; /* no run counts twice */
}

static void begin(struct sample *s, size_t runs, enum aspect aspect)
{
    struct variance_options options = VARIANCE_DEFAULTS;
    struct ou_error err = { 0 };

    options.aspect = aspect;
    options.resamples = 100;
    temp_dir_make(&s->dir);
    run_set_init(&s->set);
    for (size_t i = 0; i < runs; i++)
        add_run(s, i);
    run_set_name(&s->set, "base");
    if (variance_compute(&s->set, &options, &s->variance, &err))
        fail_msg("%s", err.text);
    document_init(&s->document);
    document_of_variance(&s->variance, &s->document);
    assert_int_equal(document_status(&s->document, &err), OU_OK);
    buffer_init(&s->text, allocator_libc(), 1 << 24);
}

static void end(struct sample *s)
{
    buffer_release(&s->text);
    document_release(&s->document);
    variance_release(&s->variance);
    run_set_release(&s->set);
    temp_dir_remove(&s->dir);
}

static void says(const struct sample *s, const char *what)
{
    if (!strstr(buffer_string(&s->text), what))
        fail_msg("the document does not say '%s'", what);
}

static const struct doc_table *table(const struct document *d, const char *id)
{
    for (const struct doc_block *b = d->first; b; b = b->next)
        if (b->kind == DOC_TABLE && strcmp(b->table->id, id) == 0)
            return b->table;
    return NULL;
}

static void test_the_file_follows_its_schema(void **state)
{
    struct ou_error err = { 0 };
    json_t *schema = NULL, *file = NULL;

    (void)state;
    if (json_tree_load("docs/formats/variance.schema.json", 1 << 20, &schema, &err))
        fail_msg("%s", err.text);
    for (size_t runs = 1; runs <= 7; runs += 3) {
        struct schema_check check = { .root = schema };
        struct sample s;

        begin(&s, runs, ASPECT_INTER_RUN);
        variance_file(&s.variance, &s.text);
        assert_int_equal(
            json_tree_parse((struct span){ s.text.at, s.text.len }, "variance.json", &file, &err),
            OU_OK);
        if (!schema_holds(&check, schema, file, ""))
            fail_msg("%zu runs: %s", runs, check.problem);
        json_decref(file);
        end(&s);
    }
    json_decref(schema);
}

static void test_the_document_has_the_columns_of_multi_run_tables(void **state)
{
    static const char *const ids[] = { "metric", "average", "cov",       "min", "max",
                                       "stddev", "range",   "precision", "size" };
    const struct doc_table *t;
    struct sample s;

    (void)state;
    begin(&s, 6, ASPECT_INTER_RUN);
    t = table(&s.document, "runs-machperf");
    assert_non_null(t);
    assert_int_equal(t->column_count, 9);
    for (size_t i = 0; i < 9; i++)
        assert_string_equal(t->columns[i].id, ids[i]);
    assert_true(t->cells[1].number == 102.5 && t->cells[8].number == 6);
    end(&s);
    begin(&s, 6, ASPECT_OVERALL);
    t = table(&s.document, "runs-machperf");
    assert_true(t->cells[3].number == 1 && t->cells[4].number == 9 && t->cells[8].number == 48);
    end(&s);
}

static void test_what_the_sample_shows_is_said(void **state)
{
    struct sample s;

    (void)state;
    begin(&s, 6, ASPECT_INTER_RUN);
    document_to_markdown(&s.document, &s.text);
    says(&s, "v1, variance: 6 runs");
    says(&s, "found errors in its data");
    says(&s, "Metrics that rise or fall from run to run"); /* 100, 101, ... 105 */
    says(&s, "Runs needed");
    end(&s);
    begin(&s, 1, ASPECT_INTER_RUN);
    document_to_markdown(&s.document, &s.text);
    says(&s, "This is one run");
    assert_null(strstr(buffer_string(&s.text), "Runs needed"));
    end(&s);
    begin(&s, 3, ASPECT_INTER_RUN);
    document_to_markdown(&s.document, &s.text);
    says(&s, "five are the least");
    says(&s, "fewer than six runs has no bounds");
    end(&s);
}

/* Drawn as the field's existing tool draws the run-to-run table of a metric. */
static void test_the_org_tables_have_the_layout_of_existing_tools(void **state)
{
    struct sample s;

    (void)state;
    begin(&s, 6, ASPECT_INTER_RUN);
    variance_org(&s.variance, &s.text);
    says(&s, "* Between runs, in the layout of existing tools\n");
    says(
        &s,
        "** Machine performance\n"
        "|---+----------------------+---------+--------+--------+--------+--------+--------+-----------+--------|\n"
        "| ! |               metric | average |    CoV |    min |    max | stddev |  range | precision |   size |\n"
        "|---+----------------------+---------+--------+--------+--------+--------+--------+-----------+--------|\n"
        "| # | Process CPU usage, % |   102.5 | .01825 |  100.0 |  105.0 | 1.8708 |   5.0  |      1.0  |   6.0  |\n"
        "|---+----------------------+---------+--------+--------+--------+--------+--------+-----------+--------|\n"
        "| _ |             nSamples |         |        |        |        |        |        |           |        |\n"
        "| # |                   6  |         |        |        |        |        |        |           |        |\n");
    end(&s);
}

static void test_the_same_runs_give_the_same_bytes(void **state)
{
    struct sample a, b;

    (void)state;
    begin(&a, 4, ASPECT_INTER_RUN);
    begin(&b, 4, ASPECT_INTER_RUN);
    variance_file(&a.variance, &a.text);
    variance_file(&b.variance, &b.text);
    assert_string_equal(buffer_string(&a.text), buffer_string(&b.text));
    end(&a);
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_file_follows_its_schema),
        cmocka_unit_test(test_the_document_has_the_columns_of_multi_run_tables),
        cmocka_unit_test(test_what_the_sample_shows_is_said),
        cmocka_unit_test(test_the_org_tables_have_the_layout_of_existing_tools),
        cmocka_unit_test(test_the_same_runs_give_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
