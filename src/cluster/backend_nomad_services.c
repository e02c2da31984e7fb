/* Services at hosts that are far away: what is wanted of them goes into orders, what is known of them comes from their agents' states. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/time.h"
#include "cluster/backend_nomad_inside.h"
#include "cluster/deployment_hosts.h"
#include "cluster/deployment_orders.h"

#define STATUS_LOST (128 + 9)
#define STATUS_STOPPED (128 + 15)
#define STATUS_NOT_STARTED 127
#define LAST_LINES_ROOM 4096
#define SILENCE_NS (60 * NS_PER_SECOND) /* of an agent that Nomad cannot reach, either */
/* What is known of services comes out of the bucket, poll by poll; Nomad may think for half a minute about what it is asked. */
#define BUCKET_PATIENCE_NS (15 * NS_PER_SECOND)
#define NOMAD_PATIENCE_NS (60 * NS_PER_SECOND)
#define AWAY_MOST_NS (600 * NS_PER_SECOND) /* the cluster cannot be watched any more */

struct service {
    struct deployed_host *host;
    size_t host_index, order; /* order: its place in the host's orders */
    char name[64];
    struct service_facts facts;
    char last_lines[LAST_LINES_ROOM];
    uint32_t ends_told;  /* the start whose end has been told */
    uint64_t stopped_by; /* number of the orders that say so */
    void (*ended)(struct service *service, void *owner, int status);
    void *owner;
};

static struct nomad_backend *of(struct backend *b)
{
    return (struct nomad_backend *)b;
}

/* ---- what is known ---- */

/* The agent that was delivered to is no more, or nobody has heard of it for long. */
static bool is_lost(const struct deployed_host *h, int64_t now_ns)
{
    if (!h->place.allocation[0])
        return false; /* Nomad has not been asked yet */
    if (strcmp(h->place.allocation, h->site.allocation) != 0 || !host_is_alive(h))
        return true;
    return h->place.state == ALLOCATION_UNKNOWN && now_ns - h->heard_ns > SILENCE_NS;
}

static void describe_loss(const struct deployed_host *h, char *ret, size_t room)
{
    const char *node = h->place.node[0] ? h->place.node : "its machine";

    if (h->place.trouble[0])
        snprintf(ret, room, "the task of %s is gone: %s", h->name, h->place.trouble);
    else if (h->place.state == ALLOCATION_FAILED || h->place.state == ALLOCATION_COMPLETE)
        snprintf(ret, room, "the task of %s on %s has ended", h->name, node);
    else
        snprintf(ret, room, "machine %s fell silent", node);
}

static const struct agent_service *told_service(const struct service *s)
{
    const struct deployed_host *h = s->host;

    if (!h->has_state || strcmp(h->state.allocation, h->site.allocation) != 0)
        return NULL;
    for (size_t i = 0; i < h->state.service_count; i++)
        if (strcmp(h->state.services[i].name, s->name) == 0)
            return &h->state.services[i];
    return NULL;
}

static void end_facts(struct service *s, int status)
{
    s->facts.running = false;
    s->facts.ended = true;
    s->facts.status = status;
    s->facts.cpu_ns = 0;
    s->facts.rss_bytes = 0;
}

/* What an agent says of a start that we did not order yet, or no longer mean, says nothing. */
static void take_facts(struct service *s, const struct agent_service *told)
{
    uint32_t wanted = s->host->services[s->order].starts;

    if (told->problem[0] && told->facts.starts <= wanted && !told->facts.running) {
        s->facts.starts = wanted;
        end_facts(s, STATUS_NOT_STARTED);
        snprintf(s->last_lines, sizeof s->last_lines, "%s", told->problem);
        return;
    }
    if (told->facts.starts != wanted)
        return;
    s->facts = told->facts;
    s->facts.heard_ns = s->host->heard_ns;
    if (told->last_lines[0])
        snprintf(s->last_lines, sizeof s->last_lines, "%s", told->last_lines);
}

/* It was to end before its agent began it: it never was. */
static bool is_never_begun(const struct service *s, const struct agent_service *told)
{
    const struct order_service *order = &s->host->services[s->order];

    return order->stopped && s->host->has_state && s->stopped_by > 0 &&
           s->host->state.orders >= s->stopped_by &&
           (!told || (!told->facts.running && told->facts.starts < order->starts));
}

static void look(struct service *s, int64_t now_ns)
{
    const struct agent_service *told = told_service(s);
    uint32_t wanted = s->host->services[s->order].starts;

    if (wanted == 0)
        return;
    if (told)
        take_facts(s, told);
    if (!s->facts.ended && is_never_begun(s, told))
        end_facts(s, STATUS_STOPPED);
    if (is_lost(s->host, now_ns) && !s->facts.ended) {
        s->facts.starts = wanted;
        end_facts(s, STATUS_LOST);
        describe_loss(s->host, s->last_lines, sizeof s->last_lines);
    }
}

/* ---- what is wanted ---- */

static struct service *make_service(struct nomad_backend *n, struct ou_error *err)
{
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is what is wanted */
    struct service **more = realloc(n->services, (n->service_count + 1) * sizeof *n->services);
    struct service *s = calloc(1, sizeof *s);

    if (more)
        n->services = more;
    if (!more || !s) {
        free(s);
        ou_fail(err, OU_NO_MEMORY, "no memory for a service");
        return NULL;
    }
    return s;
}

/* The host's name, and what was asked for; the service's own is checked where orders are read. */
enum ou_status nomad_service_add(struct backend *b, const struct service_options *options,
                                 struct service **ret, struct ou_error *err)
{
    struct nomad_backend *n = of(b);
    struct service *s = make_service(n, err);
    enum ou_status status;

    if (!s)
        return OU_NO_MEMORY;
    s->host_index = options->host;
    s->host = &n->d.hosts[options->host];
    s->ended = options->ended;
    s->owner = options->owner;
    s->facts.height = s->facts.tip_slot = -1;
    snprintf(s->name, sizeof s->name, "%s", options->name);
    pthread_mutex_lock(&n->d.mutex);
    status = host_orders_service(&n->d, s->host, options, &s->order, err);
    if (!status) {
        look(s, time_monotonic_ns()); /* of before, where it is taken up */
        s->ends_told = s->facts.ended ? s->facts.starts : 0;
    }
    deployment_unlock(&n->d);
    if (status) {
        free(s);
        return status;
    }
    n->services[n->service_count++] = s;
    *ret = s;
    return OU_OK;
}

/* Nodes begin shortly before slot 0; a collector, which waits for them, may do so earlier. */
static int64_t not_before(const struct nomad_backend *n, const struct service *s)
{
    int64_t lead_ns = (int64_t)(n->d.placement->lead_s * 1e9);

    return n->start_ns && strcmp(s->name, "tracer") != 0 ? n->start_ns - lead_ns : 0;
}

/* Before the first order of a start: who comes after a crash must not take agents that may have one for idle. */
static enum ou_status note_start(struct nomad_backend *n, struct ou_error *err)
{
    if (n->d.is_started)
        return OU_OK;
    n->d.is_started = true;
    return deployment_save(&n->d, err);
}

enum ou_status nomad_service_start(struct backend *b, struct service *s, struct ou_error *err)
{
    struct nomad_backend *n = of(b);
    bool is_first = !n->d.is_started;
    enum ou_status status = note_start(n, err);

    if (status)
        return status;
    pthread_mutex_lock(&n->d.mutex);
    host_orders_start(s->host, s->order, not_before(n, s));
    s->stopped_by = 0;
    s->facts = (struct service_facts){
        .starts = s->host->services[s->order].starts, .running = true, .height = -1, .tip_slot = -1
    };
    s->last_lines[0] = '\0';
    deployment_unlock(&n->d);
    if (is_first)
        backend_step(b, "services started", "");
    return OU_OK;
}

void nomad_service_stop(struct backend *b, struct service *s, uint64_t grace_ms)
{
    struct nomad_backend *n = of(b);

    pthread_mutex_lock(&n->d.mutex);
    host_orders_stop(s->host, s->order, grace_ms);
    if (!s->stopped_by)
        s->stopped_by = s->host->orders.number;
    deployment_unlock(&n->d);
}

const struct service_facts *nomad_service_facts(struct backend *b, struct service *s)
{
    (void)b;
    return &s->facts;
}

void nomad_service_last_lines(struct backend *b, struct service *s, char *ret, size_t room)
{
    (void)b;
    snprintf(ret, room, "%s", s->last_lines);
}

/* ---- watching ---- */

/* A task that Nomad made in place of a lost one has nothing to do: its node would be another than that of the run. */
static void send_replacements_away(struct deployment *d)
{
    for (size_t i = 0; i < d->host_count; i++) {
        struct deployed_host *h = &d->hosts[i];

        if (h->place.allocation[0] && h->site.allocation[0] &&
            strcmp(h->place.allocation, h->site.allocation) != 0)
            host_orders_leave(h);
    }
}

/* To a person and to the journal, who and for how long. */
static void tell_silence(struct nomad_backend *n, const char *who, enum silence_news news,
                         int64_t for_ns, const char *why)
{
    double seconds = (double)for_ns / 1e9;
    char line[DEPLOYED_TEXT_ROOM + 160];

    if (news == SILENCE_BEGUN)
        snprintf(line, sizeof line, "%s has not answered for %.0f s%s%s; services go on", who,
                 seconds, *why ? ": " : "", why);
    else
        snprintf(line, sizeof line, "%s answers again, after %.0f s", who, seconds);
    backend_say(&n->backend, "%s", line);
    journal_add(&n->d.journal, "us", "", line);
}

/* One that takes our requests and says nothing has not failed yet: what counts is the last answer. */
static void watch_silence(struct nomad_backend *n, int64_t now_ns)
{
    struct deployment *d = &n->d;
    int64_t bucket_ns = BUCKET_PATIENCE_NS + (int64_t)(d->placement->poll_s * 1e9), for_ns;
    enum silence_news news =
        silence_look(&n->bucket_silence, d->bucket_seen_ns, now_ns, bucket_ns, &for_ns);

    if (news)
        tell_silence(n, "the bucket", news, for_ns, d->bucket_is_away ? d->bucket_trouble : "");
    news = silence_look(&n->nomad_silence, d->nomad_seen_ns, now_ns, NOMAD_PATIENCE_NS, &for_ns);
    if (news)
        tell_silence(n, "Nomad", news, for_ns, d->nomad_is_away ? d->nomad_trouble : "");
}

/* Neither being away for a while is a death: the services go on meanwhile. */
static enum ou_status check_reach(struct nomad_backend *n, int64_t now_ns, struct ou_error *err)
{
    const struct deployment *d = &n->d;

    if (interrupt_pending()) /* nobody is asked any more */
        return OU_OK;
    watch_silence(n, now_ns);
    if (now_ns - d->bucket_seen_ns > AWAY_MOST_NS && now_ns - d->nomad_seen_ns > AWAY_MOST_NS)
        return ou_fail(err, OU_IO, "neither Nomad nor the bucket have answered for ten minutes: %s",
                       d->bucket_is_away ? d->bucket_trouble : d->nomad_trouble);
    return OU_OK;
}

static enum ou_status check_hosts(const struct deployment *d, int64_t now_ns, struct ou_error *err)
{
    for (size_t i = 0; i < d->host_count; i++)
        if (!is_lost(&d->hosts[i], now_ns))
            return OU_OK;
    return ou_fail(err, OU_IO, "all hosts are gone; %s: %s", d->hosts[0].name,
                   d->hosts[0].place.trouble[0] ? d->hosts[0].place.trouble : "its task has ended");
}

static void note_end(struct nomad_backend *n, const struct service *s)
{
    char line[DEPLOYED_TEXT_ROOM];

    snprintf(line, sizeof line, "%s has ended with status %d", s->name, s->facts.status);
    journal_add(&n->d.journal, "agent", s->host->name, line);
}

/* Ends are told when all is known and without the mutex: whoever hears of one may start and stop services. */
static void tell_ends(struct nomad_backend *n)
{
    for (size_t i = 0; i < n->service_count; i++) {
        struct service *s = n->services[i];

        if (!s->facts.ended || s->ends_told == s->facts.starts)
            continue;
        s->ends_told = s->facts.starts;
        note_end(n, s);
        if (s->ended)
            s->ended(s, s->owner, s->facts.status);
    }
}

enum ou_status nomad_services_poll(struct backend *b, struct ou_error *err)
{
    struct nomad_backend *n = of(b);
    int64_t now_ns = time_monotonic_ns();
    enum ou_status status;

    pthread_mutex_lock(&n->d.mutex);
    for (size_t i = 0; i < n->service_count; i++)
        look(n->services[i], now_ns);
    send_replacements_away(&n->d);
    status = check_reach(n, now_ns, err);
    if (!status)
        status = check_hosts(&n->d, now_ns, err);
    pthread_mutex_unlock(&n->d.mutex);
    tell_ends(n);
    return status;
}

void nomad_services_forget(struct nomad_backend *n)
{
    for (size_t i = 0; i < n->service_count; i++)
        free(n->services[i]);
    free(n->services);
    n->services = NULL;
    n->service_count = 0;
}
