/* HTTP in the event loop: libmicrohttpd under libuv. Requests are answered one at a time by one function; a client
 * that reads slowly keeps nobody waiting, and many requests at once are answered in several turns of the loop. What takes longer
 * is taken by http_server_options.take, and answered later from any thread. All other calls in the loop's thread. */
#ifndef OU_HTTP_SERVER_H
#define OU_HTTP_SERVER_H

#include <uv.h>

#include "base/buffer.h"
#include "base/span.h"
#include "base/status.h"

#define HTTP_BODY_MAX ((size_t)1 << 20)           /* of a request; more is 413 */
#define HTTP_ANSWER_MAX (HTTP_UNREAD_MAX / 4 - 1) /* with its NUL what one address may have */
#define HTTP_UNREAD_MAX \
    ((size_t)512 << 20) /* of answers that clients have not taken yet; more is 503 */

/* A request as the handler sees it; valid during the call. */
struct http_call {
    const char *
        method; /* one of the server's; HEAD is shown as GET, and its body left out by the server; others are 405 */
    const char *path;         /* decoded, without the query */
    struct span body;         /* of a POST, PUT or PATCH, as it came: see coding.h */
    struct http_params *args; /* http/params.h; tests make their own */
    const char *target;       /* path and query as the client wrote them; NULL in tests */
    const char *client;       /* its address, "127.0.0.1", "::1"; NULL in tests */
    bool is_head;             /* its body is made all the same, for its length */
    bool is_tls;
};

/* The first value of an argument, decoded: of the query, and of a form-encoded body; NULL: not given. */
const char *http_argument(const struct http_call *call, const char *name);
/* All values of an argument that may be repeated: the i-th, or NULL. */
const char *http_argument_at(const struct http_call *call, const char *name, size_t i);
const char *http_header(const struct http_call *call, const char *name); /* NULL: not given */

/* Whether the client takes this type ("application/json"), by its Accept header with ranges and q=0. *ret_named (may be NULL): it
 * is named, not only covered by a range; without the header all is taken and nothing named. */
bool http_accepts(const struct http_call *call, const char *type, bool *ret_named);
/* Likewise how much, 0 to 1000, so that the better of two types can be chosen. */
unsigned http_quality(const struct http_call *call, const char *type, bool *ret_named);

struct http_stream;

/* What the handler fills in. Zeroed but for the body, which is empty; status 0 means 404. A failure without a body gets its
 * reason ("Not Found") for one. */
struct http_answer {
    unsigned status;
    const char *type;      /* static text; NULL: text/plain;charset=utf-8 */
    const char *allow;     /* of a 405 */
    const char *cache;     /* Cache-Control; NULL: no-store */
    const char *policy;    /* Content-Security-Policy of pages; NULL: none */
    struct buffer body;    /* max HTTP_ANSWER_MAX; a failed buffer becomes 500 */
    struct buffer headers; /* further ones: http_answer_header() */
    struct http_stream
        *stream; /* not NULL: goes on behind the body (http/stream.h); the server's reference */
};

/* Another header, "ETag" with its value; a second one of that name replaces the first. Control characters in the value, which
 * may be foreign, become blanks: nobody adds lines. Content-Type, Cache-Control and Allow have members of their own. */
void http_answer_header(struct http_answer *answer, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What was said; NULL: nothing. Valid until the next change. */
const char *http_answer_header_of(const struct http_answer *answer, const char *name);

/* True for GET and HEAD; else the answer becomes 405. */
bool http_allow_get(const struct http_call *call, struct http_answer *ret);
/* Whether a page of another site had a browser send this, which its user need not know of: the Origin is not what the client
 * called this server, nor, behind a proxy, the proxy. Programs send no Origin. For what changes something. */
bool http_is_foreign(const struct http_call *call);
/* A short plain text as the answer; appended to the body. */
void http_say(struct http_answer *ret, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

typedef void http_handler(void *context, const struct http_call *call, struct http_answer *ret);

/* A request that is answered later. It belongs to whoever took it until http_pending_answer(); the server waits for it even
 * when it is closed. */
struct http_pending;
typedef void http_taker(void *context, struct http_pending *pending);
/* Its call stays valid, its answer is to be filled in; any one thread at a time. */
const struct http_call *http_pending_call(const struct http_pending *p);
struct http_answer *http_pending_answer_of(struct http_pending *p);
/* Sends the answer, if its client is still there. Any thread; p is gone. */
void http_pending_answer(struct http_pending *p);

/* How much body a request may bring, asked when its head is there: 0 refuses any (413). */
typedef size_t http_body_limit(void *context, const struct http_call *head);

struct http_tls {
    const char *certificate, *key, *chain; /* PEM texts; chain may be NULL */
};

struct http_server_options {
    const char *host;           /* name or address; "localhost" is 127.0.0.1 and ::1 */
    uint16_t port;              /* 0: a free one */
    const struct http_tls *tls; /* NULL: plain; copied */
    http_handler *handler;
    http_taker *take; /* in place of the handler: all requests are taken; in the loop's thread */
    http_handler *
        explain; /* writes the body of a failure that has none, the server's own (405, 413, 414, 431, 503) among
                            * them: answer.status says which. In the loop's thread, quickly. NULL: its reason as text */
    void *context;
    const char *methods; /* "GET, HEAD, POST, OPTIONS": for Allow, too; NULL: "GET, HEAD, POST" */
    http_body_limit *body_limit; /* NULL: HTTP_BODY_MAX */
    size_t bodies_max;           /* of all requests at a time; more is 503; 0: 256 MiB */
    unsigned connections_max;    /* 0: 256 */
    unsigned per_address_max;    /* 0: 64 */
    unsigned timeout_s;          /* of a silent connection; 0: 30 */
    size_t
        unread_max; /* bytes of answers that are on their way, a quarter for one address; 0: HTTP_UNREAD_MAX */
    int64_t answer_ns; /* for an answer to be taken, beside its bytes by their rate; 0: 30 s */
    size_t answer_rate_bytes; /* a second; 0: 64 KiB; what takes longer is cut off */
    int64_t
        request_ns; /* for a head to be whole, and for a body beside its bytes by their rate; 0: 30 s */
    size_t request_rate_bytes; /* a second; 0: 16 KiB; what takes longer is cut off */
    int64_t turn_ns;           /* of answering, until the loop looks at its other work; 0: 50 ms */
};

struct http_server;

/* OU_IO when the port is taken (and the next step), OU_INVALID for a certificate that does not fit. */
enum ou_status http_server_open(uv_loop_t *loop, const struct http_server_options *options,
                                struct http_server **ret, struct ou_error *err);
uint16_t http_server_port(const struct http_server *s);
/* Closes its connections; memory is given back when the loop has closed the handles. The functions of the options are not called
 * any more, so that what they look at may go. Not from a handler. s may be NULL. */
void http_server_close(struct http_server *s);

#endif
