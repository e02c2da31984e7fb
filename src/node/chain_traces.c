/* What the chain database traces that takes more than a line. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ouroscope/node.h>
#include <ouroscope/trace.h>

#include "base/digits.h"
#include "base/time.h"
#include "node/chain_db_state.h"

enum { JSON_ROOM = 256 };

struct ou_chain_point chain_traced(const struct stored_block *block)
{
    return (struct ou_chain_point){ block->block.facts.view.slot, block->block.facts.hash };
}

/* --- Selection -------------------------------------------------------------------------------- */

/* A selection view as members of a message; unknown ones when there is no block. */
struct view_text {
    uint64_t length, issue, slot;
    const char *issuer, *vrf; /* NULL or the rooms below */
    char issuer_room[2 * KEY_HASH_BYTES + 1], vrf_room[2 * VRF_OUTPUT_BYTES + 1];
};

static void view_text_of(const struct stored_block *block, struct view_text *ret)
{
    const struct selection_view *view;
    uint8_t pool[KEY_HASH_BYTES];

    *ret = (struct view_text){ .length = OU_NO_U64, .issue = OU_NO_U64, .slot = OU_NO_U64 };
    if (!block)
        return;
    view = &block->block.facts.view;
    ret->length = view->number;
    ret->issue = view->counter;
    ret->slot = view->slot;
    hash224((struct bytes){ view->issuer, sizeof view->issuer }, pool);
    ret->issuer_room[digits_hex(pool, 2 * sizeof pool, ret->issuer_room)] = '\0';
    ret->vrf_room[digits_hex(view->vrf_output, 2 * sizeof view->vrf_output, ret->vrf_room)] = '\0';
    ret->issuer = ret->issuer_room;
    ret->vrf = ret->vrf_room;
}

static const char *reason_of(const struct stored_block *top, const struct stored_block *old)
{
    const struct selection_view *a = &top->block.facts.view;
    const struct selection_view *b = old ? &old->block.facts.view : NULL;

    if (!b || a->number > b->number)
        return "the other chain is longer";
    return a->counter > b->counter && a->slot == b->slot
               ? "as long, with a newer certificate of the same pool"
               : "as long, with the smaller VRF output";
}

/* How much of the time since the chain's start the chain covers. */
static void trace_progress(const struct chain_db *db, uint64_t slot, uint64_t epoch,
                           uint64_t slot_in_epoch)
{
    char json[JSON_ROOM];
    uint64_t now;

    if (!OU_TRACE_IS_ON(node_state_add_block))
        return;
    if (!slot_at(&db->genesis->shelley.clock, time_wall_ns(), &now) || now < slot)
        now = slot;
    snprintf(json, sizeof json, "[%" PRIu64 ",%" PRIu64 ",%.2f]", epoch, slot_in_epoch,
             now ? 100.0 * (double)slot / (double)now : 100.0);
    OU_TRACE(node_state_add_block, json);
}

static uint32_t headers_of(const struct chain_db *db, size_t at, struct ou_header *ret)
{
    uint32_t count = 0;

    for (; at < db->chain_count && count < OU_LIST_MAX; at++) {
        const struct header_facts *facts = &db->chain[at]->block.facts;

        ret[count++] = (struct ou_header){ facts->view.number, facts->view.slot, facts->hash };
    }
    return count;
}

void chain_trace_selection(const struct chain_db *db, const struct stored_block *old, size_t at,
                           bool is_fork)
{
    const struct stored_block *top = chain_top(db);
    const struct header_facts *facts = &top->block.facts;
    const struct slot_clock *clock = &db->genesis->shelley.clock;
    struct ou_chain_point tip = chain_traced(top);
    uint64_t epoch = slot_epoch(clock, tip.slot), in_epoch = slot_in_epoch(clock, tip.slot);
    struct ou_header header_room[OU_LIST_MAX];
    struct ou_headers headers = { header_room, headers_of(db, at, header_room) };
    struct view_text now, then;

    view_text_of(top, &now);
    view_text_of(old, &then);
#define SELECTION                                                                        \
    &tip, now.length, now.issue, now.issuer, now.slot, now.vrf, then.length, then.issue, \
        then.issuer, then.slot, then.vrf, facts->hash,                                   \
        facts->has_previous ? facts->previous : NULL, now.issuer, &headers, "[]",        \
        chain_db_density(db), epoch, in_epoch
    if (is_fork)
        OU_TRACE(node_switched_to_a_fork, SELECTION, reason_of(top, old));
    else
        OU_TRACE(node_added_to_current_chain, SELECTION);
#undef SELECTION
    trace_progress(db, tip.slot, epoch, in_epoch);
}

/* --- Life ------------------------------------------------------------------------------------- */

void chain_trace_snapshot(const struct stored_block *tip, double seconds)
{
    char text[JSON_ROOM], hash[2 * HASH_BYTES + 1];

    hash_text(tip->block.facts.hash, hash);
    snprintf(text, sizeof text, "%s at slot %" PRIu64, hash, tip->block.facts.view.slot);
    OU_TRACE(node_took_snapshot, text, isnan(seconds) ? "RisingEdge" : "FallingEdgeWith", seconds);
}

void chain_trace_opening(const char *tag)
{
    char json[JSON_ROOM];

    snprintf(json, sizeof json, "{\"tag\":\"%s\"}", tag);
    OU_TRACE(node_state_opening_dbs, json);
}

void chain_trace_damage(const struct block_store_damage *damage)
{
    char json[JSON_ROOM];

    snprintf(json, sizeof json,
             "{\"tag\":\"CutVolatileDB\",\"contents\":{\"cause\":\"%s\",\"at\":%" PRIu64
             ",\"cutBytes\":%" PRIu64 ",\"recordsBehind\":%" PRIu64 "}}",
             damage->what, damage->at, damage->cut_bytes, damage->records_behind);
    OU_TRACE(node_state_opening_dbs, json);
}

void chain_trace_replay(const struct snapshot *from, uint64_t goal_slot)
{
    char json[JSON_ROOM];

    if (from)
        snprintf(json, sizeof json,
                 "{\"tag\":\"ReplayFromSnapshot\",\"contents\":{\"block\":%" PRIu64
                 ",\"goal\":%" PRIu64 "}}",
                 from->number, goal_slot);
    else
        snprintf(json, sizeof json,
                 "{\"tag\":\"ReplayFromGenesis\",\"contents\":{\"goal\":%" PRIu64 "}}", goal_slot);
    OU_TRACE(node_state_replays, json);
}

void chain_trace_first_selection(const char *tag)
{
    char json[JSON_ROOM];

    snprintf(json, sizeof json, "{\"tag\":\"%s\"}", tag);
    OU_TRACE(node_state_init_chain_selection, json);
}
