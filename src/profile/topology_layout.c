#include <math.h>
#include <stdalign.h>

#include "profile/topology_picture_inside.h"

#define REACH 328.0 /* from the centre to the outermost node */
#define GAP 56.0    /* between regions */

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
    struct point middle = { PICTURE_CENTRE_X, PICTURE_CENTRE_Y };
    size_t count = p->regions.count;
    double half = count > 1 ? sin(M_PI / (double)count) : 0;
    double radius = count > 1 ? fmax((REACH * half - GAP / 2) / (1 + half), 4) : REACH * 0.86;

    for (size_t i = 0; i < count; i++) {
        p->rings[i].radius = radius;
        p->rings[i].centre = count > 1 ? on_circle(middle, REACH - radius, i, count) : middle;
    }
    /* Two regions are told apart from left to right better than from top to bottom. Their nodes stay where they are on
     * their rings: rings of two are upright then, and not in one row with each other. */
    for (size_t i = 0; count == 2 && i < count; i++)
        p->rings[i].centre =
            (struct point){ middle.x + (i ? REACH - radius : radius - REACH), middle.y };
}

static void place_nodes(struct picture *p)
{
    struct point middle = { PICTURE_CENTRE_X, PICTURE_CENTRE_Y };
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

bool picture_lay_out(struct picture *p)
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
