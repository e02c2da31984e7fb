#include "base/file_tree.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;

static int set_up(void **state)
{
    (void)state;
    dir = (struct temp_dir){ 0 };
    temp_dir_make(&dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

static const char *make_tree(void)
{
    assert_int_equal(file_make_directory(temp_path(&dir, "tree/below/deep"), NULL), OU_OK);
    temp_file(&dir, "tree/below/deep/file", "text");
    temp_file(&dir, "tree/.hidden", "text");
    return temp_path(&dir, "tree");
}

static void test_a_folder_is_empty_when_nothing_is_in_it_or_there_is_none(void **state)
{
    (void)state;
    assert_true(tree_is_empty(temp_path(&dir, "nowhere")));
    assert_true(tree_is_empty(dir.path));
    assert_false(tree_is_empty(make_tree()));
    assert_false(tree_is_empty(temp_path(&dir, "tree/.hidden"))); /* no folder */
    assert_int_equal(unlink(temp_path(&dir, "tree/below/deep/file")), 0);
    assert_true(tree_is_empty(temp_path(&dir, "tree/below/deep")));
}

static void test_a_cleared_folder_stays_and_has_nothing_in_it(void **state)
{
    const char *tree = make_tree();

    (void)state;
    temp_file(&dir, "mine", "text");
    assert_int_equal(symlink(temp_path(&dir, "mine"), temp_path(&dir, "tree/link")), 0);
    assert_int_equal(tree_clear(tree, NULL), OU_OK);
    assert_int_equal(access(tree, F_OK), 0);
    assert_true(tree_is_empty(tree));
    assert_int_equal(access(temp_path(&dir, "mine"), F_OK), 0); /* links are not followed */
    assert_int_equal(tree_clear(temp_path(&dir, "nowhere"), NULL), OU_OK);
}

static void test_a_removed_folder_is_gone_with_all_that_was_in_it(void **state)
{
    const char *tree = make_tree();

    (void)state;
    assert_int_equal(tree_remove(tree, NULL), OU_OK);
    assert_int_equal(access(tree, F_OK), -1);
    assert_int_equal(tree_remove(tree, NULL), OU_OK);
}

static void test_what_has_no_room_in_a_path_is_not_copied(void **state)
{
    const char *tree = make_tree();
    char to[PATH_MAX];
    struct ou_error err = { { 0 } };
    size_t at = (size_t)snprintf(to, sizeof to, "%s/copy", dir.path);

    (void)state;
    while (at < sizeof to - 5) { /* "/./." is no way to go */
        to[at] = to[at - 1] == '/' ? '.' : '/';
        at++;
    }
    to[at] = '\0';
    assert_int_equal(tree_copy(tree, to, &err), OU_TOO_LARGE);
    assert_non_null(strstr(err.text, "...: the path is too long"));
    assert_true(tree_is_empty(temp_path(&dir, "copy")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_folder_is_empty_when_nothing_is_in_it_or_there_is_none),
        TEST(test_a_cleared_folder_stays_and_has_nothing_in_it),
        TEST(test_a_removed_folder_is_gone_with_all_that_was_in_it),
        TEST(test_what_has_no_room_in_a_path_is_not_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
