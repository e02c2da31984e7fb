#include "node/link.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/conversation.h"
#include "support/test.h"
#include "wire/block_fetch.h"
#include "wire/keep_alive.h"
#include "wire/tx_submission.h"

/* Two ends in one loop, or one end and a bare socket that says whatever a test wants. */
struct end {
    struct link *link;
    bool is_ready, is_closed, duplex;
    uint16_t version;
    char why[256];
    char remote[LINK_NAME_ROOM];
};

struct world {
    uv_loop_t loop;
    uv_tcp_t server;
    uv_timer_t watchdog;
    struct sockaddr_in at;   /* of the server */
    struct version_data own; /* of the side that accepts */
    uint32_t frame_ms, stall_ms;
    struct end dialled, accepted;
    void (*ready)(struct world *w, struct link *link, bool dialled);
    unsigned accepts;
    const char *what; /* is tested, where a test does many things */
    int bare;         /* socket of a test that plays the peer itself */
};

static struct world world; /* events find it here */

static void on_ready(struct link *link, void *owner, uint16_t version,
                     const struct version_data *agreed)
{
    struct end *end = owner;

    end->is_ready = true;
    end->version = version;
    end->duplex = !agreed->initiator_only && link_is_duplex(link);
    strcpy(end->remote, link_remote(link));
    if (world.ready)
        world.ready(&world, link, end == &world.dialled);
}

static void on_closed(struct link *link, void *owner, const char *why)
{
    struct end *end = owner;

    (void)link;
    end->is_closed = true;
    end->link = NULL;
    strcpy(end->why, why);
}

static const struct link_events events = { on_ready, on_closed };

static void on_connection(uv_stream_t *server, int status)
{
    struct link_options options = { .loop = server->loop,
                                    .own = world.own,
                                    .events = &events,
                                    .owner = &world.accepted,
                                    .frame_ms = world.frame_ms,
                                    .stall_ms = world.stall_ms };
    struct ou_error err;

    assert_int_equal(status, 0);
    world.accepts++;
    assert_int_equal(link_accept(&options, server, &world.accepted.link, &err), OU_OK);
}

static void on_watchdog(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("%s: the loop waits for something that does not come; ended: \"%s\", \"%s\"",
             world.what, world.dialled.why, world.accepted.why);
}

static void world_begin(void)
{
    struct ou_error err;
    uint16_t port;

    world = (struct world){ .own = { .magic = 42 }, .what = "", .bare = -1 };
    uv_loop_init(&world.loop);
    uv_ip4_addr("127.0.0.1", 0, &world.at);
    assert_int_equal(link_listen(&world.loop, (struct sockaddr *)&world.at, &world.server,
                                 on_connection, &port, &err),
                     OU_OK);
    assert_int_not_equal(port, 0);
    world.at.sin_port = htons(port);
    uv_timer_init(&world.loop, &world.watchdog);
    uv_timer_start(&world.watchdog, on_watchdog, 30000, 0);
}

static enum ou_status dial_with(struct link_options options, const struct sockaddr_in *from,
                                struct ou_error *err)
{
    options.loop = &world.loop;
    options.events = &events;
    options.owner = &world.dialled;
    if (options.own.magic == 0)
        options.own.magic = 42;
    return link_dial(&options, (const struct sockaddr *)from, (struct sockaddr *)&world.at,
                     &world.dialled.link, err);
}

static void dial(void)
{
    struct ou_error err;

    assert_int_equal(dial_with((struct link_options){ 0 }, NULL, &err), OU_OK);
}

static void run_until(const bool *done)
{
    while (!*done)
        uv_run(&world.loop, UV_RUN_ONCE);
}

static void world_end(void)
{
    if (world.dialled.link)
        link_close(world.dialled.link, "%s", "");
    if (world.accepted.link)
        link_close(world.accepted.link, "%s", "");
    if (world.bare >= 0)
        close(world.bare);
    uv_close((uv_handle_t *)&world.server, NULL);
    uv_close((uv_handle_t *)&world.watchdog, NULL);
    uv_run(&world.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&world.loop), 0);
}

/* --- Handshake ------------------------------------------------------------------------- */

static void test_two_nodes_agree_on_the_highest_version(void **state)
{
    (void)state;
    world_begin();
    dial();
    run_until(&world.dialled.is_ready);
    run_until(&world.accepted.is_ready);
    assert_int_equal(world.dialled.version, NODE_VERSION_LAST);
    assert_int_equal(world.accepted.version, NODE_VERSION_LAST);
    assert_true(world.dialled.duplex);
    assert_true(world.accepted.duplex);
    assert_true(link_dialled(world.dialled.link));
    assert_false(link_dialled(world.accepted.link));
    assert_string_equal(link_remote(world.accepted.link), link_local(world.dialled.link));
    world_end();
}

static void test_one_who_only_consumes_makes_a_link_of_one_direction(void **state)
{
    struct ou_error err;

    (void)state;
    world_begin();
    assert_int_equal(
        dial_with((struct link_options){ .own = { .initiator_only = true } }, NULL, &err), OU_OK);
    run_until(&world.accepted.is_ready);
    assert_false(world.accepted.duplex);
    world_end();
}

static void test_another_network_is_told_why_and_dropped(void **state)
{
    struct ou_error err;

    (void)state;
    world_begin();
    assert_int_equal(dial_with((struct link_options){ .own = { .magic = 7 } }, NULL, &err), OU_OK);
    run_until(&world.dialled.is_closed);
    run_until(&world.accepted.is_closed);
    assert_false(world.dialled.is_ready || world.accepted.is_ready);
    assert_non_null(strstr(world.dialled.why, "Handshake: "));
    assert_non_null(strstr(world.dialled.why, "version data mismatch"));
    assert_non_null(strstr(world.accepted.why, "version data mismatch"));
    world_end();
}

static void test_dialling_where_nobody_listens_ends_with_the_reason(void **state)
{
    struct sockaddr_in nobody;
    socklen_t size = sizeof nobody;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    world_begin();
    uv_ip4_addr("127.0.0.1", 0, &nobody);
    assert_int_equal(bind(fd, (struct sockaddr *)&nobody, sizeof nobody), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&nobody, &size), 0);
    world.at = nobody; /* bound, but nobody listens */
    dial();
    run_until(&world.dialled.is_closed);
    assert_string_equal(world.dialled.why, "connect: connection refused");
    close(fd);
    world_end();
}

/* --- Addresses ------------------------------------------------------------------------- */

static void test_a_node_dials_from_the_port_it_listens_at(void **state)
{
    struct sockaddr_in from;
    struct ou_error err;
    uv_tcp_t other;
    uint16_t port;
    char name[LINK_NAME_ROOM];

    (void)state;
    world_begin();
    uv_ip4_addr("127.0.0.1", 0, &from);
    assert_int_equal(
        link_listen(&world.loop, (struct sockaddr *)&from, &other, on_connection, &port, &err),
        OU_OK);
    from.sin_port = htons(port);
    assert_int_equal(dial_with((struct link_options){ 0 }, &from, &err), OU_OK);
    run_until(&world.accepted.is_ready);
    snprintf(name, sizeof name, "127.0.0.1:%u", port);
    assert_string_equal(world.accepted.remote, name);

    /* A second connection between the two is refused by the kernel, whoever dials. */
    struct link *second;
    const struct link_options options = {
        .loop = &world.loop, .own = { .magic = 42 }, .events = &events, .owner = &world.dialled
    };
    assert_int_equal(
        link_dial(&options, (struct sockaddr *)&from, (struct sockaddr *)&world.at, &second, &err),
        OU_USAGE);
    assert_non_null(strstr(err.text, "is connected already"));
    assert_int_equal(
        link_dial(&options, (struct sockaddr *)&world.at, (struct sockaddr *)&from, &second, &err),
        OU_USAGE);
    uv_close((uv_handle_t *)&other, NULL);
    world_end();
}

static void test_a_port_that_another_node_listens_at_is_refused(void **state)
{
    struct ou_error err;
    uv_tcp_t other;
    uint16_t port;

    (void)state;
    world_begin();
    assert_int_equal(
        link_listen(&world.loop, (struct sockaddr *)&world.at, &other, on_connection, &port, &err),
        OU_IO);
    assert_non_null(strstr(err.text, "address already in use"));
    uv_close((uv_handle_t *)&other, NULL);
    world_end();
}

/* As a supervisor keeps the ports of its nodes for them. */
static void test_a_port_that_somebody_keeps_for_the_node_can_be_listened_at(void **state)
{
    const int one = 1, keeper = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at;
    socklen_t bytes = sizeof at;
    struct ou_error err;
    uv_tcp_t server;
    uint16_t port;

    (void)state;
    world_begin();
    uv_ip4_addr("127.0.0.1", 0, &at);
    assert_int_equal(setsockopt(keeper, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one), 0);
    assert_int_equal(setsockopt(keeper, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one), 0);
    assert_int_equal(bind(keeper, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(keeper, (struct sockaddr *)&at, &bytes), 0);
    assert_int_equal(
        link_listen(&world.loop, (struct sockaddr *)&at, &server, on_connection, &port, &err),
        OU_OK);
    assert_int_equal(port, ntohs(at.sin_port));
    close(keeper);
    uv_close((uv_handle_t *)&server, NULL);
    world_end();
}

static void test_after_an_end_the_same_addresses_connect_again_at_once(void **state)
{
    struct sockaddr_in from;
    struct ou_error err;
    uv_tcp_t other;
    uint16_t port;

    (void)state;
    world_begin();
    uv_ip4_addr("127.0.0.1", 0, &from);
    assert_int_equal(
        link_listen(&world.loop, (struct sockaddr *)&from, &other, on_connection, &port, &err),
        OU_OK);
    from.sin_port = htons(port);
    for (int i = 0; i < 5; i++) {
        struct end *ends[] = { &world.dialled, &world.accepted };
        const struct end none = { 0 };

        assert_int_equal(dial_with((struct link_options){ 0 }, &from, &err), OU_OK);
        run_until(&world.accepted.is_ready);
        link_close(ends[i % 2]->link, "%s", "");
        run_until(&world.dialled.is_closed);
        run_until(&world.accepted.is_closed);
        world.dialled = world.accepted = none;
    }
    uv_close((uv_handle_t *)&other, NULL);
    world_end();
}

/* --- Conversations ------------------------------------------------------------------------ */

struct talk {
    struct conversation *c;
    size_t messages, bytes;
    uint64_t last_key;
    bool done;
    bool pauses; /* itself after each message */
};
static struct talk asker, server;

static void send_key_and(struct conversation *c, uint64_t key, size_t filling)
{
    struct buffer b;
    char *room;

    buffer_init(&b, allocator_libc(), 1 << 24);
    cbor_put_list(&b, filling ? 2 : 1);
    cbor_put_uint(&b, key);
    if (filling) {
        static uint8_t zeros[3000000];

        room = (char *)zeros;
        cbor_put_bytes(&b, (struct bytes){ (uint8_t *)room, filling });
    }
    assert_int_equal(buffer_status(&b), OU_OK);
    conversation_send(c, bytes_of(&b));
    buffer_release(&b);
}

static void send_ping(struct conversation *c, uint16_t cookie, bool pong)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), 64);
    keep_alive_write(
        &b, (struct keep_alive_message){ pong ? KEEP_ALIVE_PONG : KEEP_ALIVE_PING, cookie });
    conversation_send(c, bytes_of(&b));
    buffer_release(&b);
}

static void count_message(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    struct talk *t = owner;

    t->messages++;
    t->bytes += message.count;
    t->last_key = key;
    if (t->pauses)
        conversation_pause(c);
}

/* A block-fetch server of this test: two blocks of `block_bytes` for each request. */
static size_t block_bytes;
static void serve_blocks(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    count_message(c, owner, key, message);
    if (key != BLOCK_FETCH_REQUEST_RANGE)
        return;
    send_key_and(c, BLOCK_FETCH_START_BATCH, 0);
    send_key_and(c, BLOCK_FETCH_BLOCK, block_bytes);
    send_key_and(c, BLOCK_FETCH_BLOCK, block_bytes);
    send_key_and(c, BLOCK_FETCH_BATCH_DONE, 0);
}

#define REQUESTS 20
static void receive_blocks(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    struct talk *t = owner;

    count_message(c, owner, key, message);
    if (t->messages == REQUESTS * 4)
        t->done = true;
}

static void pong(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    struct keep_alive_message m;
    const char *why;

    count_message(c, owner, key, message);
    assert_int_equal(keep_alive_read(message, &m, &why), WIRE_OK);
    if (key == KEEP_ALIVE_PING)
        send_ping(c, m.cookie, true);
}

static const struct conversation_events counting = { .message = count_message };
static const struct conversation_events serving = { .message = serve_blocks };
static const struct conversation_events fetching = { .message = receive_blocks };
static const struct conversation_events ponging = { .message = pong };

static void open_fetch(struct world *w, struct link *link, bool dialled)
{
    struct talk *t = dialled ? &asker : &server;
    struct ou_error err;

    (void)w;
    assert_int_equal(conversation_open(link, &protocol_block_fetch, dialled,
                                       dialled ? &fetching : &serving, t, &t->c, &err),
                     OU_OK);
    for (int i = 0; dialled && i < REQUESTS; i++)
        send_key_and(t->c, BLOCK_FETCH_REQUEST_RANGE, 72);
}

static void begin_fetch(size_t bytes, struct link_model model)
{
    struct ou_error err;

    asker = server = (struct talk){ 0 };
    block_bytes = bytes;
    world_begin();
    world.ready = open_fetch;
    assert_int_equal(dial_with((struct link_options){ .model = model }, NULL, &err), OU_OK);
}

static void check_all_blocks_came(void)
{
    assert_int_equal(asker.messages, REQUESTS * 4);
    assert_int_equal(server.messages, REQUESTS);
    assert_true(asker.bytes > REQUESTS * 2 * block_bytes);
    assert_int_equal(asker.last_key, BLOCK_FETCH_BATCH_DONE);
    assert_int_equal(conversation_outstanding(asker.c), 0);
    assert_int_equal(conversation_state(asker.c), BLOCK_FETCH_IDLE);
}

static void test_pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    begin_fetch(200, (struct link_model){ 0 });
    run_until(&world.dialled.is_ready);
    assert_int_equal(conversation_outstanding(asker.c), REQUESTS);
    run_until(&asker.done);
    check_all_blocks_came();
    world_end();
}

static void test_messages_larger_than_frames_and_buffers_arrive_whole(void **state)
{
    (void)state;
    begin_fetch(90112, (struct link_model){ 0 });
    run_until(&asker.done);
    check_all_blocks_came();
    world_end();
}

static void test_a_flood_leaves_the_loop_to_others_after_each_read(void **state)
{
    uint64_t most = 0;

    (void)state;
    begin_fetch(500000, (struct link_model){ 0 });
    run_until(&world.dialled.is_ready);
    while (!asker.done) {
        const uint64_t before = link_bytes_in(world.dialled.link);

        uv_run(&world.loop, UV_RUN_NOWAIT);
        if (link_bytes_in(world.dialled.link) - before > most)
            most = link_bytes_in(world.dialled.link) - before;
    }
    assert_int_equal(most, 65536);
    check_all_blocks_came();
    world_end();
}

static void test_a_modelled_link_delivers_the_same_later(void **state)
{
    const struct link_model model = { .latency_ns = 30000000, .bytes_per_second = 50000000 };
    const uint64_t begun_ns = uv_hrtime();

    (void)state;
    begin_fetch(20000, model);
    run_until(&asker.done);
    check_all_blocks_came();
    /* Proposal, acceptance, request and answer: four ways. Never less; how much more is the machine's. */
    assert_true(uv_hrtime() - begun_ns >= 4 * 30000000ULL);
    world_end();
}

static void test_a_done_ends_a_round_and_the_responder_begins_anew(void **state)
{
    (void)state;
    begin_fetch(10, (struct link_model){ 0 });
    run_until(&asker.done);
    send_key_and(asker.c, BLOCK_FETCH_CLIENT_DONE, 0);
    while (server.last_key != BLOCK_FETCH_CLIENT_DONE)
        uv_run(&world.loop, UV_RUN_ONCE);
    assert_int_equal(conversation_state(server.c), BLOCK_FETCH_IDLE);
    assert_int_equal(conversation_state(asker.c), BLOCK_FETCH_ENDED);
    assert_false(world.accepted.is_closed);
    world_end();
}

static void test_what_comes_in_a_pause_is_kept_and_comes_later(void **state)
{
    (void)state;
    begin_fetch(1000, (struct link_model){ 0 });
    asker.pauses = true;
    run_until(&world.dialled.is_ready);
    for (size_t i = 1; i <= REQUESTS * 4; i++) {
        while (asker.messages < i)
            uv_run(&world.loop, UV_RUN_ONCE);
        for (int turn = 0; turn < 3; turn++)
            uv_run(&world.loop, UV_RUN_NOWAIT);
        assert_int_equal(asker.messages, i);
        conversation_resume(asker.c);
    }
    check_all_blocks_came();
    world_end();
}

static void test_a_long_pause_stops_the_reading_and_not_the_peer(void **state)
{
    (void)state;
    /* 40 blocks of 1.5 MB: more than block-fetch may hold, and than the kernel holds. */
    begin_fetch(1500000, (struct link_model){ 0 });
    asker.pauses = true;
    run_until(&world.dialled.is_ready);
    for (int turn = 0; turn < 200; turn++)
        uv_run(&world.loop, UV_RUN_NOWAIT);
    assert_int_equal(asker.messages, 1);
    assert_true(link_bytes_in(world.dialled.link) <=
                protocol_block_fetch.ingress_bytes + LINK_HELD_BYTES + 65536 + 65536);
    assert_true(link_bytes_in(world.dialled.link) > protocol_block_fetch.ingress_bytes / 2);
    asker.pauses = false;
    conversation_resume(asker.c);
    run_until(&asker.done);
    check_all_blocks_came();
    world_end();
}

static void open_keep_alive(struct world *w, struct link *link, bool dialled)
{
    struct ou_error err;

    (void)w;
    /* Both sides run both roles over one connection. */
    assert_int_equal(conversation_open(link, &protocol_keep_alive, true, &counting,
                                       dialled ? &asker : &server, dialled ? &asker.c : &server.c,
                                       &err),
                     OU_OK);
    send_ping(dialled ? asker.c : server.c, dialled ? 1 : 2, false);
    struct conversation *responder;
    static struct talk ignored;
    assert_int_equal(
        conversation_open(link, &protocol_keep_alive, false, &ponging, &ignored, &responder, &err),
        OU_OK);
    assert_int_equal(
        conversation_open(link, &protocol_keep_alive, false, &ponging, &ignored, &responder, &err),
        OU_USAGE);
}

static void test_both_sides_ask_over_one_connection(void **state)
{
    (void)state;
    asker = server = (struct talk){ 0 };
    world_begin();
    world.ready = open_keep_alive;
    dial();
    while (asker.messages == 0 || server.messages == 0)
        uv_run(&world.loop, UV_RUN_ONCE);
    assert_int_equal(asker.last_key, KEEP_ALIVE_PONG);
    assert_int_equal(server.last_key, KEEP_ALIVE_PONG);
    world_end();
}

/* --- Our own mistakes ---------------------------------------------------------------------- */

static void test_a_message_that_the_protocol_does_not_allow_is_our_own_fault(void **state)
{
    (void)state;
    begin_fetch(10, (struct link_model){ 0 });
    run_until(&asker.done);
    send_key_and(asker.c, BLOCK_FETCH_BATCH_DONE, 0);
    run_until(&world.dialled.is_closed);
    assert_non_null(strstr(world.dialled.why, "own fault: "));
    world_end();
}

/* --- Peers that break rules ---------------------------------------------------------------- */

static void send_bare(const char *hex)
{
    uint8_t bytes[4096];
    size_t count = 0;

    for (; *hex; hex++) {
        unsigned byte;

        if (*hex == ' ')
            continue;
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        bytes[count++] = (uint8_t)byte;
        hex++;
    }
    assert_int_equal(send(world.bare, bytes, count, MSG_NOSIGNAL), count);
}

static void begin_bare(void)
{
    world_begin();
    world.bare = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(world.bare, (struct sockaddr *)&world.at, sizeof world.at), 0);
}

#define PROPOSE "00000000 0000 0011 8200a20e84182af400f40f84182af400f4 "
#define PROPOSE_TO_CONSUME "00000000 0000 000a 8200a10e84182af500f4 "

static void open_servers(struct world *w, struct link *link, bool dialled)
{
    struct ou_error err;
    static struct talk ignored;
    struct conversation *c;

    (void)dialled;
    (void)w;
    server = (struct talk){ 0 };
    assert_int_equal(
        conversation_open(link, &protocol_block_fetch, false, &serving, &server, &server.c, &err),
        OU_OK);
    assert_int_equal(
        conversation_open(link, &protocol_keep_alive, false, &ponging, &ignored, &c, &err), OU_OK);
    if (link_is_duplex(link))
        assert_int_equal(
            conversation_open(link, &protocol_chain_sync, true, &counting, &asker, &asker.c, &err),
            OU_OK);
}

/* What the peer says, and why it is dropped. */
static void check_dropped(const char *hex, const char *why)
{
    begin_bare();
    world.ready = open_servers;
    world.what = hex;
    block_bytes = 10;
    send_bare(hex);
    run_until(&world.accepted.is_closed);
    if (!strstr(world.accepted.why, why))
        fail_msg("dropped for \"%s\" instead of \"%s\"", world.accepted.why, why);
    world_end();
}

static void test_each_broken_rule_is_the_reason_of_the_end(void **state)
{
    (void)state;
    check_dropped("47455420 2f204854 54502f31", "frame of protocol 12064 before the handshake");
    check_dropped("00000000 0000 0000", "frame: ");
    check_dropped("00000000 0000 0003 ff0000", "Handshake: ");
    check_dropped("00000000 0000 0002 8107", "Handshake: message 7 is not allowed in state");
    check_dropped("00000000 8000 0009 83010f84182af400f4", "before the handshake");
    check_dropped(PROPOSE "00000000 0005 0002 8100", "unknown protocol 5");
    check_dropped(PROPOSE "00000000 0002 0002 8100",
                  "ChainSync: a frame from the initiator, whose counterpart does not run here");
    check_dropped(PROPOSE_TO_CONSUME "00000000 8002 0002 8101",
                  "ChainSync: a frame from the responder");
    check_dropped(PROPOSE "00000000 8002 0002 8101", "ChainSync: 2 bytes out of turn in state");
    check_dropped(PROPOSE "00000000 0003 0002 8105",
                  "BlockFetch: message 5 is not allowed in state");
    check_dropped(PROPOSE "00000000 0003 0001 ff", "BlockFetch: ");
    check_dropped(PROPOSE "00000000 0000 0002 8107", "Handshake: 2 bytes out of turn");
}

/* Less than a message of that state may have, and all the same more than waits of this protocol. */
static void test_more_than_a_protocol_lets_wait_is_refused(void **state)
{
    enum { PAYLOAD = 1409 };
    static uint8_t frame[MUX_HEADER_BYTES + PAYLOAD] = {
        0,    0, 0,    0,    0, 8, PAYLOAD >> 8, PAYLOAD & 255, /* [0, a string of 16384 bytes] */
        0x82, 0, 0x59, 0x40, 0
    };

    (void)state;
    begin_bare();
    world.ready = open_servers;
    send_bare(PROPOSE);
    assert_int_equal(send(world.bare, frame, sizeof frame, MSG_NOSIGNAL), sizeof frame);
    run_until(&world.accepted.is_closed);
    assert_string_equal(world.accepted.why,
                        "KeepAlive: 1409 bytes wait, more than the limit of 1408");
    world_end();
}

static void open_impatient_servers(struct world *w, struct link *link, bool dialled)
{
    open_servers(w, link, dialled);
    conversation_set_limit_ms(server.c, 10);
}

static void test_one_who_says_nothing_in_time_is_dropped(void **state)
{
    (void)state;
    begin_bare();
    world.ready = open_impatient_servers;
    send_bare(PROPOSE);
    run_until(&world.accepted.is_closed);
    assert_string_equal(world.accepted.why, "BlockFetch: no message within 10 ms in state Idle");
    world_end();
}

static void test_a_message_above_its_limit_is_refused_before_it_is_there(void **state)
{
    uint8_t payload[60000 + 8] = { 0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   3,
                                   60000 >> 8,
                                   60000 & 255,
                                   /* [0, a string of 16 MB] */ 0x82,
                                   0,
                                   0x5a,
                                   1,
                                   0,
                                   0,
                                   0 };

    (void)state;
    begin_bare();
    world.ready = open_servers;
    send_bare(PROPOSE);
    assert_int_equal(send(world.bare, payload, sizeof payload, MSG_NOSIGNAL), sizeof payload);
    memset(payload + 8, 0, 60000);
    assert_int_equal(send(world.bare, payload, sizeof payload, MSG_NOSIGNAL), sizeof payload);
    run_until(&world.accepted.is_closed);
    assert_non_null(strstr(world.accepted.why, "BlockFetch: a message above 65535 bytes in state"));
    world_end();
}

static void test_one_who_asks_too_far_ahead_is_dropped(void **state)
{
    static uint8_t frame[60008] = { 0, 0, 0, 0, 0, 3, 60000 >> 8, 60000 & 255 };

    (void)state;
    begin_bare();
    world.ready = open_servers;
    block_bytes = 1000000; /* nobody reads them: the third request has to wait */
    for (size_t i = 8; i < sizeof frame; i += 2) {
        frame[i] = 0x82;
        frame[i + 1] = 0;
    }
    /* [0, [0, [0, ... would nest: each request is [0, h'']. */
    for (size_t i = 8; i + 3 <= sizeof frame; i += 3)
        memcpy(frame + i, "\x82\x00\x40", 3);
    send_bare(PROPOSE);
    for (int i = 0; i < 2; i++)
        assert_int_equal(send(world.bare, frame, sizeof frame, MSG_NOSIGNAL), sizeof frame);
    run_until(&world.accepted.is_closed);
    assert_non_null(strstr(world.accepted.why, "bytes of requests wait, more than the limit"));
    world_end();
}

static void test_a_frame_that_does_not_become_whole_is_not_waited_for(void **state)
{
    (void)state;
    begin_bare();
    world.frame_ms = 50;
    send_bare("00000000 00");
    run_until(&world.accepted.is_closed);
    assert_string_equal(world.accepted.why, "a frame did not become whole in time");
    world_end();
}

static void test_one_who_does_not_read_is_dropped(void **state)
{
    (void)state;
    begin_bare();
    world.ready = open_servers;
    world.stall_ms = 100;
    block_bytes = 2000000;
    send_bare(PROPOSE);
    for (int i = 0; i < 5; i++) /* 20 MB in all: more than the kernel takes */
        send_bare("00000000 0003 0003 820040");
    run_until(&world.accepted.is_closed);
    assert_non_null(strstr(world.accepted.why, "the peer does not read: "));
    world_end();
}

/* Of tx-submission, where the responder asks, both roles; the peer has begun the one in which we ask. */
static struct talk asked;
static void answer_or_ask(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    uint8_t request[] = { 0x84, 0, 0xf5, 0, 3 }; /* [0, true, 0, 3] */

    count_message(c, owner, key, message);
    if (key == TX_SUBMISSION_INIT)
        conversation_send(c, (struct bytes){ request, sizeof request });
    else if (key == TX_SUBMISSION_REQUEST_TXS)
        send_key_and(c, TX_SUBMISSION_REPLY_TXS, 200000);
}

static void open_submission(struct world *w, struct link *link, bool dialled)
{
    static const struct conversation_events submitting = { .message = answer_or_ask };
    struct ou_error err;

    open_servers(w, link, dialled);
    asker = asked = (struct talk){ 0 };
    assert_int_equal(conversation_open(link, &protocol_tx_submission, false, &submitting, &asker,
                                       &asker.c, &err),
                     OU_OK);
    assert_int_equal(
        conversation_open(link, &protocol_tx_submission, true, &submitting, &asked, &asked.c, &err),
        OU_OK);
    conversation_send(asked.c, (struct bytes){ (const uint8_t[]){ 0x81, 6 }, 2 });
}

static void read_bare_until(const size_t *count, size_t wanted)
{
    static uint8_t ignored[65536];

    while (*count < wanted) {
        uv_run(&world.loop, UV_RUN_NOWAIT);
        (void)!recv(world.bare, ignored, sizeof ignored, MSG_DONTWAIT);
        if (world.accepted.is_closed)
            fail_msg("it was ended: \"%s\"", world.accepted.why);
    }
}

static void begin_submission(void)
{
    begin_bare();
    world.ready = open_submission;
    block_bytes = 2000000;
    send_bare(PROPOSE);
    run_until(&world.accepted.is_ready);
}

static void test_answers_are_taken_while_a_stream_waits_to_be_read(void **state)
{
    (void)state;
    begin_submission();
    send_bare("00000000 0004 0002 8106");
    for (int i = 0; i < 4; i++) /* 16 MB in all: more than the kernel takes */
        send_bare("00000000 0003 0003 820040");
    while (server.messages == 0 || asker.messages == 0)
        uv_run(&world.loop, UV_RUN_NOWAIT);
    send_bare("00000000 0004 002c 82019f"
              "828206582000000000000000000000000000000000000000000000000000000000000000000218d1ff");
    while (asker.messages < 2 && !world.accepted.is_closed)
        uv_run(&world.loop, UV_RUN_ONCE);
    assert_string_equal(world.accepted.why, "");
    assert_int_equal(asker.last_key, TX_SUBMISSION_REPLY_IDS);
    world_end();
}

static void test_whoever_asks_and_does_not_read_gets_no_more_answers(void **state)
{
    enum { ASKED = 60 }; /* 12 MB of answers */

    (void)state;
    begin_submission();
    for (int i = 0; i < ASKED; i++)
        send_bare("00000000 8004 0004 82029fff");
    for (int i = 0; i < 200; i++)
        uv_run(&world.loop, UV_RUN_NOWAIT);
    assert_true(asked.messages < ASKED);
    read_bare_until(&asked.messages, ASKED);
    world_end();
}

static void test_a_peer_that_goes_is_no_fault_between_frames_and_one_within(void **state)
{
    (void)state;
    begin_bare();
    send_bare(PROPOSE);
    run_until(&world.accepted.is_ready);
    assert_int_equal(shutdown(world.bare, SHUT_WR), 0);
    run_until(&world.accepted.is_closed);
    assert_string_equal(world.accepted.why, "");
    world_end();
    begin_bare();
    send_bare(PROPOSE "00000000 0008 0004 8200");
    world.ready = open_servers;
    assert_int_equal(shutdown(world.bare, SHUT_WR), 0);
    run_until(&world.accepted.is_closed);
    assert_string_equal(world.accepted.why, "the peer closed the connection within a frame");
    world_end();
}

/* The other way round: we dial a bare socket, which says this. */
static void check_answer(const char *hex, const char *why)
{
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    const int listening = socket(AF_INET, SOCK_STREAM, 0);

    world_begin();
    world.what = hex;
    uv_ip4_addr("127.0.0.1", 0, &at);
    assert_int_equal(bind(listening, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listening, 1), 0);
    assert_int_equal(getsockname(listening, (struct sockaddr *)&at, &size), 0);
    world.at = at;
    dial();
    world.bare = accept(listening, NULL, NULL);
    assert_true(world.bare >= 0);
    close(listening);
    send_bare(hex);
    run_until(&world.dialled.is_closed);
    if (!strstr(world.dialled.why, why))
        fail_msg("ended for \"%s\" instead of \"%s\"", world.dialled.why, why);
    world_end();
}

static void test_each_wrong_answer_is_the_reason_of_the_end(void **state)
{
    (void)state;
    /* Two nodes that dial each other at the same instant: both propose. */
    check_answer(PROPOSE, LINK_CROSSED);
    check_answer("00000000 8000 0009 83010f84182bf400f4", "another network magic");
    check_answer("00000000 8000 0009 83010d84182af400f4", "Handshake: ");
    check_answer("00000000 8000 0009 82028200840708090a", "Handshake: ");
    check_answer("00000000 8000 0009 820283020163666f6f", "foo");
    check_answer("00000000 8000 0002 8101", "Handshake: ");
    check_answer("00000000 8002 0002 8101", "before the handshake");
}

/* One byte at a time, a whole session: handshake, ping. */
static void test_bytes_may_come_one_by_one(void **state)
{
    const char *hex = PROPOSE "00000000 0008 0005 8200191234";
    uint8_t answer[128];
    size_t got = 0;

    (void)state;
    begin_bare();
    world.ready = open_servers;
    for (; *hex; hex += 2) {
        char byte[3] = { hex[0], hex[1], 0 };

        if (*hex == ' ') {
            hex--;
            continue;
        }
        send_bare(byte);
        uv_run(&world.loop, UV_RUN_NOWAIT);
    }
    while (got < 17 + 12) {
        ssize_t n;

        uv_run(&world.loop, UV_RUN_NOWAIT);
        n = recv(world.bare, answer + got, sizeof answer - got, MSG_DONTWAIT);
        if (n > 0)
            got += (size_t)n;
    }
    assert_memory_equal(answer + 4, "\x80\x00\x00\x09\x83\x01\x0f\x84\x18\x2a\xf4\x00\xf4", 13);
    assert_memory_equal(answer + 21, "\x80\x08\x00\x05\x82\x01\x19\x12\x34", 9);
    world_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_nodes_agree_on_the_highest_version),
        cmocka_unit_test(test_one_who_only_consumes_makes_a_link_of_one_direction),
        cmocka_unit_test(test_another_network_is_told_why_and_dropped),
        cmocka_unit_test(test_dialling_where_nobody_listens_ends_with_the_reason),
        cmocka_unit_test(test_a_node_dials_from_the_port_it_listens_at),
        cmocka_unit_test(test_a_port_that_another_node_listens_at_is_refused),
        cmocka_unit_test(test_a_port_that_somebody_keeps_for_the_node_can_be_listened_at),
        cmocka_unit_test(test_after_an_end_the_same_addresses_connect_again_at_once),
        cmocka_unit_test(test_pipelined_requests_are_answered_in_order),
        cmocka_unit_test(test_messages_larger_than_frames_and_buffers_arrive_whole),
        cmocka_unit_test(test_a_flood_leaves_the_loop_to_others_after_each_read),
        cmocka_unit_test(test_a_modelled_link_delivers_the_same_later),
        cmocka_unit_test(test_a_done_ends_a_round_and_the_responder_begins_anew),
        cmocka_unit_test(test_what_comes_in_a_pause_is_kept_and_comes_later),
        cmocka_unit_test(test_a_long_pause_stops_the_reading_and_not_the_peer),
        cmocka_unit_test(test_both_sides_ask_over_one_connection),
        cmocka_unit_test(test_a_message_that_the_protocol_does_not_allow_is_our_own_fault),
        cmocka_unit_test(test_each_broken_rule_is_the_reason_of_the_end),
        cmocka_unit_test(test_more_than_a_protocol_lets_wait_is_refused),
        cmocka_unit_test(test_one_who_says_nothing_in_time_is_dropped),
        cmocka_unit_test(test_a_message_above_its_limit_is_refused_before_it_is_there),
        cmocka_unit_test(test_one_who_asks_too_far_ahead_is_dropped),
        cmocka_unit_test(test_a_frame_that_does_not_become_whole_is_not_waited_for),
        cmocka_unit_test(test_one_who_does_not_read_is_dropped),
        cmocka_unit_test(test_answers_are_taken_while_a_stream_waits_to_be_read),
        cmocka_unit_test(test_whoever_asks_and_does_not_read_gets_no_more_answers),
        cmocka_unit_test(test_a_peer_that_goes_is_no_fault_between_frames_and_one_within),
        cmocka_unit_test(test_each_wrong_answer_is_the_reason_of_the_end),
        cmocka_unit_test(test_bytes_may_come_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
