/* The row of `ouroscope import` in the table of commands. */
#include "cmd/table/publish_rows.h"

/* clang-format off */

static const struct option_info import_options[] = {
    PUBLISHER_ROWS("published"),
};

static const struct command_example import_examples[] = {
    { "ouroscope import published_results.tsv", "Put all runs of the table into results.db" },
    { "ouroscope import --to results.db --json published_results.tsv", "The same, with a line for each run" },
};

const struct command command_import = {
    .name = "import",
    .operands = "TABLE.tsv...",
    .summary = "put tables of published results into a database of results",
    .description =
        "Takes tables of published results - report, workload, section, label, unit, metric_id, run and value, tab-separated, "
        "also packed with gzip or zstd - and publishes each run in them. A run that stands in several reports is one run: it is "
        "known by its workload and the start of its cluster. All runs of one workload on one cluster are a series, and so "
        "have a history.\n\n"
        "Importing a table again changes nothing. A run that is there with other lines, as when a later report shows it "
        "again, or that is in another project, is a conflict unless --replace is given; it is named on standard error, and "
        "the others are imported. Into a database a hundred runs go in at once or not at all.",
    .options = import_options,
    .option_count = ROWS(import_options),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_FILE,
    .examples = import_examples,
    .example_count = ROWS(import_examples),
    .exits = {
        [EXIT_DONE] = "all runs of all tables are there now",
        [EXIT_FAILED] = "a table could not be read, or a run is there with other content or in another project",
        [EXIT_WRONG_USAGE] = "the command line or the token cannot be understood",
    },
    .see_also = { "ouroscope-publish 1", "ouroscope-history 1", "ouroscope-serve 1" },
    .run = cmd_import,
};
