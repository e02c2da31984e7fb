#include "report/trace_events.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json/write.h"
#include "report/trace_plan.h"

#define CHAIN_PID 1 /* a process of its own for what is no host's */
#define FIRST_HOST_PID 2

struct writer {
    const struct trace_plan *plan;
    const struct analysis *a;
    struct buffer *out;
    bool any; /* an event was written */
    struct json_writer json;
};

/* --- Members ------------------------------------------------------------------ */

/* An event a line, each with as few bytes as it takes. */
static void begin_event(struct writer *w, const char *ph)
{
    buffer_text(w->out, w->any ? ",\n" : "\n");
    w->any = true;
    json_writer_init(&w->json, w->out, false);
    json_begin_object(&w->json);
    json_key(&w->json, "ph");
    json_cstring(&w->json, ph);
}

static void text(struct writer *w, const char *key, const char *value)
{
    json_key(&w->json, key);
    json_cstring(&w->json, value);
}

static void number(struct writer *w, const char *key, int64_t value)
{
    json_key(&w->json, key);
    json_int(&w->json, value);
}

static void microseconds(struct writer *w, const char *key, int64_t ns)
{
    json_key(&w->json, key);
    json_double(&w->json, (double)ns / 1e3);
}

static void begin_args(struct writer *w)
{
    json_key(&w->json, "args");
    json_begin_object(&w->json);
}

static int64_t pid_of(uint32_t host)
{
    return FIRST_HOST_PID + (int64_t)host;
}

static const struct visit *visit_of(const struct writer *w, const struct trace_event *e)
{
    return &w->plan->visits[e->item];
}

static void place(struct writer *w, const struct visit *v)
{
    number(w, "pid", pid_of(v->host));
    number(w, "tid", (int64_t)v->lane + 1);
}

/* --- What processes and lanes are called -------------------------------------- */

static void write_process(struct writer *w, int64_t pid, const char *name)
{
    begin_event(w, "M");
    text(w, "name", "process_name");
    number(w, "pid", pid);
    begin_args(w);
    text(w, "name", name);
    json_end(&w->json);
    json_end(&w->json);
    begin_event(w, "M");
    text(w, "name", "process_sort_index");
    number(w, "pid", pid);
    begin_args(w);
    number(w, "sort_index", pid);
    json_end(&w->json);
    json_end(&w->json);
}

static void write_lane(struct writer *w, int64_t pid, uint32_t lane)
{
    begin_event(w, "M");
    text(w, "name", "thread_name");
    number(w, "pid", pid);
    number(w, "tid", (int64_t)lane + 1);
    begin_args(w);
    text(w, "name", lane ? "blocks at the same time" : "blocks");
    json_end(&w->json);
    json_end(&w->json);
}

static void write_names(struct writer *w)
{
    write_process(w, CHAIN_PID, "slots");
    for (uint32_t h = 0; h < w->a->host_count; h++) {
        write_process(w, pid_of(h), w->a->hosts[h].name);
        for (uint32_t lane = 0; lane < w->plan->lanes[h]; lane++)
            write_lane(w, pid_of(h), lane);
    }
}

/* --- Stays and phases --------------------------------------------------------- */

static const char *fate_name(enum block_fate fate)
{
    static const char *const names[] = {
        [BLOCK_CHAINED] = "chained",
        [BLOCK_UNCHAINED] = "unchained",
        [BLOCK_PENDING] = "pending",
    };

    return names[fate];
}

static void write_hash(struct writer *w, const char *hash, size_t digits)
{
    json_key(&w->json, "hash");
    json_text(&w->json, (struct span){ hash, strnlen(hash, digits) });
}

static double rounded(double value)
{
    return round(value * 1e3) / 1e3;
}

/* The least time from the forger's announcement to the body here, and that by the time it took. */
static void write_bound(struct writer *w, const struct visit *v, const struct block_stay *s,
                        const struct chain_block *b)
{
    const int64_t announced_ns = b->forged_at_ns + b->forger_delta_ns[FORGER_ANNOUNCED];
    const double took_s =
        s->fetch < 0 ? 0 : (double)(s->phases[s->fetch].to_ns - announced_ns) / NS_PER_SECOND;

    json_key(&w->json, "boundMs");
    json_double(&w->json, rounded(v->bound_s * 1e3));
    if (took_s <= 0)
        return;
    json_key(&w->json, "efficiency");
    json_double(&w->json, rounded(v->bound_s / took_s));
}

/* All about a block stands where it was forged; elsewhere, how it came. */
static void write_about(struct writer *w, const struct visit *v, const struct block_stay *s,
                        const struct chain_block *b)
{
    begin_args(w);
    number(w, "slot", b->slot);
    write_hash(w, b->hash, s->forged ? 64 : 8);
    if (s->forged && b->size_bytes >= 0)
        number(w, "bytes", b->size_bytes);
    if (s->forged && b->fate != BLOCK_CHAINED)
        text(w, "fate", fate_name(b->fate));
    if (!s->forged && b->forger != NO_HOST)
        text(w, "forger", w->a->hosts[b->forger].name);
    if (s->sender != NO_HOST)
        text(w, "from", w->a->hosts[s->sender].name);
    if (!isnan(v->bound_s))
        write_bound(w, v, s, b);
    if (s->left_out)
        number(w, "phasesLeftOut", (int64_t)s->left_out);
    json_end(&w->json);
}

static void write_stay(struct writer *w, const struct visit *v)
{
    const struct chain_block *b = &w->a->blocks[v->block];
    struct block_stay s;
    char name[40];

    trace_plan_stay(w->plan, v, &s);
    snprintf(name, sizeof name, b->number < 0 ? "block" : "block %" PRId64, b->number);
    begin_event(w, "X");
    text(w, "name", name);
    place(w, v);
    write_about(w, v, &s, b);
}

static void write_phase(struct writer *w, const struct visit *v, uint32_t phase)
{
    struct block_stay s;

    trace_plan_stay(w->plan, v, &s);
    begin_event(w, "X");
    text(w, "name", s.phases[phase].name);
    place(w, v);
}

/* --- The others --------------------------------------------------------------- */

/* scope: "g" of all, "p" of a host, "t" of a lane. */
static void write_instant(struct writer *w, const char *name, const char *scope,
                          const struct visit *v)
{
    begin_event(w, "i");
    text(w, "s", scope);
    text(w, "name", name);
    place(w, v);
}

static void write_slot(struct writer *w, uint64_t slot)
{
    char name[40];

    snprintf(name, sizeof name, "slot %" PRIu64, slot);
    begin_event(w, "i");
    text(w, "s", "g");
    text(w, "name", name);
    number(w, "pid", CHAIN_PID);
    number(w, "tid", 1);
}

/* bp: the end of an arrow belongs to the slice that it lies in, not to the next. */
static void write_flow(struct writer *w, const struct trace_event *e)
{
    begin_event(w, e->mark == MARK_FLOW_OUT ? "s" : "f");
    if (e->mark == MARK_FLOW_IN)
        text(w, "bp", "e");
    text(w, "name", "body");
    text(w, "cat", "hop");
    number(w, "id", (int64_t)e->of.flow);
    place(w, visit_of(w, e));
}

static void write_counter(struct writer *w, const struct trace_event *e)
{
    static const char *const names[TRACE_COUNTERS] = { "CPU %", "RSS MB", "mempool txs" };

    begin_event(w, "C");
    text(w, "name", names[e->of.counter.which]);
    number(w, "pid", pid_of(e->item));
    begin_args(w);
    json_key(&w->json, "value");
    json_double(&w->json, rounded((double)e->of.counter.value));
    json_end(&w->json);
}

static void write_event(struct writer *w, const struct trace_event *e, int64_t zero_ns)
{
    switch (e->mark) {
    case MARK_SLOT: write_slot(w, e->of.slot); break;
    case MARK_STAY: write_stay(w, visit_of(w, e)); break;
    case MARK_PHASE: write_phase(w, visit_of(w, e), e->of.phase); break;
    case MARK_LEADER: write_instant(w, "leads the slot", "p", visit_of(w, e)); break;
    case MARK_ANNOUNCED: write_instant(w, "announced", "t", visit_of(w, e)); break;
    case MARK_SENT: write_instant(w, "sent", "t", visit_of(w, e)); break;
    case MARK_FLOW_OUT:
    case MARK_FLOW_IN: write_flow(w, e); break;
    case MARK_COUNTER: write_counter(w, e); break;
    }
    microseconds(w, "ts", e->at_ns - zero_ns);
    if (e->mark == MARK_STAY || e->mark == MARK_PHASE)
        microseconds(w, "dur", e->duration_ns);
    json_end(&w->json);
}

/* --- All of it ---------------------------------------------------------------- */

static void write_other(struct writer *w, int64_t zero_ns)
{
    json_writer_init(&w->json, w->out, false);
    json_begin_object(&w->json);
    text(w, "program", "ouroscope");
    text(w, "run", w->a->context ? w->a->context->tag : NULL);
    json_key(&w->json, "zero");
    json_instant(&w->json, zero_ns);
    number(w, "blocks", (int64_t)w->plan->blocks);
    number(w, "blocksWithoutSlot", (int64_t)w->plan->undated);
    number(w, "hops", (int64_t)w->plan->flows);
    json_end(&w->json);
}

static void write_plan(struct writer *w)
{
    const struct trace_plan *p = w->plan;
    const int64_t zero_ns = p->event_count ? p->events[0].at_ns : TIME_NONE;

    buffer_text(w->out, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
    write_names(w);
    for (size_t i = 0; i < p->event_count; i++)
        write_event(w, &p->events[i], zero_ns);
    buffer_text(w->out, "\n],\"otherData\":");
    write_other(w, zero_ns);
    buffer_text(w->out, "}\n");
}

void report_trace_events(const struct analysis *a, const struct trace_extras *extras,
                         const struct trace_limits *limits, struct buffer *out)
{
    struct trace_plan plan;
    struct writer w = { .plan = &plan, .a = a, .out = out };

    if (trace_plan_make(a, extras, limits, &plan))
        write_plan(&w);
    else if (out->status == OU_OK)
        out->status = OU_NO_MEMORY;
    trace_plan_release(&plan);
}
