#include "http/stream.h"

#include <stdlib.h>

#include "http/server_private.h"

/* What the library reads at once. */
#define PIECE_BYTES ((size_t)16 << 10)

enum stream_state {
    STREAM_OPEN,
    STREAM_ENDING, /* what was sent is still to be read */
    STREAM_CUT,    /* its client left too much */
    STREAM_GONE
};

struct http_stream {
    atomic_uint references;
    pthread_mutex_t lock; /* of all in this block */
    enum stream_state state;
    struct buffer unread;
    size_t read;                /* of it, which is taken out now and then */
    struct http_server *server; /* NULL: the answer has not begun, or has ended */

    struct http_stream *next, **at; /* of the server's, in its thread */
    struct MHD_Connection *connection;
    bool asleep; /* the library asks for nothing until it is woken */
};

struct http_stream *http_stream_new(void)
{
    struct http_stream *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    atomic_init(&s->references, 1);
    pthread_mutex_init(&s->lock, NULL);
    buffer_init(&s->unread, allocator_libc(), 2 * HTTP_STREAM_UNREAD_MAX);
    return s;
}

struct http_stream *http_stream_keep(struct http_stream *s)
{
    atomic_fetch_add(&s->references, 1);
    return s;
}

void http_stream_drop(struct http_stream *s)
{
    if (!s || atomic_fetch_sub(&s->references, 1) > 1)
        return;
    buffer_release(&s->unread);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* --- Any thread ------------------------------------------------------------------------------------ */

/* With the lock: the server is there as long as the stream knows of it. */
static void wake(struct http_stream *s)
{
    if (!s->server)
        return;
    atomic_store(&s->server->streams_changed, true);
    uv_async_send(&s->server->mail);
}

static void change_state(struct http_stream *s, enum stream_state state)
{
    s->state = state;
    wake(s);
}

static void take_out_read(struct http_stream *s)
{
    struct buffer *unread = &s->unread;

    if (s->read < unread->len / 2 || s->read == 0)
        return;
    memmove(unread->at, unread->at + s->read, unread->len - s->read);
    buffer_cut(unread, unread->len - s->read);
    s->read = 0;
}

static void queue(struct http_stream *s, struct span bytes)
{
    if (s->unread.len - s->read + bytes.len > HTTP_STREAM_UNREAD_MAX) {
        change_state(s, STREAM_CUT);
        return;
    }
    take_out_read(s);
    buffer_append(&s->unread, bytes.at, bytes.len);
    if (buffer_status(&s->unread))
        change_state(s, STREAM_CUT);
    else
        wake(s);
}

bool http_stream_send(struct http_stream *s, struct span bytes)
{
    bool taken;

    pthread_mutex_lock(&s->lock);
    if (s->state == STREAM_OPEN && bytes.len)
        queue(s, bytes);
    taken = s->state == STREAM_OPEN;
    pthread_mutex_unlock(&s->lock);
    return taken;
}

void http_stream_close(struct http_stream *s)
{
    pthread_mutex_lock(&s->lock);
    if (s->state == STREAM_OPEN)
        change_state(s, STREAM_ENDING);
    pthread_mutex_unlock(&s->lock);
}

bool http_stream_is_open(struct http_stream *s)
{
    bool open;

    pthread_mutex_lock(&s->lock);
    open = s->state == STREAM_OPEN;
    pthread_mutex_unlock(&s->lock);
    return open;
}

/* --- The server's thread ----------------------------------------------------------------------------- */

static size_t read_piece(struct http_stream *s, char *room, size_t max)
{
    const size_t left = s->unread.len - s->read, count = left < max ? left : max;

    if (count == 0)
        return 0;
    memcpy(room, s->unread.at + s->read, count);
    s->read += count;
    if (s->read == s->unread.len) {
        buffer_clear(&s->unread);
        s->read = 0;
    }
    return count;
}

/* What the library calls for more. */
static ssize_t on_read(void *context, uint64_t position, char *room, size_t max)
{
    struct http_stream *s = context;
    enum stream_state state;
    size_t count;

    (void)position;
    pthread_mutex_lock(&s->lock);
    state = s->state;
    count = state == STREAM_CUT ? 0 : read_piece(s, room, max);
    pthread_mutex_unlock(&s->lock);
    if (count)
        return (ssize_t)count;
    if (state == STREAM_CUT)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (state == STREAM_ENDING || s->server->closing)
        return MHD_CONTENT_READER_END_OF_STREAM;
    s->asleep = true;
    MHD_suspend_connection(s->connection);
    return 0;
}

/* The answer is at its end, whichever. */
static void on_end(void *context)
{
    struct http_stream *s = context;

    pthread_mutex_lock(&s->lock);
    s->state = STREAM_GONE;
    s->server = NULL;
    buffer_release(&s->unread);
    s->read = 0;
    pthread_mutex_unlock(&s->lock);
    *s->at = s->next;
    if (s->next)
        s->next->at = s->at;
    http_stream_drop(s);
}

/* What stands before the stream goes before all that was sent meanwhile. */
static void begin(struct http_stream *s, struct http_server *server, const struct buffer *first)
{
    struct buffer unread;

    buffer_init(&unread, allocator_libc(), first->len + 2 * HTTP_STREAM_UNREAD_MAX);
    buffer_append(&unread, buffer_string(first), first->len);
    pthread_mutex_lock(&s->lock);
    buffer_append(&unread, buffer_string(&s->unread), s->unread.len);
    buffer_release(&s->unread);
    s->unread = unread;
    if (buffer_status(&unread))
        s->state = STREAM_CUT;
    s->server = server;
    pthread_mutex_unlock(&s->lock);
}

struct MHD_Response *http_stream_response(struct http_server *server,
                                          struct MHD_Connection *connection, struct http_stream *s,
                                          const struct buffer *first)
{
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_BYTES, on_read, s, on_end);

    if (!response) {
        http_stream_close(s);
        http_stream_drop(s);
        return NULL;
    }
    s->connection = connection;
    s->next = server->streams;
    s->at = &server->streams;
    if (s->next)
        s->next->at = &s->next;
    server->streams = s;
    begin(s, server, first);
    return response;
}

static bool has_something(struct http_stream *s, bool *ret_cut)
{
    bool something;

    pthread_mutex_lock(&s->lock);
    *ret_cut = s->state == STREAM_CUT;
    something = s->state != STREAM_OPEN || s->unread.len > s->read;
    pthread_mutex_unlock(&s->lock);
    return something;
}

void http_wake_streams(struct http_server *server)
{
    struct http_stream *next;
    bool cut;

    if (!atomic_exchange(&server->streams_changed, false) && !server->closing)
        return;
    for (struct http_stream *s = server->streams; s; s = next) {
        const bool something = has_something(s, &cut);

        next = s->next;
        if (cut)
            http_cut_off(s->connection); /* it may be waiting for its client */
        if (s->asleep && (something || server->closing)) {
            s->asleep = false;
            MHD_resume_connection(s->connection);
        }
    }
}
