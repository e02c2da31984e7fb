/* The page is web/live.html with two holes, filled with what a reader without JavaScript shall see; web/live.js
 * keeps it up to date from /live.json. All that nodes send is shown as text. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "collect/live_data.h"
#include "collect/page_html.h"

/* data/embed.sh makes these of the files in web/. */
extern char live_html[], live_css[], live_js[];

/* Nothing but what this server serves, and no code in the page itself: a node's text that was not escaped would still do nothing. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#define ABSENT "\xe2\x80\x93" /* an en dash */

/* ---- what stands in the holes ---- */

static void put_tile(struct buffer *out, const char *title, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void put_tile(struct buffer *out, const char *title, const char *format, ...)
{
    va_list args;

    buffer_printf(out, "<div><dt>%s</dt><dd>", title);
    va_start(args, format);
    buffer_vprintf(out, format, args);
    va_end(args);
    buffer_text(out, "</dd></div>\n");
}

static void put_totals(struct buffer *out, const struct collector_view *view)
{
    struct live_totals t = live_totals_of(view->nodes);

    put_tile(out, "Nodes connected", "%zu of %zu", t.connected, view->nodes->count);
    put_tile(out, "Objects", "%" PRIu64, t.counts.objects);
    put_tile(out, "Lines written", "%" PRIu64, t.counts.lines);
    put_tile(out, "Lost", "%" PRIu64 " here, %" PRIu64 " there", t.counts.lost_here,
             t.counts.lost_there);
    put_tile(out, "Refused connections", "%" PRIu64, view->refused_connections);
}

static void put_cell(struct buffer *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put_cell(struct buffer *out, const char *format, ...)
{
    va_list args;

    buffer_text(out, "<td class=\"number\">");
    va_start(args, format);
    buffer_vprintf(out, format, args);
    va_end(args);
    buffer_text(out, "</td>");
}

static void put_metric(struct buffer *out, const struct node_metric *m, double unit,
                       const char *unit_name)
{
    if (m)
        put_cell(out, "%.0f%s", m->number / unit, unit_name);
    else
        put_cell(out, ABSENT);
}

static void put_row(struct buffer *out, const struct collector_view *view,
                    const struct collector_node *n, int64_t now_ns)
{
    struct live_node live;

    live_node_of(view, n, now_ns / 1000000, &live);
    buffer_printf(out, "<tr class=\"%s\"><th scope=\"row\"><bdi>", n->is_connected ? "up" : "gone");
    html_text(out, n->name);
    buffer_printf(out, "</bdi></th><td>%s</td>",
                  !n->is_connected ? "gone"
                  : n->is_waiting  ? "waiting"
                                   : "connected");
    put_metric(out, live.metrics[LIVE_HEIGHT], 1, "");
    put_metric(out, live.metrics[LIVE_SLOT], 1, "");
    if (live.has_cpu)
        put_cell(out, "%.1f %%", live.cpu_percent);
    else
        put_cell(out, ABSENT);
    put_metric(out, live.metrics[LIVE_MEMORY], 1 << 20, " MiB");
    put_metric(out, live.metrics[LIVE_PEERS], 1, "");
    put_cell(out, "%" PRIu64, n->counts.objects);
    put_cell(out, "%" PRIu64 " / %" PRIu64, n->counts.lost_here, n->counts.lost_there);
    buffer_text(out, "<td class=\"last\"><bdi>");
    if (!n->is_connected)
        html_text(out, n->why_gone);
    else if (n->line_count > 0)
        html_text(out, n->lines[(n->line_count - 1) % NODE_LAST_LINES].text);
    buffer_text(out, "</bdi></td></tr>\n");
}

/* Text up to a hole, which is cut off; all of it when there is none. */
static struct span up_to(const char **text, const char *hole)
{
    const char *at = strstr(*text, hole);
    struct span ret = { *text, at ? (size_t)(at - *text) : strlen(*text) };

    *text = at ? at + strlen(hole) : *text + ret.len;
    return ret;
}

static void put_page(struct buffer *out, const struct collector_view *view)
{
    int64_t now_ns = time_wall_ns();
    const char *rest = live_html;
    struct span part = up_to(&rest, "<!--totals-->");

    buffer_append(out, part.at, part.len);
    put_totals(out, view);
    part = up_to(&rest, "<!--nodes-->");
    buffer_append(out, part.at, part.len);
    for (size_t i = 0; i < view->nodes->count; i++)
        put_row(out, view, view->nodes->at[i], now_ns);
    buffer_text(out, rest);
}

/* ---- paths ---- */

static void answer_text(struct http_answer *ret, const char *type, const char *text)
{
    ret->status = 200;
    ret->type = type;
    buffer_text(&ret->body, text);
}

static void answer_page(const struct collector_view *view, struct http_answer *ret)
{
    ret->status = 200;
    ret->type = "text/html;charset=utf-8";
    ret->policy = policy;
    put_page(&ret->body, view);
}

static void answer_data(const struct collector_view *view, const struct http_call *call,
                        struct http_answer *ret)
{
    ret->status = 200;
    ret->type = "application/json";
    live_json(view, http_argument(call, "have"), time_wall_ns(), &ret->body);
}

void live_pages(void *context, const struct http_call *call, struct http_answer *ret)
{
    const struct collector_view *view = context;

    if (query_pages_answer(view, call, ret) || !http_allow_get(call, ret))
        return;
    if (strcmp(call->path, "/") == 0)
        answer_page(view, ret);
    else if (strcmp(call->path, "/live.json") == 0)
        answer_data(view, call, ret);
    else if (strcmp(call->path, "/live.js") == 0)
        answer_text(ret, "text/javascript;charset=utf-8", live_js);
    else if (strcmp(call->path, "/live.css") == 0)
        answer_text(ret, "text/css;charset=utf-8", live_css);
}
