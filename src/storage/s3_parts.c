/* Uploads in parts: begun, ended, given up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/s3_private.h"

#define LATE_S 300 /* a store may work for minutes before it says a word */

struct upload_id {
    char *out;
    size_t room;
    bool found;
};

static bool note_id(void *context, const char *parent, const char *name, const char *text)
{
    struct upload_id *id = context;

    (void)parent;
    if (strcmp(name, "UploadId") == 0 && *text && strlen(text) < id->room) {
        memcpy(id->out, text, strlen(text) + 1);
        id->found = true;
    }
    return true;
}

static enum ou_status begin(struct s3 *s3, const char *key, const char *sha256, char *ret_upload,
                            size_t room, struct ou_error *err)
{
    const struct sigv4_pair query = { "uploads", "" };
    const struct sigv4_pair headers[] = { { "content-type", "application/octet-stream" },
                                          { S3_HASH_HEADER, sha256 } };
    const struct s3_call call = {
        .method = "POST",
        .key = key,
        .action = "s3:PutObject",
        .query = &query,
        .query_count = 1,
        .headers = headers,
        .header_count = sha256 ? 2 : 1,
    };
    struct upload_id id = { ret_upload, room, false };
    const struct s3_xml xml = { .leaf = note_id, .context = &id };
    struct http_reply reply;
    enum ou_status status = s3_call(s3, &call, &reply, err);

    if (!status)
        status = s3_xml_read((struct span){ reply.body.at, reply.body.len }, &xml, err);
    if (!status && !id.found)
        status = ou_fail(err, OU_IO, "%s: the store gave no name to the upload", key);
    http_reply_release(&reply);
    return status;
}

enum ou_status s3_parts_begin(struct s3 *s3, const char *key, char *ret_upload, size_t room,
                              struct ou_error *err)
{
    return begin(s3, key, NULL, ret_upload, room, err);
}

enum ou_status s3_parts_begin_hashed(struct s3 *s3, const char *key, const char sha256[SHA256_HEX],
                                     char *ret_upload, size_t room, struct ou_error *err)
{
    return begin(s3, key, sha256, ret_upload, room, err);
}

/* ETags come from servers, by way of hosts: what XML would read otherwise is refused, and no server has it. */
static enum ou_status write_parts(const struct s3_part *parts, size_t count, struct buffer *ret,
                                  struct ou_error *err)
{
    buffer_text(ret, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (size_t i = 0; i < count; i++) {
        char etag[S3_ETAG_ROOM];

        s3_copy_etag(span_of(parts[i].etag), etag);
        if (strpbrk(etag, "<>&\"'"))
            return ou_fail(err, OU_INVALID, "part %zu has an ETag that can be none", i + 1);
        buffer_printf(ret, "<Part><PartNumber>%zu</PartNumber><ETag>&quot;%s&quot;</ETag></Part>",
                      i + 1, etag);
    }
    buffer_text(ret, "</CompleteMultipartUpload>");
    return buffer_status(ret) ? ou_fail(err, buffer_status(ret), "an upload has too many parts")
                              : OU_OK;
}

/* Where the answer to an earlier try was lost, some stores know nothing of the upload any more. The object then tells: its ETag ends
 * with the number of its parts. */
static bool is_complete(struct s3 *s3, const char *key, const struct http_reply *reply,
                        size_t count)
{
    char etag[S3_ETAG_ROOM], end[24];
    struct s3_refusal refusal;
    uint64_t bytes;
    int64_t server_ns;

    s3_read_refusal(reply, &refusal);
    (void)snprintf(end, sizeof end, "-%zu", count);
    return strcmp(refusal.code, "NoSuchUpload") == 0 &&
           s3_head(s3, key, &bytes, etag, &server_ns, NULL) == OU_OK &&
           span_ends(span_of(etag), end);
}

enum ou_status s3_parts_complete(struct s3 *s3, const char *key, const char *upload,
                                 const struct s3_part *parts, size_t count, struct ou_error *err)
{
    const struct sigv4_pair query = { "uploadId", upload };
    const struct sigv4_pair type = { "content-type", "application/xml" };
    struct s3_call call = {
        .method = "POST",
        .key = key,
        .action = "s3:PutObject",
        .query = &query,
        .query_count = 1,
        .headers = &type,
        .header_count = 1,
        .transfer = { .stall_s = LATE_S },
        .fails_late = true,
    };
    struct http_reply reply = { 0 };
    struct buffer text;
    enum ou_status status;

    if (count == 0 || count > S3_PARTS_MAX)
        return ou_fail(err, OU_USAGE, "an upload has 1 to %d parts", S3_PARTS_MAX);
    buffer_init(&text, allocator_libc(), (size_t)4 << 20);
    status = write_parts(parts, count, &text, err);
    if (!status) {
        call.transfer.body = (struct span){ text.at, text.len };
        status = s3_call(s3, &call, &reply, err);
        if (status && is_complete(s3, key, &reply, count))
            status = OU_OK;
    }
    http_reply_release(&reply);
    buffer_release(&text);
    return status;
}

/* One that is not there (any more) is aborted. */
enum ou_status s3_parts_abort(struct s3 *s3, const char *key, const char *upload,
                              struct ou_error *err)
{
    const struct sigv4_pair query = { "uploadId", upload };
    const struct s3_call call = {
        .method = "DELETE",
        .key = key,
        .action = "s3:AbortMultipartUpload",
        .query = &query,
        .query_count = 1,
        .also_good = 404,
    };
    struct http_reply reply;
    enum ou_status status = s3_call(s3, &call, &reply, err);

    http_reply_release(&reply);
    return status;
}
