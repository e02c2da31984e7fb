/* The option rows that `publish` and `import` have in common. */
#ifndef OU_CMD_TABLE_PUBLISH_ROWS_H
#define OU_CMD_TABLE_PUBLISH_ROWS_H

#include <stdint.h>

#include "cmd/publish.h"
#include "cmd/table/shared.h"

/* clang-format off */
#define PUBLISHER_ROWS(project) \
    [PUBLISHER_TO] = {                                                                             \
        .name = "to", .letter = 't', .argument = "PLACE", .kind = VALUE_FILE,                      \
        .help = "Where: an SQLite file, which is made if it is not there; postgres://...; or "     \
                "http(s)://SERVER of `ouroscope serve`. If not given, $OUROSCOPE_DB, else "        \
                "results.db in the current folder.",                                               \
    },                                                                                             \
    [PUBLISHER_PROJECT] = {                                                                        \
        .name = "project", .argument = "NAME",                                                     \
        .help = "The project that the runs are of; " project " if not given. At most 64 of the "   \
                "characters A-Z a-z 0-9 . _ -",                                                    \
    },                                                                                             \
    [PUBLISHER_INFO] = {                                                                           \
        .name = "info", .letter = 'i', .argument = "NAME=VALUE", .repeatable = true,               \
        .help = "A label to find the runs by. Nothing is decided by labels, and they may be "      \
                "changed later. A run that is there already keeps its own, unless --replace is "   \
                "given.",                                                                          \
    },                                                                                             \
    [PUBLISHER_TOKEN_FILE] = {                                                                     \
        .name = "token-file", .argument = "FILE", .kind = VALUE_FILE,                              \
        .help = "The token for a server, with the scope publish, if not $OUROSCOPE_TOKEN. "        \
                "Others must not be able to read the file.",                                       \
    },                                                                                             \
    [PUBLISHER_CA] = {                                                                             \
        .name = "ca", .argument = "FILE", .kind = VALUE_FILE,                                      \
        .help = "Believe a server whose certificate these authorities have signed (PEM), and "     \
                "no others.",                                                                      \
    },                                                                                             \
    [PUBLISHER_REPLACE] = {                                                                        \
        .name = "replace",                                                                         \
        .help = "Replace what is published under the same name with other content, and labels "    \
                "that are others; move a run that is in another project. Of a server this wants "  \
                "a token with the scope admin.",                                                   \
    },                                                                                             \
    [PUBLISHER_JSON] = {                                                                           \
        .name = "json",                                                                            \
        .help = "Print a line of JSON for each run: run, outcome (published, already there, "      \
                "replaced, conflict, failed, would publish), id, url and message; null for what "  \
                "there is not.",                                                                   \
    },                                                                                             \
    [PUBLISHER_PROGRESS] = {                                                                       \
        .name = "progress", .argument = "WHEN", .choices = WHEN_CHOICES,                           \
        .help = "Show how far the work is, on standard error.",                                    \
    }
/* clang-format on */

#endif
