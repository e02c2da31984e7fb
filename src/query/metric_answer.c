#include "query/metric_answer.h"

#define TYPE_OPENMETRICS "application/openmetrics-text"

static bool wants_open_metrics(const struct http_call *call)
{
    bool named;
    unsigned open = http_quality(call, TYPE_OPENMETRICS, &named);

    return named && open >= http_quality(call, "text/plain", NULL);
}

void metric_page_answer(const struct metric_page *page, bool open_metrics,
                        const struct http_call *call, struct http_answer *ret)
{
    bool open = open_metrics || wants_open_metrics(call);

    ret->status = 200;
    ret->type = open ? TYPE_OPENMETRICS ";version=1.0.0;charset=utf-8"
                     : "text/plain;version=0.0.4;charset=utf-8";
    if (metric_page_write(page, open, &ret->body)) {
        buffer_clear(&ret->body);
        http_say(ret, 500, "the page is too large, or there is no memory for it\n");
    }
}
