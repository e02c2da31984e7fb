/* The configuration of the reference node: the keys of cardano-node's file that it understands, its topology file, and
 * its command line. docs/formats/node-configuration.md tells each. */
#ifndef OU_NODE_NODE_CONFIG_H
#define OU_NODE_NODE_CONFIG_H

#include "base/arena.h"
#include "chain/key_file.h"
#include "node/link_model.h"

#define TOPOLOGY_PEERS_MAX 1000

#define NODE_CONFIG_MAX_BYTES (16 << 20) /* of a configuration or topology file */

/* From the configuration file; paths are relative to the file's folder. All tracing keys are the library's; keys
 * that the reference node does not know are left alone. */
struct node_settings {
    const char *config_path;
    const char *shelley_path;           /* ShelleyGenesisFile */
    const char *alonzo_path;            /* AlonzoGenesisFile; NULL: none */
    const char *shelley_hash;           /* ShelleyGenesisHash, in hex; NULL: not given */
    uint32_t max_concurrency_deadline;  /* MaxConcurrencyDeadline; 1 */
    uint32_t max_concurrency_bulk;      /* MaxConcurrencyBulkSync; 1 */
    uint64_t mempool_capacity_override; /* MempoolCapacityBytesOverride; 0: twice a block */
    uint64_t snapshot_interval_slots;   /* SnapshotInterval; 0: none */
    uint32_t ledger_metrics_slots;      /* TraceOptionLedgerMetricsFrequency; 1 */
    double tx_submission_delay_s;       /* TxSubmissionInitDelay; 0 */
    /* ReferenceNode.ScriptPicosecondsPerStep, which only the reference node has: modelled time of
     * scripts; 0: none */
    double script_ps_per_step;
    /* ReferenceNode.SlowdownPercent: adoption comes so much later on purpose (slowdown.h); 0 */
    double slowdown_percent;
};

/* A peer of the topology: {"address", "port"} of a local root's accessPoints, with, as an addition of ours,
 * {"latencyMs": number, "bytesPerSecond": number}. Legacy files ("Producers": [{"addr", "port"}]) are
 * read, too. Addresses are numeric. */
struct topology_peer {
    const char *address;
    uint16_t port;
    struct link_model model;
};

struct node_topology {
    struct topology_peer *peers;
    size_t peer_count;
};

/* Messages name the file and the member. What *ret points to lives in `memory`. */
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

/* Those of several pools, from one file as cardano-node reads it: a JSON list of [certificate, VRF signing key, KES
 * signing key], each the text envelope that else is a file. The array is in `memory`. Refused when others than the owner
 * may use the file. */
#define BULK_CREDENTIALS_MAX 1000
enum ou_status node_credentials_load_bulk(const char *path, struct arena *memory,
                                          struct node_credentials **ret, size_t *ret_count,
                                          struct ou_error *err);

#endif
