#include "node/generator_client.h"

#include <ouroscope/node_life.h>
#include <ouroscope/trace.h>

#include "base/time.h"
#include "wire/tx_submission.h"

/* Longer than any transaction that a chain allows. */
#define TX_BYTES_MAX ((size_t)1 << 20)

/* A transaction that was announced and is not acknowledged. */
struct offer {
    bool is_setup;
    bool was_sent; /* or the peer acknowledged it without asking, because it had it */
    uint64_t number;
    uint8_t id[HASH_BYTES];
    struct buffer bytes; /* of the load; set-up transactions are kept by generator_txs */
};

struct generator_client {
    struct tick_waiter waiter; /* first: what the throttle serves is a client */
    struct peer *peer;
    struct load *load;
    struct client_tally *tally;
    struct conversation *conversation;
    struct offer window[TX_SUBMISSION_WINDOW]; /* a ring: oldest first */
    size_t window_first, window_count;
    uint64_t setup_next; /* the set-up transaction to be offered next */
    uint32_t wanted;     /* ids that a blocking request waits for; 0: none does */
    bool ended;          /* Done was said */
    struct buffer out;
};

static struct offer *offer_at(struct generator_client *c, size_t i)
{
    return &c->window[(c->window_first + i) % TX_SUBMISSION_WINDOW];
}

static void own_fault(struct generator_client *c, const char *why)
{
    link_close(c->peer->link, "own fault: %s", why);
}

static void say(struct generator_client *c, const struct tx_submission_message *m)
{
    buffer_clear(&c->out);
    tx_submission_write(&c->out, m);
    if (buffer_status(&c->out))
        own_fault(c, "no memory for a message of tx-submission");
    else
        conversation_send(c->conversation, bytes_of(&c->out));
}

/* --- Announcing ------------------------------------------------------------------------------ */

static bool has_setup(const struct generator_client *c)
{
    return c->setup_next < generator_setup_count(c->load->txs);
}

/* The set-up transaction with that number; its bytes are valid until the next one. */
static bool get_setup(struct generator_client *c, uint64_t number, struct bytes *ret,
                      const uint8_t **ret_id)
{
    struct ou_error err = { { 0 } };

    if (generator_setup_tx(c->load->txs, number, ret, ret_id, &err) == OU_OK)
        return true;
    own_fault(c, err.text);
    return false;
}

static bool offer_setup(struct generator_client *c, struct offer *offer, struct bytes *ret)
{
    const uint8_t *id;

    *offer = (struct offer){ .is_setup = true, .number = c->setup_next };
    if (!get_setup(c, offer->number, ret, &id))
        return false;
    memcpy(offer->id, id, HASH_BYTES);
    c->setup_next++;
    return true;
}

static bool offer_load(struct generator_client *c, struct offer *offer, struct bytes *ret)
{
    struct ou_error err = { { 0 } };
    uint64_t number;

    if (!load_take(c->load, &number))
        return false;
    *offer = (struct offer){ .number = number };
    buffer_init(&offer->bytes, allocator_libc(), TX_BYTES_MAX);
    if (generator_load_tx(c->load->txs, number, &offer->bytes, offer->id, &err) == OU_OK) {
        *ret = bytes_of(&offer->bytes);
        return true;
    }
    buffer_release(&offer->bytes);
    load_return(c->load, number, false);
    own_fault(c, err.text);
    return false;
}

static void trace_announced(const struct tx_id_size *ids, size_t count)
{
    uint8_t hashes[TX_SUBMISSION_WINDOW][HASH_BYTES];

    for (size_t i = 0; i < count; i++)
        memcpy(hashes[i], ids[i].id, HASH_BYTES);
    OU_TRACE(node_generator_announced,
             &(struct ou_hashes){ .at = hashes[0], .count = (uint32_t)count });
}

/* Answers a request for ids with up to `count` transactions; there may be none. Returns how many. */
static size_t announce(struct generator_client *c, size_t count, bool is_setup)
{
    struct tx_id_size ids[TX_SUBMISSION_WINDOW];
    size_t found = 0;

    while (found < count && !link_is_closing(c->peer->link)) {
        struct offer *offer = offer_at(c, c->window_count);
        struct bytes tx = { 0 };

        if (is_setup ? !has_setup(c) || !offer_setup(c, offer, &tx) : !offer_load(c, offer, &tx))
            break;
        c->window_count++;
        ids[found] = (struct tx_id_size){ .era = ERA_CONWAY, .bytes = tx_wire_bytes(tx.count) };
        memcpy(ids[found++].id, offer->id, HASH_BYTES);
    }
    if (link_is_closing(c->peer->link))
        return found; /* they go back when it is closed */
    if (found > 0 && !is_setup && OU_TRACE_IS_ON(node_generator_announced))
        trace_announced(ids, found);
    c->wanted = 0;
    say(c, &(struct tx_submission_message){
               .key = TX_SUBMISSION_REPLY_IDS, .count = found, .ids = ids });
    return found;
}

/* Announces as many of the load as there are ticks, which are the client's. */
static void use_ticks(struct generator_client *c, size_t ticks)
{
    throttle_give_back(&c->load->throttle, ticks - announce(c, ticks, false));
}

static void answer_blocking(struct generator_client *c)
{
    if (has_setup(c))
        (void)announce(c, c->wanted, true);
    else if (c->load->running && !c->waiter.waits)
        throttle_wait(&c->load->throttle, &c->waiter, c->wanted);
}

static void answer_at_once(struct generator_client *c, size_t wanted)
{
    if (!has_setup(c) && wanted > 0 && c->load->running &&
        throttle_take(&c->load->throttle, time_monotonic_ns()))
        use_ticks(c, 1);
    else
        (void)announce(c, wanted, true);
}

void generator_serve(struct load *load)
{
    struct tick_waiter *served;

    if (!load->running)
        return;
    while ((served = throttle_serve(&load->throttle, time_monotonic_ns()))) {
        struct generator_client *c = (struct generator_client *)served;

        /* Without a tick there is nothing more for now; the request stays open. */
        if (served->held > 0)
            use_ticks(c, served->held);
    }
}

void generator_client_wake(struct generator_client *c)
{
    if (c->wanted > 0)
        answer_blocking(c);
}

bool generator_client_end(struct generator_client *c)
{
    if (c->wanted > 0 && !c->ended) {
        throttle_leave(&c->load->throttle, &c->waiter);
        c->ended = true;
        c->wanted = 0;
        say(c, &(struct tx_submission_message){ .key = TX_SUBMISSION_DONE });
    }
    return c->ended;
}

/* --- Acknowledgements ---------------------------------------------------------------------------- */

static void count_sent(struct generator_client *c, struct offer *offer)
{
    if (offer->was_sent || offer->is_setup)
        return;
    offer->was_sent = true;
    c->load->sent++;
    c->tally->sent++;
}

static void acknowledge(struct generator_client *c, size_t count)
{
    uint8_t ids[TX_SUBMISSION_WINDOW][HASH_BYTES];
    uint32_t load_ids = 0;

    for (size_t i = 0; i < count; i++) {
        struct offer *offer = offer_at(c, 0);

        if (offer->is_setup) {
            c->tally->setup_acknowledged++;
        } else {
            count_sent(c, offer);
            c->load->acknowledged++;
            memcpy(ids[load_ids++], offer->id, HASH_BYTES);
            buffer_release(&offer->bytes);
        }
        c->window_first = (c->window_first + 1) % TX_SUBMISSION_WINDOW;
        c->window_count--;
    }
    if (load_ids > 0)
        OU_TRACE(node_generator_ack, &(struct ou_hashes){ .at = ids[0], .count = load_ids });
}

static void on_request_ids(struct generator_client *c, const struct tx_submission_message *m)
{
    const char *fault = tx_submission_request_fault(m, c->window_count);

    if (fault) {
        conversation_refuse(c->conversation, "%s", fault);
        return;
    }
    acknowledge(c, m->acknowledged);
    if (m->blocking) {
        c->wanted = m->requested;
        answer_blocking(c);
    } else {
        answer_at_once(c, m->requested);
    }
    if (m->acknowledged > 0)
        c->load->changed(c->load->context);
    generator_serve(c->load);
}

/* --- Transactions ----------------------------------------------------------------------------------- */

static struct offer *find_offer(struct generator_client *c, const uint8_t id[HASH_BYTES])
{
    for (size_t i = 0; i < c->window_count; i++)
        if (memcmp(offer_at(c, i)->id, id, HASH_BYTES) == 0)
            return offer_at(c, i);
    return NULL;
}

static void trace_asked(const struct tx_submission_message *m)
{
    uint8_t ids[TX_SUBMISSION_WINDOW][HASH_BYTES];

    for (size_t i = 0; i < m->count; i++)
        memcpy(ids[i], m->ids[i].id, HASH_BYTES);
    OU_TRACE(node_generator_asked, &(struct ou_hashes){ ids[0], (uint32_t)m->count });
}

static void count_unavailable(struct generator_client *c, const uint8_t id[HASH_BYTES])
{
    c->load->unavailable++;
    OU_TRACE(node_generator_unavailable, &(struct ou_hashes){ id, 1 });
}

/* Those that are not on offer are left out. Numbers of set-up transactions in a window follow each other, so that the
 * bytes of all of them stay valid. */
static void on_request_txs(struct generator_client *c, const struct tx_submission_message *m)
{
    struct tx_bytes txs[TX_SUBMISSION_WINDOW];
    size_t found = 0;

    if (m->count > TX_SUBMISSION_WINDOW) {
        conversation_refuse(c->conversation, "asked for %zu transactions at once", m->count);
        return;
    }
    if (m->count > 0 && OU_TRACE_IS_ON(node_generator_asked))
        trace_asked(m);
    for (size_t i = 0; i < m->count; i++) {
        struct offer *offer = find_offer(c, m->ids[i].id);
        const uint8_t *id;

        if (!offer || m->ids[i].era != ERA_CONWAY) {
            count_unavailable(c, m->ids[i].id);
            continue;
        }
        txs[found].era = ERA_CONWAY;
        if (!offer->is_setup)
            txs[found].tx = bytes_of(&offer->bytes);
        else if (!get_setup(c, offer->number, &txs[found].tx, &id))
            return;
        count_sent(c, offer);
        found++;
    }
    say(c, &(struct tx_submission_message){
               .key = TX_SUBMISSION_REPLY_TXS, .count = found, .txs = txs });
}

static void on_message(struct conversation *conversation, void *owner, uint64_t key,
                       struct bytes message)
{
    struct tx_submission_room room;
    struct tx_submission_message m;
    const char *why = NULL;

    (void)key;
    if (tx_submission_read(message, &m, &room, &why) != WIRE_OK)
        conversation_refuse(conversation, "%s", why);
    else if (m.key == TX_SUBMISSION_REQUEST_IDS)
        on_request_ids(owner, &m);
    else
        on_request_txs(owner, &m);
}

/* --- Life -------------------------------------------------------------------------------------------- */

struct generator_client *generator_client_start(struct peer *peer, struct load *load,
                                                struct client_tally *tally, struct ou_error *err)
{
    static const struct conversation_events events = { .message = on_message };
    struct generator_client *c = alloc_zeroed(allocator_libc(), sizeof *c);

    if (!c) {
        (void)ou_fail(err, OU_NO_MEMORY, "no memory for a tx-submission client");
        return NULL;
    }
    c->peer = peer;
    c->load = load;
    c->tally = tally;
    c->setup_next = tally->setup_acknowledged;
    if (conversation_open(peer->link, &protocol_tx_submission, true, &events, c, &c->conversation,
                          err)) {
        alloc_free(allocator_libc(), c, sizeof *c);
        return NULL;
    }
    buffer_init(&c->out, allocator_libc(), PROTOCOL_LARGE_BYTES);
    say(c, &(struct tx_submission_message){ .key = TX_SUBMISSION_INIT });
    return c;
}

void generator_client_stop(struct generator_client *c)
{
    if (!c)
        return;
    throttle_leave(&c->load->throttle, &c->waiter);
    for (size_t i = 0; i < c->window_count; i++) {
        struct offer *offer = offer_at(c, i);

        if (offer->is_setup)
            continue;
        load_return(c->load, offer->number, offer->was_sent);
        throttle_give_back(&c->load->throttle, 1);
        c->tally->sent -= offer->was_sent;
        buffer_release(&offer->bytes);
    }
    buffer_release(&c->out);
    alloc_free(allocator_libc(), c, sizeof *c);
}
