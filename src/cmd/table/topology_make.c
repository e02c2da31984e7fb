/* The row of `ouroscope topology make` in the table of commands. */
#include "cmd/table/shared.h"
#include "cmd/topology.h"

/* clang-format off */

static const struct option_info topology_make_options[] = {
    [TOPOLOGY_MAKE_SHAPE] = {
        .name = "shape", .letter = 's', .argument = "SHAPE",
        .choices = "line uni-circle torus torus-dense dense",
        .help = "The shape, in place of the profile's.",
    },
    [TOPOLOGY_MAKE_NODES] = {
        .name = "nodes", .letter = 'n', .argument = "N",
        .help = "So many nodes with a pool each, in place of the profile's: 1 to 1000.",
    },
    [TOPOLOGY_MAKE_LOCATION] = {
        .name = "location", .letter = 'l', .argument = "NAME", .repeatable = true,
        .help = "Where nodes stand, who are dealt to locations in turn, in place of the profile's: a "
                "region, any other name, or LO, EU, US, AP.",
    },
    [TOPOLOGY_MAKE_EXPLORER] = {
        .name = "explorer",
        .help = "Add an explorer, which dials everyone and does not forge.",
    },
    [TOPOLOGY_MAKE_OVERLAY] = {
        .name = "overlay", .argument = "JSON|FILE", .kind = VALUE_FILE, .repeatable = true,
        .help = "Members that replace those of the profile.",
    },
    [TOPOLOGY_MAKE_NODE] = {
        .name = "node", .argument = "NAME",
        .help = "Write the topology file of that node, as node-3 or explorer, and not that of the "
                "cluster.",
    },
    [TOPOLOGY_MAKE_FORM] = {
        .name = "format", .letter = 'f', .argument = "FORM", .choices = "p2p p2p-delays legacy",
        .help = "The form of that file: p2p as a cardano-node reads it, which is taken if not given; "
                "p2p-delays with the delays of links beside, as a reference node reads it; legacy as "
                "cardano-nodes before P2P read it.",
    },
    [TOPOLOGY_MAKE_PORT] = {
        .name = "base-port", .argument = "PORT",
        .help = "Where the first node listens; the others follow. 30000 if not given.",
    },
    [TOPOLOGY_MAKE_SPECS] = {
        .name = "specs",
        .help = "Write node-specs.json, which says what each host is, and not the topology.",
    },
    [TOPOLOGY_MAKE_OUT] = {
        .name = "out", .letter = 'o', .argument = "FILE", .kind = VALUE_FILE,
        .help = "Write it there, complete or not at all, and not to standard output.",
    },
};

static const struct command_example topology_make_examples[] = {
    { "ouroscope topology make value-nomadperf --out topology.json",
      "The cluster of the published benchmarks" },
    { "ouroscope topology make --shape torus-dense --nodes 6 --location LO",
      "Six nodes in one place" },
    { "ouroscope topology make default --node node-3 --format legacy --base-port 3001",
      "The file of one node, for another program" },
};

const struct command command_topology_make = {
    .name = "topology make",
    .operands = "[PROFILE]",
    .summary = "make the topology of a profile, or of a shape",
    .description =
        "Prints the topology of a cluster, who dials whom, as a run would write it: topology.json. The "
        "algorithms are those of the published benchmarks. PROFILE is default if not given; options "
        "replace what it says. Nothing is started.",
    .options = topology_make_options,
    .option_count = ROWS(topology_make_options),
    .operands_max = 1,
    .operand_kind = VALUE_FILE,
    .examples = topology_make_examples,
    .example_count = ROWS(topology_make_examples),
    .exits = {
        [EXIT_DONE] = "the topology was written",
        [EXIT_FAILED] = "it could not be written",
        [EXIT_WRONG_USAGE] = "the command line or the profile cannot be understood",
    },
    .see_also = { "ouroscope-profile-show 1", "ouroscope-topology-show 1" },
    .run = cmd_topology_make,
};
