/* A page of metrics as the answer to a request. Pure. */
#ifndef OU_QUERY_METRIC_ANSWER_H
#define OU_QUERY_METRIC_ANSWER_H

#include "http/server.h"
#include "query/metric_page.h"

/* In OpenMetrics where the client names it and wants nothing else more, or where `open_metrics` says so. A page that failed is 500. */
void metric_page_answer(const struct metric_page *page, bool open_metrics,
                        const struct http_call *call, struct http_answer *ret);

#endif
