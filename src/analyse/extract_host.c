#include "analyse/extract_host.h"

#include <math.h>
#include <stddef.h>

#define TXS_UNKNOWN (-1)

/* clang-format off */
static const struct column block_columns[] = {
    { offsetof(struct block_record, kind), COLUMN_32 },
    { offsetof(struct block_record, slot), COLUMN_64 },
    { offsetof(struct block_record, number), COLUMN_64 },
    { offsetof(struct block_record, size), COLUMN_64 },
    { offsetof(struct block_record, parent), COLUMN_32 },
    { offsetof(struct block_record, noticed_ns), COLUMN_INSTANT },
    { offsetof(struct block_record, requested_ns), COLUMN_INSTANT },
    { offsetof(struct block_record, fetched_ns), COLUMN_INSTANT },
    { offsetof(struct block_record, announced_ns), COLUMN_INSTANT },
    { offsetof(struct block_record, sending_ns), COLUMN_INSTANT },
    { offsetof(struct block_record, adopted_ns), COLUMN_INSTANT },
    { offsetof(struct block_record, forged_ns), COLUMN_INSTANT },
    { offsetof(struct block_record, last_adopted_ns), COLUMN_INSTANT },
    { offsetof(struct block_record, chain_delta), COLUMN_64 },
    { offsetof(struct block_record, sent_by), COLUMN_32 },
    { offsetof(struct block_record, headers), COLUMN_32 },
    { offsetof(struct block_record, requests), COLUMN_32 },
    { offsetof(struct block_record, fetches), COLUMN_32 },
    { offsetof(struct block_record, header_seen), COLUMN_FLAG },
    { offsetof(struct block_record, by_fork_switch), COLUMN_FLAG },
    { offsetof(struct block_record, forged_twice), COLUMN_FLAG },
#define X(i) { offsetof(struct block_record, loop_ns[i]), COLUMN_INSTANT }
    X(LOOP_STARTED), X(LOOP_CONTEXT), X(LOOP_STATE), X(LOOP_VIEW), X(LOOP_LEADING), X(LOOP_TICKED),
    X(LOOP_SNAPSHOT),
#undef X
};

/* Those that change with each slot stand first: then the word that tells of changes is short. The slot itself stands before
 * a record, and its beginning is known from it. */
static const struct column slot_columns[] = {
#define X(i) { offsetof(struct slot_record, phase_ns[i]), COLUMN_INSTANT }
    X(SLOT_STARTED), X(SLOT_BLOCK_CONTEXT), X(SLOT_LEDGER_STATE), X(SLOT_LEDGER_VIEW),
    X(SLOT_LEADING),
#undef X
    { offsetof(struct slot_record, block_gap), COLUMN_64 },
    { offsetof(struct slot_record, mempool_txs), COLUMN_64 },
    { offsetof(struct slot_record, txs_collected), COLUMN_64 },
    { offsetof(struct slot_record, txs_accepted), COLUMN_64 },
    { offsetof(struct slot_record, txs_span_ns), COLUMN_64 },
    { offsetof(struct slot_record, block_number), COLUMN_64 },
    { offsetof(struct slot_record, utxo_size), COLUMN_64 },
    { offsetof(struct slot_record, density), COLUMN_REAL },
    { offsetof(struct slot_record, txs_rejected), COLUMN_64 },
    { offsetof(struct slot_record, starts), COLUMN_32 },
    { offsetof(struct slot_record, contexts), COLUMN_32 },
    { offsetof(struct slot_record, ledger_states), COLUMN_32 },
    { offsetof(struct slot_record, ledger_views), COLUMN_32 },
    { offsetof(struct slot_record, leads), COLUMN_32 },
    { offsetof(struct slot_record, forges), COLUMN_32 },
    { offsetof(struct slot_record, snapshots), COLUMN_32 },
    { offsetof(struct slot_record, rejected_txs), COLUMN_32 },
#define X(i) { offsetof(struct slot_record, phase_ns[i]), COLUMN_INSTANT }
    X(SLOT_TICKED), X(SLOT_MEMPOOL_SNAPSHOT), X(SLOT_FORGED),
#undef X
#define X(id, name) { offsetof(struct slot_record, resources[RESOURCE_##id]), COLUMN_REAL },
    OU_RESOURCE_MEMBERS(X)
#undef X
};
/* clang-format on */

#define BLOCK_COLUMNS (sizeof block_columns / sizeof *block_columns)
#define SLOT_COLUMNS (sizeof slot_columns / sizeof *slot_columns)

_Static_assert(sizeof(enum record_kind) == sizeof(uint32_t), "it is written as 32 bits");
_Static_assert(BLOCK_COLUMNS <= 64 && SLOT_COLUMNS <= 64, "a record tells its changes in 64 bits");

static void fail(struct extract_reader *r, const char *what)
{
    extract_fail(r, OU_INVALID, what);
}

/* --- Counters ------------------------------------------------------------ */

static void put_counts(struct buffer *b, const struct host_state *host)
{
    const struct process_use *use = &host->process;

    put_number(b, host->objects);
    put_number(b, host->lost.unwritten);
    put_number(b, host->lost.dropped);
    put_number(b, host->lost.told);
    put_number(b, host->load_events);
    put_number(b, host->node_events);
    put_signed(b, host->txs_sent);
    put_number(b, use->ends);
    put_number(b, use->failures);
    put_real(b, use->wall_s);
    put_real(b, use->user_s);
    put_real(b, use->system_s);
    put_signed(b, use->max_rss_bytes);
}

static void take_counts(struct extract_reader *r, struct host_state *host)
{
    static const char too_many[] = "the extract is damaged: a process ended too often";
    struct process_use *use = &host->process;

    host->objects = take_number(r);
    host->lost.unwritten = take_number(r);
    host->lost.dropped = take_number(r);
    host->lost.told = take_number(r);
    host->load_events = take_number(r);
    host->node_events = take_number(r);
    host->txs_sent = take_signed(r);
    use->ends = (uint32_t)take_below(r, UINT32_MAX, too_many);
    use->failures = (uint32_t)take_below(r, UINT32_MAX, too_many);
    use->wall_s = take_real(r);
    use->user_s = take_real(r);
    use->system_s = take_real(r);
    use->max_rss_bytes = take_signed(r);
    if (host->txs_sent < TXS_UNKNOWN)
        fail(r, "the extract is damaged: transactions below zero");
}

void put_tally(struct buffer *b, const struct host_tally *t)
{
    put_number(b, t->lines);
    put_number(b, t->bytes);
    put_number(b, t->objects);
    put_number(b, t->not_understood);
    put_number(b, t->duplicate_lines);
    put_number(b, t->fine_stamps);
    put_number(b, t->out_of_order);
    put_signed(b, t->worst_backstep_ns);
    put_signed(b, t->first_ns);
    put_signed(b, t->last_ns);
    put_signed(b, t->first_in_file_ns);
    put_signed(b, t->last_in_file_ns);
    put_signed(b, t->longest_gap_ns);
    put_signed(b, t->gap_at_ns);
}

static bool is_known(int64_t at_ns)
{
    return at_ns != TIME_NONE;
}

/* Of its lines' stamps all is known, or nothing; a gap wants two of them. */
static void check_tally(struct extract_reader *r, const struct host_tally *t)
{
    bool stamped = is_known(t->first_ns);

    if (is_known(t->last_ns) != stamped || is_known(t->first_in_file_ns) != stamped ||
        is_known(t->last_in_file_ns) != stamped ||
        is_known(t->gap_at_ns) != is_known(t->longest_gap_ns) ||
        (is_known(t->gap_at_ns) && !stamped) || t->last_ns < t->first_ns ||
        t->worst_backstep_ns < 0)
        fail(r, "the extract is damaged: a host's lines have no such stamps");
}

struct host_tally take_tally(struct extract_reader *r)
{
    struct host_tally t = host_tally_empty;

    t.lines = take_number(r);
    t.bytes = take_number(r);
    t.objects = take_number(r);
    t.not_understood = take_number(r);
    t.duplicate_lines = take_number(r);
    t.fine_stamps = take_flag(r);
    t.out_of_order = take_number(r);
    t.worst_backstep_ns = take_instant(r); /* lengths are none, or not below zero, like instants */
    t.first_ns = take_instant(r);
    t.last_ns = take_instant(r);
    t.first_in_file_ns = take_instant(r);
    t.last_in_file_ns = take_instant(r);
    t.longest_gap_ns = take_instant(r);
    t.gap_at_ns = take_instant(r);
    check_tally(r, &t);
    return t;
}

/* --- What its log says of blocks ------------------------------------------ */

static void put_strings(struct buffer *b, const struct intern *set)
{
    put_number(b, set->count);
    for (uint32_t i = 0; i < set->count; i++)
        put_text(b, intern_text(set, i));
}

static void put_view(struct buffer *b, const struct machine_view *view)
{
    int64_t last_ns = 0;

    put_strings(b, &view->own);
    put_strings(b, &view->peers);
    put_number(b, view->repeated);
    put_number(b, view->lost);
    put_number(b, view->ambiguous);
    put_number(b, view->hashes.count);
    for (uint32_t i = 0; i < view->hashes.count; i++) {
        put_text(b, intern_text(&view->hashes, i));
        put_number(b, view->known[i]);
        if (view->known[i])
            put_record(b, block_columns, BLOCK_COLUMNS, &view->records[i],
                       &machine_view_empty_record, &last_ns);
    }
}

static void take_strings(struct extract_reader *r, struct intern *set)
{
    uint64_t count = take_below(r, MACHINE_ADDRESSES_MAX + 1,
                                "the extract is damaged: a host has too many addresses");

    for (uint64_t i = 0; i < count && !extract_failed(r); i++) {
        struct span text = take_text(r);
        bool is_new = true;
        uint32_t id;

        if (!extract_failed(r) && intern_put(set, text, &id, &is_new) != OU_OK)
            extract_fail(r, OU_NO_MEMORY, "no memory for the addresses of a host");
        else if (!extract_failed(r) && !is_new)
            fail(r, "the extract is damaged: an address comes twice");
    }
}

static void check_block(struct extract_reader *r, const struct block_record *b,
                        const struct machine_view *view)
{
    if ((uint32_t)b->kind > RECORD_ERROR || b->slot < -1 || b->number < -1 || b->size < -1 ||
        b->chain_delta < 0)
        fail(r, "the extract is damaged: what it says of a block cannot be");
    if (b->sent_by != NO_PEER && b->sent_by >= view->peers.count)
        fail(r, "the extract is damaged: a block came from nobody");
}

/* Parents may stand behind their children, hence at the end. */
static void check_parents(struct extract_reader *r, const struct machine_view *view)
{
    for (size_t i = 0; i < view->hashes.count; i++)
        if (view->known[i] && view->records[i].parent != NO_PARENT &&
            view->records[i].parent >= view->hashes.count)
            fail(r, "the extract is damaged: a block has no such parent");
}

static void take_block(struct extract_reader *r, struct machine_view *view, int64_t *last_ns)
{
    struct block_record block = machine_view_empty_record;
    struct span hash = take_text(r);
    bool known = take_flag(r);
    enum ou_status status = OU_OK;

    if (known) {
        take_record(r, block_columns, BLOCK_COLUMNS, &block, last_ns);
        check_block(r, &block, view);
    }
    if (!extract_failed(r))
        status = machine_view_restore(view, hash, known ? &block : NULL);
    if (status == OU_INVALID)
        fail(r, "the extract is damaged: a block comes twice");
    else if (status)
        extract_fail(r, status, "no room for the blocks of a host");
}

static void take_view(struct extract_reader *r, struct machine_view *view)
{
    int64_t last_ns = 0;
    uint64_t count;

    take_strings(r, &view->own);
    take_strings(r, &view->peers);
    view->repeated = take_number(r);
    view->lost = take_number(r);
    view->ambiguous = take_number(r);
    count =
        take_below(r, MACHINE_BLOCKS_MAX + 1, "the extract is damaged: a host has too many blocks");
    for (uint64_t i = 0; i < count && !extract_failed(r); i++)
        take_block(r, view, &last_ns);
    check_parents(r, view);
}

/* --- Its slots ------------------------------------------------------------ */

/* Phases are told in full, all else against the record before. */
static struct slot_record base_for(const struct slot_record *before)
{
    struct slot_record base = *before;

    for (int i = 0; i < SLOT_PHASES; i++)
        base.phase_ns[i] = TIME_NONE;
    return base;
}

static const struct slot_record first_base = {
    .start_ns = TIME_NONE,
    .block_number = -1,
    .block_gap = -1,
    .utxo_size = -1,
    .density = NAN,
    .mempool_txs = -1,
};

/* An event that still waits for a second one like it has waited in vain. */
static void put_fold(struct buffer *b, const struct slot_fold *fold)
{
    struct slot_record base = base_for(&first_base);
    int64_t last_ns = 0;
    uint64_t next = 0;

    put_number(b, fold->has_leadership);
    put_number(b, fold->silent_slots);
    put_number(b, fold->wild_stamps + fold->waiting_count);
    put_number(b, fold->early_events);
    put_number(b, fold->counter_resets);
    put_number(b, fold->lost);
    put_number(b, fold->count);
    for (size_t i = 0; i < fold->count; i++) {
        put_number(b, fold->records[i].slot - next);
        put_record(b, slot_columns, SLOT_COLUMNS, &fold->records[i], &base, &last_ns);
        next = fold->records[i].slot + 1;
        base = base_for(&fold->records[i]);
    }
}

/* The record behind the ones that are there; false: there is no such slot. */
static bool take_slot(struct extract_reader *r, struct slot_fold *fold, int64_t *last_ns)
{
    const struct slot_record *before = fold->count ? &fold->records[fold->count - 1] : NULL;
    struct slot_record record = base_for(before ? before : &first_base);

    if (__builtin_add_overflow(before ? before->slot + 1 : 0, take_number(r), &record.slot) ||
        !slot_start(&fold->genesis->clock, record.slot, &record.start_ns))
        return false;
    take_record(r, slot_columns, SLOT_COLUMNS, &record, last_ns);
    if (!array_reserve(allocator_libc(), (void **)&fold->records, &fold->cap, fold->count + 1,
                       sizeof(*fold->records), SLOT_RECORDS_MAX))
        extract_fail(r, OU_NO_MEMORY, "no memory for the slots of a host");
    else
        fold->records[fold->count++] = record;
    return true;
}

static void take_fold(struct extract_reader *r, struct slot_fold *fold)
{
    int64_t last_ns = 0;
    uint64_t count;

    fold->has_leadership = take_flag(r);
    fold->silent_slots = take_number(r);
    fold->wild_stamps = take_number(r);
    fold->early_events = take_number(r);
    fold->counter_resets = take_number(r);
    fold->lost = take_number(r);
    count =
        take_below(r, SLOT_RECORDS_MAX + 1, "the extract is damaged: a host has too many slots");
    for (uint64_t i = 0; i < count && !extract_failed(r); i++)
        if (!take_slot(r, fold, &last_ns))
            fail(r, "the extract is damaged: a slot that no time can be told of");
}

/* --- All of it ------------------------------------------------------------ */

/* Of a load generator nothing is said of slots and blocks. */
static void put_setup(struct buffer *b, const struct host_state *host)
{
    put_number(b, host->setup_taken);
    put_number(b, host->setup_txs);
}

static void take_setup(struct extract_reader *r, struct host_state *host)
{
    host->setup_taken = take_number(r);
    host->setup_txs = take_number(r);
    if (host->setup_taken > host->setup_txs)
        fail(r, "the extract is damaged: more of a fund is split than there is");
}

void put_host(struct buffer *b, const struct host_state *host)
{
    put_counts(b, host);
    if (host_is_generator(host)) {
        put_setup(b, host);
        return;
    }
    put_view(b, &host->view);
    put_fold(b, &host->fold);
}

void take_host(struct extract_reader *r, struct host_state *host)
{
    take_counts(r, host);
    if (extract_failed(r))
        return;
    if (host_is_generator(host)) {
        take_setup(r, host);
        return;
    }
    take_view(r, &host->view);
    take_fold(r, &host->fold);
}
