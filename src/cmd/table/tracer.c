/* The row of `ouroscope tracer` in the table of commands. */
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info tracer_options[] = {
    [COLLECT_OPTION_CONFIG] = {
        .name = "config", .letter = 'c', .argument = "FILE", .kind = VALUE_FILE,
        .help = "The configuration, YAML or JSON: cardano-tracer's, as it is. It is read again on "
                "SIGHUP.",
    },
    [COLLECT_OPTION_CHECK] = {
        .name = "check",
        .help = "Collect nothing; only say what is wrong or odd about the configuration.",
    },
    [COLLECT_OPTION_JSON] = {
        .name = "json",
        .help = "With --check: print the configuration with all defaults filled in, as JSON.",
    },
    [COLLECT_OPTION_STATE] = {
        .name = "state-dir", .argument = "DIR", .kind = VALUE_DIRECTORY,
        .help = "Taken for the sake of cardano-tracer's command lines; nothing is kept there.",
    },
    [COLLECT_OPTION_SEVERITY] = {
        .name = "min-log-severity", .argument = "SEVERITY",
        .choices = "Debug Info Notice Warning Error Critical Alert Emergency",
        .help = "Of the collector's own messages, those that are shown on standard output; Info if "
                "not given.",
    },
};

static const struct command_example tracer_examples[] = {
    { "printf '%s\\n' 'networkMagic: 42' \\\n"
      "    'network: { tag: AcceptAt, contents: /tmp/tracer.sock }' \\\n"
      "    'logging:' \\\n"
      "    ' - { logRoot: /tmp/logs, logMode: FileMode, logFormat: ForMachine }' \\\n"
      "    'hasPrometheus: { epHost: 127.0.0.1, epPort: 3200 }' > tracer.yaml",
      "A configuration: lines go into files, metrics are there for Prometheus" },
    { "ouroscope tracer --config tracer.yaml", "Collect what nodes send to /tmp/tracer.sock" },
    { "ouroscope tracer --config tracer.yaml --check", "See whether a configuration is right" },
    { "ouroscope tracer --config tracer.yaml --check --json",
      "Show what applies, with all defaults" },
};

const struct command command_tracer = {
    .name = "tracer",
    .operands = "",
    .summary = "collect traces and metrics of nodes",
    .description =
        "Cardano nodes, and programs with libouroscope, connect to it, or it connects to them; it "
        "writes their messages to files (a folder for each node, rotated) or to the journal, shows "
        "their metrics to Prometheus and to people, keeps the last hours of them to be queried, "
        "forwards, and notifies. It takes the place of cardano-tracer, with the same protocol and "
        "configuration.\n\n"
        "Nodes are asked for more only when what they sent is written: when a disk is slow or full, "
        "messages wait in the nodes' queues, and a node whose queue is full counts what it drops.\n\n"
        "Its own messages, JSON in lines, go to standard output. When nodes can connect, their "
        "address is told on standard error. SIGTERM and SIGINT end it in order: nodes are told, "
        "what is on its way is waited for, 15 seconds at most, and written; a second one ends it at "
        "once. SIGHUP reads the configuration again; one that is wrong changes nothing.",
    .options = tracer_options,
    .option_count = ROWS(tracer_options),
    .examples = tracer_examples,
    .example_count = ROWS(tracer_examples),
    .exits = {
        [EXIT_DONE] = "it was told to end, or the configuration is right",
        [EXIT_FAILED] = "the configuration is wrong, or an address cannot be listened at",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-docs 1", "ouroscope-names 1", "ouroscope-tracing 7" },
    .run = cmd_tracer,
};
