/* For Prometheus: a page of metrics for each node, one of all of them, and the list of targets by which Prometheus finds
 * the former. */
#include <stdio.h>

#include "base/time.h"
#include "collect/metric_show.h"
#include "collect/page_html.h"
#include "json/write.h"
#include "query/metric_answer.h"

/* --- Pages of metrics ---------------------------------------------------------------------------- */

/* cardano-tracer gives OpenMetrics where nothing is asked for, too. */
static void answer_metrics(const struct metric_page *page, const struct http_call *call,
                           struct http_answer *ret)
{
    metric_page_answer(page, !http_header(call, "Accept"), call, ret);
}

static void answer_node(const struct collector_view *view, const struct http_call *call,
                        struct http_answer *ret)
{
    const struct collector_node *node = page_node(view, call, ret);
    struct metric_page page;

    if (!node)
        return;
    metric_page_init(&page);
    metric_show_node(&page, view->config, node, false);
    metric_show_clock(&page, time_wall_ns());
    answer_metrics(&page, call, ret);
    metric_page_release(&page);
}

static size_t count_connected(const struct collector_nodes *nodes)
{
    size_t count = 0;

    for (size_t i = 0; i < nodes->count; i++)
        count += nodes->at[i]->is_connected;
    return count;
}

static void answer_all(const struct collector_view *view, const struct http_call *call,
                       struct http_answer *ret)
{
    const size_t count = count_connected(view->nodes);
    struct metric_page page;

    metric_page_init(&page);
    metric_show_own(&page, view);
    for (size_t i = 0; i < view->nodes->count; i++)
        if (view->nodes->at[i]->is_connected) {
            metric_page_share(&page, METRIC_PAGE_SHARED_BYTES / count,
                              METRIC_PAGE_SHARED_NAMES / count);
            metric_show_node(&page, view->config, view->nodes->at[i], true);
        }
    metric_show_left_out(&page);
    answer_metrics(&page, call, ret);
    metric_page_release(&page);
}

/* --- Service discovery --------------------------------------------------------------------------- */

/* What the client called this server: behind a proxy that passes it on, the proxy's name. Of a list the first. */
static struct span host_of(const struct http_call *call)
{
    const char *forwarded = http_header(call, "X-Forwarded-Host");
    const char *host = forwarded ? forwarded : http_header(call, "Host");

    if (!host)
        return (struct span){ 0 };
    return (struct span){ host, strcspn(host, ", ") };
}

static bool is_fixed_label(const char *name)
{
    return strcmp(name, "__metrics_path__") == 0 || strcmp(name, "node_name") == 0;
}

static void put_target(struct json_writer *w, const struct collector_config *config,
                       const struct collector_node *node, struct span host)
{
    char path[NODE_NAME_ROOM + 1];
    const struct name_pairs *labels = &config->prometheus_labels;

    json_begin_object(w);
    json_key(w, "targets");
    json_begin_array(w);
    json_text(w, host);
    json_end(w);
    json_key(w, "labels");
    json_begin_object(w);
    json_key(w, "__metrics_path__");
    snprintf(path, sizeof(path), "/%s", node->slug);
    json_cstring(w, path);
    json_key(w, "node_name");
    json_cstring(w, node->name);
    for (size_t i = 0; i < labels->count; i++) {
        if (is_fixed_label(labels->at[i].name))
            continue;
        json_key(w, labels->at[i].name);
        json_cstring(w, labels->at[i].value);
    }
    json_end(w);
    json_end(w);
}

static void answer_targets(const struct collector_view *view, const struct http_call *call,
                           struct http_answer *ret)
{
    struct span host = host_of(call);
    struct json_writer w;

    if (!http_accepts(call, "application/json", NULL)) {
        http_say(ret, 415, "Unsupported Media Type: the targets come as application/json\n");
        return;
    }
    if (host.len == 0) {
        http_say(ret, 400, "Bad Request: no Host\n");
        return;
    }
    ret->status = 200;
    ret->type = "application/json";
    json_writer_init(&w, &ret->body, false);
    json_begin_array(&w);
    for (size_t i = 0; i < view->nodes->count; i++)
        if (view->nodes->at[i]->is_connected)
            put_target(&w, view->config, view->nodes->at[i], host);
    json_end(&w);
    buffer_char(&ret->body, '\n');
}

/* --- Paths --------------------------------------------------------------------------------------- */

void prometheus_pages(void *context, const struct http_call *call, struct http_answer *ret)
{
    const struct collector_view *view = context;

    if (query_pages_answer(view, call, ret) || !http_allow_get(call, ret))
        return;
    if (strcmp(call->path, "/") == 0)
        page_node_list(view, call, "Prometheus metrics", ret);
    else if (strcmp(call->path, "/targets") == 0)
        answer_targets(view, call, ret);
    else if (strcmp(call->path, "/metrics") == 0)
        answer_all(view, call, ret);
    else
        answer_node(view, call, ret);
}
