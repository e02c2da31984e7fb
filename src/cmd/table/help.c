/* The row of `ouroscope help` in the table of commands. */
#include "cmd/table/shared.h"

/* clang-format off */

const struct command command_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "print the help of a command, or of the program",
    .description = "Prints what COMMAND --help prints. A command may be of two words, as profile show.",
    .operands_max = 2,
    .operand_kind = VALUE_COMMAND,
    .exits = {
        [EXIT_DONE] = "the help was printed",
        [EXIT_FAILED] = "it could not be written",
        [EXIT_WRONG_USAGE] = "there is no such command",
    },
    .run = cmd_help,
};
