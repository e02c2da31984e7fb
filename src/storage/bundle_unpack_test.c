/* Archives of somebody who means harm, made by hand: no program that writes tars would write them. */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "storage/bundle.h"
#include "support/files.h"
#include "support/test.h"

#define BLOCK 512

struct world {
    struct temp_dir dir;
    struct buffer tar;
    const char *out, *bundle;
    struct ou_error err;
};

static int set_up(void **state)
{
    static struct world w;

    w = (struct world){ 0 };
    temp_dir_make(&w.dir);
    w.out = temp_path(&w.dir, "out");
    w.bundle = temp_path(&w.dir, "b.tar.zst");
    assert_int_equal(mkdir(w.out, 0755), 0);
    buffer_init(&w.tar, allocator_libc(), (size_t)64 << 20);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    buffer_release(&w->tar);
    temp_dir_remove(&w->dir);
    return 0;
}

/* ---- a tar by hand (POSIX.1-1988 ustar) ---- */

static void put_sum(char block[BLOCK])
{
    unsigned sum = 0;

    memset(block + 148, ' ', 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += (unsigned char)block[i];
    (void)snprintf(block + 148, 8, "%06o", sum);
}

static void header(struct world *w, const char *name, char type, const char *link,
                   unsigned long long bytes)
{
    char block[BLOCK] = { 0 };

    memcpy(block, name, strlen(name));
    memcpy(block + 100, "0000644", 8);
    memcpy(block + 108, "0000000", 8);
    memcpy(block + 116, "0000000", 8);
    (void)snprintf(block + 124, 12, "%011llo", bytes & 077777777777ULL);
    memcpy(block + 136, "00000000000", 12);
    block[156] = type;
    memcpy(block + 157, link, strlen(link));
    memcpy(block + 257,
           "ustar\0"
           "00",
           8);
    put_sum(block);
    buffer_append(&w->tar, block, BLOCK);
}

static void content(struct world *w, const char *text)
{
    static const char zeros[BLOCK];
    const size_t len = strlen(text);

    buffer_append(&w->tar, text, len);
    if (len % BLOCK)
        buffer_append(&w->tar, zeros, BLOCK - len % BLOCK);
}

static void file(struct world *w, const char *name, const char *text)
{
    header(w, name, '0', "", strlen(text));
    content(w, text);
}

/* One line of a pax header: its length, which counts itself, "key=value" and a newline. */
static void extended(struct world *w, const char *line)
{
    char text[BLOCK];

    (void)snprintf(text, sizeof text, "%zu %s\n", strlen(line) + (strlen(line) > 95 ? 5 : 4), line);
    header(w, "pax", 'x', "", strlen(text));
    content(w, text);
}

static void end(struct world *w)
{
    static const char zeros[2 * BLOCK];

    buffer_append(&w->tar, zeros, sizeof zeros);
}

static void compress(struct world *w)
{
    struct archive *a = archive_write_new();
    struct archive_entry *entry = archive_entry_new();

    archive_write_set_format_raw(a);
    archive_write_add_filter_zstd(a);
    archive_write_set_bytes_in_last_block(a, 1);
    assert_int_equal(archive_write_open_filename(a, w->bundle), ARCHIVE_OK);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_pathname(entry, "data");
    assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(a, w->tar.at, w->tar.len), w->tar.len);
    archive_entry_free(entry);
    assert_int_equal(archive_write_free(a), ARCHIVE_OK);
}

static enum ou_status unpack(struct world *w, const struct bundle_limits *limits)
{
    w->err.text[0] = '\0';
    return bundle_unpack(w->bundle, w->out, limits, NULL, &w->err);
}

static void assert_refused(struct world *w, const struct bundle_limits *limits,
                           enum ou_status status, const char *words)
{
    end(w);
    compress(w);
    assert_int_equal(unpack(w, limits), status);
    if (!strstr(w->err.text, words))
        fail_msg("\"%s\" is not in: %s", words, w->err.text);
}

static bool exists(struct world *w, const char *name)
{
    struct stat st;

    return lstat(temp_path(&w->dir, name), &st) == 0;
}

static void start_again(struct world *w)
{
    buffer_clear(&w->tar);
}

/* ---- names ---- */

static void test_a_tar_by_hand_is_unpacked(void **state)
{
    struct world *w = *state;

    header(w, "a/", '5', "", 0);
    file(w, "a/b", "text");
    extended(w, "path=c/d");
    file(w, "x", "by its long name");
    end(w);
    compress(w);
    assert_int_equal(unpack(w, NULL), OU_OK);
    assert_true(exists(w, "out/a/b") && exists(w, "out/c/d") && !exists(w, "out/x"));
}

static void test_names_that_lead_out_are_refused(void **state)
{
    static const char *const names[] = { "/tmp/ouroscope-escaped",
                                         "../escaped",
                                         "a/../../escaped",
                                         "a/..",
                                         "..",
                                         ".",
                                         "./a",
                                         "a//b",
                                         "a/./b" };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        start_again(w);
        file(w, names[i], "x");
        assert_refused(w, NULL, OU_INVALID, names[i]);
        start_again(w);
        header(w, names[i], '5', "", 0);
        assert_refused(w, NULL, OU_INVALID, names[i]);
    }
    assert_false(exists(w, "escaped"));
    assert_int_not_equal(access("/tmp/ouroscope-escaped", F_OK), 0);
}

static void test_a_long_name_may_lead_out_as_little_as_a_short_one(void **state)
{
    struct world *w = *state;

    extended(w, "path=../escaped");
    file(w, "harmless", "x");
    assert_refused(w, NULL, OU_INVALID, "../escaped");
    start_again(w);
    header(w, "././@LongLink", 'L', "", 11);
    content(w, "../escaped");
    file(w, "harmless", "x");
    assert_refused(w, NULL, OU_INVALID, "../escaped");
    assert_false(exists(w, "escaped"));
}

static void test_names_are_text_without_control_characters(void **state)
{
    struct world *w = *state;

    file(w, "a\033]0;title\007", "x");
    assert_refused(w, NULL, OU_INVALID, "a?]0;title?");
    start_again(w);
    file(w, "\xff\xfe", "x");
    assert_refused(w, NULL, OU_INVALID, "no UTF-8");
    start_again(w);
    file(w,
         "a\xc2\x9b"
         "b",
         "x");
    assert_refused(w, NULL, OU_INVALID, "control characters");
    start_again(w);
    file(w, "", "x");
    assert_refused(w, NULL, OU_INVALID, "");
}

static void test_a_name_has_not_too_many_parts(void **state)
{
    struct world *w = *state;
    char line[300] = "path=x";

    for (int i = 0; i < 65; i++)
        strcat(line, "/x");
    extended(w, line);
    file(w, "x", "");
    assert_refused(w, NULL, OU_INVALID, "too many parts");
}

/* ---- kinds ---- */

static void test_links_and_devices_are_refused(void **state)
{
    static const char types[] = { '1', '2', '3', '4', '6' };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof types; i++) {
        start_again(w);
        header(w, "name", types[i], "/etc/passwd", 0);
        assert_refused(w, NULL, OU_INVALID, "\"name\"");
        assert_false(exists(w, "out/name"));
    }
}

static void test_nothing_is_written_through_a_link_that_stands_there(void **state)
{
    struct world *w = *state;

    assert_int_equal(mkdir(temp_path(&w->dir, "target"), 0755), 0);
    assert_int_equal(symlink("../target", temp_path(&w->dir, "out/way")), 0);
    file(w, "way/file", "x");
    assert_refused(w, NULL, OU_INVALID, "a link stands where a folder is needed");
    start_again(w);
    assert_int_equal(symlink("../target/file", temp_path(&w->dir, "out/file")), 0);
    file(w, "file", "x");
    assert_refused(w, NULL, OU_INVALID, "it is there already");
    assert_false(exists(w, "target/file"));
}

static void test_the_same_file_twice_is_refused(void **state)
{
    struct world *w = *state;

    file(w, "a", "one");
    file(w, "a", "two");
    assert_refused(w, NULL, OU_INVALID, "it is there already");
    start_again(w);
    file(w, "b", "a file");
    file(w, "b/c", "in it");
    assert_refused(w, NULL, OU_INVALID, "where a folder is needed");
}

static void test_files_with_holes_are_refused(void **state)
{
    struct world *w = *state;

    extended(w, "GNU.sparse.size=1000000000");
    extended(w, "GNU.sparse.map=999999999,1");
    header(w, "holes", '0', "", 1);
    content(w, "x");
    assert_refused(w, NULL, OU_INVALID, "holes");
}

/* ---- sizes ---- */

static const struct bundle_limits SMALL = { .content_bytes = 1000, .files = 4, .file_bytes = 600 };

static void test_sizes_are_checked_before_anything_is_written(void **state)
{
    char text[601 + 1];
    struct world *w = *state;

    memset(text, 'x', 601);
    text[601] = '\0';
    file(w, "large", text);
    assert_refused(w, &SMALL, OU_TOO_LARGE, "larger than a file may be");
    start_again(w);
    file(w, "a", text + 1);
    file(w, "b", text + 1);
    assert_refused(w, &SMALL, OU_TOO_LARGE, "the content is larger than it may be");
    assert_false(exists(w, "out/large") || exists(w, "out/b"));
    start_again(w);
    header(w, "huge", '0', "", 07777777777777ULL >> 6);
    assert_refused(w, NULL, OU_INVALID, "");
}

static void test_too_many_files_and_folders_are_refused(void **state)
{
    struct world *w = *state;

    for (char name[] = "a"; *name < 'f'; ++*name)
        file(w, name, "");
    assert_refused(w, &SMALL, OU_TOO_LARGE, "more files than there may be");
    start_again(w);
    file(w, "deep/1/2/3/4", "");
    assert_refused(w, &SMALL, OU_TOO_LARGE, "more files than there may be");
}

/* 32 MiB of zeros are 3 kB: what comes out of the compression is counted, whatever the tar says about it. */
static void test_a_bomb_beside_the_files_is_refused(void **state)
{
    struct world *w = *state;

    file(w, "a", "text");
    for (int i = 0; i < 65536; i++)
        end(w);
    assert_refused(w, &SMALL, OU_TOO_LARGE, "more than the");
}

/* ---- damage ---- */

static struct buffer read_bundle(struct world *w)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(w->bundle, &b, &w->err), OU_OK);
    return b;
}

static void test_what_is_cut_anywhere_is_refused(void **state)
{
    struct world *w = *state;
    struct buffer whole;

    file(w, "b", "some content of a file, which is here");
    end(w);
    compress(w);
    whole = read_bundle(w);
    for (size_t len = 0; len < whole.len; len++) {
        write_file(w->bundle, whole.at, len);
        assert_int_equal(unpack(w, NULL), OU_INVALID);
        unlink(temp_path(&w->dir, "out/b"));
        free(w->dir.names[--w->dir.name_count]); /* there is room for some only */
    }
    buffer_release(&whole);
}

static void test_what_stands_behind_the_end_is_refused(void **state)
{
    struct world *w = *state;
    struct buffer whole;

    file(w, "a", "text");
    end(w);
    buffer_text(&w->tar, "hidden");
    compress(w);
    assert_int_equal(unpack(w, NULL), OU_INVALID);
    assert_non_null(strstr(w->err.text, "behind its end"));
    start_again(w);
    file(w, "b", "text");
    end(w);
    compress(w);
    whole = read_bundle(w);
    buffer_text(&whole, "garbage");
    write_file(w->bundle, whole.at, whole.len);
    buffer_release(&whole);
    assert_int_equal(unpack(w, NULL), OU_INVALID);
}

static void test_a_header_with_a_wrong_sum_is_refused(void **state)
{
    struct world *w = *state;

    file(w, "a", "text");
    w->tar.at[0] = 'b';
    assert_refused(w, NULL, OU_INVALID, "damaged");
}

/* Each layer may ask for a window of its own. */
static void test_compression_in_compression_is_refused(void **state)
{
    struct world *w = *state;
    struct buffer once;

    file(w, "a", "text");
    end(w);
    compress(w);
    once = read_bundle(w);
    start_again(w);
    buffer_append(&w->tar, once.at, once.len);
    buffer_release(&once);
    compress(w);
    assert_int_equal(unpack(w, NULL), OU_INVALID);
    assert_false(exists(w, "out/a"));
}

static void test_other_files_are_no_bundles(void **state)
{
    struct world *w = *state;

    write_file(w->bundle, "", 0);
    assert_int_equal(unpack(w, NULL), OU_INVALID);
    write_file(w->bundle, "just text", 9);
    assert_int_equal(unpack(w, NULL), OU_INVALID);
    assert_non_null(strstr(w->err.text, "not compressed with Zstandard"));
    file(w, "a", "text");
    end(w);
    write_file(w->bundle, w->tar.at, w->tar.len);
    assert_int_equal(unpack(w, NULL), OU_INVALID);
    unlink(w->bundle);
    assert_int_equal(unpack(w, NULL), OU_NOT_FOUND);
    assert_int_equal(bundle_unpack(w->bundle, temp_path(&w->dir, "no"), NULL, NULL, &w->err),
                     OU_NOT_FOUND);
}

int main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ONE(test_a_tar_by_hand_is_unpacked),
        ONE(test_names_that_lead_out_are_refused),
        ONE(test_a_long_name_may_lead_out_as_little_as_a_short_one),
        ONE(test_names_are_text_without_control_characters),
        ONE(test_a_name_has_not_too_many_parts),
        ONE(test_links_and_devices_are_refused),
        ONE(test_nothing_is_written_through_a_link_that_stands_there),
        ONE(test_the_same_file_twice_is_refused),
        ONE(test_files_with_holes_are_refused),
        ONE(test_sizes_are_checked_before_anything_is_written),
        ONE(test_too_many_files_and_folders_are_refused),
        ONE(test_a_bomb_beside_the_files_is_refused),
        ONE(test_what_is_cut_anywhere_is_refused),
        ONE(test_what_stands_behind_the_end_is_refused),
        ONE(test_a_header_with_a_wrong_sum_is_refused),
        ONE(test_compression_in_compression_is_refused),
        ONE(test_other_files_are_no_bundles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
