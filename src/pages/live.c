/* What is read here was reported by programs with a token: of the right shape when it was taken, and its texts hostile. */
#include "pages/live.h"

#include <math.h>
#include <stdalign.h>
#include <string.h>

#include "base/time.h"
#include "store/feed.h"

enum { LIVE_SHOWN = 50 };

/* --- Numbers of a report ----------------------------------------------------------------------------------- */

static double number(const json_t *view, const char *name)
{
    const json_t *value = json_object_get(view, name);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

static const char *text(const json_t *view, const char *name)
{
    return json_string_value(json_object_get(view, name));
}

static json_t *parse(const char *view)
{
    json_t *ret = NULL;

    return json_tree_parse(span_of(view), "report", &ret, NULL) == OU_OK ? ret : NULL;
}

/* "12:05", "1:02:09", "-0:08" before slot 0. */
static const char *clock_of(struct document *d, double seconds)
{
    long long s = llround(fabs(seconds));
    const char *sign = seconds < -.5 ? "-" : "";

    if (!isfinite(seconds) || fabs(seconds) > 1e12)
        return NULL;
    if (s < 3600)
        return document_text(d, "%s%lld:%02lld", sign, s / 60, s % 60);
    return document_text(d, "%s%lld:%02lld:%02lld", sign, s / 3600, s / 60 % 60, s % 60);
}

static const char *count_of(struct document *d, double value)
{
    return isfinite(value) ? document_text(d, "%.0f", value) : NULL;
}

/* "1,204" or "1,203 to 1,204". */
static const char *heights_of(struct document *d, const json_t *view)
{
    double low = number(view, "heightLow"), high = number(view, "heightHigh");

    if (!isfinite(low) || !isfinite(high) || low == high)
        return count_of(d, isfinite(high) ? high : low);
    return document_text(d, "%.0f to %.0f", low, high);
}

static const char *nodes_of(struct document *d, const json_t *view)
{
    double up = number(view, "nodesUp"), all = number(view, "nodes");

    if (!isfinite(up))
        return count_of(d, all);
    return isfinite(all) ? document_text(d, "%.0f of %.0f", up, all) : count_of(d, up);
}

/* --- The list ------------------------------------------------------------------------------------------------ */

static void take_row(struct api_request *r, const struct sql_rows *rows, struct live_row *ret)
{
    *ret = (struct live_row){
        .id = page_text(r, rows, 0),
        .project = page_text(r, rows, 1),
        .profile = page_text(r, rows, 2),
        .state = page_text(r, rows, 3),
        .run = page_text(r, rows, 4),
        .view = page_text(r, rows, 5),
        .began_ns = sql_get_time(rows, 6),
        .heard_ns = sql_get_time(rows, 7),
        .ended_ns = sql_get_time(rows, 8),
        .is_silent = sql_get_int(rows, 9) != 0,
    };
}

enum ou_status live_rows(struct api_request *r, bool going_on, struct live_row **ret,
                         size_t *ret_count, struct ou_error *err)
{
    struct sql_rows *rows = NULL;
    enum ou_status status;

    *ret_count = 0;
    *ret = arena_take(&r->memory, LIVE_SHOWN * sizeof **ret, alignof(struct live_row));
    if (!*ret)
        return ou_fail(err, OU_NO_MEMORY, "no memory for runs in progress");
    status =
        sql_query(r->db,
                  "SELECT l.id, p.name, l.profile, l.state, l.run_id, l.view, l.began_ns, "
                  "l.heard_ns, l.ended_ns, l.silent FROM live_runs l "
                  "JOIN projects p ON p.no = l.project_no "
                  "WHERE ($1 = 0 OR l.ended_ns IS NULL) AND $3 IN ('', p.name) "
                  "ORDER BY l.began_ns DESC, l.no DESC LIMIT $2",
                  SQL_ARGS(sql_int(going_on), sql_int(LIVE_SHOWN), sql_text(api_only_project(r))),
                  &rows, err);
    if (status)
        return status;
    while (*ret_count < LIVE_SHOWN && sql_next(rows))
        take_row(r, rows, &(*ret)[(*ret_count)++]);
    return sql_rows_end(rows, err);
}

static void add_state(struct document *d, struct doc_table *t, const struct live_row *row)
{
    if (row->is_silent)
        page_cell(d, t, document_text(d, "%s, silent", row->state), NULL, TONE_UNSURE);
    else
        page_cell(d, t, row->state, NULL, page_tone(row->state));
}

static void add_row(struct api_request *r, struct document *d, struct doc_table *t,
                    const struct live_row *row)
{
    json_t *view = parse(row->view);

    page_cell(d, t, row->id, page_say(r, "/live/%s", page_encoded(r, row->id)), TONE_PLAIN);
    add_state(d, t, row);
    page_cell(d, t, row->project, NULL, TONE_PLAIN);
    page_cell(d, t, row->profile, NULL, TONE_PLAIN);
    page_cell(d, t, clock_of(d, number(view, "elapsedSeconds")), NULL, TONE_PLAIN);
    page_cell(d, t, nodes_of(d, view), NULL, TONE_PLAIN);
    page_cell(d, t, heights_of(d, view), NULL, TONE_PLAIN);
    doc_add_number(d, t, number(view, "transactionsPerSecond"), 1);
    doc_add_number(d, t, number(view, "cpuCores"), 2);
    page_cell(d, t, page_instant(r, row->heard_ns), NULL, TONE_PLAIN);
    json_decref(view);
}

void live_table(struct api_request *r, struct document *d, const struct live_row *rows,
                size_t count)
{
    static const struct doc_column columns[] = {
        { .id = "run", .head = "run" },
        { .id = "state", .head = "state" },
        { .id = "project", .head = "project" },
        { .id = "profile", .head = "profile" },
        { .id = "elapsed", .head = "since slot 0", .number = true },
        { .id = "nodes", .head = "nodes", .number = true },
        { .id = "height", .head = "block", .number = true },
        { .id = "rate", .head = "transactions", .unit = "1/s", .number = true },
        { .id = "cpu", .head = "CPU", .unit = "cores", .number = true },
        { .id = "heard", .head = "heard of (UTC)" },
    };
    struct doc_table *t = document_table(d, "live-runs", "How far they are", columns,
                                         sizeof columns / sizeof *columns);

    for (size_t i = 0; i < count; i++)
        add_row(r, d, t, &rows[i]);
}

static enum ou_status fill_list(struct api_request *r, struct document *d, struct ou_error *err)
{
    struct live_row *rows;
    size_t count;
    enum ou_status status = live_rows(r, false, &rows, &count, err);

    if (status)
        return status;
    if (count > 0)
        live_table(r, d, rows, count);
    else
        document_paragraph(d, "No run is in progress that reports here. One does with "
                              "\"ouroscope run PROFILE --report-to PLACE\", where PLACE is the "
                              "address of this server, or its database.");
    return OU_OK;
}

void page_live_list(struct api_request *r)
{
    struct page_head head = { .title = "Runs in progress",
                              .part = PAGE_LIVE,
                              .follows = "live.changed,live.ended,run.published" };
    struct ou_error err = { "" };
    struct document d;
    enum ou_status status;

    document_init(&d);
    d.title = "Runs in progress";
    d.subtitle = "Those that have ended stay for a while, until they are published.";
    status = fill_list(r, &d, &err);
    if (!status) {
        page_document(r, &head, &d, NULL, NULL);
        return;
    }
    document_release(&d);
    page_failed(r, status, &err);
}

/* --- One run -------------------------------------------------------------------------------------------------- */

/* A line of the trail, in the document's memory; values that are no numbers are gaps. */
static struct doc_sketch *line_of(struct document *d, const json_t *trail, const char *name)
{
    const json_t *values = json_object_get(trail, name);
    size_t count = json_array_size(values);
    struct doc_sketch *ret = arena_take(&d->memory, sizeof *ret, alignof(struct doc_sketch));
    double *numbers =
        count > 0 ? arena_take(&d->memory, count * sizeof *numbers, alignof(double)) : NULL;

    if (!ret || !numbers)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(values, i);

        numbers[i] = json_is_number(value) ? json_number_value(value) : NAN;
    }
    *ret = (struct doc_sketch){ .kind = SKETCH_LINE, .values = numbers, .count = count };
    return ret;
}

static void add_measure(struct document *d, struct doc_table *t, const char *name, const char *now,
                        const json_t *trail, const char *member)
{
    const struct doc_sketch *line = trail ? line_of(d, trail, member) : NULL;

    page_cell(d, t, name, NULL, TONE_PLAIN);
    page_cell(d, t, now, NULL, TONE_PLAIN);
    if (line)
        doc_add_cell(d, t, (struct doc_cell){ .kind = DOC_SKETCH, .sketch = line });
    else
        doc_add_none(d, t);
}

static const char *with_unit(struct document *d, double value, int decimals, const char *unit)
{
    return isfinite(value) ? document_text(d, "%.*f %s", decimals, value, unit) : NULL;
}

static void add_measures(struct document *d, const json_t *view, const json_t *trail)
{
    static const struct doc_column columns[] = {
        { .id = "what", .head = "what" },
        { .id = "now", .head = "now", .number = true },
        { .id = "line", .head = "since it began" },
    };
    struct doc_table *t = document_table(d, "now", "What it does now", columns, 3);

    add_measure(d, t, "since slot 0", clock_of(d, number(view, "elapsedSeconds")), NULL, "");
    add_measure(d, t, "slot", count_of(d, number(view, "slot")), trail, "slot");
    add_measure(d, t, "block of the nodes' tips", heights_of(d, view), trail, "heightHigh");
    add_measure(d, t, "blocks forged", count_of(d, number(view, "blocksForged")), trail,
                "blocksForged");
    add_measure(d, t, "transactions taken", count_of(d, number(view, "transactionsSent")), trail,
                "transactionsSent");
    add_measure(d, t, "transactions a second",
                with_unit(d, number(view, "transactionsPerSecond"), 1, "1/s"), trail,
                "transactionsPerSecond");
    add_measure(d, t, "CPU of all nodes", with_unit(d, number(view, "cpuCores"), 2, "cores"), trail,
                "cpuCores");
    add_measure(d, t, "memory of all nodes",
                with_unit(d, number(view, "residentBytes") / 1e6, 0, "MB"), trail, "residentBytes");
    add_measure(d, t, "nodes that run", nodes_of(d, view), trail, "nodesUp");
}

static const char *is_up(const json_t *host)
{
    const json_t *up = json_object_get(host, "isUp");

    return json_is_boolean(up) ? json_is_true(up) ? "runs" : "does not run" : NULL;
}

static void add_hosts(struct document *d, const json_t *view)
{
    static const struct doc_column columns[] = {
        { .id = "host", .head = "host" },
        { .id = "state", .head = "state" },
        { .id = "height", .head = "block", .number = true },
        { .id = "forged", .head = "forged", .number = true },
        { .id = "memory", .head = "memory", .unit = "MB", .number = true },
    };
    const json_t *hosts = json_object_get(view, "hosts"), *host;
    struct doc_table *t;
    size_t i;

    if (json_array_size(hosts) == 0)
        return;
    document_heading(d, 2, "hosts-heading", "Hosts");
    t = document_table(d, "hosts", "How each one stands", columns, 5);
    json_array_foreach(hosts, i, host)
    {
        const char *name = text(host, "name"), *state = is_up(host);

        page_cell(d, t, name ? document_text(d, "%s", name) : "", NULL, TONE_PLAIN);
        page_cell(d, t, state, NULL, state && *state == 'd' ? TONE_BAD : TONE_PLAIN);
        doc_add_number(d, t, number(host, "height"), 0);
        doc_add_number(d, t, number(host, "blocksForged"), 0);
        doc_add_number(d, t, number(host, "residentBytes") / 1e6, 0);
    }
}

static void add_notices(struct document *d, const json_t *view)
{
    static const struct doc_column columns[] = {
        { .id = "at", .head = "at (UTC)" },
        { .id = "text", .head = "what" },
    };
    const json_t *notices = json_object_get(view, "notices");
    struct doc_table *t;

    if (json_array_size(notices) == 0)
        return;
    document_heading(d, 2, "notices-heading", "What happened");
    t = document_table(d, "notices", "The last events, the newest first", columns, 2);
    for (size_t i = json_array_size(notices); i-- > 0;) {
        const char *at = text(json_array_get(notices, i), "at");
        const char *said = text(json_array_get(notices, i), "text");

        page_cell(d, t, at ? document_text(d, "%.19s", at) : NULL, NULL, TONE_QUIET);
        page_cell(d, t, said ? document_text(d, "%s", said) : "", NULL, TONE_PLAIN);
    }
}

/* How it stands, in a sentence: read aloud when it becomes another one. */
static void tell_state(struct api_request *r, struct document *d, const struct live_run *run,
                       const json_t *view)
{
    const char *phase = text(view, "phase");

    d->verdict_tone = page_tone(run->state);
    d->verdict = document_text(d, "%s%s%s", run->state, phase ? ": " : "", phase ? phase : "");
    document_paragraph(d, "%s %s UTC.",
                       run->ended_ns == TIME_NONE ? "The last report came at"
                                                  : "It has ended; the last report came at",
                       page_instant(r, run->heard_ns));
}

static void fill_live(struct api_request *r, struct document *d, const struct live_run *run)
{
    json_t *view = parse(run->view), *trail = parse(run->trail);

    d->title = run->id;
    d->subtitle = page_say(r, "Profile %s, project %s, began %s", run->profile, run->project,
                           page_instant(r, run->began_ns));
    tell_state(r, d, run, view);
    add_measures(d, view, trail);
    add_hosts(d, view);
    add_notices(d, view);
    json_decref(view);
    json_decref(trail);
}

static void put_links(struct api_request *r, const struct document *d, void *context)
{
    const struct live_run *run = context;

    (void)d;
    buffer_text(&r->answer->body, "<ul class=\"links\">\n");
    if (run->run_id)
        page_put(r, "<li><a href=\"/runs/", run->run_id, "\">The report of this run</a></li>\n");
    page_put(r, "<li><a href=\"/api/v1/live/", page_encoded(r, run->id),
             "\">The same as JSON</a></li>\n</ul>\n");
}

void page_live(struct api_request *r)
{
    struct page_head head = { .part = PAGE_LIVE,
                              .follows = "live.changed,live.ended,run.published" };
    struct live_run run;
    struct ou_error err = { "" };
    struct document d;
    enum ou_status status = live_find(r->db, api_path_value(r, "run"), &r->memory, &run, &err);

    if (status) {
        page_failed(r, status, &err);
        return;
    }
    if (!api_may(r, run.project))
        return;
    head.subject = run.id;
    document_init(&d);
    fill_live(r, &d, &run);
    page_document(r, &head, &d, put_links, &run);
}
