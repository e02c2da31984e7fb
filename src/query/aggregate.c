/* sum, avg, topk ... by labels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "query/inside.h"

/* What is known of a group at a step so far. */
struct fold {
    double count, value, squares;
};

static void fold_avg(struct fold *f, double value)
{
    /* An infinite mean stays so, unless its opposite or a NaN comes. */
    if (isinf(f->value) && (isinf(value) ? (f->value > 0) == (value > 0) : !isnan(value)))
        return;
    f->value += value / f->count - f->value / f->count;
}

/* B. P. Welford, Technometrics 4, 1962. */
static void fold_variance(struct fold *f, double value)
{
    double off = value - f->value;

    f->value += off / f->count;
    f->squares += off * (value - f->value);
}

static void fold(struct fold *f, enum query_aggregation how, double value)
{
    bool first = f->count++ == 0;

    switch (how) {
    case AGGREGATE_SUM: f->value += value; break;
    case AGGREGATE_AVG:
        if (first)
            f->value = value;
        else
            fold_avg(f, value);
        break;
    case AGGREGATE_MIN:
        if (first || f->value > value || isnan(f->value))
            f->value = value;
        break;
    case AGGREGATE_MAX:
        if (first || f->value < value || isnan(f->value))
            f->value = value;
        break;
    case AGGREGATE_STDDEV:
    case AGGREGATE_STDVAR: fold_variance(f, value); break;
    default: /* the count is all */ break;
    }
}

static double folded(const struct fold *f, enum query_aggregation how)
{
    switch (how) {
    case AGGREGATE_COUNT: return f->count;
    case AGGREGATE_GROUP: return 1;
    case AGGREGATE_STDVAR: return f->squares / f->count;
    case AGGREGATE_STDDEV: return sqrt(f->squares / f->count);
    default: return f->value;
    }
}

/* Lines by group: those of group g are members[first[g]] up to members[first[g + 1]], in their
 * order. */
struct groups {
    uint32_t count;
    uint32_t *first, *members;
};

static bool find_groups(struct query_run *r, const struct query_value *v,
                        const struct query_names *kept, struct groups *ret)
{
    uint32_t *group = query_take(r, v->count, sizeof(*group));

    if (!group || !query_number(r, v->lines, v->count, kept, group, &ret->count))
        return false;
    ret->first = query_take(r, (size_t)ret->count + 2, sizeof(*ret->first));
    ret->members = query_take(r, v->count, sizeof(*ret->members));
    if (!ret->first || !ret->members)
        return false;
    /* Group g's place stands at g + 1 until it is filled: then it has moved to the group's end,
     * where g + 1 begins. */
    for (size_t i = 0; i < v->count; i++)
        ret->first[group[i] + 2]++;
    for (uint32_t g = 3; g < ret->count + 2; g++)
        ret->first[g] += ret->first[g - 1];
    for (size_t i = 0; i < v->count; i++)
        ret->members[ret->first[group[i] + 1]++] = (uint32_t)i;
    return true;
}

/* A line of a group, whose values are to be filled in. */
static struct query_line *take_line(struct query_run *r, const struct query_value *v,
                                    const struct groups *g, uint32_t group,
                                    const struct query_names *kept, struct query_value *ret)
{
    struct query_line *line = &ret->lines[ret->count++];

    line->labels = v->lines[g->members[g->first[group]]].labels;
    line->values = query_take_values(r);
    return line->values && query_labels_keep(r, &line->labels, kept) ? line : NULL;
}

static bool eval_folds(struct query_run *r, const struct query_aggregate *a,
                       const struct query_value *v, const struct groups *g, struct query_value *ret)
{
    struct fold *folds = query_take(r, r->steps, sizeof(*folds));

    for (uint32_t group = 0; folds && group < g->count; group++) {
        struct query_line *line = take_line(r, v, g, group, &a->kept, ret);

        if (!line || !query_work(r, (g->first[group + 1] - g->first[group] + 1) * r->steps))
            return false;
        memset(folds, 0, r->steps * sizeof(*folds));
        for (uint32_t m = g->first[group]; m < g->first[group + 1]; m++)
            for (size_t k = 0; k < r->steps; k++)
                if (!query_is_absent(v->lines[g->members[m]].values[k]))
                    fold(&folds[k], a->how, v->lines[g->members[m]].values[k]);
        for (size_t k = 0; k < r->steps; k++)
            if (folds[k].count > 0)
                line->values[k] = folded(&folds[k], a->how);
    }
    return folds != NULL;
}

static bool eval_quantiles(struct query_run *r, const struct query_aggregate *a,
                           const struct query_value *v, const struct groups *g,
                           const double *params, struct query_value *ret)
{
    double *values = query_take(r, v->count, sizeof(*values));

    for (uint32_t group = 0; values && group < g->count; group++) {
        struct query_line *line = take_line(r, v, g, group, &a->kept, ret);

        if (!line || !query_work(r, QUERY_SORT_WORK * (g->first[group + 1] - g->first[group] + 1) *
                                        r->steps))
            return false;
        for (size_t k = 0; k < r->steps; k++) {
            size_t count = 0;

            for (uint32_t m = g->first[group]; m < g->first[group + 1]; m++)
                if (!query_is_absent(v->lines[g->members[m]].values[k]))
                    values[count++] = v->lines[g->members[m]].values[k];
            if (count > 0)
                line->values[k] = query_quantile(params[k], values, count);
        }
    }
    return values != NULL;
}

/* --- topk and bottomk --------------------------------------------------------------------- */

struct candidate {
    double value;
    uint32_t line;
};

/* NaN is behind all numbers; of equals the earlier line is first. */
static int largest_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (isnan(x->value) != isnan(y->value))
        return isnan(x->value) - isnan(y->value);
    if (x->value != y->value && !isnan(x->value))
        return x->value < y->value ? 1 : -1;
    return (x->line > y->line) - (x->line < y->line);
}

static int smallest_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    struct candidate minus_x = { -x->value, x->line }, minus_y = { -y->value, y->line };

    return largest_first(&minus_x, &minus_y);
}

/* The members of a group at a step, the chosen ones in front. */
static size_t rank(const struct query_value *v, const struct groups *g, uint32_t group, size_t step,
                   enum query_aggregation how, struct candidate *ret)
{
    size_t count = 0;

    for (uint32_t m = g->first[group]; m < g->first[group + 1]; m++) {
        uint32_t line = g->members[m];

        if (!query_is_absent(v->lines[line].values[step]))
            ret[count++] = (struct candidate){ v->lines[line].values[step], line };
    }
    if (count > 1)
        qsort(ret, count, sizeof(*ret), how == AGGREGATE_TOPK ? largest_first : smallest_first);
    return count;
}

static bool number_chosen(struct query_run *r, double param, size_t *ret)
{
    if (!(param > -9223372036854775808.0 && param < 9223372036854775808.0))
        return query_fail(r, QUERY_EXECUTION, "Scalar value %g overflows int64", param);
    *ret = param < 1 ? 0 : param > 1e9 ? (size_t)1e9 : (size_t)param;
    return true;
}

/* What is not chosen loses its value; an instant answer stands in the order of its values. */
static bool eval_chosen(struct query_run *r, const struct query_aggregate *a,
                        const struct query_value *v, const struct groups *g, const double *params,
                        struct query_value *ret)
{
    struct candidate *ranked = query_take(r, v->count, sizeof(*ranked));

    if (!ranked)
        return false;
    for (uint32_t group = 0; group < g->count; group++)
        for (size_t k = 0; k < r->steps; k++) {
            size_t chosen = 0, count = rank(v, g, group, k, a->how, ranked);

            if (!number_chosen(r, params[k], &chosen) ||
                !query_work(r, QUERY_SORT_WORK * (count + 1)))
                return false;
            for (size_t i = chosen; i < count; i++)
                v->lines[ranked[i].line].values[k] = query_absent();
            for (size_t i = 0; r->steps == 1 && i < count && i < chosen; i++)
                ret->lines[ret->count++] = v->lines[ranked[i].line];
        }
    if (r->steps > 1)
        *ret = *v;
    return true;
}

/* Those that have a parameter. */
static bool eval_by_param(struct query_run *r, const struct query_aggregate *a,
                          const struct query_value *v, const struct groups *g,
                          struct query_value *ret)
{
    struct query_value param;

    if (!query_eval(r, a->param, &param))
        return false;
    return a->how == AGGREGATE_QUANTILE ? eval_quantiles(r, a, v, g, param.lines[0].values, ret)
                                        : eval_chosen(r, a, v, g, param.lines[0].values, ret);
}

bool query_eval_aggregate(struct query_run *r, const struct query_node *n, struct query_value *ret)
{
    const struct query_aggregate *a = &n->aggregate;
    struct query_value v;
    struct groups g = { 0 };

    if (!query_eval(r, n->arguments[0], &v) || !find_groups(r, &v, &a->kept, &g))
        return false;
    ret->count = 0;
    ret->lines = query_take(r, v.count, sizeof(*ret->lines));
    if (!ret->lines)
        return false;
    return a->param ? eval_by_param(r, a, &v, &g, ret) : eval_folds(r, a, &v, &g, ret);
}
