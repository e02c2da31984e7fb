/* A node's life: start, states, end; and what the load generator says. (What it uses meanwhile is
 * in resources.h.) Part of node.h, which says where the facts are from. */
#ifndef OUROSCOPE_NODE_LIFE_H
#define OUROSCOPE_NODE_LIFE_H

#include <ouroscope/point.h>

/* --- Start ------------------------------------------------------------------------- */

#define NODE_STARTUP_COMMON_FIELDS(F)                                             \
    F(text, config_path, "configPath", OU_DMINIMAL, "the configuration file")     \
    F(digits, network_magic, "networkMagic", OU_DMINIMAL, "the network's number") \
    F(text, protocol, "protocol", OU_DMINIMAL, "Cardano, Byron or Shelley")       \
    F(text, version, "version", OU_DMINIMAL, "of the program")                    \
    F(text, commit, "commit", OU_DMINIMAL, "the source it was made from")         \
    F(text, started, "nodeStartTime", OU_DMINIMAL, "when the node started, in UTC")

OU_TRACE_POINT(node_startup_common, "Startup.Common", OU_INFO, OU_PUBLIC,
               NODE_STARTUP_COMMON_FIELDS, "What runs here: program, version, network.",
               .kind = "BasicInfoCommon",
               .human = "{version} ({commit}) starts on network {network_magic}");

#define NODE_STARTUP_SHELLEY_FIELDS(F)                                       \
    F(text, era, "era", OU_DMINIMAL, "Shelley, ... Conway")                  \
    F(text, system_start, "systemStartTime", OU_DMINIMAL,                    \
      "when the network's first slot began, in UTC")                         \
    F(text, slot_length, "slotLength", OU_DMINIMAL, "with its unit: 1s")     \
    F(digits, epoch_length, "epochLength", OU_DMINIMAL, "slots of an epoch") \
    F(digits, kes_slots, "slotsPerKESPeriod", OU_DMINIMAL, "slots for which a forging key is valid")

OU_TRACE_POINT(
    node_startup_shelley_based, "Startup.ShelleyBased", OU_INFO, OU_PUBLIC,
    NODE_STARTUP_SHELLEY_FIELDS, "The network's times, one message for each era.",
    .kind = "BasicInfoShelleyBased",
    .human = "{era}: slots of {slot_length}, epochs of {epoch_length} slots since {system_start}");

#define NODE_DIFFUSION_MODE_FIELDS(F) \
    F(text, diffusion_mode, "diffusionMode", OU_DMINIMAL, "whether other nodes may connect")

#define NODE_STARTUP_NETWORK_FIELDS(F)                                              \
    F(json, addresses, "addresses", OU_DMINIMAL, "where the node listens: a list")  \
    NODE_DIFFUSION_MODE_FIELDS(F)                                                   \
    F(json, dns_producers, "dnsProducers", OU_DMINIMAL, "peers to follow, by name") \
    F(json, ip_producers, "ipProducers", OU_DMINIMAL, "peers to follow, by address")

OU_TRACE_POINT(node_startup_network, "Startup.Network", OU_INFO, OU_PUBLIC,
               NODE_STARTUP_NETWORK_FIELDS, "Where the node listens and whom it follows.",
               .kind = "BasicInfoNetwork", .human = "listening at {addresses}");

#define NODE_STARTUP_TIME_FIELDS(F) \
    F(digits, started, "startupTime", OU_DMINIMAL, "seconds since 1970-01-01 UTC")

OU_TRACE_POINT(node_startup_time, "Startup.Time", OU_INFO, OU_PUBLIC, NODE_STARTUP_TIME_FIELDS,
               "When the node started.", .kind = "StartupTime", .human = "started at {started}",
               .metrics = OU_METRICS({ OU_GAUGE, "node.start.time",
                                       "when the node started, seconds since 1970",
                                       OU_FIELD(node_startup_time, started) }));

#define NODE_STARTUP_INFO_FIELDS(F)                                                              \
    F(json, addresses, "nodeAddresses", OU_DMINIMAL, "where the node listens: a list")           \
    F(text, local_socket, "localSocket", OU_DMINIMAL, "where it listens for clients")            \
    F(json, node_versions, "nodeToNodeVersions", OU_DMINIMAL, "protocol versions between nodes") \
    F(json, client_versions, "nodeToClientVersions", OU_DMINIMAL, "protocol versions for clients")

OU_TRACE_POINT(node_startup_info, "Startup.Info", OU_INFO, OU_PUBLIC, NODE_STARTUP_INFO_FIELDS,
               "Addresses and protocol versions that the node offers.", .kind = "StartupInfo",
               .human = "listening at {addresses}, for clients at {local_socket}");

OU_TRACE_POINT(node_startup_p2p_info, "Startup.P2PInfo", OU_INFO, OU_PUBLIC,
               NODE_DIFFUSION_MODE_FIELDS, "How the node takes part in the network.",
               .kind = "StartupP2PInfo", .human = "takes part as {diffusion_mode}");

#define NODE_SERVER_STARTED_FIELDS(F) \
    F(json, addresses, "addresses", OU_DMINIMAL, "where it listens: a list")

OU_TRACE_POINT(node_local_server_started, "Net.Server.Local.Started", OU_NOTICE, OU_PUBLIC,
               NODE_SERVER_STARTED_FIELDS,
               "Clients on this machine can connect. It comes once in a node's life: in a log, "
               "each one marks a restart.",
               .kind = "AcceptPolicyTrace", .human = "listening for clients at {addresses}");

OU_TRACE_POINT(node_remote_server_started, "Net.Server.Remote.Started", OU_NOTICE, OU_PUBLIC,
               NODE_SERVER_STARTED_FIELDS, "Other nodes can connect.", .kind = "AcceptPolicyTrace",
               .human = "listening for nodes at {addresses}");

/* --- States ------------------------------------------------------------------------ */

/* One point for each state. Its last name is its kind, too, but for the opening of databases. */
#define NODE_STATE(name, last, kind_, severity, FIELDS, human_, help_)                         \
    OU_TRACE_POINT(name, "NodeState." last, severity, OU_PUBLIC, FIELDS, help_, .kind = kind_, \
                   .human = human_, .legacy = { "NodeState", NULL, false })

#define NODE_STATE_OPENING_FIELDS(F) \
    F(json, opening, "openingDb", OU_DMINIMAL, "which database, and how far")
#define NODE_STATE_REPLAYS_FIELDS(F) \
    F(json, replays, "replays", OU_DMINIMAL, "from where, and how far")
#define NODE_STATE_SELECTION_FIELDS(F) F(json, selection, "chainSel", OU_DMINIMAL, "how far")
#define NODE_STATE_ADD_BLOCK_FIELDS(F) \
    F(json, added, "addBlock", OU_DMINIMAL, "epoch, slot in it, and how much of the chain is there")
#define NODE_STATE_STARTUP_FIELDS(F) F(json, startup, "startup", OU_DMINIMAL, "how far")
#define NODE_STATE_SHUTDOWN_FIELDS(F) F(json, shutdown, "shutdown", OU_DMINIMAL, "why")

NODE_STATE(node_state_tracing_online, "NodeTracingOnlineConfiguring",
           "NodeTracingOnlineConfiguring", OU_INFO, OU_NO_FIELDS, "tracing runs",
           "The node traces, and goes on with its configuration.");
NODE_STATE(node_state_opening_dbs, "OpeningDbs", "NodeOpeningDbs", OU_INFO,
           NODE_STATE_OPENING_FIELDS, "opening databases: {opening}",
           "The node opens its databases.");
NODE_STATE(node_state_replays, "NodeReplays", "NodeReplays", OU_INFO, NODE_STATE_REPLAYS_FIELDS,
           "replaying blocks: {replays}",
           "The node applies stored blocks to the ledger again. After an unclean end this may take "
           "hours.");
NODE_STATE(node_state_init_chain_selection, "NodeInitChainSelection", "NodeInitChainSelection",
           OU_INFO, NODE_STATE_SELECTION_FIELDS, "choosing the first chain: {selection}",
           "The node chooses a chain among the blocks it has stored.");
NODE_STATE(node_state_kernel_online, "NodeKernelOnline", "NodeKernelOnline", OU_INFO, OU_NO_FIELDS,
           "the node works", "All is ready: the node begins to follow the network.");
NODE_STATE(node_state_add_block, "NodeAddBlock", "NodeAddBlock", OU_INFO,
           NODE_STATE_ADD_BLOCK_FIELDS, "adding blocks: {added}",
           "The node adds blocks to its chain; from it one sees how far it has caught up.");
NODE_STATE(node_state_startup, "NodeStartup", "NodeStartup", OU_INFO, NODE_STATE_STARTUP_FIELDS,
           "starting: {startup}", "A step of the node's start.");
NODE_STATE(node_state_shutdown, "NodeShutdown", "NodeShutdown", OU_WARNING,
           NODE_STATE_SHUTDOWN_FIELDS, "ending: {shutdown}", "The node ends.");

/* --- End --------------------------------------------------------------------------- */

OU_TRACE_POINT(node_shutdown_requested, "Shutdown.Requested", OU_WARNING, OU_PUBLIC, OU_NO_FIELDS,
               "Somebody asked the node to end.", .kind = "ShutdownRequested",
               .human = "asked to end");

#define NODE_SHUTDOWN_REQUESTING_FIELDS(F) F(text, reason, "reason", OU_DMINIMAL, "why")

OU_TRACE_POINT(node_shutdown_requesting, "Shutdown.Requesting", OU_WARNING, OU_PUBLIC,
               NODE_SHUTDOWN_REQUESTING_FIELDS,
               "The node ends by itself: it has reached the block or slot it was to run to.",
               .kind = "RequestingShutdown", .human = "ending: {reason}");

/* --- The load generator ------------------------------------------------------------ */

#define NODE_GENERATOR_ACK_FIELDS(F) F(hashes, tx_ids, "txIds", OU_DMINIMAL, "the transactions")

OU_TRACE_POINT(node_generator_ack, "TraceBenchTxSubServAck", OU_INFO, OU_PUBLIC,
               NODE_GENERATOR_ACK_FIELDS, "A node acknowledged transactions of the load generator.",
               .kind = "TraceBenchTxSubServAck", .human = "transactions were acknowledged",
               .legacy = { "Benchmark", NULL, false });

/* One point for each step of a transaction on its way to a node; they share their form. */
#define NODE_GENERATOR_TXS(name, last, human_, help_)                                              \
    OU_TRACE_POINT(name, "Benchmark." last, OU_DEBUG, OU_PUBLIC, NODE_GENERATOR_ACK_FIELDS, help_, \
                   .kind = "Trace" last, .human = human_, .legacy = { "Benchmark", NULL, false })

NODE_GENERATOR_TXS(node_generator_announced, "BenchTxSubStart", "transactions were announced",
                   "The load generator told a node of transactions that it has.");
NODE_GENERATOR_TXS(node_generator_asked, "BenchTxSubServReq", "transactions were asked for",
                   "A node asked the load generator for transactions that it had been told of.");
NODE_GENERATOR_TXS(node_generator_unavailable, "BenchTxSubServUnav",
                   "transactions were asked for that are not on offer",
                   "A node asked the load generator for transactions that it has not been told of, "
                   "or has acknowledged.");

#define NODE_GENERATOR_SETUP_FIELDS(F)                           \
    F(u64, taken, "setupTaken", OU_DMINIMAL,                     \
      "how many of them every node has that it is connected to") \
    F(u64, txs, "setupTxs", OU_DMINIMAL, "transactions that split the fund")

OU_TRACE_POINT(
    node_generator_setup, "Benchmark.BenchTxSubSetup", OU_INFO, OU_PUBLIC,
    NODE_GENERATOR_SETUP_FIELDS,
    "How far the load generator is with splitting its fund; the load begins behind that. "
    "At most once a second.",
    .kind = "TraceBenchTxSubSetup",
    .human = "{taken} of {txs} transactions that split the fund are taken",
    .legacy = { "Benchmark", NULL, false });

#define NODE_GENERATOR_TEXT_FIELDS(F) F(text, text, "msg", OU_DMINIMAL, "in words")

OU_TRACE_POINT(node_generator_progress, "Benchmark.BenchTxSubDebug", OU_INFO, OU_PUBLIC,
               NODE_GENERATOR_TEXT_FIELDS,
               "How far the load generator is: it splits its funds, waits, sends.",
               .kind = "TraceBenchTxSubDebug", .human = "{text}",
               .legacy = { "Benchmark", NULL, false });

OU_TRACE_POINT(node_generator_trouble, "Benchmark.BenchTxSubError", OU_WARNING, OU_PUBLIC,
               NODE_GENERATOR_TEXT_FIELDS,
               "The load generator lost a node, and goes on with the others.",
               .kind = "TraceBenchTxSubError", .human = "{text}",
               .legacy = { "Benchmark", NULL, false });

#define NODE_GENERATOR_SUMMARY_FIELDS(F)                                                       \
    F(text, thread_name, "summary.ssThreadName", OU_DMINIMAL, "who sent them")                 \
    F(u64, tx_sent, "summary.ssTxSent", OU_DMINIMAL, "transactions sent")                      \
    F(u64, tx_unavailable, "summary.ssTxUnavailable", OU_DMINIMAL,                             \
      "transactions that were asked for, but not on offer")                                    \
    F(f64, elapsed, "summary.ssElapsed", OU_DMINIMAL, "seconds that it took")                  \
    F(f64, effective_tps, "summary.ssEffectiveTps", OU_DMINIMAL, "transactions sent a second") \
    F(json, thread_tps, "summary.ssThreadwiseTps", OU_DMINIMAL,                                \
      "transactions a second, of each connection: a list")                                     \
    F(json, failures, "summary.ssFailures", OU_DMINIMAL, "what went wrong: a list")

OU_TRACE_POINT(node_generator_summary, "Benchmark.BenchTxSubSummary", OU_INFO, OU_PUBLIC,
               NODE_GENERATOR_SUMMARY_FIELDS,
               "The load generator is done: what it sent, and how fast.",
               .kind = "TraceBenchTxSubSummary",
               .human = "{tx_sent} transactions sent in {elapsed} s",
               .legacy = { "Benchmark", NULL, false });

#endif
