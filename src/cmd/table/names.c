/* The row of `ouroscope names` in the table of commands. */
#include <stdint.h>

#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info names_options[] = {
    [NAMES_OPTION_EVENTS] = {
        .name = "events",
        .help = "Only names of messages.",
    },
    [NAMES_OPTION_TOGGLES] = {
        .name = "toggles",
        .help = "Only switches of the older configuration, and loggers.",
    },
    [NAMES_OPTION_METRICS] = {
        .name = "metrics",
        .help = "Only names of metrics.",
    },
    [NAMES_OPTION_FROM] = {
        .name = "from", .argument = "SIDE", .choices = "legacy new",
        .help = "What each NAME is: one of the older system, or one of the new one. Either if not "
                "given.",
    },
    [NAMES_OPTION_JSON] = {
        .name = "json",
        .help = "Print JSON: a list of pairs; with --config, an object of the configuration and "
                "the remarks.",
    },
    [NAMES_OPTION_CONFIG] = {
        .name = "config", .letter = 'c', .argument = "FILE", .kind = VALUE_FILE,
        .help = "Print this configuration of the older system in the words of the new one.",
    },
    [NAMES_OPTION_FORMAT] = {
        .name = "format", .letter = 'f', .argument = "FORMAT", .choices = "json yaml",
        .help = "How the configuration is printed; as it came if not given.",
    },
};

static const struct command_example names_examples[] = {
    { "ouroscope names ChainDB.AddBlockEvent.AddedToCurrentChain",
      "What a message of today was called" },
    { "ouroscope names --from legacy TraceMempool cardano_node_metrics_slotNum_int",
      "What a switch and a metric are called today" },
    { "ouroscope names --metrics --json", "All metrics, for a program" },
    { "ouroscope names --config config.json > new.json",
      "Bring a node's configuration to the new system" },
};

const struct command command_names = {
    .name = "names",
    .operands = "[NAME...]",
    .summary = "translate names of the older tracing system, and its configuration",
    .description =
        "Prints what messages, switches and metrics of a Cardano node are called in the tracing "
        "system of before 2023, were called in 2023, and are called today, whichever of these "
        "NAME is; without NAME, all that is known. A NAME may also be the beginning of names, up "
        "to a dot; a metric is known with and without its prefix and the suffix of its kind.\n\n"
        "The first column says what the old name is: kind (the member of data), message (the kind "
        "of a mini-protocol's message, in data.msg), early (the name in the first iteration of "
        "the new system), former (the name in 2023), reader (a name that only tools look for), "
        "part (of whose members some are in the message of today), toggle (a switch of the "
        "configuration), logger, metric. X.* are all names below X; - is none.\n\n"
        "With --config a node's configuration of the older system, JSON or YAML, is printed for "
        "the new one; members that are not about tracing stay as they are, comments of YAML do "
        "not. Standard error says, by line, what was changed, what has no counterpart (lost), "
        "and what nobody will miss (unneeded).",
    .options = names_options,
    .option_count = ROWS(names_options),
    .operands_max = SIZE_MAX,
    .examples = names_examples,
    .example_count = ROWS(names_examples),
    .exits = {
        [EXIT_DONE] = "all names were found, or the configuration was rewritten",
        [EXIT_FAILED] = "there is no such name, or the configuration is wrong",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .run = cmd_names,
};
