/* The row of `ouroscope placement show` in the table of commands. */
#include "cmd/placement.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info placement_show_options[] = {
    [PLACEMENT_SHOW_PROFILE] = {
        .name = "profile", .letter = 'p', .argument = "PROFILE", .kind = VALUE_FILE,
        .help = "Show the place of each host of this profile. What the profile says of its cluster fills in "
                "what the plan leaves out.",
    },
    [PLACEMENT_SHOW_OVERLAY] = {
        .name = "overlay", .argument = "JSON|FILE", .kind = VALUE_FILE, .repeatable = true,
        .help = "Members that replace those of the profile.",
    },
    [PLACEMENT_SHOW_JSON] = {
        .name = "json",
        .help = "Print the plan with all defaults filled in: a file to begin one's own with.",
    },
};

static const struct command_example placement_show_examples[] = {
    { "ouroscope placement show one-machine --json", "A plan to begin one's own with" },
    { "ouroscope placement show model-52 --profile value-nomadperf",
      "Where the hosts of the model cluster stand" },
};

const struct command command_placement_show = {
    .name = "placement show",
    .operands = "PLAN | FILE",
    .summary = "show where the hosts of a run would stand",
    .description =
        "Shows a placement plan: one of the examples one-machine, aws and model-52, or a file, whose name has a "
        "slash in it or ends in .json. With --profile there is a row for each host, with region, "
        "datacenter, machine and resources; without, one for each region.",
    .options = placement_show_options,
    .option_count = ROWS(placement_show_options),
    .operands_min = 1,
    .operands_max = 1,
    .operand_kind = VALUE_FILE,
    .examples = placement_show_examples,
    .example_count = ROWS(placement_show_examples),
    .exits = {
        [EXIT_DONE] = "the plan was shown",
        [EXIT_FAILED] = "output could not be written",
        [EXIT_WRONG_USAGE] = "the command line, plan or profile cannot be understood",
    },
    .see_also = { "ouroscope-placement-check 1", "ouroscope-run 1" },
    .run = cmd_placement_show,
};
