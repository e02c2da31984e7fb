/* From what a source offers to what a selector asks for. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/inside.h"

struct query_search {
    struct query_run *run;
    const struct query_matcher *matchers;
    int64_t from_ms, to_ms;
    struct query_found found;
    size_t cap;
};

struct arena *query_search_memory(struct query_search *search)
{
    return search->run->memory;
}

int64_t query_search_from_ms(const struct query_search *search)
{
    return search->from_ms;
}

int64_t query_search_to_ms(const struct query_search *search)
{
    return search->to_ms;
}

bool query_search_wants_samples(const struct query_search *search)
{
    return !search->run->names_only;
}

bool query_search_work(struct query_search *search, uint64_t samples)
{
    return query_work(search->run, samples);
}

bool query_search_fail(struct query_search *search, enum query_fault fault, const char *format, ...)
{
    struct ou_error what;
    va_list args;

    va_start(args, format);
    vsnprintf(what.text, sizeof(what.text), format, args);
    va_end(args);
    return query_fail(search->run, fault, "%s", what.text);
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

bool query_search_may(struct query_search *search, const char *label, const char *value)
{
    for (const struct query_matcher *m = search->matchers; m; m = m->next)
        if (strcmp(m->label, label) == 0 && !matches(search->run, m, value))
            return false;
    return true;
}

static bool add(struct query_search *s, struct query_labels labels, size_t series)
{
    struct query_label *kept = query_take(s->run, labels.count, sizeof(*kept));

    if (!kept)
        return false;
    if (s->found.count == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 64;
        struct query_series *moved = query_take(s->run, cap, sizeof(*moved));

        if (!moved)
            return false;
        if (s->found.count)
            memcpy(moved, s->found.at, s->found.count * sizeof(*moved));
        s->found.at = moved;
        s->cap = cap;
    }
    if (labels.count)
        memcpy(kept, labels.at, labels.count * sizeof(*kept));
    s->found.at[s->found.count++] = (struct query_series){ { kept, labels.count }, series };
    return true;
}

bool query_offer(struct query_search *search, struct query_labels labels, size_t series)
{
    if (!query_work(search->run, 1))
        return false;
    for (const struct query_matcher *m = search->matchers; m; m = m->next)
        if (!matches(search->run, m, query_label_value(labels, m->label)))
            return true;
    return add(search, labels, series);
}

static int by_labels(const void *a, const void *b)
{
    return query_labels_order(((const struct query_series *)a)->labels,
                              ((const struct query_series *)b)->labels);
}

bool query_eval_select(struct query_run *r, const struct query_matcher *matchers, int64_t from_ms,
                       int64_t to_ms, struct query_found *ret)
{
    struct query_search search = {
        .run = r, .matchers = matchers, .from_ms = from_ms, .to_ms = to_ms
    };

    if (!r->source->select(r->source, &search) || r->fault)
        return false;
    *ret = search.found;
    if (ret->count)
        qsort(ret->at, ret->count, sizeof(*ret->at), by_labels);
    return query_work(r, ret->count);
}
