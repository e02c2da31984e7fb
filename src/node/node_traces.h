/* What a node says of itself: when it starts, when it listens, when it ends. */
#ifndef OU_NODE_NODE_TRACES_H
#define OU_NODE_NODE_TRACES_H

#include <ouroscope/trace.h>

#include "node/collector_address.h"
#include "node/forge.h"

/* How a program of the network traces: the configuration's path, and what a collector wants to know. name
 * is for where the configuration has none. All texts must last until tracing has started. */
struct ou_trace_options node_trace_options(const char *config_path, const char *name,
                                           const struct genesis *genesis,
                                           const struct collector_address *collector);

/* Files the data point NodeStartupInfo: before tracing starts, so that no collector asks too early. */
void node_file_startup_info(const struct genesis *genesis);

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
