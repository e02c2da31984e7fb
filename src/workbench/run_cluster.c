/* The processes of a run: started, watched through their logs, stopped. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "deploy/process.h"
#include "workbench/run_inside.h"

#define READ_BYTES ((size_t)4 << 20)   /* of one log at a time: the loop must go on */
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

static const char *name_of(const struct run *r, const struct run_service *s)
{
    if (s == &r->tracer)
        return "the collector";
    return s == &r->generator ? "the generator" : s->name;
}

/* One line for each of the last lines of what it printed. */
static void say_last_lines(const struct run *r, const struct run_service *s)
{
    char text[2048], *rest = text;
    const char *line;

    child_last_lines(s->child, text, sizeof text);
    while ((line = strsep(&rest, "\n")))
        if (*line)
            run_say(r, "%s: %s", name_of(r, s), line);
}

/* "node-0 ended with status 3: no such file": with the last line that it printed, which often tells why. */
static void describe_death(const struct run *r, const struct run_service *s, const char *end,
                           struct ou_error *ret)
{
    char text[2048];
    const char *last;
    size_t len;

    child_last_lines(s->child, text, sizeof text);
    for (len = strlen(text); len > 0 && text[len - 1] == '\n'; len--)
        text[len - 1] = '\0';
    last = strrchr(text, '\n');
    last = last ? last + 1 : text;
    ou_fail(ret, OU_IO, "%s %s%s%s", name_of(r, s), end, *last ? ": " : "", last);
}

/* Whether the profile has it started again; not when the run is about to end anyway. */
static bool is_restartable(const struct run *r, const struct run_service *s)
{
    return s->spec && r->profile->on_node_death == DEATH_RESTART &&
           s->restarts < r->profile->restarts_max && r->phase < PHASE_ENDING_LOAD && !r->status &&
           !r->result->interrupted;
}

/* It is told in status.json, too: what was measured is of a cluster that once lacked a node. */
static void plan_restart(struct run *r, struct run_service *s, const char *end)
{
    char line[160];

    s->restart_at_ns = time_monotonic_ns() + RESTART_PAUSE_NS;
    s->restarts++;
    snprintf(line, sizeof line, "%s %s; it is started again (%u of %u times)", s->name, end,
             s->restarts, r->profile->restarts_max);
    run_say(r, "%s", line);
    run_enter_state(r, r->result->state, line);
}

/* What the run fails of is told at its end, as the cause; all else at once. */
static void report_death(struct run *r, struct run_service *s, int status)
{
    bool is_restarted = is_restartable(r, s);
    bool is_fatal = !is_restarted &&
                    (!s->spec || r->profile->node_death_is_fatal || r->phase == PHASE_STARTING);
    struct ou_error why;
    char text[80];

    s->died = true;
    r->result->nodes_died += s->spec != NULL;
    end_text(status, text);
    if (is_restarted)
        plan_restart(r, s, text);
    else if (!is_fatal || r->status)
        run_say(r, "%s %s", name_of(r, s), text);
    say_last_lines(r, s);
    describe_death(r, s, text, &why);
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
    run_say(r, "%s was asked to end, and %s", name_of(r, s), end_text(status, text));
    say_last_lines(r, s);
}

/* From when on a service is to end. */
static enum run_phase ending_of(const struct run *r, const struct run_service *s)
{
    if (s == &r->generator)
        return PHASE_ENDING_LOAD;
    return s == &r->tracer ? PHASE_CLOSING : PHASE_ENDING_NODES;
}

/* The generator when it has sent everything, and a program whose business is done. */
static bool is_good_end(const struct run *r, const struct run_service *s, int status)
{
    return status == 0 && (s == &r->generator || s->command.ends_by_itself);
}

static void on_ended(struct child *child, void *owner, int status)
{
    struct run_service *s = owner;
    struct run *r = s->run;

    if (s->log.path)
        log_watch_read(&s->log, READ_BYTES); /* its last words */
    s->ended = true;
    s->starts_at_end = s->log.starts;
    sampler_ended(s->sampled, child, status);
    s->sampled = NULL;
    if (r->phase >= ending_of(r, s) || (r->result->interrupted && status == 128 + SIGKILL))
        check_end(r, s, status);
    else if (!is_good_end(r, s, status))
        report_death(r, s, status);
    else if (s == &r->generator &&
             s->log.txs_acked < r->profile->tx_count) /* or when somebody else asks it to */
        run_say(r, "the generator was ended: %" PRIu64 " of %" PRIu64 " transactions were taken",
                s->log.txs_acked, r->profile->tx_count);
}

/* ---- starts ---- */

enum ou_status run_start(struct run *r, struct run_service *s, struct ou_error *err)
{
    const struct child_options options = {
        .name = s->name,
        .argv = s->command.argv,
        .directory = s->command.directory,
        .environment = (const char *const *)s->command.environment,
        .cores = s->command.cores,
        .stop_signal = s->command.stop_signal,
        .ended = on_ended,
        .owner = s,
    };

    enum ou_status status;

    ready_watch_begin(&s->ready, &s->command);
    status = child_start(&r->loop, &options, &s->child, err);
    if (!status && s->command.sampled)
        status = sampler_add(r->sampler, s->child, s->log.path, &s->sampled, err);
    return status;
}

void run_restart_due(struct run *r)
{
    for (size_t i = 0; i < r->node_count; i++) {
        struct run_service *s = &r->nodes[i];
        struct ou_error err = { 0 };
        enum ou_status status;

        if (!s->restart_at_ns || time_monotonic_ns() < s->restart_at_ns)
            continue;
        s->restart_at_ns = 0;
        if (r->phase >= PHASE_ENDING_LOAD)
            continue;
        child_free(s->child);
        s->child = NULL;
        s->ended = s->died = false;
        status = run_start(r, s, &err);
        if (status)
            run_fail(r, status, "%s", err.text);
    }
}

bool run_restarts_wait(const struct run *r)
{
    for (size_t i = 0; i < r->node_count; i++)
        if (r->nodes[i].restart_at_ns)
            return true;
    return false;
}

/* ---- stops ---- */

static size_t find_strays(const struct run *r, int pids[RUN_STRAYS_MAX])
{
    int found[2 * RUN_STRAYS_MAX];
    size_t count =
        processes_below(r->nodes_directory, r->options->program, found, 2 * RUN_STRAYS_MAX);
    size_t strays = 0;

    for (size_t i = 0; i < count && i < 2 * RUN_STRAYS_MAX && strays < RUN_STRAYS_MAX; i++) {
        bool ours = false;

        for (size_t k = 0; k < r->node_count && !ours; k++)
            ours = r->nodes[k].child && child_is_running(r->nodes[k].child) &&
                   child_pid(r->nodes[k].child) == found[i];
        if (!ours)
            pids[strays++] = found[i];
    }
    return strays;
}

void run_count_strays(struct run *r)
{
    int pids[RUN_STRAYS_MAX];

    r->strays = find_strays(r, pids);
}

void run_stop_nodes(struct run *r, uint64_t grace_ms)
{
    int pids[RUN_STRAYS_MAX];
    size_t strays = find_strays(r, pids);

    for (size_t i = 0; i < r->node_count; i++)
        if (r->nodes[i].child)
            child_stop(r->nodes[i].child, grace_ms);
    for (size_t i = 0; i < strays; i++)
        kill(pids[i], grace_ms ? SIGTERM : SIGKILL);
}

bool run_nodes_are_gone(struct run *r)
{
    for (size_t i = 0; i < r->node_count; i++)
        if (r->nodes[i].child && child_is_running(r->nodes[i].child))
            return false;
    run_count_strays(r);
    return r->strays == 0;
}

/* ---- what the logs say ---- */

void run_read_logs(struct run *r)
{
    for (size_t i = 0; i < r->node_count; i++)
        log_watch_read(&r->nodes[i].log, READ_BYTES);
    if (r->generator.child)
        log_watch_read(&r->generator.log, READ_BYTES);
}

bool run_service_is_ready(struct run_service *s)
{
    if (s->command.ready.kind == READY_LOG)
        return s->log.starts > s->starts_at_end;
    return (s->ended && !s->died) || (s->child && service_is_ready(&s->ready, &s->command));
}

bool run_service_is_up(const struct run *r, const struct run_service *s)
{
    if (s->child && child_is_running(s->child))
        return true;
    return s->ended && s->log.starts > s->starts_at_end && r->strays > 0;
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
        if (run_service_is_up(r, &r->nodes[i]) && r->nodes[i].log.height < low)
            low = r->nodes[i].log.height;
    return low == INT64_MAX ? -1 : low;
}

int64_t run_height_high(const struct run *r)
{
    int64_t high = -1;

    for (size_t i = 0; i < r->node_count; i++)
        if (r->nodes[i].log.height > high)
            high = r->nodes[i].log.height;
    return high;
}
