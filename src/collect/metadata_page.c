/* What Grafana asks about metrics. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "collect/metadata_page.h"
#include "query/answer.h"
#include "trace/metrics_table.h"

enum { MEMORY_MAX = 64 << 20 };

/* A metric that nodes have, by its name on pages. */
struct known {
    const char *name;
    const struct node_metric *metric;
};

struct known_list {
    struct arena memory;
    struct known *at;
    size_t count;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct known *)a)->name, ((const struct known *)b)->name);
}

static bool add_known(struct known_list *l, const struct node_metric *m)
{
    char *name = arena_take(&l->memory, strlen(m->name) + 1, 1);

    if (!name)
        return false;
    if (metric_mangle(m->name, name) > 0)
        l->at[l->count++] = (struct known){ name, m };
    return true;
}

/* Of all nodes the numbers, by name, each as the first node has it. */
static bool list_known(const struct collector_nodes *nodes, struct known_list *l)
{
    size_t most = 0, kept = 0;

    for (size_t i = 0; i < nodes->count; i++)
        most += nodes->at[i]->metrics->count;
    l->at = arena_take(&l->memory, (most + 1) * sizeof(*l->at), _Alignof(struct known));
    if (!l->at)
        return false;
    for (size_t i = 0; i < nodes->count; i++)
        for (size_t j = 0; j < nodes->at[i]->metrics->count; j++)
            if (nodes->at[i]->metrics->at[j]->is_number &&
                !add_known(l, nodes->at[i]->metrics->at[j]))
                return false;
    if (l->count > 1)
        qsort(l->at, l->count, sizeof(*l->at), by_name);
    for (size_t i = 0; i < l->count; i++)
        if (kept == 0 || strcmp(l->at[i].name, l->at[kept - 1].name) != 0)
            l->at[kept++] = l->at[i];
    l->count = kept;
    return true;
}

/* A key of metricsHelp is for every metric whose name contains it. */
static const char *help_of(const struct collector_config *config, const char *name)
{
    for (size_t i = 0; config && i < config->metric_help.count; i++)
        if (strstr(name, config->metric_help.at[i].name))
            return config->metric_help.at[i].value;
    return "";
}

static void put_known(struct json_writer *w, const struct known *k, const char *help)
{
    json_key(w, k->name);
    json_begin_array(w);
    json_begin_object(w);
    json_key(w, "type");
    json_cstring(w, k->metric->kind == EKG_COUNTER ? "counter" : "gauge");
    json_key(w, "help");
    json_cstring(w, help);
    json_key(w, "unit");
    json_cstring(w, "");
    json_end(w);
    json_end(w);
}

void metadata_page(const struct collector_view *view, const struct http_call *call,
                   struct http_answer *ret)
{
    const char *only = http_argument(call, "metric"), *limit = http_argument(call, "limit");
    size_t left = limit && *limit ? strtoul(limit, NULL, 10) : SIZE_MAX;
    struct known_list l = { 0 };
    struct json_writer w;

    arena_init(&l.memory, allocator_libc(), MEMORY_MAX);
    if (!list_known(view->nodes, &l)) {
        arena_release(&l.memory);
        api_query_error(ret, QUERY_NO_MEMORY, "no memory");
        return;
    }
    api_begin(ret, &w);
    json_begin_object(&w);
    for (size_t i = 0; i < l.count && left > 0; i++)
        if (!only || strcmp(only, l.at[i].name) == 0) {
            put_known(&w, &l.at[i], help_of(view->config, l.at[i].metric->name));
            left--;
        }
    json_end(&w);
    json_end(&w);
    arena_release(&l.memory);
}
