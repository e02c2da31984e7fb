#include "storage/bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static struct ou_error err;

static int set_up(void **state)
{
    (void)state;
    err.text[0] = '\0';
    temp_dir_make(&dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

static const char *make_folder(const char *name)
{
    const char *path = temp_path(&dir, name);

    assert_int_equal(mkdir(path, 0755), 0);
    return path;
}

static void link_to(const char *target, const char *name)
{
    assert_int_equal(symlink(target, temp_path(&dir, name)), 0);
}

/* Some folder with what a run has: files, one of them to be run, an empty folder, a deep one. */
static const char *make_tree(const char *name)
{
    static const char *const parts[] = { "keys", "keys/deep", "nothing" };
    char path[64];
    const char *root = make_folder(name);

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", name, parts[i]);
        make_folder(path);
    }
    (void)snprintf(path, sizeof path, "%s/shelley.json", name);
    temp_file(&dir, path, "{\"systemStart\":\"2026-11-22T10:00:00Z\"}\n");
    (void)snprintf(path, sizeof path, "%s/keys/deep/cold.skey", name);
    temp_file(&dir, path, "secret");
    (void)snprintf(path, sizeof path, "%s/start.sh", name);
    temp_file(&dir, path, "#!/bin/sh\n");
    assert_int_equal(chmod(temp_path(&dir, path), 0700), 0);
    (void)snprintf(path, sizeof path, "%s/empty", name);
    temp_file(&dir, path, "");
    return root;
}

static struct bundle_made pack(const char *root, const char *to)
{
    const struct bundle_entry entry = { root, "genesis" };
    struct bundle_made made;

    assert_int_equal(bundle_make(&entry, 1, NULL, temp_path(&dir, to), &made, &err), OU_OK);
    return made;
}

static void assert_text(const char *path, const char *text)
{
    struct buffer got;

    buffer_init(&got, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(temp_path(&dir, path), &got, &err), OU_OK);
    assert_string_equal(buffer_string(&got), text);
    buffer_release(&got);
}

static mode_t mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(lstat(temp_path(&dir, path), &st), 0);
    return st.st_mode;
}

static bool exists(const char *path)
{
    return access(temp_path(&dir, path), F_OK) == 0;
}

/* ---- making ---- */

static void test_what_was_packed_comes_back(void **state)
{
    uint64_t bytes = 0;

    (void)state;
    const struct bundle_made made = pack(make_tree("tree"), "b.tar.zst");
    const char *out = make_folder("out");

    assert_int_equal(made.files, 4);
    assert_int_equal(made.content_bytes, 39 + 6 + 10);
    assert_int_equal(bundle_unpack(temp_path(&dir, "b.tar.zst"), out, NULL, &bytes, &err), OU_OK);
    assert_int_equal(bytes, made.content_bytes);
    assert_text("out/genesis/shelley.json", "{\"systemStart\":\"2026-11-22T10:00:00Z\"}\n");
    assert_text("out/genesis/keys/deep/cold.skey", "secret");
    assert_text("out/genesis/empty", "");
    assert_int_equal(mode_of("out/genesis/keys/deep/cold.skey"), S_IFREG | 0600);
    assert_int_equal(mode_of("out/genesis/start.sh"), S_IFREG | 0700);
    assert_int_equal(mode_of("out/genesis/nothing"), S_IFDIR | 0700);
}

/* Keys are in it. */
static void test_a_bundle_is_private_and_has_the_hash_that_is_told(void **state)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[SHA256_HEX];
    struct buffer got;

    (void)state;
    const struct bundle_made made = pack(make_tree("tree"), "b.tar.zst");

    assert_int_equal(mode_of("b.tar.zst"), S_IFREG | 0600);
    buffer_init(&got, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(temp_path(&dir, "b.tar.zst"), &got, &err), OU_OK);
    crypto_hash_sha256(hash, (const unsigned char *)got.at, got.len);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    assert_string_equal(made.sha256, hex);
    assert_int_equal(made.bytes, got.len);
    buffer_release(&got);
}

static void age(const char *path, time_t seconds)
{
    const struct timespec times[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };

    assert_int_equal(utimensat(AT_FDCWD, temp_path(&dir, path), times, 0), 0);
}

/* The second tree is made in another order, has other times and other modes, and where tests run as root another owner. */
static void test_bytes_depend_on_names_contents_and_executable_bits_alone(void **state)
{
    (void)state;
    const struct bundle_made first = pack(make_tree("tree"), "1.tar.zst");

    make_folder("again");
    temp_file(&dir, "again/start.sh", "#!/bin/sh\n");
    chmod(temp_path(&dir, "again/start.sh"), 0755);
    make_folder("again/nothing");
    temp_file(&dir, "again/empty", "");
    chmod(temp_path(&dir, "again/empty"), 0640);
    make_folder("again/keys");
    make_folder("again/keys/deep");
    chmod(temp_path(&dir, "again/keys/deep"), 0700);
    temp_file(&dir, "again/keys/deep/cold.skey", "secret");
    temp_file(&dir, "again/shelley.json", "{\"systemStart\":\"2026-11-22T10:00:00Z\"}\n");
    age("again/shelley.json", 1000);
    age("again/keys", 2000000000);
    if (geteuid() == 0)
        assert_int_equal(chown(temp_path(&dir, "again/empty"), 65534, 65534), 0);
    assert_string_equal(pack(temp_path(&dir, "again"), "2.tar.zst").sha256, first.sha256);
    chmod(temp_path(&dir, "again/empty"), 0740);
    assert_string_not_equal(pack(temp_path(&dir, "again"), "2.tar.zst").sha256, first.sha256);
}

static void test_entries_may_come_in_any_order_and_share_folders(void **state)
{
    const struct bundle_entry one[] = { { temp_file(&dir, "a", "A"), "keys/a" },
                                        { make_tree("tree"), "" } };
    const struct bundle_entry other[] = { one[1], one[0] };
    struct bundle_made first, second;

    (void)state;
    assert_int_equal(bundle_make(one, 2, NULL, temp_path(&dir, "1"), &first, &err), OU_OK);
    assert_int_equal(bundle_make(other, 2, NULL, temp_path(&dir, "2"), &second, &err), OU_OK);
    assert_string_equal(first.sha256, second.sha256);
    assert_int_equal(bundle_unpack(temp_path(&dir, "1"), make_folder("out"), NULL, NULL, &err),
                     OU_OK);
    assert_text("out/keys/a", "A");
    assert_text("out/keys/deep/cold.skey", "secret");
}

static void test_two_files_of_one_name_are_refused(void **state)
{
    const struct bundle_entry entries[] = { { temp_file(&dir, "a", "A"), "x/a" },
                                            { temp_file(&dir, "b", "B"), "x/a" } };
    struct bundle_made made;

    (void)state;
    assert_int_equal(bundle_make(entries, 2, NULL, temp_path(&dir, "1"), &made, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "\"x/a\": two entries have this name"));
    assert_false(exists("1"));
}

static void test_links_are_followed_inside_and_left_out_else(void **state)
{
    const char *root = make_folder("logs");
    const struct bundle_entry entry = { root, "logs" };
    struct bundle_options options = { 0 };
    struct bundle_made made;

    (void)state;
    temp_file(&dir, "logs/node-1.json", "line\n");
    temp_file(&dir, "outside", "not ours");
    make_folder("other");
    temp_file(&dir, "other/file", "of the link root");
    link_to("node-1.json", "logs/node.json");
    link_to(temp_path(&dir, "outside"), "logs/outside");
    link_to(temp_path(&dir, "other/file"), "logs/linked");
    link_to("/nowhere", "logs/dangling");
    link_to(temp_path(&dir, "other"), "logs/folder");
    assert_int_equal(bundle_make(&entry, 1, &options, temp_path(&dir, "1"), &made, &err), OU_OK);
    assert_int_equal(made.files, 2);
    assert_int_equal(bundle_unpack(temp_path(&dir, "1"), make_folder("out"), NULL, NULL, &err),
                     OU_OK);
    assert_text("out/logs/node.json", "line\n");
    assert_int_equal(mode_of("out/logs/node.json"), S_IFREG | 0600);
    assert_false(exists("out/logs/outside") || exists("out/logs/folder"));
    options.link_root = temp_path(&dir, "other");
    assert_int_equal(bundle_make(&entry, 1, &options, temp_path(&dir, "2"), &made, &err), OU_OK);
    assert_int_equal(made.files, 3);
}

/* A sibling whose name begins like the entry's is not inside of it. */
static void test_a_name_that_begins_alike_is_not_inside(void **state)
{
    const char *root = make_folder("logs");
    const struct bundle_entry entry = { root, "logs" };
    struct bundle_made made;

    (void)state;
    make_folder("logs-old");
    link_to(temp_file(&dir, "logs-old/node.json", "x"), "logs/node.json");
    assert_int_equal(bundle_make(&entry, 1, NULL, temp_path(&dir, "1"), &made, &err), OU_OK);
    assert_int_equal(made.files, 0);
}

static void make_socket(const char *path)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_true(strlen(path) < sizeof at.sun_path);
    strcpy(at.sun_path, path);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    close(fd);
}

static bool skip_db(void *context, const char *name)
{
    ++*(int *)context;
    return strcmp(name, "node/db") == 0;
}

static void test_what_is_skipped_is_not_looked_into_and_sockets_are_left_out(void **state)
{
    int asked = 0;
    const struct bundle_options options = { .skip = skip_db, .context = &asked };
    const struct bundle_entry entry = { make_folder("node"), "node" };
    struct bundle_made made;

    (void)state;
    make_folder("node/db");
    temp_file(&dir, "node/db/chunk", "large");
    temp_file(&dir, "node/stdout", "text");
    make_socket(temp_path(&dir, "node/node.socket"));
    assert_int_equal(mkfifo(temp_path(&dir, "node/pipe"), 0600), 0);
    assert_int_equal(bundle_make(&entry, 1, &options, temp_path(&dir, "1"), &made, &err), OU_OK);
    assert_int_equal(made.files, 1);
    assert_int_equal(asked, 4);
}

static void test_what_is_not_there_is_told(void **state)
{
    const struct bundle_entry entry = { temp_path(&dir, "gone"), "x" };
    struct bundle_made made;

    (void)state;
    assert_int_equal(bundle_make(&entry, 1, NULL, temp_path(&dir, "1"), &made, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "gone"));
}

static void test_names_that_lead_out_or_harm_cannot_be_packed(void **state)
{
    const struct bundle_entry entry = { make_folder("logs"), "logs" };
    const struct bundle_entry up = { temp_file(&dir, "a", ""), "../a" };
    struct bundle_made made;

    (void)state;
    assert_int_equal(bundle_make(&up, 1, NULL, temp_path(&dir, "1"), &made, &err), OU_INVALID);
    temp_file(&dir, "logs/a\033[2Jb", "");
    assert_int_equal(bundle_make(&entry, 1, NULL, temp_path(&dir, "1"), &made, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "logs/a?[2Jb"));
    assert_false(exists("1"));
}

/* libarchive turns names into the locale's letters where it can; ours may not depend on it. */
static void test_names_beyond_ascii_and_long_ones_come_back_in_every_locale(void **state)
{
    const struct bundle_entry entry = { make_folder("tree"), "tree" };
    struct bundle_made made, again;
    char longest[256], path[300];

    (void)state;
    memset(longest, 'n', 250);
    longest[250] = '\0';
    (void)snprintf(path, sizeof path, "tree/%s", longest);
    temp_file(&dir, path, "long");
    temp_file(&dir, "tree/größe-鍵", "text");
    assert_int_equal(bundle_make(&entry, 1, NULL, temp_path(&dir, "1"), &made, &err), OU_OK);
    assert_int_equal(bundle_unpack(temp_path(&dir, "1"), make_folder("out"), NULL, NULL, &err),
                     OU_OK);
    assert_text("out/tree/größe-鍵", "text");
    if (!setlocale(LC_ALL, "C.UTF-8"))
        skip();
    assert_int_equal(bundle_make(&entry, 1, NULL, temp_path(&dir, "2"), &again, &err), OU_OK);
    assert_int_equal(bundle_unpack(temp_path(&dir, "1"), make_folder("out2"), NULL, NULL, &err),
                     OU_OK);
    setlocale(LC_ALL, "C");
    assert_text("out2/tree/größe-鍵", "text");
    assert_string_equal(made.sha256, again.sha256);
}

/* The file is cut short as soon as its first bytes were packed. */
static void cut_short(void *context, uint64_t content_bytes)
{
    (void)content_bytes;
    (void)!truncate(context, 10);
}

static void append_some(void *context, uint64_t content_bytes)
{
    const int fd = open(context, O_WRONLY | O_APPEND);

    (void)content_bytes;
    (void)!write(fd, "more", 4);
    close(fd);
}

static void test_a_file_may_grow_while_it_is_packed_and_not_shrink(void **state)
{
    char path[256];
    struct bundle_options options = { .context = path, .progress = append_some };
    struct bundle_entry entry = { path, "log" };
    struct bundle_made made;

    (void)state;
    (void)snprintf(path, sizeof path, "%s", temp_file(&dir, "log", ""));
    assert_int_equal(truncate(path, 1 << 20), 0);
    assert_int_equal(bundle_make(&entry, 1, &options, temp_path(&dir, "1"), &made, &err), OU_OK);
    assert_int_equal(made.content_bytes, 1 << 20);
    options.progress = cut_short;
    assert_int_equal(bundle_make(&entry, 1, &options, temp_path(&dir, "2"), &made, &err), OU_IO);
    assert_non_null(strstr(err.text, "cut short"));
    assert_false(exists("2"));
}

/* A reader that is not ours: what any tar program sees. */
static void test_headers_tell_no_times_owners_or_names_of_users(void **state)
{
    struct archive *a = archive_read_new();
    struct archive_entry *entry;
    char before[256] = "";
    int count = 0;

    (void)state;
    pack(make_tree("tree"), "b.tar.zst");
    archive_read_support_filter_zstd(a);
    archive_read_support_format_tar(a);
    assert_int_equal(archive_read_open_filename(a, temp_path(&dir, "b.tar.zst"), 65536), 0);
    for (; archive_read_next_header(a, &entry) == ARCHIVE_OK; count++) {
        const char *user = archive_entry_uname(entry);

        assert_true(strcmp(before, archive_entry_pathname(entry)) < 0);
        (void)snprintf(before, sizeof before, "%s", archive_entry_pathname(entry));
        assert_int_equal(archive_entry_mtime(entry), 0);
        assert_int_equal(archive_entry_uid(entry), 0);
        assert_int_equal(archive_entry_gid(entry), 0);
        assert_true(!user || !*user);
    }
    archive_read_free(a);
    assert_int_equal(count, 8); /* four folders, four files */
}

int main(void)
{
#define ONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ONE(test_what_was_packed_comes_back),
        ONE(test_a_bundle_is_private_and_has_the_hash_that_is_told),
        ONE(test_bytes_depend_on_names_contents_and_executable_bits_alone),
        ONE(test_entries_may_come_in_any_order_and_share_folders),
        ONE(test_two_files_of_one_name_are_refused),
        ONE(test_links_are_followed_inside_and_left_out_else),
        ONE(test_a_name_that_begins_alike_is_not_inside),
        ONE(test_what_is_skipped_is_not_looked_into_and_sockets_are_left_out),
        ONE(test_what_is_not_there_is_told),
        ONE(test_names_that_lead_out_or_harm_cannot_be_packed),
        ONE(test_names_beyond_ascii_and_long_ones_come_back_in_every_locale),
        ONE(test_a_file_may_grow_while_it_is_packed_and_not_shrink),
        ONE(test_headers_tell_no_times_owners_or_names_of_users),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
