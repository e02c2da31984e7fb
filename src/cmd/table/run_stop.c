/* The row of `ouroscope run stop` in the table of commands. */
#include <stdint.h>

#include "cmd/run_folder.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info run_stop_options[] = {
    [RUN_STOP_DIR] = {
        .name = "dir", .letter = 'd', .argument = "PARENT", .kind = VALUE_DIRECTORY,
        .help = "Where runs are that are given by name; ./runs if not given.",
    },
    [RUN_STOP_ALL] = {
        .name = "all",
        .help = "End all runs of that folder, and clusters on Nomad that they have left.",
    },
};

static const struct command_example run_stop_examples[] = {
    { "ouroscope run stop latest", "End the newest run of ./runs" },
};

const struct command command_run_stop = {
    .name = "run stop",
    .operands = "RUN...",
    .summary = "end runs in order, from another terminal",
    .description =
        "Ends runs as Ctrl-C in their terminals does, and waits until they have: what was measured can be "
        "analysed (ouroscope run --resume RUN). Of a run whose watcher was killed the processes that are left are "
        "ended; where they do not listen, they are killed after ten seconds.\n\n"
        "Of a run on Nomad that nobody watches, or whose cluster was kept, the job is ended and its objects in the bucket are removed. Logs that "
        "were not fetched are lost with it: ouroscope run --resume RUN fetches them first.\n\n"
        "RUN is named as for ouroscope run show.",
    .options = run_stop_options,
    .option_count = ROWS(run_stop_options),
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_DIRECTORY,
    .examples = run_stop_examples,
    .example_count = ROWS(run_stop_examples),
    .exits = {
        [EXIT_DONE] = "nothing of these runs runs any more",
        [EXIT_FAILED] = "there is no such run, or it cannot be ended",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-run-list 1", "ouroscope-run 1" },
    .run = cmd_run_stop,
};
