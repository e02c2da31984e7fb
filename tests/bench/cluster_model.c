#include "cluster_model.h"

#include <math.h>

#define MS INT64_C(1000000)
#define US INT64_C(1000)

const char *const cluster_regions[3] = { "eu-central-1", "us-east-1", "ap-southeast-2" };

/* One way, in milliseconds, between regions; and what one connection carries. */
static const double latency_ms[3][3] = {
    { 0.4, 45, 125 },
    { 45, 0.4, 100 },
    { 125, 100, 0.4 },
};
#define FIRST_WINDOW_BYTES 14600.0 /* what TCP sends before the first acknowledgement */
#define BYTES_PER_SECOND 125e6

/* Things that happen to hosts, other than slots beginning. */
enum happening_kind { HEADER_ARRIVES, BODY_ARRIVES, BLOCK_PROCESSED, HOST_RETURNS };

struct happening {
    int64_t at_ns;
    uint64_t order; /* first scheduled, first served */
    enum happening_kind kind;
    uint32_t host;
    int32_t block;
    uint8_t link;
    bool last; /* body: of its batch */
};

void *cluster_memory(void *old, size_t count, size_t size)
{
    void *p = reallocarray(old, count, size);

    if (!p && count && size) {
        fputs("cluster-logs: out of memory\n", stderr);
        exit(1);
    }
    return p;
}

/* --- The queue of happenings: a binary heap, earliest on top. --- */

static bool earlier(const struct happening *a, const struct happening *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void queue_push(struct cluster *c, struct happening h)
{
    size_t i = c->queue_count++;

    if (c->queue_count > c->queue_room) {
        c->queue_room = c->queue_room ? 2 * c->queue_room : 1024;
        c->queue = cluster_memory(c->queue, c->queue_room, sizeof *c->queue);
    }
    h.order = c->queue_order++;
    for (; i && earlier(&h, &c->queue[(i - 1) / 2]); i = (i - 1) / 2)
        c->queue[i] = c->queue[(i - 1) / 2];
    c->queue[i] = h;
}

static struct happening queue_pop(struct cluster *c)
{
    struct happening top = c->queue[0], last = c->queue[--c->queue_count];
    size_t i = 0, child;

    while ((child = 2 * i + 1) < c->queue_count) {
        if (child + 1 < c->queue_count && earlier(&c->queue[child + 1], &c->queue[child]))
            child++;
        if (!earlier(&c->queue[child], &last))
            break;
        c->queue[i] = c->queue[child];
        i = child;
    }
    c->queue[i] = last;
    return top;
}

/* --- Chance --- */

/* `ns` give or take a fifth, with a tail: one in ten is up to twice as slow. */
static int64_t about(struct cluster *c, double ns)
{
    double factor = 0.8 + 0.4 * random_unit(&c->random);

    if (random_below(&c->random, 10) == 0)
        factor += random_unit(&c->random);
    return (int64_t)(ns * factor) + 1;
}

/* --- Recording --- */

static bool is_down(const struct host *h, int64_t at_ns)
{
    return at_ns >= h->down_from * CLUSTER_NS && at_ns < h->down_until * CLUSTER_NS;
}

/* Records that the host logs a line, unless it is down then, or its tracing
 * does not have the line, or the run has ended. */
static void record(struct cluster *c, struct host *h, int64_t at_ns, enum line_kind line,
                   int32_t block, struct log_event detail)
{
    if (is_down(h, at_ns) || at_ns >= c->plan.slots * CLUSTER_NS)
        return;
    if (h->legacy && !line_has_legacy(line))
        return;
    if (h->event_count == h->event_room) {
        h->event_room = h->event_room ? 2 * h->event_room : 4096;
        h->events = cluster_memory(h->events, h->event_room, sizeof *h->events);
    }
    detail.at_ns = at_ns;
    detail.order = (uint32_t)h->event_count;
    detail.line = (uint16_t)line;
    detail.block = block;
    h->events[h->event_count++] = detail;
}

static void record_block(struct cluster *c, struct host *h, int64_t at_ns, enum line_kind line,
                         int32_t block, uint32_t link)
{
    record(c, h, at_ns, line, block, (struct log_event){ .link = (uint8_t)link, .length = 1 });
}

/* --- Chains --- */

static bool better(const struct cluster *c, int32_t a, int32_t b)
{
    const struct block *x, *y;

    if (a == NO_BLOCK || b == NO_BLOCK)
        return a != NO_BLOCK;
    x = &c->blocks[a];
    y = &c->blocks[b];
    return x->number != y->number ? x->number > y->number : x->rank < y->rank;
}

static void fill_hex(struct random *r, char *at, size_t digits)
{
    struct text t = { at, at + digits };

    text_random_hex(&t, r, digits);
}

static void grow_blocks(struct cluster *c)
{
    size_t old = c->block_room;

    c->block_room = old ? 2 * old : 256;
    c->blocks = cluster_memory(c->blocks, c->block_room, sizeof *c->blocks);
    for (uint32_t i = 0; i < c->plan.hosts; i++) {
        struct host *h = &c->hosts[i];

        h->known = cluster_memory(h->known, c->block_room, 1);
        memset(h->known + old, 0, c->block_room - old);
    }
}

static int32_t new_block(struct cluster *c, const struct host *forger, uint32_t slot)
{
    /* Four blocks in five are full, as under the value workload. */
    bool full = random_below(&c->random, 5) != 0;
    struct block *b;

    if (c->block_count == c->block_room)
        grow_blocks(c);
    b = &c->blocks[c->block_count];
    *b = (struct block){
        .parent = forger->tip,
        .number = forger->tip == NO_BLOCK ? 0 : c->blocks[forger->tip].number + 1,
        .slot = slot,
        .forger = forger->index,
        .size_bytes =
            full ? 86700 + random_below(&c->random, 2400) : 900 + random_below(&c->random, 60000),
        .rank = random_next(&c->random),
    };
    b->txs = b->size_bytes / 300;
    fill_hex(&c->random, b->hash, sizeof b->hash);
    fill_hex(&c->random, b->vrf, sizeof b->vrf);
    /* An issuer is a pool, and each host is one. */
    fill_hex(&(struct random){ .key = mix64(c->plan.seed ^ forger->index) }, b->issuer,
             sizeof b->issuer);
    return (int32_t)c->block_count++;
}

/* --- Between hosts --- */

static double latency_ns(const struct cluster *c, const struct host *h, uint32_t link)
{
    return latency_ms[h->region][c->hosts[h->links[link].host].region] * (double)MS;
}

/* From request to whole body: a round trip for each doubling of the window. */
static double fetch_ns(const struct cluster *c, const struct host *h, uint32_t link, uint32_t bytes)
{
    double rounds = fmax(1, log2(1 + bytes / FIRST_WINDOW_BYTES));

    return h->slowness *
           (2 * latency_ns(c, h, link) * rounds + 3e6 + bytes / BYTES_PER_SECOND * 1e9);
}

/* Tells every follower of the host that it has the block. */
static void announce(struct cluster *c, struct host *h, int32_t block, int64_t at_ns,
                     bool rolls_back)
{
    for (uint32_t i = 0; i < h->link_count; i++) {
        const struct link *l = &h->links[i];

        if (!l->down)
            continue;
        at_ns += about(c, 60 * US);
        if (rolls_back)
            record_block(c, h, at_ns - 20 * US, LINE_SERVER_ROLLBACK, block, i);
        record_block(c, h, at_ns, LINE_SERVER_HEADER, block, i);
        record_block(c, h, at_ns + about(c, 150 * US), LINE_SERVER_HEADER_END, block, i);
        queue_push(c, (struct happening){
                          .at_ns = at_ns + about(c, latency_ns(c, h, i) + 400 * US),
                          .kind = HEADER_ARRIVES,
                          .host = l->host,
                          .block = block,
                          .link = l->reverse,
                      });
    }
}

/* How many bodies the host must ask for to have the block: itself and the
 * ancestors it has not asked for. Oldest first in ret. */
static uint32_t missing_bodies(const struct cluster *c, const struct host *h, int32_t block,
                               int32_t ret[], uint32_t limit)
{
    uint32_t n = 0;

    for (; block != NO_BLOCK && n < limit && !(h->known[block] & KNOWN_REQUESTED);
         block = c->blocks[block].parent)
        ret[n++] = block;
    for (uint32_t i = 0; i < n / 2; i++) {
        int32_t swap = ret[i];

        ret[i] = ret[n - 1 - i];
        ret[n - 1 - i] = swap;
    }
    return n;
}

/* The peer's side: it sends the body when the request has reached it. */
static void serve_body(struct cluster *c, const struct host *h, uint32_t link, int32_t block,
                       int64_t at_ns)
{
    const struct link *l = &h->links[link];

    record_block(c, &c->hosts[l->host], at_ns + about(c, latency_ns(c, h, link) + 4e6),
                 LINE_SEND_BLOCK, block, l->reverse);
}

static void request(struct cluster *c, struct host *h, int32_t block, uint32_t link, int64_t at_ns)
{
    enum { BATCH_MAX = 100 };
    int32_t wanted[BATCH_MAX];
    uint32_t n = missing_bodies(c, h, block, wanted, BATCH_MAX);
    struct log_event ask = { .link = (uint8_t)link, .length = (uint8_t)n };
    int64_t done;

    record_block(c, h, at_ns - 300 * US, LINE_FETCH_DECISION, block, link);
    record_block(c, h, at_ns - 200 * US, LINE_ADDED_REQUEST, block, link);
    record_block(c, h, at_ns - 100 * US, LINE_ACKNOWLEDGED_REQUEST, block, link);
    record(c, h, at_ns, LINE_SEND_FETCH_REQUEST, block, ask);
    record_block(c, h, at_ns + 30 * US, LINE_REQUEST_RANGE, block, link);
    done = at_ns + 2 * (int64_t)latency_ns(c, h, link);
    record_block(c, h, done, LINE_STARTED_BATCH, block, link);
    for (uint32_t i = 0; i < n; i++) {
        /* Only the first body of a batch pays for the round trips. */
        double cost = fetch_ns(c, h, link, c->blocks[wanted[i]].size_bytes);

        done = (i ? done : at_ns) + about(c, i ? cost / 8 : cost);
        h->known[wanted[i]] |= KNOWN_REQUESTED;
        serve_body(c, h, link, wanted[i], at_ns + (int64_t)i * MS);
        queue_push(c, (struct happening){ .at_ns = done,
                                          .kind = BODY_ARRIVES,
                                          .host = h->index,
                                          .block = wanted[i],
                                          .link = (uint8_t)link,
                                          .last = i + 1 == n });
    }
}

/* --- What happens at a host --- */

static void header_arrives(struct cluster *c, const struct happening *e)
{
    struct host *h = &c->hosts[e->host];

    record_block(c, h, e->at_ns - 40 * US, LINE_ROLL_FORWARD, e->block, e->link);
    record_block(c, h, e->at_ns, LINE_DOWNLOADED_HEADER, e->block, e->link);
    if (h->known[e->block] & KNOWN_REQUESTED || !better(c, e->block, h->target)) {
        record_block(c, h, e->at_ns + 500 * US, LINE_FETCH_DECISION, e->block, e->link);
        return;
    }
    h->target = e->block;
    request(c, h, e->block, e->link, e->at_ns + about(c, 1200 * US));
}

/* The chain database takes one block at a time. */
static void process_block(struct cluster *c, struct host *h, int32_t block, int64_t at_ns)
{
    double cost = h->slowness * (38e6 + 330.0 * c->blocks[block].size_bytes);

    if (h->adopt_ns < at_ns)
        h->adopt_ns = at_ns;
    record_block(c, h, at_ns + 50 * US, LINE_ADDED_TO_QUEUE, block, 0);
    record_block(c, h, h->adopt_ns + 90 * US, LINE_POPPED_FROM_QUEUE, block, 0);
    record_block(c, h, h->adopt_ns + 150 * US, LINE_ADDED_TO_VOLATILE, block, 0);
    record_block(c, h, h->adopt_ns + 250 * US, LINE_TRY_ADD, block, 0);
    h->adopt_ns += about(c, cost);
    queue_push(
        c, (struct happening){
               .at_ns = h->adopt_ns, .kind = BLOCK_PROCESSED, .host = h->index, .block = block });
}

static void body_arrives(struct cluster *c, const struct happening *e)
{
    struct host *h = &c->hosts[e->host];
    bool rolls_back = c->blocks[e->block].parent != h->tip;

    record_block(c, h, e->at_ns - 30 * US, LINE_RECEIVED_BLOCK, e->block, e->link);
    record_block(c, h, e->at_ns, LINE_COMPLETED_BLOCK, e->block, e->link);
    if (e->last)
        record_block(c, h, e->at_ns + 40 * US, LINE_COMPLETED_BATCH, e->block, e->link);
    process_block(c, h, e->block, e->at_ns);
    /* Header pipelining: a block that will extend the chain is announced as
     * soon as its body is here; a fork waits until it has been validated. */
    if (better(c, e->block, h->tip) && !rolls_back) {
        record_block(c, h, e->at_ns + 600 * US, LINE_TENTATIVE_HEADER, e->block, 0);
        announce(c, h, e->block, e->at_ns + about(c, 700 * US), false);
    }
}

static void block_processed(struct cluster *c, const struct happening *e)
{
    struct host *h = &c->hosts[e->host];
    const struct block *b = &c->blocks[e->block];
    bool own = b->forger == h->index, fork = b->parent != h->tip;
    struct log_event detail = { .length = 1 };

    h->known[e->block] |= KNOWN_PROCESSED;
    if (!better(c, e->block, h->tip)) {
        if (own)
            record_block(c, h, e->at_ns, LINE_DIDNT_ADOPT, e->block, 0);
        return;
    }
    if (fork && h->tip != NO_BLOCK)
        detail.length = (uint8_t)(b->number - c->blocks[h->tip].number);
    record_block(c, h, e->at_ns - 80 * US, LINE_VALID_CANDIDATE, e->block, 0);
    record(c, h, e->at_ns, fork ? LINE_SWITCHED_TO_FORK : LINE_ADDED_TO_CHAIN, e->block, detail);
    record_block(c, h, e->at_ns + about(c, 2 * MS), LINE_REMOVED_TXS, e->block, 0);
    if (own)
        record_block(c, h, e->at_ns + about(c, 300 * US), LINE_ADOPTED, e->block, 0);
    if (fork)
        announce(c, h, e->block, e->at_ns, true);
    h->tip = e->block;
    if (better(c, h->tip, h->target))
        h->target = h->tip;
}

/* After a restart the peers' chains are ahead: one of them is followed to its
 * tip in a single batch. */
static void host_returns(struct cluster *c, const struct happening *e)
{
    struct host *h = &c->hosts[e->host];
    int32_t best = h->tip, missed[100];
    uint32_t link = 0, n;

    record_block(c, h, e->at_ns, LINE_STARTED, NO_BLOCK, 0);
    for (size_t b = 0; b < c->block_count; b++)
        if (!(h->known[b] & KNOWN_PROCESSED))
            h->known[b] = 0;
    for (uint32_t i = 0; i < h->link_count; i++) {
        int32_t theirs = c->hosts[h->links[i].host].tip;

        if (h->links[i].up && better(c, theirs, best)) {
            best = theirs;
            link = i;
        }
    }
    h->target = best;
    if (best == h->tip)
        return;
    n = missing_bodies(c, h, best, missed, 100);
    for (uint32_t i = 0; i < n; i++)
        record_block(c, h, e->at_ns + 2000 * MS + (int64_t)i * MS, LINE_DOWNLOADED_HEADER,
                     missed[i], link);
    request(c, h, best, link, e->at_ns + 2000 * MS + (int64_t)n * MS + about(c, 2 * MS));
}

static void run_until(struct cluster *c, int64_t at_ns)
{
    while (c->queue_count && c->queue[0].at_ns < at_ns) {
        struct happening e = queue_pop(c);

        if (is_down(&c->hosts[e.host], e.at_ns))
            continue;
        switch (e.kind) {
        case HEADER_ARRIVES: header_arrives(c, &e); break;
        case BODY_ARRIVES: body_arrives(c, &e); break;
        case BLOCK_PROCESSED: block_processed(c, &e); break;
        case HOST_RETURNS: host_returns(c, &e); break;
        }
    }
}

/* --- The forge loop --- */

static void forge(struct cluster *c, struct host *h, uint32_t slot, int64_t at_ns)
{
    int32_t block = new_block(c, h, slot);
    struct log_event in_slot = { .slot = slot };

    h->known[block] = KNOWN_REQUESTED;
    h->target = block;
    at_ns += about(c, h->slowness * 20e6);
    record(c, h, at_ns, LINE_TICKED, block, in_slot);
    at_ns += about(c, h->slowness * 500.0 * c->blocks[block].size_bytes);
    record(c, h, at_ns, LINE_MEMPOOL_SNAPSHOT, block, in_slot);
    at_ns += about(c, 800 * US);
    record_block(c, h, at_ns, LINE_FORGED, block, 0);
    process_block(c, h, block, at_ns);
    announce(c, h, block, at_ns + about(c, 600 * US), false);
}

static void check_leadership(struct cluster *c, struct host *h, uint32_t slot, bool leads)
{
    struct log_event in_slot = { .slot = slot };
    int64_t at_ns = slot * CLUSTER_NS + about(c, h->slowness * 900 * US);

    record(c, h, at_ns, LINE_START_CHECK, h->tip, in_slot);
    record(c, h, at_ns + 400 * MS, LINE_LEDGER_METRICS, h->tip, in_slot);
    at_ns += about(c, 70 * US);
    record(c, h, at_ns, LINE_BLOCK_CONTEXT, h->tip, in_slot);
    at_ns += about(c, 50 * US);
    record(c, h, at_ns, LINE_LEDGER_STATE, h->tip, in_slot);
    at_ns += about(c, 40 * US);
    record(c, h, at_ns, LINE_LEDGER_VIEW, h->tip, in_slot);
    at_ns += about(c, 430 * US);
    record(c, h, at_ns, leads ? LINE_IS_LEADER : LINE_NOT_LEADER, h->tip, in_slot);
    if (leads)
        forge(c, h, slot, at_ns);
}

static void slot_begins(struct cluster *c, struct host *h, uint32_t slot, double chance)
{
    int64_t start_ns = slot * CLUSTER_NS;
    bool leads = random_unit(&c->random) < chance;
    /* One check in eight hundred does not happen: a long collection, say. */
    bool misses = random_below(&c->random, 800) == 0;

    if (is_down(h, start_ns))
        return;
    if (!misses)
        check_leadership(c, h, slot, leads);
    record(c, h, start_ns + 500 * MS + h->index * 100 * US + about(c, 200 * US), LINE_RESOURCES,
           h->tip, (struct log_event){ .slot = slot });
    if ((slot + 7 * h->index) % 120 == 60 && h->tip != NO_BLOCK)
        record_block(c, h, start_ns + 700 * MS, LINE_TOOK_SNAPSHOT, h->tip, 0);
}

/* --- The cluster --- */

static void connect_hosts(struct cluster *c, struct host *follower, struct host *producer)
{
    uint32_t here = 0, there = 0;

    if (follower == producer)
        return;
    while (here < follower->link_count && follower->links[here].host != producer->index)
        here++;
    while (there < producer->link_count && producer->links[there].host != follower->index)
        there++;
    if (here == CLUSTER_LINKS_MAX || there == CLUSTER_LINKS_MAX) {
        fprintf(stderr, "cluster-logs: %u hosts need more than %d links a host\n", c->plan.hosts,
                CLUSTER_LINKS_MAX);
        exit(1);
    }
    follower->link_count += here == follower->link_count;
    producer->link_count += there == producer->link_count;
    follower->links[here].host = producer->index;
    follower->links[here].reverse = (uint8_t)there;
    follower->links[here].up = true;
    producer->links[there].host = follower->index;
    producer->links[there].reverse = (uint8_t)here;
    producer->links[there].down = true;
}

/* The torus-dense shape: hosts of a region form a ring with links both ways and
 * chords at a third and two thirds; rings are joined position by position.
 * Host i stands in region i mod 3 at position i div 3. */
static void lay_out(struct cluster *c)
{
    uint32_t hosts = c->plan.hosts;

    for (uint32_t i = 0; i < hosts; i++) {
        uint32_t r = i % 3, len = (hosts - r + 2) / 3, p = i / 3;
        uint32_t steps[4] = { 1, len - 1, len / 3, 2 * len / 3 };
        uint32_t step_count = len < 3 ? len - 1 : len < 9 ? 3 : 4;

        for (uint32_t other = 1; other < 3; other++) {
            uint32_t ring = (r + other) % 3;

            if (ring < hosts)
                connect_hosts(c, &c->hosts[i],
                              &c->hosts[ring + 3 * (p % ((hosts - ring + 2) / 3))]);
        }
        for (uint32_t s = 0; s < step_count; s++)
            connect_hosts(c, &c->hosts[i], &c->hosts[r + 3 * ((p + steps[s]) % len)]);
    }
}

static void name_peers(struct cluster *c, struct host *h)
{
    for (uint32_t i = 0; i < h->link_count; i++) {
        struct link *l = &h->links[i];
        const struct host *o = &c->hosts[l->host];

        snprintf(l->peer, sizeof l->peer,
                 h->legacy ? "{\"local\":{\"addr\":\"10.%u.0.%u\",\"port\":\"30001\"},"
                             "\"remote\":{\"addr\":\"10.%u.0.%u\",\"port\":\"%u\"}}"
                           : "{\"connectionId\":\"10.%u.0.%u:30001 10.%u.0.%u:%u\"}",
                 h->region, h->index / 3 + 1, o->region, o->index / 3 + 1,
                 l->up ? 30001u : 32768 + (h->index * 131 + o->index * 17) % 20000);
    }
}

static void place_hosts(struct cluster *c)
{
    const struct cluster_plan *p = &c->plan;

    c->hosts = cluster_memory(NULL, p->hosts, sizeof *c->hosts);
    memset(c->hosts, 0, p->hosts * sizeof *c->hosts);
    for (uint32_t i = 0; i < p->hosts; i++) {
        struct host *h = &c->hosts[i];

        snprintf(h->name, sizeof h->name, "node-%u", i);
        h->index = i;
        h->region = i % 3;
        h->legacy = p->dialect == DIALECT_LEGACY || (p->dialect == DIALECT_MIXED && i % 6 == 2);
        h->slowness = p->hosts > 3 && i + 1 == p->hosts ? 2.5 : 1;
        h->tip = h->target = NO_BLOCK;
    }
    lay_out(c);
    for (uint32_t i = 0; i < p->hosts; i++)
        name_peers(c, &c->hosts[i]);
}

/* The host in the middle of the list is killed at three fifths of the run. */
static void plan_restart(struct cluster *c)
{
    struct host *h = &c->hosts[c->plan.hosts / 2];
    uint32_t length = c->plan.slots / 12 < 20 ? c->plan.slots / 12 : 20;

    if (c->plan.hosts < 3 || !length)
        return;
    h->down_from = c->plan.slots * 3 / 5;
    h->down_until = h->down_from + length;
    queue_push(c, (struct happening){ .at_ns = h->down_until * CLUSTER_NS + 5 * MS,
                                      .kind = HOST_RETURNS,
                                      .host = h->index });
}

static int by_time(const void *a, const void *b)
{
    const struct log_event *x = a, *y = b;

    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

void cluster_simulate(const struct cluster_plan *plan, struct cluster *ret)
{
    /* Each host has the same stake; together they lead a slot with chance f. */
    double chance = 1 - pow(1 - plan->active_slots, 1.0 / plan->hosts);

    *ret = (struct cluster){ .plan = *plan, .random.key = mix64(plan->seed + 1) };
    place_hosts(ret);
    grow_blocks(ret);
    plan_restart(ret);
    for (uint32_t slot = 0; slot < plan->slots; slot++) {
        run_until(ret, slot * CLUSTER_NS);
        for (uint32_t i = 0; i < plan->hosts; i++)
            slot_begins(ret, &ret->hosts[i], slot, chance);
    }
    run_until(ret, plan->slots * CLUSTER_NS);
    for (uint32_t i = 0; i < plan->hosts; i++)
        qsort(ret->hosts[i].events, ret->hosts[i].event_count, sizeof *ret->hosts[i].events,
              by_time);
}

void cluster_release(struct cluster *c)
{
    for (uint32_t i = 0; c->hosts && i < c->plan.hosts; i++) {
        free(c->hosts[i].known);
        free(c->hosts[i].events);
    }
    free(c->hosts);
    free(c->blocks);
    free(c->queue);
    *c = (struct cluster){ 0 };
}
