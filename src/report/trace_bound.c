#include "report/trace_bound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint32_t find_node(const struct cluster_map *map, const char *name)
{
    for (uint32_t i = 0; i < map->count; i++)
        if (strcmp(map->names[i], name) == 0)
            return i;
    return NO_HOST;
}

bool trace_bound_init(const struct analysis *a, const struct cluster_map *map,
                      struct trace_bound *ret)
{
    *ret = (struct trace_bound){ .place = NULL };
    if (!map)
        return true;
    ret->place = calloc((size_t)a->host_count + 1, sizeof *ret->place);
    ret->times_s = calloc((size_t)map->count + 1, sizeof *ret->times_s);
    if (!ret->place || !ret->times_s ||
        diffusion_net_init(&ret->net, map->count, map->links, map->link_count) != OU_OK)
        return false;
    for (uint32_t h = 0; h < a->host_count; h++)
        ret->place[h] = find_node(map, a->hosts[h].name);
    return true;
}

void trace_bound_release(struct trace_bound *b)
{
    diffusion_net_release(&b->net);
    free(b->place);
    free(b->times_s);
    *b = (struct trace_bound){ .place = NULL };
}

void trace_bound_block(struct trace_bound *b, const struct chain_block *block)
{
    b->block_known = b->place && block->forger != NO_HOST && b->place[block->forger] != NO_HOST &&
                     block->size_bytes >= 0 && block->forged_at_ns != TIME_NONE &&
                     block->forger_delta_ns[FORGER_ANNOUNCED] != TIME_NONE;
    if (b->block_known)
        diffusion_times(&b->net, b->place[block->forger], (double)block->size_bytes, b->times_s);
}

double trace_bound_at(const struct trace_bound *b, uint32_t host)
{
    if (!b->block_known || b->place[host] == NO_HOST || isinf(b->times_s[b->place[host]]))
        return NAN;
    return b->times_s[b->place[host]];
}
