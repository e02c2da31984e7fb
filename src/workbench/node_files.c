#include "workbench/node_files.h"

#include <stdio.h>

#include "profile/topology_files.h"
#include "workbench/node_kinds.h"
#include "workbench/service_files.h"

extern char node_config_json[], node_tracing_json[], node_tracing_legacy_json[],
    node_tracing_off_json[];

/* Connections to aim at: never fewer than the topology's. The targets of a producer's default configuration. */
#define ACTIVE_PEERS 15
#define ESTABLISHED_PEERS 40

static json_t *at_least(size_t least, size_t value)
{
    return json_integer((json_int_t)(value > least ? value : least));
}

/* What depends on the profile and on the node's place in the topology. */
static json_t *particulars(const struct profile *p, const struct topology_node *node)
{
    json_t *config = json_pack(
        "{s:o, s:o, s:o, s:o}", "TargetNumberOfActivePeers",
        at_least(ACTIVE_PEERS, node->producer_count), "TargetNumberOfEstablishedPeers",
        at_least(ESTABLISHED_PEERS, node->producer_count), "SyncTargetNumberOfActivePeers",
        at_least(ACTIVE_PEERS, node->producer_count), "SyncTargetNumberOfEstablishedPeers",
        at_least(ESTABLISHED_PEERS, node->producer_count));

    if (config && (p->script_ps_per_step > 0 || p->slowdown_percent > 0))
        json_object_set_new(config, "ReferenceNode",
                            json_pack("{s:f, s:f}", "ScriptPicosecondsPerStep",
                                      p->script_ps_per_step, "SlowdownPercent",
                                      p->slowdown_percent));
    return config;
}

static const char *tracing_template(const struct profile *p)
{
    if (p->legacy_tracing)
        return node_tracing_legacy_json;
    return p->tracing_off ? node_tracing_off_json : node_tracing_json;
}

/* In layers, the later ones above the earlier: what all nodes have, tracing, this node, node.verbatim. Hashes of genesis
 * files are left out, as the file with the start of the chain is changed last of all. */
static json_t *configuration(struct service_files *f, const struct profile *p,
                             const struct topology_node *node, const char *log)
{
    json_t *verbatim = json_object_get(json_object_get(p->document, "node"), "verbatim");
    json_t *config = service_template(f, node_config_json);
    json_t *tracing = service_template(f, tracing_template(p));
    json_t *own = particulars(p, node);
    bool done;

    if (p->tracer)
        service_forward_to(f, tracing, "../../" TRACER_SOCKET);
    else
        service_trace_to(f, tracing, log);
    done = !f->status && json_object_update(config, tracing) == 0 &&
           json_object_update(config, own) == 0 &&
           json_object_update_recursive(config, verbatim) == 0;
    json_decref(tracing);
    json_decref(own);
    if (done)
        return config;
    json_decref(config);
    return NULL;
}

/* Not --shutdown-on-slot-synced and the like: a forger that ends with its last block would take it along. The run ends all
 * nodes when all have it. */
static enum ou_status reference_files_write(const struct profile *p, const struct topology *t,
                                            size_t node, const struct site *sites,
                                            const char *run_directory, struct arena *memory,
                                            struct start_command *ret, struct ou_error *err)
{
    struct service_files f;
    char log[128];

    snprintf(log, sizeof log, "../../logs/%s/node.json", p->specs[node].name);
    service_open_node(&f, p, node, &sites[node], run_directory, sites[node].program, "node", memory,
                      err);
    service_save(&f, "config.json", configuration(&f, p, &t->nodes[node], log));
    service_save(&f, "topology.json",
                 topology_file_of(t, node, sites,
                                  sites[node].is_here ? TOPOLOGY_P2P_DELAYED : TOPOLOGY_P2P));
    service_argument(&f, "--config", "config.json");
    service_argument(&f, "--topology", "topology.json");
    service_argument(&f, "--database-path", "db");
    service_argument(&f, "--host-addr", "%s", sites[node].listen);
    service_argument(&f, "--port", "%u", (unsigned)sites[node].port);
    service_keys(&f, &p->specs[node]);
    return service_finish(&f, ret);
}

enum ou_status node_files_write(const struct profile *p, const struct topology *t, size_t node,
                                const struct site *sites, const char *run_directory,
                                struct arena *memory, struct start_command *ret,
                                struct ou_error *err)
{
    switch (p->node_kind) {
    case NODE_CARDANO:
        return cardano_files_write(p, t, node, sites, run_directory, memory, ret, err);
    case NODE_COMMAND: return command_files_write(p, node, sites, run_directory, memory, ret, err);
    case NODE_REFERENCE: break;
    }
    return reference_files_write(p, t, node, sites, run_directory, memory, ret, err);
}
