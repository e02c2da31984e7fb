#include "workbench/sweep.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>

#include "json/tree.h"
#include "support/near.h"
#include "workbench/sweep_world_test.h"

#define OTHER(members) "{ \"profile\": \"demo\", \"overlay\": " SMALL_OVERLAY ", " members " }"
#define LOAD "{ \"name\": \"load\", \"member\": \"generator.tps\", \"values\": [5, 20] }"
#define TRACING                                                                            \
    "{ \"name\": \"tracing\", \"levels\": [ { \"label\": \"on\" }, { \"label\": \"off\", " \
    "\"overlay\": { \"node\": { \"tracer\": false } } } ] }"

static void make_run(struct sweep *s, size_t run, double seconds)
{
    assert_int_equal(sweep_begin(s, run, NULL), OU_OK);
    assert_int_equal(sweep_finish(s, run, "", true, seconds, "", NULL), OU_OK);
}

/* A sweep with so much time, in a directory of its own. */
static void open_with_budget(struct temp_dir *dir, double budget_s, struct sweep *ret)
{
    const struct sweep_changes changes = { .budget_s = budget_s };

    temp_dir_make(dir);
    assert_int_equal(sweep_load(temp_file(dir, "s.json", SMALL_SWEEP), &changes, ret, NULL), OU_OK);
    assert_int_equal(sweep_open(ret, temp_path(dir, "sweep"), NULL), OU_OK);
}

static void test_all_runs_are_made_in_order(void **state)
{
    struct temp_dir dir;
    struct sweep s;
    const char *why;

    (void)state;
    open_with_budget(&dir, 0, &s);
    for (size_t i = 0; i < s.run_count; i++) {
        assert_int_equal(sweep_next(&s, &why), i);
        make_run(&s, i, 1);
    }
    assert_true(sweep_next(&s, &why) == SIZE_MAX);
    assert_string_equal(why, "");
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_a_run_that_would_not_end_in_time_is_not_begun(void **state)
{
    struct temp_dir dir;
    struct sweep s;
    const char *why;

    (void)state;
    open_with_budget(&dir, 250, &s);
    assert_int_equal(sweep_next(&s, &why), 0);
    make_run(&s, 0, 100);
    assert_int_equal(sweep_next(&s, &why), 1);
    make_run(&s, 1, 60);
    assert_true(sweep_next(&s, &why) == SIZE_MAX); /* 90 s are left, and one took 100 */
    assert_string_equal(why, "90 s of the budget of 4 min are left, and a run takes about 100 s");
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_a_block_is_begun_only_when_all_of_it_has_time(void **state)
{
    struct temp_dir dir;
    struct sweep s;
    const char *why;

    (void)state;
    open_with_budget(&dir, 799, &s);
    for (size_t i = 0; i < 4; i++)
        make_run(&s, i, 100);
    assert_true(sweep_next(&s, &why) == SIZE_MAX);
    assert_non_null(strstr(why, "a whole block more takes about 7 min"));
    s.budget_s = 800;
    assert_int_equal(sweep_next(&s, &why), 4);
    make_run(&s, 4, 100);
    assert_int_equal(sweep_next(&s, &why), 5); /* a block that is begun goes on as long as it can */
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_a_setting_is_told_by_its_levels(void **state)
{
    struct temp_dir dir;
    struct sweep s;
    char label[64];
    json_t *setting;

    (void)state;
    temp_dir_make(&dir);
    load_sweep(&dir, SMALL_SWEEP, &s);
    setting = sweep_setting(&s, 3);
    assert_string_equal(json_string_value(json_object_get(setting, "load")), "20");
    assert_string_equal(json_string_value(json_object_get(setting, "tracing")), "off");
    assert_int_equal(json_object_size(setting), 2);
    json_decref(setting);
    sweep_setting_label(&s, 3, label, sizeof label);
    assert_string_equal(label, "load 20, off");
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_a_point_has_the_overlays_of_file_and_levels(void **state)
{
    struct temp_dir dir;
    struct sweep s;
    struct profile p = { 0 };

    (void)state;
    temp_dir_make(&dir);
    load_sweep(&dir, SMALL_SWEEP, &s);
    assert_int_equal(sweep_profile(&s, 3, &p, NULL), OU_OK);
    assert_int_equal(p.hosts, 2);
    assert_near(p.tps, 20, 0);
    assert_false(p.tracer);
    profile_release(&p);
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void assert_another(struct temp_dir *dir, const char *directory, const char *file,
                           const char *part)
{
    struct ou_error err = { 0 };
    struct sweep s;

    load_sweep(dir, file, &s);
    assert_int_equal(sweep_open(&s, directory, &err), OU_INVALID);
    if (!strstr(err.text, part))
        fail_msg("\"%s\" does not say \"%s\"", err.text, part);
    sweep_release(&s);
}

static void test_a_directory_takes_only_its_own_sweep(void **state)
{
    struct temp_dir dir;
    struct sweep s;
    const char *directory;

    (void)state;
    temp_dir_make(&dir);
    directory = temp_path(&dir, "sweep");
    assert_false(sweep_is_there(directory));
    load_sweep(&dir, SMALL_SWEEP, &s);
    assert_int_equal(sweep_open(&s, directory, NULL), OU_OK);
    assert_true(sweep_is_there(directory));
    sweep_release(&s);
    load_sweep(&dir, SMALL_SWEEP, &s);
    assert_int_equal(sweep_open(&s, directory, NULL), OU_OK);
    sweep_release(&s);
    assert_another(&dir, directory,
                   OTHER("\"name\": \"other\", \"axes\": [" LOAD "," TRACING "], \"seed\": 42"),
                   "name is \"small\" there, and \"other\" here");
    assert_another(&dir, directory,
                   OTHER("\"name\": \"small\", \"axes\": [" LOAD "," TRACING "], \"seed\": 7"),
                   "seed is 42 there, and 7 here");
    assert_another(&dir, directory,
                   OTHER("\"name\": \"small\", \"axes\": [" LOAD "], \"seed\": 42"),
                   "axes is [{\"name\":\"load\"");
    assert_another(&dir, directory,
                   "{ \"profile\": \"demo\", \"name\": \"small\", \"axes\": [" LOAD "," TRACING
                   "], \"seed\": 42 }",
                   "a profile, an overlay or what they are based on has changed");
    temp_dir_remove(&dir);
}

static void test_repetitions_may_grow_and_never_shrink(void **state)
{
    const struct sweep_changes more = { .repetitions = 3 }, fewer = { .repetitions = 1 };
    struct temp_dir dir;
    struct sweep s;
    const char *directory;

    (void)state;
    temp_dir_make(&dir);
    directory = temp_path(&dir, "sweep");
    load_sweep(&dir, SMALL_SWEEP, &s);
    assert_int_equal(sweep_open(&s, directory, NULL), OU_OK);
    make_run(&s, 0, 1);
    sweep_release(&s);
    assert_int_equal(sweep_resume(directory, &more, &s, NULL), OU_OK);
    assert_int_equal(s.run_count, 12);
    assert_int_equal(s.done_count, 1);
    sweep_release(&s);
    assert_int_equal(sweep_resume(directory, &fewer, &s, NULL), OU_OK);
    assert_int_equal(s.repetitions, 3);
    sweep_release(&s);
    load_sweep(&dir, SMALL_SWEEP, &s); /* asks for two */
    assert_int_equal(sweep_open(&s, directory, NULL), OU_OK);
    assert_int_equal(s.run_count, 12);
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_a_budget_of_a_command_line_is_kept(void **state)
{
    const struct sweep_changes longer = { .budget_s = 900 };
    struct temp_dir dir;
    struct sweep s;

    (void)state;
    open_with_budget(&dir, 600, &s);
    sweep_release(&s);
    assert_int_equal(sweep_resume(temp_path(&dir, "sweep"), NULL, &s, NULL), OU_OK);
    assert_near(s.budget_s, 600, 0);
    sweep_release(&s);
    assert_int_equal(sweep_resume(temp_path(&dir, "sweep"), &longer, &s, NULL), OU_OK);
    assert_near(s.budget_s, 900, 0);
    sweep_release(&s);
    temp_dir_remove(&dir);
}

static void test_a_profile_that_changes_between_sessions_is_refused(void **state)
{
    struct temp_dir dir;
    struct sweep s;
    struct ou_error err = { 0 };

    (void)state;
    temp_dir_make(&dir);
    temp_file(&dir, "mine.json", "{ \"base\": \"demo\" }");
    load_sweep(&dir, "{ \"name\": \"x\", \"profile\": \"./mine.json\", \"axes\": [" LOAD "] }", &s);
    assert_int_equal(sweep_open(&s, temp_path(&dir, "sweep"), NULL), OU_OK);
    sweep_release(&s);
    assert_int_equal(sweep_resume(temp_path(&dir, "sweep"), NULL, &s, NULL), OU_OK);
    sweep_release(&s);
    temp_file(&dir, "mine.json", "{ \"base\": \"demo\", \"generator\": { \"tx_fee\": 1000001 } }");
    assert_int_equal(sweep_resume(temp_path(&dir, "sweep"), NULL, &s, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "has changed since it was planned"));
    temp_dir_remove(&dir);
}

/* A run of the first setting, with the profile that it had. */
static void keep_run(struct temp_dir *dir, const struct sweep *s)
{
    struct profile p = { 0 };
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/sweep/runs/r0", dir->path);
    assert_int_equal(mkdir(path, 0755), 0);
    temp_file(dir, "sweep/runs/r0/status.json", "{}");
    temp_file(dir, "sweep/runs/r0/meta.json", "{ \"meta\": { \"ident\": \"p0\" } }");
    assert_int_equal(sweep_profile(s, 0, &p, NULL), OU_OK);
    assert_int_equal(json_tree_save(p.document, temp_path(dir, "sweep/runs/r0/profile.json"), NULL),
                     OU_OK);
    profile_release(&p);
}

static void test_the_member_that_changed_is_named(void **state)
{
    struct temp_dir dir;
    struct sweep s;
    struct ou_error err = { 0 };

    (void)state;
    temp_dir_make(&dir);
    temp_file(&dir, "mine.json", "{ \"base\": \"demo\" }");
    load_sweep(&dir, "{ \"name\": \"x\", \"profile\": \"./mine.json\", \"axes\": [" LOAD "] }", &s);
    assert_int_equal(sweep_open(&s, temp_path(&dir, "sweep"), NULL), OU_OK);
    keep_run(&dir, &s);
    sweep_release(&s);
    assert_int_equal(sweep_resume(temp_path(&dir, "sweep"), NULL, &s, NULL), OU_OK);
    sweep_release(&s);
    temp_file(&dir, "mine.json", "{ \"base\": \"demo\", \"generator\": { \"tx_fee\": 1000001 } }");
    assert_int_equal(sweep_resume(temp_path(&dir, "sweep"), NULL, &s, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "generator.tx_fee was "));
    assert_non_null(strstr(err.text, " in r0, and is 1000001 now"));
    temp_dir_remove(&dir);
}

static void test_a_directory_with_too_long_a_path_is_refused(void **state)
{
    char path[PATH_MAX];
    struct temp_dir dir;
    struct sweep s;
    struct ou_error err = { 0 }, other = { 0 };

    (void)state;
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    temp_dir_make(&dir);
    load_sweep(&dir, SMALL_SWEEP, &s);
    assert_false(sweep_is_there(path));
    assert_int_equal(sweep_open(&s, path, &err), OU_TOO_LARGE);
    assert_non_null(strstr(err.text, "aaa...: the path is too long"));
    sweep_release(&s);
    assert_int_equal(sweep_resume(path, NULL, &s, &other), OU_TOO_LARGE);
    assert_string_equal(other.text, err.text);
    temp_dir_remove(&dir);
}

static void test_a_damaged_plan_is_refused(void **state)
{
    struct temp_dir dir;
    struct sweep s;
    struct ou_error err = { 0 };

    (void)state;
    open_with_budget(&dir, 0, &s);
    sweep_release(&s);
    temp_file(&dir, "sweep/sweep.json", "{ \"schema\": 1 }");
    assert_int_equal(sweep_resume(temp_path(&dir, "sweep"), NULL, &s, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "it does not tell how the sweep was planned"));
    assert_int_equal(sweep_resume(temp_path(&dir, "absent"), NULL, &s, &err), OU_NOT_FOUND);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_runs_are_made_in_order),
        cmocka_unit_test(test_a_run_that_would_not_end_in_time_is_not_begun),
        cmocka_unit_test(test_a_block_is_begun_only_when_all_of_it_has_time),
        cmocka_unit_test(test_a_setting_is_told_by_its_levels),
        cmocka_unit_test(test_a_point_has_the_overlays_of_file_and_levels),
        cmocka_unit_test(test_a_directory_takes_only_its_own_sweep),
        cmocka_unit_test(test_repetitions_may_grow_and_never_shrink),
        cmocka_unit_test(test_a_budget_of_a_command_line_is_kept),
        cmocka_unit_test(test_a_profile_that_changes_between_sessions_is_refused),
        cmocka_unit_test(test_the_member_that_changed_is_named),
        cmocka_unit_test(test_a_directory_with_too_long_a_path_is_refused),
        cmocka_unit_test(test_a_damaged_plan_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
