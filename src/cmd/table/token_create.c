/* The row of `ouroscope token create` in the table of commands. */
#include "cmd/table/token_rows.h"

/* clang-format off */

static const struct option_info token_create_options[] = {
    TOKEN_PLACE_ROW,
    [TOKEN_CREATE_SCOPES] = {
        .name = "scopes", .letter = 's', .argument = "SCOPES",
        .help = "What it may do, with commas between: read (where reads are not open), publish (runs, and runs in "
                "progress), alerts (thresholds, alerts, notes), admin (all of it; projects, tokens, deleting). If not "
                "given, publish.",
    },
    [TOKEN_CREATE_PROJECT] = {
        .name = "project", .letter = 'p', .argument = "NAME",
        .help = "The only project that it is good for; made if it is not there. If not given, all projects.",
    },
    [TOKEN_CREATE_EXPIRES] = {
        .name = "expires", .letter = 'e', .argument = "WHEN",
        .help = "Until when it is good: days from now, 90d, or the day when it ends, 2027-11-23. If not given, until it "
                "is revoked.",
    },
    [TOKEN_CREATE_OUT] = {
        .name = "out", .letter = 'o', .argument = "FILE", .kind = VALUE_FILE,
        .help = "Write it to a new file that only you may read, and not to standard output. Other commands take it as "
                "--token-file.",
    },
};

static const struct command_example token_create_examples[] = {
    { "ouroscope token create ci --project cardano-node --out ci.token",
      "Make a token that publishes runs of one project" },
    { "ouroscope token create me --scopes publish,alerts,admin --out me.token",
      "Make one for everything that writes" },
};

const struct command command_token_create = {
    .name = "token create",
    .operands = "NAME",
    .summary = "make a token for a server of results",
    .description =
        "Makes a token and prints it, this once: the database keeps only a hash of it. NAME says what it is for, and "
        "need not be unique; the list, the access log and the record of writes call the token by its id, which is what "
        "stands behind ouro_. The database must be there: a first run that is published makes it, `ouroscope serve`, or "
        "`ouroscope db migrate`.\n\n"
        "Whoever has the database makes tokens; over the network the same is POST /api/v1/tokens with a token of the "
        "scope admin.",
    .options = token_create_options,
    .option_count = ROWS(token_create_options),
    .operands_min = 1,
    .operands_max = 1,
    .operand_kind = VALUE_TEXT,
    .examples = token_create_examples,
    .example_count = ROWS(token_create_examples),
    .exits = {
        [EXIT_DONE] = "the token was made",
        [EXIT_FAILED] = "there is no such database, it cannot be written to, or the file is there already; no token was made",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-token-list 1", "ouroscope-token-revoke 1", "ouroscope-serve 1" },
    .run = cmd_token_create,
};
