#include "profile/topology_picture.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "profile/node_specs.h"
#include "profile/topology_picture_inside.h"

#define MEMORY_BYTES_MAX ((size_t)16 << 20)
#define REGION_BYTES_MAX ((size_t)4 << 20)

#define NUMBERED_NODES_MAX 120 /* of more there is no room for names */
#define CLEARED_NODES_MAX 24   /* of more lines go as they go */

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

/* What a link bends to when nothing is in its way: neighbours on a ring are joined by a straight line, chords bow to the middle of their ring,
 * links between regions to the middle of the picture. */
static struct point usual_bend(const struct picture *p, size_t a, size_t b)
{
    struct point half = between(p->at[a], p->at[b], 0.5);
    const struct ring *ring;
    double length, neighbours;

    if (p->region_of[a] == REGION_NONE || p->region_of[b] == REGION_NONE)
        return half;
    if (p->region_of[a] != p->region_of[b])
        return between(half, (struct point){ PICTURE_CENTRE_X, PICTURE_CENTRE_Y }, 0.3);
    ring = &p->rings[p->region_of[a]];
    length = hypot(p->at[b].x - p->at[a].x, p->at[b].y - p->at[a].y);
    neighbours = 2 * ring->radius * sin(M_PI / (double)ring->nodes);
    return length < neighbours * 1.01 ? half : between(half, ring->centre, 0.35);
}

/* How far the line from a by c to b (a quadratic curve) stays from the nodes on rings that it is not of; at most `enough`,
 * which it need not exceed. */
static double clearance(const struct picture *p, size_t a, struct point c, size_t b, double enough)
{
    enum { STEPS = 24 };
    double least = enough;

    for (int step = 1; step < STEPS; step++) {
        double part = (double)step / STEPS;
        struct point at = between(between(p->at[a], c, part), between(c, p->at[b], part), part);

        for (size_t i = 0; i < p->t->count; i++)
            if (i != a && i != b && p->region_of[i] != REGION_NONE)
                least = fmin(least, hypot(p->at[i].x - at.x, p->at[i].y - at.y));
    }
    return least;
}

/* A link that would lie under other nodes, as if it were theirs, goes around them: of some wider bends, to either side, the first that
 * is free, or else the freest. Of many nodes lines are too thin and too many for that to matter. */
static struct point bend(const struct picture *p, size_t a, size_t b)
{
    static const double sideways[] = { 0.25, -0.25, 0.5, -0.5, 0.8, -0.8 };
    struct point usual = usual_bend(p, a, b), best = usual;
    double enough = p->dot * 1.5;
    double free = p->t->count > CLEARED_NODES_MAX ? enough : clearance(p, a, usual, b, enough);

    for (size_t i = 0; free < enough && i < sizeof sideways / sizeof *sideways; i++) {
        struct point c = { usual.x + (p->at[b].y - p->at[a].y) * sideways[i],
                           usual.y - (p->at[b].x - p->at[a].x) * sideways[i] };
        double here = clearance(p, a, c, b, enough);

        if (here > free) {
            free = here;
            best = c;
        }
    }
    return best;
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
                  colour % PICTURE_COLOURS, a.x, a.y, c.x, c.y, b.x, b.y);
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
    picture_text(p->out, dash + 1);
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
    picture_text(p->out, p->t->nodes[i].name);
    buffer_text(p->out, "</text>");
}

static void draw_node(const struct picture *p, size_t i)
{
    const struct topology_node *node = &p->t->nodes[i];

    buffer_text(p->out, "<g><title>");
    picture_text(p->out, node->name);
    buffer_text(p->out, ", ");
    picture_text(p->out, node->region);
    buffer_printf(p->out, ": %s, %" PRIu32 " pool%s, dials %zu</title>", host_kind_name(node->kind),
                  node->pools, node->pools == 1 ? "" : "s", node->producer_count);
    if (p->region_of[i] == REGION_NONE) {
        draw_observer(p, i);
    } else {
        if (node->pools > 1)
            buffer_printf(p->out,
                          "<circle class=\"dense c%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>",
                          p->region_of[i] % PICTURE_COLOURS, p->at[i].x, p->at[i].y, p->dot * 1.3);
        buffer_printf(p->out, "<circle class=\"node%s c%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>",
                      node->kind == HOST_BFT ? " bft" : "", p->region_of[i] % PICTURE_COLOURS,
                      p->at[i].x, p->at[i].y, p->dot);
        draw_number(p, i);
    }
    buffer_text(p->out, "</g>\n");
}

/* Outside of its ring, as seen from the middle. */
static void draw_region_name(const struct picture *p, size_t region)
{
    const struct ring *ring = &p->rings[region];
    bool below = ring->centre.y > PICTURE_CENTRE_Y + 1 || p->regions.count == 1;
    double y = ring->centre.y + (below ? ring->radius + p->dot + 22 : -ring->radius - p->dot - 10);

    if (p->regions.count > PICTURE_ROWS_MAX)
        return;
    buffer_printf(p->out, "<text class=\"region c%zu\" x=\"%.1f\" y=\"%.1f\">",
                  region % PICTURE_COLOURS, ring->centre.x, y);
    picture_text(p->out, intern_text(&p->regions, (uint32_t)region).at);
    buffer_text(p->out, "</text>\n");
}

/* ---- all of it ---- */

static void draw(const struct picture *p, const char *title)
{
    picture_head(p, title);
    draw_links(p);
    for (size_t i = 0; i < p->t->count; i++)
        draw_node(p, i);
    for (size_t i = 0; i < p->regions.count; i++)
        draw_region_name(p, i);
    picture_legend(p);
    buffer_text(p->out, "</svg>\n");
}

void topology_picture(const struct topology *t, const struct topology_graph *graph,
                      const char *title, struct buffer *out)
{
    struct picture p = { .t = t, .g = graph, .out = out };

    arena_init(&p.memory, out->from, MEMORY_BYTES_MAX);
    intern_init(&p.regions, out->from, t->count + 1, REGION_BYTES_MAX);
    if (picture_lay_out(&p))
        draw(&p, title);
    else
        out->status = OU_NO_MEMORY;
    intern_release(&p.regions);
    arena_release(&p.memory);
}
