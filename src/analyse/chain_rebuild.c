/* The chain is walked from its highest block down. Where a block's parent is
 * told (by its forger, or by a node that adopted it) the walk follows it; where
 * nobody tells, it takes of the blocks at the next lower height the one that
 * most hosts ended up with. Logs of a single node, which hold no forger's word,
 * are so read by the same rule as those of a whole cluster. */
#include "analyse/chain_rebuild.h"

#include <stdlib.h>

#include "analyse/chain_block.h"

#define BLOCKS_MAX (16u << 20)
#define HASH_BYTES_MAX (2048u << 20)
#define ADDRESSES_MAX (1u << 20)
#define ADDRESS_BYTES_MAX (256u << 20)

/* --- Gathering ---------------------------------------------------------- */

static enum ou_status no_memory(struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "no memory to rebuild the chain");
}

/* Numbers all hashes of all hosts and counts the sightings. */
static bool number_blocks(struct rebuild *b, size_t *ret_sightings)
{
    size_t sightings = 0;
    uint32_t id;

    intern_init(&b->all, allocator_libc(), BLOCKS_MAX, HASH_BYTES_MAX);
    for (uint32_t h = 0; h < b->a->host_count; h++) {
        const struct machine_view *view = &b->views[h];

        for (uint32_t i = 0; i < view->hashes.count; i++) {
            if (intern_put(&b->all, intern_text(&view->hashes, i), &id, NULL) != OU_OK)
                return false;
            sightings += view->known[i];
        }
    }
    *ret_sightings = sightings;
    return true;
}

static void learn(int64_t *fact, int64_t value)
{
    if (*fact < 0)
        *fact = value;
}

/* The forger's word goes before an observer's. */
static void learn_facts(struct rebuild *b, struct candidate *c, const struct sighting *s)
{
    const struct block_record *r = s->record;

    if (r->kind == RECORD_FORGER && !c->forger) {
        c->forger = s;
        c->number = r->number;
        c->slot = r->slot;
        if (r->size >= 0)
            c->size = r->size;
    }
    if (!b->a->compat || r->kind != RECORD_ERROR) {
        learn(&c->number, r->number);
        learn(&c->slot, r->slot);
        if (!b->a->compat)
            learn(&c->size, r->size);
    }
    if (has_adopted(r)) {
        c->adopters++;
        if (c->first_adopted_ns == TIME_NONE || r->adopted_ns < c->first_adopted_ns)
            c->first_adopted_ns = r->adopted_ns;
    }
}

/* Whose address is whose. Behind a translation of addresses, or where each host is 127.0.0.1, several hosts tell the same
 * one: then it is nobody's. */
static bool learn_addresses(struct rebuild *b)
{
    size_t cap = 0;

    intern_init(&b->addresses, allocator_libc(), ADDRESSES_MAX, ADDRESS_BYTES_MAX);
    for (uint32_t h = 0; h < b->a->host_count; h++) {
        const struct intern *own = &b->views[h].own;

        for (uint32_t i = 0; i < own->count; i++) {
            uint32_t id;
            bool new;

            if (!array_reserve(allocator_libc(), (void **)&b->address_hosts, &cap,
                               b->addresses.count + 1, sizeof(*b->address_hosts), ADDRESSES_MAX) ||
                intern_put(&b->addresses, intern_text(own, i), &id, &new) != OU_OK)
                return false;
            b->address_hosts[id] = new ? h : NO_HOST;
        }
    }
    return true;
}

static bool gather(struct rebuild *b)
{
    uint32_t hosts = b->a->host_count;
    struct sighting *free_sighting;
    size_t sightings;

    if (!number_blocks(b, &sightings))
        return false;
    b->items = calloc(b->all.count + 1, sizeof(*b->items));
    b->sightings = calloc(sightings + 1, sizeof(*b->sightings));
    b->order = calloc(b->all.count + 1, sizeof(*b->order));
    b->ballots = calloc(hosts + 1, sizeof(*b->ballots));
    if (!b->items || !b->sightings || !b->order || !b->ballots)
        return false;
    for (uint32_t i = 0; i < b->all.count; i++)
        b->items[i] = (struct candidate){
            .number = -1, .slot = -1, .size = -1, .parent = NO_BLOCK, .first_adopted_ns = TIME_NONE
        };
    for (int pass = 0; pass < 2; pass++) { /* count, then place */
        free_sighting = b->sightings;
        for (uint32_t i = 0; pass == 1 && i < b->all.count; i++) {
            b->items[i].sightings = free_sighting;
            free_sighting += b->items[i].sighting_count;
            b->items[i].sighting_count = 0;
        }
        for (uint32_t h = 0; h < hosts; h++) {
            const struct machine_view *view = &b->views[h];

            for (uint32_t i = 0; i < view->hashes.count; i++) {
                struct candidate *c;
                uint32_t id = 0;

                if (!view->known[i] || !intern_find(&b->all, intern_text(&view->hashes, i), &id))
                    continue;
                c = &b->items[id];
                if (pass == 1)
                    c->sightings[c->sighting_count] = (struct sighting){ h, &view->records[i] };
                c->sighting_count++;
            }
        }
    }
    return true;
}

/* A parent's number in `all`, from a record's number in its host's view. */
static uint32_t parent_of(const struct rebuild *b, const struct sighting *s)
{
    uint32_t id = NO_BLOCK;

    if (s->record->parent != NO_PARENT)
        intern_find(&b->all, intern_text(&b->views[s->host].hashes, s->record->parent), &id);
    return id;
}

static void learn_all(struct rebuild *b)
{
    for (uint32_t i = 0; i < b->all.count; i++) {
        struct candidate *c = &b->items[i];

        for (uint32_t s = 0; s < c->sighting_count; s++) {
            learn_facts(b, c, &c->sightings[s]);
            if (has_adopted(c->sightings[s].record) ||
                c->sightings[s].record->kind == RECORD_FORGER)
                b->a->hosts[c->sightings[s].host].cluster_member = true;
        }
        if (c->forger)
            c->parent = parent_of(b, c->forger);
        for (uint32_t s = 0; c->parent == NO_BLOCK && !b->a->compat && s < c->sighting_count; s++)
            c->parent = parent_of(b, &c->sightings[s]);
    }
    for (uint32_t h = 0; h < b->a->host_count; h++)
        b->a->cluster_size += b->a->hosts[h].cluster_member;
}

/* --- Order and votes ---------------------------------------------------- */

static int by_number(const void *a_item, const void *b_item, void *context)
{
    const struct rebuild *b = context;
    uint32_t x = *(const uint32_t *)a_item, y = *(const uint32_t *)b_item;
    const struct candidate *cx = &b->items[x], *cy = &b->items[y];

    if (cx->number != cy->number)
        return cx->number < cy->number ? -1 : 1;
    if (cx->slot != cy->slot)
        return cx->slot < cy->slot ? -1 : 1;
    return strcmp(intern_text(&b->all, x).at, intern_text(&b->all, y).at);
}

static void put_in_order(struct rebuild *b)
{
    for (uint32_t i = 0; i < b->all.count; i++)
        if (b->items[i].sighting_count)
            b->order[b->count++] = i;
    qsort_r(b->order, b->count, sizeof(*b->order), by_number, b);
}

/* Each host votes for the block it adopted last among those of one height. Three
 * passes over the sightings at that height: forget, choose, count. */
static void vote_at_height(struct rebuild *b, uint32_t begin, uint32_t end)
{
    for (int pass = 0; pass < 3; pass++) {
        for (uint32_t i = begin; i < end; i++) {
            struct candidate *c = &b->items[b->order[i]];

            for (uint32_t s = 0; s < c->sighting_count; s++) {
                const struct block_record *r = c->sightings[s].record;
                struct ballot *ballot = &b->ballots[c->sightings[s].host];

                if (pass == 0)
                    *ballot = (struct ballot){ NULL, TIME_NONE };
                else if (pass == 1 && has_adopted(r) && r->last_adopted_ns > ballot->at_ns)
                    *ballot = (struct ballot){ c, r->last_adopted_ns };
                else if (pass == 2)
                    c->votes += ballot->choice == c;
            }
        }
    }
}

static void vote(struct rebuild *b)
{
    for (uint32_t begin = 0, end; begin < b->count; begin = end) {
        int64_t number = b->items[b->order[begin]].number;

        for (end = begin + 1; end < b->count && b->items[b->order[end]].number == number; end++)
            ;
        if (end - begin == 1)
            b->items[b->order[begin]].votes = b->items[b->order[begin]].adopters;
        else if (number >= 0)
            vote_at_height(b, begin, end);
    }
}

/* Is x the better guess for the chain at their common height? Order breaks ties. */
static bool is_better(const struct candidate *x, const struct candidate *y)
{
    if (x->votes != y->votes)
        return x->votes > y->votes;
    if (x->adopters != y->adopters)
        return x->adopters > y->adopters;
    return x->first_adopted_ns != TIME_NONE && x->first_adopted_ns < y->first_adopted_ns;
}

/* The first in order whose height is `number` or more; count when there is none. */
static uint32_t first_at(const struct rebuild *b, int64_t number)
{
    uint32_t low = 0, high = b->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (b->items[b->order[middle]].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The best block of the greatest height below `number` that has one fit for the
 * chain; NO_BLOCK when there is none. */
static uint32_t best_below(const struct rebuild *b, int64_t number, bool adopted_only)
{
    uint32_t best = NO_BLOCK;

    for (uint32_t i = first_at(b, number); i-- > 0;) {
        const struct candidate *c = &b->items[b->order[i]];

        if (c->number < 0 || (best != NO_BLOCK && c->number < b->items[best].number))
            break;
        if (adopted_only && c->adopters == 0)
            continue;
        if (best == NO_BLOCK || !is_better(&b->items[best], c))
            best = b->order[i];
    }
    return best;
}

/* --- The walk ----------------------------------------------------------- */

/* Which of two blocks at the greatest height is locli's top? One whose forger's
 * log is there; of two such, the first host's, and of the same host the lesser
 * hash. */
static bool is_compat_top(const struct rebuild *b, uint32_t x, uint32_t than)
{
    const struct candidate *cx = &b->items[x], *cy = &b->items[than];

    if (!cx->forger || !cy->forger)
        return cx->forger && !cy->forger;
    if (cx->forger->host != cy->forger->host)
        return cx->forger->host < cy->forger->host;
    return strcmp(intern_text(&b->all, x).at, intern_text(&b->all, than).at) < 0;
}

static uint32_t compat_top(const struct rebuild *b)
{
    uint32_t top = b->count ? b->order[b->count - 1] : NO_BLOCK;

    if (top == NO_BLOCK || b->items[top].number < 0)
        return NO_BLOCK;
    for (uint32_t i = first_at(b, b->items[top].number); i < b->count; i++)
        if (is_compat_top(b, b->order[i], top))
            top = b->order[i];
    return top;
}

/* It ends at a block that it has met: hostile logs can make a circle of parents. */
static void walk_compat(struct rebuild *b)
{
    uint32_t top = compat_top(b);
    uint32_t at = top == NO_BLOCK ? NO_BLOCK : b->items[top].parent;

    while (at != NO_BLOCK && b->items[at].forger && b->items[at].fate != BLOCK_CHAINED) {
        b->items[at].fate = BLOCK_CHAINED;
        at = b->items[at].number == 0 ? NO_BLOCK : b->items[at].parent;
    }
}

/* The block below one on the chain: its parent where that is known and seen. */
static uint32_t next_below(const struct rebuild *b, const struct candidate *c, bool adopted_only)
{
    uint32_t parent = c->parent;

    if (parent != NO_BLOCK && b->items[parent].sighting_count && b->items[parent].number >= 0 &&
        b->items[parent].number < c->number)
        return parent;
    return best_below(b, c->number, adopted_only);
}

static void walk_default(struct rebuild *b)
{
    uint32_t top = best_below(b, INT64_MAX, true);
    bool adopted_only = top != NO_BLOCK;
    uint32_t at = adopted_only ? top : best_below(b, INT64_MAX, false);

    if (at == NO_BLOCK)
        return;
    if (b->items[at].adopters < b->a->cluster_size) {
        b->items[at].fate = BLOCK_PENDING;
        b->a->pending_count++;
    } else {
        b->items[at].fate = BLOCK_CHAINED;
    }
    for (at = next_below(b, &b->items[at], adopted_only); at != NO_BLOCK;
         at = next_below(b, &b->items[at], adopted_only))
        b->items[at].fate = BLOCK_CHAINED;
}

static void set_fates(struct rebuild *b)
{
    for (uint32_t i = 0; i < b->all.count; i++)
        b->items[i].fate = BLOCK_UNCHAINED;
    if (b->a->compat)
        walk_compat(b);
    else
        walk_default(b);
}

/* --- All blocks --------------------------------------------------------- */

/* Others known at the same height: each is a battle, of slots or of heights. */
static void count_battles(struct analysis *a)
{
    for (size_t begin = 0, end; begin < a->block_count; begin = end) {
        for (end = begin + 1;
             end < a->block_count && a->blocks[end].number == a->blocks[begin].number; end++)
            ;
        for (size_t i = begin; i < end && a->blocks[begin].number >= 0; i++)
            a->blocks[i].battles = (uint32_t)(end - begin - 1);
    }
}

/* locli: a block is forged at its slot start plus the last segment, and the first
 * one's gap is that segment. */
static int64_t compat_forged_ns(const struct chain_block *block)
{
    int64_t segment_ns = block->forger_delta_ns[FORGER_FORGED], forged_ns;

    if (block->slot_start_ns == TIME_NONE || segment_ns == TIME_NONE ||
        __builtin_add_overflow(block->slot_start_ns, segment_ns, &forged_ns))
        return TIME_NONE;
    return forged_ns;
}

static void fill_gaps_compat(struct analysis *a)
{
    int64_t before_ns = TIME_NONE;

    for (size_t i = 0; i < a->block_count; i++) {
        struct chain_block *block = &a->blocks[i];
        int64_t forged_ns = compat_forged_ns(block);
        int64_t from_ns = before_ns != TIME_NONE ? before_ns : block->slot_start_ns;

        if (block->fate != BLOCK_CHAINED || forged_ns == TIME_NONE)
            continue;
        if (__builtin_sub_overflow(forged_ns, from_ns, &block->block_gap_ns))
            block->block_gap_ns = TIME_NONE;
        before_ns = forged_ns;
    }
}

/* Between neighbours in height only: a gap over a missing block would be two. */
static void fill_gaps(struct analysis *a)
{
    const struct chain_block *before = NULL;

    for (size_t i = 0; i < a->block_count; i++) {
        struct chain_block *block = &a->blocks[i];

        if (block->fate != BLOCK_CHAINED)
            continue;
        if (before && before->number == block->number - 1)
            block->block_gap_ns = chain_since(block->forged_at_ns, before->forged_at_ns);
        before = block;
    }
}

static void note_signs(const int64_t *deltas, int count, struct filter_block *facts)
{
    for (int i = 0; i < count; i++) {
        facts->any_negative |= deltas[i] != TIME_NONE && deltas[i] < 0;
        facts->any_nonnegative |= deltas[i] != TIME_NONE && deltas[i] >= 0;
    }
}

/* Hosts beside the forger that adopted a block; locli: of those that are observers
 * in its sense. */
static uint32_t adopting_observers(const struct chain_block *block, bool compat)
{
    uint32_t n = 0;

    if (!compat)
        return block->adopters - (block->forger_chain_delta >= 0);
    for (uint32_t i = 0; i < block->observation_count; i++)
        n += block->observations[i].adoption_ns != TIME_NONE;
    return n;
}

static struct filter_block facts_of(const struct chain_block *block, bool compat)
{
    struct filter_block facts = {
        .slot = block->slot < 0 ? 0 : (uint64_t)block->slot,
        .slot_unknown = block->slot < 0,
        .epoch = block->epoch,
        .slot_in_epoch = block->slot_in_epoch,
        .safe_interval = block->safe_interval,
        .size_bytes = block->size_bytes,
        .chain_delta = block->forger_chain_delta,
        .adoptions = adopting_observers(block, compat),
    };

    note_signs(block->forger_delta_ns, FORGER_PHASES, &facts);
    for (uint32_t i = 0; i < block->observation_count; i++)
        note_signs(block->observations[i].delta_ns, OBSERVER_PHASES, &facts);
    return facts;
}

static void apply_filters(struct rebuild *b, struct chain_block *block)
{
    struct filter_block facts = facts_of(block, b->a->compat);

    block->accepted = true;
    for (size_t i = 0; i < b->filters->count; i++) {
        enum filter_answer answer = filter_block(b->filters, &b->filters->conditions[i], &facts);

        block->answers[i] = (uint8_t)answer;
        b->a->filters[i].blocks_dropped += answer == FILTER_NO;
        b->a->filters[i].blocks_undecided += answer == FILTER_UNKNOWN;
        block->accepted &= answer != FILTER_NO;
    }
}

static void widen(int64_t range[2], int64_t value)
{
    if (value < 0)
        return;
    if (range[0] < 0 || value < range[0])
        range[0] = value;
    if (value > range[1])
        range[1] = value;
}

static void count_block(struct analysis *a, const struct chain_block *block)
{
    struct host_result *forger = block->forger == NO_HOST ? NULL : &a->hosts[block->forger];

    if (block->fate == BLOCK_PENDING) {
        if (forger)
            forger->blocks_pending++;
        return;
    }
    if (block->fate == BLOCK_UNCHAINED) {
        a->unchained_count++;
        if (forger)
            forger->blocks_unchained++;
        return;
    }
    a->chained_count++;
    a->forgerless_count += !forger;
    widen(a->slots_raw, block->slot);
    widen(a->blocks_raw, block->number);
    if (forger)
        *(block->accepted ? &forger->blocks_filtered : &forger->blocks_rejected) += 1;
    if (block->accepted) {
        a->accepted_count++;
        widen(a->slots_filtered, block->slot);
        widen(a->blocks_filtered, block->number);
    }
}

static bool fill_filters(struct rebuild *b)
{
    struct analysis *a = b->a;

    a->filter_count = b->filters->count;
    if (!a->filters)
        a->filters = arena_take(&a->memory, (a->filter_count + 1) * sizeof(*a->filters),
                                _Alignof(struct filter_result));
    for (size_t i = 0; a->filters && i < a->filter_count; i++) {
        const struct filter_condition *c = &b->filters->conditions[i];

        a->filters[i].name = arena_copy(&a->memory, c->name.at, c->name.len);
        a->filters[i].set = arena_copy(&a->memory, c->set.at, c->set.len);
        a->filters[i].for_slots = c->for_slots;
        if (!a->filters[i].name || !a->filters[i].set)
            return false;
    }
    return a->filters != NULL;
}

/* In compat mode a forger may name a parent at its own height, or above it. */
static uint64_t missing_heights(const struct analysis *a)
{
    uint64_t heights = (uint64_t)a->blocks_raw[1] - (uint64_t)a->blocks_raw[0] + 1;

    return a->chained_count && heights > a->chained_count ? heights - a->chained_count : 0;
}

static bool fill_all(struct rebuild *b)
{
    struct analysis *a = b->a;

    a->blocks =
        arena_take(&a->memory, (b->count + 1) * sizeof(*a->blocks), _Alignof(struct chain_block));
    if (!a->blocks || !fill_filters(b))
        return false;
    for (uint32_t i = 0; i < b->count; i++)
        if (!chain_block_fill(b, b->order[i], &a->blocks[i]))
            return false;
    a->block_count = b->count;
    count_battles(a);
    if (a->compat)
        fill_gaps_compat(a);
    else
        fill_gaps(a);
    for (size_t i = 0; i < a->block_count; i++) {
        if (a->blocks[i].fate == BLOCK_CHAINED)
            apply_filters(b, &a->blocks[i]);
        count_block(a, &a->blocks[i]);
    }
    a->missing_heights = missing_heights(a);
    a->partial_view = a->forgerless_count > 0;
    return true;
}

enum ou_status chain_rebuild(struct analysis *a, const struct machine_view *views,
                             const struct filter_set *filters, struct ou_error *err)
{
    struct rebuild b = { .a = a, .views = views, .filters = filters };
    bool ok = gather(&b) && learn_addresses(&b);

    for (int i = 0; i < 2; i++)
        a->slots_raw[i] = a->slots_filtered[i] = a->blocks_raw[i] = a->blocks_filtered[i] = -1;
    if (ok) {
        learn_all(&b);
        put_in_order(&b);
        vote(&b);
        set_fates(&b);
        ok = fill_all(&b);
    }
    intern_release(&b.all);
    intern_release(&b.addresses);
    free(b.address_hosts);
    free(b.items);
    free(b.sightings);
    free(b.order);
    free(b.ballots);
    return ok ? OU_OK : no_memory(err);
}
