#include <stdlib.h>
#include <string.h>

#include "collect/query_inside.h"

static const char *value_of(const struct history_series *s, unsigned label)
{
    return label == LABEL_NAME ? s->name : label == LABEL_NODE ? s->node_name : "";
}

static bool matches(struct query_run *r, const struct query_matcher *m, const char *value)
{
    switch (m->match) {
    case MATCH_EQUAL: return strcmp(value, m->value) == 0;
    case MATCH_UNEQUAL: return strcmp(value, m->value) != 0;
    case MATCH_REGEX: return query_regex_matches(m->regex, value, &r->work);
    default: return !query_regex_matches(m->regex, value, &r->work);
    }
}

static bool is_selected(struct query_run *r, const struct query_matcher *matchers,
                        const struct history_series *s)
{
    for (const struct query_matcher *m = matchers; m; m = m->next)
        if (!matches(r, m, value_of(s, m->label)))
            return false;
    return true;
}

static int by_labels(const void *a, const void *b, void *history)
{
    const struct history_series *x = history_series_at(history, *(const size_t *)a);
    const struct history_series *y = history_series_at(history, *(const size_t *)b);
    int order = strcmp(x->name, y->name);

    return order ? order : strcmp(x->node_name, y->node_name);
}

bool query_eval_select(struct query_run *r, const struct query_matcher *matchers,
                       struct query_selection *ret)
{
    size_t count = history_series_count(r->history);
    size_t cap = 0;

    *ret = (struct query_selection){ 0 };
    for (size_t i = 0; i < count; i++) {
        if (!query_work(r, 1))
            return false;
        if (!is_selected(r, matchers, history_series_at(r->history, i)))
            continue;
        if (ret->count == cap) {
            size_t *moved = query_take(r, cap = cap ? cap * 2 : 64, sizeof(*moved));

            if (!moved)
                return false;
            if (ret->count)
                memcpy(moved, ret->series, ret->count * sizeof(*moved));
            ret->series = moved;
        }
        ret->series[ret->count++] = i;
    }
    if (ret->count)
        qsort_r(ret->series, ret->count, sizeof(*ret->series), by_labels, (void *)r->history);
    return query_work(r, ret->count);
}
