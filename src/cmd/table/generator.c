/* The row of `ouroscope generator` in the table of commands. */
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info generator_options[] = {
    [GENERATOR_OPTION_CONFIG] = {
        .name = "config", .letter = 'c', .argument = "FILE", .kind = VALUE_FILE,
        .help = "The load, the nodes it goes to, and how the generator traces: JSON.",
    },
    TRACER_ROWS(GENERATOR_OPTION_TRACER),
};

static const struct command_example generator_examples[] = {
    { "ouroscope generator --config load.json", "Apply the load that a file describes" },
};

const struct command command_generator = {
    .name = "generator",
    .operands = "",
    .summary = "send transactions to nodes at a steady rate",
    .description =
        "Makes transactions from a fund of the genesis and hands them to nodes, as their peer: "
        "with the handshake, tx-submission and keep-alive of any node. First it splits the fund "
        "into an output for each input of the load, as fast as the nodes take it; then it waits "
        "for the cool-down; then it sends so many transactions a second, each to one of the "
        "nodes, whichever asks. When all mempools are full, nobody asks, and the load is less "
        "than was wanted: it never comes later as a burst.\n\n"
        "Nodes that cannot be reached are tried again; what they did not acknowledge goes to "
        "others. The end is told in a trace message with what was sent, how fast, and what "
        "went wrong. SIGINT and SIGTERM end the generator in order.\n\n"
        "A fund can be split once: a second load on the same chain needs another key.",
    .options = generator_options,
    .option_count = ROWS(generator_options),
    .examples = generator_examples,
    .example_count = ROWS(generator_examples),
    .exits = {
        [EXIT_DONE] = "all transactions were acknowledged, or it was asked to end",
        [EXIT_FAILED] = "the configuration cannot work, or no node was there for a minute",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .run = cmd_generator,
};
