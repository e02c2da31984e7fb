/* The row of `ouroscope publish` in the table of commands. */
#include "cmd/table/publish_rows.h"

/* clang-format off */

static const struct option_info publish_options[] = {
    PUBLISHER_ROWS("default"),
    [PUBLISH_DRY_RUN] = {
        .name = "dry-run", .letter = 'n',
        .help = "Make and check all of it, and publish nothing.",
    },
};

static const struct command_example publish_examples[] = {
    { "ouroscope publish runs/2026-11-22T10-00-00_demo_a1b2c3", "Put a run into results.db" },
    { "ouroscope publish --to https://results.example --project node runs/*",
      "Send all runs to a server, with the token in $OUROSCOPE_TOKEN" },
    { "ouroscope publish --dry-run --json runs/*", "Whether all of them could be published, and their ids" },
};

const struct command command_publish = {
    .name = "publish",
    .operands = "RUN...",
    .summary = "put runs into a database of results",
    .description =
        "Publishes finished runs, so that they can be looked up, compared and followed: in a database that "
        "`ouroscope serve` shows, or by way of such a server. A RUN is a run directory, an analysis file (also packed), or "
        "TABLE.tsv#RUN for a run of a table of published results; `ouroscope import` takes such tables whole. A run "
        "directory that has logs but no analysis yet is analysed first. A run that failed is published with its cause.\n\n"
        "What is published are the analysis and the small files of the run - who, what, when, the profile, the topology - and "
        "never logs, genesis data or keys. The id of a run is the hash of these files: publishing it again changes nothing. "
        "Other content under the name of a published run, as after an analysis by a newer program, and a run that is "
        "there in another project are conflicts unless --replace is given.\n\n"
        "For each run a line is printed: what has become of it, its id, and where it is to be seen. What fails is told on "
        "standard error, and the others are published all the same.",
    .options = publish_options,
    .option_count = ROWS(publish_options),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_FILE,
    .examples = publish_examples,
    .example_count = ROWS(publish_examples),
    .exits = {
        [EXIT_DONE] = "all runs are published now",
        [EXIT_FAILED] = "one of them is not, or is there with other content or in another project",
        [EXIT_WRONG_USAGE] = "the command line or the token cannot be understood",
    },
    .see_also = { "ouroscope-import 1", "ouroscope-serve 1" },
    .run = cmd_publish,
};
