/* The row of `ouroscope compare` in the table of commands. */
#include <stdint.h>

#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info compare_options[] = {
    [COMPARE_OPTION_FAIL_ON] = {
        .name = "fail-on", .argument = "WHAT", .repeatable = true,
        .choices = "regression inconclusive change never",
        .help = "What makes the exit status 3: a metric that became worse (the default), one of "
                "which the runs cannot tell or that could not be judged, or one that changed in any "
                "direction.",
    },
    [COMPARE_OPTION_METRIC] = {
        .name = "metric", .argument = "NAME", .repeatable = true,
        .help = "Compare only this metric: an identifier, as cdf0.96, or section/identifier where "
                "two sections have it. Fewer questions need fewer runs.",
    },
    [COMPARE_OPTION_MARGIN] = {
        .name = "margin", .argument = "FACTOR|METRIC=PERCENT", .repeatable = true,
        .help = "How much of a change matters: a factor for the margins of all metrics, or the "
                "margin of one in per cent of its old mean, as CentiCpu=5.",
    },
    [COMPARE_OPTION_HISTORY] = {
        .name = "history", .argument = "RUN|FILE", .kind = VALUE_FILE, .repeatable = true,
        .help = "Earlier runs, in any form that operands have. Where both sides have a single run, "
                "what these deviate from their levels, as ouroscope history finds them, is what a "
                "difference is measured by.",
    },
    [COMPARE_OPTION_ADJUST] = {
        .name = "adjust", .argument = "METHOD", .choices = "holm bh",
        .help = "How p is adjusted for the number of metrics: Holm, so that at most one comparison "
                "in twenty of alike versions has any false alarm (the default), or "
                "Benjamini-Hochberg, for screening.",
    },
    [COMPARE_OPTION_PAIRED] = {
        .name = "paired",
        .help = "Compare runs that took turns pair by pair also where there are fewer than five "
                "pairs.",
    },
    [COMPARE_OPTION_UNPAIRED] = {
        .name = "unpaired",
        .help = "Compare runs that took turns like others, not pair by pair.",
    },
    [COMPARE_OPTION_ALLOW_DIFFERENT] = {
        .name = "allow-different",
        .help = "Compare runs although they differ in profile, genesis, hosts, filters or the "
                "like. The differences are listed.",
    },
    [COMPARE_OPTION_SEED] = {
        .name = "seed", .argument = "N",
        .help = "Where random draws begin; the same seed gives the same report.",
    },
    DOCUMENT_ROWS(COMPARE_OPTION_DOCUMENT, "",
                  "Print comparison.json: every number, for programs."),
};

static const struct command_example compare_examples[] = {
    { "ouroscope compare runs/*_old -- runs/*_new", "Did it get worse? Exit status 3 if it did" },
    { "ouroscope compare base.variance.json -- runs/*_a -- runs/*_b -o report.html",
      "Two variants against a base that was measured before, as a page" },
    { "ouroscope compare --metric cdf0.96 --metric CentiCpu \\\n    --fail-on regression "
      "--fail-on inconclusive old-*.json -- new-*.json",
      "A gate that passes only when two metrics are shown not to be worse" },
    { "ouroscope compare --history results.tsv \\\n    "
      "'results.tsv#release-10.7.1.plutus/10.6.2' -- 'results.tsv#plutus/10.7.1'",
      "Two published runs, against how much published runs differ" },
};

const struct command command_compare = {
    .name = "compare",
    .operands = "BASE... -- NEW... [-- NEW2...]",
    .summary = "two sets of runs: what changed, and whether it matters",
    .description =
        "Compares runs of a base with those of one or more variants, metric by metric. A side "
        "is named by run directories, analysis files, variance files, or columns of a table of "
        "published results (TABLE.tsv#RUN; TABLE.tsv#WORKLOAD/RUN or TABLE.tsv#REPORT/RUN where "
        "several are called so); a run that was not analysed yet is analysed first.\n\n"
        "The run is the unit: ten thousand blocks of one run say nothing about the next run. "
        "Per metric there is the change with its interval, p adjusted for all metrics, an "
        "effect size, and a verdict: regression or improvement (a difference that is not "
        "inside the metric's margin), negligible (real, but inside of it), equivalent (shown "
        "to be inside of it), or inconclusive, with the number of runs that would decide. With "
        "one run a side nothing is judged, unless --history says how much runs differ. Runs "
        "that took turns are compared pair by pair, from five pairs on. Battles and the like are "
        "compared as counts.\n\n"
        "Runs that differ in profile, genesis, hosts or filters are refused.",
    .options = compare_options,
    .option_count = ROWS(compare_options),
    .operands_min = 2,
    .operands_max = SIZE_MAX,
    .operand_kind = VALUE_FILE,
    .operand_groups = true,
    .examples = compare_examples,
    .example_count = ROWS(compare_examples),
    .exits = {
        [EXIT_DONE] = "the runs were compared, and nothing was found that --fail-on asks for",
        [EXIT_FAILED] = "a run could not be read, or the runs differ in what has to agree",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
        [EXIT_REGRESSION] = "the runs were compared, and something was found that --fail-on "
                            "asks for: a regression if nothing else is said",
    },
    .see_also = { "ouroscope-history 1", "ouroscope-report 1", "ouroscope-variance 1" },
    .run = cmd_compare,
};
