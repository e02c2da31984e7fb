/* The trace points of a Cardano node, declared once for all who write and read them.
 *
 * A C program that includes this header and calls OU_TRACE(node_forged_block, ...) writes the lines
 * that a Cardano node writes: same names, members, severities. `ouroscope analyse` takes the names
 * and members it looks for from the same declarations, so that the two cannot drift apart.
 *
 * Names and severities are those of the node of 2026. What was written in their place in 2023, in the
 * first iteration of the new tracing (2021/22) and by the system before it, the library has in
 * tables; a point says it itself only where they do not. Points that only nodes of 2023 write are
 * here, too, since there are logs of them; their documentation says so. Names of metrics are what dashboards made for the node
 * ask for (cardano_node_metrics_slotNum_int, ...), each at a point whose message has the value.
 *
 * What is declared are the messages of block forging and propagation, of the mempool, of a node's
 * life and connections, and of its resources; a node has some hundred more. */
#ifndef OUROSCOPE_NODE_H
#define OUROSCOPE_NODE_H

#include <ouroscope/node_chain.h>
#include <ouroscope/node_forge.h>
#include <ouroscope/node_gossip.h>
#include <ouroscope/node_life.h>
#include <ouroscope/node_net.h>
#include <ouroscope/resources.h>

#endif
