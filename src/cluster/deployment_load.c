#include "cluster/deployment_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "cluster/deployment_hosts.h"
#include "cluster/deployment_orders.h"
#include "deploy/folders.h"
#include "storage/bundle.h"
#include "storage/transfer.h"

#define PATIENCE_NS (180 * NS_PER_SECOND) /* with a host of which nothing moves */
/* Not every store looks whether a part is what its URL was signed for (docs/internals/storage.md): then it is seen here. */
#define SHIPPINGS_MAX 3

/* What an agent says of a job, copied: its state may be replaced at any time. */
struct job_news {
    bool is_there;
    enum agent_job_state state;
    char problem[DEPLOYED_TEXT_ROOM], sha256[SHA256_HEX];
    uint64_t bytes, bytes_done;
    int64_t heard_ns; /* monotonic: when its agent was last heard */
    struct news_part {
        char sha256[SHA256_HEX], etag[S3_ETAG_ROOM];
    } * parts; /* owned */
    size_t part_count;
};

static const struct retry_policy PATIENT_TRIES = { .tries = 20, .first_s = 0.5, .most_s = 15 };

/* ---- what agents say ---- */

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static bool copy_parts(const struct agent_job *job, struct job_news *ret)
{
    ret->parts = calloc(job->part_count ? job->part_count : 1, sizeof *ret->parts);
    ret->part_count = ret->parts ? job->part_count : 0;
    for (size_t i = 0; i < ret->part_count; i++) {
        snprintf(ret->parts[i].sha256, SHA256_HEX, "%s", text_or_empty(job->parts[i].sha256));
        snprintf(ret->parts[i].etag, S3_ETAG_ROOM, "%s", text_or_empty(job->parts[i].etag));
    }
    return ret->parts != NULL;
}

/* The mutex must be held. */
static const struct agent_job *find_job(const struct deployed_host *h, uint32_t id)
{
    for (size_t i = 0; h->has_state && i < h->state.job_count; i++)
        if (h->state.jobs[i].id == id)
            return &h->state.jobs[i];
    return NULL;
}

/* The caller free()s ret->parts. */
static enum ou_status hear(struct deployment *d, const struct load *l, uint32_t id,
                           struct job_news *ret, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    const struct agent_job *job;

    *ret = (struct job_news){ .is_there = false };
    pthread_mutex_lock(&d->mutex);
    ret->heard_ns = l->host->heard_ns;
    job = find_job(l->host, id);
    if (job) {
        ret->is_there = true;
        ret->state = job->state;
        ret->bytes = job->bytes;
        ret->bytes_done = job->bytes_done;
        snprintf(ret->problem, sizeof ret->problem, "%s", text_or_empty(job->problem));
        snprintf(ret->sha256, sizeof ret->sha256, "%s", text_or_empty(job->sha256));
        if (job->state == JOB_DONE && !copy_parts(job, ret))
            status = ou_fail(err, OU_NO_MEMORY, "no memory for parts");
    } else if (!host_is_itself(l->host)) {
        status = ou_fail(err, OU_IO, "its task is gone%s%s", l->host->place.trouble[0] ? ": " : "",
                         l->host->place.trouble);
    }
    pthread_mutex_unlock(&d->mutex);
    return status;
}

/* ---- packing ---- */

enum ou_status load_begin(struct hauling *g, struct load *l, struct ou_error *err)
{
    struct deployment *d = g->d;
    const char *paths[HOST_FOLDERS_MAX];
    char(*texts)[PATH_MAX] = calloc(HOST_FOLDERS_MAX, sizeof *texts);
    struct order_job job = { .kind = g->haul->kind,
                             .paths = paths,
                             .part_bytes = d->placement->part_bytes,
                             .arguments = g->haul->arguments,
                             .argument_count = g->haul->argument_count };
    enum ou_status status;

    if (!texts)
        return ou_fail(err, OU_NO_MEMORY, "no memory for paths");
    pthread_mutex_lock(&d->mutex);
    if (job.kind == JOB_PACK)
        job.path_count = host_orders_folders(l->host, texts);
    for (size_t i = 0; i < job.path_count; i++)
        paths[i] = texts[i];
    status = host_orders_job(d, l->host, &job, &l->pack, err);
    deployment_unlock(d);
    free(texts);
    return status;
}

/* ---- shipping ---- */

static enum ou_status check_packed(const struct deployment *d, const struct job_news *news,
                                   struct ou_error *err)
{
    uint64_t part = d->placement->part_bytes, parts = (news->bytes + part - 1) / part;

    if (news->bytes == 0 || news->bytes > BUNDLE_LIMITS.content_bytes ||
        news->part_count != parts || parts > ORDERS_PARTS_MAX || strlen(news->sha256) != 64)
        return ou_fail(err, OU_INVALID, "%zu parts of %llu bytes: that is no bundle",
                       news->part_count, (unsigned long long)news->bytes);
    return OU_OK;
}

static enum ou_status part_urls(struct hauling *g, const struct load *l,
                                const struct job_news *news, char **ret, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < news->part_count; i++)
        status = bucket_part_url(&g->d->bucket, l->host->name, l->name, l->upload, (unsigned)i + 1,
                                 news->parts[i].sha256, &ret[i], err);
    return status;
}

static enum ou_status order_shipping(struct hauling *g, struct load *l, const struct job_news *news,
                                     struct ou_error *err)
{
    char **urls = calloc(news->part_count, sizeof *urls);
    struct order_job job = { .kind = JOB_SHIP,
                             .packed = l->pack,
                             .urls = (const char *const *)urls,
                             .url_count = news->part_count };
    enum ou_status status =
        urls ? part_urls(g, l, news, urls, err) : ou_fail(err, OU_NO_MEMORY, "no memory for URLs");

    if (!status) {
        pthread_mutex_lock(&g->d->mutex);
        status = host_orders_job(g->d, l->host, &job, &l->ship, err);
        deployment_unlock(g->d);
    }
    for (size_t i = 0; urls && i < news->part_count; i++)
        free(urls[i]);
    free(urls);
    return status;
}

static enum ou_status begin_shipping(struct hauling *g, struct load *l, const struct job_news *news,
                                     struct ou_error *err)
{
    char key[S3_KEY_BYTES_MAX + 1];
    enum ou_status status = check_packed(g->d, news, err);

    snprintf(l->name, sizeof l->name, "pack-%u.tar.zst", l->pack);
    snprintf(l->sha256, sizeof l->sha256, "%s", news->sha256);
    l->bytes = news->bytes;
    if (!status)
        status = bucket_key(&g->d->bucket, l->host->name, l->name, key, err);
    if (!status)
        status = s3_parts_begin(g->d->bucket.s3, key, l->upload, sizeof l->upload, err);
    if (!status)
        status = order_shipping(g, l, news, err);
    if (!status) {
        l->stage = LOAD_SHIPPING;
        l->shippings++;
    }
    return status;
}

/* The host has what it packed until it is told to forget it. What came is removed first: not every store frees the parts of
 * an object that is replaced. */
static enum ou_status ship_again(struct hauling *g, struct load *l, const char *key,
                                 struct ou_error *err)
{
    struct job_news packed;
    enum ou_status status = hear(g->d, l, l->pack, &packed, err);

    deployment_say(g->d, l->host->name, "its %s came changed; they are shipped again",
                   g->haul->what);
    if (!status && !(packed.is_there && packed.state == JOB_DONE))
        status = ou_fail(err, OU_IO, "it does not say any more what it packed");
    if (!status)
        status = s3_delete(g->d->bucket.s3, key, err);
    if (!status)
        status = begin_shipping(g, l, &packed, err);
    free(packed.parts);
    return status;
}

/* ---- fetching ---- */

static enum ou_status complete(struct hauling *g, const struct load *l, const char *key,
                               const struct job_news *news, struct ou_error *err)
{
    struct s3_part *parts = calloc(news->part_count ? news->part_count : 1, sizeof *parts);
    enum ou_status status;

    if (!parts)
        return ou_fail(err, OU_NO_MEMORY, "no memory for parts");
    for (size_t i = 0; i < news->part_count; i++)
        memcpy(parts[i].etag, news->parts[i].etag, sizeof parts[i].etag);
    status = s3_parts_complete(g->d->bucket.s3, key, l->upload, parts, news->part_count, err);
    free(parts);
    return status;
}

static enum ou_status download(struct hauling *g, const struct load *l, const char *path,
                               struct ou_error *err)
{
    char *url = NULL;
    enum ou_status status = bucket_url(&g->d->bucket, "GET", l->host->name, l->name, &url, err);

    if (!status)
        status = transfer_get(g->client, &PATIENT_TRIES, url, path, l->bytes, l->sha256, NULL, NULL,
                              NULL, err);
    free(url);
    return status;
}

static enum ou_status unpack(struct hauling *g, struct load *l, const char *path,
                             struct ou_error *err)
{
    char folder[PATH_MAX];
    uint64_t content;
    enum ou_status status;

    if (snprintf(folder, sizeof folder, "%s/%s", g->haul->folder, l->host->name) >= PATH_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", folder);
    status = folder_make_new(folder, err);
    if (!status)
        status = bundle_unpack(path, folder, &BUNDLE_LIMITS, &content, err);
    if (!status && g->haul->arrived)
        status = g->haul->arrived(g->d, l->host, folder, err);
    return status;
}

static void forget(struct hauling *g, struct load *l, const char *key)
{
    const struct order_job job = { .kind = JOB_FORGET, .packed = l->pack };
    uint32_t id;

    s3_delete(g->d->bucket.s3, key, NULL); /* what stays is removed with the run's objects */
    pthread_mutex_lock(&g->d->mutex);
    host_orders_job(g->d, l->host, &job, &id, NULL);
    deployment_unlock(g->d);
}

static enum ou_status bring_home(struct hauling *g, struct load *l, const struct job_news *news,
                                 struct ou_error *err)
{
    char key[S3_KEY_BYTES_MAX + 1], name[PATH_MAX], path[PATH_MAX];
    enum ou_status status = bucket_key(&g->d->bucket, l->host->name, l->name, key, err);

    snprintf(name, sizeof name, "%s-%s", l->host->name, l->name);
    if (!status)
        status = deployment_path(g->d, name, path, err);
    if (!status)
        status = complete(g, l, key, news, err);
    if (!status)
        status = download(g, l, path, err);
    if (status == OU_INVALID && l->shippings < SHIPPINGS_MAX)
        return ship_again(g, l, key, err);
    if (!status) {
        status = unpack(g, l, path, err);
        unlink(path);
    }
    if (!status) {
        forget(g, l, key);
        l->stage = LOAD_HERE;
    }
    return status;
}

/* ---- the next step ---- */

/* While logs are read for an extract there is nothing to count: then it is enough that the agent, which has a limit of its own for
 * it, is heard. */
static void note_move(const struct hauling *g, struct load *l, const struct job_news *news)
{
    if (!news->is_there)
        return;
    if (g->haul->kind == JOB_EXTRACT && l->stage == LOAD_PACKING && news->heard_ns > l->moved_ns)
        l->moved_ns = news->heard_ns;
    if (news->bytes_done == l->bytes_done && news->state == JOB_BEGUN)
        return;
    l->bytes_done = news->bytes_done;
    l->moved_ns = time_monotonic_ns();
}

static enum ou_status go_on(struct hauling *g, struct load *l, const struct job_news *news,
                            struct ou_error *err)
{
    note_move(g, l, news);
    if (news->is_there && news->state == JOB_FAILED)
        return ou_fail(err, OU_IO, "%s", news->problem[0] ? news->problem : "it does not say why");
    if (news->is_there && news->state == JOB_DONE)
        return l->stage == LOAD_PACKING ? begin_shipping(g, l, news, err)
                                        : bring_home(g, l, news, err);
    if (time_monotonic_ns() - l->moved_ns > PATIENCE_NS)
        return ou_fail(err, OU_IO, "nothing has moved for %d s",
                       (int)(PATIENCE_NS / NS_PER_SECOND));
    return OU_OK;
}

enum ou_status load_go_on(struct hauling *g, struct load *l, struct ou_error *err)
{
    uint32_t id = l->stage == LOAD_PACKING ? l->pack : l->ship;
    struct job_news news;
    enum ou_status status = hear(g->d, l, id, &news, err);

    if (!status)
        status = go_on(g, l, &news, err);
    free(news.parts);
    return status;
}
