#include "node/forger.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include <ouroscope/node.h>
#include <ouroscope/trace.h>

/* The VRF's answer for a slot. */
struct proven {
    bool there;
    uint64_t slot;
    struct nonce nonce; /* that it was asked with */
    uint8_t proof[VRF_PROOF_BYTES], output[VRF_OUTPUT_BYTES];
};

/* Transactions for a block. */
struct chosen {
    struct bytes *txs;          /* views of the mempool's; owned array */
    uint8_t (*ids)[HASH_BYTES]; /* owned */
    size_t count, tx_cap, id_cap;
};

/* A block of ours on its way through chain selection. */
struct own_block {
    struct forger *forger;
    struct own_block *next;
    uint64_t slot;
    uint64_t bytes;             /* as peers estimate them from the header */
    uint8_t (*ids)[HASH_BYTES]; /* owned */
    size_t id_count, id_cap;
};

struct forger {
    struct forge_options options;
    long pool; /* index in the genesis; -1: it is not there, and never leads */
    struct proven proven;
    struct ledger_view *view;
    struct buffer segments, header, block;
    struct own_block *own;
    struct forge_counts counts, told;
};

/* A slot that is being forged in. */
struct forging {
    uint64_t slot;
    const struct chain_block *parent; /* NULL: the genesis */
    struct slot_facts facts;
};

/* --- Life ------------------------------------------------------------------------------------- */

enum ou_status forger_create(const struct forge_options *options, struct forger **ret,
                             struct ou_error *err)
{
    struct forger *f = alloc_zeroed(allocator_libc(), sizeof *f);
    uint8_t id[KEY_HASH_BYTES];
    const struct genesis_pool *pool = NULL;
    enum ou_status status;

    if (!f)
        return ou_fail(err, OU_NO_MEMORY, "start forging: no memory");
    f->options = *options;
    if (options->credentials) {
        hash224((struct bytes){ options->credentials->cold_key, 32 }, id);
        pool = genesis_find_pool(options->genesis, id);
    }
    f->pool = pool ? (long)(pool - options->genesis->pools) : -1;
    buffer_init(&f->segments, allocator_libc(), BLOCK_MAX_BYTES);
    buffer_init(&f->header, allocator_libc(), HEADER_MAX_BYTES);
    buffer_init(&f->block, allocator_libc(), BLOCK_MAX_BYTES);
    status = ledger_view_create(chain_db_ledger(options->db), &f->view, err);
    if (status) {
        forger_free(f);
        return status;
    }
    *ret = f;
    return OU_OK;
}

static void drop_own(struct own_block *own)
{
    struct own_block **at = &own->forger->own;

    while (*at != own)
        at = &(*at)->next;
    *at = own->next;
    alloc_free(allocator_libc(), own->ids, own->id_cap * HASH_BYTES);
    alloc_free(allocator_libc(), own, sizeof *own);
}

void forger_free(struct forger *f)
{
    if (!f)
        return;
    while (f->own) {
        chain_db_forget(f->options.db, f->own);
        drop_own(f->own);
    }
    ledger_view_free(f->view);
    buffer_release(&f->segments);
    buffer_release(&f->header);
    buffer_release(&f->block);
    alloc_free(allocator_libc(), f, sizeof *f);
}

const struct forge_counts *forger_counts(const struct forger *f)
{
    return &f->counts;
}

/* --- Who leads -------------------------------------------------------------------------------- */

static bool nonce_equal(const struct nonce *a, const struct nonce *b)
{
    return a->neutral == b->neutral && (a->neutral || memcmp(a->hash, b->hash, HASH_BYTES) == 0);
}

/* Proves, unless that was done with the same nonce before. */
static const struct proven *prove(struct forger *f, uint64_t slot, const struct nonce *nonce)
{
    struct proven *p = &f->proven;
    uint8_t alpha[HASH_BYTES];

    if (p->there && p->slot == slot && nonce_equal(&p->nonce, nonce))
        return p;
    *p = (struct proven){ .there = true, .slot = slot, .nonce = *nonce };
    leader_alpha(slot, nonce, alpha);
    vrf_prove(&f->options.credentials->vrf, (struct bytes){ alpha, sizeof alpha }, p->proof,
              p->output);
    return p;
}

static const struct header_facts *facts_of(const struct chain_block *block)
{
    return block ? &block->facts : NULL;
}

void forger_prepare(struct forger *f, uint64_t slot)
{
    struct slot_facts facts;

    if (chain_db_slot_facts(f->options.db, facts_of(chain_db_tip(f->options.db)), slot, &facts,
                            NULL) == OU_OK)
        prove(f, slot, &facts.nonce.epoch_nonce);
}

static bool leads(struct forger *f, const struct forging *g)
{
    const struct proven *p = prove(f, g->slot, &g->facts.nonce.epoch_nonce);

    return f->pool >= 0 &&
           leader_leads(p->output,
                        chain_db_threshold(f->options.db, &g->facts.stake, (size_t)f->pool));
}

/* --- What the block would stand on ------------------------------------------------------------ */

static struct ou_chain_point point_of(const struct chain_block *block)
{
    return block ? (struct ou_chain_point){ block->facts.view.slot, block->facts.hash }
                 : (struct ou_chain_point){ 0, NULL };
}

/* The tip; or, when somebody's block of this slot is the tip already, the one before: ours then
 * stands beside it, and the two compete. */
static bool pick_parent(const struct forger *f, uint64_t slot, const struct chain_block **ret)
{
    const struct chain_block *tip = chain_db_tip(f->options.db);
    struct ou_chain_point point = point_of(tip);

    if (!tip || tip->facts.view.slot < slot) {
        *ret = tip;
        return true;
    }
    if (tip->facts.view.slot > slot) {
        OU_TRACE(node_block_from_future, slot, tip->facts.view.slot);
        return false;
    }
    if (ledger_undo_depth(chain_db_ledger(f->options.db)) == 0) {
        OU_TRACE(node_slot_is_immutable, slot, &point, tip->facts.view.number);
        return false;
    }
    *ret = tip->parent;
    return true;
}

static uint64_t number_after(const struct chain_block *parent)
{
    return parent ? parent->facts.view.number + 1 : 0;
}

static bool find_context(struct forger *f, struct forging *g)
{
    struct ou_chain_point point;

    if (!pick_parent(f, g->slot, &g->parent))
        return false;
    point = point_of(g->parent);
    OU_TRACE(node_block_context, g->slot, &point, number_after(g->parent));
    OU_TRACE(node_ledger_state, g->slot); /* the chain's, or that less one block: always there */
    if (chain_db_slot_facts(f->options.db, facts_of(g->parent), g->slot, &g->facts, NULL)) {
        OU_TRACE(node_no_ledger_view, g->slot);
        return false;
    }
    OU_TRACE(node_ledger_view, g->slot);
    return true;
}

/* --- Whether the keys will do ----------------------------------------------------------------- */

static uint64_t kes_period(const struct forger *f, uint64_t slot)
{
    return slot / f->options.genesis->shelley.slots_per_kes_period;
}

static bool key_has_expired(const struct forger *f, uint64_t slot, struct ou_error *why)
{
    uint64_t first = f->options.credentials->certificate.kes_period;
    uint64_t evolutions = f->options.genesis->shelley.max_kes_evolutions;
    uint64_t now = kes_period(f, slot);

    if (evolutions > KES_PERIODS)
        evolutions = KES_PERIODS;
    if (now < first || now - first < evolutions)
        return false;
    ou_fail(why, OU_INVALID,
            "the KES key was valid for %" PRIu64 " periods from %" PRIu64
            "; this is period %" PRIu64,
            evolutions, first, now);
    return true;
}

static bool can_forge(const struct forger *f, const struct forging *g, struct ou_error *why)
{
    const struct node_credentials *c = f->options.credentials;
    uint64_t now = kes_period(f, g->slot), last;
    uint8_t hash[HASH_BYTES];

    hash256((struct bytes){ c->vrf.public_key, VRF_KEY_BYTES }, hash);
    last = chain_db_counter(f->options.db, facts_of(g->parent), c->cold_key);
    if (memcmp(hash, f->options.genesis->pools[f->pool].vrf_key_hash, HASH_BYTES) != 0)
        ou_fail(why, OU_INVALID, "the VRF key is not the one that the pool registered");
    else if (memcmp(c->certificate.kes_key, c->kes.keys[0], KES_KEY_BYTES) != 0)
        ou_fail(why, OU_INVALID, "the operational certificate is of another KES key");
    else if (now < c->certificate.kes_period)
        ou_fail(why, OU_INVALID,
                "the KES key is valid from period %" PRIu64 " on; this is period %" PRIu64,
                c->certificate.kes_period, now);
    else if (c->certificate.counter < last || c->certificate.counter - last > 1)
        ou_fail(why, OU_INVALID,
                "the certificate's counter is %" PRIu64
                ", and that of the pool's last block %" PRIu64,
                c->certificate.counter, last);
    else
        return true;
    return false;
}

/* --- Transactions ----------------------------------------------------------------------------- */

static bool choose(struct own_block *own, struct chosen *chosen, const struct mempool_tx *tx)
{
    if (!array_reserve(allocator_libc(), (void **)&chosen->txs, &chosen->tx_cap, chosen->count + 1,
                       sizeof(*chosen->txs), BLOCK_TXS_MAX) ||
        !array_reserve(allocator_libc(), (void **)&own->ids, &own->id_cap, chosen->count + 1,
                       HASH_BYTES, BLOCK_TXS_MAX))
        return false;
    memcpy(own->ids[chosen->count], tx->id, HASH_BYTES);
    chosen->txs[chosen->count++] = tx->tx;
    own->id_count = chosen->count;
    return true;
}

/* The longest prefix of the mempool that fits into a block, without what is not valid on top of
 * the parent in this slot: the mempool is valid for its tip, and for the slot behind. */
static void choose_txs(struct forger *f, uint64_t slot, struct own_block *own,
                       struct chosen *chosen)
{
    const struct genesis_ledger *g = f->options.genesis;
    uint64_t room = genesis_block_room(g), steps = g->max_block_steps;
    uint64_t memory = g->max_block_memory;
    struct mempool_tx tx = { .ticket = 0 };

    while (mempool_next(f->options.mempool, tx.ticket, &tx)) {
        struct tx read;
        const char *why;

        if (tx.tx.count + TX_ROOM_OVERHEAD > room || tx_read(tx.tx, &read, &why) != WIRE_OK ||
            read.script_steps > steps || read.script_memory > memory)
            return;
        if (ledger_view_add(f->view, &read, slot, LEDGER_TRUST_SIGNATURES, NULL, NULL, NULL))
            continue;
        if (!choose(own, chosen, &tx))
            return;
        room -= tx.tx.count + TX_ROOM_OVERHEAD;
        steps -= read.script_steps;
        memory -= read.script_memory;
    }
}

/* Takes the mempool's transactions on top of the parent's ledger, and writes them as a body. */
static enum ou_status make_body(struct forger *f, const struct forging *g, struct own_block *own,
                                struct header *ret, struct ou_error *err)
{
    const struct chain_block *tip = chain_db_tip(f->options.db);
    struct ou_chain_point prev = point_of(g->parent);
    bool beside = g->parent != tip;
    struct chosen chosen = { .count = 0 };
    enum ou_status status = beside ? chain_db_lift_tip(f->options.db, err) : OU_OK;

    if (status) {
        OU_TRACE(node_no_ledger_state, g->slot);
        return status;
    }
    OU_TRACE(node_ticked_ledger_state, g->slot, &prev);
    ledger_view_reset(f->view);
    choose_txs(f, g->slot, own, &chosen);
    ledger_view_reset(f->view);
    OU_TRACE(node_forging_mempool_snapshot, g->slot, &prev, tip ? tip->facts.hash : NULL,
             tip ? tip->facts.view.slot + 1 : 0);
    if (beside)
        status = chain_db_lower_tip(f->options.db, err);
    buffer_clear(&f->segments);
    if (!status)
        status = block_body_write(&f->segments, chosen.txs, chosen.count, ret->body_hash,
                                  &ret->body_bytes, err);
    alloc_free(allocator_libc(), chosen.txs, chosen.tx_cap * sizeof(*chosen.txs));
    return status;
}

/* --- The block -------------------------------------------------------------------------------- */

static void fill_header(const struct forger *f, const struct forging *g, struct header *h)
{
    const struct node_credentials *c = f->options.credentials;

    h->number = number_after(g->parent);
    h->slot = g->slot;
    h->has_previous = g->parent != NULL;
    if (g->parent)
        memcpy(h->previous, g->parent->facts.hash, HASH_BYTES);
    memcpy(h->issuer, c->cold_key, sizeof h->issuer);
    memcpy(h->vrf_key, c->vrf.public_key, VRF_KEY_BYTES);
    memcpy(h->vrf_output, f->proven.output, VRF_OUTPUT_BYTES);
    memcpy(h->vrf_proof, f->proven.proof, VRF_PROOF_BYTES);
    h->certificate = c->certificate;
    h->major = f->options.genesis->major;
    h->minor = f->options.genesis->minor;
}

/* f->block becomes the signed block, and *h its header as others read it. */
static enum ou_status write_block(struct forger *f, const struct forging *g, struct header *h,
                                  struct ou_error *err)
{
    const struct node_credentials *c = f->options.credentials;
    const char *why = "";

    fill_header(f, g, h);
    buffer_clear(&f->header);
    buffer_clear(&f->block);
    header_write(&f->header, h, &c->kes,
                 (uint32_t)(kes_period(f, g->slot) - c->certificate.kes_period));
    block_write(&f->block, bytes_of(&f->header), bytes_of(&f->segments));
    if (buffer_status(&f->header) || buffer_status(&f->block))
        return ou_fail(err, OU_NO_MEMORY, "write a block: no memory");
    if (header_read(bytes_of(&f->header), h, &why) != WIRE_OK)
        return ou_fail(err, OU_INVALID, "%s", why);
    return OU_OK;
}

/* Chain selection has decided, or there was nothing to decide. */
static void end_block(struct own_block *own, const uint8_t hash[HASH_BYTES], enum block_fate fate,
                      const struct ou_error *err)
{
    struct forger *f = own->forger;
    struct ou_hashes ids = { own->ids ? own->ids[0] : hash, (uint32_t)own->id_count };

    if (fate == BLOCK_ADOPTED) {
        OU_TRACE(node_adopted_block, own->slot, hash, own->bytes, &ids);
        f->counts.adopted++;
    } else if (fate == BLOCK_REFUSED) {
        OU_TRACE(node_forged_invalid_block, own->slot, err ? err->text : "");
        mempool_drop(f->options.mempool, (const uint8_t(*)[HASH_BYTES])own->ids, own->id_count);
    } else {
        OU_TRACE(node_didnt_adopt_block, own->slot);
    }
    drop_own(own);
}

static void on_done(void *context, const uint8_t hash[HASH_BYTES], enum block_fate fate,
                    const struct ou_error *err)
{
    end_block(context, hash, fate, err);
}

/* The header goes through the checks that everybody's go through. */
static void hand_over(struct forger *f, const struct forging *g, const struct header *h,
                      struct own_block *own)
{
    struct header_facts facts;
    struct ou_error err = { "" };

    OU_TRACE(node_forged_block, g->slot, h->hash, h->number, h->has_previous ? h->previous : NULL);
    f->counts.forged++;
    own->bytes = block_bytes_estimate(h->bytes.count, h->body_bytes);
    if (chain_db_check_header(f->options.db, h, facts_of(g->parent), &facts, &err))
        end_block(own, h->hash, BLOCK_REFUSED, &err);
    else if (!chain_db_offer_own(f->options.db, bytes_of(&f->block), &facts, on_done, own))
        end_block(own, h->hash, BLOCK_LOST, NULL);
}

static void forge_block(struct forger *f, const struct forging *g)
{
    struct own_block *own = alloc_zeroed(allocator_libc(), sizeof *own);
    struct header header = { .number = 0 };
    struct ou_error err = { "no memory" };
    enum ou_status status = OU_NO_MEMORY;

    if (own) {
        own->forger = f;
        own->slot = g->slot;
        own->next = f->own;
        f->own = own;
        status = make_body(f, g, own, &header, &err);
    }
    if (!status)
        status = write_block(f, g, &header, &err);
    if (!status) {
        hand_over(f, g, &header, own);
        return;
    }
    OU_TRACE(node_cannot_forge, g->slot, err.text);
    f->counts.could_not_forge++;
    if (own)
        drop_own(own);
}

/* --- The slot --------------------------------------------------------------------------------- */

void forger_slot(struct forger *f, uint64_t slot)
{
    struct forging g = { .slot = slot };
    struct ou_error why = { "" };

    OU_TRACE(node_start_leadership_check, slot);
    if (!find_context(f, &g))
        return;
    if (key_has_expired(f, slot, &why)) {
        OU_TRACE(node_forge_state_update_error, slot, why.text);
        return;
    }
    if (!leads(f, &g)) {
        OU_TRACE(node_not_leader, slot);
        return;
    }
    if (!can_forge(f, &g, &why)) {
        OU_TRACE(node_cannot_forge, slot, why.text);
        f->counts.could_not_forge++;
        return;
    }
    OU_TRACE(node_is_leader, slot);
    f->counts.led++;
    forge_block(f, &g);
}

/* --- Accounts --------------------------------------------------------------------------------- */

static void trace_ledger(const struct forger *f, uint64_t slot)
{
    double density = chain_db_density(f->options.db);

    OU_TRACE(node_ledger_metrics, slot, ledger_output_count(chain_db_ledger(f->options.db)),
             f->options.genesis->delegation_count, isnan(density) ? 0 : density);
}

void forger_report(struct forger *f, uint64_t slot, const struct forge_counts *now)
{
    const struct forge_counts *told = &f->told;

    if (f->options.ledger_metrics_slots && slot % f->options.ledger_metrics_slots == 0)
        trace_ledger(f, slot);
    if (!f->options.credentials ||
        (now->led == told->led && now->could_not_forge == told->could_not_forge &&
         now->forged == told->forged && now->missed == told->missed))
        return;
    OU_TRACE(node_forging_stats, now->could_not_forge, now->led, now->forged, now->missed);
    f->told = *now;
}
