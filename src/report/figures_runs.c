/* Are runs alike? How many are needed? */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/figures_inside.h"
#include "stats/laws.h"
#include "stats/mean.h"
#include "stats/planning.h"
#include "stats/quantile.h"

extern char figure_strips_spec[], figure_shares_spec[], figure_runs_needed_spec[];

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- Strips ------------------------------------------------------------------------------ */

static const struct doc_column strip_columns[] = {
    { .id = "run", .head = "run" },
    { .id = "kind", .head = "what" },
    { .id = "value", .head = "value", .number = true },
    { .id = "to", .head = "to", .number = true },
};

static void add_mark(struct document *d, struct doc_figure *f, const char *run, const char *kind,
                     double value, double to)
{
    doc_add_text(d, &f->data, run);
    doc_add_text(d, &f->data, kind);
    doc_add_number(d, &f->data, value, -1);
    doc_add_number(d, &f->data, to, -1);
}

struct strip_facts {
    const char *least, *greatest; /* runs with such medians */
    double least_median, greatest_median;
    size_t runs, blocks;
};

static void note_median(struct strip_facts *facts, const char *run, double median)
{
    if (!facts->least || median < facts->least_median) {
        facts->least = run;
        facts->least_median = median;
    }
    if (!facts->greatest || median > facts->greatest_median) {
        facts->greatest = run;
        facts->greatest_median = median;
    }
}

static void add_strip(struct document *d, struct doc_figure *f, const char *run,
                      const struct sample *s, struct strip_facts *facts)
{
    size_t points = s->count < STRIP_POINTS ? s->count : STRIP_POINTS;
    double q1, median, q3;

    if (s->count == 0)
        return;
    q1 = quantile_sorted(s->values, s->count, .25, QUANTILE_TYPE7);
    median = quantile_sorted(s->values, s->count, .5, QUANTILE_TYPE7);
    q3 = quantile_sorted(s->values, s->count, .75, QUANTILE_TYPE7);
    for (size_t k = 0; k < points; k++) {
        size_t at = points > 1 ? k * (s->count - 1) / (points - 1) : 0;

        add_mark(d, f, run, "block", s->values[at], NAN);
    }
    add_mark(d, f, run, "quartiles", q1, q3);
    add_mark(d, f, run, "median", median, NAN);
    doc_figure_box(d, f,
                   (struct doc_box){ run, s->values[0], q1, median, q3, s->values[s->count - 1] });
    note_median(facts, run, median);
    facts->runs++;
    facts->blocks += s->count;
}

static const char *strip_reading(struct document *d, const struct strip_facts *facts,
                                 const struct metric_info *info)
{
    const char *least = figure_amount(d, facts->least_median, info->unit);
    double apart = 100 * (facts->greatest_median - facts->least_median) / facts->least_median;

    if (facts->runs == 1)
        return document_text(d, "The median %s of %s is %s.", info->name, facts->least, least);
    return document_text(d, "Median %s goes from %s in %s to %s in %s%s.", info->name, least,
                         facts->least, figure_amount(d, facts->greatest_median, info->unit),
                         facts->greatest,
                         isfinite(apart) && facts->least_median > 0
                             ? document_text(d, ", %s more", figure_amount(d, apart, "%"))
                             : "");
}

static bool has_blocks(const struct run_set *set, const struct metric_info *info)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct run_value *value = run_value_find(&set->runs[i], info->section, info->id);

        for (size_t k = 0; value && value->blocks && k < set->runs[i].block_count; k++) {
            if (isfinite(value->blocks[k]))
                return true;
        }
    }
    return false;
}

bool figure_run_strips(struct document *d, const struct run_set *set, enum metric_section section,
                       const char *id)
{
    const struct metric_info *info = dictionary_find(section, id);
    struct strip_facts facts = { 0 };
    struct doc_figure *f;

    if (!info || !has_blocks(set, info))
        return false;
    f = document_figure(
        d, figure_id(d, "runs", info),
        document_text(d, "%c%s in each run", toupper((unsigned char)info->name[0]), info->name + 1),
        figure_spec(d, figure_strips_spec,
                    &(struct spec_blank){ "axis", figure_axis(d, info), NULL }, 1),
        strip_columns, COUNT(strip_columns));
    for (size_t i = 0; i < set->count; i++) {
        struct sample s = sample_of_run(d, &set->runs[i], info);

        add_strip(d, f, figure_run_label(d, set, i), &s, &facts);
    }
    f->units = document_text(
        d,
        "%s; n = %s, %s; a line a block, at most %d of each run, evenly by rank; bar: quartiles, diamond: median (%s)",
        *info->unit ? info->unit : "no unit", figure_count(d, facts.runs, "run", "runs"),
        figure_count(d, facts.blocks, "block", "blocks"), STRIP_POINTS,
        quantile_rule_name(QUANTILE_TYPE7));
    f->reading = facts.runs > 0 ? strip_reading(d, &facts, info) : "";
    return true;
}

/* --- Shares of variance -------------------------------------------------------------------- */

enum { SHARES_MAX = 30 };

static const struct doc_column share_columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "part", .head = "part" },
    { .id = "share", .head = "share of the variance", .number = true },
    { .id = "order", .head = "order", .number = true },
};

static void add_share(struct document *d, struct doc_figure *f, const struct metric_info *info,
                      const char *part, double share, int order)
{
    doc_add_text(d, &f->data, figure_metric(d, info));
    doc_add_text(d, &f->data, part);
    doc_add_number(d, &f->data, share, -1);
    doc_add_number(d, &f->data, order, 0);
}

static bool has_shares(const struct metric_variance *m)
{
    return isfinite(m->shares.run);
}

/* Greatest share of runs first; in the order of the dictionary where alike. */
static int by_run_share(const void *a, const void *b)
{
    const struct metric_variance *x = *(const struct metric_variance *const *)a;
    const struct metric_variance *y = *(const struct metric_variance *const *)b;

    if (x->shares.run != y->shares.run)
        return x->shares.run < y->shares.run ? 1 : -1;
    return x < y ? -1 : x > y;
}

/* The metrics that have shares, sorted; in the document's memory. */
static const struct metric_variance **shared_metrics(struct document *d, const struct variance *v,
                                                     size_t *ret_count)
{
    const struct metric_variance **list = NULL;
    size_t count = 0;

    if (!d->status && v->metric_count > 0)
        list = arena_take(&d->memory, v->metric_count * sizeof(void *), _Alignof(void *));
    for (size_t i = 0; list && i < v->metric_count; i++) {
        if (has_shares(&v->metrics[i]))
            list[count++] = &v->metrics[i];
    }
    if (count > 0)
        qsort(list, count, sizeof(void *), by_run_share);
    *ret_count = count;
    return list;
}

static void add_shares(struct document *d, struct doc_figure *f, const struct metric_variance *m)
{
    add_share(d, f, m->info, "between runs", m->shares.run, 0);
    if (isfinite(m->shares.host))
        add_share(d, f, m->info, "between hosts", m->shares.host, 1);
    if (isfinite(m->shares.interaction))
        add_share(d, f, m->info, "runs and hosts together", m->shares.interaction, 2);
    if (isfinite(m->shares.within))
        add_share(d, f, m->info, "within", m->shares.within, 3);
}

bool figure_shares(struct document *d, const struct variance *v)
{
    size_t count, mostly = 0;
    const struct metric_variance **list = shared_metrics(d, v, &count);
    struct doc_figure *f;

    if (count == 0)
        return false;
    f = document_figure(d, "shares", "Where the variance comes from", figure_shares_spec,
                        share_columns, COUNT(share_columns));
    for (size_t i = 0; i < count; i++) {
        mostly += list[i]->shares.run > .5;
        if (i < SHARES_MAX)
            add_shares(d, f, list[i]);
    }
    f->units = document_text(
        d,
        "share of all variance; n = %s; components of nested or crossed analysis of variance, below 0 "
        "counted as 0; %s",
        figure_count(d, v->set->count, "run", "runs"),
        count > SHARES_MAX
            ? document_text(d, "the %d of %zu metrics with most between runs", SHARES_MAX, count)
            : "most between runs first");
    f->reading = document_text(
        d,
        "Runs differ most in %s: %s of its variance lies between runs; in %zu of %zu metrics it is more than half.",
        list[0]->info->name, figure_amount(d, 100 * list[0]->shares.run, "%"), mostly, count);
    return true;
}

/* --- Runs needed ----------------------------------------------------------------------------- */

enum { RUNS_MOST = 30, CURVES_MAX = 4 };

static const struct doc_column needed_columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "what", .head = "what" },
    { .id = "runs", .head = "runs a side", .number = true },
    { .id = "percent", .head = "of the mean", .unit = "%", .number = true },
    { .id = "here", .head = "at hand" },
    { .id = "panel", .head = "panel", .number = true },
};

/* What is planned for, as far as it was measured: blocks first, machines after. */
static const struct {
    enum metric_section section;
    const char *id;
} planned_for[] = {
    { SECTION_ENDTOEND, "cdf0.50" },      { SECTION_ENDTOEND, "cdf0.96" },
    { SECTION_MACHPERF, "CentiCpu" },     { SECTION_MACHPERF, "RSS" },
    { SECTION_PEERS, "cdfPeerFetch" },    { SECTION_FORGER, "cdfForgerAnnounceCum" },
    { SECTION_PEERS, "cdfPeerAdoption" }, { SECTION_MACHPERF, "Alloc" },
};

/* Deviation from run to run in percent of the mean; NaN where there is none. */
static double percent_deviation(struct document *d, const struct variance *v,
                                const struct metric_variance *m)
{
    double *values = figure_numbers(d, v->set->count), mean, sd;
    size_t n = 0;

    if (!values)
        return NAN;
    for (size_t i = 0; i < v->set->count; i++) {
        if (isfinite(m->values[i]))
            values[n++] = m->values[i];
    }
    if (n < 3)
        return NAN;
    mean = mean_of(values, n);
    sd = sqrt(variance_of(values, n));
    return sd > 0 && mean != 0 ? 100 * sd / fabs(mean) : NAN;
}

/* One metric's panel, by its place among the others. */
struct needed_panel {
    const struct metric_variance *m;
    size_t place;
};

static void add_point(struct document *d, struct doc_figure *f, const struct needed_panel *panel,
                      const char *what, size_t runs, double percent)
{
    doc_add_text(d, &f->data, panel->m->info->name);
    doc_add_text(d, &f->data, what);
    doc_add_count(d, &f->data, (int64_t)runs);
    doc_add_number(d, &f->data, percent, -1);
    doc_add_text(d, &f->data, runs == panel->m->runs ? "yes" : NULL);
    doc_add_count(d, &f->data, (int64_t)panel->place);
}

static void add_curves(struct document *d, struct doc_figure *f, const struct needed_panel *panel,
                       double sd)
{
    for (size_t n = 2; n <= RUNS_MOST; n++)
        add_point(d, f, panel, "half width of the 95 % interval of the mean", n,
                  student_quantile(.975, (double)n - 1) * sd / sqrt((double)n));
    for (size_t n = 3; n <= RUNS_MOST; n++)
        add_point(d, f, panel, "smallest visible change (power 0.8)", n,
                  visible_by_welch((double)n, sd, .05, .8));
}

static const char *needed_reading(struct document *d, const struct metric_variance *m, double sd)
{
    double visible = visible_by_welch((double)m->runs, sd, .05, .8);
    double needed = runs_for_welch(1, sd, .05, .8);
    const char *text = document_text(d, "%zu runs a side show a change of %s in %s with power 0.8",
                                     m->runs, figure_amount(d, visible, "%"), m->info->name);

    if (!isfinite(needed))
        return document_text(d, "%s.", text);
    return document_text(d, "%s; to see 1 %% takes %s a side.", text,
                         figure_count(d, (size_t)fmax(ceil(needed), 2), "run", "runs"));
}

bool figure_runs_needed(struct document *d, const struct variance *v)
{
    struct doc_figure *f = NULL;

    for (size_t i = 0, drawn = 0; i < COUNT(planned_for) && drawn < CURVES_MAX; i++) {
        const struct metric_variance *m =
            variance_find(v, planned_for[i].section, planned_for[i].id);
        double sd = m ? percent_deviation(d, v, m) : NAN;

        if (!m || isnan(sd))
            continue;
        if (drawn++ == 0) {
            f = document_figure(d, "runs-needed", "How many runs it takes", figure_runs_needed_spec,
                                needed_columns, COUNT(needed_columns));
            f->reading = needed_reading(d, m, sd);
        }
        add_curves(d, f, &(struct needed_panel){ m, drawn }, sd);
    }
    if (!f)
        return false;
    f->units = document_text(
        d,
        "%% of the mean; n = %s, whose deviation from run to run is taken; Welch's t, two-sided 5 %%, of "
        "each metric alone; "
        "dotted: the runs at hand",
        figure_count(d, v->set->count, "run", "runs"));
    return true;
}
