/* An S3 bucket: AWS's, or any server that speaks the same. Every request is signed, tried again where that helps (http/retry.h), and
 * what it moves is checked by its SHA-256 both ways. One thread per store; several stores may share a bucket. */
#ifndef OU_STORAGE_S3_H
#define OU_STORAGE_S3_H

#include "http/retry.h"
#include "storage/sigv4.h"

#define S3_KEY_BYTES_MAX 1024
#define S3_PART_BYTES_LEAST ((uint64_t)5 << 20) /* of a multipart upload, but the last part */
#define S3_PARTS_MAX 10000
#define S3_PRESIGN_S_MAX 604800
#define S3_ETAG_ROOM 128 /* ETags are without the quotes around them */

struct s3_place {
    const char *endpoint; /* "https://host:port"; NULL: AWS's of the region */
    const char *region;   /* NULL: AWS_REGION, AWS_DEFAULT_REGION, else "us-east-1" */
    const char *bucket;
    bool
        virtual_host; /* bucket.host instead of host/bucket; always so of AWS's own endpoints unless `path_style` */
    bool path_style;
    struct http_identity identity;
    struct credentials_options credentials;
    /* Clear text is refused unless the endpoint is on this machine (loopback), or this is set. */
    bool allow_http;
};

struct s3; /* opaque */

/* Finds the credentials; asks nothing of the server yet. OU_USAGE: a place that cannot be. Remarks go to *ret_remark (256 bytes). */
enum ou_status s3_open(const struct s3_place *place, struct s3 **ret, char *ret_remark,
                       struct ou_error *err);
void s3_close(struct s3 *s3); /* forgets the credentials; NULL is fine */
/* Told of waits before another try; context is for it. */
void s3_on_wait(struct s3 *s3, void (*say)(void *context, const char *why, double wait_s),
                void *context);
/* Whether requests go on in spite of Ctrl-C, until this is said again: for what takes away what an interrupted program made. */
void s3_clean_up(struct s3 *s3, bool cleans_up);
void s3_retry_with(struct s3 *s3, const struct retry_policy *policy);
const char *s3_bucket(const struct s3 *s3);
const char *s3_region(const struct s3 *s3);

/* All of them: OU_NOT_FOUND for a bucket or key that is not there; OU_IO else, with the server's code and what to do about the
 * common ones (AccessDenied, SignatureDoesNotMatch, RequestTimeTooSkewed, NoSuchBucket, AuthorizationHeaderMalformed, ...). */

enum ou_status s3_put(struct s3 *s3, const char *key, struct span content, const char *type,
                      char ret_etag[S3_ETAG_ROOM], struct ou_error *err);
/* In parts of part_bytes where the file is larger (0: 16 MiB; raised where more than S3_PARTS_MAX would be needed). `progress` may be
 * NULL. An upload that fails is aborted: no parts are left that cost. *ret_sha256 is that of what was sent. */
enum ou_status s3_put_file(struct s3 *s3, const char *key, const char *path, uint64_t part_bytes,
                           void (*progress)(void *context, uint64_t done, uint64_t all),
                           void *context, char ret_sha256[SHA256_HEX], struct ou_error *err);

/* Appends the object to *ret. With an etag of before ("" for none): *ret_changed false and nothing appended when it is still that
 * one. ret_etag may be NULL. */
enum ou_status s3_get(struct s3 *s3, const char *key, const char *etag, struct buffer *ret,
                      bool *ret_changed, char ret_etag[S3_ETAG_ROOM], struct ou_error *err);
/* Bytes [from, from + bytes) of it. */
enum ou_status s3_get_range(struct s3 *s3, const char *key, uint64_t from, uint64_t bytes,
                            struct buffer *ret, struct ou_error *err);

struct s3_object {
    const char *key; /* valid during the call that tells it */
    uint64_t bytes;
    const char *etag;
    int64_t modified_ns; /* wall clock; TIME_NONE */
};
enum ou_status s3_head(struct s3 *s3, const char *key, uint64_t *ret_bytes,
                       char ret_etag[S3_ETAG_ROOM],
                       int64_t *ret_server_ns, /* its Date; TIME_NONE */
                       struct ou_error *err);
/* All keys that begin with prefix, by key, however many pages that takes; `tell` returns false to stop. */
enum ou_status s3_list(struct s3 *s3, const char *prefix,
                       bool (*tell)(void *context, const struct s3_object *object), void *context,
                       struct ou_error *err);
enum ou_status s3_delete(struct s3 *s3, const char *key,
                         struct ou_error *err); /* also OK when there is none */
/* All of them, and uploads in parts that were begun below it and not finished. */
enum ou_status s3_delete_prefix(struct s3 *s3, const char *prefix, uint64_t *ret_count,
                                struct ou_error *err);
enum ou_status s3_make_bucket(struct s3 *s3,
                              struct ou_error *err); /* OU_OK when it is ours already */

/* ---- uploads in parts by others, who have presigned URLs only ---- */

enum ou_status s3_parts_begin(struct s3 *s3, const char *key, char *ret_upload, size_t room,
                              struct ou_error *err);
struct s3_part {
    char etag[S3_ETAG_ROOM];
};
enum ou_status s3_parts_complete(struct s3 *s3, const char *key, const char *upload,
                                 const struct s3_part *parts, size_t count, struct ou_error *err);
enum ou_status s3_parts_abort(struct s3 *s3, const char *key, const char *upload,
                              struct ou_error *err);

/* Appends a whole URL. With an upload: of its part number `part` (from 1). With sha256 (hex; NULL: not signed): who uses it must
 * send "x-amz-content-sha256: <sha256>", and the store refuses content with another hash. (Some stores, Swift among them, insist on
 * the header and do not look at the content: check what comes.) The first URL of that kind asks the store which it is. */
enum ou_status s3_presign(struct s3 *s3, const char *method, const char *key, const char *upload,
                          unsigned part, const char *sha256, uint32_t expires_s, struct buffer *ret,
                          struct ou_error *err);

#endif
