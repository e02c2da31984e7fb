/* One maker at a time, and nothing that is not whole: also with a maker that is killed. */
#include "genesis/cache.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "genesis/dataset.h"
#include "support/files.h"
#include "support/test.h"

#define NAME "k1-1D-0U-0123456789ab"

/* What makers are told to do. */
struct orders {
    int calls;
    bool fail, stay_forever;
    int told; /* a pipe's end: a byte says that the making has begun; -1 */
    unsigned wait_us;
};

static void write_half(const char *directory, const char *name, struct genesis_digest *digest)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    write_file(path, "{half", 5);
    genesis_digest_start(digest);
    genesis_digest_add(digest, "{half", 5);
}

static enum ou_status make(void *context, const char *directory, struct ou_error *err)
{
    struct orders *orders = context;
    struct genesis_record record = { .name = NAME };

    orders->calls++;
    write_half(directory, "shelley.half", &record.shelley);
    if (orders->told >= 0)
        assert_int_equal(write(orders->told, "x", 1), 1);
    while (orders->stay_forever)
        pause();
    usleep(orders->wait_us);
    if (orders->fail)
        return ou_fail(err, OU_IO, "as it was told to");
    write_half(directory, "conway.half", &record.conway);
    return genesis_record_write(directory, &record, err);
}

static enum ou_status get(struct temp_dir *dir, struct orders *orders, bool *ret_was_there)
{
    char path[PATH_MAX];
    enum ou_status status =
        genesis_cache_get(temp_path(dir, "cache"), NAME, make, orders, path, ret_was_there, NULL);

    if (!status)
        assert_string_equal(path, temp_path(dir, "cache/" NAME));
    return status;
}

static bool is_there(struct temp_dir *dir, const char *name)
{
    return access(temp_path(dir, name), F_OK) == 0;
}

static void test_it_is_made_once(void **state)
{
    struct temp_dir dir;
    struct orders orders = { .told = -1 };
    bool was_there;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    assert_false(was_there);
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    assert_true(was_there);
    assert_int_equal(orders.calls, 1);
    temp_dir_remove(&dir);
}

static void test_a_failure_leaves_nothing(void **state)
{
    struct temp_dir dir;
    struct orders orders = { .told = -1, .fail = true };
    bool was_there;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(get(&dir, &orders, &was_there), OU_IO);
    assert_false(is_there(&dir, "cache/" NAME));
    assert_false(is_there(&dir, "cache/." NAME ".new"));
    orders.fail = false;
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    assert_false(was_there);
    temp_dir_remove(&dir);
}

/* A file that lost its end, as after a crash of the machine. */
static void test_what_is_not_whole_is_made_anew(void **state)
{
    struct temp_dir dir;
    struct orders orders = { .told = -1 };
    bool was_there;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    write_file(temp_path(&dir, "cache/" NAME "/shelley.half"), "{ha", 3);
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    assert_false(was_there);
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    assert_true(was_there);
    write_file(temp_path(&dir, "cache/" NAME "/dataset.json"), "{}", 2);
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    assert_false(was_there);
    assert_int_equal(orders.calls, 3);
    temp_dir_remove(&dir);
}

/* Of the same size, but not as it was left: its hash would be another than the one that is kept. */
static void test_what_was_changed_is_made_anew(void **state)
{
    const struct timespec long_ago[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
    struct temp_dir dir;
    struct orders orders = { .told = -1 };
    struct genesis_record record;
    bool was_there;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    write_file(temp_path(&dir, "cache/" NAME "/conway.half"), "{HALF", 5);
    assert_int_equal(
        utimensat(AT_FDCWD, temp_path(&dir, "cache/" NAME "/conway.half"), long_ago, 0), 0);
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    assert_false(was_there);
    assert_true(genesis_record_read(temp_path(&dir, "cache/" NAME), &record));
    assert_int_equal(record.shelley.bytes, 5);
    assert_int_equal(record.conway_file.bytes, 5);
    temp_dir_remove(&dir);
}

/* A state of a hash that is a valid one, but of another text. */
static void test_a_record_with_another_state_counts_as_none(void **state)
{
    struct temp_dir dir;
    struct orders orders = { .told = -1 };
    struct buffer text;
    char *digits;
    bool was_there;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    buffer_init(&text, allocator_libc(), 65536);
    assert_int_equal(file_read(temp_path(&dir, "cache/" NAME "/dataset.json"), &text, NULL), OU_OK);
    digits = strstr(text.at, "\"blake2b\": \"") + strlen("\"blake2b\": \"");
    *digits = *digits == '0' ? '1' : '0';
    write_file(temp_path(&dir, "cache/" NAME "/dataset.json"), text.at, text.len);
    buffer_release(&text);
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    assert_false(was_there);
    temp_dir_remove(&dir);
}

/* Another process that makes it, once it has begun. */
static pid_t begin_elsewhere(struct temp_dir *dir, bool stay_forever, unsigned wait_us)
{
    int ends[2];
    char byte;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct orders orders = { .told = ends[1],
                                 .stay_forever = stay_forever,
                                 .wait_us = wait_us };
        bool was_there;

        _exit(get(dir, &orders, &was_there) == OU_OK && !was_there ? 0 : 1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return pid;
}

static void test_a_second_maker_waits_for_the_first(void **state)
{
    struct temp_dir dir;
    struct orders orders = { .told = -1 };
    bool was_there;
    int status;
    pid_t pid;

    (void)state;
    temp_dir_make(&dir);
    pid = begin_elsewhere(&dir, false, 200000);
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    assert_true(was_there);
    assert_int_equal(orders.calls, 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    temp_dir_remove(&dir);
}

static void test_a_killed_maker_is_no_obstacle(void **state)
{
    struct temp_dir dir;
    struct orders orders = { .told = -1 };
    bool was_there;
    pid_t pid;

    (void)state;
    temp_dir_make(&dir);
    pid = begin_elsewhere(&dir, true, 0);
    assert_true(is_there(&dir, "cache/." NAME ".new/shelley.half"));
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_false(is_there(&dir, "cache/" NAME));
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    assert_false(was_there);
    assert_false(is_there(&dir, "cache/." NAME ".new"));
    temp_dir_remove(&dir);
}

static void test_secrets_are_the_owners_alone(void **state)
{
    struct temp_dir dir;
    struct orders orders = { .told = -1 };
    struct stat st;
    bool was_there;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(get(&dir, &orders, &was_there), OU_OK);
    assert_int_equal(stat(temp_path(&dir, "cache/" NAME), &st), 0);
    assert_int_equal(st.st_mode & 077, 0);
    temp_dir_remove(&dir);
}

static void check_default(const char *cache, const char *home, const char *expected)
{
    char path[PATH_MAX] = "";

    cache ? setenv("XDG_CACHE_HOME", cache, 1) : unsetenv("XDG_CACHE_HOME");
    home ? setenv("HOME", home, 1) : unsetenv("HOME");
    assert_int_equal(genesis_cache_default(path, sizeof path, NULL),
                     expected ? OU_OK : OU_NOT_FOUND);
    assert_string_equal(path, expected ? expected : "");
}

static void test_its_place_is_the_users_cache(void **state)
{
    (void)state;
    check_default("/c", "/h", "/c/ouroscope/genesis");
    check_default(NULL, "/h", "/h/.cache/ouroscope/genesis");
    check_default("relative", "/h", "/h/.cache/ouroscope/genesis");
    check_default("", NULL, NULL);
}

static void test_a_place_with_too_long_a_path_is_refused(void **state)
{
    struct ou_error err = { 0 };
    char path[sizeof "/c/ouroscope/genesis"];

    (void)state;
    setenv("XDG_CACHE_HOME", "/c", 1);
    assert_int_equal(genesis_cache_default(path, sizeof path, &err), OU_OK);
    setenv("XDG_CACHE_HOME", "/cc", 1);
    assert_int_equal(genesis_cache_default(path, sizeof path, &err), OU_TOO_LARGE);
    assert_string_equal(err.text, "the path of the cache is too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_made_once),
        cmocka_unit_test(test_a_failure_leaves_nothing),
        cmocka_unit_test(test_what_is_not_whole_is_made_anew),
        cmocka_unit_test(test_what_was_changed_is_made_anew),
        cmocka_unit_test(test_a_record_with_another_state_counts_as_none),
        cmocka_unit_test(test_a_second_maker_waits_for_the_first),
        cmocka_unit_test(test_a_killed_maker_is_no_obstacle),
        cmocka_unit_test(test_secrets_are_the_owners_alone),
        cmocka_unit_test(test_its_place_is_the_users_cache),
        cmocka_unit_test(test_a_place_with_too_long_a_path_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
