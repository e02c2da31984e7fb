/* URLs for others. Of content whose hash is known beforehand the hash is signed, too. What a store takes for the signed text then is
 * not the same everywhere: most put the header's hash into it, as with signed headers; some always "UNSIGNED-PAYLOAD", as of other
 * URLs. A harmless request that is signed in the first way tells. */
#include <stdio.h>
#include <string.h>

#include "storage/s3_private.h"

#define NUMBER_ROOM 16
#define HASH_NAME "x-amz-content-sha256"

static enum ou_status write_url(struct s3 *s3, struct sigv4_request *request, const char *key,
                                uint32_t expires_s, struct buffer *ret, struct ou_error *err)
{
    const struct sigv4_scope scope = { &s3->credentials, s3->region, "s3", s3->now_ns() };
    struct buffer path;
    enum ou_status status;

    buffer_init(&path, allocator_libc(), S3_URL_MAX);
    s3_path(s3, key, &path);
    request->host = s3->host;
    request->path = buffer_string(&path);
    buffer_printf(ret, "%s://%s", s3->is_https ? "https" : "http", s3->host);
    status = sigv4_presign(request, &scope, expires_s, ret, err);
    buffer_release(&path);
    return status;
}

static enum ou_status use_url(struct s3 *s3, const char *url, const char *line,
                              struct http_reply *ret, struct ou_error *err)
{
    const char *const headers[] = { line, NULL };
    const struct http_request request = { .method = "GET", .url = url, .headers = headers };
    struct retry retry = retry_begin(s3->policy);
    enum ou_status status;

    retry.say = s3->say;
    retry.context = s3->context;
    retry.client = s3->client;
    do
        status = http_ask(s3->client, &request, ret, err);
    while (s3_retry_again(&retry, status, ret));
    return status;
}

/* A list of one key, signed with the hash of no content. Whatever else the answer may be, a signature that does not match says that
 * the store had another text. */
static enum ou_status find_url_hash(struct s3 *s3, struct ou_error *err)
{
    char none[SHA256_HEX], line[sizeof HASH_NAME + SHA256_HEX + 2];
    const struct sigv4_pair query[] = { { "list-type", "2" }, { "max-keys", "1" } };
    const struct sigv4_pair hash = { HASH_NAME, none };
    struct sigv4_request request = {
        .method = "GET",
        .query = query,
        .query_count = 2,
        .headers = &hash,
        .header_count = 1,
        .payload_sha256 = none,
    };
    const struct s3_call call = { .method = "GET", .action = "s3:ListBucket" };
    struct http_reply reply = { 0 };
    struct s3_refusal refusal;
    struct buffer url;
    enum ou_status status;

    sha256_hex((struct span){ NULL, 0 }, none);
    snprintf(line, sizeof line, HASH_NAME ": %s", none);
    buffer_init(&url, allocator_libc(), S3_URL_MAX);
    status = write_url(s3, &request, NULL, 60, &url, err);
    if (!status)
        status = use_url(s3, buffer_string(&url), line, &reply, err);
    if (!status && retry_may_pass(status, &reply)) {
        status = s3_refused(s3, &call, &reply, err); /* it has not looked at the signature */
    } else if (!status) {
        s3_read_refusal(&reply, &refusal);
        s3->url_hash = strcmp(refusal.code, "SignatureDoesNotMatch") == 0 ? URL_HASH_UNSIGNED
                                                                          : URL_HASH_SIGNED;
    }
    http_reply_release(&reply);
    buffer_release(&url);
    return status;
}

enum ou_status s3_presign(struct s3 *s3, const char *method, const char *key, const char *upload,
                          unsigned part, const char *sha256, uint32_t expires_s, struct buffer *ret,
                          struct ou_error *err)
{
    char number[NUMBER_ROOM];
    const struct sigv4_pair query[] = { { "partNumber", number }, { "uploadId", upload } };
    const struct sigv4_pair hash = { HASH_NAME, sha256 };
    struct sigv4_request request = {
        .method = method,
        .query = query,
        .query_count = upload ? 2 : 0,
        .headers = &hash,
        .header_count = sha256 ? 1 : 0,
        .payload_sha256 = SIGV4_UNSIGNED,
    };
    enum ou_status status = s3_check_key(key, err);

    if (!status)
        status = s3_renew(s3, err);
    if (!status && sha256 && s3->url_hash == URL_HASH_UNKNOWN)
        status = find_url_hash(s3, err);
    if (status)
        return status;
    if (sha256 && s3->url_hash == URL_HASH_SIGNED)
        request.payload_sha256 = sha256;
    snprintf(number, sizeof number, "%u", part);
    return write_url(s3, &request, key, expires_s, ret, err);
}
