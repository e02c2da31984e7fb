#include "api/rate.h"

#include <arpa/inet.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "api/answering.h"
#include "base/map.h"
#include "base/time.h"

struct client_key {
    unsigned char bytes[16];
};

struct bucket {
    double left;
    int64_t at_ns; /* when that was so */
};

struct rate {
    pthread_mutex_t mutex;
    struct map clients;   /* client_key -> bucket */
    struct bucket shared; /* of clients that there is no room for */
    double limit, per_ns;
    unsigned window_s;
};

enum ou_status rate_open(unsigned requests, unsigned window_s, struct rate **ret,
                         struct ou_error *err)
{
    struct rate *r = calloc(1, sizeof *r);

    *ret = r;
    if (!r)
        return ou_fail(err, OU_NO_MEMORY, "no memory for rate limits");
    pthread_mutex_init(&r->mutex, NULL);
    map_init(&r->clients, allocator_libc(), sizeof(struct client_key), sizeof(struct bucket),
             RATE_CLIENTS_MAX);
    r->limit = requests;
    r->window_s = window_s;
    r->per_ns = requests / (window_s * (double)NS_PER_SECOND);
    r->shared.left = r->limit;
    return OU_OK;
}

void rate_close(struct rate *r)
{
    if (!r)
        return;
    map_release(&r->clients);
    pthread_mutex_destroy(&r->mutex);
    free(r);
}

/* What is no address, of a test say, is all one client. */
static struct client_key key_of(const char *client)
{
    struct client_key key = { { 0 } };
    unsigned char v6[16];
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

    if (client && inet_pton(AF_INET, client, key.bytes + 12) == 1) {
        memcpy(key.bytes, mapped, sizeof mapped);
    } else if (client && inet_pton(AF_INET6, client, v6) == 1) {
        memcpy(key.bytes, v6, memcmp(v6, mapped, sizeof mapped) == 0 ? 16 : 8);
    }
    return key;
}

static void fill(const struct rate *r, struct bucket *b, int64_t now_ns)
{
    if (now_ns > b->at_ns)
        b->left = fmin(r->limit, b->left + (double)(now_ns - b->at_ns) * r->per_ns);
    b->at_ns = now_ns;
}

/* Clients whose buckets are full again are as those that never came. */
static void forget_idle(struct rate *r, int64_t now_ns)
{
    struct client_key *gone = calloc(r->clients.count, sizeof *gone);
    size_t cursor = 0, count = 0;
    const void *key;
    void *value;

    while (gone && map_next(&r->clients, &cursor, &key, &value)) {
        fill(r, value, now_ns);
        if (((struct bucket *)value)->left >= r->limit)
            memcpy(&gone[count++], key, sizeof *gone);
    }
    for (size_t i = 0; i < count; i++)
        map_remove(&r->clients, &gone[i]);
    free(gone);
}

static struct bucket *bucket_of(struct rate *r, const struct client_key *key, int64_t now_ns)
{
    struct bucket *found = map_find(&r->clients, key);
    bool is_new = false;
    void *value;

    if (found)
        return found;
    if (r->clients.count == RATE_CLIENTS_MAX && r->shared.at_ns + NS_PER_SECOND < now_ns)
        forget_idle(r, now_ns);
    if (map_put(&r->clients, key, &value, &is_new)) {
        found = &r->shared;
    } else {
        found = value;
        *found = (struct bucket){ .left = r->limit, .at_ns = now_ns };
    }
    return found;
}

struct rate_state rate_take(struct rate *r, const char *client, unsigned cost, int64_t now_ns)
{
    struct client_key key = key_of(client);
    struct rate_state state = { .limit = (unsigned)r->limit, .window_s = r->window_s };
    struct bucket *b;

    pthread_mutex_lock(&r->mutex);
    b = bucket_of(r, &key, now_ns);
    fill(r, b, now_ns);
    state.refused = b->left < 1;
    if (!state.refused)
        b->left = fmax(0, b->left - cost);
    state.left = (unsigned)b->left;
    state.reset_s = (unsigned)ceil((r->limit - b->left) / r->per_ns / (double)NS_PER_SECOND);
    pthread_mutex_unlock(&r->mutex);
    return state;
}

/* ---- requests ---- */

bool rate_request(struct api_request *r)
{
    unsigned wait_s;

    r->rate = rate_take(api_rate(r->api), r->client, 1, time_monotonic_ns());
    answer_headers(r);
    if (!r->rate.refused)
        return true;
    /* Until there is one again. */
    wait_s = r->rate.window_s / r->rate.limit + 1;
    api_problem(r, PROBLEM_RATE, "%u requests in %u seconds are the limit; try again in %u s.",
                r->rate.limit, r->rate.window_s, wait_s);
    http_answer_header(r->answer, "Retry-After", "%u", wait_s);
    return false;
}

void rate_failed_token(struct api_request *r)
{
    r->rate = rate_take(api_rate(r->api), r->client, RATE_FAILED_TOKEN, time_monotonic_ns());
}
