/* For tests of the drivers of peer.h: a driver on one end of a real link, and on the other end a script that says
 * what the test wants and keeps what it hears. Both ends run in one loop, over the loopback.
 *
 *     gossip_begin(&g, stop);                 which stops the driver
 *     g.peer.tx_outbound = tx_outbound_start(&g.peer, &err);
 *     script_open(&g, &s, &protocol_tx_submission, false);
 *     heard = script_hear(&g, &s);            the driver's next message
 *     script_say(&s, bytes);
 *     gossip_expect_end(&g, &protocol_tx_submission, "..."); or gossip_expect_calm(&g, &s);
 *     gossip_end(&g); */
#ifndef OU_NODE_GOSSIP_TEST_H
#define OU_NODE_GOSSIP_TEST_H

#include <arpa/inet.h>
#include <math.h>
#include <unistd.h>

#include "node/fetch_decision.h"
#include "support/test.h"

#define SCRIPT_MESSAGES_MAX 1024

struct gossip_end {
    struct link *link;
    bool is_ready, is_closed;
    char why[256];
};

struct gossip {
    uv_loop_t loop;
    uv_tcp_t server;
    uv_timer_t watchdog;
    struct gossip_end near, far; /* the driver's, the script's */
    struct gossip_end *accepts;  /* of the two */
    struct peers peers;
    struct peer peer;
    void (*stop)(struct peer *peer); /* stops the drivers that the test has started */
};

/* One protocol of the far end. */
struct script {
    struct conversation *conversation;
    struct buffer heard[SCRIPT_MESSAGES_MAX];
    size_t heard_count, next; /* the one that script_hear() gives out */
    struct buffer out;
};

static inline void gossip_on_ready(struct link *link, void *owner, uint16_t version,
                                   const struct version_data *agreed)
{
    struct gossip_end *end = owner;

    (void)link, (void)version, (void)agreed;
    end->is_ready = true;
}

static inline void gossip_on_closed(struct link *link, void *owner, const char *why)
{
    struct gossip *g = uv_loop_get_data(link_loop(link));
    struct gossip_end *end = owner;

    if (end == &g->near)
        g->stop(&g->peer);
    end->is_closed = true;
    end->link = NULL;
    snprintf(end->why, sizeof(end->why), "%s", why);
}

static const struct link_events gossip_events = { gossip_on_ready, gossip_on_closed };

static inline struct link_options gossip_options(struct gossip *g, struct gossip_end *end)
{
    return (struct link_options){
        .loop = &g->loop, .own = { .magic = 42 }, .events = &gossip_events, .owner = end
    };
}

static inline void gossip_on_connection(uv_stream_t *server, int status)
{
    struct gossip *g = uv_loop_get_data(server->loop);
    const struct link_options options = gossip_options(g, g->accepts);
    struct ou_error err;

    assert_int_equal(status, 0);
    assert_int_equal(link_accept(&options, server, &g->accepts->link, &err), OU_OK);
}

static inline void gossip_on_watchdog(uv_timer_t *timer)
{
    const struct gossip *g = uv_loop_get_data(timer->loop);

    fail_msg("the loop waits for something that does not come; ended: \"%s\", \"%s\"", g->near.why,
             g->far.why);
}

/* Listens at *ret_at. */
static inline void gossip_listen(struct gossip *g, void (*stop)(struct peer *peer),
                                 struct sockaddr_in *ret_at)
{
    struct ou_error err;
    uint16_t port;

    *g = (struct gossip){ .peers = { .loop = &g->loop }, .stop = stop };
    g->peer = (struct peer){ .all = &g->peers, .latency_s = NAN };
    uv_loop_init(&g->loop);
    uv_loop_set_data(&g->loop, g);
    uv_ip4_addr("127.0.0.1", 0, ret_at);
    assert_int_equal(link_listen(&g->loop, (struct sockaddr *)ret_at, &g->server,
                                 gossip_on_connection, &port, &err),
                     OU_OK);
    ret_at->sin_port = htons(port);
    uv_timer_init(&g->loop, &g->watchdog);
    uv_timer_start(&g->watchdog, gossip_on_watchdog, 60000, 0);
}

static inline void gossip_name_peer(struct gossip *g)
{
    g->peer.link = g->near.link;
    g->peer.name = (struct ou_peer){ link_local(g->near.link), link_remote(g->near.link) };
}

static inline void gossip_begin(struct gossip *g, void (*stop)(struct peer *peer))
{
    struct sockaddr_in at;
    struct link_options options;
    struct ou_error err;

    gossip_listen(g, stop, &at);
    g->accepts = &g->far;
    options = gossip_options(g, &g->near);
    assert_int_equal(link_dial(&options, NULL, (struct sockaddr *)&at, &g->near.link, &err), OU_OK);
    while (!g->near.is_ready || !g->far.is_ready)
        uv_run(&g->loop, UV_RUN_ONCE);
    gossip_name_peer(g);
}

static inline void gossip_end(struct gossip *g)
{
    if (g->near.link)
        link_close(g->near.link, "%s", "");
    if (g->far.link)
        link_close(g->far.link, "%s", "");
    uv_close((uv_handle_t *)&g->server, NULL);
    uv_close((uv_handle_t *)&g->watchdog, NULL);
    uv_run(&g->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&g->loop), 0);
}

/* --- The script ------------------------------------------------------------------------------ */

static inline void script_on_message(struct conversation *c, void *owner, uint64_t key,
                                     struct bytes message)
{
    struct script *s = owner;
    struct buffer *heard = &s->heard[s->heard_count++];

    (void)c, (void)key;
    assert_in_range(s->heard_count, 1, SCRIPT_MESSAGES_MAX);
    buffer_init(heard, allocator_libc(), PROTOCOL_LARGE_BYTES);
    buffer_append(heard, message.at, message.count);
}

static inline void script_open(struct gossip *g, struct script *s, const struct protocol *p,
                               bool initiator)
{
    static const struct conversation_events events = { .message = script_on_message };
    struct ou_error err;

    *s = (struct script){ .conversation = NULL };
    buffer_init(&s->out, allocator_libc(), PROTOCOL_LARGE_BYTES);
    assert_int_equal(
        conversation_open(g->far.link, p, initiator, &events, s, &s->conversation, &err), OU_OK);
}

static inline void script_close(struct script *s)
{
    for (size_t i = 0; i < s->heard_count; i++)
        buffer_release(&s->heard[i]);
    buffer_release(&s->out);
}

static inline void script_say(struct script *s, struct bytes message)
{
    conversation_send(s->conversation, message);
}

/* The next message that came; waits for it. */
static inline struct bytes script_hear(struct gossip *g, struct script *s)
{
    while (s->next == s->heard_count) {
        uv_run(&g->loop, UV_RUN_ONCE);
        if (g->near.is_closed)
            fail_msg("the driver ended the connection: %s", g->near.why);
    }
    return bytes_of(&s->heard[s->next++]);
}

/* Turns of the loop in which all that is under way arrives; the kernel gets its turns, too. */
static inline void gossip_run_a_while(struct gossip *g)
{
    for (int i = 0; i < 50; i++) {
        uv_run(&g->loop, UV_RUN_NOWAIT);
        usleep(100);
    }
}

/* Nothing more is said, and the connection stands. */
static inline void gossip_expect_calm(struct gossip *g, const struct script *s)
{
    gossip_run_a_while(g);
    if (g->near.is_closed)
        fail_msg("the driver ended the connection: %s", g->near.why);
    assert_int_equal(s->heard_count, s->next);
}

/* The driver ends the connection for this reason. */
static inline void gossip_expect_end(struct gossip *g, const struct protocol *p, const char *why)
{
    char want[256];

    while (!g->near.is_closed)
        uv_run(&g->loop, UV_RUN_ONCE);
    snprintf(want, sizeof(want), "%s: %s", p->name, why);
    assert_string_equal(g->near.why, want);
}

/* --- A far end without a link: a socket, for what a conversation would not let a script say ------ */

static inline void bare_say(int fd, uint16_t protocol, struct bytes message)
{
    uint8_t frame[MUX_HEADER_BYTES + 256];

    assert_in_range(message.count, 1, 256);
    mux_header_write((struct mux_header){ .protocol = protocol, .bytes = (uint16_t)message.count },
                     frame);
    memcpy(frame + MUX_HEADER_BYTES, message.at, message.count);
    assert_int_equal(send(fd, frame, MUX_HEADER_BYTES + message.count, 0),
                     MUX_HEADER_BYTES + message.count);
}

/* The payload of the next frame, of at most 1 KiB; valid until the next call. */
static inline struct bytes bare_hear(struct gossip *g, int fd)
{
    static uint8_t in[1024];
    struct mux_header header = { .bytes = 0 };
    size_t want = MUX_HEADER_BYTES, count = 0;
    const char *why;

    while (count < want) {
        const ssize_t got = recv(fd, in + count, want - count, MSG_DONTWAIT);

        count += got > 0 ? (size_t)got : 0;
        if (count == MUX_HEADER_BYTES && !header.bytes) {
            assert_int_equal(mux_header_read((struct bytes){ in, count }, &header, &why), WIRE_OK);
            want += header.bytes;
            assert_in_range(want, 1, sizeof(in));
        }
        uv_run(&g->loop, UV_RUN_NOWAIT);
    }
    return (struct bytes){ in + MUX_HEADER_BYTES, header.bytes };
}

/* Returns the socket, to be closed by the test. The handshake (magic 42, version 15 or 14) is done. */
static inline int bare_begin(struct gossip *g, void (*stop)(struct peer *peer))
{
    static const uint8_t proposal[] = { 0x82, 0x00, 0xa2, 0x0e, 0x84, 0x18, 0x2a, 0xf4, 0x00,
                                        0xf4, 0x0f, 0x84, 0x18, 0x2a, 0xf4, 0x00, 0xf4 };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at;

    gossip_listen(g, stop, &at);
    g->accepts = &g->near;
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    bare_say(fd, 0, (struct bytes){ proposal, sizeof(proposal) });
    assert_int_equal(bare_hear(g, fd).at[1], 1); /* accepted */
    assert_true(g->near.is_ready);
    gossip_name_peer(g);
    return fd;
}

#endif
