/* Queries in Prometheus' shape over results, so that Grafana's data source for Prometheus works on this server:
 * /prometheus/api/v1/..., and the same queries at /api/v1/query and /api/v1/query_range. Failures of a query are told as
 * Prometheus tells them. */
#include <stdio.h>
#include <string.h>

#include "api/operation.h"
#include "api/parts.h"
#include "api/prometheus_source.h"
#include "query/answer.h"
#include "query/pages.h"

#define MEMORY_BYTES_MAX ((size_t)16 << 20) /* of the names of metrics */

/* What stands behind ".../api/v1/". */
static const char *api_path_of(const struct http_call *call)
{
    static const char root[] = "/api/v1/";
    const char *at = strstr(call->path, root);

    return at ? at + strlen(root) : "";
}

/* Why the database could not be read is for the log. */
static void note_failure(struct api_request *r, const struct results_state *state)
{
    if (state->status && r->answer->status >= 500)
        snprintf(r->failure, sizeof r->failure, "%s", state->err.text);
}

static void answer_query(struct api_request *r)
{
    struct results_source source;
    struct results_state state;
    const struct query_source *base = results_source(&source, &state, r->db, r->holder.project);

    if (!query_page(base, api_path_of(r->call), r->call, r->answer))
        api_error(r->answer, 404, "not_found", "%.100s is not supported", r->call->path);
    note_failure(r, &state);
    if (r->answer->status == 503)
        http_answer_header(r->answer, "Retry-After", "5");
}

static void answer_about(struct api_request *r)
{
    query_page_about(api_path_of(r->call), r->answer);
}

/* --- Metadata ----------------------------------------------------------------------------------- */

static void put_metric(struct json_writer *w, const char *name, const char *help, const char *unit)
{
    json_key(w, name);
    json_begin_array(w);
    json_begin_object(w);
    json_key(w, "type");
    json_cstring(w, "gauge");
    json_key(w, "help");
    json_cstring(w, help);
    json_key(w, "unit");
    json_cstring(w, unit);
    json_end(w);
    json_end(w);
}

/* Tells metrics, as far as they are asked for. */
struct telling {
    struct json_writer w;
    const char *only; /* NULL: all */
    size_t left;
};

static void tell_metric(struct telling *t, const char *name, const char *help, const char *unit)
{
    if (t->left == 0 || (t->only && strcmp(t->only, name) != 0))
        return;
    put_metric(&t->w, name, help, unit);
    t->left--;
}

/* Metrics are in the order of their numbers; of two whose names are the same here, the first one has it. */
static bool is_told(const struct measured_metric *all, size_t i, const char *name)
{
    for (size_t j = 0; j < i; j++) {
        char other[RESULTS_NAME_ROOM];

        results_metric_name(all[j].section, all[j].id, other);
        if (strcmp(other, name) == 0)
            return true;
    }
    return false;
}

static void tell_all(struct telling *t, const struct measured_metric *all, size_t count)
{
    const char *live;

    for (size_t i = 0; i < count && t->left > 0; i++) {
        char name[RESULTS_NAME_ROOM];

        results_metric_name(all[i].section, all[i].id, name);
        if ((!t->only || strcmp(t->only, name) == 0) && !is_told(all, i, name))
            tell_metric(t, name, all[i].description, all[i].unit);
    }
    tell_metric(t, RESULTS_INFO, "1 from a run's start until the next run of its series.", "");
    for (size_t i = 0; (live = results_live_name(i)); i++)
        tell_metric(t, live, "Of a run in progress.", "");
}

static bool read_limit(const struct api_request *r, size_t *ret)
{
    const char *text = http_argument(r->call, "limit");
    char *end;

    *ret = SIZE_MAX;
    if (!text || !*text)
        return true;
    *ret = strtoul(text, &end, 10);
    if (*end)
        api_error(r->answer, 400, "bad_data", "limit must be a number");
    return !*end;
}

static void answer_metadata(struct api_request *r)
{
    struct telling t = { .only = http_argument(r->call, "metric") };
    struct ou_error err = { 0 };
    struct measured_metric *all = NULL;
    struct arena memory;
    size_t count = 0;
    enum ou_status status;

    if (!read_limit(r, &t.left))
        return;
    arena_init(&memory, allocator_libc(), MEMORY_BYTES_MAX);
    status = measured_metrics(r->db, &memory, &all, &count, &err);
    if (status) {
        snprintf(r->failure, sizeof r->failure, "%s", err.text);
        api_query_error(r->answer, QUERY_UNAVAILABLE, "the database cannot be read now");
    } else {
        api_begin(r->answer, &t.w);
        json_begin_object(&t.w);
        tell_all(&t, all, count);
        json_end(&t.w);
        json_end(&t.w);
    }
    arena_release(&memory);
}

#define QUERY(name)                         \
    {                                       \
        (name), SCOPE_READ, 0, answer_query \
    }
#define ABOUT(name)                                             \
    {                                                           \
        (name), SCOPE_READ, OPERATION_NO_DATABASE, answer_about \
    }

const struct api_operation query_operations[] = {
    QUERY("query"),
    QUERY("queryForm"),
    QUERY("queryRange"),
    QUERY("queryRangeForm"),
    QUERY("prometheusQuery"),
    QUERY("prometheusQueryForm"),
    QUERY("prometheusQueryRange"),
    QUERY("prometheusQueryRangeForm"),
    QUERY("prometheusSeries"),
    QUERY("prometheusSeriesForm"),
    QUERY("prometheusLabels"),
    QUERY("prometheusLabelsForm"),
    QUERY("prometheusLabelValues"),
    { "prometheusMetadata", SCOPE_READ, 0, answer_metadata },
    ABOUT("prometheusBuildinfo"),
    ABOUT("prometheusRules"),
    ABOUT("prometheusAlerts"),
    ABOUT("prometheusExemplars"),
    { "getMetrics", SCOPE_READ, OPERATION_NO_DATABASE, metrics_page },
    { 0 },
};
