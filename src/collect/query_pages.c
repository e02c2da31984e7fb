/* /api/v1: what Grafana's data source for Prometheus asks, answered in Prometheus' shape. */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "collect/api_answer.h"
#include "collect/pages.h"

/* A question on its way to its answer. */
struct asking {
    const struct collector_view *view;
    const struct http_call *call;
    struct http_answer *answer;
    const char *parse_type; /* errorType of a query that means nothing */
    struct arena memory;
};

/* --- Queries ------------------------------------------------------------------------------ */

static const struct query_node *parse(struct asking *a)
{
    const char *text = http_argument(a->call, "query");
    const struct query_node *query = NULL;
    struct ou_error err = { 0 };
    enum query_fault fault = query_parse(&a->memory, span_of(text ? text : ""), &query, &err);

    if (fault == QUERY_BAD)
        api_error(a->answer, 400, a->parse_type, "invalid parameter \"query\": %s", err.text);
    else if (fault)
        api_query_error(a->answer, fault, err.text);
    return fault ? NULL : query;
}

static void put_row(struct json_writer *w, const struct query_row *row, bool one_point)
{
    json_begin_object(w);
    json_key(w, "metric");
    api_labels(w, row->labels.name, row->labels.node_name);
    json_key(w, one_point ? "value" : "values");
    if (one_point)
        api_point(w, row->points[0].at_ms, row->points[0].value);
    else
        api_points(w, row->points, row->count);
    json_end(w);
}

static void put_result(struct json_writer *w, const struct query_result *r)
{
    static const char *const types[] = { "scalar", "vector", "matrix" };

    json_begin_object(w);
    json_key(w, "resultType");
    json_cstring(w, types[r->type]);
    json_key(w, "result");
    if (r->type == QUERY_SCALAR) {
        api_point(w, r->rows[0].points[0].at_ms, r->rows[0].points[0].value);
    } else {
        json_begin_array(w);
        for (size_t i = 0; i < r->count; i++)
            put_row(w, &r->rows[i], r->type == QUERY_VECTOR);
        json_end(w);
    }
    json_end(w);
}

static void answer_query(struct asking *a, const struct query_times *times)
{
    const struct query_node *query = parse(a);
    struct query_result result;
    struct ou_error err = { 0 };
    struct json_writer w;
    enum query_fault fault;

    if (!query)
        return;
    fault = query_evaluate(&a->memory, query, a->view->history, times, &result, &err);
    if (fault) {
        api_query_error(a->answer, fault, err.text);
        return;
    }
    api_begin(a->answer, &w);
    put_result(&w, &result);
    json_end(&w);
}

/* The time that the client gives, if it is shorter than ours. False: said to the client. */
static bool read_timeout(struct asking *a, int64_t *ret_ns)
{
    const char *text = http_argument(a->call, "timeout");
    int64_t ms;

    *ret_ns = QUERY_TIMEOUT_NS;
    if (!text || !*text)
        return true;
    if (!api_duration(text, &ms)) {
        api_error(a->answer, 400, "bad_data",
                  "invalid parameter \"timeout\": cannot parse \"%.60s\" to a valid duration",
                  text);
        return false;
    }
    if (ms < QUERY_TIMEOUT_NS / 1000000)
        *ret_ns = ms * 1000000;
    return true;
}

static bool read_time(struct asking *a, const char *name, const int64_t *otherwise, int64_t *ret_ms)
{
    const char *text = http_argument(a->call, name);

    if ((!text || !*text) && otherwise) {
        *ret_ms = *otherwise;
        return true;
    }
    if (api_time(text ? text : "", ret_ms))
        return true;
    api_error(a->answer, 400, "bad_data",
              "invalid parameter \"%s\": cannot parse \"%.60s\" to a valid timestamp", name,
              text ? text : "");
    return false;
}

static void get_query(struct asking *a)
{
    int64_t now_ms = time_wall_ns() / 1000000;
    struct query_times times = { .step_ms = 1 };

    if (!read_time(a, "time", &now_ms, &times.start_ms) || !read_timeout(a, &times.timeout_ns))
        return;
    times.end_ms = times.start_ms;
    answer_query(a, &times);
}

static bool read_step(struct asking *a, struct query_times *times)
{
    const char *text = http_argument(a->call, "step");

    if (!api_duration(text ? text : "", &times->step_ms)) {
        api_error(a->answer, 400, "bad_data",
                  "invalid parameter \"step\": cannot parse \"%.60s\" to a valid duration",
                  text ? text : "");
        return false;
    }
    if (times->step_ms <= 0) {
        api_error(
            a->answer, 400, "bad_data",
            "invalid parameter \"step\": zero or negative query resolution step widths are not "
            "accepted. Try a positive integer");
        return false;
    }
    if ((times->end_ms - times->start_ms) / times->step_ms > QUERY_STEPS_MAX) {
        api_error(a->answer, 400, "bad_data",
                  "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the "
                  "query resolution (?step=XX)");
        return false;
    }
    return true;
}

static void get_query_range(struct asking *a)
{
    struct query_times times = { .is_range = true };

    if (!read_time(a, "start", NULL, &times.start_ms) || !read_time(a, "end", NULL, &times.end_ms))
        return;
    if (times.end_ms < times.start_ms) {
        api_error(a->answer, 400, "bad_data",
                  "invalid parameter \"end\": end timestamp must not be before start time");
        return;
    }
    if (read_step(a, &times) && read_timeout(a, &times.timeout_ns))
        answer_query(a, &times);
}

/* --- Series and labels -------------------------------------------------------------------- */

/* The series that match[] and the time ask for: all without match[]. */
struct chosen {
    const struct history *history;
    int64_t from_ms, to_ms;
    bool *is_chosen; /* by number */
};

static bool is_there(void *context, int64_t at_ms, double value)
{
    (void)at_ms;
    (void)value;
    *(bool *)context = true;
    return false;
}

static void choose(void *context, size_t series)
{
    struct chosen *c = context;

    if (!c->is_chosen[series])
        history_walk(c->history, series, c->from_ms, c->to_ms, is_there, &c->is_chosen[series]);
}

static bool choose_by(struct asking *a, struct chosen *c)
{
    struct ou_error err = { 0 };
    enum query_fault fault = QUERY_FINE;
    struct query_spent spent = { 0 };
    const char *text = http_argument_at(a->call, "match[]", 0);

    if (!text)
        for (size_t i = 0; i < history_series_count(c->history); i++)
            choose(c, i);
    for (size_t i = 1; text && !fault; text = http_argument_at(a->call, "match[]", i++))
        fault = query_select(&a->memory, span_of(text), c->history, choose, c, &spent, &err);
    if (fault == QUERY_BAD)
        api_error(a->answer, 400, "bad_data", "invalid parameter \"match[]\": %s", err.text);
    else if (fault)
        api_query_error(a->answer, fault, err.text);
    return !fault;
}

static bool read_chosen(struct asking *a, struct chosen *ret)
{
    const int64_t ever[] = { -API_TIME_MAX_MS, API_TIME_MAX_MS };
    size_t count = history_series_count(a->view->history);

    *ret = (struct chosen){ .history = a->view->history };
    if (!read_time(a, "start", &ever[0], &ret->from_ms) ||
        !read_time(a, "end", &ever[1], &ret->to_ms))
        return false;
    ret->is_chosen = arena_take(&a->memory, count + 1, 1);
    if (!ret->is_chosen) {
        api_query_error(a->answer, QUERY_NO_MEMORY, "no memory");
        return false;
    }
    return choose_by(a, ret);
}

static void get_series(struct asking *a)
{
    struct chosen c;
    struct json_writer w;

    if (!http_argument(a->call, "match[]")) {
        api_error(a->answer, 400, "bad_data", "no match[] parameter provided");
        return;
    }
    if (!read_chosen(a, &c))
        return;
    api_begin(a->answer, &w);
    json_begin_array(&w);
    for (size_t i = 0; i < history_series_count(c.history); i++)
        if (c.is_chosen[i])
            api_labels(&w, history_series_at(c.history, i)->name,
                       history_series_at(c.history, i)->node_name);
    json_end(&w);
    json_end(&w);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Texts in order, each once. */
static void put_texts(struct http_answer *answer, const char **texts, size_t count)
{
    struct json_writer w;

    if (count > 1)
        qsort(texts, count, sizeof(*texts), by_text);
    api_begin(answer, &w);
    json_begin_array(&w);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(texts[i], texts[i - 1]) != 0)
            json_cstring(&w, texts[i]);
    json_end(&w);
    json_end(&w);
}

static void get_label_values(struct asking *a, struct span label)
{
    bool is_name = span_is(label, "__name__"), is_node = span_is(label, "node_name");
    struct chosen c;
    const char **texts;
    size_t count = 0;

    if (!read_chosen(a, &c))
        return;
    texts = arena_take(&a->memory, (history_series_count(c.history) + 1) * sizeof(*texts),
                       _Alignof(const char *));
    if (!texts) {
        api_query_error(a->answer, QUERY_NO_MEMORY, "no memory");
        return;
    }
    for (size_t i = 0; (is_name || is_node) && i < history_series_count(c.history); i++) {
        const struct history_series *s = history_series_at(c.history, i);

        if (c.is_chosen[i] && (is_name || *s->node_name))
            texts[count++] = is_name ? s->name : s->node_name;
    }
    put_texts(a->answer, texts, count);
}

static void get_labels(struct asking *a)
{
    const char *texts[2];
    size_t count = 0;
    bool any = false, any_node = false;
    struct chosen c;

    if (!read_chosen(a, &c))
        return;
    for (size_t i = 0; i < history_series_count(c.history); i++) {
        any = any || c.is_chosen[i];
        any_node = any_node || (c.is_chosen[i] && *history_series_at(c.history, i)->node_name);
    }
    if (any)
        texts[count++] = "__name__";
    if (any_node)
        texts[count++] = "node_name";
    put_texts(a->answer, texts, count);
}

/* --- Routes ------------------------------------------------------------------------------- */

static void route(struct asking *a, struct span path)
{
    static const char values[] = "/values", label[] = "/api/v1/label/";

    if (span_is(path, "/api/v1/query")) {
        get_query(a);
    } else if (span_is(path, "/api/v1/query_range")) {
        get_query_range(a);
    } else if (span_is(path, "/api/v1/series")) {
        get_series(a);
    } else if (span_is(path, "/api/v1/labels")) {
        get_labels(a);
    } else if (span_starts(path, label) && span_ends(path, values) &&
               path.len > strlen(label) + strlen(values)) {
        get_label_values(
            a, (struct span){ path.at + strlen(label), path.len - strlen(label) - strlen(values) });
    } else {
        api_error(a->answer, 404, "not_found", "%.100s is not supported", path.at);
    }
}

/* Opens and closes what answering takes; false, and answered: there is no history. */
static bool begin(struct asking *a, const struct collector_view *view, const struct http_call *call,
                  struct http_answer *answer)
{
    *a = (struct asking){ .view = view, .call = call, .answer = answer, .parse_type = "bad_data" };
    arena_init(&a->memory, allocator_libc(), QUERY_MEMORY_MAX);
    if (!view->history)
        api_error(answer, 503, "unavailable", "no history is kept: ouroscope.history.minutes is 0");
    return view->history != NULL;
}

void query_instant_answer(const struct collector_view *view, const struct http_call *call,
                          const char *parse_type, struct http_answer *ret)
{
    struct asking a;

    if (!begin(&a, view, call, ret))
        return;
    a.parse_type = parse_type;
    get_query(&a);
    arena_release(&a.memory);
}

bool query_pages_answer(const struct collector_view *view, const struct http_call *call,
                        struct http_answer *ret)
{
    struct asking a;

    if (query_about_answer(view, call, ret))
        return true;
    if (!span_starts(span_of(call->path), "/api/v1/"))
        return false;
    if (begin(&a, view, call, ret))
        route(&a, span_of(call->path));
    arena_release(&a.memory);
    return true;
}
