#include "node/peers.h"

#include <math.h>
#include <ouroscope/node_net.h>
#include <ouroscope/trace.h>
#include <string.h>
#include <sys/random.h>

/* A connection that lived so long was a good one: dialling again begins with the short wait. */
#define GOOD_LIFE_MS 10000

struct network;

/* A peer of the topology, which is to be connected. */
struct target {
    struct network *network;
    struct sockaddr_storage address;
    struct link_model model;
    char name[LINK_NAME_ROOM]; /* as links name it */
    uv_timer_t timer;          /* until it is dialled (again) */
    uint32_t wait_ms;          /* the next one */
};

/* A connection, dialled or accepted. */
struct member {
    struct network *network;
    struct member *next;
    struct link *link;
    bool is_ready;
    uint64_t ready_ms;
    struct peer peer;
};

struct network {
    struct peers *peers;
    uv_tcp_t server;
    struct sockaddr_storage address; /* where it listens */
    uint16_t port;
    struct version_data own;
    struct target *targets;
    size_t target_count, target_room;
    struct member *members;
    size_t accepted;
    bool is_full; /* and that was traced */
    bool stopping;
    size_t open; /* handles and members that have to end before this can, and network_start() */
};

static void dial(struct target *t);

/* --- The end --------------------------------------------------------------------------- */

static void one_less(struct network *n)
{
    struct allocator *from = allocator_libc();

    if (--n->open > 0)
        return;
    fetch_decision_stop(n->peers->decision);
    n->peers->decision = NULL;
    alloc_free(from, n->targets, n->target_room * sizeof *n->targets);
    alloc_free(from, n, sizeof *n);
}

static void on_handle_closed(uv_handle_t *handle)
{
    one_less(handle->data);
}

static void on_timer_closed(uv_handle_t *handle)
{
    const struct target *t = handle->data;

    one_less(t->network);
}

void network_stop(struct network *n)
{
    n->stopping = true;
    uv_close((uv_handle_t *)&n->server, on_handle_closed);
    for (size_t i = 0; i < n->target_count; i++)
        uv_close((uv_handle_t *)&n->targets[i].timer, on_timer_closed);
    for (struct member *m = n->members; m; m = m->next)
        link_close(m->link, "%s", "");
}

/* --- Dialling again ---------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer)
{
    dial(timer->data);
}

/* An uneven while, so that two nodes that dial each other do not do so for ever at the same instant. */
static void dial_later(struct target *t)
{
    uint32_t random = 0;

    if (t->network->stopping)
        return;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = (uint32_t)uv_hrtime();
    uv_timer_start(&t->timer, on_timer, t->wait_ms / 2 + random % t->wait_ms, 0);
    t->wait_ms = 2 * t->wait_ms < PEERS_REDIAL_MS ? 2 * t->wait_ms : PEERS_REDIAL_MS;
}

static struct target *target_of(struct network *n, const char *remote)
{
    for (size_t i = 0; i < n->target_count; i++)
        if (strcmp(n->targets[i].name, remote) == 0)
            return &n->targets[i];
    return NULL;
}

static bool is_connected(const struct network *n, const char *remote)
{
    for (const struct member *m = n->members; m; m = m->next)
        if (strcmp(link_remote(m->link), remote) == 0)
            return true;
    return false;
}

/* --- A peer ------------------------------------------------------------------------------ */

#define START(name)                           \
    do {                                      \
        peer->name = name##_start(peer, err); \
        if (!peer->name)                      \
            return false;                     \
    } while (0)

/* What the peer asks of us. */
static bool start_servers(struct peer *peer, struct ou_error *err)
{
    START(chain_sync_server);
    START(block_fetch_server);
    START(tx_inbound);
    return true;
}

/* What we ask of it. */
static bool start_clients(struct peer *peer, struct ou_error *err)
{
    START(block_fetch_client);
    START(chain_sync_client);
    START(tx_outbound);
    return true;
}

static bool start_drivers(struct peer *peer, struct ou_error *err)
{
    const bool dialled = link_dialled(peer->link), duplex = link_is_duplex(peer->link);

    START(keep_alive);
    return (!(duplex || !dialled) || start_servers(peer, err)) &&
           (!(duplex || dialled) || start_clients(peer, err));
}

#define STOP(name)                   \
    do {                             \
        if (peer->name)              \
            name##_stop(peer->name); \
        peer->name = NULL;           \
    } while (0)

static void stop_drivers(struct peer *peer)
{
    STOP(tx_outbound);
    STOP(chain_sync_client);
    STOP(block_fetch_client);
    STOP(tx_inbound);
    STOP(block_fetch_server);
    STOP(chain_sync_server);
    STOP(keep_alive);
}

static void on_ready(struct link *link, void *owner, uint16_t version,
                     const struct version_data *agreed)
{
    struct member *m = owner;
    struct peers *all = m->network->peers;
    struct ou_error err = { "" };

    (void)agreed;
    m->is_ready = true;
    m->ready_ms = uv_now(all->loop);
    m->peer = (struct peer){ .all = all,
                             .next = all->first,
                             .link = link,
                             .name = { link_local(link), link_remote(link) },
                             .latency_s = NAN };
    all->first = &m->peer;
    all->count++;
    OU_TRACE(node_connection_handler, &m->peer.name, "HandshakeSuccess", version, NULL);
    if (!start_drivers(&m->peer, &err))
        link_close(link, "own fault: %s", err.text);
    fetch_decision_wake(all->decision);
}

static void leave(struct peer *peer)
{
    struct peers *all = peer->all;
    struct peer **at = &all->first;

    stop_drivers(peer);
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    all->count--;
    fetch_decision_wake(all->decision);
}

static void tell_end(const struct member *m, const char *why)
{
    const struct ou_peer name = { link_local(m->link), link_remote(m->link) };

    if (m->is_ready && why[0])
        OU_TRACE(node_mux_errored, &name, why);
    else if (m->is_ready)
        OU_TRACE(node_mux_clean_exit, &name);
    else if (!name.local[0])
        OU_TRACE(node_connect_error, name.remote, why);
    else
        OU_TRACE(node_connection_handler, &name,
                 link_dialled(m->link) ? "HandshakeClientError" : "HandshakeServerError", OU_NO_U64,
                 why);
}

static void on_closed(struct link *link, void *owner, const char *why)
{
    struct member *m = owner;
    struct network *n = m->network;
    struct member **at = &n->members;
    struct target *t = target_of(n, link_remote(link));

    tell_end(m, why);
    if (m->is_ready)
        leave(&m->peer);
    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    if (!link_dialled(link))
        n->accepted--;
    n->is_full = n->accepted >= PEERS_ACCEPTED_MAX;
    if (t && m->is_ready && uv_now(n->peers->loop) - m->ready_ms >= GOOD_LIFE_MS)
        t->wait_ms = PEERS_FIRST_REDIAL_MS;
    if (t && !uv_is_active((uv_handle_t *)&t->timer))
        dial_later(t);
    alloc_free(allocator_libc(), m, sizeof *m);
    one_less(n);
}

/* --- Connecting -------------------------------------------------------------------------- */

static const struct link_events events = { on_ready, on_closed };

static struct member *member_new(struct network *n)
{
    struct member *m = alloc_zeroed(allocator_libc(), sizeof *m);

    if (m)
        m->network = n;
    return m;
}

static struct link_options options_for(struct member *m)
{
    return (struct link_options){
        .loop = m->network->peers->loop, .own = m->network->own, .events = &events, .owner = m
    };
}

static void join(struct member *m)
{
    m->next = m->network->members;
    m->network->members = m;
    m->network->open++;
}

/* Dials, unless the peer was faster. An attempt that fails is repeated. */
static void dial(struct target *t)
{
    struct network *n = t->network;
    struct member *m;
    struct link_options options;
    struct ou_error err = { "no memory for a connection" };

    if (is_connected(n, t->name))
        return;
    m = member_new(n);
    if (m) {
        options = options_for(m);
        options.model = t->model;
        OU_TRACE(node_connect, t->name);
        if (link_dial(&options, (const struct sockaddr *)&n->address,
                      (const struct sockaddr *)&t->address, &m->link, &err) == OU_OK) {
            join(m);
            return;
        }
        alloc_free(allocator_libc(), m, sizeof *m);
    }
    OU_TRACE(node_connect_error, t->name, err.text);
    dial_later(t);
}

static void on_refused_closed(uv_handle_t *handle)
{
    alloc_free(allocator_libc(), handle, sizeof(uv_tcp_t));
}

/* One too many: it is taken out of the queue, and closed. */
static void refuse(struct network *n, uv_stream_t *server)
{
    uv_tcp_t *refused = alloc_zeroed(allocator_libc(), sizeof *refused);

    if (!n->is_full)
        OU_TRACE(node_connection_hard_limit, PEERS_ACCEPTED_MAX);
    n->is_full = true;
    if (!refused)
        return;
    uv_tcp_init(n->peers->loop, refused);
    if (uv_accept(server, (uv_stream_t *)refused) == 0)
        uv_tcp_close_reset(refused, on_refused_closed);
    else
        uv_close((uv_handle_t *)refused, on_refused_closed);
}

static void on_connection(uv_stream_t *server, int status)
{
    struct network *n = server->data;
    struct link_options options;
    struct member *m;
    struct ou_error err;

    if (status < 0)
        return; /* the peer has gone already, or the process has too many files open */
    if (n->accepted >= PEERS_ACCEPTED_MAX) {
        refuse(n, server);
        return;
    }
    m = member_new(n);
    if (!m)
        return;
    options = options_for(m);
    if (link_accept(&options, server, &m->link, &err) != OU_OK) {
        alloc_free(allocator_libc(), m, sizeof *m);
        return;
    }
    n->accepted++;
    join(m);
}

/* --- The beginning ----------------------------------------------------------------------- */

static bool parse_address(const char *host, uint16_t port, struct sockaddr_storage *ret)
{
    return uv_ip4_addr(host, port, (struct sockaddr_in *)ret) == 0 ||
           uv_ip6_addr(host, port, (struct sockaddr_in6 *)ret) == 0;
}

/* A node that stands in its own topology does not dial itself. */
static bool is_itself(const struct network *n, const struct topology_peer *peer, const char *host)
{
    return peer->port == n->port && strcmp(peer->address, host) == 0;
}

static void add_target(struct network *n, const struct topology_peer *peer)
{
    struct target *t = &n->targets[n->target_count++];
    const bool is_v6 = strchr(peer->address, ':') != NULL;

    t->network = n;
    t->model = peer->model;
    t->wait_ms = PEERS_FIRST_REDIAL_MS;
    (void)parse_address(peer->address, peer->port, &t->address); /* the file's reader checked it */
    snprintf(t->name, sizeof t->name, is_v6 ? "[%s]:%u" : "%s:%u", peer->address,
             (unsigned)peer->port);
    uv_timer_init(n->peers->loop, &t->timer);
    t->timer.data = t;
    n->open++;
}

static enum ou_status listen_at(struct network *n, const struct network_options *options,
                                struct ou_error *err)
{
    enum ou_status status;

    if (!parse_address(options->host, options->port, &n->address))
        return ou_fail(err, OU_USAGE, "%s is no numeric address", options->host);
    status = link_listen(n->peers->loop, (const struct sockaddr *)&n->address, &n->server,
                         on_connection, &n->port, err);
    n->server.data = n;
    n->open++;
    if (status)
        uv_close((uv_handle_t *)&n->server, on_handle_closed);
    else
        (void)parse_address(options->host, n->port, &n->address);
    return status;
}

static enum ou_status begin(struct network *n, const struct network_options *options,
                            struct ou_error *err)
{
    const struct node_topology *topology = options->topology;
    enum ou_status status;

    n->target_room = topology->peer_count + 1;
    n->targets = alloc_zeroed(allocator_libc(), n->target_room * sizeof *n->targets);
    if (!n->targets)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the peers");
    status = fetch_decision_start(n->peers, &n->peers->decision, err);
    if (!status)
        status = listen_at(n, options, err);
    if (status)
        return status;
    for (size_t i = 0; i < topology->peer_count; i++)
        if (!is_itself(n, &topology->peers[i], options->host))
            add_target(n, &topology->peers[i]);
    for (size_t i = 0; i < n->target_count; i++)
        dial(&n->targets[i]);
    return OU_OK;
}

enum ou_status network_start(const struct network_options *options, struct network **ret,
                             struct ou_error *err)
{
    struct network *n = alloc_zeroed(allocator_libc(), sizeof *n);
    enum ou_status status;

    if (!n)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the network");
    n->peers = options->peers;
    n->own = (struct version_data){ .magic = options->magic };
    n->open = 1;
    status = begin(n, options, err);
    if (!status)
        *ret = n;
    one_less(n); /* what could not begin is gone with the last of its handles */
    return status;
}

uint16_t network_port(const struct network *n)
{
    return n->port;
}
