/* The row that the tables of the db commands begin with. */
#ifndef OU_CMD_TABLE_DB_ROWS_H
#define OU_CMD_TABLE_DB_ROWS_H

#include "cmd/db.h"
#include "cmd/table/shared.h"

/* clang-format off */
#define DB_PLACE_ROW \
    [DB_PLACE] = {                                                                                 \
        .name = "db", .letter = 'd', .argument = "PLACE", .kind = VALUE_FILE,                      \
        .help = "The database: an SQLite file, or postgres://USER@HOST/NAME. If not given, "       \
                "$OUROSCOPE_DB, else results.db in the current folder. Passwords are better in "   \
                "~/.pgpass or $PGPASSWORD than in a URL that others see.",                         \
    }
/* clang-format on */

#endif
