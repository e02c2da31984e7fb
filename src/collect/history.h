/* The last hours of every metric of every node, in memory, compressed. Loop thread.
 *
 * A series is a metric's name (as it is shown: mangled) and labels: node_name, and those of the configuration.
 * Samples come at a step; what is older than the history's length, and the oldest when the bytes run out, is dropped in chunks. */
#ifndef OU_COLLECT_HISTORY_H
#define OU_COLLECT_HISTORY_H

#include "collect/config.h"
#include "collect/node.h"

struct history;

struct history_stats {
    uint64_t series, samples, bytes;
    uint64_t dropped_samples; /* before their time, because of max_bytes */
    int64_t oldest_ms;        /* wall clock; 0: none */
};

struct history *history_new(uint64_t length_ms, uint64_t max_bytes); /* NULL: no memory */
void history_free(struct history *h);
void history_set_length(struct history *h, uint64_t length_ms);
uint64_t history_length_ms(const struct history *h);

/* Takes a node's numbers over. Time that runs backwards, or twice the same, is passed over. */
enum ou_status history_take(struct history *h, const char *node_name, struct metric_store *metrics,
                            int64_t now_ms);
/* One sample of a series of the collector's own, or of a test. */
enum ou_status history_put(struct history *h, const char *name, const char *node_name,
                           int64_t at_ms, double value);
void history_prune(struct history *h, int64_t now_ms);
struct history_stats history_stats_of(const struct history *h);

/* --- For queries: query.h ------------------------------------------------------------------- */

struct history_series {
    const char *name;      /* of the metric */
    const char *node_name; /* the label */
};

size_t history_series_count(const struct history *h);
const struct history_series *history_series_at(const struct history *h, size_t i);

/* Calls each for the samples of a series with from_ms <= time <= to_ms, in order; false from each ends it. */
void history_walk(const struct history *h, size_t series, int64_t from_ms, int64_t to_ms,
                  bool (*each)(void *context, int64_t at_ms, double value), void *context);

#endif
