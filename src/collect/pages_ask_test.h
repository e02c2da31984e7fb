/* Asking a page in a test, without a server. Included by one test program each. */
#ifndef OU_COLLECT_PAGES_ASK_TEST_H
#define OU_COLLECT_PAGES_ASK_TEST_H

#include <stdio.h>
#include <string.h>

#include "collect/pages.h"
#include "http/params.h"
#include "support/test.h"

#define T0_MS INT64_C(1774153200000)

/* Two nodes, of which the second has not told about itself, and ten minutes of a counter and a
 * gauge. */
struct page_world {
    struct collector_nodes nodes;
    struct collector_view view;
    struct http_answer answer;
};

static inline void page_world_make(struct page_world *w)
{
    static const char *const names[] = { "node-1", "node-2" };

    memset(w, 0, sizeof(*w));
    w->view.nodes = &w->nodes;
    w->view.history = history_new(3600 * 1000, 1 << 20);
    assert_non_null(w->view.history);
    for (size_t n = 0; n < 2; n++) {
        assert_non_null(nodes_enter(&w->nodes, n ? "127.0.0.1:3002" : "127.0.0.1:3001", names[n],
                                    T0_MS * 1000000));
        for (int i = 0; i <= 120; i++) {
            history_put(w->view.history, "slotNum_int", names[n], T0_MS + i * 5000, i);
            history_put(w->view.history, "mem_real", names[n], T0_MS + i * 5000, (double)n + 0.5);
        }
    }
}

static inline void page_world_release(struct page_world *w)
{
    buffer_release(&w->answer.body);
    history_free(w->view.history);
    nodes_release(&w->nodes);
}

/* Returns the body; the status is in w->answer. form: "query=up&time=3". */
static inline const char *page_ask(struct page_world *w, http_handler *handler, const char *method,
                                   const char *path, const char *form)
{
    struct http_params params;

    buffer_release(&w->answer.body);
    w->answer = (struct http_answer){ 0 };
    buffer_init(&w->answer.body, allocator_libc(), HTTP_ANSWER_MAX);
    http_params_init(&params);
    assert_int_equal(http_params_form(&params, span_of(form)), OU_OK);
    handler(&w->view, &(struct http_call){ .method = method, .path = path, .args = &params },
            &w->answer);
    http_params_release(&params);
    assert_int_equal(buffer_status(&w->answer.body), OU_OK);
    return buffer_string(&w->answer.body);
}

#endif
