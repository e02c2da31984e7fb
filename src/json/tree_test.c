#include "json/tree.h"

#include <stdlib.h>
#include <string.h>

#include "json/tree_memory.h"
#include "support/files.h"
#include "support/guard.h"
#include "support/test.h"

static struct ou_error err;

static json_t *parse(const char *text)
{
    json_t *tree = NULL;
    struct guarded g = guard_copy(text, strlen(text));
    enum ou_status status = json_tree_parse((struct span){ g.at, g.len }, "doc", &tree, &err);

    assert_int_equal(status, tree ? OU_OK : OU_INVALID);
    guard_release(&g);
    return tree;
}

static void assert_refused(const char *text, const char *message)
{
    assert_null(parse(text));
    if (!strstr(err.text, message))
        fail_msg("\"%s\" gave \"%s\"", text, err.text);
}

static void test_a_document_becomes_a_tree(void **state)
{
    json_t *tree = parse("{ \"a\": [1, -2.5, \"x\", true, null] }\r\n");

    (void)state;
    assert_int_equal(json_array_size(json_object_get(tree, "a")), 5);
    json_decref(tree);
}

static void test_mistakes_are_told_with_name_and_line(void **state)
{
    (void)state;
    assert_refused("{\n\"a\": 1,\n\"b\": x}", "doc:3: ");
    assert_refused("{\"a\": 1, \"b\": 2, \"a\": 3}", "duplicate");
    assert_refused("{\"a\": 1} x", "doc:1: ");
    assert_refused("[\"a\\u0000b\"]", "NUL");
    assert_refused("[\"\xff\"]", "unable to decode byte 0xff");
    assert_refused("17", "doc:1: ");
    assert_refused("", "doc:1: ");
}

static void test_no_text_at_all_is_refused(void **state)
{
    json_t *tree = NULL;

    (void)state;
    assert_int_equal(json_tree_parse((struct span){ NULL, 0 }, "doc", &tree, &err), OU_INVALID);
    assert_null(tree);
}

static void test_integers_of_64_bits_are_exact(void **state)
{
    json_t *tree = parse("[9223372036854775807, -9223372036854775808, 9007199254740993]");

    (void)state;
    assert_int_equal(json_integer_value(json_array_get(tree, 0)), INT64_MAX);
    assert_int_equal(json_integer_value(json_array_get(tree, 1)), INT64_MIN);
    assert_int_equal(json_integer_value(json_array_get(tree, 2)), INT64_C(9007199254740993));
    json_decref(tree);
}

static void test_larger_integers_are_reals_and_leave_the_others_exact(void **state)
{
    json_t *tree =
        parse("{\"a\\\"9223372036854775808\": [9223372036854775808,-9223372036854775809"
              ",9007199254740993,1e3],\n \"b\": 100000000000000000000000000000000000000}");
    json_t *list = json_object_get(tree, "a\"9223372036854775808");

    (void)state;
    assert_non_null(list); /* digits in text are text */
    assert_true(json_real_value(json_array_get(list, 0)) == 9223372036854775808.0);
    assert_true(json_real_value(json_array_get(list, 1)) == -9223372036854775808.0);
    assert_int_equal(json_integer_value(json_array_get(list, 2)), INT64_C(9007199254740993));
    assert_true(json_real_value(json_array_get(list, 3)) == 1000);
    assert_true(json_real_value(json_object_get(tree, "b")) == 1e38);
    json_decref(tree);
}

static void test_mistakes_after_a_large_integer_are_still_told(void **state)
{
    char many_digits[500];

    (void)state;
    assert_refused("[9223372036854775808,\n x]", "doc:2: ");
    assert_refused("[9223372036854775808,\n \"x", "doc:2: ");
    assert_refused("[9223372036854775808, \"x\\", "doc:1: ");
    assert_refused("[1e999]", "overflow");
    memset(many_digits, '9', sizeof many_digits);
    many_digits[0] = '[';
    memcpy(many_digits + sizeof many_digits - 2, "]", 2);
    assert_refused(many_digits, "overflow");
}

static void test_many_large_integers_fit_into_the_copy(void **state)
{
    enum { COUNT = 1000 };
    char *text = malloc(COUNT * 20 + 2);
    json_t *tree;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i < COUNT; i++)
        memcpy(text + i * 20, i ? ",9223372036854775808" : "[9223372036854775808", 20);
    memcpy(text + COUNT * 20, "]", 2);
    tree = parse(text);
    assert_int_equal(json_array_size(tree), COUNT);
    json_decref(tree);
    free(text);
}

static void test_a_hostile_depth_is_refused(void **state)
{
    static char deep[100001];

    (void)state;
    memset(deep, '[', sizeof deep - 1);
    assert_refused(deep, "depth");
}

static void test_a_file_is_read_up_to_its_limit(void **state)
{
    struct temp_dir dir;
    json_t *tree = NULL;
    const char *good, *bad;

    (void)state;
    temp_dir_make(&dir);
    good = temp_file(&dir, "good.json", "[1, 2]");
    bad = temp_file(&dir, "bad.json", "[1,\n2");
    assert_int_equal(json_tree_load(good, 5, &tree, &err), OU_TOO_LARGE);
    assert_int_equal(json_tree_load(bad, 100, &tree, &err), OU_INVALID);
    assert_int_equal(strncmp(err.text, bad, strlen(bad)), 0);
    assert_non_null(strstr(err.text, "bad.json:2: "));
    assert_int_equal(json_tree_load(temp_path(&dir, "none"), 100, &tree, &err), OU_NOT_FOUND);
    assert_int_equal(json_tree_load(dir.path, 100, &tree, &err), OU_IO);
    assert_null(tree);
    assert_int_equal(json_tree_load(good, 6, &tree, &err), OU_OK);
    assert_int_equal(json_array_size(tree), 2);
    json_decref(tree);
    temp_dir_remove(&dir);
}

/* jansson takes its memory through these, which tell of a failure as those of json/tree_memory.c do. */
static int calls_left;
static json_malloc_t first_malloc;

static void *failing_malloc(size_t size)
{
    if (calls_left-- > 0)
        return malloc(size);
    json_tree_memory_set(true);
    return NULL;
}

static int restore_malloc(void **state)
{
    (void)state;
    json_set_alloc_funcs(first_malloc, free);
    return 0;
}

static void test_each_failing_allocation_of_the_tree_is_told(void **state)
{
    json_t *tree = NULL;
    enum ou_status status = OU_NO_MEMORY;
    int calls, told = 0;

    (void)state;
    json_get_alloc_funcs(&first_malloc, NULL);
    json_set_alloc_funcs(failing_malloc, free);
    for (calls = 0; status; calls++) {
        calls_left = calls;
        status = json_tree_parse(span_of("{\"a\": [1, 2.5, \"x\"]}"), "doc", &tree, &err);
        assert_true(status == OU_OK || !tree);
        told += status == OU_NO_MEMORY && strcmp(err.text, "doc: no memory") == 0;
    }
    assert_int_equal(told, calls - 1); /* also where the library blames the text */
    assert_false(json_tree_memory_failed());
    json_decref(tree);
}

static void test_what_is_saved_reads_back(void **state)
{
    json_t *tree = json_pack("{s:i, s:[s, n]}", "b", 1, "a", "\xc3\xa4"), *again = NULL;
    struct temp_dir dir;
    const char *path;

    (void)state;
    temp_dir_make(&dir);
    path = temp_path(&dir, "saved.json");
    assert_int_equal(json_tree_save(tree, path, &err), OU_OK);
    assert_int_equal(json_tree_load(path, 1 << 20, &again, &err), OU_OK);
    assert_true(json_equal(tree, again));
    assert_int_equal(lines_with(path, "  \"b\": 1,"), 1);
    assert_int_equal(json_tree_save(tree, "/nowhere/saved.json", &err), OU_NOT_FOUND);
    json_decref(again);
    json_decref(tree);
    temp_dir_remove(&dir);
}

static void test_a_real_genesis_file_is_read(void **state)
{
    const char *path = shared_data("real/d-genesis/mainnet/shelley-genesis.json");
    json_t *tree = NULL;

    (void)state;
    assert_int_equal(json_tree_load(path, 1 << 20, &tree, &err), OU_OK);
    assert_int_equal(json_integer_value(json_object_get(tree, "networkMagic")), 764824073);
    assert_int_equal(json_integer_value(json_object_get(tree, "maxLovelaceSupply")),
                     INT64_C(45000000000000000));
    json_decref(tree);
}

static void test_members_have_their_place(void **state)
{
    json_t *object = json_pack("{s:i, s:i}", "b", 1, "a", 2);

    (void)state;
    assert_string_equal(json_tree_key_at(object, 0), "b");
    assert_string_equal(json_tree_key_at(object, 1), "a");
    assert_null(json_tree_key_at(object, 2));
    assert_null(json_tree_key_at(NULL, 0));
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_document_becomes_a_tree),
        cmocka_unit_test(test_mistakes_are_told_with_name_and_line),
        cmocka_unit_test(test_no_text_at_all_is_refused),
        cmocka_unit_test(test_integers_of_64_bits_are_exact),
        cmocka_unit_test(test_larger_integers_are_reals_and_leave_the_others_exact),
        cmocka_unit_test(test_mistakes_after_a_large_integer_are_still_told),
        cmocka_unit_test(test_many_large_integers_fit_into_the_copy),
        cmocka_unit_test(test_a_hostile_depth_is_refused),
        cmocka_unit_test(test_a_file_is_read_up_to_its_limit),
        cmocka_unit_test_teardown(test_each_failing_allocation_of_the_tree_is_told, restore_malloc),
        cmocka_unit_test(test_what_is_saved_reads_back),
        cmocka_unit_test(test_a_real_genesis_file_is_read),
        cmocka_unit_test(test_members_have_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
