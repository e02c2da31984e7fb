#include "node/node.h"

#include <ouroscope/node.h>
#include <ouroscope/trace.h>
#include <signal.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>
#include <uv.h>

#include "base/time.h"
#include "node/node_traces.h"
#include "node/peers.h"
#include "node/script_time.h"
#include "node/slowdown.h"

#define SETTINGS_BYTES (32 << 20) /* of memory for settings, topology, and the keys of many pools */
#define NAME_ROOM 320

struct node {
    const struct node_options *options;
    struct arena memory;
    struct node_settings settings;
    struct node_topology topology;
    struct node_credentials *credentials; /* credential_count of them, in memory; none: a relay */
    size_t credential_count;
    struct genesis_ledger genesis;
    struct script_time script_time;
    struct chain_db *db;
    struct mempool *mempool;
    struct peers peers;
    struct network *network;
    struct forge *forge;
    struct slowdown slowdown;
    struct chain_listener news;

    uv_loop_t loop;
    uv_idle_t work; /* while the chain database has something to do, or the node is to end */
    uv_signal_t signals[2];
    bool stopping;
};

/* --- The end ------------------------------------------------------------------------------ */

/* Closes what keeps the loop running. */
static void stop(struct node *n, const char *why)
{
    struct forge_counts counts = { 0 };

    if (n->stopping)
        return;
    n->stopping = true;
    if (n->forge)
        forge_counts(n->forge, &counts);
    node_traces_end(why, &counts);
    chain_db_unlisten(n->db, &n->news);
    forge_stop(n->forge);
    slowdown_stop(&n->slowdown);
    if (n->network)
        network_stop(n->network);
    uv_close((uv_handle_t *)&n->work, NULL);
    for (size_t i = 0; i < 2; i++)
        uv_close((uv_handle_t *)&n->signals[i], NULL);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct node *n = handle->data;

    OU_TRACE(node_shutdown_requested);
    stop(n, number == SIGINT ? "SIGINT" : "SIGTERM");
}

/* Why the node is to end by itself; NULL while it is not. A failure of the database is told in
 * *err. */
static const char *reached(const struct node *n, struct ou_error *err)
{
    const struct chain_block *tip = chain_db_tip(n->db);

    if (chain_db_failure(n->db, err))
        return err->text;
    if (tip && tip->facts.view.slot >= n->options->shutdown_slot)
        return "the tip has reached the slot to run to";
    if (tip && tip->facts.view.number >= n->options->shutdown_block)
        return "the tip has reached the block to run to";
    return NULL;
}

/* --- Work --------------------------------------------------------------------------------- */

static uint64_t slot_now(const struct node *n)
{
    struct timespec now;
    uint64_t slot = 0;

    clock_gettime(CLOCK_REALTIME, &now);
    if (!slot_at(&n->genesis.shelley.clock, (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec,
                 &slot))
        return 0; /* before the first one */
    return slot;
}

/* In the loop's idle phase: what a step announces goes out before the next one. */
static void on_work(uv_idle_t *idle)
{
    struct node *n = idle->data;
    struct ou_error err = { "" };
    const char *why;
    bool more;

    if (slowdown_holds(&n->slowdown, chain_db_validates_next(n->db))) {
        uv_idle_stop(idle);
        return;
    }
    more = chain_db_work(n->db);
    why = reached(n, &err);
    if (why) {
        OU_TRACE(node_shutdown_requesting, why);
        stop(n, why);
    } else if (!more) {
        uv_idle_stop(idle);
    }
}

static void on_waited(void *context)
{
    struct node *n = context;

    uv_idle_start(&n->work, on_work);
}

static void on_news(void *context, enum chain_news news, const struct chain_block *block)
{
    struct node *n = context;

    (void)block;
    if (news == CHAIN_NEW_TIP)
        mempool_sync(n->mempool, slot_now(n));
    /* A new tip may be the one to end at, which is looked after where nobody else is in the midst of
     * something. */
    if (news == CHAIN_WORK || news == CHAIN_NEW_TIP || news == CHAIN_FAILED)
        uv_idle_start(&n->work, on_work);
}

/* --- The beginning -------------------------------------------------------------------------- */

static enum ou_status check_hash(const struct node *n, struct ou_error *err)
{
    char hash[2 * HASH_BYTES + 1];

    hash_text(n->genesis.hash, hash);
    if (!n->settings.shelley_hash || strcasecmp(n->settings.shelley_hash, hash) == 0)
        return OU_OK;
    return ou_fail(err, OU_INVALID, "%s: its hash is %s, but %s says %s", n->settings.shelley_path,
                   hash, n->options->config_path, n->settings.shelley_hash);
}

static enum ou_status read_credentials(struct node *n, struct ou_error *err)
{
    const struct node_options *o = n->options;

    if (o->bulk_credentials_path)
        return node_credentials_load_bulk(o->bulk_credentials_path, &n->memory, &n->credentials,
                                          &n->credential_count, err);
    if (!o->kes_path)
        return OU_OK;
    n->credentials =
        arena_take(&n->memory, sizeof *n->credentials, _Alignof(struct node_credentials));
    if (!n->credentials)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the keys");
    n->credential_count = 1;
    return node_credentials_load(o->kes_path, o->vrf_path, o->certificate_path, n->credentials,
                                 err);
}

static enum ou_status read_files(struct node *n, struct ou_error *err)
{
    const struct node_options *o = n->options;
    enum ou_status status = node_settings_load(o->config_path, &n->memory, &n->settings, err);

    if (!status)
        status = node_topology_load(o->topology_path, &n->memory, &n->topology, err);
    if (!status)
        status = genesis_ledger_load(n->settings.shelley_path, n->settings.alonzo_path, &n->genesis,
                                     err);
    if (!status)
        status = check_hash(n, err);
    if (!status && n->genesis.shelley.network_magic > UINT32_MAX)
        status = ou_fail(err, OU_INVALID, "%s: \"networkMagic\" has more than 32 bits",
                         n->settings.shelley_path);
    return status ? status : read_credentials(n, err);
}

/* Twice the room of a block, or what the configuration says in whole blocks. */
static uint64_t mempool_capacity(const struct node *n)
{
    const uint64_t room = genesis_block_room(&n->genesis);
    const uint64_t wanted = n->settings.mempool_capacity_override;

    return wanted ? (wanted + room - 1) / room * room : 2 * room;
}

static enum ou_status open_chain(struct node *n, struct ou_error *err)
{
    const struct chain_db_options chain = {
        .directory = n->options->database_path,
        .genesis = &n->genesis,
        .snapshot_interval_slots = n->settings.snapshot_interval_slots,
        .script_cost = script_time_spend,
        .context = &n->script_time,
    };
    struct mempool_options mempool = {
        .capacity_bytes = mempool_capacity(n),
        .max_tx_bytes = (uint32_t)n->genesis.shelley.max_tx_bytes,
        .script_cost = script_time_spend,
        .context = &n->script_time,
    };
    enum ou_status status;

    n->script_time.ps_per_step = n->settings.script_ps_per_step;
    node_traces_opening(n->options->database_path);
    status = chain_db_open(&chain, &n->db, err);
    if (status)
        return status;
    mempool.ledger = chain_db_ledger(n->db);
    return mempool_create(&mempool, &n->mempool, err);
}

static enum ou_status open_network(struct node *n, struct ou_error *err)
{
    const struct network_options options = {
        .peers = &n->peers,
        .host = n->options->host ? n->options->host : "127.0.0.1",
        .port = n->options->port,
        .topology = &n->topology,
        .magic = (uint32_t)n->genesis.shelley.network_magic,
    };
    enum ou_status status;

    n->peers = (struct peers){
        .loop = &n->loop,
        .db = n->db,
        .mempool = n->mempool,
        .genesis = &n->genesis,
        .max_concurrency_deadline = n->settings.max_concurrency_deadline,
        .max_concurrency_bulk = n->settings.max_concurrency_bulk,
        .tx_submission_delay_s = n->settings.tx_submission_delay_s,
    };
    status = network_start(&options, &n->network, err);
    if (status)
        return status;
    node_traces_listening(options.host, network_port(n->network), &n->topology);
    if (n->options->listening)
        n->options->listening(n->options->context, options.host, network_port(n->network));
    return OU_OK;
}

static void open_handles(struct node *n)
{
    static const int numbers[] = { SIGINT, SIGTERM };

    uv_idle_init(&n->loop, &n->work);
    n->work.data = n;
    for (size_t i = 0; i < 2; i++) {
        uv_signal_init(&n->loop, &n->signals[i]);
        n->signals[i].data = n;
        uv_signal_start(&n->signals[i], on_signal, numbers[i]);
    }
    n->news = (struct chain_listener){ .news = on_news, .context = n };
    chain_db_listen(n->db, &n->news);
    uv_idle_start(&n->work, on_work); /* what it was to reach may have been reached before */
}

static enum ou_status run(struct node *n, struct ou_error *err)
{
    const struct forge_options forge = {
        .loop = &n->loop,
        .db = n->db,
        .mempool = n->mempool,
        .genesis = &n->genesis,
        .credentials = n->credentials,
        .credential_count = n->credential_count,
        .ledger_metrics_slots = n->settings.ledger_metrics_slots,
    };
    enum ou_status status;

    open_handles(n);
    status = slowdown_start(&n->slowdown, &n->loop, &n->genesis.shelley.clock,
                            n->settings.slowdown_percent, on_waited, n, err);
    if (!status)
        status = open_network(n, err);
    if (!status)
        status = forge_start(&forge, &n->forge, err);
    if (status)
        stop(n, "it could not begin");
    else
        OU_TRACE(node_state_kernel_online);
    uv_run(&n->loop, UV_RUN_DEFAULT);
    return status ? status : chain_db_failure(n->db, err);
}

static enum ou_status start_tracing(const struct node *n, struct ou_error *err)
{
    const struct node_options *o = n->options;
    const char *host = o->host ? o->host : "127.0.0.1";
    struct ou_trace_options tracing;
    char name[NAME_ROOM];

    if (o->port)
        snprintf(name, sizeof name, "%s:%u", host, (unsigned)o->port);
    else
        snprintf(name, sizeof name, "%s", host);
    node_file_startup_info(&n->genesis.shelley);
    tracing = node_trace_options(o->config_path, name, &n->genesis.shelley, &o->collector);
    return ou_trace_start(&tracing, err);
}

static enum ou_status assemble(struct node *n, struct ou_error *err)
{
    enum ou_status status;

    node_traces_start(n->options->config_path, &n->genesis);
    status = open_chain(n, err);
    if (!status)
        status = run(n, err);
    mempool_free(n->mempool);
    chain_db_close(n->db);
    return status;
}

enum ou_status node_run(const struct node_options *options, struct ou_error *err)
{
    struct node *n = alloc_zeroed(allocator_libc(), sizeof *n);
    enum ou_status status;

    if (!n)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a node");
    n->options = options;
    arena_init(&n->memory, allocator_libc(), SETTINGS_BYTES);
    uv_loop_init(&n->loop);
    (void)signal(SIGPIPE, SIG_IGN); /* a peer that is gone is told by write() */
    status = chain_crypto_start(err);
    if (!status)
        status = read_files(n, err);
    if (!status)
        status = start_tracing(n, err);
    if (!status) {
        status = assemble(n, err);
        ou_trace_stop();
    }
    genesis_ledger_release(&n->genesis);
    uv_loop_close(&n->loop);
    arena_release(&n->memory);
    alloc_free(allocator_libc(), n, sizeof *n);
    return status;
}
