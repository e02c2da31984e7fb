#include <string.h>

#include "support/test.h"

#include "base/buffer.h"
#include "trace/config_tree.h"

static struct config_tree parse(const char *text)
{
    struct config_tree tree = { .root = NULL };
    struct ou_error err = { { 0 } };
    enum ou_status status = config_tree_parse(span_of(text), "file", &tree, &err);

    if (status)
        print_error("%s\n", err.text);
    assert_int_equal(status, OU_OK);
    return tree;
}

static void assert_refused(enum ou_status want, struct span text, const char *message)
{
    struct config_tree tree = { .root = NULL };
    struct ou_error err = { { 0 } };

    assert_int_equal(config_tree_parse(text, "file", &tree, &err), want);
    assert_string_equal(err.text, message);
    assert_null(tree.root);
}

static const char *text_of(const struct config_tree *tree, const char *key)
{
    const struct config_node *value = config_member(tree->root, key);

    assert_non_null(value);
    assert_int_equal(value->kind, CONFIG_SCALAR);
    return value->text.at;
}

static void test_yaml_and_json_give_the_same_tree(void **state)
{
    static const char *const texts[] = {
        "# a comment\na: one\nb:\n  - 1\n  - 'two'\n",
        "{\"a\":\"one\",\"b\":[1,\"two\"]}",
        "\n\t {\n\t\"a\"\t:\t\"one\",\n\t\"b\": [\t1,\n\t\t\"two\"\t]\n}\n",
        "\xef\xbb\xbf{\"a\" : \"one\", \"b\" : [1, \"two\"]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config_tree tree = parse(texts[i]);
        const struct config_node *b = config_member(tree.root, "b");
        double number;

        assert_string_equal(text_of(&tree, "a"), "one");
        assert_int_equal(b->kind, CONFIG_LIST);
        assert_int_equal(b->count, 2);
        assert_true(config_is_number(b->items->value, &number) && number == 1);
        assert_false(config_is_number(b->items->next->value, &number));
        assert_string_equal(b->items->next->value->text.at, "two");
        assert_null(b->items->next->next);
        config_tree_release(&tree);
    }
}

static void test_lines_are_those_of_the_file(void **state)
{
    struct config_tree yaml = parse("a:\n  b: 1\n\n\n  c: 2\n");
    struct config_tree json = parse("\n\n{\n \"a\": 5\n}");

    (void)state;
    assert_int_equal(config_member(config_member(yaml.root, "a"), "c")->line, 5);
    assert_int_equal(json.root->line, 3);
    assert_int_equal(config_member(json.root, "a")->line, 4);
    config_tree_release(&yaml);
    config_tree_release(&json);
}

static void test_escapes_of_json_are_understood(void **state)
{
    struct config_tree tree =
        parse("{\"a\":\"\\/ \\u00e9 \\ud83d\\ude00 \\uD83D\\uDE00 \\\\ud83d\\\\ude00 \\\"\"}");

    (void)state;
    assert_string_equal(text_of(&tree, "a"),
                        "/ \xc3\xa9 \xf0\x9f\x98\x80 \xf0\x9f\x98\x80 \\ud83d\\ude00 \"");
    config_tree_release(&tree);
    tree = parse("\xef\xbb\xbf\t{\"a\":\"\x7f \xc2\x85 \xe2\x80\xa8 \xef\xbb\xbf\"}");
    assert_string_equal(text_of(&tree, "a"), "\x7f \xc2\x85 \xe2\x80\xa8 \xef\xbb\xbf");
    config_tree_release(&tree);
    assert_refused(OU_INVALID, span_of("{\"a\":\n\"\\ud83d\"}"),
                   "file:2: found invalid Unicode character escape code while parsing a quoted "
                   "scalar");
}

static void test_empty_documents_have_no_root(void **state)
{
    static const char *const texts[] = { "", "\n\n", "# nothing\n", "---\n...\n" };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct config_tree tree = parse(texts[i]);

        assert_true(!tree.root || config_is_null(tree.root));
        config_tree_release(&tree);
    }
}

static void test_what_is_not_yaml_is_refused_with_its_line(void **state)
{
    (void)state;
    assert_refused(OU_INVALID, span_of("a: b\nc: {d\n"),
                   "file:3: did not find expected ',' or '}' while parsing a flow mapping");
    assert_refused(OU_INVALID, span_of("a: 1\nb: \"\x01\"\n"),
                   "file:2: control characters are not allowed");
    assert_refused(OU_INVALID, span_of("a: 1\n\nb: \xff\n"), "file:3: invalid leading UTF-8 octet");
    assert_refused(OU_INVALID, span_of("a: 1\n---\nb: 2\n"),
                   "file:2: a second document begins here");
    assert_refused(OU_INVALID, span_of("a: \"x\\0y\"\n"), "file:1: a text with a NUL character");
    assert_refused(OU_INVALID, span_of("[a, b]: c\n"), "file:1: a key must be a text");
}

static void test_a_key_may_be_there_once(void **state)
{
    (void)state;
    assert_refused(OU_INVALID, span_of("a: 1\nb: 2\n\na: 3\n"),
                   "file:4: the key \"a\" is in line 1, too");
    assert_refused(OU_INVALID, span_of("{\"x\":{\"\":1,\n\"\":1}}"),
                   "file:2: the key \"\" is in line 1, too");
}

static void test_aliases_stand_for_their_anchors(void **state)
{
    struct config_tree tree = parse("a: &x {b: 1}\nc: *x\nd: &x two\ne: *x\nf: &k key\n*k : 5\n");

    (void)state;
    assert_ptr_equal(config_member(tree.root, "c"), config_member(tree.root, "a"));
    assert_string_equal(text_of(&tree, "e"), "two");
    assert_string_equal(text_of(&tree, "key"), "5");
    config_tree_release(&tree);
    assert_refused(OU_INVALID, span_of("a: 1\nb: *x\n"),
                   "file:2: there is no anchor &x before its alias");
    assert_refused(OU_INVALID, span_of("a: &x [*x]\n"),
                   "file:1: there is no anchor &x before its alias");
}

static void test_merged_members_give_way_to_own_ones(void **state)
{
    struct config_tree tree = parse("base: &b {s: base, t: base, u: base}\n"
                                    "other: &o {t: other, v: other}\n"
                                    "one:\n  <<: *b\n  s: own\n"
                                    "two:\n  w: own\n  <<: [*o, *b]\n");
    const struct config_node *one = config_member(tree.root, "one");
    const struct config_node *two = config_member(tree.root, "two");

    (void)state;
    assert_int_equal(one->count, 3);
    assert_string_equal(config_member(one, "s")->text.at, "own");
    assert_string_equal(config_member(one, "t")->text.at, "base");
    assert_null(config_item(one, "<<"));
    assert_int_equal(two->count, 5);
    assert_string_equal(two->items->key->text.at, "w");
    assert_string_equal(config_member(two, "t")->text.at, "other");
    assert_string_equal(config_member(two, "u")->text.at, "base");
    assert_string_equal(config_member(two, "v")->text.at, "other");
    config_tree_release(&tree);
    assert_refused(OU_INVALID, span_of("a:\n  <<: 5\n"),
                   "file:2: \"<<\" wants an object, or a list of objects");
    tree = parse("{\"<<\":5}"); /* JSON has no merging */
    assert_string_equal(text_of(&tree, "<<"), "5");
    config_tree_release(&tree);
}

static void test_null_counts_as_absent(void **state)
{
    struct config_tree tree = parse("a: null\nb: ~\nc:\nd: 'null'\ne: ''\n");

    (void)state;
    assert_null(config_member(tree.root, "a"));
    assert_null(config_member(tree.root, "b"));
    assert_null(config_member(tree.root, "c"));
    assert_string_equal(text_of(&tree, "d"), "null");
    assert_string_equal(text_of(&tree, "e"), "");
    assert_null(config_member(NULL, "a"));
    config_tree_release(&tree);
}

static void test_truth_is_written_in_several_ways(void **state)
{
    struct config_tree tree =
        parse("[true, True, TRUE, yes, on, false, Off, NO, tRue, 'true', 1, {}]");
    const struct config_item *i = tree.root->items;
    bool truth;

    (void)state;
    for (int n = 0; n < 8; n++, i = i->next) {
        assert_true(config_is_bool(i->value, &truth));
        assert_int_equal(truth, n < 5);
    }
    for (; i; i = i->next)
        assert_false(config_is_bool(i->value, &truth));
    config_tree_release(&tree);
}

static void test_numbers_are_decimal_and_finite(void **state)
{
    struct config_tree tree =
        parse("[0, -2.5, +1e3, .5, 7., 1.5E-2,"
              " 1e, 0x10, .inf, .nan, 1e999, 1.2.3, '5', 5a, '', -, !!str 5, {}]");
    static const double wants[] = { 0, -2.5, 1000, 0.5, 7, 0.015 };
    const struct config_item *i = tree.root->items;
    double number;

    (void)state;
    for (size_t n = 0; n < sizeof wants / sizeof *wants; n++, i = i->next) {
        assert_true(config_is_number(i->value, &number));
        assert_true(number == wants[n]);
    }
    for (; i; i = i->next)
        assert_false(config_is_number(i->value, &number));
    config_tree_release(&tree);
}

/* --- Bounds ---------------------------------------------------------------------------- */

static void append(struct buffer *b, const char *text, size_t times)
{
    while (times-- > 0)
        buffer_text(b, text);
}

static void assert_bounded(struct buffer *b, const char *message)
{
    assert_int_equal(buffer_status(b), OU_OK);
    assert_refused(OU_TOO_LARGE, (struct span){ b->at, b->len }, message);
    buffer_clear(b);
}

static void test_what_a_file_can_make_is_bounded(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 4 << 20);
    append(&b, "[", CONFIG_DEPTH_MAX + 1);
    assert_bounded(&b, "file:1: more than 32 levels");
    buffer_text(&b, "[");
    append(&b, "1,", CONFIG_NODES_MAX);
    assert_bounded(&b, "file:1: more than 100000 keys and values");
    buffer_text(&b, "[");
    append(&b, "&a 1,", CONFIG_ANCHORS_MAX + 1);
    assert_bounded(&b, "file:1: more than 1000 anchors");
    append(&b, " ", CONFIG_BYTES_MAX + 1);
    assert_bounded(&b, "file: larger than 1048576 bytes");
    buffer_release(&b);
}

static void test_aliases_of_aliases_are_bounded(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 1 << 20);
    buffer_text(&b, "a0: &a0 {x: 1}\n");
    for (int i = 1; i <= 9; i++) /* each is ten of the one before it */
        buffer_printf(&b, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i,
                      i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    assert_bounded(&b, "file:6: aliases make more than 100000 keys and values");
    buffer_text(&b, "m: &m {");
    for (int i = 0; i < 1000; i++)
        buffer_printf(&b, "k%d: 1, ", i);
    buffer_text(&b, "}\n");
    for (int i = 0; i < 200; i++)
        buffer_printf(&b, "n%d: {<<: *m}\n", i);
    assert_bounded(&b, "file:99: more than 100000 keys and values");
    buffer_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml_and_json_give_the_same_tree),
        cmocka_unit_test(test_lines_are_those_of_the_file),
        cmocka_unit_test(test_escapes_of_json_are_understood),
        cmocka_unit_test(test_empty_documents_have_no_root),
        cmocka_unit_test(test_what_is_not_yaml_is_refused_with_its_line),
        cmocka_unit_test(test_a_key_may_be_there_once),
        cmocka_unit_test(test_aliases_stand_for_their_anchors),
        cmocka_unit_test(test_merged_members_give_way_to_own_ones),
        cmocka_unit_test(test_null_counts_as_absent),
        cmocka_unit_test(test_truth_is_written_in_several_ways),
        cmocka_unit_test(test_numbers_are_decimal_and_finite),
        cmocka_unit_test(test_what_a_file_can_make_is_bounded),
        cmocka_unit_test(test_aliases_of_aliases_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
