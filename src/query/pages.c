/* What Grafana's data source for Prometheus asks, answered in Prometheus' shape. */
#include "query/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "query/answer.h"

/* A question on its way to its answer. */
struct asking {
    const struct query_source *source;
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
    api_labels(w, row->labels);
    json_key(w, one_point ? "value" : "values");
    if (one_point)
        api_point(w, row->points[0].at_ms, row->points[0].value);
    else
        api_points(w, row->points, row->count);
    json_end(w);
}

/* [1435781451.781,"text"] */
static void put_string(struct json_writer *w, int64_t at_ms, const char *text)
{
    json_begin_array(w);
    json_seconds(w, at_ms * 1000000);
    json_cstring(w, text);
    json_end(w);
}

static void put_result(struct json_writer *w, const struct query_result *r, int64_t at_ms)
{
    static const char *const types[] = { "scalar", "vector", "matrix", "string" };

    json_begin_object(w);
    json_key(w, "resultType");
    json_cstring(w, types[r->type]);
    json_key(w, "result");
    if (r->type == QUERY_STRING) {
        put_string(w, at_ms, r->string);
    } else if (r->type == QUERY_SCALAR) {
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
    fault = query_evaluate(&a->memory, query, a->source, times, &result, &err);
    if (fault) {
        api_query_error(a->answer, fault, err.text);
        return;
    }
    api_begin(a->answer, &w);
    put_result(&w, &result, times->start_ms);
    json_end(&w);
}

/* A duration that may be left out. False: said to the client. */
static bool read_duration(struct asking *a, const char *name, int64_t otherwise_ms, int64_t *ret_ms)
{
    const char *text = http_argument(a->call, name);

    *ret_ms = otherwise_ms;
    if (!text || !*text || api_duration(text, ret_ms))
        return true;
    api_error(a->answer, 400, "bad_data",
              "invalid parameter \"%s\": cannot parse \"%.60s\" to a valid duration", name, text);
    return false;
}

/* The time that the client gives, if it is shorter than ours, and for how long a sample is to stand. */
static bool read_bounds(struct asking *a, struct query_times *times)
{
    const int64_t longest_ms = a->source->timeout_ns / 1000000;
    int64_t ms;

    if (!read_duration(a, "timeout", longest_ms, &ms) ||
        !read_duration(a, "lookback_delta", 0, &times->lookback_ms))
        return false;
    times->timeout_ns = (ms < longest_ms ? ms : longest_ms) * 1000000;
    if (times->lookback_ms >= 0)
        return true;
    api_error(a->answer, 400, "bad_data",
              "invalid parameter \"lookback_delta\": must not be negative");
    return false;
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

    if (!read_time(a, "time", &now_ms, &times.start_ms) || !read_bounds(a, &times))
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
    if (read_step(a, &times) && read_bounds(a, &times))
        answer_query(a, &times);
}

/* --- Series and labels -------------------------------------------------------------------- */

/* What the arguments of a question for series or labels ask for. */
struct asked_series {
    int64_t from_ms, to_ms;
    size_t limit; /* of what is told */
    struct query_found found;
};

static bool add_found(struct asking *a, struct query_found *all, const struct query_found *more)
{
    struct query_series *at = arena_take(&a->memory, (all->count + more->count + 1) * sizeof(*at),
                                         _Alignof(struct query_series));

    if (!at) {
        api_query_error(a->answer, QUERY_NO_MEMORY, "no memory");
        return false;
    }
    if (all->count)
        memcpy(at, all->at, all->count * sizeof(*at));
    if (more->count)
        memcpy(at + all->count, more->at, more->count * sizeof(*at));
    *all = (struct query_found){ at, all->count + more->count };
    return true;
}

static int by_labels(const void *a, const void *b)
{
    return query_labels_order(((const struct query_series *)a)->labels,
                              ((const struct query_series *)b)->labels);
}

/* In the order of their labels, each once: several match[] may have selected it. */
static void arrange(struct query_found *all)
{
    size_t kept = 0;

    if (all->count > 1)
        qsort(all->at, all->count, sizeof(*all->at), by_labels);
    for (size_t i = 0; i < all->count; i++)
        if (kept == 0 || by_labels(&all->at[i], &all->at[kept - 1]) != 0)
            all->at[kept++] = all->at[i];
    all->count = kept;
}

/* All that any match[] selects; without one, all there is. */
static bool find_all(struct asking *a, struct asked_series *s)
{
    const char *text = http_argument_at(a->call, "match[]", 0);
    struct query_spent spent = { 0 };
    struct ou_error err = { 0 };
    enum query_fault fault;
    size_t i = 0;

    do {
        struct query_found more = { 0 };

        fault =
            query_select(&a->memory, text, a->source, s->from_ms, s->to_ms, &more, &spent, &err);
        if (!fault && more.count && !add_found(a, &s->found, &more))
            return false;
        text = http_argument_at(a->call, "match[]", ++i);
    } while (text && !fault);
    if (fault == QUERY_BAD)
        api_error(a->answer, 400, "bad_data", "invalid parameter \"match[]\": %s", err.text);
    else if (fault)
        api_query_error(a->answer, fault, err.text);
    else
        arrange(&s->found);
    return !fault;
}

/* 0 and nothing: all. */
static bool read_limit(struct asking *a, size_t *ret)
{
    const char *text = http_argument(a->call, "limit");
    char *end;
    unsigned long long limit;

    *ret = SIZE_MAX;
    if (!text || !*text)
        return true;
    limit = strtoull(text, &end, 10);
    if (*end || !(*text >= '0' && *text <= '9')) {
        api_error(a->answer, 400, "bad_data",
                  "invalid parameter \"limit\": cannot parse \"%.60s\" to a limit", text);
        return false;
    }
    if (limit > 0 && limit < SIZE_MAX)
        *ret = (size_t)limit;
    return true;
}

static bool read_asked(struct asking *a, struct asked_series *ret)
{
    const int64_t ever[] = { -API_TIME_MAX_MS, API_TIME_MAX_MS };

    *ret = (struct asked_series){ 0 };
    return read_time(a, "start", &ever[0], &ret->from_ms) &&
           read_time(a, "end", &ever[1], &ret->to_ms) && read_limit(a, &ret->limit) &&
           find_all(a, ret);
}

static void get_series(struct asking *a)
{
    struct asked_series s;
    struct json_writer w;

    if (!http_argument(a->call, "match[]")) {
        api_error(a->answer, 400, "bad_data", "no match[] parameter provided");
        return;
    }
    if (!read_asked(a, &s))
        return;
    api_begin(a->answer, &w);
    json_begin_array(&w);
    for (size_t i = 0; i < s.found.count && i < s.limit; i++)
        api_labels(&w, s.found.at[i].labels);
    json_end(&w);
    json_end(&w);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Texts in order, each once. */
static void put_texts(struct http_answer *answer, const char **texts, size_t count, size_t limit)
{
    struct json_writer w;
    size_t told = 0;

    if (count > 1)
        qsort(texts, count, sizeof(*texts), by_text);
    api_begin(answer, &w);
    json_begin_array(&w);
    for (size_t i = 0; i < count && told < limit; i++)
        if (i == 0 || strcmp(texts[i], texts[i - 1]) != 0) {
            json_cstring(&w, texts[i]);
            told++;
        }
    json_end(&w);
    json_end(&w);
}

static const char **take_texts(struct asking *a, size_t count)
{
    const char **texts =
        arena_take(&a->memory, (count + 1) * sizeof(*texts), _Alignof(const char *));

    if (!texts)
        api_query_error(a->answer, QUERY_NO_MEMORY, "no memory");
    return texts;
}

static void get_label_values(struct asking *a, struct span label)
{
    char *name = arena_copy(&a->memory, label.at, label.len);
    struct asked_series s;
    const char **texts;
    size_t count = 0;

    if (!read_asked(a, &s) || !(texts = take_texts(a, s.found.count)))
        return;
    for (size_t i = 0; name && i < s.found.count; i++) {
        const char *value = query_label_value(s.found.at[i].labels, name);

        if (*value)
            texts[count++] = value;
    }
    put_texts(a->answer, texts, count, s.limit);
}

static void get_labels(struct asking *a)
{
    struct asked_series s;
    const char **texts;
    size_t count = 0;

    if (!read_asked(a, &s))
        return;
    for (size_t i = 0; i < s.found.count; i++)
        count += s.found.at[i].labels.count;
    texts = take_texts(a, count);
    if (!texts)
        return;
    count = 0;
    for (size_t i = 0; i < s.found.count; i++)
        for (size_t j = 0; j < s.found.at[i].labels.count; j++)
            texts[count++] = s.found.at[i].labels.at[j].name;
    put_texts(a->answer, texts, count, s.limit);
}

/* --- What there is to know without samples -------------------------------------------------- */

/* The version is that of the Prometheus whose semantics queries have: Grafana offers what that one can. */
static void get_buildinfo(struct http_answer *ret)
{
    static const char *const members[][2] = {
        { "version", "2.42.0" }, { "revision", "ouroscope-" OUROSCOPE_VERSION },
        { "branch", "" },        { "buildUser", "" },
        { "buildDate", "" },     { "goVersion", "" },
    };
    struct json_writer w;

    api_begin(ret, &w);
    json_begin_object(&w);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_key(&w, members[i][0]);
        json_cstring(&w, members[i][1]);
    }
    json_end(&w);
    json_end(&w);
}

/* {"groups":[]} */
static void get_empty(struct http_answer *ret, const char *member)
{
    struct json_writer w;

    api_begin(ret, &w);
    if (member) {
        json_begin_object(&w);
        json_key(&w, member);
    }
    json_begin_array(&w);
    json_end(&w);
    if (member)
        json_end(&w);
    json_end(&w);
}

bool query_page_about(const char *path, struct http_answer *ret)
{
    if (strcmp(path, "status/buildinfo") == 0)
        get_buildinfo(ret);
    else if (strcmp(path, "rules") == 0)
        get_empty(ret, "groups");
    else if (strcmp(path, "alerts") == 0)
        get_empty(ret, "alerts");
    else if (strcmp(path, "query_exemplars") == 0)
        get_empty(ret, NULL);
    else
        return false;
    return true;
}

/* --- Routes ------------------------------------------------------------------------------- */

/* NAME of "label/NAME/values". */
static bool label_of(struct span path, struct span *ret)
{
    static const char values[] = "/values", label[] = "label/";
    const size_t around = sizeof(values) + sizeof(label) - 2;

    if (!span_starts(path, label) || !span_ends(path, values) || path.len <= around)
        return false;
    *ret = (struct span){ path.at + sizeof(label) - 1, path.len - around };
    return true;
}

static bool route(struct asking *a, struct span path)
{
    struct span label;

    if (span_is(path, "query"))
        get_query(a);
    else if (span_is(path, "query_range"))
        get_query_range(a);
    else if (span_is(path, "series"))
        get_series(a);
    else if (span_is(path, "labels"))
        get_labels(a);
    else if (label_of(path, &label))
        get_label_values(a, label);
    else
        return false;
    return true;
}

bool query_page(const struct query_source *source, const char *path, const struct http_call *call,
                struct http_answer *ret)
{
    struct asking a = { .source = source, .call = call, .answer = ret, .parse_type = "bad_data" };
    bool is_one;

    arena_init(&a.memory, allocator_libc(), QUERY_MEMORY_MAX);
    is_one = route(&a, span_of(path));
    arena_release(&a.memory);
    return is_one;
}

void query_page_instant(const struct query_source *source, const char *parse_type,
                        const struct http_call *call, struct http_answer *ret)
{
    struct asking a = { .source = source, .call = call, .answer = ret, .parse_type = parse_type };

    arena_init(&a.memory, allocator_libc(), QUERY_MEMORY_MAX);
    get_query(&a);
    arena_release(&a.memory);
}
