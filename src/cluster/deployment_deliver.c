/* What the run has written comes to the hosts: packed, put into the bucket, fetched by every agent and acknowledged, before
 * services have to be begun. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "cluster/backend_nomad_inside.h"
#include "cluster/deployment_hosts.h"
#include "cluster/deployment_orders.h"
#include "deploy/folders.h"
#include "storage/bundle.h"

#define MARGIN_BEFORE_LEAD_NS NS_PER_SECOND
#define UNWATCHED_S 120 /* behind its longest time, hosts end a run by themselves */
#define LASTS_S_MAX 3e9 /* a longer one ends in no year that a clock tells */
/* Careful guesses, for what has not been measured. */
#define PACKED_SHARE 0.6 /* of files in a bundle: texts with long numbers */
#define PACK_BYTES_PER_S 60e6
#define REQUEST_MOST_S 0.5
#define UPLOAD_DOUBT 1.5
#define POLLS 3 /* orders seen, states written, states seen */

/* ---- how long it takes ---- */

static uint64_t cargo_bytes(const struct deployment *d, const char *const *paths, size_t count)
{
    char path[PATH_MAX];
    uint64_t bytes = 0;

    for (size_t i = 0; i < count; i++)
        if (snprintf(path, sizeof path, "%s/%s", d->run_directory, paths[i]) < (int)sizeof path)
            bytes += folder_bytes(path);
    return bytes;
}

/* From now until everything is in the bucket. */
static double upload_in_s(const struct nomad_backend *n, uint64_t content, uint64_t packed)
{
    const struct deployment *d = &n->d;
    double probe_s = fmax(d->probe_put_s, 1e-3);

    if (n->last_upload_s > 0)
        return n->last_upload_s * UPLOAD_DOUBT;
    return (double)content / PACK_BYTES_PER_S +
           (double)packed / ((double)PROBE_BYTES / probe_s) * UPLOAD_DOUBT +
           (double)d->host_count * fmin(probe_s, REQUEST_MOST_S);
}

/* Where an estimate was wrong, the same one again would be, too: the start is twice as far away then. */
static double allow_for_doubt(struct nomad_backend *n, double estimate_s)
{
    n->away_s = n->late > 0 ? fmax(estimate_s, 2 * n->away_s) : estimate_s;
    return n->away_s;
}

double deployment_ready_in_s(struct nomad_backend *n, const struct cargo *cargo)
{
    struct deployment *d = &n->d;
    uint64_t common = cargo_bytes(d, cargo->common, cargo->common_count), all = common;
    double latest_s = 0;

    pthread_mutex_lock(&d->mutex);
    for (size_t i = 0; i < d->host_count; i++) {
        uint64_t own = cargo_bytes(d, cargo->hosts[i].paths, cargo->hosts[i].count);
        uint64_t packed = (uint64_t)((double)(common + own) * PACKED_SHARE);

        all += own;
        if (d->hosts[i].has_state)
            latest_s = fmax(latest_s, agent_ready_in_s(&d->hosts[i].state, packed, common + own));
    }
    pthread_mutex_unlock(&d->mutex);
    return allow_for_doubt(n, upload_in_s(n, all, (uint64_t)((double)all * PACKED_SHARE)) +
                                  latest_s + POLLS * d->placement->poll_s + d->placement->lead_s +
                                  d->placement->margin_s + (double)MARGIN_BEFORE_LEAD_NS / 1e9);
}

/* ---- into the bucket ---- */

static void on_put(void *context, uint64_t done, uint64_t all)
{
    struct deployment *d = context;

    backend_progress(d->tell, "%.1f of %.1f MB are in the bucket", (double)done / 1e6,
                     (double)all / 1e6);
}

static enum ou_status put_bundle(struct deployment *d, const char *host, const char *path,
                                 const struct sent_bundle *bundle, struct ou_error *err)
{
    char key[S3_KEY_BYTES_MAX + 1], sha256[SHA256_HEX];
    enum ou_status status = bucket_key(&d->bucket, host, bundle->name, key, err);

    if (!status)
        status = s3_put_file(d->bucket.s3, key, path, 0, on_put, d, sha256, err);
    if (!status && strcmp(sha256, bundle->sha256) != 0)
        status = ou_fail(err, OU_IO, "%s has changed while it was sent", path);
    return status;
}

static void remove_bundle(struct deployment *d, const char *host, struct sent_bundle *bundle)
{
    char key[S3_KEY_BYTES_MAX + 1];

    if (bundle->name[0] && !bucket_key(&d->bucket, host, bundle->name, key, NULL))
        s3_delete(d->bucket.s3, key, NULL); /* what stays is removed with the run's objects */
    *bundle = (struct sent_bundle){ .bytes = 0 };
}

static enum ou_status make_bundle(const struct deployment *d, const char *const *paths,
                                  size_t count, const char *path, struct bundle_made *ret,
                                  struct ou_error *err)
{
    const struct bundle_options options = { .link_root = d->run_directory };
    struct bundle_entry *entries = calloc(count, sizeof *entries);
    char(*full)[PATH_MAX] = calloc(count, sizeof *full);
    enum ou_status status =
        entries && full ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for %zu paths", count);

    for (size_t i = 0; !status && i < count; i++) {
        if (snprintf(full[i], PATH_MAX, "%s/%s", d->run_directory, paths[i]) >= PATH_MAX)
            status = ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", paths[i]);
        entries[i] = (struct bundle_entry){ full[i], paths[i] };
    }
    if (!status)
        status = bundle_make(entries, count, &options, path, ret, err);
    free(full);
    free(entries);
    return status;
}

/* Packs it and, unless the very same is there already, sends it. Nothing at all is a bundle without a name. */
static enum ou_status send_bundle(struct deployment *d, const char *host, const char *kind,
                                  const char *const *paths, size_t count, struct sent_bundle *sent,
                                  struct ou_error *err)
{
    char path[PATH_MAX];
    struct bundle_made made;
    enum ou_status status;

    if (count == 0)
        return OU_OK;
    status = deployment_path(d, "bundle.tar.zst", path, err);
    if (!status)
        status = make_bundle(d, paths, count, path, &made, err);
    if (!status && strcmp(made.sha256, sent->sha256) != 0) {
        remove_bundle(d, host, sent);
        *sent = (struct sent_bundle){ .bytes = made.bytes, .content_bytes = made.content_bytes };
        memcpy(sent->sha256, made.sha256, sizeof sent->sha256);
        snprintf(sent->name, sizeof sent->name, "%s-%.16s.tar.zst", kind, made.sha256);
        status = put_bundle(d, host, path, sent, err);
        if (status)
            remove_bundle(d, host, sent);
    }
    unlink(path);
    return status;
}

static enum ou_status send_all(struct nomad_backend *n, const struct cargo *cargo,
                               struct ou_error *err)
{
    struct deployment *d = &n->d;
    int64_t begun_ns = time_monotonic_ns();
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < d->host_count; i++) {
        backend_progress(d->tell, "files of %zu of %zu hosts are in the bucket", i, d->host_count);
        status = send_bundle(d, d->hosts[i].name, "files", cargo->hosts[i].paths,
                             cargo->hosts[i].count, &n->of_hosts[i], err);
    }
    if (!status)
        status = send_bundle(d, "", "genesis", cargo->common, cargo->common_count, &n->common, err);
    if (!status)
        backend_step(d->tell, "bundles uploaded", "");
    n->last_upload_s = (double)(time_monotonic_ns() - begun_ns) / 1e9;
    return status;
}

/* ---- to the hosts ---- */

static enum ou_status add_bundle(const struct deployment *d, const char *host, const char *name,
                                 const struct sent_bundle *sent, struct order_bundle *bundles,
                                 size_t *count, struct ou_error *err)
{
    char *url = NULL;
    enum ou_status status;

    if (!sent->name[0])
        return OU_OK;
    status = bucket_url(&d->bucket, "GET", host, sent->name, &url, err);
    if (!status)
        bundles[(*count)++] =
            (struct order_bundle){ url, sent->bytes, sent->content_bytes, sent->sha256, name };
    return status;
}

static enum ou_status order_host(struct nomad_backend *n, size_t i, int64_t start_ns,
                                 struct ou_error *err)
{
    struct deployment *d = &n->d;
    struct deployed_host *h = &d->hosts[i];
    struct order_bundle bundles[2];
    size_t count = 0;
    enum ou_status status = add_bundle(d, "", "genesis", &n->common, bundles, &count, err);

    if (!status)
        status = add_bundle(d, h->name, h->name, &n->of_hosts[i], bundles, &count, err);
    if (!status)
        status = host_orders_bundles(d, h, bundles, count, start_ns, err);
    for (size_t k = 0; k < count; k++)
        free((char *)bundles[k].url);
    return status;
}

static enum ou_status order_all(struct nomad_backend *n, int64_t start_ns, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    pthread_mutex_lock(&n->d.mutex);
    for (size_t i = 0; !status && i < n->d.host_count; i++)
        status = order_host(n, i, start_ns, err);
    deployment_unlock(&n->d);
    return status;
}

static const struct agent_bundle *told_bundle(const struct deployed_host *h, const char *sha256)
{
    for (size_t i = 0; h->has_state && i < h->state.bundle_count; i++)
        if (strcmp(h->state.bundles[i].sha256, sha256) == 0)
            return &h->state.bundles[i];
    return NULL;
}

static bool has_all(const struct deployed_host *h)
{
    for (size_t i = 0; i < h->orders.bundle_count; i++) {
        const struct agent_bundle *bundle = told_bundle(h, h->bundles[i].sha256);

        if (!bundle || bundle->state != BUNDLE_UNPACKED)
            return false;
    }
    return true;
}

/* How far the hosts are. */
struct arrivals {
    size_t done;
    const struct deployed_host *missing; /* one that has not all yet; NULL */
    const struct deployed_host *moved;   /* one that is not where it was; NULL */
};

static struct arrivals count_arrivals(const struct deployment *d)
{
    struct arrivals a = { 0 };

    for (size_t i = 0; i < d->host_count; i++) {
        const struct deployed_host *h = &d->hosts[i];

        if (!host_is_itself(h))
            a.moved = h;
        if (has_all(h))
            a.done++;
        else
            a.missing = h;
    }
    return a;
}

static const char *why_missing(const struct deployed_host *h)
{
    for (size_t i = 0; i < h->orders.bundle_count; i++) {
        const struct agent_bundle *bundle = told_bundle(h, h->bundles[i].sha256);

        if (bundle && bundle->problem[0])
            return bundle->problem;
    }
    return h->state.orders < h->orders.number ? "it has not seen its orders" : "it still fetches";
}

/* ---- waiting ---- */

struct delivering {
    struct nomad_backend *n;
    int64_t start_ns; /* wall clock; 0: at once */
    double lasts_s;
    int64_t begun_ns; /* monotonic */
    char latest[64], why[DEPLOYED_TEXT_ROOM];
};

static bool is_late(const struct delivering *w)
{
    const struct placement *p = w->n->d.placement;

    if (w->start_ns == 0)
        return (double)(time_monotonic_ns() - w->begun_ns) / 1e9 > p->deploy_timeout_s;
    return time_wall_ns() >= w->start_ns - (int64_t)(p->lead_s * 1e9) - MARGIN_BEFORE_LEAD_NS;
}

static void note_missing(struct delivering *w, const struct deployed_host *h)
{
    snprintf(w->latest, sizeof w->latest, "%s", h->name);
    snprintf(w->why, sizeof w->why, "%s", why_missing(h));
}

static enum ou_status wait_for_arrivals(struct delivering *w, enum delivery *ret,
                                        struct ou_error *err)
{
    struct deployment *d = &w->n->d;
    enum ou_status status = OU_OK;
    struct arrivals a;
    bool is_over = false;

    while (!status && !is_over) {
        pthread_mutex_lock(&d->mutex);
        a = count_arrivals(d);
        *ret = a.moved ? DELIVERY_MOVED : a.missing ? DELIVERY_LATE : DELIVERED;
        is_over = a.moved || !a.missing || is_late(w);
        if (a.missing || a.moved)
            note_missing(w, a.moved ? a.moved : a.missing);
        if (!is_over)
            status = deployment_wait(d, err);
        pthread_mutex_unlock(&d->mutex);
        backend_progress(d->tell, "%zu of %zu hosts have the genesis", a.done, d->host_count);
    }
    return status;
}

/* ---- what came of it ---- */

/* What was sent is for a start that will not be. */
static enum ou_status take_back(struct delivering *w, struct ou_error *err)
{
    struct deployment *d = &w->n->d;
    enum ou_status status = OU_OK;

    pthread_mutex_lock(&d->mutex);
    for (size_t i = 0; !status && i < d->host_count; i++)
        status = host_orders_bundles(d, &d->hosts[i], NULL, 0, 0, err);
    deployment_unlock(d);
    remove_bundle(d, "", &w->n->common);
    return status;
}

static enum ou_status conclude_late(struct delivering *w, struct ou_error *err)
{
    struct deployment *d = &w->n->d;

    w->n->late++;
    if (w->start_ns == 0 || w->n->late >= d->placement->start_attempts)
        return ou_fail(err, OU_IO, "%s did not get what it needs in time, at %u attempt%s: %s",
                       w->latest, w->n->late, w->n->late == 1 ? "" : "s", w->why);
    deployment_say(d, w->latest, "is late: %s; the start is put off", w->why);
    return take_back(w, err);
}

/* As long as somebody watches, a run ends before that. */
static int64_t end_of(const struct delivering *w)
{
    int64_t begun_ns = w->start_ns ? w->start_ns : time_wall_ns();

    if (w->lasts_s <= 0 || w->lasts_s > LASTS_S_MAX)
        return 0;
    return begun_ns + (int64_t)((w->lasts_s + UNWATCHED_S) * 1e9);
}

/* With the orders to start: before those there is nothing to end. */
static void order_end(struct delivering *w)
{
    struct deployment *d = &w->n->d;
    int64_t end_ns = end_of(w);

    pthread_mutex_lock(&d->mutex);
    for (size_t i = 0; i < d->host_count; i++)
        host_orders_end(&d->hosts[i], end_ns);
    deployment_unlock(d);
}

static enum ou_status conclude(struct delivering *w, enum delivery delivery, struct ou_error *err)
{
    struct deployment *d = &w->n->d;

    switch (delivery) {
    case DELIVERY_LATE: return conclude_late(w, err);
    case DELIVERY_MOVED:
        deployment_say(d, w->latest, "was lost before the start, and has to be placed again");
        return take_back(w, err);
    case DELIVERED: break;
    }
    backend_step(d->tell, "genesis fetched by all",
                 w->latest[0] ? deployment_host(d, span_of(w->latest))->name : "");
    w->n->start_ns = w->start_ns;
    order_end(w);
    d->is_delivered = true;
    d->is_started = false;
    return deployment_save(d, err);
}

enum ou_status deployment_deliver(struct nomad_backend *n, const struct cargo *cargo,
                                  enum delivery *ret, struct ou_error *err)
{
    struct delivering w = { .n = n, .start_ns = cargo->start_ns, .lasts_s = cargo->lasts_s };
    enum ou_status status = send_all(n, cargo, err);

    n->d.is_delivered = false;
    if (!status)
        status = order_all(n, cargo->start_ns, err);
    w.begun_ns = time_monotonic_ns();
    if (!status)
        status = wait_for_arrivals(&w, ret, err);
    return status ? status : conclude(&w, *ret, err);
}
