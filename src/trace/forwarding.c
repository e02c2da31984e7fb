#include "trace/forwarding.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/digits.h"
#include "base/time.h"
#include "trace/consumer.h"
#include "trace/data_points.h"
#include "trace/forwarder.h"
#include "trace/metrics_ekg.h"
#include "trace/reflection.h"
#include "trace/render.h"
#include "trace/render_text.h"

/* The longest line and human form of a message; longer ones are lost, and counted. */
#define TEXT_MAX ((size_t)4 << 20)
#define OBJECT_MAX (3 * TEXT_MAX)

/* The texts of one message. One for each thread that makes objects. */
struct encoder {
    struct buffer line, human, object;
};

struct forwarding {
    struct forwarder *forwarder;
    char address[ENDPOINT_ROOM];
    struct encoder encoder;
    _Atomic bool verbose;

    /* The forwarder's thread's. */
    struct encoder gap_encoder;
    struct plan *gap_plan;
    struct metrics_told *told;
    bool outage;    /* a failure has been traced since the last connection */
    bool told_away; /* and the program has been told of one */
    bool met;       /* there has been a connection */

    struct forwarding *before; /* in left_behind */
};

static struct {
    struct forwarding_options options;
    struct buffer host;     /* as it stands in objects */
    struct forwarding *now; /* NULL: not begun */
    bool on;                /* the configuration wants it */
} backend;

/* In a forked child, those of its ancestors. */
static struct forwarding *left_behind;

/* Of all connections, and what the end left over: relaxed, they are accounts. */
static _Atomic uint64_t forwarded, lost;

/* --- Objects --------------------------------------------------------------------- */

static void encoder_init(struct encoder *e)
{
    buffer_init(&e->line, allocator_libc(), TEXT_MAX);
    buffer_init(&e->human, allocator_libc(), TEXT_MAX);
    buffer_init(&e->object, allocator_libc(), OBJECT_MAX);
}

static void encoder_release(struct encoder *e)
{
    buffer_release(&e->line);
    buffer_release(&e->human);
    buffer_release(&e->object);
}

static struct span span_of_buffer(const struct buffer *b)
{
    return (struct span){ b->at, b->len };
}

static struct span make_line(struct encoder *e, const struct plan *plan, const struct ou_message *m)
{
    buffer_clear(&e->line);
    render_machine(plan, m, &e->line);
    return buffer_status(&e->line) ? (struct span){ NULL, 0 } : span_of_buffer(&e->line);
}

/* In the shape of 2026. False when it cannot be made. */
static bool encode(struct encoder *e, const struct plan *plan, const struct ou_message *m,
                   struct span line)
{
    char thread[DIGITS_ROOM];
    struct trace_object o = {
        .machine_kind = MACHINE_LINE,
        .machine = { line.at, line.len - 1 }, /* without the newline */
        .name = { span_of(m->point->ns) },
        .name_count = 1,
        .severity = (uint8_t)m->point->severity,
        .detail = (uint8_t)m->detail,
        .seconds = m->at_ns / NS_PER_SECOND,
        .picoseconds = (uint64_t)(m->at_ns % NS_PER_SECOND) * 1000,
        .host = span_of_buffer(&backend.host),
        .thread = { thread, digits_u64(m->thread, thread) },
    };

    if (line.len == 0)
        return false;
    buffer_clear(&e->human);
    buffer_clear(&e->object);
    o.has_human = render_human_form(plan, m, &e->human);
    o.human = span_of_buffer(&e->human);
    trace_object_write(&e->object, &o);
    return buffer_status(&e->human) == OU_OK && buffer_status(&e->object) == OU_OK;
}

struct span forwarding_line(const struct plan *plan, const struct ou_message *m)
{
    return make_line(&backend.now->encoder, plan, m);
}

void forwarding_write(const struct plan *plan, const struct ou_message *m, struct span line)
{
    struct encoder *e = &backend.now->encoder;

    if (encode(e, plan, m, line))
        forwarder_push(backend.now->forwarder, bytes_of(&e->object));
    else
        forwarder_lose(backend.now->forwarder);
}

/* --- In the forwarder's thread ------------------------------------------------------ */

/* The same message that standard output gets, but with the loss since the collector was last told of one. */
static void write_gap(void *context, uint64_t dropped, uint64_t total, struct buffer *out)
{
    struct forwarding *f = context;
    const struct ou_value values[] = {
        { .type = OU_TYPE_u64, .known = true, .u64 = dropped },
        { .type = OU_TYPE_u64, .known = true, .u64 = total },
    };
    const struct ou_message m = { .point = &ou_point_forwarder_lost,
                                  .at_ns = time_wall_ns(),
                                  .thread = (uint32_t)syscall(SYS_gettid),
                                  .detail = OU_DNORMAL,
                                  .values = values,
                                  .host = buffer_string(&backend.host) };
    struct span line = make_line(&f->gap_encoder, f->gap_plan, &m);

    if (encode(&f->gap_encoder, f->gap_plan, &m, line))
        buffer_append(out, f->gap_encoder.object.at, f->gap_encoder.object.len);
}

static void give_metrics(void *context, enum ekg_wanted wanted, struct ekg_list names,
                         struct buffer *out)
{
    const struct forwarding *f = context;

    metrics_respond(f->told, wanted, names, out);
}

static bool give_data_point(void *context, struct span name, struct buffer *out)
{
    (void)context;
    return data_points_get(name, out);
}

/* The program is told of the first failure of an outage, and of its end. */
static void tell_program(struct forwarding *f, const char *what, const char *and_then)
{
    char line[ENDPOINT_ROOM + sizeof((struct ou_error *)0)->text + 64];

    if (!backend.options.told)
        return;
    snprintf(line, sizeof line, "collector at %s: %s%s", f->address, what, and_then);
    backend.options.told(backend.options.context, line);
}

static void tell_failure(struct forwarding *f, const char *why)
{
    if (!f->told_away)
        tell_program(f, why, backend.options.listen ? "" : "; trying again");
    f->told_away = true;
}

static void tell_connection(struct forwarding *f)
{
    if (f->told_away)
        tell_program(f, f->met ? "connected again" : "connected", "");
    f->told_away = false;
    f->met = true;
}

/* A failure is told once until there is a connection again, unless more is wanted. Whoever connects next has been told
 * of no metrics. */
static void tell(void *context, enum forwarder_event_kind kind, const char *why)
{
    struct forwarding *f = context;
    bool verbose = atomic_load(&f->verbose);

    switch (kind) {
    case FORWARDER_LISTENING:
        if (verbose)
            OU_TRACE(forwarder_listening, f->address);
        return;
    case FORWARDER_CONNECTED:
        f->outage = false;
        tell_connection(f);
        if (verbose)
            OU_TRACE(forwarder_connected, f->address);
        return;
    case FORWARDER_CLOSED:
        metrics_told_nothing(f->told);
        if (verbose)
            OU_TRACE(forwarder_closed, f->address);
        return;
    case FORWARDER_FAILED:
        metrics_told_nothing(f->told);
        tell_failure(f, why);
        if (verbose || !f->outage)
            OU_TRACE(forwarder_failed, f->address, why);
        f->outage = OU_TRACE_IS_ON(forwarder_failed); /* not yet, when tracing is just starting */
        return;
    }
}

/* --- Life ------------------------------------------------------------------------------ */

static void release(struct forwarding *f)
{
    encoder_release(&f->encoder);
    encoder_release(&f->gap_encoder);
    plan_free(f->gap_plan);
    metrics_told_free(f->told);
    free(f);
}

static struct forwarding *forwarding_new(const struct config_forwarder *config)
{
    struct forwarding *f = calloc(1, sizeof *f);

    if (!f)
        return NULL;
    encoder_init(&f->encoder);
    encoder_init(&f->gap_encoder);
    f->gap_plan = plan_new(&ou_point_forwarder_lost);
    f->told = metrics_told_new();
    atomic_init(&f->verbose, config->verbose);
    endpoint_format(&backend.options.at, f->address);
    if (f->gap_plan && f->told)
        return f;
    release(f);
    return NULL;
}

static enum ou_status start(const struct config_forwarder *config, struct ou_error *err)
{
    struct forwarding *f = forwarding_new(config);
    struct forwarder_options to = {
        .listen = backend.options.listen,
        .at = backend.options.at,
        .magic = backend.options.magic,
        .max_count = (size_t)config->queue_size,
        .max_bytes = (size_t)config->queue_bytes,
        .max_reconnect_s = (uint32_t)config->max_reconnect_delay,
        .awaits_first = true,
        .source = { .context = f, .metrics = give_metrics, .data_point = give_data_point },
        .gap = write_gap,
        .told = tell,
        .context = f,
    };
    enum ou_status status;

    if (!f)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the backend Forwarder");
    status = forwarder_start(&to, &f->forwarder, err);
    if (status)
        release(f);
    else
        backend.now = f;
    return status;
}

static enum ou_status change(const struct config_forwarder *config, struct ou_error *err)
{
    if (forwarder_limit(backend.now->forwarder, (size_t)config->queue_size,
                        (size_t)config->queue_bytes,
                        (uint32_t)config->max_reconnect_delay) != OU_OK)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a queue of %d bytes", config->queue_bytes);
    atomic_store(&backend.now->verbose, config->verbose);
    return OU_OK;
}

enum ou_status forwarding_begin(const struct forwarding_options *options, const char *host,
                                struct ou_error *err)
{
    backend.options = *options;
    backend.on = false;
    buffer_init(&backend.host, allocator_libc(), TEXT_MAX);
    text_bare(&backend.host, span_of(host));
    atomic_store(&forwarded, 0);
    atomic_store(&lost, 0);
    if (buffer_status(&backend.host) == OU_OK)
        return OU_OK;
    buffer_release(&backend.host);
    return ou_fail(err, OU_NO_MEMORY, "no memory for the backend Forwarder");
}

enum ou_status forwarding_configure(const struct config *config, struct ou_error *err)
{
    bool on = backend.options.wanted && config_forwards(config);
    enum ou_status status = OU_OK;

    if (backend.now)
        status = change(&config->forwarder, err);
    else if (on)
        status = start(&config->forwarder, err);
    if (!status)
        backend.on = on;
    return status;
}

bool forwarding_is_on(void)
{
    return backend.on;
}

static void tally(struct forward_counts counts, uint64_t left_over)
{
    atomic_store_explicit(&forwarded, counts.confirmed, memory_order_relaxed);
    atomic_store_explicit(&lost, counts.dropped + left_over, memory_order_relaxed);
}

void forwarding_tally(void)
{
    if (backend.now)
        tally(forwarder_counts(backend.now->forwarder), 0);
}

void forwarding_counts(uint64_t *ret_forwarded, uint64_t *ret_lost)
{
    *ret_forwarded = atomic_load_explicit(&forwarded, memory_order_relaxed);
    *ret_lost = atomic_load_explicit(&lost, memory_order_relaxed);
}

/* The forwarder's thread needs nothing that is under the lock, and nobody else finds it any more. */
void forwarding_end(void)
{
    struct forward_counts counts;
    struct forwarding *f;

    consumer_lock();
    f = backend.now;
    backend.now = NULL;
    backend.on = false;
    consumer_unlock();
    if (f) {
        counts = forwarder_stop(f->forwarder, backend.options.wait_ms);
        tally(counts, counts.waiting + counts.in_doubt);
        release(f);
    }
    buffer_release(&backend.host);
}

/* What is the thread's stays where it is: it may have been in the middle of changing it. */
void forwarding_abandon(void)
{
    if (backend.now) {
        forwarder_abandon(backend.now->forwarder);
        encoder_release(&backend.now->encoder);
        backend.now->before = left_behind;
        left_behind = backend.now;
    }
    buffer_release(&backend.host);
    backend.now = NULL;
    backend.on = false;
}
