/* Single objects, and the bucket itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "storage/s3_private.h"

#define NUMBER_ROOM 24

void s3_copy_etag(struct span etag, char ret[S3_ETAG_ROOM])
{
    if (etag.len >= 2 && etag.at[0] == '"' && etag.at[etag.len - 1] == '"')
        etag = (struct span){ etag.at + 1, etag.len - 2 };
    if (etag.len >= S3_ETAG_ROOM)
        etag.len = 0;
    if (etag.len > 0)
        memcpy(ret, etag.at, etag.len);
    ret[etag.len] = '\0';
}

static void give_etag(const struct http_reply *reply, char *ret_etag)
{
    if (ret_etag)
        s3_copy_etag(http_reply_header(reply, "ETag"), ret_etag);
}

enum ou_status s3_put(struct s3 *s3, const char *key, struct span content, const char *type,
                      char ret_etag[S3_ETAG_ROOM], struct ou_error *err)
{
    char hash[SHA256_HEX];
    const struct sigv4_pair headers[] = {
        { "content-type", type ? type : "application/octet-stream" },
        { S3_HASH_HEADER, hash },
    };
    const struct s3_call call = {
        .method = "PUT",
        .key = key,
        .action = "s3:PutObject",
        .headers = headers,
        .header_count = 2,
        .payload_sha256 = hash,
        .transfer = { .body = content },
    };
    struct http_reply reply;
    enum ou_status status;

    sha256_hex(content, hash);
    status = s3_call(s3, &call, &reply, err);
    if (!status)
        give_etag(&reply, ret_etag);
    http_reply_release(&reply);
    return status;
}

enum ou_status s3_get(struct s3 *s3, const char *key, const char *etag, struct buffer *ret,
                      bool *ret_changed, char ret_etag[S3_ETAG_ROOM], struct ou_error *err)
{
    char quoted[S3_ETAG_ROOM + 2];
    const struct sigv4_pair headers[] = { { "if-none-match", quoted } };
    const struct s3_call call = {
        .method = "GET",
        .key = key,
        .action = "s3:GetObject",
        .headers = headers,
        .header_count = *etag ? 1 : 0,
        .transfer = { .body_max = ret->max - ret->len },
        .also_good = *etag ? 304 : 0,
    };
    struct http_reply reply;
    enum ou_status status;

    snprintf(quoted, sizeof quoted, "\"%s\"", etag);
    status = s3_call(s3, &call, &reply, err);
    if (!status) {
        *ret_changed = reply.status != 304;
        if (*ret_changed) {
            buffer_append(ret, reply.body.at, reply.body.len);
            give_etag(&reply, ret_etag);
        }
        status = buffer_status(ret) ? ou_fail(err, buffer_status(ret), "%s: no room", key) : OU_OK;
    }
    http_reply_release(&reply);
    return status;
}

enum ou_status s3_get_range(struct s3 *s3, const char *key, uint64_t from, uint64_t bytes,
                            struct buffer *ret, struct ou_error *err)
{
    char range[2 * NUMBER_ROOM + 8];
    const struct sigv4_pair headers[] = { { "range", range } };
    const struct s3_call call = {
        .method = "GET",
        .key = key,
        .action = "s3:GetObject",
        .headers = headers,
        .header_count = 1,
        .transfer = { .body_max = (size_t)bytes },
    };
    struct http_reply reply;
    enum ou_status status;

    if (bytes == 0)
        return OU_OK;
    snprintf(range, sizeof range, "bytes=%llu-%llu", (unsigned long long)from,
             (unsigned long long)(from + bytes - 1));
    status = s3_call(s3, &call, &reply, err);
    if (!status && reply.status != 206)
        status = ou_fail(err, OU_IO, "%s: the store cannot send a part of it", key);
    if (!status && reply.body.len != bytes)
        status = ou_fail(err, OU_IO, "%s: %zu bytes came instead of %llu: it is shorter", key,
                         reply.body.len, (unsigned long long)bytes);
    if (!status) {
        buffer_append(ret, reply.body.at, reply.body.len);
        status = buffer_status(ret) ? ou_fail(err, buffer_status(ret), "%s: no room", key) : OU_OK;
    }
    http_reply_release(&reply);
    return status;
}

/* Digits alone, or nothing that can be believed. */
static bool read_number(struct span text, uint64_t *ret)
{
    *ret = 0;
    if (text.len == 0 || text.len > 19)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        *ret = 10 * *ret + (uint64_t)(text.at[i] - '0');
    }
    return true;
}

enum ou_status s3_head(struct s3 *s3, const char *key, uint64_t *ret_bytes,
                       char ret_etag[S3_ETAG_ROOM], int64_t *ret_server_ns, struct ou_error *err)
{
    const struct s3_call call = { .method = "HEAD", .key = key, .action = "s3:GetObject" };
    struct http_reply reply;
    enum ou_status status = s3_call(s3, &call, &reply, err);

    if (!status && !read_number(http_reply_header(&reply, "Content-Length"), ret_bytes))
        status = ou_fail(err, OU_IO, "%s: the store does not say how large it is", key);
    if (!status)
        give_etag(&reply, ret_etag);
    *ret_server_ns = http_reply_date_ns(&reply);
    http_reply_release(&reply);
    return status;
}

enum ou_status s3_delete(struct s3 *s3, const char *key, struct ou_error *err)
{
    const struct s3_call call = { .method = "DELETE", .key = key, .action = "s3:DeleteObject" };
    struct http_reply reply;
    struct s3_refusal refusal;
    enum ou_status status = s3_call(s3, &call, &reply, err);

    /* AWS says 204 of what is not there, others say so; a bucket that is not there is a mistake. */
    if (status == OU_NOT_FOUND) {
        s3_read_refusal(&reply, &refusal);
        if (strcmp(refusal.code, "NoSuchBucket") != 0)
            status = OU_OK;
    }
    http_reply_release(&reply);
    return status;
}

enum ou_status s3_make_bucket(struct s3 *s3, struct ou_error *err)
{
    char text[256] = "";
    struct s3_call call = { .method = "PUT", .action = "s3:CreateBucket" };
    struct http_reply reply;
    struct s3_refusal refusal;
    enum ou_status status;

    if (strcmp(s3->region, "us-east-1") != 0) /* which cannot be named */
        snprintf(text, sizeof text,
                 "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                 "<LocationConstraint>%s</LocationConstraint></CreateBucketConfiguration>",
                 s3->region);
    call.transfer.body = span_of(text);
    status = s3_call(s3, &call, &reply, err);
    if (status && reply.status == 409) {
        s3_read_refusal(&reply, &refusal);
        if (strcmp(refusal.code, "BucketAlreadyOwnedByYou") == 0)
            status = OU_OK;
    }
    http_reply_release(&reply);
    return status;
}
