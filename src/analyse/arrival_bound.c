#include "analyse/arrival_bound.h"

#include <math.h>
#include <stdlib.h>

#include "analyse/arrival.h"
#include "analyse/block_metrics.h"

#define STEPS_MAX 1e9 /* of all searches together; one has hosts^2 */
#define EFFICIENCY_SHARE 0.95
#define LONGEST_S 1e9 /* links can be told that take longer than nanoseconds can be counted */

struct bounding {
    struct analysis *a;
    struct diffusion_net net;
    uint32_t *place;     /* on the map, by host; owned */
    double *times_s;     /* by node of the map: the shortest paths for one block; owned */
    double *arrival_s;   /* by host, sorted: when they can have that block; owned */
    size_t points, room; /* of the curve; blocks that are taken */
    double *reached_s;   /* [point * room + block]: when so many hosts can have a block; owned */
    size_t blocks;
    double bytes; /* of all of them */
    struct bound_doubt *doubt;
};

/* --- The map --------------------------------------------------------------- */

static uint32_t find_node(const struct cluster_map *map, const char *name)
{
    for (uint32_t i = 0; i < map->count; i++)
        if (strcmp(map->names[i], name) == 0)
            return i;
    return NO_HOST;
}

/* False when a host of the cluster has no place on the map. */
static bool find_places(struct bounding *b, const struct cluster_map *map)
{
    for (uint32_t h = 0; h < b->a->host_count; h++) {
        const struct host_result *host = &b->a->hosts[h];

        b->place[h] = find_node(map, host->name);
        if (host->cluster_member && b->place[h] == NO_HOST) {
            b->doubt->stranger = host->name;
            return false;
        }
    }
    return true;
}

/* Pairs, however often and in whichever direction they are told. */
static size_t count_pairs(const struct diffusion_net *net)
{
    size_t pairs = 0, n = net->first[net->hosts];

    for (size_t i = 0; i < n; i++) {
        const struct diffusion_link *link = &net->links[i];
        bool again = i > 0 && link[-1].from == link->from && link[-1].to == link->to;

        pairs += link->from < link->to && !again;
    }
    return pairs;
}

/* --- One block --------------------------------------------------------------- */

static bool can_be_bounded(const struct chain_block *block)
{
    /* the bit, for in compat mode a missing delta has a value */
    return block_metric_counts(block) && block->forger != NO_HOST && block->size_bytes >= 0 &&
           !((block->forger_missing | block->forger_negative) >> FORGER_ANNOUNCED_CUM & 1);
}

static double seconds(int64_t ns)
{
    return (double)ns / NS_PER_SECOND;
}

/* The forger itself has a block when it adopts it, which can be before it announces it. */
static double own_time_s(const struct chain_block *block)
{
    double announced_s = seconds(block->forger_delta_ns[FORGER_ANNOUNCED_CUM]);

    return block->forger_adoption_ns == TIME_NONE
               ? announced_s
               : fmin(announced_s, seconds(block->forger_adoption_ns));
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void add_to_curve(struct bounding *b, const struct chain_block *block)
{
    double announced_s = seconds(block->forger_delta_ns[FORGER_ANNOUNCED_CUM]);
    size_t n = 0;

    for (uint32_t h = 0; h < b->a->host_count; h++)
        if (b->a->hosts[h].cluster_member)
            b->arrival_s[n++] =
                h == block->forger ? own_time_s(block) : announced_s + b->times_s[b->place[h]];
    qsort(b->arrival_s, n, sizeof(*b->arrival_s), by_value);
    for (size_t i = 0; i < b->points; i++)
        b->reached_s[i * b->room + b->blocks] =
            b->arrival_s[arrival_hosts(b->a->cluster_size, i) - 1];
}

static int64_t slack_ns(const struct analysis *a, uint32_t one, uint32_t other)
{
    return a->hosts[one].coarse_stamps || a->hosts[other].coarse_stamps ? BOUND_SLACK_COARSE_NS
                                                                        : BOUND_SLACK_NS;
}

static void look_for_early_ones(struct bounding *b, const struct chain_block *block)
{
    int64_t announced_ns = block->forger_delta_ns[FORGER_ANNOUNCED_CUM];

    for (uint32_t i = 0; i < block->observation_count; i++) {
        const struct block_observation *o = &block->observations[i];
        double least_s = b->place[o->host] == NO_HOST ? 0 : b->times_s[b->place[o->host]];
        int64_t early_ns;

        /* without a distance it is for the comparison of clocks to judge */
        if (o->adoption_ns == TIME_NONE || least_s <= 0 || isinf(least_s))
            continue;
        early_ns =
            announced_ns + (int64_t)(fmin(least_s, LONGEST_S) * NS_PER_SECOND) - o->adoption_ns;
        if (early_ns <= slack_ns(b->a, block->forger, o->host))
            continue;
        b->doubt->adoptions++;
        if (early_ns > b->doubt->early_ns) {
            b->doubt->early_ns = early_ns;
            b->doubt->forger = block->forger;
            b->doubt->observer = o->host;
        }
    }
}

static void take_block(struct bounding *b, const struct chain_block *block)
{
    diffusion_times(&b->net, b->place[block->forger], (double)block->size_bytes, b->times_s);
    add_to_curve(b, block);
    look_for_early_ones(b, block);
    b->bytes += (double)block->size_bytes;
    b->blocks++;
}

/* --- All blocks ---------------------------------------------------------------- */

/* Every so many blocks of those that can be bounded are taken. */
static size_t step_of(const struct bounding *b, const struct cluster_map *map)
{
    double steps = (double)map->count * map->count;
    size_t candidates = 0;

    for (size_t i = 0; i < b->a->block_count; i++)
        candidates += can_be_bounded(&b->a->blocks[i]);
    return (size_t)ceil(fmax(1, steps * (double)candidates / STEPS_MAX));
}

static void take_blocks(struct bounding *b, size_t step)
{
    size_t at = 0;

    for (size_t i = 0; i < b->a->block_count; i++)
        if (can_be_bounded(&b->a->blocks[i]) && at++ % step == 0)
            take_block(b, &b->a->blocks[i]);
}

/* Bound by measured time, medians both, where most of the cluster has the block; NaN where no block came so far. */
static double efficiency_of(const struct analysis *a)
{
    const struct arrival_result *r = &a->arrival;
    double hosts = EFFICIENCY_SHARE * a->cluster_size - 1e-9; /* the product must not add a host */

    for (size_t i = 0; i < r->point_count && i < r->bound.point_count; i++)
        if (r->curve[i].hosts >= hosts)
            return r->bound.curve[i].median_s / r->curve[i].p50_s;
    return NAN;
}

static struct adoption_bound bound_at(struct bounding *b, size_t point)
{
    double *reached_s = b->reached_s + point * b->room, sum_s = 0;

    for (size_t i = 0; i < b->blocks; i++)
        sum_s += reached_s[i];
    qsort(reached_s, b->blocks, sizeof(*reached_s), by_value);
    return (struct adoption_bound){
        .hosts = arrival_hosts(b->a->cluster_size, point),
        .median_s = quantile_sorted(reached_s, b->blocks, .5, QUANTILE_TYPE7),
        .mean_s = sum_s / (double)b->blocks,
    };
}

/* The curve ends before hosts that no path leads to. */
static enum ou_status conclude(struct bounding *b, const struct cluster_map *map)
{
    struct arrival_bound *bound = &b->a->arrival.bound;

    if (b->blocks == 0)
        return OU_OK;
    bound->curve = arena_take(&b->a->memory, (b->points + 1) * sizeof(*bound->curve),
                              _Alignof(struct adoption_bound));
    if (!bound->curve)
        return OU_NO_MEMORY;
    for (size_t i = 0; i < b->points; i++) {
        bound->curve[i] = bound_at(b, i);
        if (!isfinite(bound->curve[i].mean_s))
            break;
        bound->point_count++;
    }
    bound->assumptions = map->assumptions;
    bound->links = count_pairs(&b->net);
    bound->blocks = b->blocks;
    bound->block_bytes = b->bytes / (double)b->blocks;
    bound->efficiency = efficiency_of(b->a);
    return OU_OK;
}

static enum ou_status bounding_init(struct bounding *b, const struct cluster_map *map, size_t step)
{
    uint32_t hosts = b->a->host_count;

    b->points = arrival_points(b->a->cluster_size);
    b->room = b->a->block_count / step + 1;
    b->place = calloc((size_t)hosts + 1, sizeof(*b->place));
    b->times_s = calloc((size_t)map->count + 1, sizeof(*b->times_s));
    b->arrival_s = calloc((size_t)hosts + 1, sizeof(*b->arrival_s));
    b->reached_s = calloc(b->points * b->room + 1, sizeof(*b->reached_s));
    if (!b->place || !b->times_s || !b->arrival_s || !b->reached_s)
        return OU_NO_MEMORY;
    return diffusion_net_init(&b->net, map->count, map->links, map->link_count);
}

static void bounding_release(struct bounding *b)
{
    diffusion_net_release(&b->net);
    free(b->place);
    free(b->times_s);
    free(b->arrival_s);
    free(b->reached_s);
}

enum ou_status arrival_bound_fill(struct analysis *a, const struct cluster_map *map,
                                  struct bound_doubt *ret, struct ou_error *err)
{
    struct bounding b = { .a = a, .doubt = ret };
    enum ou_status status;
    size_t step;

    *ret = (struct bound_doubt){ .forger = NO_HOST, .observer = NO_HOST };
    if (!map)
        return OU_OK;
    step = step_of(&b, map);
    status = bounding_init(&b, map, step);
    if (!status && find_places(&b, map)) {
        take_blocks(&b, step);
        status = conclude(&b, map);
    }
    bounding_release(&b);
    return status ? ou_fail(err, status, "no memory for the bound of diffusion") : OU_OK;
}
