/* What the files of the server share. All in the loop's thread, but for what the lock guards. */
#ifndef OU_HTTP_SERVER_PRIVATE_H
#define OU_HTTP_SERVER_PRIVATE_H

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/listening.h"
#include "http/outgoing.h"
#include "http/params.h"
#include "http/server.h"
#include "http/stream.h"

/* A body that is refused is read to here, so that the client has sent all and reads why; what is larger is cut off. */
#define SWALLOWED_MAX ((size_t)8 << 20)

/* One listening socket, with a daemon of libmicrohttpd's and its epoll descriptor in the loop. */
struct listener {
    struct http_server *server;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
};

/* One connection of a client, from its acceptance on. */
struct connection {
    struct connection *next, **at; /* of the server's, and what points to it there */
    struct MHD_Connection *library;
    int64_t deadline_ns; /* until when it has to have sent what it owes; INT64_MAX: nothing */
};

/* Bytes of requests that are held. */
struct bodies {
    size_t bytes, bytes_max;
};

struct http_pending {
    struct http_pending *next; /* of those that were answered */
    struct http_server *server;
    struct http_call call;
    struct http_answer answer;
    bool taken, answered;
};

struct request {
    struct request *next; /* while it waits for a turn */
    struct http_server *server;
    struct MHD_Connection *connection;
    struct http_params params;
    char *target;
    char client[INET6_ADDRSTRLEN];
    bool begun;       /* its head has been seen */
    unsigned refused; /* with this status, when its body has been swallowed; 0: it is not */
    int64_t begun_ns;
    size_t body_max, came, swallowed; /* bytes of the body; those that came after it was refused */
    struct buffer body;
    struct http_pending pending; /* its call; and its answer, where it is taken */
};

struct http_server {
    http_handler *handler;
    http_taker *take;
    http_handler *explain;
    http_body_limit *body_limit;
    void *context;
    char *methods; /* "GET, HEAD, POST" */
    bool is_tls;
    uint16_t port;
    struct listener listeners[LISTENING_MAX];
    size_t listener_count;
    uv_timer_t timer; /* when a daemon has something to do without a descriptor being ready */
    uv_async_t mail;  /* other threads have something */
    unsigned handles_open;
    bool closing;
    struct outgoing_list unread;
    int64_t turn_ns, busy_ns; /* a turn's share, and what of it is used up */
    struct request *waiting;  /* for the next turn; the newest first */
    struct bodies bodies;
    struct connection *connections;
    int64_t timeout_ns, request_ns, look_ns; /* look_ns: when the first of them may be late */
    size_t request_rate_bytes;
    struct http_stream *streams; /* that are being answered with */
    atomic_bool streams_changed; /* some of them has something */
    unsigned taken;              /* requests that are out */
    pthread_mutex_t lock;
    struct http_pending *answered; /* guarded by the lock */
    char *certificates;            /* TLS: the certificate and its chain, one after the other */
    char said[256];                /* the library's first complaint */
};

/* --- server_requests.c ------------------------------------------------------------------------ */

/* What the library calls: with the request line, with head and body, and at the end. */
void *http_on_target(void *context, const char *target, struct MHD_Connection *connection);
enum MHD_Result http_on_request(void *context, struct MHD_Connection *connection, const char *path,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_bytes, void **state);
void http_on_done(void *context, struct MHD_Connection *connection, void **state,
                  enum MHD_RequestTerminationCode why);
/* Has the library ask again for the answers of those that waited for a turn. */
void http_begin_turn(struct http_server *s);

/* --- answer.c --------------------------------------------------------------------------------- */

/* The name of the next further header, NULL behind the last; name: the one before it, NULL: give the first. */
const char *http_answer_header_next(const struct http_answer *answer, const char *name);

/* --- server_answers.c ------------------------------------------------------------------------- */

struct http_answer http_empty_answer(unsigned status);
/* Consumes the answer. MHD_NO ends the connection. */
enum MHD_Result http_send_answer(struct http_server *s, struct request *r, struct http_answer *a);
/* Cuts off who takes an answer too slowly; and how long until the next is late, UINT64_MAX: there is none. */
void http_cut_off_readers(struct http_server *s);
uint64_t http_readers_wait_ms(const struct http_server *s);

/* --- connections.c: clients that owe something --------------------------------------------------- */

void http_on_connection(void *context, struct MHD_Connection *library, void **socket_context,
                        enum MHD_ConnectionNotificationCode code);
/* The client has until then; INT64_MAX: we are to act. */
void http_expect(struct http_server *s, struct MHD_Connection *library, int64_t deadline_ns);
void http_cut_off_senders(struct http_server *s);
uint64_t http_senders_wait_ms(const struct http_server *s);
/* As if the client had gone: the library closes what it finds shut down. */
void http_cut_off(struct MHD_Connection *library);

/* --- bodies.c --------------------------------------------------------------------------------- */

/* Appends to a request's body; false: there is no room for all requests together, or no memory. */
bool http_body_append(struct bodies *bodies, struct buffer *body, const char *bytes, size_t count);
void http_body_release(struct bodies *bodies, struct buffer *body);

/* --- pending.c -------------------------------------------------------------------------------- */

/* Hands the request over. */
void http_hand_over(struct http_server *s, struct request *r);
/* Has the library ask again for those that were answered meanwhile. */
void http_take_answered(struct http_server *s);

/* --- stream.c --------------------------------------------------------------------------------- */

/* What the library reads the stream from; it takes the reference and the body. NULL: no memory. */
struct MHD_Response *http_stream_response(struct http_server *server,
                                          struct MHD_Connection *connection, struct http_stream *s,
                                          const struct buffer *first);
/* Wakes those that have something; or, when the server closes, all of them. */
void http_wake_streams(struct http_server *s);

#endif
