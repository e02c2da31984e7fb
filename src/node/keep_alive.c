/* Keep-alive, both roles, and the side of peer-sharing that answers. The one who asks learns how far
 * away the peer is. */
#include "wire/keep_alive.h"

#include <ouroscope/node_net.h>
#include <ouroscope/trace.h>
#include <sys/random.h>

#include "node/peer.h"

#define PING_INTERVAL_MS 10000
/* The share of a new round trip in the smoothed one, as TCP has it. */
#define SMOOTHING 0.125

struct keep_alive {
    struct peer *peer;
    struct conversation *asking;
    uv_timer_t timer; /* until the next question */
    uint64_t asked_ns;
    uint16_t cookie;
    double round_trip_s; /* smoothed; NAN before the first answer */
};

static void say(struct conversation *c, struct keep_alive_message m)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), 64);
    keep_alive_write(&b, m);
    if (buffer_status(&b) == OU_OK)
        conversation_send(c, bytes_of(&b));
    else
        link_close(conversation_link(c), "own fault: no memory for a message of keep-alive");
    buffer_release(&b);
}

/* --- Asking ------------------------------------------------------------------------------ */

static void ask(struct keep_alive *k)
{
    if (getrandom(&k->cookie, sizeof k->cookie, 0) != sizeof k->cookie)
        k->cookie++;
    k->asked_ns = uv_hrtime();
    say(k->asking, (struct keep_alive_message){ KEEP_ALIVE_PING, k->cookie });
}

static void on_timer(uv_timer_t *timer)
{
    ask(timer->data);
}

static void learn(struct keep_alive *k, double round_trip_s)
{
    k->round_trip_s = isnan(k->round_trip_s)
                          ? round_trip_s
                          : (1 - SMOOTHING) * k->round_trip_s + SMOOTHING * round_trip_s;
    k->peer->latency_s = k->round_trip_s / 2;
    OU_TRACE(node_keep_alive, link_remote(k->peer->link), round_trip_s);
}

static void on_answer(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    struct keep_alive *k = owner;
    struct keep_alive_message m;
    const char *why = "malformed";

    (void)key;
    if (keep_alive_read(message, &m, &why) != WIRE_OK)
        conversation_refuse(c, "%s", why);
    else if (m.cookie != k->cookie)
        conversation_refuse(c, "cookie %u was answered with %u", k->cookie, m.cookie);
    else {
        learn(k, (double)(uv_hrtime() - k->asked_ns) / 1e9);
        uv_timer_start(&k->timer, on_timer, PING_INTERVAL_MS, 0);
    }
}

/* --- Answering --------------------------------------------------------------------------- */

static void on_question(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    struct keep_alive_message m;
    const char *why = "malformed";

    (void)owner;
    if (keep_alive_read(message, &m, &why) != WIRE_OK)
        conversation_refuse(c, "%s", why);
    else if (key == KEEP_ALIVE_PING)
        say(c, (struct keep_alive_message){ KEEP_ALIVE_PONG, m.cookie });
}

/* Whoever asks for peers hears of none. */
static void on_peers_wanted(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    struct peer_sharing_message m;
    const char *why = "malformed";
    struct buffer b;

    (void)owner;
    if (peer_sharing_read(message, &m, &why) != WIRE_OK) {
        conversation_refuse(c, "%s", why);
        return;
    }
    if (key != PEER_SHARING_REQUEST)
        return;
    buffer_init(&b, allocator_libc(), 64);
    peer_sharing_write(&b, (struct peer_sharing_message){ .key = PEER_SHARING_PEERS });
    if (buffer_status(&b) == OU_OK)
        conversation_send(c, bytes_of(&b));
    buffer_release(&b);
}

/* --- Life -------------------------------------------------------------------------------- */

static const struct conversation_events asks = { .message = on_answer };
static const struct conversation_events answers = { .message = on_question };
static const struct conversation_events shares = { .message = on_peers_wanted };

static enum ou_status open_all(struct keep_alive *k, struct ou_error *err)
{
    struct link *link = k->peer->link;
    struct conversation *ignored;
    enum ou_status status = OU_OK;

    if (!link_dialled(link) || link_is_duplex(link)) {
        status = conversation_open(link, &protocol_keep_alive, false, &answers, k, &ignored, err);
        if (!status)
            status =
                conversation_open(link, &protocol_peer_sharing, false, &shares, k, &ignored, err);
    }
    if (!status && (link_dialled(link) || link_is_duplex(link))) {
        status = conversation_open(link, &protocol_keep_alive, true, &asks, k, &k->asking, err);
        if (!status)
            ask(k);
    }
    return status;
}

static void on_closed(uv_handle_t *timer)
{
    alloc_free(allocator_libc(), timer->data, sizeof(struct keep_alive));
}

struct keep_alive *keep_alive_start(struct peer *peer, struct ou_error *err)
{
    struct keep_alive *k = alloc_zeroed(allocator_libc(), sizeof *k);

    if (!k) {
        (void)ou_fail(err, OU_NO_MEMORY, "no memory for keep-alive");
        return NULL;
    }
    k->peer = peer;
    k->round_trip_s = NAN;
    uv_timer_init(peer->all->loop, &k->timer);
    k->timer.data = k;
    if (open_all(k, err) == OU_OK)
        return k;
    keep_alive_stop(k);
    return NULL;
}

void keep_alive_stop(struct keep_alive *driver)
{
    if (driver)
        uv_close((uv_handle_t *)&driver->timer, on_closed);
}
