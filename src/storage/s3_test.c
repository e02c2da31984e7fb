/* What a store may answer that a real one cannot be made to say: written down byte for byte. tests/integration/s3.py has a real one. */
#include "storage/s3.h"

#include "base/time.h"
#include "http/script_server_test.h"
#include "storage/s3_private.h"

static const struct retry_policy QUICK = { .tries = 3, .first_s = 0.001, .most_s = 0.002 };

#define ERROR_BODY(code) \
    "<?xml version=\"1.0\"?><Error><Code>" code "</Code><Message>In words</Message></Error>"

static struct s3_place a_place(const char *endpoint)
{
    setenv("AWS_ACCESS_KEY_ID", "AKIA", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "very-secret", 1);
    unsetenv("AWS_SESSION_TOKEN");
    return (struct s3_place){ .endpoint = endpoint,
                              .region = "eu-west-1",
                              .bucket = "bucket",
                              .credentials = { .source = CREDENTIALS_ENVIRONMENT } };
}

static struct s3 *open_store(const struct s3_place *place)
{
    struct s3 *s3;
    char remark[256];
    struct ou_error err = { "" };

    if (s3_open(place, &s3, remark, &err))
        fail_msg("%s", err.text);
    s3_retry_with(s3, &QUICK);
    return s3;
}

static void expect_words(const struct ou_error *err, const char *words)
{
    if (!strstr(err->text, words))
        fail_msg("no \"%s\" in: %s", words, err->text);
    assert_null(strstr(err->text, "very-secret"));
}

/* An answer with its length; valid until the test ends. */
static const char *answer(int status, const char *headers, const char *body)
{
    static char texts[8][2048];
    static unsigned next;
    char *text = texts[next++ % 8];

    snprintf(text, sizeof texts[0], "HTTP/1.1 %d Words\r\nContent-Length: %zu\r\n%s\r\n%s", status,
             strlen(body), headers, body);
    return text;
}

/* ---- places ---- */

static void test_the_host_is_the_regions_or_the_endpoints(void **state)
{
    static const struct {
        const char *endpoint, *region, *bucket, *host;
        bool virtual_host, path_style;
    } cases[] = {
        { NULL, "eu-west-1", "bkt", "bkt.s3.eu-west-1.amazonaws.com", false, false },
        { NULL, "eu-west-1", "bkt", "s3.eu-west-1.amazonaws.com", false, true },
        { NULL, "eu-west-1", "b.k.t", "s3.eu-west-1.amazonaws.com", false, false },
        { NULL, "cn-north-1", "bkt", "bkt.s3.cn-north-1.amazonaws.com.cn", false, false },
        { "https://S3.example:443/", "r", "bkt", "s3.example", false, false },
        { "https://s3.example:9000", "r", "bkt", "bkt.s3.example:9000", true, false },
        { "http://127.0.0.1:80", "r", "bkt", "127.0.0.1", false, false },
        { "http://[::1]:9000", "r", "bkt", "[::1]:9000", false, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct s3_place place = a_place(cases[i].endpoint);
        struct s3 *s3;

        place.region = cases[i].region;
        place.bucket = cases[i].bucket;
        place.virtual_host = cases[i].virtual_host;
        place.path_style = cases[i].path_style;
        s3 = open_store(&place);
        assert_string_equal(s3->host, cases[i].host);
        s3_close(s3);
    }
}

static void test_a_place_that_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *endpoint, *region, *bucket, *words;
    } cases[] = {
        { "ftp://a", "r", "bkt", "begins with https://" },
        { "https://a/path", "r", "bkt", "without a path" },
        { "https://", "r", "bkt", "https://HOST:PORT" },
        { "https://a:b", "r", "bkt", "https://HOST:PORT" },
        { "https://user@a", "r", "bkt", "https://HOST:PORT" },
        { "https://a:", "r", "bkt", "https://HOST:PORT" },
        { "https://[::1", "r", "bkt", "https://HOST:PORT" },
        { "https://a", "r/s", "bkt", "a region's name" },
        { "https://a", "r", "b/t", "a bucket's name" },
        { "https://a", "r", "b", "a bucket's name" },
        { "http://s3.example", "r", "bkt", "in clear text" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct s3_place place = a_place(cases[i].endpoint);
        struct s3 *s3;
        char remark[256];
        struct ou_error err = { "" };

        place.region = cases[i].region;
        place.bucket = cases[i].bucket;
        assert_int_equal(s3_open(&place, &s3, remark, &err), OU_USAGE);
        assert_null(s3);
        expect_words(&err, cases[i].words);
    }
}

static void test_clear_text_may_be_allowed(void **state)
{
    struct s3_place place = a_place("http://s3.example");

    (void)state;
    place.allow_http = true;
    s3_close(open_store(&place));
}

/* ---- refusals, and trying again ---- */

static enum ou_status ask_script(const struct script_answer *answers, size_t count,
                                 enum ou_status (*ask)(struct s3 *s3, struct ou_error *err),
                                 struct script_server *s, struct ou_error *err)
{
    struct s3_place place;
    struct s3 *s3;
    enum ou_status status;

    script_server_start(s, answers, count);
    place = a_place(s->url);
    s3 = open_store(&place);
    status = ask(s3, err);
    script_server_end(s);
    s3_close(s3);
    return status;
}

static enum ou_status put_key(struct s3 *s3, struct ou_error *err)
{
    return s3_put(s3, "key", span_of("content"), NULL, NULL, err);
}

static void test_a_refusal_says_what_to_do(void **state)
{
    static const struct {
        int status;
        const char *headers, *code, *words;
    } cases[] = {
        { 403, "", "AccessDenied", "needs s3:PutObject on arn:aws:s3:::bucket/*" },
        { 403, "", "InvalidAccessKeyId", "does not know this access key" },
        { 403, "", "ExpiredToken", "get new credentials" },
        { 400, "", "EntityTooSmall", "5 MiB" },
        { 301, "x-amz-bucket-region: us-west-2\r\n", "PermanentRedirect",
          "the region is us-west-2, not eu-west-1" },
        { 400, "", "AuthorizationHeaderMalformed", "check the region, which is eu-west-1" },
        { 400, "", "Unheard", "PUT s3://bucket/key: Unheard (400): In words" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char body[256];
        struct script_answer one = { "", THEN_KEEP };
        struct script_server s;
        struct ou_error err = { "" };

        snprintf(body, sizeof body, ERROR_BODY("%s"), cases[i].code);
        one.text = answer(cases[i].status, cases[i].headers, body);
        assert_int_equal(ask_script(&one, 1, put_key, &s, &err), OU_IO);
        assert_int_equal(s.asked_count, 1);
        expect_words(&err, cases[i].words);
    }
}

static void test_what_a_refusal_says_cannot_harm_a_terminal(void **state)
{
    const struct script_answer one = {
        answer(400, "", "<Error><Code>Evil</Code><Message>first&#10;second</Message></Error>"),
        THEN_KEEP
    };
    const struct script_answer no_xml = { answer(400, "", "\x1b[2J<html>"), THEN_KEEP };
    struct script_server s;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(ask_script(&one, 1, put_key, &s, &err), OU_IO);
    assert_string_equal(err.text, "PUT s3://bucket/key: Evil (400): first");
    assert_int_equal(ask_script(&no_xml, 1, put_key, &s, &err), OU_IO);
    assert_string_equal(err.text, "PUT s3://bucket/key: status 400");
}

static void test_what_may_pass_is_tried_again(void **state)
{
    const struct script_answer answers[] = {
        { answer(503, "", ERROR_BODY("SlowDown")), THEN_KEEP },
        { answer(400, "", ERROR_BODY("BadDigest")), THEN_KEEP },
        { answer(200, "ETag: \"abc\"\r\n", ""), THEN_KEEP },
    };
    const struct script_answer busy[] = {
        { answer(503, "", ERROR_BODY("SlowDown")), THEN_KEEP },
        { answer(503, "", ERROR_BODY("SlowDown")), THEN_KEEP },
        { answer(503, "", ERROR_BODY("SlowDown")), THEN_KEEP },
    };
    struct script_server s;
    struct ou_error err = { "" };

    (void)state;
    if (ask_script(answers, 3, put_key, &s, &err))
        fail_msg("%s", err.text);
    assert_int_equal(s.asked_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_non_null(strstr(s.asked[i], "\r\n\r\ncontent"));
    assert_int_equal(ask_script(busy, 3, put_key, &s, &err), OU_IO);
    expect_words(&err, "SlowDown (503): In words; the store is busy");
}

static enum ou_status complete(struct s3 *s3, struct ou_error *err)
{
    const struct s3_part parts[] = { { "\"a\"" }, { "b" } };

    return s3_parts_complete(s3, "key", "id", parts, 2, err);
}

static void test_a_failure_may_come_in_a_good_reply(void **state)
{
    const struct script_answer answers[] = {
        { answer(200, "", ERROR_BODY("InternalError")), THEN_KEEP },
        { answer(200, "", "<CompleteMultipartUploadResult/>"), THEN_KEEP },
    };
    const struct script_answer failing[] = {
        { answer(200, "", ERROR_BODY("InvalidPart")), THEN_KEEP },
        { answer(200, "", ERROR_BODY("InvalidPart")), THEN_KEEP },
        { answer(200, "", ERROR_BODY("InvalidPart")), THEN_KEEP },
    };
    struct script_server s;
    struct ou_error err = { "" };

    (void)state;
    if (ask_script(answers, 2, complete, &s, &err))
        fail_msg("%s", err.text);
    assert_non_null(strstr(s.asked[1],
                           "<Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag>"
                           "</Part><Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;"));
    assert_int_equal(ask_script(failing, 3, complete, &s, &err), OU_IO);
    expect_words(&err, "InvalidPart (500)");
}

static void test_an_upload_that_is_no_more_was_ended_when_the_object_has_its_parts(void **state)
{
    const struct script_answer ended[] = {
        { answer(404, "", ERROR_BODY("NoSuchUpload")), THEN_KEEP },
        { answer(200, "ETag: \"abc-2\"\r\n", ""), THEN_KEEP },
    };
    const struct script_answer another[] = {
        { answer(404, "", ERROR_BODY("NoSuchUpload")), THEN_KEEP },
        { answer(200, "ETag: \"abc-12\"\r\n", ""), THEN_KEEP },
    };
    const struct script_answer aborted[] = {
        { answer(404, "", ERROR_BODY("NoSuchUpload")), THEN_KEEP },
        { answer(404, "", ""), THEN_KEEP },
    };
    struct script_server s;
    struct ou_error err = { "" };

    (void)state;
    if (ask_script(ended, 2, complete, &s, &err))
        fail_msg("%s", err.text);
    assert_int_equal(strncmp(s.asked[1], "HEAD /bucket/key ", 17), 0);
    assert_int_equal(ask_script(another, 2, complete, &s, &err), OU_IO);
    expect_words(&err, "NoSuchUpload (404)");
    assert_int_equal(ask_script(aborted, 2, complete, &s, &err), OU_IO);
    expect_words(&err, "NoSuchUpload (404)");
}

static enum ou_status head(struct s3 *s3, struct ou_error *err)
{
    char etag[S3_ETAG_ROOM];
    uint64_t bytes;
    int64_t server_ns;

    return s3_head(s3, "key", &bytes, etag, &server_ns, err);
}

/* Bytes 2 to 4, of which two find room. */
static enum ou_status get_middle(struct s3 *s3, struct ou_error *err)
{
    struct buffer got;
    enum ou_status status;

    buffer_init(&got, allocator_libc(), 2);
    status = s3_get_range(s3, "key", 2, 3, &got, err);
    buffer_release(&got);
    return status;
}

static enum ou_status begin_parts(struct s3 *s3, struct ou_error *err)
{
    char upload[64];

    return s3_parts_begin(s3, "key", upload, sizeof upload, err);
}

static enum ou_status complete_strange(struct s3 *s3, struct ou_error *err)
{
    return s3_parts_complete(s3, "key", "upload", &(struct s3_part){ "a<b" }, 1, err);
}

static enum ou_status complete_nothing(struct s3 *s3, struct ou_error *err)
{
    return s3_parts_complete(s3, "key", "upload", NULL, 0, err);
}

static void test_what_a_store_leaves_unsaid_is_told(void **state)
{
    static const struct {
        const char *answer; /* NULL: nothing is asked */
        enum ou_status (*ask)(struct s3 *s3, struct ou_error *err);
        enum ou_status status;
        const char *words;
    } cases[] = {
        { "HTTP/1.1 200 OK\r\nETag: \"a\"\r\n\r\n", head, OU_IO, "does not say how large" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nllo", get_middle, OU_IO,
          "cannot send a part" },
        { "HTTP/1.1 206 Part\r\nContent-Length: 2\r\n\r\nll", get_middle, OU_IO,
          "2 bytes came instead of 3" },
        { "HTTP/1.1 206 Part\r\nContent-Length: 3\r\n\r\nllo", get_middle, OU_TOO_LARGE,
          "no room" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>", begin_parts, OU_IO,
          "gave no name to the upload" },
        { NULL, complete_strange, OU_INVALID, "part 1 has an ETag that can be none" },
        { NULL, complete_nothing, OU_USAGE, "1 to 10000 parts" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct script_answer answers[] = { { cases[i].answer, THEN_KEEP } };
        struct script_server s;
        struct ou_error err = { "" };

        assert_int_equal(ask_script(answers, cases[i].answer != NULL, cases[i].ask, &s, &err),
                         cases[i].status);
        expect_words(&err, cases[i].words);
    }
}

static enum ou_status get_hello(struct s3 *s3, struct ou_error *err)
{
    struct buffer got;
    bool changed;
    enum ou_status status;

    buffer_init(&got, allocator_libc(), 64);
    status = s3_get(s3, "key", "", &got, &changed, NULL, err);
    if (!status)
        assert_string_equal(buffer_string(&got), "hello");
    buffer_release(&got);
    return status;
}

/* SHA-256 of "hello". */
#define HELLO_LINE \
    S3_HASH_HEADER ": 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\r\n"

static void test_content_that_was_damaged_is_fetched_again(void **state)
{
    const struct script_answer answers[] = {
        { answer(200, HELLO_LINE, "hellO"), THEN_KEEP },
        { answer(200, HELLO_LINE, "hello"), THEN_KEEP },
    };
    const struct script_answer damaged[] = {
        { answer(200, HELLO_LINE, "hellO"), THEN_KEEP },
        { answer(200, HELLO_LINE, "hell"), THEN_KEEP },
        { answer(200, HELLO_LINE, ""), THEN_KEEP },
    };
    struct script_server s;
    struct ou_error err = { "" };

    (void)state;
    if (ask_script(answers, 2, get_hello, &s, &err))
        fail_msg("%s", err.text);
    assert_int_equal(ask_script(damaged, 3, get_hello, &s, &err), OU_IO);
    expect_words(&err, "damaged on its way");
}

/* ---- lists ---- */

struct seen {
    char keys[256];
    unsigned count;
};

static bool note_key(void *context, const struct s3_object *object)
{
    struct seen *seen = context;
    size_t len = strlen(seen->keys);

    snprintf(seen->keys + len, sizeof seen->keys - len, "%s|", object->key);
    seen->count++;
    return true;
}

static enum ou_status read_list(const char *text, struct seen *ret, bool *ret_more, char *ret_next,
                                struct ou_error *err)
{
    *ret = (struct seen){ 0 };
    return s3_read_list(span_of(text), "a/", note_key, ret, ret_more, ret_next, err);
}

#define LIST(text) "<ListBucketResult xmlns=\"x\">" text "</ListBucketResult>"
#define CONTENTS(key) "<Contents><Key>" key "</Key><Size>1</Size></Contents>"

static void test_a_list_is_read(void **state)
{
    struct seen seen;
    bool more;
    char next[S3_TOKEN_ROOM];
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(
        read_list(LIST(CONTENTS("a/%2B+%C3%A4") CONTENTS(
                      "a/2%25") "<IsTruncated>true"
                                "</IsTruncated><NextContinuationToken>t&amp;2"
                                "</NextContinuationToken><EncodingType>url</EncodingType>"),
                  &seen, &more, next, &err),
        OU_OK);
    assert_string_equal(seen.keys, "a/+ \xc3\xa4|a/2%|");
    assert_true(more);
    assert_string_equal(next, "t&2");
    assert_int_equal(read_list(LIST(CONTENTS("a/%2B+")), &seen, &more, next, &err), OU_OK);
    assert_string_equal(seen.keys, "a/%2B+|"); /* it did not say that it is encoded */
    assert_false(more);
    assert_int_equal(read_list("<p:ListBucketResult xmlns:p=\"x\"><p:Contents><p:Key>a/b</p:Key>"
                               "</p:Contents></p:ListBucketResult>",
                               &seen, &more, next, &err),
                     OU_OK);
    assert_string_equal(seen.keys, "a/b|");
}

static void test_a_list_that_cannot_be_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "no XML",
        "<ListBucketResult>",
        LIST(CONTENTS("b/other")),
        LIST("<Contents><Size>1</Size></Contents>"),
        LIST("<Contents><Key>a/b</Key><Size>-1</Size></Contents>"),
        LIST("<EncodingType>url</EncodingType>" CONTENTS("a/%00")),
        LIST("<EncodingType>url</EncodingType>" CONTENTS("a/%4")),
        LIST("<EncodingType>url</EncodingType>" CONTENTS("a/%0A")),
        LIST("<IsTruncated>true</IsTruncated>"),
        "<!DOCTYPE x [<!ENTITY e \"a/\">]>" LIST(CONTENTS("&e;b")),
        "<a><a><a><a><a><a><a><a><a>x</a></a></a></a></a></a></a></a></a>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct seen seen;
        bool more;
        char next[S3_TOKEN_ROOM];
        struct ou_error err = { "" };

        if (read_list(texts[i], &seen, &more, next, &err) != OU_INVALID)
            fail_msg("taken: %s", texts[i]);
    }
}

static enum ou_status list_all(struct s3 *s3, struct ou_error *err)
{
    struct seen seen = { 0 };

    return s3_list(s3, "a/", note_key, &seen, err);
}

static void test_a_list_without_an_end_is_given_up(void **state)
{
    static const char page[] = LIST("<IsTruncated>true</IsTruncated><NextContinuationToken>again"
                                    "</NextContinuationToken>" CONTENTS("a/b"));
    const struct script_answer answers[] = {
        { answer(200, "", page), THEN_KEEP },
        { answer(200, "", page), THEN_KEEP },
    };
    struct script_server s;
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(ask_script(answers, 2, list_all, &s, &err), OU_INVALID);
    expect_words(&err, "no end");
    assert_non_null(strstr(s.asked[1], "continuation-token=again"));
}

/* ---- URLs that a hash is signed into ---- */

static enum ou_status sign_part_twice(struct s3 *s3, struct ou_error *err)
{
    char hash[SHA256_HEX];
    struct buffer url;
    enum ou_status status;

    sha256_hex(span_of("content"), hash);
    buffer_init(&url, allocator_libc(), 1 << 16);
    assert_int_equal(s3_presign(s3, "PUT", "key", "up", 1, hash, 60, &url, err), OU_IO);
    expect_words(err, "SlowDown (503): In words; the store is busy");
    assert_int_equal(url.len, 0);
    assert_int_equal(s3->url_hash, URL_HASH_UNKNOWN);
    status = s3_presign(s3, "PUT", "key", "up", 1, hash, 60, &url, err);
    assert_int_equal(s3->url_hash, URL_HASH_UNSIGNED);
    buffer_release(&url);
    return status;
}

static void test_a_store_that_is_busy_does_not_tell_what_it_takes_to_be_signed(void **state)
{
    const struct script_answer answers[] = {
        { answer(503, "", ERROR_BODY("SlowDown")), THEN_KEEP },
        { answer(503, "", ERROR_BODY("SlowDown")), THEN_KEEP },
        { answer(503, "", ERROR_BODY("SlowDown")), THEN_KEEP },
        { answer(403, "", ERROR_BODY("SignatureDoesNotMatch")), THEN_KEEP },
    };
    struct script_server s;
    struct ou_error err = { "" };

    (void)state;
    if (ask_script(answers, 4, sign_part_twice, &s, &err))
        fail_msg("%s", err.text);
    assert_int_equal(s.asked_count, 4);
}

/* ---- credentials of the hour ---- */

#define DOCUMENT(key, year)                                                       \
    "{\"AccessKeyId\":\"" key "\",\"SecretAccessKey\":\"of-the-hour\",\"Token\":" \
    "\"session\",\"Expiration\":\"" year "-01-01T00:00:00Z\"}"

static void test_an_instances_credentials_are_renewed_before_they_expire(void **state)
{
    const struct script_answer service[] = {
        { answer(200, "", "TOKEN"), THEN_KEEP },
        { answer(200, "", "role"), THEN_KEEP },
        { answer(200, "", DOCUMENT("FIRST", "2020")), THEN_CLOSE },
        { answer(200, "", "TOKEN"), THEN_KEEP },
        { answer(200, "", "role"), THEN_KEEP },
        { answer(200, "", DOCUMENT("SECOND", "2100")), THEN_CLOSE },
    };
    const struct script_answer store = { answer(200, "", ""), THEN_KEEP };
    struct script_server instance, bucket;
    struct s3_place place;
    struct s3 *s3;
    struct ou_error err = { "" };

    (void)state;
    script_server_start(&instance, service, 6);
    script_server_start(&bucket, &store, 1);
    place = a_place(bucket.url);
    place.credentials = (struct credentials_options){ .source = CREDENTIALS_INSTANCE,
                                                      .instance_endpoint = instance.url };
    s3 = open_store(&place);
    if (put_key(s3, &err))
        fail_msg("%s", err.text);
    script_server_end(&bucket);
    script_server_end(&instance);
    s3_close(s3);
    assert_int_equal(instance.asked_count, 6);
    assert_non_null(strstr(bucket.asked[0], "Credential=SECOND/"));
    assert_non_null(strstr(bucket.asked[0], "\r\nx-amz-security-token: session\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_host_is_the_regions_or_the_endpoints),
        cmocka_unit_test(test_a_place_that_cannot_be_is_refused),
        cmocka_unit_test(test_clear_text_may_be_allowed),
        cmocka_unit_test(test_a_refusal_says_what_to_do),
        cmocka_unit_test(test_what_a_refusal_says_cannot_harm_a_terminal),
        cmocka_unit_test(test_what_may_pass_is_tried_again),
        cmocka_unit_test(test_a_failure_may_come_in_a_good_reply),
        cmocka_unit_test(test_an_upload_that_is_no_more_was_ended_when_the_object_has_its_parts),
        cmocka_unit_test(test_content_that_was_damaged_is_fetched_again),
        cmocka_unit_test(test_a_list_is_read),
        cmocka_unit_test(test_what_a_store_leaves_unsaid_is_told),
        cmocka_unit_test(test_a_list_that_cannot_be_is_refused),
        cmocka_unit_test(test_a_list_without_an_end_is_given_up),
        cmocka_unit_test(test_a_store_that_is_busy_does_not_tell_what_it_takes_to_be_signed),
        cmocka_unit_test(test_an_instances_credentials_are_renewed_before_they_expire),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
