/* The functions, as Prometheus 2.42 computes them. */
#include <math.h>
#include <stdlib.h>

#include "query/inside.h"

/* --- Over ranges -------------------------------------------------------------------------- */

static double seconds(int64_t ms)
{
    return (double)ms / 1000;
}

static const struct query_point *last_of(const struct query_window *w)
{
    return &w->points[w->count - 1];
}

/* What a counter rose by, resets taken into account; for a gauge the difference of its ends. */
static double rise_of(const struct query_window *w, bool is_counter)
{
    double rise = last_of(w)->value - w->points[0].value;

    for (size_t i = 1; is_counter && i < w->count; i++)
        if (w->points[i].value < w->points[i - 1].value)
            rise += w->points[i - 1].value;
    return rise;
}

/* The rise between the first and last sample, extended to the ends of the range: up to an end
 * that is nearer than 1.1 steps, else by half a step; and a counter not back beyond where it was
 * zero. */
static bool extrapolated(const struct query_window *w, bool is_counter, bool is_rate, double *ret)
{
    double rise, sampled, step, to_start, to_end, covered;

    if (w->count < 2)
        return false;
    rise = rise_of(w, is_counter);
    sampled = seconds(last_of(w)->at_ms - w->points[0].at_ms);
    step = sampled / (double)(w->count - 1);
    to_start = seconds(w->points[0].at_ms - w->start_ms);
    to_end = seconds(w->end_ms - last_of(w)->at_ms);
    if (is_counter && rise > 0 && w->points[0].value >= 0) {
        double to_zero = sampled * (w->points[0].value / rise);

        if (to_zero < to_start)
            to_start = to_zero;
    }
    covered = sampled;
    covered += to_start < step * 1.1 ? to_start : step / 2;
    covered += to_end < step * 1.1 ? to_end : step / 2;
    *ret = rise * (covered / sampled / (is_rate ? seconds(w->end_ms - w->start_ms) : 1));
    return true;
}

static bool rate(const struct query_window *w, double *ret)
{
    return extrapolated(w, true, true, ret);
}

static bool increase(const struct query_window *w, double *ret)
{
    return extrapolated(w, true, false, ret);
}

static bool delta(const struct query_window *w, double *ret)
{
    return extrapolated(w, false, false, ret);
}

static bool irate(const struct query_window *w, double *ret)
{
    const struct query_point *last = last_of(w), *before = last - 1;

    if (w->count < 2)
        return false;
    *ret = (last->value < before->value ? last->value : last->value - before->value) /
           seconds(last->at_ms - before->at_ms);
    return true;
}

static bool idelta(const struct query_window *w, double *ret)
{
    if (w->count < 2)
        return false;
    *ret = last_of(w)->value - last_of(w)[-1].value;
    return true;
}

/* A sum that keeps what rounding loses (A. Neumaier, ZAMM 54, 1974). */
struct exact_sum {
    double sum, lost;
};

static void add_exactly(struct exact_sum *s, double value)
{
    double sum = s->sum + value;

    s->lost += fabs(s->sum) >= fabs(value) ? (s->sum - sum) + value : (value - sum) + s->sum;
    s->sum = sum;
}

static double total(const struct exact_sum *s)
{
    return isinf(s->sum) ? s->sum : s->sum + s->lost;
}

static bool sum_over_time(const struct query_window *w, double *ret)
{
    struct exact_sum s = { 0, 0 };

    for (size_t i = 0; i < w->count; i++)
        add_exactly(&s, w->points[i].value);
    *ret = total(&s);
    return true;
}

/* By steps, where the sum is too large although the mean is not. */
static double mean_by_steps(const struct query_window *w)
{
    struct exact_sum mean = { 0, 0 };

    for (size_t i = 0; i < w->count; i++) {
        double value = w->points[i].value, n = (double)(i + 1);

        if (isinf(mean.sum) && (isinf(value) ? (mean.sum > 0) == (value > 0) : !isnan(value)))
            continue;
        add_exactly(&mean, value / n - total(&mean) / n);
    }
    return total(&mean);
}

static bool avg_over_time(const struct query_window *w, double *ret)
{
    sum_over_time(w, ret);
    *ret = isfinite(*ret) ? *ret / (double)w->count : mean_by_steps(w);
    return true;
}

static bool min_over_time(const struct query_window *w, double *ret)
{
    *ret = w->points[0].value;
    for (size_t i = 1; i < w->count; i++)
        if (w->points[i].value < *ret || isnan(*ret))
            *ret = w->points[i].value;
    return true;
}

static bool max_over_time(const struct query_window *w, double *ret)
{
    *ret = w->points[0].value;
    for (size_t i = 1; i < w->count; i++)
        if (w->points[i].value > *ret || isnan(*ret))
            *ret = w->points[i].value;
    return true;
}

static bool count_over_time(const struct query_window *w, double *ret)
{
    *ret = (double)w->count;
    return true;
}

static bool last_over_time(const struct query_window *w, double *ret)
{
    *ret = last_of(w)->value;
    return true;
}

static bool present_over_time(const struct query_window *w, double *ret)
{
    (void)w;
    *ret = 1;
    return true;
}

static bool changes(const struct query_window *w, double *ret)
{
    *ret = 0;
    for (size_t i = 1; i < w->count; i++) {
        double a = w->points[i - 1].value, b = w->points[i].value;

        *ret += a != b && !(isnan(a) && isnan(b));
    }
    return true;
}

static bool resets(const struct query_window *w, double *ret)
{
    *ret = 0;
    for (size_t i = 1; i < w->count; i++)
        *ret += w->points[i].value < w->points[i - 1].value;
    return true;
}

/* B. P. Welford, Technometrics 4, 1962. */
static bool stdvar_over_time(const struct query_window *w, double *ret)
{
    double mean = 0, squares = 0;

    for (size_t i = 0; i < w->count; i++) {
        double off = w->points[i].value - mean;

        mean += off / (double)(i + 1);
        squares += off * (w->points[i].value - mean);
    }
    *ret = squares / (double)w->count;
    return true;
}

static bool stddev_over_time(const struct query_window *w, double *ret)
{
    stdvar_over_time(w, ret);
    *ret = sqrt(*ret);
    return true;
}

/* The slope of the line of least squares, a second. */
static bool deriv(const struct query_window *w, double *ret)
{
    double n = (double)w->count, x = 0, y = 0, xx = 0, xy = 0;
    bool flat = true;

    if (w->count < 2)
        return false;
    for (size_t i = 0; i < w->count; i++) {
        double at = seconds(w->points[i].at_ms - w->points[0].at_ms), value = w->points[i].value;

        flat = flat && value == w->points[0].value;
        x += at;
        y += value;
        xx += at * at;
        xy += at * value;
    }
    *ret = flat ? (isinf(w->points[0].value) ? NAN : 0) : (xy - x * y / n) / (xx - x * x / n);
    return true;
}

/* NaN is below all. */
static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    if (isnan(x) || isnan(y))
        return isnan(y) - isnan(x);
    return (x > y) - (x < y);
}

double query_quantile(double q, double *values, size_t count)
{
    double rank, weight;
    size_t lower, upper;

    if (count == 0 || isnan(q))
        return NAN;
    if (q < 0 || q > 1)
        return q < 0 ? -INFINITY : INFINITY;
    qsort(values, count, sizeof(*values), compare);
    rank = q * (double)(count - 1);
    lower = (size_t)rank;
    upper = lower + 1 < count ? lower + 1 : count - 1;
    weight = rank - (double)lower;
    return values[lower] * (1 - weight) + values[upper] * weight;
}

static bool quantile_over_time(const struct query_window *w, double *ret)
{
    for (size_t i = 0; i < w->count; i++)
        w->scratch[i] = w->points[i].value;
    *ret = query_quantile(w->param, w->scratch, w->count);
    return true;
}

/* --- On values ---------------------------------------------------------------------------- */

/* Functions of <math.h> that take the value alone. */
#define ON_VALUE_ALONE(name, function)                        \
    static double on_##name(double value, double a, double b) \
    {                                                         \
        (void)a, (void)b;                                     \
        return function(value);                               \
    }
ON_VALUE_ALONE(abs, fabs)
ON_VALUE_ALONE(ceil, ceil)
ON_VALUE_ALONE(floor, floor)
ON_VALUE_ALONE(sqrt, sqrt)
ON_VALUE_ALONE(exp, exp)
ON_VALUE_ALONE(ln, log)
ON_VALUE_ALONE(log2, log2)
ON_VALUE_ALONE(log10, log10)

/* Halves go up, also below zero. */
static double on_round(double value, double to, double b)
{
    double inverse = 1 / to;

    (void)b;
    return floor(value * inverse + 0.5) / inverse;
}

/* fmin() and fmax() would prefer the number to the NaN. */
static double on_clamp_min(double value, double least, double b)
{
    (void)b;
    return isnan(value) || isnan(least) ? NAN : fmax(value, least);
}

static double on_clamp_max(double value, double most, double b)
{
    (void)b;
    return isnan(value) || isnan(most) ? NAN : fmin(value, most);
}

static double on_clamp(double value, double least, double most)
{
    return most < least ? query_absent() : on_clamp_min(on_clamp_max(value, most, 0), least, 0);
}

static double on_sgn(double value, double a, double b)
{
    (void)a, (void)b;
    return value > 0 ? 1 : value < 0 ? -1 : value;
}

/* --- The table ---------------------------------------------------------------------------- */

#define OVER_RANGE(text, function)                                                       \
    {                                                                                    \
        .name = (text), .kind = CALL_OVER_RANGE, .arguments_min = 1, .arguments_max = 1, \
        .types = { QUERY_MATRIX }, .result = QUERY_VECTOR, .over_range = (function)      \
    }
#define ON_VALUES(text, function, least, most, otherwise)                                          \
    {                                                                                              \
        .name = (text), .kind = CALL_ON_VALUES, .arguments_min = (least), .arguments_max = (most), \
        .types = { QUERY_VECTOR, QUERY_SCALAR, QUERY_SCALAR }, .result = QUERY_VECTOR,             \
        .on_value = (function), .defaults = (otherwise)                                            \
    }
#define SPECIAL(text, how, count, takes, gives)                                            \
    {                                                                                      \
        .name = (text), .kind = (how), .arguments_min = (count), .arguments_max = (count), \
        .types = { takes }, .result = (gives)                                              \
    }

static const struct query_function functions[] = {
    ON_VALUES("abs", on_abs, 1, 1, 0),
    SPECIAL("absent", CALL_ABSENT, 1, QUERY_VECTOR, QUERY_VECTOR),
    OVER_RANGE("avg_over_time", avg_over_time),
    ON_VALUES("ceil", on_ceil, 1, 1, 0),
    OVER_RANGE("changes", changes),
    ON_VALUES("clamp", on_clamp, 3, 3, 0),
    ON_VALUES("clamp_max", on_clamp_max, 2, 2, 0),
    ON_VALUES("clamp_min", on_clamp_min, 2, 2, 0),
    OVER_RANGE("count_over_time", count_over_time),
    OVER_RANGE("delta", delta),
    OVER_RANGE("deriv", deriv),
    ON_VALUES("exp", on_exp, 1, 1, 0),
    ON_VALUES("floor", on_floor, 1, 1, 0),
    OVER_RANGE("idelta", idelta),
    OVER_RANGE("increase", increase),
    OVER_RANGE("irate", irate),
    { .name = "label_join",
      .kind = CALL_JOIN,
      .arguments_min = 3,
      .arguments_max = QUERY_ARGUMENTS_MAX,
      .types = { QUERY_VECTOR, QUERY_STRING, QUERY_STRING, QUERY_STRING, QUERY_STRING },
      .result = QUERY_VECTOR },
    { .name = "label_replace",
      .kind = CALL_REPLACE,
      .arguments_min = 5,
      .arguments_max = 5,
      .types = { QUERY_VECTOR, QUERY_STRING, QUERY_STRING, QUERY_STRING, QUERY_STRING },
      .result = QUERY_VECTOR },
    { .name = "last_over_time",
      .kind = CALL_OVER_RANGE,
      .arguments_min = 1,
      .arguments_max = 1,
      .types = { QUERY_MATRIX },
      .result = QUERY_VECTOR,
      .keeps_name = true,
      .over_range = last_over_time },
    ON_VALUES("ln", on_ln, 1, 1, 0),
    ON_VALUES("log10", on_log10, 1, 1, 0),
    ON_VALUES("log2", on_log2, 1, 1, 0),
    OVER_RANGE("max_over_time", max_over_time),
    OVER_RANGE("min_over_time", min_over_time),
    OVER_RANGE("present_over_time", present_over_time),
    { .name = "quantile_over_time",
      .kind = CALL_OVER_RANGE,
      .arguments_min = 2,
      .arguments_max = 2,
      .types = { QUERY_SCALAR, QUERY_MATRIX },
      .result = QUERY_VECTOR,
      .over_range = quantile_over_time,
      .sorts = true },
    OVER_RANGE("rate", rate),
    OVER_RANGE("resets", resets),
    ON_VALUES("round", on_round, 1, 2, 1),
    SPECIAL("scalar", CALL_SCALAR, 1, QUERY_VECTOR, QUERY_SCALAR),
    ON_VALUES("sgn", on_sgn, 1, 1, 0),
    SPECIAL("sort", CALL_SORT, 1, QUERY_VECTOR, QUERY_VECTOR),
    SPECIAL("sort_desc", CALL_SORT_DOWN, 1, QUERY_VECTOR, QUERY_VECTOR),
    ON_VALUES("sqrt", on_sqrt, 1, 1, 0),
    OVER_RANGE("stddev_over_time", stddev_over_time),
    OVER_RANGE("stdvar_over_time", stdvar_over_time),
    OVER_RANGE("sum_over_time", sum_over_time),
    SPECIAL("time", CALL_TIME, 0, QUERY_SCALAR, QUERY_SCALAR),

    SPECIAL("vector", CALL_VECTOR, 1, QUERY_SCALAR, QUERY_VECTOR),
};

const struct query_function *query_function_find(struct span name)
{
    for (size_t i = 0; i < query_function_count(); i++)
        if (span_is(name, functions[i].name))
            return &functions[i];
    return NULL;
}

size_t query_function_count(void)
{
    return sizeof(functions) / sizeof(functions[0]);
}

const char *query_function_name(size_t i)
{
    return functions[i].name;
}
