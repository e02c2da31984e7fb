#include "workbench/topology_picture.h"

#include <inttypes.h>
#include <math.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/intern.h"
#include "base/utf8.h"
#include "workbench/node_specs.h"

#define MEMORY_BYTES_MAX ((size_t)16 << 20)
#define REGION_BYTES_MAX ((size_t)4 << 20)

/* Where things stand, in units of the picture. */
#define WIDTH 1100
#define HEIGHT 830
#define CENTRE_X 400.0
#define CENTRE_Y 478.0
#define REACH 328.0 /* from the centre to the outermost node */
#define GAP 56.0    /* between regions */
#define LEGEND_X 810
#define LEGEND_Y 140
#define LEGEND_STEP 24
#define LEGEND_ROWS 12 /* regions, and delays, that the legend tells */

#define COLOURS 8
#define NUMBERED_NODES_MAX 120 /* of more there is no room for names */

struct point {
    double x, y;
};

/* A region's ring. */
struct ring {
    struct point centre;
    double radius;
    size_t nodes; /* that stand on it */
    size_t placed;
};

struct picture {
    const struct topology *t;
    const struct topology_graph *g;
    struct buffer *out;
    struct arena memory;
    struct intern regions; /* of nodes on rings */
    struct ring *rings;    /* by region */
    uint32_t *region_of;   /* by node; of one in the middle REGION_NONE */
    struct point *at;      /* by node */
    double dot;            /* radius of a node */
    size_t in_middle;
    size_t links;  /* those of observers, too */
    size_t stride; /* every so many-th link is drawn */
};
#define REGION_NONE UINT32_MAX

/* ---- text ---- */

/* XML has no control characters, not even as references. */
static bool is_xml(uint32_t c)
{
    return c >= 0x20 && c != 0x7f && c != 0xfffe && c != 0xffff;
}

static void append_text(struct buffer *out, const char *text)
{
    struct span rest = span_of(text);

    while (rest.len) {
        const char *start = rest.at;
        uint32_t c;
        bool valid = utf8_next(&rest, &c);

        if (c == '&')
            buffer_text(out, "&amp;");
        else if (c == '<')
            buffer_text(out, "&lt;");
        else if (c == '>')
            buffer_text(out, "&gt;");
        else if (valid && is_xml(c))
            buffer_append(out, start, (size_t)(rest.at - start));
        else
            buffer_text(out, UTF8_REPLACEMENT);
    }
}

/* ---- places ---- */

static bool stands_in_the_middle(const struct topology_node *node)
{
    return node->kind != HOST_BFT && node->kind != HOST_POOL;
}

static struct point on_circle(struct point centre, double radius, size_t i, size_t of)
{
    double angle = 2 * M_PI * (double)i / (double)of - M_PI / 2; /* from the top, clockwise */

    return (struct point){ centre.x + radius * cos(angle), centre.y + radius * sin(angle) };
}

/* Rings of one size that touch neither each other nor the edge. */
static void place_rings(struct picture *p)
{
    struct point middle = { CENTRE_X, CENTRE_Y };
    size_t count = p->regions.count;
    double half = count > 1 ? sin(M_PI / (double)count) : 0;
    double radius = count > 1 ? fmax((REACH * half - GAP / 2) / (1 + half), 4) : REACH * 0.86;

    for (size_t i = 0; i < count; i++) {
        p->rings[i].radius = radius;
        p->rings[i].centre = count > 1 ? on_circle(middle, REACH - radius, i, count) : middle;
    }
}

/* Two regions are told apart from left to right better than from top to bottom. */
static struct point turn(const struct picture *p, struct point at)
{
    if (p->regions.count != 2)
        return at;
    return (struct point){ CENTRE_X + (at.y - CENTRE_Y), CENTRE_Y - (at.x - CENTRE_X) };
}

static void place_nodes(struct picture *p)
{
    struct point middle = { CENTRE_X, CENTRE_Y };
    size_t placed = 0;

    for (size_t i = 0; i < p->t->count; i++) {
        struct ring *ring;

        if (p->region_of[i] == REGION_NONE) {
            p->at[i] = on_circle(middle, p->in_middle > 1 ? 30 : 0, placed++, p->in_middle);
            continue;
        }
        ring = &p->rings[p->region_of[i]];
        p->at[i] = on_circle(ring->centre, ring->nodes > 1 ? ring->radius : 0, ring->placed++,
                             ring->nodes);
    }
    for (size_t i = 0; i < p->regions.count; i++)
        p->rings[i].centre = turn(p, p->rings[i].centre);
    for (size_t i = 0; i < p->t->count; i++)
        p->at[i] = turn(p, p->at[i]);
}

/* Nodes of the fullest ring leave as much room as they take. */
static void size_nodes(struct picture *p)
{
    double room = 1000;

    for (size_t i = 0; i < p->regions.count; i++)
        room = fmin(room, 2 * M_PI * p->rings[i].radius / (double)p->rings[i].nodes);
    p->dot = fmin(fmax(room * 0.27, 1.2), 15);
}

static bool number_regions(struct picture *p)
{
    for (size_t i = 0; i < p->t->count; i++) {
        p->region_of[i] = REGION_NONE;
        if (stands_in_the_middle(&p->t->nodes[i]))
            p->in_middle++;
        else if (intern_put(&p->regions, span_of(p->t->nodes[i].region), &p->region_of[i], NULL))
            return false;
        else
            p->rings[p->region_of[i]].nodes++;
    }
    return true;
}

static bool lay_out(struct picture *p)
{
    size_t count = p->t->count + 1;

    p->rings = arena_take(&p->memory, count * sizeof *p->rings, alignof(struct ring));
    p->region_of = arena_take(&p->memory, count * sizeof *p->region_of, alignof(uint32_t));
    p->at = arena_take(&p->memory, count * sizeof *p->at, alignof(struct point));
    if (!p->rings || !p->region_of || !p->at || !number_regions(p))
        return false;
    place_rings(p);
    place_nodes(p);
    size_nodes(p);
    for (size_t i = 0; i < p->t->count; i++)
        p->links += p->t->nodes[i].producer_count;
    p->stride = p->links / TOPOLOGY_PICTURE_LINKS_MAX + 1;
    return true;
}

/* ---- links ---- */

static struct point towards(struct point from, struct point to, double by)
{
    double length = hypot(to.x - from.x, to.y - from.y);

    if (length == 0)
        return from;
    return (struct point){ from.x + (to.x - from.x) / length * by,
                           from.y + (to.y - from.y) / length * by };
}

static struct point between(struct point a, struct point b, double part)
{
    return (struct point){ a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part };
}

/* What a link bends to: neighbours on a ring are joined by a straight line, chords bow to the middle of their ring,
 * links between regions to the middle of the picture. */
static struct point bend(const struct picture *p, size_t a, size_t b)
{
    struct point half = between(p->at[a], p->at[b], 0.5);
    const struct ring *ring;
    double length, neighbours;

    if (p->region_of[a] == REGION_NONE || p->region_of[b] == REGION_NONE)
        return half;
    if (p->region_of[a] != p->region_of[b])
        return between(half, (struct point){ CENTRE_X, CENTRE_Y }, 0.3);
    ring = &p->rings[p->region_of[a]];
    length = hypot(p->at[b].x - p->at[a].x, p->at[b].y - p->at[a].y);
    neighbours = 2 * ring->radius * sin(M_PI / (double)ring->nodes);
    return length < neighbours * 1.01 ? half : between(half, ring->centre, 0.35);
}

static bool dials(const struct topology *t, size_t from, size_t to)
{
    for (size_t i = 0; i < t->nodes[from].producer_count; i++)
        if (t->nodes[from].producers[i] == to)
            return true;
    return false;
}

static bool has_arrows(const struct picture *p)
{
    return p->dot >= 4;
}

/* A pair that dials each other has one line with two heads. */
static void draw_link(const struct picture *p, size_t from, size_t to, const char *kind,
                      uint32_t colour)
{
    bool mutual = dials(p->t, to, from);
    double head = has_arrows(p) ? p->dot * 0.55 : 0;
    struct point c = bend(p, from, to);
    struct point a = towards(p->at[from], c, p->dot + (mutual ? head : 0));
    struct point b = towards(p->at[to], c, p->dot + head);

    if (mutual && to < from && p->stride == 1)
        return;
    buffer_printf(p->out, "<path class=\"%s c%u\" d=\"M%.1f %.1fQ%.1f %.1f %.1f %.1f\"", kind,
                  colour % COLOURS, a.x, a.y, c.x, c.y, b.x, b.y);
    if (has_arrows(p))
        buffer_text(p->out, mutual ? " marker-start=\"url(#h)\" marker-end=\"url(#h)\""
                                   : " marker-end=\"url(#h)\"");
    buffer_text(p->out, "/>\n");
}

/* Links within regions lie above those between them, and both above those of observers. */
enum layer { OF_OBSERVERS, BETWEEN_REGIONS, WITHIN_REGIONS, LAYERS };

static enum layer layer_of(const struct picture *p, size_t from, size_t to)
{
    if (p->region_of[from] == REGION_NONE || p->region_of[to] == REGION_NONE)
        return OF_OBSERVERS;
    return p->region_of[from] == p->region_of[to] ? WITHIN_REGIONS : BETWEEN_REGIONS;
}

static void draw_links(const struct picture *p)
{
    static const char *const kinds[LAYERS] = { "watch", "far", "near" };

    for (enum layer layer = 0; layer < LAYERS; layer++) {
        size_t number = 0;

        for (size_t i = 0; i < p->t->count; i++)
            for (size_t j = 0; j < p->t->nodes[i].producer_count; j++) {
                uint32_t to = p->t->nodes[i].producers[j];

                if (number++ % p->stride == 0 && layer_of(p, i, to) == layer)
                    draw_link(p, i, to, kinds[layer],
                              layer == WITHIN_REGIONS ? p->region_of[i] : 0);
            }
    }
}

/* ---- nodes ---- */

/* "17" of node-17, where there is room for it. */
static void draw_number(const struct picture *p, size_t i)
{
    const char *name = p->t->nodes[i].name, *dash = strrchr(name, '-');

    if (p->dot < 7.5 || p->t->count > NUMBERED_NODES_MAX || !dash || strlen(dash + 1) > 3)
        return;
    buffer_printf(p->out, "<text class=\"number\" x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\">",
                  p->at[i].x, p->at[i].y + p->dot * 0.36, p->dot);
    append_text(p->out, dash + 1);
    buffer_text(p->out, "</text>");
}

static void draw_observer(const struct picture *p, size_t i)
{
    double side = fmax(p->dot * 1.8, 12);

    buffer_printf(p->out,
                  "<rect class=\"node observer\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                  "height=\"%.1f\" rx=\"3\"/><text class=\"name\" x=\"%.1f\" y=\"%.1f\">",
                  p->at[i].x - side / 2, p->at[i].y - side / 2, side, side, p->at[i].x,
                  p->at[i].y + side / 2 + 14);
    append_text(p->out, p->t->nodes[i].name);
    buffer_text(p->out, "</text>");
}

static void draw_node(const struct picture *p, size_t i)
{
    const struct topology_node *node = &p->t->nodes[i];

    buffer_text(p->out, "<g><title>");
    append_text(p->out, node->name);
    buffer_text(p->out, ", ");
    append_text(p->out, node->region);
    buffer_printf(p->out, ": %s, %" PRIu32 " pool%s, dials %zu</title>", host_kind_name(node->kind),
                  node->pools, node->pools == 1 ? "" : "s", node->producer_count);
    if (p->region_of[i] == REGION_NONE) {
        draw_observer(p, i);
    } else {
        if (node->pools > 1)
            buffer_printf(p->out,
                          "<circle class=\"dense c%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>",
                          p->region_of[i] % COLOURS, p->at[i].x, p->at[i].y, p->dot * 1.3);
        buffer_printf(p->out, "<circle class=\"node%s c%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>",
                      node->kind == HOST_BFT ? " bft" : "", p->region_of[i] % COLOURS, p->at[i].x,
                      p->at[i].y, p->dot);
        draw_number(p, i);
    }
    buffer_text(p->out, "</g>\n");
}

/* Outside of its ring, as seen from the middle. */
static void draw_region_name(const struct picture *p, size_t region)
{
    const struct ring *ring = &p->rings[region];
    bool below = ring->centre.y > CENTRE_Y + 1 || p->regions.count == 1;
    double y = ring->centre.y + (below ? ring->radius + p->dot + 22 : -ring->radius - p->dot - 10);

    if (p->regions.count > LEGEND_ROWS)
        return;
    buffer_printf(p->out, "<text class=\"region c%zu\" x=\"%.1f\" y=\"%.1f\">", region % COLOURS,
                  ring->centre.x, y);
    append_text(p->out, intern_text(&p->regions, (uint32_t)region).at);
    buffer_text(p->out, "</text>\n");
}

/* ---- head and legend ---- */

/* Colours of Okabe and Ito, which people who see few colours tell apart; lighter ones on dark paper. */
static const char style[] =
    "<style>\n"
    "svg{--paper:#fbfbfa;--ink:#1d2126;--quiet:#5b6470;--far:#7b8490}\n"
    ".c0{--c:#0072b2}.c1{--c:#c25400}.c2{--c:#00805e}.c3{--c:#b3568a}"
    ".c4{--c:#a87400}.c5{--c:#2f8fc4}.c6{--c:#5f4bb6}.c7{--c:#6b6b6b}\n"
    "@media (prefers-color-scheme:dark){\n"
    "svg{--paper:#14171b;--ink:#e6e9ed;--quiet:#a0a9b4;--far:#8a939e}\n"
    ".c0{--c:#5fb4ea}.c1{--c:#f58b4c}.c2{--c:#3fc79c}.c3{--c:#e79cc4}"
    ".c4{--c:#f0b93a}.c5{--c:#9ed8fa}.c6{--c:#b0a2f5}.c7{--c:#b5b5b5}\n"
    "}\n"
    "text{font-family:system-ui,sans-serif;fill:var(--ink)}\n"
    ".paper{fill:var(--paper)}\n"
    ".title{font-size:24px;font-weight:600}.facts,.key{font-size:14px}.facts{fill:var(--quiet)}\n"
    ".number,.name,.region{text-anchor:middle}.name{font-size:12px}\n"
    ".region{font-size:15px;font-weight:600;fill:var(--c)}\n"
    ".near,.far,.watch{fill:none}.near{stroke:var(--c)}.far{stroke:var(--far)}\n"
    ".watch{stroke:var(--quiet);stroke-dasharray:2 5}\n"
    ".node{fill:var(--paper);stroke:var(--c)}.bft{stroke-dasharray:3 2}\n"
    ".dense{fill:none;stroke:var(--c)}.observer{stroke:var(--ink)}\n";

/* The more links, the thinner and paler they are. */
static void draw_style(const struct picture *p)
{
    double many = fmax((double)(p->links / p->stride), 1);
    double width = fmin(fmax(9 / sqrt(many), 0.25), 1.6);
    double near = fmin(fmax(14 / sqrt(many), 0.12), 0.9);

    buffer_text(p->out, style);
    buffer_printf(p->out,
                  ".near,.far,.watch{stroke-width:%.2f}.near{stroke-opacity:%.2f}"
                  ".far{stroke-opacity:%.2f}.watch{stroke-opacity:%.2f}\n"
                  ".node,.dense{stroke-width:%.2f}\n</style>\n",
                  width, near, near * 0.75, near * 0.8, fmin(fmax(p->dot / 5, 0.8), 2.4));
    /* Heads take the colour of their line where browsers can do that (SVG 2), else that of text. */
    buffer_printf(p->out,
                  "<defs><marker id=\"h\" viewBox=\"0 0 8 8\" refX=\"1\" refY=\"4\" "
                  "markerWidth=\"%.1f\" markerHeight=\"%.1f\" markerUnits=\"userSpaceOnUse\" "
                  "orient=\"auto-start-reverse\"><path d=\"M0 .8L8 4 0 7.2z\" "
                  "fill=\"context-stroke\" fill-opacity=\"%.2f\"/></marker></defs>\n",
                  p->dot * 0.6, p->dot * 0.6, fmin(near + 0.2, 1));
}

static void append_degree(struct buffer *out, const struct degree *d)
{
    if (d->min == d->max)
        buffer_printf(out, "%zu", d->min);
    else
        buffer_printf(out, "%zu to %zu (mean %.1f)", d->min, d->max, d->mean);
}

/* What is known of the graph, in two sentences. */
static void append_facts(const struct picture *p, struct buffer *out, bool second)
{
    const struct topology_graph *g = p->g;

    if (!second) {
        buffer_printf(out,
                      "%zu node%s in %zu region%s; %zu link%s, %zu between regions; each dials ",
                      g->nodes, g->nodes == 1 ? "" : "s", g->regions, g->regions == 1 ? "" : "s",
                      g->links, g->links == 1 ? "" : "s", g->links_between);
        append_degree(out, &g->out);
        if (g->observers)
            buffer_printf(out, "; and %zu that do%s not forge", g->observers,
                          g->observers == 1 ? "es" : "");
        return;
    }
    buffer_printf(out, "diameter %.0f, mean distance %.2f", g->hops.longest, g->hops.mean);
    if (g->has_delays)
        buffer_printf(out, "; at least %.4g ms one way between the farthest, %.4g ms on average",
                      g->delay_ms.longest, g->delay_ms.mean);
    if (g->hops.pairs_apart)
        buffer_text(out, "; in several pieces");
    if (p->stride > 1)
        buffer_printf(out, "; one in %zu links is drawn", p->stride);
}

static void draw_head(const struct picture *p, const char *title)
{
    buffer_printf(p->out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                  "height=\"%d\" role=\"img\" aria-labelledby=\"t d\">\n<title id=\"t\">",
                  WIDTH, HEIGHT, WIDTH, HEIGHT);
    append_text(p->out, title);
    buffer_text(p->out, "</title>\n<desc id=\"d\">");
    append_facts(p, p->out, false);
    buffer_text(p->out, "; ");
    append_facts(p, p->out, true);
    buffer_text(p->out, "</desc>\n");
    draw_style(p);
    buffer_printf(p->out,
                  "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n"
                  "<text class=\"title\" x=\"28\" y=\"42\">",
                  WIDTH, HEIGHT);
    append_text(p->out, title);
    for (int second = 0; second < 2; second++) {
        buffer_printf(p->out, "</text>\n<text class=\"facts\" x=\"28\" y=\"%d\">",
                      66 + 20 * second);
        append_facts(p, p->out, second);
    }
    buffer_text(p->out, "</text>\n");
}

/* A row of the legend: its mark is there already. Returns where the next one stands. */
static int key(const struct picture *p, int y, const char *text, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static int key(const struct picture *p, int y, const char *text, const char *format, ...)
{
    va_list args;

    buffer_printf(p->out, "<text class=\"key\" x=\"%d\" y=\"%d\">", LEGEND_X + 22, y + 5);
    append_text(p->out, text);
    va_start(args, format);
    buffer_vprintf(p->out, format, args);
    va_end(args);
    buffer_text(p->out, "</text>\n");
    return y + LEGEND_STEP;
}

static int draw_region_keys(const struct picture *p, int y)
{
    size_t count = p->regions.count;
    size_t shown = count > LEGEND_ROWS ? LEGEND_ROWS : count;

    for (size_t i = 0; i < shown; i++) {
        size_t nodes = p->rings[i].nodes;

        buffer_printf(p->out,
                      "<circle class=\"node c%zu\" style=\"stroke-width:2.4\" cx=\"%d\" "
                      "cy=\"%d\" r=\"7\"/>",
                      i % COLOURS, LEGEND_X, y);
        y = key(p, y, intern_text(&p->regions, (uint32_t)i).at, ": %zu node%s", nodes,
                nodes == 1 ? "" : "s");
    }
    return count > shown ? key(p, y, "", "and %zu more regions", count - shown) : y;
}

static int draw_line_key(const struct picture *p, int y, const char *kind, const char *text)
{
    buffer_printf(p->out,
                  "<path class=\"%s c0\" style=\"stroke-width:1.6;stroke-opacity:.9\" "
                  "d=\"M%d %dh24\"/>",
                  kind, LEGEND_X - 12, y);
    return key(p, y, text, "%s", "");
}

static int draw_line_keys(const struct picture *p, int y)
{
    y = draw_line_key(p, y, "near", "dials, within a region");
    if (p->g->links_between)
        y = draw_line_key(p, y, "far", "dials, in another region");
    if (p->in_middle)
        y = draw_line_key(p, y, "watch", "follows, and does not forge");
    return y;
}

static void draw_delay_keys(const struct picture *p, int y)
{
    const struct topology *t = p->t;
    size_t shown = t->link_count > LEGEND_ROWS ? LEGEND_ROWS : t->link_count;

    if (shown)
        y = key(p, y, "delays, one way:", "%s", "");
    for (size_t i = 0; i < shown; i++) {
        const char *a = topology_region(t->links[i].a), *b = topology_region(t->links[i].b);
        bool within = strcmp(a, b) == 0;

        buffer_printf(p->out, "<text class=\"key\" x=\"%d\" y=\"%d\">", LEGEND_X + 22, y + 5);
        append_text(p->out, within ? "within " : a);
        append_text(p->out, within ? "" : " \xe2\x80\x93 ");
        append_text(p->out, b);
        buffer_printf(p->out, ": %.4g ms</text>\n", t->links[i].latency_ms);
        y += LEGEND_STEP;
    }
    if (t->link_count > shown)
        key(p, y, "", "and %zu more", t->link_count - shown);
}

static void draw_legend(const struct picture *p)
{
    int y = draw_region_keys(p, LEGEND_Y);

    y = draw_line_keys(p, y + LEGEND_STEP / 2);
    draw_delay_keys(p, y + LEGEND_STEP / 2);
}

/* ---- all of it ---- */

static void draw(const struct picture *p, const char *title)
{
    draw_head(p, title);
    draw_links(p);
    for (size_t i = 0; i < p->t->count; i++)
        draw_node(p, i);
    for (size_t i = 0; i < p->regions.count; i++)
        draw_region_name(p, i);
    draw_legend(p);
    buffer_text(p->out, "</svg>\n");
}

void topology_picture(const struct topology *t, const struct topology_graph *graph,
                      const char *title, struct buffer *out)
{
    struct picture p = { .t = t, .g = graph, .out = out };

    arena_init(&p.memory, out->from, MEMORY_BYTES_MAX);
    intern_init(&p.regions, out->from, t->count + 1, REGION_BYTES_MAX);
    if (lay_out(&p))
        draw(&p, title);
    else
        out->status = OU_NO_MEMORY;
    intern_release(&p.regions);
    arena_release(&p.memory);
}
