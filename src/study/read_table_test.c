#include "study/read_runs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/time.h"
#include "support/files.h"
#include "support/near.h"

#define HEAD "report\tworkload\tsection\tlabel\tunit\tmetric_id\trun\tvalue\n"
#define START(report, workload, run, date, time)                                                \
    report "\t" workload "\tsummary\tCluster system start date\t\t\t" run "\t" date "\n" report \
           "\t" workload "\tsummary\tCluster system start time\t\t\t" run "\t" time "\n"
#define SUMMARY(report, label, run, value) \
    report "\tvalue\tsummary\t" label "\t\t\t" run "\t" value "\n"
#define ADOPTION(report, workload, run, value) \
    report "\t" workload "\tendtoend\t0.50 adoption\ts\tcdf0.50\t" run "\t" value "\n"
#define BATTLES(report, run, value) \
    report "\tvalue\tcontrol\tHeight & slot battles\tblocks\tcdfBlockBattle\t" run "\t" value "\n"

/* Run B is the newer one of report 1 and the baseline of report 2, under another name there. */
static const char two_reports[] = HEAD START("r1", "value", "A", "2025-01-01", "10:00:00")
    START("r1", "value", "B", "2025-02-01", "10:00:00")
        START("r2", "value", "B-again", "2025-02-01", "10:00:00") START("r2", "value", "C",
                                                                        "2025-03-01", "10:00:00")
            START("r3", "plutus", "C", "2025-03-02", "10:00:00") ADOPTION("r1", "value", "A", "0.5")
                ADOPTION("r1", "value", "B", "0.61") ADOPTION("r2", "value", "B-again", "0.60")
                    ADOPTION("r2", "value", "C", "0.7") ADOPTION("r3", "plutus", "C", "0.3")
                        SUMMARY("r2", "Blocks analysed", "C", "2200") BATTLES("r2", "C", "0.00273")
                            SUMMARY("r2", "TPS", "C", "12.0") SUMMARY("r2", "Era", "C", "conway");

static double adoption(const struct finished_run *run)
{
    const struct run_value *v = run_value_find(run, SECTION_ENDTOEND, "cdf0.50");

    assert_non_null(v);
    return v->mean;
}

/* Reads TABLE or TABLE#SELECTOR; the caller releases the set. */
static enum ou_status read(const char *text, const char *selector, struct run_set *ret,
                           struct ou_error *err)
{
    struct temp_dir dir;
    char operand[512];
    enum ou_status status;

    temp_dir_make(&dir);
    snprintf(operand, sizeof operand, "%s%s%s", temp_file(&dir, "table.tsv", text),
             selector ? "#" : "", selector ? selector : "");
    run_set_init(ret);
    status = run_set_add(ret, operand, err);
    temp_dir_remove(&dir);
    return status;
}

static void refused(const char *text, const char *selector, enum ou_status status, const char *why)
{
    struct ou_error err = { 0 };
    struct run_set s;

    assert_int_equal(read(text, selector, &s, &err), status);
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
    assert_int_equal(s.count, 0);
    run_set_release(&s);
}

static void accepted(const char *text, const char *selector, struct run_set *ret)
{
    struct ou_error err = { 0 };

    if (read(text, selector, ret, &err))
        fail_msg("%s", err.text);
}

static void test_a_run_that_stands_in_two_reports_is_one_run(void **state)
{
    struct run_set s;

    (void)state;
    accepted(two_reports, NULL, &s);
    assert_int_equal(s.count, 4);
    run_set_sort(&s);
    /* The newer report calls it so, and its number is kept; that the older one differs is told. */
    assert_string_equal(s.runs[1].title, "B-again");
    assert_near(adoption(&s.runs[1]), .6, 0);
    assert_int_equal(s.runs[1].warnings, 1);
    assert_string_equal(s.runs[1].finding_texts[0],
                        "0.50 adoption is 0.60 in r2 and 0.61 in the older r1");
    assert_int_equal(s.runs[0].warnings, 0);
    run_set_release(&s);
}

static void test_numbers_cut_to_different_lengths_are_the_same_number(void **state)
{
    static const char text[] = HEAD START("r1", "value", "A", "2025-01-01", "10:00:00")
        START("r2", "value", "A", "2025-01-01", "10:00:00")
            START("r2", "value", "B", "2025-01-02", "10:00:00")
                ADOPTION("r1", "value", "A", "7e-05") ADOPTION("r2", "value", "A", "7.1e-5");
    struct run_set s;

    (void)state;
    accepted(text, "value/A", &s);
    assert_int_equal(s.runs[0].warnings, 0);
    assert_near(adoption(&s.runs[0]), 7.1e-5, 0);
    run_set_release(&s);
}

static void test_a_run_is_named_by_itself_its_workload_or_its_report(void **state)
{
    static const struct {
        const char *selector;
        double adoption;
    } cases[] = { { "A", .5 },       { "value/A", .5 }, { "value/C", .7 },   { "plutus/C", .3 },
                  { "value/B", .6 }, { "r1/B", .61 },   { "r2/B-again", .6 } };
    struct run_set s;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        accepted(two_reports, cases[i].selector, &s);
        assert_int_equal(s.count, 1);
        assert_near(adoption(&s.runs[0]), cases[i].adoption, 0);
        run_set_release(&s);
    }
}

static void test_a_name_of_several_runs_is_refused_with_the_choices(void **state)
{
    (void)state;
    refused(two_reports, "C", OU_INVALID, "choose of r2/C (2025-03-01), r3/C (2025-03-02)");
    refused(two_reports, "valeu/C", OU_NOT_FOUND, "is value/C meant?");
    refused(two_reports, "10.7.1", OU_NOT_FOUND, "a run is named RUN, WORKLOAD/RUN or REPORT/RUN");
}

static void test_counts_and_facts_are_had_from_the_summary(void **state)
{
    struct run_set s;
    const struct run_value *v;

    (void)state;
    accepted(two_reports, "value/C", &s);
    assert_int_equal(s.runs[0].count_count, 1);
    assert_near(s.runs[0].counts[0].count, 6, 0); /* .00273 of 2200 blocks */
    assert_near(s.runs[0].counts[0].exposure, 2200, 0);
    assert_string_equal(run_fact_find(&s.runs[0], "workload", ""), "value");
    assert_string_equal(run_fact_find(&s.runs[0], "workload", "tps"), "12");
    assert_string_equal(s.runs[0].era, "conway");
    v = run_value_find(&s.runs[0], SECTION_MACHPERF, "CentiCpu");
    assert_int_equal(v->kind, RUN_VALUE_ABSENT);
    assert_true(isnan(v->mean));
    run_set_release(&s);
}

static void test_what_is_no_table_is_refused_with_the_line(void **state)
{
    (void)state;
    refused("report\tworkload\n", NULL, OU_INVALID, "line 1: the columns");
    refused(HEAD, NULL, OU_INVALID, "there is no run in it");
    refused(HEAD "a\tb\n", NULL, OU_INVALID, "line 2: not 8 columns");
    refused(HEAD ADOPTION("r", "value", "", "1"), NULL, OU_INVALID, "line 2: a name is empty");
    refused(HEAD ADOPTION("r", "value", "A", "fast"), NULL, OU_INVALID,
            "line 2: 'fast' is no number");
    refused(HEAD ADOPTION("r", "value", "A", "0x1e5"), NULL, OU_INVALID,
            "line 2: '0x1e5' is no number");
    refused(HEAD ADOPTION("r", "value", "A", " 1"), NULL, OU_INVALID, "line 2: ' 1' is no number");
    refused(HEAD ADOPTION("r", "value", "A\xff", "1"), NULL, OU_INVALID,
            "line 2: that is no text in UTF-8");
}

static void test_tables_of_too_many_runs_or_lines_are_refused(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 1 << 22);
    buffer_text(&b, HEAD);
    for (int i = 0; i <= 4000; i++)
        buffer_printf(&b, ADOPTION("r", "value", "%d", "1"), i);
    refused(buffer_string(&b), NULL, OU_TOO_LARGE, "line 4002: more than 4000 runs");
    /* They are counted before there is room for them, and empty ones with the others. */
    buffer_clear(&b);
    buffer_text(&b, HEAD);
    for (int i = 0; i < 1000000; i++)
        buffer_char(&b, '\n');
    refused(buffer_string(&b), NULL, OU_TOO_LARGE, "more than 1000000 lines");
    buffer_release(&b);
}

/* The count is the published mean times the blocks: here beyond all numbers. */
static void test_a_count_without_end_is_none(void **state)
{
    struct run_set s;

    (void)state;
    accepted(HEAD "r\tvalue\tcontrol\tSample count\t\t\tA\t(1e300)\n"
                  "r\tvalue\tcontrol\tBattles\t\tcdfBlockBattle\tA\t1e300\n",
             NULL, &s);
    assert_int_equal(s.runs[0].count_count, 0);
    run_set_release(&s);
}

static void test_what_the_report_prints_for_not_known_is_absent(void **state)
{
    static const char *const words[] = { "NaN", "-", "\xe2\x80\x94", "", "unknown" };
    struct run_set s;

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char text[512];

        snprintf(text, sizeof text, HEAD "r\tvalue\tendtoend\t0.50 adoption\ts\tcdf0.50\tA\t%s\n",
                 words[i]);
        accepted(text, NULL, &s);
        assert_int_equal(run_value_find(&s.runs[0], SECTION_ENDTOEND, "cdf0.50")->kind,
                         RUN_VALUE_ABSENT);
        run_set_release(&s);
    }
}

/* --- The table of real reports ------------------------------------------------------------ */

static void add_published(struct run_set *s, const char *path, const char *selector)
{
    struct ou_error err = { 0 };
    char operand[512];

    snprintf(operand, sizeof operand, "%s%s%s", path, selector ? "#" : "",
             selector ? selector : "");
    if (run_set_add(s, operand, &err))
        fail_msg("%s", err.text);
}

static double published_mean(const struct finished_run *run, enum metric_section section,
                             const char *id)
{
    return run_value_find(run, section, id)->mean;
}

static void test_published_runs_are_read_as_printed(void **state)
{
    const char *path = shared_data("published/published_results.tsv");
    char start[TIME_ISO_ROOM];
    struct run_set s;

    (void)state;
    run_set_init(&s);
    add_published(&s, path, "release-10.7.1.value-only/10.6.2");
    add_published(&s, path, "value/10.7.1");
    assert_int_equal(s.count, 2);
    assert_near(published_mean(&s.runs[1], SECTION_ENDTOEND, "cdf0.50"), .60833, 0);
    assert_near(published_mean(&s.runs[1], SECTION_MACHPERF, "CentiCpu"), 2.7907, 0);
    assert_near(published_mean(&s.runs[0], SECTION_MACHPERF, "CentiCpu"), 5.1847, 0);
    assert_string_equal(s.runs[0].batch, "1062pargc");
    assert_string_equal(s.runs[1].node_version, "10.7.1");
    time_format_iso(s.runs[1].started_ns, start);
    assert_string_equal(start, "2026-04-15T07:27:52Z");
    run_set_release(&s);
}

/* 91 columns in 41 reports, of 70 runs by their starts. */
static void test_all_published_runs_are_read_once(void **state)
{
    const char *path = shared_data("published/published_results.tsv");
    struct run_set s;

    (void)state;
    run_set_init(&s);
    add_published(&s, path, NULL);
    assert_int_equal(s.count, 70);
    run_set_sort(&s);
    for (size_t i = 1; i < s.count; i++)
        assert_true(s.runs[i - 1].started_ns < s.runs[i].started_ns);
    run_set_release(&s);
}

static void test_long_texts_are_kept_whole(void **state)
{
    char era[1001] = "", table[8192];
    struct run_set s;

    (void)state;
    memset(era, 'e', sizeof era - 1);
    snprintf(table, sizeof table,
             "%s" START("r1", "value", "A", "2025-01-01", "10:00:00")
                 ADOPTION("r1", "value", "A", "0.5") SUMMARY("r1", "Era", "A", "%s"),
             HEAD, era);
    accepted(table, "A", &s);
    assert_string_equal(run_value_find(&s.runs[0], SECTION_SUMMARY, "era")->text, era);
    run_set_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_that_stands_in_two_reports_is_one_run),
        cmocka_unit_test(test_long_texts_are_kept_whole),
        cmocka_unit_test(test_numbers_cut_to_different_lengths_are_the_same_number),
        cmocka_unit_test(test_a_run_is_named_by_itself_its_workload_or_its_report),
        cmocka_unit_test(test_a_name_of_several_runs_is_refused_with_the_choices),
        cmocka_unit_test(test_counts_and_facts_are_had_from_the_summary),
        cmocka_unit_test(test_what_is_no_table_is_refused_with_the_line),
        cmocka_unit_test(test_tables_of_too_many_runs_or_lines_are_refused),
        cmocka_unit_test(test_a_count_without_end_is_none),
        cmocka_unit_test(test_what_the_report_prints_for_not_known_is_absent),
        cmocka_unit_test(test_published_runs_are_read_as_printed),
        cmocka_unit_test(test_all_published_runs_are_read_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
