#include "collect/reforward.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "json/write.h"

#define LOSS_NAME "Reflection.ForwarderLost"
#define LOSS_THREAD "0" /* of none in particular */

struct reforwarder {
    struct forwarder *forwarder;
    void (*told)(void *context, enum forwarder_event_kind kind, const char *why);
    void *context;
    bool filtered;
    char **prefixes;
    size_t prefix_count;
    int64_t started_ns;
};

/* ---- the filter ---- */

/* That name, or one below it. */
static bool is_below(struct span name, const char *top)
{
    size_t len = strlen(top);

    return len == 0 || (span_starts(name, top) && (name.len == len || name.at[len] == '.'));
}

static bool passes(const struct reforwarder *r, struct span name)
{
    if (!r->filtered)
        return true;
    for (size_t i = 0; i < r->prefix_count; i++)
        if (is_below(name, r->prefixes[i]))
            return true;
    return false;
}

static bool copy_filter(struct reforwarder *r, const struct collector_forwarding *from)
{
    r->filtered = from->filtered;
    r->prefixes = calloc(from->prefix_count + 1, sizeof *r->prefixes);
    if (!r->prefixes)
        return false;
    for (size_t i = 0; i < from->prefix_count; i++) {
        r->prefixes[i] = strdup(from->prefixes[i]);
        if (!r->prefixes[i])
            return false;
        r->prefix_count++;
    }
    return true;
}

static void free_reforwarder(struct reforwarder *r)
{
    for (size_t i = 0; i < r->prefix_count; i++)
        free(r->prefixes[i]);
    free(r->prefixes);
    free(r);
}

/* ---- in the forwarder's thread ---- */

static void on_event(void *context, enum forwarder_event_kind kind, const char *why)
{
    struct reforwarder *r = context;

    if (r->told)
        r->told(r->context, kind, why);
}

/* The line by which forwarders of ours tell of a loss; the other collector counts it. */
static void put_loss_line(struct buffer *line, uint64_t dropped, uint64_t total, int64_t now_ns,
                          const char *host)
{
    struct json_writer w;

    json_writer_init(&w, line, false);
    json_begin_object(&w);
    json_key(&w, "at");
    json_instant(&w, now_ns);
    json_key(&w, "ns");
    json_cstring(&w, LOSS_NAME);
    json_key(&w, "data");
    json_begin_object(&w);
    json_key(&w, "dropped");
    json_uint(&w, dropped);
    json_key(&w, "kind");
    json_cstring(&w, "ForwarderLost");
    json_key(&w, "total");
    json_uint(&w, total);
    json_end(&w);
    json_key(&w, "sev");
    json_cstring(&w, "Warning");
    json_key(&w, "thread");
    json_cstring(&w, LOSS_THREAD);
    json_key(&w, "host");
    json_cstring(&w, host);
    json_end(&w);
}

static void get_host(char ret[HOST_NAME_MAX + 1])
{
    ret[HOST_NAME_MAX] = '\0';
    if (gethostname(ret, HOST_NAME_MAX) < 0)
        *ret = '\0';
}

static void put_loss(void *context, uint64_t dropped, uint64_t total, struct buffer *out)
{
    int64_t now_ns = time_wall_ns();
    char host[HOST_NAME_MAX + 1];
    struct trace_object o = { .machine_kind = MACHINE_LINE,
                              .name = { span_of(LOSS_NAME) },
                              .name_count = 1,
                              .severity = 3,
                              .detail = 1,
                              .seconds = now_ns / NS_PER_SECOND,
                              .picoseconds = (uint64_t)(now_ns % NS_PER_SECOND) * 1000,
                              .thread = span_of(LOSS_THREAD) };
    struct buffer line;

    (void)context;
    get_host(host);
    buffer_init(&line, allocator_libc(), 1024);
    put_loss_line(&line, dropped, total, now_ns, host);
    o.machine = (struct span){ line.at, line.len };
    o.host = span_of(host);
    if (buffer_status(&line) == OU_OK)
        trace_object_write(out, &o);
    buffer_release(&line);
}

/* cardano-tracer has no data points here, and so no name: then the other collector waits for one in vain, and makes one of the
 * number of the connection, so that after each connection a folder begins. */
static bool give_data_point(void *context, struct span name, struct buffer *out)
{
    const struct reforwarder *r = context;
    char host[HOST_NAME_MAX + 1], node_name[HOST_NAME_MAX + 16];
    struct json_writer w;

    if (!span_is(name, "NodeInfo"))
        return false;
    get_host(host);
    snprintf(node_name, sizeof node_name, "tracer-%s", host);
    json_writer_init(&w, out, false);
    json_begin_object(&w);
    json_key(&w, "niName");
    json_cstring(&w, node_name);
    json_key(&w, "niProtocol");
    json_cstring(&w, "");
    json_key(&w, "niVersion");
    json_cstring(&w, OUROSCOPE_VERSION);
    json_key(&w, "niCommit");
    json_cstring(&w, "");
    json_key(&w, "niStartTime");
    json_instant(&w, r->started_ns);
    json_key(&w, "niSystemStartTime");
    json_instant(&w, r->started_ns);
    json_end(&w);
    return true;
}

/* ---- all of it ---- */

enum ou_status reforwarder_start(const struct collector_config *config,
                                 void (*told)(void *context, enum forwarder_event_kind kind,
                                              const char *why),
                                 void *context, struct reforwarder **ret, struct ou_error *err)
{
    const struct collector_forwarding *f = &config->forwarding;
    /* A configuration without an address is refused. */
    struct forwarder_options options = { .listen = f->network.listen,
                                         .at = f->network.at[0],
                                         .magic = config->magic,
                                         .max_count = f->queue_count,
                                         .max_bytes = REFORWARD_QUEUE_BYTES,
                                         .max_reconnect_s = f->max_reconnect_s,
                                         .gap = put_loss,
                                         .told = on_event };
    struct reforwarder *r;
    enum ou_status status;

    r = calloc(1, sizeof *r);
    if (!r || !copy_filter(r, f)) {
        if (r)
            free_reforwarder(r);
        return ou_fail(err, OU_NO_MEMORY, "no memory to forward what is collected");
    }
    r->told = told;
    r->context = context;
    r->started_ns = time_wall_ns();
    options.context = r;
    options.source.context = r;
    options.source.data_point = give_data_point;
    status = forwarder_start(&options, &r->forwarder, err);
    if (status) {
        free_reforwarder(r);
        return status;
    }
    *ret = r;
    return OU_OK;
}

void reforwarder_push(struct reforwarder *r, const struct trace_object *object, struct span name)
{
    struct buffer encoded;

    if (!passes(r, name))
        return;
    buffer_init(&encoded, allocator_libc(), REFORWARD_QUEUE_BYTES);
    trace_object_write(&encoded, object);
    if (buffer_status(&encoded) == OU_OK)
        forwarder_push(r->forwarder, bytes_of(&encoded));
    else
        forwarder_lose(r->forwarder);
    buffer_release(&encoded);
}

struct forward_counts reforwarder_counts(const struct reforwarder *r)
{
    return forwarder_counts(r->forwarder);
}

uint64_t reforwarder_stop(struct reforwarder *r, uint32_t wait_ms)
{
    struct forward_counts last = forwarder_stop(r->forwarder, wait_ms);

    free_reforwarder(r);
    return last.waiting + last.in_doubt;
}
