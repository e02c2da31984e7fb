/* Operators between two sides. */
#include <math.h>
#include <string.h>

#include "query/inside.h"

#define NONE UINT32_MAX

/* What an operator makes of two values; ABSENT: a comparison does not hold, and filters. kept:
 * what a filter lets through. */
static double apply(const struct query_binary *b, double x, double y, double kept)
{
    bool holds;

    switch (b->op) {
    case OPERATOR_ADD: return x + y;
    case OPERATOR_SUB: return x - y;
    case OPERATOR_MUL: return x * y;
    case OPERATOR_DIV: return x / y;
    case OPERATOR_MOD: return fmod(x, y);
    case OPERATOR_POW: return pow(x, y);
    case OPERATOR_EQUAL: holds = x == y; break;
    case OPERATOR_UNEQUAL: holds = x != y; break;
    case OPERATOR_LESS: holds = x < y; break;
    case OPERATOR_LESS_EQUAL: holds = x <= y; break;
    case OPERATOR_MORE: holds = x > y; break;
    default: /* OPERATOR_MORE_EQUAL: sets do not come here */ holds = x >= y; break;
    }
    return b->returns_bool ? holds : holds ? kept : query_absent();
}

static bool drops_name(const struct query_binary *b)
{
    return !is_comparison(b->op) || b->returns_bool;
}

/* --- With a scalar ------------------------------------------------------------------------ */

static bool with_scalar(struct query_run *r, const struct query_binary *b,
                        struct query_value *vector, const double *scalars, bool scalar_is_left)
{
    if (!query_work(r, vector->count * r->steps))
        return false;
    for (size_t i = 0; i < vector->count; i++) {
        double *values = vector->lines[i].values;

        if (drops_name(b) && !query_labels_keep(r, &vector->lines[i].labels, &query_no_name))
            return false;
        for (size_t k = 0; k < r->steps; k++)
            if (!query_is_absent(values[k]))
                values[k] = scalar_is_left ? apply(b, scalars[k], values[k], values[k])
                                           : apply(b, values[k], scalars[k], values[k]);
    }
    return query_merge(r, vector, false);
}

/* --- Between vectors ---------------------------------------------------------------------- */

/* Elements by the labels that they are matched by: those of both sides are numbered together. */
struct sides {
    struct query_value *many, *one; /* of a set operator: left and right */
    uint32_t *many_group, *one_group, groups;
    uint32_t *present; /* by group: the line of `one` at this step; NONE */
    uint32_t *taken;   /* by group: the step + 1 at which an element of `many` was matched last */
};

static bool number_sides(struct query_run *r, const struct query_names *labels, struct sides *s)
{
    size_t count = s->many->count + s->one->count;
    struct query_line *all = query_take(r, count, sizeof(*all));
    uint32_t *group = query_take(r, count, sizeof(*group));

    if (!all || !group)
        return false;
    if (s->many->count)
        memcpy(all, s->many->lines, s->many->count * sizeof(*all));
    if (s->one->count)
        memcpy(all + s->many->count, s->one->lines, s->one->count * sizeof(*all));
    s->many_group = group;
    s->one_group = group + s->many->count;
    if (!query_number(r, all, count, labels, group, &s->groups))
        return false;
    s->present = query_take(r, s->groups, sizeof(*s->present));
    s->taken = query_take(r, s->groups, sizeof(*s->taken));
    return s->present && s->taken;
}

static bool refuse_doubles(struct query_run *r, const struct query_binary *b, const struct sides *s,
                           size_t first, size_t second)
{
    char group[QUERY_LABELS_ROOM], a[QUERY_LABELS_ROOM], c[QUERY_LABELS_ROOM];

    query_labels_format(s->one->lines[second].labels, &b->labels, group);
    query_labels_format(s->one->lines[second].labels, &query_all_names, a);
    query_labels_format(s->one->lines[first].labels, &query_all_names, c);
    return query_fail(
        r, QUERY_EXECUTION,
        "found duplicate series for the match group %s on the %s hand-side of the "
        "operation: [%s, %s];many-to-many matching not allowed: matching labels must be "
        "unique on one side",
        group, b->cardinality == MATCH_ONE_TO_MANY ? "left" : "right", a, c);
}

/* Which lines of the one side have a value at a step. False: two in a group do. */
static bool find_present(struct query_run *r, const struct query_binary *b, struct sides *s,
                         size_t step)
{
    memset(s->present, 0xff, sizeof(*s->present) * s->groups);
    for (size_t i = 0; i < s->one->count; i++) {
        uint32_t *present = &s->present[s->one_group[i]];

        if (query_is_absent(s->one->lines[i].values[step]))
            continue;
        if (*present != NONE && !is_set_operator(b->op))
            return refuse_doubles(r, b, s, *present, i);
        *present = (uint32_t)i;
    }
    return true;
}

static bool any_at(const struct query_value *v, size_t step)
{
    for (size_t i = 0; i < v->count; i++)
        if (!query_is_absent(v->lines[i].values[step]))
            return true;
    return false;
}

/* With labels from the one side, what a line of the many side becomes depends on its partner, which may be another one at
 * another step: a part of the result for each. */
struct part {
    struct query_line line;
    uint32_t one;  /* the partner's line */
    uint32_t next; /* of the same line of the many side, + 1; 0: none */
};

struct parts {
    struct part *at;
    size_t count, cap;
    uint32_t *first; /* by line of the many side: its parts, + 1 */
};

/* The labels of a result: those of the many side that are not matched by, or all but the name. */
static bool result_labels(struct query_run *r, const struct query_binary *b,
                          struct query_labels *labels)
{
    const struct query_names unmatched = { !b->is_on, b->listed.at, b->listed.count };

    if (drops_name(b) && !query_labels_keep(r, labels, &query_no_name))
        return false;
    return b->cardinality != MATCH_ONE_TO_ONE || query_labels_keep(r, labels, &unmatched);
}

static struct part *new_part(struct query_run *r, const struct query_binary *b, struct sides *s,
                             struct parts *p, size_t many, uint32_t one)
{
    struct part *part;

    if (p->count == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 64;
        struct part *moved = query_take(r, cap, sizeof(*moved));

        if (!moved)
            return NULL;
        if (p->count)
            memcpy(moved, p->at, p->count * sizeof(*moved));
        p->at = moved;
        p->cap = cap;
    }
    part = &p->at[p->count];
    *part =
        (struct part){ { s->many->lines[many].labels, query_take_values(r) }, one, p->first[many] };
    if (!part->line.values || !result_labels(r, b, &part->line.labels))
        return NULL;
    for (size_t i = 0; i < b->taken.count; i++)
        if (!query_labels_set(r, &part->line.labels, b->taken.at[i],
                              query_label_value(s->one->lines[one].labels, b->taken.at[i])))
            return NULL;
    p->first[many] = (uint32_t)++p->count;
    return part;
}

/* The part of a line for a partner; NULL: failed. */
static struct part *part_for(struct query_run *r, const struct query_binary *b, struct sides *s,
                             struct parts *p, size_t many, uint32_t one)
{
    for (uint32_t i = p->first[many]; i; i = p->at[i - 1].next)
        if (p->at[i - 1].one == one)
            return &p->at[i - 1];
    return new_part(r, b, s, p, many, one);
}

/* Line i of the many side at a step becomes the result: in its place, or in a part. */
static bool match_one(struct query_run *r, const struct query_binary *b, struct sides *s,
                      struct parts *parts, size_t i, size_t step)
{
    uint32_t group = s->many_group[i], other = s->present[group];
    double *value = &s->many->lines[i].values[step], theirs, result;
    struct part *part;

    if (query_is_absent(*value))
        return true;
    if (other == NONE) {
        *value = query_absent();
        return true;
    }
    theirs = s->one->lines[other].values[step];
    result = b->cardinality == MATCH_ONE_TO_MANY ? apply(b, theirs, *value, theirs)
                                                 : apply(b, *value, theirs, *value);
    *value = result;
    if (query_is_absent(result))
        return true;
    if (b->taken.count) {
        part = part_for(r, b, s, parts, i, other);
        if (part)
            part->line.values[step] = result;
        return part != NULL;
    }
    if (b->cardinality != MATCH_ONE_TO_ONE)
        return true;
    if (s->taken[group] == step + 1)
        return query_fail(r, QUERY_EXECUTION,
                          "multiple matches for labels: many-to-one matching must be explicit "
                          "(group_left/group_right)");
    s->taken[group] = (uint32_t)step + 1;
    return true;
}

static bool match_steps(struct query_run *r, const struct query_binary *b, struct sides *s,
                        struct parts *parts)
{
    for (size_t k = 0; k < r->steps; k++) {
        if (!query_work(r, s->many->count + s->one->count + s->groups / 8))
            return false;
        if (!any_at(s->many, k))
            continue; /* and what stands on the other side is not looked at: as Prometheus does */
        if (!find_present(r, b, s, k))
            return false;
        for (size_t i = 0; i < s->many->count; i++)
            if (!match_one(r, b, s, parts, i, k))
                return false;
    }
    return true;
}

static bool take_parts(struct query_run *r, const struct parts *p, struct query_value *ret)
{
    ret->lines = query_take(r, p->count, sizeof(*ret->lines));
    ret->count = ret->lines ? p->count : 0;
    for (size_t i = 0; i < ret->count; i++)
        ret->lines[i] = p->at[i].line;
    return ret->lines != NULL;
}

static bool match_sides(struct query_run *r, const struct query_binary *b, struct sides *s)
{
    struct parts parts = { 0 };

    if (b->taken.count && !(parts.first = query_take(r, s->many->count, sizeof(*parts.first))))
        return false;
    if (!match_steps(r, b, s, &parts))
        return false;
    if (b->taken.count)
        return take_parts(r, &parts, s->many) && query_merge(r, s->many, false);
    for (size_t i = 0; i < s->many->count; i++)
        if (!result_labels(r, b, &s->many->lines[i].labels))
            return false;
    return query_merge(r, s->many, false);
}

/* --- Sets --------------------------------------------------------------------------------- */

/* Of the many side stays what has (or what has no) element of the other side beside it. */
static bool filter(struct query_run *r, const struct query_binary *b, struct sides *s, bool beside)
{
    for (size_t k = 0; k < r->steps; k++) {
        if (!query_work(r, s->many->count + s->one->count + s->groups / 8) ||
            !find_present(r, b, s, k))
            return false;
        for (size_t i = 0; i < s->many->count; i++)
            if ((s->present[s->many_group[i]] != NONE) != beside)
                s->many->lines[i].values[k] = query_absent();
    }
    return true;
}

/* All of the left, and of the right what has no counterpart there. */
static bool unite(struct query_run *r, const struct query_binary *b, struct query_value *left,
                  struct query_value *right, struct query_value *ret)
{
    struct sides s = { .many = right, .one = left };
    size_t count = left->count + right->count;

    ret->lines = query_take(r, count, sizeof(*ret->lines));
    if (!ret->lines || !number_sides(r, &b->labels, &s) || !filter(r, b, &s, false))
        return false;
    if (left->count)
        memcpy(ret->lines, left->lines, left->count * sizeof(*ret->lines));
    if (right->count)
        memcpy(ret->lines + left->count, right->lines, right->count * sizeof(*ret->lines));
    ret->count = count;
    return query_merge(r, ret, false);
}

/* --- Both --------------------------------------------------------------------------------- */

static bool between_vectors(struct query_run *r, const struct query_binary *b,
                            struct query_value *left, struct query_value *right,
                            struct query_value *ret)
{
    bool swaps = b->cardinality == MATCH_ONE_TO_MANY;
    struct sides s = { .many = swaps ? right : left, .one = swaps ? left : right };

    if (b->op == OPERATOR_OR)
        return unite(r, b, left, right, ret);
    if (!number_sides(r, &b->labels, &s))
        return false;
    if (is_set_operator(b->op) ? !filter(r, b, &s, b->op == OPERATOR_AND) : !match_sides(r, b, &s))
        return false;
    *ret = *s.many;
    return true;
}

bool query_eval_binary(struct query_run *r, const struct query_node *n, struct query_value *ret)
{
    const struct query_binary *b = &n->binary;
    bool left_is_scalar = n->arguments[0]->type == QUERY_SCALAR;
    bool right_is_scalar = n->arguments[1]->type == QUERY_SCALAR;
    struct query_value left, right;

    if (!query_eval(r, n->arguments[0], &left) || !query_eval(r, n->arguments[1], &right))
        return false;
    if (!left_is_scalar && !right_is_scalar)
        return between_vectors(r, b, &left, &right, ret);
    *ret = right_is_scalar ? left : right;
    return with_scalar(r, b, ret, right_is_scalar ? right.lines[0].values : left.lines[0].values,
                       !right_is_scalar);
}
