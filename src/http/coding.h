/* Content codings, gzip and zstd: what a request's body is packed in, and what an answer is packed in for a client that
 * takes it (RFC 9110, 8.4 and 12.5.3). Pure; any thread. */
#ifndef OU_HTTP_CODING_H
#define OU_HTTP_CODING_H

#include "http/server.h"

#define CODING_LEAST_BYTES 1024 /* shorter answers go as they are */

/* Appends the body of a request to *ret, unpacked as its Content-Encoding says. OU_TOO_LARGE above ret->max, which is
 * looked at before memory is taken: a bomb costs its packed bytes; OU_INVALID for what is cut, corrupt or has bytes behind
 * its end; OU_USAGE for a coding that is not known (415). */
enum ou_status coding_unpack(const struct http_call *call, struct buffer *ret,
                             struct ou_error *err);

/* Packs the answer's body if the client takes a coding, the type is one that shrinks and the body is worth it; says so in
 * Content-Encoding, adds Accept-Encoding to Vary, and gives a strong ETag the coding's name ("abc" becomes "abc-zstd"). An
 * answer that cannot be packed stays as it is. */
void coding_pack(const struct http_call *call, struct http_answer *answer);

/* Whether a tag of If-None-Match or If-Match means this ETag, in whichever coding it went out. list: the header's value,
 * "*" or tags with commas; tag: with its quotes. Weak tags match only where `weak`. */
bool coding_etag_matches(const char *list, const char *tag, bool weak);

#endif
