#include "workbench/sweep_axes.h"

#include <stdio.h>

#include "workbench/sweep_world_test.h"

/* Programs of kind command are those that flags are for. */
#define COMMAND                                                                                   \
    ", \"overlay\": { \"node\": { \"kind\": \"command\", \"command\": { \"argv\": [\"true\"] }, " \
    "\"rts_flags_override\": [\"-T\"] } }"

static void load_axes(struct temp_dir *dir, const char *axes, struct sweep *ret)
{
    char text[4000];

    assert_true(snprintf(text, sizeof text,
                         "{ \"name\": \"x\", \"profile\": \"demo\"" COMMAND ", \"axes\": [%s] }",
                         axes) < (int)sizeof text);
    load_sweep(dir, text, ret);
}

static void assert_labels(const struct sweep_axis *axis, const char *const *labels)
{
    size_t i = 0;

    for (; labels[i]; i++) {
        assert_true(i < axis->level_count);
        assert_string_equal(axis->levels[i].label, labels[i]);
    }
    assert_int_equal(axis->level_count, i);
}

static void test_flags_are_told_as_text_or_list(void **state)
{
    static const char *const labels[] = { "-A4m", "-A16m -n4m", "-xn", "as is", NULL };
    struct temp_dir dir;
    struct sweep s;

    (void)state;
    temp_dir_make(&dir);
    load_axes(&dir,
              "{ \"name\": \"gc\", \"rts\": [\"-A4m\", [\"-A16m\", \"-n4m\"], \" -xn \", \"\"] }",
              &s);
    assert_labels(&s.axes[0], labels);
    assert_int_equal(json_array_size(s.axes[0].levels[1].rts), 2);
    assert_string_equal(json_string_value(json_array_get(s.axes[0].levels[2].rts, 0)), "-xn");
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_flags_of_axes_are_added_to_those_of_the_profile(void **state)
{
    static const char *const expected[] = { "-T", "-A16m", "-N2" };
    struct temp_dir dir;
    struct profile p = { 0 };
    struct sweep s;

    (void)state;
    temp_dir_make(&dir);
    load_axes(&dir,
              "{ \"name\": \"area\", \"rts\": [\"-A4m\", \"-A16m\"] },"
              "{ \"name\": \"capabilities\", \"rts\": [\"-N1\", \"-N2\"] }",
              &s);
    assert_int_equal(s.point_count, 4);
    assert_int_equal(sweep_profile(&s, 3, &p, NULL), OU_OK);
    assert_true(p.rts_flag_count >= 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(p.rts_flags[i], expected[i]);
    profile_release(&p);
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_values_of_a_member_are_called_by_what_differs(void **state)
{
    static const char *const paths[] = { "ghc-9.6", "ghc-9.12", NULL };
    static const char *const numbers[] = { "5", "0.5", "true", "\"", NULL };
    static const char *const told[] = { "one", "both", NULL };
    struct temp_dir dir;
    struct sweep s;

    (void)state;
    temp_dir_make(&dir);
    load_axes(&dir,
              "{ \"name\": \"compiler\", \"member\": \"node.program\", "
              "\"values\": [\"/opt/ghc-9.6/bin/node\", \"/opt/ghc-9.12/bin/node\"] }",
              &s);
    assert_labels(&s.axes[0], paths);
    sweep_release(&s);
    load_axes(&dir,
              "{ \"name\": \"any\", \"member\": \"node.verbatim.X\", "
              "\"values\": [5, 0.5, true, \"\\\"\"] }",
              &s);
    assert_labels(&s.axes[0], numbers);
    sweep_release(&s);
    load_axes(&dir,
              "{ \"name\": \"cores\", \"member\": \"node.cores\", \"values\": [\"0\", \"0-1\"], "
              "\"labels\": [\"one\", \"both\"] }",
              &s);
    assert_labels(&s.axes[0], told);
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_a_level_may_have_flags_and_an_overlay(void **state)
{
    struct temp_dir dir;
    struct profile p = { 0 };
    struct sweep s;
    char label[40], cut[12];

    (void)state;
    temp_dir_make(&dir);
    load_axes(
        &dir,
        "{ \"name\": \"set-up\", \"levels\": [ { \"rts\": \"-N1\" }, { \"label\": \"2 wide\", "
        "\"rts\": \"-N2\", \"overlay\": { \"node\": { \"cores\": \"0\" } } } ] }",
        &s);
    assert_string_equal(s.axes[0].levels[0].label, "-N1");
    assert_int_equal(sweep_profile(&s, 1, &p, NULL), OU_OK);
    assert_string_equal(p.cores, "0");
    assert_string_equal(p.rts_flags[1], "-N2");
    sweep_setting_label(&s, 1, label, sizeof label);
    assert_string_equal(label, "set-up 2 wide");
    sweep_setting_label(&s, 1, cut, sizeof cut);
    assert_string_equal(cut, "set-up 2...");
    profile_release(&p);
    sweep_release(&s);
    temp_dir_remove(&dir);
}

#define AXIS(rest) ", \"axes\": [ { \"name\": \"a\", " rest " } ]"

static void test_wrong_axes_are_refused_with_their_place(void **state)
{
    (void)state;
    assert_refused_with("", "axes: a list of 1 to 8 axes is wanted");
    assert_refused_with(", \"axes\": []", "axes: a list of 1 to 8 axes is wanted");
    assert_refused_with(", \"axes\": [5]", "axes[0]: an object is wanted");
    assert_refused_with(", \"axes\": [{ \"rts\": [\"-N1\", \"-N2\"] }]",
                        "axes[0].name: a name of 1 to 64 bytes is wanted");
    assert_refused_with(AXIS("\"rts\": [\"-N1\"]"), "axes[0].rts: a list of 2 to 64 levels");
    assert_refused_with(AXIS("\"rts\": \"-N1\""), "axes[0].rts: a list of 2 to 64 levels");
    assert_refused_with(AXIS("\"rts\": [\"-N1\", \"-a4m\"]"),
                        "axes[0].rts[1]: RTS flag -a4m is not known; did you mean -A4m?");
    assert_refused_with(AXIS("\"rts\": [\"-N1\", 5]"), "axes[0].rts[1]: RTS flags are a text");
    assert_refused_with(AXIS("\"rts\": [\"-N1\", [5]]"), "axes[0].rts[1]: RTS flags are texts");
    assert_refused_with(AXIS("\"rts\": [\"-N1\", \"-N1\"]"),
                        "axes[0]: levels 0 and 1 are both called \"-N1\"");
    assert_refused_with(AXIS("\"value\": [1, 2]"),
                        "axes[0]: no member \"value\" is known; did you mean \"values\"?");
    assert_refused_with(AXIS("\"values\": [1, 2]"), "axes[0].member: values of which member?");
    assert_refused_with(AXIS("\"member\": \"a..b\", \"values\": [1, 2]"), "is no path of a member");
    assert_refused_with(AXIS("\"member\": \"a.\", \"values\": [1, 2]"), "is no path of a member");
    assert_refused_with(AXIS("\"member\": \"name\", \"values\": [1, 2]"),
                        "name says which profile it is");
    assert_refused_with(
        AXIS("\"member\": \"generator.tps\", \"values\": [1, 2], \"labels\": [\"x\"]"),
        "axes[0].labels: a list of 2 texts is wanted");
    assert_refused_with(AXIS("\"levels\": [ { \"overlay\": {} }, { \"label\": \"b\" } ]"),
                        "axes[0].levels[0].label: how is this level called?");
    assert_refused_with(AXIS("\"levels\": [ { \"label\": \"\" }, { \"label\": \"b\" } ]"),
                        "axes[0].levels[0].label: a text of 1 to 64 bytes");
    assert_refused_with(AXIS("\"levels\": [ { \"label\": \"a\", \"overlay\": 5 }, {} ]"),
                        "axes[0].levels[0].overlay: an object is wanted");
    assert_refused_with(AXIS("\"levels\": [1, 2], \"rts\": [1, 2]"), "one of rts, values");
    assert_refused_with(
        AXIS("\"member\": \"generator.tps\", \"values\": [1, 2] }, { \"name\": \"a\", "
             "\"member\": \"node.tracer\", \"values\": [true, false]"),
        "axes: two of them are called \"a\"");
}

static void test_a_setting_that_its_profile_refuses_is_named(void **state)
{
    (void)state;
    assert_refused_with(AXIS("\"member\": \"generator.tp\", \"values\": [1, 2]"),
                        "x: setting a 1: ");
    assert_refused_with(AXIS("\"member\": \"generator.tps\", \"values\": [1, -2]"),
                        "x: setting -2: ");
    assert_refused_with(AXIS("\"rts\": [\"-N1\", \"-N2\"]"),
                        "reference nodes have no Haskell run-time system");
    assert_refused_with(
        AXIS(
            "\"member\": \"node.rts_flags_override\", \"values\": [[], [\"-A16m\"]], \"labels\": [\"none\", \"-A16m\"]"),
        "reference nodes have no Haskell run-time system");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flags_are_told_as_text_or_list),
        cmocka_unit_test(test_flags_of_axes_are_added_to_those_of_the_profile),
        cmocka_unit_test(test_values_of_a_member_are_called_by_what_differs),
        cmocka_unit_test(test_a_level_may_have_flags_and_an_overlay),
        cmocka_unit_test(test_wrong_axes_are_refused_with_their_place),
        cmocka_unit_test(test_a_setting_that_its_profile_refuses_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
