/* The row of `ouroscope profile show` in the table of commands. */
#include "cmd/profile.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info profile_show_options[] = {
    [PROFILE_SHOW_EXPLAIN] = {
        .name = "explain", .letter = 'e',
        .help = "Print a line for each value: where it stands, what it is, and where it comes from: a "
                "profile, a variant, the parameters of an epoch of mainnet, an overlay, or what it is "
                "derived from. Long lists are cut, and the costs of a script language are one line.",
    },
    [PROFILE_SHOW_MEMBER] = {
        .name = "member", .letter = 'm', .argument = "PATH",
        .help = "Print that member alone, as genesis.epoch_length or node.",
    },
    [PROFILE_SHOW_DERIVED] = {
        .name = "derived",
        .help = "Print such lines only of what is derived from other members.",
    },
    [PROFILE_SHOW_OVERLAY] = {
        .name = "overlay", .argument = "JSON|FILE", .kind = VALUE_FILE, .repeatable = true,
        .help = "Members that replace those of the profile: objects merge, everything else is "
                "replaced.",
    },
    [PROFILE_SHOW_JSON] = {
        .name = "json",
        .help = "With --explain or --derived, print a list of objects: path, value and from. Without "
                "them it is JSON anyway.",
    },
};

static const struct command_example profile_show_examples[] = {
    { "ouroscope profile show default", "The complete profile, as a run would keep it" },
    { "ouroscope profile show --explain --member node ci-test", "How nodes are set up, and why so" },
    { "ouroscope profile show --derived --overlay '{\"generator\": {\"tps\": 50}}' demo",
      "What another load makes of it" },
};

const struct command command_profile_show = {
    .name = "profile show",
    .operands = "PROFILE",
    .summary = "print a complete profile, and where its values come from",
    .description =
        "Prints a profile with every default filled in and everything derived: the document that a "
        "run keeps as profile.json. PROFILE is the name of one that is built in, or a file.",
    .options = profile_show_options,
    .option_count = ROWS(profile_show_options),
    .operands_min = 1,
    .operands_max = 1,
    .operand_kind = VALUE_FILE,
    .examples = profile_show_examples,
    .example_count = ROWS(profile_show_examples),
    .exits = {
        [EXIT_DONE] = "the profile was printed",
        [EXIT_FAILED] = "it could not be written",
        [EXIT_WRONG_USAGE] = "the command line or the profile cannot be understood",
    },
    .see_also = { "ouroscope-profile-check 1", "ouroscope-profile-diff 1", "ouroscope-profile-list 1" },
    .run = cmd_profile_show,
};
