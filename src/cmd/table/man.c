/* The row of `ouroscope man` in the table of commands. */
#include "cmd/table/shared.h"

/* clang-format off */

static const struct command_example man_examples[] = {
    { "ouroscope man analyse | man -l -", "Read the manual page of analyse" },
};

const struct command command_man = {
    .name = "man",
    .operands = "[COMMAND]",
    .summary = "print the source of a manual page",
    .description = "Prints the manual page of a command, or of the program, in the mdoc "
                   "language that man understands.",
    .operands_max = 2,
    .operand_kind = VALUE_COMMAND,
    .examples = man_examples,
    .example_count = ROWS(man_examples),
    .exits = {
        [EXIT_DONE] = "the page was printed",
        [EXIT_FAILED] = "it could not be written",
        [EXIT_WRONG_USAGE] = "there is no such command",
    },
    .run = cmd_man,
};
