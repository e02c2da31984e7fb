#include "workbench/run_dir.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json/tree.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static struct ou_error err;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

static json_t *status_of(const char *run)
{
    char path[4200];
    json_t *document = NULL;

    snprintf(path, sizeof path, "%s/status.json", run);
    assert_int_equal(json_tree_load(path, 1 << 20, &document, &err), OU_OK);
    return document;
}

static const char *text(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

/* ---- names ---- */

static void test_a_run_is_named_by_time_profile_and_ident(void **state)
{
    char run[4096];
    const char *name;
    struct stat st;
    int year, len = 0;

    (void)state;
    assert_int_equal(
        run_dir_create(temp_path(&dir, "a/b"), "ci-test", "my-ident", run, sizeof run, &err),
        OU_OK);
    assert_int_equal(stat(run, &st), 0);
    name = strrchr(run, '/') + 1;
    sscanf(name, "%4d-%*2d-%*2dT%*2d-%*2d-%*2d_ci-test_my-ident%n", &year, &len);
    assert_int_equal(len, strlen(name));
    assert_true(year >= 2026);
}

static void test_no_ident_becomes_six_digits_drawn_anew(void **state)
{
    char a[4096], b[4096];

    (void)state;
    assert_int_equal(run_dir_create(dir.path, "demo", "", a, sizeof a, &err), OU_OK);
    assert_int_equal(run_dir_create(dir.path, "demo", "", b, sizeof b, &err), OU_OK);
    assert_int_equal(strspn(strrchr(a, '_') + 1, "0123456789abcdef"), 6);
    assert_int_equal(strlen(strrchr(a, '_') + 1), 6);
    assert_string_not_equal(a, b);
}

static void test_a_name_that_is_taken_gets_a_number(void **state)
{
    char a[4096], b[4096], c[4096];

    (void)state;
    /* Within the same second, if not with these then with the next ones. */
    do {
        assert_int_equal(run_dir_create(dir.path, "p", "x", a, sizeof a, &err), OU_OK);
        assert_int_equal(run_dir_create(dir.path, "p", "x", b, sizeof b, &err), OU_OK);
        assert_int_equal(run_dir_create(dir.path, "p", "x", c, sizeof c, &err), OU_OK);
    } while (strncmp(a, c, strlen(a)) != 0);
    assert_string_equal(b + strlen(a), "-2");
    assert_string_equal(c + strlen(a), "-3");
}

static void test_the_newest_run_has_a_link(void **state)
{
    char a[4096], b[4096], target[4096] = "";

    (void)state;
    assert_int_equal(run_dir_create(dir.path, "p", "a", a, sizeof a, &err), OU_OK);
    assert_int_equal(run_dir_create(dir.path, "p", "b", b, sizeof b, &err), OU_OK);
    assert_true(readlink(temp_path(&dir, ".latest"), target, sizeof target - 1) > 0);
    assert_string_equal(target, strrchr(b, '/') + 1);
}

static void test_odd_characters_of_a_profile_are_replaced(void **state)
{
    char run[4096];

    (void)state;
    assert_int_equal(run_dir_create(dir.path, "../my profile", "x", run, sizeof run, &err), OU_OK);
    assert_non_null(strstr(run, "_..-my-profile_x"));
}

static void test_an_ident_that_is_no_part_of_a_name_is_refused(void **state)
{
    static const char *const bad[] = { "a/b", ".hidden", "a b", "\xc3\xa4", "a\nb" };
    char run[4096], long_one[RUN_LABEL_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(run_dir_create(dir.path, "p", bad[i], run, sizeof run, &err), OU_USAGE);
    memset(long_one, 'x', sizeof long_one - 1);
    long_one[sizeof long_one - 1] = '\0';
    assert_int_equal(run_label_check("the batch", long_one, &err), OU_USAGE);
    assert_string_equal(err.text, "the batch is longer than 64 characters");
    assert_int_equal(run_label_check("the batch", long_one + 1, &err), OU_OK);
}

static void test_a_parent_that_cannot_be_written_is_told(void **state)
{
    char run[4096];

    (void)state;
    temp_file(&dir, "file", "");
    assert_int_equal(run_dir_create(temp_path(&dir, "file"), "p", "", run, sizeof run, &err),
                     OU_IO);
    assert_int_equal(run_dir_create(dir.path, "p", "", run, 10, &err), OU_IO);
}

/* ---- states ---- */

static void test_each_change_of_state_is_kept(void **state)
{
    const json_t *history, *last;
    enum run_state now;
    char run[4096];
    json_t *status;

    (void)state;
    assert_int_equal(run_dir_create(dir.path, "p", "", run, sizeof run, &err), OU_OK);
    assert_int_equal(run_state_get(run, &now, &err), OU_OK);
    assert_int_equal(now, RUN_allocated);
    assert_int_equal(run_state_set(run, RUN_genesis_ready, "", &err), OU_OK);
    assert_int_equal(run_state_set(run, RUN_failed, "node-1 died\n\xff", &err), OU_OK);
    assert_int_equal(run_state_get(run, &now, &err), OU_OK);
    assert_int_equal(now, RUN_failed);
    status = status_of(run);
    assert_string_equal(text(status, "state"), "failed");
    assert_string_equal(text(status, "cause"), "node-1 died\n\xef\xbf\xbd");
    history = json_object_get(status, "history");
    assert_int_equal(json_array_size(history), 3);
    assert_string_equal(text(json_array_get(history, 0), "state"), "allocated");
    assert_string_equal(text(json_array_get(history, 1), "state"), "genesis-ready");
    last = json_array_get(history, 2);
    assert_string_equal(text(last, "at"), text(status, "at"));
    assert_int_equal(text(last, "at")[10], 'T');
    json_decref(status);
}

/* Whoever is told of a good run reads no error of it. */
static void test_the_first_state_leaves_no_error_behind(void **state)
{
    struct ou_error none = { 0 };
    char run[4096];

    (void)state;
    assert_int_equal(run_dir_create(dir.path, "p", "", run, sizeof run, &none), OU_OK);
    assert_string_equal(none.text, "");
}

static void test_a_status_that_means_nothing_is_told(void **state)
{
    static const char *const bad[] = { "{}", "{\"state\": \"sleeping\"}", "{\"state\": 1}" };
    enum run_state now;

    (void)state;
    assert_int_equal(run_state_get(dir.path, &now, &err), OU_NOT_FOUND);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        temp_file(&dir, "status.json", bad[i]);
        assert_int_equal(run_state_get(dir.path, &now, &err), OU_INVALID);
        assert_int_equal(run_state_set(dir.path, RUN_failed, "", &err), OU_INVALID);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_run_is_named_by_time_profile_and_ident),
        TEST(test_no_ident_becomes_six_digits_drawn_anew),
        TEST(test_a_name_that_is_taken_gets_a_number),
        TEST(test_the_newest_run_has_a_link),
        TEST(test_odd_characters_of_a_profile_are_replaced),
        TEST(test_an_ident_that_is_no_part_of_a_name_is_refused),
        TEST(test_a_parent_that_cannot_be_written_is_told),
        TEST(test_each_change_of_state_is_kept),
        TEST(test_the_first_state_leaves_no_error_behind),
        TEST(test_a_status_that_means_nothing_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
