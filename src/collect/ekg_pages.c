/* The metrics of each node for people, and as JSON in the shape that EKG's own server gives: an object for each part of
 * the dotted name, and in the innermost the type and value. */
#include <inttypes.h>
#include <jansson.h>

#include "collect/page_html.h"

/* --- HTML ---------------------------------------------------------------------------------------- */

static const char *const kinds[] = { "counter", "gauge", "label" };

static void put_row(struct buffer *out, const struct node_metric *m)
{
    buffer_text(out, "<tr><td>");
    html_text(out, m->name);
    buffer_printf(out, "</td><td>%s</td>", kinds[m->kind]);
    if (m->kind == EKG_LABEL) {
        buffer_text(out, "<td><bdi>");
        html_text(out, m->text);
        buffer_text(out, "</bdi></td></tr>\n");
    } else {
        buffer_printf(out, "<td class=\"number\">%" PRId64 "</td></tr>\n", m->value);
    }
}

static void answer_html(const struct collector_node *node, struct http_answer *ret)
{
    html_page_begin(ret, node->name);
    buffer_text(&ret->body, "<p><a href=\"/\">All nodes</a></p>\n<table>\n<thead><tr>"
                            "<th>Metric</th><th>Kind</th><th>Value</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; node->metrics && i < node->metrics->count; i++)
        put_row(&ret->body, node->metrics->at[i]);
    buffer_text(&ret->body, "</tbody>\n</table>\n");
    html_page_end(ret);
}

/* --- JSON ---------------------------------------------------------------------------------------- */

/* The object of one part of a name, which is made when it is not there. Borrowed; NULL: no memory. */
static json_t *part_of(json_t *parent, struct span part)
{
    char name[METRIC_STORE_NAME_MAX + 1];
    json_t *child;

    memcpy(name, part.at, part.len);
    name[part.len] = '\0';
    child = json_object_get(parent, name);
    if (json_is_object(child))
        return child;
    child = json_object();
    return json_object_set_new(parent, name, child) ? NULL : child;
}

/* A name that goes on below a whole name stands beside that one's type and value. */
static bool put_metric(json_t *all, const struct node_metric *m)
{
    static const char *const types[] = { "c", "g", "l" };
    const char *at = m->name;
    json_t *value = m->kind == EKG_LABEL ? json_string(m->text) : json_integer(m->value);

    for (;;) {
        struct span part = { at, strcspn(at, ".") };

        all = part_of(all, part);
        if (!all || !at[part.len])
            break;
        at += part.len + 1;
    }
    if (!all) {
        json_decref(value);
        return false;
    }
    return json_object_set_new(all, "type", json_string(types[m->kind])) == 0 &&
           json_object_set_new(all, "val", value) == 0;
}

static int append(const char *bytes, size_t count, void *out)
{
    buffer_append(out, bytes, count);
    return 0;
}

static void answer_json(const struct collector_node *node, struct http_answer *ret)
{
    json_t *all = json_object();
    bool ok = all != NULL;

    for (size_t i = 0; ok && node->metrics && i < node->metrics->count; i++)
        ok = put_metric(all, node->metrics->at[i]);
    if (ok && json_dump_callback(all, append, &ret->body, JSON_COMPACT) == 0) {
        ret->status = 200;
        ret->type = "application/json";
        buffer_char(&ret->body, '\n');
    } else {
        buffer_clear(&ret->body);
        ret->status = 500;
    }
    json_decref(all);
}

/* --- Paths --------------------------------------------------------------------------------------- */

void ekg_pages(void *context, const struct http_call *call, struct http_answer *ret)
{
    const struct collector_view *view = context;
    const struct collector_node *node;

    if (!http_allow_get(call, ret))
        return;
    if (strcmp(call->path, "/") == 0) {
        page_node_list(view, call, "EKG metrics", ret);
        return;
    }
    node = page_node(view, call, ret);
    if (node && page_wants_json(call))
        answer_json(node, ret);
    else if (node)
        answer_html(node, ret);
}
