/* Headers on top of headers: rules, stake, nonces, and the memory of those that were found
 * valid. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "node/chain_db_state.h"

/* n k / f in slots, rounded up; what division of inexact f leaves above a whole number is not. */
static uint64_t window_slots(const struct genesis *g, unsigned n)
{
    return (uint64_t)ceil(n * (double)g->security_param / g->active_slots_coeff * (1 - 1e-12));
}

void chain_rules_init(struct chain_db *db)
{
    const struct genesis_ledger *g = db->genesis;

    db->nonce_rules = (struct nonce_rules){
        .epoch_slots = g->shelley.epoch_slots,
        .stabilisation_slots = window_slots(&g->shelley, 4),
    };
    db->header_rules = (struct header_rules){
        .max_major = g->major > CHAIN_DB_MAJOR_MAX ? g->major : CHAIN_DB_MAJOR_MAX,
        .max_header_bytes = g->max_header_bytes,
        .max_body_bytes = (uint32_t)g->shelley.max_block_body_bytes,
        .slots_per_kes_period = g->shelley.slots_per_kes_period,
        .max_kes_evolutions = g->shelley.max_kes_evolutions,
    };
    db->forecast_slots = window_slots(&g->shelley, 3);
    nonce_start(g->hash, &db->first_nonce);
    map_init(&db->headers.facts, allocator_libc(), HASH_BYTES, sizeof(struct header_facts),
             CHAIN_DB_HEADERS_MAX);
}

/* --- Facts ------------------------------------------------------------------------------------ */

void chain_facts_of(const struct header *h, struct header_facts *ret)
{
    *ret = (struct header_facts){
        .has_previous = h->has_previous,
        .header_bytes = (uint32_t)h->bytes.count,
        .body_bytes = h->body_bytes,
    };
    memcpy(ret->hash, h->hash, HASH_BYTES);
    memcpy(ret->previous, h->previous, HASH_BYTES);
    selection_view_of(h, &ret->view);
}

static void nonce_before(const struct chain_db *db, const struct header_facts *parent,
                         uint64_t slot, struct nonce_state *ret)
{
    nonce_at(parent ? &parent->nonce : &db->first_nonce, &db->nonce_rules, slot, ret);
}

void chain_nonce_of(const struct chain_db *db, const struct header_facts *parent,
                    struct header_facts *facts)
{
    struct nonce_state before;

    nonce_before(db, parent, facts->view.slot, &before);
    nonce_after(&before, &db->nonce_rules, facts->view.slot, facts->view.vrf_output,
                facts->has_previous ? facts->previous : NULL, &facts->nonce);
}

/* --- Memory ----------------------------------------------------------------------------------- */

void header_memory_release(struct header_memory *m)
{
    map_release(&m->facts);
    alloc_free(allocator_libc(), m->hashes, m->cap * HASH_BYTES);
}

/* What cannot be remembered is only computed again. */
static void remember(struct header_memory *m, const struct header_facts *facts)
{
    void *value;
    size_t at;

    if (m->count == CHAIN_DB_HEADERS_MAX) {
        at = m->oldest;
        map_remove(&m->facts, m->hashes[at]);
        m->oldest = (m->oldest + 1) % CHAIN_DB_HEADERS_MAX;
    } else if (array_reserve(allocator_libc(), (void **)&m->hashes, &m->cap, m->count + 1,
                             HASH_BYTES, CHAIN_DB_HEADERS_MAX)) {
        at = m->count++;
    } else {
        return;
    }
    memcpy(m->hashes[at], facts->hash, HASH_BYTES);
    if (map_put(&m->facts, facts->hash, &value, NULL) == OU_OK)
        memcpy(value, facts, sizeof *facts);
}

/* NULL when the header was not met, or forgotten. */
static const struct header_facts *recall(const struct chain_db *db, const uint8_t hash[HASH_BYTES])
{
    const struct stored_block *stored = chain_stored(db, hash);

    if (stored && stored->has_nonce)
        return &stored->block.facts;
    return map_find(&db->headers.facts, hash);
}

/* --- What a slot's leader is decided by ------------------------------------------------------- */

enum ou_status chain_db_slot_facts(const struct chain_db *db, const struct header_facts *parent,
                                   uint64_t slot, struct slot_facts *ret, struct ou_error *err)
{
    uint64_t last = ledger_slot(db->ledger) + db->forecast_slots;
    struct ledger_stake stake;

    if (slot > last)
        return ou_fail(err, OU_USAGE,
                       "slot %" PRIu64 " lies beyond slot %" PRIu64
                       ", up to which the ledger tells the stake",
                       slot, last);
    if (!ledger_stake_of(db->ledger, slot / db->nonce_rules.epoch_slots, &stake))
        return ou_fail(err, OU_USAGE, "the ledger does not know the stake of slot %" PRIu64 " yet",
                       slot);
    nonce_before(db, parent, slot, &ret->nonce);
    ret->stake = stake;
    return OU_OK;
}

uint64_t chain_db_threshold(const struct chain_db *db, const struct ledger_stake *stake,
                            size_t pool)
{
    if (stake->total == 0)
        return 0;
    return leader_threshold(db->genesis->shelley.active_slots_coeff,
                            (double)stake->by_pool[pool] / (double)stake->total);
}

/* Goes back along headers that are not connected yet, then along stored blocks, until the
 * issuer's last. */
uint64_t chain_db_counter(const struct chain_db *db, const struct header_facts *parent,
                          const uint8_t issuer[32])
{
    const struct header_facts *at = parent;
    const struct stored_block *stored = NULL;

    while (at && !((stored = chain_stored(db, at->hash)) && stored->block.connected)) {
        if (memcmp(at->view.issuer, issuer, 32) == 0)
            return at->view.counter;
        if (!at->has_previous)
            return 0;
        at = recall(db, at->previous);
    }
    if (parent && !at)
        stored = chain_top(db); /* forgotten in between: our own chain has to do */
    for (; stored; stored = stored_parent(stored))
        if (memcmp(stored->block.facts.view.issuer, issuer, 32) == 0)
            return stored->block.facts.view.counter;
    return 0;
}

/* --- The check -------------------------------------------------------------------------------- */

/* All but the counter. */
static enum ou_status pool_facts_of(const struct chain_db *db, const struct header *h,
                                    const struct ledger_stake *stake, struct header_pool_facts *ret,
                                    struct ou_error *err)
{
    uint8_t id[KEY_HASH_BYTES];
    const struct genesis_pool *pool;

    header_pool(h, id);
    pool = genesis_find_pool(db->genesis, id);
    if (!pool)
        return ou_fail(err, OU_INVALID, "its issuer is no pool of this network");
    memcpy(ret->vrf_key_hash, pool->vrf_key_hash, HASH_BYTES);
    ret->threshold = chain_db_threshold(db, stake, (size_t)(pool - db->genesis->pools));
    return OU_OK;
}

/* The counter's search may go back over the whole chain: only for those who can sign. */
static enum ou_status check_crypto(const struct chain_db *db, const struct header *h,
                                   const struct header_facts *parent, const struct slot_facts *slot,
                                   struct ou_error *err)
{
    struct header_pool_facts pool;
    enum ou_status status = pool_facts_of(db, h, &slot->stake, &pool, err);

    if (!status)
        status = header_check_signature(h, &db->header_rules, err);
    if (status)
        return status;
    pool.counter = chain_db_counter(db, parent, h->issuer);
    return header_check_leader(h, &pool, &slot->nonce.epoch_nonce, err);
}

static enum ou_status check_envelope(const struct chain_db *db, const struct header *h,
                                     const struct header_facts *parent, struct ou_error *err)
{
    struct header previous = { .number = 0 }; /* what the envelope is compared with, no more */

    if (parent) {
        previous.number = parent->view.number;
        previous.slot = parent->view.slot;
        memcpy(previous.hash, parent->hash, HASH_BYTES);
    }
    return header_check_envelope(h, parent ? &previous : NULL, &db->header_rules, err);
}

enum ou_status chain_db_check_header(struct chain_db *db, const struct header *h,
                                     const struct header_facts *parent, struct header_facts *ret,
                                     struct ou_error *err)
{
    enum ou_status status = check_envelope(db, h, parent, err);
    const struct header_facts *known = status ? NULL : recall(db, h->hash);
    struct slot_facts slot;
    struct header_facts facts;

    if (known)
        *ret = *known;
    if (status || known)
        return status;
    status = chain_db_slot_facts(db, parent, h->slot, &slot, err);
    if (!status)
        status = check_crypto(db, h, parent, &slot, err);
    if (status)
        return status;
    chain_facts_of(h, &facts);
    chain_nonce_of(db, parent, &facts);
    remember(&db->headers, &facts);
    *ret = facts;
    return OU_OK;
}
