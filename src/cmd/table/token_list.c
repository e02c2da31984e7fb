/* The row of `ouroscope token list` in the table of commands. */
#include "cmd/table/token_rows.h"

/* clang-format off */

static const struct option_info token_list_options[] = {
    TOKEN_PLACE_ROW,
    [TOKEN_LIST_JSON] = {
        .name = "json",
        .help = "Print a list of objects: id, name, scopes, project, createdAt, expiresAt, revokedAt, usedAt.",
    },
};

static const struct command_example token_list_examples[] = {
    { "ouroscope token list", "List the tokens of results.db" },
};

const struct command command_token_list = {
    .name = "token list",
    .operands = "",
    .summary = "list the tokens of a database of results",
    .description =
        "Lists all tokens, also those that are not good any more: what they are for, what they may do, when they were "
        "last used, to the hour. Their secrets are not kept and cannot be shown.",
    .options = token_list_options,
    .option_count = ROWS(token_list_options),
    .operand_kind = VALUE_TEXT,
    .examples = token_list_examples,
    .example_count = ROWS(token_list_examples),
    .exits = {
        [EXIT_DONE] = "the list was printed",
        [EXIT_FAILED] = "the database cannot be read",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-token-create 1", "ouroscope-token-revoke 1" },
    .run = cmd_token_list,
};
