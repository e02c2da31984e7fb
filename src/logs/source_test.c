#include "logs/source.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/interrupt.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static struct buffer content;
static struct ou_error err;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    buffer_init(&content, allocator_libc(), 64u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    buffer_release(&content);
    return 0;
}

/* Reads a source to its end, `room` bytes at a time, into `content`. */
static enum ou_status read_all(struct source *s, size_t room)
{
    enum ou_status status;
    char *into = malloc(room);
    size_t got = 0;

    assert_non_null(into);
    buffer_clear(&content);
    do {
        status = source_read(s, into, room, &got, &err);
        if (status == OU_OK)
            buffer_append(&content, into, got);
    } while (status == OU_OK && got > 0);
    free(into);
    return status;
}

static void assert_content(const char *wanted)
{
    assert_string_equal(buffer_string(&content), wanted);
}

/* Whole lines of numbers, which compress but not to nothing. */
static char *numbers(size_t bytes)
{
    char *text = malloc(bytes + 32);
    unsigned value = 1;
    size_t len = 0;

    assert_non_null(text);
    while (len < bytes) {
        value = value * 1664525u + 1013904223u;
        len += (size_t)sprintf(text + len, "%u\n", value);
    }
    text[bytes] = '\0';
    return text;
}

/* Compresses with the program that users use; returns the new file's path. */
static const char *compressed(const char *program, const char *name, const char *text)
{
    const char *plain = temp_file(&dir, name, text);
    char command[1024], with_ending[256];

    snprintf(with_ending, sizeof with_ending, "%s.%s", name,
             strcmp(program, "gzip") == 0 ? "gz" : "zst");
    snprintf(command, sizeof command, "%s -q -f '%s'", program, plain);
    assert_int_equal(system(command), 0);
    return temp_path(&dir, with_ending);
}

/* One file of two. */
static const char *joined(const char *a, const char *b)
{
    const char *path = temp_path(&dir, "joined");
    char command[1024];

    snprintf(command, sizeof command, "cat '%s' '%s' >'%s'", a, b, path);
    assert_int_equal(system(command), 0);
    return path;
}

static void assert_reads(const char *path, const char *compression, const char *wanted)
{
    static const size_t rooms[] = { 1, 7, 4096, 1 << 20 };

    for (size_t i = strlen(wanted) > 10000 ? 2 : 0; i < 4; i++) {
        struct source *s = NULL;
        struct stat st;

        assert_int_equal(source_open(path, &s, &err), OU_OK);
        assert_string_equal(source_compression(s), compression);
        assert_int_equal(read_all(s, rooms[i]), OU_OK);
        assert_int_equal(content.len, strlen(wanted));
        assert_memory_equal(buffer_string(&content), wanted, content.len);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(source_size_bytes(s), st.st_size);
        assert_int_equal(source_taken_bytes(s), st.st_size);
        source_close(s);
    }
}

static void test_a_plain_file_comes_as_it_is(void **state)
{
    (void)state;
    assert_reads(temp_file(&dir, "a.json", "line\nline two"), "none", "line\nline two");
    assert_reads(temp_file(&dir, "short", "abc"), "none", "abc");
    assert_reads(temp_file(&dir, "empty", ""), "none", "");
    /* The beginning of a magic number is not one. */
    assert_reads(temp_file(&dir, "almost", "\x1f"), "none", "\x1f");
    assert_reads(temp_file(&dir, "almost2", "\x28\xb5\x2f"), "none", "\x28\xb5\x2f");
}

static void test_compression_is_told_by_the_first_bytes(void **state)
{
    char *text = numbers(300000);

    (void)state;
    assert_reads(compressed("gzip", "a.json", text), "gzip", text);
    assert_reads(compressed("zstd --rm", "b.json", text), "zstd", text);
    assert_int_equal(rename(temp_path(&dir, "a.json.gz"), temp_path(&dir, "a.json")), 0);
    assert_reads(temp_path(&dir, "a.json"), "gzip", text);
    free(text);
}

static void test_an_empty_file_may_be_compressed_too(void **state)
{
    (void)state;
    assert_reads(compressed("gzip", "a", ""), "gzip", "");
    assert_reads(compressed("zstd --rm", "b", ""), "zstd", "");
}

static void test_several_members_are_one_text(void **state)
{
    char *first = numbers(200000), *both = malloc(200000 + 8);

    (void)state;
    assert_non_null(both);
    sprintf(both, "%send\n", first);
    assert_reads(joined(compressed("gzip", "a", first), compressed("gzip", "b", "end\n")), "gzip",
                 both);
    assert_reads(joined(compressed("zstd --rm", "c", first), compressed("zstd --rm", "d", "end\n")),
                 "zstd", both);
    free(first);
    free(both);
}

/* Cuts a compressed file at a part of its length, and reads what is left. */
static void assert_cut_is_told(const char *path, const char *text, size_t in_thousand)
{
    struct ou_error again_err = { "" };
    struct source *s = NULL;
    struct stat st;
    char again[64];
    size_t got;

    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size * (off_t)in_thousand / 1000), 0);
    assert_int_equal(source_open(path, &s, &err), OU_OK);
    assert_int_equal(read_all(s, 1 << 20), OU_IO);
    assert_non_null(strstr(err.text, path));
    assert_non_null(strcasestr(err.text, "truncated"));
    assert_int_equal(source_read(s, again, sizeof again, &got, &again_err), OU_IO);
    assert_string_equal(again_err.text, err.text);
    /* The library gives its blocks of 64 or 128 KiB whole or not at all. */
    assert_true(content.len + 160 * 1024 > strlen(text) * in_thousand / 1000);
    assert_true(content.len < strlen(text));
    assert_memory_equal(buffer_string(&content), text, content.len);
    source_close(s);
}

static void test_of_a_cut_compressed_file_what_is_there_is_read(void **state)
{
    char *text = numbers(2000000);

    (void)state;
    assert_cut_is_told(compressed("gzip", "a", text), text, 900);
    assert_cut_is_told(compressed("zstd --rm", "b", text), text, 900);
    free(text);
}

static void test_garbage_behind_a_magic_number_is_a_problem(void **state)
{
    static const char *const texts[] = { "\x1f\x8b garbage", "\x28\xb5\x2f\xfd garbage" };
    struct source *s = NULL;

    (void)state;
    for (int i = 0; i < 2; i++) {
        const char *path = temp_file(&dir, i ? "a" : "b", texts[i]);

        if (source_open(path, &s, &err) == OU_OK) {
            assert_int_equal(read_all(s, 4096), OU_IO);
            source_close(s);
            s = NULL;
        }
        assert_non_null(strstr(err.text, path));
    }
}

static void test_what_cannot_be_opened_says_why(void **state)
{
    struct source *s = NULL;
    const char *missing = temp_path(&dir, "missing");

    (void)state;
    assert_int_equal(source_open(missing, &s, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, missing));
    assert_int_equal(source_open(dir.path, &s, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "directory"));
    assert_null(s);
    source_close(NULL);
}

static void *write_slowly(void *path)
{
    int fd = open(path, O_WRONLY);

    for (int i = 0; i < 3; i++) {
        assert_int_equal(write(fd, "line\n", 5), 5);
        usleep(20000);
    }
    close(fd);
    return NULL;
}

static void test_a_fifo_is_read_until_its_writer_closes_it(void **state)
{
    const char *path = temp_path(&dir, "fifo");
    struct source *s = NULL;
    pthread_t writer;

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(pthread_create(&writer, NULL, write_slowly, (void *)path), 0);
    assert_int_equal(source_open(path, &s, &err), OU_OK);
    assert_int_equal(read_all(s, 4096), OU_OK);
    assert_content("line\nline\nline\n");
    assert_int_equal(source_size_bytes(s), 0);
    assert_int_equal(source_taken_bytes(s), 15);
    source_close(s);
    pthread_join(writer, NULL);
}

/* In a child of its own: what is pending stays so. */
static void interrupt_read_of(const char *path)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        struct source *s = NULL;
        enum ou_status got;

        interrupt_install();
        got = source_open(path, &s, &err);
        if (got == OU_OK)
            got = read_all(s, 4096);
        _exit(got == OU_INTERRUPTED ? 0 : 1);
    }
    usleep(200000);
    assert_int_equal(kill(child, SIGINT), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_waiting_for_a_fifo_ends_with_an_interruption(void **state)
{
    const char *path = temp_path(&dir, "fifo");

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    interrupt_read_of(path);
}

static void test_a_file_that_grows_is_read_to_the_end_it_has_then(void **state)
{
    const char *path = temp_file(&dir, "a", "one\n");
    struct source *s = NULL;
    FILE *file;

    (void)state;
    assert_int_equal(source_open(path, &s, &err), OU_OK);
    file = fopen(path, "a");
    fputs("two\n", file);
    fclose(file);
    assert_int_equal(read_all(s, 4096), OU_OK);
    assert_content("one\ntwo\n");
    assert_int_equal(source_size_bytes(s), 4);
    assert_int_equal(source_taken_bytes(s), 8);
    source_close(s);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_plain_file_comes_as_it_is),
        TEST(test_compression_is_told_by_the_first_bytes),
        TEST(test_an_empty_file_may_be_compressed_too),
        TEST(test_several_members_are_one_text),
        TEST(test_of_a_cut_compressed_file_what_is_there_is_read),
        TEST(test_garbage_behind_a_magic_number_is_a_problem),
        TEST(test_what_cannot_be_opened_says_why),
        TEST(test_a_fifo_is_read_until_its_writer_closes_it),
        TEST(test_waiting_for_a_fifo_ends_with_an_interruption),
        TEST(test_a_file_that_grows_is_read_to_the_end_it_has_then),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
