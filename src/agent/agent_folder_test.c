#include "agent/agent_folder.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support/files.h"
#include "support/test.h"

struct fixture {
    struct temp_dir dir;
    struct agent_folder folder;
};

static int set_up(void **state)
{
    static struct fixture f;

    temp_dir_make(&f.dir);
    assert_int_equal(agent_folder_open(f.dir.path, &f.folder, NULL), OU_OK);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    agent_folder_close(&f->folder);
    temp_dir_remove(&f->dir);
    return 0;
}

static void put(struct fixture *f, const char *name, const char *text)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", f->dir.path, name);
    *strrchr(path, '/') = '\0';
    assert_int_equal(file_make_directory(path, NULL), OU_OK);
    snprintf(path, sizeof path, "%s/%s", f->dir.path, name);
    write_file(path, text, strlen(text));
}

static void expect(struct fixture *f, const char *name, const char *text)
{
    char path[PATH_MAX];
    struct buffer content;

    snprintf(path, sizeof path, "%s/%s", f->dir.path, name);
    buffer_init(&content, allocator_libc(), 4096);
    if (text) {
        assert_int_equal(file_read(path, &content, NULL), OU_OK);
        assert_string_equal(buffer_string(&content), text);
    } else {
        assert_int_equal(access(path, F_OK), -1);
    }
    buffer_release(&content);
}

static enum ou_status merge(struct fixture *f, struct ou_error *err)
{
    return agent_folder_merge(&f->folder, "unpack", err);
}

static void test_only_one_agent_works_in_a_folder(void **state)
{
    struct fixture *f = *state;
    struct agent_folder other;
    struct ou_error err;

    assert_int_equal(agent_folder_open(f->dir.path, &other, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "another agent works in"));
    agent_folder_close(&f->folder);
    assert_int_equal(agent_folder_open(f->dir.path, &f->folder, NULL), OU_OK);
}

/* In a folder that all may write to somebody else may have put them there before. */
static void test_folders_of_an_agent_are_its_own_and_no_links(void **state)
{
    struct fixture *f = *state;
    struct agent_folder other;
    struct ou_error err;
    char run[PATH_MAX], elsewhere[PATH_MAX];

    agent_folder_close(&f->folder);
    snprintf(run, sizeof run, "%s/run", f->dir.path);
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", f->dir.path);
    assert_int_equal(chmod(run, 0750), 0);
    assert_int_equal(agent_folder_open(f->dir.path, &other, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "/run is open to other users (mode 750)"));
    assert_int_equal(chmod(run, 0700), 0);
    assert_int_equal(rename(run, elsewhere), 0);
    assert_int_equal(symlink(elsewhere, run), 0);
    assert_int_equal(agent_folder_open(f->dir.path, &other, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "/run is no folder"));
    assert_int_equal(unlink(run), 0);
    assert_int_equal(rename(elsewhere, run), 0);
    assert_int_equal(agent_folder_open(f->dir.path, &f->folder, &err), OU_OK);
}

static void test_files_are_moved_with_their_folders(void **state)
{
    struct fixture *f = *state;

    put(f, "agent/unpack/genesis/keys/a", "1");
    put(f, "agent/unpack/b", "2");
    assert_int_equal(merge(f, NULL), OU_OK);
    expect(f, "run/genesis/keys/a", "1");
    expect(f, "run/b", "2");
    expect(f, "agent/unpack", NULL);
}

static void test_later_deliveries_replace_earlier_ones(void **state)
{
    struct fixture *f = *state;

    put(f, "agent/unpack/genesis/a", "1");
    assert_int_equal(merge(f, NULL), OU_OK);
    put(f, "agent/unpack/genesis/a", "2");
    put(f, "agent/unpack/genesis/b", "3");
    assert_int_equal(merge(f, NULL), OU_OK);
    expect(f, "run/genesis/a", "2");
    expect(f, "run/genesis/b", "3");
}

static void test_what_was_not_delivered_stays_and_nothing_is_moved(void **state)
{
    struct fixture *f = *state;
    struct ou_error err;

    put(f, "run/nodes/n/db", "of a node");
    put(f, "agent/unpack/a", "1");
    put(f, "agent/unpack/nodes/n/db", "2");
    assert_int_equal(merge(f, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "nodes/n/db is there already"));
    expect(f, "run/nodes/n/db", "of a node");
    expect(f, "run/a", NULL);
}

static void test_a_delivery_does_not_go_through_links(void **state)
{
    struct fixture *f = *state;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/run/genesis", f->dir.path);
    assert_int_equal(symlink("/tmp", path), 0);
    put(f, "agent/unpack/genesis/a", "1");
    assert_int_equal(merge(f, NULL), OU_INVALID);
    snprintf(path, sizeof path, "%s/run/b", f->dir.path);
    assert_int_equal(symlink("/tmp/elsewhere", path), 0);
    put(f, "agent/unpack/b", "1");
    assert_int_equal(merge(f, NULL), OU_INVALID);
}

/* As if the agent had died between writing down what comes and having moved all of it. */
static void test_a_merge_that_was_broken_off_is_done_again(void **state)
{
    struct fixture *f = *state;

    put(f, "agent/delivered.json", "{\"a\": true, \"b\": true}");
    put(f, "run/a", "1");
    put(f, "agent/unpack/a", "1");
    put(f, "agent/unpack/b", "2");
    assert_int_equal(merge(f, NULL), OU_OK);
    expect(f, "run/a", "1");
    expect(f, "run/b", "2");
}

static void test_documents_are_found_again(void **state)
{
    struct fixture *f = *state;
    json_t *given = json_pack("{s:i}", "a", 1), *back = NULL;

    assert_int_equal(agent_folder_load(&f->folder, "x.json", &back, NULL), OU_OK);
    assert_null(back);
    assert_int_equal(agent_folder_save(&f->folder, "x.json", given, NULL), OU_OK);
    assert_int_equal(agent_folder_load(&f->folder, "x.json", &back, NULL), OU_OK);
    assert_true(json_equal(given, back));
    agent_folder_remove(&f->folder, "x.json");
    expect(f, "agent/x.json", NULL);
    json_decref(given);
    json_decref(back);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_only_one_agent_works_in_a_folder),
        TEST(test_folders_of_an_agent_are_its_own_and_no_links),
        TEST(test_files_are_moved_with_their_folders),
        TEST(test_later_deliveries_replace_earlier_ones),
        TEST(test_what_was_not_delivered_stays_and_nothing_is_moved),
        TEST(test_a_delivery_does_not_go_through_links),
        TEST(test_a_merge_that_was_broken_off_is_done_again),
        TEST(test_documents_are_found_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
