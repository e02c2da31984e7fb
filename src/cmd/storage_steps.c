#include "cmd/storage_steps.h"

#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "storage/transfer.h"

#define CONTENT_BYTES 1024
#define RANGE_FROM 100
#define RANGE_BYTES 200
#define KEY_ROOM (S3_KEY_BYTES_MAX + 64)
#define URL_BYTES_MAX ((size_t)64 << 10)
#define UPLOAD_ROOM 2048
#define URL_EXPIRES_S 300
#define CLOCK_STEPS 10     /* in a second: more digits would be made up */
#define CLOCK_AGREES_S 2.0 /* an answer's date has whole seconds, and took its time */

static const struct retry_policy SHORT = {
    .tries = 3, .first_s = 0.2, .most_s = 1, .all_s = 15, .stall_s = 10
};

struct checking {
    struct storage_asked *asked;
    struct storage_steps *found;
    struct http_client *client; /* of presigned URLs; NULL until it is needed */
    char folder[KEY_ROOM], object[KEY_ROOM + 16];
    unsigned char content[CONTENT_BYTES];
};

static struct span content_of(const struct checking *c)
{
    return (struct span){ (const char *)c->content, CONTENT_BYTES };
}

/* ---- reaching it ---- */

static enum ou_status find_credentials(struct checking *c, char *note, struct ou_error *err)
{
    struct s3_credentials found;
    enum ou_status status =
        credentials_find(&c->asked->place.credentials, &found, c->found->remark, err);
    size_t len;

    if (status)
        return status;
    len = strlen(found.access_key);
    if (len > 8) /* of a shorter one the end would be too much of it */
        memcpy(c->found->access_key_end, found.access_key + len - 4, 5);
    c->found->source = found.source;
    (void)snprintf(note, STEP_NOTE_ROOM, "from %s%s%s", found.source,
                   *c->found->access_key_end ? ", access key ending in " : "",
                   c->found->access_key_end);
    credentials_forget(&found);
    return OU_OK;
}

/* Whether it can be a place at all: what stands there is the next step's. */
static enum ou_status open_endpoint(struct checking *c, char *note, struct ou_error *err)
{
    enum ou_status status = s3_open(&c->asked->place, &c->asked->s3, c->found->remark, err);

    (void)note;
    if (!status)
        s3_retry_with(c->asked->s3, &SHORT);
    return status;
}

static bool count_object(void *context, const struct s3_object *object)
{
    (void)object;
    ++*(uint64_t *)context;
    return true;
}

static enum ou_status list(struct checking *c, char *note, struct ou_error *err)
{
    uint64_t count = 0;
    enum ou_status status = s3_list(c->asked->s3, c->folder, count_object, &count, err);

    (void)snprintf(note, STEP_NOTE_ROOM, "s3://%.80s/%.100s in %.40s", s3_bucket(c->asked->s3),
                   c->asked->prefix, s3_region(c->asked->s3));
    return status;
}

/* ---- objects ---- */

static enum ou_status put(struct checking *c, char *note, struct ou_error *err)
{
    (void)note;
    return s3_put(c->asked->s3, c->object, content_of(c), "application/octet-stream",
                  (char[S3_ETAG_ROOM]){ "" }, err);
}

static void note_clock(struct checking *c, int64_t server_ns, int64_t our_ns, char *note)
{
    double ahead_s;

    if (server_ns == TIME_NONE)
        return;
    /* Half a second is cut off a date on average. */
    ahead_s = (double)(server_ns - our_ns) / 1e9 + 0.5;
    ahead_s = round(ahead_s * CLOCK_STEPS) / CLOCK_STEPS;
    c->found->clock_known = true;
    c->found->clock_ahead_s = ahead_s;
    if (fabs(ahead_s) < CLOCK_AGREES_S)
        (void)snprintf(note, STEP_NOTE_ROOM, "its clock and ours agree");
    else
        (void)snprintf(note, STEP_NOTE_ROOM,
                       "its clock is %.0f s %s ours: from 900 s on it refuses requests",
                       fabs(ahead_s), ahead_s > 0 ? "ahead of" : "behind");
}

static enum ou_status head(struct checking *c, char *note, struct ou_error *err)
{
    char etag[S3_ETAG_ROOM];
    uint64_t bytes = 0;
    int64_t server_ns = TIME_NONE;
    const int64_t begun_ns = time_wall_ns();
    enum ou_status status = s3_head(c->asked->s3, c->object, &bytes, etag, &server_ns, err);

    note_clock(c, server_ns, begun_ns + (time_wall_ns() - begun_ns) / 2, note);
    if (!status && bytes != CONTENT_BYTES)
        status = ou_fail(err, OU_INVALID, "it tells %llu bytes of an object of %d",
                         (unsigned long long)bytes, CONTENT_BYTES);
    return status;
}

static enum ou_status compare(const struct checking *c, const struct buffer *got, size_t from,
                              size_t bytes, struct ou_error *err)
{
    if (got->len == bytes && memcmp(got->at, c->content + from, bytes) == 0)
        return OU_OK;
    return ou_fail(err, OU_INVALID, "what came back is not what was put there");
}

static enum ou_status get(struct checking *c, char *note, struct ou_error *err)
{
    struct buffer got;
    bool changed;
    enum ou_status status;

    (void)note;
    buffer_init(&got, allocator_libc(), CONTENT_BYTES);
    status = s3_get(c->asked->s3, c->object, "", &got, &changed, NULL, err);
    if (!status)
        status = compare(c, &got, 0, CONTENT_BYTES, err);
    buffer_release(&got);
    return status;
}

static enum ou_status get_range(struct checking *c, char *note, struct ou_error *err)
{
    struct buffer got;
    enum ou_status status;

    (void)note;
    buffer_init(&got, allocator_libc(), CONTENT_BYTES);
    status = s3_get_range(c->asked->s3, c->object, RANGE_FROM, RANGE_BYTES, &got, err);
    if (!status)
        status = compare(c, &got, RANGE_FROM, RANGE_BYTES, err);
    buffer_release(&got);
    return status;
}

/* ---- as hosts do it, who have URLs only ---- */

/* A URL is as good as a key for as long as it lasts. */
static void forget_url(struct buffer *url)
{
    if (url->at)
        sodium_memzero(url->at, url->cap);
    buffer_release(url);
}

static enum ou_status sign_url(struct checking *c, const char *method, const char *key,
                               const char *upload, const char *sha256, struct buffer *ret,
                               struct ou_error *err)
{
    enum ou_status status = OU_OK;

    buffer_init(ret, allocator_libc(), URL_BYTES_MAX);
    if (!c->client)
        status = http_client_open(&c->asked->place.identity, &c->client, err);
    return status ? status
                  : s3_presign(c->asked->s3, method, key, upload, upload ? 1 : 0, sha256,
                               URL_EXPIRES_S, ret, err);
}

static enum ou_status get_presigned(struct checking *c, char *note, struct ou_error *err)
{
    char etag[S3_ETAG_ROOM];
    struct buffer url, got;
    bool changed;
    enum ou_status status = sign_url(c, "GET", c->object, NULL, NULL, &url, err);

    (void)note;
    buffer_init(&got, allocator_libc(), CONTENT_BYTES);
    if (!status)
        status = transfer_get_small(c->client, &SHORT, buffer_string(&url), "", &got, &changed,
                                    etag, NULL, err);
    if (!status)
        status = compare(c, &got, 0, CONTENT_BYTES, err);
    buffer_release(&got);
    forget_url(&url);
    return status;
}

static enum ou_status put_presigned(struct checking *c, char *note, struct ou_error *err)
{
    struct buffer url;
    enum ou_status status = sign_url(c, "PUT", c->object, NULL, NULL, &url, err);

    if (!status)
        status = transfer_put(c->client, &SHORT, buffer_string(&url), content_of(c), err);
    forget_url(&url);
    return status ? status : get(c, note, err);
}

/* One part, which is the last and so may be small; by a URL that its hash is signed into. */
static enum ou_status put_part(struct checking *c, const char *key, const char *upload, int fd,
                               struct s3_part *ret, struct ou_error *err)
{
    char sha256[SHA256_HEX];
    struct buffer url;
    enum ou_status status;

    sha256_hex(content_of(c), sha256);
    status = sign_url(c, "PUT", key, upload, sha256, &url, err);
    if (!status)
        status = transfer_put_part(c->client, &SHORT, buffer_string(&url), fd, 0, CONTENT_BYTES,
                                   sha256, ret->etag, err);
    forget_url(&url);
    return status;
}

static enum ou_status put_parts(struct checking *c, char *note, struct ou_error *err)
{
    const int fd = memfd_create("ouroscope-part", MFD_CLOEXEC);
    char upload[UPLOAD_ROOM];
    struct s3_part part;
    enum ou_status status;

    if (fd < 0 || fd_write_all(fd, c->content, CONTENT_BYTES, NULL))
        status = ou_fail(err, OU_NO_MEMORY, "no memory for a part");
    else
        status = s3_parts_begin(c->asked->s3, c->object, upload, sizeof upload, err);
    if (!status) {
        status = put_part(c, c->object, upload, fd, &part, err);
        if (!status)
            status = s3_parts_complete(c->asked->s3, c->object, upload, &part, 1, err);
        if (status)
            (void)s3_parts_abort(c->asked->s3, c->object, upload, NULL);
    }
    if (fd >= 0)
        close(fd);
    return status ? status : get(c, note, err);
}

static enum ou_status abort_parts(struct checking *c, char *note, struct ou_error *err)
{
    char upload[UPLOAD_ROOM];
    enum ou_status status = s3_parts_begin(c->asked->s3, c->object, upload, sizeof upload, err);

    (void)note;
    return status ? status : s3_parts_abort(c->asked->s3, c->object, upload, err);
}

/* Also after Ctrl-C: what the other steps made does not stay. */
static enum ou_status delete_all(struct checking *c, char *note, struct ou_error *err)
{
    uint64_t deleted, left = 0;
    enum ou_status status;

    (void)note;
    s3_clean_up(c->asked->s3, true);
    status = s3_delete_prefix(c->asked->s3, c->folder, &deleted, err);
    if (!status)
        status = s3_list(c->asked->s3, c->folder, count_object, &left, err);
    if (!status && left > 0)
        status = ou_fail(err, OU_INVALID, "%llu objects are still listed after they were deleted",
                         (unsigned long long)left);
    return status;
}

/* ---- one after the other ---- */

enum { CREDENTIALS_STEP, ENDPOINT_STEP, LIST_STEP, PUT_STEP };

static const struct {
    const char *name;
    enum ou_status (*run)(struct checking *c, char *note, struct ou_error *err);
    size_t needs; /* a step before it; itself: none */
} STEPS[STORAGE_STEPS] = {
    { "credentials", find_credentials, CREDENTIALS_STEP },
    { "endpoint", open_endpoint, CREDENTIALS_STEP },
    { "list", list, ENDPOINT_STEP },
    { "put", put, LIST_STEP },
    { "head", head, PUT_STEP },
    { "get", get, PUT_STEP },
    { "get a range", get_range, PUT_STEP },
    { "get by a URL", get_presigned, PUT_STEP },
    { "put by a URL", put_presigned, PUT_STEP },
    { "put in parts", put_parts, LIST_STEP },
    { "abort parts", abort_parts, LIST_STEP },
    { "delete", delete_all, LIST_STEP }, /* the last one */
};

const char *storage_step_name(size_t i)
{
    return STEPS[i].name;
}

static void run_step(struct checking *c, size_t i)
{
    struct storage_step *step = &c->found->steps[i];
    const int64_t begun_ns = time_monotonic_ns();

    if (STEPS[i].needs != i && c->found->steps[STEPS[i].needs].result != STEP_DONE) {
        step->result = STEP_SKIPPED;
        return;
    }
    step->result = STEPS[i].run(c, step->note, &step->err) ? STEP_FAILED : STEP_DONE;
    step->seconds = (double)(time_monotonic_ns() - begun_ns) / 1e9;
}

bool storage_steps_run(struct storage_asked *asked, struct storage_steps *ret)
{
    struct checking c = { .asked = asked, .found = ret };
    unsigned char ident[8];
    char hex[2 * sizeof ident + 1];
    bool good = true;

    *ret = (struct storage_steps){ .source = NULL };
    randombytes_buf(ident, sizeof ident);
    randombytes_buf(c.content, sizeof c.content);
    sodium_bin2hex(hex, sizeof hex, ident, sizeof ident);
    (void)snprintf(c.folder, sizeof c.folder, "%.1000scheck-%s/", asked->prefix, hex);
    (void)snprintf(c.object, sizeof c.object, "%sobject", c.folder);
    for (size_t i = 0; i < STORAGE_STEPS; i++) {
        run_step(&c, i);
        good = good && ret->steps[i].result == STEP_DONE;
    }
    http_client_close(c.client);
    return good;
}
