/* One request of a store: signed, sent, sent again where that helps, and judged. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "storage/s3_private.h"

#define LINES_MAX ((size_t)32 << 10)
#define LINE_COUNT_MAX (SIGV4_PAIRS_MAX + 8)

enum ou_status s3_check_key(const char *key, struct ou_error *err)
{
    struct span rest = span_of(key);
    uint32_t c;

    if (rest.len == 0 || rest.len > S3_KEY_BYTES_MAX)
        return ou_fail(err, OU_USAGE, "a key has 1 to %d bytes", S3_KEY_BYTES_MAX);
    while (rest.len > 0)
        if (!utf8_next(&rest, &c) || c < 0x20 || c == 0x7f)
            return ou_fail(err, OU_USAGE, "a key is UTF-8 without control characters");
    return OU_OK;
}

void s3_path(const struct s3 *s3, const char *key, struct buffer *ret)
{
    buffer_char(ret, '/');
    if (!s3->bucket_in_host) {
        buffer_text(ret, s3->bucket);
        if (key)
            buffer_char(ret, '/');
    }
    if (key)
        buffer_text(ret, key);
}

/* What is sent: a URL, and header lines one after the other, a NUL behind each. */
struct sending {
    struct buffer path, url, lines;
    const char *headers[LINE_COUNT_MAX + 1];
};

static void sending_release(struct sending *s)
{
    if (s->lines.at)
        sodium_memzero(s->lines.at, s->lines.cap); /* a session's token is in it */
    buffer_release(&s->path);
    buffer_release(&s->url);
    buffer_release(&s->lines);
}

static void point_to_lines(struct sending *s)
{
    size_t count = 0;

    for (size_t at = 0; at < s->lines.len && count < LINE_COUNT_MAX;
         at += strlen(s->lines.at + at) + 1)
        s->headers[count++] = s->lines.at + at;
    s->headers[count] = NULL;
}

static enum ou_status sign(const struct s3 *s3, const struct s3_call *call,
                           const char *payload_sha256, struct sending *ret, struct ou_error *err)
{
    const struct sigv4_scope scope = { &s3->credentials, s3->region, "s3", s3->now_ns() };
    struct sigv4_request request = {
        .method = call->method,
        .host = s3->host,
        .query = call->query,
        .query_count = call->query_count,
        .headers = call->headers,
        .header_count = call->header_count,
        .payload_sha256 = payload_sha256,
    };
    enum ou_status status;

    s3_path(s3, call->key, &ret->path);
    request.path = buffer_string(&ret->path);
    buffer_printf(&ret->url, "%s://%s", s3->is_https ? "https" : "http", s3->host);
    sigv4_target(&request, &ret->url);
    for (size_t i = 0; i < call->header_count; i++) {
        buffer_printf(&ret->lines, "%s: %s", call->headers[i].name, call->headers[i].value);
        buffer_char(&ret->lines, '\0');
    }
    status = sigv4_headers(&request, &scope, &ret->lines, err);
    if (!status && (buffer_status(&ret->url) || buffer_status(&ret->path)))
        status = ou_fail(err, OU_TOO_LARGE, "a request's URL is too long");
    if (!status)
        point_to_lines(ret);
    return status;
}

/* What our own objects say of their content is looked at when they come back whole. */
static enum ou_status check_content(struct http_reply *reply, struct ou_error *err)
{
    struct span told = http_reply_header(reply, S3_HASH_HEADER);
    char hash[SHA256_HEX];

    if (reply->status != 200 || told.len != SHA256_HEX - 1)
        return OU_OK;
    sha256_hex((struct span){ reply->body.at, reply->body.len }, hash);
    if (span_is(told, hash))
        return OU_OK;
    snprintf(reply->cause, sizeof reply->cause, "the content was damaged on its way");
    return ou_fail(err, OU_IO, "%s", reply->cause);
}

static enum ou_status ask(struct s3 *s3, const struct s3_call *call, const char *payload_sha256,
                          struct http_reply *ret, struct ou_error *err)
{
    struct http_request request = call->transfer;
    struct sending sending;
    enum ou_status status;

    buffer_init(&sending.path, allocator_libc(), S3_URL_MAX);
    buffer_init(&sending.url, allocator_libc(), S3_URL_MAX);
    buffer_init(&sending.lines, allocator_libc(), LINES_MAX);
    status = sign(s3, call, payload_sha256, &sending, err);
    if (!status) {
        request.method = call->method;
        request.url = buffer_string(&sending.url);
        request.headers = sending.headers;
        if (request.stall_s == 0)
            request.stall_s = s3->policy->stall_s;
        status = http_ask(s3->client, &request, ret, err);
    }
    sending_release(&sending);
    if (!status && strcmp(call->method, "GET") == 0 && !request.take)
        status = check_content(ret, err);
    return status;
}

/* A store that works for long begins to answer before it knows how that ends. */
static void find_late_failure(struct http_reply *reply)
{
    struct s3_refusal refusal;

    s3_read_refusal(reply, &refusal);
    if (*refusal.code)
        reply->status = 500;
}

enum ou_status s3_call(struct s3 *s3, const struct s3_call *call, struct http_reply *ret,
                       struct ou_error *err)
{
    struct retry retry = retry_begin(s3->policy);
    char hash[SHA256_HEX];
    const char *payload_sha256 = call->payload_sha256 ? call->payload_sha256 : hash;
    enum ou_status status;

    *ret = (struct http_reply){ 0 };
    if (call->key) {
        status = s3_check_key(call->key, err);
        if (status)
            return status;
    }
    if (!call->payload_sha256)
        sha256_hex(call->transfer.body, hash);
    retry.say = s3->say;
    retry.context = s3->context;
    retry.client = s3->client;
    do {
        status = s3_renew(s3, err);
        if (status)
            return status;
        status = ask(s3, call, payload_sha256, ret, err);
        if (!status && ret->status == 200 && call->fails_late)
            find_late_failure(ret);
    } while (s3_retry_again(&retry, status, ret));
    if (!status && ret->status / 100 != 2 && ret->status != call->also_good)
        status = s3_refused(s3, call, ret, err);
    return status;
}
