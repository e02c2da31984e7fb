/* Block-fetch, the side that asks. What is asked for was chosen by the fetch decision from headers that were found
 * valid; each block that comes is compared with its header, and handed to the chain_db. When that
 * has no room, the block is held and the conversation pauses.
 *
 * Memory per peer: the facts of the blocks asked for (FETCH_BLOCKS_MAX at most), one held block, one small
 * message; and what the protocol's ingress limit lets arrive meanwhile. */
#include <math.h>

#include <ouroscope/node_gossip.h>
#include <ouroscope/trace.h>

#include "base/time.h"
#include "node/fetch_decision.h"
#include "node/points.h"
#include "wire/block_fetch.h"

#define LOW_MARK_MIN_BYTES 196608
#define LOW_MARK_MAX_BYTES (8 << 20) /* twice that is below the protocol's ingress limit */
#define MARK_MARGIN_S 0.02
#define FIRST_LATENCY_S 0.5 /* before anything was measured */
#define FIRST_SECONDS_PER_BYTE 2e-6
#define LEAST_SECONDS_PER_BYTE 1e-10
#define SAMPLE_MIN_BYTES 4096 /* smaller blocks tell nothing of a line's speed */
#define SMOOTHING 0.125
#define PATIENCE_S 2.0 /* beyond the expected time, before a peer is slow */
#define REJECTED_PAUSE_NS NS_PER_SECOND

struct block_fetch_client {
    struct peer *peer;
    struct conversation *conversation;
    struct chain_listener news;

    /* Blocks asked for and not there yet, in the order in which they come. */
    struct header_facts *blocks;
    size_t first, count, capacity;
    uint64_t bytes;
    /* How many of them each request has, oldest first: a ring. */
    uint32_t ranges[BLOCK_FETCH_PIPELINE_MAX];
    size_t range_first, range_count;

    double seconds_per_byte;
    bool busy;
    int64_t progress_ns; /* monotonic: when the peer sent something, or we began to wait for it */
    int64_t rejected_ns; /* when it did not have what was asked for; 0: never */

    struct buffer held; /* the oldest block, for which the chain_db had no room; empty: none */
    struct buffer out;
};

static double latency_s(const struct block_fetch_client *c)
{
    return isnan(c->peer->latency_s) ? FIRST_LATENCY_S : c->peer->latency_s;
}

static uint64_t estimate(const struct header_facts *facts)
{
    return block_bytes_estimate(facts->header_bytes, facts->body_bytes);
}

/* --- What the decision wants to know ------------------------------------------------------ */

/* So many bytes keep the line busy from one request to the answer of the next. */
static uint64_t low_mark(const struct block_fetch_client *c)
{
    const double bytes = (2 * latency_s(c) + MARK_MARGIN_S) / c->seconds_per_byte;

    if (bytes <= LOW_MARK_MIN_BYTES)
        return LOW_MARK_MIN_BYTES;
    return bytes >= LOW_MARK_MAX_BYTES ? LOW_MARK_MAX_BYTES : (uint64_t)bytes;
}

static bool is_slow(const struct block_fetch_client *c)
{
    const int64_t now_ns = time_monotonic_ns();
    const double expected_s =
        2 * latency_s(c) + (double)c->bytes * c->seconds_per_byte + PATIENCE_S;

    if (c->rejected_ns && now_ns - c->rejected_ns < REJECTED_PAUSE_NS)
        return true;
    return c->range_count > 0 && c->held.len == 0 &&
           (double)(now_ns - c->progress_ns) > expected_s * (double)NS_PER_SECOND;
}

void block_fetch_client_status(const struct block_fetch_client *c, struct block_fetch_status *ret)
{
    const uint64_t low = low_mark(c);

    *ret = (struct block_fetch_status){
        .asked = c->count > 0 ? c->blocks + c->first : NULL,
        .asked_count = c->count,
        .requests = c->range_count,
        .bytes = c->bytes,
        .latency_s = latency_s(c),
        .seconds_per_byte = c->seconds_per_byte,
        .low_mark_bytes = low,
        .high_mark_bytes = 2 * low,
        .busy = c->busy,
        .slow = is_slow(c),
    };
}

/* --- Asking -------------------------------------------------------------------------------- */

static bool remember(struct block_fetch_client *c, const struct header_facts *blocks, size_t count)
{
    void *at = c->blocks;

    if (c->first + c->count + count > c->capacity && c->first > 0) {
        memmove(c->blocks, c->blocks + c->first, c->count * sizeof(*blocks));
        c->first = 0;
    }
    if (!array_reserve(allocator_libc(), &at, &c->capacity, c->count + c->first + count,
                       sizeof(*blocks), FETCH_BLOCKS_MAX))
        return false;
    c->blocks = at;
    memcpy(c->blocks + c->first + c->count, blocks, count * sizeof(*blocks));
    c->count += count;
    c->ranges[(c->range_first + c->range_count++) % BLOCK_FETCH_PIPELINE_MAX] = (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        c->bytes += estimate(&blocks[i]);
    return true;
}

void block_fetch_client_request(struct block_fetch_client *c, const struct header_facts *blocks,
                                size_t count)
{
    const struct block_fetch_message m = { .key = BLOCK_FETCH_REQUEST_RANGE,
                                           .from = point_of_facts(&blocks[0]),
                                           .to = point_of_facts(&blocks[count - 1]) };

    OU_TRACE(node_added_fetch_request, &c->peer->name);
    buffer_clear(&c->out);
    block_fetch_write(&c->out, &m);
    if (c->range_count == 0)
        c->progress_ns = time_monotonic_ns();
    if (buffer_status(&c->out) || c->range_count == BLOCK_FETCH_PIPELINE_MAX ||
        !remember(c, blocks, count)) {
        link_close(c->peer->link, "own fault: no room for a request of %zu blocks", count);
        return;
    }
    c->busy = c->busy || c->bytes >= 2 * low_mark(c);
    OU_TRACE(node_acknowledged_fetch_request, &c->peer->name);
    OU_TRACE(node_send_fetch_request, blocks[count - 1].hash, count, c->peer->latency_s,
             &c->peer->name);
    conversation_send(c->conversation, bytes_of(&c->out));
}

/* --- What the peer sends -------------------------------------------------------------------- */

static uint32_t *oldest_range(struct block_fetch_client *c)
{
    return &c->ranges[c->range_first];
}

static void drop_range(struct block_fetch_client *c)
{
    c->range_first = (c->range_first + 1) % BLOCK_FETCH_PIPELINE_MAX;
    c->range_count--;
}

/* The oldest block needs to be waited for no more. */
static void drop_block(struct block_fetch_client *c)
{
    --*oldest_range(c);
    c->bytes -= estimate(&c->blocks[c->first]);
    c->count--;
    c->first = c->count > 0 ? c->first + 1 : 0;
    if (c->bytes < low_mark(c))
        c->busy = false;
}

/* Whether that is the block whose header was announced. */
static bool check_block(struct block_fetch_client *c, struct bytes wrapped,
                        const struct header_facts *expected)
{
    struct block block;
    struct ou_error err = { 0 };
    const char *why = NULL;

    if (block_read(wrapped, &block, &why) != WIRE_OK)
        conversation_refuse(c->conversation, "malformed block: %s", why);
    else if (memcmp(block.header.hash, expected->hash, HASH_BYTES) != 0)
        conversation_refuse(c->conversation, "not the block that was asked for");
    else if (block_check_body(&block, &err))
        conversation_refuse(c->conversation, "block %llu: %s",
                            (unsigned long long)block.header.number, err.text);
    else
        return true;
    return false;
}

static void trace_block(const struct block_fetch_client *c, const struct header_facts *facts)
{
    double delay_s = NAN;
    int64_t onset_ns;

    if (!OU_TRACE_IS_ON(node_completed_block_fetch))
        return;
    if (slot_start(&c->peer->all->genesis->shelley.clock, facts->view.slot, &onset_ns))
        delay_s = (double)(time_wall_ns() - onset_ns) / (double)NS_PER_SECOND;
    OU_TRACE(node_completed_block_fetch, facts->hash, delay_s, estimate(facts), &c->peer->name);
}

/* Blocks of a batch follow on each other as fast as the line carries them. */
static void measure(struct block_fetch_client *c, size_t bytes)
{
    const double sample =
        (double)(time_monotonic_ns() - c->progress_ns) / (double)NS_PER_SECOND / (double)bytes;

    if (bytes < SAMPLE_MIN_BYTES)
        return;
    c->seconds_per_byte += SMOOTHING * (sample - c->seconds_per_byte);
    if (c->seconds_per_byte < LEAST_SECONDS_PER_BYTE)
        c->seconds_per_byte = LEAST_SECONDS_PER_BYTE;
}

/* Hands the oldest block over. It counts as asked for until the chain_db has it, so that nobody else
 * is asked for it. */
static bool hand_over(struct block_fetch_client *c, struct bytes wrapped)
{
    if (!chain_db_offer(c->peer->all->db, wrapped, &c->blocks[c->first], NULL, NULL))
        return false;
    drop_block(c);
    return true;
}

static void hold(struct block_fetch_client *c, struct bytes wrapped)
{
    buffer_append(&c->held, wrapped.at, wrapped.count);
    if (buffer_status(&c->held))
        link_close(c->peer->link, "own fault: no memory for a block");
    else
        conversation_pause(c->conversation);
}

static void on_block(struct block_fetch_client *c, struct bytes wrapped)
{
    if (*oldest_range(c) == 0) {
        conversation_refuse(c->conversation, "more blocks than were asked for");
        return;
    }
    measure(c, wrapped.count);
    if (!check_block(c, wrapped, &c->blocks[c->first]))
        return;
    trace_block(c, &c->blocks[c->first]);
    if (!hand_over(c, wrapped))
        hold(c, wrapped);
}

static void on_batch_done(struct block_fetch_client *c)
{
    if (*oldest_range(c) > 0) {
        conversation_refuse(c->conversation, "%u blocks fewer than were asked for",
                            *oldest_range(c));
        return;
    }
    drop_range(c);
    OU_TRACE(node_completed_fetch_batch, &c->peer->name);
}

/* Its chain has changed meanwhile, which chain-sync is about to tell; others are asked first. */
static void on_no_blocks(struct block_fetch_client *c)
{
    while (*oldest_range(c) > 0)
        drop_block(c);
    drop_range(c);
    c->rejected_ns = time_monotonic_ns();
    OU_TRACE(node_rejected_fetch_batch, &c->peer->name);
}

static void on_message(struct conversation *conversation, void *owner, uint64_t key,
                       struct bytes message)
{
    struct block_fetch_client *c = owner;
    struct block_fetch_message m;
    const char *why = NULL;

    (void)key;
    if (block_fetch_read(message, &m, &why) != WIRE_OK) {
        conversation_refuse(conversation, "%s", why);
        return;
    }
    switch (m.key) {
    case BLOCK_FETCH_START_BATCH: OU_TRACE(node_started_fetch_batch, &c->peer->name); break;
    case BLOCK_FETCH_BLOCK: on_block(c, m.block); break;
    case BLOCK_FETCH_BATCH_DONE: on_batch_done(c); break;
    default: on_no_blocks(c);
    }
    c->progress_ns = time_monotonic_ns();
    fetch_decision_wake(c->peer->all->decision);
}

static void on_news(void *context, enum chain_news news, const struct chain_block *block)
{
    struct block_fetch_client *c = context;

    (void)block;
    if (news != CHAIN_ROOM || c->held.len == 0 || link_is_closing(c->peer->link))
        return;
    if (!hand_over(c, bytes_of(&c->held)))
        return;
    buffer_clear(&c->held);
    c->progress_ns = time_monotonic_ns();
    conversation_resume(c->conversation);
}

/* --- Life --------------------------------------------------------------------------------------- */

struct block_fetch_client *block_fetch_client_start(struct peer *peer, struct ou_error *err)
{
    static const struct conversation_events events = { .message = on_message };
    struct block_fetch_client *c = alloc_zeroed(allocator_libc(), sizeof(*c));

    if (!c) {
        ou_fail(err, OU_NO_MEMORY, "no memory for a block-fetch client");
        return NULL;
    }
    c->peer = peer;
    c->seconds_per_byte = FIRST_SECONDS_PER_BYTE;
    c->news = (struct chain_listener){ .news = on_news, .context = c };
    if (conversation_open(peer->link, &protocol_block_fetch, true, &events, c, &c->conversation,
                          err)) {
        alloc_free(allocator_libc(), c, sizeof(*c));
        return NULL;
    }
    buffer_init(&c->held, allocator_libc(), BLOCK_MAX_BYTES);
    buffer_init(&c->out, allocator_libc(), PROTOCOL_SMALL_BYTES);
    chain_db_listen(peer->all->db, &c->news);
    return c;
}

void block_fetch_client_stop(struct block_fetch_client *c)
{
    if (!c)
        return;
    chain_db_unlisten(c->peer->all->db, &c->news);
    /* What was asked for here is to be asked for elsewhere. */
    fetch_decision_wake(c->peer->all->decision);
    alloc_free(allocator_libc(), c->blocks, c->capacity * sizeof(*c->blocks));
    buffer_release(&c->held);
    buffer_release(&c->out);
    alloc_free(allocator_libc(), c, sizeof(*c));
}
