#include "collect/live_data.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "json/tree.h"
#include "json/write.h"
#include "trace/metrics_table.h"

#define CPU_SPAN_MS 60000

/* ---- metrics ---- */

/* Names of one thing through the years; the first that a node has is taken. */
static const char *const metric_keys[LIVE_METRICS][4] = {
    [LIVE_HEIGHT] = { "blocknum" },
    [LIVE_SLOT] = { "slotnum" },
    [LIVE_EPOCH] = { "epoch" },
    [LIVE_MEMORY] = { "mem_resident" },
    [LIVE_CPU_TICKS] = { "stat_cputicks" },
    [LIVE_PEERS] = { "peerselection_hot", "connectedpeers", "peersfromnodekernel" },
};

/* A character of a metric's name as it is compared; '_' for all that separates. */
static char plain(char c)
{
    return strchr(".- ", c) ? '_' : (char)tolower((unsigned char)c);
}

static bool ends_with(const char *name, size_t len, const char *key, size_t key_len)
{
    if (len < key_len)
        return false;
    for (size_t i = 0; i < key_len; i++)
        if (plain(name[len - key_len + i]) != key[i])
            return false;
    return true;
}

bool live_metric_is(const char *name, const char *key)
{
    static const char *const suffixes[] = { "_int", "_real", "_counter" };
    size_t len = strlen(name), key_len = strlen(key);

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (ends_with(name, len, suffixes[i], strlen(suffixes[i]))) {
            len -= strlen(suffixes[i]);
            break;
        }
    return ends_with(name, len, key, key_len) &&
           (len == key_len || plain(name[len - key_len - 1]) == '_');
}

/* The key's place in its row; the count of all when it is not there. */
static size_t rank_of(enum live_metric kind, const char *name)
{
    size_t rank = 0;

    while (rank < 4 && metric_keys[kind][rank] && !live_metric_is(name, metric_keys[kind][rank]))
        rank++;
    return rank < 4 && metric_keys[kind][rank] ? rank : 4;
}

static void find_metrics(const struct metric_store *store, struct live_node *ret)
{
    size_t best[LIVE_METRICS] = { 4, 4, 4, 4, 4, 4 };

    for (size_t i = 0; i < store->count; i++) {
        const struct node_metric *m = store->at[i];

        for (int kind = 0; m->is_number && kind < LIVE_METRICS; kind++) {
            size_t rank = rank_of((enum live_metric)kind, m->name);

            if (rank < best[kind]) {
                best[kind] = rank;
                ret->metrics[kind] = m;
            }
        }
    }
}

/* ---- CPU ---- */

struct ends {
    bool any;
    int64_t first_ms, last_ms;
    double first, last;
};

static bool take_sample(void *context, int64_t at_ms, double value)
{
    struct ends *e = context;

    /* A counter that fell is a node that started again: its count begins there. */
    if (!e->any || value < e->last) {
        e->any = true;
        e->first_ms = at_ms;
        e->first = value;
    }
    e->last_ms = at_ms;
    e->last = value;
    return true;
}

/* The series of a metric; false when the history has none, or has given its number to another one. */
static bool series_of(const struct history *h, const struct node_metric *m, const char *node_name,
                      size_t *ret)
{
    char name[METRIC_STORE_NAME_MAX + 1];
    const struct history_series *s;

    if (!h || m->series == 0 || m->series > history_series_count(h))
        return false;
    s = history_series_at(h, m->series - 1);
    name[metric_mangle(m->name, name)] = '\0';
    *ret = m->series - 1;
    return strcmp(s->name, name) == 0 && strcmp(s->node_name, node_name) == 0;
}

/* Ticks are hundredths of a second: so many in a second are percents. */
static void find_cpu(const struct history *h, const struct collector_node *node, int64_t now_ms,
                     struct live_node *ret)
{
    const struct node_metric *ticks = ret->metrics[LIVE_CPU_TICKS];
    struct ends ends = { 0 };
    size_t series;

    if (!ticks || !series_of(h, ticks, node->name, &series))
        return;
    history_walk(h, series, now_ms - CPU_SPAN_MS, now_ms, take_sample, &ends);
    if (ends.last_ms <= ends.first_ms)
        return;
    ret->has_cpu = true;
    ret->cpu_percent = (ends.last - ends.first) * 1000 / (double)(ends.last_ms - ends.first_ms);
}

void live_node_of(const struct collector_view *view, const struct collector_node *node,
                  int64_t now_ms, struct live_node *ret)
{
    *ret = (struct live_node){ 0 };
    if (node->metrics)
        find_metrics(node->metrics, ret);
    if (node->is_connected)
        find_cpu(view->history, node, now_ms, ret);
}

/* ---- totals ---- */

struct live_totals live_totals_of(const struct collector_nodes *nodes)
{
    struct live_totals ret = { 0 };

    for (size_t i = 0; i < nodes->count; i++) {
        const struct collector_node *n = nodes->at[i];

        ret.connected += n->is_connected;
        ret.waiting += n->is_waiting;
        ret.counts.objects += n->counts.objects;
        ret.counts.repeated += n->counts.repeated;
        ret.counts.lines += n->counts.lines;
        ret.counts.bytes += n->counts.bytes;
        ret.counts.lost_here += n->counts.lost_here;
        ret.counts.lost_there += n->counts.lost_there;
        ret.counts.connections += n->counts.connections;
    }
    return ret;
}

/* ---- JSON ---- */

static void put_uint(struct json_writer *w, const char *key, uint64_t value)
{
    json_key(w, key);
    json_uint(w, value);
}

static void put_text(struct json_writer *w, const char *key, const char *value)
{
    json_key(w, key);
    json_cstring(w, value);
}

/* Milliseconds since 1970; null: not yet. */
static void put_instant(struct json_writer *w, const char *key, int64_t ns)
{
    json_key(w, key);
    if (ns == 0)
        json_none(w);
    else
        json_int(w, ns / 1000000);
}

static void put_counts(struct json_writer *w, const struct node_counts *c)
{
    put_uint(w, "objects", c->objects);
    put_uint(w, "repeated", c->repeated);
    put_uint(w, "written_lines", c->lines);
    put_uint(w, "written_bytes", c->bytes);
    put_uint(w, "lost_here", c->lost_here);
    put_uint(w, "lost_there", c->lost_there);
    put_uint(w, "connections", c->connections);
}

static void put_collector(struct json_writer *w, const struct collector_view *view, int64_t now_ns)
{
    struct live_totals totals = live_totals_of(view->nodes);

    put_text(w, "version", OUROSCOPE_VERSION);
    put_instant(w, "now", now_ns);
    put_instant(w, "started", view->started_ns);
    json_key(w, "totals");
    json_begin_object(w);
    put_uint(w, "nodes", view->nodes->count);
    put_uint(w, "connected", totals.connected);
    put_uint(w, "waiting", totals.waiting);
    put_uint(w, "refused_connections", view->refused_connections);
    put_counts(w, &totals.counts);
    json_end(w);
}

static void put_history(struct json_writer *w, const struct history *h)
{
    struct history_stats stats;

    json_key(w, "history");
    if (!h) {
        json_none(w);
        return;
    }
    stats = history_stats_of(h);
    json_begin_object(w);
    put_uint(w, "series", stats.series);
    put_uint(w, "samples", stats.samples);
    put_uint(w, "bytes", stats.bytes);
    put_uint(w, "dropped_samples", stats.dropped_samples);
    put_instant(w, "oldest", stats.oldest_ms * 1000000);
    put_uint(w, "length_ms", history_length_ms(h));
    json_end(w);
}

/* What a node says of itself: the members of NodeInfo that are texts. */
static void put_info(struct json_writer *w, const char *info)
{
    static const char *const members[][2] = { { "version", "niVersion" },
                                              { "protocol", "niProtocol" },
                                              { "commit", "niCommit" },
                                              { "node_started", "niStartTime" } };
    json_t *tree = NULL;

    if (info && json_tree_parse(span_of(info), "NodeInfo", &tree, NULL))
        tree = NULL;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        put_text(w, members[i][0], json_string_value(json_object_get(tree, members[i][1])));
    json_decref(tree);
}

/* The numbers, and under `series` what they are called in the history. */
static void put_metrics(struct json_writer *w, const struct live_node *live)
{
    static const char *const keys[LIVE_METRICS] = { "height", "slot",      "epoch",
                                                    "memory", "cpu_ticks", "peers" };

    for (int i = 0; i < LIVE_METRICS; i++) {
        json_key(w, keys[i]);
        if (live->metrics[i])
            json_double(w, live->metrics[i]->number);
        else
            json_none(w);
    }
    json_key(w, "cpu_percent");
    if (live->has_cpu)
        json_double(w, live->cpu_percent);
    else
        json_none(w);
    json_key(w, "series");
    json_begin_object(w);
    for (int i = 0; i < LIVE_METRICS; i++)
        if (live->metrics[i]) {
            char name[METRIC_STORE_NAME_MAX + 1];

            name[metric_mangle(live->metrics[i]->name, name)] = '\0';
            put_text(w, keys[i], name);
        }
    json_end(w);
}

/* The newest lines from the one numbered `from` on, at most `most`. Who has more than there are knew another collector. */
static void put_lines(struct json_writer *w, const struct collector_node *n, uint64_t from,
                      uint64_t most)
{
    uint64_t first = n->line_count > most ? n->line_count - most : 0;

    if (from > n->line_count)
        from = 0;
    put_uint(w, "line_count", n->line_count);
    json_key(w, "lines");
    json_begin_array(w);
    for (uint64_t i = first > from ? first : from; i < n->line_count; i++) {
        const struct node_line *line = &n->lines[i % NODE_LAST_LINES];

        json_begin_object(w);
        put_instant(w, "at", line->at_ns);
        put_uint(w, "severity", line->severity);
        put_text(w, "text", line->text);
        json_end(w);
    }
    json_end(w);
}

static void put_state(struct json_writer *w, const struct collector_node *n)
{
    put_uint(w, "number", n->number);
    put_text(w, "name", n->name);
    put_text(w, "slug", n->slug);
    put_text(w, "id", n->id);
    json_key(w, "connected");
    json_bool(w, n->is_connected);
    json_key(w, "waiting");
    json_bool(w, n->is_waiting);
    put_instant(w, "connected_at", n->connected_ns);
    put_instant(w, "disconnected_at", n->disconnected_ns);
    put_instant(w, "last_object_at", n->last_object_ns);
    put_text(w, "why_gone", n->why_gone);
}

static void put_severities(struct json_writer *w, const uint64_t by_severity[8])
{
    json_key(w, "by_severity");
    json_begin_array(w);
    for (int i = 0; i < 8; i++)
        json_uint(w, by_severity[i]);
    json_end(w);
}

/* How many lines of a node the reader has. Nodes come in the order of their numbers, in the text and in the list: *at
 * moves along. */
static uint64_t lines_had(const char **at, uint32_t number)
{
    while (*at && **at) {
        char *end;
        unsigned long long node = strtoull(*at, &end, 10);
        unsigned long long count = *end == ':' ? strtoull(end + 1, &end, 10) : 0;

        if (node > number)
            return 0;
        end += strcspn(end, ",");
        *at = *end ? end + 1 : end;
        if (node == number)
            return count;
    }
    return 0;
}

void live_json(const struct collector_view *view, const char *have, int64_t now_ns,
               struct buffer *out)
{
    size_t count = view->nodes->count;
    uint64_t share = count > 0 ? LIVE_LINES_MAX / count : 0;
    struct json_writer w;

    share = share < 1 ? 1 : share > NODE_LAST_LINES ? NODE_LAST_LINES : share;
    json_writer_init(&w, out, false);
    json_begin_object(&w);
    put_collector(&w, view, now_ns);
    put_history(&w, view->history);
    json_key(&w, "nodes");
    json_begin_array(&w);
    for (size_t i = 0; i < count; i++) {
        const struct collector_node *n = view->nodes->at[i];
        struct live_node live;

        live_node_of(view, n, now_ns / 1000000, &live);
        json_begin_object(&w);
        put_state(&w, n);
        put_info(&w, n->info);
        put_metrics(&w, &live);
        put_counts(&w, &n->counts);
        put_severities(&w, n->by_severity);
        put_lines(&w, n, lines_had(&have, n->number), share);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
}
