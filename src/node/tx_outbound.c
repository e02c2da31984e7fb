/* Tx-submission, the side that has transactions: offers the mempool's in the order of their tickets, each once, and sends
 * those that are asked for. It answers at once, except a blocking request when there is nothing new.
 *
 * Memory per peer: the window of ids, and one message of at most TX_SUBMISSION_WINDOW transactions. */
#include "node/peer.h"
#include "wire/tx_submission.h"

struct tx_outbound {
    struct peer *peer;
    struct conversation *conversation;
    struct mempool_listener changes;
    uint64_t ticket; /* of the last transaction offered */
    /* Offered and not acknowledged, oldest first. */
    uint8_t window[TX_SUBMISSION_WINDOW][HASH_BYTES];
    size_t window_count;
    size_t wanted; /* ids that a blocking request waits for; 0: none does */
    struct buffer out;
};

static void say(struct tx_outbound *t, const struct tx_submission_message *m)
{
    buffer_clear(&t->out);
    tx_submission_write(&t->out, m);
    if (buffer_status(&t->out))
        link_close(t->peer->link, "own fault: no memory for a message of tx-submission");
    else
        conversation_send(t->conversation, bytes_of(&t->out));
}

/* --- Ids ----------------------------------------------------------------------------------- */

/* Tells of up to `count` transactions that come next. False when there is none. */
static bool offer(struct tx_outbound *t, size_t count, bool even_none)
{
    struct tx_id_size ids[TX_SUBMISSION_WINDOW];
    struct mempool_tx tx;
    size_t found = 0;

    while (found < count && mempool_next(t->peer->all->mempool, t->ticket, &tx)) {
        ids[found] = (struct tx_id_size){ .era = ERA_CONWAY, .bytes = tx_wire_bytes(tx.tx.count) };
        memcpy(ids[found++].id, tx.id, HASH_BYTES);
        memcpy(t->window[t->window_count++], tx.id, HASH_BYTES);
        t->ticket = tx.ticket;
    }
    if (found == 0 && !even_none)
        return false;
    say(t, &(struct tx_submission_message){
               .key = TX_SUBMISSION_REPLY_IDS, .count = found, .ids = ids });
    return true;
}

static void on_request_ids(struct tx_outbound *t, const struct tx_submission_message *m)
{
    const char *fault = tx_submission_request_fault(m, t->window_count);

    if (fault) {
        conversation_refuse(t->conversation, "%s", fault);
        return;
    }
    t->window_count -= m->acknowledged;
    memmove(t->window, t->window + m->acknowledged, t->window_count * HASH_BYTES);
    if (!offer(t, m->requested, !m->blocking))
        t->wanted = m->requested;
}

static void on_change(void *context, bool added)
{
    struct tx_outbound *t = context;

    if (added && t->wanted > 0 && offer(t, t->wanted, false))
        t->wanted = 0;
}

/* --- Transactions --------------------------------------------------------------------------- */

static bool was_offered(const struct tx_outbound *t, const uint8_t id[HASH_BYTES])
{
    for (size_t i = 0; i < t->window_count; i++)
        if (memcmp(t->window[i], id, HASH_BYTES) == 0)
            return true;
    return false;
}

/* Those that have left the mempool meanwhile are left out. */
static void on_request_txs(struct tx_outbound *t, const struct tx_submission_message *m)
{
    struct tx_bytes txs[TX_SUBMISSION_WINDOW];
    struct mempool_tx tx;
    size_t found = 0;

    if (m->count > TX_SUBMISSION_WINDOW) {
        conversation_refuse(t->conversation, "asked for %zu transactions at once", m->count);
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        if (m->ids[i].era != ERA_CONWAY || !was_offered(t, m->ids[i].id)) {
            conversation_refuse(t->conversation, "asked for a transaction that was not offered");
            return;
        }
        if (mempool_find(t->peer->all->mempool, m->ids[i].id, &tx))
            txs[found++] = (struct tx_bytes){ .era = ERA_CONWAY, .tx = tx.tx };
    }
    say(t, &(struct tx_submission_message){
               .key = TX_SUBMISSION_REPLY_TXS, .count = found, .txs = txs });
}

static void on_message(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    struct tx_submission_room room;
    struct tx_submission_message m;
    const char *why = NULL;

    (void)key;
    if (tx_submission_read(message, &m, &room, &why) != WIRE_OK)
        conversation_refuse(c, "%s", why);
    else if (m.key == TX_SUBMISSION_REQUEST_IDS)
        on_request_ids(owner, &m);
    else
        on_request_txs(owner, &m);
}

/* --- Life --------------------------------------------------------------------------------------- */

struct tx_outbound *tx_outbound_start(struct peer *peer, struct ou_error *err)
{
    static const struct conversation_events events = { .message = on_message };
    struct tx_outbound *t = alloc_zeroed(allocator_libc(), sizeof(*t));

    if (!t) {
        ou_fail(err, OU_NO_MEMORY, "no memory for a tx-submission client");
        return NULL;
    }
    t->peer = peer;
    t->changes = (struct mempool_listener){ .changed = on_change, .context = t };
    if (conversation_open(peer->link, &protocol_tx_submission, true, &events, t, &t->conversation,
                          err)) {
        alloc_free(allocator_libc(), t, sizeof(*t));
        return NULL;
    }
    buffer_init(&t->out, allocator_libc(), PROTOCOL_LARGE_BYTES);
    mempool_listen(peer->all->mempool, &t->changes);
    say(t, &(struct tx_submission_message){ .key = TX_SUBMISSION_INIT });
    return t;
}

void tx_outbound_stop(struct tx_outbound *t)
{
    if (!t)
        return;
    mempool_unlisten(t->peer->all->mempool, &t->changes);
    buffer_release(&t->out);
    alloc_free(allocator_libc(), t, sizeof(*t));
}
