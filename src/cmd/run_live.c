#include "cmd/run_live.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "cmd/live_report.h"
#include "cmd/live_reporter.h"

#define REPORT_BYTES_MAX ((size_t)512 << 10)
#define DOCUMENT_BYTES_MAX ((size_t)4 << 20)
#define MACHINE_ROOM 256
#define PROFILE_ROOM 256

struct run_live {
    struct live_reporter *reporter;
    struct live_facts facts;
    char id[NAME_MAX + 1]; /* "": there is no directory yet */
    char machine[MACHINE_ROOM], profile[PROFILE_ROOM];
    struct buffer report;
};

enum ou_status run_live_open(const struct run_live_wish *wish, const struct run_options *options,
                             struct run_live **ret, struct ou_error *err)
{
    struct run_live *l = calloc(1, sizeof *l);
    enum ou_status status;

    if (!l)
        return ou_fail(err, OU_NO_MEMORY, "no memory for reports");
    status = live_reporter_open(wish->place, wish->token, &l->reporter, err);
    if (status) {
        free(l);
        return status;
    }
    buffer_init(&l->report, allocator_libc(), REPORT_BYTES_MAX);
    if (options->profile)
        snprintf(l->profile, sizeof l->profile, "%s", options->profile->name);
    if (gethostname(l->machine, sizeof l->machine - 1) != 0)
        l->machine[0] = '\0';
    l->facts = (struct live_facts){ .project = wish->project,
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
        snprintf(l->id, sizeof l->id, "%s", slash ? slash + 1 : result->directory);
        read_past(l, result->directory);
    }
    return true;
}

/* ---- reports ---- */

static void offer(struct run_live *l, const struct run_view *view, enum run_state state)
{
    const bool is_change = state != l->facts.state || l->facts.has_ended;

    l->facts.state = state;
    buffer_clear(&l->report);
    live_report_write(&l->facts, view, &l->report);
    if (!buffer_status(&l->report))
        live_reporter_offer(l->reporter, l->id, (struct span){ l->report.at, l->report.len },
                            is_change);
}

void run_live_view(struct run_live *l, const struct run_result *result, const struct run_view *view)
{
    if (!has_name(l, result))
        return;
    l->facts.phase[0] = '\0';
    offer(l, view, view->state);
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
    free(l);
}
