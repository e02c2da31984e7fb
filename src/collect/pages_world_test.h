/* A collector as its pages see it, made of nodes and metrics of a test's own, and requests to it. */
#ifndef OU_COLLECT_PAGES_WORLD_TEST_H
#define OU_COLLECT_PAGES_WORLD_TEST_H

#include "collect/pages.h"
#include "http/params.h"
#include "support/test.h"

struct pages_world {
    struct collector_config config;
    struct collector_nodes nodes;
    struct collector_view view;
    struct http_answer answer; /* the last one */
};

static inline void world_open(struct pages_world *w)
{
    memset(w, 0, sizeof *w);
    w->view = (struct collector_view){ .config = &w->config,
                                       .nodes = &w->nodes,
                                       .started_ns = INT64_C(1774160692000000000) };
    buffer_init(&w->answer.body, allocator_libc(), HTTP_ANSWER_MAX);
}

static inline void world_close(struct pages_world *w)
{
    nodes_release(&w->nodes);
    buffer_release(&w->answer.body);
}

/* A connected node with an empty store. */
static inline struct collector_node *world_node(struct pages_world *w, const char *name)
{
    struct collector_node *node = nodes_enter(&w->nodes, name, name, 1);

    assert_non_null(node);
    if (!node->metrics)
        node->metrics = metric_store_new();
    assert_non_null(node->metrics);
    return node;
}

/* Gives it a metric, as a reply of one does. text: of a label. */
static inline void world_metric(struct collector_node *node, const char *name, enum ekg_kind kind,
                                int64_t value, const char *text)
{
    const struct ekg_metric m = {
        .name = span_of(name), .kind = kind, .value = value, .text = span_of(text ? text : "")
    };
    struct buffer reply;
    struct ekg_message message;
    const char *why;

    buffer_init(&reply, allocator_libc(), 1 << 20);
    ekg_response_open(&reply, 1);
    ekg_metric_write(&reply, &m);
    ekg_response_close(&reply, 1);
    assert_int_equal(ekg_read(bytes_of(&reply), &message, &why), WIRE_OK);
    assert_int_equal(metric_store_take(node->metrics, message.list, 1, NULL), OU_OK);
    buffer_release(&reply);
}

/* The body of the answer to a GET; headers: name, value, ..., NULL. */
static inline const char *world_ask(struct pages_world *w, http_handler *pages, const char *path,
                                    const char *const *headers)
{
    struct http_params params;
    struct http_call call = { .method = "GET", .path = path, .args = &params };
    struct buffer body = w->answer.body;

    http_params_init(&params);
    for (; headers && *headers; headers += 2)
        assert_int_equal(http_params_header(&params, headers[0], headers[1]), OU_OK);
    buffer_clear(&body);
    w->answer = (struct http_answer){ .body = body };
    pages(&w->view, &call, &w->answer);
    http_params_release(&params);
    assert_int_equal(buffer_status(&w->answer.body), OU_OK);
    return buffer_string(&w->answer.body);
}

#define ACCEPT(type) ((const char *const[]){ "Host", "h:3200", "Accept", type, NULL })

#endif
