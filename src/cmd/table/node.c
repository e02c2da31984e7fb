/* The row of `ouroscope node` in the table of commands. */
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info node_options[] = {
    [NODE_OPTION_CONFIG] = {
        .name = "config", .argument = "FILE", .kind = VALUE_FILE,
        .help = "The node's configuration: JSON with the keys of cardano-node. Paths in it are "
                "relative to its folder.",
    },
    [NODE_OPTION_TOPOLOGY] = {
        .name = "topology", .argument = "FILE", .kind = VALUE_FILE,
        .help = "The peers to dial, in either of cardano-node's forms. A peer may have a latencyMs "
                "and bytesPerSecond, with which its link stands in for a wide-area one.",
    },
    [NODE_OPTION_DATABASE] = {
        .name = "database-path", .argument = "DIR", .kind = VALUE_DIRECTORY,
        .help = "Where blocks and ledger snapshots are kept. It is made when it is not there; what "
                "is there is gone on with.",
    },
    [NODE_OPTION_HOST] = {
        .name = "host-addr", .argument = "ADDRESS",
        .help = "The numeric address to listen at, and to dial from; 127.0.0.1 if not given.",
    },
    [NODE_OPTION_PORT] = {
        .name = "port", .argument = "PORT",
        .help = "The port to listen at; 0, or none given: any that is free. It is told on standard "
                "output and traced.",
    },
    [NODE_OPTION_KES] = {
        .name = "shelley-kes-key", .argument = "FILE", .kind = VALUE_FILE,
        .help = "With the two below: forge blocks. The key that signs them; only its owner may be "
                "able to read the file.",
    },
    [NODE_OPTION_VRF] = {
        .name = "shelley-vrf-key", .argument = "FILE", .kind = VALUE_FILE,
        .help = "The key that decides in which slots the node leads.",
    },
    [NODE_OPTION_CERTIFICATE] = {
        .name = "shelley-operational-certificate", .argument = "FILE", .kind = VALUE_FILE,
        .help = "The certificate by which the pool entrusts forging to the KES key.",
    },
    [NODE_OPTION_BULK] = {
        .name = "bulk-credentials-file", .argument = "FILE", .kind = VALUE_FILE,
        .help = "Instead of these three, the keys of several pools that forge here: a JSON list of "
                "[certificate, VRF key, KES key].",
    },
    [NODE_OPTION_STOP_SLOT] = {
        .name = "shutdown-on-slot-synced", .argument = "SLOT",
        .help = "End when the tip of the node's chain has reached this slot.",
    },
    [NODE_OPTION_STOP_BLOCK] = {
        .name = "shutdown-on-block-synced", .argument = "NUMBER",
        .help = "End when the tip of the node's chain has reached this block number.",
    },
    TRACER_ROWS(NODE_OPTION_TRACER),
};

static const struct command_example node_examples[] = {
    { "ouroscope node --config config.json --topology topology.json \\\n    --database-path db",
      "Follow a network without forging" },
};

const struct command command_node = {
    .name = "node",
    .operands = "[run]",
    .summary = "the reference node: a subject for measurements",
    .description =
        "Runs one node of a private network, from the configuration, topology, genesis and key "
        "files that cardano-node takes. It really connects to its peers with the node-to-node "
        "protocols, elects slot leaders as Praos does, forges and validates blocks of the Conway "
        "era, keeps a mempool and the unspent outputs, and traces what cardano-node traces, under "
        "the same names.\n\n"
        "It is something to measure, and no wallet's node. Scripts are not run: they cost the "
        "time that the configuration says. There are no rewards, no certificates, no governance, "
        "no tokens, and no socket for wallets and other clients of this machine. Old keys of KES "
        "periods are not erased. It must not hold anything of value, and it does not follow "
        "public networks.\n\n"
        "The word run may stand before the options, as in cardano-node's command line. SIGTERM "
        "and SIGINT end the node in order; SIGHUP reads the tracing part of the configuration "
        "again.",
    .options = node_options,
    .option_count = ROWS(node_options),
    .operands_max = 1,
    .operand_choices = "run",
    .examples = node_examples,
    .example_count = ROWS(node_examples),
    .exits = {
        [EXIT_DONE] = "the node was told to end, or has reached the slot or block to run to",
        [EXIT_FAILED] = "a file is wrong or not there, the address is in use, or another "
                        "process uses the database",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .run = cmd_node,
};
