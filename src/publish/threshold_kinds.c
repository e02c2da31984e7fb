#include "publish/threshold_kinds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "json/write.h"
#include "stats/mean.h"
#include "stats/quantile.h"
#include "study/margins.h"

#define LAST_DEFAULT 30
#define LAST_MAX 500

/* ---- what the parameters are ---- */

enum parameter_type { PARAMETER_NUMBER, PARAMETER_COUNT };

struct parameter {
    const char *name;
    enum parameter_type type;
    size_t offset; /* in struct threshold_rule */
    double usual;  /* NaN: there is none */
    double least, most;
};

#define NUMBER(key, member, usual, least, most)                                            \
    {                                                                                      \
        key, PARAMETER_NUMBER, offsetof(struct threshold_rule, member), usual, least, most \
    }
#define COUNT(key, member, usual, least, most)                                            \
    {                                                                                     \
        key, PARAMETER_COUNT, offsetof(struct threshold_rule, member), usual, least, most \
    }

enum { PARAMETERS_MAX = 4 };

struct threshold_kind {
    const char *name;
    struct parameter parameters[PARAMETERS_MAX]; /* a name of NULL behind the last */
    bool has_of, has_sides;
    /* NULL: it looks at change points. The bounds of both sides. */
    struct interval (*bounds)(const struct threshold_rule *rule, const double *values, size_t n);
};

static struct interval static_bounds(const struct threshold_rule *rule, const double *values,
                                     size_t n)
{
    (void)values;
    (void)n;
    return (struct interval){ isnan(rule->below) ? -INFINITY : rule->below,
                              isnan(rule->above) ? INFINITY : rule->above };
}

static struct interval percentage_bounds(const struct threshold_rule *rule, const double *values,
                                         size_t n)
{
    const double from = rule->of_last ? values[n - 1] : mean_of(values, n);
    const double by = fabs(from) * rule->percent / 100;

    return (struct interval){ from - by, from + by };
}

static struct interval prediction_bounds(const struct threshold_rule *rule, const double *values,
                                         size_t n)
{
    return prediction_interval(values, n, rule->confidence);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Tukey's fences. */
static struct interval iqr_bounds(const struct threshold_rule *rule, const double *values, size_t n)
{
    double sorted[LAST_MAX], q1, q3;

    memcpy(sorted, values, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    q1 = quantile_sorted(sorted, n, .25, QUANTILE_TYPE7);
    q3 = quantile_sorted(sorted, n, .75, QUANTILE_TYPE7);
    return (struct interval){ q1 - rule->factor * (q3 - q1), q3 + rule->factor * (q3 - q1) };
}

static const struct threshold_kind kinds[] = {
    { "static",
      { NUMBER("above", above, NAN, -1e300, 1e300), NUMBER("below", below, NAN, -1e300, 1e300) },
      false,
      false,
      static_bounds },
    { "percentage",
      { NUMBER("percent", percent, NAN, 1e-6, 1e6), COUNT("least", least, 1, 1, LAST_MAX),
        COUNT("last", last, LAST_DEFAULT, 1, LAST_MAX) },
      true,
      true,
      percentage_bounds },
    { "prediction",
      { NUMBER("confidence", confidence, .95, .5, .999999), COUNT("least", least, 5, 2, LAST_MAX),
        COUNT("last", last, LAST_DEFAULT, 2, LAST_MAX) },
      false,
      true,
      prediction_bounds },
    { "iqr",
      { NUMBER("factor", factor, 1.5, 0, 1e6), COUNT("least", least, 8, 4, LAST_MAX),
        COUNT("last", last, LAST_DEFAULT, 4, LAST_MAX) },
      false,
      true,
      iqr_bounds },
    { "change-point", { NUMBER("minimumPercent", minimum_percent, 0, 0, 1e6) }, false, true, NULL },
};

/* ---- reading them ---- */

static const struct threshold_kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static void set_number(struct threshold_rule *rule, const struct parameter *p, double value)
{
    void *at = (char *)rule + p->offset;

    if (p->type == PARAMETER_COUNT)
        *(size_t *)at = (size_t)value;
    else
        *(double *)at = value;
}

static double get_number(const struct threshold_rule *rule, const struct parameter *p)
{
    const void *at = (const char *)rule + p->offset;

    return p->type == PARAMETER_COUNT ? (double)*(const size_t *)at : *(const double *)at;
}

static const struct parameter *find_parameter(const struct threshold_kind *kind, const char *name)
{
    for (size_t i = 0; i < PARAMETERS_MAX && kind->parameters[i].name; i++)
        if (strcmp(kind->parameters[i].name, name) == 0)
            return &kind->parameters[i];
    return NULL;
}

static void set_defaults(struct threshold_rule *rule)
{
    for (size_t i = 0; i < PARAMETERS_MAX && rule->kind->parameters[i].name; i++)
        set_number(rule, &rule->kind->parameters[i], rule->kind->parameters[i].usual);
}

static enum ou_status read_number(struct threshold_rule *rule, const struct parameter *p,
                                  const json_t *value, struct ou_error *err)
{
    const double number = json_number_value(value);

    if (!json_is_number(value) || !(number >= p->least && number <= p->most) ||
        (p->type == PARAMETER_COUNT && number != floor(number)))
        return ou_fail(err, OU_USAGE, "parameter %s of a %s threshold is a %snumber from %g to %g",
                       p->name, rule->kind->name, p->type == PARAMETER_COUNT ? "whole " : "",
                       p->least, p->most);
    set_number(rule, p, number);
    return OU_OK;
}

/* One of two words: whether it is the second. */
static enum ou_status read_word(const char *name, const json_t *value, const char *first,
                                const char *second, bool *ret, struct ou_error *err)
{
    const char *word = json_string_value(value);

    if (!word || (strcmp(word, first) != 0 && strcmp(word, second) != 0))
        return ou_fail(err, OU_USAGE, "parameter %s is \"%s\" or \"%s\"", name, first, second);
    *ret = strcmp(word, second) == 0;
    return OU_OK;
}

static enum ou_status read_member(struct threshold_rule *rule, const char *name,
                                  const json_t *value, struct ou_error *err)
{
    const struct parameter *p = find_parameter(rule->kind, name);

    if (p)
        return read_number(rule, p, value, err);
    if (rule->kind->has_of && strcmp(name, "of") == 0)
        return read_word("of", value, "mean", "last", &rule->of_last, err);
    if (rule->kind->has_sides && strcmp(name, "sides") == 0)
        return read_word("sides", value, "worse", "both", &rule->both_sides, err);
    return ou_fail(err, OU_USAGE, "a %s threshold has no parameter %.60s", rule->kind->name, name);
}

/* What is to be said and was not, and what makes no sense together. */
static enum ou_status check_rule(const struct threshold_rule *rule,
                                 const struct metric_info *metric, struct ou_error *err)
{
    if (rule->kind->bounds == static_bounds && isnan(rule->above) && isnan(rule->below))
        return ou_fail(err, OU_USAGE, "a static threshold wants above, or below, or both");
    if (rule->kind->bounds == static_bounds && rule->below > rule->above)
        return ou_fail(err, OU_USAGE, "below %g and above %g: no value would pass", rule->below,
                       rule->above);
    if (rule->kind->bounds == percentage_bounds && isnan(rule->percent))
        return ou_fail(err, OU_USAGE, "a percentage threshold wants percent");
    if (rule->least > rule->last)
        return ou_fail(err, OU_USAGE,
                       "least is %zu runs and last %zu: it would never tell anything", rule->least,
                       rule->last);
    if (!rule->kind->bounds && margin_of(metric)->method == COMPARE_NOTHING)
        return ou_fail(err, OU_USAGE,
                       "%s is not judged when versions are compared, so that no change points are "
                       "looked for in it",
                       metric->id);
    return OU_OK;
}

enum ou_status threshold_read(const char *kind, const char *parameters,
                              const struct metric_info *metric, struct threshold_rule *ret,
                              struct ou_error *err)
{
    json_t *tree, *value;
    const char *name;
    enum ou_status status;

    *ret = (struct threshold_rule){ .kind = find_kind(kind) };
    if (!ret->kind)
        return ou_fail(err, OU_USAGE, "there is no threshold of kind %.60s", kind);
    set_defaults(ret);
    status = json_tree_parse(span_of(parameters), "parameters", &tree, err);
    if (status)
        return status == OU_INVALID ? OU_USAGE : status;
    if (!json_is_object(tree))
        status = ou_fail(err, OU_USAGE, "parameters are an object");
    json_object_foreach(tree, name, value)
    {
        if (!status)
            status = read_member(ret, name, value, err);
    }
    json_decref(tree);
    return status ? status : check_rule(ret, metric, err);
}

void threshold_write(const struct threshold_rule *rule, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, false);
    json_begin_object(&w);
    for (size_t i = 0; i < PARAMETERS_MAX && rule->kind->parameters[i].name; i++) {
        const struct parameter *p = &rule->kind->parameters[i];

        if (isnan(get_number(rule, p)))
            continue;
        json_key(&w, p->name);
        json_double(&w, get_number(rule, p));
    }
    if (rule->kind->has_of) {
        json_key(&w, "of");
        json_cstring(&w, rule->of_last ? "last" : "mean");
    }
    if (rule->kind->has_sides) {
        json_key(&w, "sides");
        json_cstring(&w, rule->both_sides ? "both" : "worse");
    }
    json_end(&w);
}

/* ---- what they let pass ---- */

bool threshold_has_bounds(const struct threshold_rule *rule)
{
    return rule->kind->bounds != NULL;
}

struct interval threshold_bounds(const struct threshold_rule *rule,
                                 const struct metric_info *metric, const double *values, size_t n)
{
    struct interval bounds;

    if (n < rule->least)
        return interval_none();
    if (rule->last && n > rule->last) {
        values += n - rule->last;
        n = rule->last;
    }
    bounds = rule->kind->bounds(rule, values, n);
    if (rule->kind->has_sides && !rule->both_sides) {
        if (metric->direction == DIRECTION_LESS_IS_BETTER)
            bounds.low = -INFINITY;
        else if (metric->direction == DIRECTION_MORE_IS_BETTER)
            bounds.high = INFINITY;
    }
    return bounds;
}

bool threshold_takes_change(const struct threshold_rule *rule, const struct metric_info *metric,
                            double percent)
{
    const bool is_worse = metric->direction == DIRECTION_LESS_IS_BETTER   ? percent > 0
                          : metric->direction == DIRECTION_MORE_IS_BETTER ? percent < 0
                                                                          : true;

    /* From a level of 0 there is no percentage: a change all the same. */
    if (isnan(percent))
        return true;
    return (rule->both_sides || is_worse) && fabs(percent) >= rule->minimum_percent;
}

void threshold_says(const struct threshold_rule *rule, size_t n, char *ret, size_t room)
{
    const size_t looked_at = rule->last && n > rule->last ? rule->last : n;
    const char *runs = looked_at == 1 ? "run" : "runs";

    if (rule->kind->bounds == static_bounds)
        snprintf(ret, room, "a static threshold");
    else if (rule->kind->bounds == percentage_bounds && rule->of_last)
        snprintf(ret, room, "%g %% around the run before", rule->percent);
    else if (rule->kind->bounds == percentage_bounds)
        snprintf(ret, room, "%g %% around the mean of %zu earlier %s", rule->percent, looked_at,
                 runs);
    else if (rule->kind->bounds == prediction_bounds)
        snprintf(ret, room, "%g %% prediction from %zu earlier %s", rule->confidence * 100,
                 looked_at, runs);
    else
        snprintf(ret, room, "fences at %g interquartile ranges of %zu earlier %s", rule->factor,
                 looked_at, runs);
}
