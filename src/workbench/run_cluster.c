/* The services of a run while the loop runs: started, watched through what the backend knows of
 * them, stopped. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "workbench/run_inside.h"

#define RESTART_PAUSE_NS NS_PER_SECOND /* before a node that died is started again */

/* ---- ends ---- */

/* "ended with status 1", "was killed by signal 9 (Killed)" */
static const char *end_text(int status, char ret[80])
{
    if (status > 128)
        snprintf(ret, 80, "was killed by signal %d (%s)", status - 128, strsignal(status - 128));
    else
        snprintf(ret, 80, "ended with status %d", status);
    return ret;
}

static void last_lines(const struct run_service *s, char *ret, size_t room)
{
    s->run->backend->kind->last_lines(s->run->backend, s->service, ret, room);
}

/* One line for each of the last lines of what it printed. */
static void say_last_lines(const struct run *r, const struct run_service *s)
{
    char text[2048], *rest = text;
    const char *line;

    last_lines(s, text, sizeof text);
    while ((line = strsep(&rest, "\n")))
        if (*line)
            run_say(r, "%s: %s", s->title, line);
}

/* "node-0 ended with status 3: no such file": with the last line that it printed, which often tells why. */
static void describe_death(const struct run_service *s, const char *end, struct ou_error *ret)
{
    char text[2048];
    const char *last;
    size_t len;

    last_lines(s, text, sizeof text);
    for (len = strlen(text); len > 0 && text[len - 1] == '\n'; len--)
        text[len - 1] = '\0';
    last = strrchr(text, '\n');
    last = last ? last + 1 : text;
    ou_fail(ret, OU_IO, "%s %s%s%s", s->title, end, *last ? ": " : "", last);
}

/* A node's end, and that of the collector that its host has for itself, are the profile's to judge: they mostly come together.
 * Without the load, or the collector of all, nothing more can be measured. */
static bool is_of_a_node(const struct run *r, const struct run_service *s)
{
    return s->spec || (s != &r->generator && r->tracer_count > 1);
}

/* Whether the profile has it started again; not when the run is about to end anyway. The collector of all is, too: nodes
 * keep what they have to say until it is back. One that has never listened would not do so the next time. */
static bool is_restartable(const struct run *r, const struct run_service *s)
{
    return s != &r->generator && (is_of_a_node(r, s) || r->phase > PHASE_OPENING) &&
           r->profile->on_node_death == DEATH_RESTART && s->restarts < r->profile->restarts_max &&
           r->phase < PHASE_ENDING_LOAD && !r->status && !r->result->interrupted;
}

/* It is told in status.json, too: what was measured is of a cluster that once lacked a node. */
static void plan_restart(struct run *r, struct run_service *s, const char *end)
{
    char line[240];

    s->restart_at_ns = time_monotonic_ns() + RESTART_PAUSE_NS;
    s->restarts++;
    snprintf(line, sizeof line, "%s %s; it is started again (%u of %u times)", s->title, end,
             s->restarts, r->profile->restarts_max);
    run_say(r, "%s", line);
    run_enter_state(r, r->result->state, line);
}

/* Of one that the run goes on without: in status.json, too, as what is measured from now on is of a smaller cluster. */
static void note_death(struct run *r, const struct run_service *s, const char *end)
{
    char line[160];

    snprintf(line, sizeof line, "%s %s", s->title, end);
    run_say(r, "%s", line);
    if (s->spec && !r->status)
        run_enter_state(r, r->result->state, line);
}

/* What the run fails of is told at its end, as the cause; all else at once. */
static void report_death(struct run *r, struct run_service *s, int status)
{
    bool is_restarted = is_restartable(r, s);
    bool is_fatal = !is_restarted && (!is_of_a_node(r, s) || r->profile->node_death_is_fatal ||
                                      r->phase == PHASE_STARTING);
    struct ou_error why;
    char text[80];

    s->died = true;
    r->result->nodes_died += s->spec != NULL;
    end_text(status, text);
    if (is_restarted)
        plan_restart(r, s, text);
    else if (!is_fatal || r->status)
        note_death(r, s, text);
    say_last_lines(r, s);
    describe_death(s, text, &why);
    if (s->spec && !r->first_death.text[0])
        r->first_death = why;
    if (is_fatal)
        run_fail(r, OU_IO, "%s", why.text);
}

/* After SIGTERM, to which it may have listened or not. */
static void check_end(const struct run *r, const struct run_service *s, int status)
{
    char text[80];

    if (status == 0 || status == 128 + SIGTERM || r->result->interrupted)
        return;
    run_say(r, "%s was asked to end, and %s", s->title, end_text(status, text));
    say_last_lines(r, s);
}

/* From when on a service is to end. */
static enum run_phase ending_of(const struct run *r, const struct run_service *s)
{
    if (s == &r->generator)
        return PHASE_ENDING_LOAD;
    return s->spec ? PHASE_ENDING_NODES : PHASE_CLOSING;
}

/* The generator when it has sent everything, and a program whose business is done. */
static bool is_good_end(const struct run *r, const struct run_service *s, int status)
{
    return status == 0 && (s == &r->generator || s->command.ends_by_itself);
}

void run_on_ended(struct service *service, void *owner, int status)
{
    struct run_service *s = owner;
    struct run *r = s->run;
    uint64_t acked = run_facts(s)->txs_acked;

    (void)service;
    if (r->phase >= ending_of(r, s) || (r->result->interrupted && status == 128 + SIGKILL))
        check_end(r, s, status);
    else if (!is_good_end(r, s, status))
        report_death(r, s, status);
    else if (s == &r->generator &&
             acked < r->profile->tx_count) /* or when somebody else asks it to */
        run_say(r, "the generator was ended: %" PRIu64 " of %" PRIu64 " transactions were taken",
                acked, r->profile->tx_count);
}

/* ---- starts ---- */

const struct service_facts *run_facts(const struct run_service *s)
{
    static const struct service_facts none = { .height = -1, .tip_slot = -1 };

    return s->service ? s->run->backend->kind->facts(s->run->backend, s->service) : &none;
}

enum ou_status run_start(struct run *r, struct run_service *s, struct ou_error *err)
{
    r->began = true;
    return r->backend->kind->start(r->backend, s->service, err);
}

bool run_is_started(const struct run_service *s)
{
    const struct service_facts *facts = run_facts(s);

    return facts->starts > 0 && !facts->ended;
}

static void restart_if_due(struct run *r, struct run_service *s)
{
    struct ou_error err = { 0 };
    enum ou_status status;

    if (!s->restart_at_ns || time_monotonic_ns() < s->restart_at_ns)
        return;
    s->restart_at_ns = 0;
    if (r->phase >= PHASE_ENDING_LOAD)
        return;
    s->died = false;
    status = run_start(r, s, &err);
    if (status)
        run_fail(r, status, "%s", err.text);
}

/* A node has nobody to tell what it does before its collector is there. */
void run_restart_due(struct run *r)
{
    for (size_t i = 0; i < r->tracer_count; i++)
        restart_if_due(r, &r->tracers[i]);
    for (size_t i = 0; i < r->node_count; i++)
        restart_if_due(r, &r->nodes[i]);
}

bool run_restarts_wait(const struct run *r)
{
    for (size_t i = 0; i < r->node_count; i++)
        if (r->nodes[i].restart_at_ns)
            return true;
    return false;
}

/* ---- stops ---- */

void run_count_strays(struct run *r)
{
    r->strays = r->backend->kind->strays ? r->backend->kind->strays(r->backend) : 0;
}

void run_stop_service(struct run_service *s, uint64_t grace_ms)
{
    if (run_is_started(s))
        s->run->backend->kind->stop(s->run->backend, s->service, grace_ms);
}

void run_stop_nodes(struct run *r, uint64_t grace_ms)
{
    for (size_t i = 0; i < r->node_count; i++)
        run_stop_service(&r->nodes[i], grace_ms);
    if (r->backend->kind->stop_strays)
        r->backend->kind->stop_strays(r->backend, grace_ms == 0);
}

void run_stop_tracers(struct run *r, uint64_t grace_ms)
{
    for (size_t i = 0; i < r->tracer_count; i++)
        run_stop_service(&r->tracers[i], grace_ms);
}

static bool are_gone(const struct run_service *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (run_is_started(&list[i]))
            return false;
    return true;
}

bool run_nodes_are_gone(struct run *r)
{
    if (!are_gone(r->nodes, r->node_count))
        return false;
    run_count_strays(r);
    return r->strays == 0;
}

bool run_tracers_are_gone(const struct run *r)
{
    return are_gone(r->tracers, r->tracer_count);
}

/* ---- what is known of them ---- */

bool run_service_is_ready(const struct run_service *s)
{
    const struct service_facts *facts = run_facts(s);
    bool has_done_its_work = s->command.ready.kind != READY_LOG && facts->ended && !s->died;

    return facts->is_ready || has_done_its_work;
}

/* One that has ended, and is ready all the same, was started again by somebody. */
bool run_service_is_up(const struct run *r, const struct run_service *s)
{
    const struct service_facts *facts = run_facts(s);

    return run_is_started(s) || (facts->ended && facts->is_ready && r->strays > 0);
}

size_t run_nodes_up(const struct run *r)
{
    size_t up = 0;

    for (size_t i = 0; i < r->node_count; i++)
        up += run_service_is_up(r, &r->nodes[i]);
    return up;
}

int64_t run_height_low(const struct run *r)
{
    int64_t low = INT64_MAX;

    for (size_t i = 0; i < r->node_count; i++)
        if (run_service_is_up(r, &r->nodes[i]) && run_facts(&r->nodes[i])->height < low)
            low = run_facts(&r->nodes[i])->height;
    return low == INT64_MAX ? -1 : low;
}

int64_t run_height_high(const struct run *r)
{
    int64_t high = -1;

    for (size_t i = 0; i < r->node_count; i++)
        if (run_facts(&r->nodes[i])->height > high)
            high = run_facts(&r->nodes[i])->height;
    return high;
}
