/* Labels of any names: what they become by functions, aggregations and operators. */
#include "query/answer.h"
#include "query/pages.h"
#include "query/source_test.h"

#define T0_MS INT64_C(1774153200000)

/* labels: names and values in turn, in order; NULL behind the last. */
static void put(struct samples *s, int64_t at_ms, double value, const char *const *texts)
{
    struct query_label labels[8];
    size_t count = 0;

    for (; texts[2 * count]; count++)
        labels[count] = (struct query_label){ texts[2 * count], texts[2 * count + 1] };
    samples_put_labelled(s, (struct query_labels){ labels, count }, at_ms, value);
}
#define PUT(s, at_ms, value, ...) put(s, at_ms, value, (const char *const[]){ __VA_ARGS__, NULL })

/* Times of two profiles, and which version was in use: the second profile's changes in the middle. A label with a capital is
 * in front of the name. */
static struct samples *some(void)
{
    struct samples *s = samples_new();

    for (int i = 0; i < 10; i++) {
        PUT(s, T0_MS + i * 60000, 10 + i, "Cluster", "x", "__name__", "cpu", "profile", "p1");
        PUT(s, T0_MS + i * 60000, 20 + i, "Cluster", "x", "__name__", "cpu", "profile", "p2");
        PUT(s, T0_MS + i * 60000, 1, "__name__", "info", "profile", "p1", "version", "10.6");
    }
    PUT(s, T0_MS, 1, "__name__", "info", "profile", "p2", "version", "10.6");
    PUT(s, T0_MS + 540000, 1, "__name__", "info", "profile", "p2", "version", "10.7");
    return s;
}

/* The rows of an answer: "{a="1"}=3 {b="2"}=4", or its failure. Over time the number of points and the last one: "*3=7". */
static const char *ask_over(struct samples *s, const char *text, int64_t from_ms, int64_t to_ms)
{
    static char told[2048];
    const struct query_node *n;
    struct query_times times = { from_ms, to_ms, 60000, from_ms < to_ms, INT64_C(600000000000), 0 };
    struct query_result result;
    struct ou_error err = { 0 };
    struct arena memory;
    size_t len = 0;

    told[0] = '\0';
    arena_init(&memory, allocator_libc(), QUERY_MEMORY_MAX);
    if (query_parse(&memory, span_of(text), &n, &err) ||
        query_evaluate(&memory, n, &s->source, &times, &result, &err)) {
        snprintf(told, sizeof(told), "%s", err.text);
        result.count = 0;
    }
    for (size_t i = 0; i < result.count; i++) {
        const struct query_row *row = &result.rows[i];

        len += (size_t)snprintf(told + len, sizeof(told) - len, "%s{", i ? " " : "");
        for (size_t j = 0; j < row->labels.count; j++)
            len += (size_t)snprintf(told + len, sizeof(told) - len, "%s%s=\"%s\"", j ? "," : "",
                                    row->labels.at[j].name, row->labels.at[j].value);
        len += (size_t)snprintf(told + len, sizeof(told) - len, "}");
        if (times.is_range)
            len += (size_t)snprintf(told + len, sizeof(told) - len, "*%zu", row->count);
        len += (size_t)snprintf(told + len, sizeof(told) - len, "=%g",
                                row->points[row->count - 1].value);
    }
    arena_release(&memory);
    return told;
}

static const char *ask(struct samples *s, const char *text)
{
    return ask_over(s, text, T0_MS, T0_MS);
}

static void test_groups_are_made_of_any_labels(void **state)
{
    struct samples *s = some();

    (void)state;
    assert_string_equal(ask(s, "cpu"), "{Cluster=\"x\",__name__=\"cpu\",profile=\"p1\"}=10 "
                                       "{Cluster=\"x\",__name__=\"cpu\",profile=\"p2\"}=20");
    assert_string_equal(ask(s, "-cpu{profile=\"p1\"}"), "{Cluster=\"x\",profile=\"p1\"}=-10");
    assert_string_equal(ask(s, "sum(cpu)"), "{}=30");
    assert_string_equal(ask(s, "sum by (Cluster) (cpu)"), "{Cluster=\"x\"}=30");
    assert_string_equal(ask(s, "max by (profile, none) (cpu)"),
                        "{profile=\"p1\"}=10 {profile=\"p2\"}=20");
    assert_string_equal(ask(s, "max without (profile) (cpu)"), "{Cluster=\"x\"}=20");
    assert_string_equal(ask(s, "max by (__name__) (cpu)"), "{__name__=\"cpu\"}=20");
    assert_string_equal(ask(s, "count by (version) (info)"), "{version=\"10.6\"}=2");
    assert_string_equal(ask(s, "cpu{version=\"\",profile=\"p1\"}"),
                        "{Cluster=\"x\",__name__=\"cpu\",profile=\"p1\"}=10");
    samples_free(s);
}

static void test_sides_match_by_any_labels(void **state)
{
    struct samples *s = some();

    (void)state;
    assert_string_equal(ask(s, "cpu * on (profile) info"),
                        "{profile=\"p1\"}=10 {profile=\"p2\"}=20");
    assert_string_equal(ask(s, "cpu * ignoring (Cluster, version) info"),
                        "{profile=\"p1\"}=10 {profile=\"p2\"}=20");
    assert_string_equal(ask(s, "cpu / on (Cluster) group_left () sum by (Cluster) (cpu)"),
                        "{Cluster=\"x\",profile=\"p1\"}=0.333333 "
                        "{Cluster=\"x\",profile=\"p2\"}=0.666667");
    assert_string_equal(ask(s, "cpu and on (profile) info{profile=\"p2\"}"),
                        "{Cluster=\"x\",__name__=\"cpu\",profile=\"p2\"}=20");
    assert_string_equal(ask(s, "cpu + on (Cluster) cpu"),
                        "found duplicate series for the match group {Cluster=\"x\"} on the right "
                        "hand-side of the operation: [{Cluster=\"x\", __name__=\"cpu\", "
                        "profile=\"p2\"}, {Cluster=\"x\", __name__=\"cpu\", profile=\"p1\"}];"
                        "many-to-many matching not allowed: matching labels must be unique on one "
                        "side");
    samples_free(s);
}

static void test_the_one_side_lends_labels_at_each_step_its_own(void **state)
{
    struct samples *s = some();
    const char *joined = "cpu * on (profile) group_left (version) info";

    (void)state;
    assert_string_equal(ask(s, joined), "{Cluster=\"x\",profile=\"p1\",version=\"10.6\"}=10 "
                                        "{Cluster=\"x\",profile=\"p2\",version=\"10.6\"}=20");
    /* 10.6 holds for five minutes more, then there is none until 10.7. */
    assert_string_equal(ask_over(s, joined, T0_MS, T0_MS + 540000),
                        "{Cluster=\"x\",profile=\"p1\",version=\"10.6\"}*10=19 "
                        "{Cluster=\"x\",profile=\"p2\",version=\"10.6\"}*6=25 "
                        "{Cluster=\"x\",profile=\"p2\",version=\"10.7\"}*1=29");
    /* What the one side has not got is taken away. */
    assert_string_equal(ask(s, "cpu * on (profile) group_left (Cluster) info"),
                        "{profile=\"p1\"}=10 {profile=\"p2\"}=20");
    assert_string_equal(ask(s, "info * on (profile) group_right (version) cpu"),
                        "{Cluster=\"x\",profile=\"p1\",version=\"10.6\"}=10 "
                        "{Cluster=\"x\",profile=\"p2\",version=\"10.6\"}=20");
    assert_string_equal(ask(s,
                            "label_replace(cpu, \"same\", \"1\", \"\", \"\") * on (same) "
                            "group_left (profile) label_replace(sum(cpu), \"same\", \"1\", \"\", "
                            "\"\")"),
                        "vector cannot contain metrics with the same labelset");
    samples_free(s);
}

static void test_labels_are_replaced_and_joined(void **state)
{
    struct samples *s = some();

    (void)state;
    assert_string_equal(
        ask(s, "label_replace(info{profile=\"p1\"}, \"minor\", \"v$2-${1}$$\", \"version\", "
               "\"(\\\\d+)\\\\.(\\\\d+)\")"),
        "{__name__=\"info\",minor=\"v6-10$\",profile=\"p1\",version=\"10.6\"}=1");
    assert_string_equal(ask(s, "label_replace(info{profile=\"p1\"}, \"version\", \"$name\", "
                               "\"version\", \"(?P<name>.*)\\\\..*\")"),
                        "{__name__=\"info\",profile=\"p1\",version=\"10\"}=1");
    assert_string_equal(
        ask(s, "label_replace(info{profile=\"p1\"}, \"version\", \"$1x\", \"version\", \"(.*)\")"),
        "{__name__=\"info\",profile=\"p1\"}=1"); /* there is no group "1x" */
    assert_string_equal(
        ask(s, "label_replace(info{profile=\"p1\"}, \"version\", \"$1\", \"version\", \"11.*\")"),
        "{__name__=\"info\",profile=\"p1\",version=\"10.6\"}=1");
    assert_string_equal(ask(s, "label_join(cpu{profile=\"p1\"}, \"all\", \"/\", \"Cluster\", "
                               "\"none\", \"profile\")"),
                        "{Cluster=\"x\",__name__=\"cpu\",all=\"x//p1\",profile=\"p1\"}=10");
    assert_string_equal(ask(s, "label_join(cpu{profile=\"p1\"}, \"Cluster\", \",\")"),
                        "{__name__=\"cpu\",profile=\"p1\"}=10");
    assert_string_equal(ask(s, "label_replace(cpu, \"profile\", \"p\", \"\", \"\")"),
                        "vector cannot contain metrics with the same labelset");
    assert_string_equal(ask(s, "label_replace(cpu, \"0\", \"p\", \"\", \"\")"),
                        "invalid destination label name in label_replace(): 0");
    assert_string_equal(ask(s, "label_replace(cpu, \"a\", \"p\", \"\", \"(\")"),
                        "invalid regular expression in label_replace(): (");
    assert_string_equal(ask(s, "label_join(cpu, \"a\", \"p\", \"b-c\")"),
                        "invalid source label name in label_join(): b-c");
    samples_free(s);
}

static void test_what_is_absent_has_the_labels_that_were_asked_for(void **state)
{
    struct samples *s = some();

    (void)state;
    assert_string_equal(ask(s, "absent(none{a=\"1\",b=~\"2\",c!=\"3\"})"), "{a=\"1\"}=1");
    assert_string_equal(ask(s, "absent(none{a=\"1\",a=\"2\",b=~\".+\",b=\"4\",c=\"5\",c!=\"6\"})"),
                        "{b=\"4\"}=1");
    assert_string_equal(ask(s, "absent(sum(none{a=\"1\"}))"), "{}=1");
    samples_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups_are_made_of_any_labels),
        cmocka_unit_test(test_sides_match_by_any_labels),
        cmocka_unit_test(test_the_one_side_lends_labels_at_each_step_its_own),
        cmocka_unit_test(test_labels_are_replaced_and_joined),
        cmocka_unit_test(test_what_is_absent_has_the_labels_that_were_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
