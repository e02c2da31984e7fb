/* The row that the tables of the token commands begin with. */
#ifndef OU_CMD_TABLE_TOKEN_ROWS_H
#define OU_CMD_TABLE_TOKEN_ROWS_H

#include "cmd/table/shared.h"
#include "cmd/token.h"

/* clang-format off */
#define TOKEN_PLACE_ROW \
    [TOKEN_PLACE] = {                                                                              \
        .name = "db", .letter = 'd', .argument = "PLACE", .kind = VALUE_FILE,                      \
        .help = "The database: an SQLite file, or postgres://USER@HOST/NAME. If not given, "       \
                "$OUROSCOPE_DB, else results.db in the current folder.",                           \
    }
/* clang-format on */

#endif
