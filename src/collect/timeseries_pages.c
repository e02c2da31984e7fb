/* The endpoint hasTimeseries: cardano-tracer's paths, and Prometheus' beside them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/time.h"
#include "collect/pages.h"
#include "json/tree.h"
#include "query/answer.h"

/* --- Settings ----------------------------------------------------------------------------- */

static const struct unit {
    const char *name;
    int64_t ms;
} units[] = {
    { "milliseconds", 1 }, { "seconds", 1000 },  { "minutes", 60000 },
    { "hours", 3600000 },  { "days", 86400000 },
};

enum { UNITS = sizeof(units) / sizeof(units[0]) };

/* A hundred years: what is longer was hardly meant. */
static const double setting_max_ms = 100.0 * 365.25 * 86400000;

/* One of ?milliseconds= seconds= minutes= hours= days=. False: said to the client. */
static bool read_setting(const struct http_call *call, struct http_answer *answer, uint64_t *ret_ms)
{
    for (size_t i = 0; i < UNITS; i++) {
        const char *text = http_argument(call, units[i].name);
        char *end;
        double ms;

        if (!text)
            continue;
        ms = strtod(text, &end) * (double)units[i].ms;
        if (end != text && *end == '\0' && ms >= 0 && ms <= setting_max_ms) {
            *ret_ms = (uint64_t)llround(ms);
            return true;
        }
        api_error(answer, 400, "bad_data", "invalid parameter \"%s\": %.60s is no duration",
                  units[i].name, text);
        return false;
    }
    api_error(answer, 400, "bad_data",
              "one of milliseconds, seconds, minutes, hours or days has to be given");
    return false;
}

/* A page that somebody looks at elsewhere must not empty the history behind his back. */
static bool refuse_foreign(const struct http_call *call, struct http_answer *answer)
{
    if (!http_is_foreign(call))
        return false;
    api_error(answer, 403, "bad_data", "a page of another site may not change anything here");
    return true;
}

/* GET reads, POST sets; both answer with milliseconds. */
static void setting(struct history *h, const struct http_call *call, struct http_answer *answer,
                    uint64_t (*get)(const struct history *),
                    void (*set)(struct history *, uint64_t ms))
{
    struct json_writer w;
    uint64_t ms;

    if (strcmp(call->method, "POST") == 0) {
        if (refuse_foreign(call, answer) || !read_setting(call, answer, &ms))
            return;
        set(h, ms);
    }
    api_begin(answer, &w);
    json_uint(&w, get(h));
    json_end(&w);
}

static void prune(struct history *h, const struct http_call *call, struct http_answer *answer)
{
    struct json_writer w;

    if (strcmp(call->method, "POST") != 0) {
        answer->allow = "POST";
        api_error(answer, 405, "bad_data", "pruning is asked for with POST");
        return;
    }
    if (refuse_foreign(call, answer))
        return;
    history_prune(h, time_wall_ns() / 1000000);
    api_begin(answer, &w);
    json_none(&w);
    json_end(&w);
}

/* --- Nodes -------------------------------------------------------------------------------- */

static void list_nodes(const struct collector_view *view, struct http_answer *answer)
{
    struct json_writer w;

    api_begin(answer, &w);
    json_begin_array(&w);
    for (size_t i = 0; i < view->nodes->count; i++)
        if (view->nodes->at[i]->is_connected)
            json_cstring(&w, view->nodes->at[i]->id);
    json_end(&w);
    json_end(&w);
}

/* By its slug, or as /timeseries/nodes and pages call it. */
static const struct collector_node *find_node(const struct collector_view *view, struct span name)
{
    const struct collector_node *node = nodes_by_slug(view->nodes, name);

    for (size_t i = 0; !node && i < view->nodes->count; i++)
        if (span_is(name, view->nodes->at[i]->id) || span_is(name, view->nodes->at[i]->name))
            node = view->nodes->at[i];
    return node;
}

/* A document of the node, as the node gave it. */
static void put_document(const char *json, const char *what, struct http_answer *answer)
{
    struct json_writer w;
    json_t *tree = NULL;

    if (!json || json_tree_parse(span_of(json), what, &tree, NULL) != OU_OK) {
        api_error(answer, 404, "execution", "the node has not told its %s", what);
        return;
    }
    api_begin(answer, &w);
    json_tree_append(&answer->body, tree);
    buffer_char(&answer->body, '}');
    json_decref(tree);
}

/* What a node's metrics say of how far it is, whatever prefix and kind their names have. */
static const char *const progress[] = { "slotNum", "blockNum", "epoch", "slotInEpoch", "density" };

/* Whether "cardano.node.metrics.slotNum_int" or "ChainDB.SlotNum" is slotNum. */
static bool is_called(const char *name, const char *what)
{
    static const char *const kinds[] = { "_int", "_real", ".int", ".real" };
    struct span stem = span_of(name);
    size_t len = strlen(what);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (span_ends(stem, kinds[i])) {
            stem.len -= strlen(kinds[i]);
            break;
        }
    return stem.len >= len && strncasecmp(stem.at + stem.len - len, what, len) == 0 &&
           (stem.len == len || stem.at[stem.len - len - 1] == '.');
}

static void put_progress(const struct collector_node *node, struct http_answer *answer)
{
    const struct metric_store *metrics = node->metrics;
    struct json_writer w;

    api_begin(answer, &w);
    json_begin_object(&w);
    for (size_t p = 0; p < sizeof(progress) / sizeof(progress[0]); p++) {
        size_t i = 0;

        while (i < metrics->count &&
               !(metrics->at[i]->is_number && is_called(metrics->at[i]->name, progress[p])))
            i++;
        json_key(&w, progress[p]);
        if (i < metrics->count)
            json_double(&w, metrics->at[i]->number);
        else
            json_none(&w);
    }
    json_key(&w, "at");
    json_instant(&w, metrics->updated_ns ? metrics->updated_ns : TIME_NONE);
    json_end(&w);
    json_end(&w);
}

/* "SLUG/info", "SLUG/startup", "SLUG/sync-progress"; a name may have slashes. */
static void get_node(const struct collector_view *view, struct span path,
                     struct http_answer *answer)
{
    const char *slash = memrchr(path.at, '/', path.len);
    struct span what = { slash ? slash + 1 : path.at + path.len, 0 };
    const struct collector_node *node;

    what.len = (size_t)(path.at + path.len - what.at);
    node = slash ? find_node(view, (struct span){ path.at, (size_t)(slash - path.at) }) : NULL;
    if (!node)
        api_error(answer, 404, "bad_data", "there is no such node: see /timeseries/nodes");
    else if (span_is(what, "info"))
        put_document(node->info, "info", answer);
    else if (span_is(what, "startup"))
        put_document(node->startup, "startup", answer);
    else if (span_is(what, "sync-progress") || span_is(what, "state"))
        put_progress(node, answer);
    else
        api_error(answer, 404, "bad_data", "there are info, startup and sync-progress");
}

/* --- Routes ------------------------------------------------------------------------------- */

void timeseries_pages(void *context, const struct http_call *call, struct http_answer *ret)
{
    static const char node[] = "/timeseries/node/";
    const struct collector_view *view = context;
    struct span path = span_of(call->path);

    if (query_pages_answer(view, call, ret))
        return;
    if (span_starts(path, node))
        get_node(view, (struct span){ path.at + strlen(node), path.len - strlen(node) }, ret);
    else if (span_is(path, "/timeseries/nodes"))
        list_nodes(view, ret);
    else if (span_is(path, "/timeseries/query"))
        query_instant_answer(view, call, "parse", ret);
    else if (!span_starts(path, "/timeseries/"))
        http_say(ret, 404, "Not found: %.200s\n", call->path);
    else if (!view->history)
        api_error(ret, 503, "unavailable", "no history is kept: ouroscope.history.minutes is 0");
    else if (span_is(path, "/timeseries/prune"))
        prune(view->history, call, ret);
    else if (span_is(path, "/timeseries/config/retention"))
        setting(view->history, call, ret, history_length_ms, history_set_length);
    else if (span_is(path, "/timeseries/config/pruning"))
        setting(view->history, call, ret, history_prune_period_ms, history_set_prune_period);
    else
        api_error(ret, 404, "bad_data", "%.100s is not supported", call->path);
}
