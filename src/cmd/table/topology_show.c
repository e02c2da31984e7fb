/* The row of `ouroscope topology show` in the table of commands. */
#include "cmd/table/shared.h"
#include "cmd/topology.h"

/* clang-format off */

static const struct option_info topology_show_options[] = {
    [TOPOLOGY_SHOW_FORMAT] = {
        .name = "format", .letter = 'f', .argument = "FORMAT", .choices = "text svg json dot",
        .help = "text: degrees, distances, and a row for each region, link and node. svg: a picture. "
                "json: all of it for programs. dot: for Graphviz. As the ending of --out says if not "
                "given, else text.",
    },
    [TOPOLOGY_SHOW_JSON] = {
        .name = "json",
        .help = "The same as --format json.",
    },
    [TOPOLOGY_SHOW_OVERLAY] = {
        .name = "overlay", .argument = "JSON|FILE", .kind = VALUE_FILE, .repeatable = true,
        .help = "Members that replace those of the profile.",
    },
    [TOPOLOGY_SHOW_TITLE] = {
        .name = "title", .argument = "TEXT",
        .help = "What the picture is called; the name of the profile, file or run if not given.",
    },
    [TOPOLOGY_SHOW_OUT] = {
        .name = "out", .letter = 'o', .argument = "FILE", .kind = VALUE_FILE,
        .help = "Write it there, complete or not at all, and not to standard output.",
    },
};

static const struct command_example topology_show_examples[] = {
    { "ouroscope topology show default", "Degrees and distances of six nodes" },
    { "ouroscope topology show value-nomadperf --out topology.svg", "A picture of 52 nodes" },
};

const struct command command_topology_show = {
    .name = "topology show",
    .operands = "PROFILE | FILE | RUN",
    .summary = "show who dials whom, and how far nodes are from each other",
    .description =
        "Shows the topology of a profile, of a file topology.json, of ours or of the existing "
        "workbench, or of a run, by its directory or its name below ./runs: how many nodes each node "
        "dials and is dialled by, the diameter and the mean distance, in steps both as blocks go (over "
        "a link in either direction) and one way, and where the delays of links are known in "
        "milliseconds. Hosts that do not forge are shown, but left out of these numbers.",
    .options = topology_show_options,
    .option_count = ROWS(topology_show_options),
    .operands_min = 1,
    .operands_max = 1,
    .operand_kind = VALUE_FILE,
    .examples = topology_show_examples,
    .example_count = ROWS(topology_show_examples),
    .exits = {
        [EXIT_DONE] = "the topology was shown",
        [EXIT_FAILED] = "it could not be written",
        [EXIT_WRONG_USAGE] = "the command line, profile or file cannot be understood",
    },
    .see_also = { "ouroscope-run 1", "ouroscope-topology-make 1" },
    .run = cmd_topology_show,
};
