#include "collect/pages_ask_test.h"

static struct page_world world;

static int set_up(void **state)
{
    (void)state;
    page_world_make(&world);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    page_world_release(&world);
    return 0;
}

static void handler(void *context, const struct http_call *call, struct http_answer *ret)
{
    assert_true(query_pages_answer(context, call, ret));
}

static void assert_answer(const char *path, const char *form, unsigned status, const char *body)
{
    const char *got = page_ask(&world, handler, "GET", path, form);

    assert_string_equal(got, body);
    assert_int_equal(world.answer.status, status);
    assert_string_equal(world.answer.type, "application/json");
}

static void test_an_instant_query_is_answered_in_prometheus_shape(void **state)
{
    (void)state;
    assert_answer(
        "/api/v1/query", "query=slotNum_int&time=1774153500.25", 200,
        "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["
        "{\"metric\":{\"__name__\":\"slotNum_int\",\"node_name\":\"node-1\"},\"value\":[1774153500.25,\"60\"]},"
        "{\"metric\":{\"__name__\":\"slotNum_int\",\"node_name\":\"node-2\"},\"value\":[1774153500.25,\"60\"]}]}}");
    assert_answer(
        "/api/v1/query", "query=1/0&time=2026-03-22T04:25:00Z", 200,
        "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1774153500,\"+Inf\"]}}");
    assert_answer(
        "/api/v1/query", "query=mem_real{node_name%3D\"node-1\"}[6s]&time=1774153500", 200,
        "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["
        "{\"metric\":{\"__name__\":\"mem_real\",\"node_name\":\"node-1\"},\"values\":[[1774153495,\"0.5\"],[1774153500,\"0.5\"]]}]}}");
}

static void test_a_range_query_is_answered_in_prometheus_shape(void **state)
{
    (void)state;
    assert_answer("/api/v1/query_range",
                  "query=sum(slotNum_int)&start=1774153195&end=1774153205&step=5", 200,
                  "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["
                  "{\"metric\":{},\"values\":[[1774153200,\"0\"],[1774153205,\"2\"]]}]}}");
    assert_answer("/api/v1/query_range", "query=nothing&start=0&end=10&step=1m", 200,
                  "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}");
}

static void test_errors_have_the_status_and_type_of_prometheus(void **state)
{
    (void)state;
    assert_answer(
        "/api/v1/query", "query=sum(", 400,
        "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"invalid parameter \\\"query\\\": "
        "1:5: parse error: unexpected end of input, expected an expression\"}");
    assert_answer(
        "/api/v1/query", "query=-{__name__!%3D\"\"}&time=1774153500", 422,
        "{\"status\":\"error\",\"errorType\":\"execution\",\"error\":\"vector cannot contain metrics with the same labelset\"}");
    assert_answer("/api/v1/query",
                  "query=count_over_time(slotNum_int[1h])&time=1774153500&timeout=0.000", 200,
                  "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["
                  "{\"metric\":{\"node_name\":\"node-1\"},\"value\":[1774153500,\"61\"]},"
                  "{\"metric\":{\"node_name\":\"node-2\"},\"value\":[1774153500,\"61\"]}]}}");
    assert_answer(
        "/api/v1/query_range", "query=up&start=0&end=11001&step=1", 400,
        "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"exceeded maximum resolution of 11,000 points per "
        "timeseries. Try decreasing the query resolution (?step=XX)\"}");
    assert_answer(
        "/api/v1/query_range", "query=up&start=0&end=1&step=0", 400,
        "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"invalid parameter \\\"step\\\": zero or negative query "
        "resolution step widths are not accepted. Try a positive integer\"}");
    assert_answer(
        "/api/v1/query", "query=up&time=never", 400,
        "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"invalid parameter \\\"time\\\": cannot parse \\\"never\\\" to a "
        "valid timestamp\"}");
    assert_answer("/api/v1/query_range",
                  "query=slotNum_int&start=0&end=1774153500&step=1000000&timeout=-1", 200,
                  "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}");
    assert_answer(
        "/api/v1/nothing", "", 404,
        "{\"status\":\"error\",\"errorType\":\"not_found\",\"error\":\"/api/v1/nothing is not supported\"}");
}

static void test_instants_beyond_what_can_be_told_are_refused(void **state)
{
    static const char *const bad[] = { "1e300",
                                       "nan",
                                       "inf",
                                       "-1e13",
                                       "9000000001",
                                       "2026-13-01T00:00:00Z",
                                       "2026-03-22T04:20:00+1:00",
                                       "" };
    char form[128];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(form, sizeof(form), "query=up&step=1&end=0&start=%s", bad[i]);
        page_ask(&world, handler, "GET", "/api/v1/query_range", form);
        assert_int_equal(world.answer.status, 400);
    }
}

static void test_labels_and_series_are_those_that_match(void **state)
{
    (void)state;
    assert_answer("/api/v1/labels", "", 200,
                  "{\"status\":\"success\",\"data\":[\"__name__\",\"node_name\"]}");
    assert_answer("/api/v1/labels", "match[]=nothing", 200, "{\"status\":\"success\",\"data\":[]}");
    assert_answer("/api/v1/label/__name__/values", "", 200,
                  "{\"status\":\"success\",\"data\":[\"mem_real\",\"slotNum_int\"]}");
    assert_answer("/api/v1/label/node_name/values", "match[]=mem_real{node_name%3D~\".*2\"}", 200,
                  "{\"status\":\"success\",\"data\":[\"node-2\"]}");
    assert_answer("/api/v1/label/node_name/values", "end=1774153199", 200,
                  "{\"status\":\"success\",\"data\":[]}");
    assert_answer(
        "/api/v1/series", "match[]=mem_real&match[]=mem_real&start=1774153200&end=1774153200", 200,
        "{\"status\":\"success\",\"data\":[{\"__name__\":\"mem_real\",\"node_name\":\"node-1\"},"
        "{\"__name__\":\"mem_real\",\"node_name\":\"node-2\"}]}");
    assert_answer(
        "/api/v1/series", "", 400,
        "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"no match[] parameter provided\"}");
}

static void test_metadata_is_of_the_nodes_metrics(void **state)
{
    struct name_pair pair = { "Mem", "memory, in bytes" };
    struct collector_config config = { .metric_help = { &pair, 1 } };
    struct ekg_message message;
    struct buffer reply;
    const char *why;

    (void)state;
    buffer_init(&reply, allocator_libc(), 1 << 10);
    ekg_response_open(&reply, 3);
    ekg_metric_write(&reply, &(struct ekg_metric){
                                 .name = span_of("Stat.Mem-Rss"), .kind = EKG_GAUGE, .value = 5 });
    ekg_metric_write(
        &reply, &(struct ekg_metric){ .name = span_of("blocks"), .kind = EKG_COUNTER, .value = 5 });
    ekg_metric_write(
        &reply,
        &(struct ekg_metric){ .name = span_of("text"), .kind = EKG_LABEL, .text = span_of("x") });
    ekg_response_close(&reply, 3);
    assert_int_equal(
        ekg_read((struct bytes){ (const uint8_t *)reply.at, reply.len }, &message, &why), WIRE_OK);
    assert_int_equal(metric_store_take(world.nodes.at[0]->metrics, message.list, 1, NULL), OU_OK);
    assert_int_equal(metric_store_take(world.nodes.at[1]->metrics, message.list, 1, NULL), OU_OK);
    buffer_release(&reply);
    world.view.config = &config;
    assert_answer(
        "/api/v1/metadata", "", 200,
        "{\"status\":\"success\",\"data\":{"
        "\"Stat_Mem_Rss\":[{\"type\":\"gauge\",\"help\":\"memory, in bytes\",\"unit\":\"\"}],"
        "\"blocks\":[{\"type\":\"counter\",\"help\":\"\",\"unit\":\"\"}]}}");
    assert_answer(
        "/api/v1/metadata", "metric=blocks&limit=1", 200,
        "{\"status\":\"success\",\"data\":{\"blocks\":[{\"type\":\"counter\",\"help\":\"\",\"unit\":\"\"}]}}");
}

static void test_what_grafana_asks_besides_is_answered(void **state)
{
    (void)state;
    assert_answer("/api/v1/rules", "", 200, "{\"status\":\"success\",\"data\":{\"groups\":[]}}");
    assert_answer("/api/v1/alerts", "", 200, "{\"status\":\"success\",\"data\":{\"alerts\":[]}}");
    assert_answer("/api/v1/query_exemplars", "", 200, "{\"status\":\"success\",\"data\":[]}");
    assert_non_null(strstr(page_ask(&world, handler, "GET", "/api/v1/status/buildinfo", ""),
                           "\"version\":\"2."));
    page_ask(&world, handler, "GET", "/-/healthy", "");
    assert_int_equal(world.answer.status, 200);
    page_ask(&world, handler, "GET", "/-/ready", "");
    assert_int_equal(world.answer.status, 200);
}

static void test_without_a_history_queries_say_why(void **state)
{
    (void)state;
    history_free(world.view.history);
    world.view.history = NULL;
    assert_answer(
        "/api/v1/query", "query=up", 503,
        "{\"status\":\"error\",\"errorType\":\"unavailable\",\"error\":\"no history is kept: ouroscope.history.minutes is 0\"}");
}

static void test_other_paths_are_left_to_others(void **state)
{
    struct http_answer answer = { 0 };

    (void)state;
    assert_false(query_pages_answer(
        &world.view, &(struct http_call){ .method = "GET", .path = "/metrics" }, &answer));
    assert_false(query_pages_answer(
        &world.view, &(struct http_call){ .method = "GET", .path = "/api/v2/query" }, &answer));
    assert_int_equal(answer.status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_instant_query_is_answered_in_prometheus_shape,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_range_query_is_answered_in_prometheus_shape, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_errors_have_the_status_and_type_of_prometheus, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_instants_beyond_what_can_be_told_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_labels_and_series_are_those_that_match, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_metadata_is_of_the_nodes_metrics, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_grafana_asks_besides_is_answered, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_without_a_history_queries_say_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_paths_are_left_to_others, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
