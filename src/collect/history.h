/* The last hours of every metric of every node, in memory, compressed. Loop thread.
 *
 * A series is a metric's name (as it is shown: mangled) and the label node_name. Samples come at
 * a step. What is older than the history's length, and what was written to longest ago when the
 * bytes run out, is dropped in chunks; a series without chunks is gone, so that metrics which
 * come and go leave nothing behind. */
#ifndef OU_COLLECT_HISTORY_H
#define OU_COLLECT_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/status.h"
#include "collect/metric_store.h"

struct history;

struct history_stats {
    uint64_t series, samples, bytes;
    uint64_t dropped_samples; /* before their time, because of max_bytes */
    int64_t oldest_ms;        /* wall clock; 0: none */
};

/* max_bytes counts all that grows with samples and series. NULL: no memory. */
struct history *history_new(uint64_t length_ms, uint64_t max_bytes);
struct history *history_new_from(struct allocator *from, uint64_t length_ms, uint64_t max_bytes);
void history_free(struct history *h);
void history_set_length(struct history *h, uint64_t length_ms);
uint64_t history_length_ms(const struct history *h);

/* How often history_take() drops what is too old; 0: only history_prune() does. 60 s at first. */
void history_set_prune_period(struct history *h, uint64_t period_ms);
uint64_t history_prune_period_ms(const struct history *h);

/* A clock that was put back by less is waited for: samples are passed over meanwhile. By more:
 * what the series has from there on is forgotten (it lies in the future, and would keep the
 * series silent until then). */
#define HISTORY_CLOCK_BACK_MS INT64_C(60000)

/* Takes a node's numbers over. Time that runs backwards, or twice the same, is passed over.
 * OU_TOO_LARGE: max_bytes is too small for even one sample; OU_NO_MEMORY: some samples were not
 * kept. */
enum ou_status history_take(struct history *h, const char *node_name, struct metric_store *metrics,
                            int64_t now_ms);
/* One sample of a series of the collector's own, or of a test. OU_INVALID: no name, or texts
 * longer than a store's and a node's. */
enum ou_status history_put(struct history *h, const char *name, const char *node_name,
                           int64_t at_ms, double value);
void history_prune(struct history *h, int64_t now_ms);
struct history_stats history_stats_of(const struct history *h);

/* --- For queries: history_source.h. Series are numbered anew by any of the calls above ------------- */

struct history_series {
    const char *name;      /* of the metric; never empty */
    const char *node_name; /* the label; may be empty */
};

size_t history_series_count(const struct history *h);
const struct history_series *history_series_at(const struct history *h, size_t i);

/* Calls each for the samples of a series with from_ms <= time <= to_ms, in order; false from
 * each ends it. */
void history_walk(const struct history *h, size_t series, int64_t from_ms, int64_t to_ms,
                  bool (*each)(void *context, int64_t at_ms, double value), void *context);

#endif
