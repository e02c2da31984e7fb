#include "collect/log_root.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/test.h"

static void test_needless_parts_of_a_path_go(void **state)
{
    static const char *const paths[][2] = {
        { "/a", "/a" },     { "/a/", "/a" }, { "//a///b//", "/a/b" },
        { "/./a/.", "/a" }, { "./a", "a" },  { "a", "a" },
        { "/", "/" },       { "//", "/" },   { ".", "." },
        { "././", "." },    { "", "" },      { "/b/../a/", "/b/../a" },
        { "../a", "../a" }, { "..", ".." },  { "/.hidden/a.", "/.hidden/a." },
    };
    char path[64];

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        log_root_tidy(paths[i][0], path);
        assert_string_equal(path, paths[i][1]);
    }
}

static void test_one_folder_is_known_by_all_its_names(void **state)
{
    static const char *const same[][2] = {
        { "/none/a", "/none/a/" },
        { "/none/a", "/none/b/../a" },
        { "/none/a", "/../none//a" },
        { "/none/..", "/" },
        { "none", "./none" },
        { "none/a", "none/./b/../a" },
        { "/proc/self/none", "/proc/self/../self/none" },
    };
    static const char *const different[][2] = {
        { "/none/a", "/none/b" }, { "/none/a", "/none/a/a" }, { "/none", "none" },
        { "/none/a", "/none" },   { "/none/ab", "/none/a" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!log_root_is_same(same[i][0], same[i][1]))
            fail_msg("%s is not %s", same[i][0], same[i][1]);
    for (size_t i = 0; i < sizeof different / sizeof *different; i++)
        if (log_root_is_same(different[i][0], different[i][1]))
            fail_msg("%s is %s", different[i][0], different[i][1]);
}

/* a/deep/.. behind the link is the folder that it leads to, and not the link's own. */
static void test_symbolic_links_are_followed_as_far_as_they_are_there(void **state)
{
    struct temp_dir dir;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(mkdir(temp_path(&dir, "real"), 0700), 0);
    assert_int_equal(mkdir(temp_path(&dir, "real/deep"), 0700), 0);
    assert_int_equal(symlink("real/deep", temp_path(&dir, "link")), 0);
    assert_true(log_root_is_same(temp_path(&dir, "real/deep"), temp_path(&dir, "link")));
    assert_true(log_root_is_same(temp_path(&dir, "real/deep/logs"), temp_path(&dir, "link/logs")));
    assert_true(log_root_is_same(temp_path(&dir, "link/../logs"), temp_path(&dir, "real/logs")));
    assert_false(log_root_is_same(temp_path(&dir, "link/../logs"), temp_path(&dir, "logs")));
    temp_dir_remove(&dir);
}

static void test_a_path_that_is_too_long_is_only_itself(void **state)
{
    static char path[10000], other[10000];

    (void)state;
    memset(path, 'a', sizeof path - 1);
    memcpy(other, path, sizeof path);
    other[0] = 'b';
    assert_true(log_root_is_same(path, path));
    assert_false(log_root_is_same(path, other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_needless_parts_of_a_path_go),
        cmocka_unit_test(test_one_folder_is_known_by_all_its_names),
        cmocka_unit_test(test_symbolic_links_are_followed_as_far_as_they_are_there),
        cmocka_unit_test(test_a_path_that_is_too_long_is_only_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
