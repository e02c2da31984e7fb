/* Fetching a file whose size and hash are known: however often the connection is cut, what has come is not fetched again. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/time.h"
#include "storage/s3_private.h"
#include "storage/transfer_inside.h"

#define PIECE_BYTES ((size_t)64 << 10)
#define PROGRESS_BYTES \
    ((uint64_t)64 << 10) /* a try that brought so much lets the tries begin anew */
#define BEGUN_ANEW_MAX 3

enum refusal { REFUSED_NOTHING, REFUSED_SIZE, REFUSED_RANGE, REFUSED_WRITE };

struct fetch {
    struct http_client *client;
    const struct retry_policy *policy;
    const char *url, *path;
    const struct transfer_progress *progress;
    uint64_t bytes, have; /* what it is to have, what the part file has */
    int fd;
    char part[PATH_MAX];
    crypto_hash_sha256_state hash; /* of what the part file has */
    char etag[S3_ETAG_ROOM];       /* of the first answer; "": not known */
    unsigned resumed, begun_anew;
    uint64_t most; /* of what was ever there at the end of a try that let the tries begin anew */
    /* of one request */
    struct http_reply reply;
    bool looked; /* at the headers */
    enum refusal refused;
    int os_error;
};

static enum ou_status fail_part(const struct fetch *f, const char *what, struct ou_error *err)
{
    return ou_fail(err, OU_IO, "%s %s: %s", what, f->part, strerror(errno));
}

/* ---- the part file ---- */

static bool begin_anew(struct fetch *f)
{
    f->have = 0;
    f->etag[0] = '\0';
    crypto_hash_sha256_init(&f->hash);
    return ftruncate(f->fd, 0) == 0 && lseek(f->fd, 0, SEEK_SET) == 0;
}

static enum ou_status hash_part(struct fetch *f, struct ou_error *err)
{
    unsigned char piece[PIECE_BYTES];

    crypto_hash_sha256_init(&f->hash);
    for (f->have = 0;;) {
        const ssize_t got = read(f->fd, piece, sizeof piece);

        if (interrupt_pending())
            return ou_fail(err, OU_INTERRUPTED, "read %s: interrupted", f->part);
        if (got < 0)
            return fail_part(f, "read", err);
        if (got == 0)
            return OU_OK;
        crypto_hash_sha256_update(&f->hash, piece, (size_t)got);
        f->have += (uint64_t)got;
    }
}

/* What an earlier call left is taken up; private, whatever it was before. */
static enum ou_status open_part(struct fetch *f, struct ou_error *err)
{
    struct stat st;

    if (snprintf(f->part, sizeof f->part, "%s.part", f->path) >= (int)sizeof f->part)
        return ou_fail(err, OU_TOO_LARGE, "fetch %.80s...: the path is too long", f->path);
    f->fd = open(f->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (f->fd < 0)
        return fail_part(f, "write", err);
    if (fstat(f->fd, &st) < 0 || fchmod(f->fd, S_IRUSR | S_IWUSR) < 0)
        return fail_part(f, "write", err);
    if (!S_ISREG(st.st_mode))
        return ou_fail(err, OU_INVALID, "write %s: it is no plain file", f->part);
    if ((uint64_t)st.st_size > f->bytes)
        return begin_anew(f) ? OU_OK : fail_part(f, "write", err);
    return hash_part(f, err);
}

/* ---- one answer ---- */

/* Of "bytes 100-199/200": whether it goes on where the part ends, of an object of the right size. */
static bool is_our_range(const struct fetch *f, struct span range)
{
    char expected[96];

    (void)snprintf(expected, sizeof expected, "bytes %llu-%llu/%llu", (unsigned long long)f->have,
                   (unsigned long long)f->bytes - 1, (unsigned long long)f->bytes);
    return span_is(range, expected);
}

/* With the first bytes: do they belong behind those that are there? A server that cannot do ranges sends all. */
static bool look_at_headers(struct fetch *f)
{
    const struct span range = http_reply_header(&f->reply, "Content-Range");
    const struct span length = http_reply_header(&f->reply, "Content-Length");
    char expected[32];

    f->looked = true;
    if (range.at && !is_our_range(f, range))
        f->refused = REFUSED_RANGE;
    else if (range.at)
        f->resumed += f->have > 0;
    else if (f->have > 0 && !begin_anew(f)) {
        f->refused = REFUSED_WRITE;
        f->os_error = errno;
    }
    (void)snprintf(expected, sizeof expected, "%llu", (unsigned long long)f->bytes);
    if (!range.at && length.at && !span_is(length, expected))
        f->refused = REFUSED_SIZE;
    if (!f->refused && !*f->etag)
        s3_copy_etag(http_reply_header(&f->reply, "ETag"), f->etag);
    return !f->refused;
}

static bool take(void *context, struct span bytes)
{
    struct fetch *f = context;

    if (!f->looked && !look_at_headers(f))
        return false;
    if (bytes.len > f->bytes - f->have) {
        f->refused = REFUSED_SIZE;
        return false;
    }
    if (fd_write_all(f->fd, bytes.at, bytes.len, NULL)) {
        f->refused = REFUSED_WRITE;
        f->os_error = errno;
        return false;
    }
    crypto_hash_sha256_update(&f->hash, (const unsigned char *)bytes.at, bytes.len);
    f->have += bytes.len;
    if (f->progress && f->progress->told)
        f->progress->told(f->progress->context, f->have, f->bytes);
    return true;
}

static enum ou_status ask_for_rest(struct fetch *f, struct ou_error *err)
{
    char range[64], match[S3_ETAG_ROOM + 16];
    const char *const headers[] = { f->have ? range : NULL, f->have && *f->etag ? match : NULL,
                                    NULL };
    const struct http_request request = { .method = "GET",
                                          .url = f->url,
                                          .headers = headers,
                                          .take = take,
                                          .context = f,
                                          .stall_s = f->policy->stall_s };

    (void)snprintf(range, sizeof range, "Range: bytes=%llu-", (unsigned long long)f->have);
    (void)snprintf(match, sizeof match, "If-Match: \"%s\"", f->etag);
    f->looked = false;
    f->refused = REFUSED_NOTHING;
    return http_ask(f->client, &request, &f->reply, err);
}

static enum ou_status fail_refused(const struct fetch *f, struct ou_error *err)
{
    char shown[TRANSFER_SHOWN_ROOM];

    http_url_shown(f->url, shown, sizeof shown);
    switch (f->refused) {
    case REFUSED_SIZE:
        return ou_fail(err, OU_INVALID, "GET %s: it has not the %llu bytes that were told", shown,
                       (unsigned long long)f->bytes);
    case REFUSED_RANGE:
        return ou_fail(err, OU_INVALID,
                       "GET %s: what came is not what was asked for: the rest of %llu bytes", shown,
                       (unsigned long long)f->bytes);
    default: return ou_fail(err, OU_IO, "write %s: %s", f->part, strerror(f->os_error));
    }
}

/* What the tries ended with. */
static enum ou_status judge(const struct fetch *f, enum ou_status status, struct ou_error *err)
{
    if (f->refused)
        return fail_refused(f, err);
    if (status)
        return status;
    if (f->reply.status < 200 || f->reply.status > 299)
        return transfer_fail_reply("GET", f->url, &f->reply, err);
    if (f->have == f->bytes)
        return OU_OK;
    return ou_fail(err, OU_INVALID, "fetch %s: %llu bytes came, %llu were told", f->path,
                   (unsigned long long)f->have, (unsigned long long)f->bytes);
}

/* ---- all of it ---- */

/* Another object stands there now (412), or it has no such range (416): the part is of no use. */
static bool is_outdated(const struct fetch *f, enum ou_status status)
{
    return !status && f->have > 0 && (f->reply.status == 412 || f->reply.status == 416);
}

static bool try_again(struct fetch *f, struct retry *retry, enum ou_status status, uint64_t before)
{
    if (is_outdated(f, status) && f->begun_anew < BEGUN_ANEW_MAX && begin_anew(f)) {
        f->begun_anew++;
        http_reply_release(&f->reply);
        return true;
    }
    /* What comes a second time, since the server sent all anew, is no progress: that could go on for ever. */
    if (f->have > before && f->have - before >= PROGRESS_BYTES && f->have > f->most) {
        f->most = f->have;
        retry->tries = 0;
        retry->begun_ns = time_monotonic_ns();
    }
    return s3_retry_again(retry, status, &f->reply);
}

static enum ou_status fetch_rest(struct fetch *f, struct ou_error *err)
{
    struct retry retry = retry_begin(f->policy);
    enum ou_status status;
    uint64_t before;

    retry.client = f->client;
    if (f->have == f->bytes)
        return OU_OK;
    do {
        before = f->have;
        status = ask_for_rest(f, err);
    } while (try_again(f, &retry, status, before));
    status = judge(f, status, err);
    http_reply_release(&f->reply);
    return status;
}

static bool has_hash(struct fetch *f, const char *sha256)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[SHA256_HEX];

    crypto_hash_sha256_final(&f->hash, hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    return strcmp(hex, sha256) == 0;
}

/* OU_OK with *ret_right false: it is whole, and something else; then no part is left. */
static enum ou_status fetch_once(struct fetch *f, const char *sha256, bool *ret_right,
                                 struct ou_error *err)
{
    enum ou_status status = open_part(f, err);

    if (!status)
        status = fetch_rest(f, err);
    if (f->fd >= 0 && close(f->fd) < 0 && !status)
        status = fail_part(f, "write", err);
    f->fd = -1;
    if (status)
        return status;
    *ret_right = has_hash(f, sha256);
    if (!*ret_right)
        return unlink(f->part) < 0 ? fail_part(f, "remove", err) : OU_OK;
    return rename(f->part, f->path) < 0 ? fail_part(f, "rename", err) : OU_OK;
}

enum ou_status transfer_get(struct http_client *client, const struct retry_policy *policy,
                            const char *url, const char *path, uint64_t bytes,
                            const char sha256[SHA256_HEX], const struct transfer_progress *progress,
                            double *ret_seconds, unsigned *ret_resumed, struct ou_error *err)
{
    const int64_t begun_ns = time_monotonic_ns();
    struct fetch f = { .client = client,
                       .policy = policy,
                       .url = url,
                       .path = path,
                       .progress = progress,
                       .bytes = bytes,
                       .fd = -1 };
    bool right = false;
    enum ou_status status = fetch_once(&f, sha256, &right, err);

    if (!status && !right) {
        f.etag[0] = '\0';
        status = fetch_once(&f, sha256, &right, err);
    }
    if (!status && !right)
        status = ou_fail(err, OU_INVALID,
                         "fetch %s: its content has not the SHA-256 that was told, twice", path);
    if (ret_seconds)
        *ret_seconds = (double)(time_monotonic_ns() - begun_ns) / 1e9;
    if (ret_resumed)
        *ret_resumed = f.resumed;
    return status;
}
