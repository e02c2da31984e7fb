#include "analyse/machine_view.h"

#include <stdlib.h>

#include "base/time.h"

#define HASH_BYTES_MAX (2048u << 20)
#define ADDRESS_BYTES_MAX (16u << 20)
#define FULL_HASH_LENGTH 64
#define SHORT_HASH_MIN 6    /* nodes cut hashes to 7 or 8 digits */
#define SHORT_HASH_LOOK 128 /* how far back a shortened hash is looked for */

const struct block_record machine_view_empty_record = {
    .slot = -1,
    .number = -1,
    .size = -1,
    .parent = NO_PARENT,
    .sent_by = NO_PEER,
    .noticed_ns = TIME_NONE,
    .requested_ns = TIME_NONE,
    .fetched_ns = TIME_NONE,
    .announced_ns = TIME_NONE,
    .sending_ns = TIME_NONE,
    .adopted_ns = TIME_NONE,
    .forged_ns = TIME_NONE,
    .last_adopted_ns = TIME_NONE,
    .loop_ns = { TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE },
};

void machine_view_init(struct machine_view *view, bool compat)
{
    *view = (struct machine_view){ .compat = compat, .loop_slot = -1 };
    intern_init(&view->hashes, allocator_libc(), MACHINE_BLOCKS_MAX, HASH_BYTES_MAX);
    intern_init(&view->own, allocator_libc(), MACHINE_ADDRESSES_MAX, ADDRESS_BYTES_MAX);
    intern_init(&view->peers, allocator_libc(), MACHINE_ADDRESSES_MAX, ADDRESS_BYTES_MAX);
    for (int i = 0; i < LOOP_INSTANTS; i++)
        view->loop_ns[i] = TIME_NONE;
}

void machine_view_release(struct machine_view *view)
{
    intern_release(&view->hashes);
    intern_release(&view->own);
    intern_release(&view->peers);
    free(view->records);
    free(view->known);
    *view = (struct machine_view){ 0 };
}

/* Room first, number afterwards: every number has its record, even when memory
 * runs out in between. */
static bool id_of(struct machine_view *view, struct span hash, uint32_t *ret)
{
    size_t need = view->hashes.count + 1;
    bool new;

    if (!array_reserve(allocator_libc(), (void **)&view->records, &view->cap, need,
                       sizeof(*view->records), MACHINE_BLOCKS_MAX + 1) ||
        !array_reserve(allocator_libc(), (void **)&view->known, &view->known_cap, need,
                       sizeof(*view->known), MACHINE_BLOCKS_MAX + 1) ||
        intern_put(&view->hashes, hash, ret, &new) != OU_OK)
        return false;
    if (new) {
        view->records[*ret] = machine_view_empty_record;
        view->known[*ret] = false;
    }
    return true;
}

/* Does a hash that a node shortened stand for one of the blocks met lately? */
static bool find_shortened(struct machine_view *view, struct span hash, uint32_t *ret)
{
    uint32_t count = (uint32_t)view->hashes.count, looked = 0, found = 0;

    for (uint32_t i = count; i-- > 0 && looked < SHORT_HASH_LOOK; looked++) {
        struct span full = intern_text(&view->hashes, i);

        if (!view->known[i] || full.len <= hash.len || memcmp(full.at, hash.at, hash.len) != 0)
            continue;
        if (found++ == 0)
            *ret = i;
    }
    view->ambiguous += found > 1;
    return found == 1;
}

/* The number of the block an event speaks of; false when there is no room. */
static bool block_of(struct machine_view *view, struct span hash, uint32_t *ret)
{
    if (intern_find(&view->hashes, hash, ret))
        return true;
    if (!view->compat && hash.len >= SHORT_HASH_MIN && hash.len < FULL_HASH_LENGTH &&
        find_shortened(view, hash, ret))
        return true;
    return id_of(view, hash, ret);
}

/* Sets an instant that is not set yet. Headers, requests, announcements and
 * bodies come and go many times, as often as there are peers. */
static bool first_time(int64_t *instant, int64_t at_ns)
{
    if (*instant != TIME_NONE)
        return false;
    *instant = at_ns;
    return true;
}

static void raise_delta(struct block_record *r, int64_t delta)
{
    if (delta > r->chain_delta)
        r->chain_delta = delta;
}

static void learn(int64_t *fact, int64_t value)
{
    if (*fact < 0)
        *fact = value;
}

static void seen_header(struct block_record *r, const struct event *e)
{
    r->headers++;
    if (r->kind != RECORD_OBSERVER)
        return;
    if (first_time(&r->noticed_ns, e->at_ns)) {
        r->header_seen = true;
        learn(&r->slot, e->slot);
        learn(&r->number, e->number);
    }
}

static void fetch_requested(struct machine_view *view, struct block_record *r,
                            const struct event *e)
{
    r->requests++;
    if (r->kind == RECORD_FORGER) {
        if (view->compat)
            r->kind = RECORD_ERROR;
        return;
    }
    if (r->kind == RECORD_OBSERVER && first_time(&r->requested_ns, e->at_ns))
        raise_delta(r, e->number);
}

/* Where there is no room for an address, the sender stays unknown. */
static uint32_t sender_of(struct machine_view *view, struct span connection)
{
    const char *blank = connection.len ? memchr(connection.at, ' ', connection.len) : NULL;
    struct span own, peer;
    uint32_t ignored, id;

    if (!blank)
        return NO_PEER;
    own = (struct span){ connection.at, (size_t)(blank - connection.at) };
    peer = (struct span){ blank + 1, connection.len - own.len - 1 };
    if (intern_put(&view->own, own, &ignored, NULL) || intern_put(&view->peers, peer, &id, NULL))
        return NO_PEER;
    return id;
}

static void fetch_completed(struct machine_view *view, struct block_record *r,
                            const struct event *e)
{
    r->fetches++;
    if (r->kind != RECORD_OBSERVER)
        return;
    learn(&r->size, e->size);
    if (first_time(&r->fetched_ns, e->at_ns))
        r->sent_by = sender_of(view, e->connection);
}

static void forged(struct machine_view *view, struct block_record *r, uint32_t parent,
                   const struct event *e, bool is_new)
{
    if (r->kind == RECORD_ERROR)
        return;
    if (!is_new && (r->kind == RECORD_FORGER || view->compat)) {
        r->forged_twice = r->kind == RECORD_FORGER;
        if (view->compat)
            r->kind = RECORD_ERROR;
        return;
    }
    r->kind = RECORD_FORGER;
    r->forged_ns = e->at_ns;
    r->slot = e->slot;
    r->number = e->number;
    r->parent = parent;
    if (r->adopted_ns == TIME_NONE) /* else the adoption was logged first, and tells it */
        r->chain_delta = 0;
    if (view->compat || e->slot == view->loop_slot)
        memcpy(r->loop_ns, view->loop_ns, sizeof(r->loop_ns));
}

static void adopted(struct machine_view *view, struct block_record *r, uint32_t parent,
                    const struct event *e)
{
    if (r->kind == RECORD_ERROR)
        return;
    r->last_adopted_ns = e->at_ns;
    learn(&r->slot, e->slot);
    learn(&r->number, e->tip_number);
    if (r->parent == NO_PARENT)
        r->parent = parent;
    if (e->kind == EVENT_ADOPTED_BLOCK && (r->kind == RECORD_FORGER || !view->compat))
        learn(&r->size, e->size);
    if (r->adopted_ns != TIME_NONE) {
        if (e->kind != EVENT_ADOPTED_BLOCK) /* that is the forger's second word on it */
            view->repeated++;
        return;
    }
    if (first_time(&r->adopted_ns, e->at_ns)) {
        raise_delta(r, e->number < 0 ? 1 : e->number);
        r->by_fork_switch = e->kind == EVENT_SWITCHED_TO_FORK;
    }
}

static void block_event(struct machine_view *view, const struct event *e)
{
    uint32_t id, parent = NO_PARENT;
    struct block_record *r;
    bool is_new;

    if (!block_of(view, e->hash, &id) || (e->parent.len && !id_of(view, e->parent, &parent))) {
        view->lost++;
        return;
    }
    r = &view->records[id];
    is_new = !view->known[id];
    view->known[id] = true;
    if (is_new && view->compat && e->kind != EVENT_SEEN_HEADER && e->kind != EVENT_FORGED_BLOCK)
        r->kind = RECORD_ERROR;
    switch (e->kind) {
    case EVENT_SEEN_HEADER: seen_header(r, e); break;
    case EVENT_FETCH_REQUESTED: fetch_requested(view, r, e); break;
    case EVENT_FETCH_COMPLETED: fetch_completed(view, r, e); break;
    case EVENT_FORGED_BLOCK: forged(view, r, parent, e, is_new); break;
    case EVENT_SEND_HEADER:
        if (r->kind != RECORD_ERROR)
            first_time(&r->announced_ns, e->at_ns);
        break;
    case EVENT_SENDING_BODY:
        if (r->kind != RECORD_ERROR)
            first_time(&r->sending_ns, e->at_ns);
        break;
    default: /* the three adoptions */ adopted(view, r, parent, e); break;
    }
}

/* What the loop did for another slot, or in an earlier check of this one, is
 * nothing to this one; locli lets it stand. */
static void loop_event(struct machine_view *view, enum loop_instant which, const struct event *e)
{
    bool anew = which == LOOP_STARTED || e->slot != view->loop_slot;

    for (int i = 0; i < LOOP_INSTANTS && anew && !view->compat; i++)
        view->loop_ns[i] = TIME_NONE;
    view->loop_slot = e->slot;
    view->loop_ns[which] = e->at_ns;
}

void machine_view_event(struct machine_view *view, const struct event *event)
{
    switch (event->kind) {
    case EVENT_START_LEADERSHIP_CHECK: loop_event(view, LOOP_STARTED, event); break;
    case EVENT_BLOCK_CONTEXT: loop_event(view, LOOP_CONTEXT, event); break;
    case EVENT_LEDGER_STATE: loop_event(view, LOOP_STATE, event); break;
    case EVENT_LEDGER_VIEW: loop_event(view, LOOP_VIEW, event); break;
    case EVENT_NODE_IS_LEADER: loop_event(view, LOOP_LEADING, event); break;
    case EVENT_TICKED_LEDGER_STATE: loop_event(view, LOOP_TICKED, event); break;
    case EVENT_MEMPOOL_SNAPSHOT: loop_event(view, LOOP_SNAPSHOT, event); break;
    case EVENT_SWITCHED_TO_FORK:
        if (!view->compat)
            block_event(view, event);
        break;
    case EVENT_SEEN_HEADER:
    case EVENT_FETCH_REQUESTED:
    case EVENT_FETCH_COMPLETED:
    case EVENT_FORGED_BLOCK:
    case EVENT_SEND_HEADER:
    case EVENT_SENDING_BODY:
    case EVENT_ADDED_TO_CHAIN:
    case EVENT_ADOPTED_BLOCK: block_event(view, event); break;
    default: break;
    }
}

enum ou_status machine_view_restore(struct machine_view *view, struct span hash,
                                    const struct block_record *record)
{
    uint32_t id;

    if (intern_find(&view->hashes, hash, &id))
        return OU_INVALID;
    if (view->hashes.count == MACHINE_BLOCKS_MAX)
        return OU_TOO_LARGE;
    if (!id_of(view, hash, &id))
        return OU_NO_MEMORY;
    view->known[id] = record != NULL;
    if (record)
        view->records[id] = *record;
    return OU_OK;
}

const struct block_record *machine_view_find(const struct machine_view *view, struct span hash)
{
    uint32_t id;

    return intern_find(&view->hashes, hash, &id) && view->known[id] ? &view->records[id] : NULL;
}
