#include "cluster/bucket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum ou_status bucket_open(const struct placement *p, const char *run, struct bucket *ret,
                           char *ret_remark, struct ou_error *err)
{
    *ret = (struct bucket){ .prefix = p->prefix, .run = run, .url_expires_s = p->url_expires_s };
    return s3_open(&p->storage, &ret->s3, ret_remark, err);
}

void bucket_close(struct bucket *b)
{
    s3_close(b->s3);
    b->s3 = NULL;
}

enum ou_status bucket_key(const struct bucket *b, const char *host, const char *name,
                          char ret[S3_KEY_BYTES_MAX + 1], struct ou_error *err)
{
    int len = snprintf(ret, S3_KEY_BYTES_MAX + 1, "%s%s/%s%s%s", b->prefix, b->run, host,
                       *host ? "/" : "", name);

    if (len > S3_KEY_BYTES_MAX)
        return ou_fail(err, OU_TOO_LARGE, "the key %.80s... is longer than the %d bytes of S3", ret,
                       S3_KEY_BYTES_MAX);
    return OU_OK;
}

bool bucket_key_parts(const struct bucket *b, const char *key, struct span *ret_host,
                      const char **ret_name)
{
    size_t prefix = strlen(b->prefix), run = strlen(b->run);
    const char *rest, *slash;

    if (strncmp(key, b->prefix, prefix) != 0 || strncmp(key + prefix, b->run, run) != 0 ||
        key[prefix + run] != '/')
        return false;
    rest = key + prefix + run + 1;
    slash = strchr(rest, '/');
    *ret_host = (struct span){ rest, slash ? (size_t)(slash - rest) : 0 };
    *ret_name = slash ? slash + 1 : rest;
    return true;
}

static enum ou_status presign(const struct bucket *b, const char *method, const char *host,
                              const char *name, const char *upload, unsigned part,
                              const char *sha256, char **ret, struct ou_error *err)
{
    char key[S3_KEY_BYTES_MAX + 1];
    struct buffer url;
    enum ou_status status = bucket_key(b, host, name, key, err);

    buffer_init(&url, allocator_libc(), BUCKET_URLS_MAX);
    if (!status)
        status = s3_presign(b->s3, method, key, upload, part, sha256, b->url_expires_s, &url, err);
    *ret = status ? NULL : strdup(buffer_string(&url));
    buffer_release(&url);
    if (!status && !*ret)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for a URL");
    return status;
}

enum ou_status bucket_url(const struct bucket *b, const char *method, const char *host,
                          const char *name, char **ret, struct ou_error *err)
{
    return presign(b, method, host, name, NULL, 0, NULL, ret, err);
}

enum ou_status bucket_part_url(const struct bucket *b, const char *host, const char *name,
                               const char *upload, unsigned part, const char *sha256, char **ret,
                               struct ou_error *err)
{
    return presign(b, "PUT", host, name, upload, part, sha256, ret, err);
}
