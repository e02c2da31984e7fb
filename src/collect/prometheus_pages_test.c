#include <stdlib.h>

#include "collect/metric_show.h"
#include "collect/pages_world_test.h"

#define TEXT ACCEPT("text/plain")
#define OPEN ACCEPT("application/openmetrics-text;version=1.0.0,text/plain;q=0.5")

static const char *ask(struct pages_world *w, const char *path, const char *const *headers)
{
    return world_ask(w, prometheus_pages, path, headers);
}

/* The page up to the counter of the clock, which is another one each time. */
static void assert_page(struct pages_world *w, const char *path, const char *const *headers,
                        const char *want)
{
    char *got = strdup(ask(w, path, headers));
    char *clock;

    assert_non_null(got);
    assert_int_equal(w->answer.status, 200);
    clock = strstr(got, "# TYPE ekg_server_timestamp_ms");
    assert_non_null(clock);
    assert_string_equal(clock + strlen(clock) - 7, "\n# EOF\n");
    *clock = '\0';
    assert_string_equal(got, want);
    free(got);
}

static void assert_holds(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("%s\nis not in\n%s", part, text ? text : "");
}

static void assert_lacks(const char *text, const char *part)
{
    if (!text || strstr(text, part))
        fail_msg("%s\nis in\n%s", part, text ? text : "");
}

static struct collector_node *node_of_all_kinds(struct pages_world *w)
{
    struct collector_node *n = world_node(w, "127.0.0.1:30004");

    world_metric(n, "cardano.node.metrics.slotNum_int", EKG_GAUGE, 4711, NULL);
    world_metric(n, "cardano.node.metrics.forks_counter", EKG_COUNTER, 2, NULL);
    world_metric(n, "cardano.node.metrics.density_real", EKG_LABEL, 0, "0.05");
    world_metric(n, "cardano.node.metrics.tipBlock", EKG_LABEL, 0, "{hash=\"ab\",n=\"1\"}");
    world_metric(n, "some text-of.\u00e4it_int", EKG_LABEL, 0, "two \"words\"");
    world_metric(n, "x.total", EKG_COUNTER, 7, NULL);
    world_metric(n, "build_info", EKG_LABEL, 0, "{version=\"1\"}");
    return n;
}

/* --- A node's page -------------------------------------------------------------------------- */

static void test_a_page_in_the_text_format(void **state)
{
    struct pages_world w;

    (void)state;
    world_open(&w);
    node_of_all_kinds(&w);
    assert_page(&w, "/12700130004", TEXT,
                "# TYPE cardano_node_metrics_slotNum_int gauge\n"
                "cardano_node_metrics_slotNum_int 4711\n"
                "# TYPE cardano_node_metrics_forks_counter counter\n"
                "cardano_node_metrics_forks_counter 2\n"
                "cardano_node_metrics_density_real 0.05\n"
                "# TYPE cardano_node_metrics_tipBlock gauge\n"
                "cardano_node_metrics_tipBlock{hash=\"ab\",n=\"1\"} 1\n"
                "# TYPE some_text_of_it_int gauge\n"
                "some_text_of_it_int{value=\"two \\\"words\\\"\"} 1\n"
                "# TYPE x_total counter\n"
                "x_total 7\n"
                "# TYPE build_info gauge\n"
                "build_info{version=\"1\"} 1\n");
    assert_string_equal(w.answer.type, "text/plain;version=0.0.4;charset=utf-8");
    world_close(&w);
}

static void test_a_page_in_open_metrics(void **state)
{
    struct pages_world w;

    (void)state;
    world_open(&w);
    node_of_all_kinds(&w);
    assert_page(&w, "/12700130004", OPEN,
                "# TYPE cardano_node_metrics_slotNum_int gauge\n"
                "cardano_node_metrics_slotNum_int 4711\n"
                "# TYPE cardano_node_metrics_forks_counter unknown\n"
                "cardano_node_metrics_forks_counter 2\n"
                "cardano_node_metrics_density_real 0.05\n"
                "# TYPE cardano_node_metrics_tipBlock gauge\n"
                "cardano_node_metrics_tipBlock{hash=\"ab\",n=\"1\"} 1\n"
                "# TYPE some_text_of_it_int gauge\n"
                "some_text_of_it_int{value=\"two \\\"words\\\"\"} 1\n"
                "# TYPE x counter\n"
                "x_total 7\n"
                "# TYPE build info\n"
                "build_info{version=\"1\"} 1\n");
    assert_string_equal(w.answer.type, "application/openmetrics-text;version=1.0.0;charset=utf-8");
    ask(&w, "/12700130004/and/more", NULL); /* where nothing is said, too */
    assert_string_equal(w.answer.type, "application/openmetrics-text;version=1.0.0;charset=utf-8");
    world_close(&w);
}

static void test_a_shorter_name_that_is_taken_makes_a_counter_of_unknown_type(void **state)
{
    struct pages_world w;
    struct collector_node *n;

    (void)state;
    world_open(&w);
    n = world_node(&w, "n");
    world_metric(n, "x_total", EKG_COUNTER, 7, NULL);
    world_metric(n, "x", EKG_GAUGE, 1, NULL);
    assert_page(&w, "/n", OPEN, "# TYPE x_total unknown\nx_total 7\n# TYPE x gauge\nx 1\n");
    world_close(&w);
}

static void test_of_two_metrics_of_one_name_the_first_is_shown(void **state)
{
    struct pages_world w;
    struct collector_node *n;

    (void)state;
    world_open(&w);
    n = world_node(&w, "n");
    world_metric(n, "a.b", EKG_GAUGE, 1, NULL);
    world_metric(n, "a_b", EKG_GAUGE, 2, NULL);
    world_metric(n, "a b", EKG_COUNTER, 3, NULL);
    world_metric(n, "1st", EKG_GAUGE, 4, NULL);
    world_metric(n, "\u00e4", EKG_GAUGE, 5, NULL);
    assert_page(&w, "/n", TEXT, "# TYPE a_b gauge\na_b 1\n");
    world_close(&w);
}

static void test_labels_that_are_nothing_are_left_out(void **state)
{
    struct pages_world w;
    struct collector_node *n;

    (void)state;
    world_open(&w);
    n = world_node(&w, "n");
    world_metric(n, "a", EKG_LABEL, 0, "");
    world_metric(n, "b", EKG_LABEL, 0, "NaN");
    world_metric(n, "c", EKG_LABEL, 0, "-Infinity");
    world_metric(n, "d", EKG_LABEL, 0, "{a=\"1\"");
    world_metric(n, "e", EKG_LABEL, 0, "1.0e-2");
    world_metric(n, "f", EKG_LABEL, 0, "{}");
    assert_page(&w, "/n", TEXT,
                "# TYPE d gauge\nd{value=\"{a=\\\"1\\\"\"} 1\ne 0.01\n# TYPE f gauge\nf 1\n");
    world_close(&w);
}

/* --- Names and help ---------------------------------------------------------------------------- */

static void test_suffixes_go_when_none_are_wanted(void **state)
{
    struct pages_world w;
    struct collector_node *n;

    (void)state;
    world_open(&w);
    w.config.metrics_no_suffix = true;
    n = world_node(&w, "n");
    world_metric(n, "a_int", EKG_GAUGE, 1, NULL);
    world_metric(n, "b_counter", EKG_COUNTER, 2, NULL);
    world_metric(n, "c_real", EKG_LABEL, 0, "3");
    world_metric(n, "d_integer", EKG_GAUGE, 4, NULL);
    world_metric(n, "_int", EKG_GAUGE, 5, NULL);
    assert_page(&w, "/n", TEXT,
                "# TYPE a gauge\na 1\n# TYPE b counter\nb 2\nc 3\n"
                "# TYPE d_integer gauge\nd_integer 4\n# TYPE _int gauge\n_int 5\n");
    world_close(&w);
}

static void test_an_alias_stands_beside_the_name(void **state)
{
    struct name_pair aliases[] = { { "Mempool.TxsInMempool", "Mempool.TxsInMempool.Mapped" },
                                   { "Mempool_TxsInMempool", "not_by_the_mangled_name" } };
    struct pages_world w;

    (void)state;
    world_open(&w);
    w.config.metric_aliases = (struct name_pairs){ aliases, 2 };
    world_metric(world_node(&w, "n"), "Mempool.TxsInMempool", EKG_GAUGE, 3, NULL);
    assert_page(&w, "/n", TEXT,
                "# TYPE Mempool_TxsInMempool gauge\nMempool_TxsInMempool 3\n"
                "# TYPE Mempool_TxsInMempool_Mapped gauge\nMempool_TxsInMempool_Mapped 3\n");
    world_close(&w);
}

static void test_legacy_names_replace_or_accompany_the_new_ones(void **state)
{
    struct pages_world w;
    struct collector_node *n;

    (void)state;
    world_open(&w);
    n = world_node(&w, "n");
    world_metric(n, "ChainDB.SlotNum", EKG_GAUGE, 5, NULL);
    world_metric(n, "cardano.node.metrics.forks_counter", EKG_COUNTER, 1, NULL);
    world_metric(n, "nobody.knows", EKG_GAUGE, 2, NULL);
    w.config.metric_names = METRIC_NAMES_LEGACY;
    assert_page(&w, "/n", TEXT,
                "# TYPE cardano_node_metrics_slotNum_int gauge\n"
                "cardano_node_metrics_slotNum_int 5\n"
                "# TYPE cardano_node_metrics_forks_int counter\n"
                "cardano_node_metrics_forks_int 1\n"
                "# TYPE nobody_knows gauge\nnobody_knows 2\n");
    w.config.metric_names = METRIC_NAMES_BOTH;
    assert_page(&w, "/n", TEXT,
                "# TYPE ChainDB_SlotNum gauge\nChainDB_SlotNum 5\n"
                "# TYPE cardano_node_metrics_slotNum_int gauge\n"
                "cardano_node_metrics_slotNum_int 5\n"
                "# TYPE cardano_node_metrics_forks_counter counter\n"
                "cardano_node_metrics_forks_counter 1\n"
                "# TYPE cardano_node_metrics_forks_int counter\n"
                "cardano_node_metrics_forks_int 1\n"
                "# TYPE nobody_knows gauge\nnobody_knows 2\n");
    world_close(&w);
}

static void test_help_goes_to_names_that_contain_its_key(void **state)
{
    struct name_pair help[] = { { "slotNum", "The \"slot\",\nand \\ more." }, { "Num", "Late." } };
    struct pages_world w;
    struct collector_node *n;

    (void)state;
    world_open(&w);
    w.config.metric_help = (struct name_pairs){ help, 2 };
    n = world_node(&w, "n");
    world_metric(n, "a.slotNum_int", EKG_GAUGE, 1, NULL);
    world_metric(n, "blockNum", EKG_GAUGE, 2, NULL);
    assert_page(&w, "/n", TEXT,
                "# TYPE a_slotNum_int gauge\n"
                "# HELP a_slotNum_int The \"slot\",\\nand \\\\ more.\n"
                "a_slotNum_int 1\n"
                "# TYPE blockNum gauge\n# HELP blockNum Late.\nblockNum 2\n");
    assert_holds(ask(&w, "/n", OPEN), "# HELP a_slotNum_int The \\\"slot\\\",\\nand \\\\ more.\n");
    world_close(&w);
}

/* --- All nodes ----------------------------------------------------------------------------------- */

static void test_all_nodes_stand_on_one_page_by_their_label(void **state)
{
    struct pages_world w;
    struct collector_node *a, *b, *gone;
    const char *got;

    (void)state;
    world_open(&w);
    a = world_node(&w, "a");
    b = world_node(&w, "b\"\\");
    gone = world_node(&w, "gone");
    world_metric(a, "x", EKG_GAUGE, 1, NULL);
    world_metric(a, "y", EKG_LABEL, 0, "{k=\"v\",node_name=\"mine\"}");
    world_metric(b, "x", EKG_GAUGE, 2, NULL);
    world_metric(b, "y", EKG_GAUGE, 3, NULL); /* another kind than a's */
    world_metric(gone, "x", EKG_GAUGE, 4, NULL);
    nodes_leave(&w.nodes, gone, "test", 2);
    b->counts.objects = 10;
    b->by_severity[3] = 4;
    got = ask(&w, "/metrics", TEXT);
    assert_holds(got, "# TYPE x gauge\nx{node_name=\"a\"} 1\nx{node_name=\"b\\\"\\\\\"} 2\n"
                      "# TYPE y gauge\ny{node_name=\"a\",k=\"v\"} 1\n# EOF\n");
    assert_holds(got, "# TYPE ouroscope_collector_node_connected gauge\n"
                      "# HELP ouroscope_collector_node_connected Whether the node is connected.\n"
                      "ouroscope_collector_node_connected{node_name=\"a\"} 1\n"
                      "ouroscope_collector_node_connected{node_name=\"b\\\"\\\\\"} 1\n"
                      "ouroscope_collector_node_connected{node_name=\"gone\"} 0\n");
    assert_holds(got, "ouroscope_collector_objects_total{node_name=\"b\\\"\\\\\"} 10\n");
    assert_holds(got, "ouroscope_collector_objects_by_severity_total{node_name=\"b\\\"\\\\\","
                      "severity=\"Warning\"} 4\n");
    assert_holds(got, "ouroscope_collector_start_time_seconds 1774160692\n");
    got = ask(&w, "/metrics", OPEN);
    assert_holds(got, "# TYPE ouroscope_collector_objects counter\n");
    assert_holds(got, "\nouroscope_collector_objects_total{node_name=\"a\"} 0\n");
    world_close(&w);
}

/* A node's own texts must not pass for what the collector says, least of all of its losses. */
static void test_a_node_cannot_speak_for_the_collector(void **state)
{
    struct pages_world w;
    struct collector_node *a;
    const char *got;

    (void)state;
    world_open(&w);
    a = world_node(&w, "a");
    world_metric(a, "ouroscope.collector.lost-lines.total", EKG_COUNTER, 5, NULL);
    world_metric(a, "ouroscope_collector_page_left_out_samples", EKG_GAUGE, 6, NULL);
    a->counts.lost_here = 1;
    got = ask(&w, "/metrics", TEXT);
    assert_holds(got, "\nouroscope_collector_lost_lines_total{node_name=\"a\"} 1\n");
    assert_holds(got, "\nouroscope_collector_page_left_out_samples 0\n");
    assert_lacks(got, "} 5\n");
    assert_lacks(got, "} 6\n");
    world_close(&w);
}

static void show_with_share(struct metric_page *page, struct pages_world *w, size_t bytes,
                            size_t names)
{
    for (size_t i = 0; i < w->nodes.count; i++) {
        metric_page_share(page, bytes, names);
        metric_show_node(page, &w->config, w->nodes.at[i], true);
    }
    metric_show_left_out(page);
}

static void test_nodes_with_too_much_do_not_take_the_page_from_others(void **state)
{
    static const size_t shares[][2] = { { SIZE_MAX, 10 }, { 290, SIZE_MAX } };
    struct collector_node *greedy, *modest;
    struct pages_world w;

    (void)state;
    world_open(&w);
    greedy = world_node(&w, "greedy");
    modest = world_node(&w, "modest");
    for (int i = 0; i < 50; i++) {
        char name[32];

        snprintf(name, sizeof name, "greedy%d", i);
        world_metric(greedy, name, EKG_GAUGE, i, NULL);
    }
    world_metric(modest, "greedy40", EKG_GAUGE, 6, NULL);
    world_metric(modest, "slotNum", EKG_GAUGE, 7, NULL);
    for (size_t i = 0; i < 2; i++) {
        struct metric_page page;
        struct buffer out;

        buffer_init(&out, allocator_libc(), 1 << 20);
        metric_page_init(&page);
        show_with_share(&page, &w, shares[i][0], shares[i][1]);
        assert_int_equal(metric_page_write(&page, false, &out), OU_OK);
        assert_holds(buffer_string(&out), "\ngreedy9{node_name=\"greedy\"} 9\n");
        assert_lacks(buffer_string(&out), "greedy10");
        assert_holds(buffer_string(&out), "\ngreedy40{node_name=\"modest\"} 6\n");
        assert_holds(buffer_string(&out), "\nslotNum{node_name=\"modest\"} 7\n");
        assert_holds(buffer_string(&out), "\nouroscope_collector_page_left_out_samples 40\n");
        metric_page_release(&page);
        buffer_release(&out);
    }
    world_close(&w);
}

/* --- Index and targets ----------------------------------------------------------------------------- */

static void test_the_index_is_html_or_json(void **state)
{
    struct pages_world w;
    const char *got;

    (void)state;
    world_open(&w);
    assert_holds(ask(&w, "/", ACCEPT("text/html")), "There are no connected nodes yet.");
    assert_string_equal(ask(&w, "/", NULL), "{}\n");
    world_node(&w, "<b>:1");
    nodes_leave(&w.nodes, world_node(&w, "gone"), "test", 2);
    assert_string_equal(ask(&w, "/", ACCEPT("application/json")), "{\"<b>:1\":\"/b1\"}\n");
    assert_string_equal(w.answer.type, "application/json");
    assert_string_equal(ask(&w, "/", NULL), "{\"<b>:1\":\"/b1\"}\n");
    got = ask(&w, "/", ACCEPT("*/*")); /* what curl says */
    assert_string_equal(w.answer.type, "text/html;charset=utf-8");
    assert_holds(got, "<a href=\"/b1\"><bdi>&#60;b&#62;:1</bdi></a>");
    assert_lacks(got, "gone");
    assert_string_equal(ask(&w, "/", ACCEPT("text/html, application/json;q=0.9")), got);
    world_close(&w);
}

static void test_targets_are_what_prometheus_discovers(void **state)
{
    struct name_pair labels[] = { { "site", "\"north\"" }, { "node_name", "never" } };
    struct pages_world w;

    (void)state;
    world_open(&w);
    w.config.prometheus_labels = (struct name_pairs){ labels, 2 };
    world_node(&w, "127.0.0.1:30004");
    nodes_leave(&w.nodes, world_node(&w, "gone"), "test", 2);
    assert_string_equal(ask(&w, "/targets", ACCEPT("application/json")),
                        "[{\"targets\":[\"h:3200\"],\"labels\":{\"__metrics_path__\":"
                        "\"/12700130004\",\"node_name\":\"127.0.0.1:30004\","
                        "\"site\":\"\\\"north\\\"\"}}]\n");
    assert_string_equal(w.answer.type, "application/json");
    assert_holds(ask(&w, "/targets",
                     (const char *const[]){ "Host", "inner", "X-Forwarded-Host",
                                            "outer.example, inner", NULL }),
                 "[\"outer.example\"]");
    ask(&w, "/targets", ACCEPT("text/html"));
    assert_int_equal(w.answer.status, 415);
    ask(&w, "/targets", NULL);
    assert_int_equal(w.answer.status, 400);
    world_close(&w);
}

static void test_what_is_not_there_is_said_by_name(void **state)
{
    struct pages_world w;

    (void)state;
    world_open(&w);
    nodes_leave(&w.nodes, world_node(&w, "gone"), "test", 2);
    assert_string_equal(ask(&w, "/gone", NULL),
                        "Not found: \"gone\"\n"
                        "The connection with it ended at 1970-01-01T00:00:00.000000002Z: test\n");
    assert_int_equal(w.answer.status, 404);
    assert_string_equal(ask(&w, "/other/path", NULL), "Not found: \"other\"\n");
    assert_int_equal(w.answer.status, 404);
    world_node(&w, "gone"); /* it is back */
    ask(&w, "/gone", NULL);
    assert_int_equal(w.answer.status, 200);
    world_close(&w);
}

static void test_the_query_api_is_served_here_too(void **state)
{
    struct pages_world w;

    (void)state;
    world_open(&w);
    assert_holds(ask(&w, "/api/v1/query", NULL), "\"status\":\"");
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_page_in_the_text_format),
        cmocka_unit_test(test_a_page_in_open_metrics),
        cmocka_unit_test(test_a_shorter_name_that_is_taken_makes_a_counter_of_unknown_type),
        cmocka_unit_test(test_of_two_metrics_of_one_name_the_first_is_shown),
        cmocka_unit_test(test_labels_that_are_nothing_are_left_out),
        cmocka_unit_test(test_suffixes_go_when_none_are_wanted),
        cmocka_unit_test(test_an_alias_stands_beside_the_name),
        cmocka_unit_test(test_legacy_names_replace_or_accompany_the_new_ones),
        cmocka_unit_test(test_help_goes_to_names_that_contain_its_key),
        cmocka_unit_test(test_all_nodes_stand_on_one_page_by_their_label),
        cmocka_unit_test(test_a_node_cannot_speak_for_the_collector),
        cmocka_unit_test(test_nodes_with_too_much_do_not_take_the_page_from_others),
        cmocka_unit_test(test_the_index_is_html_or_json),
        cmocka_unit_test(test_targets_are_what_prometheus_discovers),
        cmocka_unit_test(test_what_is_not_there_is_said_by_name),
        cmocka_unit_test(test_the_query_api_is_served_here_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
