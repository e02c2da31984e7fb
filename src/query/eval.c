/* Selectors and functions, for all steps at once. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "query/inside.h"

/* --- A run -------------------------------------------------------------------------------- */

/* As Prometheus marks what is gone, and sources may (query_stale()); other NaN have other bits. */
static const uint64_t absent_bits = 0x7ff0000000000002;

double query_stale(void)
{
    return query_absent();
}

double query_absent(void)
{
    double value;

    memcpy(&value, &absent_bits, sizeof(value));
    return value;
}

bool query_is_absent(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits == absent_bits;
}

bool query_fail(struct query_run *r, enum query_fault fault, const char *format, ...)
{
    struct ou_error what;
    va_list args;

    if (r->fault)
        return false;
    va_start(args, format);
    vsnprintf(what.text, sizeof(what.text), format, args);
    va_end(args);
    ou_fail(r->err, OU_INVALID, "%s", what.text);
    r->fault = fault;
    return false;
}

bool query_fail_large(struct query_run *r)
{
    return query_fail(
        r, QUERY_EXECUTION,
        "query processing would load too many samples into memory in query execution");
}

bool query_work(struct query_run *r, uint64_t amount)
{
    enum { CLOCK_EVERY = 1 << 16 };

    r->work += amount;
    if (r->work > QUERY_WORK_MAX)
        return query_fail_large(r);
    if (r->work - r->checked >= CLOCK_EVERY) {
        r->checked = r->work;
        if (time_monotonic_ns() > r->deadline_ns)
            return query_fail(r, QUERY_TIMEOUT, "query timed out in expression evaluation");
    }
    return !r->fault;
}

void *query_take(struct query_run *r, size_t count, size_t bytes)
{
    size_t size;
    void *at;

    if (__builtin_mul_overflow(count ? count : 1, bytes, &size))
        size = SIZE_MAX;
    at = arena_take(r->memory, size, 8);
    if (at)
        return at;
    if (arena_has_room(r->memory, size, 8))
        query_fail(r, QUERY_NO_MEMORY, "no memory");
    else
        query_fail_large(r);
    return NULL;
}

double *query_take_values(struct query_run *r)
{
    double *values = query_take(r, r->steps, sizeof(*values));

    for (size_t k = 0; values && k < r->steps; k++)
        values[k] = query_absent();
    return values;
}

/* The series of a selector, and room for a line of each. reach_ms: how far before an instant its samples lie. */
static bool select_lines(struct query_run *r, const struct query_selector *s, int64_t reach_ms,
                         struct query_found *found, struct query_value *ret)
{
    if (!query_eval_select(r, s->matchers, r->times.start_ms - s->offset_ms - reach_ms,
                           r->times.end_ms - s->offset_ms, found))
        return false;
    ret->count = 0;
    ret->lines = query_take(r, found->count, sizeof(*ret->lines));
    return ret->lines != NULL;
}

static bool drop_name(struct query_run *r, struct query_labels *labels)
{
    return query_labels_keep(r, labels, &query_no_name);
}

/* --- Instant vectors ---------------------------------------------------------------------- */

/* Each sample holds from its instant on, until the next one comes, or it is too old. */
struct filling {
    const struct query_run *run;
    int64_t offset_ms;
    double *values;
    size_t step, seen;
    bool has_before;
    struct query_point before;
};

static void fill_until(struct filling *f, int64_t at_ms)
{
    for (; f->step < f->run->steps; f->step++) {
        int64_t instant = query_instant(f->run, f->step) - f->offset_ms;

        if (instant >= at_ms)
            return;
        if (f->has_before && f->before.at_ms >= instant - f->run->times.lookback_ms)
            f->values[f->step] = f->before.value;
    }
}

static bool fill(void *context, int64_t at_ms, double value)
{
    struct filling *f = context;

    f->seen++;
    fill_until(f, at_ms);
    f->before = (struct query_point){ at_ms, value };
    f->has_before = true;
    return f->step < f->run->steps;
}

static bool any_present(const struct query_run *r, const double *values)
{
    for (size_t k = 0; k < r->steps; k++)
        if (!query_is_absent(values[k]))
            return true;
    return false;
}

static bool eval_selector(struct query_run *r, const struct query_selector *s,
                          struct query_value *ret)
{
    struct query_found found;
    double *values = NULL;

    if (!select_lines(r, s, r->times.lookback_ms, &found, ret))
        return false;
    for (size_t i = 0; i < found.count; i++) {
        struct filling f = { .run = r, .offset_ms = s->offset_ms };

        if (!values && !(values = query_take_values(r)))
            return false;
        f.values = values;
        r->source->walk(r->source, found.at[i].number,
                        r->times.start_ms - s->offset_ms - r->times.lookback_ms,
                        r->times.end_ms - s->offset_ms, fill, &f);
        fill_until(&f, INT64_MAX);
        if (!query_work(r, f.seen + r->steps))
            return false;
        if (!any_present(r, values))
            continue;
        ret->lines[ret->count++] = (struct query_line){ found.at[i].labels, values };
        values = NULL;
    }
    return true;
}

/* --- Ranges ------------------------------------------------------------------------------- */

static bool add_point(void *context, int64_t at_ms, double value)
{
    struct query_run *r = context;

    if (query_is_absent(value))
        return true; /* a mark, which ranges pass over */
    if (r->point_count == r->point_cap) {
        size_t cap = r->point_cap ? r->point_cap * 2 : 1024;
        struct query_point *points = query_take(r, cap, sizeof(*points));
        double *scratch = query_take(r, cap, sizeof(*scratch));

        if (!points || !scratch)
            return false;
        if (r->point_count)
            memcpy(points, r->points, r->point_count * sizeof(*points));
        r->points = points;
        r->scratch = scratch;
        r->point_cap = cap;
    }
    r->points[r->point_count++] = (struct query_point){ at_ms, value };
    return true;
}

/* The samples of a series that any step's range touches. */
static bool load_points(struct query_run *r, const struct query_selector *s, size_t series)
{
    r->point_count = 0;
    r->source->walk(r->source, series, r->times.start_ms - s->offset_ms - s->range_ms,
                    r->times.end_ms - s->offset_ms, add_point, r);
    return query_work(r, r->point_count + r->steps);
}

/* Both ends of the range move forwards over the samples. */
static bool run_over(struct query_run *r, const struct query_node *call,
                     const struct query_selector *s, const double *params, double *values)
{
    size_t from = 0, to = 0;

    for (size_t k = 0; k < r->steps; k++) {
        struct query_window w = { .end_ms = query_instant(r, k) - s->offset_ms };

        w.start_ms = w.end_ms - s->range_ms;
        while (to < r->point_count && r->points[to].at_ms <= w.end_ms)
            to++;
        while (from < to && r->points[from].at_ms < w.start_ms)
            from++;
        if (from == to)
            continue;
        w.points = r->points + from;
        w.count = to - from;
        w.param = params ? params[k] : 0;
        w.scratch = r->scratch;
        if (!query_work(r, w.count * (call->function->sorts ? QUERY_SORT_WORK : 1)))
            return false;
        if (!call->function->over_range(&w, &values[k]))
            values[k] = query_absent();
    }
    return true;
}

static bool eval_over_range(struct query_run *r, const struct query_node *call,
                            struct query_value *ret)
{
    bool has_param = call->argument_count == 2;
    const struct query_selector *s = &call->arguments[has_param ? 1 : 0]->selector;
    struct query_value param = { 0 };
    struct query_found found;
    double *values = NULL;

    if ((has_param && !query_eval(r, call->arguments[0], &param)) ||
        !select_lines(r, s, s->range_ms, &found, ret))
        return false;
    for (size_t i = 0; i < found.count; i++) {
        struct query_labels labels = found.at[i].labels;

        if (!values && !(values = query_take_values(r)))
            return false;
        if (!load_points(r, s, found.at[i].number) ||
            !run_over(r, call, s, has_param ? param.lines[0].values : NULL, values))
            return false;
        if (!any_present(r, values))
            continue;
        if (!call->function->keeps_name && !drop_name(r, &labels))
            return false;
        ret->lines[ret->count++] = (struct query_line){ labels, values };
        values = NULL;
    }
    return query_merge(r, ret, true);
}

/* --- Values ------------------------------------------------------------------------------- */

static bool eval_on_values(struct query_run *r, const struct query_node *call,
                           struct query_value *ret)
{
    const struct query_function *f = call->function;
    struct query_value scalars[2] = { { 0 }, { 0 } };

    if (!query_eval(r, call->arguments[0], ret))
        return false;
    for (unsigned i = 1; i < call->argument_count; i++)
        if (!query_eval(r, call->arguments[i], &scalars[i - 1]))
            return false;
    for (size_t i = 0; i < ret->count; i++) {
        double *values = ret->lines[i].values;

        if (!drop_name(r, &ret->lines[i].labels) || !query_work(r, r->steps))
            return false;
        for (size_t k = 0; k < r->steps; k++)
            if (!query_is_absent(values[k]))
                values[k] = f->on_value(
                    values[k], scalars[0].lines ? scalars[0].lines[0].values[k] : f->defaults,
                    scalars[1].lines ? scalars[1].lines[0].values[k] : f->defaults);
    }
    return query_merge(r, ret, false);
}

static bool eval_negate(struct query_run *r, const struct query_node *n, struct query_value *ret)
{
    if (!query_eval(r, n->arguments[0], ret) || !query_work(r, ret->count * r->steps))
        return false;
    for (size_t i = 0; i < ret->count; i++) {
        if (!drop_name(r, &ret->lines[i].labels))
            return false;
        for (size_t k = 0; k < r->steps; k++)
            if (!query_is_absent(ret->lines[i].values[k]))
                ret->lines[i].values[k] = -ret->lines[i].values[k];
    }
    return query_merge(r, ret, true);
}

/* One line without labels; its values are to be filled in. */
static double *take_scalar(struct query_run *r, struct query_value *ret)
{
    double *values = query_take_values(r);

    ret->lines = query_take(r, 1, sizeof(*ret->lines));
    if (!values || !ret->lines || !query_work(r, r->steps))
        return NULL;
    ret->count = 1;
    ret->lines[0] = (struct query_line){ .values = values };
    return values;
}

static bool eval_number(struct query_run *r, double number, struct query_value *ret)
{
    double *values = take_scalar(r, ret);

    for (size_t k = 0; values && k < r->steps; k++)
        values[k] = number;
    return values != NULL;
}

static bool eval_time(struct query_run *r, struct query_value *ret)
{
    double *values = take_scalar(r, ret);

    for (size_t k = 0; values && k < r->steps; k++)
        values[k] = (double)query_instant(r, k) / 1000;
    return values != NULL;
}

/* At each step the one value that there is, else NaN. */
static bool eval_scalar(struct query_run *r, const struct query_node *call, struct query_value *ret)
{
    struct query_value vector;
    double *values;

    if (!query_eval(r, call->arguments[0], &vector) || !(values = take_scalar(r, ret)) ||
        !query_work(r, vector.count * r->steps))
        return false;
    for (size_t k = 0; k < r->steps; k++) {
        size_t present = 0;

        for (size_t i = 0; i < vector.count; i++)
            if (!query_is_absent(vector.lines[i].values[k])) {
                present++;
                values[k] = vector.lines[i].values[k];
            }
        if (present != 1)
            values[k] = NAN;
    }
    return true;
}

/* Whether a matcher says exactly what its label is: it is the last one of its label, and the only exact one. That is how
 * Prometheus does it. Matchers stand in the reverse order of the text. */
static bool says_label(const struct query_matcher *all, const struct query_matcher *m)
{
    bool is_behind = false; /* in the list: it stands before m in the text */

    if (m->match != MATCH_EQUAL || strcmp(m->label, QUERY_NAME_LABEL) == 0)
        return false;
    for (const struct query_matcher *other = all; other; other = other->next)
        if (other == m)
            is_behind = true;
        else if (strcmp(other->label, m->label) == 0 && (!is_behind || other->match == MATCH_EQUAL))
            return false;
    return true;
}

/* Of what absent() finds nothing, this much is known. */
static bool asked_labels(struct query_run *r, const struct query_node *n, struct query_labels *ret)
{
    const struct query_matcher *all = n->kind == QUERY_SELECTOR ? n->selector.matchers : NULL;

    *ret = (struct query_labels){ 0 };
    for (const struct query_matcher *m = all; m; m = m->next)
        if (says_label(all, m) && !query_labels_set(r, ret, m->label, m->value))
            return false;
    return true;
}

static bool eval_absent(struct query_run *r, const struct query_node *call, struct query_value *ret)
{
    struct query_value vector;
    double *values;

    if (!query_eval(r, call->arguments[0], &vector) || !(values = take_scalar(r, ret)) ||
        !query_work(r, vector.count * r->steps))
        return false;
    if (!asked_labels(r, call->arguments[0], &ret->lines[0].labels))
        return false;
    for (size_t k = 0; k < r->steps; k++) {
        size_t i = 0;

        while (i < vector.count && query_is_absent(vector.lines[i].values[k]))
            i++;
        if (i == vector.count)
            values[k] = 1;
    }
    return true;
}

/* NaN is last, whichever way values go. */
static int by_value(const void *a, const void *b)
{
    double x = ((const struct query_line *)a)->values[0];
    double y = ((const struct query_line *)b)->values[0];

    if (isnan(x) || isnan(y))
        return isnan(x) - isnan(y);
    return (x > y) - (x < y);
}

static int by_value_down(const void *a, const void *b)
{
    double x = ((const struct query_line *)a)->values[0];
    double y = ((const struct query_line *)b)->values[0];

    return isnan(x) || isnan(y) ? by_value(a, b) : by_value(b, a);
}

/* Only the answer to an instant query has an order. */
static bool eval_sorted(struct query_run *r, const struct query_node *call, struct query_value *ret)
{
    if (!query_eval(r, call->arguments[0], ret))
        return false;
    if (r->steps == 1 && ret->count > 0)
        qsort(ret->lines, ret->count, sizeof(*ret->lines),
              call->function->kind == CALL_SORT ? by_value : by_value_down);
    return query_work(r, ret->count);
}

static bool eval_call(struct query_run *r, const struct query_node *n, struct query_value *ret)
{
    switch (n->function->kind) {
    case CALL_OVER_RANGE: return eval_over_range(r, n, ret);
    case CALL_ON_VALUES: return eval_on_values(r, n, ret);
    case CALL_TIME: return eval_time(r, ret);
    case CALL_VECTOR: return query_eval(r, n->arguments[0], ret);
    case CALL_SCALAR: return eval_scalar(r, n, ret);
    case CALL_ABSENT: return eval_absent(r, n, ret);
    case CALL_REPLACE: return query_eval_replace(r, n, ret);
    case CALL_JOIN: return query_eval_join(r, n, ret);
    default: /* CALL_SORT, CALL_SORT_DOWN */ return eval_sorted(r, n, ret);
    }
}

bool query_eval(struct query_run *r, const struct query_node *n, struct query_value *ret)
{
    switch (n->kind) {
    case QUERY_NUMBER: return eval_number(r, n->number, ret);
    case QUERY_SELECTOR: return eval_selector(r, &n->selector, ret);
    case QUERY_CALL: return eval_call(r, n, ret);
    case QUERY_AGGREGATE: return query_eval_aggregate(r, n, ret);
    case QUERY_BINARY: return query_eval_binary(r, n, ret);
    default: /* QUERY_NEGATE */ return eval_negate(r, n, ret);
    }
}
