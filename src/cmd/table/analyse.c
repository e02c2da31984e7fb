/* The row of `ouroscope analyse` in the table of commands. */
#include <stdint.h>

#include "cmd/table/shared.h"

/* clang-format off */

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
    [ANALYSE_EXTRACT] = {
        .name = "extract", .argument = "FILE", .kind = VALUE_FILE,
        .help = "Write no results but an extract: all that an analysis keeps of these logs, for "
                "--from-extracts. Made on each machine beside its logs, it spares their way.",
    },
    [ANALYSE_FROM_EXTRACTS] = {
        .name = "from-extracts",
        .help = "The operands are extracts, or folders of them (*.extract, HOST/*.extract, "
                "perhaps with .gz or .zst), and at most one run directory that they belong to, "
                "whose own logs are not read. The result is that of an analysis of all their "
                "logs, byte for byte.",
    },
    [ANALYSE_ON] = {
        .name = "on", .argument = "WHERE", .choices = "local nomad",
        .help = "nomad: where the logs of RUN are not here but still on its Nomad cluster, which "
                "was kept, or whose operator was killed, each host makes an extract beside its logs, and these are "
                "brought here and merged. The result is that of the logs themselves.",
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
    { "ouroscope analyse --extract /tmp/a.extract --network mainnet a=/var/log/node",
      "On a machine with a node: what an analysis needs of its logs" },
    { "ouroscope analyse --from-extracts --network mainnet a.extract b.extract",
      "Then elsewhere: analyse both nodes as if their logs were here" },
    { "ouroscope analyse --on nomad runs/2026-11-22T10-00-00_model_a1b2c3",
      "Analyse a run on the hosts of its cluster, without fetching their logs" },
    { "journalctl -u node -o json --all | ouroscope analyse --network mainnet -",
      "Read the journal of a node" },
};

const struct command command_analyse = {
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
    .option_count = ROWS(analyse_options),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_FILE,
    .examples = analyse_examples,
    .example_count = ROWS(analyse_examples),
    .exits = {
        [EXIT_DONE] = "the analysis was made, and written where it was to be written",
        [EXIT_FAILED] = "there was nothing to analyse, a file could not be written, or the "
                        "work was interrupted",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .run = cmd_analyse,
};
