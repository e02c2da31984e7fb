#include "profile/layered.h"

#include <stdlib.h>

#include "json/tree.h"
#include "support/test.h"

static void add(struct layered *l, const char *text, const char *origin, enum layer_rule rule)
{
    json_t *object;
    struct ou_error err = { 0 };

    if (json_tree_parse(span_of(text), origin, &object, &err))
        fail_msg("%s", err.text);
    assert_true(layered_add(l, object, origin, rule));
    json_decref(object);
}

static void is(const json_t *tree, const char *wanted)
{
    char *text = json_dumps(tree, JSON_COMPACT | JSON_SORT_KEYS);

    assert_string_equal(text, wanted);
    free(text);
}

static void expect(struct layered *l, const char *document, const char *origins)
{
    struct ou_error err = { 0 };
    json_t *paths = NULL;

    assert_int_equal(layered_origins_by_path(l, &paths, &err), OU_OK);
    is(l->document, document);
    is(paths, origins);
    json_decref(paths);
    layered_release(l);
}

static void test_objects_merge_and_everything_else_replaces(void **state)
{
    struct layered l;

    (void)state;
    assert_true(layered_begin(&l));
    add(&l, "{\"a\":{\"b\":1,\"c\":[1,2]},\"d\":1,\"e\":{\"f\":1}}", "x", LAYER_MERGES);
    add(&l, "{\"a\":{\"c\":[3],\"n\":null},\"d\":{\"g\":2},\"e\":7}", "y", LAYER_MERGES);
    expect(&l, "{\"a\":{\"b\":1,\"c\":[3],\"n\":null},\"d\":{\"g\":2},\"e\":7}",
           "{\"a.b\":\"x\",\"a.c\":\"y\",\"a.n\":\"y\",\"d.g\":\"y\",\"e\":\"y\"}");
}

static void test_an_empty_object_says_nothing_of_an_object_and_replaces_the_rest(void **state)
{
    struct layered l;

    (void)state;
    assert_true(layered_begin(&l));
    add(&l, "{\"a\":{\"b\":1},\"c\":1}", "x", LAYER_MERGES);
    add(&l, "{\"a\":{},\"c\":{},\"d\":{}}", "y", LAYER_MERGES);
    expect(&l, "{\"a\":{\"b\":1},\"c\":{},\"d\":{}}", "{\"a.b\":\"x\",\"c\":\"y\",\"d\":\"y\"}");
}

static void test_an_empty_object_can_be_filled(void **state)
{
    struct layered l;

    (void)state;
    assert_true(layered_begin(&l));
    add(&l, "{\"a\":{}}", "x", LAYER_MERGES);
    add(&l, "{\"a\":{\"b\":{\"c\":1}}}", "y", LAYER_MERGES);
    expect(&l, "{\"a\":{\"b\":{\"c\":1}}}", "{\"a.b.c\":\"y\"}");
}

static void test_where_told_so_an_empty_object_erases(void **state)
{
    struct layered l;

    (void)state;
    assert_true(layered_begin(&l));
    add(&l, "{\"m\":{\"k\":580,\"l\":{}},\"t\":1}", "x", LAYER_ERASES);
    add(&l, "{\"m\":{}}", "y", LAYER_ERASES);
    expect(&l, "{\"m\":{},\"t\":1}", "{\"m\":\"y\",\"t\":\"x\"}");
}

static void test_where_told_so_objects_of_other_tags_replace_each_other(void **state)
{
    struct layered l;

    (void)state;
    assert_true(layered_begin(&l));
    add(&l, "{\"e\":{\"tag\":\"Nonce\",\"contents\":\"ab\"},\"f\":{\"tag\":\"T\",\"a\":1}}", "x",
        LAYER_ERASES);
    add(&l, "{\"e\":{\"tag\":\"NeutralNonce\"},\"f\":{\"tag\":\"T\",\"b\":2}}", "y", LAYER_ERASES);
    expect(&l, "{\"e\":{\"tag\":\"NeutralNonce\"},\"f\":{\"a\":1,\"b\":2,\"tag\":\"T\"}}",
           "{\"e.tag\":\"y\",\"f.a\":\"x\",\"f.b\":\"y\",\"f.tag\":\"y\"}");
}

static void test_layers_that_were_laid_already_keep_their_origins(void **state)
{
    struct layered below, above;

    (void)state;
    assert_true(layered_begin(&below) && layered_begin(&above));
    add(&below, "{\"g\":{\"a\":1,\"b\":1,\"c\":1}}", "root", LAYER_MERGES);
    add(&above, "{\"g\":{\"b\":2,\"h\":{\"i\":2}}}", "epoch 2", LAYER_MERGES);
    add(&above, "{\"g\":{\"c\":3}}", "epoch 3", LAYER_MERGES);
    assert_true(layered_add_all(&below, &above, LAYER_MERGES));
    layered_release(&above);
    expect(&below, "{\"g\":{\"a\":1,\"b\":2,\"c\":3,\"h\":{\"i\":2}}}",
           "{\"g.a\":\"root\",\"g.b\":\"epoch 2\",\"g.c\":\"epoch 3\",\"g.h.i\":\"epoch 2\"}");
}

static void test_what_was_laid_does_not_change_with_its_source(void **state)
{
    json_t *list = json_pack("{s:[i]}", "a", 1);
    struct layered l;

    (void)state;
    assert_true(layered_begin(&l) && layered_add(&l, list, "x", LAYER_MERGES));
    json_array_append_new(json_object_get(list, "a"), json_integer(2));
    json_decref(list);
    expect(&l, "{\"a\":[1]}", "{\"a\":\"x\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objects_merge_and_everything_else_replaces),
        cmocka_unit_test(test_an_empty_object_says_nothing_of_an_object_and_replaces_the_rest),
        cmocka_unit_test(test_an_empty_object_can_be_filled),
        cmocka_unit_test(test_where_told_so_an_empty_object_erases),
        cmocka_unit_test(test_where_told_so_objects_of_other_tags_replace_each_other),
        cmocka_unit_test(test_layers_that_were_laid_already_keep_their_origins),
        cmocka_unit_test(test_what_was_laid_does_not_change_with_its_source),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
