/* ouroscope topology show: a topology as a table, a picture, or for other programs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/intern.h"
#include "cmd/columns.h"
#include "cmd/profile.h"
#include "cmd/terminal.h"
#include "cmd/topology.h"
#include "json/tree.h"
#include "profile/node_specs.h"
#include "profile/topology_files.h"
#include "profile/topology_picture.h"
#include "report/safe_text.h"

#define OUT_BYTES_MAX ((size_t)256 << 20)
#define PRODUCERS_BYTES_MAX ((size_t)1 << 20)
#define REGION_BYTES_MAX ((size_t)4 << 20)

/* ---- text ---- */

static void append_degree(struct buffer *out, const char *what, const struct degree *d)
{
    buffer_printf(out, "%-12s%zu to %zu, mean %.4g\n", what, d->min, d->max, d->mean);
}

static void append_distances(const struct topology_source *s, struct buffer *out, const char *what,
                             const char *unit, const struct distances *d)
{
    const struct topology_node *nodes = s->topology.nodes;

    buffer_printf(out, "%-12s%.4g%s at most, mean %.4g%s", what, d->longest, unit, d->mean, unit);
    if (d->longest > 0) {
        buffer_text(out, "; from ");
        safe_text(out, span_of(nodes[d->from].name), false);
        buffer_text(out, " to ");
        safe_text(out, span_of(nodes[d->to].name), false);
    }
    if (d->pairs_apart)
        buffer_printf(out, "; %" PRIu64 " pair%s not joined", d->pairs_apart,
                      d->pairs_apart == 1 ? " is" : "s are");
    buffer_char(out, '\n');
}

static void append_graph(const struct topology_source *s, const struct topology_graph *g,
                         struct buffer *out)
{
    safe_text(out, span_of(s->title), false);
    buffer_printf(out, ": %zu node%s in %zu region%s", g->nodes, g->nodes == 1 ? "" : "s",
                  g->regions, g->regions == 1 ? "" : "s");
    if (g->observers)
        buffer_printf(out, ", and %zu that do%s not forge, left out here:", g->observers,
                      g->observers == 1 ? "es" : "");
    buffer_text(out, "\n\n");
    buffer_printf(out, "%-12s%zu dials, %zu of them between regions; %.0f pairs are joined\n",
                  "links", g->links, g->links_between, g->joined.mean * (double)g->nodes / 2);
    append_degree(out, "dials", &g->out);
    append_degree(out, "dialled by", &g->in);
    append_degree(out, "neighbours", &g->joined);
    append_distances(s, out, "hops", "", &g->hops);
    append_distances(s, out, "one way", "", &g->directed);
    if (g->has_delays)
        append_distances(s, out, "delay", " ms", &g->delay_ms);
    if (g->sources < g->nodes)
        buffer_printf(out, "%-12sdistances are from %zu nodes at even steps\n", "", g->sources);
}

/* A row for each region: how many of the first `nodes` stand in it, and how many links leave it. */
static bool add_regions(const struct topology *t, size_t nodes, struct intern *regions,
                        struct columns *c)
{
    size_t counts[PROFILE_REGIONS_MAX][2] = { { 0 } };

    for (size_t i = 0; i < nodes; i++) {
        uint32_t region;

        if (intern_put(regions, span_of(t->nodes[i].region), &region, NULL) ||
            region >= PROFILE_REGIONS_MAX)
            return false;
        counts[region][0]++;
        for (size_t j = 0; j < t->nodes[i].producer_count; j++) {
            uint32_t to = t->nodes[i].producers[j];

            counts[region][1] += to < nodes && strcmp(t->nodes[to].region, t->nodes[i].region) != 0;
        }
    }
    columns_add(c, "REGION");
    columns_add(c, "NODES");
    columns_add(c, "DIALS OUT OF IT");
    for (uint32_t i = 0; i < regions->count; i++) {
        columns_add(c, intern_text(regions, i).len ? intern_text(regions, i).at : "-");
        columns_printf(c, "%zu", counts[i][0]);
        columns_printf(c, "%zu", counts[i][1]);
    }
    return true;
}

/* Of the nodes of the graph, so that the numbers are those above. Of more regions than a profile has, as files of elsewhere may
 * tell, there is no table. */
static void append_regions(const struct topology *t, const struct topology_graph *g,
                           struct buffer *out)
{
    struct intern regions;
    struct columns c;

    intern_init(&regions, allocator_libc(), t->count + 1, REGION_BYTES_MAX);
    columns_init(&c, 3, 6, 0);
    if (add_regions(t, g->nodes, &regions, &c)) {
        buffer_char(out, '\n');
        columns_write(&c, out, NULL);
    }
    columns_release(&c);
    intern_release(&regions);
}

static void append_links(const struct topology *t, struct buffer *out)
{
    struct columns c;

    if (t->link_count == 0)
        return;
    columns_init(&c, 4, 0x0c, 0);
    columns_add(&c, "FROM");
    columns_add(&c, "TO");
    columns_add(&c, "MS ONE WAY");
    columns_add(&c, "MB/S");
    for (size_t i = 0; i < t->link_count; i++) {
        columns_add(&c, topology_region(t->links[i].a));
        columns_add(&c, topology_region(t->links[i].b));
        columns_printf(&c, "%.6g", t->links[i].latency_ms);
        if (t->links[i].bytes_per_second > 0)
            columns_printf(&c, "%.6g", t->links[i].bytes_per_second / 1e6);
        else
            columns_add(&c, "-");
    }
    buffer_char(out, '\n');
    columns_write(&c, out, NULL);
    columns_release(&c);
}

static void add_producers(const struct topology *t, const struct topology_node *node,
                          struct columns *c)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), PRODUCERS_BYTES_MAX);
    for (size_t i = 0; i < node->producer_count; i++)
        buffer_printf(&text, "%s%s", i ? " " : "", t->nodes[node->producers[i]].name);
    columns_add(c, buffer_string(&text));
    buffer_release(&text);
}

static void append_nodes(const struct topology *t, struct buffer *out)
{
    struct columns c;

    columns_init(&c, 5, 8, terminal_is(STDOUT_FILENO) ? (size_t)terminal_width(STDOUT_FILENO) : 0);
    columns_add(&c, "NODE");
    columns_add(&c, "REGION");
    columns_add(&c, "KIND");
    columns_add(&c, "POOLS");
    columns_add(&c, "DIALS");
    for (size_t i = 0; i < t->count; i++) {
        const struct topology_node *node = &t->nodes[i];

        columns_add(&c, node->name);
        columns_add(&c, *node->region ? node->region : "-");
        columns_add(&c, host_kind_name(node->kind));
        columns_printf(&c, "%" PRIu32, node->pools);
        add_producers(t, node, &c);
    }
    buffer_char(out, '\n');
    columns_write(&c, out, NULL);
    columns_release(&c);
}

static void append_tables(const struct topology_source *s, const struct topology_graph *graph,
                          struct buffer *out)
{
    append_graph(s, graph, out);
    append_regions(&s->topology, graph, out);
    append_links(&s->topology, out);
    append_nodes(&s->topology, out);
}

/* ---- for other programs ---- */

/* A quoted text of the DOT language. */
static void append_dot_text(struct buffer *out, const char *text)
{
    buffer_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_char(out, '\\');
        buffer_char(out, (unsigned char)*text < 0x20 ? ' ' : *text);
    }
    buffer_char(out, '"');
}

static void append_dot(const struct topology *t, const char *title, struct buffer *out)
{
    buffer_text(out, "digraph ");
    append_dot_text(out, title);
    buffer_text(out, " {\n");
    for (size_t i = 0; i < t->count; i++) {
        buffer_text(out, "  ");
        append_dot_text(out, t->nodes[i].name);
        buffer_text(out, " [group=");
        append_dot_text(out, t->nodes[i].region);
        buffer_text(out, "];\n");
    }
    for (size_t i = 0; i < t->count; i++)
        for (size_t j = 0; j < t->nodes[i].producer_count; j++) {
            buffer_text(out, "  ");
            append_dot_text(out, t->nodes[i].name);
            buffer_text(out, " -> ");
            append_dot_text(out, t->nodes[t->nodes[i].producers[j]].name);
            buffer_text(out, ";\n");
        }
    buffer_text(out, "}\n");
}

static json_t *degree_document(const struct degree *d)
{
    return json_pack("{s:I, s:f, s:I}", "min", (json_int_t)d->min, "mean", d->mean, "max",
                     (json_int_t)d->max);
}

static json_t *distances_document(const struct topology *t, const struct distances *d)
{
    return json_pack("{s:f, s:f, s:s?, s:s?, s:I}", "longest", d->longest, "mean", d->mean, "from",
                     d->longest > 0 ? t->nodes[d->from].name : NULL, "to",
                     d->longest > 0 ? t->nodes[d->to].name : NULL, "pairs_apart",
                     (json_int_t)d->pairs_apart);
}

static void append_json(const struct topology_source *s, const struct topology_graph *g,
                        struct buffer *out)
{
    const struct topology *t = &s->topology;
    json_t *document =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o}", "title",
                  s->title, "nodes", (json_int_t)g->nodes, "observers", (json_int_t)g->observers,
                  "regions", (json_int_t)g->regions, "links", (json_int_t)g->links, "links_between",
                  (json_int_t)g->links_between, "dials", degree_document(&g->out), "dialled_by",
                  degree_document(&g->in), "neighbours", degree_document(&g->joined), "hops",
                  distances_document(t, &g->hops), "one_way", distances_document(t, &g->directed),
                  "delay_ms", g->has_delays ? distances_document(t, &g->delay_ms) : json_null(),
                  "distances_from", (json_int_t)g->sources, "topology", topology_document(t));

    if (document)
        json_tree_append(out, document);
    else
        out->status = OU_NO_MEMORY;
    buffer_char(out, '\n');
    json_decref(document);
}

/* ---- the command ---- */

static const char *format_of(const struct parsed_options *options)
{
    static const char *const endings[] = { "svg", "json", "dot" };
    const char *format = option_value(options, TOPOLOGY_SHOW_FORMAT);
    const char *path = option_value(options, TOPOLOGY_SHOW_OUT);
    const char *dot = path ? strrchr(path, '.') : NULL;

    if (option_given(options, TOPOLOGY_SHOW_JSON))
        return "json";
    if (format)
        return format;
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (strcmp(dot + 1, endings[i]) == 0)
            return endings[i];
    return "text";
}

static void show(const char *format, const struct topology_source *s,
                 const struct topology_graph *graph, struct buffer *out)
{
    if (strcmp(format, "svg") == 0)
        topology_picture(&s->topology, graph, s->title, out);
    else if (strcmp(format, "json") == 0)
        append_json(s, graph, out);
    else if (strcmp(format, "dot") == 0)
        append_dot(&s->topology, s->title, out);
    else
        append_tables(s, graph, out);
}

enum exit_code cmd_topology_show(const struct parsed_options *options)
{
    const char *title = option_value(options, TOPOLOGY_SHOW_TITLE);
    struct topology_source s;
    struct topology_graph graph;
    struct ou_error err = { 0 };
    enum ou_status status =
        topology_source_load(options, options->operands[0], TOPOLOGY_SHOW_OVERLAY, &s, &err);
    enum exit_code code;
    struct buffer out;

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (title)
        snprintf(s.title, sizeof s.title, "%s", title);
    if (!status)
        status = topology_graph_measure(&s.topology, &graph, &err);
    if (!status)
        show(format_of(options), &s, &graph, &out);
    code = status ? profile_command_failed(options, status, &err)
                  : topology_put(options, &out, option_value(options, TOPOLOGY_SHOW_OUT));
    buffer_release(&out);
    topology_source_release(&s);
    return code;
}
