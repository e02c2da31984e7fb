/* Any bytes from a peer, over a real connection: with a good proposal before them, or from the first byte on. The link
 * ends, for a reason, and it ends for the same one, after the same messages, however the bytes are cut into
 * pieces on their way. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/conversation.h"
#include "wire/keep_alive.h"

#define INPUT_MAX 60000 /* what waits ahead of its turn has a limit just above */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What one connection came to. */
struct outcome {
    uint64_t messages; /* a checksum over all, in their order */
    char why[256];
    bool is_closed;
};

static uv_loop_t loop;
static uv_tcp_t server;
static struct sockaddr_in at;
static struct outcome *now; /* of the connection that there is */

static void check(int holds)
{
    if (!holds)
        abort();
}

/* FNV-1a. */
static void note(uint64_t number, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.count; i++)
        now->messages = (now->messages ^ bytes.at[i]) * UINT64_C(1099511628211);
    now->messages = (now->messages ^ number) * UINT64_C(1099511628211);
}

static void on_message(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    static const uint8_t no_blocks[] = { 0x81, 0x03 }, pong[] = { 0x82, 0x01, 0x00 };
    const struct protocol *p = *(const struct protocol **)owner;

    note(p->number * 64U + key, message);
    if (p == &protocol_block_fetch && key == 0 && conversation_state(c) == 1)
        conversation_send(c, (struct bytes){ no_blocks, sizeof no_blocks });
    if (p == &protocol_keep_alive && key == KEEP_ALIVE_PING)
        conversation_send(c, (struct bytes){ pong, sizeof pong });
}

static const struct conversation_events events = { .message = on_message };

static void open_all(struct link *link, bool initiator)
{
    static const struct protocol *all[] = { &protocol_chain_sync, &protocol_block_fetch,
                                            &protocol_tx_submission, &protocol_keep_alive,
                                            &protocol_peer_sharing };
    static const uint8_t find[] = { 0x82, 0x04, 0x81, 0x80 }, ask[] = { 0x82, 0x00, 0x05 };

    for (size_t i = 0; i < 5; i++) {
        struct conversation *c;

        check(conversation_open(link, all[i], initiator, &events, &all[i], &c, NULL) == OU_OK);
        if (initiator && all[i] == &protocol_chain_sync)
            conversation_send(c, (struct bytes){ find, sizeof find });
        if (initiator && all[i] == &protocol_keep_alive)
            conversation_send(c, (struct bytes){ ask, sizeof ask });
    }
}

static void on_ready(struct link *link, void *owner, uint16_t version,
                     const struct version_data *agreed)
{
    (void)owner, (void)agreed;
    note(version, (struct bytes){ NULL, 0 });
    open_all(link, false);
    if (link_is_duplex(link))
        open_all(link, true);
}

/* The reason without its numbers: how many bytes were there too many depends on how they came. */
static void on_closed(struct link *link, void *owner, const char *why)
{
    size_t len = 0;

    (void)link, (void)owner;
    for (; *why && len + 1 < sizeof now->why; why++)
        if (*why < '0' || *why > '9')
            now->why[len++] = *why;
    now->is_closed = true;
}

static const struct link_events link_events = { on_ready, on_closed };

static void on_connection(uv_stream_t *stream, int status)
{
    const struct link_options options = { .loop = &loop,
                                          .own = { .magic = 42 },
                                          .events = &link_events };
    struct link *link;

    check(status == 0 && link_accept(&options, stream, &link, NULL) == OU_OK);
}

static void begin(void)
{
    uint16_t port;

    uv_loop_init(&loop);
    uv_ip4_addr("127.0.0.1", 0, &at);
    check(link_listen(&loop, (struct sockaddr *)&at, &server, on_connection, &port, NULL) == OU_OK);
    at.sin_port = htons(port);
}

/* Sends it in pieces, reads and forgets what comes back, until the link has ended. */
static void play(const uint8_t *data, size_t size, size_t piece, struct outcome *ret)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    const struct linger none = { .l_onoff = 1 };
    size_t sent = 0;
    bool is_shut = false;

    *ret = (struct outcome){ .messages = UINT64_C(14695981039346656037) };
    now = ret;
    check(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none); /* no address stays in use */
    while (!ret->is_closed) {
        static char forgotten[65536];
        const size_t part = size - sent < piece ? size - sent : piece;
        const ssize_t n = part ? send(fd, data + sent, part, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

        sent += n > 0 ? (size_t)n : 0;
        if (sent == size && !is_shut)
            is_shut = shutdown(fd, SHUT_WR) == 0;
        uv_run(&loop, UV_RUN_NOWAIT);
        while (recv(fd, forgotten, sizeof forgotten, MSG_DONTWAIT) > 0)
            continue;
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t propose[] = { 0,    0,    0,    0,    0,    0,    0,    17, 0x82,
                                       0,    0xa2, 0x0e, 0x84, 0x18, 0x2a, 0xf4, 0,  0xf4,
                                       0x0f, 0x84, 0x18, 0x2a, 0xf4, 0,    0xf4 };
    static uint8_t said[sizeof propose + INPUT_MAX];
    struct outcome whole, cut;
    size_t count = 0;

    if (size < 2 || size > INPUT_MAX)
        return 0;
    if (at.sin_port == 0)
        begin();
    if (data[0] & 1) {
        memcpy(said, propose, sizeof propose);
        count = sizeof propose;
    }
    memcpy(said + count, data + 2, size - 2);
    count += size - 2;
    play(said, count, count + 1, &whole);
    play(said, count, 1 + data[1] + count / 64, &cut);
    check(whole.messages == cut.messages && strcmp(whole.why, cut.why) == 0);
    return 0;
}
