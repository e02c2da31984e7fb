/* The row of `ouroscope db migrate` in the table of commands. */
#include "cmd/table/db_rows.h"

/* clang-format off */

static const struct option_info db_migrate_options[] = {
    DB_PLACE_ROW,
    [DB_MIGRATE_JSON] = {
        .name = "json",
        .help = "Print an object: database, the schema version before and now, and the steps that were applied.",
    },
};

static const struct command_example db_migrate_examples[] = {
    { "ouroscope db migrate", "Bring results.db up to date, or make it" },
    { "ouroscope db migrate --db postgres://db.example/results", "Make the tables in an empty PostgreSQL" },
};

const struct command command_db_migrate = {
    .name = "db migrate",
    .operands = "",
    .summary = "bring a database of results up to date",
    .description =
        "Makes the tables of a new database, or brings those of an older version of this program up to date, step by "
        "step: each step is there as a whole or not at all, and two programs that do so at once wait for each other. There "
        "is no way back but a backup. `ouroscope serve` does the same when it starts; other commands refuse a database of an "
        "older version, and make the tables of an empty one themselves.",
    .options = db_migrate_options,
    .option_count = ROWS(db_migrate_options),
    .operand_kind = VALUE_TEXT,
    .examples = db_migrate_examples,
    .example_count = ROWS(db_migrate_examples),
    .exits = {
        [EXIT_DONE] = "the database is up to date",
        [EXIT_FAILED] = "it cannot be written to, is no database, or is of a newer version",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-db-backup 1", "ouroscope-serve 1" },
    .run = cmd_db_migrate,
};
