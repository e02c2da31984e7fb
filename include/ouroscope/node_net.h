/* Connections between nodes: made, refused, ended, measured. Part of node.h, which says where the
 * facts are from. */
#ifndef OUROSCOPE_NODE_NET_H
#define OUROSCOPE_NODE_NET_H

#include <ouroscope/point.h>

#define NODE_CONNECTION_FIELDS(F) F(peer, peer, "peer", OU_DMINIMAL, "the connection")
#define NODE_REMOTE_FIELDS(F) \
    F(text, remote, "remoteAddress", OU_DMINIMAL, "the other node: address and port")

/* --- Made -------------------------------------------------------------------------- */

OU_TRACE_POINT(node_connect, "Net.ConnectionManager.Remote.Connect", OU_DEBUG, OU_PUBLIC,
               NODE_REMOTE_FIELDS, "The node dials another one.", .kind = "ConnectTo",
               .human = "dialling {remote}");

#define NODE_CONNECT_ERROR_FIELDS(F) \
    NODE_REMOTE_FIELDS(F)            \
    F(text, reason, "reason", OU_DMINIMAL, "why")

OU_TRACE_POINT(node_connect_error, "Net.ConnectionManager.Remote.ConnectError", OU_INFO, OU_PUBLIC,
               NODE_CONNECT_ERROR_FIELDS,
               "Another node could not be reached. The node dials again after a while.",
               .kind = "ConnectError", .human = "{remote} cannot be reached: {reason}");

#define NODE_CONNECTION_HANDLER_FIELDS(F)                                                         \
    NODE_CONNECTION_FIELDS(F)                                                                     \
    F(text, outcome, "connectionHandler.kind", OU_DMINIMAL,                                       \
      "HandshakeSuccess; HandshakeClientError when this node dialled, else HandshakeServerError") \
    F(u64, version, "connectionHandler.versionNumber", OU_DMINIMAL, "that was agreed on")         \
    F(text, reason, "connectionHandler.reason", OU_DMINIMAL, "why there is no agreement")

OU_TRACE_POINT(
    node_connection_handler, "Net.ConnectionManager.Remote.ConnectionHandler", OU_INFO, OU_PUBLIC,
    NODE_CONNECTION_HANDLER_FIELDS,
    "Two nodes have agreed on a version of the protocols, or have not: the other side is "
    "on another network, speaks other versions, or something else altogether.",
    .kind = "ConnectionHandler", .human = "{outcome} with {peer}: version {version}{reason}");

/* --- Refused ----------------------------------------------------------------------- */

#define NODE_HARD_LIMIT_FIELDS(F) \
    F(u64, limit, "limit", OU_DMINIMAL, "connections that the node accepts at a time")

OU_TRACE_POINT(node_connection_hard_limit, "Net.AcceptPolicy.ConnectionHardLimit", OU_WARNING,
               OU_PUBLIC, NODE_HARD_LIMIT_FIELDS,
               "The node has as many connections as it accepts, and takes no further ones until "
               "some have ended.",
               .kind = "ServerTraceAcceptConnectionHardLimit",
               .human = "{limit} connections are all that is accepted");

/* --- Ended ------------------------------------------------------------------------- */

OU_TRACE_POINT(node_mux_clean_exit, "Net.InboundGovernor.Remote.MuxCleanExit", OU_DEBUG, OU_PUBLIC,
               NODE_CONNECTION_FIELDS, "A connection has ended in order.", .kind = "MuxCleanExit",
               .human = "the connection {peer} has ended");

#define NODE_MUX_ERRORED_FIELDS(F) \
    NODE_CONNECTION_FIELDS(F)      \
    F(text, reason, "reason", OU_DMINIMAL, "the rule that was broken, or what failed")

OU_TRACE_POINT(
    node_mux_errored, "Net.InboundGovernor.Remote.MuxErrored", OU_INFO, OU_PUBLIC,
    NODE_MUX_ERRORED_FIELDS,
    "A connection was given up: the peer broke a rule of a protocol, was too slow, or is "
    "gone.",
    .kind = "MuxErrored", .human = "the connection {peer} was given up: {reason}");

/* --- Measured ---------------------------------------------------------------------- */

#define NODE_KEEP_ALIVE_FIELDS(F)                                               \
    F(text, remote, "address", OU_DMINIMAL, "the other node: address and port") \
    F(f64, round_trip, "rtt", OU_DMINIMAL, "seconds from question to answer")

OU_TRACE_POINT(node_keep_alive, "Net.KeepAliveClient", OU_INFO, OU_PUBLIC, NODE_KEEP_ALIVE_FIELDS,
               "A peer has answered the question whether it is still there.",
               .kind = "KeepAliveClient AddSample", .human = "{remote} answered in {round_trip} s");

#endif
