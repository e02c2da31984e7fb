/* The file of blocks: what comes back of it when it is whole, torn, or damaged. */
#include "node/block_store.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/files.h"
#include "support/test.h"

enum { HEAD = 16, FILE_HEAD = 40 };

static const uint8_t network[HASH_BYTES] = { 1, 2, 3 };

static struct temp_dir dir;

static int set_up(void **state)
{
    struct ou_error err;

    (void)state;
    temp_dir_make(&dir);
    return chain_crypto_start(&err) == OU_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

/* --- What was handed over --------------------------------------------------------------------- */

struct seen {
    size_t count;
    uint64_t bytes, offsets[64];
    enum record_kind kinds[64];
    uint8_t firsts[64];
    size_t refuse_at; /* of records, from 1; 0: none */
};

static enum ou_status see(void *context, enum record_kind kind, uint64_t offset,
                          struct bytes payload, struct ou_error *err)
{
    struct seen *seen = context;

    assert_true(seen->count < 64);
    seen->kinds[seen->count] = kind;
    seen->offsets[seen->count] = offset;
    seen->firsts[seen->count] = payload.count ? payload.at[0] : 0;
    seen->bytes += payload.count;
    if (++seen->count == seen->refuse_at)
        return ou_fail(err, OU_INVALID, "refused");
    return OU_OK;
}

static struct block_store *open_store(struct seen *seen)
{
    struct block_store *s = NULL;
    struct ou_error err = { "" };

    *seen = (struct seen){ .count = 0 };
    if (block_store_open(dir.path, network, see, seen, &s, &err) != OU_OK)
        fail_msg("%s", err.text);
    return s;
}

static uint64_t append(struct block_store *s, uint8_t fill, size_t count)
{
    uint8_t *at = malloc(count ? count : 1);
    struct ou_error err = { "" };
    uint64_t offset = 0;

    assert_non_null(at);
    memset(at, fill, count);
    assert_int_equal(
        block_store_append(s, RECORD_BLOCK, (struct bytes){ at, count }, &offset, &err), OU_OK);
    free(at);
    return offset;
}

static void write_three(void)
{
    struct seen seen;
    struct block_store *s = open_store(&seen);

    append(s, 'a', 100);
    append(s, 'b', 0);
    append(s, 'c', 70);
    block_store_close(s);
}

static const char *blocks_path(void)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/blocks", dir.path);
    return path;
}

static size_t file_bytes(void)
{
    struct stat st;

    assert_int_equal(stat(blocks_path(), &st), 0);
    return (size_t)st.st_size;
}

static void flip(size_t at)
{
    int fd = open(blocks_path(), O_RDWR);
    uint8_t byte;

    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
    close(fd);
}

/* --- Tests ------------------------------------------------------------------------------------ */

static void test_what_was_appended_is_handed_over_again(void **state)
{
    struct seen seen;
    struct block_store *s = open_store(&seen);
    const uint8_t hash[HASH_BYTES] = { 'h' };
    struct ou_error err = { "" };
    struct buffer read;

    (void)state;
    assert_int_equal(seen.count, 0);
    append(s, 'a', 1000);
    assert_int_equal(
        block_store_append(s, RECORD_ADOPTED, (struct bytes){ hash, HASH_BYTES }, NULL, &err),
        OU_OK);
    append(s, 'c', BLOCK_MAX_BYTES);
    block_store_close(s);

    s = open_store(&seen);
    assert_null(block_store_damage(s)->what);
    assert_int_equal(block_store_damage(s)->cut_bytes, 0);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.kinds[1], RECORD_ADOPTED);
    assert_int_equal(seen.firsts[1], 'h');
    assert_int_equal(seen.bytes, 1000 + HASH_BYTES + BLOCK_MAX_BYTES);
    buffer_init(&read, allocator_libc(), BLOCK_MAX_BYTES);
    assert_int_equal(block_store_read(s, seen.offsets[2], &read, &err), OU_OK);
    assert_int_equal(read.len, BLOCK_MAX_BYTES);
    assert_int_equal(read.at[BLOCK_MAX_BYTES - 1], 'c');
    buffer_clear(&read);
    assert_int_equal(block_store_read_part(s, seen.offsets[0], 990, 10, &read, &err), OU_OK);
    assert_memory_equal(read.at, "aaaaaaaaaa", 10);
    buffer_release(&read);
    block_store_close(s);
}

static void test_a_block_above_the_limit_is_not_stored(void **state)
{
    struct seen seen;
    struct block_store *s = open_store(&seen);
    uint8_t *at = calloc(1, BLOCK_MAX_BYTES + 1);
    struct ou_error err = { "" };

    (void)state;
    assert_non_null(at);
    assert_int_equal(
        block_store_append(s, RECORD_BLOCK, (struct bytes){ at, BLOCK_MAX_BYTES + 1 }, NULL, &err),
        OU_TOO_LARGE);
    free(at);
    block_store_close(s);
    assert_int_equal(file_bytes(), FILE_HEAD);
}

static void test_only_one_opens_it_at_a_time(void **state)
{
    struct seen seen;
    struct block_store *s = open_store(&seen), *again = NULL;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(block_store_open(dir.path, network, see, &seen, &again, &err), OU_USAGE);
    assert_non_null(strstr(err.text, "in use by another process"));
    block_store_close(s);
    block_store_close(open_store(&seen));
}

static void test_a_record_torn_at_any_byte_is_cut_off(void **state)
{
    struct seen seen;
    size_t whole, last;

    (void)state;
    write_three();
    whole = file_bytes();
    last = whole - HEAD - 70;
    for (size_t bytes = last; bytes < whole; bytes++) {
        struct block_store *s;

        assert_int_equal(truncate(blocks_path(), (off_t)bytes), 0);
        s = open_store(&seen);
        assert_int_equal(seen.count, 2);
        assert_int_equal(block_store_damage(s)->cut_bytes, bytes - last);
        assert_int_equal(block_store_damage(s)->what != NULL, bytes > last);
        assert_int_equal(block_store_damage(s)->records_behind, 0);
        assert_int_equal(file_bytes(), last);
        assert_int_equal(append(s, 'c', 70), last); /* and it goes on */
        block_store_close(s);
        block_store_close(open_store(&seen));
        assert_int_equal(seen.count, 3);
    }
}

static void test_any_byte_changed_ends_the_records_there(void **state)
{
    struct seen seen;
    size_t first = FILE_HEAD, second = FILE_HEAD + HEAD + 100;

    (void)state;
    for (size_t at = first; at < second; at++) {
        struct block_store *s;

        write_three();
        flip(at);
        s = open_store(&seen);
        assert_int_equal(seen.count, 0);
        assert_int_equal(block_store_damage(s)->at, first);
        assert_int_equal(block_store_damage(s)->records_behind, 2); /* it was no torn end */
        block_store_close(s);
        assert_int_equal(file_bytes(), FILE_HEAD);
    }
}

static void test_a_start_that_was_cut_short_is_made_again(void **state)
{
    struct seen seen;

    (void)state;
    write_three();
    for (off_t bytes = 0; bytes < FILE_HEAD; bytes++) {
        assert_int_equal(truncate(blocks_path(), bytes), 0);
        block_store_close(open_store(&seen));
        assert_int_equal(file_bytes(), FILE_HEAD);
    }
}

static void test_other_networks_and_other_files_are_refused_and_left_alone(void **state)
{
    static const uint8_t other[HASH_BYTES] = { 9 };
    struct block_store *s = NULL;
    struct ou_error err = { "" };
    struct seen seen;
    size_t bytes;

    (void)state;
    write_three();
    bytes = file_bytes();
    assert_int_equal(block_store_open(dir.path, other, see, &seen, &s, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "another network"));
    flip(0);
    assert_int_equal(block_store_open(dir.path, network, see, &seen, &s, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "no file of blocks"));
    assert_int_equal(file_bytes(), bytes);
}

static void test_a_record_that_is_refused_ends_the_opening(void **state)
{
    struct seen seen = { .refuse_at = 2 };
    struct block_store *s = NULL;
    struct ou_error err = { "" };

    (void)state;
    write_three();
    assert_int_equal(block_store_open(dir.path, network, see, &seen, &s, &err), OU_INVALID);
    assert_string_equal(err.text, "refused");
    assert_int_equal(seen.count, 2);
}

static void test_a_file_that_may_not_grow_stays_whole(void **state)
{
    struct rlimit before, tight;
    struct seen seen;
    struct block_store *s;
    struct ou_error err = { "" };
    uint8_t block[100] = { 0 };
    size_t bytes;

    (void)state;
    write_three();
    s = open_store(&seen);
    bytes = file_bytes();
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = bytes + 50;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    assert_int_equal(
        block_store_append(s, RECORD_BLOCK, (struct bytes){ block, sizeof block }, NULL, &err),
        OU_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_non_null(strstr(err.text, "blocks: File too large"));
    assert_int_equal(file_bytes(), bytes);
    append(s, 'd', 10);
    block_store_close(s);
    block_store_close(open_store(&seen));
    assert_int_equal(seen.count, 4);
}

static void test_a_record_that_changed_on_disk_is_not_believed(void **state)
{
    struct seen seen;
    struct block_store *s;
    struct ou_error err = { "" };
    struct buffer read;

    (void)state;
    write_three();
    s = open_store(&seen);
    buffer_init(&read, allocator_libc(), BLOCK_MAX_BYTES);
    flip(FILE_HEAD + HEAD + 5);
    assert_int_equal(block_store_read(s, seen.offsets[0], &read, &err), OU_IO);
    assert_int_equal(read.len, 0);
    assert_int_equal(block_store_read(s, seen.offsets[0] + 1, &read, &err), OU_IO);
    buffer_release(&read);
    block_store_close(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_was_appended_is_handed_over_again),
        TEST(test_a_block_above_the_limit_is_not_stored),
        TEST(test_only_one_opens_it_at_a_time),
        TEST(test_a_record_torn_at_any_byte_is_cut_off),
        TEST(test_any_byte_changed_ends_the_records_there),
        TEST(test_a_start_that_was_cut_short_is_made_again),
        TEST(test_other_networks_and_other_files_are_refused_and_left_alone),
        TEST(test_a_record_that_is_refused_ends_the_opening),
        TEST(test_a_file_that_may_not_grow_stays_whole),
        TEST(test_a_record_that_changed_on_disk_is_not_believed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
