#include "report/comparison_json.h"

#include <string.h>

#include "json/tree.h"
#include "report/builders.h"
#include "report/comparison_document.h"
#include "report/field_tables.h"
#include "report/schema_check_test.h"
#include "study/sample_runs_test.h"
#include "support/near.h"

/* --- A comparison with something of everything -------------------------------------------------- */

struct sample {
    struct run_set base, variant;
    struct comparison comparison;
    struct buffer text;
};

static void give_battles(struct run_set *set, double count)
{
    for (size_t i = 0; i < set->count; i++) {
        set->runs[i].values[0].mean = count / 1000;
        set->runs[i].counts[0] =
            (struct run_count){ "cdfBlockBattle", "battles", "blocks", count, 1000 };
        set->runs[i].counts[1] =
            (struct run_count){ "missedSlots", "missed slots", "slots", 0, 99 };
        set->runs[i].count_count = 2;
    }
}

static void sample_begin(struct sample *s, size_t runs, struct comparison_options options)
{
    const struct metric_info *metrics[] = {
        sample_metric(SECTION_CONTROL, "cdfBlockBattle"),
        sample_metric(SECTION_ENDTOEND, "cdf0.96"),
        sample_metric(SECTION_MACHPERF, "CentiCpu"),
        sample_metric(SECTION_MACHPERF, "FsRd"),
        sample_metric(SECTION_SUMMARY, "tps"),
    };
    const struct run_set *variants[] = { &s->variant };
    struct ou_error err = { "" };

    sample_runs(&s->base, "old", runs, metrics, 5);
    sample_runs(&s->variant, "new", runs, metrics, 5);
    for (size_t i = 0; i < runs; i++) {
        double wave = (double)(i % 3) / 1000;

        s->base.runs[i].values[1].mean = 1 + wave;
        s->variant.runs[i].values[1].mean = 1.1 + wave;
        s->base.runs[i].values[2].mean = 50 * (1 + wave);
        s->variant.runs[i].values[2].mean = 40 * (1 + wave);
        s->base.runs[i].values[3].mean = s->variant.runs[i].values[3].mean = 0;
        s->base.runs[i].values[4].mean = s->variant.runs[i].values[4].mean = 12;
    }
    give_battles(&s->base, 3);
    give_battles(&s->variant, 0);
    if (comparison_compute(&s->base, variants, 1, &options, &s->comparison, &err))
        fail_msg("%s", err.text);
    buffer_init(&s->text, allocator_libc(), 1 << 22);
}

static void sample_end(struct sample *s)
{
    buffer_release(&s->text);
    comparison_release(&s->comparison);
    run_set_release(&s->base);
    run_set_release(&s->variant);
}

/* --- The file ----------------------------------------------------------------------------------- */

static void test_the_file_follows_its_schema(void **state)
{
    struct comparison_options options = COMPARISON_DEFAULTS;
    struct ou_error err = { "" };
    json_t *schema = NULL, *file = NULL;

    (void)state;
    if (json_tree_load("docs/formats/comparison.schema.json", 1 << 20, &schema, &err))
        fail_msg("%s", err.text);
    for (size_t runs = 1; runs <= 5; runs += 2) {
        struct schema_check check = { .root = schema };
        struct sample s;

        options.adjustment = runs == 3 ? ADJUST_BH : ADJUST_HOLM;
        sample_begin(&s, runs, options);
        comparison_json(&s.comparison, &s.text);
        assert_int_equal(
            json_tree_parse((struct span){ s.text.at, s.text.len }, "comparison.json", &file, &err),
            OU_OK);
        if (!schema_holds(&check, schema, file, ""))
            fail_msg("%zu runs: %s", runs, check.problem);
        json_decref(file);
        sample_end(&s);
    }
    json_decref(schema);
}

static json_t *metric_in(json_t *file, const char *section, const char *id)
{
    json_t *variant = json_array_get(json_object_get(file, "variants"), 0);

    return json_object_get(json_object_get(json_object_get(variant, "metrics"), section), id);
}

static void test_the_file_says_what_was_computed(void **state)
{
    struct sample s;
    struct ou_error err = { "" };
    json_t *file = NULL, *cpu, *adoption;

    (void)state;
    sample_begin(&s, 5, COMPARISON_DEFAULTS);
    comparison_json(&s.comparison, &s.text);
    assert_int_equal(
        json_tree_parse((struct span){ s.text.at, s.text.len }, "comparison.json", &file, &err),
        OU_OK);
    cpu = metric_in(file, "machperf", "CentiCpu");
    adoption = metric_in(file, "endtoend", "cdf0.96");
    assert_string_equal(json_string_value(json_object_get(cpu, "verdict")), "improvement");
    assert_string_equal(json_string_value(json_object_get(adoption, "verdict")), "regression");
    assert_near(json_number_value(json_object_get(cpu, "deltaPercent")), -20, 1e-9);
    assert_string_equal(
        json_string_value(json_object_get(metric_in(file, "summary", "tps"), "verdict")),
        "not judged");
    /* Nothing is missing where nothing could be computed: null, not 0. */
    assert_true(json_is_null(json_object_get(cpu, "kolmogorovSmirnov")));
    assert_true(json_is_null(json_object_get(metric_in(file, "machperf", "FsRd"), "deltaPercent")));
    assert_non_null(metric_in(file, "control", "missedSlots"));
    json_decref(file);
    sample_end(&s);
}

/* --- The document -------------------------------------------------------------------------------- */

static void test_the_most_harmful_stands_first_and_what_is_only_described_nowhere(void **state)
{
    const struct metric_comparison **list;
    struct document d;
    struct sample s;
    size_t n;

    (void)state;
    sample_begin(&s, 5, COMPARISON_DEFAULTS);
    document_init(&d);
    list = metrics_by_harm(&d, &s.comparison.sides[0], &n);
    assert_int_equal(n, 5);
    assert_string_equal(list[0]->info->id, "cdf0.96");
    assert_int_equal(list[n - 1]->verdict, VERDICT_IMPROVEMENT);
    for (size_t i = 0; i < n; i++)
        assert_string_not_equal(list[i]->info->id, "tps");
    document_release(&d);
    sample_end(&s);
}

/* Whole rows: a cell too many or too few would show. */
static size_t rows_of(const struct document *d, const char *id)
{
    for (const struct doc_block *b = d->first; b; b = b->next)
        if (b->kind == DOC_TABLE && strcmp(b->table->id, id) == 0)
            return b->table->row_count;
    fail_msg("no table %s", id);
    return 0;
}

static void test_the_answer_is_one_sentence(void **state)
{
    enum doc_tone tone;
    struct document d;
    struct sample s;

    (void)state;
    sample_begin(&s, 5, COMPARISON_DEFAULTS);
    document_init(&d);
    document_of_comparison(&s.comparison, &d);
    assert_int_equal(document_status(&d, NULL), OU_OK);
    assert_string_equal(d.title, "new against old");
    assert_non_null(strstr(d.verdict, "Regression: 1 of 5 metrics of new is worse "
                                      "(96 % adoption +10.0 %)"));
    assert_int_equal(d.verdict_tone, TONE_BAD);
    assert_int_equal(rows_of(&d, "verdicts-1"), 5);
    assert_int_equal(rows_of(&d, "field-resources"), 3);
    document_release(&d);
    sample_end(&s);
    sample_begin(&s, 1, COMPARISON_DEFAULTS);
    document_init(&d);
    assert_non_null(strstr(side_sentence(&d, &s.comparison.sides[0], &tone), "No verdict on new"));
    assert_int_equal(tone, TONE_UNSURE);
    document_release(&d);
    sample_end(&s);
}

/* --- Numbers as published ------------------------------------------------------------------------ */

static void assert_value(enum metric_section section, const char *id, double value,
                         const char *want)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), 64);
    field_value(&text, sample_metric(section, id), value);
    assert_string_equal(buffer_string(&text), want);
    buffer_release(&text);
}

/* As the reports of 10.6.2 and 10.7.1 print them. */
static void test_values_are_rounded_as_published_ones_are(void **state)
{
    (void)state;
    assert_value(SECTION_FORGER, "cdfForgerBlkCtx", 7.3e-5, "7.3e-5");
    assert_value(SECTION_FORGER, "cdfForgerBlkCtx", 7e-5, "7.0e-5");
    assert_value(SECTION_FORGER, "cdfForgerStart", .000900, "0.0009");
    assert_value(SECTION_FORGER, "cdfForgerStart", 1e-6, "0.0");
    assert_value(SECTION_ENDTOEND, "cdf1.00", 1.015241, "1.01524");
    assert_value(SECTION_MACHPERF, "CentiCpu", 2.79074, "2.7907");
    assert_value(SECTION_MACHPERF, "Alloc", 23.0494, "23.049");
    assert_value(SECTION_MACHPERF, "FsWr", 236.731, "236.73");
    assert_value(SECTION_MACHPERF, "RSS", 6977.21, "6977.2");
    assert_value(SECTION_CONTROL, "cdfBlockSize", 88945.3, "88945");
    assert_value(SECTION_MACHPERF, "FsRd", 0, "0.0");
    assert_value(SECTION_PEERS, "cdfPeerAnnounce", -.00123, "-0.00123");
    assert_value(SECTION_MACHPERF, "RSS", NAN, "-");
}

static void assert_percent(double base, double variant, const char *want)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), 64);
    field_percent(&text, base, variant);
    assert_string_equal(buffer_string(&text), want);
    buffer_release(&text);
}

/* The worked examples of differences between published values, from exact values. */
static void test_percentages_come_from_exact_values(void **state)
{
    (void)state;
    assert_percent(.00057, 1e-5, "-98");
    assert_percent(.0466, .06218, "33");
    assert_percent(.00111, 0, "-100");
    assert_percent(0, .04981, "?");
    assert_percent(86817, 86791, "0.0");
    assert_percent(.93103, 1.0161, "9");
    assert_percent(100, 100.4, "0.4");
    assert_percent(5, 5, "0");
    assert_percent(NAN, 5, "-");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_file_follows_its_schema),
        cmocka_unit_test(test_the_file_says_what_was_computed),
        cmocka_unit_test(test_the_most_harmful_stands_first_and_what_is_only_described_nowhere),
        cmocka_unit_test(test_the_answer_is_one_sentence),
        cmocka_unit_test(test_values_are_rounded_as_published_ones_are),
        cmocka_unit_test(test_percentages_come_from_exact_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
