/* Samples in memory as a source, for tests of the language. Series have the labels __name__ and node_name, or any. */
#ifndef OU_QUERY_SOURCE_TEST_H
#define OU_QUERY_SOURCE_TEST_H

#include <stdlib.h>
#include <string.h>

#include "query/query.h"
#include "support/test.h"

struct samples_series {
    struct query_labels labels;
    struct query_point *points;
    size_t count, cap;
};

struct samples {
    struct query_source source;
    struct arena memory; /* of labels */
    struct samples_series *series;
    size_t count;
};

static inline bool samples_select(const struct query_source *source, struct query_search *search)
{
    const struct samples *s = (const struct samples *)source;

    for (size_t i = 0; i < s->count; i++)
        if (!query_offer(search, s->series[i].labels, i))
            return false;
    return true;
}

static inline void samples_walk(const struct query_source *source, size_t series, int64_t from_ms,
                                int64_t to_ms,
                                bool (*each)(void *context, int64_t at_ms, double value),
                                void *context)
{
    const struct samples_series *s = &((const struct samples *)source)->series[series];

    for (size_t i = 0; i < s->count; i++)
        if (s->points[i].at_ms >= from_ms && s->points[i].at_ms <= to_ms &&
            !each(context, s->points[i].at_ms, s->points[i].value))
            return;
}

static inline struct samples *samples_new(void)
{
    struct samples *s = calloc(1, sizeof(*s));

    assert_non_null(s);
    arena_init(&s->memory, allocator_libc(), 1 << 24);
    s->source = (struct query_source){ .select = samples_select,
                                       .walk = samples_walk,
                                       .lookback_ms = QUERY_LOOKBACK_MS,
                                       .timeout_ns = QUERY_TIMEOUT_NS };
    return s;
}

static inline void samples_free(struct samples *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->series[i].points);
    free(s->series);
    arena_release(&s->memory);
    free(s);
}

static inline struct samples_series *samples_series(struct samples *s, struct query_labels labels)
{
    struct query_label *kept;

    for (size_t i = s->count; i-- > 0;) /* mostly the one that was asked for before */
        if (query_labels_order(s->series[i].labels, labels) == 0)
            return &s->series[i];
    s->series = realloc(s->series, (s->count + 1) * sizeof(*s->series));
    kept = arena_take(&s->memory, (labels.count + 1) * sizeof(*kept), _Alignof(struct query_label));
    assert_true(s->series && kept);
    for (size_t i = 0; i < labels.count; i++) {
        kept[i].name = arena_copy(&s->memory, labels.at[i].name, strlen(labels.at[i].name));
        kept[i].value = arena_copy(&s->memory, labels.at[i].value, strlen(labels.at[i].value));
    }
    s->series[s->count] = (struct samples_series){ .labels = { kept, labels.count } };
    return &s->series[s->count++];
}

/* Labels in the order of their names. */
static inline void samples_put_labelled(struct samples *s, struct query_labels labels,
                                        int64_t at_ms, double value)
{
    struct samples_series *series = samples_series(s, labels);

    if (series->count == series->cap) {
        series->cap = series->cap ? series->cap * 2 : 64;
        series->points = realloc(series->points, series->cap * sizeof(*series->points));
        assert_non_null(series->points);
    }
    series->points[series->count++] = (struct query_point){ at_ms, value };
}

static inline void samples_put(struct samples *s, const char *name, const char *node, int64_t at_ms,
                               double value)
{
    const struct query_label labels[] = { { QUERY_NAME_LABEL, name }, { "node_name", node } };

    samples_put_labelled(s, (struct query_labels){ labels, 2 }, at_ms, value);
}

#endif
