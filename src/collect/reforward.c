#include "collect/reforward.h"

#include <stdlib.h>
#include <string.h>

struct reforwarder {
    struct forwarder *forwarder;
    bool filtered;
    char **prefixes;
    size_t prefix_count;
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

/* ---- all of it ---- */

enum ou_status reforwarder_start(const struct collector_config *config,
                                 void (*told)(void *context, enum forwarder_event_kind kind,
                                              const char *why),
                                 void *context, struct reforwarder **ret, struct ou_error *err)
{
    const struct collector_forwarding *f = &config->forwarding;
    struct forwarder_options options = { .listen = f->network.listen,
                                         .magic = config->magic,
                                         .max_count = f->queue_count,
                                         .max_bytes = REFORWARD_QUEUE_BYTES,
                                         .max_reconnect_s = f->max_reconnect_s,
                                         .told = told,
                                         .context = context };
    struct reforwarder *r;
    enum ou_status status;

    if (f->network.count == 0)
        return ou_fail(err, OU_INVALID, "hasForwarding: no address");
    options.at = f->network.at[0];
    r = calloc(1, sizeof *r);
    if (!r || !copy_filter(r, f)) {
        if (r)
            free_reforwarder(r);
        return ou_fail(err, OU_NO_MEMORY, "no memory to forward what is collected");
    }
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
