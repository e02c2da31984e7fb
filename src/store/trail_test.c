#include "store/trail.h"

#include <stdio.h>

#include "json/tree.h"
#include "support/test.h"

#define MOST 8

/* The trail with a report at this time added to it. */
static void add(struct buffer *trail, double elapsed_s, int slot)
{
    struct buffer next;
    char view[200];

    snprintf(view, sizeof view, "{\"elapsedSeconds\": %g, \"slot\": %d, \"state\": \"running\"}",
             elapsed_s, slot);
    buffer_init(&next, allocator_libc(), 100000);
    assert_int_equal(trail_add(buffer_string(trail), view, MOST, &next, NULL), OU_OK);
    buffer_release(trail);
    *trail = next;
}

static json_t *parse(const struct buffer *trail)
{
    json_t *tree = NULL;

    assert_int_equal(json_tree_parse((struct span){ trail->at, trail->len }, "trail", &tree, NULL),
                     OU_OK);
    return tree;
}

static double number(const json_t *tree, const char *column, size_t i)
{
    return json_number_value(json_array_get(json_object_get(tree, column), i));
}

static size_t points(const json_t *tree)
{
    const size_t count = json_array_size(json_object_get(tree, "elapsedSeconds"));

    assert_int_equal(json_array_size(json_object_get(tree, "slot")), count);
    assert_int_equal(json_array_size(json_object_get(tree, "nodesUp")), count);
    return count;
}

static void test_reports_become_points_in_order(void **state)
{
    struct buffer trail = { 0 };
    json_t *tree;

    (void)state;
    for (int i = 0; i < 5; i++)
        add(&trail, i, 10 + i);
    tree = parse(&trail);
    assert_int_equal(points(tree), 5);
    assert_true(number(tree, "elapsedSeconds", 4) == 4 && number(tree, "slot", 4) == 14);
    assert_true(json_is_null(json_array_get(json_object_get(tree, "nodesUp"), 0)));
    assert_true(json_is_null(json_object_get(tree, "slotZeroAt")));
    json_decref(tree);
    buffer_release(&trail);
}

static void test_a_full_trail_keeps_both_ends(void **state)
{
    struct buffer trail = { 0 };
    json_t *tree;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        add(&trail, i, i);
        tree = parse(&trail);
        assert_in_range(points(tree), 1, MOST);
        assert_true(number(tree, "slot", 0) == 0);
        assert_true(number(tree, "slot", points(tree) - 1) == i);
        json_decref(tree);
    }
    tree = parse(&trail);
    assert_true(points(tree) > MOST / 2);
    for (size_t i = 1; i < points(tree); i++)
        assert_true(number(tree, "slot", i) > number(tree, "slot", i - 1));
    json_decref(tree);
    buffer_release(&trail);
}

static void test_a_report_too_near_takes_the_place_of_the_last(void **state)
{
    struct buffer trail = { 0 };
    json_t *tree;

    (void)state;
    add(&trail, 0, 0);
    add(&trail, 0.4, 1);
    add(&trail, 0.8, 2);
    add(&trail, 1.2, 3);
    tree = parse(&trail);
    assert_int_equal(points(tree), 3);
    assert_true(number(tree, "slot", 1) == 2 && number(tree, "slot", 2) == 3);
    json_decref(tree);
    buffer_release(&trail);
}

static void test_a_run_that_begins_anew_has_a_new_trail(void **state)
{
    struct buffer trail = { 0 };
    json_t *tree;

    (void)state;
    add(&trail, 10, 50);
    add(&trail, 20, 100);
    add(&trail, -3, -1);
    tree = parse(&trail);
    assert_int_equal(points(tree), 1);
    json_decref(tree);
    buffer_release(&trail);
}

static void test_what_is_no_object_is_refused(void **state)
{
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 1000);
    assert_int_equal(trail_add("", "[1]", MOST, &out, NULL), OU_INVALID);
    assert_int_equal(trail_add("", "{", MOST, &out, NULL), OU_INVALID);
    assert_int_equal(trail_add("[]", "{\"elapsedSeconds\": 1}", MOST, &out, NULL), OU_INVALID);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reports_become_points_in_order),
        cmocka_unit_test(test_a_full_trail_keeps_both_ends),
        cmocka_unit_test(test_a_report_too_near_takes_the_place_of_the_last),
        cmocka_unit_test(test_a_run_that_begins_anew_has_a_new_trail),
        cmocka_unit_test(test_what_is_no_object_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
