#include "deploy/folders.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static struct ou_error err;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(file_make_directory(temp_path(&dir, "from/logs/deep"), &err), OU_OK);
    assert_int_equal(file_make_directory(temp_path(&dir, "to/logs"), &err), OU_OK);
    temp_file(&dir, "from/logs/deep/node.json", "theirs\n");
    temp_file(&dir, "from/logs/config", "theirs\n");
    temp_file(&dir, "to/logs/config", "ours\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

static void test_merging_keeps_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(folder_merge(temp_path(&dir, "from"), temp_path(&dir, "to"), false, &err),
                     OU_OK);
    assert_int_equal(lines_with(temp_path(&dir, "to/logs/config"), "ours"), 1);
    assert_int_equal(lines_with(temp_path(&dir, "to/logs/deep/node.json"), "theirs"), 1);
}

static void test_merging_may_replace(void **state)
{
    (void)state;
    assert_int_equal(folder_merge(temp_path(&dir, "from"), temp_path(&dir, "to"), true, &err),
                     OU_OK);
    assert_int_equal(lines_with(temp_path(&dir, "to/logs/config"), "theirs"), 1);
}

static void test_what_is_not_there_is_nothing(void **state)
{
    const char *none = temp_path(&dir, "none");

    (void)state;
    assert_int_equal(folder_bytes(none), 0);
    assert_int_equal(folder_remove(none, &err), OU_OK);
    assert_int_equal(folder_merge(none, temp_path(&dir, "to"), true, &err), OU_OK);
    assert_int_equal(lines_with(temp_path(&dir, "to/logs/config"), "ours"), 1);
}

static void test_removing_does_not_follow_links(void **state)
{
    (void)state;
    assert_return_code(symlink(temp_path(&dir, "to"), temp_path(&dir, "from/link")), 0);
    assert_int_equal(folder_bytes(temp_path(&dir, "from")), 2 * strlen("theirs\n"));
    assert_int_equal(folder_remove(temp_path(&dir, "from"), &err), OU_OK);
    assert_int_not_equal(access(temp_path(&dir, "from"), F_OK), 0);
    assert_int_equal(lines_with(temp_path(&dir, "to/logs/config"), "ours"), 1);
}

static void test_a_new_one_is_empty_and_private(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(folder_make_new(temp_path(&dir, "from"), &err), OU_OK);
    assert_return_code(stat(temp_path(&dir, "from"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(folder_bytes(temp_path(&dir, "from")), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_merging_keeps_what_is_there),    TEST(test_merging_may_replace),
        TEST(test_what_is_not_there_is_nothing),   TEST(test_removing_does_not_follow_links),
        TEST(test_a_new_one_is_empty_and_private),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
