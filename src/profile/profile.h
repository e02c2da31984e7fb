/* Profiles: named, fully parametrised benchmarks, as JSON data (data/profiles, built in; or a file of the user's).
 * A profile names its base, whose members it overrides: objects merge, everything else is replaced.
 * docs/formats/profile.md tells each member. */
#ifndef OU_PROFILE_PROFILE_H
#define OU_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"
#include "deploy/service.h"

#define PROFILE_MAX_BYTES (16 << 20)
#define PROFILE_HOSTS_MAX 1000
#define PROFILE_REGIONS_MAX 16

enum topology_shape {
    TOPOLOGY_LINE,
    TOPOLOGY_UNI_CIRCLE,
    TOPOLOGY_TORUS,       /* each ring in both directions */
    TOPOLOGY_TORUS_DENSE, /* with chords */
    TOPOLOGY_DENSE,       /* everyone with everyone */
};

enum scenario {
    SCENARIO_IDLE,         /* collector and nodes, until interrupted */
    SCENARIO_TRACER_ONLY,  /* the collector alone, until interrupted */
    SCENARIO_FIXED,        /* collector and nodes, until a condition of the profile */
    SCENARIO_FIXED_LOADED, /* and the generator */
    SCENARIO_CHAINSYNC,    /* a server has a chain, and the explorer follows it */
};

/* What is started as a node. */
enum node_kind {
    NODE_REFERENCE, /* ouroscope node */
    NODE_CARDANO,   /* cardano-node of the user's */
    NODE_COMMAND,   /* any program: node.command */
};

enum era {
    ERA_SHELLEY,
    ERA_ALLEGRA,
    ERA_MARY,
    ERA_ALONZO,
    ERA_BABBAGE,
    ERA_CONWAY,
    ERA_DIJKSTRA,
};

/* What the end of a node before its time means for the run: run.on_node_death. */
enum node_death { DEATH_CONTINUE, DEATH_FAIL, DEATH_RESTART };

/* Statistics of GHC's run-time system that a node writes to nodes/NAME/rts.stats: node.rts_stats. */
enum rts_stats { RTS_STATS_NONE, RTS_STATS_SUMMARY, RTS_STATS_COLLECTIONS };

/* node.command: what a node of kind NODE_COMMAND is. Texts are as in the profile, with their %{words}. */
struct profile_command {
    const char *const *argv; /* argc of them */
    size_t argc;
    struct readiness ready;
    bool ends_by_itself;
    int stop_signal; /* SIGTERM or SIGINT */
};

struct profile_variable {
    const char *name, *value;
};

enum host_kind { HOST_BFT, HOST_POOL, HOST_PROXY, HOST_CHAINDB_SERVER, HOST_EXPLORER };

/* One host of the cluster: node-specs.json has the same (node_specs.h). Hosts stand in the order bft, pools (singular
 * before dense), proxy, chain database server, explorer. */
struct node_spec {
    const char *name; /* "node-3", "explorer", ...: node-I for BFT and pools */
    uint32_t index;   /* its place in this order */
    enum host_kind kind;
    const char *region;
    uint32_t pools;      /* 0: it does not forge */
    uint32_t first_pool; /* its pools are first_pool, first_pool + 1, ...: keys/pool<number + 1>/ */
    bool autostart;      /* false: the scenario starts it, as the explorer */
    uint64_t stop_slot, stop_block; /* UINT64_MAX: none */
};

/* A delay between two regions (or within one), for the link model. */
struct profile_link {
    const char *a, *b;       /* regions; may be the same */
    double latency_ms;       /* one way */
    double bytes_per_second; /* 0: no limit */
};

/* What a run needs of a profile, defaults filled in; units as named. Text lives in `memory`. */
struct profile {
    struct arena memory;
    json_t *document; /* complete, with derived values: what becomes profile.json; owned */
    /* Where each value of the document is from: {"genesis.utxo": "profile forge-stress-pre", ...}, a text per leaf path
     * (members joined with dots; lists are leaves); owned. profile_explain.h shows it. */
    json_t *origins;
    const char *name, *description;
    const char *source; /* what messages begin with: "profile demo", or the path of a file */

    /* composition */
    uint32_t hosts; /* BFT and pool hosts: host i is "node-i" */
    uint32_t pools; /* of all hosts together */
    uint32_t bft_hosts, singular_hosts, dense_hosts, pools_per_dense_host;
    bool with_proxy, with_chaindb_server, with_explorer;
    struct node_spec *
        specs; /* of all hosts, spec_count of them: hosts, and those that do not forge behind them */
    size_t spec_count;
    enum topology_shape shape;
    const char *regions[PROFILE_REGIONS_MAX]; /* host i stands in region i mod count */
    size_t region_count;
    const struct profile_link *links;
    size_t link_count;

    /* genesis */
    uint32_t network_magic;
    double slot_s, active_slots_coeff;
    uint64_t epoch_slots, security_param;
    uint64_t per_pool_balance, funds_balance; /* lovelace */
    uint32_t delegators;
    uint64_t stuffed_utxo;
    uint32_t dreps, utxo_keys;
    uint32_t parameters_epoch; /* genesis.pparamsEpoch */
    enum era era;

    /* generator */
    enum scenario scenario;
    bool loaded; /* scenario fixed-loaded: there is a generator */
    double tps;
    uint64_t tx_count;
    uint32_t inputs_per_tx, outputs_per_tx, metadata_bytes;
    uint64_t tx_fee;
    double init_cooldown_s;
    bool scripts; /* generator.plutus.type is not null: modelled scripts */

    /* node */
    enum node_kind node_kind;
    const char *node_program; /* node.program: path or name of cardano-node; "" */
    const char *const *
        rts_flags; /* node.rts_flags_override, as given, and -M of node.heap_limit; rts_flag_count of them */
    size_t rts_flag_count;
    const char
        *cores; /* node.cores: CPU list ("0-1"), or "" for any; nodes take turns where it has ";" */
    const struct profile_variable *environment; /* node.environment; variable_count of them */
    size_t variable_count;
    struct profile_command command; /* of NODE_COMMAND; no arguments otherwise */
    enum rts_stats rts_stats;
    uint64_t stop_slot, stop_block; /* UINT64_MAX: none */
    uint64_t explorer_stop_slot;    /* node.shutdown_on_slot_synced.explorer; UINT64_MAX: none */
    bool legacy_tracing;            /* node.tracing_backend is iohk-monitoring */
    bool tracing_off; /* it is "off": only what a run is watched by, and resources, are traced */
    bool
        tracer; /* traces go to a collector (node.tracer); never with legacy tracing, which cannot forward */
    double script_ps_per_step;
    double slowdown_percent;

    /* run */
    double start_delay_s;  /* between deployment and slot 0, where nobody knows better */
    double start_extra_s;  /* the part of it that the profile asks for on top */
    double max_duration_s; /* after slot 0; the run is stopped then */
    bool
        stop_when_exhausted; /* the generator's end ends the run, after blocks have had time to settle */
    enum node_death on_node_death;
    bool node_death_is_fatal; /* on_node_death is DEATH_FAIL */
    uint32_t restarts_max;    /* of one node, with DEATH_RESTART */
    uint32_t attempts;        /* at the whole run, until one succeeds */

    /* what is served to a node that catches up */
    const char *chain_source; /* chaindb.source: a run's directory; "" */
};

/* Whether reference nodes can run it on this machine; the message says what to lay over it so that they can. For
 * NODE_REFERENCE; others are taken as they are. */
enum ou_status profile_check_runnable(const struct profile *p, struct ou_error *err);

/* Whether this machine has what nodes of any kind want of it: their program, and the processors of node.cores. One thread, as
 * getenv(). */
enum ou_status profile_check_machine(const struct profile *p, struct ou_error *err);

/* Whether a profile's name is the path of a file. */
static inline bool profile_name_is_path(const char *name)
{
    return strchr(name, '/') || span_ends(span_of(name), ".json");
}

/* Loads a built-in profile by name, or a file when `name` has a slash or ends in .json, with overlays (JSON texts,
 * applied in order). Checked: unknown members are named with a suggestion, wrong values with their place. */
enum ou_status profile_load(const char *name, const char *const *overlays, size_t overlay_count,
                            struct profile *ret, struct ou_error *err);
void profile_release(struct profile *p); /* a zeroed one is fine */

/* Names of those that are built in, in the order of help; NULL behind the last. */
const char *profile_builtin_name(size_t i);

#endif
