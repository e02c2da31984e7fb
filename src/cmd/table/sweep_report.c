/* The row of `ouroscope sweep report` in the table of commands. */
#include "cmd/sweep_report.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info sweep_report_options[] = {
    DOCUMENT_ROWS(SWEEP_REPORT_DOCUMENT, "",
                  "Print results.json: every number, for programs."),
};

static const struct command_example sweep_report_examples[] = {
    { "ouroscope sweep report sweeps/gc-cores", "Tell which setting to take, and why" },
    { "ouroscope sweep report -o sweep.html sweeps/gc-cores",
      "Write a page with the matrix, the effects and the Pareto front" },
    { "ouroscope sweep report --json sweeps/gc-cores", "Print every number" },
};

const struct command command_sweep_report = {
    .name = "sweep report",
    .operands = "DIR",
    .summary = "tell what a sweep has found",
    .description =
        "Reads the plan of a sweep, its journal and the analyses of its runs, and says for every metric "
        "what the settings do to it: the mean of each setting with its interval, adjusted for the drift "
        "of the machine; how each stands to the best and to the base, which is the setting of all first "
        "levels; which axes have an effect, and which hang together; which settings no other beats in "
        "both CPU and adoption; and which one to take. A setting is recommended only where it is shown "
        "to be better than the base in a metric that the sweep asks for, and to do no harm in the "
        "others; otherwise it says why not, and how many repetitions it would take.\n\n"
        "A sweep that is not at its end yet is reported as far as it has come. `ouroscope sweep` writes "
        "report.html, report.md and results.json by itself when it ends.",
    .options = sweep_report_options,
    .option_count = ROWS(sweep_report_options),
    .operands_min = 1,
    .operands_max = 1,
    .operand_kind = VALUE_DIRECTORY,
    .examples = sweep_report_examples,
    .example_count = ROWS(sweep_report_examples),
    .exits = {
        [EXIT_DONE] = "the report was written",
        [EXIT_FAILED] = "the directory is that of no sweep, or cannot be read",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-sweep 1", "ouroscope-variance 1", "ouroscope-compare 1" },
    .run = cmd_sweep_report,
};
