#include "workbench/sweep_plan.h"

#include <stdio.h>

#include "workbench/sweep_world_test.h"

#define BOOLS(name, member) \
    "{ \"name\": \"" name "\", \"member\": \"" member "\", \"values\": [1, 2] }"
#define THIRDS(name, member) \
    "{ \"name\": \"" name "\", \"member\": \"" member "\", \"values\": [1, 2, 3] }"

/* The order that seed 42 gives: it must never change, or sweeps that were begun could not be taken up. */
static void test_the_same_seed_gives_the_same_order(void **state)
{
    static const uint32_t expected[] = { 3, 0, 1, 2, 1, 2, 3, 0 };
    struct temp_dir dir;
    struct sweep s;

    (void)state;
    temp_dir_make(&dir);
    load_sweep(&dir, SMALL_SWEEP, &s);
    assert_int_equal(s.run_count, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(s.order[i].point, expected[i]);
        assert_int_equal(s.order[i].block, i / 4);
        assert_int_equal(s.order[i].position, i % 4);
    }
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_every_block_has_every_setting_once(void **state)
{
    const struct sweep_changes changes = { .repetitions = 50 };
    struct ou_error err = { 0 };
    struct temp_dir dir;
    struct sweep s;
    size_t first[4] = { 0 };

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(sweep_load(temp_file(&dir, "s.json", SMALL_SWEEP), &changes, &s, &err), OU_OK);
    assert_int_equal(s.run_count, 200);
    for (size_t block = 0; block < 50; block++) {
        unsigned seen = 0;

        for (size_t i = 0; i < 4; i++)
            seen |= 1u << s.order[block * 4 + i].point;
        assert_int_equal(seen, 15);
        first[s.order[block * 4].point]++;
    }
    /* Fifty draws of four: fewer than 3 of a kind happen once in some 4000 seeds. */
    for (size_t point = 0; point < 4; point++)
        assert_true(first[point] >= 3);
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_more_blocks_begin_like_fewer(void **state)
{
    const struct sweep_changes changes = { .repetitions = 5 };
    struct temp_dir dir;
    struct sweep few, many;
    const char *path;

    (void)state;
    temp_dir_make(&dir);
    path = temp_file(&dir, "s.json", SMALL_SWEEP);
    assert_int_equal(sweep_load(path, NULL, &few, NULL), OU_OK);
    assert_int_equal(sweep_load(path, &changes, &many, NULL), OU_OK);
    for (size_t i = 0; i < few.run_count; i++)
        assert_memory_equal(&few.order[i], &many.order[i], sizeof *few.order);
    sweep_release(&few);
    sweep_release(&many);
    temp_dir_remove(&dir);
}

static void test_the_last_axis_changes_first(void **state)
{
    struct temp_dir dir;
    struct sweep s;

    (void)state;
    temp_dir_make(&dir);
    load_sweep(&dir, SMALL_SWEEP, &s);
    assert_int_equal(s.point_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(s.points[i].levels[0], i / 2);
        assert_int_equal(s.points[i].levels[1], i % 2);
    }
    sweep_release(&s);
    temp_dir_remove(&dir);
}

#define FRACTION                                                                              \
    "{ \"name\": \"f\", \"profile\": \"demo\", \"overlay\": " SMALL_OVERLAY ",\n"             \
    "  \"grid\": { \"fraction\": 3 }, \"axes\": [" THIRDS("a", "node.verbatim.A") "," THIRDS( \
        "b", "node.verbatim.B") "," THIRDS("c", "node.verbatim.C") "] }"

/* A Latin square: each pair of levels of two axes stands together once. */
static void test_a_fraction_is_balanced(void **state)
{
    struct temp_dir dir;
    struct sweep s;
    unsigned pairs[3][3][3] = { { { 0 } } };

    (void)state;
    temp_dir_make(&dir);
    load_sweep(&dir, FRACTION, &s);
    assert_int_equal(s.point_count, 9);
    for (size_t i = 0; i < 9; i++)
        for (size_t pair = 0; pair < 3; pair++)
            pairs[pair][s.points[i].levels[pair]][s.points[i].levels[(pair + 1) % 3]]++;
    for (size_t i = 0; i < 27; i++)
        assert_int_equal((&pairs[0][0][0])[i], 1);
    assert_non_null(strstr(sweep_aliases(&s), "interaction of the two others"));
    sweep_release(&s);
    load_sweep(&dir, SMALL_SWEEP, &s);
    assert_string_equal(sweep_aliases(&s), "");
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_a_fraction_that_would_not_be_balanced_is_refused(void **state)
{
    (void)state;
    assert_refused_with(", \"grid\": { \"fraction\": 2 }, \"axes\": [" BOOLS(
                            "a", "node.verbatim.A") "," BOOLS("b", "node.verbatim.B") "]",
                        "a fraction wants three axes at least");
    assert_refused_with(
        ", \"grid\": { \"fraction\": 2 }, \"axes\": [" BOOLS("a", "node.verbatim.A") "," BOOLS(
            "b", "node.verbatim.B") "," THIRDS("c", "node.verbatim.C") "]",
        "\"c\" has 3");
    assert_refused_with(
        ", \"grid\": { \"fraction\": 1 }, \"axes\": [" BOOLS("a", "node.verbatim.A") "]",
        "grid: \"full\" is wanted, or {\"fraction\": N}");
    assert_refused_with(", \"grid\": \"half\"", "grid: \"full\" is wanted");
}

static void test_too_many_settings_and_runs_are_refused(void **state)
{
    char text[2000] = ", \"axes\": [";

    (void)state;
    for (int i = 0; i < 8; i++) {
        char axis[200];

        snprintf(
            axis, sizeof axis,
            "%s{ \"name\": \"%d\", \"member\": \"node.verbatim.X%d\", \"values\": [1, 2, 3, 4] }",
            i ? "," : "", i, i);
        strcat(text, axis);
    }
    strcat(text, "]");
    assert_refused_with(text, "x: the axes have more than 4096 combinations");
    assert_refused_with(", \"repetitions\": 60000, \"axes\": [" BOOLS("a", "node.verbatim.A") "]",
                        "x: 60000 times 2 runs are more than 100000");
}

#define KIND_COMMAND                                                                                  \
    ", \"overlay\": { \"node\": { \"kind\": \"command\", \"command\": { \"argv\": [\"true\"] } } }, " \
    "\"axes\": "

static void test_settings_that_mean_the_same_are_refused(void **state)
{
    (void)state;
    assert_refused_with(KIND_COMMAND "[ { \"name\": \"a\", \"rts\": [\"-A16m\", \"-A16384k\"] } ]",
                        "the settings \"-A16m\" and \"-A16384k\" are the same");
    assert_refused_with(KIND_COMMAND
                        "[ { \"name\": \"a\", \"rts\": [\"-qg -A4m\", \"-A4m -qb -qg\"] } ]",
                        "are the same");
    assert_refused_with(", \"axes\": [ { \"name\": \"a\", \"levels\": [ { \"label\": \"one\" }, "
                        "{ \"label\": \"two\", \"overlay\": {} } ] } ]",
                        "the settings \"one\" and \"two\" are the same");
}

/* Two axes that set the same member: whatever the first one says is lost. */
static void test_an_axis_that_another_one_hides_is_found(void **state)
{
    (void)state;
    assert_refused_with(
        ", \"axes\": [" BOOLS("a", "generator.tps") "," BOOLS("b", "generator.tps") "]",
        "the settings \"a 1, b 1\" and \"a 2, b 1\" are the same");
}

static void test_the_document_tells_all_of_the_plan(void **state)
{
    struct temp_dir dir;
    struct sweep s;
    json_t *d;

    (void)state;
    temp_dir_make(&dir);
    load_sweep(&dir, SMALL_SWEEP, &s);
    d = sweep_plan_document(&s);
    assert_non_null(d);
    assert_int_equal(json_integer_value(json_object_get(d, "schema")), 1);
    assert_string_equal(json_string_value(json_object_get(d, "profile")), "demo");
    assert_int_equal(json_integer_value(json_object_get(d, "seed")), 42);
    assert_true(json_is_null(json_object_get(d, "budget_s")));
    assert_int_equal(json_array_size(json_object_get(d, "points")), 4);
    assert_int_equal(json_array_size(json_object_get(d, "order")), 8);
    assert_true(json_equal(json_object_get(d, "file"), s.file));
    assert_int_equal(strlen(json_string_value(json_object_get(d, "profiles_hash"))), 64);
    json_decref(d);
    sweep_release(&s);
    temp_dir_remove(&dir);
}

/* A document that somebody has changed is not gone on with: runs that were made would be taken for others. */
static void test_another_order_than_that_of_the_seed_is_refused(void **state)
{
    struct temp_dir dir;
    struct sweep s;
    struct ou_error err = { 0 };
    json_t *d, *order;

    (void)state;
    temp_dir_make(&dir);
    load_sweep(&dir, SMALL_SWEEP, &s);
    d = sweep_plan_document(&s);
    order = json_object_get(d, "order");
    assert_int_equal(sweep_plan_compare(&s, d, "here", &err), OU_OK);
    assert_int_equal(json_array_append(order, json_array_get(order, 0)), 0); /* one too many */
    assert_int_equal(sweep_plan_compare(&s, d, "here", &err), OU_INVALID);
    assert_string_equal(err.text, "here/sweep.json: the order is not what its seed gives");
    assert_int_equal(json_array_remove(order, 0), 0); /* all are there, and none where it was */
    assert_int_equal(sweep_plan_compare(&s, d, "here", &err), OU_INVALID);
    assert_int_equal(json_object_del(d, "order"), 0);
    assert_int_equal(sweep_plan_compare(&s, d, "here", &err), OU_INVALID);
    assert_string_equal(err.text, "here/sweep.json: the order is not what its seed gives");
    json_decref(d);
    sweep_release(&s);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_seed_gives_the_same_order),
        cmocka_unit_test(test_every_block_has_every_setting_once),
        cmocka_unit_test(test_more_blocks_begin_like_fewer),
        cmocka_unit_test(test_the_last_axis_changes_first),
        cmocka_unit_test(test_a_fraction_is_balanced),
        cmocka_unit_test(test_a_fraction_that_would_not_be_balanced_is_refused),
        cmocka_unit_test(test_too_many_settings_and_runs_are_refused),
        cmocka_unit_test(test_settings_that_mean_the_same_are_refused),
        cmocka_unit_test(test_an_axis_that_another_one_hides_is_found),
        cmocka_unit_test(test_the_document_tells_all_of_the_plan),
        cmocka_unit_test(test_another_order_than_that_of_the_seed_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
