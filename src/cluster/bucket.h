/* A run's part of a bucket: all keys are PREFIX RUN/NAME. One store a thread. docs/internals/nomad.md */
#ifndef OU_CLUSTER_BUCKET_H
#define OU_CLUSTER_BUCKET_H

#include "cluster/placement.h"
#include "storage/s3.h"

#define BUCKET_URLS_MAX ((size_t)16 << 10) /* bytes of one presigned URL */

struct bucket {
    struct s3 *s3;
    const char *prefix, *run; /* borrowed */
    uint32_t url_expires_s;
};

/* Remarks on where credentials came from go to *ret_remark (256 bytes). */
enum ou_status bucket_open(const struct placement *p, const char *run, struct bucket *ret,
                           char *ret_remark, struct ou_error *err);
void bucket_close(struct bucket *b); /* a zeroed one is fine */

/* PREFIX RUN/ and, unless `host` is "", HOST/ and the name. OU_TOO_LARGE. */
enum ou_status bucket_key(const struct bucket *b, const char *host, const char *name,
                          char ret[S3_KEY_BYTES_MAX + 1], struct ou_error *err);
/* The host and the name of a key of the run; false: it is another one's. ret_host is "" where it is of all. */
bool bucket_key_parts(const struct bucket *b, const char *key, struct span *ret_host,
                      const char **ret_name);

/* A URL for GET or PUT of an object, for whoever has it; the caller free()s it. */
enum ou_status bucket_url(const struct bucket *b, const char *method, const char *host,
                          const char *name, char **ret, struct ou_error *err);
/* The same of a part (from 1) of an upload, good for content of that hash alone. */
enum ou_status bucket_part_url(const struct bucket *b, const char *host, const char *name,
                               const char *upload, unsigned part, const char *sha256, char **ret,
                               struct ou_error *err);

#endif
