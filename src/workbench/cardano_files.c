/* The folder of a cardano-node: what the benchmarking workbench of cardano-node writes, with paths of our run directory. An edition of
 * that workbench (2023-03 or 2026-06) belongs to the nodes of its time: keys of the configuration, tracing, flags. */
#include <stdio.h>
#include <string.h>

#include "deploy/program_path.h"
#include "profile/topology_files.h"
#include "workbench/node_kinds.h"
#include "workbench/service_files.h"

extern char node_cardano_json[], node_cardano_2023_json[], node_cardano_2026_json[],
    node_cardano_tracing_2023_json[], node_cardano_tracing_2026_json[],
    node_cardano_tracing_legacy_json[], node_cardano_tracing_off_json[];

/* Connections to aim at: never fewer than the topology's. The targets of a producer's default configuration. */
#define ACTIVE_PEERS 15
#define ESTABLISHED_PEERS 40

#define NODE_SOCKET "node.socket"

static bool is_of_2023(const struct profile *p)
{
    const char *edition = json_string_value(json_object_get(p->document, "edition"));

    return edition && strncmp(edition, "2023", 4) == 0;
}

static const json_t *node_section(const struct profile *p)
{
    return json_object_get(p->document, "node");
}

const char *era_title(enum era era)
{
    static const char *const titles[] = {
        [ERA_SHELLEY] = "Shelley",   [ERA_ALLEGRA] = "Allegra", [ERA_MARY] = "Mary",
        [ERA_ALONZO] = "Alonzo",     [ERA_BABBAGE] = "Babbage", [ERA_CONWAY] = "Conway",
        [ERA_DIJKSTRA] = "Dijkstra",
    };

    return titles[era];
}

/* ---- layers of the configuration ---- */

/* The chain begins in the era of the profile: all forks up to it are at epoch 0. A public network has its own history. */
static json_t *hard_forks(const struct profile *p)
{
    json_t *keys = json_object();
    char key[64];

    if (json_is_string(json_object_get(p->document, "preset"))) {
        json_object_set_new(keys, "RequiresNetworkMagic", json_string("RequiresNoMagic"));
        return keys;
    }
    for (enum era era = ERA_SHELLEY; era <= p->era; era++) {
        snprintf(key, sizeof key, "Test%sHardForkAtEpoch", era_title(era));
        json_object_set_new(keys, key, json_integer(0));
    }
    return keys;
}

static json_t *at_least(size_t least, size_t value)
{
    return json_integer((json_int_t)(value > least ? value : least));
}

static json_t *peer_targets(size_t valency)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "TargetNumberOfActivePeers",
                     at_least(ACTIVE_PEERS, valency), "TargetNumberOfEstablishedPeers",
                     at_least(ESTABLISHED_PEERS, valency), "SyncTargetNumberOfActivePeers",
                     at_least(ACTIVE_PEERS, valency), "SyncTargetNumberOfEstablishedPeers",
                     at_least(ESTABLISHED_PEERS, valency));
}

/* Where a node keeps what grows: its folder, or one on the disk that the profile names. */
static void database_path(const struct service_files *f, const struct profile *p, const char *name,
                          char *ret, size_t room)
{
    const char *disk = json_string_value(json_object_get(node_section(p), "ssd_directory"));
    const char *tag = strrchr(f->run_directory, '/');

    if (disk)
        snprintf(ret, room, "%s/%s/%s/%s", disk, tag ? tag + 1 : f->run_directory, f->name, name);
    else
        snprintf(ret, room, "%s", name);
}

/* The ledger's UTxO set on disk, of hosts that forge. */
static json_t *ledger_database(const struct service_files *f, const struct profile *p,
                               const struct node_spec *spec)
{
    char path[PATH_MAX];

    if (!json_is_true(json_object_get(node_section(p), "utxo_lsmt")) || spec->pools == 0)
        return json_object();
    database_path(f, p, "lsm", path, sizeof path);
    return json_pack("{s:{s:s, s:s}}", "LedgerDB", "Backend", "V2LSM", "LSMDatabasePath", path);
}

static const char *tracing_template(const struct profile *p)
{
    if (p->legacy_tracing)
        return node_cardano_tracing_legacy_json;
    if (p->tracing_off)
        return node_cardano_tracing_off_json;
    return is_of_2023(p) ? node_cardano_tracing_2023_json : node_cardano_tracing_2026_json;
}

/* Traces always go to standard output, as well. The name is what the collector calls the node's folder. */
static json_t *tracing(struct service_files *f, const struct profile *p)
{
    json_t *config = service_template(f, tracing_template(p));
    json_t *backends;

    if (!config || p->legacy_tracing)
        return config;
    backends = json_pack("[s, s]", "Stdout MachineFormat", "EKGBackend");
    if (p->tracer)
        json_array_append_new(backends, json_string("Forwarder"));
    json_object_set_new(json_object_get(json_object_get(config, "TraceOptions"), ""), "backends",
                        backends);
    json_object_set_new(config, "TraceOptionNodeName", json_string(f->name));
    return config;
}

/* A copy: what is laid over it later must not change the profile. */
static json_t *verbatim(const struct profile *p)
{
    const json_t *members = json_object_get(node_section(p), "verbatim");

    return json_is_object(members) ? json_deep_copy(members) : json_object();
}

/* Without hashes of genesis files: the one with the start of the chain is changed last of all. */
static json_t *configuration(struct service_files *f, const struct profile *p,
                             const struct topology_node *node, const struct node_spec *spec)
{
    bool is_old = is_of_2023(p);
    json_t *config = service_template(f, node_cardano_json);

    if (!config)
        return NULL;
    service_lay(f, config,
                service_template(f, is_old ? node_cardano_2023_json : node_cardano_2026_json));
    if (!is_old) {
        service_lay(f, config, peer_targets(node->producer_count));
        service_lay(f, config, ledger_database(f, p, spec));
    }
    service_lay(f, config, hard_forks(p));
    service_lay(f, config, verbatim(p));
    service_lay(f, config, tracing(f, p));
    return config;
}

/* ---- the command ---- */

static void add_arguments(struct service_files *f, const struct profile *p,
                          const struct node_spec *spec, uint16_t port)
{
    char database[PATH_MAX];

    database_path(f, p, "db", database, sizeof database);
    service_argument(f, "--config", "config.json");
    service_argument(f, "--database-path", "%s", database);
    service_argument(f, "--topology", "topology.json");
    service_argument(f, "--host-addr", "127.0.0.1");
    service_argument(f, "--port", "%u", (unsigned)port);
    service_argument(f, "--socket-path", NODE_SOCKET);
    if (p->tracer)
        service_argument(f, "--tracer-socket-path-connect", "../../" TRACER_SOCKET);
    service_keys(f, spec);
    if (spec->stop_slot != UINT64_MAX)
        service_argument(f, "--shutdown-on-slot-synced", "%llu",
                         (unsigned long long)spec->stop_slot);
    else if (spec->stop_block != UINT64_MAX)
        service_argument(f, "--shutdown-on-block-synced", "%llu",
                         (unsigned long long)spec->stop_block);
}

/* Statistics that the profile asks for take the place of the ones that are written by default: there can only be one file. */
static const char *default_flags(const struct profile *p)
{
    if (is_of_2023(p))
        return "-N2 -I0 -A16m -qg -qb --disable-delayed-os-memory-return";
    return p->rts_stats == RTS_STATS_NONE
               ? "-N2 -I0 -A16m -qg1 -qb1 --disable-delayed-os-memory-return "
                 "-scardano-node.gcstats"
               : "-N2 -I0 -A16m -qg1 -qb1 --disable-delayed-os-memory-return";
}

/* On another machine the program is looked for there. */
static enum ou_status find_node(const struct profile *p, const struct site *site,
                                char ret[PATH_MAX], struct ou_error *err)
{
    const char *name = *p->node_program ? p->node_program : "cardano-node";
    struct ou_error why = { 0 };
    enum ou_status status = OU_OK;

    if (site->is_here)
        status = program_path(name, ret, &why);
    else
        snprintf(ret, PATH_MAX, "%s", name);
    if (!status)
        return OU_OK;
    return ou_fail(err, status,
                   "%s; nodes of kind cardano-node are a program of yours: set node.program to its "
                   "path, or node.kind to \"reference\"",
                   why.text);
}

enum ou_status cardano_files_write(const struct profile *p, const struct topology *t, size_t node,
                                   const struct site *sites, const char *run_directory,
                                   struct arena *memory, struct start_command *ret,
                                   struct ou_error *err)
{
    const struct node_spec *spec = &p->specs[node];
    char program[PATH_MAX];
    struct service_files f;
    enum ou_status status = find_node(p, &sites[node], program, err);
    json_t *config;
    bool is_p2p;

    if (status)
        return status;
    service_open_node(&f, p, node, &sites[node], run_directory, program, "run", memory, err);
    config = configuration(&f, p, &t->nodes[node], spec);
    is_p2p = json_is_true(json_object_get(config, "EnableP2P"));
    service_save(&f, "config.json", config);
    service_save(&f, "topology.json",
                 topology_file_of(t, node, sites, is_p2p ? TOPOLOGY_P2P : TOPOLOGY_LEGACY));
    service_log_folder(&f, p->tracer ? NULL : "node.json");
    add_arguments(&f, p, spec, sites[node].port);
    service_rts_flags(&f, p, default_flags(p));
    status = service_finish(&f, ret);
    if (status)
        return status;
    ret->ready = (struct readiness){ .kind = READY_FILE, .text = NODE_SOCKET };
    ret->ends_by_itself = spec->stop_slot != UINT64_MAX || spec->stop_block != UINT64_MAX;
    return OU_OK;
}
