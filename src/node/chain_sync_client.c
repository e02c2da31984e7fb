/* Chain-sync, the side that follows. It finds where the peer's chain meets ours, asks for the headers behind,
 * several at a time, checks each, and so keeps a fragment of the peer's chain from which the fetch decision
 * chooses.
 *
 * Two kinds of headers cannot be judged at once: those of a slot that is about to begin, and those beyond the slots for
 * which our ledger knows the stake. Such a header is held, and the conversation pauses, until the slot
 * begins or our tip has come nearer.
 *
 * Memory per peer: the headers of the fragment (HEADERS_AHEAD beyond the height of our own chain, hence at
 * most k more), one held header, and the points of one search. */
#include <sys/random.h>

#include <ouroscope/node_gossip.h>
#include <ouroscope/trace.h>

#include "base/time.h"
#include "node/fetch_decision.h"
#include "node/fragment.h"
#include "node/header_trap.h"
#include "node/points.h"

#define HEADERS_AHEAD (2 * CHAIN_SYNC_HIGH_MARK)
#define POINTS_MAX 64        /* of a search: distances grow like Fibonacci's numbers */
#define SEARCH_AGAIN_MS 1000 /* after one that found nothing: the peer may still be catching up */
#define EARLY_MAX_NS (2 * NS_PER_SECOND) /* by which clocks may differ */
#define REPLY_MIN_MS 601000 /* limits for an answer at the head of the chain are drawn from here */
#define REPLY_SPREAD_MS 310001 /* up to 911 s */

enum verdict {
    TAKEN,
    TOO_EARLY,       /* its slot begins within EARLY_MAX_NS: the timer runs */
    BEYOND_FORECAST, /* until our tip has come nearer */
    REFUSED,         /* the link is closing */
};

struct chain_sync_client {
    struct peer *peer;
    struct conversation *conversation;
    struct chain_listener news;
    uv_timer_t timer; /* until a held header's slot, or the next search */
    struct fragment fragment;
    uint64_t height; /* of the peer's chain, as last told: its tip's block number + 1, or 0 */
    bool met;        /* an intersection was found */
    bool draining;   /* so many requests were open that some answers have to come first */
    struct point asked[POINTS_MAX]; /* in the search that is open */
    size_t asked_count;
    struct header_trap trap; /* what the peer announced on trust */
    enum verdict held_for;   /* TAKEN: no header is held */
    struct buffer held;
    struct buffer out;
};

static void say(struct chain_sync_client *c, const struct chain_sync_message *m)
{
    buffer_clear(&c->out);
    chain_sync_write(&c->out, m);
    if (buffer_status(&c->out))
        link_close(c->peer->link, "own fault: no memory for a message of chain-sync");
    else
        conversation_send(c->conversation, bytes_of(&c->out));
}

static void no_memory(struct chain_sync_client *c)
{
    link_close(c->peer->link, "own fault: no memory for a peer's headers");
}

/* --- Where the chains meet --------------------------------------------------------------- */

static uint64_t security_param(const struct chain_sync_client *c)
{
    return c->peer->all->genesis->shelley.security_param;
}

/* Points of our chain, newest first: 0, 1, 2, 3, 5, 8 ... blocks before the tip, down to k, or to the
 * origin where that is nearer. */
static size_t choose_points(const struct chain_sync_client *c, struct point *ret)
{
    const struct chain_db *db = c->peer->all->db;
    const uint64_t height = point_height(chain_db_tip(db)), k = security_param(c);
    uint64_t step = 0, next = 1, sum;
    size_t count = 0;

    while (step < k && step < height && count < POINTS_MAX - 1) {
        ret[count++] = point_of_block(chain_db_by_number(db, height - 1 - step));
        sum = step + next;
        step = next;
        next = sum > next ? sum : next + 1;
    }
    ret[count++] = point_of_block(height > k ? chain_db_by_number(db, height - 1 - k) : NULL);
    return count;
}

static void search(struct chain_sync_client *c)
{
    c->asked_count = choose_points(c, c->asked);
    say(c, &(struct chain_sync_message){ .key = CHAIN_SYNC_FIND_INTERSECT,
                                         .points = c->asked,
                                         .point_count = c->asked_count });
}

static bool was_asked(const struct chain_sync_client *c, const struct point *point)
{
    for (size_t i = 0; i < c->asked_count; i++)
        if (point_equal(&c->asked[i], point))
            return true;
    return false;
}

/* --- Asking ------------------------------------------------------------------------------- */

/* How many requests may be open on top of the headers that are there. */
static size_t room_for_headers(const struct chain_sync_client *c)
{
    const uint64_t beyond = fragment_depth(&c->fragment) + HEADERS_AHEAD;

    return beyond > c->fragment.count ? (size_t)(beyond - c->fragment.count) : 0;
}

/* Requests the headers that the peer is known to have, CHAIN_SYNC_HIGH_MARK at once; from there on no
 * more until the low mark. One request is always open: the next block's. */
static void ask(struct chain_sync_client *c)
{
    const uint64_t height = fragment_height(&c->fragment);
    const size_t room = room_for_headers(c);
    size_t open = conversation_outstanding(c->conversation);

    if (!c->met || c->held_for != TAKEN || link_is_closing(c->peer->link))
        return;
    if (c->draining && open > CHAIN_SYNC_LOW_MARK)
        return;
    while (open < room &&
           (open == 0 || (open < CHAIN_SYNC_HIGH_MARK && height + open < c->height))) {
        say(c, &(struct chain_sync_message){ .key = CHAIN_SYNC_REQUEST_NEXT });
        open++;
    }
    c->draining = open >= CHAIN_SYNC_HIGH_MARK;
}

/* --- Headers ------------------------------------------------------------------------------- */

/* Whether a header whose body is invalid is forgiven: the peer may not have known, either. */
static bool forgive(struct chain_sync_client *c, const struct selection_view *view)
{
    const bool allowed = header_trap_allows(&c->trap, view);

    header_trap_spring(&c->trap, view);
    return allowed;
}

static bool is_known_invalid(const struct chain_sync_client *c, const uint8_t hash[HASH_BYTES])
{
    const struct chain_block *block = chain_db_find(c->peer->all->db, hash);

    return block && block->invalid;
}

/* What can be said without keys and ledger; a reason, or NULL. */
static const char *find_misfit(struct chain_sync_client *c, const struct header *h)
{
    const struct header_facts *tip = fragment_tip(&c->fragment);
    struct selection_view view;

    if (h->has_previous != (tip != NULL) ||
        (tip && memcmp(h->previous, tip->hash, HASH_BYTES) != 0))
        return "does not follow the header before";
    if (tip && is_known_invalid(c, tip->hash))
        return "follows an invalid block";
    selection_view_of(h, &view);
    if (is_known_invalid(c, h->hash) && !forgive(c, &view))
        return "is of a block known to be invalid";
    return NULL;
}

/* How long before its slot's start a header came; INT64_MAX when that is never. */
static int64_t early_ns(const struct chain_sync_client *c, uint64_t slot)
{
    int64_t onset_ns;

    if (!slot_start(&c->peer->all->genesis->shelley.clock, slot, &onset_ns))
        return INT64_MAX;
    return onset_ns - time_wall_ns();
}

static enum verdict refuse_header(struct chain_sync_client *c, const struct header *h,
                                  const char *why)
{
    conversation_refuse(c->conversation, "header of block %llu in slot %llu %s",
                        (unsigned long long)h->number, (unsigned long long)h->slot, why);
    return REFUSED;
}

static enum verdict take_header(struct chain_sync_client *c, const struct header_facts *facts)
{
    if (fragment_append(&c->fragment, facts)) {
        no_memory(c);
        return REFUSED;
    }
    if (c->fragment.count > 0 && fragment_depth(&c->fragment) > security_param(c)) {
        conversation_refuse(c->conversation, "its chain left ours %llu blocks ago, more than k",
                            (unsigned long long)fragment_depth(&c->fragment));
        return REFUSED;
    }
    fetch_decision_wake(c->peer->all->decision);
    return TAKEN;
}

static void on_time(uv_timer_t *timer);

static enum verdict judge(struct chain_sync_client *c, const struct header *h)
{
    const int64_t early = early_ns(c, h->slot);
    struct header_facts facts;
    struct ou_error err = { 0 };
    const char *misfit;

    if (early > EARLY_MAX_NS)
        return refuse_header(c, h, "is from the future");
    if (early > 0) {
        uv_timer_start(&c->timer, on_time, (uint64_t)(early / 1000000) + 1, 0);
        return TOO_EARLY;
    }
    misfit = find_misfit(c, h);
    if (misfit)
        return refuse_header(c, h, misfit);
    switch (chain_db_check_header(c->peer->all->db, h, fragment_tip(&c->fragment), &facts, &err)) {
    case OU_OK: return take_header(c, &facts);
    case OU_USAGE: return BEYOND_FORECAST;
    default: return refuse_header(c, h, err.text);
    }
}

/* --- Headers that are held ----------------------------------------------------------------- */

static void hold(struct chain_sync_client *c, enum verdict until, struct bytes header)
{
    buffer_clear(&c->held);
    buffer_append(&c->held, header.at, header.count);
    if (buffer_status(&c->held)) {
        no_memory(c);
        return;
    }
    c->held_for = until;
    conversation_pause(c->conversation);
}

static void judge_again(struct chain_sync_client *c)
{
    struct header h;
    const char *why;

    if (header_read(bytes_of(&c->held), &h, &why) != WIRE_OK)
        return; /* it was fine before */
    c->held_for = judge(c, &h);
    if (c->held_for != TAKEN)
        return;
    ask(c);
    conversation_resume(c->conversation);
}

static void on_time(uv_timer_t *timer)
{
    struct chain_sync_client *c = timer->data;

    if (link_is_closing(c->peer->link))
        return;
    if (!c->met)
        search(c);
    else if (c->held_for == TOO_EARLY)
        judge_again(c);
}

/* --- Answers ---------------------------------------------------------------------------------- */

static void on_roll_forward(struct chain_sync_client *c, const struct chain_sync_message *m)
{
    struct header h;
    enum verdict verdict;
    const char *why = NULL;

    if (m->era != ERA_CONWAY) {
        conversation_refuse(c->conversation, "a header of era %u", m->era);
        return;
    }
    if (header_read(m->header, &h, &why) != WIRE_OK) {
        conversation_refuse(c->conversation, "malformed header: %s", why);
        return;
    }
    OU_TRACE(node_downloaded_header, h.hash, h.number, h.slot, &c->peer->name);
    verdict = judge(c, &h);
    if (verdict == TOO_EARLY || verdict == BEYOND_FORECAST)
        hold(c, verdict, m->header);
}

static void on_roll_backward(struct chain_sync_client *c, const struct chain_sync_message *m)
{
    if (!fragment_cut(&c->fragment, &m->point))
        conversation_refuse(c->conversation, "rolled back to a block that it never told of");
    else
        fetch_decision_wake(c->peer->all->decision);
}

static void on_found(struct chain_sync_client *c, const struct chain_sync_message *m)
{
    if (!was_asked(c, &m->point)) {
        conversation_refuse(c->conversation, "found a point that was not asked for");
        return;
    }
    c->met = true;
    fragment_move(&c->fragment,
                  m->point.origin ? NULL : chain_db_find(c->peer->all->db, m->point.hash));
    /* Our chain may have changed while the question was on its way. */
    if (fragment_follow(&c->fragment))
        no_memory(c);
}

/* Answers at the head of the chain may take long; how long is drawn, so that not all peers of a node that is cut
 * off leave it in the same moment. */
static void set_reply_limit(struct chain_sync_client *c)
{
    uint32_t drawn = 0;

    if (getrandom(&drawn, sizeof(drawn), GRND_NONBLOCK) != (ssize_t)sizeof(drawn))
        drawn = (uint32_t)time_monotonic_ns();
    conversation_set_limit_ms(c->conversation, REPLY_MIN_MS + drawn % REPLY_SPREAD_MS);
}

static void on_message(struct conversation *conversation, void *owner, uint64_t key,
                       struct bytes message)
{
    struct chain_sync_client *c = owner;
    struct chain_sync_message m;
    const char *why = NULL;

    (void)key;
    if (chain_sync_read(message, &m, NULL, &why) != WIRE_OK) {
        conversation_refuse(conversation, "%s", why);
        return;
    }
    if (m.key == CHAIN_SYNC_AWAIT_REPLY) {
        set_reply_limit(c);
        return;
    }
    c->height = m.tip.point.origin ? 0 : m.tip.number + 1;
    switch (m.key) {
    case CHAIN_SYNC_ROLL_FORWARD: on_roll_forward(c, &m); break;
    case CHAIN_SYNC_ROLL_BACKWARD: on_roll_backward(c, &m); break;
    case CHAIN_SYNC_INTERSECT_FOUND: on_found(c, &m); break;
    default: uv_timer_start(&c->timer, on_time, SEARCH_AGAIN_MS, 0); /* it was not found */
    }
    ask(c);
}

/* --- News of our own chain --------------------------------------------------------------------- */

static void on_new_tip(struct chain_sync_client *c)
{
    if (!c->met)
        return;
    if (fragment_follow(&c->fragment)) {
        no_memory(c);
        return;
    }
    if (c->held_for == BEYOND_FORECAST)
        judge_again(c);
    else
        ask(c);
}

static void on_invalid(struct chain_sync_client *c, const struct chain_block *block)
{
    const size_t at = fragment_find(&c->fragment, block->facts.hash);

    if (at == c->fragment.count)
        return;
    if (at + 1 < c->fragment.count || !forgive(c, &block->facts.view))
        conversation_refuse(c->conversation, "block %llu of its chain is invalid",
                            (unsigned long long)block->facts.view.number);
}

static void on_news(void *context, enum chain_news news, const struct chain_block *block)
{
    struct chain_sync_client *c = context;

    if (link_is_closing(c->peer->link))
        return;
    if (news == CHAIN_NEW_TIP)
        on_new_tip(c);
    else if (news == CHAIN_INVALID)
        on_invalid(c, block);
}

/* --- Life ----------------------------------------------------------------------------------------- */

struct candidate chain_sync_client_candidate(const struct chain_sync_client *c)
{
    const struct fragment *f = &c->fragment;

    return (struct candidate){ f->count > 0 ? f->headers + f->first : NULL, f->count };
}

struct chain_sync_client *chain_sync_client_start(struct peer *peer, struct ou_error *err)
{
    static const struct conversation_events events = { .message = on_message };
    struct chain_sync_client *c = alloc_zeroed(allocator_libc(), sizeof(*c));

    if (!c) {
        ou_fail(err, OU_NO_MEMORY, "no memory for a chain-sync client");
        return NULL;
    }
    c->peer = peer;
    c->news = (struct chain_listener){ .news = on_news, .context = c };
    if (conversation_open(peer->link, &protocol_chain_sync, true, &events, c, &c->conversation,
                          err)) {
        alloc_free(allocator_libc(), c, sizeof(*c));
        return NULL;
    }
    fragment_init(&c->fragment, peer->all->db);
    buffer_init(&c->held, allocator_libc(), HEADER_MAX_BYTES);
    buffer_init(&c->out, allocator_libc(), PROTOCOL_SMALL_BYTES);
    uv_timer_init(peer->all->loop, &c->timer);
    c->timer.data = c;
    chain_db_listen(peer->all->db, &c->news);
    search(c);
    return c;
}

static void on_timer_closed(uv_handle_t *timer)
{
    alloc_free(allocator_libc(), timer->data, sizeof(struct chain_sync_client));
}

void chain_sync_client_stop(struct chain_sync_client *c)
{
    if (!c)
        return;
    chain_db_unlisten(c->peer->all->db, &c->news);
    fragment_release(&c->fragment);
    buffer_release(&c->held);
    buffer_release(&c->out);
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}
