#include "analyse/clocks.h"

#include <stdlib.h>

/* The blocks that one host forged and another one got the header of. */
struct hop {
    uint32_t blocks, early; /* early: by more than CLOCK_NS */
    int64_t least_ns;       /* from the announcement to the header */
};

/* How a host gets on with the others that are not under suspicion yet. */
struct standing {
    uint32_t partners, quarrels;
    bool suspect;
};

struct comparison {
    const struct analysis *a;
    uint32_t hosts;
    struct hop *hops; /* of forger f and observer o: [f * hosts + o] */
    struct standing *standings;
};

static struct hop *hop_of(const struct comparison *c, uint32_t forger, uint32_t observer)
{
    return &c->hops[(size_t)forger * c->hosts + observer];
}

/* --- Evidence ------------------------------------------------------------ */

static void add_hop(struct hop *hop, int64_t ns)
{
    if (hop->blocks++ == 0 || ns < hop->least_ns)
        hop->least_ns = ns;
    hop->early += ns < -CLOCK_NS;
}

static void measure_hops(struct comparison *c)
{
    for (size_t i = 0; i < c->a->block_count; i++) {
        const struct chain_block *block = &c->a->blocks[i];
        int64_t announced_ns = block->forger_delta_ns[FORGER_ANNOUNCED_CUM];

        /* the bit, for in compat mode a missing delta has a value */
        if (block->forger == NO_HOST || block->forger_missing >> FORGER_ANNOUNCED_CUM & 1)
            continue;
        for (uint32_t k = 0; k < block->observation_count; k++) {
            const struct block_observation *o = &block->observations[k];

            if (o->delta_ns[OBSERVER_NOTICED] != TIME_NONE)
                add_hop(hop_of(c, block->forger, o->host),
                        o->delta_ns[OBSERVER_NOTICED] - announced_ns);
        }
    }
}

static bool share_blocks(const struct comparison *c, uint32_t x, uint32_t y)
{
    return hop_of(c, x, y)->blocks || hop_of(c, y, x)->blocks;
}

/* Mostly early: a lost trace of an announcement makes single ones so. */
static bool is_early(const struct hop *hop)
{
    return hop->early * 2ull > hop->blocks;
}

static bool quarrel(const struct comparison *c, uint32_t x, uint32_t y)
{
    return is_early(hop_of(c, x, y)) || is_early(hop_of(c, y, x));
}

/* --- Judgement ----------------------------------------------------------- */

static void take_standings(struct comparison *c)
{
    for (uint32_t x = 0; x < c->hosts; x++)
        for (uint32_t y = 0; y < c->hosts; y++) {
            c->standings[x].partners += x != y && share_blocks(c, x, y);
            c->standings[x].quarrels += x != y && quarrel(c, x, y);
        }
}

/* Below 0 when x stands better than y: a lesser share of quarrels, or fewer. */
static int compare_standings(const struct standing *x, const struct standing *y)
{
    uint64_t of_x = (uint64_t)x->quarrels * y->partners;
    uint64_t of_y = (uint64_t)y->quarrels * x->partners;

    if (of_x != of_y)
        return of_x < of_y ? -1 : 1;
    return (x->quarrels > y->quarrels) - (x->quarrels < y->quarrels);
}

/* The host with the worst standing that has a quarrel; NO_HOST when all is well. */
static uint32_t worst_host(const struct comparison *c)
{
    uint32_t worst = NO_HOST;

    for (uint32_t h = 0; h < c->hosts; h++)
        if (!c->standings[h].suspect && c->standings[h].quarrels &&
            (worst == NO_HOST || compare_standings(&c->standings[h], &c->standings[worst]) > 0))
            worst = h;
    return worst;
}

/* A host that stands no better and may be the wrong one as well: the two quarrel,
 * and apart from such quarrels most others agree with `host`. NO_HOST: none. */
static uint32_t equal_opponent(const struct comparison *c, uint32_t host)
{
    struct standing with_others = c->standings[host];
    uint32_t opponent = NO_HOST;

    for (uint32_t h = 0; h < c->hosts; h++) {
        if (h == host || c->standings[h].suspect || !quarrel(c, host, h) ||
            compare_standings(&c->standings[h], &c->standings[host]) != 0)
            continue;
        with_others.partners--;
        with_others.quarrels--;
        if (opponent == NO_HOST)
            opponent = h;
    }
    return with_others.quarrels * 2 > with_others.partners ? NO_HOST : opponent;
}

/* How far a suspect's clock is ahead of those that are none. The least delay to it holds the way there plus the
 * offset, the least delay from it the way back minus the offset: with both ways
 * as long the half difference is the offset. With one of them it is a bound.
 * TIME_NONE: too little evidence. */
static int64_t offset_of(const struct comparison *c, uint32_t host)
{
    int64_t in_ns = TIME_NONE, out_ns = TIME_NONE;
    uint64_t early = 0;

    for (uint32_t h = 0; h < c->hosts; h++) {
        const struct hop *in = hop_of(c, h, host), *out = hop_of(c, host, h);

        if (h == host || c->standings[h].suspect)
            continue;
        if (in->blocks && (in_ns == TIME_NONE || in->least_ns < in_ns))
            in_ns = in->least_ns;
        if (out->blocks && (out_ns == TIME_NONE || out->least_ns < out_ns))
            out_ns = out->least_ns;
        early += in->early + out->early;
    }
    if (early < CLOCK_BLOCKS_MIN)
        return TIME_NONE;
    if (in_ns == TIME_NONE)
        return -out_ns;
    return out_ns == TIME_NONE ? in_ns : in_ns / 2 - out_ns / 2;
}

static void put_under_suspicion(struct comparison *c, uint32_t host)
{
    c->standings[host].suspect = true;
    for (uint32_t h = 0; h < c->hosts; h++)
        if (h != host) {
            c->standings[h].partners -= share_blocks(c, h, host);
            c->standings[h].quarrels -= quarrel(c, h, host);
        }
}

static void doubt_both(const struct comparison *c, uint32_t one, uint32_t other,
                       struct clock_doubt *ret)
{
    const struct hop *to = hop_of(c, one, other), *from = hop_of(c, other, one);
    const struct hop *early = is_early(to) ? to : from;

    if (early->early >= CLOCK_BLOCKS_MIN)
        *ret = (struct clock_doubt){ one, other, early->early, -early->least_ns };
}

/* The worst first, until all that are left get on with each other. */
static void judge(struct comparison *c, struct clock_doubt *ret)
{
    for (uint32_t h; (h = worst_host(c)) != NO_HOST; put_under_suspicion(c, h)) {
        uint32_t opponent = equal_opponent(c, h);

        if (opponent != NO_HOST) {
            doubt_both(c, h, opponent, ret);
            return;
        }
    }
}

/* --- The host's own slots ------------------------------------------------- */

/* The forge loop wakes up at slot starts or later. Median lateness below zero:
 * the stamps are of another clock than the slots. */
static void check_slots(struct analysis *a)
{
    const struct metric_result *m = analysis_metric(a, SECTION_MACHPERF, "cdfStarted");

    for (uint32_t h = 0; h < a->host_count && m && m->per_host; h++) {
        const struct distribution *started = &m->per_host[h];

        if (started->n >= CLOCK_BLOCKS_MIN && started->median * NS_PER_SECOND < -CLOCK_NS)
            a->hosts[h].clock_offset_ns = (int64_t)(started->median * NS_PER_SECOND);
    }
}

enum ou_status clocks_compare(struct analysis *a, struct clock_doubt *ret, struct ou_error *err)
{
    struct comparison c = { .a = a, .hosts = a->host_count };
    enum ou_status status = OU_OK;

    *ret = (struct clock_doubt){ .one = NO_HOST, .other = NO_HOST };
    check_slots(a);
    if (a->host_count < 2 || a->host_count > CLOCK_HOSTS_MAX)
        return OU_OK;
    c.hops = calloc((size_t)c.hosts * c.hosts, sizeof(*c.hops));
    c.standings = calloc(c.hosts, sizeof(*c.standings));
    if (c.hops && c.standings) {
        measure_hops(&c);
        take_standings(&c);
        judge(&c, ret);
        for (uint32_t h = 0; h < c.hosts; h++)
            if (c.standings[h].suspect)
                a->hosts[h].clock_offset_ns = offset_of(&c, h);
    } else {
        status = ou_fail(err, OU_NO_MEMORY, "no memory to compare clocks");
    }
    free(c.hops);
    free(c.standings);
    return status;
}
