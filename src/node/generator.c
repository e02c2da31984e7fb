#include "node/generator.h"

#include <netdb.h>
#include <ouroscope/node_life.h>
#include <ouroscope/trace.h>
#include <signal.h>
#include <uv.h>

#include "base/time.h"
#include "chain/key_file.h"
#include "json/write.h"
#include "node/generator_client.h"
#include "node/generator_config.h"
#include "node/node_config.h"
#include "node/node_traces.h"

#define SETTINGS_BYTES ((size_t)16 << 20)

#define REDIAL_FIRST_MS 250 /* doubled with each failure */
#define REDIAL_LAST_MS 10000
#define SETUP_TOLD_NS NS_PER_SECOND /* between two words about the fund */
#define LONELY_MS 60000             /* without any target, the load is given up */
#define GOODBYE_MS 300 /* for the last messages to arrive, before connections are reset */

/* Failures that the summary tells; later ones are traced only. */
#define FAILURES_MAX 100

/* No transaction becomes invalid while it waits: months of slots, whatever their length. */
#define VALID_SLOTS 10000000

struct generator;

struct target {
    struct generator *generator;
    const struct generator_target *config;
    struct sockaddr_storage at;
    uv_timer_t redial;
    uint64_t delay_ms;
    struct link *link;
    struct peer peer;
    struct generator_client *client; /* NULL while it is not connected */
    struct client_tally tally;
    bool was_ready;             /* ever */
    struct ou_error dial_error; /* why it was not, the last time */
};

enum phase {
    PHASE_SETUP,    /* the fund is split, in all targets' mempools */
    PHASE_COOLDOWN, /* init_cooldown */
    PHASE_LOAD,
    PHASE_GOODBYE, /* all is acknowledged; Done was said */
    PHASE_END,     /* everything is being closed */
};

struct generator {
    struct arena memory;
    struct generator_config config;
    struct node_settings settings;
    struct genesis_ledger genesis;
    struct load load;

    uv_loop_t loop;
    uv_signal_t signals[2];
    uv_timer_t pause;  /* cool-down, goodbye */
    uv_timer_t lonely; /* runs while no target is connected */
    uv_timer_t pace;   /* to the next tick */
    uv_prepare_t before_waiting;

    struct peers peers; /* the loop, for keep-alive */
    struct target *targets;
    size_t ready_count;
    enum phase phase;
    int64_t setup_told_ns;        /* monotonic */
    int64_t started_ns, ended_ns; /* of the load; monotonic; 0: not yet */

    struct buffer failures; /* a JSON list, open at its end */
    struct json_writer failures_writer;
    size_t failure_count;
    enum ou_status result;
};

/* --- What is told ------------------------------------------------------------------------- */

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
    char text[200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    OU_TRACE(node_generator_progress, text);
}

static void add_failure(struct generator *g, const char *text)
{
    if (g->failure_count++ < FAILURES_MAX)
        json_cstring(&g->failures_writer, text);
}

static void tell_failure(struct generator *g, const struct target *t, const char *why)
{
    struct ou_error failure;

    (void)ou_fail(&failure, OU_IO, "%s: %s", t->config->name,
                  *why ? why : "it closed the connection");
    OU_TRACE(node_generator_trouble, failure.text);
    add_failure(g, failure.text);
}

/* Targets that never were there. While a cluster starts that is no failure. */
static void add_never_reached(struct generator *g)
{
    struct ou_error failure;

    for (size_t i = 0; i < g->config.target_count; i++) {
        const struct target *t = &g->targets[i];

        if (t->was_ready)
            continue;
        (void)ou_fail(&failure, OU_IO, "%s: never reached: %s", t->config->name,
                      t->dial_error.text);
        add_failure(g, failure.text);
    }
}

static double elapsed_s(const struct generator *g)
{
    int64_t end = g->ended_ns ? g->ended_ns : time_monotonic_ns();

    return g->started_ns ? (double)(end - g->started_ns) / 1e9 : 0;
}

static double per_second(uint64_t count, double seconds)
{
    return seconds > 0 ? (double)count / seconds : 0;
}

static void tell_summary(struct generator *g)
{
    double seconds = elapsed_s(g);
    struct json_writer rates;
    struct buffer list;

    buffer_init(&list, allocator_libc(), OU_TEXT_MAX);
    json_writer_init(&rates, &list, false);
    json_begin_array(&rates);
    for (size_t i = 0; i < g->config.target_count; i++)
        json_double(&rates, per_second(g->targets[i].tally.sent, seconds));
    json_end(&rates);
    add_never_reached(g);
    json_end(&g->failures_writer);
    OU_TRACE(node_generator_summary, "ouroscope generator", g->load.sent, g->load.unavailable,
             seconds, per_second(g->load.sent, seconds),
             buffer_status(&list) ? "[]" : buffer_string(&list),
             buffer_status(&g->failures) ? "[]" : buffer_string(&g->failures));
    buffer_release(&list);
}

/* --- Phases --------------------------------------------------------------------------------- */

/* How many of the transactions that split the fund all have taken that are connected. Others get them when they
 * come. */
static uint64_t setup_taken(const struct generator *g)
{
    uint64_t least = g->ready_count > 0 ? generator_setup_count(g->load.txs) : 0;

    for (size_t i = 0; i < g->config.target_count; i++)
        if (g->targets[i].client && g->targets[i].tally.setup_acknowledged < least)
            least = g->targets[i].tally.setup_acknowledged;
    return least;
}

static bool setup_is_done(const struct generator *g)
{
    return g->ready_count > 0 && setup_taken(g) == generator_setup_count(g->load.txs);
}

static void tell_setup(struct generator *g)
{
    g->setup_told_ns = time_monotonic_ns();
    OU_TRACE(node_generator_setup, setup_taken(g), generator_setup_count(g->load.txs));
}

/* Closes all that keeps the loop running. */
static void stop(struct generator *g)
{
    if (g->phase == PHASE_END)
        return;
    if (g->started_ns && !g->ended_ns)
        g->ended_ns = time_monotonic_ns();
    if (g->phase == PHASE_SETUP && g->ready_count > 0)
        tell_setup(g);
    g->phase = PHASE_END;
    tell_summary(g);
    for (size_t i = 0; i < g->config.target_count; i++) {
        struct target *t = &g->targets[i];

        if (t->link)
            link_close(t->link, "%s", "");
        uv_close((uv_handle_t *)&t->redial, NULL);
    }
    for (size_t i = 0; i < 2; i++)
        uv_close((uv_handle_t *)&g->signals[i], NULL);
    uv_close((uv_handle_t *)&g->pause, NULL);
    uv_close((uv_handle_t *)&g->lonely, NULL);
    uv_close((uv_handle_t *)&g->pace, NULL);
    uv_close((uv_handle_t *)&g->before_waiting, NULL);
}

static void on_goodbye_over(uv_timer_t *timer)
{
    stop(timer->data);
}

static void finish(struct generator *g)
{
    g->phase = PHASE_GOODBYE;
    g->ended_ns = time_monotonic_ns();
    tell("all %llu transactions are acknowledged", (unsigned long long)g->load.tx_count);
    for (size_t i = 0; i < g->config.target_count; i++)
        if (g->targets[i].client)
            (void)generator_client_end(g->targets[i].client);
    uv_timer_start(&g->pause, on_goodbye_over, GOODBYE_MS, 0);
}

static void wake_all(struct generator *g)
{
    for (size_t i = 0; i < g->config.target_count; i++)
        if (g->targets[i].client)
            generator_client_wake(g->targets[i].client);
    generator_serve(&g->load);
}

static void on_cooldown_over(uv_timer_t *timer)
{
    struct generator *g = timer->data;

    tell("sending %llu transactions, %g a second, to %zu nodes",
         (unsigned long long)g->load.tx_count, g->config.tps, g->ready_count);
    g->phase = PHASE_LOAD;
    g->started_ns = time_monotonic_ns();
    load_start(&g->load, g->config.tps, g->started_ns);
    wake_all(g);
}

static void go_on_with_setup(struct generator *g)
{
    const bool done = setup_is_done(g);

    if (done || (g->ready_count > 0 && time_monotonic_ns() - g->setup_told_ns >= SETUP_TOLD_NS))
        tell_setup(g);
    if (!done)
        return;
    g->phase = PHASE_COOLDOWN;
    tell("the fund is split; waiting for %g s", g->config.init_cooldown_s);
    uv_timer_start(&g->pause, on_cooldown_over, (uint64_t)(g->config.init_cooldown_s * 1000), 0);
}

static void on_changed(void *context)
{
    struct generator *g = context;

    if (g->phase == PHASE_SETUP)
        go_on_with_setup(g);
    else if (g->phase == PHASE_LOAD && load_is_done(&g->load))
        finish(g);
}

/* --- Pace -------------------------------------------------------------------------------------- */

static void on_pace(uv_timer_t *timer)
{
    struct generator *g = timer->data;

    generator_serve(&g->load);
}

/* Sets the clock for the next tick, if anybody waits for it. */
static void on_before_waiting(uv_prepare_t *handle)
{
    struct generator *g = handle->data;
    int64_t next = g->load.running ? throttle_next_ns(&g->load.throttle) : INT64_MAX;
    int64_t wait = next - time_monotonic_ns();

    if (next == INT64_MAX)
        uv_timer_stop(&g->pace);
    else
        uv_timer_start(&g->pace, on_pace, wait > 0 ? (uint64_t)((wait + 999999) / 1000000) : 0, 0);
}

/* --- Connections ---------------------------------------------------------------------------------- */

static void dial(struct target *t);

static void on_redial(uv_timer_t *timer)
{
    dial(timer->data);
}

static void dial_later(struct target *t)
{
    uv_timer_start(&t->redial, on_redial, t->delay_ms, 0);
    t->delay_ms = 2 * t->delay_ms < REDIAL_LAST_MS ? 2 * t->delay_ms : REDIAL_LAST_MS;
}

static void on_lonely(uv_timer_t *timer)
{
    struct generator *g = timer->data;

    g->result = OU_IO;
    stop(g);
}

static void on_ready(struct link *link, void *owner, uint16_t version,
                     const struct version_data *agreed)
{
    struct target *t = owner;
    struct generator *g = t->generator;
    struct ou_error err = { { 0 } };

    (void)version, (void)agreed;
    t->peer = (struct peer){ .all = &g->peers, .link = link };
    t->peer.keep_alive = keep_alive_start(&t->peer, &err);
    if (t->peer.keep_alive)
        t->client = generator_client_start(&t->peer, &g->load, &t->tally, &err);
    if (!t->client) {
        link_close(link, "own fault: %s", err.text);
        return;
    }
    t->was_ready = true;
    t->delay_ms = REDIAL_FIRST_MS;
    g->ready_count++;
    uv_timer_stop(&g->lonely);
}

static void on_closed(struct link *link, void *owner, const char *why)
{
    struct target *t = owner;
    struct generator *g = t->generator;
    bool was_ready = t->client != NULL;

    (void)link;
    generator_client_stop(t->client);
    keep_alive_stop(t->peer.keep_alive);
    t->client = NULL;
    t->peer.keep_alive = NULL;
    t->link = NULL;
    if (g->phase >= PHASE_GOODBYE)
        return;
    if (was_ready) {
        tell_failure(g, t, why);
        if (--g->ready_count == 0)
            uv_timer_start(&g->lonely, on_lonely, LONELY_MS, 0);
        wake_all(g);
        on_changed(g);
    } else {
        (void)ou_fail(&t->dial_error, OU_IO, "%s", why);
    }
    dial_later(t);
}

static void dial(struct target *t)
{
    static const struct link_events events = { on_ready, on_closed };
    struct generator *g = t->generator;
    const struct link_options options = {
        .loop = &g->loop,
        .own = { .magic = (uint32_t)g->genesis.shelley.network_magic, .initiator_only = true },
        .events = &events,
        .owner = t,
    };

    if (link_dial(&options, NULL, (const struct sockaddr *)&t->at, &t->link, &t->dial_error)) {
        t->link = NULL;
        dial_later(t);
    }
}

/* --- The beginning ---------------------------------------------------------------------------------- */

/* Names are looked up once. */
static enum ou_status resolve(struct target *t, struct ou_error *err)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    char port[8];
    int failed;

    snprintf(port, sizeof port, "%u", t->config->port);
    failed = getaddrinfo(t->config->address, port, &hints, &found);
    if (failed)
        return ou_fail(err, OU_INVALID, "target %s: %s", t->config->name, gai_strerror(failed));
    memcpy(&t->at, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return OU_OK;
}

static enum ou_status make_targets(struct generator *g, struct ou_error *err)
{
    size_t count = g->config.target_count;
    enum ou_status status = OU_OK;

    g->targets = arena_take(&g->memory, count * sizeof *g->targets, _Alignof(struct target));
    if (!g->targets)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the targets");
    for (size_t i = 0; i < count && !status; i++) {
        struct target *t = &g->targets[i];

        t->generator = g;
        t->config = &g->config.targets[i];
        t->delay_ms = REDIAL_FIRST_MS;
        status = resolve(t, err);
    }
    return status;
}

/* The key of the fund is a genesis key, or that of a payment. */
static enum ou_status read_key(const char *path, uint8_t ret[32], struct ou_error *err)
{
    if (key_file_read(path, KEY_genesis_utxo_signing, ret, err) == OU_OK)
        return OU_OK;
    return key_file_read(path, KEY_payment_signing, ret, err);
}

static enum ou_status read_files(struct generator *g, const char *config_path, struct ou_error *err)
{
    struct generator_config *config = &g->config;
    enum ou_status status = generator_config_load(config_path, &g->memory, config, err);

    if (!status)
        status = node_settings_load(config->node_config_path, &g->memory, &g->settings, err);
    if (!status)
        status = genesis_ledger_load(g->settings.shelley_path, g->settings.alonzo_path, &g->genesis,
                                     err);
    if (!status && g->genesis.shelley.network_magic > UINT32_MAX)
        status = ou_fail(err, OU_INVALID, "%s: \"networkMagic\" has more than 32 bits",
                         g->settings.shelley_path);
    if (!status && config->has_magic && config->network_magic != g->genesis.shelley.network_magic)
        status = ou_fail(err, OU_INVALID, "%s: \"networkMagic\" is %u, but %s says %llu",
                         config_path, config->network_magic, g->settings.shelley_path,
                         (unsigned long long)g->genesis.shelley.network_magic);
    return status;
}

static enum ou_status make_load(struct generator *g, struct ou_error *err)
{
    uint8_t seed[32];
    uint64_t slot = 0;
    struct generator_txs_options options = { .config = &g->config,
                                             .genesis = &g->genesis,
                                             .fund_seed = seed };
    struct generator_txs *txs = NULL;
    enum ou_status status = read_key(g->config.signing_key_path, seed, err);

    if (status)
        return status;
    (void)slot_at(&g->genesis.shelley.clock, time_wall_ns(), &slot); /* before the start: 0 */
    options.ttl = slot + VALID_SLOTS;
    status = generator_txs_create(&options, &txs, err);
    if (!status)
        status = load_init(&g->load, txs, g->config.tx_count, g->config.target_count, err);
    if (status) {
        generator_txs_free(txs);
        return status;
    }
    g->load.changed = on_changed;
    g->load.context = g;
    return OU_OK;
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct generator *g = handle->data;

    tell("asked to end by %s", number == SIGINT ? "SIGINT" : "SIGTERM");
    stop(g);
}

static void open_timer(struct generator *g, uv_timer_t *timer)
{
    uv_timer_init(&g->loop, timer);
    timer->data = g;
}

static void open_handles(struct generator *g)
{
    static const int numbers[] = { SIGINT, SIGTERM };

    for (size_t i = 0; i < 2; i++) {
        uv_signal_init(&g->loop, &g->signals[i]);
        g->signals[i].data = g;
        uv_signal_start(&g->signals[i], on_signal, numbers[i]);
    }
    open_timer(g, &g->pause);
    open_timer(g, &g->lonely);
    open_timer(g, &g->pace);
    uv_prepare_init(&g->loop, &g->before_waiting);
    g->before_waiting.data = g;
    uv_prepare_start(&g->before_waiting, on_before_waiting);
    for (size_t i = 0; i < g->config.target_count; i++) {
        uv_timer_init(&g->loop, &g->targets[i].redial);
        g->targets[i].redial.data = &g->targets[i];
    }
}

static enum ou_status run(struct generator *g, struct ou_error *err)
{
    g->peers.loop = &g->loop;
    buffer_init(&g->failures, allocator_libc(), OU_TEXT_MAX);
    json_writer_init(&g->failures_writer, &g->failures, false);
    json_begin_array(&g->failures_writer);
    open_handles(g);
    tell("splitting the fund with %llu transactions",
         (unsigned long long)generator_setup_count(g->load.txs));
    tell_setup(g);
    uv_timer_start(&g->lonely, on_lonely, LONELY_MS, 0);
    for (size_t i = 0; i < g->config.target_count; i++)
        dial(&g->targets[i]);
    uv_run(&g->loop, UV_RUN_DEFAULT);
    buffer_release(&g->failures);
    if (g->result)
        return ou_fail(err, g->result, "no node was there for %d s; %s: %s", LONELY_MS / 1000,
                       g->config.targets[0].name, g->targets[0].dial_error.text);
    return OU_OK;
}

static enum ou_status assemble(struct generator *g, struct ou_error *err)
{
    enum ou_status status = make_load(g, err);

    if (!status)
        status = make_targets(g, err);
    return status ? status : run(g, err);
}

static void release(struct generator *g)
{
    generator_txs_free(g->load.txs);
    load_release(&g->load);
    genesis_ledger_release(&g->genesis);
    uv_loop_close(&g->loop);
    arena_release(&g->memory);
    alloc_free(allocator_libc(), g, sizeof *g);
}

static enum ou_status start_tracing(const struct generator *g, const char *config_path,
                                    const struct collector_address *collector, struct ou_error *err)
{
    const struct ou_trace_options tracing =
        node_trace_options(config_path, "generator", &g->genesis.shelley, collector);

    return ou_trace_start(&tracing, err);
}

enum ou_status generator_run(const char *config_path, const struct collector_address *collector,
                             struct ou_error *err)
{
    struct generator *g = alloc_zeroed(allocator_libc(), sizeof *g);
    enum ou_status status;

    if (!g)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a load generator");
    arena_init(&g->memory, allocator_libc(), SETTINGS_BYTES);
    uv_loop_init(&g->loop);
    (void)signal(SIGPIPE, SIG_IGN); /* a target that is gone is told by write() */
    status = chain_crypto_start(err);
    if (!status)
        status = read_files(g, config_path, err);
    if (!status)
        status = start_tracing(g, config_path, collector, err);
    if (!status) {
        status = assemble(g, err);
        ou_trace_stop();
    }
    release(g);
    return status;
}
