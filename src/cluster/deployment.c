#include "cluster/deployment.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/time.h"

#define MEMORY_MAX ((size_t)512 << 20)
#define WAIT_NS 200000000
#define HASH_TAIL 16 /* hex digits of a name's hash behind what is left of it */

/* Of threads that come again by themselves, and as long as nothing would be lost: what is not there then is mostly a wrong address. */
static const struct retry_policy FEW_TRIES = { .tries = 2, .first_s = 0.2, .most_s = 1 };

/* ---- names ---- */

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void deployment_run_name(const char *name, char ret[DEPLOYMENT_RUN_ROOM])
{
    size_t len = strlen(name), kept = DEPLOYMENT_RUN_ROOM - 1;
    char hash[SHA256_HEX];

    if (len > kept) {
        sha256_hex(span_of(name), hash);
        kept -= HASH_TAIL + 1;
        snprintf(ret + kept, HASH_TAIL + 2, "-%.*s", HASH_TAIL, hash);
        len = kept;
    } else {
        ret[len] = '\0';
    }
    for (size_t i = 0; i < len; i++)
        ret[i] = is_plain(name[i]) ? name[i] : '-';
}

const char *deployment_namespace(const struct placement *p)
{
    const char *name = p->nomad.namespace_ ? p->nomad.namespace_ : getenv("NOMAD_NAMESPACE");

    return name && *name ? name : "default";
}

enum ou_status deployment_path(const struct deployment *d, const char *name, char ret[PATH_MAX],
                               struct ou_error *err)
{
    if (snprintf(ret, PATH_MAX, "%s/%s", d->folder, name) >= PATH_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%.80s.../%s: the path is too long", d->folder, name);
    return OU_OK;
}

/* ---- beginning ---- */

static enum ou_status make_hosts(struct deployment *d, const char *const *names, size_t count,
                                 struct ou_error *err)
{
    if (count > DEPLOYMENT_HOSTS_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%zu hosts are more than the %d of a deployment", count,
                       DEPLOYMENT_HOSTS_MAX);
    d->hosts = calloc(count ? count : 1, sizeof *d->hosts);
    if (!d->hosts)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu hosts", count);
    for (size_t i = 0; i < count; i++) {
        struct deployed_host *h = &d->hosts[d->host_count++];

        h->name = arena_copy(&d->memory, names[i], strlen(names[i]));
        if (!h->name)
            return ou_fail(err, OU_NO_MEMORY, "no memory for %zu hosts", count);
        randombytes_buf(h->seed, sizeof h->seed);
    }
    return OU_OK;
}

static void derive_keys(struct deployment *d)
{
    unsigned char secret[ENVELOPE_SECRET_BYTES];

    envelope_keys(d->seed, d->key, d->secret);
    for (size_t i = 0; i < d->host_count; i++)
        envelope_keys(d->hosts[i].seed, d->hosts[i].key, secret);
    sodium_memzero(secret, sizeof secret);
}

/* Waits are measured by the monotonic clock. */
static void make_signals(struct deployment *d)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&d->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&d->news, &attributes);
    pthread_condattr_destroy(&attributes);
}

static enum ou_status begin(struct deployment *d, const char *run_directory,
                            const struct placement *placement, struct backend *tell,
                            struct ou_error *err)
{
    const char *slash = strrchr(run_directory, '/');

    *d = (struct deployment){
        .run_directory = run_directory, .placement = placement, .tell = tell, .journal.fd = -1
    };
    make_signals(d);
    arena_init(&d->memory, allocator_libc(), MEMORY_MAX);
    deployment_run_name(slash ? slash + 1 : run_directory, d->run);
    snprintf(d->job, sizeof d->job, "%s%s", DEPLOYMENT_JOB_PREFIX, d->run);
    if (snprintf(d->folder, sizeof d->folder, "%s/deploy", run_directory) >= (int)sizeof d->folder)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", run_directory);
    if (sodium_init() < 0)
        return ou_fail(err, OU_IO, "no source of random numbers");
    return OU_OK;
}

static enum ou_status begin_journal(struct deployment *d, struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = deployment_path(d, "events.jsonl", path, err);

    d->bucket_seen_ns = d->nomad_seen_ns = time_monotonic_ns();
    return status ? status : journal_open(&d->journal, path, err);
}

static enum ou_status open_past(struct deployment *d, struct ou_error *err)
{
    enum ou_status status = deployment_load(d, err);

    d->was_there = !status;
    derive_keys(d);
    return status ? status : begin_journal(d, err);
}

static enum ou_status check_names(const struct deployment *d, const char *const *names,
                                  size_t count, struct ou_error *err)
{
    bool same = d->host_count == count;

    for (size_t i = 0; same && i < count; i++)
        same = strcmp(d->hosts[i].name, names[i]) == 0;
    return same ? OU_OK
                : ou_fail(err, OU_INVALID, "%s/deployment.json is of other hosts than this run's",
                          d->folder);
}

static enum ou_status make_new(struct deployment *d, const char *const *names, size_t count,
                               struct ou_error *err)
{
    enum ou_status status;

    randombytes_buf(d->seed, sizeof d->seed);
    status = make_hosts(d, names, count, err);
    derive_keys(d);
    if (!status)
        status = begin_journal(d, err);
    if (!status)
        status = deployment_save_document(d, "placement.json", d->placement->document, err);
    return status ? status : deployment_save(d, err);
}

enum ou_status deployment_open(const char *run_directory, const struct placement *placement,
                               const char *const *names, size_t count, struct backend *tell,
                               struct deployment *ret, struct ou_error *err)
{
    enum ou_status status = begin(ret, run_directory, placement, tell, err);

    if (status)
        return status;
    status = file_make_directory(ret->folder, err);
    if (!status)
        status = deployment_lock(ret, err);
    if (status)
        return status;
    if (!deployment_is_there(run_directory))
        return make_new(ret, names, count, err);
    status = open_past(ret, err);
    return status ? status : check_names(ret, names, count, err);
}

enum ou_status deployment_open_past(const char *run_directory, const struct placement *placement,
                                    struct backend *tell, struct deployment *ret,
                                    struct ou_error *err)
{
    enum ou_status status = begin(ret, run_directory, placement, tell, err);

    return status ? status : open_past(ret, err);
}

enum ou_status deployment_lock(struct deployment *d, struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = deployment_path(d, "lock", path, err);

    if (status)
        return status;
    d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (d->lock_fd < 0)
        return ou_fail(err, OU_IO, "open %s: %s", path, strerror(errno));
    if (flock(d->lock_fd, LOCK_EX | LOCK_NB) < 0)
        return ou_fail(err, OU_USAGE,
                       "another process gives orders to the hosts of %s: wait for it, or end it "
                       "with `ouroscope run stop`",
                       d->run_directory);
    return OU_OK;
}

/* ---- the end ---- */

static void release_host(struct deployed_host *h)
{
    agent_state_release(&h->state);
    orders_release(&h->past);
    free(h->orders_url);
    free(h->state_url);
    sodium_memzero(h->seed, sizeof h->seed);
}

void deployment_close(struct deployment *d)
{
    if (!d->run_directory)
        return;
    for (size_t i = 0; i < d->host_count; i++)
        release_host(&d->hosts[i]);
    free(d->hosts);
    nomad_close(d->nomad);
    bucket_close(&d->bucket);
    journal_close(&d->journal);
    if (d->lock_fd >= 0)
        close(d->lock_fd);
    arena_release(&d->memory);
    pthread_cond_destroy(&d->news);
    pthread_mutex_destroy(&d->mutex);
    sodium_memzero(d, sizeof *d);
}

/* ---- reaching others ---- */

enum ou_status deployment_reach_nomad(struct deployment *d, struct nomad **ret,
                                      struct ou_error *err)
{
    enum ou_status status = nomad_open(&d->placement->nomad, ret, err);

    if (!status)
        nomad_retry_with(*ret, &FEW_TRIES);
    return status;
}

enum ou_status deployment_reach_bucket(struct deployment *d, struct bucket *ret,
                                       struct ou_error *err)
{
    char remark[256];
    enum ou_status status = bucket_open(d->placement, d->run, ret, remark, err);

    if (!status)
        s3_retry_with(ret->s3, &FEW_TRIES);
    return status;
}

static void on_wait(void *context, const char *why, double wait_s)
{
    struct deployment *d = context;

    journal_add(&d->journal, "us", "", why);
    backend_progress(d->tell, "%s: once more in %.1f s", why, wait_s);
}

enum ou_status deployment_reach(struct deployment *d, struct ou_error *err)
{
    char remark[256] = "";
    enum ou_status status = http_client_ready(err);

    if (!status)
        status = nomad_open(&d->placement->nomad, &d->nomad, err);
    if (!status)
        status = bucket_open(d->placement, d->run, &d->bucket, remark, err);
    if (status)
        return status;
    if (remark[0])
        backend_say(d->tell, "%s", remark);
    if (nomad_remark(d->nomad)[0])
        backend_say(d->tell, "%s", nomad_remark(d->nomad));
    nomad_on_wait(d->nomad, on_wait, d);
    s3_on_wait(d->bucket.s3, on_wait, d);
    if (!d->is_registered) {
        nomad_retry_with(d->nomad, &FEW_TRIES);
        s3_retry_with(d->bucket.s3, &FEW_TRIES);
    }
    return nomad_look(d->nomad, &d->nomad_facts, err);
}

void deployment_be_patient(struct deployment *d)
{
    nomad_retry_with(d->nomad, &RETRY_USUAL);
    s3_retry_with(d->bucket.s3, &RETRY_USUAL);
}

/* ---- waiting ---- */

enum ou_status deployment_wait(struct deployment *d, struct ou_error *err)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WAIT_NS;
    if (until.tv_nsec >= NS_PER_SECOND) {
        until.tv_nsec -= NS_PER_SECOND;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&d->news, &d->mutex, &until);
    return interrupt_pending() ? ou_fail(err, OU_INTERRUPTED, "interrupted") : OU_OK;
}

struct deployed_host *deployment_host(struct deployment *d, struct span name)
{
    for (size_t i = 0; i < d->host_count; i++)
        if (span_is(name, d->hosts[i].name))
            return &d->hosts[i];
    return NULL;
}

void deployment_say(struct deployment *d, const char *host, const char *format, ...)
{
    char line[2 * DEPLOYED_TEXT_ROOM];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    journal_add(&d->journal, "us", host, line);
    backend_say(d->tell, "%s%s%s", host, *host ? ": " : "", line);
}
