/* The row of `ouroscope genesis edit` in the table of commands. */
#include "cmd/genesis_files.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info genesis_edit_options[] = {
    [GENESIS_EDIT_SET] = {
        .name = "set", .letter = 's', .argument = "PATH=JSON", .repeatable = true,
        .help = "A member and its new value: protocolParams.tau=0.3. Of a directory, PATH begins with the "
                "era: shelley.protocolParams.tau=0.3. A dot in a name stands behind a backslash. What is "
                "not there yet is added; what nodes do not know is told.",
    },
    [GENESIS_EDIT_REMOVE] = {
        .name = "remove", .letter = 'r', .argument = "PATH", .repeatable = true,
        .help = "A member that is to go. One that is not there is told.",
    },
    [GENESIS_EDIT_OVERLAY] = {
        .name = "overlay", .argument = "JSON|FILE", .kind = VALUE_FILE, .repeatable = true,
        .help = "Many changes at once: objects merge, null removes, everything else replaces.",
    },
    [GENESIS_EDIT_MAGIC] = {
        .name = "magic", .argument = "N",
        .help = "The network's magic, in the Byron and the Shelley file.",
    },
    [GENESIS_EDIT_START] = {
        .name = "start", .argument = "TIME",
        .help = "The start of the chain, as 2026-11-22T10:00:00Z, in both.",
    },
    [GENESIS_EDIT_OUT] = {
        .name = "out", .letter = 'o', .argument = "FILE|DIR", .kind = VALUE_FILE,
        .help = "Where to write: a file, or of a directory another one, in which files get the names "
                "they have; config.json goes along, with the new hashes. It may be the same. Always needed.",
    },
    [GENESIS_EDIT_JSON] = {
        .name = "json",
        .help = "Print a list of objects: file, era, hash.",
    },
};

static const struct command_example genesis_edit_examples[] = {
    { "ouroscope genesis edit mainnet --start 2026-12-01T00:00:00Z --out shadow",
      "A network of one's own with the parameters of mainnet" },
    { "ouroscope genesis edit shelley.json --set epochLength=8000 --out small.json",
      "One value changed; every other byte stays" },
};

const struct command command_genesis_edit = {
    .name = "genesis edit",
    .operands = "DIR | FILE",
    .summary = "genesis files with some values changed, byte for byte",
    .description =
        "Writes genesis files anew with some of their values changed. Every byte that is no part of a changed value "
        "stays as it is: order, blanks, how numbers are spelled. A value that is the same already "
        "stays as well, so that 0.20 does not become 0.2. New members go behind the last one of their object, "
        "looking as that does. The hashes of what was written are printed, as ouroscope genesis hash "
        "prints them, for the configuration of nodes.\n\n"
        "Files may be of any size; only changes are held in memory. A file is there complete or not at all.",
    .options = genesis_edit_options,
    .option_count = ROWS(genesis_edit_options),
    .operands_min = 1,
    .operands_max = 1,
    .operand_kind = VALUE_FILE,
    .examples = genesis_edit_examples,
    .example_count = ROWS(genesis_edit_examples),
    .exits = {
        [EXIT_DONE] = "the files were written",
        [EXIT_FAILED] = "a file could not be read or written, or is no genesis",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-genesis-check 1", "ouroscope-genesis-hash 1" },
    .run = cmd_genesis_edit,
};
