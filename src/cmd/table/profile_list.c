/* The row of `ouroscope profile list` in the table of commands. */
#include "cmd/profile.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info profile_list_options[] = {
    [PROFILE_LIST_ALL] = {
        .name = "all", .letter = 'a',
        .help = "List variants, too, each below the profile whose name its own begins with.",
    },
    [PROFILE_LIST_JSON] = {
        .name = "json",
        .help = "Print all of them as a list of objects: name, family, description, hosts, pools, "
                "explorer, slots, slot_s, tps and stop.",
    },
};

static const struct command_example profile_list_examples[] = {
    { "ouroscope profile list", "The families of profiles" },
    { "ouroscope profile list '*-nomadperf'", "Those for a cluster of 52 machines" },
};

const struct command command_profile_list = {
    .name = "profile list",
    .operands = "[PATTERN]",
    .summary = "list the profiles that are built in",
    .description =
        "Prints a line for each profile that is built in: its name, its hosts and pools, how many "
        "slots a run has, the load in transactions a second, what ends a run, and what it is for.\n\n"
        "Without options only the profiles are listed that are no variants of others; the column "
        "MORE counts those. PATTERN is a part of a name, or has wildcards as the shell's: then "
        "everything that fits is listed.",
    .options = profile_list_options,
    .option_count = ROWS(profile_list_options),
    .operands_max = 1,
    .examples = profile_list_examples,
    .example_count = ROWS(profile_list_examples),
    .exits = {
        [EXIT_DONE] = "the list was printed",
        [EXIT_FAILED] = "nothing fits PATTERN, or the list could not be written",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-profile-show 1", "ouroscope-run 1" },
    .run = cmd_profile_list,
};
