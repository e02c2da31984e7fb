/* The query API of Prometheus over the history of nodes' metrics. */
#include <string.h>

#include "collect/history_source.h"
#include "collect/metadata_page.h"
#include "collect/pages.h"
#include "query/answer.h"
#include "query/pages.h"

static bool has_history(const struct collector_view *view, struct http_answer *ret)
{
    if (!view->history)
        api_error(ret, 503, "unavailable", "no history is kept: ouroscope.history.minutes is 0");
    return view->history != NULL;
}

void query_instant_answer(const struct collector_view *view, const struct http_call *call,
                          const char *parse_type, struct http_answer *ret)
{
    struct history_source source;

    if (has_history(view, ret))
        query_page_instant(history_source(&source, view->history), parse_type, call, ret);
}

static void answer_api(const struct collector_view *view, const char *path,
                       const struct http_call *call, struct http_answer *ret)
{
    struct history_source source;

    if (strcmp(path, "metadata") == 0)
        metadata_page(view, call, ret);
    else if (!query_page_about(path, ret) && has_history(view, ret) &&
             !query_page(history_source(&source, view->history), path, call, ret))
        api_error(ret, 404, "not_found", "%.100s is not supported", call->path);
}

bool query_pages_answer(const struct collector_view *view, const struct http_call *call,
                        struct http_answer *ret)
{
    static const char prefix[] = "/api/v1/";

    if (strcmp(call->path, "/-/healthy") == 0)
        http_say(ret, 200, "The collector is healthy.\n");
    else if (strcmp(call->path, "/-/ready") == 0)
        http_say(ret, 200, "The collector is ready.\n");
    else if (span_starts(span_of(call->path), prefix))
        answer_api(view, call->path + strlen(prefix), call, ret);
    else
        return false;
    return true;
}
