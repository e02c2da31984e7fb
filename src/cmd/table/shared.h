/* Rows of option tables that several commands have. */
#ifndef OU_CMD_TABLE_SHARED_H
#define OU_CMD_TABLE_SHARED_H

#include "cmd/commands.h"

#define WHEN_CHOICES "auto always never"

#define ROWS(table) (sizeof(table) / sizeof *(table))

/* clang-format off */
/* more_formats, a literal, begins with a blank where it is not empty; json_help says what --json
 * prints. */
#define DOCUMENT_ROWS(first, more_formats, json_help) \
    [(first) + DOCUMENT_OPTION_FORMAT] = {                                                         \
        .name = "format", .letter = 'f', .argument = "FORMAT",                                     \
        .choices = "text md org csv json html" more_formats,                                       \
        .help = "The form of the report; as the ending of --out says if not given, else text. "    \
                "csv and json have every number that is shown, in full.",                          \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_JSON] = {                                                           \
        .name = "json",                                                                            \
        .help = json_help,                                                                         \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_OUT] = {                                                            \
        .name = "out", .letter = 'o', .argument = "FILE", .kind = VALUE_FILE,                      \
        .help = "Write it there, complete or not at all, and not to standard output.",             \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_FULL] = {                                                           \
        .name = "full",                                                                            \
        .help = "Text with all details. What it leaves out else is named at its end; the other "   \
                "forms leave nothing out.",                                                        \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_WIDTH] = {                                                          \
        .name = "width", .argument = "COLUMNS",                                                    \
        .help = "The width of text, 40 to 400 columns; if not given the terminal's, in pipes "     \
                "$COLUMNS or 80, and with --out 100.",                                             \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_ASCII] = {                                                          \
        .name = "ascii",                                                                           \
        .help = "Use no characters but ASCII in text, as where the locale has no others.",         \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_COLOR] = {                                                          \
        .name = "color", .argument = "WHEN", .choices = WHEN_CHOICES,                              \
        .help = "Colour text. Nothing is said by colour alone.",                                   \
    },                                                                                             \
    [(first) + DOCUMENT_OPTION_QUIET] = {                                                          \
        .name = "quiet", .letter = 'q',                                                            \
        .help = "Print no remarks, only results and errors.",                                      \
    }

/* The names are cardano-node's. */
#define TRACER_ROWS(first) \
    [(first) + TRACER_PATH_ACCEPT] = {                                                             \
        .name = "tracer-socket-path-accept", .argument = "FILE", .kind = VALUE_FILE,               \
        .help = "Forward traces and metrics to a collector that connects to this socket; what "    \
                "goes there is what the configuration gives to the backend Forwarder. One of "     \
                "these four options at most.",                                                     \
    },                                                                                             \
    [(first) + TRACER_PATH_CONNECT] = {                                                            \
        .name = "tracer-socket-path-connect", .argument = "FILE", .kind = VALUE_FILE,              \
        .help = "Likewise to one that listens at this socket. It need not be there yet.",          \
    },                                                                                             \
    [(first) + TRACER_NETWORK_ACCEPT] = {                                                          \
        .name = "tracer-socket-network-accept", .argument = "HOST:PORT",                           \
        .help = "Likewise to one that connects over TCP. There is no encryption and no "           \
                "password: use it on this machine, or through a tunnel.",                          \
    },                                                                                             \
    [(first) + TRACER_NETWORK_CONNECT] = {                                                         \
        .name = "tracer-socket-network-connect", .argument = "HOST:PORT",                          \
        .help = "Likewise to one that listens there.",                                             \
    }
/* clang-format on */

#endif
