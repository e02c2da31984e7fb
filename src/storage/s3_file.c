/* Files, in one piece or in parts. All of a file is hashed before any of it is sent: its hash is signed, and stands at the object. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "storage/s3_private.h"

#define PART_BYTES ((uint64_t)16 << 20)
#define UPLOAD_ROOM 2048

struct upload {
    struct s3 *s3;
    const char *key, *path;
    int fd;
    uint64_t bytes, part_bytes;
    size_t part_count;
    char (*hashes)[SHA256_HEX]; /* of each part */
    struct s3_part *parts;
    char sha256[SHA256_HEX]; /* of the file */
    void (*progress)(void *context, uint64_t done, uint64_t all);
    void *context;
};

static uint64_t bytes_of_part(const struct upload *u, size_t i)
{
    uint64_t from = i * u->part_bytes;

    return u->bytes - from < u->part_bytes ? u->bytes - from : u->part_bytes;
}

/* At least what a store takes, and so much that no more parts are needed than it takes. */
static void choose_parts(struct upload *u, uint64_t part_bytes)
{
    uint64_t least = u->bytes / S3_PARTS_MAX + 1;

    u->part_bytes = part_bytes ? part_bytes : PART_BYTES;
    if (u->part_bytes < S3_PART_BYTES_LEAST)
        u->part_bytes = S3_PART_BYTES_LEAST;
    if (u->part_bytes < least)
        u->part_bytes = least;
    u->part_count = u->bytes ? (size_t)((u->bytes + u->part_bytes - 1) / u->part_bytes) : 1;
}

static enum ou_status open_file(struct upload *u, uint64_t part_bytes, struct ou_error *err)
{
    struct stat st;

    u->fd = open(u->path, O_RDONLY | O_CLOEXEC);
    if (u->fd < 0)
        return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "%s: %s", u->path,
                       strerror(errno));
    if (fstat(u->fd, &st) < 0)
        return ou_fail(err, OU_IO, "%s: %s", u->path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return ou_fail(err, OU_INVALID, "%s is no plain file", u->path);
    u->bytes = (uint64_t)st.st_size;
    choose_parts(u, part_bytes);
    u->hashes = calloc(u->part_count, sizeof *u->hashes);
    u->parts = calloc(u->part_count, sizeof *u->parts);
    return u->hashes && u->parts ? OU_OK : ou_fail(err, OU_NO_MEMORY, "%s: no memory", u->path);
}

/* The file's own hash needs another reading of it, unless it is one part. */
static enum ou_status hash_file(struct upload *u, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < u->part_count; i++) {
        if (interrupt_pending())
            return ou_fail(err, OU_INTERRUPTED, "interrupted");
        status = sha256_of_file(u->fd, i * u->part_bytes, bytes_of_part(u, i), u->path,
                                u->hashes[i], err);
    }
    if (!status && u->part_count == 1)
        memcpy(u->sha256, u->hashes[0], SHA256_HEX);
    else if (!status)
        status = sha256_of_file(u->fd, 0, u->bytes, u->path, u->sha256, err);
    return status;
}

static void tell(const struct upload *u, uint64_t done)
{
    if (u->progress)
        u->progress(u->context, done, u->bytes);
}

static enum ou_status put_whole(struct upload *u, struct ou_error *err)
{
    const struct sigv4_pair headers[] = { { "content-type", "application/octet-stream" },
                                          { S3_HASH_HEADER, u->sha256 } };
    const struct s3_call call = {
        .method = "PUT",
        .key = u->key,
        .action = "s3:PutObject",
        .headers = headers,
        .header_count = 2,
        .payload_sha256 = u->sha256,
        .transfer = { .with_file = true, .body_fd = u->fd, .body_bytes = u->bytes },
    };
    struct http_reply reply;
    enum ou_status status = s3_call(u->s3, &call, &reply, err);

    http_reply_release(&reply);
    if (!status)
        tell(u, u->bytes);
    return status;
}

static enum ou_status put_part(struct upload *u, const char *upload, size_t i, struct ou_error *err)
{
    char number[24];
    const struct sigv4_pair query[] = { { "partNumber", number }, { "uploadId", upload } };
    const struct s3_call call = {
        .method = "PUT",
        .key = u->key,
        .action = "s3:PutObject",
        .query = query,
        .query_count = 2,
        .payload_sha256 = u->hashes[i],
        .transfer = { .with_file = true,
                      .body_fd = u->fd,
                      .body_offset = i * u->part_bytes,
                      .body_bytes = bytes_of_part(u, i) },
    };
    struct http_reply reply;
    enum ou_status status;

    snprintf(number, sizeof number, "%zu", i + 1);
    status = s3_call(u->s3, &call, &reply, err);
    if (!status) {
        s3_copy_etag(http_reply_header(&reply, "ETag"), u->parts[i].etag);
        tell(u, i * u->part_bytes + bytes_of_part(u, i));
    }
    http_reply_release(&reply);
    return status;
}

static enum ou_status put_parts(struct upload *u, struct ou_error *err)
{
    char upload[UPLOAD_ROOM];
    enum ou_status status =
        s3_parts_begin_hashed(u->s3, u->key, u->sha256, upload, sizeof upload, err);

    if (status)
        return status;
    for (size_t i = 0; !status && i < u->part_count; i++)
        status = put_part(u, upload, i, err);
    if (!status)
        status = s3_parts_complete(u->s3, u->key, upload, u->parts, u->part_count, err);
    if (status) {
        s3_clean_up(u->s3, true);
        s3_parts_abort(u->s3, u->key, upload, NULL);
        s3_clean_up(u->s3, false);
    }
    return status;
}

enum ou_status s3_put_file(struct s3 *s3, const char *key, const char *path, uint64_t part_bytes,
                           void (*progress)(void *context, uint64_t done, uint64_t all),
                           void *context, char ret_sha256[SHA256_HEX], struct ou_error *err)
{
    struct upload u = {
        .s3 = s3, .key = key, .path = path, .fd = -1, .progress = progress, .context = context
    };
    enum ou_status status = open_file(&u, part_bytes, err);

    if (!status)
        status = hash_file(&u, err);
    if (!status)
        status = u.part_count == 1 ? put_whole(&u, err) : put_parts(&u, err);
    if (!status)
        memcpy(ret_sha256, u.sha256, SHA256_HEX);
    if (u.fd >= 0)
        close(u.fd);
    free(u.hashes);
    free(u.parts);
    return status;
}
