#include "api/api.h"

#include <sodium.h>
#include <stdlib.h>

#include "api/answering.h"
#include "base/time.h"
#include "publish/publication.h"

#define RATE_REQUESTS 6000
#define RATE_WINDOW_S 60
#define WORKERS 2

struct api {
    struct api_config config;
    struct store *store;
    struct description *description;
    struct router *router;
    struct rate *rate;
    struct work *work;
    struct events *events;
    struct deliveries *deliveries;
    struct folders *folders;
    struct http_server *server;
    unsigned char key[SERVER_KEY_BYTES];
};

const struct api_config *api_config(const struct api *a)
{
    return &a->config;
}

struct store *api_store(struct api *a)
{
    return a->store;
}

struct events *api_events(struct api *a)
{
    return a->events;
}

struct deliveries *api_deliveries(struct api *a)
{
    return a->deliveries;
}

const struct description *api_description(const struct api *a)
{
    return a->description;
}

struct rate *api_rate(struct api *a)
{
    return a->rate;
}

struct work *api_work(struct api *a)
{
    return a->work;
}

const unsigned char *api_key(const struct api *a)
{
    return a->key;
}

uint16_t api_port(const struct api *a)
{
    return http_server_port(a->server);
}

/* ---- requests, in the loop's thread ---- */

static bool is_long(const struct route *route)
{
    unsigned flags = 0;

    if (route->operation)
        flags = route->operation->operation->flags;
    else if (route->page)
        flags = route->page->flags;
    return flags & OPERATION_LONG;
}

static void take(void *context, struct http_pending *pending)
{
    struct api *a = context;
    const struct http_call *call = http_pending_call(pending);
    struct job job = {
        .pending = pending,
        .route = route_find(a->router, call->method, call->path),
        .taken_ns = time_monotonic_ns(),
    };

    if (!work_put(a->work, &job, is_long(&job.route)))
        answer_busy(a, &job);
}

/* Publications are large; of nothing else much is taken. */
static size_t body_limit(void *context, const struct http_call *head)
{
    const struct api *a = context;
    struct route route = route_find(a->router, head->method, head->path);

    return route.operation && route.operation->operation->flags & OPERATION_PUBLICATION
               ? PUBLICATION_PACKED_MAX
               : HTTP_BODY_MAX;
}

/* ---- life ---- */

static enum ou_status read_key(struct api *a, struct ou_error *err)
{
    struct sql *db;
    enum ou_status status = store_take(a->store, &db, err);

    if (status)
        return status;
    status = server_key(db, a->key, err);
    store_give(a->store, db);
    return status;
}

static void set_defaults(struct api_config *config)
{
    if (config->rate_requests == 0) {
        config->rate_requests = RATE_REQUESTS;
        config->rate_window_s = RATE_WINDOW_S;
    }
    if (config->workers == 0)
        config->workers = WORKERS;
}

/* What requests need, before there are any. */
static enum ou_status open_parts(struct api *a, struct ou_error *err)
{
    enum ou_status status = read_key(a, err);

    if (!status)
        status = description_open(&a->description, err);
    if (!status)
        status = router_open(a->description, a->config.site ? a->config.site->pages : NULL,
                             &a->router, err);
    if (!status)
        status = rate_open(a->config.rate_requests, a->config.rate_window_s, &a->rate, err);
    if (!status)
        status = events_open(a->store, &a->events, err);
    if (!status)
        status = deliveries_open(a->store, a->config.outlets, a->config.outlet_count,
                                 &a->deliveries, err);
    if (!status && a->config.run_folders)
        status = folders_open(a->store, a->config.run_folders, &a->folders, err);
    if (!status)
        status = work_open(a->config.workers, answer_job, a, &a->work, err);
    return status;
}

static enum ou_status open_server(struct api *a, uv_loop_t *loop, struct ou_error *err)
{
    struct http_server_options options = {
        .host = a->config.listen_host,
        .port = a->config.listen_port,
        .tls = a->config.tls,
        .take = take,
        .explain = answer_refusal,
        .context = a,
        .methods = API_METHODS,
        .body_limit = body_limit,
    };

    return http_server_open(loop, &options, &a->server, err);
}

enum ou_status api_open(uv_loop_t *loop, struct store *store, const struct api_config *config,
                        struct api **ret, struct ou_error *err)
{
    struct api *a;
    enum ou_status status;

    *ret = NULL;
    if (sodium_init() < 0)
        return ou_fail(err, OU_IO, "there are no random numbers on this system");
    a = calloc(1, sizeof *a);
    if (!a)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the server");
    a->config = *config;
    a->store = store;
    set_defaults(&a->config);
    status = open_parts(a, err);
    if (!status)
        status = open_server(a, loop, err);
    if (status)
        api_close(a);
    else
        *ret = a;
    return status;
}

/* Requests that wait are answered first, by workers that look at all the rest; then streams end, what they opened among
 * them. */
void api_close(struct api *a)
{
    if (!a)
        return;
    work_close(a->work);
    folders_close(a->folders);
    deliveries_close(a->deliveries);
    events_close(a->events);
    http_server_close(a->server);
    rate_close(a->rate);
    router_close(a->router);
    description_close(a->description);
    sodium_memzero(a->key, sizeof a->key);
    free(a);
}
