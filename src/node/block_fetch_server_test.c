#include "node/peer.h"

#include "node/fake_chain_test.h"
#include "node/gossip_test.h"
#include "node/traced_test.h"
#include "support/hex.h"
#include "wire/block_fetch.h"

struct fixture {
    struct gossip g;
    struct script s;
    struct chain_db db;
    struct buffer out;
};

static void stop(struct peer *peer)
{
    block_fetch_server_stop(peer->block_fetch_server);
}

/* On a link that is there; our chain is `count` blocks long. */
static void start(struct fixture *f, size_t count)
{
    struct ou_error err;

    fake_chain_init(&f->db);
    fake_adopt(&f->db, fake_blocks(&f->db, NULL, count, 1));
    buffer_init(&f->out, allocator_libc(), PROTOCOL_LARGE_BYTES);
    f->g.peers.db = &f->db;
    f->g.peer.block_fetch_server = block_fetch_server_start(&f->g.peer, &err);
    assert_non_null(f->g.peer.block_fetch_server);
}

static void begin(struct fixture *f, size_t count)
{
    gossip_begin(&f->g, stop);
    start(f, count);
    script_open(&f->g, &f->s, &protocol_block_fetch, true);
}

static void end(struct fixture *f)
{
    gossip_end(&f->g);
    script_close(&f->s);
    buffer_release(&f->out);
    fake_chain_release(&f->db);
}

static void put_point(struct buffer *b, const struct chain_block *block)
{
    cbor_put_list(b, 2);
    cbor_put_uint(b, block->facts.view.slot);
    cbor_put_bytes(b, (struct bytes){ block->facts.hash, HASH_BYTES });
}

static void put_request(struct fixture *f, const struct chain_block *from,
                        const struct chain_block *to)
{
    buffer_clear(&f->out);
    cbor_put_list(&f->out, 3);
    cbor_put_uint(&f->out, 0);
    put_point(&f->out, from);
    put_point(&f->out, to);
}

static void ask(struct fixture *f, const struct chain_block *from, const struct chain_block *to)
{
    put_request(f, from, to);
    script_say(&f->s, bytes_of(&f->out));
}

static void assert_hears(struct fixture *f, const char *hex)
{
    assert_bytes(script_hear(&f->g, &f->s), from_hex(hex));
}

static void assert_hears_block(struct fixture *f, const struct chain_block *block)
{
    buffer_clear(&f->out);
    cbor_put_list(&f->out, 2);
    cbor_put_uint(&f->out, 4);
    cbor_put_tag(&f->out, 24);
    cbor_put_bytes(&f->out, fake_wrapped(&f->db, block));
    assert_bytes(script_hear(&f->g, &f->s), bytes_of(&f->out));
}

static void test_a_range_is_streamed_with_both_its_ends(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 6);
    ask(&f, chain_db_by_number(&f.db, 1), chain_db_by_number(&f.db, 4));
    assert_hears(&f, "8102");
    for (uint64_t i = 1; i <= 4; i++)
        assert_hears_block(&f, chain_db_by_number(&f.db, i));
    assert_hears(&f, "8105");
    ask(&f, chain_db_tip(&f.db), chain_db_tip(&f.db));
    assert_hears(&f, "8102");
    assert_hears_block(&f, chain_db_tip(&f.db));
    assert_hears(&f, "8105");
    gossip_expect_calm(&f.g, &f.s);
    end(&f);
}

static void test_a_fork_that_is_stored_is_streamed_too(void **state)
{
    const struct chain_block *fork;
    struct fixture f;

    (void)state;
    begin(&f, 6);
    fork = fake_blocks(&f.db, chain_db_by_number(&f.db, 2), 2, 2);
    fake_store(&f.db, fork);
    ask(&f, chain_db_by_number(&f.db, 1), fork);
    assert_hears(&f, "8102");
    assert_hears_block(&f, chain_db_by_number(&f.db, 1));
    assert_hears_block(&f, chain_db_by_number(&f.db, 2));
    assert_hears_block(&f, fork->parent);
    assert_hears_block(&f, fork);
    assert_hears(&f, "8105");
    end(&f);
}

static void test_what_is_no_chain_of_stored_blocks_is_not_there(void **state)
{
    const struct chain_block *fork, *unknown, *invalid;
    struct fixture f;

    (void)state;
    begin(&f, 6);
    unknown = fake_block(&f.db, chain_db_tip(&f.db), 99, 1);
    fork = fake_blocks(&f.db, chain_db_by_number(&f.db, 2), 2, 2);
    fake_store(&f.db, fork);
    invalid = fake_block(&f.db, chain_db_tip(&f.db), 98, 1);
    fake_invalid(&f.db, invalid);
    ask(&f, chain_db_tip(&f.db), unknown);
    assert_hears(&f, "8103");
    ask(&f, unknown, chain_db_tip(&f.db));
    assert_hears(&f, "8103");
    ask(&f, fork, chain_db_tip(&f.db)); /* not on the way there */
    assert_hears(&f, "8103");
    ask(&f, chain_db_by_number(&f.db, 3), fork);
    assert_hears(&f, "8103");
    ask(&f, chain_db_by_number(&f.db, 3), chain_db_by_number(&f.db, 2)); /* backwards */
    assert_hears(&f, "8103");
    ask(&f, invalid, invalid);
    assert_hears(&f, "8103");
    end(&f);
}

static void test_a_hash_with_another_blocks_slot_is_not_there(void **state)
{
    struct chain_block altered;
    struct fixture f;

    (void)state;
    begin(&f, 2);
    altered = *chain_db_tip(&f.db);
    altered.facts.view.slot++;
    ask(&f, &altered, &altered);
    assert_hears(&f, "8103");
    end(&f);
}

static void test_the_origin_cannot_be_fetched(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 2);
    buffer_clear(&f.out);
    cbor_put_list(&f.out, 3);
    cbor_put_uint(&f.out, 0);
    cbor_put_list(&f.out, 0);
    put_point(&f.out, chain_db_tip(&f.db));
    script_say(&f.s, bytes_of(&f.out));
    gossip_expect_end(&f.g, &protocol_block_fetch, "a range that begins or ends at the origin");
    end(&f);
}

/* Blocks of a mebibyte: what a peer does not read is not read from disk. */
static void test_a_peer_that_does_not_read_stops_the_stream(void **state)
{
    enum { BLOCKS = 40 };
    static char padding[1 << 20];
    struct fixture f;
    size_t read;
    int fd;

    (void)state;
    fd = bare_begin(&f.g, stop);
    start(&f, BLOCKS);
    for (uint64_t i = 0; i < BLOCKS; i++)
        buffer_append(&fake_of(&f.db, chain_db_by_number(&f.db, i)->facts.hash)->wrapped, padding,
                      sizeof(padding));
    put_request(&f, chain_db_by_number(&f.db, 0), chain_db_tip(&f.db));
    bare_say(fd, 3, bytes_of(&f.out));
    do {
        read = f.db.block_reads;
        gossip_run_a_while(&f.g);
    } while (read == 0 || read < f.db.block_reads);
    assert_in_range(read, 1, BLOCKS - 1);
    while (f.db.block_reads < BLOCKS) {
        (void)!recv(fd, padding, sizeof(padding), MSG_DONTWAIT);
        uv_run(&f.g.loop, UV_RUN_NOWAIT);
    }
    gossip_end(&f.g);
    buffer_release(&f.out);
    fake_chain_release(&f.db);
    close(fd);
}

static void test_a_disk_that_cannot_be_read_is_our_fault(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f, 2);
    f.db.read_fails = true;
    ask(&f, chain_db_tip(&f.db), chain_db_tip(&f.db));
    while (!f.g.near.is_closed)
        uv_run(&f.g.loop, UV_RUN_ONCE);
    assert_string_equal(f.g.near.why, "own fault: the disk is broken");
    end(&f);
}

static void test_each_block_is_traced_when_its_sending_begins(void **state)
{
    char hash[2 * HASH_BYTES + 1], what[128];
    struct traced t;
    struct fixture f;

    (void)state;
    traced_begin(&t);
    begin(&f, 3);
    hash_text(chain_db_tip(&f.db)->facts.hash, hash);
    ask(&f, chain_db_tip(&f.db)->parent, chain_db_tip(&f.db));
    assert_hears(&f, "8102");
    traced_end(&t);
    assert_int_equal(traced_count(&t, "\"ns\":\"BlockFetch.Server.SendBlock\""), 2);
    snprintf(what, sizeof(what), "\"block\":\"%s\"", hash);
    assert_int_equal(traced_count(&t, what), 1);
    end(&f);
    traced_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_range_is_streamed_with_both_its_ends),
        cmocka_unit_test(test_a_fork_that_is_stored_is_streamed_too),
        cmocka_unit_test(test_what_is_no_chain_of_stored_blocks_is_not_there),
        cmocka_unit_test(test_a_hash_with_another_blocks_slot_is_not_there),
        cmocka_unit_test(test_the_origin_cannot_be_fetched),
        cmocka_unit_test(test_a_peer_that_does_not_read_stops_the_stream),
        cmocka_unit_test(test_a_disk_that_cannot_be_read_is_our_fault),
        cmocka_unit_test(test_each_block_is_traced_when_its_sending_begins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
