/* The S3 client with the server that s3.py started: S3_TEST_ENDPOINT, _BUCKET and so on say where it is. Each test has keys of its own. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/random.h"
#include "base/time.h"
#include "storage/s3_private.h"
#include "support/files.h"
#include "support/test.h"

#define OTHER_HASH /* of "other" */ \
    "x-amz-content-sha256: d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"
#define MIB ((uint64_t)1 << 20)

static const struct retry_policy ONCE = { .tries = 1 };

/* ---- a store, with what a test asks of it ---- */

static const char *told(const char *name)
{
    const char *value = getenv(name);

    assert_non_null(value);
    return value;
}

static struct s3_place the_place(void)
{
    setenv("AWS_ACCESS_KEY_ID", told("S3_TEST_ACCESS_KEY"), 1);
    setenv("AWS_SECRET_ACCESS_KEY", told("S3_TEST_SECRET_KEY"), 1);
    return (struct s3_place){
        .endpoint = told("S3_TEST_ENDPOINT"),
        .region = told("S3_TEST_REGION"),
        .bucket = told("S3_TEST_BUCKET"),
        .credentials = { .source = CREDENTIALS_ENVIRONMENT },
    };
}

static struct s3 *open_place(const struct s3_place *place)
{
    struct s3 *s3;
    struct ou_error err = { "" };
    char remark[256];

    if (s3_open(place, &s3, remark, &err))
        fail_msg("%s", err.text);
    assert_string_equal(remark, "");
    return s3;
}

static struct s3 *open_store(void)
{
    struct s3_place place = the_place();

    return open_place(&place);
}

static void must(enum ou_status status, const struct ou_error *err)
{
    if (status)
        fail_msg("%s: %s", ou_status_name(status), err->text);
}

static void put(struct s3 *s3, const char *key, const char *text)
{
    struct ou_error err = { "" };

    must(s3_put(s3, key, span_of(text), NULL, NULL, &err), &err);
}

/* Fails the test unless the object has that content. */
static void expect_content(struct s3 *s3, const char *key, const char *text)
{
    struct buffer got;
    struct ou_error err = { "" };
    bool changed;

    buffer_init(&got, allocator_libc(), 1 << 20);
    must(s3_get(s3, key, "", &got, &changed, NULL, &err), &err);
    assert_string_equal(buffer_string(&got), text);
    buffer_release(&got);
}

static enum ou_status get(struct s3 *s3, const char *key, struct ou_error *err)
{
    struct buffer got;
    bool changed;
    enum ou_status status;

    buffer_init(&got, allocator_libc(), 1 << 20);
    status = s3_get(s3, key, "", &got, &changed, NULL, err);
    buffer_release(&got);
    return status;
}

static void expect_words(const struct ou_error *err, const char *words)
{
    if (!strstr(err->text, words))
        fail_msg("no \"%s\" in: %s", words, err->text);
}

/* What a failed request of any kind must not say. */
static void expect_no_secret(const struct ou_error *err)
{
    assert_null(strstr(err->text, "Signature="));
    assert_null(strstr(err->text, told("S3_TEST_SECRET_KEY")));
}

/* ---- objects ---- */

static void test_an_object_comes_back_as_it_was_put(void **state)
{
    struct s3 *s3 = open_store();
    struct buffer got;
    struct ou_error err = { "" };
    char etag[S3_ETAG_ROOM], again[S3_ETAG_ROOM];
    bool changed = false;

    (void)state;
    must(s3_put(s3, "object/a", span_of("one"), "text/plain", etag, &err), &err);
    assert_true(*etag != '\0' && *etag != '"');
    buffer_init(&got, allocator_libc(), 3);
    must(s3_get(s3, "object/a", "", &got, &changed, again, &err), &err);
    assert_true(changed);
    assert_string_equal(again, etag);
    assert_string_equal(buffer_string(&got), "one");
    must(s3_get(s3, "object/a", etag, &got, &changed, again, &err), &err);
    assert_false(changed);
    buffer_clear(&got);
    put(s3, "object/a", "two");
    must(s3_get(s3, "object/a", etag, &got, &changed, again, &err), &err);
    assert_true(changed);
    assert_string_equal(buffer_string(&got), "two");
    put(s3, "object/a", "three");
    buffer_clear(&got);
    assert_int_equal(s3_get(s3, "object/a", "", &got, &changed, NULL, &err), OU_TOO_LARGE);
    buffer_release(&got);
    s3_close(s3);
}

static void test_an_empty_object_is_one(void **state)
{
    struct s3 *s3 = open_store();
    struct ou_error err = { "" };
    char etag[S3_ETAG_ROOM];
    uint64_t bytes = 7;
    int64_t server_ns = TIME_NONE;

    (void)state;
    put(s3, "empty", "");
    expect_content(s3, "empty", "");
    must(s3_head(s3, "empty", &bytes, etag, &server_ns, &err), &err);
    assert_int_equal(bytes, 0);
    s3_close(s3);
}

static void test_keys_may_have_any_characters(void **state)
{
    static const char *const keys[] = {
        "odd/a b",      "odd/a+b",
        "odd/100%",     "odd/\xc3\xa4\xe2\x82\xac",
        "odd//two",     "odd/a&b=c?d#e",
        "odd/'\"*()!~", "odd/%2F",
        "odd/<x>&amp;", "odd/:@$,;[]{}|^`\\",
    };
    struct s3 *s3 = open_store();

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        put(s3, keys[i], keys[i]);
        expect_content(s3, keys[i], keys[i]);
    }
    s3_close(s3);
}

static void test_what_is_not_there_is_not_found(void **state)
{
    struct s3 *s3 = open_store();
    struct ou_error err = { "" };
    uint64_t bytes;
    int64_t server_ns;
    char etag[S3_ETAG_ROOM];

    (void)state;
    assert_int_equal(get(s3, "not/there", &err), OU_NOT_FOUND);
    expect_words(&err, "NoSuchKey");
    expect_words(&err, "not/there");
    assert_int_equal(s3_head(s3, "not/there", &bytes, etag, &server_ns, &err), OU_NOT_FOUND);
    must(s3_delete(s3, "not/there", &err), &err);
    s3_close(s3);
}

static void test_a_range_is_a_part(void **state)
{
    struct s3 *s3 = open_store();
    struct buffer got;
    struct ou_error err = { "" };

    (void)state;
    put(s3, "range", "0123456789");
    buffer_init(&got, allocator_libc(), 64);
    must(s3_get_range(s3, "range", 2, 3, &got, &err), &err);
    must(s3_get_range(s3, "range", 9, 1, &got, &err), &err);
    assert_string_equal(buffer_string(&got), "2349");
    assert_int_equal(s3_get_range(s3, "range", 8, 5, &got, &err), OU_IO);
    expect_words(&err, "shorter");
    assert_int_equal(s3_get_range(s3, "range", 10, 5, &got, &err), OU_IO);
    expect_words(&err, "InvalidRange");
    buffer_release(&got);
    s3_close(s3);
}

static void test_a_head_tells_size_and_clock(void **state)
{
    struct s3 *s3 = open_store();
    struct ou_error err = { "" };
    uint64_t bytes = 0;
    int64_t server_ns = TIME_NONE;
    char etag[S3_ETAG_ROOM];

    (void)state;
    put(s3, "head", "12345");
    must(s3_head(s3, "head", &bytes, etag, &server_ns, &err), &err);
    assert_int_equal(bytes, 5);
    assert_int_equal(strlen(etag), 32);
    assert_true(llabs((long long)(server_ns - time_wall_ns())) < 120 * NS_PER_SECOND);
    s3_close(s3);
}

/* ---- lists ---- */

struct seen {
    char keys[1024];
    uint64_t bytes;
    unsigned count, stop_at;
};

static bool note_key(void *context, const struct s3_object *object)
{
    struct seen *seen = context;
    size_t len = strlen(seen->keys);

    snprintf(seen->keys + len, sizeof seen->keys - len, "%s\n", object->key);
    seen->bytes += object->bytes;
    assert_int_equal(strlen(object->etag), 32);
    assert_true(object->modified_ns > 0);
    return ++seen->count != seen->stop_at;
}

/* Uploads that are not finished below a prefix. */
static unsigned count_uploads(struct s3 *s3, const char *prefix)
{
    const struct sigv4_pair query[] = { { "uploads", "" }, { "prefix", prefix } };
    const struct s3_call call = {
        .method = "GET", .action = "s3:ListBucketMultipartUploads", .query = query, .query_count = 2
    };
    struct http_reply reply;
    struct ou_error err = { "" };
    unsigned count = 0;

    must(s3_call(s3, &call, &reply, &err), &err);
    for (const char *at = buffer_string(&reply.body); (at = strstr(at, "<Upload>")); at++)
        count++;
    http_reply_release(&reply);
    return count;
}

static void test_a_list_has_all_pages_in_order(void **state)
{
    struct s3 *s3 = open_store();
    struct seen seen = { .keys = "" };
    struct ou_error err = { "" };

    (void)state;
    put(s3, "list/b +&\xc3\xa4", "1");
    put(s3, "list/a", "22");
    put(s3, "list/c/d", "333");
    put(s3, "list/%41", "4444");
    put(s3, "lis", "");
    s3->page_keys = 2;
    must(s3_list(s3, "list/", note_key, &seen, &err), &err);
    assert_string_equal(seen.keys, "list/%41\nlist/a\nlist/b +&\xc3\xa4\nlist/c/d\n");
    assert_int_equal(seen.bytes, 10);
    seen = (struct seen){ .stop_at = 3 };
    must(s3_list(s3, "list/", note_key, &seen, &err), &err);
    assert_int_equal(seen.count, 3);
    seen = (struct seen){ .keys = "" };
    must(s3_list(s3, "nothing/", note_key, &seen, &err), &err);
    assert_int_equal(seen.count, 0);
    s3_close(s3);
}

static void test_what_is_below_a_prefix_is_deleted_and_nothing_else(void **state)
{
    struct s3 *s3 = open_store();
    struct seen seen = { .keys = "" };
    struct ou_error err = { "" };
    char upload[1024];
    uint64_t count = 0;

    (void)state;
    for (char key[] = "clean/a"; key[6] <= 'e'; key[6]++)
        put(s3, key, "x");
    put(s3, "cleaner", "stays");
    must(s3_parts_begin(s3, "clean/upload", upload, sizeof upload, &err), &err);
    assert_int_equal(count_uploads(s3, "clean/"), 1);
    s3->page_keys = 2;
    must(s3_delete_prefix(s3, "clean/", &count, &err), &err);
    assert_int_equal(count, 5);
    must(s3_list(s3, "clean", note_key, &seen, &err), &err);
    assert_string_equal(seen.keys, "cleaner\n");
    assert_int_equal(count_uploads(s3, "clean/"), 0);
    s3_close(s3);
}

static void test_a_bucket_is_made_once(void **state)
{
    struct s3_place place = the_place();
    struct s3 *s3;
    struct ou_error err = { "" };

    (void)state;
    place.bucket = "made-by-a-test";
    s3 = open_place(&place);
    assert_int_equal(s3_put(s3, "k", span_of("v"), NULL, NULL, &err), OU_NOT_FOUND);
    expect_words(&err, "NoSuchBucket");
    expect_words(&err, "make it, or check its name");
    must(s3_make_bucket(s3, &err), &err);
    must(s3_make_bucket(s3, &err), &err);
    put(s3, "k", "v");
    expect_content(s3, "k", "v");
    s3_close(s3);
}

static void test_a_bucket_can_be_part_of_the_host(void **state)
{
    struct s3_place place = the_place();
    struct s3 *s3;
    struct buffer url;
    struct ou_error err = { "" };

    (void)state;
    place.endpoint = told("S3_TEST_VIRTUAL_ENDPOINT");
    place.virtual_host = true;
    s3 = open_place(&place);
    put(s3, "virtual/key +", "there");
    expect_content(s3, "virtual/key +", "there");
    buffer_init(&url, allocator_libc(), 4096);
    must(s3_presign(s3, "GET", "virtual/key", NULL, 0, NULL, 60, &url, &err), &err);
    assert_true(strncmp(buffer_string(&url), "http://ouroscope-test.localhost:", 32) == 0);
    buffer_release(&url);
    s3_close(s3);
    s3 = open_store();
    expect_content(s3, "virtual/key +", "there");
    s3_close(s3);
}

/* ---- refusals ---- */

static void test_a_wrong_secret_is_refused(void **state)
{
    struct s3_place place = the_place();
    struct s3 *s3;
    struct ou_error err = { "" };

    (void)state;
    setenv("AWS_SECRET_ACCESS_KEY", "another", 1);
    s3 = open_place(&place);
    assert_int_equal(get(s3, "object/a", &err), OU_IO);
    expect_words(&err, "SignatureDoesNotMatch (403)");
    expect_words(&err, "the secret key does not belong to the access key");
    expect_no_secret(&err);
    s3_close(s3);
}

static void test_who_may_not_is_told_what_is_needed(void **state)
{
    struct s3_place place = the_place();
    struct s3 *s3;
    struct ou_error err = { "" };

    (void)state;
    setenv("AWS_ACCESS_KEY_ID", told("S3_TEST_READER_ACCESS_KEY"), 1);
    setenv("AWS_SECRET_ACCESS_KEY", told("S3_TEST_READER_SECRET_KEY"), 1);
    s3 = open_place(&place);
    assert_int_equal(s3_put(s3, "k", span_of("v"), NULL, NULL, &err), OU_IO);
    expect_words(&err, "AccessDenied (403)");
    expect_words(&err, "(from environment) needs s3:PutObject on arn:aws:s3:::ouroscope-test/*");
    expect_no_secret(&err);
    s3_close(s3);
}

static int64_t twenty_minutes_late(void)
{
    return time_wall_ns() - 1200 * NS_PER_SECOND;
}

static void test_a_wrong_clock_is_told_by_how_much(void **state)
{
    struct s3 *s3 = open_store();
    struct ou_error err = { "" };

    (void)state;
    s3->now_ns = twenty_minutes_late;
    assert_int_equal(get(s3, "object/a", &err), OU_IO);
    expect_words(&err, "RequestTimeTooSkewed (403)");
    expect_words(&err, "set this machine's clock: it is 1");
    expect_words(&err, " s behind the server's");
    s3_close(s3);
}

static void test_a_wrong_region_is_told(void **state)
{
    struct s3_place place = the_place();
    struct s3 *s3;
    struct ou_error err = { "" };

    (void)state;
    place.region = "eu-central-1";
    s3 = open_place(&place);
    assert_int_equal(get(s3, "object/a", &err), OU_IO);
    expect_words(&err, "AuthorizationHeaderMalformed (400)");
    expect_words(&err, "the region is us-east-1, not eu-central-1");
    s3_close(s3);
}

/* ---- URLs for others ---- */

/* What others do with a URL: they know nothing else. Returns the status. */
static int use_url(const char *method, const char *url, const char *header, const char *body,
                   char *ret_body, size_t room)
{
    const char *const headers[] = { header, NULL };
    const struct http_request request = {
        .method = method, .url = url, .headers = headers, .body = span_of(body)
    };
    struct http_client *client;
    struct http_reply reply;
    struct ou_error err = { "" };
    int status;

    must(http_client_ready(&err), &err);
    must(http_client_open(NULL, &client, &err), &err);
    must(http_ask(client, &request, &reply, &err), &err);
    status = reply.status;
    if (ret_body)
        snprintf(ret_body, room, "%s", buffer_string(&reply.body));
    http_reply_release(&reply);
    http_client_close(client);
    return status;
}

static void presign(struct s3 *s3, const char *method, const char *key, uint32_t expires_s,
                    struct buffer *ret)
{
    struct ou_error err = { "" };

    buffer_init(ret, allocator_libc(), 1 << 16);
    must(s3_presign(s3, method, key, NULL, 0, NULL, expires_s, ret, &err), &err);
}

static void test_a_presigned_url_does_what_it_says_and_nothing_else(void **state)
{
    struct s3 *s3 = open_store();
    struct buffer put_url, get_url;
    char body[64], *at;

    (void)state;
    presign(s3, "PUT", "signed/a b+", 60, &put_url);
    presign(s3, "GET", "signed/a b+", 60, &get_url);
    assert_int_equal(use_url("PUT", buffer_string(&put_url), NULL, "by a host", NULL, 0), 200);
    assert_int_equal(use_url("GET", buffer_string(&get_url), NULL, "", body, sizeof body), 200);
    assert_string_equal(body, "by a host");
    assert_int_equal(use_url("GET", buffer_string(&put_url), NULL, "", NULL, 0), 403);
    assert_int_equal(use_url("DELETE", buffer_string(&get_url), NULL, "", NULL, 0), 403);
    at = strstr(get_url.at, "Expires=60");
    assert_non_null(at);
    memcpy(at, "Expires=99", 10);
    assert_int_equal(use_url("GET", buffer_string(&get_url), NULL, "", NULL, 0), 403);
    buffer_release(&put_url);
    buffer_release(&get_url);
    s3_close(s3);
}

static void test_an_expired_url_is_refused(void **state)
{
    struct s3 *s3 = open_store();
    struct buffer url;

    (void)state;
    put(s3, "signed/old", "x");
    s3->now_ns = twenty_minutes_late;
    presign(s3, "GET", "signed/old", 600, &url);
    assert_int_equal(use_url("GET", buffer_string(&url), NULL, "", NULL, 0), 403);
    buffer_release(&url);
    presign(s3, "GET", "signed/old", 3600, &url);
    assert_int_equal(use_url("GET", buffer_string(&url), NULL, "", NULL, 0), 200);
    buffer_release(&url);
    s3_close(s3);
}

static void test_a_part_is_signed_with_its_hash(void **state)
{
    struct s3 *s3 = open_store();
    char upload[1024], hash[SHA256_HEX], line[128];
    struct buffer url;
    struct ou_error err = { "" };

    (void)state;
    must(s3_parts_begin(s3, "signed/parts", upload, sizeof upload, &err), &err);
    sha256_hex(span_of("the part"), hash);
    snprintf(line, sizeof line, "x-amz-content-sha256: %s", hash);
    buffer_init(&url, allocator_libc(), 1 << 16);
    must(s3_presign(s3, "PUT", "signed/parts", upload, 1, hash, 60, &url, &err), &err);
    if (s3->url_hash == URL_HASH_SIGNED) /* Swift looks at the header alone */
        assert_int_equal(use_url("PUT", buffer_string(&url), line, "the pant", NULL, 0), 400);
    assert_int_equal(use_url("PUT", buffer_string(&url), NULL, "the part", NULL, 0), 403);
    assert_int_equal(use_url("PUT", buffer_string(&url), OTHER_HASH, "other", NULL, 0), 403);
    assert_int_equal(use_url("PUT", buffer_string(&url), line, "the part", NULL, 0), 200);
    buffer_release(&url);
    must(s3_parts_abort(s3, "signed/parts", upload, &err), &err);
    must(s3_parts_abort(s3, "signed/parts", upload, &err), &err);
    s3_close(s3);
}

/* ---- files ---- */

/* Random bytes, the same each time. */
static const char *make_file(struct temp_dir *dir, uint64_t bytes)
{
    const char *path = temp_path(dir, "file");
    uint64_t *words = malloc((size_t)bytes);
    struct random_stream random;

    assert_non_null(words);
    random_stream_init(&random, 8, bytes);
    for (size_t i = 0; i < bytes / 8; i++)
        words[i] = random_u64(&random);
    write_file(path, words, (size_t)bytes);
    free(words);
    return path;
}

struct told_progress {
    unsigned count;
    uint64_t done, all;
    const char *damage; /* a file that becomes another at the first word of progress; NULL */
    bool interrupt;     /* likewise a Ctrl-C */
};

static void note_progress(void *context, uint64_t done, uint64_t all)
{
    struct told_progress *p = context;

    assert_true(done > p->done && done <= all);
    p->done = done;
    p->all = all;
    if (p->count++ > 0)
        return;
    if (p->damage)
        write_file(p->damage, "", 0);
    if (p->interrupt)
        raise(SIGINT);
}

/* The object's SHA-256, in pieces. */
static void hash_object(struct s3 *s3, const char *key, uint64_t bytes, char ret[SHA256_HEX])
{
    struct buffer got;
    struct ou_error err = { "" };

    buffer_init(&got, allocator_libc(), (size_t)bytes);
    for (uint64_t at = 0; at < bytes; at += 4 * MIB)
        must(s3_get_range(s3, key, at, bytes - at < 4 * MIB ? bytes - at : 4 * MIB, &got, &err),
             &err);
    sha256_hex((struct span){ got.at, got.len }, ret);
    buffer_release(&got);
}

static void put_and_compare(uint64_t bytes, unsigned parts)
{
    struct s3 *s3 = open_store();
    struct temp_dir dir;
    struct told_progress progress = { 0 };
    struct ou_error err = { "" };
    const char *path;
    char sent[SHA256_HEX], stored[SHA256_HEX], etag[S3_ETAG_ROOM];
    uint64_t size = 0;
    int64_t server_ns;

    temp_dir_make(&dir);
    path = make_file(&dir, bytes);
    must(s3_put_file(s3, "file", path, 1, note_progress, &progress, sent, &err), &err);
    assert_int_equal(progress.count, parts);
    assert_int_equal(progress.done, bytes);
    must(s3_head(s3, "file", &size, etag, &server_ns, &err), &err);
    assert_int_equal(size, bytes);
    hash_object(s3, "file", bytes, stored);
    assert_string_equal(sent, stored);
    temp_dir_remove(&dir);
    s3_close(s3);
}

static void test_a_small_file_goes_in_one_piece(void **state)
{
    (void)state;
    put_and_compare(MIB + 8, 1);
}

static void test_a_large_file_goes_in_parts(void **state)
{
    (void)state;
    put_and_compare(11 * MIB + 8, 3);
}

static void test_a_file_that_changes_leaves_no_parts(void **state)
{
    struct s3 *s3 = open_store();
    struct temp_dir dir;
    struct told_progress progress = { 0 };
    struct ou_error err = { "" };
    char hash[SHA256_HEX];

    (void)state;
    temp_dir_make(&dir);
    progress.damage = make_file(&dir, 11 * MIB);
    s3_retry_with(s3, &ONCE);
    assert_int_equal(s3_put_file(s3, "changing/file", progress.damage, 5 * MIB, note_progress,
                                 &progress, hash, &err),
                     OU_IO);
    expect_words(&err, "the file to send ended after 0 of");
    assert_int_equal(progress.count, 1);
    assert_int_equal(count_uploads(s3, "changing/"), 0);
    assert_int_equal(get(s3, "changing/file", &err), OU_NOT_FOUND);
    temp_dir_remove(&dir);
    s3_close(s3);
}

/* Last of all: what has been interrupted stays so. */
static void test_ctrl_c_ends_an_upload_and_leaves_no_parts(void **state)
{
    struct s3 *s3 = open_store();
    struct temp_dir dir;
    struct told_progress progress = { .interrupt = true };
    struct ou_error err = { "" };
    char hash[SHA256_HEX];

    (void)state;
    interrupt_install();
    temp_dir_make(&dir);
    assert_int_equal(s3_put_file(s3, "interrupted/file", make_file(&dir, 11 * MIB), 5 * MIB,
                                 note_progress, &progress, hash, &err),
                     OU_INTERRUPTED);
    assert_int_equal(progress.count, 1);
    s3_clean_up(s3, true);
    assert_int_equal(count_uploads(s3, "interrupted/"), 0);
    assert_int_equal(get(s3, "interrupted/file", &err), OU_NOT_FOUND);
    temp_dir_remove(&dir);
    s3_close(s3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_object_comes_back_as_it_was_put),
        cmocka_unit_test(test_an_empty_object_is_one),
        cmocka_unit_test(test_keys_may_have_any_characters),
        cmocka_unit_test(test_what_is_not_there_is_not_found),
        cmocka_unit_test(test_a_range_is_a_part),
        cmocka_unit_test(test_a_head_tells_size_and_clock),
        cmocka_unit_test(test_a_list_has_all_pages_in_order),
        cmocka_unit_test(test_what_is_below_a_prefix_is_deleted_and_nothing_else),
        cmocka_unit_test(test_a_bucket_is_made_once),
        cmocka_unit_test(test_a_bucket_can_be_part_of_the_host),
        cmocka_unit_test(test_a_wrong_secret_is_refused),
        cmocka_unit_test(test_who_may_not_is_told_what_is_needed),
        cmocka_unit_test(test_a_wrong_clock_is_told_by_how_much),
        cmocka_unit_test(test_a_wrong_region_is_told),
        cmocka_unit_test(test_a_presigned_url_does_what_it_says_and_nothing_else),
        cmocka_unit_test(test_an_expired_url_is_refused),
        cmocka_unit_test(test_a_part_is_signed_with_its_hash),
        cmocka_unit_test(test_a_small_file_goes_in_one_piece),
        cmocka_unit_test(test_a_large_file_goes_in_parts),
        cmocka_unit_test(test_a_file_that_changes_leaves_no_parts),
        cmocka_unit_test(test_ctrl_c_ends_an_upload_and_leaves_no_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
