#include "report/trace_plan.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

#define EVENTS_MAX ((size_t)1 << 28)

bool trace_limits_take(const struct trace_limits *l, const struct chain_block *b)
{
    return (l->from_slot < 0 || b->slot >= l->from_slot) &&
           (l->to_slot < 0 || (b->slot >= 0 && b->slot <= l->to_slot)) &&
           (l->from_block < 0 || b->number >= l->from_block) &&
           (l->to_block < 0 || (b->number >= 0 && b->number <= l->to_block));
}

/* --- Visits and their lanes --------------------------------------------------- */

bool trace_plan_stay(const struct trace_plan *t, const struct visit *v, struct block_stay *ret)
{
    const struct chain_block *b = &t->a->blocks[v->block];

    return v->observation == FORGED ? stay_of_forger(b, ret)
                                    : stay_of_observer(b, &b->observations[v->observation], ret);
}

static void add_visit(struct trace_plan *t, struct visit v)
{
    struct block_stay s;

    if (!trace_plan_stay(t, &v, &s))
        return;
    v.host = s.host;
    v.from_ns = s.from_ns;
    v.to_ns = s.to_ns;
    v.bound_s = v.observation == FORGED ? NAN : (float)trace_bound_at(&t->bound, v.host);
    t->visits[t->visit_count++] = v;
}

static bool gather_visits(struct trace_plan *t)
{
    size_t room = 1;

    for (size_t i = 0; i < t->a->block_count; i++)
        room += 1 + t->a->blocks[i].observation_count;
    t->visits = calloc(room, sizeof *t->visits);
    if (!t->visits)
        return false;
    for (uint32_t i = 0; i < t->a->block_count; i++) {
        const struct chain_block *b = &t->a->blocks[i];

        if (!trace_limits_take(t->limits, b))
            continue;
        if (b->slot_start_ns == TIME_NONE) {
            t->undated++;
            continue;
        }
        t->blocks++;
        trace_bound_block(&t->bound, b);
        add_visit(t, (struct visit){ .block = i, .observation = FORGED });
        for (uint32_t k = 0; k < b->observation_count; k++)
            add_visit(t, (struct visit){ .block = i, .observation = k });
    }
    return true;
}

static int by_host_and_start(const void *a, const void *b, void *context)
{
    const struct visit *visits = context;
    const uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    const struct visit *x = &visits[i], *y = &visits[j];

    if (x->host != y->host)
        return x->host < y->host ? -1 : 1;
    if (x->from_ns != y->from_ns)
        return x->from_ns < y->from_ns ? -1 : 1;
    return (i > j) - (i < j);
}

/* Each visit takes the first lane of its host that is free again. ends: by lane, room for one more than there are. */
static void take_lane(struct trace_plan *t, struct visit *v, int64_t *ends)
{
    uint32_t lane = 0;

    while (lane < t->lanes[v->host] && ends[lane] >= v->from_ns)
        lane++;
    if (lane == t->lanes[v->host])
        t->lanes[v->host]++;
    ends[lane] = v->to_ns;
    v->lane = lane;
}

static bool assign_lanes(struct trace_plan *t)
{
    uint32_t *order = calloc(t->visit_count + 1, sizeof *order);
    int64_t *ends = calloc(t->blocks + 1, sizeof *ends);
    bool ok = order && ends;

    t->lanes = calloc(t->a->host_count + 1, sizeof *t->lanes);
    ok = ok && t->lanes;
    for (uint32_t i = 0; ok && i < t->visit_count; i++)
        order[i] = i;
    if (ok)
        qsort_r(order, t->visit_count, sizeof *order, by_host_and_start, t->visits);
    for (size_t i = 0; ok && i < t->visit_count; i++)
        take_lane(t, &t->visits[order[i]], ends);
    free(order);
    free(ends);
    return ok;
}

/* --- Events ------------------------------------------------------------------- */

static void add_event(struct trace_plan *t, struct trace_event e)
{
    if (t->failed || !array_reserve(allocator_libc(), (void **)&t->events, &t->event_cap,
                                    t->event_count + 1, sizeof *t->events, EVENTS_MAX)) {
        t->failed = true;
        return;
    }
    e.order = (uint32_t)t->event_count;
    t->events[t->event_count++] = e;
}

static void add_instant(struct trace_plan *t, enum mark mark, uint32_t item, int64_t at_ns)
{
    if (at_ns != TIME_NONE)
        add_event(t, (struct trace_event){ .at_ns = at_ns, .mark = mark, .item = item });
}

/* The visit of the block at that host, among those that begin at `first`. */
static const struct visit *visit_at(const struct trace_plan *t, size_t first, uint32_t host)
{
    const uint32_t block = t->visits[first].block;

    for (size_t i = first; i < t->visit_count && t->visits[i].block == block; i++)
        if (t->visits[i].host == host)
            return &t->visits[i];
    return NULL;
}

/* From the sender's announcement to the middle of the receiver's fetch, where neither end can be taken for a
 * neighbour's. Clocks that differ can turn it round; such an arrow is not drawn. */
static void add_flow(struct trace_plan *t, size_t first_of_block, uint32_t receiver,
                     const struct block_stay *s)
{
    const struct visit *sender =
        s->sender == NO_HOST ? NULL : visit_at(t, first_of_block, s->sender);
    struct block_stay from;
    int64_t to_ns;

    if (!sender || s->fetch < 0 || !trace_plan_stay(t, sender, &from))
        return;
    to_ns =
        s->phases[s->fetch].from_ns + (s->phases[s->fetch].to_ns - s->phases[s->fetch].from_ns) / 2;
    if (from.announced_ns == TIME_NONE || from.announced_ns > to_ns)
        return;
    t->flows++;
    add_event(t, (struct trace_event){ .at_ns = from.announced_ns,
                                       .mark = MARK_FLOW_OUT,
                                       .item = (uint32_t)(sender - t->visits),
                                       .of.flow = t->flows });
    add_event(t, (struct trace_event){
                     .at_ns = to_ns, .mark = MARK_FLOW_IN, .item = receiver, .of.flow = t->flows });
}

static void add_stay(struct trace_plan *t, size_t first_of_block, uint32_t item)
{
    struct block_stay s;

    if (!trace_plan_stay(t, &t->visits[item], &s))
        return;
    add_event(t, (struct trace_event){ .at_ns = s.from_ns,
                                       .duration_ns = s.to_ns - s.from_ns,
                                       .mark = MARK_STAY,
                                       .item = item });
    for (size_t i = 0; i < s.phase_count; i++)
        add_event(t, (struct trace_event){ .at_ns = s.phases[i].from_ns,
                                           .duration_ns = s.phases[i].to_ns - s.phases[i].from_ns,
                                           .mark = MARK_PHASE,
                                           .item = item,
                                           .of.phase = (uint32_t)i });
    add_instant(t, MARK_LEADER, item, s.leading_ns);
    add_instant(t, MARK_ANNOUNCED, item, s.announced_ns);
    add_instant(t, MARK_SENT, item, s.sending_ns);
    add_flow(t, first_of_block, item, &s);
}

/* Blocks of one slot stand in no order of slots: a boundary is told for each block, once in a row. */
static void add_visits(struct trace_plan *t)
{
    size_t first = 0;

    for (uint32_t i = 0; i < t->visit_count; i++) {
        const struct chain_block *b = &t->a->blocks[t->visits[i].block];

        if (i == 0 || t->visits[i].block != t->visits[first].block) {
            bool same_slot = i > 0 && t->a->blocks[t->visits[first].block].slot == b->slot;

            first = i;
            if (!same_slot)
                add_event(t, (struct trace_event){ .at_ns = b->slot_start_ns,
                                                   .mark = MARK_SLOT,
                                                   .of.slot = (uint64_t)b->slot });
        }
        add_stay(t, first, i);
    }
}

/* A curve of steps: what has not changed need not be told again. */
static void add_host_counters(struct trace_plan *t, uint32_t host, const struct host_counters *h)
{
    float last[TRACE_COUNTERS] = { NAN, NAN, NAN };

    for (size_t i = 0; i < h->count; i++)
        for (int k = 0; k < TRACE_COUNTERS; k++) {
            const float value = (float)h->points[i].values[k];

            if (isnan(value) || value == last[k])
                continue;
            last[k] = value;
            add_event(t, (struct trace_event){ .at_ns = h->points[i].at_ns,
                                               .mark = MARK_COUNTER,
                                               .item = host,
                                               .of.counter = { (enum trace_counter)k, value } });
        }
}

static void add_counters(struct trace_plan *t)
{
    for (uint32_t i = 0; t->extras->counters && i < t->a->host_count; i++) {
        const struct host_counters *h = trace_counters_of(t->extras->counters, t->a->hosts[i].name);

        if (h)
            add_host_counters(t, i, h);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct trace_event *x = a, *y = b;

    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* --- All of it ---------------------------------------------------------------- */

bool trace_plan_make(const struct analysis *a, const struct trace_extras *extras,
                     const struct trace_limits *limits, struct trace_plan *ret)
{
    *ret = (struct trace_plan){ .a = a, .extras = extras, .limits = limits };
    if (!trace_bound_init(a, extras->map, &ret->bound) || !gather_visits(ret) || !assign_lanes(ret))
        return false;
    add_visits(ret);
    add_counters(ret);
    if (ret->event_count)
        qsort(ret->events, ret->event_count, sizeof *ret->events, by_time);
    return !ret->failed;
}

void trace_plan_release(struct trace_plan *t)
{
    trace_bound_release(&t->bound);
    free(t->visits);
    free(t->lanes);
    alloc_free(allocator_libc(), t->events, t->event_cap * sizeof *t->events);
}
