/* The phases of a run, from the first process to the last: when one is at its end, and what begins the next. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "workbench/run_inside.h"

#define START_PATIENCE_S 60.0 /* behind slot 0, until all nodes listen */
#define TRACER_PATIENCE_S 20.0
#define SYNC_PATIENCE_S 60.0 /* behind slot 0, until all have a block; at least ... */
#define SYNC_PATIENCE_BLOCKS 100
#define MEETING_S 3.0
#define TRACER_GRACE_MS 20000 /* it waits up to 15 s for nodes */
#define NAMES_SHOWN 3

static void enter(struct run *r, enum run_phase phase)
{
    r->phase = phase;
    r->phase_since_ns = time_monotonic_ns();
}

static double phase_s(const struct run *r)
{
    return (double)(time_monotonic_ns() - r->phase_since_ns) / 1e9;
}

/* Since nodes could be expected to be up: slot 0, or their start where that was later. */
static double waited_s(const struct run *r)
{
    double started_s = (double)(time_wall_ns() - r->nodes_from_ns) / 1e9;

    return fmin(started_s, run_elapsed_s(r));
}

/* What an earlier process of the run has started is not started again. */
static void start(struct run *r, struct run_service *s)
{
    struct ou_error err = { 0 };
    enum ou_status status = run_facts(s)->starts == 0 ? run_start(r, s, &err) : OU_OK;

    if (status)
        run_fail(r, status, "%s", err.text);
}

/* ---- up ---- */

static void begin_measuring(struct run *r)
{
    enter(r, PHASE_MEASURING);
    r->has_measured = true;
    if (run_wants_load(r->profile) && !r->load_is_done)
        start(r, &r->generator);
}

static void start_nodes(struct run *r)
{
    enter(r, PHASE_STARTING);
    r->nodes_from_ns = time_wall_ns();
    for (size_t i = 0; !r->status && i < r->node_count; i++)
        if (r->nodes[i].spec->autostart || r->profile->scenario != SCENARIO_CHAINSYNC)
            start(r, &r->nodes[i]);
}

static void tracer_is_up(struct run *r)
{
    if (run_wants_nodes(r->profile)) {
        start_nodes(r);
        return;
    }
    run_enter_state(r, RUN_running, "");
    begin_measuring(r);
}

static bool tracers_are_ready(const struct run *r)
{
    for (size_t i = 0; i < r->tracer_count; i++)
        if (!run_facts(&r->tracers[i])->is_ready)
            return false;
    return true;
}

/* A collector far away is started before the node beside it, by who starts both; until we were
 * told that it listens, slot 0 would be over. */
static void wait_for_tracers(struct run *r)
{
    bool is_beside = r->backend->kind->tracer_each && run_wants_nodes(r->profile);

    if (is_beside || tracers_are_ready(r))
        tracer_is_up(r);
    else if (phase_s(r) > TRACER_PATIENCE_S)
        run_fail(r, OU_IO, "the collector does not listen after %.0f s; tracer/stdout may tell why",
                 TRACER_PATIENCE_S);
}

/* The server has its chain before somebody asks for it. */
static void start_followers(struct run *r)
{
    if (r->profile->scenario != SCENARIO_CHAINSYNC)
        return;
    for (size_t i = 0; !r->status && i < r->node_count; i++)
        if (!r->nodes[i].spec->autostart)
            start(r, &r->nodes[i]);
}

/* One far away was begun when that is heard: the order for it tells nothing. */
static bool has_begun(const struct run_service *s)
{
    const struct service_facts *facts = run_facts(s);

    return facts->starts > 0 && (facts->is_ready || facts->rss_bytes > 0);
}

static bool is_noted(const struct backend *b, const char *step)
{
    for (size_t i = 0; i < b->step_count; i++)
        if (strcmp(b->steps[i].name, step) == 0)
            return true;
    return false;
}

/* What is before it is the wait for the start; what is behind it takes the nodes. */
static void note_begin(struct run *r)
{
    for (size_t i = 0; !r->goes_on && i < r->node_count; i++)
        if (has_begun(&r->nodes[i]) && !is_noted(r->backend, "nodes begun"))
            backend_step(r->backend, "nodes begun", "");
}

/* How many nodes are up; of those that are not, the names of the first few. */
static size_t count_ready(struct run *r, char missing[200])
{
    size_t ready = 0, shown = 0, len = 0;

    missing[0] = '\0';
    for (size_t i = 0; i < r->node_count; i++) {
        if (run_service_is_ready(&r->nodes[i]))
            ready++;
        else if (shown++ < NAMES_SHOWN)
            len += (size_t)snprintf(missing + len, 200 - len, "%s%s", len ? ", " : "",
                                    r->nodes[i].name);
    }
    if (shown > NAMES_SHOWN)
        snprintf(missing + len, 200 - len, ", ...");
    return ready;
}

static bool servers_are_ready(struct run *r)
{
    for (size_t i = 0; i < r->node_count; i++)
        if (r->nodes[i].spec->autostart && !run_service_is_ready(&r->nodes[i]))
            return false;
    return true;
}

static void nodes_are_up(struct run *r)
{
    if (run_has_chain(r->profile) && !r->goes_on && r->profile->scenario != SCENARIO_CHAINSYNC &&
        run_elapsed_s(r) > 0)
        run_say(r,
                "the nodes were up %.1f s after slot 0; genesis.extra_future_offset of the "
                "profile could be longer",
                run_elapsed_s(r));
    run_enter_state(r, RUN_running, "");
    if (!r->goes_on)
        backend_step(r->backend, "nodes up", "");
    run_tell_steps(r);
    if (run_has_chain(r->profile))
        enter(r, PHASE_SYNCING);
    else
        begin_measuring(r);
}

static void wait_for_nodes(struct run *r)
{
    char missing[200];
    size_t ready;

    note_begin(r);
    if (servers_are_ready(r))
        start_followers(r);
    ready = count_ready(r, missing);
    if (ready == r->node_count)
        nodes_are_up(r);
    else if (waited_s(r) > START_PATIENCE_S)
        run_fail(r, OU_IO, "only %zu of %zu nodes listen %.0f s after slot 0; missing: %s", ready,
                 r->node_count, START_PATIENCE_S, missing);
}

static double sync_patience_s(const struct profile *p)
{
    double blocks_s = SYNC_PATIENCE_BLOCKS * p->slot_s / p->active_slots_coeff;

    return fmin(fmax(SYNC_PATIENCE_S, blocks_s), p->max_duration_s);
}

/* Who serves a chain that it has says nothing of new blocks. */
static bool has_blocks(const struct run *r)
{
    return r->profile->scenario == SCENARIO_CHAINSYNC ? run_height_high(r) >= 0
                                                      : run_height_low(r) >= 0;
}

static void wait_for_sync(struct run *r)
{
    if (has_blocks(r))
        begin_measuring(r);
    else if (waited_s(r) > sync_patience_s(r->profile))
        run_fail(r, OU_IO, "no block has reached all nodes %.0f s after slot 0",
                 sync_patience_s(r->profile));
}

/* ---- down ---- */

static void end_load(struct run *r)
{
    enter(r, PHASE_ENDING_LOAD);
    run_stop_service(&r->generator, RUN_GRACE_MS);
}

/* Whether there is nothing left that could be measured. */
static bool is_deserted(const struct run *r)
{
    return r->node_count > 0 && run_nodes_up(r) == 0 && !run_restarts_wait(r);
}

static void measure(struct run *r)
{
    const char *end = run_end_of(r);

    run_watch_health(r);
    if (!end && is_deserted(r)) {
        if (r->result->nodes_died > 0) {
            run_fail(r, OU_IO, "all nodes have ended; %s", r->first_death.text);
            return;
        }
        end = "all nodes have ended";
    }
    if (!end)
        return;
    snprintf(r->cause.text, sizeof r->cause.text, "%s", end);
    end_load(r);
}

/* The last block has gone around, or there is none to wait for. */
static bool nodes_agree(const struct run *r)
{
    return !run_has_chain(r->profile) || r->profile->scenario == SCENARIO_CHAINSYNC ||
           run_height_low(r) == run_height_high(r);
}

static void end_nodes(struct run *r)
{
    enter(r, PHASE_ENDING_NODES);
    run_stop_nodes(r, RUN_GRACE_MS);
}

/* All nodes have said what they had to say: the collector writes it, and ends. */
static void end_tracers(struct run *r)
{
    enter(r, PHASE_CLOSING);
    run_stop_tracers(r, TRACER_GRACE_MS);
}

static void wait_for_end(struct run *r)
{
    if (run_nodes_are_gone(r))
        end_tracers(r);
    else if (phase_s(r) > RUN_GRACE_MS / 1e3)
        run_stop_nodes(r, 0);
}

/* What failed or was interrupted ends at once: no last block is waited for. */
static bool is_hurried(const struct run *r)
{
    return r->status || r->result->interrupted;
}

/* ---- all of them ---- */

void run_begin(struct run *r)
{
    enter(r, PHASE_OPENING);
    for (size_t i = 0; !r->status && i < r->tracer_count; i++)
        start(r, &r->tracers[i]);
    if (!r->status)
        wait_for_tracers(r); /* without one the nodes start at once */
}

static bool all_were_started(const struct run *r)
{
    for (size_t i = 0; i < r->node_count; i++)
        if (run_facts(&r->nodes[i])->starts == 0)
            return false;
    return true;
}

static void tell_missed_end(struct run_service *s)
{
    if (run_facts(s)->ended)
        run_on_ended(s->service, s, run_facts(s)->status);
}

/* Of services that are up no longer, while some nodes are. */
static void tell_missed_ends(struct run *r)
{
    for (size_t i = 0; i < r->node_count; i++)
        tell_missed_end(&r->nodes[i]);
    for (size_t i = 0; i < r->tracer_count; i++)
        tell_missed_end(&r->tracers[i]);
    tell_missed_end(&r->generator);
}

void run_go_on(struct run *r)
{
    if (!all_were_started(r)) {
        run_begin(r);
        return;
    }
    r->nodes_from_ns = time_wall_ns();
    enter(r, PHASE_MEASURING);
    if (run_nodes_up(r) == 0 && run_wants_nodes(r->profile)) {
        snprintf(r->cause.text, sizeof r->cause.text, "its nodes ended while nobody watched");
        end_load(r);
        return;
    }
    tell_missed_ends(r);
    if (!r->status)
        nodes_are_up(r);
}

void run_step(struct run *r)
{
    if (r->lost)
        enter(r, PHASE_OVER);
    else if (is_hurried(r) && r->phase < PHASE_ENDING_LOAD)
        end_load(r);
    if (r->phase >= PHASE_STARTING && r->phase < PHASE_CLOSING)
        run_watch_hosts(r);
    switch (r->phase) {
    case PHASE_OPENING: wait_for_tracers(r); break;
    case PHASE_STARTING: wait_for_nodes(r); break;
    case PHASE_SYNCING: wait_for_sync(r); break;
    case PHASE_MEASURING: measure(r); break;
    case PHASE_ENDING_LOAD:
        if (!run_is_started(&r->generator))
            enter(r, PHASE_MEETING);
        break;
    case PHASE_MEETING:
        if (is_hurried(r) || nodes_agree(r) || phase_s(r) > MEETING_S)
            end_nodes(r);
        break;
    case PHASE_ENDING_NODES: wait_for_end(r); break;
    case PHASE_CLOSING:
        if (run_tracers_are_gone(r))
            enter(r, PHASE_OVER);
        break;
    case PHASE_OVER: break;
    }
}
