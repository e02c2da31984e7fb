/* From the log of a sampler to metrics: a run of a program that is no node, whose slots are seconds. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyse/run.h"
#include "support/files.h"
#include "support/test.h"

#define SAMPLE(at, cpu, rss)                                                            \
    "{\"at\":\"2026-11-22T10:00:0" at "Z\",\"ns\":\"Resources\",\"data\":{\"kind\":"    \
    "\"ResourceStats\",\"CentiCpu\":" cpu ",\"RSS\":" rss ",\"FsWr\":0,\"Threads\":2}," \
    "\"sev\":\"Info\",\"thread\":\"0\",\"host\":\"node-0\"}\n"
#define END(at, status, wall, user, system, rss)                                                \
    "{\"at\":\"2026-11-22T10:00:0" at "Z\",\"ns\":\"Process.Ended\",\"data\":{\"kind\":"        \
    "\"ProcessEnded\",\"status\":" status ",\"wallSeconds\":" wall ",\"userSeconds\":" user     \
    ",\"systemSeconds\":" system ",\"maxRssBytes\":" rss "},\"sev\":\"Info\",\"thread\":\"0\"," \
    "\"host\":\"node-0\"}\n"

/* Half a core, then all of one. */
#define LOG                        \
    SAMPLE("0.5", "0", "1048576")  \
    SAMPLE("1.5", "50", "2097152") \
    SAMPLE("2.5", "150", "3145728") END("2.75", "0", "2.25", "1.5", "0.25", "4194304")

static struct temp_dir dir;
static struct genesis genesis;
static struct filter_set filters;
static struct log_inputs inputs;
static struct analysis a;

static void analyse(const char *log)
{
    struct analysis_request request = { .genesis = &genesis,
                                        .genesis_source = "none",
                                        .filters = &filters,
                                        .rule = QUANTILE_TYPE7,
                                        .reading = { .threads = 1 } };
    struct ou_error err = { 0 };

    temp_dir_make(&dir);
    temp_file(&dir, "node-0.json", log);
    genesis = genesis_chainless(INT64_C(1795341600) * NS_PER_SECOND); /* 10:00:00 */
    filter_set_init(&filters, 0, false);
    inputs = (struct log_inputs){ 0 };
    if (log_inputs_add(&inputs, temp_path(&dir, "node-0.json"), &err))
        fail_msg("%s", err.text);
    log_inputs_sort(&inputs);
    if (analysis_run(&request, &inputs, &a, &err))
        fail_msg("%s", err.text);
}

static void release(void)
{
    analysis_release(&a);
    filter_set_release(&filters);
    log_inputs_release(&inputs);
    temp_dir_remove(&dir);
}

static double mean_of(enum metric_section section, const char *id)
{
    const struct metric_result *m = analysis_metric(&a, section, id);

    assert_non_null(m);
    return metric_scalar(m);
}

static void near(double got, double wanted)
{
    if (!(fabs(got - wanted) < 1e-9))
        fail_msg("got %.12g, wanted %.12g", got, wanted);
}

static void test_what_the_system_accounted_is_told_by_host(void **state)
{
    (void)state;
    analyse(LOG);
    near(mean_of(SECTION_PROCESS, "processWallSeconds"), 2.25);
    near(mean_of(SECTION_PROCESS, "processCpuSeconds"), 1.75);
    near(mean_of(SECTION_PROCESS, "processUserSeconds"), 1.5);
    near(mean_of(SECTION_PROCESS, "processSystemSeconds"), 0.25);
    near(mean_of(SECTION_PROCESS, "processMaxRss"), 4);
    assert_int_equal(analysis_metric(&a, SECTION_PROCESS, "processMaxRss")->by_host[0].n, 1);
    assert_int_equal(a.hosts[0].process.failures, 0);
    release();
}

static void test_several_starts_of_one_program_add_up(void **state)
{
    (void)state;
    analyse(LOG END("5", "1", "1", "0.5", "0", "8388608"));
    near(mean_of(SECTION_PROCESS, "processWallSeconds"), 3.25);
    near(mean_of(SECTION_PROCESS, "processCpuSeconds"), 2.25);
    near(mean_of(SECTION_PROCESS, "processMaxRss"), 8);
    assert_int_equal(a.hosts[0].process.ends, 2);
    assert_int_equal(a.hosts[0].process.failures, 1);
    assert_int_equal(a.finding_count, 1);
    assert_string_equal(a.findings[0].code, "process-failed");
    release();
}

/* Slots 1 and 2 have rates, of 50 and of 100 %; all three have a memory. */
static void test_samples_become_rates_and_gauges_by_the_second(void **state)
{
    (void)state;
    analyse(LOG);
    near(mean_of(SECTION_MACHPERF, "CentiCpu"), 75);
    near(mean_of(SECTION_MACHPERF, "RSS"), 2);
    near(mean_of(SECTION_MACHPERF, "FsWr"), 0);
    assert_int_equal(a.hosts[0].slots, 3);
    release();
}

static void test_what_a_chain_would_tell_is_absent_with_the_reason(void **state)
{
    const struct metric_result *adoption;

    (void)state;
    analyse(LOG);
    adoption = analysis_metric(&a, SECTION_ENDTOEND, "cdf0.96");
    assert_int_equal(adoption->kind, METRIC_ABSENT);
    assert_string_equal(adoption->absent_reason, "the run has no chain: its programs are no nodes");
    assert_int_equal(analysis_metric(&a, SECTION_MACHPERF, "CentiGC")->kind, METRIC_ABSENT);
    assert_int_equal(analysis_metric(&a, SECTION_MACHPERF, "Heap")->kind, METRIC_ABSENT);
    for (size_t i = 0; i < a.finding_count; i++)
        assert_int_not_equal(a.findings[i].severity, FINDING_ERROR);
    release();
}

static void test_a_program_that_was_asked_to_end_has_not_failed(void **state)
{
    (void)state;
    analyse(LOG END("5", "143", "1", "0.5", "0", "8388608"));
    assert_int_equal(a.hosts[0].process.ends, 2);
    assert_int_equal(a.hosts[0].process.failures, 0);
    release();
}

static void test_runs_of_nodes_do_not_have_the_section(void **state)
{
    (void)state;
    analyse(SAMPLE("0.5", "0", "1048576") SAMPLE("1.5", "50", "2097152"));
    assert_null(analysis_metric(&a, SECTION_PROCESS, "processWallSeconds"));
    release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_system_accounted_is_told_by_host),
        cmocka_unit_test(test_several_starts_of_one_program_add_up),
        cmocka_unit_test(test_samples_become_rates_and_gauges_by_the_second),
        cmocka_unit_test(test_what_a_chain_would_tell_is_absent_with_the_reason),
        cmocka_unit_test(test_a_program_that_was_asked_to_end_has_not_failed),
        cmocka_unit_test(test_runs_of_nodes_do_not_have_the_section),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
