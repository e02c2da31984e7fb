/* The row of `ouroscope storage check` in the table of commands. */
#include "cmd/table/storage_rows.h"

/* clang-format off */

static const struct option_info storage_check_options[] = {
    STORAGE_PLACE_ROWS,
    [STORAGE_CHECK_POLICY] = {
        .name = "policy",
        .help = "Ask nothing: print the policy that whoever owns the credentials needs, as AWS takes it.",
    },
    [STORAGE_CHECK_JSON] = {
        .name = "json",
        .help = "Print an object: bucket, prefix, credentials (where they come from), clock_ahead_s (how far the server's clock is ahead of ours), and "
                "steps, each with step, result, seconds and message.",
    },
};

static const struct command_example storage_check_examples[] = {
    { "ouroscope storage check --placement mine.json", "Whether a run can use the bucket of this plan" },
    { "ouroscope storage check --bucket cluster --policy", "What its users have to be allowed" },
};

const struct command command_storage_check = {
    .name = "storage check",
    .operands = "",
    .summary = "try all that a run does with its bucket",
    .description =
        "Finds credentials, and puts, reads, lists and deletes small objects in the bucket, also in parts and by "
        "presigned URLs as hosts do it. There is a row for each step, with its time; what fails is told on standard "
        "error, with what to do. Of credentials it shows where they come from and the last four characters of the "
        "access key, and never more.\n\n"
        "All objects stand below PREFIXcheck-RANDOM/ and are removed at the end. Requests that fail in passing are "
        "tried three times.",
    .options = storage_check_options,
    .option_count = ROWS(storage_check_options),
    .operand_kind = VALUE_TEXT,
    .examples = storage_check_examples,
    .example_count = ROWS(storage_check_examples),
    .exits = {
        [EXIT_DONE] = "the bucket does all that is needed",
        [EXIT_FAILED] = "it does not, or cannot be reached",
        [EXIT_WRONG_USAGE] = "the command line or the plan cannot be understood, or no bucket is named",
    },
    .see_also = { "ouroscope-placement-check 1", "ouroscope-storage-list 1" },
    .run = cmd_storage_check,
};
