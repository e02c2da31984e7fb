#include <stdio.h>

#include "storage/s3_private.h"
#include "storage/transfer_inside.h"

/* ---- replies ---- */

static const char *advice_for(int status, const struct s3_refusal *refusal)
{
    if (s3_refusal_may_pass(refusal))
        return ": each time it was tried";
    switch (status) {
    case 400:
    case 401:
    case 403:
        return ": the URL has expired, was made for another request, or its maker may not do this";
    case 404: return ": it is not there (any more)";
    case 412: return ": it was changed meanwhile";
    default: return status >= 300 && status < 400 ? ": a redirect, which is not followed" : "";
    }
}

enum ou_status transfer_fail_reply(const char *method, const char *url,
                                   const struct http_reply *reply, struct ou_error *err)
{
    char shown[TRANSFER_SHOWN_ROOM];
    struct s3_refusal refusal;

    http_url_shown(url, shown, sizeof shown);
    s3_read_refusal(reply, &refusal);
    return ou_fail(err, reply->status == 404 ? OU_NOT_FOUND : OU_IO, "%s %s: %d%s%s%s", method,
                   shown, reply->status, *refusal.code ? " " : "", refusal.code,
                   advice_for(reply->status, &refusal));
}

/* ---- small things ---- */

/* Asks as often as the policy wants it. OU_OK: there is a reply, whatever its status. */
static enum ou_status ask(struct http_client *client, const struct retry_policy *policy,
                          struct http_request *request, struct http_reply *ret,
                          struct ou_error *err)
{
    struct retry retry = retry_begin(policy);
    enum ou_status status;

    retry.client = client;
    request->stall_s = policy->stall_s;
    do
        status = http_ask(client, request, ret, err);
    while (s3_retry_again(&retry, status, ret));
    return status;
}

static enum ou_status take_small(const char *url, const struct http_reply *reply,
                                 struct buffer *ret, bool *ret_changed, char *ret_etag,
                                 int64_t *ret_server_ns, struct ou_error *err)
{
    if (ret_server_ns)
        *ret_server_ns = http_reply_date_ns(reply);
    if (reply->status != 200 && reply->status != 304)
        return transfer_fail_reply("GET", url, reply, err);
    *ret_changed = reply->status == 200;
    if (!*ret_changed)
        return OU_OK;
    s3_copy_etag(http_reply_header(reply, "ETag"), ret_etag);
    buffer_append(ret, reply->body.at, reply->body.len);
    return buffer_status(ret) ? ou_fail(err, buffer_status(ret), "keep an answer: %s",
                                        ou_status_name(buffer_status(ret)))
                              : OU_OK;
}

enum ou_status transfer_get_small(struct http_client *client, const struct retry_policy *policy,
                                  const char *url, const char *etag, struct buffer *ret,
                                  bool *ret_changed, char *ret_etag, int64_t *ret_server_ns,
                                  struct ou_error *err)
{
    char unless[S3_ETAG_ROOM + 32];
    const char *const headers[] = { *etag ? unless : NULL, NULL };
    struct http_request request = {
        .method = "GET", .url = url, .headers = headers, .body_max = ret->max - ret->len
    };
    struct http_reply reply = { 0 };
    enum ou_status status;

    (void)snprintf(unless, sizeof unless, "If-None-Match: \"%s\"", etag);
    if (ret->len == ret->max)
        return ou_fail(err, OU_TOO_LARGE, "there is no room for what is to be fetched");
    status = ask(client, policy, &request, &reply, err);
    if (!status)
        status = take_small(url, &reply, ret, ret_changed, ret_etag, ret_server_ns, err);
    http_reply_release(&reply);
    return status;
}

static enum ou_status put(struct http_client *client, const struct retry_policy *policy,
                          struct http_request *request, char *ret_etag, struct ou_error *err)
{
    struct http_reply reply = { 0 };
    enum ou_status status = ask(client, policy, request, &reply, err);

    if (!status && (reply.status < 200 || reply.status > 299))
        status = transfer_fail_reply("PUT", request->url, &reply, err);
    if (!status && ret_etag)
        s3_copy_etag(http_reply_header(&reply, "ETag"), ret_etag);
    if (!status && ret_etag && !*ret_etag)
        status = ou_fail(err, OU_IO, "a part was sent, and the store told no ETag of it");
    http_reply_release(&reply);
    return status;
}

enum ou_status transfer_put(struct http_client *client, const struct retry_policy *policy,
                            const char *url, struct span content, struct ou_error *err)
{
    struct http_request request = { .method = "PUT", .url = url, .body = content };

    return put(client, policy, &request, NULL, err);
}

enum ou_status transfer_put_part(struct http_client *client, const struct retry_policy *policy,
                                 const char *url, int fd, uint64_t offset, uint64_t bytes,
                                 const char sha256[SHA256_HEX], char *ret_etag,
                                 struct ou_error *err)
{
    char hash[SHA256_HEX + 32];
    const char *const headers[] = { sha256 ? hash : NULL, NULL };
    struct http_request request = { .method = "PUT",
                                    .url = url,
                                    .headers = headers,
                                    .with_file = true,
                                    .body_fd = fd,
                                    .body_offset = offset,
                                    .body_bytes = bytes };

    (void)snprintf(hash, sizeof hash, "x-amz-content-sha256: %s", sha256 ? sha256 : "");
    return put(client, policy, &request, ret_etag, err);
}
