/* What the HTML pages share. Loop thread. */
#ifndef OU_COLLECT_PAGE_HTML_H
#define OU_COLLECT_PAGE_HTML_H

#include "collect/pages.h"

/* Foreign text, for the content of an element or a quoted attribute: what would be markup is escaped, characters that
 * hide or reorder others are shown as \u{...}, bytes that are no UTF-8 as U+FFFD. */
void html_text(struct buffer *out, const char *text);

/* A plain page: from the doctype to the heading, and its end. The answer gets the type and a policy by which the page can
 * neither load anything nor run code. */
void html_page_begin(struct http_answer *ret, const char *title);
void html_page_end(struct http_answer *ret);

/* Whether the client would rather have JSON than HTML, as cardano-tracer sees it: JSON is named, or nothing is said. */
bool page_wants_json(const struct http_call *call);

/* The connected nodes: {"NAME":"/SLUG",...}, or a page with links to them. */
void page_node_list(const struct collector_view *view, const struct http_call *call,
                    const char *title, struct http_answer *ret);

/* The connected node that the path begins with ("/SLUG", "/SLUG/anything"); NULL, and the answer is a 404 that says
 * what was not found. */
const struct collector_node *page_node(const struct collector_view *view,
                                       const struct http_call *call, struct http_answer *ret);

#endif
