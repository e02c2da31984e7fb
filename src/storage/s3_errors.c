/* What a store's refusals mean, and what to do about them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/utf8.h"
#include "storage/s3_private.h"

#define ADVICE_ROOM 512

/* ---- what it says ---- */

/* Up to the first control character: it is shown on a terminal. */
static void copy_shown(const char *text, char *ret, size_t room)
{
    struct span rest = span_of(text), before;
    uint32_t c;

    do
        before = rest;
    while (rest.len > 0 && utf8_next(&rest, &c) && c >= 0x20 && !(c >= 0x7f && c < 0xa0) &&
           (size_t)(rest.at - text) < room);
    snprintf(ret, room, "%.*s", (int)(before.at - text), text);
}

static bool note_leaf(void *context, const char *parent, const char *name, const char *text)
{
    struct s3_refusal *r = context;

    if (strcmp(parent, "Error") != 0)
        return true;
    if (strcmp(name, "Code") == 0)
        copy_shown(text, r->code, sizeof r->code);
    else if (strcmp(name, "Message") == 0)
        copy_shown(text, r->message, sizeof r->message);
    else if (strcmp(name, "Region") == 0)
        copy_shown(text, r->region, sizeof r->region);
    return true;
}

void s3_read_refusal(const struct http_reply *reply, struct s3_refusal *ret)
{
    const struct s3_xml xml = { .leaf = note_leaf, .context = ret };
    struct span region = http_reply_header(reply, "x-amz-bucket-region");

    *ret = (struct s3_refusal){ .code = "" };
    if (s3_xml_read((struct span){ reply->body.at, reply->body.len }, &xml, NULL))
        *ret = (struct s3_refusal){ .code = "" }; /* nothing of what is no XML to its end */
    if (!*ret->region && region.len > 0 && region.len < sizeof ret->region) {
        char text[S3_REGION_ROOM];

        snprintf(text, sizeof text, "%.*s", (int)region.len, region.at);
        copy_shown(text, ret->region, sizeof ret->region);
    }
}

bool s3_refusal_may_pass(const struct s3_refusal *refusal)
{
    static const char *const codes[] = {
        "RequestTimeout",   "BadDigest",          "XAmzContentSHA256Mismatch",
        "IncompleteBody",   "OperationAborted",   "ConditionalRequestConflict",
        "InternalError",    "ServiceUnavailable", "SlowDown",
        "RequestThrottled", "Throttling",
    };

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(refusal->code, codes[i]) == 0)
            return true;
    return false;
}

bool s3_retry_again(struct retry *retry, enum ou_status status, struct http_reply *reply)
{
    struct s3_refusal refusal;
    int said = reply->status;
    bool again;

    if (!status && reply->status >= 400) {
        s3_read_refusal(reply, &refusal);
        if (s3_refusal_may_pass(&refusal))
            reply->status = 503;
    }
    again = retry_again(retry, status, reply);
    if (!again)
        reply->status = said;
    return again;
}

/* ---- what to do ---- */

static void advise_clock(const struct s3 *s3, const struct http_reply *reply, char *ret)
{
    int64_t server_ns = http_reply_date_ns(reply);
    double late_s = (double)(server_ns - s3->now_ns()) / 1e9;

    if (server_ns == TIME_NONE)
        snprintf(ret, ADVICE_ROOM, "set this machine's clock: it is more than 15 minutes off");
    else
        snprintf(
            ret, ADVICE_ROOM,
            "set this machine's clock: it is %.0f s %s the server's, and signatures are good for "
            "900 s only",
            late_s < 0 ? -late_s : late_s, late_s < 0 ? "ahead of" : "behind");
}

static void advise_region(const struct s3 *s3, const struct s3_refusal *r, char *ret)
{
    if (*r->region && strcmp(r->region, s3->region) != 0)
        snprintf(ret, ADVICE_ROOM, "the region is %s, not %s: name that one", r->region,
                 s3->region);
    else
        snprintf(ret, ADVICE_ROOM, "check the region, which is %s here, and the endpoint",
                 s3->region);
}

static void advise_access(const struct s3 *s3, const struct s3_call *call, char *ret)
{
    snprintf(
        ret, ADVICE_ROOM,
        "the owner of these credentials (from %s) needs %s on arn:aws:s3:::%s%s: see its policy and the "
        "bucket's",
        s3->credentials.source, call->action, s3->bucket, call->key ? "/*" : "");
}

static const struct {
    const char *code, *advice;
} FIXED_ADVICE[] = {
    { "NoSuchBucket", "make it, or check its name, the endpoint and the region" },
    { "SignatureDoesNotMatch",
      "the secret key does not belong to the access key, or a proxy changes requests" },
    { "InvalidAccessKeyId",
      "the server does not know this access key: is it of this store, and not deleted?" },
    { "ExpiredToken", "get new credentials: those of this session have expired" },
    { "InvalidToken", "get new credentials: the session token is not good" },
    { "TokenRefreshRequired", "get new credentials: those of this session have expired" },
    { "EntityTooSmall", "parts have to have 5 MiB, but for the last one" },
    { "EntityTooLarge", "a single upload has 5 GiB at most" },
    { "NoSuchUpload", "the upload was ended or aborted meanwhile" },
    { "InvalidPart", "a part is missing, or its content is another than was told" },
    { "SlowDown", "the store is busy: try again later, or with fewer at a time" },
    { "BadDigest", "the content was damaged on its way, each time it was tried" },
    { "XAmzContentSHA256Mismatch", "the content was damaged on its way, each time it was tried" },
    { "BucketAlreadyExists", "the name is taken by somebody else: choose another" },
    { "InvalidBucketName", "3 to 63 of a-z, 0-9, \"-\" and \".\"" },
    { "InvalidRange", "the object is shorter than that" },
    { "NotImplemented", "this store cannot do that" },
    { "QuotaExceeded", "there is no more room in the bucket or account" },
};

static bool is_any(const char *code, const char *a, const char *b, const char *c)
{
    return strcmp(code, a) == 0 || strcmp(code, b) == 0 || strcmp(code, c) == 0;
}

/* A HEAD's refusal has no body: its status is all that is known. */
static void advise(const struct s3 *s3, const struct s3_call *call, const struct http_reply *reply,
                   const struct s3_refusal *r, char ret[ADVICE_ROOM])
{
    *ret = '\0';
    if (strcmp(r->code, "RequestTimeTooSkewed") == 0) {
        advise_clock(s3, reply, ret);
    } else if (is_any(r->code, "AuthorizationHeaderMalformed", "PermanentRedirect",
                      "TemporaryRedirect") ||
               strcmp(r->code, "IllegalLocationConstraintException") == 0 ||
               reply->status / 100 == 3) {
        advise_region(s3, r, ret);
    } else if (is_any(r->code, "AccessDenied", "AllAccessDisabled", "AccountProblem") ||
               (!*r->code && reply->status == 403)) {
        advise_access(s3, call, ret);
    } else {
        for (size_t i = 0; i < sizeof FIXED_ADVICE / sizeof *FIXED_ADVICE; i++)
            if (strcmp(r->code, FIXED_ADVICE[i].code) == 0)
                snprintf(ret, ADVICE_ROOM, "%s", FIXED_ADVICE[i].advice);
    }
}

enum ou_status s3_refused(const struct s3 *s3, const struct s3_call *call,
                          const struct http_reply *reply, struct ou_error *err)
{
    struct s3_refusal r;
    char advice[ADVICE_ROOM];
    bool is_there;

    s3_read_refusal(reply, &r);
    is_there = reply->status != 404 || strcmp(r.code, "NoSuchUpload") == 0;
    advise(s3, call, reply, &r, advice);
    return ou_fail(err, is_there ? OU_IO : OU_NOT_FOUND, "%s s3://%s%s%s: %s%s%d%s%s%s%s%s",
                   call->method, s3->bucket, call->key ? "/" : "", call->key ? call->key : "",
                   r.code, *r.code ? " (" : "status ", reply->status, *r.code ? ")" : "",
                   *r.message ? ": " : "", r.message, *advice ? "; " : "", advice);
}
