#include "cluster/courier.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/time.h"
#include "cluster/deployment_hosts.h"
#include "cluster/deployment_orders.h"

#define STATE_NAME "state.json"
#define ORDERS_NAME "orders.json"
/* A list may lag behind what is there: now and then every state is asked for. */
#define ROUNDS_BETWEEN_ALL 15
#define RENEW_LEAST_S 60
#define RENEW_MOST_S \
    1200 /* URLs end with the credentials that signed them, which may be short-lived */

/* ---- telling how it goes ---- */

static void note_answer(struct courier *c, enum ou_status status, const struct ou_error *why)
{
    struct deployment *d = c->d;
    bool is_away = status != OU_OK && status != OU_INTERRUPTED, told;

    pthread_mutex_lock(&d->mutex);
    told = is_away && !d->bucket_is_away;
    d->bucket_is_away = is_away;
    if (is_away)
        snprintf(d->bucket_trouble, sizeof d->bucket_trouble, "%s", why->text);
    else if (!status)
        d->bucket_seen_ns = time_monotonic_ns();
    pthread_mutex_unlock(&d->mutex);
    if (told)
        journal_add(&d->journal, "us", "", why->text);
}

/* ---- orders ---- */

static enum ou_status put_document(struct courier *c, const char *host, const json_t *document,
                                   struct ou_error *err)
{
    char key[S3_KEY_BYTES_MAX + 1], etag[S3_ETAG_ROOM];
    struct buffer sealed;
    enum ou_status status = bucket_key(&c->bucket, host, ORDERS_NAME, key, err);

    buffer_init(&sealed, allocator_libc(), ENVELOPE_BYTES_MAX);
    if (!status)
        status = host_orders_seal(c->d, host, document, &sealed, err);
    if (!status)
        status = s3_put(c->bucket.s3, key, (struct span){ sealed.at, sealed.len },
                        "application/json", etag, err);
    buffer_release(&sealed);
    return status;
}

static void bring_orders(struct courier *c, struct deployed_host *h)
{
    struct deployment *d = c->d;
    struct ou_error why = { 0 };
    enum ou_status status;
    uint64_t number;
    json_t *document;

    pthread_mutex_lock(&d->mutex);
    number = h->orders.number;
    document = number > h->written ? host_orders_document(h) : NULL;
    pthread_mutex_unlock(&d->mutex);
    if (!document)
        return;
    status = put_document(c, h->name, document, &why);
    json_decref(document);
    note_answer(c, status, &why);
    pthread_mutex_lock(&d->mutex);
    if (!status && number > h->written)
        h->written = number;
    pthread_cond_broadcast(&d->news);
    pthread_mutex_unlock(&d->mutex);
}

bool courier_is_done(const struct deployment *d)
{
    for (size_t i = 0; i < d->host_count; i++)
        if (d->hosts[i].written < d->hosts[i].orders.number)
            return false;
    return true;
}

static bool renewal_is_due(const struct courier *c)
{
    double after = fmin(RENEW_MOST_S, fmax(RENEW_LEAST_S, c->bucket.url_expires_s / 3.0));

    return (double)(time_monotonic_ns() - c->renewed_ns) / 1e9 > after;
}

static void renew_urls(struct courier *c)
{
    struct deployment *d = c->d;
    struct ou_error why = { 0 };
    enum ou_status status = OU_OK;

    if (!renewal_is_due(c))
        return;
    pthread_mutex_lock(&d->mutex);
    for (size_t i = 0; !status && i < d->host_count; i++)
        if (d->hosts[i].orders.number > 0)
            status = host_orders_renew(&d->hosts[i], &c->bucket, &why);
    pthread_mutex_unlock(&d->mutex);
    if (status)
        journal_add(&d->journal, "us", "", why.text);
    c->renewed_ns = time_monotonic_ns();
}

/* ---- states ---- */

/* What changed in it that a person would want to find again. */
static void note_state(struct deployment *d, const struct deployed_host *h,
                       const struct agent_state *state)
{
    const char *before = h->has_state ? h->state.problem : "";

    if (!h->has_state || strcmp(h->state.allocation, state->allocation) != 0)
        journal_add(&d->journal, "agent", h->name, "it has said its first word");
    if (state->problem[0] && strcmp(before, state->problem) != 0)
        journal_add(&d->journal, "agent", h->name, state->problem);
    if (state->leaving)
        journal_add(&d->journal, "agent", h->name, "it leaves");
}

/* Takes the state over, or releases it. Returns whether it need not be asked for again. */
static bool take_state(struct deployment *d, struct deployed_host *h, struct agent_state *state,
                       const char *etag)
{
    enum state_worth worth;

    pthread_mutex_lock(&d->mutex);
    worth = host_state_worth(d, h, state);
    if (worth == STATE_NEWS) {
        note_state(d, h, state);
        agent_state_release(&h->state);
        h->state = *state;
        h->has_state = true;
        h->heard_ns = time_monotonic_ns();
        pthread_cond_broadcast(&d->news);
    }
    if (worth != STATE_EARLY)
        snprintf(h->state_etag, sizeof h->state_etag, "%s", etag);
    pthread_mutex_unlock(&d->mutex);
    if (worth != STATE_NEWS)
        agent_state_release(state);
    if (worth == STATE_FOREIGN)
        journal_add(&d->journal, "us", h->name, "a state of another run or host was put there");
    return worth != STATE_EARLY;
}

/* It is signed by the host's own key; what it says may be wrong all the same. */
static enum ou_status read_state(const struct deployed_host *h, const struct buffer *text,
                                 struct agent_state *ret, struct ou_error *err)
{
    json_t *document = NULL;
    enum ou_status status =
        envelope_open(ENVELOPE_STATE, (struct span){ text->at, text->len }, h->key, &document, err);

    if (!status)
        status = agent_state_read(document, ret, err);
    json_decref(document);
    return status;
}

static void open_state(struct courier *c, struct deployed_host *h, const struct buffer *text,
                       const char *etag)
{
    struct agent_state state = { 0 };
    struct ou_error why = { 0 };

    if (!read_state(h, text, &state, &why)) {
        take_state(c->d, h, &state, etag);
        return;
    }
    agent_state_release(&state);
    journal_add(&c->d->journal, "us", h->name, why.text);
    pthread_mutex_lock(&c->d->mutex); /* it will not become better */
    snprintf(h->state_etag, sizeof h->state_etag, "%s", etag);
    pthread_mutex_unlock(&c->d->mutex);
}

static void fetch_state(struct courier *c, struct deployed_host *h)
{
    char key[S3_KEY_BYTES_MAX + 1], etag[S3_ETAG_ROOM] = "";
    struct ou_error why = { 0 };
    struct buffer text;
    bool changed = false;
    enum ou_status status = bucket_key(&c->bucket, h->name, STATE_NAME, key, &why);

    buffer_init(&text, allocator_libc(), ENVELOPE_BYTES_MAX);
    if (!status)
        status = s3_get(c->bucket.s3, key, h->state_etag, &text, &changed, etag, &why);
    note_answer(c, status == OU_NOT_FOUND ? OU_OK : status, &why);
    if (!status && changed)
        open_state(c, h, &text, etag);
    buffer_release(&text);
}

struct listing {
    struct courier *courier;
    bool *is_new; /* by host */
};

static bool on_object(void *context, const struct s3_object *object)
{
    struct listing *l = context;
    struct deployment *d = l->courier->d;
    struct deployed_host *h;
    struct span host;
    const char *name;

    if (bucket_key_parts(&l->courier->bucket, object->key, &host, &name) &&
        strcmp(name, STATE_NAME) == 0 && (h = deployment_host(d, host)))
        l->is_new[h - d->hosts] = strcmp(h->state_etag, object->etag) != 0;
    return !atomic_load(&l->courier->stopped);
}

static void look_for_states(struct courier *c, bool *is_new)
{
    struct listing listing = { c, is_new };
    char prefix[S3_KEY_BYTES_MAX + 1];
    struct ou_error why = { 0 };
    enum ou_status status = bucket_key(&c->bucket, "", "", prefix, &why);

    memset(is_new, c->rounds++ % ROUNDS_BETWEEN_ALL == 0, c->d->host_count * sizeof *is_new);
    if (!status)
        status = s3_list(c->bucket.s3, prefix, on_object, &listing, &why);
    note_answer(c, status, &why);
}

/* ---- the thread ---- */

static void bring_all_orders(struct courier *c)
{
    for (size_t i = 0; i < c->d->host_count && !atomic_load(&c->stopped); i++)
        bring_orders(c, &c->d->hosts[i]);
}

/* Until the next look, or until there are orders to be brought. */
static void rest(struct courier *c, int64_t until_ns)
{
    struct deployment *d = c->d;
    struct timespec until = { .tv_sec = until_ns / NS_PER_SECOND,
                              .tv_nsec = until_ns % NS_PER_SECOND };

    pthread_mutex_lock(&d->mutex);
    while (!atomic_load(&c->stopped) && time_monotonic_ns() < until_ns &&
           (courier_is_done(d) || d->bucket_is_away || interrupt_pending()))
        pthread_cond_timedwait(&d->news, &d->mutex, &until);
    pthread_mutex_unlock(&d->mutex);
}

static void *run(void *context)
{
    struct courier *c = context;
    int64_t every_ns = (int64_t)(fmax(0.1, c->d->placement->poll_s) * 1e9), next_ns = 0;
    bool is_new[DEPLOYMENT_HOSTS_MAX] = { 0 };

    while (!atomic_load(&c->stopped)) {
        renew_urls(c);
        bring_all_orders(c);
        if (time_monotonic_ns() >= next_ns) {
            next_ns = time_monotonic_ns() + every_ns;
            look_for_states(c, is_new);
            for (size_t i = 0; i < c->d->host_count && !atomic_load(&c->stopped); i++)
                if (is_new[i])
                    fetch_state(c, &c->d->hosts[i]);
        }
        rest(c, next_ns);
    }
    return NULL;
}

enum ou_status courier_begin(struct courier *c, struct deployment *d, struct ou_error *err)
{
    enum ou_status status = deployment_reach_bucket(d, &c->bucket, err);

    if (status)
        return status;
    c->d = d;
    c->renewed_ns = time_monotonic_ns();
    atomic_store(&c->stopped, false);
    if (pthread_create(&c->thread, NULL, run, c) != 0) {
        bucket_close(&c->bucket);
        return ou_fail(err, OU_NO_MEMORY, "no thread for the bucket");
    }
    c->runs = true;
    return OU_OK;
}

void courier_end(struct courier *c)
{
    if (!c->runs)
        return;
    atomic_store(&c->stopped, true);
    pthread_mutex_lock(&c->d->mutex);
    pthread_cond_broadcast(&c->d->news);
    pthread_mutex_unlock(&c->d->mutex);
    pthread_join(c->thread, NULL);
    bucket_close(&c->bucket);
    c->runs = false;
}
