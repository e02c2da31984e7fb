/* The row of `ouroscope profile check` in the table of commands. */
#include "cmd/profile.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info profile_check_options[] = {
    [PROFILE_CHECK_ALL] = {
        .name = "all", .letter = 'a',
        .help = "Check everything that is built in, too.",
    },
    [PROFILE_CHECK_RUN] = {
        .name = "run",
        .help = "Tell also what keeps a profile without faults from being run here: programs and "
                "processors that this machine does not have, and what reference nodes do not know, with "
                "what to lay over it so that they can run it.",
    },
    [PROFILE_CHECK_OVERLAY] = {
        .name = "overlay", .argument = "JSON|FILE", .kind = VALUE_FILE, .repeatable = true,
        .help = "Members that replace those of each profile; they are checked, too.",
    },
    [PROFILE_CHECK_JSON] = {
        .name = "json",
        .help = "Print a list of objects: profile, and its faults and remarks as lists of sentences.",
    },
};

static const struct command_example profile_check_examples[] = {
    { "ouroscope profile check mine.json", "Whether a profile of one's own is right" },
    { "ouroscope profile check --run value-nomadperf", "Whether it can be run on this machine" },
};

const struct command command_profile_check = {
    .name = "profile check",
    .operands = "PROFILE | FILE...",
    .summary = "tell everything that is wrong with a profile",
    .description =
        "Reads profiles and tells all their faults on standard error, each with its place and what "
        "would be right: texts that are no JSON, members that are not known, values of the wrong type "
        "or size, variants that there are none of, and values that do not fit together. Of these last, those "
        "are left out that may follow from other faults.",
    .options = profile_check_options,
    .option_count = ROWS(profile_check_options),
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_FILE,
    .examples = profile_check_examples,
    .example_count = ROWS(profile_check_examples),
    .exits = {
        [EXIT_DONE] = "there are no faults",
        [EXIT_FAILED] = "there are faults",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-profile-show 1" },
    .run = cmd_profile_check,
};
