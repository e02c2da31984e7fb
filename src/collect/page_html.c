#include "collect/page_html.h"

#include <stdio.h>

#include "base/time.h"
#include "base/utf8.h"
#include "json/write.h"

#define TYPE_HTML "text/html;charset=utf-8"
#define TYPE_JSON "application/json"

/* --- Text ---------------------------------------------------------------------------------------- */

/* Characters that reorder or hide others: they could make a name look like another one. */
static bool is_invisible(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

void html_text(struct buffer *out, const char *text)
{
    struct span rest = span_of(text);
    uint32_t c;

    while (rest.len > 0) {
        const char *from = rest.at;
        bool valid = utf8_next(&rest, &c);

        if (!valid)
            buffer_text(out, UTF8_REPLACEMENT);
        else if (is_invisible(c))
            buffer_printf(out, "\\u{%x}", c);
        else if (c < 0x80 && strchr("<>&\"'", (int)c))
            buffer_printf(out, "&#%u;", c);
        else
            buffer_append(out, from, (size_t)(rest.at - from));
    }
}

/* --- Pages --------------------------------------------------------------------------------------- */

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<link rel=\"icon\" href=\"data:,\">\n"
    "<style>\n"
    ":root { color-scheme: light dark; }\n"
    "body { font-family: sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "th, td { border-bottom: 1px solid #8884; padding: .2em .5em; text-align: left; }\n"
    "td:last-child { overflow-wrap: anywhere; }\n"
    ".number { font-variant-numeric: tabular-nums; text-align: right; }\n"
    "</style>\n<title>";

void html_page_begin(struct http_answer *ret, const char *title)
{
    ret->status = 200;
    ret->type = TYPE_HTML;
    ret->policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
                  "form-action 'none'; frame-ancestors 'none'";
    buffer_text(&ret->body, head);
    html_text(&ret->body, title);
    buffer_text(&ret->body, "</title>\n</head>\n<body>\n<h1>");
    html_text(&ret->body, title);
    buffer_text(&ret->body, "</h1>\n");
}

void html_page_end(struct http_answer *ret)
{
    buffer_text(&ret->body, "</body>\n</html>\n");
}

bool page_wants_json(const struct http_call *call)
{
    bool named;
    unsigned json = http_quality(call, TYPE_JSON, &named);
    unsigned html = http_quality(call, "text/html", NULL);

    return !http_header(call, "Accept") || (json && (named ? json >= html : !html));
}

/* --- Nodes --------------------------------------------------------------------------------------- */

static void list_json(const struct collector_nodes *nodes, struct http_answer *ret)
{
    struct json_writer w;

    ret->status = 200;
    ret->type = TYPE_JSON;
    json_writer_init(&w, &ret->body, false);
    json_begin_object(&w);
    for (size_t i = 0; i < nodes->count; i++) {
        char path[NODE_NAME_ROOM + 1];

        if (!nodes->at[i]->is_connected)
            continue;
        json_key(&w, nodes->at[i]->name);
        snprintf(path, sizeof(path), "/%s", nodes->at[i]->slug);
        json_cstring(&w, path);
    }
    json_end(&w);
    buffer_char(&ret->body, '\n');
}

static void put_links(const struct collector_nodes *nodes, struct buffer *out)
{
    bool any = false;

    for (size_t i = 0; i < nodes->count; i++) {
        if (!nodes->at[i]->is_connected)
            continue;
        buffer_printf(out, "%s<li><a href=\"/%s\"><bdi>", any ? "" : "<ul>\n", nodes->at[i]->slug);
        html_text(out, nodes->at[i]->name);
        buffer_text(out, "</bdi></a></li>\n");
        any = true;
    }
    buffer_text(out, any ? "</ul>\n" : "<p>There are no connected nodes yet.</p>\n");
}

void page_node_list(const struct collector_view *view, const struct http_call *call,
                    const char *title, struct http_answer *ret)
{
    if (page_wants_json(call)) {
        list_json(view->nodes, ret);
        return;
    }
    html_page_begin(ret, title);
    put_links(view->nodes, &ret->body);
    html_page_end(ret);
}

const struct collector_node *page_node(const struct collector_view *view,
                                       const struct http_call *call, struct http_answer *ret)
{
    struct span slug = { call->path + 1, strcspn(call->path + 1, "/") };
    const struct collector_node *node = nodes_by_slug(view->nodes, slug);
    char when[TIME_ISO_ROOM];

    if (node && node->is_connected)
        return node;
    if (!node) {
        http_say(ret, 404, "Not found: \"%.*s\"\n", (int)slug.len, slug.at);
        return NULL;
    }
    time_format_iso(node->disconnected_ns, when);
    http_say(ret, 404, "Not found: \"%.*s\"\nThe connection with it ended at %s: %s\n",
             (int)slug.len, slug.at, when, node->why_gone);
    return NULL;
}
