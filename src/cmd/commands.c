#include "cmd/commands.h"

#include <stdint.h>
#include <string.h>

#define WHEN_CHOICES "auto always never"

static const struct option_info analyse_options[] = {
    [ANALYSE_GENESIS] = {
        .name = "genesis", .argument = "FILE", .kind = VALUE_FILE,
        .help = "The Shelley genesis of the chain: it has the lengths of slots and epochs, the "
                "start of the chain and the largest block. A run directory has its own.",
    },
    [ANALYSE_NETWORK] = {
        .name = "network", .argument = "NAME", .choices = "mainnet preprod preview",
        .help = "A public network whose slots are known without a genesis file.",
    },
    [ANALYSE_FORMAT] = {
        .name = "format", .letter = 'f', .argument = "FORMAT", .choices = "text json csv org",
        .help = "What goes to standard output: a report to read (the default), the analysis file, "
                "or one table.",
    },
    [ANALYSE_JSON] = {
        .name = "json",
        .help = "The same as --format json.",
    },
    [ANALYSE_TABLE] = {
        .name = "table", .argument = "NAME",
        .choices = "metrics blocks slots hosts observations",
        .help = "The table that csv and org show; metrics if not given. Slots come as csv only.",
    },
    [ANALYSE_OUT] = {
        .name = "out", .letter = 'o', .argument = "DIR", .kind = VALUE_DIRECTORY,
        .help = "Write analysis.json, blocks.csv, metrics.csv and slots.csv there. For a run "
                "directory this is RUN/analysis if not given; bare logs write nothing.",
    },
    [ANALYSE_NO_WRITE] = {
        .name = "no-write",
        .help = "Write no files for a run directory, either.",
    },
    [ANALYSE_FILTER] = {
        .name = "filter", .argument = "NAME|FILE|JSON", .kind = VALUE_FILE, .repeatable = true,
        .choices = "unitary adopt-10 epoch3+ epoch4+ epoch5+ fromslot-20k model no-ebnd rewards "
                   "no-rewards nonnegative size-full size-moderate size-moderate-2 size-small",
        .help = "Keep only blocks and slots for which this holds: a shipped filter, a file of "
                "conditions, or the conditions themselves. All filters given must hold.",
    },
    [ANALYSE_NO_FILTERS] = {
        .name = "no-filters",
        .help = "Keep all blocks and slots: drop the filters of the run's profile and the default "
                "one.",
    },
    [ANALYSE_COMPAT] = {
        .name = "compat", .argument = "TOOL", .choices = "locli",
        .help = "Compute every number as that tool does, its defects included, so that results "
                "can be laid beside published ones.",
    },
    [ANALYSE_QUANTILES] = {
        .name = "quantiles", .argument = "RULE", .choices = "7 8 locli",
        .help = "How quantiles are taken: type 7 of Hyndman and Fan (the default), type 8, or the "
                "rank rule of locli.",
    },
    [ANALYSE_META] = {
        .name = "meta", .argument = "FILE", .kind = VALUE_FILE,
        .help = "The meta.json of the run that the logs come from. A run directory has its own.",
    },
    [ANALYSE_DATE] = {
        .name = "date", .argument = "YYYY-MM-DD",
        .help = "The date of the analysis, to be recorded in its result. None if not given, so "
                "that the same input gives the same bytes on any day.",
    },
    [ANALYSE_THREADS] = {
        .name = "threads", .letter = 'j', .argument = "N",
        .help = "How many threads read logs; one for each processor if not given. The result "
                "does not depend on it.",
    },
    [ANALYSE_PROGRESS] = {
        .name = "progress", .argument = "WHEN", .choices = WHEN_CHOICES,
        .help = "Show how far the work is, on standard error.",
    },
    [ANALYSE_COLOR] = {
        .name = "color", .argument = "WHEN", .choices = WHEN_CHOICES,
        .help = "Colour the report.",
    },
    [ANALYSE_QUIET] = {
        .name = "quiet", .letter = 'q',
        .help = "Print no progress and no remarks, only results and errors.",
    },
};

static const struct command_example analyse_examples[] = {
    { "ouroscope analyse runs/2026-11-22T10-00-00_ci-test_a1b2c3",
      "Analyse a run, and write its analysis folder" },
    { "ouroscope analyse --network preprod node.json.gz",
      "See how blocks arrived at one node of a public network" },
    { "ouroscope analyse --genesis shelley.json --format csv --table blocks \\\n"
      "    a=logs/first 'b=logs/second/*.json' > blocks.csv",
      "One line per block, from two hosts that their logs do not name" },
    { "ouroscope analyse --filter size-full \\\n"
      "    --filter '[{\"tag\":\"CSlot\",\"contents\":{\"tag\":\"SlotGEq\",\"contents\":2000}}]' \\\n    RUN",
      "Full blocks only, after a warm-up of 2000 slots" },
    { "journalctl -u node -o json --all | ouroscope analyse --network mainnet -",
      "Read the journal of a node" },
};

/* more_formats, a literal, begins with a blank where it is not empty; json_help says what --json
 * prints. */
#define DOCUMENT_ROWS(first, more_formats, json_help) \
    [(first) + DOCUMENT_OPTION_FORMAT] = {                                                         \
        .name = "format", .letter = 'f', .argument = "FORMAT",                                     \
        .choices = "text md org csv json html" more_formats,                                       \
        .help = "The form of the report; as the ending of --out says if not given, else text. "    \
                "csv and json have every number that is shown, in full.",                          \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_JSON] = {                                                           \
        .name = "json",                                                                            \
        .help = json_help,                                                                         \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_OUT] = {                                                            \
        .name = "out", .letter = 'o', .argument = "FILE", .kind = VALUE_FILE,                      \
        .help = "Write it there, complete or not at all, and not to standard output.",             \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_FULL] = {                                                           \
        .name = "full",                                                                            \
        .help = "Text with all details. What it leaves out else is named at its end; the other "   \
                "forms leave nothing out.",                                                        \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_WIDTH] = {                                                          \
        .name = "width", .argument = "COLUMNS",                                                    \
        .help = "The width of text, 40 to 400 columns; if not given the terminal's, in pipes "     \
                "$COLUMNS or 80, and with --out 100.",                                             \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_ASCII] = {                                                          \
        .name = "ascii",                                                                           \
        .help = "Use no characters but ASCII in text, as where the locale has no others.",         \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_COLOR] = {                                                          \
        .name = "color", .argument = "WHEN", .choices = WHEN_CHOICES,                              \
        .help = "Colour text. Nothing is said by colour alone.",                                   \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_QUIET] = {                                                          \
        .name = "quiet", .letter = 'q',                                                            \
        .help = "Print no remarks, only results and errors.",                                      \
    }

static const struct option_info compare_options[] = {
    [COMPARE_OPTION_FAIL_ON] = {
        .name = "fail-on", .argument = "WHAT", .repeatable = true,
        .choices = "regression inconclusive change never",
        .help = "What makes the exit status 3: a metric that became worse (the default), one of "
                "which the runs cannot tell or that could not be judged, or one that changed in any "
                "direction.",
    },
    [COMPARE_OPTION_METRIC] = {
        .name = "metric", .argument = "NAME", .repeatable = true,
        .help = "Compare only this metric: an identifier, as cdf0.96, or section/identifier where "
                "two sections have it. Fewer questions need fewer runs.",
    },
    [COMPARE_OPTION_MARGIN] = {
        .name = "margin", .argument = "FACTOR|METRIC=PERCENT", .repeatable = true,
        .help = "How much of a change matters: a factor for the margins of all metrics, or the "
                "margin of one in per cent of its old mean, as CentiCpu=5.",
    },
    [COMPARE_OPTION_HISTORY] = {
        .name = "history", .argument = "RUN|FILE", .kind = VALUE_FILE, .repeatable = true,
        .help = "Earlier runs, in any form that operands have. Where both sides have a single run, "
                "what these deviate from their levels, as ouroscope history finds them, is what a "
                "difference is measured by.",
    },
    [COMPARE_OPTION_ADJUST] = {
        .name = "adjust", .argument = "METHOD", .choices = "holm bh",
        .help = "How p is adjusted for the number of metrics: Holm, so that at most one comparison "
                "in twenty of alike versions has any false alarm (the default), or "
                "Benjamini-Hochberg, for screening.",
    },
    [COMPARE_OPTION_PAIRED] = {
        .name = "paired",
        .help = "Compare runs that took turns pair by pair also where there are fewer than five "
                "pairs.",
    },
    [COMPARE_OPTION_UNPAIRED] = {
        .name = "unpaired",
        .help = "Compare runs that took turns like others, not pair by pair.",
    },
    [COMPARE_OPTION_ALLOW_DIFFERENT] = {
        .name = "allow-different",
        .help = "Compare runs although they differ in profile, genesis, hosts, filters or the "
                "like. The differences are listed.",
    },
    [COMPARE_OPTION_SEED] = {
        .name = "seed", .argument = "N",
        .help = "Where random draws begin; the same seed gives the same report.",
    },
    DOCUMENT_ROWS(COMPARE_OPTION_DOCUMENT, "",
                  "Print comparison.json: every number, for programs."),
};

static const struct command_example compare_examples[] = {
    { "ouroscope compare runs/*_old -- runs/*_new", "Did it get worse? Exit status 3 if it did" },
    { "ouroscope compare base.variance.json -- runs/*_a -- runs/*_b -o report.html",
      "Two variants against a base that was measured before, as a page" },
    { "ouroscope compare --metric cdf0.96 --metric CentiCpu \\\n    --fail-on regression "
      "--fail-on inconclusive old-*.json -- new-*.json",
      "A gate that passes only when two metrics are shown not to be worse" },
    { "ouroscope compare --history results.tsv \\\n    "
      "'results.tsv#release-10.7.1.plutus/10.6.2' -- 'results.tsv#plutus/10.7.1'",
      "Two published runs, against how much published runs differ" },
};

static const struct command_example completion_examples[] = {
    { "ouroscope completion bash > \\\n    ~/.local/share/bash-completion/completions/ouroscope",
      "Complete in every new shell" },
    { "source <(ouroscope completion bash)", "Complete in this shell" },
};

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
        .name = "of", .argument = "PROGRAM", .choices = "node tracer",
        .help = "Whose messages: a node's (the default), or what the collector says of itself.",
    },
};

static const struct command_example docs_examples[] = {
    { "ouroscope docs --config config.yaml --out traces.md",
      "See which messages a node traces, and where to" },
    { "ouroscope docs --check --config config.json", "Check the tracing part of a configuration" },
    { "ouroscope docs traces --format schema > traces.schema.json",
      "Make a schema to check lines of logs with" },
};

/* The names are cardano-node's. */
#define TRACER_ROWS(first) \
    [(first) + TRACER_PATH_ACCEPT] = {                                                             \
        .name = "tracer-socket-path-accept", .argument = "FILE", .kind = VALUE_FILE,               \
        .help = "Forward traces and metrics to a collector that connects to this socket; what "    \
                "goes there is what the configuration gives to the backend Forwarder. One of "     \
                "these four options at most.",                                                     \
    },                                                                                             \
    [(first) + TRACER_PATH_CONNECT] = {                                                            \
        .name = "tracer-socket-path-connect", .argument = "FILE", .kind = VALUE_FILE,              \
        .help = "Likewise to one that listens at this socket. It need not be there yet.",          \
    },                                                                                             \
    [(first) + TRACER_NETWORK_ACCEPT] = {                                                          \
        .name = "tracer-socket-network-accept", .argument = "HOST:PORT",                           \
        .help = "Likewise to one that connects over TCP. There is no encryption and no "           \
                "password: use it on this machine, or through a tunnel.",                          \
    },                                                                                             \
    [(first) + TRACER_NETWORK_CONNECT] = {                                                         \
        .name = "tracer-socket-network-connect", .argument = "HOST:PORT",                          \
        .help = "Likewise to one that listens there.",                                             \
    }

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

static const struct option_info history_options[] = {
    [HISTORY_OPTION_BY] = {
        .name = "by", .argument = "ORDER", .choices = "time version",
        .help = "The order of the runs: by the start of their chains, which is how it is if not "
                "given, or by the version of the node, in which 10.10 follows 10.9, 8.7.1-pre "
                "stands before 8.7.1, and 10.3.0-ghc965 behind 10.3.0.",
    },
    [HISTORY_OPTION_THRESHOLD] = {
        .name = "threshold", .argument = "P",
        .help = "A change of level stands when the adjusted p of its test is below; .001 if not "
                "given.",
    },
    [HISTORY_OPTION_MINIMUM] = {
        .name = "minimum-change", .argument = "PERCENT",
        .help = "And when the level changes by so much at least; 0 if not given.",
    },
    [HISTORY_OPTION_LEAST] = {
        .name = "least-runs", .argument = "N",
        .help = "How many runs make a level, 2 to 25; 2 if not given. One run alone never does.",
    },
    DOCUMENT_ROWS(HISTORY_OPTION_DOCUMENT, "", "Print history.json: every number, for programs."),
};

static const struct command_example history_examples[] = {
    { "ouroscope history CentiCpu runs/*", "Since when do nodes use so much of the processor?" },
    { "ouroscope history cdf0.96 results.tsv", "The same of a metric, over published results" },
    { "ouroscope history --by version --minimum-change 2 -o h.html all results.tsv",
      "All metrics, changes of 2 % and more, as a page" },
};

static const struct command_example man_examples[] = {
    { "ouroscope man analyse | man -l -", "Read the manual page of analyse" },
};

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

static const struct option_info report_options[] = {
    [REPORT_OPTION_METRICS] = {
        .name = "metrics", .argument = "LIST",
        .help = "Only these metrics, separated by commas: ids (cdf0.50), with their section "
                "(machperf/RSS), or whole sections (endtoend).",
    },
    [REPORT_OPTION_TITLE] = {
        .name = "title", .argument = "TEXT",
        .help = "The title of the report.",
    },
    [REPORT_OPTION_ALLOW_DIFFERENT] = {
        .name = "allow-different",
        .help = "Compare runs although they differ in what should be the same; the report lists it.",
    },
    [REPORT_OPTION_FROM_SLOT] = {
        .name = "from-slot", .argument = "SLOT",
        .help = "With --format trace: only blocks of this slot and later ones.",
    },
    [REPORT_OPTION_TO_SLOT] = {
        .name = "to-slot", .argument = "SLOT",
        .help = "With --format trace: only blocks of this slot and earlier ones.",
    },
    [REPORT_OPTION_BLOCK] = {
        .name = "block", .argument = "NUMBER|FROM-TO",
        .help = "With --format trace: only this block, or these.",
    },
    DOCUMENT_ROWS(REPORT_OPTION_OUTPUT, " trace", "The same as --format json."),
};

static const struct command_example report_examples[] = {
    { "ouroscope report runs/2026-11-22T10-00-00_ci-test_a1b2c3",
      "Write report.html and report.md into the run's analysis folder" },
    { "ouroscope report --out nightly.html runs/*_ci-test_nightly*",
      "One page about repeated runs, that needs nothing else to be read" },
    { "ouroscope report --out 10.7.1.html runs/*_10.6.2 -- runs/*_10.7.1",
      "One page that compares two versions" },
    { "ouroscope report --format csv --metrics endtoend,RSS RUN",
      "A few metrics, for a spreadsheet" },
    { "ouroscope report --format trace --block 100-110 --out blocks.json RUN",
      "The journey of eleven blocks, for a viewer of traces" },
};

static const struct option_info run_options[] = {
    [RUN_OPTION_LIST] = {
        .name = "list", .letter = 'l',
        .help = "Print the names of the profiles that are built in, and what each is for.",
    },
    [RUN_OPTION_DIR] = {
        .name = "dir", .letter = 'd', .argument = "PARENT", .kind = VALUE_DIRECTORY,
        .help = "Make the run directory there; in ./runs if not given.",
    },
    [RUN_OPTION_IDENT] = {
        .name = "ident", .argument = "TEXT",
        .help = "What the run is called: the last part of its directory's name, and the head of its "
                "column in comparisons. Six random digits if not given.",
    },
    [RUN_OPTION_BATCH] = {
        .name = "batch", .argument = "TEXT",
        .help = "A label of the series that the run belongs to.",
    },
    [RUN_OPTION_REPEAT] = {
        .name = "repeat", .letter = 'n', .argument = "N",
        .help = "Make so many runs, one after the other. Their reports are written and not printed; "
                "in the end their directories are.",
    },
    [RUN_OPTION_DESIGN] = {
        .name = "design", .argument = "SERIES/BLOCK/POSITION",
        .help = "Where the run stands among others that are made in turns, so that they are compared in "
                "pairs: runs of one block of a series follow each other, the first at position 0. With "
                "--repeat, BLOCK is that of the first run.",
    },
    [RUN_OPTION_OVERLAY] = {
        .name = "overlay", .argument = "JSON|FILE", .kind = VALUE_FILE, .repeatable = true,
        .help = "Members that replace those of the profile: objects merge, everything else is "
                "replaced.",
    },
    [RUN_OPTION_KEEP] = {
        .name = "keep",
        .help = "Keep the nodes' databases, which a good run removes. Logs are always kept.",
    },
    [RUN_OPTION_NO_ANALYSIS] = {
        .name = "no-analysis",
        .help = "Stop when the logs are there.",
    },
    [RUN_OPTION_JSON] = {
        .name = "json",
        .help = "Print a line of JSON for each run, and no report: its directory, how it ended (state, "
                "interrupted, cause), and counts of blocks, transactions and nodes_died.",
    },
    [RUN_OPTION_PROGRESS] = {
        .name = "progress", .argument = "WHEN", .choices = WHEN_CHOICES,
        .help = "Show how the run goes, on standard error.",
    },
};

static const struct command_example run_examples[] = {
    { "ouroscope run demo", "Benchmark six nodes on this machine, in about a minute" },
    { "ouroscope run --repeat 5 --batch baseline ci-bench",
      "Five runs, whose variance tells what is noise" },
    { "ouroscope run --overlay '{\"generator\": {\"tps\": 50}}' --ident tps50 demo",
      "The same with another load" },
};

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

static const struct option_info variance_options[] = {
    [VARIANCE_OPTION_ASPECT] = {
        .name = "aspect", .argument = "WHICH", .choices = "inter-run overall",
        .help = "What the multi-run tables tell: each run's mean (the default), or all samples of "
                "all runs.",
    },
    [VARIANCE_OPTION_ALLOW_DIFFERENT] = {
        .name = "allow-different",
        .help = "Go on although the runs differ in profile, genesis, hosts, filters or the like. "
                "The differences are listed.",
    },
    [VARIANCE_OPTION_RESAMPLES] = {
        .name = "resamples", .argument = "N",
        .help = "How often runs and blocks are drawn for the interval of the blocks' median, 100 "
                "to 100000 times; 10000 if not given.",
    },
    [VARIANCE_OPTION_SEED] = {
        .name = "seed", .argument = "N",
        .help = "Where random draws begin; the same seed gives the same report.",
    },
    DOCUMENT_ROWS(VARIANCE_OPTION_DOCUMENT, "",
                  "Print variance.json: every number, for programs, and for a side of a comparison."),
};

static const struct command_example variance_examples[] = {
    { "ouroscope variance runs/*_ci-test_*", "Show how much repeated runs differ" },
    { "ouroscope variance --json -o base.json runs/*_ci-test_*",
      "Keep what they tell; `compare` takes the file in place of the runs" },
    { "ouroscope variance -o variance.html runs/*_ci-test_*", "Write a page with figures" },
};

const struct command commands[] = {
    {
        .name = "analyse",
        .operands = "RUN | LOGS...",
        .summary = "logs of nodes to block propagation and machine performance",
        .description =
            "Reads the logs of cardano-nodes and says how blocks moved between the nodes, and what "
            "their machines did meanwhile.\n\n"
            "RUN is a run directory: its genesis, its logs and its meta.json are found by "
            "themselves. LOGS are files, folders, glob patterns, or - for standard input, and need "
            "--genesis or --network. HOST=PATH says which host wrote a log that does not say it "
            "itself. In the log root of a collector, each folder is a host. Plain, .gz and .zst files in the new and the legacy trace format, and exports "
            "of the systemd journal, may be mixed freely.\n\n"
            "Lines that cannot be understood are counted by reason and shown; they do not stop the "
            "analysis. The same input gives the same output, byte for byte.",
        .options = analyse_options,
        .option_count = sizeof(analyse_options) / sizeof(analyse_options[0]),
        .operands_min = 1,
        .operands_max = SIZE_MAX,
        .operand_kind = VALUE_FILE,
        .examples = analyse_examples,
        .example_count = sizeof(analyse_examples) / sizeof(analyse_examples[0]),
        .exits = {
            [EXIT_DONE] = "the analysis was made, and written where it was to be written",
            [EXIT_FAILED] = "there was nothing to analyse, a file could not be written, or the "
                            "work was interrupted",
            [EXIT_WRONG_USAGE] = "the command line cannot be understood",
        },
        .run = cmd_analyse,
    },
    {
        .name = "compare",
        .operands = "BASE... -- NEW... [-- NEW2...]",
        .summary = "two sets of runs: what changed, and whether it matters",
        .description =
            "Compares runs of a base with those of one or more variants, metric by metric. A side "
            "is named by run directories, analysis files, variance files, or columns of a table of "
            "published results (TABLE.tsv#RUN; TABLE.tsv#WORKLOAD/RUN or TABLE.tsv#REPORT/RUN where "
            "several are called so); a run that was not analysed yet is analysed first.\n\n"
            "The run is the unit: ten thousand blocks of one run say nothing about the next run. "
            "Per metric there is the change with its interval, p adjusted for all metrics, an "
            "effect size, and a verdict: regression or improvement (a difference that is not "
            "inside the metric's margin), negligible (real, but inside of it), equivalent (shown "
            "to be inside of it), or inconclusive, with the number of runs that would decide. With "
            "one run a side nothing is judged, unless --history says how much runs differ. Runs "
            "that took turns are compared pair by pair, from five pairs on. Battles and the like are "
            "compared as counts.\n\n"
            "Runs that differ in profile, genesis, hosts or filters are refused.",
        .options = compare_options,
        .option_count = sizeof(compare_options) / sizeof(compare_options[0]),
        .operands_min = 2,
        .operands_max = SIZE_MAX,
        .operand_kind = VALUE_FILE,
        .operand_groups = true,
        .examples = compare_examples,
        .example_count = sizeof(compare_examples) / sizeof(compare_examples[0]),
        .exits = {
            [EXIT_DONE] = "the runs were compared, and nothing was found that --fail-on asks for",
            [EXIT_FAILED] = "a run could not be read, or the runs differ in what has to agree",
            [EXIT_WRONG_USAGE] = "the command line cannot be understood",
            [EXIT_REGRESSION] = "the runs were compared, and something was found that --fail-on "
                                "asks for: a regression if nothing else is said",
        },
        .see_also = { "ouroscope-history 1", "ouroscope-report 1", "ouroscope-variance 1" },
        .run = cmd_compare,
    },
    {
        .name = "completion",
        .operands = "bash",
        .summary = "print the completion script of a shell",
        .description = "Prints a script that teaches a shell to complete commands, options and "
                       "their values.",
        .operands_min = 1,
        .operands_max = 1,
        .operand_choices = "bash",
        .examples = completion_examples,
        .example_count = sizeof(completion_examples) / sizeof(completion_examples[0]),
        .exits = {
            [EXIT_DONE] = "the script was printed",
            [EXIT_FAILED] = "it could not be written",
            [EXIT_WRONG_USAGE] = "the shell is unknown",
        },
        .run = cmd_completion,
    },
    {
        .name = "docs",
        .operands = "[traces]",
        .summary = "document trace points, and check their configuration",
        .description =
            "Prints what messages a Cardano node traces, or the collector: their fields, severities "
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
        .option_count = sizeof(docs_options) / sizeof(docs_options[0]),
        .operands_max = 1,
        .operand_choices = "traces",
        .examples = docs_examples,
        .example_count = sizeof(docs_examples) / sizeof(docs_examples[0]),
        .exits = {
            [EXIT_DONE] = "the document was written, or the configuration is right, whatever was "
                          "warned of",
            [EXIT_FAILED] = "the configuration is wrong, or something could not be written",
            [EXIT_WRONG_USAGE] = "the command line cannot be understood",
        },
        .run = cmd_docs,
    },
    {
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
        .option_count = sizeof(generator_options) / sizeof(generator_options[0]),
        .examples = generator_examples,
        .example_count = sizeof(generator_examples) / sizeof(generator_examples[0]),
        .exits = {
            [EXIT_DONE] = "all transactions were acknowledged, or it was asked to end",
            [EXIT_FAILED] = "the configuration cannot work, or no node was there for a minute",
            [EXIT_WRONG_USAGE] = "the command line cannot be understood",
        },
        .run = cmd_generator,
    },
    {
        .name = "help",
        .operands = "[COMMAND]",
        .summary = "print the help of a command, or of the program",
        .description = "Prints what COMMAND --help prints.",
        .operands_max = 1,
        .operand_kind = VALUE_COMMAND,
        .exits = {
            [EXIT_DONE] = "the help was printed",
            [EXIT_FAILED] = "it could not be written",
            [EXIT_WRONG_USAGE] = "there is no such command",
        },
        .run = cmd_help,
    },
    {
        .name = "history",
        .operands = "METRIC RUN...",
        .summary = "since when is a metric what it is: change points over runs",
        .description =
            "Puts runs in order, and finds where the level of a metric changes: between which runs "
            "the values before and behind differ more than runs of one level do. METRIC is an id of "
            "the dictionary (CentiCpu, cdf0.96), with its section where several have one of that "
            "name (machperf/cdfLeading), or all. A RUN is a run directory, an analysis file, a "
            "variance file, or a table of published results (TABLE.tsv, of which each run is taken "
            "once; TABLE.tsv#RUN for one). A run that was not analysed yet is analysed first.\n\n"
            "Runs of different workloads or profiles are different series. Per series there are the "
            "levels with their means and intervals, by how much runs of one level deviate, and "
            "whether the last value lies outside what those before it predict: one run alone is no "
            "level. What is found is adjusted for all series that were looked at.",
        .options = history_options,
        .option_count = sizeof(history_options) / sizeof(history_options[0]),
        .operands_min = 2,
        .operands_max = SIZE_MAX,
        .operand_kind = VALUE_FILE,
        .examples = history_examples,
        .example_count = sizeof(history_examples) / sizeof(history_examples[0]),
        .exits = {
            [EXIT_DONE] = "the history was written, whether or not a level changes",
            [EXIT_FAILED] = "a run could not be read, or none has the metric",
            [EXIT_WRONG_USAGE] = "the command line cannot be understood, or there is no such metric",
        },
        .see_also = { "ouroscope-compare 1", "ouroscope-report 1", "ouroscope-variance 1" },
        .run = cmd_history,
    },
    {
        .name = "man",
        .operands = "[COMMAND]",
        .summary = "print the source of a manual page",
        .description = "Prints the manual page of a command, or of the program, in the mdoc "
                       "language that man understands.",
        .operands_max = 1,
        .operand_kind = VALUE_COMMAND,
        .examples = man_examples,
        .example_count = sizeof(man_examples) / sizeof(man_examples[0]),
        .exits = {
            [EXIT_DONE] = "the page was printed",
            [EXIT_FAILED] = "it could not be written",
            [EXIT_WRONG_USAGE] = "there is no such command",
        },
        .run = cmd_man,
    },
    {
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
        .option_count = sizeof(names_options) / sizeof(names_options[0]),
        .operands_max = SIZE_MAX,
        .examples = names_examples,
        .example_count = sizeof(names_examples) / sizeof(names_examples[0]),
        .exits = {
            [EXIT_DONE] = "all names were found, or the configuration was rewritten",
            [EXIT_FAILED] = "there is no such name, or the configuration is wrong",
            [EXIT_WRONG_USAGE] = "the command line cannot be understood",
        },
        .run = cmd_names,
    },
    {
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
        .option_count = sizeof(node_options) / sizeof(node_options[0]),
        .operands_max = 1,
        .operand_choices = "run",
        .examples = node_examples,
        .example_count = sizeof(node_examples) / sizeof(node_examples[0]),
        .exits = {
            [EXIT_DONE] = "the node was told to end, or has reached the slot or block to run to",
            [EXIT_FAILED] = "a file is wrong or not there, the address is in use, or another "
                            "process uses the database",
            [EXIT_WRONG_USAGE] = "the command line cannot be understood",
        },
        .run = cmd_node,
    },
    {
        .name = "report",
        .operands = "RUN... [-- RUN...]...",
        .summary = "a report of a run, of repeated runs, or of a comparison",
        .description =
            "One RUN gives a report of that run: what to know before trusting it, the key numbers, "
            "pictures (how blocks reach the hosts, where the time goes, what happened over time), "
            "tables of all metrics, the hosts, the manifest, and what each metric means. Several "
            "RUNs, or the file of a variance, give the report of a set, as ouroscope variance has "
            "it; sets with -- between them are compared with the first one, as ouroscope compare "
            "does.\n\n"
            "A RUN is a run directory, an analysis file, or a column of a table of published results "
            "(TABLE.tsv#COLUMN). A run directory that has no analysis yet is analysed first. For a "
            "single run directory, with neither --format nor --out, report.html and report.md are "
            "written into its analysis folder.\n\n"
            "The page (html) is one file that needs no network: pictures, tables, data to download, "
            "light and dark, fit to be printed. trace has the journey of the blocks of one run "
            "directory for a viewer of traces, from its logs. The same runs give the same bytes.",
        .options = report_options,
        .option_count = sizeof(report_options) / sizeof(report_options[0]),
        .operands_min = 1,
        .operands_max = SIZE_MAX,
        .operand_kind = VALUE_FILE,
        .operand_groups = true,
        .examples = report_examples,
        .example_count = sizeof(report_examples) / sizeof(report_examples[0]),
        .exits = {
            [EXIT_DONE] = "the report was written",
            [EXIT_FAILED] = "a run could not be read, runs are not comparable, or the report could "
                            "not be written",
            [EXIT_WRONG_USAGE] = "the command line cannot be understood",
        },
        .run = cmd_report,
        .see_also = { "ouroscope-compare 1", "ouroscope-history 1", "ouroscope-variance 1" },
    },
    {
        .name = "run",
        .operands = "PROFILE",
        .summary = "benchmark a cluster on this machine, from profile to report",
        .description =
            "Makes a genesis, configuration and keys as the profile says, starts a cluster of "
            "reference nodes as processes of this machine, applies a load of transactions, stops all "
            "of it when the profile's condition is met, analyses the logs, and prints the report. "
            "Everything stays in a run directory, which any other command takes.\n\n"
            "PROFILE is the name of one that is built in (--list), or a file: JSON with what differs, "
            "and the name of the profile that it differs from as member base. The file profile.json of "
            "any run shows all members.\n\n"
            "Nodes and generator send what they trace to a collector of the run (ouroscope tracer), which "
            "writes the logs. With node.tracer false in the profile there is none, and each writes its "
            "own log.\n\n"
            "Nodes find each other on free ports of 127.0.0.1, so any number of runs can go on at the "
            "same time, as far as the processors last. A node that ends too early is reported with "
            "its last lines; whether the run goes on is the profile's business. Ctrl-C ends all "
            "processes in order and leaves a run that can be analysed; a second one ends them at "
            "once.",
        .options = run_options,
        .option_count = sizeof(run_options) / sizeof(run_options[0]),
        .operands_max = 1,
        .operand_kind = VALUE_FILE,
        .examples = run_examples,
        .example_count = sizeof(run_examples) / sizeof(run_examples[0]),
        .exits = {
            [EXIT_DONE] = "all runs came to their end, and were analysed",
            [EXIT_FAILED] = "a run failed or was interrupted, or could not be analysed",
            [EXIT_WRONG_USAGE] = "the command line or the profile cannot be understood",
        },
        .run = cmd_run,
    },
    {
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
        .option_count = sizeof(tracer_options) / sizeof(tracer_options[0]),
        .examples = tracer_examples,
        .example_count = sizeof(tracer_examples) / sizeof(tracer_examples[0]),
        .exits = {
            [EXIT_DONE] = "it was told to end, or the configuration is right",
            [EXIT_FAILED] = "the configuration is wrong, or an address cannot be listened at",
            [EXIT_WRONG_USAGE] = "the command line cannot be understood",
        },
        .see_also = { "ouroscope-docs 1", "ouroscope-names 1", "ouroscope-tracing 7" },
        .run = cmd_tracer,
    },
    {
        .name = "variance",
        .operands = "RUN...",
        .summary = "tell how much repeated runs vary, and why",
        .description =
            "Takes repeated runs of one thing, and says for every metric how much it varies from run to "
            "run: the average, deviation and range of the runs as multi-run tables have them; 95 % "
            "intervals of the mean and of quantiles; which share of the variance lies between runs, "
            "between hosts and within them; whether the runs drift; which runs and hosts stand apart; and "
            "how many runs it takes to see a change of 1, 2 and 5 %. The run is the unit of each of these "
            "statements, because the blocks of one run are no repetitions.\n\n"
            "A RUN is a run directory, its analysis file (also packed with gzip or zstd), a variance file "
            "(it stands for all runs in it), or TABLE.tsv#RUN for a run in a table of published results. A "
            "run that has not been analysed yet is analysed first. Runs that differ in what has to be the "
            "same are refused. With --format org the multi-run tables also come in the layout of existing "
            "tools, for documents and formulas made for that.",
        .options = variance_options,
        .option_count = sizeof(variance_options) / sizeof(variance_options[0]),
        .operands_min = 1,
        .operands_max = SIZE_MAX,
        .operand_kind = VALUE_FILE,
        .examples = variance_examples,
        .example_count = sizeof(variance_examples) / sizeof(variance_examples[0]),
        .exits = {
            [EXIT_DONE] = "the report was written",
            [EXIT_FAILED] = "a run could not be read, or the runs are not alike",
            [EXIT_WRONG_USAGE] = "the command line cannot be understood",
        },
        .see_also = { "ouroscope-analyse 1", "ouroscope-compare 1", "ouroscope-report 1" },
        .run = cmd_variance,
    },
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}
