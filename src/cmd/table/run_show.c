/* The row of `ouroscope run show` in the table of commands. */
#include "cmd/run_folder.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info run_show_options[] = {
    [RUN_SHOW_DIR] = {
        .name = "dir", .letter = 'd', .argument = "PARENT", .kind = VALUE_DIRECTORY,
        .help = "Where runs are that are given by name; ./runs if not given.",
    },
    [RUN_SHOW_JSON] = {
        .name = "json",
        .help = "Print an object: directory, name, live, bytes, and what status.json and meta.json have.",
    },
};

static const struct command_example run_show_examples[] = {
    { "ouroscope run show", "The newest run of ./runs" },
    { "ouroscope run show a1b2c3", "The run whose ident begins so" },
};

const struct command command_run_show = {
    .name = "run show",
    .operands = "[RUN]",
    .summary = "show what a run is, how it went, and what can be done with it",
    .description =
        "Prints who, what and when a run was, what it was made of and on which machine, the states that it went "
        "through, and, if it was analysed, its first numbers.\n\n"
        "RUN is a directory, the name of one in ./runs, or the beginning of a name or of an ident, if only one "
        "run has it; latest is the newest one, which is shown if none is named.",
    .options = run_show_options,
    .option_count = ROWS(run_show_options),
    .operands_max = 1,
    .operand_kind = VALUE_DIRECTORY,
    .examples = run_show_examples,
    .example_count = ROWS(run_show_examples),
    .exits = {
        [EXIT_DONE] = "the page was printed",
        [EXIT_FAILED] = "there is no such run, or more than one",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-run-list 1", "ouroscope-run 1", "ouroscope-report 1" },
    .run = cmd_run_show,
};
