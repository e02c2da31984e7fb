#include "collect/history_source.h"

static const struct history *history_of(const struct query_source *source)
{
    return ((const struct history_source *)source)->history;
}

static bool select_series(const struct query_source *source, struct query_search *search)
{
    const struct history *h = history_of(source);

    for (size_t i = 0; i < history_series_count(h); i++) {
        const struct history_series *s = history_series_at(h, i);
        const struct query_label labels[] = { { QUERY_NAME_LABEL, s->name },
                                              { "node_name", s->node_name } };

        if (!query_offer(search, (struct query_labels){ labels, *s->node_name ? 2 : 1 }, i))
            return false;
    }
    return true;
}

static void walk(const struct query_source *source, size_t series, int64_t from_ms, int64_t to_ms,
                 bool (*each)(void *context, int64_t at_ms, double value), void *context)
{
    history_walk(history_of(source), series, from_ms, to_ms, each, context);
}

const struct query_source *history_source(struct history_source *ret, const struct history *history)
{
    *ret = (struct history_source){
        .base = { .select = select_series,
                  .walk = walk,
                  .lookback_ms = QUERY_LOOKBACK_MS,
                  .timeout_ns = QUERY_TIMEOUT_NS },
        .history = history,
    };
    return &ret->base;
}
