#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "collect/live_data.h"
#include "http/params.h"
#include "support/test.h"

#define NOW_NS (INT64_C(1700000000) * NS_PER_SECOND)
#define NOW_MS (NOW_NS / 1000000)

static struct collector_nodes nodes;
static struct history *history;
static struct collector_view view;
static struct http_answer answer;

static int set_up(void **state)
{
    (void)state;
    nodes = (struct collector_nodes){ 0 };
    history = history_new(3600 * 1000, (size_t)1 << 20);
    assert_non_null(history);
    view = (struct collector_view){
        .nodes = &nodes, .history = history, .started_ns = NOW_NS, .refused_connections = 3
    };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_release(&answer.body);
    answer = (struct http_answer){ 0 };
    nodes_release(&nodes);
    history_free(history);
    return 0;
}

static struct collector_node *enter(const char *name)
{
    struct collector_node *n = nodes_enter(&nodes, "id", name, NOW_NS);

    assert_non_null(n);
    return n;
}

static void add_line(struct collector_node *n, uint8_t severity, const char *text)
{
    struct node_line *line = &n->lines[n->line_count++ % NODE_LAST_LINES];

    line->at_ns = NOW_NS;
    line->severity = severity;
    snprintf(line->text, sizeof line->text, "%s", text);
}

/* The node tells gauges, as a reply of protocol 1 brings them; and the history takes them over. */
static void tell(struct collector_node *n, const char *const *names, const int64_t *values,
                 size_t count, int64_t at_ms)
{
    struct ekg_message message;
    struct buffer reply;
    const char *why;

    buffer_init(&reply, allocator_libc(), 1 << 16);
    ekg_response_open(&reply, count);
    for (size_t i = 0; i < count; i++)
        ekg_metric_write(&reply, &(struct ekg_metric){ .name = span_of(names[i]),
                                                       .kind = EKG_GAUGE,
                                                       .value = values[i] });
    ekg_response_close(&reply, count);
    assert_int_equal(ekg_read(bytes_of(&reply), &message, &why), WIRE_OK);
    assert_int_equal(metric_store_take(n->metrics, message.list, at_ms * 1000000, NULL), OU_OK);
    assert_int_equal(history_take(history, n->name, n->metrics, at_ms), OU_OK);
    buffer_release(&reply);
}

static void ask(const char *method, const char *path, const char *args)
{
    struct http_params params;

    buffer_release(&answer.body);
    answer = (struct http_answer){ 0 };
    buffer_init(&answer.body, allocator_libc(), HTTP_ANSWER_MAX);
    http_params_init(&params);
    assert_int_equal(http_params_form(&params, span_of(args)), OU_OK);
    live_pages(&view, &(struct http_call){ .method = method, .path = path, .args = &params },
               &answer);
    assert_int_equal(buffer_status(&answer.body), OU_OK);
    http_params_release(&params);
}

static bool page_has(const char *text)
{
    return strstr(buffer_string(&answer.body), text) != NULL;
}

static json_t *data(const char *have)
{
    struct buffer out;
    json_error_t error;
    json_t *ret;

    buffer_init(&out, allocator_libc(), HTTP_ANSWER_MAX);
    live_json(&view, have, NOW_NS, &out);
    ret = json_loadb(out.at, out.len, JSON_REJECT_DUPLICATES, &error);
    if (!ret)
        fail_msg("%s", error.text);
    buffer_release(&out);
    return ret;
}

static json_t *node_at(json_t *tree, size_t i)
{
    return json_array_get(json_object_get(tree, "nodes"), i);
}

static json_int_t number_of(json_t *of, const char *key)
{
    return (json_int_t)json_number_value(json_object_get(of, key));
}

static size_t lines_of(json_t *tree, size_t i)
{
    return json_array_size(json_object_get(node_at(tree, i), "lines"));
}

/* ---- metrics ---- */

static void test_a_metric_is_known_by_its_names_of_all_times(void **state)
{
    (void)state;
    assert_true(live_metric_is("cardano.node.metrics.blockNum_int", "blocknum"));
    assert_true(live_metric_is("cardano.node.metrics.blockNum.int", "blocknum"));
    assert_true(live_metric_is("ChainDB.BlockNum", "blocknum"));
    assert_true(live_metric_is("blockNum_int", "blocknum"));
    assert_true(live_metric_is("cardano.node.metrics.Stat.cputicks_int", "stat_cputicks"));
    assert_true(live_metric_is("Resources.Stat.Cputicks", "stat_cputicks"));
    assert_true(live_metric_is("cardano.node.metrics.Mem.resident_int", "mem_resident"));
    assert_true(live_metric_is("cardano.node.metrics.peerSelection.Hot_int", "peerselection_hot"));
    assert_true(live_metric_is("peerSelection.hot", "peerselection_hot"));
    assert_false(live_metric_is("lastblockNum_int", "blocknum"));
    assert_false(live_metric_is("blockNum_int.max", "blocknum"));
    assert_false(live_metric_is("Num", "blocknum"));
    assert_false(live_metric_is("", "blocknum"));
    assert_false(live_metric_is("slotInEpoch_int", "epoch"));
}

static void test_height_memory_and_cpu_come_from_metrics(void **state)
{
    static const char *const names[] = { "cardano.node.metrics.blockNum_int",
                                         "cardano.node.metrics.Stat.cputicks_int",
                                         "cardano.node.metrics.Mem.resident_int" };
    struct collector_node *n = enter("node-1");
    json_t *tree, *node;

    (void)state;
    /* 25 hundredths of a second each second */
    for (int64_t s = 90; s >= 0; s -= 5)
        tell(n, names, (int64_t[]){ 1000 - s, 100000 - 25 * s, 1 << 26 }, 3, NOW_MS - s * 1000);
    tree = data(NULL);
    node = node_at(tree, 0);
    assert_int_equal(number_of(node, "height"), 1000);
    assert_int_equal(number_of(node, "memory"), 1 << 26);
    assert_int_equal(number_of(node, "cpu_percent"), 25);
    assert_true(json_is_null(json_object_get(node, "peers")));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(node, "series"), "height")),
        "cardano_node_metrics_blockNum_int");
    json_decref(tree);
}

static void test_cpu_begins_again_with_the_node(void **state)
{
    static const char *const names[] = { "Stat.cputicks_int" };
    struct collector_node *n = enter("node-1");
    json_t *tree;

    (void)state;
    for (int64_t s = 40; s > 20; s -= 5)
        tell(n, names, (int64_t[]){ 900000 }, 1, NOW_MS - s * 1000);
    for (int64_t s = 20; s >= 0; s -= 5)
        tell(n, names, (int64_t[]){ 10 * (30 - s) }, 1, NOW_MS - s * 1000);
    tree = data(NULL);
    assert_int_equal(number_of(node_at(tree, 0), "cpu_percent"), 10);
    json_decref(tree);
}

static void test_without_history_there_is_no_cpu(void **state)
{
    static const char *const names[] = { "Stat.cputicks_int" };
    json_t *tree;

    (void)state;
    tell(enter("node-1"), names, (int64_t[]){ 5 }, 1, NOW_MS);
    view.history = NULL;
    tree = data(NULL);
    assert_true(json_is_null(json_object_get(tree, "history")));
    assert_true(json_is_null(json_object_get(node_at(tree, 0), "cpu_percent")));
    assert_int_equal(number_of(node_at(tree, 0), "cpu_ticks"), 5);
    json_decref(tree);
}

/* ---- data ---- */

static void test_totals_are_the_sums_of_the_nodes(void **state)
{
    json_t *tree, *totals;

    (void)state;
    enter("a")->counts = (struct node_counts){ .objects = 5, .lost_there = 2, .lines = 7 };
    enter("b")->counts = (struct node_counts){ .objects = 6, .lost_here = 1, .lines = 8 };
    nodes_leave(&nodes, nodes.at[1], "the end", NOW_NS);
    tree = data(NULL);
    totals = json_object_get(tree, "totals");
    assert_int_equal(number_of(totals, "nodes"), 2);
    assert_int_equal(number_of(totals, "connected"), 1);
    assert_int_equal(number_of(totals, "objects"), 11);
    assert_int_equal(number_of(totals, "lost_here"), 1);
    assert_int_equal(number_of(totals, "lost_there"), 2);
    assert_int_equal(number_of(totals, "written_lines"), 15);
    assert_int_equal(number_of(totals, "refused_connections"), 3);
    assert_string_equal(json_string_value(json_object_get(node_at(tree, 1), "why_gone")),
                        "the end");
    json_decref(tree);
}

static void test_what_a_node_says_of_itself_is_told(void **state)
{
    struct collector_node *n = enter("a");
    json_t *tree;

    (void)state;
    n->info = strdup("{\"niName\":\"a\",\"niVersion\":\"10.6\",\"niCommit\":7}");
    tree = data(NULL);
    assert_string_equal(json_string_value(json_object_get(node_at(tree, 0), "version")), "10.6");
    assert_true(json_is_null(json_object_get(node_at(tree, 0), "commit")));
    json_decref(tree);
    free(n->info);
    n->info = strdup("no JSON");
    tree = data(NULL);
    assert_true(json_is_null(json_object_get(node_at(tree, 0), "version")));
    json_decref(tree);
}

static void test_lines_that_the_reader_has_are_left_out(void **state)
{
    struct collector_node *a = enter("a"), *b = enter("b"), *c = enter("c");
    json_t *tree;

    (void)state;
    for (int i = 0; i < 40; i++)
        add_line(a, 1, "line");
    for (int i = 0; i < 3; i++) {
        add_line(b, 4, "<b>");
        add_line(c, 1, "c");
    }
    tree = data(NULL);
    assert_int_equal(lines_of(tree, 0), NODE_LAST_LINES);
    assert_int_equal(lines_of(tree, 1), 3);
    json_decref(tree);

    tree = data("1:38,3:3");
    assert_int_equal(lines_of(tree, 0), 2);
    assert_int_equal(lines_of(tree, 1), 3);
    assert_int_equal(lines_of(tree, 2), 0);
    json_decref(tree);

    /* Who knew another collector, and who writes nonsense. */
    tree = data("1:1000000,2:18446744073709551616,x,,3:-1:,");
    assert_int_equal(lines_of(tree, 0), NODE_LAST_LINES);
    assert_int_equal(lines_of(tree, 1), 3);
    assert_int_equal(lines_of(tree, 2), 3);
    json_decref(tree);
}

static void test_many_nodes_share_the_lines(void **state)
{
    json_t *tree;
    size_t sum = 0;

    (void)state;
    for (int i = 0; i < 300; i++) {
        char name[32];
        struct collector_node *n;

        snprintf(name, sizeof name, "node-%d", i);
        n = enter(name);
        for (int l = 0; l < 16; l++)
            add_line(n, 1, "line");
    }
    tree = data(NULL);
    for (size_t i = 0; i < 300; i++)
        sum += lines_of(tree, i);
    assert_int_equal(sum, 900);
    json_decref(tree);
}

/* ---- the page ---- */

static void test_the_page_is_a_table_before_any_script_runs(void **state)
{
    static const char *const names[] = { "blockNum_int", "Mem.resident_int" };
    struct collector_node *n = enter("node-1");

    (void)state;
    tell(n, names, (int64_t[]){ 4711, 50 << 20 }, 2, NOW_MS);
    add_line(n, 1, "{\"the\":\"line\"}");
    ask("GET", "/", "");
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.type, "text/html;charset=utf-8");
    assert_true(page_has("<bdi>node-1</bdi></th><td>connected</td><td class=\"number\">4711</td>"));
    assert_true(page_has("50 MiB"));
    assert_true(page_has("<bdi>{&#34;the&#34;:&#34;line&#34;}</bdi>"));
    assert_true(page_has("<dd>1 of 1</dd>"));
    assert_false(page_has("<!--"));
}

static void test_the_policy_allows_nothing_inline_and_nobody_else(void **state)
{
    (void)state;
    ask("GET", "/", "");
    assert_non_null(strstr(answer.policy, "default-src 'none'"));
    assert_null(strstr(answer.policy, "unsafe"));
    assert_null(strchr(answer.policy, '*'));
    assert_null(strstr(answer.policy, "http"));
    assert_false(page_has("<style"));
    assert_false(page_has(" style="));
    assert_false(page_has("onclick"));
    assert_true(page_has("<script src=\"live.js\" defer></script>"));
    assert_false(page_has("//"));
}

static void test_hostile_names_and_lines_stay_text(void **state)
{
    struct collector_node *n = enter("a");
    json_t *tree;

    (void)state;
    snprintf(n->name, sizeof n->name,
             "</bdi><script>alert('1')</script>\"&\xe2\x80\xae"
             "x\xff");
    add_line(n, 4, "</td></table><img src=x onerror=alert(1)>\x1b[31m");
    ask("GET", "/", "");
    assert_false(page_has("alert('1')"));
    assert_false(page_has("<img"));
    assert_true(
        page_has("&#60;/bdi&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#34;&#38;"
                 "\\u{202e}x\xef\xbf\xbd"));
    assert_true(page_has("onerror=alert(1)&#62;\\u{1b}[31m"));
    n->is_connected = false;
    snprintf(n->why_gone, sizeof n->why_gone, "<b>");
    ask("GET", "/", "");
    assert_true(page_has("<bdi>&#60;b&#62;</bdi>"));
    tree = data(NULL);
    assert_non_null(tree);
    json_decref(tree);
}

static void test_paths_and_methods(void **state)
{
    (void)state;
    ask("GET", "/live.json", "have=1:2");
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.type, "application/json");
    ask("GET", "/live.js", "");
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.type, "text/javascript;charset=utf-8");
    ask("GET", "/live.css", "");
    assert_string_equal(answer.type, "text/css;charset=utf-8");
    ask("GET", "/other", "");
    assert_int_equal(answer.status, 0);
    ask("POST", "/", "");
    assert_int_equal(answer.status, 405);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_metric_is_known_by_its_names_of_all_times),
        TEST(test_height_memory_and_cpu_come_from_metrics),
        TEST(test_cpu_begins_again_with_the_node),
        TEST(test_without_history_there_is_no_cpu),
        TEST(test_totals_are_the_sums_of_the_nodes),
        TEST(test_what_a_node_says_of_itself_is_told),
        TEST(test_lines_that_the_reader_has_are_left_out),
        TEST(test_many_nodes_share_the_lines),
        TEST(test_the_page_is_a_table_before_any_script_runs),
        TEST(test_the_policy_allows_nothing_inline_and_nobody_else),
        TEST(test_hostile_names_and_lines_stay_text),
        TEST(test_paths_and_methods),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
