#include "study/read_runs.h"

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyse/dictionary.h"
#include "base/buffer.h"
#include "base/time.h"
#include "study/sample_analysis_test.h"
#include "support/files.h"
#include "support/near.h"

struct place {
    struct temp_dir dir;
    struct run_set set;
};

static void begin(struct place *p)
{
    temp_dir_make(&p->dir);
    run_set_init(&p->set);
}

static void end(struct place *p)
{
    run_set_release(&p->set);
    temp_dir_remove(&p->dir);
}

static void add(struct place *p, const char *operand)
{
    struct ou_error err = { 0 };

    if (run_set_add(&p->set, operand, &err))
        fail_msg("%s", err.text);
}

static void refused(struct place *p, const char *operand, enum ou_status status, const char *why)
{
    struct ou_error err = { 0 };
    size_t before = p->set.count;

    assert_int_equal(run_set_add(&p->set, operand, &err), status);
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
    assert_int_equal(p->set.count, before);
}

/* The sample with its first `from` replaced. */
static char *changed(const char *from, const char *to)
{
    const char *at = strstr(SAMPLE_ANALYSIS, from);
    char *text;

    assert_non_null(at);
    assert_true(asprintf(&text, "%.*s%s%s", (int)(at - SAMPLE_ANALYSIS), SAMPLE_ANALYSIS, to,
                         at + strlen(from)) > 0);
    return text;
}

/* --- What an analysis tells --------------------------------------------------------------- */

static void test_an_analysis_is_read_with_all_it_tells(void **state)
{
    struct place p;
    const struct finished_run *run;
    char start[TIME_ISO_ROOM];

    (void)state;
    begin(&p);
    add(&p, temp_file(&p.dir, "analysis.json", SAMPLE_ANALYSIS));
    assert_int_equal(p.set.count, 1);
    run = &p.set.runs[0];
    assert_string_equal(run->title, "v1");
    assert_string_equal(run->node_version, "0.1.0");
    assert_string_equal(run->machine, "x86_64, 2 cores");
    assert_string_equal(run->design.series, "s");
    assert_int_equal(run->design.block, 2);
    assert_int_equal(run->design.position, 1);
    time_format_iso(run->started_ns, start);
    assert_string_equal(start, "2026-11-22T14:43:12Z");
    assert_int_equal(run->errors, 1);
    assert_string_equal(run->finding_texts[0], "three");
    assert_string_equal(run->finding_texts[1], "one");
    assert_true(run->coarse_stamps);
    assert_string_equal(run_fact_find(run, "genesis", "epochLength"), "600");
    assert_string_equal(run_fact_find(run, "genesis", "activeSlotsCoeff"), "0.05");
    assert_string_equal(run_fact_find(run, "hosts", "names"), "a, b");
    assert_string_equal(run_fact_find(run, "workload", "tps"), "15");
    assert_null(run_fact_find(run, "workload", "utxo"));
    assert_int_equal(strlen(run->checksum), 32);
    end(&p);
}

static void test_metrics_are_numbers_texts_distributions_or_absent(void **state)
{
    struct place p;
    const struct run_value *v;

    (void)state;
    begin(&p);
    add(&p, temp_file(&p.dir, "analysis.json", SAMPLE_ANALYSIS));
    v = run_value_find(&p.set.runs[0], SECTION_ENDTOEND, "cdf0.50");
    assert_int_equal(v->kind, RUN_VALUE_DISTRIBUTION);
    assert_near(v->mean, 1.5, 0);
    assert_near(v->quantiles[STANDARD_QUANTILES - 2], .9999, 0);
    v = run_value_find(&p.set.runs[0], SECTION_MACHPERF, "RSS");
    assert_int_equal(v->kind, RUN_VALUE_ABSENT);
    assert_string_equal(v->absent_reason, "not told");
    assert_true(isnan(v->mean));
    v = run_value_find(&p.set.runs[0], SECTION_SUMMARY, "era");
    assert_string_equal(v->text, "conway");
    v = run_value_find(&p.set.runs[0], SECTION_SUMMARY, "tps");
    assert_int_equal(v->kind, RUN_VALUE_NUMBER);
    assert_near(v->mean, 15, 0);
    assert_null(run_value_find(&p.set.runs[0], SECTION_MACHPERF, "Heap"));
    end(&p);
}

static void test_hosts_are_known_by_their_place(void **state)
{
    struct place p;
    const struct run_value *v;

    (void)state;
    begin(&p);
    add(&p, temp_file(&p.dir, "analysis.json", SAMPLE_ANALYSIS));
    v = run_value_find(&p.set.runs[0], SECTION_MACHPERF, "CentiCpu");
    assert_int_equal(v->host_count, 2);
    assert_string_equal(p.set.runs[0].hosts[v->hosts[0].host], "b");
    assert_near(v->hosts[0].mean, 5, 0);
    assert_near(v->hosts[1].mean, 3, 0);
    assert_near(v->hosts[1].sd, .5, 0);
    end(&p);
}

static void test_accepted_blocks_have_their_values_in_order(void **state)
{
    struct place p;
    const struct finished_run *run;
    const struct run_value *v;

    (void)state;
    begin(&p);
    add(&p, temp_file(&p.dir, "analysis.json", SAMPLE_ANALYSIS));
    run = &p.set.runs[0];
    assert_int_equal(run->block_count, 2);
    assert_int_equal(run->blocks[1].slot, 30);
    assert_string_equal(run->blocks[0].forger, "a");
    assert_null(run->blocks[1].forger);
    v = run_value_find(run, SECTION_ENDTOEND, "cdf0.50");
    assert_near(v->blocks[0], 1, 0);
    assert_true(isnan(v->blocks[1]));
    end(&p);
}

static void test_rare_events_are_counts_in_an_exposure(void **state)
{
    static const struct {
        const char *id;
        double count, exposure;
    } wanted[] = { { "cdfBlockBattle", 1, 2 }, { "missedSlots", 3, 100 }, { "lostBlocks", 1, 4 } };
    struct place p;

    (void)state;
    begin(&p);
    add(&p, temp_file(&p.dir, "analysis.json", SAMPLE_ANALYSIS));
    assert_int_equal(p.set.runs[0].count_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(p.set.runs[0].counts[i].id, wanted[i].id);
        assert_near(p.set.runs[0].counts[i].count, wanted[i].count, 0);
        assert_near(p.set.runs[0].counts[i].exposure, wanted[i].exposure, 0);
    }
    end(&p);
}

static void test_lines_and_curves_are_read(void **state)
{
    struct place p;
    const struct finished_run *run;

    (void)state;
    begin(&p);
    add(&p, temp_file(&p.dir, "analysis.json", SAMPLE_ANALYSIS));
    run = &p.set.runs[0];
    assert_int_equal(run->timeline.line_count, 1);
    assert_int_equal(run->timeline.bins, 2);
    assert_near(run->timeline.lines[0].bins[0].max, 2, 0);
    assert_true(isnan(run->timeline.lines[0].bins[1].mean));
    assert_int_equal(run->arrival_count, 2);
    assert_near(run->arrival[1].p50, 3, 0);
    assert_near(run->arrival[1].bound, .5, 0);
    assert_near(run->bound_efficiency, .2, 0);
    end(&p);
}

/* --- Where it is ------------------------------------------------------------------------------ */

static void write_packed(const char *path, int filter)
{
    struct archive *a = archive_write_new();
    struct archive_entry *entry = archive_entry_new();

    assert_int_equal(archive_write_add_filter(a, filter), ARCHIVE_OK);
    archive_write_set_format_raw(a);
    assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
    archive_entry_set_filetype(entry, AE_IFREG);
    assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
    archive_write_data(a, SAMPLE_ANALYSIS, strlen(SAMPLE_ANALYSIS));
    archive_entry_free(entry);
    archive_write_free(a);
}

static void test_packed_files_are_the_same_run(void **state)
{
    struct place p;

    (void)state;
    begin(&p);
    add(&p, temp_file(&p.dir, "analysis.json", SAMPLE_ANALYSIS));
    write_packed(temp_path(&p.dir, "analysis.json.gz"), ARCHIVE_FILTER_GZIP);
    add(&p, temp_path(&p.dir, "analysis.json.gz"));
    write_packed(temp_path(&p.dir, "analysis.json.zst"), ARCHIVE_FILTER_ZSTD);
    add(&p, temp_path(&p.dir, "analysis.json.zst"));
    assert_int_equal(p.set.count, 3);
    for (size_t i = 1; i < 3; i++)
        assert_string_equal(p.set.runs[i].checksum, p.set.runs[0].checksum);
    end(&p);
}

static void test_a_run_directory_stands_for_its_analysis(void **state)
{
    struct place p;

    (void)state;
    begin(&p);
    assert_int_equal(mkdir(temp_path(&p.dir, "run"), 0700), 0);
    refused(&p, temp_path(&p.dir, "run"), OU_NOT_FOUND, "`ouroscope analyse ");
    assert_int_equal(mkdir(temp_path(&p.dir, "run/analysis"), 0700), 0);
    temp_file(&p.dir, "run/analysis/analysis.json", SAMPLE_ANALYSIS);
    add(&p, temp_path(&p.dir, "run"));
    assert_int_equal(p.set.count, 1);
    end(&p);
}

static void test_a_mistyped_name_gets_a_hint(void **state)
{
    struct place p;

    (void)state;
    begin(&p);
    temp_file(&p.dir, "baseline.json", SAMPLE_ANALYSIS);
    refused(&p, temp_path(&p.dir, "baselin.json"), OU_NOT_FOUND, "baseline.json meant?");
    refused(&p, temp_path(&p.dir, "else/where.json"), OU_NOT_FOUND, "wanted is a run directory");
    end(&p);
}

/* --- What is refused ------------------------------------------------------------------------------ */

static void test_what_is_no_analysis_is_refused_with_the_place(void **state)
{
    static const struct {
        const char *from, *to, *why;
    } cases[] = {
        { "{\"schema\": 1", "[", "" },
        { "\"schema\": 1", "\"schema\": 9", "schema 9; this version reads 1" },
        { "\"metrics\"", "\"metriks\"", "no schema and metrics" },
        { "\"mean\": 1.5", "\"mean\": \"fast\"", "metrics.endtoend.cdf0.50.mean is no number" },
        { "[0.99,0.99],", "", "has 28 quantiles" },
        { "[0.99,0.99]", "[0.98,0.99]", "quantile 19 is not [0.99, a number]" },
        { "\"a\": [4, 3, 0.5]", "\"z\": [4, 3, 0.5]", "host 'z' is not one of the run's" },
        { "\"a\": [4, 3, 0.5]", "\"a\": [4]", "is not [n, mean, sd]" },
        { "\"values\": [1, 7]", "\"values\": [1]", "chain.blocks[0].values has 1 numbers, not 2" },
        { "\"values\": [1, 7]", "\"values\": [\"x\", 7]", "values[0] is no number" },
        { "\"2026-11-22T14:43:12Z\"", "\"soon\"", "genesis.systemStart is no time" },
        { "\"host\": \"a\"", "\"host\": \"b\"", "hosts[1] has no name of its own" },
        { "\"mean\": [1, null]", "\"mean\": [1]", "CentiCpu has not 2 values" },
        { "[0.5, 1, 2, 3]", "[0.5]", "arrival.curve[0] is not [share" },
        { "\"ident\": \"v1\"", "\"ident\": 1", "run.ident is no text" },
        { "{\"value\": 15}", "15", "metrics.summary.tps is no object" },
    };
    struct place p;

    (void)state;
    begin(&p);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = changed(cases[i].from, cases[i].to);

        refused(&p, temp_file(&p.dir, "bad.json", text), OU_INVALID, cases[i].why);
        free(text);
    }
    refused(&p, temp_file(&p.dir, "bad.txt", "hello"), OU_INVALID, "neither an analysis");
    refused(&p, temp_file(&p.dir, "empty.json", ""), OU_INVALID, "neither an analysis");
    end(&p);
}

/* An analysis of nothing but a list, or two lists, of so many items; the caller frees it. */
static char *with_items(const char *before, size_t n, const char *between, size_t m,
                        const char *item, const char *behind)
{
    struct buffer b;
    char *text;

    buffer_init(&b, allocator_libc(), 1 << 20);
    buffer_printf(&b, "{\"schema\": 1, \"metrics\": {}, %s", before);
    for (size_t i = 0; i < n; i++)
        buffer_printf(&b, "%s%s", i ? "," : "", item);
    buffer_text(&b, between);
    for (size_t i = 0; i < m; i++)
        buffer_printf(&b, "%s%s", i ? "," : "", item);
    buffer_text(&b, behind);
    assert_int_equal(buffer_status(&b), OU_OK);
    text = strdup(buffer_string(&b));
    buffer_release(&b);
    assert_non_null(text);
    return text;
}

/* Room is taken by what a list says of itself: no list may say more than there can be. */
static void test_lists_longer_than_any_analysis_has_are_refused(void **state)
{
    static const char points[] = "arrival: a curve has more than 1000 points";
    const struct {
        size_t n, m;
        const char *before, *between, *item, *behind;
        enum ou_status status;
        const char *why;
    } cases[] = {
        { dictionary_count() + 1, 0, "\"chain\": {\"blockMetrics\": [", "], \"blocks\": [", "\"a\"",
          "]}}", OU_INVALID, "chain.blockMetrics names more metrics than there are" },
        { 1001, 0, "\"arrival\": {\"curve\": [", "], \"bound\": {\"curve\": [", "[0.5,1,2,3]",
          "]}}}", OU_TOO_LARGE, points },
        { 0, 1001, "\"arrival\": {\"curve\": [", "], \"bound\": {\"curve\": [", "[0.5,1]", "]}}}",
          OU_TOO_LARGE, points },
    };
    struct place p;

    (void)state;
    begin(&p);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = with_items(cases[i].before, cases[i].n, cases[i].between, cases[i].m,
                                cases[i].item, cases[i].behind);

        refused(&p, temp_file(&p.dir, "long.json", text), cases[i].status, cases[i].why);
        free(text);
    }
    end(&p);
}

/* A byte more than a results file may have: of a text only the length is looked at, so it needs no bytes. */
static void test_a_text_or_path_that_is_too_long_is_refused_before_it_is_read(void **state)
{
    char path[PATH_MAX + 1];
    struct ou_error err = { 0 };
    struct place p;

    (void)state;
    begin(&p);
    assert_int_equal(run_set_add_text(&p.set, (struct span){ "{", ANALYSIS_FILE_MAX + 1 },
                                      "sent.json", "sent", &err),
                     OU_TOO_LARGE);
    assert_string_equal(err.text, "sent.json: more than 64 MB: that is no results file");
    memset(path, 'a', PATH_MAX);
    path[PATH_MAX] = '\0';
    refused(&p, path, OU_NOT_FOUND, "a path of 4096 bytes is too long");
    path[PATH_MAX - 1] = '\0'; /* the longest that a system takes: there just is no such file */
    refused(&p, path, OU_NOT_FOUND, "there is no aaa");
    end(&p);
}

static void test_an_analysis_of_little_is_enough(void **state)
{
    struct place p;

    (void)state;
    begin(&p);
    add(&p, temp_file(&p.dir, "little.json", "{\"schema\": 1, \"metrics\": {}}"));
    assert_string_equal(p.set.runs[0].title, "little.json");
    assert_true(p.set.runs[0].started_ns == TIME_NONE);
    assert_int_equal(p.set.runs[0].count_count, 0);
    end(&p);
}

/* --- Sets ------------------------------------------------------------------------------------------- */

static void add_changed(struct place *p, const char *from, const char *to)
{
    char *text = changed(from, to);

    add(p, temp_file(&p->dir, "changed.json", text));
    free(text);
}

static void test_a_set_is_called_by_what_its_runs_have_in_common(void **state)
{
    struct place p;

    (void)state;
    begin(&p);
    add_changed(&p, "\"v1\"", "\"v1\"");
    add_changed(&p, "\"v1\"", "\"v1\"");
    run_set_name(&p.set, "base");
    assert_string_equal(p.set.label, "v1");
    assert_string_equal(p.set.runs[0].title, "v1");
    assert_string_equal(p.set.runs[1].title, "v1 #2");
    add_changed(&p, "\"v1\"", "\"v2\"");
    run_set_name(&p.set, "base");
    assert_string_equal(p.set.label, "0.1.0");
    add_changed(&p, "\"0.1.0\"", "\"0.2.0\"");
    p.set.runs[3].ident = "v3";
    run_set_name(&p.set, "base");
    assert_string_equal(p.set.label, "base");
    end(&p);
}

static void test_runs_are_sorted_by_start_those_without_one_last(void **state)
{
    struct place p;

    (void)state;
    begin(&p);
    add(&p, temp_file(&p.dir, "little.json", "{\"schema\": 1, \"metrics\": {}}"));
    add_changed(&p, "2026-11-22T14:43:12Z", "2026-11-22T15:00:00Z");
    add_changed(&p, "2026-11-22T14:43:12Z", "2026-11-22T14:00:00Z");
    run_set_sort(&p.set);
    assert_true(p.set.runs[0].started_ns < p.set.runs[1].started_ns);
    assert_string_equal(p.set.runs[2].title, "little.json");
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_analysis_is_read_with_all_it_tells),
        cmocka_unit_test(test_metrics_are_numbers_texts_distributions_or_absent),
        cmocka_unit_test(test_hosts_are_known_by_their_place),
        cmocka_unit_test(test_accepted_blocks_have_their_values_in_order),
        cmocka_unit_test(test_rare_events_are_counts_in_an_exposure),
        cmocka_unit_test(test_lines_and_curves_are_read),
        cmocka_unit_test(test_packed_files_are_the_same_run),
        cmocka_unit_test(test_a_run_directory_stands_for_its_analysis),
        cmocka_unit_test(test_a_mistyped_name_gets_a_hint),
        cmocka_unit_test(test_what_is_no_analysis_is_refused_with_the_place),
        cmocka_unit_test(test_lists_longer_than_any_analysis_has_are_refused),
        cmocka_unit_test(test_a_text_or_path_that_is_too_long_is_refused_before_it_is_read),
        cmocka_unit_test(test_an_analysis_of_little_is_enough),
        cmocka_unit_test(test_a_set_is_called_by_what_its_runs_have_in_common),
        cmocka_unit_test(test_runs_are_sorted_by_start_those_without_one_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
