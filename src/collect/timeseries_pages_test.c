#include <stdlib.h>

#include "base/time.h"
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

static void assert_answer(const char *method, const char *path, const char *form, unsigned status,
                          const char *body)
{
    assert_string_equal(page_ask(&world, timeseries_pages, method, path, form), body);
    assert_int_equal(world.answer.status, status);
}

static void test_a_query_is_answered_and_a_wrong_one_is_a_parse_error(void **state)
{
    static const char *const methods[] = { "GET", "POST" };

    (void)state;
    for (size_t i = 0; i < 2; i++)
        assert_answer(
            methods[i], "/timeseries/query", "query=max(mem_real)&time=1774153500", 200,
            "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{},"
            "\"value\":[1774153500,\"1.5\"]}]}}");
    assert_answer(
        "GET", "/timeseries/query", "query=max(", 400,
        "{\"status\":\"error\",\"errorType\":\"parse\",\"error\":\"invalid parameter \\\"query\\\": 1:5: "
        "parse error: unexpected end of input, expected an expression\"}");
    page_ask(&world, timeseries_pages, "GET", "/timeseries/query", "query=1&time=x");
    assert_non_null(strstr(buffer_string(&world.answer.body), "\"bad_data\""));
    page_ask(&world, timeseries_pages, "GET", "/timeseries/query",
             "query=-{__name__!%3D\"\"}&time=1774153500");
    assert_non_null(strstr(buffer_string(&world.answer.body), "\"execution\""));
}

static void test_retention_and_pruning_are_read_and_set(void **state)
{
    (void)state;
    assert_answer("GET", "/timeseries/config/retention", "", 200,
                  "{\"status\":\"success\",\"data\":3600000}");
    assert_answer("POST", "/timeseries/config/retention", "minutes=1.5", 200,
                  "{\"status\":\"success\",\"data\":90000}");
    assert_answer("GET", "/timeseries/config/retention", "hours=7", 200,
                  "{\"status\":\"success\",\"data\":90000}");
    assert_int_equal(history_length_ms(world.view.history), 90000);
    assert_answer("GET", "/timeseries/config/pruning", "", 200,
                  "{\"status\":\"success\",\"data\":60000}");
    assert_answer("POST", "/timeseries/config/pruning", "days=1", 200,
                  "{\"status\":\"success\",\"data\":86400000}");
    assert_int_equal(history_prune_period_ms(world.view.history), 86400000);
}

static void test_settings_that_mean_nothing_are_refused(void **state)
{
    static const char *const bad[] = { "",           "years=1",  "minutes=",  "minutes=x",
                                       "minutes=-1", "days=1e9", "hours=nan", "hours=1h" };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        page_ask(&world, timeseries_pages, "POST", "/timeseries/config/retention", bad[i]);
        assert_int_equal(world.answer.status, 400);
    }
    assert_int_equal(history_length_ms(world.view.history), 3600000);
}

static void test_pruning_drops_what_is_too_old_now(void **state)
{
    (void)state;
    history_put(world.view.history, "young", "node-1", time_wall_ns() / 1000000, 1);
    page_ask(&world, timeseries_pages, "GET", "/timeseries/prune", "");
    assert_int_equal(world.answer.status, 405);
    assert_string_equal(world.answer.allow, "POST");
    assert_answer("POST", "/timeseries/prune", "", 200, "{\"status\":\"success\",\"data\":null}");
    assert_int_equal(history_series_count(world.view.history), 1);
}

/* The status of a POST that a browser sends for the page of an origin. */
static unsigned post_from(const char *path, const char *origin, const char *forwarded_host)
{
    struct http_params params;

    buffer_release(&world.answer.body);
    world.answer = (struct http_answer){ 0 };
    buffer_init(&world.answer.body, allocator_libc(), HTTP_ANSWER_MAX);
    http_params_init(&params);
    http_params_form(&params, span_of("milliseconds=0"));
    http_params_header(&params, "Host", "10.0.0.1:3300");
    http_params_header(&params, "Origin", origin);
    if (forwarded_host)
        http_params_header(&params, "X-Forwarded-Host", forwarded_host);
    timeseries_pages(&world.view,
                     &(struct http_call){ .method = "POST", .path = path, .args = &params },
                     &world.answer);
    http_params_release(&params);
    return world.answer.status;
}

static void test_a_page_of_another_site_changes_nothing(void **state)
{
    static const char *const paths[] = { "/timeseries/prune", "/timeseries/config/retention",
                                         "/timeseries/config/pruning" };
    static const char *const foreign[] = { "http://evil.example", "null", "",
                                           "http://10.0.0.1:3301", "http://10.0.0.1:3300.evil" };

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        for (size_t k = 0; k < sizeof(foreign) / sizeof(foreign[0]); k++)
            assert_int_equal(post_from(paths[i], foreign[k], NULL), 403);
    assert_int_equal(history_length_ms(world.view.history), 3600000);
    assert_int_equal(history_prune_period_ms(world.view.history), 60000);
    assert_true(history_series_count(world.view.history) > 0);
    assert_int_equal(post_from(paths[1], "https://graphs.example", "graphs.example"), 200);
    assert_int_equal(post_from(paths[1], "HTTP://10.0.0.1:3300", NULL), 200);
    assert_int_equal(history_length_ms(world.view.history), 0);
}

static void test_nodes_are_listed_by_their_ids(void **state)
{
    (void)state;
    assert_answer("GET", "/timeseries/nodes", "", 200,
                  "{\"status\":\"success\",\"data\":[\"127.0.0.1:3001\",\"127.0.0.1:3002\"]}");
    nodes_leave(&world.nodes, world.nodes.at[0], "gone", 1);
    assert_answer("GET", "/timeseries/nodes", "", 200,
                  "{\"status\":\"success\",\"data\":[\"127.0.0.1:3002\"]}");
}

static void test_what_a_node_said_of_itself_is_found_by_slug_id_and_name(void **state)
{
    static const char *const paths[] = { "/timeseries/node/node-1/info",
                                         "/timeseries/node/127.0.0.1:3001/info" };

    (void)state;
    world.nodes.at[0]->info = strdup("{\"niName\":\"node-1\",\"niCommit\":null}");
    for (size_t i = 0; i < 2; i++) {
        const char *body = page_ask(&world, timeseries_pages, "GET", paths[i], "");

        assert_int_equal(world.answer.status, 200);
        assert_non_null(strstr(body, "{\"status\":\"success\",\"data\":{"));
        assert_non_null(strstr(body, "\"niName\": \"node-1\""));
    }
    page_ask(&world, timeseries_pages, "GET", "/timeseries/node/node-1/startup", "");
    assert_int_equal(world.answer.status, 404);
    page_ask(&world, timeseries_pages, "GET", "/timeseries/node/node-9/info", "");
    assert_int_equal(world.answer.status, 404);
    page_ask(&world, timeseries_pages, "GET", "/timeseries/node/node-1/else", "");
    assert_int_equal(world.answer.status, 404);
    page_ask(&world, timeseries_pages, "GET", "/timeseries/node/", "");
    assert_int_equal(world.answer.status, 404);
}

static void test_progress_is_read_from_metrics_of_old_and_new_names(void **state)
{
    struct ekg_message message;
    struct buffer reply;
    const char *why;

    (void)state;
    buffer_init(&reply, allocator_libc(), 1 << 10);
    ekg_response_open(&reply, 3);
    ekg_metric_write(&reply,
                     &(struct ekg_metric){ .name = span_of("cardano.node.metrics.slotNum_int"),
                                           .kind = EKG_GAUGE,
                                           .value = 77 });
    ekg_metric_write(
        &reply,
        &(struct ekg_metric){ .name = span_of("ChainDB.BlockNum"), .kind = EKG_GAUGE, .value = 5 });
    ekg_metric_write(&reply, &(struct ekg_metric){
                                 .name = span_of("currentepoch"), .kind = EKG_GAUGE, .value = 1 });
    ekg_response_close(&reply, 3);
    assert_int_equal(
        ekg_read((struct bytes){ (const uint8_t *)reply.at, reply.len }, &message, &why), WIRE_OK);
    assert_int_equal(
        metric_store_take(world.nodes.at[0]->metrics, message.list, T0_MS * 1000000, NULL), OU_OK);
    buffer_release(&reply);
    assert_answer(
        "GET", "/timeseries/node/node-1/sync-progress", "", 200,
        "{\"status\":\"success\",\"data\":{\"slotNum\":77,\"blockNum\":5,\"epoch\":null,\"slotInEpoch\":null,"
        "\"density\":null,\"at\":\"2026-03-22T04:20:00Z\"}}");
}

static void test_other_paths_are_not_found(void **state)
{
    (void)state;
    page_ask(&world, timeseries_pages, "GET", "/", "");
    assert_int_equal(world.answer.status, 404);
    page_ask(&world, timeseries_pages, "GET", "/timeseries/else", "");
    assert_int_equal(world.answer.status, 404);
    history_free(world.view.history);
    world.view.history = NULL;
    page_ask(&world, timeseries_pages, "POST", "/timeseries/prune", "");
    assert_int_equal(world.answer.status, 503);
    page_ask(&world, timeseries_pages, "GET", "/timeseries/query", "query=1");
    assert_int_equal(world.answer.status, 503);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_query_is_answered_and_a_wrong_one_is_a_parse_error,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_retention_and_pruning_are_read_and_set, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_settings_that_mean_nothing_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_pruning_drops_what_is_too_old_now, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_page_of_another_site_changes_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_nodes_are_listed_by_their_ids, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_what_a_node_said_of_itself_is_found_by_slug_id_and_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_progress_is_read_from_metrics_of_old_and_new_names,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_paths_are_not_found, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
