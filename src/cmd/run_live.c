#include "cmd/run_live.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/live_report.h"
#include "base/time.h"
#include "cmd/live_reporter.h"
#include "cmd/place.h"

#define REPORT_BYTES_MAX ((size_t)512 << 10)
#define DOCUMENT_BYTES_MAX ((size_t)4 << 20)
#define MACHINE_ROOM 256
#define PROFILE_ROOM 256

struct run_live {
    struct live_reporter *reporter;
    struct live_facts facts;
    char id[NAME_MAX + 1]; /* "": there is no directory yet */
    char machine[MACHINE_ROOM], profile[PROFILE_ROOM];
    enum run_state state;    /* as it was last reported */
    struct live_host *hosts; /* LIVE_HOSTS_MAX of them; owned */
    struct buffer report;
};

enum ou_status run_live_wish_of(const struct parsed_options *options, struct run_live_rows rows,
                                struct run_live_wish *ret, struct ou_error *err)
{
    const char *place = option_value(options, rows.place);
    const char *project = option_value(options, rows.project);

    *ret = (struct run_live_wish){ .place = place, .project = project ? project : "default" };
    return place ? place_token(option_value(options, rows.token_file), ret->token, err) : OU_OK;
}

enum ou_status run_live_open(const struct run_live_wish *wish, const struct run_options *options,
                             struct run_live **ret, struct ou_error *err)
{
    struct run_live *l = calloc(1, sizeof *l);
    enum ou_status status;

    if (!l)
        return ou_fail(err, OU_NO_MEMORY, "no memory for reports");
    l->hosts = calloc(LIVE_HOSTS_MAX, sizeof *l->hosts);
    status = l->hosts ? live_reporter_open(wish->place, wish->token[0] ? wish->token : NULL,
                                           &l->reporter, err)
                      : ou_fail(err, OU_NO_MEMORY, "no memory for reports");
    if (status) {
        free(l->hosts);
        free(l);
        return status;
    }
    buffer_init(&l->report, allocator_libc(), REPORT_BYTES_MAX);
    if (options->profile)
        snprintf(l->profile, sizeof l->profile, "%s", options->profile->name);
    if (gethostname(l->machine, sizeof l->machine - 1) != 0)
        l->machine[0] = '\0';
    l->facts = (struct live_facts){ .source = "run",
                                    .project = wish->project,
                                    .profile = l->profile,
                                    .machine = l->machine[0] ? l->machine : NULL,
                                    .began_ns = time_wall_ns() };
    *ret = l;
    return OU_OK;
}

/* ---- which run it is ---- */

/* Of a run that is taken up: when it was allocated, and its profile's name. What cannot be read is left as it is. */
static void read_past(struct run_live *l, const char *directory)
{
    json_t *document = NULL;
    const char *text;

    if (!run_file_load(directory, "status.json", DOCUMENT_BYTES_MAX, &document, NULL)) {
        text = json_string_value(
            json_object_get(json_array_get(json_object_get(document, "history"), 0), "at"));
        if (text)
            (void)time_parse_iso(text, strlen(text), &l->facts.began_ns);
        json_decref(document);
    }
    if (l->profile[0] ||
        run_file_load(directory, "profile.json", DOCUMENT_BYTES_MAX, &document, NULL))
        return;
    text = json_string_value(json_object_get(document, "name"));
    snprintf(l->profile, sizeof l->profile, "%s", text ? text : "unknown");
    json_decref(document);
}

/* False: there is no directory yet. */
static bool has_name(struct run_live *l, const struct run_result *result)
{
    const char *slash = strrchr(result->directory, '/');

    if (!l || !result->directory[0])
        return false;
    if (!l->id[0]) {
        snprintf(l->id, sizeof l->id, "%.*s", NAME_MAX, slash ? slash + 1 : result->directory);
        read_past(l, result->directory);
    }
    return true;
}

/* ---- reports ---- */

static size_t fill_hosts(const struct run_view *view, struct live_host *ret)
{
    struct run_view_node node;
    size_t count = 0;

    for (; count < LIVE_HOSTS_MAX && run_view_node(view, count, &node); count++)
        ret[count] = (struct live_host){ .name = node.name,
                                         .is_up = node.is_up,
                                         .height = node.height,
                                         .blocks_forged = node.blocks_forged,
                                         .resident_bytes = node.rss_bytes };
    return count;
}

static struct live_view live_view_of(struct run_live *l, const struct run_view *view)
{
    return (struct live_view){ .start_ns = view->start_ns ? view->start_ns : TIME_NONE,
                               .elapsed_s = view->elapsed_s,
                               .slot = view->slot,
                               .height_low = view->height_low,
                               .height_high = view->height_high,
                               .blocks_forged = view->blocks_forged,
                               .transactions_sent = view->txs_sent,
                               .transactions_per_s = view->tps,
                               .cpu_cores = view->cpu_cores,
                               .resident_bytes = view->rss_bytes,
                               .nodes_up = view->nodes_up,
                               .nodes = view->nodes,
                               .heard_s = view->heard_s,
                               .hosts = l->hosts,
                               .host_count = fill_hosts(view, l->hosts) };
}

/* view may be NULL: there are no processes. */
static void offer(struct run_live *l, const struct live_view *view, enum run_state state)
{
    const bool is_change = !l->facts.state || state != l->state || l->facts.has_ended;

    l->state = state;
    l->facts.state = run_state_name(state);
    buffer_clear(&l->report);
    live_report_write(&l->facts, view, &l->report);
    if (!buffer_status(&l->report))
        live_reporter_offer(l->reporter, l->id, (struct span){ l->report.at, l->report.len },
                            is_change);
}

void run_live_view(struct run_live *l, const struct run_result *result, const struct run_view *view)
{
    struct live_view numbers;

    if (!has_name(l, result))
        return;
    live_facts_setup(&l->facts, view->setup_taken, view->setup_txs);
    numbers = live_view_of(l, view);
    offer(l, &numbers, view->state);
}

void run_live_phase(struct run_live *l, const struct run_result *result, const char *line)
{
    enum run_state state;

    if (!has_name(l, result) || run_state_get(result->directory, &state, NULL))
        return;
    snprintf(l->facts.phase, sizeof l->facts.phase, "%s", line);
    offer(l, NULL, state);
}

void run_live_notice(struct run_live *l, const char *line)
{
    if (l)
        live_facts_notice(&l->facts, time_wall_ns(), line);
}

void run_live_state(struct run_live *l, const struct run_result *result, const char *phase)
{
    if (!has_name(l, result))
        return;
    snprintf(l->facts.phase, sizeof l->facts.phase, "%s", phase);
    offer(l, NULL, result->state);
}

bool run_live_trouble(struct run_live *l, char *ret, size_t room)
{
    return l && live_reporter_trouble(l->reporter, ret, room);
}

void run_live_close(struct run_live *l, const struct run_result *result, const char *cause,
                    char *ret_remark, size_t room)
{
    struct live_reporter_counts counts;

    ret_remark[0] = '\0';
    if (!l)
        return;
    if (*cause)
        run_live_notice(l, cause);
    l->facts.has_ended = true;
    run_live_state(l, result, "");
    counts = live_reporter_close(l->reporter);
    if (counts.dropped)
        snprintf(ret_remark, room,
                 "%" PRIu64 " report%s of how the run went did not arrive, %" PRIu64 " did",
                 counts.dropped, counts.dropped == 1 ? "" : "s", counts.sent);
    buffer_release(&l->report);
    free(l->hosts);
    free(l);
}
