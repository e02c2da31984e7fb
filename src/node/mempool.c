#include "node/mempool.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include <ouroscope/node_gossip.h>
#include <ouroscope/trace.h>

#include "base/time.h"
#include "json/write.h"

/* A transaction that waits. */
struct entry {
    uint64_t ticket;
    uint8_t *bytes; /* owned; tx are views of it */
    size_t count;
    struct tx tx;
    bool unwanted; /* goes at the next look through all */
};

/* A round of calls to listeners; one may start another, and unlisten anybody. */
struct round {
    struct mempool_listener *next;
    struct round *outer;
};

struct mempool {
    struct mempool_options options;
    struct ledger_view *view; /* the ledger with all entries on top */
    struct entry *entries;    /* ascending tickets; owned */
    size_t count, cap;
    uint8_t (*gone)[HASH_BYTES]; /* ids for traces, with room for all entries; owned */
    size_t gone_cap;
    struct map tickets; /* by id */
    uint64_t bytes, last_ticket;
    uint64_t slot; /* that the entries were checked for last */
    struct mempool_listener *listeners;
    struct round *rounds;
};

enum ou_status mempool_create(const struct mempool_options *options, struct mempool **ret,
                              struct ou_error *err)
{
    struct mempool *m = calloc(1, sizeof *m);
    enum ou_status status;

    if (!m)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the mempool");
    m->options = *options;
    map_init(&m->tickets, allocator_libc(), HASH_BYTES, sizeof(uint64_t), MEMPOOL_TXS_MAX);
    status = ledger_view_create(options->ledger, &m->view, err);
    if (status) {
        free(m);
        return status;
    }
    *ret = m;
    return OU_OK;
}

void mempool_free(struct mempool *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->count; i++)
        free(m->entries[i].bytes);
    free(m->entries);
    free(m->gone);
    map_release(&m->tickets);
    ledger_view_free(m->view);
    free(m);
}

/* --- Listeners ----------------------------------------------------------------------- */

void mempool_listen(struct mempool *m, struct mempool_listener *listener)
{
    struct mempool_listener **at = &m->listeners;

    while (*at)
        at = &(*at)->next;
    listener->next = NULL;
    *at = listener;
}

void mempool_unlisten(struct mempool *m, struct mempool_listener *listener)
{
    struct mempool_listener **at = &m->listeners;

    for (struct round *round = m->rounds; round; round = round->outer)
        if (round->next == listener)
            round->next = listener->next;
    while (*at && *at != listener)
        at = &(*at)->next;
    if (*at)
        *at = listener->next;
}

static void tell(struct mempool *m, bool added)
{
    struct round round = { m->listeners, m->rounds };

    m->rounds = &round;
    while (round.next) {
        struct mempool_listener *listener = round.next;

        round.next = listener->next;
        listener->changed(listener->context, added);
    }
    m->rounds = round.outer;
}

/* Room is little, and the first who hears of it takes it: next time another one is first. */
static void tell_of_room(struct mempool *m)
{
    struct mempool_listener *first = m->listeners;

    tell(m, false);
    if (first && m->listeners == first && !m->rounds) {
        mempool_unlisten(m, first);
        mempool_listen(m, first);
    }
}

/* --- Adding -------------------------------------------------------------------------- */

static uint64_t counted(size_t bytes)
{
    return (uint64_t)bytes + TX_ROOM_OVERHEAD;
}

static bool has_room(const struct mempool *m, size_t bytes)
{
    return m->count < MEMPOOL_TXS_MAX && m->bytes + counted(bytes) <= m->options.capacity_bytes;
}

/* Room for one more entry in all that holds them. */
static bool reserve(struct mempool *m)
{
    void *entries = m->entries, *gone = m->gone;
    bool ok = array_reserve(allocator_libc(), &entries, &m->cap, m->count + 1, sizeof *m->entries,
                            MEMPOOL_TXS_MAX);

    m->entries = entries;
    ok = ok && array_reserve(allocator_libc(), &gone, &m->gone_cap, m->count + 1, sizeof *m->gone,
                             MEMPOOL_TXS_MAX);
    m->gone = gone;
    return ok && !map_reserve(&m->tickets, 1);
}

/* The message as the JSON that the trace wants. */
static void trace_rejected(const struct mempool *m, const uint8_t id[HASH_BYTES],
                           const struct ou_error *why)
{
    struct buffer text;
    struct json_writer w;

    if (!OU_TRACE_IS_ON(node_mempool_rejected_tx))
        return;
    buffer_init(&text, allocator_libc(), 8 * sizeof why->text);
    json_writer_init(&w, &text, false);
    json_cstring(&w, why->text);
    OU_TRACE(node_mempool_rejected_tx, buffer_string(&text), id, m->count, m->bytes);
    buffer_release(&text);
}

static enum ou_status check(struct mempool *m, const struct tx *tx, size_t bytes, uint64_t slot,
                            struct ou_error *err)
{
    if (counted(bytes) > m->options.capacity_bytes)
        return ou_fail(err, OU_INVALID, "%zu bytes, more than the whole mempool holds", bytes);
    if (tx->fee_bytes > m->options.max_tx_bytes)
        return ou_fail(err, OU_INVALID, "%" PRIu32 " bytes, above the limit of %" PRIu32,
                       tx->fee_bytes, m->options.max_tx_bytes);
    if (!reserve(m))
        return ou_fail(err, OU_NO_MEMORY, "no memory for a transaction in the mempool");
    return ledger_view_add(m->view, tx, slot, LEDGER_CHECK_ALL, m->options.script_cost,
                           m->options.context, err);
}

/* Takes over a checked transaction. */
static void append(struct mempool *m, uint8_t *bytes, size_t count, const struct tx *tx)
{
    void *ticket;

    m->entries[m->count++] = (struct entry){ ++m->last_ticket, bytes, count, *tx, false };
    m->bytes += counted(count);
    if (map_put(&m->tickets, tx->id, &ticket, NULL))
        abort(); /* room was reserved */
    *(uint64_t *)ticket = m->last_ticket;
    OU_TRACE(node_mempool_added_tx, tx->id, m->count, m->bytes);
}

/* What becomes of these bytes, which the mempool owns from now on when it adds them. */
static enum mempool_answer take(struct mempool *m, uint8_t *bytes, size_t count, uint64_t slot,
                                struct ou_error *err)
{
    const char *why = NULL;
    struct tx tx;

    if (tx_read((struct bytes){ bytes, count }, &tx, &why) != WIRE_OK) {
        ou_fail(err, OU_INVALID, "not a transaction: %s", why);
        return MEMPOOL_REJECTED;
    }
    if (mempool_has(m, tx.id))
        return MEMPOOL_KNOWN;
    if (!has_room(m, count) && counted(count) <= m->options.capacity_bytes)
        return MEMPOOL_FULL;
    if (check(m, &tx, count, slot, err)) {
        trace_rejected(m, tx.id, err);
        return MEMPOOL_REJECTED;
    }
    m->slot = slot;
    append(m, bytes, count, &tx);
    return MEMPOOL_ADDED;
}

enum mempool_answer mempool_add(struct mempool *m, struct bytes tx, uint64_t slot,
                                struct ou_error *err)
{
    struct ou_error unasked = { { 0 } };
    uint8_t *copy = tx.count > 0 ? malloc(tx.count) : NULL;
    enum mempool_answer answer;

    err = err ? err : &unasked;
    if (!copy) {
        ou_fail(err, OU_NO_MEMORY, "no memory for a transaction of %zu bytes", tx.count);
        return MEMPOOL_REJECTED;
    }
    memcpy(copy, tx.at, tx.count);
    answer = take(m, copy, tx.count, slot, err);
    if (answer == MEMPOOL_ADDED)
        tell(m, true);
    else
        free(copy);
    return answer;
}

/* --- Removing ------------------------------------------------------------------------ */

static void release_entry(struct mempool *m, struct entry *entry)
{
    map_remove(&m->tickets, entry->tx.id);
    m->bytes -= counted(entry->count);
    free(entry->bytes);
}

/* Makes all entries happen again in order. Those that are unwanted or not valid any more go; the ids of the
 * latter are in m->gone, and their number is returned. */
static size_t look_through(struct mempool *m)
{
    size_t kept = 0, gone = 0;

    assert(m->count == 0 || m->entries);
    ledger_view_reset(m->view);
    for (size_t i = 0; i < m->count; i++) {
        struct entry *entry = &m->entries[i];

        if (!entry->unwanted && !ledger_view_add(m->view, &entry->tx, m->slot,
                                                 LEDGER_TRUST_SIGNATURES, NULL, NULL, NULL)) {
            if (kept != i)
                m->entries[kept] = *entry;
            kept++;
            continue;
        }
        if (!entry->unwanted)
            memcpy(m->gone[gone++], entry->tx.id, HASH_BYTES);
        release_entry(m, entry);
    }
    m->count = kept;
    return gone;
}

void mempool_sync(struct mempool *m, uint64_t slot)
{
    int64_t start_ns = OU_TRACE_IS_ON(node_mempool_synced) ? time_monotonic_ns() : 0;
    size_t gone;

    OU_TRACE(node_mempool_synced, "RisingEdge", NAN);
    m->slot = slot;
    gone = look_through(m);
    if (gone > 0) {
        const struct ou_hashes ids = { m->gone[0], (uint32_t)gone };

        OU_TRACE(node_mempool_remove_txs, &ids, m->count, m->bytes, gone);
    }
    OU_TRACE(node_mempool_synced, "FallingEdgeWith",
             (double)(time_monotonic_ns() - start_ns) / (double)NS_PER_SECOND);
    if (gone > 0)
        tell_of_room(m);
}

static struct entry *entry_of(const struct mempool *m, const uint8_t id[HASH_BYTES]);

void mempool_drop(struct mempool *m, const uint8_t (*ids)[HASH_BYTES], size_t count)
{
    size_t before = m->count, gone;

    for (size_t i = 0; i < count; i++) {
        struct entry *entry = entry_of(m, ids[i]);

        if (entry)
            entry->unwanted = true;
    }
    gone = look_through(m);
    if (m->count == before)
        return;
    const struct ou_hashes asked = { ids[0], (uint32_t)count };
    const struct ou_hashes invalid = { m->gone[0], (uint32_t)gone };

    OU_TRACE(node_mempool_manually_removed_txs, &asked, &invalid, m->count, m->bytes);
    tell_of_room(m);
}

/* --- Looking ------------------------------------------------------------------------- */

/* The number of the first entry with a ticket above that. */
static size_t first_above(const struct mempool *m, uint64_t ticket)
{
    size_t low = 0, high = m->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (m->entries[middle].ticket <= ticket)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct entry *entry_of(const struct mempool *m, const uint8_t id[HASH_BYTES])
{
    const uint64_t *ticket = map_find(&m->tickets, id);

    return ticket ? &m->entries[first_above(m, *ticket - 1)] : NULL;
}

static bool show(const struct entry *entry, struct mempool_tx *ret)
{
    ret->ticket = entry->ticket;
    memcpy(ret->id, entry->tx.id, HASH_BYTES);
    ret->tx = (struct bytes){ entry->bytes, entry->count };
    return true;
}

bool mempool_has(const struct mempool *m, const uint8_t id[HASH_BYTES])
{
    return map_find(&m->tickets, id) != NULL;
}

bool mempool_find(const struct mempool *m, const uint8_t id[HASH_BYTES], struct mempool_tx *ret)
{
    const struct entry *entry = entry_of(m, id);

    return entry && show(entry, ret);
}

bool mempool_next(const struct mempool *m, uint64_t after, struct mempool_tx *ret)
{
    size_t at = first_above(m, after);

    return at < m->count && show(&m->entries[at], ret);
}

size_t mempool_count(const struct mempool *m)
{
    return m->count;
}

uint64_t mempool_bytes(const struct mempool *m)
{
    return m->bytes;
}
