/* The examples that AWS publishes with its description of the signature ("Signature Calculations for the Authorization
 * Header", "Authenticating Requests: Using Query Parameters"), which name request, key, time and result. */
#include "storage/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "support/files.h"
#include "support/test.h"

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define AT_NS (INT64_C(1369353600) * NS_PER_SECOND) /* 2013-05-24T00:00:00Z */
#define HOST "examplebucket.s3.amazonaws.com"

static const struct s3_credentials EXAMPLE = {
    .access_key = "AKIAIOSFODNN7EXAMPLE",
    .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
static const struct sigv4_scope SCOPE = { &EXAMPLE, "us-east-1", "s3", AT_NS };

/* The header lines as one text, a newline behind each; to be released. */
static char *headers_of(const struct sigv4_request *request, const struct sigv4_scope *scope)
{
    struct buffer out;
    struct ou_error err = { "" };
    char *ret;

    buffer_init(&out, allocator_libc(), 1 << 20);
    if (sigv4_headers(request, scope, &out, &err))
        fail_msg("%s", err.text);
    ret = malloc(out.len + 1);
    assert_non_null(ret);
    for (size_t i = 0; i <= out.len; i++)
        ret[i] = out.at[i] || i == out.len ? out.at[i] : '\n';
    buffer_release(&out);
    return ret;
}

static void expect_line(const struct sigv4_request *request, const char *line)
{
    char *lines = headers_of(request, &SCOPE);

    if (!strstr(lines, line))
        fail_msg("no %s in %s", line, lines);
    free(lines);
}

static void test_a_get_with_a_range_is_signed_as_published(void **state)
{
    const struct sigv4_pair range = { "range", "bytes=0-9" };
    const struct sigv4_request request = {
        .method = "GET",
        .host = HOST,
        .path = "/test.txt",
        .headers = &range,
        .header_count = 1,
        .payload_sha256 = EMPTY_SHA256,
    };

    (void)state;
    expect_line(&request,
                "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/"
                "us-east-1/s3/aws4_request,SignedHeaders=host;range;"
                "x-amz-content-sha256;x-amz-date,Signature="
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41\n");
    expect_line(&request, "x-amz-date: 20130524T000000Z\n");
    expect_line(&request, "x-amz-content-sha256: " EMPTY_SHA256 "\n");
}

static void test_a_put_is_signed_as_published(void **state)
{
    const struct sigv4_pair headers[] = { { "x-amz-storage-class", "REDUCED_REDUNDANCY" },
                                          { "date", "Fri, 24 May 2013 00:00:00 GMT" } };
    char hash[SHA256_HEX];
    struct sigv4_request request = {
        .method = "PUT",
        .host = HOST,
        .path = "/test$file.text",
        .headers = headers,
        .header_count = 2,
        .payload_sha256 = hash,
    };

    (void)state;
    sha256_hex(span_of("Welcome to Amazon S3."), hash);
    assert_string_equal(hash, "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
    expect_line(&request, ",SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;"
                          "x-amz-storage-class,Signature="
                          "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd\n");
}

static void test_a_query_without_a_value_is_signed_as_published(void **state)
{
    const struct sigv4_pair query = { "lifecycle", "" };
    const struct sigv4_request request = {
        .method = "GET",
        .host = HOST,
        .path = "/",
        .query = &query,
        .query_count = 1,
        .payload_sha256 = EMPTY_SHA256,
    };

    (void)state;
    expect_line(&request, "Signature="
                          "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543\n");
}

static void test_a_list_is_signed_as_published_in_any_order(void **state)
{
    const struct sigv4_pair query[] = { { "prefix", "J" }, { "max-keys", "2" } };
    const struct sigv4_pair other[] = { { "max-keys", "2" }, { "prefix", "J" } };
    struct sigv4_request request = {
        .method = "GET",
        .host = HOST,
        .path = "/",
        .query = query,
        .query_count = 2,
        .payload_sha256 = EMPTY_SHA256,
    };
    const char *line = "Signature="
                       "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7\n";

    (void)state;
    expect_line(&request, line);
    request.query = other;
    expect_line(&request, line);
}

static char *presigned(const struct sigv4_request *request, const struct sigv4_scope *scope)
{
    struct buffer out;
    struct ou_error err = { "" };

    buffer_init(&out, allocator_libc(), 1 << 20);
    if (sigv4_presign(request, scope, 86400, &out, &err))
        fail_msg("%s", err.text);
    return out.at; /* from malloc() */
}

static void test_a_url_is_presigned_as_published(void **state)
{
    const struct sigv4_request request = {
        .method = "GET",
        .host = HOST,
        .path = "/test.txt",
        .payload_sha256 = SIGV4_UNSIGNED,
    };
    char *target = presigned(&request, &SCOPE);

    (void)state;
    assert_string_equal(
        target,
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
        "20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&"
        "X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    free(target);
}

static void test_a_presigned_url_names_token_and_signed_headers(void **state)
{
    struct s3_credentials credentials = EXAMPLE;
    struct sigv4_scope scope = SCOPE;
    const struct sigv4_pair hash = { "x-amz-content-sha256", EMPTY_SHA256 };
    const struct sigv4_pair query[] = { { "uploadId", "a/b+c" }, { "partNumber", "1" } };
    const struct sigv4_request request = {
        .method = "PUT",
        .host = HOST,
        .path = "/k",
        .headers = &hash,
        .header_count = 1,
        .query = query,
        .query_count = 2,
        .payload_sha256 = EMPTY_SHA256,
    };
    char *target;

    (void)state;
    snprintf(credentials.session_token, sizeof credentials.session_token, "t/k=");
    scope.credentials = &credentials;
    target = presigned(&request, &scope);
    assert_non_null(strstr(target, "&X-Amz-Security-Token=t%2Fk%3D&"));
    assert_non_null(strstr(target, "&X-Amz-SignedHeaders=host%3Bx-amz-content-sha256&"));
    assert_non_null(strstr(target, "&partNumber=1&uploadId=a%2Fb%2Bc&"));
    free(target);
}

static void test_a_session_token_is_signed_and_sent(void **state)
{
    struct s3_credentials credentials = EXAMPLE;
    struct sigv4_scope scope = SCOPE;
    const struct sigv4_request request = {
        .method = "GET",
        .host = HOST,
        .path = "/",
        .payload_sha256 = EMPTY_SHA256,
    };
    char *lines;

    (void)state;
    snprintf(credentials.session_token, sizeof credentials.session_token, "token");
    scope.credentials = &credentials;
    lines = headers_of(&request, &scope);
    assert_non_null(strstr(lines, "x-amz-security-token: token\n"));
    assert_non_null(strstr(lines, ";x-amz-date;x-amz-security-token,"));
    free(lines);
}

static void test_what_a_path_may_have_is_encoded_once(void **state)
{
    const struct sigv4_pair query[] = { { "prefix", "a b/\xc3\xa4" }, { "list-type", "2" } };
    const struct sigv4_request request = {
        .method = "GET",
        .host = HOST,
        .path = "/a b/+=:()!*'%/../\xc3\xa4~",
        .query = query,
        .query_count = 2,
        .payload_sha256 = EMPTY_SHA256,
    };
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 4096);
    sigv4_target(&request, &out);
    assert_string_equal(buffer_string(&out),
                        "/a%20b/%2B%3D%3A%28%29%21%2A%27%25/../%C3%A4~?list-type=2&"
                        "prefix=a%20b%2F%C3%A4");
    buffer_release(&out);
}

/* "~" stays and is above letters; "\x7f" becomes "%7F" and is below them. */
static void test_pairs_are_sorted_by_what_is_sent(void **state)
{
    const struct sigv4_pair query[] = { { "~", "" },   { "b", "2" }, { "\x7f", "" },
                                        { "b", "10" }, { "B", "" },  { "b-", "" } };
    const struct sigv4_request request = { .path = "/", .query = query, .query_count = 6 };
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 4096);
    sigv4_target(&request, &out);
    assert_string_equal(buffer_string(&out), "/?%7F=&B=&b=10&b=2&b-=&~=");
    buffer_release(&out);
}

static void test_what_cannot_be_signed_is_refused(void **state)
{
    struct sigv4_pair query[SIGV4_PAIRS_MAX];
    struct sigv4_request request = {
        .method = "GET", .host = HOST, .path = "/", .payload_sha256 = EMPTY_SHA256
    };
    struct sigv4_scope scope = SCOPE;
    struct buffer out;
    struct ou_error err = { "" };

    (void)state;
    buffer_init(&out, allocator_libc(), 4096);
    assert_int_equal(sigv4_presign(&request, &scope, 0, &out, &err), OU_USAGE);
    assert_int_equal(sigv4_presign(&request, &scope, 604801, &out, &err), OU_USAGE);
    scope.at_ns = TIME_NONE;
    assert_int_equal(sigv4_headers(&request, &scope, &out, &err), OU_INVALID);
    for (size_t i = 0; i < SIGV4_PAIRS_MAX; i++)
        query[i] = (struct sigv4_pair){ "a", "" };
    request.query = query;
    request.query_count = SIGV4_PAIRS_MAX;
    assert_int_equal(sigv4_headers(&request, &SCOPE, &out, &err), OU_TOO_LARGE);
    assert_int_equal(out.len, 0);
    buffer_release(&out);
}

/* FIPS 180-4's "abc". */
static void test_a_part_of_a_file_is_hashed(void **state)
{
    struct temp_dir dir;
    char hash[SHA256_HEX];
    FILE *f;
    struct ou_error err = { "" };

    (void)state;
    temp_dir_make(&dir);
    f = fopen(temp_file(&dir, "f", "..abc.."), "r");
    assert_non_null(f);
    assert_int_equal(sha256_of_file(fileno(f), 2, 3, "f", hash, &err), OU_OK);
    assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(sha256_of_file(fileno(f), 2, 6, "f", hash, &err), OU_IO);
    assert_int_equal(sha256_of_file(fileno(f), 7, 0, "f", hash, &err), OU_OK);
    assert_string_equal(hash, EMPTY_SHA256);
    fclose(f);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_get_with_a_range_is_signed_as_published),
        cmocka_unit_test(test_a_put_is_signed_as_published),
        cmocka_unit_test(test_a_query_without_a_value_is_signed_as_published),
        cmocka_unit_test(test_a_list_is_signed_as_published_in_any_order),
        cmocka_unit_test(test_a_url_is_presigned_as_published),
        cmocka_unit_test(test_a_presigned_url_names_token_and_signed_headers),
        cmocka_unit_test(test_a_session_token_is_signed_and_sent),
        cmocka_unit_test(test_what_a_path_may_have_is_encoded_once),
        cmocka_unit_test(test_pairs_are_sorted_by_what_is_sent),
        cmocka_unit_test(test_what_cannot_be_signed_is_refused),
        cmocka_unit_test(test_a_part_of_a_file_is_hashed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
