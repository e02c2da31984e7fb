/* A topology as files: that of the whole cluster, and that of one node. docs/formats/topology.md */
#ifndef OU_PROFILE_TOPOLOGY_FILES_H
#define OU_PROFILE_TOPOLOGY_FILES_H

#include "base/span.h"
#include "deploy/site.h"
#include "profile/topology.h"

#define TOPOLOGY_FILE_BYTES_MAX ((size_t)64 << 20)
#define TOPOLOGY_REGION_LINKS_MAX 10000

/* topology.json of a run: {"coreNodes": [...], "relayNodes": [...], "links": [...]}. The caller json_decref()s. */
json_t *topology_document(const struct topology *t);

/* Reads topology.json, of ours or of the existing workbench, into `memory`. Producers that the file does not
 * have as nodes are passed over. A message names file and place. OU_NOT_FOUND: there is no such file;
 * OU_TOO_LARGE: more than TOPOLOGY_NODES_MAX nodes or TOPOLOGY_LINKS_MAX links. */
enum ou_status topology_load(const char *path, struct arena *memory, struct topology *ret,
                             struct ou_error *err);
enum ou_status topology_parse(struct span text, const char *name, struct arena *memory,
                              struct topology *ret, struct ou_error *err);

/* What the topology file of one node looks like. */
enum topology_form {
    TOPOLOGY_P2P, /* of a cardano-node */
    TOPOLOGY_P2P_DELAYED, /* with latencyMs and bytesPerSecond at each access point that has a delay: of a reference node */
    TOPOLOGY_LEGACY, /* {"Producers": [{"addr", "port", "valency"}, ...]} */
};

/* sites[i] is where node i listens. A proxy dials a relay of mainnet. The caller json_decref()s. */
json_t *topology_file_of(const struct topology *t, size_t node, const struct site *sites,
                         enum topology_form form);

#endif
