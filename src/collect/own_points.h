/* What the collector says of itself, on its standard output: names and severities are cardano-tracer's where
 * it has them. */
#ifndef OU_COLLECT_OWN_POINTS_H
#define OU_COLLECT_OWN_POINTS_H

#include <ouroscope/resources.h>
#include <ouroscope/trace.h>

/* A point of the collector: its kind is the last part of its name, with "Tracer" before it. */
#define TRACER_POINT(name, last, severity, FIELDS, help_, human_)            \
    OU_TRACE_POINT(name, "Tracer." last, severity, OU_PUBLIC, FIELDS, help_, \
                   .kind = "Tracer" last, .human = human_)

/* --- Life --------------------------------------------------------------------------- */

#define TRACER_BUILD_FIELDS(F) F(text, version, "version", OU_DMINIMAL, "of the program")

TRACER_POINT(tracer_build_info, "BuildInfo", OU_INFO, TRACER_BUILD_FIELDS, "Which program this is.",
             "{version}");

#define TRACER_PARAMS_FIELDS(F)                                               \
    F(text, config_path, "configPath", OU_DMINIMAL, "the configuration file") \
    F(text, state_path, "stateDir", OU_DMINIMAL, "--state-dir")               \
    F(text, severity, "minLogSeverity", OU_DMINIMAL, "--min-log-severity")

TRACER_POINT(tracer_params_are, "ParamsAre", OU_INFO, TRACER_PARAMS_FIELDS,
             "How the collector was started.", "configuration {config_path}");

#define TRACER_CONFIG_FIELDS(F) \
    F(json, conf, "conf", OU_DMINIMAL, "the effective configuration, defaults filled in")

TRACER_POINT(tracer_config_is, "ConfigIs", OU_INFO, TRACER_CONFIG_FIELDS,
             "The configuration that is in effect from now on.", "{conf}");

#define TRACER_WHY_FIELDS(F) F(text, why, "why", OU_DMINIMAL, "in words")

TRACER_POINT(tracer_config_refused, "ConfigurationRefused", OU_ERROR, TRACER_WHY_FIELDS,
             "The configuration was to be read again, and is wrong. The old one stays in effect.",
             "the new configuration is refused, the old one stays: {why}");
TRACER_POINT(tracer_config_warning, "ConfigurationWarning", OU_WARNING, TRACER_WHY_FIELDS,
             "Something about the configuration is odd, and no error.", "{why}");
TRACER_POINT(tracer_init_start, "InitStart", OU_INFO, OU_NO_FIELDS, "The collector starts.",
             "starting");
TRACER_POINT(tracer_init_done, "InitDone", OU_INFO, OU_NO_FIELDS,
             "All that was asked for is open: nodes can connect.", "started");
TRACER_POINT(tracer_shutdown_initiated, "ShutdownInitiated", OU_INFO, TRACER_WHY_FIELDS,
             "The collector was asked to end: nodes are told, and what is on its way is written.",
             "ending: {why}");
TRACER_POINT(tracer_shutdown_complete, "ShutdownComplete", OU_INFO, OU_NO_FIELDS,
             "All is written and closed.", "ended");
TRACER_POINT(tracer_error, "Error", OU_ERROR, TRACER_WHY_FIELDS,
             "Something does not work; the collector goes on without it.", "{why}");

#define TRACER_STALLED_FIELDS(F) F(f64, seconds, "seconds", OU_DMINIMAL, "how long")

TRACER_POINT(
    tracer_stalled, "Stalled", OU_WARNING, TRACER_STALLED_FIELDS,
    "The collector did not run for five seconds or more: it was stopped, or the machine slept or had too much "
    "to do. Nodes waited meanwhile; connections may have been given up.",
    "did not run for {seconds} s");

#define TRACER_OWN_LOST_FIELDS(F)                                    \
    F(u64, lost, "lost", OU_DMINIMAL, "since the last such message") \
    F(u64, total, "total", OU_DMINIMAL, "since the collector started")

TRACER_POINT(
    tracer_messages_lost, "MessagesLost", OU_WARNING, TRACER_OWN_LOST_FIELDS,
    "Messages of the collector itself were lost, because standard output did not take them "
    "in time.",
    "{lost} messages of the collector were lost ({total} in all)");
TRACER_POINT(tracer_resources, "Resources", OU_INFO, NODE_RESOURCES_FIELDS,
             "What the collector has used since it began (resourceFreq).",
             "CPU {centi_cpu} cs, memory {rss} bytes, {threads} threads");

/* --- What was started ------------------------------------------------------------------- */

#define TRACER_AT_FIELDS(F) F(text, at, "at", OU_DMINIMAL, "the address")

TRACER_POINT(tracer_started_acceptors, "StartedAcceptors", OU_INFO, TRACER_AT_FIELDS,
             "Nodes are waited for, or connected to.", "nodes: {at}");
TRACER_POINT(tracer_started_prometheus, "StartedPrometheus", OU_INFO, TRACER_AT_FIELDS,
             "The page of metrics for Prometheus is there (hasPrometheus).", "Prometheus at {at}");
TRACER_POINT(tracer_started_monitoring, "StartedMonitoring", OU_INFO, TRACER_AT_FIELDS,
             "The page of metrics for people is there (hasEKG).", "monitoring at {at}");
TRACER_POINT(tracer_started_timeseries, "StartedTimeseries", OU_INFO, TRACER_AT_FIELDS,
             "The history of metrics can be queried (hasTimeseries).", "time series at {at}");
TRACER_POINT(tracer_started_live, "StartedLivePage", OU_INFO, TRACER_AT_FIELDS,
             "The live page is there (hasRTView).", "live page at {at}");
TRACER_POINT(tracer_started_reforwarder, "StartedReforwarder", OU_INFO, TRACER_AT_FIELDS,
             "What comes is forwarded to another collector (hasForwarding).", "forwarding: {at}");
TRACER_POINT(tracer_started_rotator, "StartedLogRotator", OU_INFO, OU_NO_FIELDS,
             "Log files are rotated.", "log files are rotated");
TRACER_POINT(
    tracer_missing_certificate, "MissingCertificate", OU_WARNING, TRACER_AT_FIELDS,
    "A page was to be encrypted (epForceSSL), and there is no tlsCertificate: it is served "
    "without encryption.",
    "no tlsCertificate: {at} is served without encryption");

/* --- Connections ------------------------------------------------------------------------- */

TRACER_POINT(tracer_sock_listen, "SockListen", OU_INFO, TRACER_AT_FIELDS,
             "The collector listens for nodes.", "listening at {at}");
TRACER_POINT(tracer_sock_incoming, "SockIncoming", OU_INFO, TRACER_AT_FIELDS,
             "A node has connected.", "connection from {at}");
TRACER_POINT(tracer_sock_connecting, "SockConnecting", OU_INFO, TRACER_AT_FIELDS,
             "The collector connects to a node.", "connecting to {at}");
TRACER_POINT(tracer_sock_connected, "SockConnected", OU_INFO, TRACER_AT_FIELDS,
             "The collector has connected to a node.", "connected to {at}");

TRACER_POINT(
    tracer_stale_socket, "StaleSocket", OU_NOTICE, TRACER_AT_FIELDS,
    "A socket was left where the collector listens: the one before it was killed, or the machine went down. "
    "It is replaced; programs with libouroscope send again what was not acknowledged, other nodes may not.",
    "the collector before this one has not ended in order: {at} was left");

#define TRACER_INTERRUPTED_FIELDS(F)                   \
    F(text, at, "conn", OU_DMINIMAL, "the connection") \
    F(text, why, "message", OU_DMINIMAL, "what went wrong")

TRACER_POINT(tracer_forwarding_interrupted, "ForwardingInterrupted", OU_WARNING,
             TRACER_INTERRUPTED_FIELDS,
             "A connection could not be made, or was ended because of an error.", "{at}: {why}");

#define TRACER_FULL_FIELDS(F)                             \
    F(u64, limit, "limit", OU_DMINIMAL, "maxConnections") \
    F(u64, refused, "refused", OU_DMINIMAL, "connections closed since the last such message")

TRACER_POINT(
    tracer_connections_full, "ConnectionsFull", OU_WARNING, TRACER_FULL_FIELDS,
    "There are as many connections as maxConnections allows; further ones are closed. Told "
    "once a minute at most.",
    "{limit} connections are open: {refused} were refused");

#define TRACER_MAPPING_FIELDS(F)                                                                   \
    F(text, id, "nodeId", OU_DMINIMAL, "from the remote address")                                  \
    F(text, own_name, "niName", OU_DMINIMAL, "as it calls itself; empty when it did not say")      \
    F(text, name, "nodeName", OU_DMINIMAL, "as it is called here: niName without what could harm") \
    F(text, folder, "folder", OU_DMINIMAL, "of its log files, in each log root")                   \
    F(text, slug, "slug", OU_DMINIMAL, "in the addresses of pages")

TRACER_POINT(tracer_node_id, "AddNewNodeIdMapping", OU_INFO, TRACER_MAPPING_FIELDS,
             "The name of a node that has connected is known.", "{id} is {name}");

#define TRACER_TAKEN_FIELDS(F)                                          \
    F(text, own_name, "niName", OU_DMINIMAL, "the name that is in use") \
    F(text, id, "nodeId", OU_DMINIMAL, "of this one: from its address") \
    F(text, name, "nodeName", OU_DMINIMAL, "what it is called instead")

TRACER_POINT(tracer_name_taken, "NodeNameTaken", OU_WARNING, TRACER_TAKEN_FIELDS,
             "A node has connected under the name of one that is connected. It gets the id of its "
             "connection as its name, and files and pages of its own.",
             "a node called {own_name} is connected already: this one is called {name}");

#define TRACER_NODE_FIELDS(F)                          \
    F(text, node, "nodeName", OU_DMINIMAL, "its name") \
    F(text, why, "why", OU_DMINIMAL, "in words")

TRACER_POINT(tracer_node_gone, "NodeGone", OU_NOTICE, TRACER_NODE_FIELDS,
             "The connection with a node has ended.", "{node} has gone: {why}");

#define TRACER_REPLY_FIELDS(F)                                                         \
    F(text, node, "nodeName", OU_DMINIMAL, "whose")                                    \
    F(u64, objects, "objects", OU_DMINIMAL, "in the reply")                            \
    F(u64, repeated, "repeated", OU_DMINIMAL, "of them, that had been written before") \
    F(u64, bytes, "bytes", OU_DMINIMAL, "written")

TRACER_POINT(tracer_reply, "Reply", OU_DEBUG, TRACER_REPLY_FIELDS,
             "Trace objects of a node were written. Shown with verbosity Maximum only.",
             "{objects} objects of {node}");

/* --- Log files ------------------------------------------------------------------------------ */

TRACER_POINT(
    tracer_write_failed, "WriteFailed", OU_ERROR, TRACER_NODE_FIELDS,
    "Lines of a node cannot be written. They are kept, and no more is asked of the node; or "
    "they are given up (whenUnwritable: drop). Told when it begins, and once a minute.",
    "lines of {node} cannot be written: {why}");
TRACER_POINT(tracer_write_recovered, "WriteRecovered", OU_NOTICE, TRACER_NODE_FIELDS,
             "Lines of a node can be written again, and have been.", "{node}: {why}");

#define TRACER_LOST_FIELDS(F)                                        \
    F(text, node, "nodeName", OU_DMINIMAL, "whose")                  \
    F(u64, lost, "lost", OU_DMINIMAL, "since the last such message") \
    F(u64, total, "total", OU_DMINIMAL, "since the collector started")

TRACER_POINT(
    tracer_lines_lost, "LinesLost", OU_ERROR, TRACER_LOST_FIELDS,
    "Lines could not be written, and were given up: with whenUnwritable: drop, or at the end. "
    "Told when it begins, once a minute, and when it is over.",
    "{lost} lines of {node} are lost ({total} in all)");
TRACER_POINT(tracer_objects_lost, "ObjectsLost", OU_WARNING, TRACER_LOST_FIELDS,
             "A node's forwarder says that it dropped messages, for want of room in its queue.",
             "{node} lost {lost} messages ({total} in all)");

/* --- Notifications, forwarding ---------------------------------------------------------------- */

#define TRACER_NOTIFICATION_FIELDS(F)                               \
    F(text, rule, "rule", OU_DMINIMAL, "its name")                  \
    F(boolean, ok, "delivered", OU_DMINIMAL, "whether it went out") \
    F(text, why, "why", OU_DMINIMAL, "in words")

TRACER_POINT(tracer_notification, "Notification", OU_INFO, TRACER_NOTIFICATION_FIELDS,
             "A notification went out.", "{rule}: {why}");
TRACER_POINT(tracer_notification_failed, "NotificationFailed", OU_WARNING,
             TRACER_NOTIFICATION_FIELDS, "A notification could not be delivered.", "{rule}: {why}");
TRACER_POINT(tracer_reforwarder, "Reforwarder", OU_INFO, TRACER_WHY_FIELDS,
             "What became of the connection to the collector that is forwarded to.", "{why}");

#endif
