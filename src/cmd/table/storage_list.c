/* The row of `ouroscope storage list` in the table of commands. */
#include "cmd/table/storage_rows.h"

/* clang-format off */

static const struct option_info storage_list_options[] = {
    STORAGE_PLACE_ROWS,
    [STORAGE_LIST_JSON] = {
        .name = "json",
        .help = "Print a list of objects: run, prefix, objects, bytes, and changed, the time of the newest.",
    },
};

static const struct command_example storage_list_examples[] = {
    { "ouroscope storage list --placement mine.json", "What runs left in the bucket of this plan" },
};

const struct command command_storage_list = {
    .name = "storage list",
    .operands = "",
    .summary = "list what runs left in a bucket",
    .description =
        "Lists the runs that have objects in the bucket: how many, how large they are, and since when none of them "
        "has changed. A run removes its objects at its end unless it is told to keep them; what is left is of runs "
        "that go on, were kept, or were cut off.",
    .options = storage_list_options,
    .option_count = ROWS(storage_list_options),
    .operand_kind = VALUE_TEXT,
    .examples = storage_list_examples,
    .example_count = ROWS(storage_list_examples),
    .exits = {
        [EXIT_DONE] = "the list was printed",
        [EXIT_FAILED] = "the bucket cannot be read",
        [EXIT_WRONG_USAGE] = "the command line or the plan cannot be understood, or no bucket is named",
    },
    .see_also = { "ouroscope-storage-clean 1", "ouroscope-storage-check 1" },
    .run = cmd_storage_list,
};
