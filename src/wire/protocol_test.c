/* The protocols' tables, and messages that are wrong. The right ones are in vectors_test.c. */
#include "wire/protocol.h"

#include "wire/block_fetch.h"
#include "wire/handshake.h"
#include "wire/hex_test.h"
#include "wire/keep_alive.h"
#include "wire/tx_submission.h"

#define HASH "5820 a026c5fff62852fcdc148c025505035a7d0117a156b896b17fd7a5f8083d72f1"

/* --- Tables ---------------------------------------------------------------------------- */

static const struct protocol *const all[] = {
    &protocol_handshake,     &protocol_chain_sync, &protocol_block_fetch,
    &protocol_tx_submission, &protocol_keep_alive, &protocol_peer_sharing,
};

#define ALL_COUNT (sizeof all / sizeof *all)

static void test_every_step_is_one_that_somebody_can_take(void **state)
{
    (void)state;
    for (size_t p = 0; p < ALL_COUNT; p++)
        for (size_t i = 0; i < all[p]->step_count; i++) {
            const struct protocol_step *step = &all[p]->steps[i];

            assert_true(step->from < all[p]->state_count && step->to < all[p]->state_count);
            assert_int_not_equal(all[p]->states[step->from].agency, AGENCY_NOBODY);
            assert_int_equal(protocol_next(all[p], step->from, step->key), step->to);
        }
}

static void test_every_state_can_be_reached_and_left(void **state)
{
    (void)state;
    for (size_t p = 0; p < ALL_COUNT; p++)
        for (uint8_t s = 0; s < all[p]->state_count; s++) {
            const struct protocol_state *at = &all[p]->states[s];
            /* The non-blocking request for ids shares its key with the blocking one. */
            bool reached = s == 0 || (all[p] == &protocol_tx_submission &&
                                      s == TX_SUBMISSION_IDS_NON_BLOCKING);
            bool left = false;

            for (size_t i = 0; i < all[p]->step_count; i++) {
                reached = reached || all[p]->steps[i].to == s;
                left = left || all[p]->steps[i].from == s;
            }
            assert_true(reached);
            assert_int_equal(left, at->agency != AGENCY_NOBODY);
            assert_int_equal(at->limit_bytes > 0, at->agency != AGENCY_NOBODY);
        }
}

static void test_numbers_and_limits_are_those_of_the_network(void **state)
{
    static const struct {
        uint16_t number;
        uint32_t ingress_bytes;
    } rows[ALL_COUNT] = { { 0, 5760 },   { 2, 462000 }, { 3, 23068694 },
                          { 4, 721424 }, { 8, 1408 },   { 10, 5760 } };

    (void)state;
    for (size_t p = 0; p < ALL_COUNT; p++) {
        assert_int_equal(all[p]->number, rows[p].number);
        assert_int_equal(all[p]->ingress_bytes, rows[p].ingress_bytes);
    }
    assert_int_equal(protocol_chain_sync.states[CHAIN_SYNC_IDLE].limit_ms, 3373000);
    assert_int_equal(protocol_block_fetch.states[BLOCK_FETCH_STREAMING].limit_bytes, 2500000);
    assert_int_equal(protocol_keep_alive.states[KEEP_ALIVE_CLIENT].limit_ms, 97000);
    assert_int_equal(protocol_tx_submission.states[TX_SUBMISSION_IDS_BLOCKING].limit_ms, 0);
}

static void test_what_a_state_does_not_allow_leads_nowhere(void **state)
{
    (void)state;
    assert_int_equal(protocol_next(&protocol_chain_sync, CHAIN_SYNC_IDLE, CHAIN_SYNC_ROLL_FORWARD),
                     -1);
    assert_int_equal(
        protocol_next(&protocol_chain_sync, CHAIN_SYNC_MUST_REPLY, CHAIN_SYNC_AWAIT_REPLY), -1);
    assert_int_equal(
        protocol_next(&protocol_block_fetch, BLOCK_FETCH_STREAMING, BLOCK_FETCH_NO_BLOCKS), -1);
    assert_int_equal(
        protocol_next(&protocol_tx_submission, TX_SUBMISSION_IDS_NON_BLOCKING, TX_SUBMISSION_DONE),
        -1);
    assert_int_equal(protocol_next(&protocol_keep_alive, KEEP_ALIVE_ENDED, KEEP_ALIVE_PING), -1);
    assert_int_equal(protocol_next(&protocol_keep_alive, KEEP_ALIVE_CLIENT, UINT64_MAX), -1);
}

static void test_a_request_for_ids_leads_where_its_flag_says(void **state)
{
    struct buffer blocking = hex_buffer("8400f50003"), other = hex_buffer("8400f40101"),
                  no_flag = hex_buffer("8400000101"), txs = hex_buffer("82029fff");

    (void)state;
    assert_int_equal(tx_submission_next(TX_SUBMISSION_IDLE, bytes_of(&blocking)),
                     TX_SUBMISSION_IDS_BLOCKING);
    assert_int_equal(tx_submission_next(TX_SUBMISSION_IDLE, bytes_of(&other)),
                     TX_SUBMISSION_IDS_NON_BLOCKING);
    assert_int_equal(tx_submission_next(TX_SUBMISSION_IDLE, bytes_of(&no_flag)), -1);
    assert_int_equal(tx_submission_next(TX_SUBMISSION_IDLE, bytes_of(&txs)), TX_SUBMISSION_TXS);
    assert_int_equal(tx_submission_next(TX_SUBMISSION_TXS, bytes_of(&blocking)), -1);
    buffer_release(&blocking);
    buffer_release(&other);
    buffer_release(&no_flag);
    buffer_release(&txs);
}

static void test_a_key_is_the_first_number(void **state)
{
    struct buffer good = hex_buffer("8200191234"), text = hex_buffer("816161"),
                  cut = hex_buffer("82"), empty = hex_buffer("80");
    const char *why = NULL;
    uint64_t key = 99;

    (void)state;
    assert_int_equal(protocol_key(bytes_of(&good), &key, &why), WIRE_OK);
    assert_int_equal(key, 0);
    assert_int_equal(protocol_key(bytes_of(&text), &key, &why), WIRE_BAD);
    assert_int_equal(protocol_key(bytes_of(&cut), &key, &why), WIRE_CUT);
    assert_int_equal(protocol_key(bytes_of(&empty), &key, &why), WIRE_CUT);
    assert_non_null(why);
    buffer_release(&good);
    buffer_release(&text);
    buffer_release(&cut);
    buffer_release(&empty);
}

/* --- Wrong messages ------------------------------------------------------------------------ */

enum which { HANDSHAKE, CHAIN_SYNC, BLOCK_FETCH, TX_SUBMISSION, KEEP_ALIVE, PEER_SHARING };

/* Reads as that protocol; a message that is not right leaves the result as it was. */
static enum wire_result read_as(enum which which, struct bytes message, const char **ret_why)
{
    static struct tx_submission_room room;
    struct point points[CHAIN_SYNC_POINTS_MAX];
    struct handshake_message handshake;
    struct chain_sync_message chain_sync;
    struct block_fetch_message block_fetch;
    struct tx_submission_message tx_submission;
    struct keep_alive_message keep_alive;
    struct peer_sharing_message peer_sharing;

    switch (which) {
    case HANDSHAKE: return handshake_read(message, &handshake, ret_why);
    case CHAIN_SYNC: return chain_sync_read(message, &chain_sync, points, ret_why);
    case BLOCK_FETCH: return block_fetch_read(message, &block_fetch, ret_why);
    case TX_SUBMISSION: return tx_submission_read(message, &tx_submission, &room, ret_why);
    case KEEP_ALIVE: return keep_alive_read(message, &keep_alive, ret_why);
    case PEER_SHARING: break;
    }
    return peer_sharing_read(message, &peer_sharing, ret_why);
}

static void test_wrong_messages_are_refused_with_a_reason(void **state)
{
    static const struct {
        enum which which;
        const char *hex, *why;
    } rows[] = {
        { CHAIN_SYNC, "8200 00", "a message of another length than its kind has" },
        { CHAIN_SYNC, "9f00ff", "a message of another length than its kind has" },
        { CHAIN_SYNC, "8108", "a message that the protocol does not have" },
        { CHAIN_SYNC, "811bffffffffffffffff", "a message that the protocol does not have" },
        { CHAIN_SYNC, "00", "another kind of item than expected" },
        { CHAIN_SYNC, "81 6161", "another kind of item than expected" },
        { CHAIN_SYNC, "8206 82 8101 00", "a point is [] or [slot, hash]" },
        { CHAIN_SYNC, "8206 82 9fff 00", "a point is [] or [slot, hash]" },
        { CHAIN_SYNC, "8206 82 82 01 5f 4101 ff 00",
          "a byte string of another length than expected" },
        { CHAIN_SYNC, "8302 82 06 d819 4100 82 80 00", "a tag other than 24" },
        { CHAIN_SYNC, "8302 82 06 4100 82 80 00", "another kind of item than expected" },
        { CHAIN_SYNC, "8302 82 1901ff d818 4100 82 80 00", "no such era" },
        /* Byron's headers have a form of their own. */
        { CHAIN_SYNC, "8302 82 00 82 82 00 01 d818 4100 82 80 00",
          "another kind of item than expected" },
        { BLOCK_FETCH, "8300 80 80", "a range that begins or ends at the origin" },
        { BLOCK_FETCH, "8300 82 01 " HASH " 80", "a range that begins or ends at the origin" },
        { BLOCK_FETCH, "8106", "a message that the protocol does not have" },
        { TX_SUBMISSION, "8105", "a message that the protocol does not have" },
        { TX_SUBMISSION, "8400 f5 1a00010000 01", "a number of ids above 65535" },
        { TX_SUBMISSION, "8201 81 82 82 06 " HASH " 1b0000000100000000", "a size beyond 32 bits" },
        { TX_SUBMISSION, "8201 81 82 " HASH " 18d1", "another kind of item than expected" },
        { KEEP_ALIVE, "8200 1a00010000", "a cookie above 65535" },
        { KEEP_ALIVE, "8202 00", "a message of another length than its kind has" },
        { PEER_SHARING, "8200 190100", "more than 255 peers are asked for" },
        { PEER_SHARING, "8201 81 00", "an address that is no list" },
        { HANDSHAKE, "8200 a2 0f 80 0e 80", "versions that do not ascend" },
        { HANDSHAKE, "8200 a2 0e 80 0e 80", "versions that do not ascend" },
        { HANDSHAKE, "8301 1a00010000 80", "a version beyond 16 bits" },
        { HANDSHAKE, "8202 82 03 80", "an unknown reason to refuse" },
        { HANDSHAKE, "8202 83 00 80 00", "a refusal of another length than its kind has" },
        { HANDSHAKE, "8202 82 01 0e", "a refusal of another length than its kind has" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer message = hex_buffer(rows[i].hex);
        const char *why = NULL;

        assert_int_equal(read_as(rows[i].which, bytes_of(&message), &why), WIRE_BAD);
        assert_string_equal(why, rows[i].why);
        buffer_release(&message);
    }
}

static void test_lists_with_a_length_are_taken_although_nodes_write_none(void **state)
{
    struct buffer ids = hex_buffer("8201 81 82 82 06 " HASH " 18d1"),
                  request = hex_buffer("8202 81 82 06 " HASH),
                  txs = hex_buffer("8203 82 82 06 d818 4101 82 06 d818 420203");
    static struct tx_submission_room room;
    struct tx_submission_message m;
    const char *why = NULL;

    (void)state;
    assert_int_equal(tx_submission_read(bytes_of(&ids), &m, &room, &why), WIRE_OK);
    assert_int_equal(m.count, 1);
    assert_int_equal(m.ids[0].bytes, 209);
    assert_int_equal(tx_submission_read(bytes_of(&request), &m, &room, &why), WIRE_OK);
    assert_int_equal(m.count, 1);
    assert_int_equal(m.ids[0].bytes, 0); /* not what the message before left in the room */
    assert_int_equal(tx_submission_read(bytes_of(&txs), &m, &room, &why), WIRE_OK);
    assert_int_equal(m.count, 2);
    assert_int_equal(m.txs[1].tx.count, 2);
    buffer_release(&ids);
    buffer_release(&request);
    buffer_release(&txs);
}

/* [key, [item, item, ...]] with so many of them. */
static enum wire_result read_many(enum which which, uint8_t key, const char *item, size_t count,
                                  const char **ret_why)
{
    struct buffer message;
    enum wire_result result;

    buffer_init(&message, allocator_libc(), 1 << 20);
    cbor_put_list(&message, 2);
    cbor_put_uint(&message, key);
    cbor_put_list(&message, count);
    for (size_t i = 0; i < count; i++)
        put_hex(&message, item);
    result = read_as(which, bytes_of(&message), ret_why);
    buffer_release(&message);
    return result;
}

static void test_long_lists_end_at_their_limits(void **state)
{
    const struct {
        enum which which;
        uint8_t key;
        const char *item;
        size_t limit;
        const char *why;
    } rows[] = {
        { CHAIN_SYNC, 4, "80", CHAIN_SYNC_POINTS_MAX, "too many points" },
        { TX_SUBMISSION, 3, "8206d81840", TX_SUBMISSION_ITEMS_MAX,
          "too many transactions in a message" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *why = NULL;

        assert_int_equal(read_many(rows[i].which, rows[i].key, rows[i].item, rows[i].limit, &why),
                         WIRE_OK);
        assert_int_equal(
            read_many(rows[i].which, rows[i].key, rows[i].item, rows[i].limit + 1, &why), WIRE_BAD);
        assert_string_equal(why, rows[i].why);
    }
}

static void test_numbers_may_be_as_large_as_their_kind_is(void **state)
{
    static const struct {
        enum which which;
        const char *message;
    } rows[] = {
        { TX_SUBMISSION, "8400 f5 19ffff 19ffff" },
        { TX_SUBMISSION, "8201 81 82 82 06 " HASH " 1affffffff" },
        { KEEP_ALIVE, "8200 19ffff" },
        { PEER_SHARING, "8200 18ff" },
        { HANDSHAKE, "8301 19ffff 80" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer message = hex_buffer(rows[i].message);
        const char *why = NULL;

        assert_int_equal(read_as(rows[i].which, bytes_of(&message), &why), WIRE_OK);
        buffer_release(&message);
    }
}

static void test_points_to_look_for_are_refused_where_nobody_expects_them(void **state)
{
    struct buffer message = hex_buffer("820480");
    struct chain_sync_message m = { .key = CHAIN_SYNC_DONE };
    const char *why = NULL;

    (void)state;
    assert_int_equal(chain_sync_read(bytes_of(&message), &m, NULL, &why), WIRE_BAD);
    assert_string_equal(why, "nobody expects points to look for here");
    assert_int_equal(m.key, CHAIN_SYNC_DONE);
    buffer_release(&message);
}

static void test_an_empty_search_is_written_as_other_nodes_do(void **state)
{
    const struct chain_sync_message m = { .key = CHAIN_SYNC_FIND_INTERSECT };
    struct buffer expected = hex_buffer("820480"), b = hex_buffer("");

    (void)state;
    chain_sync_write(&b, &m);
    assert_true(bytes_equal(bytes_of(&b), bytes_of(&expected)));
    buffer_release(&b);
    buffer_release(&expected);
}

static void test_points_are_equal_when_they_mean_the_same_place(void **state)
{
    struct point a = { .slot = 1, .hash = { 1 } }, b = a;
    struct point origin = { .origin = true }, other_origin = { .origin = true, .slot = 7 };

    (void)state;
    assert_true(point_equal(&a, &b));
    b.hash[31] = 1;
    assert_false(point_equal(&a, &b));
    b = a;
    b.slot = 2;
    assert_false(point_equal(&a, &b));
    assert_true(point_equal(&origin, &other_origin));
    a = (struct point){ .slot = 0 }; /* a block in slot 0 is not the origin */
    assert_false(point_equal(&origin, &a) || point_equal(&a, &origin));
}

static void test_transactions_are_counted_with_their_wrapping(void **state)
{
    (void)state;
    assert_int_equal(tx_wire_bytes(203), 209); /* the worked example of the format's description */
    assert_int_equal(tx_wire_bytes(23), 28);
    assert_int_equal(tx_wire_bytes(256), 263);
}

static void test_requests_for_ids_keep_to_the_window(void **state)
{
    static const struct {
        bool blocking;
        uint16_t acknowledged, requested;
        size_t window;
        bool right;
    } rows[] = {
        { true, 0, 3, 0, true },   { true, 10, 10, 10, true },   { false, 1, 0, 2, true },
        { false, 0, 1, 1, true },  { false, 3, 6, 7, true },     { true, 1, 1, 0, false },
        { true, 0, 11, 0, false }, { false, 0, 9, 2, false },    { true, 0, 0, 0, false },
        { true, 1, 1, 2, false },  { false, 0, 0, 1, false },    { false, 1, 1, 1, false },
        { false, 0, 1, 0, false }, { true, 0, 65535, 0, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct tx_submission_message m = { .key = TX_SUBMISSION_REQUEST_IDS,
                                                 .blocking = rows[i].blocking,
                                                 .acknowledged = rows[i].acknowledged,
                                                 .requested = rows[i].requested };

        assert_int_equal(tx_submission_request_fault(&m, rows[i].window) == NULL, rows[i].right);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_step_is_one_that_somebody_can_take),
        cmocka_unit_test(test_every_state_can_be_reached_and_left),
        cmocka_unit_test(test_numbers_and_limits_are_those_of_the_network),
        cmocka_unit_test(test_what_a_state_does_not_allow_leads_nowhere),
        cmocka_unit_test(test_a_request_for_ids_leads_where_its_flag_says),
        cmocka_unit_test(test_a_key_is_the_first_number),
        cmocka_unit_test(test_wrong_messages_are_refused_with_a_reason),
        cmocka_unit_test(test_lists_with_a_length_are_taken_although_nodes_write_none),
        cmocka_unit_test(test_long_lists_end_at_their_limits),
        cmocka_unit_test(test_numbers_may_be_as_large_as_their_kind_is),
        cmocka_unit_test(test_points_to_look_for_are_refused_where_nobody_expects_them),
        cmocka_unit_test(test_an_empty_search_is_written_as_other_nodes_do),
        cmocka_unit_test(test_points_are_equal_when_they_mean_the_same_place),
        cmocka_unit_test(test_requests_for_ids_keep_to_the_window),
        cmocka_unit_test(test_transactions_are_counted_with_their_wrapping),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
