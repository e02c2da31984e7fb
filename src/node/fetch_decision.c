/* Rounds of decisions: what each peer could give us (survey), who is asked first (order), and how much (grant).
 * docs/internals/gossip.md tells the rules, and where they are simpler than another node's. */
#include "node/fetch_decision.h"

#include <ouroscope/node_gossip.h>
#include <ouroscope/trace.h>
#include <xxhash.h>

#include "base/hash_seed.h"
#include "base/map.h"
#include "base/time.h"
#include "json/write.h"
#include "wire/block_fetch.h"

#define ROUND_PAUSE_MS 10
#define RECHECK_MS 200      /* while something is asked for: a peer may have become slow */
#define DEADLINE_SLOTS 1000 /* nearer to the clock than that, blocks are wanted soon */
#define DEADLINE_S 2.0      /* within which a block should be there */
#define ACTIVE_BONUS 0.8    /* a peer that is at it already counts as so much nearer */
#define NEARLY_EQUAL 1.05
#define PEERS_MAX 65536
#define JSON_PEER_BYTES 512 /* of one peer in the trace, at most */

/* One peer in a round. */
struct choice {
    struct peer *peer;
    struct block_fetch_status status;
    struct candidate candidate;
    size_t first;        /* of the candidate's headers, the first one to ask for */
    double expected_s;   /* until all of it would be here */
    double distance_s;   /* latency, less for a peer that is active */
    uint64_t salted;     /* decides between equally near ones */
    size_t rank;         /* among those with the same head, by distance */
    size_t asked;        /* blocks that are asked for now */
    const char *decline; /* why there is nothing to ask for; NULL: there is */
};

struct fetch_decision {
    struct peers *peers;
    struct chain_listener news;
    uv_timer_t timer;
    bool is_due; /* the timer will begin a round soon */
    uint64_t last_ms;

    /* Of a round. */
    struct choice *choices;
    size_t count, capacity;
    struct map taken; /* hash -> the peer (struct peer *) that a block was asked for at */
    bool deadline;
    size_t active, active_max; /* peers that are asked for something */
    struct buffer json;
};

static uint64_t bytes_of_header(const struct header_facts *facts)
{
    return block_bytes_estimate(facts->header_bytes, facts->body_bytes);
}

/* --- Survey ------------------------------------------------------------------------- */

static bool is_near_the_clock(const struct fetch_decision *d)
{
    const struct chain_block *tip = chain_db_tip(d->peers->db);
    const uint64_t at = tip ? tip->facts.view.slot : 0;
    uint64_t now;

    return !slot_at(&d->peers->genesis->shelley.clock, time_wall_ns(), &now) ||
           now < at + DEADLINE_SLOTS;
}

/* Remembers who was asked for which block. */
static void note_taken(struct fetch_decision *d, struct peer *peer,
                       const struct header_facts *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        void *value;

        if (map_put(&d->taken, blocks[i].hash, &value, NULL) == OU_OK)
            *(struct peer **)value = peer;
    }
}

static bool is_plausible(const struct fetch_decision *d, const struct candidate *c)
{
    const struct chain_block *own = chain_db_tip(d->peers->db);
    const struct chain_block *head;

    if (c->count == 0 ||
        !selection_prefers(&c->headers[c->count - 1].view, own ? &own->facts.view : NULL))
        return false;
    head = chain_db_find(d->peers->db, c->headers[c->count - 1].hash);
    return !head || !head->invalid;
}

/* Why a block need not be asked for at this peer; NULL: it should be. */
static const char *find_excuse(const struct fetch_decision *d, const struct choice *choice,
                               const struct header_facts *facts)
{
    struct peer *const *by = map_find(&d->taken, facts->hash);

    if (chain_db_has(d->peers->db, facts->hash))
        return "FetchDeclineAlreadyFetched";
    if (!by)
        return NULL;
    return *by == choice->peer ? "FetchDeclineInFlightThisPeer" : "FetchDeclineInFlightOtherPeer";
}

/* Finds the first block to ask for, and how long it would take until all were here. */
static void weigh(const struct fetch_decision *d, struct choice *choice)
{
    const struct candidate *c = &choice->candidate;
    uint64_t bytes = choice->status.bytes;
    const char *excuse = "FetchDeclineAlreadyFetched";
    size_t i = 0;

    while (i < c->count && (excuse = find_excuse(d, choice, &c->headers[i])))
        i++;
    choice->first = i;
    choice->decline = i < c->count ? NULL : excuse;
    for (; i < c->count && bytes < choice->status.high_mark_bytes; i++)
        bytes += bytes_of_header(&c->headers[i]);
    choice->expected_s =
        2 * choice->status.latency_s + (double)bytes * choice->status.seconds_per_byte;
}

static void survey_peer(const struct fetch_decision *d, struct choice *choice)
{
    const struct peer *peer = choice->peer;

    choice->distance_s = choice->status.latency_s;
    if (choice->status.requests > 0)
        choice->distance_s *= ACTIVE_BONUS;
    choice->salted =
        XXH3_64bits_withSeed(peer->name.remote, strlen(peer->name.remote), hash_seed());
    choice->candidate = chain_sync_client_candidate(peer->chain_sync_client);
    if (is_plausible(d, &choice->candidate))
        weigh(d, choice);
    else
        choice->decline = "FetchDeclineChainNotPlausible";
}

static bool takes_part(const struct peer *peer)
{
    return peer->chain_sync_client && peer->block_fetch_client;
}

/* False when there is no memory: then there is no round. */
static bool survey(struct fetch_decision *d)
{
    void *at = d->choices;

    d->count = d->active = 0;
    d->deadline = is_near_the_clock(d);
    d->active_max =
        d->deadline ? d->peers->max_concurrency_deadline : d->peers->max_concurrency_bulk;
    map_clear(&d->taken);
    for (struct peer *p = d->peers->first; p; p = p->next) {
        struct choice *choice;

        if (!takes_part(p))
            continue;
        if (!array_reserve(allocator_libc(), &at, &d->capacity, d->count + 1, sizeof(*choice),
                           PEERS_MAX))
            return false;
        d->choices = at;
        choice = &d->choices[d->count++];
        *choice = (struct choice){ .peer = p };
        block_fetch_client_status(p->block_fetch_client, &choice->status);
        /* What a slow peer was asked for is free to be asked for again. */
        if (choice->status.slow || link_is_closing(p->link))
            continue;
        note_taken(d, p, choice->status.asked, choice->status.asked_count);
        d->active += choice->status.requests > 0;
    }
    for (size_t i = 0; i < d->count; i++)
        survey_peer(d, &d->choices[i]);
    return true;
}

/* --- Order --------------------------------------------------------------------------- */

static const struct header_facts *head_of(const struct choice *c)
{
    return &c->candidate.headers[c->candidate.count - 1];
}

static bool is_nearer(const struct choice *a, const struct choice *b)
{
    if (a->distance_s * NEARLY_EQUAL < b->distance_s)
        return true;
    if (b->distance_s * NEARLY_EQUAL < a->distance_s)
        return false;
    return a->salted < b->salted;
}

/* Soon enough first, then the better chain, then all different heads before the second peer with one
 * of them. */
static bool comes_first_at_deadline(const struct choice *a, const struct choice *b)
{
    const bool a_soon = a->expected_s <= DEADLINE_S, b_soon = b->expected_s <= DEADLINE_S;

    if (a_soon != b_soon)
        return a_soon;
    if (selection_prefers(&head_of(a)->view, &head_of(b)->view))
        return true;
    if (selection_prefers(&head_of(b)->view, &head_of(a)->view))
        return false;
    return a->rank < b->rank;
}

static bool comes_first_in_bulk(const struct choice *a, const struct choice *b)
{
    if (selection_prefers(&head_of(a)->view, &head_of(b)->view))
        return true;
    if (selection_prefers(&head_of(b)->view, &head_of(a)->view))
        return false;
    return a->expected_s < b->expected_s;
}

/* Insertion keeps equals in place, and does not mind that preference among chains is not transitive. */
static void sort(struct choice *choices, size_t count,
                 bool (*comes_first)(const struct choice *, const struct choice *))
{
    for (size_t i = 1; i < count; i++) {
        const struct choice moved = choices[i];
        size_t at = i;

        for (; at > 0 && comes_first(&moved, &choices[at - 1]); at--)
            choices[at] = choices[at - 1];
        choices[at] = moved;
    }
}

static bool has_something(const struct choice *a, const struct choice *b)
{
    return !a->decline && b->decline;
}

/* Puts the peers that may be asked first, in the order in which they are. */
static void order(struct fetch_decision *d)
{
    size_t able = 0;

    sort(d->choices, d->count, has_something);
    while (able < d->count && !d->choices[able].decline)
        able++;
    sort(d->choices, able, is_nearer);
    for (size_t i = 0; i < able; i++)
        for (size_t j = 0; j < i; j++)
            d->choices[i].rank += memcmp(head_of(&d->choices[i])->hash,
                                         head_of(&d->choices[j])->hash, HASH_BYTES) == 0;
    sort(d->choices, able, d->deadline ? comes_first_at_deadline : comes_first_in_bulk);
}

/* --- Grant ---------------------------------------------------------------------------- */

static const char *find_obstacle(const struct fetch_decision *d, const struct choice *c)
{
    const struct block_fetch_status *s = &c->status;

    if (link_is_closing(c->peer->link))
        return "FetchDeclinePeerShutdown";
    if (s->slow)
        return "FetchDeclinePeerSlow";
    if (s->requests >= BLOCK_FETCH_PIPELINE_MAX || s->asked_count >= FETCH_BLOCKS_MAX)
        return "FetchDeclineReqsInFlightLimit";
    if (s->bytes >= s->high_mark_bytes)
        return "FetchDeclineBytesInFlightLimit";
    if (s->busy)
        return "FetchDeclinePeerBusy";
    if (s->requests == 0 && d->active >= d->active_max)
        return "FetchDeclineConcurrencyLimit";
    return NULL;
}

/* Requests a run of headers, [from, to) of the candidate. */
static void request(struct fetch_decision *d, struct choice *c, size_t from, size_t to)
{
    const struct header_facts *blocks = &c->candidate.headers[from];

    block_fetch_client_request(c->peer->block_fetch_client, blocks, to - from);
    note_taken(d, c->peer, blocks, to - from);
    c->asked += to - from;
}

/* Asks for as many blocks as the marks allow, one at least, a request for each run of them. */
static void grant(struct fetch_decision *d, struct choice *c)
{
    uint64_t bytes = c->status.bytes;
    size_t blocks = c->status.asked_count, requests = c->status.requests;
    size_t from = c->first, at = from;

    while (at < c->candidate.count && requests < BLOCK_FETCH_PIPELINE_MAX) {
        const bool wanted = !find_excuse(d, c, &c->candidate.headers[at]);
        const bool fits = bytes < c->status.high_mark_bytes && blocks < FETCH_BLOCKS_MAX;

        if ((!wanted || !fits) && from < at) {
            request(d, c, from, at);
            requests++;
        }
        if (!fits)
            return;
        if (wanted) {
            bytes += bytes_of_header(&c->candidate.headers[at]);
            blocks++;
        }
        at++;
        from = wanted ? from : at;
    }
    if (from < at)
        request(d, c, from, at);
}

/* Who came before may have been asked for the same blocks in this round. */
static void consider(struct fetch_decision *d, struct choice *c)
{
    if (!c->decline)
        weigh(d, c);
    if (!c->decline)
        c->decline = find_obstacle(d, c);
    if (c->decline)
        return;
    d->active += c->status.requests == 0;
    grant(d, c);
}

/* --- Telling ---------------------------------------------------------------------------- */

static void write_choice(struct json_writer *w, const struct choice *c)
{
    char connection[2 * LINK_NAME_ROOM + 2];
    char length[24];

    snprintf(connection, sizeof(connection), "%s %s", c->peer->name.local, c->peer->name.remote);
    json_begin_object(w);
    if (c->decline) {
        json_key(w, "declined");
        json_cstring(w, c->decline);
    }
    json_key(w, "kind");
    json_cstring(w, c->decline ? "FetchDecision declined" : "FetchDecision results");
    if (!c->decline) {
        snprintf(length, sizeof(length), "%zu", c->asked);
        json_key(w, "length");
        json_cstring(w, length);
    }
    json_key(w, "peer");
    json_begin_object(w);
    json_key(w, "connectionId");
    json_cstring(w, connection);
    json_end(w);
    json_end(w);
}

/* A list of all peers, or of as many as a trace holds. */
static void trace_round(struct fetch_decision *d)
{
    struct json_writer w;

    if (!OU_TRACE_IS_ON(node_peers_fetch))
        return;
    buffer_clear(&d->json);
    json_writer_init(&w, &d->json, false);
    json_begin_array(&w);
    for (size_t i = 0; i < d->count && d->json.len + JSON_PEER_BYTES < OU_TEXT_MAX; i++)
        write_choice(&w, &d->choices[i]);
    json_end(&w);
    if (buffer_status(&d->json) == OU_OK)
        OU_TRACE(node_peers_fetch, buffer_string(&d->json));
}

/* --- Rounds ------------------------------------------------------------------------------- */

static void on_time(uv_timer_t *timer);

static void begin_in(struct fetch_decision *d, uint64_t ms)
{
    uv_timer_start(&d->timer, on_time, ms, 0);
}

static void on_time(uv_timer_t *timer)
{
    struct fetch_decision *d = timer->data;

    d->is_due = false;
    d->last_ms = uv_now(d->peers->loop);
    if (!survey(d)) {
        begin_in(d, RECHECK_MS);
        return;
    }
    order(d);
    for (size_t i = 0; i < d->count; i++)
        consider(d, &d->choices[i]);
    trace_round(d);
    for (size_t i = 0; i < d->count; i++)
        if (!d->is_due && (d->choices[i].status.requests > 0 || d->choices[i].asked > 0 ||
                           d->choices[i].status.slow))
            begin_in(d, RECHECK_MS);
}

void fetch_decision_wake(struct fetch_decision *d)
{
    uint64_t now_ms;

    if (!d || d->is_due)
        return;
    now_ms = uv_now(d->peers->loop);
    d->is_due = true;
    begin_in(d, now_ms - d->last_ms >= ROUND_PAUSE_MS ? 0 : ROUND_PAUSE_MS - (now_ms - d->last_ms));
}

static void on_news(void *context, enum chain_news news, const struct chain_block *block)
{
    (void)block;
    if (news != CHAIN_WORK)
        fetch_decision_wake(context);
}

/* --- Life ---------------------------------------------------------------------------------- */

enum ou_status fetch_decision_start(struct peers *peers, struct fetch_decision **ret,
                                    struct ou_error *err)
{
    struct fetch_decision *d = alloc_zeroed(allocator_libc(), sizeof(*d));

    if (!d)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the fetch decision");
    d->peers = peers;
    d->news = (struct chain_listener){ .news = on_news, .context = d };
    map_init(&d->taken, allocator_libc(), HASH_BYTES, sizeof(struct peer *), 1 << 20);
    buffer_init(&d->json, allocator_libc(), OU_TEXT_MAX);
    uv_timer_init(peers->loop, &d->timer);
    d->timer.data = d;
    chain_db_listen(peers->db, &d->news);
    *ret = d;
    return OU_OK;
}

static void on_timer_closed(uv_handle_t *timer)
{
    alloc_free(allocator_libc(), timer->data, sizeof(struct fetch_decision));
}

void fetch_decision_stop(struct fetch_decision *d)
{
    if (!d)
        return;
    if (d->peers->decision == d)
        d->peers->decision = NULL;
    chain_db_unlisten(d->peers->db, &d->news);
    alloc_free(allocator_libc(), d->choices, d->capacity * sizeof(*d->choices));
    map_release(&d->taken);
    buffer_release(&d->json);
    uv_close((uv_handle_t *)&d->timer, on_timer_closed);
}
