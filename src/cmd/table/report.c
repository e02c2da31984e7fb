/* The row of `ouroscope report` in the table of commands. */
#include <stdint.h>

#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info report_options[] = {
    [REPORT_OPTION_METRICS] = {
        .name = "metrics", .argument = "LIST",
        .help = "Only these metrics, separated by commas: ids (cdf0.50), with their section "
                "(machperf/RSS), or whole sections (endtoend).",
    },
    [REPORT_OPTION_TITLE] = {
        .name = "title", .argument = "TEXT",
        .help = "The title of the report.",
    },
    [REPORT_OPTION_ALLOW_DIFFERENT] = {
        .name = "allow-different",
        .help = "Compare runs although they differ in what should be the same; the report lists it.",
    },
    [REPORT_OPTION_FROM_SLOT] = {
        .name = "from-slot", .argument = "SLOT",
        .help = "With --format trace: only blocks of this slot and later ones.",
    },
    [REPORT_OPTION_TO_SLOT] = {
        .name = "to-slot", .argument = "SLOT",
        .help = "With --format trace: only blocks of this slot and earlier ones.",
    },
    [REPORT_OPTION_BLOCK] = {
        .name = "block", .argument = "NUMBER|FROM-TO",
        .help = "With --format trace: only this block, or these.",
    },
    DOCUMENT_ROWS(REPORT_OPTION_OUTPUT, " trace", "The same as --format json."),
};

static const struct command_example report_examples[] = {
    { "ouroscope report runs/2026-11-22T10-00-00_ci-test_a1b2c3",
      "Write report.html and report.md into the run's analysis folder" },
    { "ouroscope report --out nightly.html runs/*_ci-test_nightly*",
      "One page about repeated runs, that needs nothing else to be read" },
    { "ouroscope report --out 10.7.1.html runs/*_10.6.2 -- runs/*_10.7.1",
      "One page that compares two versions" },
    { "ouroscope report --format csv --metrics endtoend,RSS RUN",
      "A few metrics, for a spreadsheet" },
    { "ouroscope report --format trace --block 10-12 --out blocks.json RUN",
      "The journey of eleven blocks, for a viewer of traces" },
};

const struct command command_report = {
    .name = "report",
    .operands = "RUN... [-- RUN...]...",
    .summary = "a report of a run, of repeated runs, or of a comparison",
    .description =
        "One RUN gives a report of that run: what to know before trusting it, the key numbers, "
        "pictures (how blocks reach the hosts, where the time goes, what happened over time), "
        "tables of all metrics, the hosts, the manifest, and what each metric means. Several "
        "RUNs, or the file of a variance, give the report of a set, as ouroscope variance has "
        "it; sets with -- between them are compared with the first one, as ouroscope compare "
        "does.\n\n"
        "A RUN is a run directory, an analysis file, or a column of a table of published results "
        "(TABLE.tsv#COLUMN). A run directory that has no analysis yet is analysed first. For a "
        "single run directory, with neither --format nor --out, report.html and report.md are "
        "written into its analysis folder.\n\n"
        "The page (html) is one file that needs no network: pictures, tables, data to download, "
        "light and dark, fit to be printed. trace has the journey of the blocks of one run "
        "directory for a viewer of traces, from its logs. The same runs give the same bytes.",
    .options = report_options,
    .option_count = ROWS(report_options),
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_FILE,
    .operand_groups = true,
    .examples = report_examples,
    .example_count = ROWS(report_examples),
    .exits = {
        [EXIT_DONE] = "the report was written",
        [EXIT_FAILED] = "a run could not be read, runs are not comparable, or the report could "
                        "not be written",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .run = cmd_report,
    .see_also = { "ouroscope-compare 1", "ouroscope-history 1", "ouroscope-variance 1" },
};
