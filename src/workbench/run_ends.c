/* What ends a run that goes well, and whether it does. */
#include <math.h>
#include <stdio.h>

#include "base/time.h"
#include "workbench/run_inside.h"

#define SETTLE_BLOCKS 3 /* behind the last transaction */
#define SILENCE_S 120.0 /* where the profile says nothing */
#define UNHEARD_NS (15 * (int64_t)NS_PER_SECOND)

static uint64_t stop_block_of(const struct node_spec *spec)
{
    return spec->stop_block;
}

static uint64_t stop_slot_of(const struct node_spec *spec)
{
    return spec->stop_slot;
}

static int64_t height_of(const struct service_facts *facts)
{
    return facts->height;
}

static int64_t tip_slot_of(const struct service_facts *facts)
{
    return facts->tip_slot;
}

/* Whether all nodes that are up, and are to come that far, have done so; not when there are none such. */
static bool all_have(const struct run *r, uint64_t (*limit)(const struct node_spec *spec),
                     int64_t (*value)(const struct service_facts *facts))
{
    bool any = false;

    for (size_t i = 0; i < r->node_count; i++) {
        const struct run_service *s = &r->nodes[i];
        uint64_t wanted = limit(s->spec);

        if (wanted == UINT64_MAX || !run_service_is_up(r, s))
            continue;
        any = true;
        if (value(run_facts(s)) < 0 || (uint64_t)value(run_facts(s)) < wanted)
            return false;
    }
    return any;
}

/* The generator has sent everything, and the chain has gone on a little since. */
static bool is_exhausted(struct run *r)
{
    if (!run_wants_load(r->profile) || !r->profile->stop_when_exhausted ||
        !(run_facts(&r->generator)->ended || r->load_is_done))
        return false;
    if (r->settled_height < 0)
        r->settled_height = run_height_high(r) + SETTLE_BLOCKS;
    return run_height_low(r) >= r->settled_height;
}

static const char *condition_of(struct run *r)
{
    if (all_have(r, stop_block_of, height_of))
        return "all nodes have the last block";
    if (all_have(r, stop_slot_of, tip_slot_of))
        return "all nodes have a block of the last slot or a later one";
    return is_exhausted(r) ? "all transactions are sent" : NULL;
}

/* Of a chain that was made before, the time since slot 0 says nothing. */
static double measured_s(const struct run *r)
{
    if (r->profile->scenario == SCENARIO_CHAINSYNC)
        return (double)(time_wall_ns() - r->nodes_from_ns) / 1e9;
    return run_elapsed_s(r);
}

const char *run_end_of(struct run *r)
{
    const struct profile *p = r->profile;
    const char *end = NULL;

    if (run_is_open_ended(p))
        end = r->asked_to_end ? "ended as asked" : NULL;
    else if (p->scenario == SCENARIO_CHAINSYNC)
        end = run_chainsync_end(r);
    else if (run_has_chain(p))
        end = condition_of(r);
    if (!end && measured_s(r) >= p->max_duration_s)
        end = "the time is over";
    return end;
}

/* Null is never; a profile that says nothing has the default. */
static double silence_s(const struct profile *p)
{
    const json_t *analysis = json_object_get(p->document, "analysis");
    const json_t *silence = json_object_get(analysis, "silence_since_last_block_s");

    if (json_is_null(silence))
        return INFINITY;
    return json_is_number(silence) ? json_number_value(silence) : SILENCE_S;
}

/* In status.json, too: its network, or the store that its states go through, was away, and maybe not for it alone. */
static void watch_hearing(struct run *r, struct run_service *s)
{
    const int64_t heard_ns = run_facts(s)->heard_ns;
    char line[120];

    if (s->heard_ns && heard_ns - s->heard_ns > UNHEARD_NS) {
        snprintf(line, sizeof line, "%s was not heard of for %.0f s", s->title,
                 (double)(heard_ns - s->heard_ns) / 1e9);
        run_say(r, "%s", line);
        run_enter_state(r, r->result->state, line);
    }
    s->heard_ns = heard_ns;
}

void run_watch_hosts(struct run *r)
{
    for (size_t i = 0; i < r->node_count; i++)
        watch_hearing(r, &r->nodes[i]);
}

void run_watch_health(struct run *r)
{
    int64_t now_ns = time_monotonic_ns(), height = run_height_high(r);
    double since_s;

    if (!run_has_chain(r->profile))
        return;
    if (height > r->newest_height || !r->newest_since_ns) {
        r->newest_height = height;
        r->newest_since_ns = now_ns;
        r->silence_told = false;
        return;
    }
    since_s = (double)(now_ns - r->newest_since_ns) / 1e9;
    if (r->silence_told || since_s < silence_s(r->profile))
        return;
    r->silence_told = true;
    run_say(r, "no node has adopted a block for %.0f s; the last one was %lld", since_s,
            (long long)height);
}
