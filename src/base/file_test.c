#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/failing_allocator.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;

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

/* How many names the directory holds. */
static int count_files(void)
{
    DIR *d = opendir(dir.path);
    int count = -2; /* "." and ".." */

    assert_non_null(d);
    while (readdir(d))
        count++;
    closedir(d);
    return count;
}

static void assert_file_holds(const char *path, const char *text)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), 1 << 24);
    assert_int_equal(file_read(path, &b, NULL), OU_OK);
    assert_string_equal(buffer_string(&b), text);
    buffer_release(&b);
}

/* ---- reading ---- */

static void test_a_file_is_appended_whole(void **state)
{
    const char *path = temp_file(&dir, "file", "content");
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 100);
    buffer_text(&b, "before ");
    assert_int_equal(file_read(path, &b, NULL), OU_OK);
    assert_string_equal(buffer_string(&b), "before content");
    assert_int_equal(file_read(temp_file(&dir, "empty", ""), &b, NULL), OU_OK);
    assert_string_equal(buffer_string(&b), "before content");
    buffer_release(&b);
}

static void test_the_maximum_is_met_exactly(void **state)
{
    const char *path = temp_file(&dir, "file", "12345");
    struct failing_allocator a;
    struct ou_error err = { 0 };
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 5);
    assert_int_equal(file_read(path, &b, NULL), OU_OK);
    assert_string_equal(buffer_string(&b), "12345");
    buffer_release(&b);

    failing_allocator_init(&a, 0);
    buffer_init(&b, &a.base, 4);
    assert_int_equal(file_read(path, &b, &err), OU_TOO_LARGE);
    assert_non_null(strstr(err.text, path));
    assert_non_null(strstr(err.text, "limit of 4 bytes"));
    assert_int_equal(a.calls, 0);
    buffer_release(&b);
}

static void test_a_missing_file_is_not_found(void **state)
{
    const char *path = temp_path(&dir, "missing");
    struct ou_error err = { 0 };
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 5);
    assert_int_equal(file_read(path, &b, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, path));
    assert_non_null(strstr(err.text, "No such file"));
    buffer_release(&b);
}

static void test_a_directory_is_named_as_one(void **state)
{
    struct ou_error err = { 0 };
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 5);
    assert_int_equal(file_read(dir.path, &b, &err), OU_IO);
    assert_non_null(strstr(err.text, dir.path));
    assert_non_null(strstr(err.text, "directory"));
    buffer_release(&b);
}

static void test_a_file_without_permission_is_an_io_error(void **state)
{
    const char *path = temp_file(&dir, "secret", "x");
    struct ou_error err = { 0 };
    struct buffer b;

    (void)state;
    if (geteuid() == 0)
        skip(); /* root may read everything */
    assert_int_equal(chmod(path, 0), 0);
    buffer_init(&b, allocator_libc(), 5);
    assert_int_equal(file_read(path, &b, &err), OU_IO);
    assert_non_null(strstr(err.text, "Permission denied"));
    buffer_release(&b);
}

static void test_a_failed_buffer_reads_nothing(void **state)
{
    const char *path = temp_file(&dir, "file", "x");
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 2);
    buffer_text(&b, "abc");
    assert_int_equal(file_read(path, &b, NULL), OU_TOO_LARGE);
    assert_string_equal(buffer_string(&b), "");
    buffer_release(&b);
}

/* A process that writes count bytes into a FIFO, in small pieces. */
static pid_t feed(const char *fifo, int count)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        int fd = open(fifo, O_WRONLY);

        for (int i = 0; i < count / 10; i++) {
            if (write(fd, "0123456789", 10) != 10)
                break; /* the reader has had enough */
        }
        _exit(0);
    }
    return child;
}

static enum ou_status read_fifo(const char *name, int count, size_t max, struct buffer *ret)
{
    const char *fifo = temp_path(&dir, name);
    enum ou_status status;
    pid_t child;

    assert_int_equal(mkfifo(fifo, 0600), 0);
    child = feed(fifo, count);
    buffer_init(ret, allocator_libc(), max);
    buffer_text(ret, "ab");
    status = file_read(fifo, ret, NULL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return status;
}

static void test_a_fifo_is_read_to_its_end(void **state)
{
    struct buffer b;

    (void)state;
    assert_int_equal(read_fifo("long", 300000, 1 << 20, &b), OU_OK);
    assert_int_equal(b.len, 300002);
    assert_string_equal(b.at + 300002 - 10, "0123456789");
    buffer_release(&b);
    assert_int_equal(read_fifo("fits", 100, 102, &b), OU_OK);
    assert_int_equal(b.len, 102);
    buffer_release(&b);
}

static void test_a_fifo_above_the_maximum_leaves_the_buffer_as_it_was(void **state)
{
    struct buffer b;

    (void)state;
    assert_int_equal(read_fifo("fifo", 100, 101, &b), OU_TOO_LARGE);
    assert_string_equal(buffer_string(&b), "ab");
    assert_int_equal(buffer_status(&b), OU_OK);
    buffer_release(&b);
}

static void test_a_file_without_a_size_is_read(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 1 << 20);
    assert_int_equal(file_read("/proc/self/status", &b, NULL), OU_OK);
    assert_int_equal(strncmp(buffer_string(&b), "Name:", 5), 0);
    buffer_release(&b);
}

/* A file that grows between the look at its size and the reading: the buffer's
 * allocator is asked right in between, and appends. */
struct growing {
    struct allocator base;
    const char *path;
};

static void *append_then_resize(struct allocator *self, void *at, size_t old, size_t size)
{
    struct growing *g = (struct growing *)self;
    FILE *file = g->path ? fopen(g->path, "a") : NULL;

    if (file) {
        for (int i = 0; i < 20000; i++)
            fputs("more ", file);
        fclose(file);
        g->path = NULL;
    }
    return allocator_libc()->resize(allocator_libc(), at, old, size);
}

static void test_a_growing_file_is_read_to_the_end_it_has(void **state)
{
    const char *path = temp_file(&dir, "log", "start ");
    struct growing g = { { append_then_resize }, path };
    struct buffer b;

    (void)state;
    buffer_init(&b, &g.base, 1 << 20);
    assert_int_equal(file_read(path, &b, NULL), OU_OK);
    assert_int_equal(b.len, 6 + 5 * 20000);
    buffer_release(&b);

    g.path = path;
    buffer_init(&b, &g.base, 6 + 5 * 30000);
    assert_int_equal(file_read(path, &b, NULL), OU_TOO_LARGE);
    assert_int_equal(b.len, 0);
    buffer_release(&b);
}

static bool read_with(struct allocator *from, void *path)
{
    struct buffer b;
    enum ou_status status;

    buffer_init(&b, from, 1 << 20);
    status = file_read(path, &b, NULL);
    assert_true(status == OU_OK || status == OU_NO_MEMORY);
    assert_int_equal(b.len > 0, status == OU_OK);
    buffer_release(&b);
    return status == OU_OK;
}

static void test_each_failing_allocation_of_a_read_is_told(void **state)
{
    (void)state;
    fail_each_allocation(read_with, (void *)temp_file(&dir, "file", "content"));
    fail_each_allocation(read_with, (void *)"/proc/self/status");
}

/* ---- directories ---- */

static void test_a_directory_is_made_with_its_parents(void **state)
{
    const char *path = temp_path(&dir, "a/b//c/");
    struct stat st;

    (void)state;
    assert_int_equal(file_make_directory(path, NULL), OU_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(file_make_directory(path, NULL), OU_OK);
    assert_int_equal(file_make_directory("/", NULL), OU_OK);
}

static void test_a_directory_that_cannot_be_made_is_told(void **state)
{
    static char endless[5000];
    struct ou_error err = { 0 };

    (void)state;
    temp_file(&dir, "file", "");
    assert_int_equal(file_make_directory(temp_path(&dir, "file"), &err), OU_IO);
    assert_non_null(strstr(err.text, "File exists"));
    assert_int_equal(file_make_directory(temp_path(&dir, "file/below"), &err), OU_IO);
    assert_int_equal(file_make_directory("", &err), OU_IO);
    memset(endless, 'x', sizeof endless - 1);
    assert_int_equal(file_make_directory(endless, &err), OU_IO);
    assert_non_null(strstr(err.text, "too long"));
}

/* ---- writing ---- */

static void test_a_file_appears_when_it_is_committed(void **state)
{
    const char *path = temp_file(&dir, "out", "old");
    struct out_file f = { 0 };

    (void)state;
    assert_int_equal(out_open(&f, path, NULL), OU_OK);
    out_write(&f, "new ", 4);
    out_write(&f, "content", 7);
    assert_file_holds(path, "old");
    assert_int_equal(out_commit(&f, NULL), OU_OK);
    assert_file_holds(path, "new content");
    out_release(&f);
    assert_file_holds(path, "new content");
    assert_int_equal(count_files(), 1);
}

static void test_a_release_without_commit_leaves_nothing(void **state)
{
    const char *path = temp_path(&dir, "out");
    struct out_file f = { 0 };

    (void)state;
    assert_int_equal(out_open(&f, path, NULL), OU_OK);
    out_write(&f, "x", 1);
    assert_int_equal(count_files(), 1);
    out_release(&f);
    assert_int_equal(count_files(), 0);
    out_release(&f);
}

static void test_a_zeroed_file_can_be_released(void **state)
{
    struct out_file f = { 0 };

    (void)state;
    out_release(&f);
    assert_true(fcntl(0, F_GETFD) >= 0); /* its fd 0 was not meant */
}

static void test_writes_of_all_sizes_arrive_in_order(void **state)
{
    const char *path = temp_path(&dir, "out");
    size_t size = 700001, total = 0;
    char *bytes = malloc(size);
    struct out_file f = { 0 };
    struct buffer b;

    (void)state;
    assert_non_null(bytes);
    assert_int_equal(out_open(&f, path, NULL), OU_OK);
    for (size_t len = 0; len <= size; len = len * 3 + 1) {
        memset(bytes, 'a' + (int)(len % 26), len);
        out_write(&f, bytes, len);
        total += len;
    }
    assert_int_equal(out_commit(&f, NULL), OU_OK);
    out_release(&f);

    buffer_init(&b, allocator_libc(), 1 << 24);
    assert_int_equal(file_read(path, &b, NULL), OU_OK);
    assert_int_equal(b.len, total);
    for (size_t len = 0, at = 0; len <= size; at += len, len = len * 3 + 1)
        for (size_t i = 0; i < len; i++)
            assert_int_equal(b.at[at + i], 'a' + (int)(len % 26));
    buffer_release(&b);
    free(bytes);
}

static void test_a_leftover_of_a_killed_process_is_no_obstacle(void **state)
{
    const char *path = temp_path(&dir, "out");
    struct out_file f = { 0 };
    char name[64];

    (void)state;
    snprintf(name, sizeof name, ".out.part-%ld", (long)getpid());
    temp_file(&dir, name, "a much longer text of long ago");
    assert_int_equal(out_open(&f, path, NULL), OU_OK);
    out_write(&f, "new", 3);
    assert_int_equal(out_commit(&f, NULL), OU_OK);
    out_release(&f);
    assert_file_holds(path, "new");
    assert_int_equal(count_files(), 1);
}

static void test_a_place_that_cannot_be_written_is_told_at_once(void **state)
{
    const char *path = temp_path(&dir, "missing/out");
    struct out_file f = { 0 };
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(out_open(&f, path, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, path));
    out_release(&f);
    assert_int_equal(out_open(&f, dir.path, &err), OU_IO);
    assert_non_null(strstr(err.text, "directory"));
    out_release(&f);
    assert_int_equal(out_open(&f, "", &err), OU_NOT_FOUND);
    out_release(&f);
}

static void test_a_device_is_written_and_not_replaced(void **state)
{
    struct out_file f = { 0 };
    struct stat st;

    (void)state;
    assert_int_equal(out_open(&f, "/dev/null", NULL), OU_OK);
    out_write(&f, "x", 1);
    assert_int_equal(out_commit(&f, NULL), OU_OK);
    out_release(&f);
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
}

static void test_a_full_device_is_told_when_committing(void **state)
{
    struct out_file f = { 0 };
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(out_open(&f, "/dev/full", NULL), OU_OK);
    out_write(&f, "x", 1);
    assert_int_equal(out_commit(&f, &err), OU_IO);
    assert_string_equal(err.text, "write /dev/full: No space left on device");
    out_release(&f);
}

static void test_the_first_failure_of_many_writes_sticks(void **state)
{
    static char block[1 << 19];
    const char *path = temp_file(&dir, "out", "old");
    struct rlimit before, small;
    struct out_file f = { 0 };
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = sizeof block;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(out_open(&f, path, NULL), OU_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    out_write(&f, block, sizeof block);
    out_write(&f, block, sizeof block);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    out_write(&f, "would fit now", 13);
    assert_int_equal(out_commit(&f, &err), OU_IO);
    assert_non_null(strstr(err.text, "File too large"));
    out_release(&f);
    assert_file_holds(path, "old");
    assert_int_equal(count_files(), 1);
}

static void test_a_closed_pipe_is_an_io_error(void **state)
{
    struct ou_error err = { 0 };
    int ends[2];

    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fd_write_all(ends[1], "x", 1, &err), OU_OK);
    close(ends[0]);
    assert_int_equal(fd_write_all(ends[1], "x", 1, &err), OU_IO);
    assert_string_equal(err.text, "write: Broken pipe");
    close(ends[1]);
}

static void test_a_text_that_failed_is_not_written(void **state)
{
    struct ou_error err = { 0 };
    struct buffer text;
    char got[8];
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    buffer_init(&text, allocator_libc(), 4);
    buffer_text(&text, "fits");
    assert_int_equal(fd_write_text(ends[1], &text, &err), OU_OK);
    buffer_text(&text, "not");
    assert_int_equal(fd_write_text(ends[1], &text, &err), OU_TOO_LARGE);
    assert_string_equal(err.text, "write the text: too large");
    close(ends[1]);
    assert_int_equal(read(ends[0], got, sizeof got), 4);
    close(ends[0]);
    buffer_release(&text);
}

static void test_a_text_that_failed_fails_the_file(void **state)
{
    const char *path = temp_file(&dir, "out", "old");
    struct ou_error err = { 0 };
    struct out_file f = { 0 };
    struct buffer text;

    (void)state;
    buffer_init(&text, allocator_libc(), 4);
    buffer_text(&text, "half");
    buffer_text(&text, "of it");
    assert_int_equal(out_open(&f, path, NULL), OU_OK);
    out_write_text(&f, &text);
    assert_int_equal(out_commit(&f, &err), OU_TOO_LARGE);
    out_release(&f);
    assert_file_holds(path, "old");
    assert_int_equal(count_files(), 1);
    buffer_release(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_is_appended_whole),
        TEST(test_the_maximum_is_met_exactly),
        TEST(test_a_missing_file_is_not_found),
        TEST(test_a_directory_is_named_as_one),
        TEST(test_a_file_without_permission_is_an_io_error),
        TEST(test_a_failed_buffer_reads_nothing),
        TEST(test_a_fifo_is_read_to_its_end),
        TEST(test_a_fifo_above_the_maximum_leaves_the_buffer_as_it_was),
        TEST(test_a_file_without_a_size_is_read),
        TEST(test_a_growing_file_is_read_to_the_end_it_has),
        TEST(test_each_failing_allocation_of_a_read_is_told),
        TEST(test_a_directory_is_made_with_its_parents),
        TEST(test_a_directory_that_cannot_be_made_is_told),
        TEST(test_a_file_appears_when_it_is_committed),
        TEST(test_a_release_without_commit_leaves_nothing),
        TEST(test_a_zeroed_file_can_be_released),
        TEST(test_writes_of_all_sizes_arrive_in_order),
        TEST(test_a_leftover_of_a_killed_process_is_no_obstacle),
        TEST(test_a_place_that_cannot_be_written_is_told_at_once),
        TEST(test_a_device_is_written_and_not_replaced),
        TEST(test_a_full_device_is_told_when_committing),
        TEST(test_the_first_failure_of_many_writes_sticks),
        TEST(test_a_closed_pipe_is_an_io_error),
        TEST(test_a_text_that_failed_is_not_written),
        TEST(test_a_text_that_failed_fails_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
