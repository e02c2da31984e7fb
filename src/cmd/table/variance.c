/* The row of `ouroscope variance` in the table of commands. */
#include <stdint.h>

#include "cmd/table/shared.h"

/* clang-format off */

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

const struct command command_variance = {
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
    .option_count = ROWS(variance_options),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_FILE,
    .examples = variance_examples,
    .example_count = ROWS(variance_examples),
    .exits = {
        [EXIT_DONE] = "the report was written",
        [EXIT_FAILED] = "a run could not be read, or the runs are not alike",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-analyse 1", "ouroscope-compare 1", "ouroscope-report 1" },
    .run = cmd_variance,
};
