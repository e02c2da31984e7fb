/* The row of `ouroscope db check` in the table of commands. */
#include "cmd/table/db_rows.h"

/* clang-format off */

static const struct option_info db_check_options[] = {
    DB_PLACE_ROW,
    [DB_CHECK_JSON] = {
        .name = "json",
        .help = "Print an object: database, whole, schemaVersion, rows of each table, compared and comparedBytes (what "
                "was unpacked), findings (damage, where, says), leftOut.",
    },
};

static const struct command_example db_check_examples[] = {
    { "ouroscope db check --db /var/lib/ouroscope-serve/results.db", "Look at the database of a server that goes on" },
    { "ouroscope db check --json | jq .whole", "Whether results.db is whole" },
};

const struct command command_db_check = {
    .name = "db check",
    .operands = "",
    .summary = "check that a database of results is whole",
    .description =
        "Checks a database and changes nothing; servers may go on meanwhile. Looked at are the file itself and references "
        "between rows (of SQLite; PostgreSQL sees to both itself), the steps by which its schema was made, what belongs "
        "together, and every file and series of values that was published: it is unpacked and held against its hash or "
        "length.\n\n"
        "A finding is damage, or a remark: a row that nothing refers to any more, say. Damage is told by the exit status.",
    .options = db_check_options,
    .option_count = ROWS(db_check_options),
    .operand_kind = VALUE_TEXT,
    .examples = db_check_examples,
    .example_count = ROWS(db_check_examples),
    .exits = {
        [EXIT_DONE] = "the database is whole",
        [EXIT_FAILED] = "it is damaged, or cannot be read",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-db-backup 1", "ouroscope-db-migrate 1" },
    .run = cmd_db_check,
};
