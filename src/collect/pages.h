/* What the collector's pages are made of, and who answers which path. Loop thread. */
#ifndef OU_COLLECT_PAGES_H
#define OU_COLLECT_PAGES_H

#include "collect/config.h"
#include "collect/history.h"
#include "collect/node.h"
#include "http/server.h"

/* The collector as pages see it. */
struct collector_view {
    const struct collector_config *config;
    struct collector_nodes *nodes;
    struct history *history;      /* NULL: none is kept */
    int64_t started_ns;           /* wall clock */
    uint64_t refused_connections; /* wrong magic, garbage, too many */
};

/* Each takes a struct collector_view as its context and answers all paths of its endpoint. */
http_handler
    prometheus_pages; /* hasPrometheus: /, /targets, /metrics (all nodes, with the label node_name), /SLUG; and /api/v1/... */
http_handler ekg_pages;        /* hasEKG: /, /SLUG */
http_handler timeseries_pages; /* hasTimeseries: /timeseries/..., and /api/v1/... */
http_handler live_pages;       /* hasRTView: the live page, /live.json; and /api/v1/... */

/* The query API of Prometheus below /api/v1, /-/healthy and /-/ready: false when the path is not its own. */
bool query_pages_answer(const struct collector_view *view, const struct http_call *call,
                        struct http_answer *ret);
/* An instant query by the arguments query, time and timeout. parse_type: errorType of a text
 * that means nothing. */
void query_instant_answer(const struct collector_view *view, const struct http_call *call,
                          const char *parse_type, struct http_answer *ret);

#endif
