/* AWS Signature Version 4: header and query forms. Pure; HMAC-SHA256 of libsodium. */
#ifndef OU_STORAGE_SIGV4_H
#define OU_STORAGE_SIGV4_H

#include "base/buffer.h"
#include "base/span.h"
#include "storage/credentials.h"

#define SHA256_BYTES 32
#define SHA256_HEX (2 * SHA256_BYTES + 1)
#define SIGV4_PAIRS_MAX 64
#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"

struct sigv4_pair {
    const char *name, *value; /* not encoded */
};

struct sigv4_request {
    const char *method;
    const char *host; /* as the Host header has it, with the port unless it is the scheme's */
    const char *path; /* not encoded, begins with "/" */
    const struct sigv4_pair *query; /* in any order */
    size_t query_count;
    const struct sigv4_pair
        *headers; /* to be signed besides host and the x-amz ones made here; lower-case names */
    size_t header_count;
    const char *payload_sha256; /* hex, or SIGV4_UNSIGNED */
};

struct sigv4_scope {
    const struct s3_credentials *credentials;
    const char *region, *service; /* "us-east-1", "s3" */
    int64_t at_ns;                /* wall clock */
};

/* Appends header lines "Name: value\0...": x-amz-date, x-amz-content-sha256, x-amz-security-token where there is one, and Authorization; one NUL-terminated
 * text after the other. */
enum ou_status sigv4_headers(const struct sigv4_request *request, const struct sigv4_scope *scope,
                             struct buffer *ret, struct ou_error *err);

/* Appends path and query of a presigned URL, "/bucket/key?X-Amz-...": for whoever has it, until expires_s (1 to 604800) have
 * passed. Signed headers (request->headers) must be sent by them with these values. */
enum ou_status sigv4_presign(const struct sigv4_request *request, const struct sigv4_scope *scope,
                             uint32_t expires_s, struct buffer *ret, struct ou_error *err);

/* Appends path?query, encoded as it is signed; what a URL has behind the host. */
void sigv4_target(const struct sigv4_request *request, struct buffer *ret);

void sha256_hex(struct span bytes, char ret[SHA256_HEX]);
/* Of a part of a file, read in pieces. */
enum ou_status sha256_of_file(int fd, uint64_t offset, uint64_t bytes, const char *name,
                              char ret[SHA256_HEX], struct ou_error *err);

#endif
