/* What the tracing library writes, the log reader understands: every trace point of a node
 * is traced with values that differ from each other, made a line of in both layouts and at several
 * details, and read again. What the reader must make of it stands here, by hand. */
#include <stdio.h>
#include <stdlib.h>

#include <ouroscope/node.h>

#include "base/time.h"
#include "json/scan.h"
#include "logs/line.h"
#include "support/near.h"
#include "support/record.h"
#include "trace/point_names.h"
#include "trace/points.h"
#include "trace/reflection.h"
#include "trace/render.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* --- Values made of a parameter's name ------------------------------------------------- */

static uint64_t number_of(const char *name)
{
    uint64_t n = 5381;

    for (; *name; name++)
        n = n * 33 + (unsigned char)*name;
    return 1000 + n % 1000003;
}

static double real_of(const char *name)
{
    return (double)number_of(name) + 0.25;
}

/* From a pool that one round of calls does not exhaust. */
static uint8_t *hash_of(const char *name)
{
    static uint8_t pool[64][OU_HASH_BYTES];
    static unsigned next;
    uint8_t *hash = pool[next++ % COUNT(pool)];
    uint64_t n = number_of(name);

    for (int i = 0; i < OU_HASH_BYTES; i++) {
        n = n * UINT64_C(6364136223846793005) + 1442695040888963407;
        hash[i] = (uint8_t)(n >> 56);
    }
    return hash;
}

static const char *text_of(const char *before, const char *name, const char *after)
{
    static char pool[32][128];
    static unsigned next;
    char *text = pool[next++ % COUNT(pool)];

    snprintf(text, sizeof(pool[0]), "%s%s%s", before, name, after);
    return text;
}

static const struct ou_chain_point *point_of(const char *name)
{
    static struct ou_chain_point pool[16];
    static unsigned next;
    struct ou_chain_point *point = &pool[next++ % COUNT(pool)];

    *point = (struct ou_chain_point){ number_of(name), hash_of(name) };
    return point;
}

static const struct ou_hashes *hashes_of(const char *name)
{
    static uint8_t items[2][OU_HASH_BYTES];
    static const struct ou_hashes list = { items[0], 2 };

    memcpy(items[0], hash_of(name), OU_HASH_BYTES);
    memcpy(items[1], hash_of("another"), OU_HASH_BYTES);
    return &list;
}

static const struct ou_headers *headers_of(const char *name)
{
    static struct ou_header items[2];
    static const struct ou_headers list = { items, 2 };

    items[0] = (struct ou_header){ number_of(name), 17, hash_of(name) };
    items[1] = (struct ou_header){ 18, 19, hash_of("another") };
    return &list;
}

static const struct ou_peer the_peer = { "172.0.118.125:30002", "[2001:db8::1]:5355" };

#define VALUE_u64(name) number_of(name)
#define VALUE_i64(name) (int64_t) number_of(name)
#define VALUE_f64(name) real_of(name)
#define VALUE_digits(name) number_of(name)
#define VALUE_boolean(name) true
#define VALUE_flag(name) true
#define VALUE_text(name) text_of("\"a \\ ", name, "\"\t\xc3\xa9")
#define VALUE_json(name) text_of("[{\"slot\":1,\"", name, "\":\"}\"}]")
#define VALUE_hash(name) hash_of(name)
#define VALUE_parent(name) hash_of(name)
#define VALUE_txid(name) hash_of(name)
#define VALUE_point(name) point_of(name)
#define VALUE_block(name) point_of(name)
#define VALUE_peer(name) &the_peer
#define VALUE_hashes(name) hashes_of(name)
#define VALUE_txids(name) hashes_of(name)
#define VALUE_headers(name) headers_of(name)

/* --- The points, and what is read from them ----------------------------------------------- */

#define SLOT .slot = "slot"

/* X(point, its fields, event, what the event is made of) */
#define POINTS(X)                                                                                  \
    X(node_start_leadership_check, NODE_SLOT_FIELDS, START_LEADERSHIP_CHECK, SLOT)                 \
    X(node_start_leadership_check_plus, NODE_LEDGER_SIZE_FIELDS, START_LEADERSHIP_CHECK, SLOT,     \
      .size = "utxo_size", .density = "chain_density")                                             \
    X(node_ledger_metrics, NODE_LEDGER_SIZE_FIELDS, LEDGER_METRICS, SLOT, .size = "utxo_size",     \
      .density = "chain_density")                                                                  \
    X(node_block_context, NODE_BLOCK_CONTEXT_FIELDS, BLOCK_CONTEXT, SLOT, .number = "tip_number")  \
    X(node_ledger_state, NODE_SLOT_FIELDS, LEDGER_STATE, SLOT)                                     \
    X(node_ledger_view, NODE_SLOT_FIELDS, LEDGER_VIEW, SLOT)                                       \
    X(node_is_leader, NODE_SLOT_FIELDS, NODE_IS_LEADER, SLOT)                                      \
    X(node_not_leader, NODE_SLOT_FIELDS, NODE_NOT_LEADER, SLOT)                                    \
    X(node_ticked_ledger_state, NODE_TICKED_FIELDS, TICKED_LEDGER_STATE, SLOT)                     \
    X(node_forging_mempool_snapshot, NODE_FORGING_MEMPOOL_FIELDS, MEMPOOL_SNAPSHOT, SLOT)          \
    X(node_forged_block, NODE_FORGED_BLOCK_FIELDS, FORGED_BLOCK, SLOT, .number = "number",         \
      .hash = "block", .parent = "previous")                                                       \
    X(node_adopted_block, NODE_ADOPTED_BLOCK_FIELDS, ADOPTED_BLOCK, SLOT, .hash = "block",         \
      .size = "size")                                                                              \
    X(node_didnt_adopt_block, NODE_SLOT_FIELDS, NONE, )                                            \
    X(node_forged_invalid_block, NODE_SLOT_REASON_FIELDS, NONE, )                                  \
    X(node_cannot_forge, NODE_SLOT_REASON_FIELDS, NONE, )                                          \
    X(node_forge_state_update_error, NODE_SLOT_REASON_FIELDS, NONE, )                              \
    X(node_block_from_future, NODE_BLOCK_FROM_FUTURE_FIELDS, NONE, )                               \
    X(node_slot_is_immutable, NODE_SLOT_IS_IMMUTABLE_FIELDS, NONE, )                               \
    X(node_no_ledger_state, NODE_SLOT_FIELDS, NONE, )                                              \
    X(node_no_ledger_view, NODE_SLOT_FIELDS, NONE, )                                               \
    X(node_forging_stats, NODE_FORGING_STATS_FIELDS, NONE, )                                       \
    X(node_added_block_to_queue, NODE_ADDED_TO_QUEUE_FIELDS, NONE, )                               \
    X(node_popping_from_queue, NODE_BLOCK_FIELDS, NONE, )                                          \
    X(node_popped_block_from_queue, NODE_BLOCK_FIELDS, NONE, )                                     \
    X(node_added_block_to_volatile_db, NODE_ADDED_TO_VOLATILE_FIELDS, NONE, )                      \
    X(node_try_add_to_current_chain, NODE_BLOCK_FIELDS, NONE, )                                    \
    X(node_try_switch_to_a_fork, NODE_BLOCK_FIELDS, NONE, )                                        \
    X(node_set_tentative_header, NODE_BLOCK_EDGE_FIELDS, NONE, )                                   \
    X(node_valid_candidate, NODE_CANDIDATE_FIELDS, NONE, )                                         \
    X(node_added_to_current_chain, NODE_SELECTION_FIELDS, ADDED_TO_CHAIN, .slot = "tip",           \
      .hash = "tip", .parent = "parent", .tip_number = "new_length")                               \
    X(node_switched_to_a_fork, NODE_SWITCH_FIELDS, SWITCHED_TO_FORK, .slot = "tip", .hash = "tip", \
      .parent = "parent", .tip_number = "new_length")                                              \
    X(node_took_snapshot, NODE_TOOK_SNAPSHOT_FIELDS, LEDGER_SNAPSHOT, )                            \
    X(node_downloaded_header, NODE_DOWNLOADED_HEADER_FIELDS, SEEN_HEADER, SLOT,                    \
      .number = "number", .hash = "block")                                                         \
    X(node_server_header_update, NODE_SERVER_UPDATE_FIELDS, SEND_HEADER, .rolls_back = true)       \
    X(node_peers_fetch, NODE_DECISION_FIELDS, NONE, )                                              \
    X(node_fetch_decision_accept, NODE_DECISION_FIELDS, NONE, )                                    \
    X(node_fetch_decision_decline, NODE_DECISION_FIELDS, NONE, )                                   \
    X(node_added_fetch_request, NODE_PEER_FIELDS, NONE, )                                          \
    X(node_acknowledged_fetch_request, NODE_PEER_FIELDS, NONE, )                                   \
    X(node_started_fetch_batch, NODE_PEER_FIELDS, NONE, )                                          \
    X(node_completed_fetch_batch, NODE_PEER_FIELDS, NONE, )                                        \
    X(node_rejected_fetch_batch, NODE_PEER_FIELDS, NONE, )                                         \
    X(node_send_fetch_request, NODE_SEND_FETCH_REQUEST_FIELDS, FETCH_REQUESTED, .hash = "head",    \
      .number = "length")                                                                          \
    X(node_completed_block_fetch, NODE_COMPLETED_BLOCK_FETCH_FIELDS, FETCH_COMPLETED,              \
      .hash = "block", .size = "size")                                                             \
    X(node_send_block, NODE_SEND_BLOCK_FIELDS, SENDING_BODY, .hash = "block")                      \
    X(node_txs_collected, NODE_TXS_COLLECTED_FIELDS, TXS_COLLECTED, .number = "count")             \
    X(node_txs_processed, NODE_TXS_PROCESSED_FIELDS, TXS_PROCESSED, .number = "accepted",          \
      .size = "rejected")                                                                          \
    X(node_mempool_added_tx, NODE_ADDED_TX_FIELDS, MEMPOOL_TXS, .number = "mempool_txs")           \
    X(node_mempool_remove_txs, NODE_REMOVE_TXS_FIELDS, MEMPOOL_TXS, .number = "mempool_txs")       \
    X(node_mempool_rejected_tx, NODE_REJECTED_TX_FIELDS, MEMPOOL_REJECTED, )                       \
    X(node_mempool_manually_removed_txs, NODE_MANUALLY_REMOVED_FIELDS, NONE, )                     \
    X(node_mempool_synced, NODE_MEMPOOL_SYNCED_FIELDS, NONE, )                                     \
    X(node_startup_common, NODE_STARTUP_COMMON_FIELDS, NONE, )                                     \
    X(node_startup_shelley_based, NODE_STARTUP_SHELLEY_FIELDS, NONE, )                             \
    X(node_startup_network, NODE_STARTUP_NETWORK_FIELDS, NONE, )                                   \
    X(node_startup_time, NODE_STARTUP_TIME_FIELDS, NONE, )                                         \
    X(node_startup_info, NODE_STARTUP_INFO_FIELDS, NONE, )                                         \
    X(node_startup_p2p_info, NODE_DIFFUSION_MODE_FIELDS, NONE, )                                   \
    X(node_local_server_started, NODE_SERVER_STARTED_FIELDS, NONE, )                               \
    X(node_remote_server_started, NODE_SERVER_STARTED_FIELDS, NONE, )                              \
    X(node_state_tracing_online, OU_NO_FIELDS, NONE, )                                             \
    X(node_state_opening_dbs, NODE_STATE_OPENING_FIELDS, NONE, )                                   \
    X(node_state_replays, NODE_STATE_REPLAYS_FIELDS, NONE, )                                       \
    X(node_state_init_chain_selection, NODE_STATE_SELECTION_FIELDS, NONE, )                        \
    X(node_state_kernel_online, OU_NO_FIELDS, NONE, )                                              \
    X(node_state_add_block, NODE_STATE_ADD_BLOCK_FIELDS, NONE, )                                   \
    X(node_state_startup, NODE_STATE_STARTUP_FIELDS, NONE, )                                       \
    X(node_state_shutdown, NODE_STATE_SHUTDOWN_FIELDS, NONE, )                                     \
    X(node_connect, NODE_REMOTE_FIELDS, NONE, )                                                    \
    X(node_connect_error, NODE_CONNECT_ERROR_FIELDS, NONE, )                                       \
    X(node_connection_handler, NODE_CONNECTION_HANDLER_FIELDS, NONE, )                             \
    X(node_connection_hard_limit, NODE_HARD_LIMIT_FIELDS, NONE, )                                  \
    X(node_mux_clean_exit, NODE_CONNECTION_FIELDS, NONE, )                                         \
    X(node_mux_errored, NODE_MUX_ERRORED_FIELDS, NONE, )                                           \
    X(node_keep_alive, NODE_KEEP_ALIVE_FIELDS, NONE, )                                             \
    X(node_shutdown_requested, OU_NO_FIELDS, NONE, )                                               \
    X(node_shutdown_requesting, NODE_SHUTDOWN_REQUESTING_FIELDS, NONE, )                           \
    X(node_resources, NODE_RESOURCES_FIELDS, RESOURCES, )                                          \
    X(node_generator_ack, NODE_GENERATOR_ACK_FIELDS, GENERATOR_ACKED, )                            \
    X(node_generator_announced, NODE_GENERATOR_ACK_FIELDS, NONE, )                                 \
    X(node_generator_asked, NODE_GENERATOR_ACK_FIELDS, NONE, )                                     \
    X(node_generator_unavailable, NODE_GENERATOR_ACK_FIELDS, NONE, )                               \
    X(node_generator_setup, NODE_GENERATOR_SETUP_FIELDS, GENERATOR_SETUP, .number = "taken",       \
      .size = "txs")                                                                               \
    X(node_generator_progress, NODE_GENERATOR_TEXT_FIELDS, NONE, )                                 \
    X(node_generator_trouble, NODE_GENERATOR_TEXT_FIELDS, NONE, )                                  \
    X(node_generator_summary, NODE_GENERATOR_SUMMARY_FIELDS, GENERATOR_SUMMARY,                    \
      .number = "tx_sent")                                                                         \
    X(records_lost, RECORDS_LOST_FIELDS, RECORDS_LOST, .number = "lost")                           \
    X(forwarder_lost, FORWARDER_LOST_FIELDS, FORWARDER_LOST, .number = "dropped")

static struct recorded recorded;

#define VALUE_OF(type, name, path, detail, help) , VALUE_##type(#name)
#define X(point, FIELDS, ...)                              \
    static void record_##point(enum ou_detail detail)      \
    {                                                      \
        RECORD(&recorded, detail, point FIELDS(VALUE_OF)); \
    }
POINTS(X)
#undef X

/* Of the event: the parameters that its members come from; NULL: the event has no such. */
static const struct trip {
    struct ou_point *point;
    void (*record)(enum ou_detail detail);
    enum event_kind event;
    const char *slot, *number, *size, *tip_number, *density, *hash, *parent;
    bool rolls_back; /* all fields filled in, it is a roll-back, which is set aside by design */
} trips[] = {
#define X(point_, FIELDS, event_, ...) \
    { .point = &ou_point_##point_,     \
      .record = record_##point_,       \
      .event = EVENT_##event_,         \
      __VA_ARGS__ },
    POINTS(X)
#undef X
};

/* --- From a record to a line and back ----------------------------------------------------- */

static const struct legacy_frame quick = { "8.1.1:ea2c0", "mainnetf", "1662080", false };
static const struct legacy_frame maximal = { "8.1.1:ea2c0", "mainnetf", "1662080", true };

static struct buffer text;
static struct arena scratch;
static struct line line;

static int set_up(void **state)
{
    (void)state;
    buffer_init(&text, allocator_libc(), 1 << 20);
    arena_init(&scratch, allocator_libc(), 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buffer_release(&text);
    arena_release(&scratch);
    return 0;
}

static enum line_outcome read_back(const struct ou_point *point, const struct legacy_frame *frame)
{
    struct plan *plan = plan_new(point);
    size_t len;

    assert_non_null(plan);
    buffer_clear(&text);
    if (frame)
        render_legacy(plan, &recorded.message, frame, &text);
    else
        render_machine(plan, &recorded.message, &text);
    plan_free(plan);
    len = text.len;
    assert_true(len > 0 && text.at[len - 1] == '\n');
    for (int i = 0; i < SCAN_PADDING; i++)
        buffer_char(&text, '"');
    assert_int_equal(buffer_status(&text), OU_OK);
    arena_release(&scratch);
    arena_init(&scratch, allocator_libc(), 1 << 20);
    return line_read((struct span){ text.at, len }, &scratch, &line);
}

static void assert_span(struct span got, const char *wanted)
{
    if (!span_is(got, wanted))
        fail_msg("\"%.*s\" instead of \"%s\" in %s", (int)got.len, got.at, wanted, text.at);
}

static void assert_number(int64_t got, const char *from)
{
    int64_t wanted = from ? (int64_t)number_of(from) : -1;

    if (got != wanted)
        fail_msg("%lld instead of %s in %s", (long long)got, from ? from : "none", text.at);
}

/* A hash, of which the layout shows so many digits. */
static void assert_hash(struct span got, const char *from, int digits)
{
    char wanted[2 * OU_HASH_BYTES + 1] = "";

    if (from) {
        const uint8_t *hash = hash_of(from);

        for (size_t i = 0; i < OU_HASH_BYTES; i++)
            sprintf(wanted + 2 * i, "%02x", hash[i]);
        wanted[digits] = 0;
    }
    assert_span(got, wanted);
}

static void assert_resources(const struct resource_sample *sample)
{
    static const char *const names[RESOURCE_MEMBERS] = {
        [RESOURCE_CENTI_CPU] = "centi_cpu", [RESOURCE_CENTI_GC] = "centi_gc",
        [RESOURCE_CENTI_MUT] = "centi_mut", [RESOURCE_GCS_MAJOR] = "gcs_major",
        [RESOURCE_GCS_MINOR] = "gcs_minor", [RESOURCE_RSS] = "rss",
        [RESOURCE_HEAP] = "heap",           [RESOURCE_LIVE] = "live",
        [RESOURCE_ALLOC] = "alloc",         [RESOURCE_CENTI_BLK_IO] = "centi_blk_io",
        [RESOURCE_NET_RD] = "net_rd",       [RESOURCE_NET_WR] = "net_wr",
        [RESOURCE_FS_RD] = "fs_rd",         [RESOURCE_FS_WR] = "fs_wr",
        [RESOURCE_THREADS] = "threads",
    };

    assert_non_null(sample);
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        assert_number(sample->values[i], names[i]);
}

static void assert_event(const struct trip *trip, int digits)
{
    const struct event *e = &line.event;

    assert_number(e->slot, trip->slot);
    assert_number(e->number, trip->number);
    assert_number(e->size, trip->size);
    assert_number(e->tip_number, trip->tip_number);
    assert_hash(e->hash, trip->hash, digits);
    assert_hash(e->parent, trip->parent, digits);
    if (trip->density)
        assert_near(e->density, real_of(trip->density), 0);
    else
        assert_true(isnan(e->density));
    if (trip->event == EVENT_RESOURCES)
        assert_resources(e->resources);
    else
        assert_null(e->resources);
}

/* What was read is what the trip says; hashes have so many digits. */
static void assert_trip(const struct trip *trip, enum line_outcome got, int digits)
{
    if (trip->rolls_back) {
        assert_int_equal(got, LINE_REJECTED);
        assert_int_equal(line.reject, REJECT_ROLL_BACK);
        return;
    }
    if (got == LINE_REJECTED)
        fail_msg("%s: %s", reject_infos[line.reject].reason, text.at);
    if (got != (trip->event == EVENT_NONE ? LINE_OTHER : LINE_EVENT) ||
        line.event.kind != trip->event)
        fail_msg("not the event that was meant: %s", text.at);
    if (trip->event != EVENT_NONE)
        assert_event(trip, digits);
}

static void machine_trips(enum ou_detail detail, int digits)
{
    for (size_t i = 0; i < COUNT(trips); i++) {
        trips[i].record(detail);
        assert_trip(&trips[i], read_back(trips[i].point, NULL), digits);
        assert_true(line.at_ns == recorded.message.at_ns);
        assert_span(line.name, trips[i].point->ns);
        assert_span(line.host, "h1");
        assert_span(line.event.thread, "379");
    }
}

/* A legacy line is called by its kind, or where it has none by its logger. */
static void assert_legacy_name(const struct ou_point *point)
{
    const struct point_names names = names_of_point(point);

    if (names.kind)
        assert_span(line.name, names.kind);
    else
        assert_span(line.name, text_of("cardano.node.", names.logger, ""));
}

static void legacy_trips(const struct legacy_frame *frame, int digits)
{
    for (size_t i = 0; i < COUNT(trips); i++) {
        /* its detail is the frame's affair */
        trips[i].record(frame->maximal ? OU_DMAXIMUM : OU_DNORMAL);
        assert_trip(&trips[i], read_back(trips[i].point, frame), digits);
        assert_true(line.at_ns == recorded.message.at_ns / 10000000 * 10000000); /* 1/100 s */
        assert_legacy_name(trips[i].point);
        assert_span(line.host, "mainnetf");
        assert_span(line.event.thread, "379");
    }
}

/* --- Tests -------------------------------------------------------------------------------- */

static void test_normal_lines_are_understood(void **state)
{
    (void)state;
    machine_trips(OU_DNORMAL, 64);
}

static void test_lines_with_few_details_are_understood(void **state)
{
    (void)state;
    machine_trips(OU_DMINIMAL, 7);
}

static void test_lines_with_all_details_are_understood(void **state)
{
    (void)state;
    machine_trips(OU_DDETAILED, 64);
    machine_trips(OU_DMAXIMUM, 64);
}

static void test_legacy_lines_are_understood(void **state)
{
    (void)state;
    legacy_trips(&quick, 8);
}

static void test_legacy_lines_of_the_greatest_verbosity_are_understood(void **state)
{
    (void)state;
    legacy_trips(&maximal, 64);
}

static void announce(const struct ou_chain_point *roll_back_to, bool blocking, bool rising)
{
    RECORD(&recorded, OU_DNORMAL, node_server_header_update, point_of("tip"),
           roll_back_to ? NULL : point_of("add"), roll_back_to, blocking, rising);
}

static void test_an_announcement_is_read_and_what_is_none_is_set_aside(void **state)
{
    static const struct legacy_frame *const layouts[] = { NULL, &maximal };
    static const struct ou_chain_point origin = { 0, NULL };
    const struct ou_point *point = &ou_point_node_server_header_update;

    (void)state;
    for (size_t i = 0; i < COUNT(layouts); i++) {
        announce(NULL, true, true);
        assert_int_equal(read_back(point, layouts[i]), LINE_EVENT);
        assert_int_equal(line.event.kind, EVENT_SEND_HEADER);
        assert_hash(line.event.hash, "add", 64);
        assert_number(line.event.slot, "add");

        /* The falling edge leaves its flag out, as nodes do, and so reads as an announcement. It
         * follows the rising one, and the earlier one counts. */
        announce(NULL, true, false);
        assert_int_equal(read_back(point, layouts[i]), LINE_EVENT);

        announce(NULL, false, true);
        assert_int_equal(read_back(point, layouts[i]), LINE_REJECTED);
        assert_int_equal(line.reject, REJECT_NON_BLOCKING);
        announce(&origin, true, true);
        assert_int_equal(read_back(point, layouts[i]), LINE_REJECTED);
        assert_int_equal(line.reject, REJECT_ROLL_BACK);
    }
}

/* What a call does not know is left out, and the line is still an event. */
static void test_lines_that_leave_out_what_is_not_known_are_understood(void **state)
{
    (void)state;
    RECORD(&recorded, OU_DNORMAL, node_added_to_current_chain, point_of("tip"), OU_NO_U64,
           OU_NO_U64, NULL, OU_NO_U64, NULL, OU_NO_U64, OU_NO_U64, NULL, OU_NO_U64, NULL, NULL,
           NULL, NULL, NULL, NULL, NAN, OU_NO_U64, OU_NO_U64);
    assert_int_equal(read_back(&ou_point_node_added_to_current_chain, NULL), LINE_EVENT);
    assert_hash(line.event.hash, "tip", 64);
    assert_number(line.event.tip_number, NULL);
    assert_span(line.event.parent, "GenesisHash"); /* before the first block stands none */

    RECORD(&recorded, OU_DNORMAL, node_start_leadership_check_plus, 7, OU_NO_U64, OU_NO_U64, NAN);
    assert_int_equal(read_back(&ou_point_node_start_leadership_check_plus, NULL), LINE_EVENT);
    assert_int_equal(line.event.slot, 7);
    assert_number(line.event.size, NULL);
    assert_true(isnan(line.event.density));

    RECORD(&recorded, OU_DNORMAL, node_resources, 1, 2, 3, 4, 5, 6, OU_NO_I64, 8, 9, 10, OU_NO_I64,
           OU_NO_I64, OU_NO_I64, OU_NO_I64, 15);
    assert_int_equal(read_back(&ou_point_node_resources, NULL), LINE_EVENT);
    assert_int_equal(line.event.resources->values[RESOURCE_HEAP], -1);
    assert_int_equal(line.event.resources->values[RESOURCE_THREADS], 15);

    RECORD(&recorded, OU_DNORMAL, node_is_leader, OU_NO_U64);
    assert_int_equal(read_back(&ou_point_node_is_leader, NULL), LINE_REJECTED);
    assert_int_equal(line.reject, REJECT_MISSING_FIELD); /* such a line says nothing */
}

static void count_point(void *context, struct ou_point *point)
{
    size_t *count = context;

    /* What the library says of itself is no event, its losses aside. */
    *count += strncmp(point->ns, "Reflection.", strlen("Reflection.")) != 0 ||
              catalogue_find_namespace(span_of(point->ns)) != EVENT_NONE;
}

static void test_no_point_and_no_event_is_left_out(void **state)
{
    bool met[EVENT_KINDS + 1] = { false };
    size_t count = 0;

    (void)state;
    points_each(count_point, &count);
    assert_int_equal(COUNT(trips), count);
    for (size_t i = 0; i < COUNT(trips); i++) {
        for (size_t k = 0; k < i; k++)
            assert_ptr_not_equal(trips[i].point, trips[k].point);
        met[trips[i].event] = true;
    }
    met[EVENT_PROCESS_ENDED] =
        true; /* a run writes it of programs that trace nothing (deploy/sampler.c) */
    for (int i = 0; i < EVENT_KINDS; i++)
        if (!met[i])
            fail_msg("no trace point writes %s", event_infos[i].name);
}

/* Names of a point mean its event, whichever of its names a line has. */
static void test_the_catalogue_knows_all_names_of_a_point(void **state)
{
    const struct span nothing = { NULL, 0 };

    (void)state;
    for (size_t i = 0; i < COUNT(trips); i++) {
        const struct ou_point *p = trips[i].point;
        const struct point_names names = names_of_point(p);

        assert_int_equal(catalogue_find(span_of(p->ns), nothing), trips[i].event);
        if (names.former)
            assert_int_equal(catalogue_find(span_of(names.former), nothing), trips[i].event);
        if (names.early) {
            assert_int_equal(catalogue_find(span_of(names.early), nothing), trips[i].event);
            assert_int_equal(catalogue_find(span_of("x"), span_of(names.early)), trips[i].event);
        }
        if (names.kind)
            assert_int_equal(catalogue_find(span_of("x"), span_of(names.kind)), trips[i].event);
    }
}

int main(void)
{
#define TRIP(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TRIP(test_normal_lines_are_understood),
        TRIP(test_lines_with_few_details_are_understood),
        TRIP(test_lines_with_all_details_are_understood),
        TRIP(test_legacy_lines_are_understood),
        TRIP(test_legacy_lines_of_the_greatest_verbosity_are_understood),
        TRIP(test_an_announcement_is_read_and_what_is_none_is_set_aside),
        TRIP(test_lines_that_leave_out_what_is_not_known_are_understood),
        cmocka_unit_test(test_no_point_and_no_event_is_left_out),
        cmocka_unit_test(test_the_catalogue_knows_all_names_of_a_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
