/* Networks of several nodes in one loop, over the loopback, with nothing on their chains: who is connected to whom. */
#include "node/peers.h"

#include "node/fake_chain_test.h"
#include "node/fake_mempool_test.h"

enum { NODES_MAX = 3 };

struct node {
    struct chain_db db;
    struct mempool mempool;
    struct peers peers;
    struct network *network; /* NULL: it does not run */
    uint16_t port;           /* it had; kept for the next start */
};

static struct node nodes[NODES_MAX];
static uv_loop_t loop;
static uv_timer_t watchdog;

static void on_watchdog(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("the loop waits for something that does not come");
}

static int set_up(void **state)
{
    (void)state;
    uv_loop_init(&loop);
    uv_timer_init(&loop, &watchdog);
    uv_timer_start(&watchdog, on_watchdog, 60000, 0);
    for (size_t i = 0; i < NODES_MAX; i++) {
        struct node *n = &nodes[i];

        *n = (struct node){ 0 };
        fake_chain_init(&n->db);
        n->peers = (struct peers){ .loop = &loop,
                                   .db = &n->db,
                                   .mempool = &n->mempool,
                                   .genesis = &n->db.genesis,
                                   .max_concurrency_deadline = 1,
                                   .max_concurrency_bulk = 1 };
    }
    return 0;
}

static enum ou_status try_start(struct node *n, const struct topology_peer *peers, size_t count,
                                uint32_t magic, struct ou_error *err)
{
    const struct node_topology topology = { (struct topology_peer *)(uintptr_t)peers, count };
    const struct network_options options = { .peers = &n->peers,
                                             .host = "127.0.0.1",
                                             .port = n->port,
                                             .topology = &topology,
                                             .magic = magic };

    return network_start(&options, &n->network, err);
}

static void start(struct node *n, const struct topology_peer *peers, size_t count)
{
    struct ou_error err;

    if (try_start(n, peers, count, 42, &err) != OU_OK)
        fail_msg("%s", err.text);
    n->port = network_port(n->network);
}

/* It ends, and its loop's turns are waited for. */
static void stop(struct node *n)
{
    network_stop(n->network);
    n->network = NULL;
    while (n->peers.decision)
        uv_run(&loop, UV_RUN_ONCE);
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < NODES_MAX; i++)
        if (nodes[i].network)
            network_stop(nodes[i].network);
    uv_close((uv_handle_t *)&watchdog, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    for (size_t i = 0; i < NODES_MAX; i++)
        fake_chain_release(&nodes[i].db);
    return 0;
}

/* Turns of the loop until these have so many peers. */
static void wait_for(const struct node *a, size_t a_count, const struct node *b, size_t b_count)
{
    while (a->peers.count != a_count || b->peers.count != b_count)
        uv_run(&loop, UV_RUN_ONCE);
}

/* A port that nobody listens at: a node's that has ended. */
static uint16_t free_port(struct node *n)
{
    start(n, NULL, 0);
    stop(n);
    return n->port;
}

/* --- Tests ----------------------------------------------------------------------------------- */

static void test_two_that_dial_each_other_share_one_connection(void **state)
{
    const struct topology_peer first[] = { { .address = "127.0.0.1",
                                             .port = free_port(&nodes[1]) } };
    struct topology_peer second[1] = { { .address = "127.0.0.1" } };

    (void)state;
    start(&nodes[0], first, 1);
    second[0].port = nodes[0].port;
    start(&nodes[1], second, 1);
    wait_for(&nodes[0], 1, &nodes[1], 1);
    for (int i = 0; i < 200; i++) /* what else is under way arrives */
        uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(nodes[0].peers.count, 1);
    assert_int_equal(nodes[1].peers.count, 1);
    assert_true(link_is_duplex(nodes[0].peers.first->link));
    assert_string_equal(nodes[0].peers.first->name.local, nodes[1].peers.first->name.remote);
    assert_string_equal(nodes[0].peers.first->name.remote, nodes[1].peers.first->name.local);
    assert_non_null(nodes[0].peers.first->chain_sync_client);
    assert_non_null(nodes[0].peers.first->chain_sync_server);
    assert_non_null(nodes[0].peers.first->tx_inbound);
    assert_non_null(nodes[0].peers.first->tx_outbound);
}

static void test_one_that_comes_later_is_dialled_again(void **state)
{
    const struct topology_peer peer = { .address = "127.0.0.1", .port = free_port(&nodes[1]) };

    (void)state;
    start(&nodes[0], &peer, 1);
    for (int i = 0; i < 20; i++)
        uv_run(&loop, UV_RUN_NOWAIT); /* the first attempt has failed */
    start(&nodes[1], NULL, 0);
    wait_for(&nodes[0], 1, &nodes[1], 1);
}

static void test_one_that_goes_and_comes_is_connected_again(void **state)
{
    struct topology_peer peer = { .address = "127.0.0.1" };

    (void)state;
    start(&nodes[1], NULL, 0);
    peer.port = nodes[1].port;
    start(&nodes[0], &peer, 1);
    for (int i = 0; i < 3; i++) {
        wait_for(&nodes[0], 1, &nodes[1], 1);
        stop(&nodes[1]);
        while (nodes[0].peers.count > 0)
            uv_run(&loop, UV_RUN_ONCE);
        assert_null(nodes[0].peers.first);
        start(&nodes[1], NULL, 0);
    }
    wait_for(&nodes[0], 1, &nodes[1], 1);
}

static void test_a_node_has_many_peers_and_loses_one(void **state)
{
    struct topology_peer peers[2] = { { .address = "127.0.0.1" }, { .address = "127.0.0.1" } };

    (void)state;
    start(&nodes[1], NULL, 0);
    start(&nodes[2], NULL, 0);
    peers[0].port = nodes[1].port;
    peers[1].port = nodes[2].port;
    start(&nodes[0], peers, 2);
    wait_for(&nodes[0], 2, &nodes[2], 1);
    stop(&nodes[1]);
    wait_for(&nodes[0], 1, &nodes[2], 1);
    assert_int_equal(nodes[0].peers.count, 1);
    assert_string_equal(nodes[0].peers.first->name.remote, nodes[2].peers.first->name.local);
}

static void test_a_node_does_not_dial_itself(void **state)
{
    const struct topology_peer peer = { .address = "127.0.0.1", .port = free_port(&nodes[0]) };

    (void)state;
    start(&nodes[0], &peer, 1);
    for (int i = 0; i < 200; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(nodes[0].peers.count, 0);
}

static void test_another_network_is_no_peer(void **state)
{
    struct topology_peer peer = { .address = "127.0.0.1" };
    struct ou_error err;

    (void)state;
    start(&nodes[1], NULL, 0);
    peer.port = nodes[1].port;
    assert_int_equal(try_start(&nodes[0], &peer, 1, 43, &err), OU_OK);
    for (int i = 0; i < 500; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(nodes[0].peers.count, 0);
    assert_int_equal(nodes[1].peers.count, 0);
}

static void test_an_address_that_is_none_or_taken_is_refused(void **state)
{
    const struct node_topology none = { 0 };
    struct network_options options = { .peers = &nodes[0].peers,
                                       .host = "localhost",
                                       .topology = &none };
    struct ou_error err;

    (void)state;
    assert_int_equal(network_start(&options, &nodes[0].network, &err), OU_USAGE);
    assert_string_equal(err.text, "localhost is no numeric address");
    assert_null(nodes[0].peers.decision);
    start(&nodes[1], NULL, 0);
    options.host = "127.0.0.1";
    options.port = nodes[1].port;
    assert_int_equal(network_start(&options, &nodes[0].network, &err), OU_IO);
    assert_non_null(strstr(err.text, "address already in use"));
}

/* --- One that only consumes --------------------------------------------------------------------- */

struct consumer {
    bool is_ready, is_closed;
};

static void on_ready(struct link *link, void *owner, uint16_t version,
                     const struct version_data *agreed)
{
    (void)link, (void)version, (void)agreed;
    ((struct consumer *)owner)->is_ready = true;
}

static void on_closed(struct link *link, void *owner, const char *why)
{
    (void)link, (void)why;
    ((struct consumer *)owner)->is_closed = true;
}

static void test_one_that_only_consumes_is_asked_for_nothing(void **state)
{
    static const struct link_events events = { on_ready, on_closed };
    struct consumer consumer = { 0 };
    const struct link_options options = { .loop = &loop,
                                          .own = { .magic = 42, .initiator_only = true },
                                          .events = &events,
                                          .owner = &consumer };
    struct sockaddr_in to;
    struct link *link;
    struct ou_error err;
    const struct peer *peer;

    (void)state;
    start(&nodes[0], NULL, 0);
    uv_ip4_addr("127.0.0.1", nodes[0].port, &to);
    assert_int_equal(link_dial(&options, NULL, (struct sockaddr *)&to, &link, &err), OU_OK);
    while (!consumer.is_ready || nodes[0].peers.count == 0)
        uv_run(&loop, UV_RUN_ONCE);
    peer = nodes[0].peers.first;
    assert_null(peer->chain_sync_client);
    assert_null(peer->block_fetch_client);
    assert_null(peer->tx_outbound);
    assert_non_null(peer->chain_sync_server);
    assert_non_null(peer->block_fetch_server);
    assert_non_null(peer->tx_inbound);
    assert_non_null(peer->keep_alive);
    link_close(link, "%s", "");
    while (!consumer.is_closed)
        uv_run(&loop, UV_RUN_ONCE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_two_that_dial_each_other_share_one_connection),
        TEST(test_one_that_comes_later_is_dialled_again),
        TEST(test_one_that_goes_and_comes_is_connected_again),
        TEST(test_a_node_has_many_peers_and_loses_one),
        TEST(test_a_node_does_not_dial_itself),
        TEST(test_another_network_is_no_peer),
        TEST(test_an_address_that_is_none_or_taken_is_refused),
        TEST(test_one_that_only_consumes_is_asked_for_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
