#include "cluster/cluster_watch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "cluster/deployment_hosts.h"
#include "cluster/deployment_job.h"
#include "nomad/facts.h"

#define QUERY_WAIT_S 30
#define TOPIC_COUNT 4
#define PAUSE_S 2     /* behind a failure */
#define LOG_BYTES 500 /* as many as a message has room for */
#define TEXT_MAX ((size_t)64 << 10)
#define INSTANCE_ATTRIBUTE "platform.aws.instance-type"

static void pause_a_while(struct cluster_watch *w)
{
    for (int i = 0; i < PAUSE_S * 10 && !atomic_load(&w->stopped); i++)
        usleep(100000);
}

static void note_answer(struct cluster_watch *w, enum ou_status status, const struct ou_error *why)
{
    struct deployment *d = w->d;
    bool is_away = status != OU_OK && status != OU_INTERRUPTED && status != OU_NOT_FOUND, told;

    pthread_mutex_lock(&d->mutex);
    told = is_away && !d->nomad_is_away;
    d->nomad_is_away = is_away;
    if (is_away)
        snprintf(d->nomad_trouble, sizeof d->nomad_trouble, "%s", why->text);
    else if (status != OU_INTERRUPTED)
        d->nomad_seen_ns = time_monotonic_ns();
    pthread_mutex_unlock(&d->mutex);
    if (told)
        journal_add(&d->journal, "us", "", why->text);
}

/* ---- where a host is reached ---- */

static void take_attribute(const json_t *node, const char *name, char *ret, size_t room)
{
    const char *value =
        json_string_value(json_object_get(json_object_get(node, "Attributes"), name));

    if (value)
        snprintf(ret, room, "%s", value);
}

/* Machines that are known by another address than Nomad's, and what they are. */
static enum ou_status look_at_machine(struct cluster_watch *w, struct host_place *place,
                                      struct ou_error *err)
{
    const char *attribute = w->d->placement->address;
    char path[sizeof "/v1/node/" + NOMAD_ID_ROOM];
    json_t *node = NULL;
    enum ou_status status;

    snprintf(path, sizeof path, "/v1/node/%s", place->node_id);
    status = nomad_ask(w->places, "GET", path, NULL, NULL, 0, 0, &node, NULL, err);
    if (!status) {
        take_attribute(node, INSTANCE_ATTRIBUTE, place->instance, sizeof place->instance);
        if (attribute) {
            place->address[0] = '\0';
            take_attribute(node, attribute, place->address, sizeof place->address);
        }
    }
    if (!status && !place->address[0])
        status = ou_fail(err, OU_INVALID,
                         "machine %s has no attribute %s, which network.address of the plan names",
                         place->node, attribute ? attribute : "");
    json_decref(node);
    return status;
}

static enum ou_status find_address(struct cluster_watch *w, struct host_place *place,
                                   struct ou_error *err)
{
    json_t *allocation = NULL;
    enum ou_status status = nomad_allocation(w->places, place->allocation, &allocation, err);

    if (!status &&
        !nomad_allocation_port(allocation, DEPLOYMENT_PORT, place->address, &place->port))
        status =
            ou_fail(err, OU_INVALID, "Nomad gave its allocation %.8s no port", place->allocation);
    json_decref(allocation);
    return status ? status : look_at_machine(w, place, err);
}

/* ---- why a host failed ---- */

/* Whole lines, as far as there are any: the first one was cut where the reading began. */
static struct span last_lines(const struct buffer *log)
{
    const char *end = log->len == LOG_BYTES ? memchr(log->at, '\n', log->len - 1) : NULL;
    size_t begun = end ? (size_t)(end + 1 - log->at) : 0;

    return (struct span){ log->at + begun, log->len - begun };
}

/* A task prints what it likes: it is a foreign text. */
static void append_last_lines(struct cluster_watch *w, const char *id, struct buffer *ret)
{
    struct buffer log;

    buffer_init(&log, allocator_libc(), TEXT_MAX);
    if (!nomad_allocation_log(w->places, id, DEPLOYMENT_TASK, "stderr", LOG_BYTES, &log, NULL) &&
        log.len > 0) {
        buffer_printf(ret, "%sits last lines: ", ret->len ? "; " : "");
        facts_append_clean(ret, last_lines(&log));
    }
    buffer_release(&log);
}

static void explain(struct cluster_watch *w, const char *id, char ret[DEPLOYED_TEXT_ROOM])
{
    json_t *allocation = NULL;
    struct buffer text;

    buffer_init(&text, allocator_libc(), TEXT_MAX);
    if (!nomad_allocation(w->places, id, &allocation, NULL))
        nomad_explain_allocation(allocation, &text);
    append_last_lines(w, id, &text);
    snprintf(ret, DEPLOYED_TEXT_ROOM, "%s", buffer_string(&text));
    buffer_release(&text);
    json_decref(allocation);
}

/* ---- looking closer ---- */

static bool is_down(const struct host_place *place)
{
    return place->state == ALLOCATION_FAILED || place->state == ALLOCATION_LOST;
}

/* What the list does not tell is asked for without the mutex; by then the host may be elsewhere. */
static void put_back(struct deployment *d, struct deployed_host *h, const struct host_place *seen)
{
    pthread_mutex_lock(&d->mutex);
    if (strcmp(h->place.allocation, seen->allocation) == 0) {
        memcpy(h->place.address, seen->address, sizeof seen->address);
        memcpy(h->place.instance, seen->instance, sizeof seen->instance);
        memcpy(h->place.trouble, seen->trouble, sizeof seen->trouble);
        h->place.is_explained = seen->is_explained;
        h->place.port = seen->port;
    }
    pthread_cond_broadcast(&d->news);
    pthread_mutex_unlock(&d->mutex);
}

static void look_closer(struct cluster_watch *w, struct deployed_host *h)
{
    struct deployment *d = w->d;
    struct ou_error why = { 0 };
    struct host_place seen;

    pthread_mutex_lock(&d->mutex);
    seen = h->place;
    pthread_mutex_unlock(&d->mutex);
    if (seen.state == ALLOCATION_RUNNING && seen.port == 0) {
        if (find_address(w, &seen, &why)) {
            seen.port = 0;
            snprintf(seen.trouble, sizeof seen.trouble, "%s", why.text);
        }
        put_back(d, h, &seen);
    } else if (is_down(&seen) && !seen.is_explained) {
        seen.is_explained = true;
        explain(w, seen.allocation, seen.trouble);
        put_back(d, h, &seen);
        journal_add(&d->journal, "nomad", h->name, seen.trouble);
    }
}

static bool take_list(struct cluster_watch *w, const json_t *list)
{
    struct deployment *d = w->d;
    bool news;

    pthread_mutex_lock(&d->mutex);
    news = hosts_take_allocations(d, list, time_monotonic_ns());
    if (news)
        pthread_cond_broadcast(&d->news);
    pthread_mutex_unlock(&d->mutex);
    return news;
}

static bool lacks_address(struct deployment *d)
{
    bool lacks = false;

    pthread_mutex_lock(&d->mutex);
    for (size_t i = 0; i < d->host_count; i++)
        lacks = lacks || (d->hosts[i].place.state == ALLOCATION_RUNNING &&
                          d->hosts[i].place.port == 0 && d->hosts[i].place.allocation[0]);
    pthread_mutex_unlock(&d->mutex);
    return lacks;
}

static enum ou_status look_once(struct cluster_watch *w, uint64_t *index, struct ou_error *err)
{
    json_t *list = NULL;
    /* An address that could not be had is asked for again soon. */
    double wait_s = lacks_address(w->d) ? PAUSE_S : QUERY_WAIT_S;
    enum ou_status status =
        nomad_job_allocations(w->places, w->d->job, *index, wait_s, &list, index, err);

    if (!status && (take_list(w, list) || lacks_address(w->d)))
        for (size_t i = 0; i < w->d->host_count && !atomic_load(&w->stopped); i++)
            look_closer(w, &w->d->hosts[i]);
    json_decref(list);
    return status;
}

static void *watch_places(void *context)
{
    struct cluster_watch *w = context;
    uint64_t index = 0;

    while (!atomic_load(&w->stopped)) {
        struct ou_error why = { 0 };
        enum ou_status status = look_once(w, &index, &why);

        note_answer(w, status, &why);
        if (status) {
            index = 0; /* a server that was restarted may count from elsewhere */
            pause_a_while(w);
        }
    }
    return NULL;
}

/* ---- events ---- */

/* "" for those that are of no host, or of none of ours. */
static const char *host_of(struct deployment *d, const json_t *event)
{
    const json_t *allocation = json_object_get(json_object_get(event, "Payload"), "Allocation");
    const char *group = json_string_value(json_object_get(allocation, "TaskGroup"));
    const struct deployed_host *h = group ? deployment_host(d, span_of(group)) : NULL;

    return h ? h->name : "";
}

static bool on_event(void *context, const json_t *event)
{
    struct cluster_watch *w = context;
    struct buffer line;

    buffer_init(&line, allocator_libc(), TEXT_MAX);
    if (event && nomad_event_line(event, &line))
        journal_add(&w->d->journal, "nomad", host_of(w->d, event), buffer_string(&line));
    buffer_release(&line);
    return !atomic_load(&w->stopped);
}

static void *watch_events(void *context)
{
    struct cluster_watch *w = context;
    static const char *const TOPICS[TOPIC_COUNT] = { "Job", "Allocation", "Evaluation",
                                                     "Deployment" };
    char texts[TOPIC_COUNT][sizeof "Allocation:" + sizeof w->d->job];
    const char *topics[TOPIC_COUNT + 1] = { NULL };
    uint64_t index = 0;
    bool told = false;

    for (size_t i = 0; i < TOPIC_COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "%s:%s", TOPICS[i], w->d->job);
        topics[i] = texts[i];
    }
    while (!atomic_load(&w->stopped)) {
        struct ou_error why = { 0 };

        if (nomad_events(w->events, topics, &index, on_event, w, &why) && !told &&
            !atomic_load(&w->stopped)) {
            journal_add(&w->d->journal, "us", "", why.text);
            told = true;
        }
        pause_a_while(w);
    }
    return NULL;
}

/* ---- beginning and end ---- */

enum ou_status cluster_watch_begin(struct cluster_watch *w, struct deployment *d,
                                   struct ou_error *err)
{
    enum ou_status status = deployment_reach_nomad(d, &w->places, err);

    w->d = d;
    atomic_store(&w->stopped, false);
    if (!status)
        status = deployment_reach_nomad(d, &w->events, err);
    if (!status) {
        w->runs = pthread_create(&w->places_thread, NULL, watch_places, w) == 0;
        w->runs_events = w->runs && pthread_create(&w->events_thread, NULL, watch_events, w) == 0;
        if (!w->runs_events)
            status = ou_fail(err, OU_NO_MEMORY, "no thread to watch Nomad");
    }
    if (status)
        cluster_watch_end(w);
    return status;
}

void cluster_watch_end(struct cluster_watch *w)
{
    atomic_store(&w->stopped, true);
    if (w->runs) {
        nomad_cancel(w->places);
        pthread_join(w->places_thread, NULL);
    }
    if (w->runs_events) {
        nomad_cancel(w->events);
        pthread_join(w->events_thread, NULL);
    }
    w->runs = w->runs_events = false;
    nomad_close(w->places);
    nomad_close(w->events);
    w->places = w->events = NULL;
}
