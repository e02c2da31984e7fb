/* Tx-submission, the side that asks. It keeps a window of ids that the peer offered, asks for those that are not in
 * the mempool, and adds what comes in order. Requests are sent ahead of the answers; a request that lets
 * the peer wait until it has something is made only when nothing else is open.
 *
 * A full mempool takes nothing: the message at hand is held, the conversation pauses, and nothing more is
 * asked for, until there is room.
 *
 * Memory per peer: the window, the list of open requests, one held message (only while the mempool is full), and what the
 * protocol's ingress limit lets arrive meanwhile. */
#include <ouroscope/node_gossip.h>
#include <ouroscope/trace.h>

#include "base/time.h"
#include "node/peer.h"
#include "wire/tx_submission.h"

#define IDS_AT_ONCE 3
#define TXS_AT_ONCE 2
#define SIZE_TOLERANCE_BYTES \
    32 /* by which a transaction may differ from the size it was offered with */
/* Each open request is for an id or for a transaction of the window at least. */
#define OPEN_MAX (2 * TX_SUBMISSION_WINDOW)

enum offered_state {
    OFFER_WANTED,
    OFFER_ASKED,
    OFFER_SETTLED, /* it is in the mempool, was refused there, or the peer has it no more */
};

struct offered_tx {
    struct tx_id_size what;
    enum offered_state state;
};

/* A request that is not answered yet: for ids, or for transactions. */
struct open_request {
    bool is_for_txs;
    bool blocking;
    size_t count;
    uint8_t ids[TXS_AT_ONCE][HASH_BYTES]; /* of transactions */
};

struct tx_inbound {
    struct peer *peer;
    struct conversation *conversation;
    struct mempool_listener changes;
    uv_timer_t timer; /* the pause before the first request */

    /* Offered and not acknowledged, oldest first. */
    struct offered_tx window[TX_SUBMISSION_WINDOW];
    size_t window_count;
    struct open_request open[OPEN_MAX]; /* a ring */
    size_t open_first, open_count;
    size_t ids_coming; /* ids that open requests may bring */

    /* Transactions of the message at hand. */
    size_t next; /* the one to be added */
    uint64_t accepted, rejected;
    struct buffer held; /* that message, while the mempool is full; empty: none */
    struct buffer out;
};

/* --- Asking ---------------------------------------------------------------------------------- */

static void say(struct tx_inbound *t, const struct tx_submission_message *m)
{
    buffer_clear(&t->out);
    tx_submission_write(&t->out, m);
    if (buffer_status(&t->out))
        link_close(t->peer->link, "own fault: no memory for a message of tx-submission");
    else
        conversation_send(t->conversation, bytes_of(&t->out));
}

static struct open_request *add_open(struct tx_inbound *t)
{
    struct open_request *r = &t->open[(t->open_first + t->open_count++) % OPEN_MAX];

    *r = (struct open_request){ 0 };
    return r;
}

/* The settled ones at the front: they can be acknowledged. */
static size_t count_settled(const struct tx_inbound *t)
{
    size_t count = 0;

    while (count < t->window_count && t->window[count].state == OFFER_SETTLED)
        count++;
    return count;
}

static void drop_oldest(struct tx_inbound *t, size_t count)
{
    t->window_count -= count;
    memmove(t->window, t->window + count, t->window_count * sizeof(t->window[0]));
}

/* Asks for more ids and acknowledges what is settled. A request that is to be answered at once must leave
 * something not acknowledged, and one that may wait must not. */
static void ask_for_ids(struct tx_inbound *t)
{
    const size_t settled = count_settled(t), left = t->window_count - settled;
    const size_t room = TX_SUBMISSION_WINDOW - left - t->ids_coming;
    const uint16_t wanted = (uint16_t)(room < IDS_AT_ONCE ? room : IDS_AT_ONCE);
    struct open_request *r;

    if (wanted == 0 || (left == 0 && t->open_count > 0))
        return;
    r = add_open(t);
    r->blocking = left == 0;
    r->count = wanted;
    drop_oldest(t, settled);
    t->ids_coming += wanted;
    say(t, &(struct tx_submission_message){ .key = TX_SUBMISSION_REQUEST_IDS,
                                            .blocking = r->blocking,
                                            .acknowledged = (uint16_t)settled,
                                            .requested = wanted });
}

/* Asks for the next transactions that are wanted. False when there is none. */
static bool ask_for_txs(struct tx_inbound *t)
{
    struct tx_id_size ids[TXS_AT_ONCE];
    struct open_request *r;
    size_t count = 0;

    for (size_t i = 0; i < t->window_count && count < TXS_AT_ONCE; i++)
        if (t->window[i].state == OFFER_WANTED) {
            t->window[i].state = OFFER_ASKED;
            ids[count] = t->window[i].what;
            ids[count++].bytes = 0;
        }
    if (count == 0)
        return false;
    r = add_open(t);
    r->is_for_txs = true;
    r->count = count;
    for (size_t i = 0; i < count; i++)
        memcpy(r->ids[i], ids[i].id, HASH_BYTES);
    say(t, &(struct tx_submission_message){
               .key = TX_SUBMISSION_REQUEST_TXS, .count = count, .ids = ids });
    return true;
}

static void ask(struct tx_inbound *t)
{
    bool asked = false;

    if (t->held.len > 0 || link_is_closing(t->peer->link))
        return;
    while (ask_for_txs(t)) {
        ask_for_ids(t);
        asked = true;
    }
    if (!asked && t->open_count == 0)
        ask_for_ids(t);
}

/* --- Ids ---------------------------------------------------------------------------------------- */

static void on_ids(struct tx_inbound *t, const struct tx_submission_message *m,
                   const struct open_request *asked)
{
    if (m->count > asked->count) {
        conversation_refuse(t->conversation, "%zu ids, but %zu were asked for", m->count,
                            asked->count);
        return;
    }
    if (m->count == 0 && asked->blocking) {
        conversation_refuse(t->conversation, "no ids after a blocking request");
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        const bool wanted = !mempool_has(t->peer->all->mempool, m->ids[i].id);

        t->window[t->window_count++] = (struct offered_tx){
            .what = m->ids[i],
            .state = wanted ? OFFER_WANTED : OFFER_SETTLED,
        };
    }
}

/* --- Transactions --------------------------------------------------------------------------------- */

static struct offered_tx *find_offered(struct tx_inbound *t, const uint8_t id[HASH_BYTES])
{
    for (size_t i = 0; i < t->window_count; i++)
        if (t->window[i].state == OFFER_ASKED && memcmp(t->window[i].what.id, id, HASH_BYTES) == 0)
            return &t->window[i];
    return NULL;
}

static bool is_among(const struct open_request *asked, const uint8_t id[HASH_BYTES])
{
    for (size_t i = 0; i < asked->count; i++)
        if (memcmp(asked->ids[i], id, HASH_BYTES) == 0)
            return true;
    return false;
}

/* Whether that is a transaction that was asked for, as it was offered. Refuses it else. */
static bool check_tx(struct tx_inbound *t, const struct tx_bytes *got,
                     const struct open_request *asked)
{
    const struct offered_tx *offered;
    const char *why = NULL;
    struct tx tx;
    int64_t difference;

    if (got->era != ERA_CONWAY) {
        conversation_refuse(t->conversation, "a transaction of era %u", got->era);
        return false;
    }
    if (tx_read(got->tx, &tx, &why) != WIRE_OK) {
        conversation_refuse(t->conversation, "malformed transaction: %s", why);
        return false;
    }
    offered = is_among(asked, tx.id) ? find_offered(t, tx.id) : NULL;
    if (!offered) {
        conversation_refuse(t->conversation, "a transaction that was not asked for");
        return false;
    }
    difference = (int64_t)tx_wire_bytes(got->tx.count) - (int64_t)offered->what.bytes;
    if (difference < -SIZE_TOLERANCE_BYTES || difference > SIZE_TOLERANCE_BYTES) {
        conversation_refuse(t->conversation, "a transaction of %u bytes, offered with %u",
                            tx_wire_bytes(got->tx.count), offered->what.bytes);
        return false;
    }
    return true;
}

static uint64_t current_slot(const struct tx_inbound *t)
{
    uint64_t slot;

    return slot_at(&t->peer->all->genesis->shelley.clock, time_wall_ns(), &slot) ? slot : 0;
}

/* Adds the transactions of a message, from t->next on. False when the mempool has no room for the next. */
static bool add_txs(struct tx_inbound *t, const struct tx_submission_message *m)
{
    for (; t->next < m->count; t->next++) {
        switch (mempool_add(t->peer->all->mempool, m->txs[t->next].tx, current_slot(t), NULL)) {
        case MEMPOOL_ADDED: t->accepted++; break;
        case MEMPOOL_FULL: return false;
        case MEMPOOL_KNOWN:
        case MEMPOOL_REJECTED: t->rejected++; break;
        }
    }
    return true;
}

/* The oldest request has its answer; what the peer left out, it has no more. */
static void settle(struct tx_inbound *t)
{
    const struct open_request *asked = &t->open[t->open_first];

    for (size_t i = 0; i < asked->count; i++) {
        struct offered_tx *offered = find_offered(t, asked->ids[i]);

        if (offered)
            offered->state = OFFER_SETTLED;
    }
    OU_TRACE(node_txs_processed, t->accepted, t->rejected, &t->peer->name);
}

static void close_oldest(struct tx_inbound *t)
{
    t->open_first = (t->open_first + 1) % OPEN_MAX;
    t->open_count--;
}

static void hold(struct tx_inbound *t, struct bytes message)
{
    buffer_append(&t->held, message.at, message.count);
    if (buffer_status(&t->held))
        link_close(t->peer->link, "own fault: no memory for transactions");
    else
        conversation_pause(t->conversation);
}

static void on_txs(struct tx_inbound *t, const struct tx_submission_message *m,
                   struct bytes message)
{
    const struct open_request *asked = &t->open[t->open_first];

    if (m->count > asked->count) {
        conversation_refuse(t->conversation, "%zu transactions, but %zu were asked for", m->count,
                            asked->count);
        return;
    }
    for (size_t i = 0; i < m->count; i++)
        if (!check_tx(t, &m->txs[i], asked))
            return;
    OU_TRACE(node_txs_collected, m->count, &t->peer->name);
    t->next = t->accepted = t->rejected = 0;
    if (!add_txs(t, m)) {
        hold(t, message);
        return;
    }
    settle(t);
    close_oldest(t);
}

/* The mempool has changed: is there room for what is held? */
static void on_change(void *context, bool added)
{
    struct tx_inbound *t = context;
    struct tx_submission_room room;
    struct tx_submission_message m;
    const char *why;

    if (added || t->held.len == 0 || link_is_closing(t->peer->link))
        return;
    if (tx_submission_read(bytes_of(&t->held), &m, &room, &why) != WIRE_OK || !add_txs(t, &m))
        return; /* it could be read before */
    buffer_release(&t->held);
    buffer_init(&t->held, allocator_libc(), PROTOCOL_LARGE_BYTES);
    settle(t);
    close_oldest(t);
    ask(t);
    conversation_resume(t->conversation);
}

/* --- Messages ------------------------------------------------------------------------------------------ */

static void on_time(uv_timer_t *timer)
{
    ask(timer->data);
}

/* A peer that says Done may begin anew with Init: nothing of before counts then. */
static void forget(struct tx_inbound *t)
{
    uv_timer_stop(&t->timer);
    t->window_count = t->open_count = t->ids_coming = 0;
}

static void on_reply(struct tx_inbound *t, const struct tx_submission_message *m,
                     struct bytes message)
{
    const struct open_request *asked = &t->open[t->open_first];

    if (m->key == TX_SUBMISSION_REPLY_TXS) {
        on_txs(t, m, message);
    } else {
        on_ids(t, m, asked);
        t->ids_coming -= asked->count;
        close_oldest(t);
    }
    ask(t);
}

static void on_message(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    struct tx_inbound *t = owner;
    struct tx_submission_room room;
    struct tx_submission_message m;
    const char *why = NULL;

    (void)key;
    if (tx_submission_read(message, &m, &room, &why) != WIRE_OK) {
        conversation_refuse(c, "%s", why);
        return;
    }
    switch (m.key) {
    case TX_SUBMISSION_INIT:
        uv_timer_start(&t->timer, on_time, (uint64_t)(t->peer->all->tx_submission_delay_s * 1000),
                       0);
        break;
    case TX_SUBMISSION_DONE: forget(t); break;
    default: on_reply(t, &m, message);
    }
}

/* --- Life ------------------------------------------------------------------------------------------------ */

struct tx_inbound *tx_inbound_start(struct peer *peer, struct ou_error *err)
{
    static const struct conversation_events events = { .message = on_message };
    struct tx_inbound *t = alloc_zeroed(allocator_libc(), sizeof(*t));

    if (!t) {
        ou_fail(err, OU_NO_MEMORY, "no memory for a tx-submission server");
        return NULL;
    }
    t->peer = peer;
    t->changes = (struct mempool_listener){ .changed = on_change, .context = t };
    if (conversation_open(peer->link, &protocol_tx_submission, false, &events, t, &t->conversation,
                          err)) {
        alloc_free(allocator_libc(), t, sizeof(*t));
        return NULL;
    }
    buffer_init(&t->held, allocator_libc(), PROTOCOL_LARGE_BYTES);
    buffer_init(&t->out, allocator_libc(), PROTOCOL_SMALL_BYTES);
    uv_timer_init(peer->all->loop, &t->timer);
    t->timer.data = t;
    mempool_listen(peer->all->mempool, &t->changes);
    return t;
}

static void on_timer_closed(uv_handle_t *timer)
{
    alloc_free(allocator_libc(), timer->data, sizeof(struct tx_inbound));
}

void tx_inbound_stop(struct tx_inbound *t)
{
    if (!t)
        return;
    mempool_unlisten(t->peer->all->mempool, &t->changes);
    buffer_release(&t->held);
    buffer_release(&t->out);
    uv_close((uv_handle_t *)&t->timer, on_timer_closed);
}
