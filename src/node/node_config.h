/* The configuration of the reference node: the keys of cardano-node's file that it understands, its topology file, and
 * its command line. docs/formats/node-configuration.md tells each. */
#ifndef OU_NODE_NODE_CONFIG_H
#define OU_NODE_NODE_CONFIG_H

#include "base/arena.h"
#include "chain/key_file.h"
#include "node/link_model.h"

#define TOPOLOGY_PEERS_MAX 1000

/* From the configuration file, paths made absolute by the file's folder:
 *   ShelleyGenesisFile, AlonzoGenesisFile, ConwayGenesisFile (checked to be there), ShelleyGenesisHash (checked when given)
 *   MaxConcurrencyDeadline (1), MaxConcurrencyBulkSync (1), MempoolCapacityBytesOverride, SnapshotInterval (slots; 0: none)
 *   TxSubmissionInitDelay (seconds; 0), ForgingDelaySlots? no
 *   ReferenceNode: { "ScriptPicosecondsPerStep": number }   what only the reference node has
 * All tracing keys are the library's; unknown keys are left alone. */
struct node_settings {
    const char *config_path;
    const char *shelley_path, *alonzo_path; /* alonzo may be NULL */
    uint32_t max_concurrency_deadline, max_concurrency_bulk;
    uint64_t mempool_capacity_override; /* bytes; 0: twice a block */
    uint64_t snapshot_interval_slots;
    double tx_submission_delay_s;
    double script_ps_per_step; /* modelled time of scripts; 0: none */
};

/* A peer of the topology: {"address", "port"} of a local root's accessPoints, with, as an addition of ours,
 * {"latencyMs": number, "bytesPerSecond": number}. Legacy files ("Producers") are read too. */
struct topology_peer {
    const char *address;
    uint16_t port;
    struct link_model model;
};

struct node_topology {
    struct topology_peer *peers;
    size_t peer_count;
};

enum ou_status node_settings_load(const char *config_path, struct arena *memory,
                                  struct node_settings *ret, struct ou_error *err);
enum ou_status node_topology_load(const char *path, struct arena *memory, struct node_topology *ret,
                                  struct ou_error *err);

/* The keys a producer forges with. */
struct node_credentials {
    uint8_t cold_key[32];
    struct certificate certificate;
    struct vrf_key vrf;
    struct kes_key kes;
};

enum ou_status node_credentials_load(const char *kes_path, const char *vrf_path,
                                     const char *certificate_path, struct node_credentials *ret,
                                     struct ou_error *err);

#endif
