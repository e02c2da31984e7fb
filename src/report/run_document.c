/* The report of one run. All intervals in it are of this run alone. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "report/builders.h"
#include "report/figures.h"
#include "stats/mean.h"
#include "stats/sort.h"

enum {
    P20 = 4,
    P30 = 5,
    P75 = 10,
    P95 = 16,
    HOST_COLUMNS = 8,
    SIGNIFICANT = 4,
    DECIMALS_MAX = 6,
    HOST_DECIMALS_MAX = 3
};

/* --- Who and when ---------------------------------------------------------------- */

static const char *subtitle_of(struct document *d, const struct finished_run *run)
{
    char when[TIME_ISO_ROOM] = "";
    const char *text = run->profile ? run->profile : "run";

    if (run->node_version)
        text = document_text(d, "%s, node %s", text, document_version(d, run->node_version));
    if (run->host_count > 0)
        text = document_text(d, "%s, %u %s", text, run->host_count,
                             run->host_count == 1 ? "host" : "hosts");
    if (run->block_count > 0)
        text = document_text(d, "%s, %zu blocks accepted", text, run->block_count);
    if (run->started_ns != TIME_NONE) {
        time_format_iso(run->started_ns, when);
        text = document_text(d, "%s, started %.10s %.8s UTC", text, when, when + 11);
    }
    if (run->backend && strcmp(run->backend, "local") != 0)
        return document_text(d, "%s, on %s", text, run->backend);
    return run->machine ? document_text(d, "%s, on %s", text, run->machine) : text;
}

/* Files of earlier versions have none. */
static bool has_values_of_blocks(const struct finished_run *run)
{
    for (size_t i = 0; i < run->value_count; i++)
        if (run->values[i].blocks)
            return true;
    return false;
}

static void add_notices(struct document *d, const struct finished_run *run)
{
    for (size_t i = 0; i < run->errors + run->warnings; i++)
        document_notice(d, i < run->errors ? TONE_BAD : TONE_UNSURE, "%s", run->finding_texts[i]);
    if (run->source == RUN_FROM_ANALYSIS && !has_values_of_blocks(run))
        document_notice(
            d, TONE_PLAIN,
            "The analysis file holds no values of single blocks; those of earlier versions "
            "do not. Some intervals and pictures are missing here. "
            "ouroscope analyse RUN writes a new one.");
    document_notice(d, TONE_PLAIN,
                    "This is one run. The intervals here are of its own blocks and hosts; how much "
                    "another run of the same version would differ is not known from it. Repeat the "
                    "run, and see ouroscope variance.");
}

/* --- Distributions --------------------------------------------------------------- */

/* What is known of a distribution besides the moments that the run tells. */
struct shape {
    struct interval
        median;    /* 95 %, free of assumptions about the law; none without single values */
    double q1, q3; /* NaN: not known */
};

/* The sorted finite values of the blocks; the count, 0 without values or memory. */
static size_t sorted_blocks(struct document *d, const struct finished_run *run,
                            const struct run_value *value, double **ret)
{
    size_t n = 0;

    if (!value->blocks || run->block_count == 0)
        return 0;
    *ret = arena_take(&d->memory, run->block_count * sizeof **ret, _Alignof(double));
    if (!*ret)
        d->status = OU_NO_MEMORY;
    for (size_t i = 0; *ret && i < run->block_count; i++)
        if (isfinite(value->blocks[i]))
            (*ret)[n++] = value->blocks[i];
    if (n > 0)
        sort_doubles(allocator_libc(), *ret, n);
    return n;
}

/* Where single values are not known, the lower quartile is taken half way between the quantiles
 * beside it that are: good enough for a picture. */
static struct shape shape_of(struct document *d, const struct finished_run *run,
                             const struct run_value *value)
{
    struct shape shape = { interval_none(), (value->quantiles[P20] + value->quantiles[P30]) / 2,
                           value->quantiles[P75] };
    double *sorted;
    size_t n = sorted_blocks(d, run, value, &sorted);

    /* Where a block has several values, those of blocks are means: another distribution. */
    if (n == 0 || (double)n != value->n)
        return shape;
    shape.median = quantile_values_interval(sorted, n, .5, .95);
    shape.q1 = quantile_sorted(sorted, n, .25, QUANTILE_TYPE7);
    shape.q3 = quantile_sorted(sorted, n, .75, QUANTILE_TYPE7);
    return shape;
}

/* As many decimals as show four digits of the mean, so that a row's numbers stand under each other,
 * and at least those that published tables have. */
static int decimals_of(const struct run_value *value, int at_most)
{
    double size = fabs(value->mean);
    int decimals = size > 0 ? SIGNIFICANT - 1 - (int)floor(log10(size)) : 0;

    if (decimals < value->info->precision && size < 1000)
        decimals = value->info->precision;
    return decimals < 0 ? 0 : decimals > at_most ? at_most : decimals;
}

static void add_distribution(struct document *d, struct doc_table *t,
                             const struct finished_run *run, const struct run_value *value,
                             const struct interval *scale)
{
    struct shape shape = shape_of(d, run, value);
    struct doc_box box = { NULL, value->min, shape.q1, value->median, shape.q3, value->max };
    int decimals = decimals_of(value, DECIMALS_MAX);

    doc_add_cell(d, t, metric_cell(d, value->info));
    doc_add_number(d, t, value->n, 0);
    doc_add_number(d, t, value->mean, decimals);
    doc_add_number(d, t, value->median, decimals);
    doc_add_interval(d, t, shape.median, decimals);
    doc_add_number(d, t, value->quantiles[P95], decimals);
    doc_add_number(d, t, value->sd, decimals);
    doc_add_number(d, t, value->min, -1);
    doc_add_number(d, t, shape.q1, -1);
    doc_add_number(d, t, shape.q3, -1);
    doc_add_number(d, t, value->max, -1);
    doc_add_box(d, t, box, scale->low, scale->high);
}

static const struct doc_column distribution_columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "n",
      .head = "n",
      .number = true,
      .spare = 3,
      .hint = "values: what of, the dictionary says" },
    { .id = "mean", .head = "mean", .number = true, .in_unit = true },
    { .id = "median", .head = "median", .number = true, .in_unit = true },
    { .id = "median95",
      .head = "95 % of median",
      .number = true,
      .in_unit = true,
      .spare = 1,
      .hint = "interval of the median within this run, from order statistics of its blocks" },
    { .id = "p95",
      .head = "p95",
      .number = true,
      .in_unit = true,
      .hint = "95 % of the values are at most this" },
    { .id = "sd",
      .head = "sd",
      .number = true,
      .in_unit = true,
      .hint = "standard deviation",
      .spare = 2 },
    { .id = "min", .head = "min", .number = true, .machine_only = true },
    { .id = "q1", .head = "q1", .number = true, .machine_only = true },
    { .id = "q3", .head = "q3", .number = true, .machine_only = true },
    { .id = "max", .head = "max", .number = true, .machine_only = true },
    { .id = "box", .head = "", .hint = "from least to greatest; the box has the middle half" },
};
#define DISTRIBUTION_COLUMNS (sizeof distribution_columns / sizeof *distribution_columns)

static bool is_distribution_of(const struct run_value *value, enum metric_section section)
{
    return value->kind == RUN_VALUE_DISTRIBUTION && value->info->section == section && value->n > 0;
}

/* Adoption by more and more hosts is on one scale; the other metrics have nothing in common. */
static struct interval scale_of(const struct finished_run *run, enum metric_section section)
{
    struct interval scale = { INFINITY, -INFINITY };

    if (section != SECTION_ENDTOEND)
        return (struct interval){ 0, 0 };
    for (size_t i = 0; i < run->value_count; i++) {
        if (!is_distribution_of(&run->values[i], section))
            continue;
        scale.low = fmin(scale.low, run->values[i].min);
        scale.high = fmax(scale.high, run->values[i].max);
    }
    return scale;
}

static void add_section(struct document *d, const struct finished_run *run,
                        enum metric_section section, bool chosen(const struct metric_info *),
                        const char *id, const char *title)
{
    struct interval scale = scale_of(run, section);
    struct doc_table *t = NULL;

    for (size_t i = 0; i < run->value_count; i++) {
        const struct run_value *value = &run->values[i];

        if (!is_distribution_of(value, section) || (chosen && !chosen(value->info)))
            continue;
        if (!t)
            t = document_table(d, id, title, distribution_columns, DISTRIBUTION_COLUMNS);
        add_distribution(d, t, run, value, &scale);
    }
}

/* The fractions that brief reports have. */
static bool is_key(const struct metric_info *info)
{
    return strcmp(info->id, "cdf0.50") == 0 || strcmp(info->id, "cdf0.90") == 0 ||
           strcmp(info->id, "cdf0.96") == 0;
}

static void add_key_numbers(struct document *d, const struct finished_run *run)
{
    document_heading(d, 2, "key", "Key numbers");
    add_section(d, run, SECTION_ENDTOEND, is_key, "key-numbers",
                "How long a block takes from its slot start to a share of the hosts");
    add_section(d, run, SECTION_SYNC, NULL, "key-sync",
                "How fast a node caught up with the chain that was there");
    if (isfinite(run->bound_efficiency))
        document_paragraph(d,
                           "Sent over the same links by the shortest ways, a block would reach 95 "
                           "%% of the hosts in %.0f %% of the time that it took.",
                           100 * run->bound_efficiency);
}

static void add_sections(struct document *d, const struct finished_run *run)
{
    static const enum metric_section sections[] = {
        SECTION_ENDTOEND,      SECTION_FORGER, SECTION_PEERS,   SECTION_CONTROL, SECTION_MACHPERF,
        SECTION_MACHPERF_JSON, SECTION_SYNC,   SECTION_PROCESS, SECTION_RTS,
    };

    document_heading(d, 2, "metrics", "Metrics");
    document_paragraph(d, "Quantiles are of type 7 unless the analysis was told another rule. The "
                          "interval of the median takes blocks as independent of each other; below "
                          "six of them it has no ends. Metrics with several values a block, or "
                          "none, have no such interval.");
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        add_section(d, run, sections[i], NULL,
                    document_text(d, "section-%s", section_name(sections[i])),
                    section_title(sections[i]));
}

/* --- Counts and hosts ------------------------------------------------------------ */

static void add_counts(struct document *d, const struct finished_run *run)
{
    static const struct doc_column columns[] = {
        { .id = "event", .head = "rare events" },
        { .id = "count", .head = "count", .number = true },
        { .id = "exposure", .head = "in", .number = true },
        { .id = "of", .head = "of" },
    };
    struct doc_table *t;

    if (run->count_count == 0)
        return;
    t = document_table(d, "counts", "Rare events", columns, 4);
    for (size_t i = 0; i < run->count_count; i++) {
        doc_add_text(d, t, run->counts[i].name);
        doc_add_number(d, t, run->counts[i].count, 0);
        doc_add_number(d, t, run->counts[i].exposure, 0);
        doc_add_text(d, t, run->counts[i].exposure_unit);
    }
}

/* The metrics that a table of hosts has room for, those the run has. */
static size_t host_metrics(const struct finished_run *run,
                           const struct run_value *ret[HOST_COLUMNS])
{
    static const char *const ids[HOST_COLUMNS] = { "CentiCpu", "CentiGC", "RSS",   "Heap",
                                                   "Live",     "Alloc",   "NetRd", "NetWr" };
    size_t count = 0;

    for (size_t i = 0; i < HOST_COLUMNS; i++) {
        const struct run_value *value = run_value_find(run, SECTION_MACHPERF, ids[i]);

        if (value && value->hosts)
            ret[count++] = value;
    }
    return count;
}

static double host_mean(const struct run_value *value, uint32_t host)
{
    for (size_t i = 0; i < value->host_count; i++)
        if (value->hosts[i].host == host)
            return value->hosts[i].mean;
    return NAN;
}

static void add_hosts(struct document *d, const struct finished_run *run)
{
    const struct run_value *values[HOST_COLUMNS];
    struct doc_column columns[HOST_COLUMNS + 1] = { { .id = "host", .head = "host" } };
    size_t count = host_metrics(run, values);
    struct doc_table *t;

    if (count == 0 || run->host_count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        columns[i + 1] = (struct doc_column){ .id = values[i]->info->id,
                                              .head = values[i]->info->name,
                                              .unit = values[i]->info->unit,
                                              .number = true };
    document_heading(d, 2, "hosts-heading", "Hosts");
    t = document_table(d, "host-means", "Means of each host", columns, count + 1);
    for (uint32_t host = 0; host < run->host_count; host++) {
        doc_add_text(d, t, run->hosts[host]);
        for (size_t i = 0; i < count; i++)
            doc_add_number(d, t, host_mean(values[i], host),
                           decimals_of(values[i], HOST_DECIMALS_MAX));
    }
}

/* --- To the start ----------------------------------------------------------------- */

static double seconds_between(int64_t from_ns, int64_t to_ns)
{
    return from_ns == TIME_NONE || to_ns == TIME_NONE ? NAN : (double)(to_ns - from_ns) / 1e9;
}

static void add_step(struct document *d, struct doc_table *t, const struct run_step *step,
                     int64_t before_ns, int64_t first_ns)
{
    doc_add_text(d, t, step->name ? step->name : "");
    doc_add_number(d, t, seconds_between(before_ns, step->at_ns), 2);
    doc_add_number(d, t, seconds_between(first_ns, step->at_ns), 2);
    doc_add_text(d, t, step->host ? step->host : "");
}

/* What the time before slot 0 went into. */
static void add_steps(struct document *d, const struct finished_run *run)
{
    static const struct doc_column columns[] = {
        { .id = "step", .head = "step" },
        { .id = "seconds", .head = "took", .unit = "s", .number = true },
        { .id = "since", .head = "since the first", .unit = "s", .number = true },
        { .id = "host", .head = "last host" },
    };
    const struct run_step slot_0 = { .name = "slot 0", .at_ns = run->started_ns };
    struct doc_table *t;
    int64_t before_ns;

    if (run->step_count < 2)
        return;
    before_ns = run->steps[0].at_ns;
    document_heading(d, 2, "to-start", "Time to start");
    t = document_table(d, "steps-to-start", "From the first step to slot 0", columns, 4);
    for (size_t i = 0; i < run->step_count; i++) {
        add_step(d, t, &run->steps[i], before_ns, run->steps[0].at_ns);
        before_ns = run->steps[i].at_ns;
    }
    if (run->started_ns != TIME_NONE && run->started_ns >= before_ns)
        add_step(d, t, &slot_0, before_ns, run->steps[0].at_ns);
    t->note = "Where each host had to do a step, it was done when the last one had.";
}

/* --- Pictures -------------------------------------------------------------------- */

static void add_figures(struct document *d, const struct run_set *set)
{
    const struct finished_run *run = &set->runs[0];

    if (run->arrival_count == 0 && run->timeline.bins == 0 && run->block_count == 0)
        return;
    document_heading(d, 2, "pictures", "Pictures");
    figure_arrival(d, run);
    figure_phases(d, &set, 1);
    figure_cdf(d, &set, 1, SECTION_ENDTOEND, "cdf0.50");
    figure_timeline(d, run);
    figure_host_heat(d, set);
}

void document_of_run(const struct finished_run *run, struct document *d)
{
    /* What is said of sets is said of a set of one. */
    const struct run_set one = { .label = run->title,
                                 .runs = (struct finished_run *)run,
                                 .count = 1 };
    const struct run_set *sets = &one;

    d->title = run->title;
    d->subtitle = subtitle_of(d, run);
    add_notices(d, run);
    add_key_numbers(d, run);
    add_figures(d, &one);
    add_sections(d, run);
    add_counts(d, run);
    add_hosts(d, run);
    add_steps(d, run);
    add_manifest(d, &sets, 1);
    add_dictionary(d);
    add_provenance(d, &sets, 1);
}
