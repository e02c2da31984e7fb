#include "deploy/program_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static char former_path[8192];

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    snprintf(former_path, sizeof former_path, "%s", getenv("PATH"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    setenv("PATH", former_path, 1);
    temp_dir_remove(&dir);
    return 0;
}

static void make_program(const char *name)
{
    temp_file(&dir, name, "#!/bin/sh\n");
    assert_int_equal(chmod(temp_path(&dir, name), 0755), 0);
}

static void test_a_path_is_taken_as_it_stands(void **state)
{
    char found[PATH_MAX];

    (void)state;
    make_program("tool");
    assert_int_equal(program_path(temp_path(&dir, "tool"), found, NULL), OU_OK);
    assert_string_equal(found, temp_path(&dir, "tool"));
}

static void test_a_relative_path_is_made_whole(void **state)
{
    char found[PATH_MAX], here[PATH_MAX], wanted[2 * PATH_MAX];

    (void)state;
    make_program("tool");
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(dir.path), 0);
    assert_int_equal(program_path("./tool", found, NULL), OU_OK);
    snprintf(wanted, sizeof wanted, "%s/./tool", dir.path);
    assert_string_equal(found, wanted);
    assert_int_equal(chdir(here), 0);
}

static void test_a_name_is_looked_for_in_the_path(void **state)
{
    char found[PATH_MAX], list[8192 + 300];

    (void)state;
    make_program("ouroscope-test-tool");
    snprintf(list, sizeof list, "/nowhere:%s:%s", dir.path, former_path);
    setenv("PATH", list, 1);
    assert_int_equal(program_path("ouroscope-test-tool", found, NULL), OU_OK);
    assert_string_equal(found, temp_path(&dir, "ouroscope-test-tool"));
}

static void test_what_cannot_be_run_is_no_program(void **state)
{
    struct ou_error err = { 0 };
    char found[PATH_MAX];

    (void)state;
    temp_file(&dir, "text", "");
    assert_int_equal(program_path(temp_path(&dir, "text"), found, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "/text is no program"));
    assert_int_equal(program_path(dir.path, found, &err), OU_NOT_FOUND);
    assert_int_equal(program_path("ouroscope-test-tool", found, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "ouroscope-test-tool in PATH"));
    unsetenv("PATH");
    assert_int_equal(program_path("sh", found, &err), OU_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_path_is_taken_as_it_stands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_relative_path_is_made_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_name_is_looked_for_in_the_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_run_is_no_program, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
