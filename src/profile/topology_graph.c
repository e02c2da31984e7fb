#include "profile/topology_graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"

#define REGION_BYTES_MAX ((size_t)4 << 20)

/* Steps along links of all searches together: a second or two. */
#define STEPS_MAX UINT64_C(1000000000)

/* Neighbours of node i are to[starts[i]] ... to[starts[i + 1] - 1]. */
struct adjacency {
    size_t *starts;
    uint32_t *to;
    double *ms; /* by neighbour; NULL: not wanted */
};

/* A delay between two regions, by number, the smaller first. */
struct region_delay {
    uint32_t a, b;
    double ms;
    size_t order; /* in the topology: of two for the same regions the first one holds */
};

struct heap_item {
    double ms;
    uint32_t node;
};

struct measuring {
    const struct topology *t;
    size_t nodes; /* of the topology, the first ones: those that forge */
    struct topology_graph *into;
    struct intern regions;
    uint32_t *region_of; /* by node */
    struct region_delay *delays;
    size_t delay_count;
    struct adjacency both, out;
    /* of one search */
    double *distance; /* by node; infinite: not reached */
    uint32_t *queue;
    struct heap_item *heap;
    size_t heap_count;
};

/* ---- regions and delays ---- */

static bool number_regions(struct measuring *m)
{
    for (size_t i = 0; i < m->nodes; i++)
        if (intern_put(&m->regions, span_of(m->t->nodes[i].region), &m->region_of[i], NULL))
            return false;
    return true;
}

static int by_regions(const void *one, const void *other)
{
    const struct region_delay *x = one, *y = other;

    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

static int by_regions_and_order(const void *one, const void *other)
{
    const struct region_delay *x = one, *y = other;
    int order = by_regions(one, other);

    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static struct region_delay delay_between(uint32_t a, uint32_t b)
{
    return (struct region_delay){ a < b ? a : b, a < b ? b : a, 0, 0 };
}

/* Links of regions that no node stands in tell nothing here. */
static void collect_delays(struct measuring *m)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->t->link_count; i++) {
        const struct profile_link *link = &m->t->links[i];
        uint32_t a, b;

        if (!intern_find(&m->regions, span_of(topology_region(link->a)), &a) ||
            !intern_find(&m->regions, span_of(topology_region(link->b)), &b))
            continue;
        m->delays[m->delay_count] = delay_between(a, b);
        m->delays[m->delay_count].ms = link->latency_ms;
        m->delays[m->delay_count].order = i;
        m->delay_count++;
    }
    qsort(m->delays, m->delay_count, sizeof *m->delays, by_regions_and_order);
    for (size_t i = 0; i < m->delay_count; i++)
        if (kept == 0 || by_regions(&m->delays[kept - 1], &m->delays[i]) != 0)
            m->delays[kept++] = m->delays[i];
    m->delay_count = kept;
}

static double delay_of(const struct measuring *m, size_t from, size_t to)
{
    struct region_delay wanted = delay_between(m->region_of[from], m->region_of[to]);
    const struct region_delay *found =
        m->delay_count ? bsearch(&wanted, m->delays, m->delay_count, sizeof wanted, by_regions)
                       : NULL;

    return found ? found->ms : 0;
}

/* ---- neighbours ---- */

/* Counts become starts, and then the lists are filled. In `both` a pair that dials each other stands twice, which
 * changes no distance. */
static void fill(struct measuring *m, struct adjacency *lists, bool both)
{
    const struct topology *t = m->t;
    size_t *next = lists->starts;

    for (size_t i = 0; i < m->nodes; i++)
        for (size_t j = 0; j < t->nodes[i].producer_count; j++) {
            uint32_t to = t->nodes[i].producers[j];

            next[i + 2] += to < m->nodes;
            if (both && to < m->nodes)
                next[to + 2]++;
        }
    for (size_t i = 2; i < m->nodes + 2; i++)
        next[i] += next[i - 1];
    /* next[i + 1] is where the list of node i begins, and in the end where it ends. */
    for (size_t i = 0; i < m->nodes; i++)
        for (size_t j = 0; j < t->nodes[i].producer_count; j++) {
            uint32_t to = t->nodes[i].producers[j];

            if (to >= m->nodes)
                continue;
            lists->to[next[i + 1]++] = to;
            if (both)
                lists->to[next[to + 1]++] = (uint32_t)i;
        }
    for (size_t i = 0; lists->ms && i < m->nodes; i++)
        for (size_t j = lists->starts[i]; j < lists->starts[i + 1]; j++)
            lists->ms[j] = delay_of(m, i, lists->to[j]);
}

/* ---- degrees ---- */

/* `mean` is the sum until all are there. */
static void add_degree(struct degree *d, size_t value)
{
    if (value < d->min)
        d->min = value;
    if (value > d->max)
        d->max = value;
    d->mean += (double)value;
}

/* Neighbours that differ; queue serves as marks. */
static size_t count_neighbours(const struct measuring *m, size_t node)
{
    size_t count = 0;

    for (size_t j = m->both.starts[node]; j < m->both.starts[node + 1]; j++) {
        uint32_t to = m->both.to[j];

        count += m->queue[to] != node + 1;
        m->queue[to] = (uint32_t)node + 1;
    }
    return count;
}

static void measure_degrees(struct measuring *m)
{
    struct topology_graph *g = m->into;
    size_t nodes = m->nodes;

    g->out.min = g->in.min = g->joined.min = nodes ? SIZE_MAX : 0;
    for (size_t i = 0; i < nodes; i++) {
        size_t joined = m->both.starts[i + 1] - m->both.starts[i];
        size_t dialled = m->out.starts[i + 1] - m->out.starts[i];

        g->links += dialled;
        for (size_t j = m->out.starts[i]; j < m->out.starts[i + 1]; j++)
            g->links_between += m->region_of[i] != m->region_of[m->out.to[j]];
        add_degree(&g->out, dialled);
        add_degree(&g->in, joined - dialled);
        add_degree(&g->joined, count_neighbours(m, i));
    }
    g->out.mean /= nodes ? (double)nodes : 1;
    g->in.mean /= nodes ? (double)nodes : 1;
    g->joined.mean /= nodes ? (double)nodes : 1;
}

/* ---- distances ---- */

static void forget_distances(struct measuring *m)
{
    for (size_t i = 0; i < m->nodes; i++)
        m->distance[i] = INFINITY;
}

/* Each link is one step. */
static void search_hops(struct measuring *m, const struct adjacency *lists, uint32_t from)
{
    size_t head = 0, tail = 0;

    forget_distances(m);
    m->distance[from] = 0;
    m->queue[tail++] = from;
    while (head < tail) {
        uint32_t at = m->queue[head++];

        for (size_t j = lists->starts[at]; j < lists->starts[at + 1]; j++) {
            uint32_t to = lists->to[j];

            if (!isinf(m->distance[to]))
                continue;
            m->distance[to] = m->distance[at] + 1;
            m->queue[tail++] = to;
        }
    }
}

static void heap_push(struct measuring *m, double ms, uint32_t node)
{
    size_t at = m->heap_count++;

    for (; at > 0 && m->heap[(at - 1) / 2].ms > ms; at = (at - 1) / 2)
        m->heap[at] = m->heap[(at - 1) / 2];
    m->heap[at] = (struct heap_item){ ms, node };
}

static struct heap_item heap_pop(struct measuring *m)
{
    struct heap_item top = m->heap[0], last = m->heap[--m->heap_count];
    size_t at = 0, child;

    while ((child = 2 * at + 1) < m->heap_count) {
        if (child + 1 < m->heap_count && m->heap[child + 1].ms < m->heap[child].ms)
            child++;
        if (m->heap[child].ms >= last.ms)
            break;
        m->heap[at] = m->heap[child];
        at = child;
    }
    m->heap[at] = last;
    return top;
}

/* Dijkstra's algorithm. An item whose node was reached sooner meanwhile is stale. */
static void search_delays(struct measuring *m, uint32_t from)
{
    forget_distances(m);
    m->distance[from] = 0;
    heap_push(m, 0, from);
    while (m->heap_count) {
        struct heap_item at = heap_pop(m);

        if (at.ms > m->distance[at.node])
            continue;
        for (size_t j = m->both.starts[at.node]; j < m->both.starts[at.node + 1]; j++) {
            uint32_t to = m->both.to[j];
            double ms = at.ms + m->both.ms[j];

            if (ms >= m->distance[to])
                continue;
            m->distance[to] = ms;
            heap_push(m, ms, to);
        }
    }
}

/* What one search has found. `mean` is the sum until all are there. */
static void take_distances(const struct measuring *m, size_t from, struct distances *d,
                           uint64_t *joined)
{
    for (size_t to = 0; to < m->nodes; to++) {
        if (to == from)
            continue;
        if (isinf(m->distance[to])) {
            d->pairs_apart++;
            continue;
        }
        (*joined)++;
        d->mean += m->distance[to];
        if (m->distance[to] > d->longest) {
            d->longest = m->distance[to];
            d->from = from;
            d->to = to;
        }
    }
}

static void measure_distances(struct measuring *m)
{
    struct topology_graph *g = m->into;
    uint64_t joined = 0, reached = 0, delayed = 0;
    uint64_t most = STEPS_MAX / (m->nodes + 3 * g->links + 1);
    size_t sources = most < m->nodes ? (size_t)most + 1 : m->nodes;

    for (size_t i = 0; i < sources; i++) {
        uint32_t from = (uint32_t)(i * m->nodes / sources);

        search_hops(m, &m->both, from);
        take_distances(m, from, &g->hops, &joined);
        search_hops(m, &m->out, from);
        take_distances(m, from, &g->directed, &reached);
        if (!g->has_delays)
            continue;
        search_delays(m, from);
        take_distances(m, from, &g->delay_ms, &delayed);
    }
    g->sources = sources;
    g->hops.mean /= joined ? (double)joined : 1;
    g->directed.mean /= reached ? (double)reached : 1;
    g->delay_ms.mean /= delayed ? (double)delayed : 1;
}

/* ---- all of it ---- */

static bool take_memory(struct measuring *m, size_t nodes, size_t links, struct arena *memory)
{
    size_t align = sizeof(double);

    m->region_of = arena_take(memory, (nodes + 1) * sizeof *m->region_of, align);
    m->delays = arena_take(memory, (m->t->link_count + 1) * sizeof *m->delays, align);
    m->both.starts = arena_take(memory, (nodes + 2) * sizeof(size_t), align);
    m->both.to = arena_take(memory, (2 * links + 1) * sizeof(uint32_t), align);
    m->both.ms = arena_take(memory, (2 * links + 1) * sizeof(double), align);
    m->out.starts = arena_take(memory, (nodes + 2) * sizeof(size_t), align);
    m->out.to = arena_take(memory, (links + 1) * sizeof(uint32_t), align);
    m->distance = arena_take(memory, (nodes + 1) * sizeof(double), align);
    m->queue = arena_take(memory, (nodes + 1) * sizeof(uint32_t), align);
    /* Each link makes a node nearer at most once in each direction. */
    m->heap = arena_take(memory, (2 * links + 2) * sizeof *m->heap, align);
    return m->region_of && m->delays && m->both.starts && m->both.to && m->both.ms &&
           m->out.starts && m->out.to && m->distance && m->queue && m->heap;
}

static size_t count_links(const struct topology *t)
{
    size_t links = 0;

    for (size_t i = 0; i < t->count; i++)
        links += t->nodes[i].producer_count;
    return links;
}

/* Whoever made or read a topology put them first. */
static size_t count_forgers(const struct topology *t)
{
    size_t count = 0;

    while (count < t->count &&
           (t->nodes[count].kind == HOST_BFT || t->nodes[count].kind == HOST_POOL))
        count++;
    return count ? count : t->count;
}

enum ou_status topology_graph_measure(const struct topology *t, struct topology_graph *ret,
                                      struct ou_error *err)
{
    struct topology_graph got = { .nodes = count_forgers(t), .has_delays = t->link_count > 0 };
    struct measuring m = { .t = t, .nodes = got.nodes, .into = &got };
    struct arena memory;
    bool done = false;

    got.observers = t->count - got.nodes;
    arena_init(&memory, allocator_libc(), SIZE_MAX / 2);
    intern_init(&m.regions, allocator_libc(), got.nodes + 1, REGION_BYTES_MAX);
    if (take_memory(&m, got.nodes, count_links(t), &memory) && number_regions(&m)) {
        got.regions = m.regions.count;
        collect_delays(&m);
        fill(&m, &m.both, true);
        fill(&m, &m.out, false);
        measure_degrees(&m);
        measure_distances(&m);
        *ret = got;
        done = true;
    }
    intern_release(&m.regions);
    arena_release(&memory);
    return done ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory to measure a topology");
}
