/* The report of a set of repeated runs. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "report/builders.h"
#include "report/figures.h"
#include "stats/multiplicity.h"

/* The field asks for five runs before a deviation is used; the median of fewer than six has no bounds. */
enum { RUNS_FOR_DEVIATION = 5, RUNS_FOR_MEDIAN = 6 };
#define DRIFT_LEVEL .05

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

static void add_metric(struct document *d, struct doc_table *t, const struct metric_variance *m)
{
    doc_add_cell(d, t, metric_cell(d, m->info));
}

static const struct metric_info *info_at(const void *metrics, size_t i)
{
    return ((const struct metric_variance *)metrics)[i].info;
}

/* In a table with metrics of several sections. */
static void add_metric_of(struct document *d, struct doc_table *t, const struct variance *v,
                          const struct metric_variance *m)
{
    doc_add_cell(d, t, metric_cell_among(d, m->info, v->metrics, v->metric_count, info_at));
}

/* A share as percent: .253 is 25.3 %. */
static void add_percent(struct document *d, struct doc_table *t, double share, int decimals)
{
    int most = share < 1 ? 2 : share < 10 ? 1 : 0; /* four digits */

    if (isfinite(share))
        doc_add_cell(d, t,
                     (struct doc_cell){ .kind = DOC_NUMBER,
                                        .number = 100 * share,
                                        .decimals = decimals < most ? decimals : most,
                                        .percent = true });
    else
        doc_add_none(d, t);
}

/* --- What it is about ------------------------------------------------------------------- */

static const char *subtitle_of(struct document *d, const struct run_set *set)
{
    const struct finished_run *first = &set->runs[0], *last = &set->runs[set->count - 1];
    char from[TIME_ISO_ROOM] = "", to[TIME_ISO_ROOM] = "";
    size_t blocks = 0;
    const char *text =
        document_text(d, "%s%s", first->profile ? first->profile : "runs",
                      first->machine ? document_text(d, " on %s", first->machine) : "");

    for (size_t i = 0; i < set->count; i++)
        blocks += set->runs[i].block_count;
    if (blocks > 0)
        text = document_text(d, "%s, %zu accepted blocks", text, blocks);
    if (first->started_ns == TIME_NONE || last->started_ns == TIME_NONE)
        return text;
    time_format_iso(first->started_ns, from);
    time_format_iso(last->started_ns, to);
    if (strncmp(from, to, 10) == 0)
        return document_text(d, "%s, %.10s", text, from);
    return document_text(d, "%s, %.10s to %.10s", text, from, to);
}

static void add_difference(struct document *d, const struct fact_difference *f)
{
    document_notice(d, TONE_BAD, "Not alike: %s%s%s is %s in %s and %s in %s.", f->group,
                    *f->name ? " " : "", f->name, f->value_a ? f->value_a : "absent", f->run_a,
                    f->value_b ? f->value_b : "absent", f->run_b);
}

static void add_notices(struct document *d, const struct variance *v)
{
    size_t errors = 0;

    for (size_t i = 0; i < v->difference_count; i++)
        add_difference(d, &v->differences[i]);
    for (size_t i = 0; i < v->set->count; i++)
        errors += v->set->runs[i].errors > 0;
    if (errors > 0)
        document_notice(d, TONE_BAD,
                        "The analysis of %zu of the %zu runs found errors in its data: see their "
                        "own reports.",
                        errors, v->set->count);
    if (v->set->count == 1)
        document_notice(d, TONE_UNSURE,
                        "This is one run: how much another one of the same would differ is not "
                        "known from it.");
    else if (v->set->count < RUNS_FOR_DEVIATION)
        document_notice(d, TONE_UNSURE,
                        "Of %zu runs a deviation is hardly known; five are the least that is "
                        "usual.",
                        v->set->count);
}

/* In all runs: nothing that people need a row for. */
static bool is_zero(const struct metric_variance *m)
{
    return m->overall.min == 0 && m->overall.max == 0 && m->inter_run.min == 0 &&
           m->inter_run.max == 0;
}

/* --- In short --------------------------------------------------------------------------------- */

/* Which part of the variation is the greatest. */
static const char *greatest_share(struct document *d, const struct metric_variance *m)
{
    const struct {
        const char *name;
        double share;
    } parts[] = { { "runs", m->shares.run },
                  { "hosts", m->shares.host },
                  { "hosts by run", m->shares.interaction },
                  { m->shares.crossed ? "within a host" : "within a run", m->shares.within } };
    size_t best = 0;

    for (size_t i = 1; i < sizeof parts / sizeof *parts; i++)
        if (isnan(parts[best].share) || parts[i].share > parts[best].share)
            best = i;
    if (isnan(parts[best].share))
        return NULL;
    return document_text(d, "%s (%.0f %%)", parts[best].name, 100 * parts[best].share);
}

static void add_summary(struct document *d, const struct variance *v)
{
    static const struct {
        enum metric_section section;
        const char *id;
    } shown[] = {
        { SECTION_ENDTOEND, "cdf0.50" },   { SECTION_ENDTOEND, "cdf0.90" },
        { SECTION_ENDTOEND, "cdf0.96" },   { SECTION_FORGER, "cdfForgerAnnounceCum" },
        { SECTION_PEERS, "cdfPeerFetch" }, { SECTION_PEERS, "cdfPeerAdoption" },
        { SECTION_MACHPERF, "CentiCpu" },  { SECTION_MACHPERF, "RSS" },
        { SECTION_MACHPERF, "Alloc" },
    };
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "mean", .head = "mean", .number = true, .in_unit = true },
        { .id = "interval", .head = "95 % interval", .number = true, .in_unit = true },
        { .id = "cov",
          .head = "run to run",
          .number = true,
          .hint = "The deviation of the runs' means, in percent of their mean" },
        { .id = "greatest", .head = "most of it between", .spare = 1 },
        { .id = "runs",
          .head = "runs for 5 %",
          .number = true,
          .hint = "Runs a side that it takes to see a change of 5 %" },
    };
    struct doc_table *t = document_table(d, "summary", "In short", COLUMNS(columns));

    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct metric_variance *m = variance_find(v, shown[i].section, shown[i].id);
        const char *greatest = m ? greatest_share(d, m) : NULL;

        if (!m || is_zero(m))
            continue;
        add_metric(d, t, m);
        doc_add_number(d, t, m->inter_run.average, -1);
        doc_add_interval(d, t, m->mean, -1);
        add_percent(d, t, m->inter_run.cov, 2);
        if (greatest)
            doc_add_text(d, t, greatest);
        else
            doc_add_none(d, t);
        doc_add_number(d, t, m->alone.change[2], 0);
    }
}

/* --- Tables with a row for each metric, one table for each section --------------------------------- */

struct section_tables {
    const char *prefix; /* of their ids */
    const struct doc_column *columns;
    size_t column_count;
    bool (*wants)(const struct metric_variance *m);
    void (*add)(struct document *d, struct doc_table *t, const struct variance *v,
                const struct metric_variance *m);
};

/* Further values of hosts, and what describes the runs themselves. */
static bool is_detail(enum metric_section section)
{
    return section == SECTION_MACHPERF_JSON || section == SECTION_SUMMARY;
}

static void add_section(struct document *d, const struct variance *v,
                        const struct section_tables *kind, enum metric_section section)
{
    struct doc_table *t = NULL;
    const char *zeros = "";

    for (size_t i = 0; i < v->metric_count; i++) {
        const struct metric_variance *m = &v->metrics[i];

        if (m->info->section != section || !kind->wants(m))
            continue;
        if (!t)
            t = document_table(d, document_text(d, "%s-%s", kind->prefix, section_name(section)),
                               section_title(section), kind->columns, kind->column_count);
        add_metric(d, t, m);
        kind->add(d, t, v, m);
        if (is_zero(m))
            hide_zero_row(d, t, m->info, &zeros);
    }
    if (t)
        tell_zero_rows(d, t, zeros);
}

/* In the order of published reports. */
static void add_section_tables(struct document *d, const struct variance *v,
                               const struct section_tables *kind)
{
    static const enum metric_section order[] = {
        SECTION_MACHPERF, SECTION_CONTROL, SECTION_FORGER, SECTION_PEERS,         SECTION_ENDTOEND,
        SECTION_SYNC,     SECTION_PROCESS, SECTION_RTS,    SECTION_MACHPERF_JSON, SECTION_SUMMARY
    };

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        bool before = d->in_detail;

        d->in_detail = before || is_detail(order[i]);
        add_section(d, v, kind, order[i]);
        d->in_detail = before;
    }
}

/* --- Multi-run tables ---------------------------------------------------------------------------- */

static bool any_metric(const struct metric_variance *m)
{
    return m->runs > 0;
}

static void add_row(struct document *d, struct doc_table *t, const struct variance *v,
                    const struct metric_variance *m)
{
    const struct multi_run_row *row = v->aspect == ASPECT_OVERALL ? &m->overall : &m->inter_run;

    doc_add_number(d, t, row->average, -1);
    add_percent(d, t, row->cov, 2);
    doc_add_number(d, t, row->min, -1);
    doc_add_number(d, t, row->max, -1);
    doc_add_number(d, t, row->stddev, -1);
    doc_add_number(d, t, row->range, -1);
    doc_add_number(d, t, row->precision, 0);
    doc_add_number(d, t, row->size, 0);
}

static void add_multi_run_tables(struct document *d, const struct variance *v)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "average", .head = "average", .number = true, .in_unit = true },
        { .id = "cov",
          .head = "CoV",
          .number = true,
          .hint = "Standard deviation in percent of the average" },
        { .id = "min", .head = "min", .number = true, .in_unit = true },
        { .id = "max", .head = "max", .number = true, .in_unit = true },
        { .id = "stddev", .head = "stddev", .number = true, .in_unit = true },
        { .id = "range", .head = "range", .number = true, .hint = "max - min", .in_unit = true },
        { .id = "precision",
          .head = "precision",
          .number = true,
          .hint = "Decimals that published tables have room for",
          .said_once = true,
          .spare = 2 },
        { .id = "size", .head = "size", .number = true, .said_once = true, .spare = 1 },
    };
    static const struct section_tables kind = { "runs", COLUMNS(columns), any_metric, add_row };

    if (v->aspect == ASPECT_OVERALL) {
        document_heading(d, 2, "multi-run", "All samples of all runs");
        document_paragraph(d, "The average of the runs' averages; the least and the greatest "
                              "sample of any run; the greatest of the runs' deviations; size is "
                              "the number of samples.");
    } else {
        document_heading(d, 2, "multi-run", "Between runs");
        document_paragraph(d, "Each run counts once, with its mean: average, deviation and range "
                              "of these means; size is the number of runs.");
    }
    add_section_tables(d, v, &kind);
}

/* --- Intervals --------------------------------------------------------------------------------------- */

/* Values that are the same in all runs have no interval worth a line. */
static bool varies(const struct metric_variance *m)
{
    return m->runs >= 2 && m->inter_run.range > 0 && m->info->section != SECTION_SUMMARY;
}

static void add_interval_row(struct document *d, struct doc_table *t, const struct variance *v,
                             const struct metric_variance *m)
{
    (void)v;
    doc_add_number(d, t, m->inter_run.average, -1);
    doc_add_interval(d, t, m->mean, -1);
    doc_add_interval(d, t, m->median_rank, -1);
    doc_add_interval(d, t, m->median_of_blocks.interval, -1);
}

static void add_quantile_row(struct document *d, struct doc_table *t, const struct variance *v,
                             const struct metric_variance *m)
{
    (void)v;
    for (int q = 0; q < VARIANCE_QUANTILES; q++)
        doc_add_interval(d, t, m->quantiles[q].interval, -1);
}

static bool quantiles_vary(const struct metric_variance *m)
{
    return varies(m) && interval_known(m->quantiles[0].interval);
}

static const struct doc_column interval_columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "mean", .head = "mean", .number = true, .in_unit = true },
    { .id = "meanInterval",
      .head = "of the mean",
      .number = true,
      .hint = "Student's",
      .in_unit = true },
    { .id = "medianRank",
      .head = "of the middle run",
      .number = true,
      .hint = "Of the median over runs, without assuming a law; unbounded below six runs",
      .in_unit = true,
      .spare = 1 },
    { .id = "medianOfBlocks",
      .head = "of blocks' median",
      .number = true,
      .hint = "Hierarchical bootstrap: runs are drawn, then blocks within them",
      .in_unit = true,
      .spare = 2 },
};

static const struct doc_column quantile_columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "p50Interval", .head = "of p50", .number = true, .in_unit = true },
    { .id = "p90Interval", .head = "of p90", .number = true, .in_unit = true, .spare = 2 },
    { .id = "p95Interval", .head = "of p95", .number = true, .in_unit = true },
    { .id = "p99Interval", .head = "of p99", .number = true, .in_unit = true, .spare = 1 },
};

static void add_intervals(struct document *d, const struct variance *v)
{
    static const struct section_tables means = { "intervals", COLUMNS(interval_columns), varies,
                                                 add_interval_row };
    static const struct section_tables quantiles = { "quantiles", COLUMNS(quantile_columns),
                                                     quantiles_vary, add_quantile_row };

    if (v->set->count < 2)
        return;
    document_heading(d, 2, "intervals", "95 % intervals");
    document_paragraph(d,
                       "Where the version's own value lies, as far as %zu runs tell. The run is "
                       "the unit: blocks and hosts of one run are no repetitions. What is the same "
                       "in all runs is left out.%s",
                       v->set->count,
                       v->set->count < RUNS_FOR_MEDIAN
                           ? " A median over fewer than six runs has no bounds without assuming "
                             "a law."
                           : "");
    add_section_tables(d, v, &means);
    document_heading(d, 2, "quantile-intervals", "95 % intervals of quantiles");
    document_paragraph(d, "Student's, of the runs' own quantiles: what a version's slow blocks, "
                          "slots or hosts are like.");
    add_section_tables(d, v, &quantiles);
}

/* --- Where variation comes from --------------------------------------------------------------------------- */

static bool has_shares(const struct metric_variance *m)
{
    return isfinite(m->shares.run);
}

static void add_share_row(struct document *d, struct doc_table *t, const struct variance *v,
                          const struct metric_variance *m)
{
    add_metric_of(d, t, v, m);
    add_percent(d, t, m->shares.run, 0);
    add_percent(d, t, m->shares.host, 0);
    add_percent(d, t, m->shares.interaction, 0);
    add_percent(d, t, m->shares.within, 0);
    doc_add_number(d, t, m->serial.effective_n, 0);
    if (m->steadiness_told > 0)
        doc_add_text(d, t, document_text(d, "%zu of %zu", m->unsteady_runs, m->steadiness_told));
    else
        doc_add_none(d, t);
}

static void add_shares(struct document *d, const struct variance *v)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "runs", .head = "between runs", .number = true },
        { .id = "hosts", .head = "between hosts", .number = true },
        { .id = "interaction",
          .head = "hosts by run",
          .number = true,
          .hint = "Hosts that change from run to run",
          .spare = 2 },
        { .id = "within", .head = "within", .number = true },
        { .id = "effectiveN",
          .head = "effective blocks",
          .number = true,
          .hint = "How many independent values the blocks of the middle run are worth" },
        { .id = "unsteady",
          .head = "unsteady runs",
          .hint = "Runs with a trend or a difference of their halves",
          .spare = 1 },
    };
    struct doc_table *t = NULL;

    for (size_t i = 0; i < v->metric_count; i++) {
        if (!has_shares(&v->metrics[i]))
            continue;
        if (!t) {
            document_heading(d, 2, "shares", "Where the variation comes from");
            document_paragraph(d, "Shares of the variance of single samples. Much between runs: "
                                  "more runs are needed, longer ones do not help. Much between "
                                  "hosts: machines are not equal.");
            t = document_table(d, "share", "Shares of variance", COLUMNS(columns));
        }
        add_share_row(d, t, v, &v->metrics[i]);
    }
    figure_shares(d, v);
}

/* --- Drift -------------------------------------------------------------------------------------------------- */

/* Adjusted p values of all metrics, in their order; NULL without memory. */
static double *drift_p(struct document *d, const struct variance *v)
{
    double *p = arena_take(&d->memory, v->metric_count * sizeof *p, sizeof(double));

    for (size_t i = 0; p && i < v->metric_count; i++)
        p[i] = v->metrics[i].drift.p;
    if (p)
        adjust_holm(p, v->metric_count, p);
    return p;
}

static void add_drift(struct document *d, const struct variance *v)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "tau",
          .head = "Kendall's tau",
          .number = true,
          .hint = "1: every run is above the one before; -1: below" },
        { .id = "p", .head = "p", .number = true },
        { .id = "pAdjusted", .head = "adjusted p", .number = true, .hint = "Holm" },
    };
    double *adjusted = drift_p(d, v);
    struct doc_table *t = NULL;

    if (v->set->count < 4 || !adjusted)
        return;
    document_heading(d, 2, "drift", "Drift over the order of runs");
    for (size_t i = 0; i < v->metric_count; i++) {
        const struct metric_variance *m = &v->metrics[i];

        if (!(m->drift.p < DRIFT_LEVEL))
            continue;
        if (!t)
            t = document_table(d, "drift-test", "Metrics that rise or fall from run to run",
                               COLUMNS(columns));
        add_metric_of(d, t, v, m);
        doc_add_number(d, t, m->drift.tau, 2);
        doc_add_number(d, t, m->drift.p, 4);
        doc_add_number(d, t, adjusted[i], 4);
    }
    document_paragraph(d, t ? "Of many metrics a few seem to drift by chance: the adjusted p "
                              "counts for that (Mann-Kendall)."
                            : "No metric rises or falls over the order of the runs "
                              "(Mann-Kendall, p below .05).");
}

/* --- Odd ones -------------------------------------------------------------------------------------------------- */

struct odd_kind {
    const char *name;
    const struct odd_one *odd;
    size_t count;
};

static void add_odd_rows(struct document *d, struct doc_table *t, const struct variance *v,
                         const struct metric_variance *m, struct odd_kind kind)
{
    for (size_t i = 0; i < kind.count; i++) {
        doc_add_text(d, t, kind.name);
        doc_add_text(d, t, kind.odd[i].name);
        add_metric_of(d, t, v, m);
        doc_add_number(d, t, kind.odd[i].z, 1);
    }
}

static void add_odd_ones(struct document *d, const struct variance *v)
{
    static const struct doc_column columns[] = {
        { .id = "kind", .head = "what" },
        { .id = "name", .head = "name" },
        { .id = "metric", .head = "metric" },
        { .id = "z",
          .head = "modified z",
          .number = true,
          .hint =
              "How many middle deviations it lies from the median; above 3.5 it is named, where "
              "that is more than the metric's margin, too" },
    };
    struct doc_table *t = NULL;

    document_heading(d, 2, "odd", "Runs and hosts that stand apart");
    for (size_t i = 0; i < v->metric_count; i++) {
        const struct metric_variance *m = &v->metrics[i];

        if (m->odd_run_count + m->odd_host_count == 0)
            continue;
        if (!t)
            t = document_table(d, "odd-one", "Above 3.5 middle deviations and the metric's margin",
                               COLUMNS(columns));
        add_odd_rows(d, t, v, m, (struct odd_kind){ "run", m->odd_runs, m->odd_run_count });
        add_odd_rows(d, t, v, m, (struct odd_kind){ "host", m->odd_hosts, m->odd_host_count });
    }
    document_paragraph(d, t ? "None was left out of any number above. Look at their logs before "
                              "leaving one out."
                            : "None, of metrics with five runs or hosts at least.");
    d->in_detail = true;
    figure_host_heat(d, v->set);
    d->in_detail = false;
}

/* --- Planning ----------------------------------------------------------------------------------------------------- */

/* all: among all metrics, else each metric alone. */
static void add_runs_table(struct document *d, const struct variance *v, const char *id,
                           const char *caption, bool all)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "cov", .head = "run to run", .number = true },
        { .id = "runs1", .head = "for 1 %", .number = true },
        { .id = "runs2", .head = "for 2 %", .number = true },
        { .id = "runs5", .head = "for 5 %", .number = true },
        { .id = "margin",
          .head = "for the margin",
          .number = true,
          .hint =
              "To see a change as large as the metric's margin, or to show that there is none" },
    };
    struct doc_table *t = document_table(d, id, caption, COLUMNS(columns));
    const char *zeros = "";

    for (size_t i = 0; i < v->metric_count; i++) {
        const struct metric_variance *m = &v->metrics[i];
        const struct runs_needed *n = all ? &m->among_all : &m->alone;

        if (isnan(n->change[0]) && isnan(n->margin))
            continue;
        add_metric_of(d, t, v, m);
        add_percent(d, t, m->inter_run.cov, 2);
        for (int k = 0; k < PLANNED_CHANGES; k++)
            doc_add_number(d, t, n->change[k], 0);
        doc_add_number(d, t, n->margin, 0);
        if (is_zero(m))
            hide_zero_row(d, t, m->info, &zeros);
    }
    tell_zero_rows(d, t, zeros);
}

static void add_runs_needed(struct document *d, const struct variance *v)
{
    if (v->set->count < 3)
        return;
    document_heading(d, 2, "planning", "Runs needed");
    document_paragraph(d, "Runs a side that a comparison takes to see a change of the mean by so "
                          "much in four of five cases (power .8, two-sided level .05), if runs go "
                          "on to vary as these do. A comparison of all metrics is stricter with "
                          "each, or it would raise false alarms.");
    add_runs_table(d, v, "runs-needed", "Runs a side, for one metric that is compared alone",
                   false);
    d->in_detail = true;
    add_runs_table(
        d, v, "runs-needed-all",
        document_text(d, "Runs a side, for each of %zu tests of a comparison of all", v->tests),
        true);
    figure_runs_needed(d, v);
    d->in_detail = false;
}

/* --- The whole --------------------------------------------------------------------------------------------------------- */

static void add_distributions(struct document *d, const struct variance *v)
{
    const struct run_set *const sets[] = { v->set };

    document_heading(d, 2, "distributions", "Are runs alike?");
    figure_run_strips(d, v->set, SECTION_ENDTOEND, "cdf0.50");
    d->in_detail = true;
    figure_cdf(d, sets, 1, SECTION_ENDTOEND, "cdf0.50");
    d->in_detail = false;
}

/* What is looked up, and not read: text leaves it out unless it is asked for. */
static void add_details(struct document *d, const struct variance *v)
{
    d->in_detail = true;
    add_intervals(d, v);
    add_shares(d, v);
    d->in_detail = false;
}

/* What all runs are called, or else what they ran: "ci-test, node 10.7.1". */
static const char *name_of(struct document *d, const struct run_set *set)
{
    const struct finished_run *first = &set->runs[0];
    bool by_version = first->node_version && strcmp(set->label, first->node_version) == 0 &&
                      !(first->ident && strcmp(set->label, first->ident) == 0);

    if (!by_version)
        return document_text(d, "%s, variance", set->label);
    return document_text(d, "%s%snode %s", first->profile ? first->profile : "",
                         first->profile ? ", " : "", document_version(d, first->node_version));
}

void document_of_variance(const struct variance *v, struct document *d)
{
    const struct run_set *const sets[] = { v->set };
    size_t runs = v->set->count;

    d->title = document_text(d, "%s: %zu run%s", name_of(d, v->set), runs, runs == 1 ? "" : "s");
    d->subtitle = subtitle_of(d, v->set);
    add_notices(d, v);
    add_summary(d, v);
    add_multi_run_tables(d, v);
    add_details(d, v);
    add_distributions(d, v);
    add_drift(d, v);
    add_odd_ones(d, v);
    add_runs_needed(d, v);
    d->in_detail = true;
    document_heading(d, 2, "manifest", "The runs");
    add_manifest(d, sets, 1);
    add_dictionary(d);
    d->in_detail = false;
    add_provenance(d, sets, 1);
    document_footer(d, "seed", document_text(d, "%llu", (unsigned long long)v->seed));
}
