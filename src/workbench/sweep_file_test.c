#include "workbench/sweep_file.h"

#include <math.h>
#include <stdio.h>

#include "support/near.h"
#include "workbench/sweep_world_test.h"

static void test_durations_are_read(void **state)
{
    static const struct {
        const char *text;
        double seconds;
    } good[] = {
        { "90s", 90 }, { "2h", 7200 }, { "1h30m", 5400 }, { "1d2h3m4s", 93784 }, { "0m", 0 }
    };
    static const char *const bad[] = { "",    "5",    "h",   "2x", "1h2h",       "1m1h",
                                       "-1h", "1.5h", "1 h", "2H", "9999999999s" };
    double seconds;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(sweep_read_duration(good[i].text, &seconds));
        assert_near(seconds, good[i].seconds, 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(sweep_read_duration(bad[i], &seconds));
}

static void test_what_is_not_told_has_a_standard(void **state)
{
    struct temp_dir dir;
    struct sweep s;

    (void)state;
    temp_dir_make(&dir);
    load_sweep(
        &dir,
        "{ \"name\": \"x\", \"profile\": \"demo\", \"axes\": [ { \"name\": \"a\", \"member\": "
        "\"generator.tps\", \"values\": [1, 2] } ] }",
        &s);
    assert_int_equal(s.repetitions, 1);
    assert_int_equal(s.attempts_max, 2);
    assert_int_equal(s.seed, 1);
    assert_int_equal(s.fraction, 1);
    assert_true(isinf(s.budget_s));
    assert_int_equal(s.metric_count, 0);
    assert_string_equal(s.description, "");
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_a_command_line_has_the_last_word(void **state)
{
    const struct sweep_changes changes = { .repetitions = 3, .budget_s = 60 };
    struct temp_dir dir;
    struct sweep s;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(sweep_load(temp_file(&dir, "s.json", SMALL_SWEEP), &changes, &s, NULL), OU_OK);
    assert_int_equal(s.repetitions, 3);
    assert_int_equal(s.run_count, 12);
    assert_near(s.budget_s, 60, 0);
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_wrong_members_are_refused_with_their_place(void **state)
{
    (void)state;
    assert_refused_with(", \"repetition\": 2",
                        "no member \"repetition\" is known; did you mean \"repetitions\"?");
    assert_refused_with(", \"repetitions\": 0", "repetitions: a whole number from 1 to 100000");
    assert_refused_with(", \"repetitions\": 1.5", "repetitions: a whole number");
    assert_refused_with(", \"seed\": -1", "seed: a whole number from 0");
    assert_refused_with(", \"attempts\": 101", "attempts: a whole number from 1 to 100");
    assert_refused_with(", \"budget\": \"soon\"", "budget: a time is wanted");
    assert_refused_with(", \"budget\": 0", "budget: more than nothing");
    assert_refused_with(", \"budget\": \"400d\"", "at most 366 days");
    assert_refused_with(", \"metrics\": \"CentiCpu\"", "metrics: a list");
    assert_refused_with(", \"metrics\": [\"CentiCpu\", 5]", "is wanted at place 1");
    assert_refused_with(", \"overlay\": []", "overlay: an object is wanted");
    assert_refused_with(", \"overlay\": { \"base\": \"x\" }", "base says which profile it is");
    assert_refused_with(", \"desc\": 5", "desc: a text is wanted");
    assert_refused_with(", \"name\": \"y\"", "duplicate");
}

static void assert_text_refused(struct temp_dir *dir, const char *text, enum ou_status expected,
                                const char *part)
{
    struct ou_error err = { 0 };
    struct sweep s;

    assert_int_equal(sweep_load(temp_file(dir, "t.json", text), NULL, &s, &err), expected);
    assert_non_null(strstr(err.text, part));
}

static void test_names_and_profiles_are_checked(void **state)
{
    struct temp_dir dir;
    struct sweep s;

    (void)state;
    temp_dir_make(&dir);
    assert_text_refused(&dir, "[]", OU_INVALID, "an object is wanted");
    assert_text_refused(&dir, "{", OU_INVALID, "t.json:1");
    assert_text_refused(&dir, "{}", OU_INVALID, "name: a sweep needs a name");
    assert_text_refused(&dir, "{\"name\": \"a/b\", \"profile\": \"demo\"}", OU_INVALID,
                        "it becomes part of a folder's name");
    assert_text_refused(&dir, "{\"name\": \"a\"}", OU_INVALID, "profile: which profile?");
    assert_text_refused(&dir, "{\"name\": \"a\", \"profile\": \"./none.json\"}", OU_NOT_FOUND,
                        "profile: there is no file");
    assert_int_equal(sweep_load(temp_path(&dir, "absent.json"), NULL, &s, NULL), OU_NOT_FOUND);
    temp_dir_remove(&dir);
}

/* Wherever the sweep is started: "./mine.json" stands beside the sweep file. */
static void test_a_profile_is_found_beside_the_file(void **state)
{
    struct temp_dir dir;
    struct profile p = { 0 };
    struct sweep s;

    (void)state;
    temp_dir_make(&dir);
    temp_file(&dir, "mine.json", "{ \"base\": \"demo\", \"generator\": { \"tx_count\": 77 } }");
    load_sweep(&dir,
               "{ \"name\": \"x\", \"profile\": \"./mine.json\", \"axes\": [ { \"name\": \"a\", "
               "\"member\": \"generator.tps\", \"values\": [1, 2] } ] }",
               &s);
    assert_int_equal(sweep_profile(&s, 0, &p, NULL), OU_OK);
    assert_int_equal(p.tx_count, 77);
    assert_string_equal(p.name, "mine");
    profile_release(&p);
    sweep_release(&s);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations_are_read),
        cmocka_unit_test(test_what_is_not_told_has_a_standard),
        cmocka_unit_test(test_a_command_line_has_the_last_word),
        cmocka_unit_test(test_wrong_members_are_refused_with_their_place),
        cmocka_unit_test(test_names_and_profiles_are_checked),
        cmocka_unit_test(test_a_profile_is_found_beside_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
