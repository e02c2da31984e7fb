/* One block of the result, from what the hosts saw of it: the phases of its
 * forger and of each observer as deltas, and how it was adopted. */
#include "analyse/chain_block.h"

#include <math.h>
#include <stdlib.h>

#define PLACEHOLDER_NS (10 * 1000 * 1000) /* what locli puts for absent forger phases */

static int64_t either(int64_t first, int64_t second)
{
    return first != TIME_NONE ? first : second;
}

/* One bit for each interval that is absent or below zero. */
static void judge(const int64_t *deltas, int count, uint16_t *ret_missing, uint16_t *ret_negative)
{
    *ret_missing = *ret_negative = 0;
    for (int i = 0; i < count; i++) {
        if (deltas[i] == TIME_NONE)
            *ret_missing |= (uint16_t)(1u << i);
        else if (deltas[i] < 0)
            *ret_negative |= (uint16_t)(1u << i);
    }
}

static void fill_forger(const struct rebuild *b, const struct candidate *c, struct chain_block *out)
{
    static const enum forger_phase invented[] = { FORGER_ANNOUNCED, FORGER_ANNOUNCED_CUM,
                                                  FORGER_SENDING, FORGER_ADOPTED };
    const struct block_record *r = c->forger->record;
    const int64_t *loop = r->loop_ns;
    int64_t *d = out->forger_delta_ns;

    d[FORGER_STARTED] = chain_since(loop[LOOP_STARTED], out->slot_start_ns);
    d[FORGER_BLOCK_CONTEXT] = chain_since(loop[LOOP_CONTEXT], loop[LOOP_STARTED]);
    d[FORGER_LEDGER_STATE] = chain_since(loop[LOOP_STATE], loop[LOOP_CONTEXT]);
    d[FORGER_LEDGER_VIEW] = chain_since(loop[LOOP_VIEW], loop[LOOP_STATE]);
    d[FORGER_LEADING] =
        chain_since(loop[LOOP_LEADING], either(loop[LOOP_VIEW], loop[LOOP_STARTED]));
    d[FORGER_TICKED] = chain_since(loop[LOOP_TICKED], loop[LOOP_LEADING]);
    d[FORGER_MEMPOOL_SNAPSHOT] = chain_since(loop[LOOP_SNAPSHOT], loop[LOOP_TICKED]);
    d[FORGER_FORGED] = chain_since(r->forged_ns, either(loop[LOOP_SNAPSHOT], loop[LOOP_LEADING]));
    d[FORGER_ANNOUNCED] = chain_since(r->announced_ns, r->forged_ns);
    d[FORGER_ANNOUNCED_CUM] = chain_since(r->announced_ns, out->slot_start_ns);
    d[FORGER_SENDING] = chain_since(r->sending_ns, r->forged_ns);
    d[FORGER_ADOPTED] = chain_since(r->adopted_ns, r->forged_ns);
    judge(d, FORGER_PHASES, &out->forger_missing, &out->forger_negative);
    for (size_t i = 0; b->a->compat && i < sizeof(invented) / sizeof(*invented); i++)
        if (d[invented[i]] == TIME_NONE)
            d[invented[i]] = PLACEHOLDER_NS;
    out->forger = c->forger->host;
    out->forger_chain_delta = r->adopted_ns == TIME_NONE ? -1 : r->chain_delta;
    out->forger_adoption_ns = chain_since(r->adopted_ns, out->slot_start_ns);
    out->forged_at_ns = r->forged_ns;
}

#define CRITICAL                                                                  \
    (1u << OBSERVER_NOTICED | 1u << OBSERVER_REQUESTED | 1u << OBSERVER_FETCHED | \
     1u << OBSERVER_ADOPTED)

static uint32_t sender_of(const struct rebuild *b, const struct sighting *s)
{
    uint32_t id;

    if (s->record->sent_by == NO_PEER ||
        !intern_find(&b->addresses, intern_text(&b->views[s->host].peers, s->record->sent_by), &id))
        return NO_HOST;
    return b->address_hosts[id];
}

static struct block_observation observe(const struct rebuild *b, const struct sighting *s,
                                        int64_t slot_start_ns)
{
    const struct block_record *r = s->record;
    struct block_observation o = {
        .host = s->host,
        .sender = sender_of(b, s),
        .adoption_ns = chain_since(r->adopted_ns, slot_start_ns),
        .chain_delta = r->chain_delta,
        .headers = r->headers > UINT16_MAX ? UINT16_MAX : (uint16_t)r->headers,
        .requests = r->requests > UINT16_MAX ? UINT16_MAX : (uint16_t)r->requests,
        .fetches = r->fetches > UINT16_MAX ? UINT16_MAX : (uint16_t)r->fetches,
        .by_fork_switch = r->by_fork_switch,
    };
    uint16_t missing, negative;

    o.delta_ns[OBSERVER_NOTICED] = chain_since(r->noticed_ns, slot_start_ns);
    o.delta_ns[OBSERVER_REQUESTED] = chain_since(r->requested_ns, r->noticed_ns);
    o.delta_ns[OBSERVER_FETCHED] = chain_since(r->fetched_ns, r->requested_ns);
    o.delta_ns[OBSERVER_ANNOUNCED] = chain_since(r->announced_ns, r->fetched_ns);
    o.delta_ns[OBSERVER_SENDING] = chain_since(r->sending_ns, r->fetched_ns);
    o.delta_ns[OBSERVER_ADOPTED] = chain_since(r->adopted_ns, r->fetched_ns);
    judge(o.delta_ns, OBSERVER_PHASES, &missing, &negative);
    o.missing = (uint8_t)missing;
    o.negative = (uint8_t)negative;
    /* A change of fork adopts late by nature: it says nothing of a hop. */
    o.valid = !((missing | negative) & CRITICAL) && r->chain_delta == 1 && !r->by_fork_switch;
    return o;
}

/* locli keeps observations that got as far as a fetched body. */
static bool is_observation(const struct rebuild *b, const struct block_record *r)
{
    if (r->kind != RECORD_OBSERVER)
        return false;
    return !b->a->compat || (r->noticed_ns != TIME_NONE && r->requested_ns != TIME_NONE &&
                             r->fetched_ns != TIME_NONE);
}

static bool fill_observations(struct rebuild *b, const struct candidate *c, struct chain_block *out)
{
    if (c->sighting_count == 0)
        return true;
    out->observations = arena_take(&b->a->memory, c->sighting_count * sizeof(*out->observations),
                                   _Alignof(struct block_observation));
    if (!out->observations)
        return false;
    for (uint32_t i = 0; i < c->sighting_count; i++) {
        const struct block_record *r = c->sightings[i].record;

        out->duplicate_forges += r->forged_twice;
        out->stray_records +=
            r->kind == RECORD_ERROR || (r->kind == RECORD_OBSERVER && !r->header_seen);
        if (&c->sightings[i] == c->forger || !is_observation(b, r))
            continue;
        out->observations[out->observation_count] =
            observe(b, &c->sightings[i], out->slot_start_ns);
        out->valid_observations += out->observations[out->observation_count].valid;
        out->observation_count++;
    }
    return true;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The delay after which a fraction of the cluster (compat: of the adopters) has
 * the block. */
static bool fill_adoption(struct rebuild *b, const struct candidate *c, struct chain_block *out)
{
    int64_t *delays = malloc((c->sighting_count + 1) * sizeof(*delays));
    uint32_t n = 0;

    if (!delays)
        return false;
    for (uint32_t i = 0; i < c->sighting_count; i++) {
        int64_t delay = chain_since(c->sightings[i].record->adopted_ns, out->slot_start_ns);

        if (has_adopted(c->sightings[i].record) && delay != TIME_NONE)
            delays[n++] = delay;
    }
    qsort(delays, n, sizeof(*delays), by_value);
    for (int i = 0; i < ADOPTION_FRACTIONS; i++) {
        double fraction = adoption_fractions[i];
        uint32_t index;

        if (b->a->compat) {
            index = (uint32_t)floor(n * fraction);
            if (n && index > n - 1)
                index = n - 1;
        } else {
            /* 0.28 * 25 is a little above 7: the product must not add a host */
            index = (uint32_t)ceil(b->a->cluster_size * fraction - 1e-9) - 1;
        }
        out->adoption_ns[i] = index < n ? delays[index] : TIME_NONE;
    }
    out->adopters = c->adopters; /* n of them with a delay: all, unless the slot is unknown */
    free(delays);
    return true;
}

static void fill_slot(const struct genesis *g, struct chain_block *out)
{
    out->slot_start_ns = TIME_NONE;
    if (out->slot < 0)
        return;
    slot_start(&g->clock, (uint64_t)out->slot, &out->slot_start_ns);
    out->epoch = slot_epoch(&g->clock, (uint64_t)out->slot);
    out->slot_in_epoch = slot_in_epoch(&g->clock, (uint64_t)out->slot);
    out->safe_interval = genesis_safe_interval(g, (uint64_t)out->slot);
}

bool chain_block_fill(struct rebuild *b, uint32_t id, struct chain_block *out)
{
    const struct candidate *c = &b->items[id];
    struct span hash = intern_text(&b->all, id);

    *out = (struct chain_block){ .number = c->number,
                                 .slot = c->slot,
                                 .fate = c->fate,
                                 .forger = NO_HOST,
                                 .size_bytes = c->size,
                                 .forger_chain_delta = -1,
                                 .forger_adoption_ns = TIME_NONE,
                                 .forged_at_ns = TIME_NONE,
                                 .block_gap_ns = TIME_NONE };
    for (int i = 0; i < FORGER_PHASES; i++)
        out->forger_delta_ns[i] = TIME_NONE;
    out->hash = arena_copy(&b->a->memory, hash.at, hash.len);
    if (c->parent != NO_BLOCK) {
        struct span parent = intern_text(&b->all, c->parent);

        out->parent = arena_copy(&b->a->memory, parent.at, parent.len);
    }
    fill_slot(&b->a->genesis, out);
    if (c->forger)
        fill_forger(b, c, out);
    return out->hash && (c->parent == NO_BLOCK || out->parent) && fill_observations(b, c, out) &&
           fill_adoption(b, c, out);
}
