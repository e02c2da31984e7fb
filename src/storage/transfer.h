/* Moving files by URLs that say all (presigned ones): what somebody can do who has no credentials. */
#ifndef OU_STORAGE_TRANSFER_H
#define OU_STORAGE_TRANSFER_H

#include "http/retry.h"
#include "storage/sigv4.h"

struct transfer_progress {
    void (*told)(void *context, uint64_t done, uint64_t all);
    void *context;
};

/* Fetches into the file `path`, which is there at the end only if it is whole: it grows as `path`.part (0600), which a later
 * call goes on with (Range), is checked for size and SHA-256 and renamed. A server that changes the object meanwhile (If-Match with
 * the first ETag) or that cannot do ranges: begun anew. A wrong hash: the part file is removed and fetched once more, then OU_INVALID.
 * `bytes` is known and limits what is written. Tries that bring 64 KiB or more that was never there are not counted by the policy.
 *
 * *ret_seconds, *ret_resumed (how often it went on after a cut) may be NULL. OU_NOT_FOUND: 404; OU_INVALID: not what was told;
 * OU_IO, OU_INTERRUPTED: what has come stays. Messages never have the URL's query. */
enum ou_status transfer_get(struct http_client *client, const struct retry_policy *policy,
                            const char *url, const char *path, uint64_t bytes,
                            const char sha256[SHA256_HEX], const struct transfer_progress *progress,
                            double *ret_seconds, unsigned *ret_resumed, struct ou_error *err);

/* Appends a small object to *ret, of its maximum at most. If-None-Match with etag, unless "": *ret_changed false when it is still that one.
 * ret_etag has S3_ETAG_ROOM bytes; ETags are without the quotes around them, as of s3.h. ret_server_ns: the Date of the reply; TIME_NONE. */
enum ou_status transfer_get_small(struct http_client *client, const struct retry_policy *policy,
                                  const char *url, const char *etag, struct buffer *ret,
                                  bool *ret_changed, char *ret_etag, int64_t *ret_server_ns,
                                  struct ou_error *err);

/* Puts bytes, or a part of a file. sha256: sent, where the URL was signed with it; NULL. */
enum ou_status transfer_put(struct http_client *client, const struct retry_policy *policy,
                            const char *url, struct span content, struct ou_error *err);
enum ou_status transfer_put_part(struct http_client *client, const struct retry_policy *policy,
                                 const char *url, int fd, uint64_t offset, uint64_t bytes,
                                 const char sha256[SHA256_HEX], char *ret_etag,
                                 struct ou_error *err);

#endif
