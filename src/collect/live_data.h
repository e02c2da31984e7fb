/* What the live page shows, gathered from nodes, their metrics and the history. Loop thread. */
#ifndef OU_COLLECT_LIVE_DATA_H
#define OU_COLLECT_LIVE_DATA_H

#include "collect/pages.h"

#define LIVE_LINES_MAX 1024 /* lines in one answer; each node has its share */

/* The metrics that the page knows by themselves, whatever node they come from. */
enum live_metric { LIVE_HEIGHT, LIVE_SLOT, LIVE_EPOCH, LIVE_MEMORY, LIVE_CPU_TICKS, LIVE_PEERS };
#define LIVE_METRICS (LIVE_PEERS + 1)

struct live_node {
    const struct node_metric *metrics[LIVE_METRICS]; /* NULL: the node does not tell */
    bool has_cpu;
    double cpu_percent; /* of one core; over the last minute of the history */
};

void live_node_of(const struct collector_view *view, const struct collector_node *node,
                  int64_t now_ms, struct live_node *ret);

/* Whether a metric's name is that key, whatever system it is of: case, '.', '-', '_' and blank are one, and a prefix up
 * to one of these and a suffix of the type (_int, .real, _counter) may be there. key: lower case, with '_'. */
bool live_metric_is(const char *name, const char *key);

struct live_totals {
    size_t connected, waiting;
    struct node_counts counts;
};

struct live_totals live_totals_of(const struct collector_nodes *nodes);

/* The document of /live.json, as docs/reference/live-page.md describes it. have: of the lines which the reader has already,
 * "NUMBER:COUNT,..." of nodes; NULL: none. */
void live_json(const struct collector_view *view, const char *have, int64_t now_ns,
               struct buffer *out);

#endif
