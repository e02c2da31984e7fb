/* The row of `ouroscope sweep` in the table of commands. */
#include "cmd/sweep.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info sweep_options[] = {
    [SWEEP_OPTION_DIR] = {
        .name = "dir", .letter = 'd', .argument = "DIR", .kind = VALUE_DIRECTORY,
        .help = "The sweep's directory; sweeps/NAME if not given. One that is there already goes on "
                "where it stopped, if the file still asks for the same.",
    },
    [SWEEP_OPTION_RESUME] = {
        .name = "resume", .letter = 'r', .argument = "DIR", .kind = VALUE_DIRECTORY,
        .help = "Go on with the sweep of that directory, without its file.",
    },
    [SWEEP_OPTION_PLAN] = {
        .name = "plan", .letter = 'p',
        .help = "Print what would be done: settings, order, and time. Every profile is checked, "
                "nothing is run.",
    },
    [SWEEP_OPTION_REPETITIONS] = {
        .name = "repetitions", .letter = 'n', .argument = "N",
        .help = "Make so many blocks in place of the number in the file. A sweep that was made can "
                "have more, not fewer.",
    },
    [SWEEP_OPTION_BUDGET] = {
        .name = "budget", .letter = 'b', .argument = "TIME",
        .help = "Begin no run that would go beyond this time, as 90m, 2h or 1h30m. It counts runs of "
                "all sessions, and replaces that of the file.",
    },
    [SWEEP_OPTION_KEEP] = {
        .name = "keep",
        .help = "Keep the nodes' databases, which good runs remove. Logs are always kept.",
    },
    [SWEEP_OPTION_JSON] = {
        .name = "json",
        .help = "With --plan, print the plan for programs (sweep.json, and estimate_s); else a line in the "
                "end: directory, planned, done and given_up runs, seconds, and why it stopped.",
    },
    [SWEEP_OPTION_PROGRESS] = {
        .name = "progress", .argument = "WHEN", .choices = WHEN_CHOICES,
        .help = "Show how the runs go, on standard error.",
    },
    [SWEEP_OPTION_REPORT_TO] = {
        .name = "report-to", .argument = "PLACE", .kind = VALUE_FILE,
        .help = "Report how each run goes, as `ouroscope run --report-to` does.",
    },
    [SWEEP_OPTION_PROJECT] = {
        .name = "project", .argument = "NAME",
        .help = "The project that runs are reported in; default if not given.",
    },
    [SWEEP_OPTION_TOKEN_FILE] = {
        .name = "token-file", .argument = "FILE", .kind = VALUE_FILE,
        .help = "The file with the token for a server that is reported to; $OUROSCOPE_TOKEN if not given.",
    },
};

static const struct command_example sweep_examples[] = {
    { "ouroscope sweep --plan gc.json", "See what a sweep would do, and how long it would take" },
    { "ouroscope sweep tracing-quick", "Compare two ways of tracing, in three minutes" },
    { "ouroscope sweep --budget 8h gc.json", "Sweep as far as a night lasts" },
    { "ouroscope sweep --resume sweeps/gc", "Go on where it was interrupted" },
};

const struct command command_sweep = {
    .name = "sweep",
    .operands = "SWEEP",
    .summary = "run a profile under many settings, in randomised blocks",
    .description =
        "SWEEP is the name of one that is built in (`ouroscope sweep list`), or a file, whose name has a "
        "slash in it or ends in .json. It tells axes (flags of GHC's run-time system, processors, programs, anything in a "
        "profile) with their levels; the profile is run under all combinations of them, "
        "each as often as there are repetitions. Each repetition is a block, whose runs follow each "
        "other in an order drawn by the file's seed, so that a machine that drifts does not favour a "
        "setting.\n\n"
        "Before anything runs, every setting's profile is checked, and settings that are the same "
        "are refused. What was done is kept in the sweep's directory: a sweep that was interrupted, "
        "by Ctrl-C, a crash or its budget, goes on where it stopped. A run that fails is made again, "
        "as often as the file says, then given up. In the end a report is written there: report.html, "
        "report.md and results.json.\n\n"
        "Ctrl-C ends the run at hand in order and stops; that run counts as not made. A second one "
        "ends all processes at once.",
    .options = sweep_options,
    .option_count = ROWS(sweep_options),
    .operands_max = 1,
    .operand_kind = VALUE_FILE,
    .examples = sweep_examples,
    .example_count = ROWS(sweep_examples),
    .exits = {
        [EXIT_DONE] = "all runs were made, or as many as the budget allows",
        [EXIT_FAILED] = "it was interrupted, runs were given up, or files could not be written",
        [EXIT_WRONG_USAGE] = "the command line, the file or a profile cannot be understood, or the directory "
                             "has another sweep",
    },
    .see_also = { "ouroscope-run 1", "ouroscope-sweep-list 1", "ouroscope-sweep-report 1" },
    .run = cmd_sweep,
};
