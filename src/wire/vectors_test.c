/* Messages of the node-to-node protocols as other projects write them: each row of the shared table of
 * vectors is read, told in words, written again, cut at every byte and lengthened by one. */
#include <stdio.h>
#include <stdlib.h>

#include "base/digits.h"
#include "support/files.h"
#include "support/guard.h"
#include "support/test.h"
#include "wire/block_fetch.h"
#include "wire/handshake.h"
#include "wire/keep_alive.h"
#include "wire/tx_submission.h"

#define VECTORS "real/c-protocol/n2n-vectors.tsv"

/* Reads a message; when it is whole and right, tells it in words and writes it again. */
typedef enum wire_result reader(struct bytes message, struct buffer *words, struct buffer *again,
                                const char **ret_why);

static void say_hex(struct buffer *words, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.count; i++)
        buffer_append(words, digits_hex_pair(bytes.at[i]), 2);
}

static void say_point(struct buffer *words, const struct point *point)
{
    if (point->origin) {
        buffer_text(words, " origin");
        return;
    }
    buffer_printf(words, " %llu.", (unsigned long long)point->slot);
    say_hex(words, (struct bytes){ point->hash, 4 });
}

/* --- One reader for each protocol ---------------------------------------------------- */

static enum wire_result read_handshake(struct bytes message, struct buffer *words,
                                       struct buffer *again, const char **ret_why)
{
    static const char *const names[] = { "Propose", "Accept", "Refuse", "QueryReply" };
    struct handshake_message m;
    enum wire_result result = handshake_read(message, &m, ret_why);

    if (result != WIRE_OK)
        return result;
    buffer_text(words, names[m.key]);
    for (size_t i = 0; i < m.version_count; i++) {
        buffer_printf(words, " %u", m.versions[i]);
        if (m.key != HANDSHAKE_REFUSE) {
            buffer_char(words, ':');
            say_hex(words, m.data[i]);
        }
    }
    if (m.version)
        buffer_printf(words, " %u ", m.version);
    say_hex(words, m.accepted);
    buffer_append(words, m.text.at, m.text.len);
    handshake_write(again, &m);
    return WIRE_OK;
}

static enum wire_result read_chain_sync(struct bytes message, struct buffer *words,
                                        struct buffer *again, const char **ret_why)
{
    static const char *const names[] = { "RequestNext",       "AwaitReply",    "RollForward",
                                         "RollBackward",      "FindIntersect", "IntersectFound",
                                         "IntersectNotFound", "Done" };
    struct point points[CHAIN_SYNC_POINTS_MAX];
    struct chain_sync_message m;
    enum wire_result result = chain_sync_read(message, &m, points, ret_why);

    if (result != WIRE_OK)
        return result;
    buffer_text(words, names[m.key]);
    for (size_t i = 0; i < m.point_count; i++)
        say_point(words, &m.points[i]);
    if (m.key == CHAIN_SYNC_ROLL_FORWARD)
        buffer_printf(words, " era %u, %zu bytes", m.era, m.header.count);
    if (m.key == CHAIN_SYNC_ROLL_BACKWARD || m.key == CHAIN_SYNC_INTERSECT_FOUND)
        say_point(words, &m.point);
    if (m.key == CHAIN_SYNC_ROLL_FORWARD || m.key == CHAIN_SYNC_ROLL_BACKWARD ||
        m.key == CHAIN_SYNC_INTERSECT_FOUND || m.key == CHAIN_SYNC_INTERSECT_NOT_FOUND) {
        buffer_text(words, ", tip");
        say_point(words, &m.tip.point);
        buffer_printf(words, " %llu", (unsigned long long)m.tip.number);
    }
    chain_sync_write(again, &m);
    return WIRE_OK;
}

static enum wire_result read_block_fetch(struct bytes message, struct buffer *words,
                                         struct buffer *again, const char **ret_why)
{
    static const char *const names[] = { "RequestRange", "ClientDone", "StartBatch",
                                         "NoBlocks",     "Block ",     "BatchDone" };
    struct block_fetch_message m;
    enum wire_result result = block_fetch_read(message, &m, ret_why);

    if (result != WIRE_OK)
        return result;
    buffer_text(words, names[m.key]);
    if (m.key == BLOCK_FETCH_REQUEST_RANGE) {
        say_point(words, &m.from);
        say_point(words, &m.to);
    }
    say_hex(words, m.block);
    block_fetch_write(again, &m);
    return WIRE_OK;
}

static enum wire_result read_tx_submission(struct bytes message, struct buffer *words,
                                           struct buffer *again, const char **ret_why)
{
    static const char *const names[] = { "RequestTxIds", "ReplyTxIds", "RequestTxs", "ReplyTxs",
                                         "Done",         NULL,         "Init" };
    static struct tx_submission_room room;
    struct tx_submission_message m;
    enum wire_result result = tx_submission_read(message, &m, &room, ret_why);

    if (result != WIRE_OK)
        return result;
    buffer_text(words, names[m.key]);
    if (m.key == TX_SUBMISSION_REQUEST_IDS)
        buffer_printf(words, "%s %u %u", m.blocking ? " blocking" : "", m.acknowledged,
                      m.requested);
    for (size_t i = 0; i < m.count; i++)
        if (m.key == TX_SUBMISSION_REPLY_TXS) {
            buffer_printf(words, " %u:", m.txs[i].era);
            say_hex(words, (struct bytes){ m.txs[i].tx.at,
                                           m.txs[i].tx.count < 4 ? m.txs[i].tx.count : 4 });
            buffer_printf(words, "/%zu", m.txs[i].tx.count);
        } else {
            buffer_printf(words, " %u:", m.ids[i].era);
            say_hex(words, (struct bytes){ m.ids[i].id, 4 });
            buffer_printf(words, "/%u", m.ids[i].bytes);
        }
    tx_submission_write(again, &m);
    return WIRE_OK;
}

static enum wire_result read_keep_alive(struct bytes message, struct buffer *words,
                                        struct buffer *again, const char **ret_why)
{
    static const char *const names[] = { "Ping", "Pong", "Done" };
    struct keep_alive_message m;
    enum wire_result result = keep_alive_read(message, &m, ret_why);

    if (result != WIRE_OK)
        return result;
    buffer_printf(words, "%s %u", names[m.key], m.cookie);
    keep_alive_write(again, m);
    return WIRE_OK;
}

static enum wire_result read_peer_sharing(struct bytes message, struct buffer *words,
                                          struct buffer *again, const char **ret_why)
{
    static const char *const names[] = { "Request", "Peers", "Done" };
    struct peer_sharing_message m;
    enum wire_result result = peer_sharing_read(message, &m, ret_why);

    if (result != WIRE_OK)
        return result;
    buffer_printf(words, "%s %u %zu", names[m.key], m.amount, m.peer_count);
    peer_sharing_write(again, m);
    return WIRE_OK;
}

/* --- The rows -------------------------------------------------------------------------- */

struct expectation {
    const char *name;
    reader *read;
    const char *words; /* NULL: it is refused, and `again` is the reason */
    const char *again; /* what is written, in hex, where that is not the row */
};

#define DATA_NPM_SHORT "82182af5"
#define DATA_NPM_LONG "84182af500f4"
#define DATA_NPM_ASKS "84182af501f5"
#define TIP "55709684.1979d7dd 3478323"

static const struct expectation expectations[] = {
    { "hs-propose-7-10", read_handshake, "Propose 7:8202f4 8:8202f4 9:8202f4 10:8202f4", NULL },
    { "hs-accept-10", read_handshake, "Accept 10 8202f4", NULL },
    { "hs-refuse-mismatch", read_handshake, "Refuse 7 8 9 10", NULL },
    { "hs-refuse-decode", read_handshake, "Refuse 1 foo", NULL },
    { "hs-refuse-refused", read_handshake, "Refuse 1 foo", NULL },
    { "hs-propose-14-15", read_handshake, "Propose 14:84182af400f4 15:84182af400f4", NULL },
    { "hs-accept-15", read_handshake, "Accept 15 84182af400f4", NULL },
    { "hs-refuse-mismatch-14-15", read_handshake, "Refuse 14 15", NULL },
    { "hs-refuse-magic-15", read_handshake, "Refuse 15 version data mi", NULL },
    { "hs-queryreply-14-15", read_handshake, "QueryReply 14:84182af400f4 15:84182af400f4", NULL },
    { "hs-propose-npm-client-CAPTURED", read_handshake,
      "Propose 7:" DATA_NPM_SHORT " 8:" DATA_NPM_SHORT " 9:" DATA_NPM_SHORT " 10:" DATA_NPM_SHORT
      " 11:" DATA_NPM_LONG " 12:" DATA_NPM_LONG " 13:" DATA_NPM_LONG " 14:" DATA_NPM_LONG,
      NULL },
    { "hs-propose-npm-client-default-CAPTURED", read_handshake,
      "Propose 7:" DATA_NPM_SHORT " 8:" DATA_NPM_SHORT " 9:" DATA_NPM_SHORT " 10:" DATA_NPM_SHORT
      " 11:" DATA_NPM_ASKS " 12:" DATA_NPM_ASKS " 13:" DATA_NPM_ASKS " 14:" DATA_NPM_ASKS,
      NULL },
    { "cs-requestnext", read_chain_sync, "RequestNext", NULL },
    { "cs-awaitreply", read_chain_sync, "AwaitReply", NULL },
    { "cs-rollbackward", read_chain_sync, "RollBackward origin, tip " TIP, NULL },
    /* Other nodes end the list with a break, and so do we. */
    { "cs-findintersect-origin", read_chain_sync, "FindIntersect origin", "82049f80ff" },
    { "cs-findintersect", read_chain_sync, "FindIntersect 1598399.7e16781b",
      "82049f821a001863bf58207e16781b40ebf8b6da18f7b5e8ade855d6738095ef2f1c58c77e88b6e45997a4ff" },
    { "cs-findintersect-indef", read_chain_sync, "FindIntersect 39.a026c5ff 31.10cfc5df", NULL },
    { "cs-intersectfound", read_chain_sync, "IntersectFound origin, tip " TIP, NULL },
    { "cs-intersectnotfound", read_chain_sync, "IntersectNotFound, tip " TIP, NULL },
    { "cs-intersectnotfound-empty", read_chain_sync, "IntersectNotFound, tip origin 0", NULL },
    { "cs-done", read_chain_sync, "Done", NULL },
    { "cs-rollforward-shelley", read_chain_sync,
      "RollForward era 1, 1002 bytes, tip 55770176.ea90218c 3480174", NULL },
    { "cs-rollforward-conway", read_chain_sync, "RollForward era 6, 816 bytes, tip 39.a026c5ff 1",
      NULL },
    { "bf-requestrange", read_block_fetch, NULL, "a byte string of another length than expected" },
    { "bf-requestrange-conway", read_block_fetch, "RequestRange 31.10cfc5df 39.a026c5ff", NULL },
    { "bf-clientdone", read_block_fetch, "ClientDone", NULL },
    { "bf-startbatch", read_block_fetch, "StartBatch", NULL },
    { "bf-noblocks", read_block_fetch, "NoBlocks", NULL },
    { "bf-batchdone", read_block_fetch, "BatchDone", NULL },
    { "bf-block", read_block_fetch, "Block 8206820102", NULL },
    { "ts-init", read_tx_submission, "Init", NULL },
    { "ts-done", read_tx_submission, "Done", NULL },
    { "ts-requesttxids", read_tx_submission, "RequestTxIds blocking 10 20", NULL },
    { "ts-requesttxids-first", read_tx_submission, "RequestTxIds blocking 0 3", NULL },
    { "ts-replytxids", read_tx_submission, "ReplyTxIds 1:01020000/100 2:03040000/200", NULL },
    { "ts-requesttxs", read_tx_submission, "RequestTxs 1:01000000/0 2:02000000/0", NULL },
    { "ts-replytxs", read_tx_submission, "ReplyTxs 1:010203/3 2:040506/3", NULL },
    { "ts-replytxids-conway", read_tx_submission, "ReplyTxIds 6:603c0aba/209", NULL },
    { "ts-requesttxs-conway", read_tx_submission, "RequestTxs 6:603c0aba/0", NULL },
    { "ts-replytxs-conway", read_tx_submission, "ReplyTxs 6:84a400d9/203", NULL },
    { "ts-replytxids-empty", read_tx_submission, "ReplyTxIds", NULL },
    { "ka-keepalive", read_keep_alive, "Ping 12345", NULL },
    { "ka-response", read_keep_alive, "Pong 12345", NULL },
    { "ka-done", read_keep_alive, "Done 0", NULL },
    { "ps-request", read_peer_sharing, "Request 7 0", NULL },
    { "ps-reply", read_peer_sharing, "Peers 0 1", "820180" }, /* addresses are passed over */
    { "ps-done", read_peer_sharing, "Done 0 0", NULL },
    { "ps-reply-empty", read_peer_sharing, "Peers 0 0", NULL },
};

/* The harness of one row: buffers that are the same for all. */
struct bench {
    struct buffer message, words, again;
    const char *why;
};

static void bench_open(struct bench *bench)
{
    buffer_init(&bench->message, allocator_libc(), 1 << 20);
    buffer_init(&bench->words, allocator_libc(), 1 << 20);
    buffer_init(&bench->again, allocator_libc(), 1 << 20);
}

static void bench_close(struct bench *bench)
{
    buffer_release(&bench->message);
    buffer_release(&bench->words);
    buffer_release(&bench->again);
}

static void set_hex(struct buffer *b, const char *hex, size_t len)
{
    unsigned byte;

    buffer_clear(b);
    for (size_t i = 0; i + 1 < len; i += 2) {
        assert_int_equal(sscanf(hex + i, "%2x", &byte), 1);
        buffer_char(b, (char)byte);
    }
}

/* Reads the first `count` bytes, placed at the edge of what can be read. */
static enum wire_result read_prefix(struct bench *bench, reader *read, size_t count)
{
    struct guarded edge = guard_copy(bench->message.at, count);
    enum wire_result result;

    buffer_clear(&bench->words);
    buffer_clear(&bench->again);
    result = read((struct bytes){ (const uint8_t *)edge.at, count }, &bench->words, &bench->again,
                  &bench->why);
    guard_release(&edge);
    return result;
}

static void check_accepted(struct bench *bench, const struct expectation *e)
{
    struct buffer expected;
    size_t len = bench->message.len;

    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(read_prefix(bench, e->read, cut), WIRE_CUT);
    buffer_char(&bench->message, '\0');
    assert_int_equal(read_prefix(bench, e->read, len + 1), WIRE_BAD);
    assert_string_equal(bench->why, "bytes behind the message");
    buffer_cut(&bench->message, len);

    assert_int_equal(read_prefix(bench, e->read, len), WIRE_OK);
    assert_string_equal(buffer_string(&bench->words), e->words);
    buffer_init(&expected, allocator_libc(), 1 << 20);
    if (e->again)
        set_hex(&expected, e->again, strlen(e->again));
    else
        buffer_append(&expected, bench->message.at, len);
    assert_true(bytes_equal(bytes_of(&bench->again), bytes_of(&expected)));
    buffer_release(&expected);
}

static void check_row(struct bench *bench, const struct expectation *e, const char *hex,
                      size_t hex_len)
{
    set_hex(&bench->message, hex, hex_len);
    if (e->words) {
        check_accepted(bench, e);
        return;
    }
    assert_int_equal(read_prefix(bench, e->read, bench->message.len), WIRE_BAD);
    assert_string_equal(bench->why, e->again);
}

static const struct expectation *expected_of(struct span name)
{
    for (size_t i = 0; i < sizeof expectations / sizeof *expectations; i++)
        if (span_is(name, expectations[i].name))
            return &expectations[i];
    return NULL;
}

/* The rows of messages; the others of the table are headers, blocks and keys. */
static bool is_message(struct span name)
{
    static const char *const prefixes[] = { "hs-", "cs-", "bf-", "ts-", "ka-", "ps-" };

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (span_starts(name, prefixes[i]))
            return true;
    return false;
}

static void test_messages_of_other_projects_are_read_and_written_again(void **state)
{
    const char *path = shared_data(VECTORS);
    FILE *table = fopen(path, "r");
    size_t room = 0, found = 0;
    char *line = NULL;
    struct bench bench;

    (void)state;
    assert_non_null(table);
    bench_open(&bench);
    while (getline(&line, &room, table) > 0) {
        struct span name = { line, strcspn(line, "\t") };
        const char *hex = line + name.len + 1;
        const struct expectation *e = expected_of(name);

        if (!is_message(name))
            continue;
        if (!e)
            fail_msg("nobody knows what to expect of %.*s", (int)name.len, name.at);
        check_row(&bench, e, hex, strcspn(hex, "\t"));
        found++;
    }
    assert_int_equal(found, sizeof expectations / sizeof *expectations);
    bench_close(&bench);
    free(line);
    (void)fclose(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_of_other_projects_are_read_and_written_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
