/* A query from its text's tree to its result. */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "query/inside.h"

static void begin(struct query_run *r, struct arena *memory, const struct query_source *source,
                  const struct query_times *times, struct ou_error *err)
{
    *r = (struct query_run){
        .memory = memory,
        .source = source,
        .times = *times,
        .steps =
            times->is_range ? (size_t)((times->end_ms - times->start_ms) / times->step_ms) + 1 : 1,
        .deadline_ns = time_monotonic_ns() + times->timeout_ns,
        .err = err,
    };
    if (r->times.lookback_ms == 0)
        r->times.lookback_ms = source->lookback_ms;
}

/* Room for a row's, of all that an answer may have. */
static struct query_point *take_points(struct query_run *r, size_t count)
{
    r->answer_points += count;
    if (r->answer_points <= QUERY_POINTS_MAX)
        return query_take(r, count, sizeof(struct query_point));
    query_fail_large(r);
    return NULL;
}

/* The points of a line that are there. */
static bool take_row(struct query_run *r, const struct query_line *line, struct query_row *ret)
{
    struct query_point *points;
    size_t count = 0;

    for (size_t k = 0; k < r->steps; k++)
        count += !query_is_absent(line->values[k]);
    *ret = (struct query_row){ .labels = line->labels, .count = count };
    if (count == 0)
        return true;
    points = take_points(r, count);
    if (!points || !query_work(r, r->steps))
        return false;
    ret->points = points;
    for (size_t k = 0; k < r->steps; k++)
        if (!query_is_absent(line->values[k]))
            *points++ = (struct query_point){ query_instant(r, k), line->values[k] };
    return true;
}

static int by_labels(const void *a, const void *b)
{
    return query_labels_order(((const struct query_row *)a)->labels,
                              ((const struct query_row *)b)->labels);
}

static bool take_rows(struct query_run *r, const struct query_value *v, struct query_result *ret)
{
    struct query_row *rows = query_take(r, v->count, sizeof(*rows));
    size_t count = 0;

    for (size_t i = 0; rows && i < v->count; i++) {
        if (!take_row(r, &v->lines[i], &rows[count]))
            return false;
        count += rows[count].count > 0;
    }
    if (!rows)
        return false;
    if (r->times.is_range && count > 1)
        qsort(rows, count, sizeof(*rows), by_labels);
    ret->rows = rows;
    ret->count = count;
    return true;
}

/* The answer to "name[5m]": the samples themselves. */

struct gathering {
    struct query_run *run;
    struct query_point *points;
    size_t count;
};

static bool count_point(void *context, int64_t at_ms, double value)
{
    (void)at_ms;
    *(size_t *)context += !query_is_absent(value);
    return true;
}

static bool gather_point(void *context, int64_t at_ms, double value)
{
    struct gathering *g = context;

    if (!query_is_absent(value))
        g->points[g->count++] = (struct query_point){ at_ms, value };
    return true;
}

static bool gather(struct query_run *r, const struct query_selector *s,
                   const struct query_series *series, struct query_row *ret)
{
    int64_t to_ms = r->times.end_ms - s->offset_ms, from_ms = to_ms - s->range_ms;
    struct gathering g = { .run = r };
    size_t count = 0;

    r->source->walk(r->source, series->number, from_ms, to_ms, count_point, &count);
    *ret = (struct query_row){ .labels = series->labels, .count = count };
    if (count == 0)
        return query_work(r, 1);
    g.points = take_points(r, count);
    if (!g.points || !query_work(r, 2 * count))
        return false;
    r->source->walk(r->source, series->number, from_ms, to_ms, gather_point, &g);
    ret->points = g.points;
    return true;
}

static bool gather_all(struct query_run *r, const struct query_selector *s,
                       struct query_result *ret)
{
    int64_t to_ms = r->times.end_ms - s->offset_ms;
    struct query_found found;
    struct query_row *rows;
    size_t count = 0;

    if (!query_eval_select(r, s->matchers, to_ms - s->range_ms, to_ms, &found))
        return false;
    rows = query_take(r, found.count, sizeof(*rows));
    for (size_t i = 0; rows && i < found.count; i++) {
        if (!gather(r, s, &found.at[i], &rows[count]))
            return false;
        count += rows[count].count > 0;
    }
    ret->rows = rows;
    ret->count = count;
    return rows != NULL;
}

static enum query_fault refuse_range(enum query_type type, struct ou_error *err)
{
    ou_fail(err, OU_INVALID,
            "invalid expression type \"%s\" for range query, must be Scalar or instant Vector",
            type == QUERY_MATRIX ? "range vector" : "string");
    return QUERY_BAD;
}

enum query_fault query_evaluate(struct arena *memory, const struct query_node *query,
                                const struct query_source *source, const struct query_times *times,
                                struct query_result *ret, struct ou_error *err)
{
    struct query_run r;
    struct query_value value;
    struct query_result result = { .type = query->type, .string = query->string };

    if (query->type > QUERY_VECTOR && times->is_range)
        return refuse_range(query->type, err);
    begin(&r, memory, source, times, err);
    if (query->type == QUERY_MATRIX) {
        gather_all(&r, &query->selector, &result);
    } else if (query->type != QUERY_STRING && query_eval(&r, query, &value)) {
        take_rows(&r, &value, &result);
        result.type = times->is_range ? QUERY_MATRIX : query->type;
    }
    if (!r.fault)
        *ret = result;
    return r.fault;
}

/* --- Series ------------------------------------------------------------------------------- */

/* Goes on where the request's other selectors ended. False: its time is over. */
static bool begin_select(struct query_run *r, struct arena *memory,
                         const struct query_source *source, const struct query_spent *spent,
                         struct ou_error *err)
{
    const struct query_times once = { .timeout_ns = source->timeout_ns };

    begin(r, memory, source, &once, err);
    r->work = spent->work;
    r->names_only = true;
    if (spent->deadline_ns == 0)
        return true;
    r->deadline_ns = spent->deadline_ns;
    return time_monotonic_ns() <= r->deadline_ns ||
           query_fail(r, QUERY_TIMEOUT, "query timed out in expression evaluation");
}

/* The one selector that a text is; NULL for everything. */
static enum query_fault parse_match(struct arena *memory, const char *text,
                                    const struct query_matcher **ret, struct ou_error *err)
{
    const struct query_node *n = NULL;
    enum query_fault fault;

    *ret = NULL;
    if (!text)
        return QUERY_FINE;
    fault = query_parse(memory, span_of(text), &n, err);
    if (fault)
        return fault;
    if (n->kind != QUERY_SELECTOR || n->type != QUERY_VECTOR || n->is_enclosed ||
        n->selector.offset_ms != 0) {
        ou_fail(err, OU_INVALID, "1:1: parse error: expected a selector of series");
        return QUERY_BAD;
    }
    *ret = n->selector.matchers;
    return QUERY_FINE;
}

static bool is_there(void *context, int64_t at_ms, double value)
{
    (void)at_ms;
    *(bool *)context = !query_is_absent(value);
    return query_is_absent(value);
}

/* Of what was offered, what has samples in that time. */
static bool keep_present(struct query_run *r, int64_t from_ms, int64_t to_ms,
                         struct query_found *found)
{
    size_t kept = 0;

    if (r->source->offers_present)
        return true;
    for (size_t i = 0; i < found->count; i++) {
        bool present = false;

        r->source->walk(r->source, found->at[i].number, from_ms, to_ms, is_there, &present);
        if (present)
            found->at[kept++] = found->at[i];
    }
    found->count = kept;
    return query_work(r, kept);
}

enum query_fault query_select(struct arena *memory, const char *text,
                              const struct query_source *source, int64_t from_ms, int64_t to_ms,
                              struct query_found *ret, struct query_spent *spent,
                              struct ou_error *err)
{
    const struct query_matcher *matchers;
    struct query_found found;
    struct query_run r;
    enum query_fault fault;

    if (!begin_select(&r, memory, source, spent, err))
        return r.fault;
    fault = parse_match(memory, text, &matchers, err);
    if (fault)
        return fault;
    if (query_eval_select(&r, matchers, from_ms, to_ms, &found) &&
        keep_present(&r, from_ms, to_ms, &found))
        *ret = found;
    *spent = (struct query_spent){ r.work, r.deadline_ns };
    return r.fault;
}
