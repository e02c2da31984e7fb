/* Results as samples of Prometheus, on both databases: what Grafana asks is asked here without a server. */
#include "api/prometheus_source.h"
#include "http/params.h"
#include "query/pages.h"
#include "store/feed.h"
#include "store/judged_runs_test.h"

#define DAY_S 86400
#define FIRST_S (FIRST_NS / NS_PER_SECOND)

static struct judged_store store;

static void put_run(int day, double cpu)
{
    static double quantiles[29];
    struct summary_record values[] = {
        judged_value(CPU, cpu),
        judged_value((struct metric_record){ "endtoend", "cdf0.50", "half", "s", "less", "when" },
                     cpu / 100),
        { .metric = { "summary", "ident", "ident", "", "none", "a text" },
          .n = NAN,
          .mean = NAN,
          .median = NAN,
          .sd = NAN,
          .low = NAN,
          .high = NAN,
          .text = "x" },
    };
    struct judged_run run = { .day = day, .summaries = values, .count = 3 };
    struct ou_error err = { "" };

    for (size_t i = 0; i < 29; i++)
        quantiles[i] = cpu + (double)i;
    values[0].quantiles = quantiles;
    values[0].quantile_count = 29;
    assert_good(sql_write(store.db, judged_put, &run, &err), err);
}

/* Three runs, ten days apart. */
static void open_store(void)
{
    judged_open(&store);
    put_run(0, 50);
    put_run(10, 40);
    put_run(20, 45);
}

/* What is answered to a question, as one who may see this project's ("": all). */
static const char *ask_as(const char *project, const char *path, const char *form)
{
    static char told[8192];
    struct results_source source;
    struct results_state state;
    struct http_params params;
    struct http_answer answer = { 0 };
    struct http_call call = { .method = "GET", .path = path, .args = &params };

    http_params_init(&params);
    buffer_init(&answer.body, allocator_libc(), sizeof told - 1);
    assert_int_equal(http_params_form(&params, span_of(form)), OU_OK);
    assert_true(
        query_page(results_source(&source, &state, store.db, project), path, &call, &answer));
    assert_int_equal(buffer_status(&answer.body), OU_OK);
    if (answer.status >= 500)
        fail_msg("%s: %s", form, state.err.text);
    snprintf(told, sizeof told, "%s", buffer_string(&answer.body));
    buffer_release(&answer.body);
    http_params_release(&params);
    return told;
}

static const char *ask(const char *path, const char *form)
{
    return ask_as("", path, form);
}

/* The answer to a query at the start of a day, in the middle of it, ...: "query=" is put before it. */
static const char *ask_at(const char *query, double day)
{
    char form[1024];

    snprintf(form, sizeof form, "time=%.3f&query=%s", (double)FIRST_S + day * DAY_S, query);
    return ask("query", form);
}

static void assert_data(const char *got, const char *data)
{
    char wanted[4096];

    snprintf(wanted, sizeof wanted, "{\"status\":\"success\",\"data\":%s}", data);
    assert_string_equal(got, wanted);
}

/* How often a text stands in another. */
static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, what)); at++)
        count++;
    return count;
}

static void test_a_metric_has_a_line_of_its_runs_values(void **state)
{
    char form[256];

    (void)state;
    open_store();
    snprintf(form, sizeof form,
             "query=sum by (project,profile,workload,backend,machine,stat) "
             "(ouroscope_machperf_CentiCpu{stat=\"mean\"})&start=%lld&end=%lld&step=10d",
             (long long)FIRST_S, (long long)FIRST_S + 30 * DAY_S);
    for (char *c = form; *c; c++)
        *c = *c == ' ' ? '+' : *c;
    assert_data(ask("query_range", form),
                "{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"backend\":\"local\","
                "\"machine\":\"m\",\"profile\":\"ci-test\",\"project\":\"tests\",\"stat\":\"mean\","
                "\"workload\":\"value\"},\"values\":[[1767225600,\"50\"],[1768089600,\"40\"],"
                "[1768953600,\"45\"],[1769817600,\"45\"]]}]}");
    judged_close(&store);
}

static void test_a_run_stands_for_ninety_days_unless_it_is_said_otherwise(void **state)
{
    (void)state;
    open_store();
    assert_int_equal(count_of(ask_at("ouroscope_machperf_CentiCpu{stat=\"mean\"}", -1), "value\""),
                     0);
    assert_int_equal(count_of(ask_at("ouroscope_machperf_CentiCpu{stat=\"mean\"}", 110), "\"45\""),
                     1);
    assert_int_equal(
        count_of(ask_at("ouroscope_machperf_CentiCpu{stat=\"mean\"}", 110.001), "\"45\""), 0);
    assert_int_equal(count_of(ask_at("ouroscope_machperf_CentiCpu{stat=\"mean\"}"
                                     "&lookback_delta=1d",
                                     11),
                              "\"40\""),
                     1);
    assert_int_equal(count_of(ask_at("ouroscope_machperf_CentiCpu{stat=\"mean\"}"
                                     "&lookback_delta=1d",
                                     11.5),
                              "\"40\""),
                     0);
    judged_close(&store);
}

static void test_each_number_of_a_summary_is_a_series(void **state)
{
    (void)state;
    open_store();
    assert_data(ask_at("count(ouroscope_machperf_CentiCpu)", 20),
                "{\"resultType\":\"vector\",\"result\":[{\"metric\":{},"
                "\"value\":[1768953600,\"9\"]}]}"); /* n mean median sd, five quantiles */
    assert_int_equal(count_of(ask_at("ouroscope_machperf_CentiCpu{stat=\"p95\"}", 20), "\"61\""),
                     1); /* the seventeenth of the standard ones */
    assert_int_equal(count_of(ask_at("ouroscope_machperf_CentiCpu{stat=\"n\"}", 20), "\"100\""), 1);
    assert_int_equal(count_of(ask_at("ouroscope_endtoend_cdf0_50{stat=\"mean\"}", 20), "\"0.45\""),
                     1);
    assert_int_equal(count_of(ask_at("ouroscope_summary_ident", 20), "\"value\":"), 0);
    judged_close(&store);
}

static void test_a_run_is_told_until_the_next_of_its_series(void **state)
{
    char version[512];

    (void)state;
    open_store();
    for (int day = 0; day <= 20; day += 10) {
        snprintf(version, sizeof version, "\"version\":\"10.%d\"", day);
        assert_int_equal(count_of(ask_at("ouroscope_run_info", day), version), 1);
        assert_int_equal(count_of(ask_at("ouroscope_run_info", day + 9.999), version), 1);
        assert_int_equal(count_of(ask_at("ouroscope_run_info", day + 9.999), "\"value\":"), 1);
    }
    snprintf(version, sizeof version, "%s",
             ask_at("ouroscope_machperf_CentiCpu{stat=\"mean\"}*on(series)group_left(version)"
                    "ouroscope_run_info",
                    12));
    assert_int_equal(count_of(version, "\"version\":\"10.10\""), 1);
    assert_int_equal(count_of(version, "\"40\""), 1);
    /* Over a time each of them is there. */
    assert_int_equal(
        count_of(ask_at("count(last_over_time(ouroscope_run_info[21d]))", 20), "\"3\""), 1);
    judged_close(&store);
}

static void test_runs_side_by_side_are_a_series_each(void **state)
{
    (void)state;
    open_store();
    assert_data(ask_at("avg+by+(version)+(ouroscope_machperf_CentiCpu:by_run{stat=\"mean\"})", 20),
                "{\"resultType\":\"vector\",\"result\":["
                "{\"metric\":{\"version\":\"10.0\"},\"value\":[1768953600,\"50\"]},"
                "{\"metric\":{\"version\":\"10.10\"},\"value\":[1768953600,\"40\"]},"
                "{\"metric\":{\"version\":\"10.20\"},\"value\":[1768953600,\"45\"]}]}");
    judged_close(&store);
}

static void test_names_are_told_without_values(void **state)
{
    char form[256];

    (void)state;
    open_store();
    assert_data(ask("label/__name__/values", ""),
                "[\"ouroscope_endtoend_cdf0_50\",\"ouroscope_machperf_CentiCpu\","
                "\"ouroscope_run_info\"]");
    assert_data(ask("label/profile/values", "match[]=ouroscope_machperf_CentiCpu"),
                "[\"ci-test\"]");
    assert_data(ask("label/version/values", "match[]=ouroscope_run_info"),
                "[\"10.0\",\"10.10\",\"10.20\"]");
    assert_data(ask("label/version/values", "match[]=ouroscope_machperf_CentiCpu:by_run"),
                "[\"10.0\",\"10.10\",\"10.20\"]");
    snprintf(form, sizeof form, "match[]=ouroscope_machperf_CentiCpu&start=%lld&end=%lld",
             (long long)FIRST_S + DAY_S, (long long)FIRST_S + 2 * DAY_S);
    assert_data(ask("label/profile/values", form), "[]"); /* no run is from then */
    assert_data(ask("labels", "match[]=ouroscope_machperf_CentiCpu"),
                "[\"__name__\",\"backend\",\"environment\",\"machine\",\"profile\",\"project\","
                "\"series\",\"stat\",\"workload\"]");
    assert_int_equal(
        count_of(ask("series", "match[]={profile=\"ci-test\",stat=\"mean\"}"), "__name__"), 2);
    assert_data(ask("series", "match[]={profile=\"other\"}"), "[]");
    judged_close(&store);
}

static void test_who_is_bound_to_a_project_sees_no_other(void **state)
{
    (void)state;
    open_store();
    assert_data(ask_as("other", "label/__name__/values", ""), "[]");
    assert_data(ask_as("other", "query", "query=count({project=\"tests\"})&time=1769000000"),
                "{\"resultType\":\"vector\",\"result\":[]}");
    assert_int_equal(count_of(ask_as("tests", "query",
                                     "query=count({project=\"tests\"})"
                                     "&time=1769000000"),
                              "\"value\":"),
                     1);
    judged_close(&store);
}

static enum ou_status put_live(struct sql *db, void *context, struct ou_error *err)
{
    return live_put(db, context, err);
}

/* A report that comes `after` seconds behind slot 0, which is at the start of day 30. */
static void put_report(int after, const char *view, bool ended)
{
    struct live_report live = { .id = "run-1",
                                .project = "tests",
                                .profile = "ci-test",
                                .state = "running",
                                .began_ns = FIRST_NS + 30 * DAY_NS - 20 * NS_PER_SECOND,
                                .now_ns = FIRST_NS + 30 * DAY_NS + after * NS_PER_SECOND,
                                .ended = ended,
                                .view = view };
    struct ou_error err = { "" };

    assert_good(sql_write(store.db, put_live, &live, &err), err);
}

static void report(int after, int forged, bool ended)
{
    char view[256];

    snprintf(view, sizeof view, "{\"elapsedSeconds\":%d,\"blocksForged\":%d,\"slot\":null}", after,
             forged);
    put_report(after, view, ended);
}

static void test_a_run_in_progress_is_a_line_until_its_end(void **state)
{
    static const char query[] = "ouroscope_live_blocks_forged";
    const double second = 1.0 / DAY_S;

    (void)state;
    judged_open(&store);
    report(1, 3, false);
    report(5, 7, false);
    report(9, 12, false);
    assert_data(ask_at(query, 30 + 5 * second),
                "{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":"
                "\"ouroscope_live_blocks_forged\",\"name\":\"run-1\",\"profile\":\"ci-test\","
                "\"project\":\"tests\"},\"value\":[1769817605,\"7\"]}]}");
    assert_int_equal(count_of(ask_at(query, 30 + 20 * second), "\"12\""), 1);
    report(13, 15, true);
    assert_int_equal(count_of(ask_at(query, 30 + 13 * second), "\"15\""), 1);
    assert_int_equal(count_of(ask_at(query, 30 + 14 * second), "\"value\":"), 0);
    assert_int_equal(count_of(ask_at("ouroscope_live_slot", 30 + 5 * second), "\"value\":"), 0);
    assert_int_equal(count_of(ask("label/__name__/values", "match[]={name=\"run-1\"}"), "live"), 1);
    judged_close(&store);
}

/* 1769817600 is the start of day 30. */
static void test_reports_without_numbers_do_not_move_those_before(void **state)
{
    static const char query[] = "ouroscope_live_blocks_forged[1h]";
    const double second = 1.0 / DAY_S;

    (void)state;
    judged_open(&store);
    put_report(5,
               "{\"slotZeroAt\":\"2026-01-31T00:00:00Z\",\"elapsedSeconds\":5,\"blocksForged\":7}",
               false);
    put_report(25, "{\"phase\":\"analysing\"}", false);
    assert_int_equal(count_of(ask_at(query, 30 + 30 * second), "[1769817605,\"7\"]"), 1);
    judged_close(&store);
}

static void test_names_have_only_what_prometheus_takes(void **state)
{
    char name[RESULTS_NAME_ROOM];

    (void)state;
    results_metric_name("block-timeline", "cdf0.50\"}", name);
    assert_string_equal(name, "ouroscope_block_timeline_cdf0_50__");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_a_metric_has_a_line_of_its_runs_values),
        database_test(test_a_run_stands_for_ninety_days_unless_it_is_said_otherwise),
        database_test(test_each_number_of_a_summary_is_a_series),
        database_test(test_a_run_is_told_until_the_next_of_its_series),
        database_test(test_runs_side_by_side_are_a_series_each),
        database_test(test_names_are_told_without_values),
        database_test(test_who_is_bound_to_a_project_sees_no_other),
        database_test(test_a_run_in_progress_is_a_line_until_its_end),
        database_test(test_reports_without_numbers_do_not_move_those_before),
        cmocka_unit_test(test_names_have_only_what_prometheus_takes),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
