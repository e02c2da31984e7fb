/* The row of `ouroscope db prune` in the table of commands. */
#include "cmd/table/db_rows.h"

/* clang-format off */

static const struct option_info db_prune_options[] = {
    DB_PLACE_ROW,
    [DB_PRUNE_OLDER_THAN] = {
        .name = "older-than", .argument = "AGE",
        .help = "Runs that were started so long ago: a whole number with h, d or w.",
    },
    [DB_PRUNE_KEEP] = {
        .name = "keep", .letter = 'k', .argument = "N",
        .help = "The newest N runs of each series stay, whatever their age.",
    },
    [DB_PRUNE_PROJECT] = {
        .name = "project", .argument = "NAME",
        .help = "Only runs of this project.",
    },
    [DB_PRUNE_AUDIT] = {
        .name = "audit-older-than", .argument = "AGE",
        .help = "Entries of the audit from so long ago, who wrote what.",
    },
    [DB_PRUNE_COMPUTED] = {
        .name = "computed",
        .help = "Answers that were computed and kept: comparisons, variances. They are computed again when asked for.",
    },
    [DB_PRUNE_YES] = {
        .name = "yes", .letter = 'y',
        .help = "Take them out. Without it they are only listed.",
    },
    [DB_PRUNE_JSON] = {
        .name = "json",
        .help = "Print an object: done, runs (id, project, name, series, started), and how many rows of audit and computed.",
    },
};

static const struct command_example db_prune_examples[] = {
    { "ouroscope db prune --older-than 52w --keep 10", "What would go: runs over a year old, ten of each series stay" },
    { "ouroscope db prune --older-than 52w --keep 10 --yes", "Take them out" },
};

const struct command command_db_prune = {
    .name = "db prune",
    .operands = "",
    .summary = "take old runs out of a database of results",
    .description =
        "Lists the runs that all given conditions let go, and with --yes takes them out, with everything that belongs to "
        "them: values, files, change points and alerts at them. Each run goes for itself, so servers may go on, and an "
        "interruption leaves nothing half done. At the end the room is given back to the disk, which wants as much room "
        "again for a moment.\n\n"
        "What is taken out cannot be had back, except from a backup.",
    .options = db_prune_options,
    .option_count = ROWS(db_prune_options),
    .operand_kind = VALUE_TEXT,
    .examples = db_prune_examples,
    .example_count = ROWS(db_prune_examples),
    .exits = {
        [EXIT_DONE] = "it was done, or listed",
        [EXIT_FAILED] = "the database cannot be read or written, or there is no such project",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-db-backup 1", "ouroscope-db-check 1" },
    .run = cmd_db_prune,
};
