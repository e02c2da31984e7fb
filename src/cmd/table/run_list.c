/* The row of `ouroscope run list` in the table of commands. */
#include "cmd/run_folder.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info run_list_options[] = {
    [RUN_LIST_STATE] = {
        .name = "state", .argument = "STATE",
        .choices = "allocated deployed genesis-ready running stopped fetched analysed failed broken cut-off live",
        .help = "Only those in this state.",
    },
    [RUN_LIST_BATCH] = {
        .name = "batch", .argument = "TEXT",
        .help = "Only those of this batch.",
    },
    [RUN_LIST_JSON] = {
        .name = "json",
        .help = "Print a list of objects: name, directory, profile, ident, batch, node_version, state, cause, "
                "live, cluster, allocated, changed, bytes and broken.",
    },
};

static const struct command_example run_list_examples[] = {
    { "ouroscope run list", "What there is in ./runs" },
    { "ouroscope run list --state failed sweeps/gc/runs", "Which runs of a sweep failed, and why" },
};

const struct command command_run_list = {
    .name = "run list",
    .operands = "[PARENT]",
    .summary = "list the runs of a folder",
    .description =
        "Prints a line for each run directly below PARENT, or ./runs: its name, its state, for how long it "
        "has been in it, its size on disk, and the last cause that was told. Oldest runs come first.\n\n"
        "A run is live as long as somebody watches it, or processes of it run; the system is asked, not the "
        "files that a run has left. One that was to go on and does not is cut-off: its watcher was killed. "
        "One whose cluster on Nomad stands though nobody watches it has (cluster) behind its state: run --resume takes it up, run stop "
        "ends it. A run whose files cannot be read is broken.",
    .options = run_list_options,
    .option_count = ROWS(run_list_options),
    .operands_max = 1,
    .operand_kind = VALUE_DIRECTORY,
    .examples = run_list_examples,
    .example_count = ROWS(run_list_examples),
    .exits = {
        [EXIT_DONE] = "the list was printed",
        [EXIT_FAILED] = "the folder cannot be read",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-run-show 1", "ouroscope-run 1" },
    .run = cmd_run_list,
};
