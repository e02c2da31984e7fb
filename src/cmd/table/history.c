/* The row of `ouroscope history` in the table of commands. */
#include <stdint.h>

#include "cmd/table/shared.h"

/* clang-format off */

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

const struct command command_history = {
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
    .option_count = ROWS(history_options),
    .operands_min = 2,
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_FILE,
    .examples = history_examples,
    .example_count = ROWS(history_examples),
    .exits = {
        [EXIT_DONE] = "the history was written, whether or not a level changes",
        [EXIT_FAILED] = "a run could not be read, or none has the metric",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood, or there is no such metric",
    },
    .see_also = { "ouroscope-compare 1", "ouroscope-report 1", "ouroscope-variance 1" },
    .run = cmd_history,
};
