/* The row of `ouroscope sweep list` in the table of commands. */
#include "cmd/sweep.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info sweep_list_options[] = {
    [SWEEP_LIST_JSON] = {
        .name = "json",
        .help = "Print all of them as a list of objects: name, description, profile, settings, "
                "repetitions, runs and estimate_s.",
    },
};

static const struct command_example sweep_list_examples[] = {
    { "ouroscope sweep list", "What is built in, and how long it takes" },
    { "ouroscope sweep --plan tracing-comparison", "Look at one of them before it is run" },
};

const struct command command_sweep_list = {
    .name = "sweep list",
    .operands = "",
    .summary = "list the sweeps that are built in",
    .description =
        "Prints a line for each sweep that is built in, which `ouroscope sweep` takes by its name: how "
        "many settings and runs it has, how long the runs last if each lasts as long as its profile "
        "lets it (without the seconds that it takes to begin and to read each), and what it is for.",
    .options = sweep_list_options,
    .option_count = ROWS(sweep_list_options),
    .examples = sweep_list_examples,
    .example_count = ROWS(sweep_list_examples),
    .exits = {
        [EXIT_DONE] = "the list was printed",
        [EXIT_FAILED] = "the list could not be written",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-sweep 1", "ouroscope-sweep-report 1" },
    .run = cmd_sweep_list,
};
