/* The row of `ouroscope profile diff` in the table of commands. */
#include "cmd/profile.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info profile_diff_options[] = {
    [PROFILE_DIFF_DERIVED] = {
        .name = "derived",
        .help = "Tell also of names, descriptions, and of what both derive from other members.",
    },
    [PROFILE_DIFF_EXIT_CODE] = {
        .name = "exit-code",
        .help = "End with status 3 when there are differences.",
    },
    [PROFILE_DIFF_JSON] = {
        .name = "json",
        .help = "Print a list of objects: path, a and b. A member that a profile does not have is not "
                "there.",
    },
};

static const struct command_example profile_diff_examples[] = {
    { "ouroscope profile diff ci-test ci-bench", "What else a benchmark does" },
    { "ouroscope profile diff default runs/.latest/profile.json", "What a run did differently" },
};

const struct command command_profile_diff = {
    .name = "profile diff",
    .operands = "A B",
    .summary = "tell what two profiles differ in",
    .description =
        "Prints a line for each member whose values differ, when both profiles are complete: a dash "
        "stands for a member that a profile does not have. Nothing is printed when they are the same. "
        "A and B are names of profiles that are built in, or files; the profile.json of a run is one.",
    .options = profile_diff_options,
    .option_count = ROWS(profile_diff_options),
    .operands_min = 2,
    .operands_max = 2,
    .operand_kind = VALUE_FILE,
    .examples = profile_diff_examples,
    .example_count = ROWS(profile_diff_examples),
    .exits = {
        [EXIT_DONE] = "they were compared, whatever was found",
        [EXIT_FAILED] = "the differences could not be written",
        [EXIT_WRONG_USAGE] = "the command line or a profile cannot be understood",
        [EXIT_REGRESSION] = "with --exit-code: they differ",
    },
    .see_also = { "ouroscope-profile-show 1" },
    .run = cmd_profile_diff,
};
