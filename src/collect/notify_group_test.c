#include "collect/notify_group.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "support/test.h"

#define START_NS (INT64_C(1700000000) * NS_PER_SECOND)

static struct notice_group group;

static int tear_down(void **state)
{
    (void)state;
    notice_group_release(&group);
    return 0;
}

static void add(enum notice_kind kind, const char *node, int severity, const char *name,
                const char *text, uint64_t count)
{
    const struct notice n = { .kind = kind,
                              .at_ns = START_NS + (int64_t)group.total * NS_PER_SECOND,
                              .node = node,
                              .severity = severity,
                              .name = span_of(name),
                              .text = span_of(text),
                              .count = count };

    notice_group_add(&group, &n);
}

static json_t *as_json(void)
{
    struct buffer out;
    json_error_t error;
    json_t *ret;

    buffer_init(&out, allocator_libc(), GROUP_JSON_MAX);
    notice_group_json(&group, "a rule", &out);
    assert_int_equal(buffer_status(&out), OU_OK);
    ret = json_loadb(out.at, out.len, JSON_REJECT_DUPLICATES, &error);
    if (!ret)
        fail_msg("%s in %s", error.text, buffer_string(&out));
    buffer_release(&out);
    return ret;
}

static const char *text_at(json_t *tree, const char *list, size_t i, const char *key)
{
    return json_string_value(json_object_get(json_array_get(json_object_get(tree, list), i), key));
}

static json_int_t number_at(json_t *tree, const char *list, size_t i, const char *key)
{
    return json_integer_value(json_object_get(json_array_get(json_object_get(tree, list), i), key));
}

static void assert_summary(const char *expected)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 4096);
    notice_group_summary(&group, &out);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void test_an_event_is_told_in_full(void **state)
{
    json_t *tree;

    (void)state;
    add(NOTICE_MESSAGE, "node-1", 4, "Forge.Loop.NodeCannotForge", "{\"at\":\"...\"}", 0);
    tree = as_json();
    assert_string_equal(
        json_string_value(json_object_get(tree, "text")),
        "Ouroscope, a rule: 1 message, the worst Error, Forge.Loop.NodeCannotForge: "
        "node-1.");
    assert_int_equal(json_integer_value(json_object_get(tree, "version")), 1);
    assert_string_equal(json_string_value(json_object_get(tree, "rule")), "a rule");
    assert_string_equal(json_string_value(json_object_get(tree, "from")), "2023-11-14T22:13:20Z");
    assert_int_equal(json_integer_value(json_object_get(tree, "total")), 1);
    assert_string_equal(text_at(tree, "events", 0, "at"), "2023-11-14T22:13:20Z");
    assert_string_equal(text_at(tree, "events", 0, "kind"), "message");
    assert_string_equal(text_at(tree, "events", 0, "node"), "node-1");
    assert_string_equal(text_at(tree, "events", 0, "severity"), "Error");
    assert_string_equal(text_at(tree, "events", 0, "namespace"), "Forge.Loop.NodeCannotForge");
    assert_string_equal(text_at(tree, "events", 0, "text"), "{\"at\":\"...\"}");
    json_decref(tree);
}

static void test_after_a_hundred_events_are_counted_only(void **state)
{
    json_t *tree;

    (void)state;
    for (int i = 0; i < 1000; i++)
        add(NOTICE_MESSAGE, i % 2 ? "odd" : "even", 3 + i % 4, "A.B", "text", 0);
    add(NOTICE_LOST, "odd", -1, "", "the queue was full", 77);
    tree = as_json();
    assert_int_equal(json_array_size(json_object_get(tree, "events")), 100);
    assert_int_equal(json_integer_value(json_object_get(tree, "total")), 1001);
    /* even has severities 3 and 5, odd 4 and 6 and the loss. */
    assert_int_equal(json_array_size(json_object_get(tree, "counts")), 5);
    assert_string_equal(text_at(tree, "counts", 0, "node"), "even");
    assert_string_equal(text_at(tree, "counts", 0, "severity"), "Warning");
    assert_int_equal(number_at(tree, "counts", 0, "events"), 250);
    assert_string_equal(text_at(tree, "counts", 4, "kind"), "lost");
    assert_int_equal(number_at(tree, "counts", 4, "objects"), 77);
    assert_null(text_at(tree, "counts", 4, "severity"));
    assert_int_equal(json_integer_value(json_object_get(tree, "uncounted")), 0);
    json_decref(tree);
    assert_summary("77 objects lost: odd. 1000 messages, the worst Alert, A.B: even, odd.");
}

static void test_the_sum_is_right_with_too_many_nodes(void **state)
{
    json_t *tree, *row;
    json_int_t sum = 0;
    size_t i;

    (void)state;
    for (int n = 0; n < 3000; n++) {
        char name[24];

        snprintf(name, sizeof name, "node-%d", n);
        add(NOTICE_NODE_DOWN, name, -1, "", "gone", 0);
    }
    tree = as_json();
    json_array_foreach(json_object_get(tree, "counts"), i, row) sum +=
        json_integer_value(json_object_get(row, "events"));
    assert_int_equal(json_array_size(json_object_get(tree, "counts")), GROUP_ROWS_MAX);
    assert_int_equal(sum + json_integer_value(json_object_get(tree, "uncounted")), 3000);
    json_decref(tree);
    assert_summary("Down: node-0, node-1, node-2, node-3, node-4 and 251 more. 2744 more events.");
}

static void test_what_has_to_be_done_something_about_comes_first(void **state)
{
    (void)state;
    add(NOTICE_NODE_BACK, "b", -1, "", "", 0);
    add(NOTICE_WRITE_RECOVERED, "w", -1, "", "", 0);
    add(NOTICE_SILENCE, "s", -1, "", "", 0);
    add(NOTICE_WRITE_FAILED, "w", -1, "", "", 0);
    add(NOTICE_LOST, "l", -1, "", "", 1);
    add(NOTICE_NODE_DOWN, "d", -1, "", "", 0);
    assert_summary("Down: d. Logs cannot be written: w. 1 object lost: l. Silent: s. Back: b. "
                   "Logs are written again: w.");
}

static void test_names_in_the_summary_are_no_markup(void **state)
{
    (void)state;
    add(NOTICE_NODE_DOWN, "<!channel> @here *x* [a](http://b)", -1, "", "", 0);
    assert_summary("Down: __channel___here__x___a__http_//b_.");
}

static void test_long_and_broken_texts_are_cut_between_characters(void **state)
{
    char text[GROUP_TEXT_MAX + 20] = { 0 };
    char name[2 * NODE_NAME_ROOM] = { 0 };
    json_t *tree;

    (void)state;
    memset(text, 'x', GROUP_TEXT_MAX - 1);
    strcat(text, "\xe2\x82\xac\xe2\x82\xac"); /* two euros; the first does not fit */
    memset(name, 'n', sizeof name - 1);
    add(NOTICE_MESSAGE, name, 7, name, text, 0);
    add(NOTICE_MESSAGE, name, 7, name, "\xff\xfe\"\\\n", 0);
    tree = as_json();
    assert_int_equal(strlen(text_at(tree, "events", 0, "text")), GROUP_TEXT_MAX - 1);
    assert_int_equal(strlen(text_at(tree, "events", 0, "node")), NODE_NAME_ROOM - 1);
    assert_string_equal(text_at(tree, "events", 1, "text"), "\xef\xbf\xbd\xef\xbf\xbd\"\\\n");
    assert_int_equal(json_array_size(json_object_get(tree, "counts")), 1);
    json_decref(tree);
}

static void test_what_was_not_delivered_comes_first_again(void **state)
{
    struct notice_group older;
    json_t *tree;

    (void)state;
    for (int i = 0; i < 60; i++)
        add(NOTICE_MESSAGE, "old", 5, "Worse", "first", 0);
    group.failures = 2;
    older = group;
    group = (struct notice_group){ 0 };
    for (int i = 0; i < 70; i++)
        add(NOTICE_MESSAGE, "new", 3, "Bad", "second", 0);
    notice_group_prepend(&group, &older);
    assert_int_equal(older.total, 0);

    tree = as_json();
    assert_int_equal(json_integer_value(json_object_get(tree, "total")), 130);
    assert_int_equal(json_integer_value(json_object_get(tree, "failed_deliveries")), 2);
    assert_string_equal(text_at(tree, "events", 59, "text"), "first");
    assert_string_equal(text_at(tree, "events", 60, "text"), "second");
    assert_int_equal(json_array_size(json_object_get(tree, "events")), 100);
    assert_int_equal(number_at(tree, "counts", 0, "events"), 60);
    assert_int_equal(number_at(tree, "counts", 1, "events"), 70);
    json_decref(tree);
    assert_summary("130 messages, the worst Critical, Worse: old, new.");
}

static void test_nothing_newer_is_fine(void **state)
{
    struct notice_group older;

    (void)state;
    add(NOTICE_NODE_DOWN, "a", -1, "", "", 0);
    older = group;
    group = (struct notice_group){ 0 };
    notice_group_prepend(&group, &older);
    assert_int_equal(group.total, 1);
    notice_group_prepend(&group, &older);
    assert_int_equal(group.total, 1);
    assert_summary("Down: a.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_an_event_is_told_in_full, tear_down),
        cmocka_unit_test_teardown(test_after_a_hundred_events_are_counted_only, tear_down),
        cmocka_unit_test_teardown(test_the_sum_is_right_with_too_many_nodes, tear_down),
        cmocka_unit_test_teardown(test_what_has_to_be_done_something_about_comes_first, tear_down),
        cmocka_unit_test_teardown(test_names_in_the_summary_are_no_markup, tear_down),
        cmocka_unit_test_teardown(test_long_and_broken_texts_are_cut_between_characters, tear_down),
        cmocka_unit_test_teardown(test_what_was_not_delivered_comes_first_again, tear_down),
        cmocka_unit_test_teardown(test_nothing_newer_is_fine, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
