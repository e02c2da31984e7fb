/* The row of `ouroscope db backup` in the table of commands. */
#include "cmd/table/db_rows.h"

/* clang-format off */

static const struct option_info db_backup_options[] = {
    DB_PLACE_ROW,
    [DB_BACKUP_REPLACE] = {
        .name = "replace",
        .help = "Replace a file that is there, when the copy is complete.",
    },
    [DB_BACKUP_JSON] = {
        .name = "json",
        .help = "Print an object: database, copy, and runs, how many are in it.",
    },
};

static const struct command_example db_backup_examples[] = {
    { "ouroscope db backup --replace /backup/results.db", "Copy results.db, also while a server writes to it" },
    { "ouroscope db backup --db postgres://db.example/results results.db", "Bring a PostgreSQL home as one file" },
    { "ouroscope db backup --db results.db postgres://db.example/results", "Move on to PostgreSQL, into an empty database" },
};

const struct command command_db_backup = {
    .name = "db backup",
    .operands = "TO",
    .summary = "copy a whole database of results",
    .description =
        "Copies a database as it is at one moment; servers may go on reading and writing. TO is a file, which is there "
        "complete or not at all, or the URL of an empty PostgreSQL. Either kind of database can be copied into either "
        "kind: so a backup is one file in all cases, and going from one kind to the other is a copy, too.\n\n"
        "The copy has everything, also tokens (as hashes) and the audit. It is a database like any other: give it to "
        "--db, or put it back where the first one was while no program has it open.",
    .options = db_backup_options,
    .option_count = ROWS(db_backup_options),
    .operands_min = 1,
    .operands_max = 1,
    .operand_kind = VALUE_FILE,
    .examples = db_backup_examples,
    .example_count = ROWS(db_backup_examples),
    .exits = {
        [EXIT_DONE] = "the copy is complete",
        [EXIT_FAILED] = "the database cannot be read, or the copy not be written",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood, or TO is there already or holds results",
    },
    .see_also = { "ouroscope-db-check 1", "ouroscope-db-prune 1" },
    .run = cmd_db_backup,
};
