/* A topology as files: that of the whole cluster, and that of one node. docs/formats/topology.md */
#ifndef OU_WORKBENCH_TOPOLOGY_FILES_H
#define OU_WORKBENCH_TOPOLOGY_FILES_H

#include "workbench/topology.h"

/* topology.json of a run: {"coreNodes": [...], "relayNodes": [...], "links": [...]}. The caller json_decref()s. */
json_t *topology_document(const struct topology *t);

/* What the topology file of one node looks like. */
enum topology_form {
    TOPOLOGY_P2P, /* of a cardano-node */
    TOPOLOGY_P2P_DELAYED, /* with latencyMs and bytesPerSecond at each access point that has a delay: of a reference node */
    TOPOLOGY_LEGACY, /* {"Producers": [{"addr", "port", "valency"}, ...]} */
};

/* ports[i] is where node i listens, on 127.0.0.1. A proxy dials a relay of mainnet. The caller json_decref()s. */
json_t *topology_file_of(const struct topology *t, size_t node, const uint16_t *ports,
                         enum topology_form form);

#endif
