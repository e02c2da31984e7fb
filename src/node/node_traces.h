/* What a node says of itself: when it starts, when it listens, when it ends. */
#ifndef OU_NODE_NODE_TRACES_H
#define OU_NODE_NODE_TRACES_H

#include "node/forge.h"

/* Startup.Common, .ShelleyBased and .Time. */
void node_traces_start(const char *config_path, const struct genesis_ledger *genesis);

/* NodeState.OpeningDbs. */
void node_traces_opening(const char *database_path);

/* Startup.Network, .Info, .P2PInfo, and both Net.Server.*.Started: the one of local clients is what tools look for to see
 * that a node was started again, although this node has no socket for such clients. */
void node_traces_listening(const char *host, uint16_t port, const struct node_topology *topology);

/* NodeState.NodeShutdown, with an account of the slots. */
void node_traces_end(const char *why, const struct forge_counts *counts);

#endif
