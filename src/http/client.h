/* HTTP requests that are waited for, over libcurl: connections are kept and used again. A client belongs to one thread at a
 * time; several threads have several clients. libcurl must have been made ready by http_client_ready().
 *
 * HTTP/1.1 without redirects, cookies or .netrc. Proxies of the environment (https_proxy, no_proxy, ...) are used, but never
 * for a server on this machine or link (127., 169.254.). */
#ifndef OU_HTTP_CLIENT_H
#define OU_HTTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"
#include "base/status.h"

#define HTTP_CAUSE_ROOM 128
#define HTTP_REPLY_HEADERS_MAX ((size_t)64 << 10) /* bytes of header lines; more is OU_TOO_LARGE */

/* Whom to believe, and who we are. Paths of PEM files; NULL: the system's authorities, no certificate of ours. */
struct http_identity {
    const char *ca_file, *certificate_file, *key_file;
    const char *server_name; /* that its certificate is to have; NULL: the URL's host */
};

struct http_client; /* opaque */

/* Once, before other threads are started. */
enum ou_status http_client_ready(struct ou_error *err);
/* OU_NOT_FOUND, with the path, when a file of the identity cannot be read. The identity is copied. */
enum ou_status http_client_open(const struct http_identity *identity, struct http_client **ret,
                                struct ou_error *err);
void http_client_close(struct http_client *client); /* NULL is fine */

/* Makes requests that go on end with OU_INTERRUPTED, from any thread; for those who close down. Ctrl-C does so, too
 * (base/interrupt.h). */
void http_client_cancel(struct http_client *client);
/* Whether requests go on in spite of Ctrl-C, until this is said again: for what takes away what an interrupted program made. */
void http_client_clean_up(struct http_client *client, bool cleans_up);
bool http_client_cancelled(const struct http_client *client); /* or interrupted; any thread */

struct http_request {
    const char *method; /* "GET", "HEAD", "PUT", "POST", "DELETE" */
    const char *url;    /* http:// or https://; redirects are not followed */
    const char *const
        *headers;     /* "Name: value", sent as they stand; NULL behind the last; NULL: none */
    struct span body; /* of memory, or else ... */
    int body_fd;      /* ... body_bytes from body_offset on of a file, where with_file is set */
    uint64_t body_offset, body_bytes;
    bool with_file;
    double timeout_s; /* for all of it; 0: as long as it moves */
    double stall_s;   /* without a byte; 0: 30 */
    /* Takes the bytes of a reply with status 2xx as they come, instead of its body; false ends the request with OU_IO.
     * NULL: into the body. Bodies of failures always go into the body, of which the first 64 KiB are kept. */
    bool (*take)(void *context, struct span bytes);
    void *context;
    size_t body_max; /* of a reply's body in memory; more is OU_TOO_LARGE; 0: 16 MiB */
};

struct http_reply {
    int status;
    struct buffer body;
    struct buffer headers; /* the lines, as they came */
    double seconds;        /* from the call to the last byte */
    double first_byte_s;
    uint64_t bytes; /* of the body, taken or kept */
    /* Of OU_IO: the cause in few words, "connection refused"; and whether asking again cannot help (a certificate that is
     * not trusted, a file that ended early, `take` that refused). */
    char cause[HTTP_CAUSE_ROOM];
    bool hopeless;
};

/* Asks once. OU_OK for every reply that came whole, whatever its status. OU_INVALID: method, URL or headers that cannot be
 * sent. OU_IO: there was no reply, or it was cut: the message has host, port and cause, and never the query, user or fragment of the URL, which may be a secret. *ret is to be released in any case. */
enum ou_status http_ask(struct http_client *client, const struct http_request *request,
                        struct http_reply *ret, struct ou_error *err);
void http_reply_release(struct http_reply *reply); /* a zeroed one is fine */

/* The value of a header of a reply, without blanks around; an empty view with at == NULL: there is none. Names in any case. */
struct span http_reply_header(const struct http_reply *reply, const char *name);

/* When the server says that it is ("Date: Sun, 06 Nov 1994 08:49:37 GMT"), in wall-clock ns; TIME_NONE: it does not say, or not so. */
int64_t http_reply_date_ns(const struct http_reply *reply);

/* Whether a URL's host is this machine: localhost, names below it, 127.x.y.z, [::1]. */
bool http_is_loopback(const char *host);

/* The URL as messages may show it: scheme, host, port and path. */
void http_url_shown(const char *url, char *ret, size_t room);

/* Appends a text with all but A-Z a-z 0-9 - . _ ~ (and "/", if `path`) as %XX, in upper case. */
void http_encode(struct buffer *out, struct span text, bool path);

#endif
