/* What is asked on a connection, and what is done with the answers. */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "collect/connection_inside.h"
#include "json/tree.h"

#define NAME_MS 10000          /* then the id is the name */
#define ASK_NAME_AGAIN_MS 1000 /* of a node that does not know its name yet */
#define INFO_BYTES 65536       /* of a data point */

/* --- Trace objects -------------------------------------------------------------------------- */

/* Also the receipt for those before; at the end it is that alone. */
static void ask_objects(struct connection *x)
{
    x->asked = x->c->config->request_count;
    if (acceptor_session_ask_objects(x->session, x->asked, now_us()))
        x->awaits_objects = true;
}

/* A reply that finds no room is not confirmed. A forwarder of ours sends it again; of others it is lost. */
static bool has_room(struct connection *x, struct bytes reply)
{
    if (collector_has_room(x->c, reply.count))
        return true;
    ou_fail(&x->trouble, OU_TOO_LARGE,
            "a reply of %zu bytes is not taken: messages that wait to be written take all that "
            "maxHeldBytes allows",
            reply.count);
    if (x->desk)
        desk_lose(x->desk, reply);
    return false;
}

/* The desk takes a copy. */
static void give(struct connection *x, struct bytes reply)
{
    if (!desk_take(x->desk, reply, !x->had_reply, x->asked))
        ou_fail(&x->trouble, OU_NO_MEMORY, "no memory for a reply");
    x->had_reply = true;
}

static void renew_held(struct connection *x)
{
    buffer_release(&x->held);
    buffer_init(&x->held, allocator_libc(), SIZE_MAX);
    x->has_held = false;
    x->had_reply = true;
}

void connection_give_held(struct connection *x)
{
    desk_take_held(x->desk, &x->held, !x->had_reply, x->asked);
    renew_held(x);
}

void connection_leave_held(struct connection *x)
{
    desk_inherit(x->desk, &x->held, !x->had_reply, x->asked);
    renew_held(x);
}

static void hold(struct connection *x, struct bytes reply)
{
    buffer_clear(&x->held);
    buffer_append(&x->held, reply.at, reply.count);
    x->has_held = buffer_status(&x->held) == OU_OK;
    if (!x->has_held)
        ou_fail(&x->trouble, OU_NO_MEMORY, "no memory for a reply");
}

static void on_objects(void *context, struct bytes reply)
{
    struct connection *x = context;

    x->awaits_objects = false;
    if (!has_room(x, reply))
        return;
    if (x->desk && !desk_is_busy(x->desk))
        give(x, reply);
    else
        hold(x, reply);
}

static void on_desk_freed(void *context, const char *refused)
{
    struct connection *x = context;

    if (refused) {
        connection_fail(x, refused);
        return;
    }
    if (x->has_held)
        connection_give_held(x);
    else
        ask_objects(x);
    if (x->trouble.text[0])
        connection_fail(x, x->trouble.text);
    else
        connection_update(x);
}

/* --- Metrics ---------------------------------------------------------------------------------- */

static void ask_metrics(struct connection *x)
{
    x->wants_updated = !x->c->config->metrics_full && !x->node->metrics_full;
    if (acceptor_session_ask_metrics(x->session, x->wants_updated ? EKG_UPDATED : EKG_ALL,
                                     now_us()))
        x->awaits_metrics = true;
}

static void on_metrics_due(uv_timer_t *timer)
{
    struct connection *x = timer->data;

    ask_metrics(x);
    connection_update(x);
}

static void keep_history(struct connection *x)
{
    const int64_t wall_ms = time_wall_ns() / 1000000;
    const int64_t step_ms = 1000 * (int64_t)x->c->config->history_step_s;

    /* A clock that was put back is no reason to wait. */
    if (!x->c->view.history ||
        (wall_ms < x->history_at_ms && x->history_at_ms - wall_ms <= step_ms))
        return;
    x->history_at_ms = wall_ms + step_ms;
    (void)history_take(x->c->view.history, x->node->name, x->node->metrics, wall_ms);
}

static void on_metrics(void *context, struct ekg_list metrics)
{
    struct connection *x = context;
    const double pause_ms = 1000 * x->c->config->metrics_period_s;

    x->awaits_metrics = false;
    x->had_metrics = true;
    if (metric_store_take(x->node->metrics, metrics, time_wall_ns(), &x->trouble))
        return;
    keep_history(x);
    uv_timer_start(&x->metrics_timer, on_metrics_due, (uint64_t)pause_ms, 0);
}

/* --- Data points, and the name ------------------------------------------------------------------- */

static const struct span point_names[] = {
    [POINTS_INFO] = { "NodeInfo", 8 }, [POINTS_STARTUP] = { "NodeStartupInfo", 15 }
};

void connection_ask_points(struct connection *x)
{
    const bool named = x->step == POINTS_INFO || x->step == POINTS_STARTUP;

    x->ask_name_at_ms = NEVER_MS;
    if (acceptor_session_ask_data_points(x->session, named ? &point_names[x->step] : NULL, named,
                                         now_us()))
        x->awaits_points = true;
}

void connection_finish(struct connection *x)
{
    if (x->node || !x->awaits_points)
        acceptor_session_finish(x->session, now_us());
}

static void tell_name(const struct connection *x, const char *own_name, const char *clean)
{
    const struct collector_node *node = x->node;

    if (*clean && strcmp(clean, node->name) != 0)
        OU_TRACE(tracer_name_taken, own_name, x->id, node->name);
    OU_TRACE(tracer_node_id, x->id, own_name, node->name, node->folder, node->slug);
}

/* The node of this connection: by its name, or by the id where it has none. */
void connection_enter(struct connection *x, const char *name)
{
    char clean[NODE_NAME_ROOM] = "";

    if (name)
        node_clean_name(name, clean);
    x->name_at_ms = NEVER_MS;
    x->node = nodes_enter(&x->c->nodes, x->id, clean, time_wall_ns());
    if (x->node)
        x->desk = desk_of(x->c, x->node, (struct desk_owner){ on_desk_freed, x });
    if (!x->node || !x->desk) {
        ou_fail(&x->trouble, OU_NO_MEMORY, "no memory for another node, or too many of them");
        return;
    }
    if (!name) /* it may be of any time, and will not be known when it comes again */
        x->node->metrics_full = true;
    tell_name(x, name ? name : "", clean);
    if (x->has_held && !desk_is_busy(x->desk))
        connection_give_held(x);
    if (x->is_finishing)
        connection_finish(x);
    else
        ask_metrics(x);
}

/* An object of JSON as the pages may show it: in order, and without blanks. NULL: it is none. */
static char *normal_json(const struct buffer *text, json_t **ret_root)
{
    if (buffer_status(text) ||
        json_tree_parse((struct span){ text->at, text->len }, "", ret_root, NULL))
        return NULL;
    return json_dumps(*ret_root, JSON_COMPACT);
}

static void tell_version(struct connection *x, const json_t *info)
{
    const char *version = json_string_value(json_object_get(info, "niVersion"));
    const char *commit = json_string_value(json_object_get(info, "niCommit"));

    if (version || commit)
        desk_version(x->desk, version ? version : "", commit ? commit : "");
}

static void take_info(struct connection *x, const struct buffer *text)
{
    json_t *root = NULL;
    char *info = text ? normal_json(text, &root) : NULL;
    const char *name = json_string_value(json_object_get(root, "niName"));

    if (!x->node && name)
        connection_enter(x, name);
    if (x->node && x->desk && info) {
        free(x->node->info);
        x->node->info = info;
        info = NULL;
        tell_version(x, root);
        x->step = POINTS_STARTUP;
    } else {
        x->ask_name_at_ms = now_ms(x) + ASK_NAME_AGAIN_MS;
    }
    free(info);
    json_decref(root);
}

static void take_startup(struct connection *x, const struct buffer *text)
{
    json_t *root = NULL;
    char *startup = text ? normal_json(text, &root) : NULL;

    if (startup) {
        free(x->node->startup);
        x->node->startup = startup;
    }
    x->step = POINTS_DONE;
    json_decref(root);
}

/* The value of the data point that was asked for. NULL: it is not there. */
static const struct buffer *find_point(struct data_point_list values, enum points_step step,
                                       struct buffer *text)
{
    struct span name;
    bool known;

    while (data_point_values_next(&values, &name, &known, text))
        if (known && span_equal(name, point_names[step]))
            return text;
    return NULL;
}

static void on_data_points(void *context, struct data_point_list values)
{
    struct connection *x = context;
    struct buffer text;

    x->awaits_points = false;
    buffer_init(&text, allocator_libc(), INFO_BYTES);
    if (x->step == POINTS_GREETING)
        x->step = POINTS_INFO;
    else if (x->step == POINTS_INFO)
        take_info(x, find_point(values, x->step, &text));
    else
        take_startup(x, find_point(values, x->step, &text));
    buffer_release(&text);
    if (x->step != POINTS_DONE && x->ask_name_at_ms == NEVER_MS)
        connection_ask_points(x);
    if (x->is_finishing)
        connection_finish(x);
}

/* --- The session ------------------------------------------------------------------------------ */

static void on_agreed(void *context)
{
    struct connection *x = context;

    x->phase = PHASE_AGREED;
    x->phase_at_ms = NEVER_MS;
    x->name_at_ms = now_ms(x) + NAME_MS;
    OU_TRACE(tracer_sock_connected, x->id);
    ask_objects(x);
    connection_ask_points(x);
}

struct acceptor_owner connection_owner(struct connection *x)
{
    return (struct acceptor_owner){ .context = x,
                                    .agreed = on_agreed,
                                    .objects = on_objects,
                                    .metrics = on_metrics,
                                    .data_points = on_data_points };
}
