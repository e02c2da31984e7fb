/* The calls of src/storage as a program, for tests with a server, and faults, on the other side:
 *
 *     storage-driver put KEY TEXT            storage-driver list PREFIX
 *     storage-driver put-file KEY FILE       storage-driver delete PREFIX
 *     storage-driver get KEY FILE            storage-driver presign KEY
 *     storage-driver fetch KEY FILE BYTES SHA256      by a presigned URL, as hosts do it
 *     storage-driver put-part KEY FILE       one upload of one part, by a presigned URL
 *     storage-driver poll KEY TIMES          by a presigned URL, with the ETag of before
 *     storage-driver bundle FOLDER FILE      storage-driver unpack FILE FOLDER
 *
 * $S3_ENDPOINT and $S3_BUCKET say where, $S3_STALL after how many seconds without a byte a try is given up. Waits are short. It prints one
 * line of JSON: status, message, waits, and what the call found. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "json/write.h"
#include "storage/bundle.h"
#include "storage/s3.h"
#include "storage/transfer.h"

#define OBJECT_BYTES_MAX ((size_t)64 << 20)
#define URL_BYTES_MAX ((size_t)64 << 10)
#define UPLOAD_ROOM 2048

struct driver {
    struct s3 *s3;
    struct http_client *client;
    struct retry_policy policy;
    char **arguments;
    struct json_writer json;
    unsigned waits;
    struct ou_error err;
};

static void count_wait(void *context, const char *why, double wait_s)
{
    struct driver *d = context;

    (void)why;
    (void)wait_s;
    d->waits++;
}

static void tell_text(struct driver *d, const char *key, const char *value)
{
    json_key(&d->json, key);
    json_cstring(&d->json, value);
}

static void tell_number(struct driver *d, const char *key, uint64_t value)
{
    json_key(&d->json, key);
    json_uint(&d->json, value);
}

static enum ou_status sign(struct driver *d, const char *method, const char *upload,
                           const char *sha256, struct buffer *ret)
{
    buffer_init(ret, allocator_libc(), URL_BYTES_MAX);
    return s3_presign(d->s3, method, d->arguments[0], upload, upload ? 1 : 0, sha256, 600, ret,
                      &d->err);
}

/* ---- the calls ---- */

static enum ou_status put(struct driver *d)
{
    char etag[S3_ETAG_ROOM];

    return s3_put(d->s3, d->arguments[0], span_of(d->arguments[1]), NULL, etag, &d->err);
}

static enum ou_status put_file(struct driver *d)
{
    char sha256[SHA256_HEX];
    enum ou_status status = s3_put_file(d->s3, d->arguments[0], d->arguments[1],
                                        S3_PART_BYTES_LEAST, NULL, NULL, sha256, &d->err);

    if (!status)
        tell_text(d, "sha256", sha256);
    return status;
}

static enum ou_status get(struct driver *d)
{
    struct buffer got;
    struct out_file file = { .fd = -1 };
    bool changed;
    enum ou_status status;

    buffer_init(&got, allocator_libc(), OBJECT_BYTES_MAX);
    status = s3_get(d->s3, d->arguments[0], "", &got, &changed, NULL, &d->err);
    if (!status)
        status = out_open(&file, d->arguments[1], &d->err);
    if (!status) {
        out_write(&file, got.at, got.len);
        status = out_commit(&file, &d->err);
    }
    out_release(&file);
    buffer_release(&got);
    return status;
}

static bool count_object(void *context, const struct s3_object *object)
{
    (void)object;
    ++*(uint64_t *)context;
    return true;
}

static enum ou_status list(struct driver *d)
{
    uint64_t count = 0;
    enum ou_status status = s3_list(d->s3, d->arguments[0], count_object, &count, &d->err);

    tell_number(d, "count", count);
    return status;
}

static enum ou_status delete (struct driver *d) {
    uint64_t count = 0;
    enum ou_status status = s3_delete_prefix(d->s3, d->arguments[0], &count, &d->err);

    tell_number(d, "count", count);
    return status;
}

static enum ou_status presign(struct driver *d)
{
    struct buffer url;
    enum ou_status status = sign(d, "GET", NULL, NULL, &url);

    if (!status)
        tell_text(d, "url", buffer_string(&url));
    buffer_release(&url);
    return status;
}

static enum ou_status fetch(struct driver *d)
{
    struct buffer url;
    double seconds = 0;
    unsigned resumed = 0;
    enum ou_status status = sign(d, "GET", NULL, NULL, &url);

    if (!status)
        status = transfer_get(d->client, &d->policy, buffer_string(&url), d->arguments[1],
                              strtoull(d->arguments[2], NULL, 10), d->arguments[3], NULL, &seconds,
                              &resumed, &d->err);
    tell_number(d, "resumed", resumed);
    buffer_release(&url);
    return status;
}

static enum ou_status put_one_part(struct driver *d, const char *upload, int fd, uint64_t bytes)
{
    char sha256[SHA256_HEX];
    struct s3_part part;
    struct buffer url;
    enum ou_status status = sha256_of_file(fd, 0, bytes, d->arguments[1], sha256, &d->err);

    if (status)
        return status;
    status = sign(d, "PUT", upload, sha256, &url);
    if (!status)
        status = transfer_put_part(d->client, &d->policy, buffer_string(&url), fd, 0, bytes, sha256,
                                   part.etag, &d->err);
    buffer_release(&url);
    return status ? status : s3_parts_complete(d->s3, d->arguments[0], upload, &part, 1, &d->err);
}

static enum ou_status put_part(struct driver *d)
{
    char upload[UPLOAD_ROOM];
    const int fd = open(d->arguments[1], O_RDONLY | O_CLOEXEC);
    struct stat st;
    enum ou_status status;

    if (fd < 0 || fstat(fd, &st) < 0)
        return ou_fail(&d->err, OU_NOT_FOUND, "%s: cannot be read", d->arguments[1]);
    status = s3_parts_begin(d->s3, d->arguments[0], upload, sizeof upload, &d->err);
    if (!status) {
        status = put_one_part(d, upload, fd, (uint64_t)st.st_size);
        if (status)
            (void)s3_parts_abort(d->s3, d->arguments[0], upload, NULL);
    }
    close(fd);
    return status;
}

static enum ou_status poll_state(struct driver *d)
{
    const long times = strtol(d->arguments[1], NULL, 10);
    char etag[S3_ETAG_ROOM] = "";
    uint64_t changes = 0;
    struct buffer url, got;
    enum ou_status status = sign(d, "GET", NULL, NULL, &url);

    for (long i = 0; !status && i < times; i++) {
        char next[S3_ETAG_ROOM];
        bool changed = false;

        buffer_init(&got, allocator_libc(), OBJECT_BYTES_MAX);
        status = transfer_get_small(d->client, &d->policy, buffer_string(&url), etag, &got,
                                    &changed, next, NULL, &d->err);
        buffer_release(&got);
        if (!status && changed) {
            memcpy(etag, next, sizeof etag);
            changes++;
        }
    }
    tell_number(d, "changes", changes);
    buffer_release(&url);
    return status;
}

static enum ou_status bundle(struct driver *d)
{
    const struct bundle_entry entry = { .path = d->arguments[0], .name = "genesis" };
    const struct bundle_options options = { .level = 0 };
    struct bundle_made made = { .bytes = 0 };
    enum ou_status status = bundle_make(&entry, 1, &options, d->arguments[1], &made, &d->err);

    tell_number(d, "bytes", made.bytes);
    tell_number(d, "content_bytes", made.content_bytes);
    tell_text(d, "sha256", made.sha256);
    return status;
}

static enum ou_status unpack(struct driver *d)
{
    uint64_t content_bytes = 0;
    enum ou_status status =
        bundle_unpack(d->arguments[0], d->arguments[1], &BUNDLE_LIMITS, &content_bytes, &d->err);

    tell_number(d, "content_bytes", content_bytes);
    return status;
}

/* ---- */

static const struct {
    const char *name;
    int arguments;
    enum ou_status (*call)(struct driver *d);
} CALLS[] = {
    { "put", 2, put },       { "put-file", 2, put_file }, { "get", 2, get },
    { "list", 1, list },     { "delete", 1, delete },     { "presign", 1, presign },
    { "fetch", 4, fetch },   { "put-part", 2, put_part }, { "poll", 2, poll_state },
    { "bundle", 2, bundle }, { "unpack", 2, unpack },
};

static enum ou_status open_store(struct driver *d)
{
    const char *stall = getenv("S3_STALL");
    const struct s3_place place = { .endpoint = getenv("S3_ENDPOINT"),
                                    .bucket = getenv("S3_BUCKET"),
                                    .credentials = { .source = CREDENTIALS_ENVIRONMENT } };
    char remark[256];
    enum ou_status status = http_client_open(NULL, &d->client, &d->err);

    d->policy = (struct retry_policy){
        .tries = 6, .first_s = 0.05, .most_s = 0.5, .stall_s = stall ? strtod(stall, NULL) : 0
    };
    if (!status)
        status = s3_open(&place, &d->s3, remark, &d->err);
    if (status)
        return status;
    s3_retry_with(d->s3, &d->policy);
    s3_on_wait(d->s3, count_wait, d);
    return OU_OK;
}

static enum ou_status run(struct driver *d, int count, char **arguments)
{
    d->arguments = arguments + 1;
    for (size_t i = 0; count > 0 && i < sizeof CALLS / sizeof *CALLS; i++)
        if (strcmp(arguments[0], CALLS[i].name) == 0 && count - 1 == CALLS[i].arguments)
            return CALLS[i].call(d);
    return ou_fail(&d->err, OU_USAGE, "no such call; the source says which there are");
}

int main(int argc, char **argv)
{
    struct driver d = { .s3 = NULL };
    struct buffer out;
    enum ou_status status = http_client_ready(&d.err);

    buffer_init(&out, allocator_libc(), URL_BYTES_MAX);
    json_writer_init(&d.json, &out, false);
    json_begin_object(&d.json);
    if (!status)
        status = open_store(&d);
    if (!status)
        status = run(&d, argc - 1, argv + 1);
    tell_text(&d, "status", ou_status_name(status));
    tell_text(&d, "message", status ? d.err.text : "");
    tell_number(&d, "waits", d.waits);
    json_end(&d.json);
    puts(buffer_string(&out));
    buffer_release(&out);
    s3_close(d.s3);
    http_client_close(d.client);
    return status ? 1 : 0;
}
