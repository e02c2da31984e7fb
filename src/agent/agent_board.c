#include "agent/agent_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

enum ou_status agent_board_open(struct agent_board *b, struct ou_error *err)
{
    pthread_condattr_t attributes;

    memset(b, 0, sizeof *b);
    if (pthread_mutex_init(&b->lock, NULL) != 0)
        return ou_fail(err, OU_IO, "no lock for threads");
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (pthread_cond_init(&b->woken, &attributes) != 0) {
        pthread_condattr_destroy(&attributes);
        pthread_mutex_destroy(&b->lock);
        return ou_fail(err, OU_IO, "no signal for threads");
    }
    pthread_condattr_destroy(&attributes);
    return OU_OK;
}

static void forget_job(struct agent_job *job)
{
    for (size_t i = 0; i < job->part_count; i++) {
        free((char *)job->parts[i].sha256);
        free((char *)job->parts[i].etag);
    }
    free(job->parts);
    free((char *)job->problem);
    free((char *)job->sha256);
    memset(job, 0, sizeof *job);
}

void agent_board_close(struct agent_board *b)
{
    agent_board_free_orders(b->for_loop);
    agent_board_free_orders(b->for_carrier);
    for (size_t i = 0; i < b->job_count; i++)
        forget_job(&b->jobs[i]);
    pthread_cond_destroy(&b->woken);
    pthread_mutex_destroy(&b->lock);
}

static void lock(struct agent_board *b)
{
    pthread_mutex_lock(&b->lock);
}

static void unlock(struct agent_board *b)
{
    pthread_mutex_unlock(&b->lock);
}

/* Something is to be told. */
static void note_change(struct agent_board *b, bool urgent)
{
    b->changed = true;
    if (urgent) {
        b->urgent = b->nudged = true;
        pthread_cond_broadcast(&b->woken);
    }
}

/* ---- orders ---- */

void agent_board_free_orders(struct orders *orders)
{
    if (orders)
        orders_release(orders);
    free(orders);
}

void agent_board_put_orders(struct agent_board *b, struct orders *for_loop,
                            struct orders *for_carrier)
{
    struct orders *old_loop, *old_carrier;

    lock(b);
    old_loop = b->for_loop;
    old_carrier = b->for_carrier;
    b->for_loop = for_loop;
    b->for_carrier = for_carrier;
    note_change(b, true); /* that they were seen is to be told */
    unlock(b);
    agent_board_free_orders(old_loop);
    agent_board_free_orders(old_carrier);
}

struct orders *agent_board_take_loop(struct agent_board *b)
{
    struct orders *orders;

    lock(b);
    orders = b->for_loop;
    b->for_loop = NULL;
    unlock(b);
    return orders;
}

struct orders *agent_board_take_carrier(struct agent_board *b)
{
    struct orders *orders;

    lock(b);
    while (!b->for_carrier && !b->stopping)
        pthread_cond_wait(&b->woken, &b->lock);
    orders = b->stopping ? NULL : b->for_carrier;
    if (orders)
        b->for_carrier = NULL;
    unlock(b);
    return orders;
}

bool agent_board_has_newer(struct agent_board *b)
{
    bool has;

    lock(b);
    has = b->for_carrier || b->stopping;
    unlock(b);
    return has;
}

/* ---- waiting ---- */

static struct timespec monotonic(int64_t ns)
{
    return (struct timespec){ .tv_sec = ns / NS_PER_SECOND, .tv_nsec = ns % NS_PER_SECOND };
}

void agent_board_pause(struct agent_board *b, double seconds)
{
    struct timespec until =
        monotonic(time_monotonic_ns() + (int64_t)(seconds * (double)NS_PER_SECOND));

    lock(b);
    while (!b->for_carrier && !b->stopping &&
           pthread_cond_timedwait(&b->woken, &b->lock, &until) == 0)
        ;
    unlock(b);
}

void agent_board_wait(struct agent_board *b, int64_t until_ns)
{
    struct timespec until = monotonic(until_ns);

    lock(b);
    while (!b->nudged && !b->ended && pthread_cond_timedwait(&b->woken, &b->lock, &until) == 0)
        ;
    b->nudged = false;
    unlock(b);
}

/* ---- services ---- */

static bool same_life(const struct service_facts *a, const struct service_facts *b)
{
    return a->running == b->running && a->ended == b->ended && a->is_ready == b->is_ready &&
           a->status == b->status && a->starts == b->starts;
}

/* What a process used changes all the time: it is told with what else there is. */
static bool same_log(const struct service_facts *a, const struct service_facts *b)
{
    return a->log_starts == b->log_starts && a->height == b->height && a->tip_slot == b->tip_slot &&
           a->blocks_forged == b->blocks_forged && a->txs_acked == b->txs_acked &&
           a->setup_taken == b->setup_taken && a->setup_txs == b->setup_txs;
}

static void put_text(char *ret, size_t room, const char *text)
{
    if (text)
        snprintf(ret, room, "%s", text);
}

void agent_board_service(struct agent_board *b, size_t i, const char *name,
                         const struct service_facts *facts, const char *last_lines,
                         const char *problem)
{
    struct board_service *s = &b->services[i];

    lock(b);
    if (i >= b->service_count || !same_life(&s->told.facts, facts) || last_lines || problem)
        note_change(b, true);
    else if (!same_log(&s->told.facts, facts))
        note_change(b, false);
    if (i >= b->service_count)
        b->service_count = i + 1;
    put_text(s->name, sizeof s->name, name);
    put_text(s->last_lines, sizeof s->last_lines, last_lines);
    put_text(s->problem, sizeof s->problem, problem);
    s->told = (struct agent_service){
        .name = s->name, .facts = *facts, .last_lines = s->last_lines, .problem = s->problem
    };
    unlock(b);
}

/* ---- bundles ---- */

static void put_bundle(struct board_bundle *to, const struct agent_bundle *bundle)
{
    char problem[BOARD_PROBLEM_ROOM];

    /* It may be the text that stands there. */
    snprintf(problem, sizeof problem, "%s", bundle->problem ? bundle->problem : "");
    memcpy(to->problem, problem, sizeof problem);
    memmove(to->sha256, bundle->sha256, SHA256_HEX);
    to->told = *bundle;
    to->told.sha256 = to->sha256;
    to->told.problem = to->problem;
}

static void expect_bundles(struct agent_board *b, const struct orders *orders)
{
    struct board_bundle before[ORDERS_BUNDLES_MAX];
    size_t count = b->bundle_count;

    memcpy(before, b->bundles, sizeof before);
    for (size_t i = 0; i < orders->bundle_count; i++) {
        struct agent_bundle bundle = { .sha256 = orders->bundles[i].sha256 };

        for (size_t j = 0; j < count; j++)
            if (strcmp(before[j].sha256, bundle.sha256) == 0) {
                bundle = before[j].told;
                bundle.sha256 = before[j].sha256;
                bundle.problem = before[j].problem;
            }
        put_bundle(&b->bundles[i], &bundle);
    }
    b->bundle_count = orders->bundle_count;
}

void agent_board_bundle(struct agent_board *b, size_t i, const struct agent_bundle *bundle)
{
    lock(b);
    put_bundle(&b->bundles[i], bundle);
    note_change(b, true);
    unlock(b);
}

void agent_board_bundle_progress(struct agent_board *b, size_t i, uint64_t bytes_done)
{
    lock(b);
    b->bundles[i].told.bytes_done = bytes_done;
    note_change(b, false);
    unlock(b);
}

static bool is_unpacked(const struct agent_board *b, const char *sha256)
{
    for (size_t i = 0; i < b->bundle_count; i++)
        if (strcmp(b->bundles[i].sha256, sha256) == 0)
            return b->bundles[i].told.state == BUNDLE_UNPACKED;
    return false;
}

bool agent_board_has_bundles(struct agent_board *b, const struct orders *orders)
{
    bool has = true;

    lock(b);
    for (size_t i = 0; has && i < orders->bundle_count; i++)
        has = is_unpacked(b, orders->bundles[i].sha256);
    unlock(b);
    return has;
}

/* ---- jobs ---- */

static char *copy(const char *text)
{
    return strdup(text ? text : "");
}

/* Without memory a job has no parts to tell of, and has failed: it would be taken for another one else. */
static struct agent_job copy_job(const struct agent_job *job)
{
    struct agent_job to = *job;

    to.problem = copy(job->problem);
    to.sha256 = copy(job->sha256);
    to.parts = calloc(job->part_count + 1, sizeof *to.parts);
    to.part_count = to.parts ? job->part_count : 0;
    if (!to.parts)
        to.state = JOB_FAILED;
    for (size_t i = 0; i < to.part_count; i++) {
        to.parts[i].sha256 = copy(job->parts[i].sha256);
        to.parts[i].etag = copy(job->parts[i].etag);
    }
    return to;
}

static void expect_jobs(struct agent_board *b, const struct orders *orders)
{
    struct agent_job before[ORDERS_JOBS_MAX];
    size_t count = b->job_count;

    memcpy(before, b->jobs, sizeof before);
    for (size_t i = 0; i < orders->job_count; i++) {
        struct agent_job job = { .id = orders->jobs[i].id };

        for (size_t j = 0; j < count; j++)
            if (before[j].id == job.id) {
                job = before[j];
                before[j] = before[--count];
                break;
            }
        b->jobs[i] = job;
    }
    b->job_count = orders->job_count;
    for (size_t j = 0; j < count; j++)
        forget_job(&before[j]);
}

void agent_board_job(struct agent_board *b, size_t i, const struct agent_job *job)
{
    struct agent_job to = copy_job(job), old;

    lock(b);
    old = b->jobs[i];
    b->jobs[i] = to;
    note_change(b, true);
    unlock(b);
    forget_job(&old);
}

void agent_board_job_progress(struct agent_board *b, size_t i, uint64_t bytes_done)
{
    lock(b);
    b->jobs[i].bytes_done = bytes_done;
    note_change(b, false);
    unlock(b);
}

void agent_board_expect(struct agent_board *b, const struct orders *orders)
{
    lock(b);
    expect_bundles(b, orders);
    expect_jobs(b, orders);
    note_change(b, true);
    unlock(b);
}

/* ---- the end ---- */

static void set(struct agent_board *b, bool *flag)
{
    lock(b);
    *flag = true;
    note_change(b, true);
    unlock(b);
}

static bool get(struct agent_board *b, const bool *flag)
{
    bool value;

    lock(b);
    value = *flag;
    unlock(b);
    return value;
}

void agent_board_stopping(struct agent_board *b)
{
    set(b, &b->stopping);
}

void agent_board_ended(struct agent_board *b)
{
    set(b, &b->ended);
}

bool agent_board_is_over(struct agent_board *b)
{
    return get(b, &b->over);
}

bool agent_board_is_lost(struct agent_board *b)
{
    return get(b, &b->lost);
}

bool agent_board_is_ended(struct agent_board *b)
{
    return get(b, &b->ended);
}

void agent_board_over(struct agent_board *b)
{
    set(b, &b->over);
}

void agent_board_lost(struct agent_board *b)
{
    set(b, &b->lost);
}

/* ---- telling ---- */

bool agent_board_has_changed(struct agent_board *b, bool *ret_urgent)
{
    bool changed;

    lock(b);
    changed = b->changed;
    *ret_urgent = b->urgent;
    unlock(b);
    return changed;
}

json_t *agent_board_document(struct agent_board *b, const struct agent_state *base)
{
    struct agent_state state = *base;
    struct agent_service services[ORDERS_SERVICES_MAX];
    struct agent_bundle bundles[ORDERS_BUNDLES_MAX];
    json_t *document;

    lock(b);
    for (size_t i = 0; i < b->service_count; i++)
        services[i] = b->services[i].told;
    for (size_t i = 0; i < b->bundle_count; i++)
        bundles[i] = b->bundles[i].told;
    state.services = services;
    state.service_count = b->service_count;
    state.bundles = bundles;
    state.bundle_count = b->bundle_count;
    state.jobs = b->jobs;
    state.job_count = b->job_count;
    state.leaving = b->ended;
    document = agent_state_document(&state);
    b->changed = b->urgent = false;
    unlock(b);
    return document;
}
