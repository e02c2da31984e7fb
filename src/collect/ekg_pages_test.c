#include <jansson.h>

#include "collect/pages_world_test.h"

static const char *ask(struct pages_world *w, const char *path, const char *accept)
{
    return world_ask(w, ekg_pages, path, ACCEPT(accept));
}

static void test_metrics_are_json_by_the_parts_of_their_names(void **state)
{
    struct pages_world w;
    struct collector_node *n;
    json_t *got, *want;

    (void)state;
    world_open(&w);
    n = world_node(&w, "n");
    world_metric(n, "rts.gc.num_gcs", EKG_COUNTER, 17, NULL);
    world_metric(n, "rts.gc", EKG_GAUGE, -1, NULL); /* also the name of a part */
    world_metric(n, "rts.gc.label", EKG_LABEL, 0, "a \"b\" \u20ac");
    world_metric(n, ".", EKG_GAUGE, 3, NULL);
    got = json_loads(ask(&w, "/n", "application/json"), JSON_REJECT_DUPLICATES, NULL);
    want = json_loads("{\"rts\":{\"gc\":{\"num_gcs\":{\"type\":\"c\",\"val\":17},"
                      "\"type\":\"g\",\"val\":-1,"
                      "\"label\":{\"type\":\"l\",\"val\":\"a \\\"b\\\" \u20ac\"}}},"
                      "\"\":{\"\":{\"type\":\"g\",\"val\":3}}}",
                      0, NULL);
    assert_true(got && want);
    assert_true(json_equal(got, want));
    assert_string_equal(w.answer.type, "application/json");
    json_decref(got);
    json_decref(want);
    world_close(&w);
}

static void test_metrics_are_a_page_for_people(void **state)
{
    struct pages_world w;
    struct collector_node *n;
    const char *got;

    (void)state;
    world_open(&w);
    n = world_node(&w, "n");
    world_metric(n, "a.b", EKG_GAUGE, -5, NULL);
    world_metric(n, "c", EKG_LABEL, 0, "<script>alert(\"1\")</script>\u202e");
    got = ask(&w, "/n/anything", "text/html");
    assert_int_equal(w.answer.status, 200);
    assert_string_equal(w.answer.type, "text/html;charset=utf-8");
    assert_non_null(w.answer.policy);
    assert_non_null(strstr(got, "<td>a.b</td><td>gauge</td><td class=\"number\">-5</td>"));
    assert_non_null(strstr(got, "<bdi>&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;"
                                "\\u{202e}</bdi>"));
    assert_null(strstr(got, "http:"));
    world_close(&w);
}

static void test_the_index_names_connected_nodes(void **state)
{
    struct pages_world w;

    (void)state;
    world_open(&w);
    world_node(&w, "n");
    nodes_leave(&w.nodes, world_node(&w, "gone"), "test", 2);
    assert_string_equal(ask(&w, "/", "application/json"), "{\"n\":\"/n\"}\n");
    assert_non_null(strstr(ask(&w, "/", "text/html"), "EKG metrics"));
    assert_string_equal(ask(&w, "/gone", "text/html"),
                        "Not found: \"gone\"\n"
                        "The connection with it ended at 1970-01-01T00:00:00.000000002Z: test\n");
    assert_int_equal(w.answer.status, 404);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metrics_are_json_by_the_parts_of_their_names),
        cmocka_unit_test(test_metrics_are_a_page_for_people),
        cmocka_unit_test(test_the_index_names_connected_nodes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
