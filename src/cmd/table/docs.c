/* The row of `ouroscope docs` in the table of commands. */
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info docs_options[] = {
    [DOCS_CONFIG] = {
        .name = "config", .letter = 'c', .argument = "FILE", .kind = VALUE_FILE,
        .help = "The configuration of a node, YAML or JSON, as which the trace points are seen. "
                "The built-in one if not given.",
    },
    [DOCS_OUT] = {
        .name = "out", .letter = 'o', .argument = "FILE", .kind = VALUE_FILE,
        .help = "Write the document there, and not to standard output.",
    },
    [DOCS_CHECK] = {
        .name = "check",
        .help = "Write no document; only say what is wrong or odd about the configuration.",
    },
    [DOCS_FORMAT] = {
        .name = "format", .letter = 'f', .argument = "FORMAT", .choices = "markdown json schema",
        .help = "What is written: a document to read (the default), the same as JSON, or the JSON "
                "Schema of the lines of the machine format.",
    },
    [DOCS_OF] = {
        .name = "of", .argument = "PROGRAM", .choices = "node tracer serve",
        .help = "Whose messages: a node's (the default), or what the collector or the server of results says of itself.",
    },
};

static const struct command_example docs_examples[] = {
    { "ouroscope docs --config config.yaml --out traces.md",
      "See which messages a node traces, and where to" },
    { "ouroscope docs --check --config config.json", "Check the tracing part of a configuration" },
    { "ouroscope docs traces --format schema > traces.schema.json",
      "Make a schema to check lines of logs with" },
};

const struct command command_docs = {
    .name = "docs",
    .operands = "[traces]",
    .summary = "document trace points, and check their configuration",
    .description =
        "Prints what messages a Cardano node traces, or the collector, or the server of results: their fields, severities "
        "and former names, the metrics that they feed, and what a configuration makes of each: "
        "whether it is shown, in what detail, where it goes, and how often. The word traces may "
        "stand before the options.\n\n"
        "The JSON Schema (draft 2020-12) holds for each line of these messages in the machine "
        "format, at any detail: ns decides what data has. Lines of messages that it does not "
        "know, it refuses.\n\n"
        "What is odd about the configuration is told on standard error: keys that there are "
        "not, with the nearest that there is, and names that neither these messages have nor "
        "others that cardano-node is known to have. The whole file of a node may be given; what "
        "is not about tracing is not looked at.",
    .options = docs_options,
    .option_count = ROWS(docs_options),
    .operands_max = 1,
    .operand_choices = "traces",
    .examples = docs_examples,
    .example_count = ROWS(docs_examples),
    .exits = {
        [EXIT_DONE] = "the document was written, or the configuration is right, whatever was "
                      "warned of",
        [EXIT_FAILED] = "the configuration is wrong, or something could not be written",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .run = cmd_docs,
};
