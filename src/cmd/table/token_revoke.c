/* The row of `ouroscope token revoke` in the table of commands. */
#include <stdint.h>

#include "cmd/table/token_rows.h"

/* clang-format off */

static const struct option_info token_revoke_options[] = {
    TOKEN_PLACE_ROW,
};

static const struct command_example token_revoke_examples[] = {
    { "ouroscope token revoke 269d0a74959eb1a7", "End what this token may do" },
};

const struct command command_token_revoke = {
    .name = "token revoke",
    .operands = "ID...",
    .summary = "end what tokens may do",
    .description =
        "From now on the tokens are not good, also for servers that are running; they stay in the list. All of them are "
        "revoked, or, when one is not there or was revoked before, none.",
    .options = token_revoke_options,
    .option_count = ROWS(token_revoke_options),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_TEXT,
    .examples = token_revoke_examples,
    .example_count = ROWS(token_revoke_examples),
    .exits = {
        [EXIT_DONE] = "the tokens are revoked",
        [EXIT_FAILED] = "there is no such token, or the database cannot be written to",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-token-list 1", "ouroscope-token-create 1" },
    .run = cmd_token_revoke,
};
