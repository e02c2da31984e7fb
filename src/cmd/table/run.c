/* The row of `ouroscope run` in the table of commands. */
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info run_options[] = {
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
    [RUN_OPTION_PREPARE] = {
        .name = "prepare",
        .help = "Make everything but processes: configuration, keys and genesis, to look at. "
                "--resume starts it. With --on nomad the agents stand and have all of it, until --resume, or ouroscope run stop, "
                "which ends them.",
    },
    [RUN_OPTION_ON] = {
        .name = "on", .argument = "WHERE", .choices = "local nomad",
        .help = "Where the cluster stands: on this machine, or on machines of a HashiCorp Nomad cluster, with the genesis "
                "handed out through an S3 bucket.",
    },
    [RUN_OPTION_PLACEMENT] = {
        .name = "placement", .argument = "PLAN", .kind = VALUE_FILE,
        .help = "With --on nomad: which machines hosts stand on, and how Nomad and the bucket are reached. A file, or "
                "the name of an example (`ouroscope placement show`).",
    },
    [RUN_OPTION_PLAN] = {
        .name = "plan",
        .help = "With --on nomad: tell where hosts would stand, and whether Nomad could place them now; make nothing.",
    },
    [RUN_OPTION_KEEP_CLUSTER] = {
        .name = "keep-cluster",
        .help = "With --on nomad: leave the agents when the run is over, for `ouroscope analyse --on nomad` or a look; "
                "`ouroscope run stop` ends them.",
    },
    [RUN_OPTION_RESUME] = {
        .name = "resume", .argument = "RUN", .kind = VALUE_DIRECTORY,
        .help = "Go on with a run from the state that it has reached, in its own directory and with its own "
                "profile. RUN is a directory, the name of a run in PARENT, the beginning of a name or an ident that "
                "only one has, or latest.",
    },
    [RUN_OPTION_GENESIS_CACHE] = {
        .name = "genesis-cache", .argument = "DIR|none", .kind = VALUE_DIRECTORY,
        .help = "Where large data sets of genesis files are kept for the next run. If not given, "
                "$XDG_CACHE_HOME/ouroscope/genesis for ten thousand entries and more, else none.",
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
    [RUN_OPTION_REPORT_TO] = {
        .name = "report-to", .argument = "PLACE", .kind = VALUE_FILE,
        .help = "Report once a second how the run goes, for pages of `ouroscope serve`: to https://SERVER, or to its database, "
                "postgres://... or an SQLite file. The run neither waits for reports nor fails because of them.",
    },
    [RUN_OPTION_PUBLISH_TO] = {
        .name = "publish-to", .argument = "PLACE", .kind = VALUE_FILE,
        .help = "Publish the run when it has ended, as `ouroscope publish --to PLACE` does, also one that failed. If that cannot be "
                "done the run stays as it is.",
    },
    [RUN_OPTION_PROJECT] = {
        .name = "project", .argument = "NAME",
        .help = "The project that the run is reported and published in; default if not given.",
    },
    [RUN_OPTION_TOKEN_FILE] = {
        .name = "token-file", .argument = "FILE", .kind = VALUE_FILE,
        .help = "The file with the token for a server that is reported or published to; $OUROSCOPE_TOKEN if not given.",
    },
};

static const struct command_example run_examples[] = {
    { "ouroscope run demo", "Benchmark six nodes on this machine, in about a minute" },
    { "ouroscope run --repeat 5 --batch baseline ci-bench",
      "Five runs, whose variance tells what is noise" },
    { "ouroscope run --resume latest", "Go on with the newest run, after a reboot, say" },
    { "ouroscope run --on nomad --placement mine.json --plan ci-bench",
      "Whether a Nomad cluster has machines for it" },
    { "ouroscope run --overlay '{\"generator\": {\"tps\": 50}}' --ident tps50 demo",
      "The same with another load" },
};

const struct command command_run = {
    .name = "run",
    .operands = "PROFILE",
    .summary = "benchmark a cluster, here or on Nomad, from profile to report",
    .description =
        "Makes a genesis, configuration and keys as the profile says, starts a cluster of "
        "reference nodes, or of what the profile names in their place, as processes of this machine, applies a load of transactions, stops all "
        "of it when the profile's condition is met, analyses the logs, and prints the report. "
        "Everything stays in a run directory, which any other command takes.\n\n"
        "PROFILE is the name of one that is built in (`ouroscope profile list`), or a file: JSON with "
        "what differs, and the name of the profile that it differs from as member base. The file profile.json of "
        "any run shows all members.\n\n"
        "Nodes and generator send what they trace to a collector of the run (ouroscope tracer), which "
        "writes the logs. With node.tracer false in the profile there is none, and each writes its "
        "own log.\n\n"
        "Nodes find each other on free ports of 127.0.0.1, so any number of runs can go on at the "
        "same time, as far as the processors last. A node that ends too early is reported with "
        "its last lines; whether the run goes on is the profile's business. Ctrl-C ends all "
        "processes in order and leaves a run that can be analysed; a second one ends them at "
        "once.\n\n"
        "With --on nomad every host is a task of a Nomad job, an ouroscope agent. When all are up the start is chosen, as soon as the "
        "last host is expected to have the genesis; each acknowledges its hash, or the start is put off. In the end the logs come "
        "here, and nothing stays on machines or in the bucket. If this process dies meanwhile the cluster goes on, "
        "and --resume takes it up.",
    .options = run_options,
    .option_count = ROWS(run_options),
    .operands_max = 1,
    .operand_kind = VALUE_FILE,
    .examples = run_examples,
    .example_count = ROWS(run_examples),
    .see_also = { "ouroscope-run-list 1", "ouroscope-run-show 1", "ouroscope-run-stop 1" },
    .exits = {
        [EXIT_DONE] = "all runs came to their end, and were analysed and, if wanted, published",
        [EXIT_FAILED] = "a run failed or was interrupted, or could not be analysed or published",
        [EXIT_WRONG_USAGE] = "the command line or the profile cannot be understood",
    },
    .run = cmd_run,
};
