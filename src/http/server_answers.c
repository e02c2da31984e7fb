#include <stdlib.h>

#include "base/time.h"
#include "http/server_private.h"

/* An answer on its way: the body belongs to the library until it calls answer_sent(). */
struct sent_answer {
    struct outgoing outgoing; /* the first: it is found by it */
    struct http_server *server;
    struct MHD_Connection *connection; /* is there as long as its answer */
    struct buffer body;
};

struct http_answer http_empty_answer(unsigned status)
{
    struct http_answer a = { .status = status };

    buffer_init(&a.body, allocator_libc(), HTTP_ANSWER_MAX);
    return a;
}

static void answer_sent(void *context)
{
    struct sent_answer *sent = context;

    outgoing_remove(&sent->server->unread, &sent->outgoing);
    buffer_release(&sent->body);
    free(sent);
}

/* With its memory: a short answer would hold it until the client has taken that. */
static void drop_body(struct http_answer *a)
{
    buffer_release(&a->body);
    buffer_init(&a->body, allocator_libc(), HTTP_ANSWER_MAX);
}

static void drop_stream(struct http_answer *a)
{
    http_stream_close(a->stream);
    http_stream_drop(a->stream);
    a->stream = NULL;
}

/* Nothing of what was said of the body goes for the reason that is sent in its place. */
static void fail(struct http_answer *a, unsigned status)
{
    drop_body(a);
    buffer_release(&a->headers);
    a->cache = a->policy = NULL;
    if (a->stream)
        drop_stream(a);
    a->status = status;
}

static bool has_no_body(unsigned status)
{
    return status == MHD_HTTP_NO_CONTENT || status == MHD_HTTP_NOT_MODIFIED;
}

/* Of a failure that has none. */
static void put_reason(const struct http_server *s, const struct request *r, struct http_answer *a)
{
    a->type = NULL;
    if (s->explain)
        s->explain(s->context, &r->pending.call, a);
    if (buffer_status(&a->body))
        drop_body(a);
    if (a->body.len == 0)
        buffer_printf(&a->body, "%s\n", MHD_get_reason_phrase_for(a->status));
}

/* Makes of the answer what can be sent, whatever the handler left undone. */
static void complete(const struct http_server *s, const struct request *r,
                     const struct in6_addr *client, struct http_answer *a)
{
    if (buffer_status(&a->body) || buffer_status(&a->headers))
        fail(a, MHD_HTTP_INTERNAL_SERVER_ERROR);
    else if (a->body.cap > outgoing_room(&s->unread, client))
        fail(a, MHD_HTTP_SERVICE_UNAVAILABLE);
    else if (a->status == 0)
        a->status = MHD_HTTP_NOT_FOUND;
    if (a->body.len == 0 && a->status >= 400 && !a->stream)
        put_reason(s, r, a);
    if (has_no_body(a->status))
        drop_body(a);
    if (a->status == MHD_HTTP_SERVICE_UNAVAILABLE && !http_answer_header_of(a, "Retry-After"))
        http_answer_header(a, "Retry-After", "1");
}

static void put_headers(struct MHD_Response *response, const struct http_answer *a)
{
    const char *name = NULL;

    if (!has_no_body(a->status))
        MHD_add_response_header(response, "Content-Type",
                                a->type ? a->type : "text/plain;charset=utf-8");
    MHD_add_response_header(response, "Cache-Control", a->cache ? a->cache : "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (a->policy)
        MHD_add_response_header(response, "Content-Security-Policy", a->policy);
    if (a->allow)
        MHD_add_response_header(response, "Allow", a->allow);
    while ((name = http_answer_header_next(a, name)))
        MHD_add_response_header(response, name, http_answer_header_of(a, name));
}

static struct in6_addr client_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    return info ? outgoing_client(info->client_addr) : in6addr_any;
}

/* The body goes out from where it stands. */
static struct MHD_Response *body_response(struct http_server *s, struct MHD_Connection *connection,
                                          const struct in6_addr *client, struct http_answer *a)
{
    struct sent_answer *sent = malloc(sizeof *sent);
    struct MHD_Response *response;

    if (!sent)
        return NULL;
    *sent = (struct sent_answer){ .server = s, .connection = connection, .body = a->body };
    a->body = (struct buffer){ 0 };
    outgoing_add(&s->unread, &sent->outgoing, client, sent->body.cap, time_monotonic_ns());
    response = MHD_create_response_from_buffer_with_free_callback_cls(sent->body.len, sent->body.at,
                                                                      answer_sent, sent);
    if (!response)
        answer_sent(sent);
    return response;
}

static ssize_t read_nothing(void *context, uint64_t position, char *room, size_t max)
{
    (void)context;
    (void)position;
    (void)room;
    (void)max;
    return MHD_CONTENT_READER_END_OF_STREAM;
}

/* A head whose length is not known: that of a 304, which could only be told by who has the body, or of a stream. Sent in
 * chunks, the library would send the last one, though there is no body; so it ends with the connection. */
static struct MHD_Response *head_response(void)
{
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1, read_nothing, NULL, NULL);

    if (response)
        MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    return response;
}

static struct MHD_Response *response_of(struct http_server *s, struct request *r,
                                        const struct in6_addr *client, struct http_answer *a)
{
    struct http_stream *stream = a->stream;

    if (a->status == MHD_HTTP_NOT_MODIFIED || (stream && r->pending.call.is_head))
        return head_response();
    if (!stream)
        return body_response(s, r->connection, client, a);
    a->stream = NULL;
    return http_stream_response(s, r->connection, stream, &a->body);
}

static void release(struct http_answer *a)
{
    buffer_release(&a->body);
    buffer_release(&a->headers);
    if (a->stream)
        drop_stream(a);
}

enum MHD_Result http_send_answer(struct http_server *s, struct request *r, struct http_answer *a)
{
    const struct in6_addr client = client_of(r->connection);
    enum MHD_Result result = MHD_NO;
    struct MHD_Response *response;

    complete(s, r, &client, a);
    response = response_of(s, r, &client, a);
    if (response) {
        put_headers(response, a);
        result = MHD_queue_response(r->connection, a->status, response);
        MHD_destroy_response(response); /* the connection has its own reference */
    }
    release(a);
    return result;
}

/* The library ends a connection whose client takes nothing, but not one whose client takes a byte now and then. */
void http_cut_off_readers(struct http_server *s)
{
    const int64_t now_ns = time_monotonic_ns();
    struct outgoing *late;

    while ((late = outgoing_late(&s->unread, now_ns)))
        http_cut_off(((const struct sent_answer *)late)->connection);
}

uint64_t http_readers_wait_ms(const struct http_server *s)
{
    const int64_t deadline_ns = outgoing_deadline_ns(&s->unread), now_ns = time_monotonic_ns();

    if (deadline_ns == INT64_MAX)
        return UINT64_MAX;
    return deadline_ns > now_ns ? (uint64_t)(deadline_ns - now_ns) / 1000000 + 1 : 1;
}
