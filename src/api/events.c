/* News for listeners: one thread reads the feed and sends to all streams.
 *
 * A listener has the number of the last news it has heard of. What was missed and what is new go the same way: the thread
 * reads behind the lowest of these numbers, and sends to whoever is there already; so nothing comes twice or is left out,
 * whenever somebody joins. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/event_text.h"
#include "api/parts.h"
#include "api/points.h"
#include "api/streams.h"
#include "base/time.h"
#include "store/notify.h"

#define BATCH 200
#define BATCH_MEMORY_MAX ((size_t)64 << 20)
#define EVENT_BYTES_MAX ((size_t)1 << 20)
#define STREAMS_MAX 200
#define STREAMS_OF_CLIENT_MAX 16
#define KEEP_ALIVE_NS (15 * NS_PER_SECOND)
#define CARE_NS (5 * NS_PER_SECOND)
#define RETRY_NS NS_PER_SECOND /* the database is away */
/* A stream that a token opened ends after so long, and its client comes again: with a token that is still good. */
#define TOKEN_STREAM_NS (900 * NS_PER_SECOND)
#define CLIENT_ROOM 64

struct listener {
    struct listener *next;
    struct http_stream *stream; /* our reference */
    struct event_filter filter;
    char client[CLIENT_ROOM];
    int64_t heard;   /* number of the last news */
    int64_t ends_ns; /* on the monotonic clock; INT64_MAX: never */
};

struct events {
    struct store *store;
    struct store_listener *source;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    struct listener *listeners;
    size_t count;
    bool is_news, is_ending;
    /* The thread's own. */
    int64_t alive_ns, care_ns, retry_ns;
};

/* ---- listeners; with the lock ---- */

static void drop(struct events *e, struct listener **at)
{
    struct listener *gone = *at;

    *at = gone->next;
    e->count--;
    http_stream_drop(gone->stream);
    free(gone);
}

static bool send_text(const struct listener *l, const struct buffer *text)
{
    return http_stream_send(l->stream, (struct span){ text->at, text->len });
}

/* Sends to all; who takes nothing any more is forgotten. */
static void send_comment(struct events *e)
{
    static const char comment[] = ":\n\n";

    for (struct listener **at = &e->listeners; *at;) {
        if (http_stream_send((*at)->stream, (struct span){ comment, sizeof comment - 1 }))
            at = &(*at)->next;
        else
            drop(e, at);
    }
}

static void end_old(struct events *e, int64_t now_ns)
{
    for (struct listener **at = &e->listeners; *at;) {
        if ((*at)->ends_ns <= now_ns) {
            http_stream_close((*at)->stream);
            drop(e, at);
        } else {
            at = &(*at)->next;
        }
    }
}

static bool find_lowest(const struct events *e, int64_t *ret)
{
    *ret = INT64_MAX;
    for (const struct listener *l = e->listeners; l; l = l->next)
        *ret = l->heard < *ret ? l->heard : *ret;
    return e->listeners != NULL;
}

/* One item of news to whoever had heard of all up to `after` when it was read. */
static void send_news(struct events *e, int64_t after, const struct news *news)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), EVENT_BYTES_MAX);
    event_text(news, &text);
    for (struct listener **at = &e->listeners; *at;) {
        struct listener *l = *at;
        const bool is_due = l->heard >= after && l->heard < news->no;
        const bool is_sent = is_due && event_wanted(&l->filter, news);

        if (is_due)
            l->heard = news->no;
        if (is_sent && !buffer_status(&text) && !send_text(l, &text))
            drop(e, at);
        else
            at = &l->next;
    }
    buffer_release(&text);
}

/* Some of what is behind `after` is gone: whoever stands there is to read everything anew. */
static void send_reset(struct events *e, int64_t after, int64_t last)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), EVENT_BYTES_MAX);
    event_own_text("reset", last, &text);
    for (struct listener **at = &e->listeners; *at;) {
        struct listener *l = *at;
        const bool is_meant = l->heard == after;

        if (is_meant)
            l->heard = last;
        if (is_meant && !send_text(l, &text))
            drop(e, at);
        else
            at = &l->next;
    }
    buffer_release(&text);
}

/* ---- reading ---- */

struct batch {
    struct arena memory;
    int64_t after, last;
    struct news *news;
    size_t count;
    bool is_gap;
};

static enum ou_status read_batch(struct events *e, struct batch *b, struct ou_error *err)
{
    struct sql *db = NULL;
    enum ou_status status = store_take(e->store, &db, err);

    if (status)
        return status;
    status = news_since(db, b->after, BATCH, &b->memory, &b->news, &b->count, &b->is_gap, err);
    if (!status && b->is_gap)
        status = news_last(db, &b->last, err);
    store_give(e->store, db);
    return status;
}

static void send_batch(struct events *e, const struct batch *b)
{
    pthread_mutex_lock(&e->lock);
    if (b->is_gap)
        send_reset(e, b->after, b->last);
    for (size_t i = 0; !b->is_gap && i < b->count; i++)
        send_news(e, b->after, &b->news[i]);
    pthread_mutex_unlock(&e->lock);
}

/* One batch. True: there may be more. */
static bool deliver_some(struct events *e)
{
    struct ou_error err = { "" };
    struct batch b = { 0 };
    enum ou_status status;
    bool is_more;

    pthread_mutex_lock(&e->lock);
    is_more = find_lowest(e, &b.after);
    pthread_mutex_unlock(&e->lock);
    if (!is_more)
        return false;
    arena_init(&b.memory, allocator_libc(), BATCH_MEMORY_MAX);
    status = read_batch(e, &b, &err);
    log_database(status ? err.text : NULL);
    if (status)
        e->retry_ns = time_monotonic_ns() + RETRY_NS;
    else
        send_batch(e, &b);
    is_more = !status && (b.is_gap || b.count > 0);
    arena_release(&b.memory);
    return is_more;
}

/* ---- runs that fall silent ---- */

static enum ou_status care(struct sql *db, void *context, struct ou_error *err)
{
    const int64_t now_ns = *(const int64_t *)context;
    enum ou_status status = live_tell_silent(db, now_ns, err);

    return status ? status : live_prune(db, now_ns, err);
}

/* Whoever of several servers comes first does it. */
static void care_for_live(struct events *e)
{
    int64_t now_ns = time_wall_ns();
    struct ou_error err = { "" };
    struct sql *db = NULL;
    bool is_needed = false;
    enum ou_status status = store_take(e->store, &db, &err);

    if (!status)
        status = live_needs_care(db, now_ns, &is_needed, &err);
    if (!status && is_needed)
        status = sql_write(db, care, &now_ns, &err);
    store_give(e->store, db);
    log_database(status ? err.text : NULL);
}

/* ---- the thread ---- */

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_wake_ns(const struct events *e)
{
    const int64_t regular = sooner(e->alive_ns, e->care_ns);

    return e->retry_ns ? sooner(regular, e->retry_ns) : regular;
}

/* With the lock. */
static void wait_for_work(struct events *e)
{
    const int64_t at_ns = next_wake_ns(e);
    const struct timespec at = { .tv_sec = at_ns / NS_PER_SECOND,
                                 .tv_nsec = at_ns % NS_PER_SECOND };

    while (!e->is_news && !e->is_ending &&
           pthread_cond_timedwait(&e->changed, &e->lock, &at) != ETIMEDOUT)
        ;
}

static void do_regular(struct events *e, int64_t now_ns)
{
    pthread_mutex_lock(&e->lock);
    end_old(e, now_ns);
    if (now_ns >= e->alive_ns)
        send_comment(e);
    pthread_mutex_unlock(&e->lock);
    if (now_ns >= e->alive_ns)
        e->alive_ns = now_ns + KEEP_ALIVE_NS;
    if (now_ns < e->care_ns)
        return;
    care_for_live(e);
    e->care_ns = now_ns + CARE_NS;
}

static void *run(void *context)
{
    struct events *e = context;
    bool is_ending;

    do {
        pthread_mutex_lock(&e->lock);
        wait_for_work(e);
        e->is_news = false;
        is_ending = e->is_ending;
        pthread_mutex_unlock(&e->lock);
        e->retry_ns = 0;
        while (!is_ending && deliver_some(e))
            ;
        if (!is_ending)
            do_regular(e, time_monotonic_ns());
    } while (!is_ending);
    return NULL;
}

static void wake(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    e->is_news = true;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
}

static void on_heard(void *context)
{
    wake(context);
}

/* ---- opening, closing ---- */

static void init_lock(struct events *e)
{
    pthread_condattr_t monotonic;

    pthread_mutex_init(&e->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&e->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void release(struct events *e)
{
    pthread_cond_destroy(&e->changed);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

enum ou_status events_open(struct store *store, struct events **ret, struct ou_error *err)
{
    struct events *e = calloc(1, sizeof *e);
    enum ou_status status;

    if (!e)
        return ou_fail(err, OU_NO_MEMORY, "no memory for events");
    e->store = store;
    e->alive_ns = time_monotonic_ns() + KEEP_ALIVE_NS;
    e->care_ns = e->alive_ns;
    init_lock(e);
    status = store_listen(store, on_heard, e, &e->source, err);
    if (!status && pthread_create(&e->thread, NULL, run, e) != 0) {
        store_listener_close(e->source);
        status = ou_fail(err, OU_NO_MEMORY, "no thread for events");
    }
    if (status) {
        release(e);
        return status;
    }
    *ret = e;
    return OU_OK;
}

void events_close(struct events *e)
{
    if (!e)
        return;
    store_listener_close(e->source);
    pthread_mutex_lock(&e->lock);
    e->is_ending = true;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
    pthread_join(e->thread, NULL);
    while (e->listeners) {
        http_stream_close(e->listeners->stream);
        drop(e, &e->listeners);
    }
    release(e);
}

/* ---- joining ---- */

/* With the lock. Those whose clients have gone count no more. */
static size_t count_of_client(struct events *e, const char *client)
{
    size_t count = 0;

    for (struct listener **at = &e->listeners; *at;) {
        if (!http_stream_is_open((*at)->stream)) {
            drop(e, at);
            continue;
        }
        count += strcmp((*at)->client, client) == 0;
        at = &(*at)->next;
    }
    return count;
}

static bool add(struct events *e, struct listener *l)
{
    bool has_room;

    pthread_mutex_lock(&e->lock);
    has_room = !e->is_ending && count_of_client(e, l->client) < STREAMS_OF_CLIENT_MAX &&
               e->count < STREAMS_MAX;
    if (has_room) {
        l->next = e->listeners;
        e->listeners = l;
        e->count++;
    }
    pthread_mutex_unlock(&e->lock);
    if (has_room)
        wake(e);
    return has_room;
}

size_t events_listeners(struct events *e)
{
    size_t count;

    pthread_mutex_lock(&e->lock);
    count = e->count;
    pthread_mutex_unlock(&e->lock);
    return count;
}

/* How it begins: how soon to come again, and from where. */
static void greet(const struct listener *l, const char *kind)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), EVENT_BYTES_MAX);
    buffer_text(&text, "retry: 2000\n\n");
    event_own_text(kind, l->heard, &text);
    (void)send_text(l, &text);
    buffer_release(&text);
}

enum ou_status events_join(struct events *e, const struct stream_wish *wish,
                           struct http_stream **ret, struct ou_error *err)
{
    struct listener *l = calloc(1, sizeof *l);
    struct http_stream *stream;

    if (!l || !(l->stream = http_stream_new())) {
        free(l);
        return ou_fail(err, OU_NO_MEMORY, "no memory for a stream");
    }
    l->filter = wish->filter;
    l->heard = wish->after;
    l->ends_ns = wish->has_token ? time_monotonic_ns() + TOKEN_STREAM_NS : INT64_MAX;
    snprintf(l->client, CLIENT_ROOM, "%s", wish->client ? wish->client : "");
    greet(l, wish->is_gap ? "reset" : "hello");
    stream = http_stream_keep(l->stream);
    if (add(e, l)) {
        *ret = stream;
        return OU_OK;
    }
    http_stream_drop(stream);
    http_stream_drop(l->stream);
    free(l);
    return ou_fail(err, OU_TOO_LARGE, "there are too many streams of events; come again later");
}
