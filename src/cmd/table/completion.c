/* The row of `ouroscope completion` in the table of commands. */
#include "cmd/table/shared.h"

/* clang-format off */

static const struct command_example completion_examples[] = {
    { "ouroscope completion bash > \\\n    ~/.local/share/bash-completion/completions/ouroscope",
      "Complete in every new shell" },
    { "source <(ouroscope completion bash)", "Complete in this shell" },
};

const struct command command_completion = {
    .name = "completion",
    .operands = "bash",
    .summary = "print the completion script of a shell",
    .description = "Prints a script that teaches a shell to complete commands, options and "
                   "their values.",
    .operands_min = 1,
    .operands_max = 1,
    .operand_choices = "bash",
    .examples = completion_examples,
    .example_count = ROWS(completion_examples),
    .exits = {
        [EXIT_DONE] = "the script was printed",
        [EXIT_FAILED] = "it could not be written",
        [EXIT_WRONG_USAGE] = "the shell is unknown",
    },
    .run = cmd_completion,
};
