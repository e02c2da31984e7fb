/* Whole nodes, without a forge: databases, mempools and connections of several in one loop, with all drivers at work. */
#include "node/peer.h"

#include <unistd.h>

#include "base/time.h"
#include "node/chain_factory_test.h"
#include "node/peers.h"
#include "node/traced_test.h"

enum { NODES_MAX = 3 };

struct node {
    struct chain_db *db;
    struct mempool *mempool;
    struct chain_listener news;
    struct peers peers;
    struct network *network;
};

static struct factory *factory;

static struct world {
    uv_loop_t loop;
    uv_idle_t work;
    uv_timer_t watchdog;
    struct temp_dir dir;
    struct node nodes[NODES_MAX];
    size_t count;
} w;

static int make_factory(void **state)
{
    (void)state;
    factory = factory_new(time_wall_ns() - 10000 * NS_PER_SECOND, NS_PER_SECOND);
    return 0;
}

static int free_factory(void **state)
{
    (void)state;
    factory_free(factory);
    return 0;
}

/* --- Nodes --------------------------------------------------------------------------------------- */

static void on_watchdog(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("the nodes do not come to agree");
}

static void on_work(uv_idle_t *idle)
{
    (void)idle;
    for (size_t i = 0; i < w.count; i++)
        chain_db_work(w.nodes[i].db);
}

static void on_news(void *context, enum chain_news news, const struct chain_block *block)
{
    const struct node *n = context;

    if (news == CHAIN_NEW_TIP)
        mempool_sync(n->mempool, block->facts.view.slot + 1);
}

static int begin(void **state)
{
    (void)state;
    w = (struct world){ .count = 0 };
    temp_dir_make(&w.dir);
    uv_loop_init(&w.loop);
    uv_idle_init(&w.loop, &w.work);
    uv_idle_start(&w.work, on_work);
    uv_timer_init(&w.loop, &w.watchdog);
    uv_timer_start(&w.watchdog, on_watchdog, 60000, 0);
    return 0;
}

/* A node with this chain, not connected yet. */
static struct node *add_node(struct forged *const *chain, size_t count)
{
    static const char *const names[NODES_MAX] = { "a", "b", "c" };
    struct node *n = &w.nodes[w.count];
    struct ou_error err = { "" };

    n->db = factory_open(factory, temp_path(&w.dir, names[w.count++]), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(factory_give(n->db, chain[i]), BLOCK_ADOPTED);
    assert_int_equal(mempool_create(&(struct mempool_options){ .ledger = chain_db_ledger(n->db),
                                                               .capacity_bytes = 178176,
                                                               .max_tx_bytes = 16384 },
                                    &n->mempool, &err),
                     OU_OK);
    n->news = (struct chain_listener){ .news = on_news, .context = n };
    chain_db_listen(n->db, &n->news);
    n->peers = (struct peers){ .loop = &w.loop,
                               .db = n->db,
                               .mempool = n->mempool,
                               .genesis = &factory->genesis,
                               .max_concurrency_deadline = 1,
                               .max_concurrency_bulk = 1 };
    return n;
}

/* Starts it; it dials `to` (NULL: nobody). */
static void start(struct node *n, const struct node *to)
{
    struct topology_peer peer = { .address = "127.0.0.1",
                                  .port = to ? network_port(to->network) : 0 };
    const struct node_topology topology = { .peers = &peer, .peer_count = to ? 1 : 0 };
    struct ou_error err = { "" };

    if (network_start(
            &(struct network_options){
                .peers = &n->peers, .host = "127.0.0.1", .topology = &topology, .magic = 42 },
            &n->network, &err) != OU_OK)
        fail_msg("%s", err.text);
}

static int end(void **state)
{
    (void)state;
    for (size_t i = 0; i < w.count; i++)
        network_stop(w.nodes[i].network);
    uv_close((uv_handle_t *)&w.work, NULL);
    uv_close((uv_handle_t *)&w.watchdog, NULL);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w.loop), 0);
    for (size_t i = 0; i < w.count; i++) {
        chain_db_unlisten(w.nodes[i].db, &w.nodes[i].news);
        mempool_free(w.nodes[i].mempool);
        chain_db_close(w.nodes[i].db);
    }
    temp_dir_remove(&w.dir);
    return 0;
}

static bool is_at(const struct node *n, const struct forged *tip)
{
    const struct chain_block *at = chain_db_tip(n->db);

    return at && memcmp(at->facts.hash, tip->facts.hash, HASH_BYTES) == 0;
}

static void run_until_all_are_at(const struct forged *tip)
{
    for (size_t i = 0; i < w.count; i++)
        while (!is_at(&w.nodes[i], tip))
            uv_run(&w.loop, UV_RUN_NOWAIT);
}

static void run_a_while(void)
{
    for (int i = 0; i < 200; i++) {
        uv_run(&w.loop, UV_RUN_NOWAIT);
        usleep(100);
    }
}

/* Until both know each other's chain. */
static void run_until_connected(const struct node *a, const struct node *b)
{
    while (!a->peers.first || !b->peers.first)
        uv_run(&w.loop, UV_RUN_NOWAIT);
    run_a_while();
}

/* --- Tests ----------------------------------------------------------------------------------------- */

/* Until it has, its peer finds nothing in common with it that lies within k; then it does. */
static void test_a_node_without_blocks_catches_up_and_is_followed_then(void **state)
{
    struct forged *chain[150];
    struct forged *tip = factory_chain(factory, NULL, 1, 0, 150, chain);
    struct node *a = add_node(chain, 150), *b = add_node(NULL, 0);

    (void)state;
    start(a, NULL);
    start(b, a);
    run_until_all_are_at(tip);
    tip = factory_forge(factory, tip, 160, 2);
    factory_give(b->db, tip);
    run_until_all_are_at(tip);
}

/* And it works against the direction in which the nodes have connected. */
static void test_a_node_that_is_dialled_catches_up_too(void **state)
{
    struct forged *chain[60];
    struct forged *tip = factory_chain(factory, NULL, 1, 1, 60, chain);
    struct node *a = add_node(chain, 60), *b = add_node(NULL, 0);

    (void)state;
    start(b, NULL);
    start(a, b);
    run_until_all_are_at(tip);
}

static void test_a_new_block_travels_from_node_to_node(void **state)
{
    struct forged *chain[3], *next;
    struct node *a = add_node(NULL, 0), *b = add_node(NULL, 0), *c = add_node(NULL, 0);

    (void)state;
    factory_chain(factory, NULL, 1, 2, 3, chain);
    start(a, NULL);
    start(b, a);
    start(c, b);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(factory_give(c->db, chain[i]), BLOCK_ADOPTED);
        run_until_all_are_at(chain[i]);
    }
    next = factory_forge(factory, chain[2], 10, 3);
    factory_give(a->db, next);
    run_until_all_are_at(next);
}

static void test_the_longer_of_two_forks_wins_everywhere(void **state)
{
    struct forged *common[4], *shorter[2], *longer[3];
    struct forged *fork = factory_chain(factory, NULL, 1, 0, 4, common);
    struct node *a = add_node(common, 4), *b = add_node(common, 4);
    struct forged *tip;

    (void)state;
    factory_chain(factory, fork, 10, 1, 2, shorter);
    tip = factory_chain(factory, fork, 10, 2, 3, longer);
    for (size_t i = 0; i < 2; i++)
        factory_give(a->db, shorter[i]);
    for (size_t i = 0; i < 3; i++)
        factory_give(b->db, longer[i]);
    start(a, NULL);
    start(b, a);
    run_until_all_are_at(tip);
    tip = factory_forge(factory, tip, 20, 0);
    factory_give(a->db, tip); /* after the switch the connection still serves */
    run_until_all_are_at(tip);
}

/* k is 5. */
static void test_a_fork_that_goes_back_too_far_is_not_taken(void **state)
{
    struct forged *common[2], *own[6], *foreign[9];
    struct forged *fork = factory_chain(factory, NULL, 1, 0, 2, common);
    struct node *a = add_node(common, 2), *b = add_node(common, 2);

    (void)state;
    factory_chain(factory, fork, 10, 1, 6, own);
    factory_chain(factory, fork, 10, 2, 9, foreign);
    for (size_t i = 0; i < 6; i++)
        factory_give(a->db, own[i]);
    for (size_t i = 0; i < 9; i++)
        factory_give(b->db, foreign[i]);
    start(a, NULL);
    start(b, a);
    run_until_connected(a, b);
    assert_true(is_at(a, own[5]));
    assert_true(is_at(b, foreign[8]));
    assert_non_null(a->peers.first); /* and the connection stands */
}

static void add_tx(const struct node *n, uint8_t fund, uint8_t ret_id[HASH_BYTES])
{
    struct ou_error err = { "" };
    struct buffer tx;

    buffer_init(&tx, allocator_libc(), 16384);
    factory_tx(factory, fund, fund, 0, &tx, ret_id);
    if (mempool_add(n->mempool, bytes_of(&tx), 20, &err) != MEMPOOL_ADDED)
        fail_msg("%s", err.text);
    buffer_release(&tx);
}

static void test_transactions_reach_every_mempool(void **state)
{
    struct forged *chain[3];
    uint8_t ids[6][HASH_BYTES];
    struct node *a, *b, *c;

    (void)state;
    factory_chain(factory, NULL, 1, 3, 3, chain);
    a = add_node(chain, 3);
    b = add_node(chain, 3);
    c = add_node(chain, 3);
    start(a, NULL);
    start(b, a);
    start(c, b);
    for (uint8_t i = 0; i < 6; i++)
        add_tx(i < 4 ? a : c, i, ids[i]);
    for (size_t i = 0; i < 3; i++)
        while (mempool_count(w.nodes[i].mempool) < 6)
            uv_run(&w.loop, UV_RUN_NOWAIT);
    for (size_t i = 0; i < 6; i++)
        assert_true(mempool_has(b->mempool, ids[i]));
    run_a_while();
    assert_int_equal(mempool_count(b->mempool), 6);
}

/* Its header is in order, so it is announced before its body is looked at. */
static void test_a_block_with_an_invalid_body_is_taken_back_and_the_chain_goes_on(void **state)
{
    struct forged *chain[3], *bad, *good;
    struct node *a, *b;

    (void)state;
    factory_chain(factory, NULL, 1, 0, 3, chain);
    a = add_node(chain, 3);
    b = add_node(chain, 3);
    start(a, NULL);
    start(b, a);
    run_until_connected(a, b);
    bad = factory_spend(factory, chain[2], 10, 0, 1, 2);
    assert_int_equal(factory_offer(a->db, bad).fate, BLOCK_REFUSED);
    run_a_while();
    good = factory_forge(factory, chain[2], 11, 0);
    assert_int_equal(factory_give(a->db, good), BLOCK_ADOPTED);
    run_until_all_are_at(good);
}

static void test_the_way_of_a_block_is_traced_on_both_sides(void **state)
{
    static const char *const once[] = {
        "\"kind\":\"DownloadedHeader\"",    "\"kind\":\"SendFetchRequest\"",
        "\"kind\":\"BlockFetchServer\"",    "\"kind\":\"StartedFetchBatch\"",
        "\"kind\":\"CompletedBlockFetch\"", "\"kind\":\"CompletedFetchBatch\"",
    };
    struct forged *chain[3], *next;
    char hash[2 * HASH_BYTES + 1], what[256];
    struct traced t;
    struct node *a, *b;

    (void)state;
    factory_chain(factory, NULL, 1, 0, 3, chain);
    a = add_node(chain, 3);
    b = add_node(chain, 3);
    start(a, NULL);
    start(b, a);
    run_until_connected(a, b);
    traced_begin(&t);
    next = factory_forge(factory, chain[2], 10, 3);
    hash_text(next->facts.hash, hash);
    factory_give(a->db, next);
    run_until_all_are_at(next);
    run_a_while();
    traced_end(&t);
    /* Back from b, too, when b has adopted it: hence two of headers. */
    assert_int_equal(traced_count(&t, once[0]), 2);
    for (size_t i = 1; i < sizeof(once) / sizeof(once[0]); i++)
        assert_int_equal(traced_count(&t, once[i]), 1);
    snprintf(what, sizeof(what),
             "\"data\":{\"addBlock\":\"%s@10\",\"blockingRead\":true,"
             "\"kind\":\"ChainSyncServer.Update\",\"risingEdge\":true,\"tip\":\"%s@10\"}",
             hash, hash);
    assert_int_equal(traced_count(&t, what), 2);
    traced_release(&t);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_node_without_blocks_catches_up_and_is_followed_then),
        TEST(test_a_node_that_is_dialled_catches_up_too),
        TEST(test_a_new_block_travels_from_node_to_node),
        TEST(test_the_longer_of_two_forks_wins_everywhere),
        TEST(test_a_fork_that_goes_back_too_far_is_not_taken),
        TEST(test_transactions_reach_every_mempool),
        TEST(test_a_block_with_an_invalid_body_is_taken_back_and_the_chain_goes_on),
        TEST(test_the_way_of_a_block_is_traced_on_both_sides),
    };

    return cmocka_run_group_tests(tests, make_factory, free_factory);
}
