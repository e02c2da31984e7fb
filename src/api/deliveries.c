/* One thread that takes messages about alerts from the database and sends them, one after the other. What is claimed here and
 * not sent when the server dies is claimed again, here or by another server: a message arrives at least once. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/counts.h"
#include "api/outlets.h"
#include "api/parts.h"
#include "base/random.h"
#include "base/time.h"

#define LOOK_AGAIN_MS 1000 /* others publish into the database, too */
#define DATABASE_AWAY_MS 2000
#define GIVE_UP_NS (24 * 3600 * NS_PER_SECOND)
#define MESSAGE_MAX ((size_t)128 << 10)

struct deliveries {
    struct store *store;
    const struct api_outlet *outlets;
    size_t outlet_count;
    struct http_client *client;
    struct random_stream random;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken; /* by the monotonic clock */
    bool is_woken;
    atomic_bool is_closing;
};

static const struct api_outlet *find_outlet(const struct deliveries *d, const char *name)
{
    for (size_t i = 0; i < d->outlet_count; i++)
        if (strcmp(d->outlets[i].name, name) == 0)
            return &d->outlets[i];
    return NULL;
}

bool deliveries_has_outlet(const struct deliveries *d, const char *name)
{
    return d && find_outlet(d, name);
}

/* ---- the database ---- */

struct taking {
    struct arena *memory;
    struct delivery delivery;
    bool is_there;
};

static enum ou_status take(struct sql *db, void *context, struct ou_error *err)
{
    struct taking *t = context;
    int64_t woken;
    enum ou_status status = alerts_wake(db, time_wall_ns(), &woken, err);

    if (status)
        return status;
    status = delivery_claim(db, time_wall_ns(), t->memory, &t->delivery, err);
    t->is_there = !status;
    return status == OU_NOT_FOUND ? OU_OK : status;
}

struct ending {
    const struct delivery *delivery;
    bool is_sent;
    const char *why;
    int64_t pause_ns;
};

/* A day is enough for any receiver to come back; what was not told by then is shown as failed. */
static enum ou_status end(struct sql *db, void *context, struct ou_error *err)
{
    const struct ending *e = context;
    const int64_t now_ns = time_wall_ns(), next_ns = now_ns + e->pause_ns;
    const bool gives_up = next_ns - e->delivery->created_ns > GIVE_UP_NS;

    if (e->is_sent)
        return delivery_done(db, e->delivery->no, now_ns, err);
    return delivery_failed(db, e->delivery->no, e->why, gives_up ? TIME_NONE : next_ns, now_ns,
                           err);
}

/* One transaction with a connection of the store's: none is held while a message is on its way. */
static enum ou_status with_database(struct deliveries *d, sql_work work, void *context)
{
    struct ou_error err = { 0 };
    struct sql *db;
    enum ou_status status = store_take(d->store, &db, &err);

    if (status)
        return status;
    status = sql_write(db, work, context, &err);
    store_give(d->store, db);
    return status;
}

static enum ou_status look(struct deliveries *d, bool *ret_due)
{
    struct ou_error err = { 0 };
    struct sql *db;
    enum ou_status status = store_take(d->store, &db, &err);

    *ret_due = false;
    if (status)
        return status;
    status = deliveries_due(db, time_wall_ns(), ret_due, &err);
    store_give(d->store, db);
    return status;
}

/* ---- sending ---- */

static bool is_closing(struct deliveries *d)
{
    return atomic_load(&d->is_closing);
}

static bool send_message(struct deliveries *d, const struct delivery *delivery,
                         char why[OUTLET_WHY_ROOM])
{
    const struct api_outlet *outlet = find_outlet(d, delivery->outlet);
    struct buffer message;
    bool is_sent = false;

    if (!outlet) {
        snprintf(why, OUTLET_WHY_ROOM, "the server has no outlet of that name");
        return false;
    }
    buffer_init(&message, allocator_libc(), MESSAGE_MAX);
    outlet_message(delivery, &message);
    if (buffer_status(&message))
        snprintf(why, OUTLET_WHY_ROOM, "the message is too long");
    else
        is_sent = outlet_send(outlet, d->client, delivery, (struct span){ message.at, message.len },
                              &d->is_closing, why) == OU_OK;
    buffer_release(&message);
    return is_sent;
}

/* What was interrupted by our own end is nobody's failure: its claim runs out. */
static enum ou_status deliver(struct deliveries *d, const struct delivery *delivery)
{
    char why[OUTLET_WHY_ROOM];
    struct ending e = { .delivery = delivery, .why = why };

    e.is_sent = send_message(d, delivery, why);
    if (!e.is_sent && is_closing(d))
        return OU_INTERRUPTED;
    counts_delivery(e.is_sent);
    e.pause_ns = outlet_pause_ns(delivery->attempts, random_uniform(&d->random));
    return with_database(d, end, &e);
}

/* *ret_more: there may be more to send. */
static enum ou_status turn(struct deliveries *d, bool *ret_more)
{
    struct arena memory;
    struct taking t = { .memory = &memory };
    enum ou_status status = look(d, ret_more);

    if (status || !*ret_more)
        return status;
    arena_init(&memory, allocator_libc(), 4 * MESSAGE_MAX);
    status = with_database(d, take, &t);
    if (!status && t.is_there)
        status = deliver(d, &t.delivery);
    *ret_more = t.is_there;
    arena_release(&memory);
    return status;
}

/* ---- the thread ---- */

static void wait_a_while(struct deliveries *d, int64_t ms)
{
    struct timespec until;
    int64_t ns;

    clock_gettime(CLOCK_MONOTONIC, &until);
    ns = until.tv_nsec + ms * 1000000;
    until.tv_sec += ns / NS_PER_SECOND;
    until.tv_nsec = ns % NS_PER_SECOND;
    pthread_mutex_lock(&d->lock);
    while (!d->is_woken && !is_closing(d))
        if (pthread_cond_timedwait(&d->woken, &d->lock, &until))
            break;
    d->is_woken = false;
    pthread_mutex_unlock(&d->lock);
}

static void *work(void *context)
{
    struct deliveries *d = context;

    while (!is_closing(d)) {
        bool more = false;
        const enum ou_status status = turn(d, &more);

        if (status)
            wait_a_while(d, DATABASE_AWAY_MS);
        else if (!more)
            wait_a_while(d, LOOK_AGAIN_MS);
    }
    return NULL;
}

static void init_wake(struct deliveries *d)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&d->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&d->woken, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void release(struct deliveries *d)
{
    http_client_close(d->client);
    pthread_cond_destroy(&d->woken);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

enum ou_status deliveries_open(struct store *store, const struct api_outlet *outlets, size_t count,
                               struct deliveries **ret, struct ou_error *err)
{
    struct deliveries *d = calloc(1, sizeof *d);
    enum ou_status status;

    if (!d)
        return ou_fail(err, OU_NO_MEMORY, "no memory for deliveries");
    d->store = store;
    d->outlets = outlets;
    d->outlet_count = count;
    random_stream_init(&d->random, (uint64_t)time_wall_ns(), 0);
    init_wake(d);
    status = http_client_ready(err);
    if (!status)
        status = http_client_open(NULL, &d->client, err);
    if (!status && pthread_create(&d->thread, NULL, work, d))
        status = ou_fail(err, OU_NO_MEMORY, "no thread for deliveries");
    if (status) {
        release(d);
        return status;
    }
    *ret = d;
    return OU_OK;
}

void deliveries_wake(struct deliveries *d)
{
    if (!d)
        return;
    pthread_mutex_lock(&d->lock);
    d->is_woken = true;
    pthread_cond_signal(&d->woken);
    pthread_mutex_unlock(&d->lock);
}

void deliveries_close(struct deliveries *d)
{
    if (!d)
        return;
    atomic_store(&d->is_closing, true);
    http_client_cancel(d->client);
    deliveries_wake(d);
    pthread_join(d->thread, NULL);
    release(d);
}
