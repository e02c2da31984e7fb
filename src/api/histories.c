#include "api/histories.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "api/comparing.h"
#include "api/operation.h"
#include "api/owned.h"
#include "http/server.h"
#include "store/keep.h"

#define RUNS_DEFAULT 1000
#define RUNS_MAX 5000

/* ---- what is kept of change points ---- */

static const char *const changes_of_series =
    "SELECT c.metric_no, c.run_no, c.id, c.note FROM change_points c WHERE c.series_no = "
    "(SELECT no FROM series WHERE id = $1) ORDER BY c.no";
static const char *const changes_of_project =
    "SELECT c.metric_no, c.run_no, c.id, c.note FROM change_points c JOIN series s "
    "ON s.no = c.series_no WHERE s.project_no = (SELECT no FROM projects WHERE name = $1) "
    "ORDER BY c.no";

static bool load_changes(struct api_request *r, const struct history_wish *wish,
                         struct history_answer *a)
{
    struct arena *memory = &a->runs.set.memory;
    struct ou_error err = { 0 };
    struct sql_rows *rows;
    bool has_room = true;
    enum ou_status status =
        sql_query(r->db, wish->series ? changes_of_series : changes_of_project,
                  SQL_ARGS(sql_text(wish->series ? wish->series : wish->project)), &rows, &err);

    if (status)
        return api_failed(r, status, &err);
    while (has_room && sql_next(rows)) {
        struct noted_change *room =
            keep_room(memory, a->changes, a->change_count, sizeof *a->changes);

        has_room = room != NULL;
        if (!has_room)
            break;
        a->changes = room;
        room[a->change_count++] = (struct noted_change){
            .metric_no = sql_get_int(rows, 0),
            .run_no = sql_get_int(rows, 1),
            .id = keep_text(memory, sql_get_text(rows, 2)),
            .note = keep_text(memory, sql_get_text(rows, 3)),
        };
    }
    status = sql_rows_end(rows, &err);
    if (status)
        return api_failed(r, status, &err);
    return has_room || api_problem(r, PROBLEM_TOO_LARGE, "so many change points are too many");
}

/* ---- making one ---- */

/* The number of the only metric, so that no others are read; 0 for several. */
static bool choose_metric(struct api_request *r, const struct history_wish *wish, int64_t *ret)
{
    const struct metric_info *info = metric_by_key(wish->metrics[0]);
    struct ou_error err = { 0 };
    enum ou_status status;

    *ret = 0;
    if (wish->metric_count != 1 || !info)
        return true;
    status = metric_no_find(r->db, section_name(info->section), info->id, ret, &err);
    if (status)
        return api_failed(r, status, &err);
    return *ret != 0 ||
           api_problem(r, PROBLEM_NOT_FOUND, "no run has a number for %.160s", wish->metrics[0]);
}

static bool load_runs(struct api_request *r, const struct history_wish *wish,
                      struct history_answer *ret)
{
    struct series_choice choice = { .series = wish->series,
                                    .project = wish->project,
                                    .profile = wish->profile,
                                    .most = wish->runs_max };
    struct ou_error err = { 0 };
    enum ou_status status;

    if (!choose_metric(r, wish, &choice.metric_no))
        return false;
    status = series_history_load(r->db, &choice, !wish->by_workload, &ret->runs, &err);
    if (status)
        return api_failed(r, status, &err);
    return ret->runs.set.count > 0 ||
           api_problem(r, PROBLEM_NOT_FOUND, "there are no finished runs of that kind");
}

bool history_make(struct api_request *r, const struct history_wish *wish,
                  struct history_answer *ret)
{
    struct ou_error err = { 0 };
    enum ou_status status;

    *ret = (struct history_answer){ .by_series = !wish->by_workload };
    if (wish->series ? !api_owned(r, OWNED_SERIES, wish->series) : !api_may(r, wish->project))
        return false;
    if (!load_runs(r, wish, ret) || !load_changes(r, wish, ret))
        return false;
    status = history_compute(&ret->runs.set, wish->metrics, wish->metric_count, &wish->options,
                             &ret->history, &err);
    return status ? api_failed(r, status, &err) : true;
}

/* ---- what is asked for ---- */

static bool add_metric(struct api_request *r, struct history_wish *wish, const char *name)
{
    const struct problem_place place = {
        .parameter = "metric", .detail = "wanted is SECTION/ID, as the dictionary of metrics has it"
    };

    if (!metric_by_key(name))
        return api_problem_at(r, PROBLEM_INVALID_PARAMETER, &place, 1, "there is no metric %.160s",
                              name);
    if (wish->metric_count == HISTORY_METRICS_MAX)
        return api_problem(r, PROBLEM_INVALID_PARAMETER, "more than %d metrics",
                           HISTORY_METRICS_MAX);
    wish->metrics[wish->metric_count++] = name;
    return true;
}

static bool read_metrics(struct api_request *r, struct history_wish *wish)
{
    const struct problem_place place = { .parameter = "metric", .detail = "is needed" };
    const char *name;

    for (size_t i = 0; (name = http_argument_at(r->call, "metric", i)); i++)
        if (!add_metric(r, wish, name))
            return false;
    return wish->metric_count > 0 ||
           api_problem_at(r, PROBLEM_INVALID_PARAMETER, &place, 1, "which metric is meant?");
}

/* Bounds and types were held against the description. */
static void read_options(struct api_request *r, struct history_wish *wish)
{
    const struct http_call *call = r->call;
    const char *order = http_argument(call, "order"), *by = http_argument(call, "by");
    const char *threshold = http_argument(call, "threshold");
    const char *minimum = http_argument(call, "minimumChangePercent");
    const char *least = http_argument(call, "leastRuns"), *limit = http_argument(call, "limit");

    wish->options = HISTORY_DEFAULTS;
    wish->options.by_version = order && strcmp(order, "version") == 0;
    wish->by_workload = by && strcmp(by, "workload") == 0;
    wish->runs_max = limit ? strtoul(limit, NULL, 10) : RUNS_DEFAULT;
    if (wish->runs_max > RUNS_MAX)
        wish->runs_max = RUNS_MAX;
    if (threshold)
        wish->options.change.threshold = strtod(threshold, NULL);
    if (minimum)
        wish->options.change.minimum_change = strtod(minimum, NULL) / 100;
    if (least)
        wish->options.change.least_segment = strtoul(least, NULL, 10);
}

/* ---- the operations ---- */

static void answer_history(struct api_request *r, const struct history_wish *wish)
{
    struct history_answer a = { 0 };
    const bool csv = api_wants_csv(r);

    if (history_make(r, wish, &a)) {
        r->answer->status = 200;
        r->answer->type = csv ? "text/csv;charset=utf-8" : "application/json";
        http_answer_header(r->answer, "Vary", "Accept");
        if (csv)
            history_answer_csv(&a, &r->answer->body);
        else
            history_answer_json(&a, &r->answer->body);
        api_conditional(r, NULL, false);
    }
    history_answer_release(&a);
}

/* The points of one metric, and nothing concluded from them. */
static void list_series_points(struct api_request *r)
{
    struct history_wish wish = { .series = api_path_value(r, "series") };
    struct history_answer a = { 0 };

    read_options(r, &wish);
    if (read_metrics(r, &wish) && history_make(r, &wish, &a)) {
        r->answer->status = 200;
        r->answer->type = "application/json";
        history_answer_points(&a, &r->answer->body);
        api_conditional(r, NULL, false);
    }
    history_answer_release(&a);
}

static void get_series_history(struct api_request *r)
{
    struct history_wish wish = { .series = api_path_value(r, "series") };

    read_options(r, &wish);
    if (read_metrics(r, &wish))
        answer_history(r, &wish);
}

static void get_history(struct api_request *r)
{
    struct history_wish wish = { .project = http_argument(r->call, "project"),
                                 .profile = http_argument(r->call, "profile") };

    read_options(r, &wish);
    if (read_metrics(r, &wish))
        answer_history(r, &wish);
}

/* ---- change points ---- */

static void get_change_point(struct api_request *r)
{
    api_item(r, "change-points", api_path_value(r, "changePoint"));
}

struct noting {
    struct api_request *r;
    const char *id, *note;
};

static enum ou_status note(struct sql *db, void *context, struct ou_error *err)
{
    const struct noting *n = context;
    const struct audit_entry entry = { .actor = n->r->holder.id,
                                       .action = "change-point.note",
                                       .target = n->id,
                                       .client = n->r->client,
                                       .request = n->r->id };
    enum ou_status status = change_point_note(db, n->id, n->note, err);

    return status ? status : audit_put(db, &entry, n->r->now_ns, err);
}

static void update_change_point(struct api_request *r)
{
    struct noting n = { .r = r, .id = api_path_value(r, "changePoint") };
    struct ou_error err = { 0 };
    json_t *body;
    enum ou_status status;

    if (!api_owned(r, OWNED_CHANGE_POINT, n.id) || !api_item_if_match(r, "change-points", n.id) ||
        !api_body_json(r, &body))
        return;
    n.note = json_string_value(json_object_get(body, "note"));
    status = sql_write(r->db, note, &n, &err);
    if (status)
        api_failed(r, status, &err);
    else
        get_change_point(r);
}

const struct api_operation history_operations[] = {
    { "listSeriesPoints", SCOPE_READ, 0, list_series_points },
    { "getSeriesHistory", SCOPE_READ, 0, get_series_history },
    { "getHistory", SCOPE_READ, OPERATION_LONG, get_history },
    { "getChangePoint", SCOPE_READ, 0, get_change_point },
    { "updateChangePoint", SCOPE_ALERTS, 0, update_change_point },
    { 0 },
};
