/* The row of `ouroscope placement check` in the table of commands. */
#include "cmd/placement.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info placement_check_options[] = {
    [PLACEMENT_CHECK_PROFILE] = {
        .name = "profile", .letter = 'p', .argument = "PROFILE", .kind = VALUE_FILE,
        .help = "Tell also which hosts of this profile the plan has no place for.",
    },
    [PLACEMENT_CHECK_OVERLAY] = {
        .name = "overlay", .argument = "JSON|FILE", .kind = VALUE_FILE, .repeatable = true,
        .help = "Members that replace those of the profile.",
    },
};

static const struct command_example placement_check_examples[] = {
    { "ouroscope placement check mine.json --profile value-nomadperf",
      "Whether the plan has a place for each host" },
};

const struct command command_placement_check = {
    .name = "placement check",
    .operands = "PLAN | FILE",
    .summary = "tell everything that is wrong with a placement plan",
    .description =
        "Reads a placement plan and tells all its faults on standard error, each with its place and what would be right. "
        "It asks neither Nomad nor the bucket: `ouroscope storage check` and `ouroscope run --on nomad --plan` do.",
    .options = placement_check_options,
    .option_count = ROWS(placement_check_options),
    .operands_min = 1,
    .operands_max = 1,
    .operand_kind = VALUE_FILE,
    .examples = placement_check_examples,
    .example_count = ROWS(placement_check_examples),
    .exits = {
        [EXIT_DONE] = "there are no faults",
        [EXIT_FAILED] = "there are faults",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-placement-show 1", "ouroscope-storage-check 1" },
    .run = cmd_placement_check,
};
