/* Two sorted samples walked together, one group of equal values at a time: what
 * rank tests and comparisons of distribution functions are made of.
 *
 *     struct tie_walk walk = { .x = x, .nx = nx, .y = y, .ny = ny };
 *     for (struct tie_group g; tie_walk_next(&walk, &g);)
 *
 * Pure; any thread. */
#ifndef OU_STATS_TIE_GROUPS_H
#define OU_STATS_TIE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

struct tie_walk {
    const double *x, *y; /* ascending */
    size_t nx, ny;
    size_t i, j; /* how many are behind the walk */
};

struct tie_group {
    double value;
    size_t in_x, in_y;         /* how many of each are equal to it */
    size_t before_x, before_y; /* how many are smaller */
};

static inline bool tie_walk_next(struct tie_walk *w, struct tie_group *ret)
{
    *ret = (struct tie_group){ .before_x = w->i, .before_y = w->j };
    if (w->i == w->nx && w->j == w->ny)
        return false;
    if (w->j == w->ny || (w->i < w->nx && w->x[w->i] < w->y[w->j]))
        ret->value = w->x[w->i];
    else
        ret->value = w->y[w->j];
    while (w->i < w->nx && w->x[w->i] == ret->value)
        w->i++;
    while (w->j < w->ny && w->y[w->j] == ret->value)
        w->j++;
    ret->in_x = w->i - ret->before_x;
    ret->in_y = w->j - ret->before_y;
    return true;
}

static inline size_t tie_group_size(const struct tie_group *g)
{
    return g->in_x + g->in_y;
}

/* Twice the mean of the ranks, counted from 1, that the group takes in both samples: whole. */
static inline size_t tie_group_rank2(const struct tie_group *g)
{
    return 2 * (g->before_x + g->before_y) + tie_group_size(g) + 1;
}

#endif
