#include <stdlib.h>

#include "base/buffer.h"
#include "json/tree.h"
#include "support/test.h"

static void check_text(const char *given, const char *wanted)
{
    struct ou_error err = { 0 };
    struct buffer out;
    json_t *tree;

    buffer_init(&out, allocator_libc(), 1 << 20);
    if (json_tree_parse(span_of(given), "test", &tree, &err))
        fail_msg("%s", err.text);
    json_tree_append(&out, tree);
    assert_string_equal(buffer_string(&out), wanted);
    json_decref(tree);
    buffer_release(&out);
}

static void test_numbers_are_written_in_their_shortest_form(void **state)
{
    (void)state;
    check_text("[0.05,0.1,1e300,-3,9223372036854775807]",
               "[\n  0.05,\n  0.1,\n  1e+300,\n  -3,\n  9223372036854775807\n]");
}

static void test_members_keep_their_order_two_blanks_a_level(void **state)
{
    (void)state;
    check_text("{\"b\":{\"y\":null,\"x\":[true,{}]},\"a\":false,\"e\":[]}",
               "{\n  \"b\": {\n    \"y\": null,\n    \"x\": [\n      true,\n      {}\n    ]\n  },\n"
               "  \"a\": false,\n  \"e\": []\n}");
}

static void test_text_and_keys_are_escaped(void **state)
{
    (void)state;
    check_text("{\"a\\\"b\":\"x\\n\\u0001\\u00e9\"}",
               "{\n  \"a\\\"b\": \"x\\n\\u0001\xc3\xa9\"\n}");
}

static void test_a_full_buffer_is_told(void **state)
{
    json_t *tree = json_pack("[s, s]", "0123456789", "0123456789");
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 20);
    json_tree_append(&out, tree);
    assert_int_equal(buffer_status(&out), OU_TOO_LARGE);
    buffer_release(&out);
    json_decref(tree);
}

/* Sanitizers take the question for so much memory for a mistake. */
static void want_impossible_texts(void)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip();
#endif
}

/* One of which there is no memory for a copy. */
static json_t *impossible_text(void)
{
    return json_stringn_nocheck("", SIZE_MAX / 4);
}

static void test_a_document_that_lacks_a_member_for_want_of_memory_is_not_written(void **state)
{
    struct buffer out;
    json_t *tree;
    char *text;

    (void)state;
    want_impossible_texts();
    tree = json_pack("{s:i}", "a", 1);
    assert_int_not_equal(json_object_set_new(tree, "b", impossible_text()), 0);
    buffer_init(&out, allocator_libc(), 1 << 20);
    json_tree_append(&out, tree);
    assert_int_equal(buffer_status(&out), OU_NO_MEMORY);
    buffer_release(&out);
    assert_null(impossible_text());
    assert_null(json_tree_text(tree, JSON_COMPACT));
    /* It was told; the next document is another one. */
    text = json_tree_text(tree, JSON_COMPACT);
    assert_string_equal(text, "{\"a\":1}");
    free(text);
    json_decref(tree);
}

static void test_reading_does_not_forget_what_is_missing_elsewhere(void **state)
{
    struct ou_error err;
    json_t *tree = NULL;

    (void)state;
    want_impossible_texts();
    assert_null(impossible_text());
    assert_int_equal(json_tree_parse(span_of("[1]"), "test", &tree, &err), OU_OK);
    assert_null(json_tree_text(tree, JSON_COMPACT));
    json_decref(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_written_in_their_shortest_form),
        cmocka_unit_test(test_members_keep_their_order_two_blanks_a_level),
        cmocka_unit_test(test_text_and_keys_are_escaped),
        cmocka_unit_test(test_a_full_buffer_is_told),
        cmocka_unit_test(test_a_document_that_lacks_a_member_for_want_of_memory_is_not_written),
        cmocka_unit_test(test_reading_does_not_forget_what_is_missing_elsewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
