/* Which setting of a sweep is worth what? */
#include <math.h>
#include <string.h>

#include "report/figures_inside.h"
#include "report/sweep_document.h"

extern char figure_sweep_matrix_spec[], figure_sweep_settings_spec[], figure_sweep_pareto_spec[],
    figure_sweep_drift_spec[];

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

enum {
    MATRIX_METRICS = 10,  /* columns of the matrix */
    MATRIX_SETTINGS = 40, /* its rows, and those of the settings of a metric */
    LABELS_DRAWN = 8,     /* names of points of the front */
    DRIFTS_DRAWN = 6,     /* as many as there are colours */
    MARGINS_BEYOND = 10,  /* has the deepest colour */
};

static const char *runs_words(struct document *d, const struct sweep_metric *m)
{
    return figure_count(d, m->n, "run", "runs");
}

/* "ms; n = 18 runs" */
const char *figure_sweep_units(struct document *d, const struct sweep_metric *m)
{
    return document_text(d, "%s; n = %s", *m->info->unit ? m->info->unit : "no unit",
                         runs_words(d, m));
}

/* In the unit of the tables. */
static const char *amount_words(struct document *d, const struct sweep_results *r,
                                const struct sweep_metric *m, double value)
{
    struct sweep_unit unit = sweep_unit(r, m);

    return figure_amount(d, value * unit.scale, unit.shown ? unit.shown : m->info->unit);
}

/* --- Matrix --------------------------------------------------------------------------------- */

static const struct doc_column matrix_columns[] = {
    { .id = "setting", .head = "setting" },
    { .id = "metric", .head = "metric" },
    { .id = "mean", .head = "mean", .number = true },
    { .id = "change", .head = "against the base", .unit = "%", .number = true },
    { .id = "low", .head = "95 % from", .unit = "%", .number = true },
    { .id = "high", .head = "95 % to", .unit = "%", .number = true },
    { .id = "margins",
      .head = "worse, in margins",
      .number = true,
      .hint = "The difference to the base over the metric's margin; above 0 it is worse" },
    { .id = "verdict", .head = "so it is" },
    { .id = "told",
      .head = "worse, in margins, where told",
      .number = true,
      .hint = "The same, where the difference is shown or shown not to matter: what is coloured" },
    { .id = "label", .head = "shown" },
};

static double worse_in_margins(const struct sweep_metric *m, const struct setting_estimate *e)
{
    double margins = m->margin > 0 ? e->base_difference / m->margin : NAN;

    return m->info->direction == DIRECTION_MORE_IS_BETTER ? -margins : margins;
}

/* What colours a cell: nothing where nothing is told. Without a margin all that is shown is beyond it. */
static double told_margins(const struct sweep_metric *m, const struct setting_estimate *e,
                           const char *verdict)
{
    if (strcmp(verdict, "not told") == 0)
        return NAN;
    if (m->margin > 0 || e->base_difference == 0)
        return m->margin > 0 ? worse_in_margins(m, e) : 0;
    return strcmp(verdict, "worse") == 0 ? MARGINS_BEYOND : -MARGINS_BEYOND;
}

/* "-12.3 *", "+419 ?": what stands in a cell of the picture; against a base of 0 there are no percents. A dash stands for nothing,
 * because an empty text would be drawn as "null". */
static const char *matrix_label(struct document *d, double mean, double change, bool is_base,
                                bool is_best, bool is_told)
{
    const char *mark = is_best ? is_told ? " *" : " ?*" : is_told ? "" : " ?";

    if (isnan(mean) || (isnan(change) && !is_base))
        return "–";
    if (is_base)
        return document_text(d, "base%s", mark);
    return document_text(d, "%+.*f%s", fabs(change) < 100 ? 1 : 0, change, mark);
}

static void add_matrix_row(struct document *d, struct doc_figure *f, const struct sweep_results *r,
                           const struct sweep_metric *m, size_t setting)
{
    const struct setting_estimate *e = sweep_estimate(r, m, setting);
    double change = sweep_percent_of_base(r, m, e->base_difference);
    struct interval percent = sweep_percent_against_base(r, m, e);
    const char *verdict = sweep_verdict(r, m, e);
    bool is_best = m->settings[0].setting == setting && m->settings[0].n > 0;
    bool is_told = strcmp(verdict, "not told") != 0;

    doc_add_text(d, &f->data, r->all[setting].label);
    doc_add_text(d, &f->data, figure_metric(d, m->info));
    doc_add_number(d, &f->data, e->mean, -1);
    doc_add_number(d, &f->data, change, -1);
    doc_add_number(d, &f->data, percent.low, -1);
    doc_add_number(d, &f->data, percent.high, -1);
    doc_add_number(d, &f->data, worse_in_margins(m, e), -1);
    doc_add_text(d, &f->data, verdict);
    doc_add_number(d, &f->data, told_margins(m, e, verdict), -1);
    doc_add_text(d, &f->data,
                 matrix_label(d, e->mean, change, setting == r->base, is_best, is_told));
}

/* The very same values under another name: adoption by 94 and by 96 % of a few hosts. */
static bool says_the_same(const struct sweep_results *r, const struct sweep_metric *a,
                          const struct sweep_metric *b)
{
    for (size_t i = 0; i < r->setting_count; i++) {
        double x = sweep_estimate(r, a, i)->mean, y = sweep_estimate(r, b, i)->mean;

        if (x != y && !(isnan(x) && isnan(y)))
            return false;
    }
    return true;
}

/* Judged metrics that differ between settings, each once; what is asked for in any case. */
static size_t matrix_metrics(const struct sweep_results *r, const struct sweep_metric **ret)
{
    size_t count = 0;

    for (size_t i = 0; i < r->metric_count && count < MATRIX_METRICS; i++) {
        const struct sweep_metric *m = &r->metrics[i];
        bool is_new = m->is_judged && (m->is_asked || !(m->settings_p >= 1));

        for (size_t k = 0; k < count && is_new; k++)
            is_new = !says_the_same(r, ret[k], m);
        if (is_new)
            ret[count++] = m;
    }
    return count;
}

bool figure_sweep_matrix(struct document *d, const struct sweep_results *r)
{
    const struct sweep_metric *metrics[MATRIX_METRICS];
    size_t drawn = matrix_metrics(r, metrics), better = 0, worse = 0,
           settings = r->setting_count < MATRIX_SETTINGS ? r->setting_count : MATRIX_SETTINGS;
    const struct spec_blank count = { "count", document_text(d, "%zu", drawn), NULL };
    struct doc_figure *f;

    if (drawn == 0)
        return false;
    f = document_figure(d, "sweep-matrix", "Settings against metrics",
                        figure_spec(d, figure_sweep_matrix_spec, &count, 1),
                        COLUMNS(matrix_columns));
    for (size_t i = 0; i < drawn; i++)
        for (size_t k = 0; k < settings; k++) {
            const char *verdict = sweep_verdict(r, metrics[i], sweep_estimate(r, metrics[i], k));

            add_matrix_row(d, f, r, metrics[i], k);
            better += strcmp(verdict, "better") == 0;
            worse += strcmp(verdict, "worse") == 0;
        }
    f->units = document_text(
        d, "%% of the base, %s; n = %s%s", r->all[r->base].label,
        figure_count(d, r->runs.count, "run", "runs"),
        settings < r->setting_count
            ? document_text(d, "; the first %zu of %zu settings", settings, r->setting_count)
            : "");
    f->legend =
        "* marks the best; colours: how many margins worse; no colour, ?: not told from the base";
    f->reading = document_text(
        d, "Of %zu settings in %s, %s shown to be better than the base and %zu worse.", settings,
        figure_count(d, drawn, "metric", "metrics"),
        figure_count(d, better, "cell is", "cells are"), worse);
    return true;
}

/* --- Settings of one metric -------------------------------------------------------------------- */

static const struct doc_column settings_columns[] = {
    { .id = "setting", .head = "setting" },
    { .id = "mean", .head = "mean", .number = true },
    { .id = "low", .head = "95 % from", .number = true },
    { .id = "high", .head = "95 % to", .number = true },
    { .id = "runs", .head = "runs", .number = true },
    { .id = "ranks", .head = "rank" },
    { .id = "verdict", .head = "against the base" },
};

bool figure_sweep_settings(struct document *d, const struct sweep_results *r,
                           const struct sweep_metric *m)
{
    const struct setting_estimate *base = sweep_estimate(r, m, r->base);
    struct spec_blank blanks[2] = { { "axis", figure_axis(d, m->info), NULL } };
    struct doc_figure *f;
    size_t drawn = 0;

    if (base->n == 0)
        return false;
    blanks[1] = (struct spec_blank){ "base", NULL, figure_json(d, base->mean) };
    f = document_figure(d, figure_id(d, "sweep-settings", m->info),
                        document_text(d, "Settings by %s", m->info->name),
                        figure_spec(d, figure_sweep_settings_spec, blanks, 2),
                        COLUMNS(settings_columns));
    for (size_t i = 0; i < r->setting_count && drawn < MATRIX_SETTINGS; i++) {
        const struct setting_estimate *e = &m->settings[i];
        const char *ranks = sweep_ranks(d, e);

        if (e->n == 0)
            continue;
        drawn++;
        doc_add_text(d, &f->data, r->all[e->setting].label);
        doc_add_number(d, &f->data, e->mean, -1);
        doc_add_number(d, &f->data, e->interval.low, -1);
        doc_add_number(d, &f->data, e->interval.high, -1);
        doc_add_count(d, &f->data, (int64_t)e->n);
        doc_add_text(d, &f->data, ranks ? ranks : "-");
        doc_add_text(d, &f->data, sweep_verdict(r, m, e));
    }
    f->units = figure_sweep_units(d, m);
    f->legend = "lines: 95 % intervals of the means; the dotted line is the base";
    f->reading = document_text(d, "%s stands first with %s; the base, %s, has %s.",
                               r->all[m->settings[0].setting].label,
                               amount_words(d, r, m, m->settings[0].mean), r->all[r->base].label,
                               amount_words(d, r, m, base->mean));
    return true;
}

/* --- Pareto -------------------------------------------------------------------------------------------- */

static const struct doc_column pareto_columns[] = {
    { .id = "setting", .head = "setting" },
    { .id = "cost", .head = "cost", .number = true },
    { .id = "costLow", .head = "95 % from", .number = true },
    { .id = "costHigh", .head = "95 % to", .number = true },
    { .id = "benefit", .head = "benefit", .number = true },
    { .id = "benefitLow", .head = "95 % from", .number = true },
    { .id = "benefitHigh", .head = "95 % to", .number = true },
    { .id = "place", .head = "place" },
    { .id = "side", .head = "name at the" },
    { .id = "label", .head = "name" },
};

static const char *place_words(enum pareto_place place)
{
    static const char *const words[] = {
        [PARETO_UNKNOWN] = "not measured",
        [PARETO_FRONT] = "on the front",
        [PARETO_UNSURE] = "cannot be told from it",
        [PARETO_BEHIND] = "behind it",
    };

    return words[place];
}

/* Where a setting lies between the least and the greatest mean: 0 to 1. */
static double position(const struct sweep_results *r, const struct sweep_metric *m, size_t setting)
{
    double least = INFINITY, most = -INFINITY;

    for (size_t i = 0; i < r->setting_count; i++)
        if (m->settings[i].n > 0) {
            least = fmin(least, m->settings[i].mean);
            most = fmax(most, m->settings[i].mean);
        }
    return most > least ? (sweep_estimate(r, m, setting)->mean - least) / (most - least) : .5;
}

static bool lie_close(const struct sweep_results *r, const struct sweep_metric *const m[2],
                      size_t setting, size_t other)
{
    return fabs(position(r, m[0], setting) - position(r, m[0], other)) < .3 &&
           fabs(position(r, m[1], setting) - position(r, m[1], other)) < .08;
}

/* Names of points that lie close to each other would lie on each other: the base has its name, and of the front the first of
 * them. */
static bool has_room(const struct sweep_results *r, const struct sweep_metric *const m[2],
                     size_t nth)
{
    size_t setting = r->pareto.settings[nth];

    if (lie_close(r, m, setting, r->base) && r->pareto.places[r->base] != PARETO_UNKNOWN)
        return false;
    for (size_t i = 0; i < nth; i++)
        if (lie_close(r, m, setting, r->pareto.settings[i]))
            return false;
    return nth < LABELS_DRAWN;
}

static bool is_named(const struct sweep_results *r, const struct sweep_metric *const m[2],
                     size_t setting)
{
    if (setting == r->base)
        return true;
    for (size_t i = 0; i < r->pareto.count; i++)
        if (r->pareto.settings[i] == setting)
            return has_room(r, m, i);
    return false;
}

static void add_point(struct document *d, struct doc_figure *f, const struct sweep_results *r,
                      const struct sweep_metric *const m[2], size_t setting)
{
    const struct setting_estimate *cost = sweep_estimate(r, m[0], setting);
    const struct setting_estimate *benefit = sweep_estimate(r, m[1], setting);
    const char *side = position(r, m[0], setting) < .5 ? "right" : "left";

    doc_add_text(d, &f->data, r->all[setting].label);
    doc_add_number(d, &f->data, cost->mean, -1);
    doc_add_number(d, &f->data, cost->interval.low, -1);
    doc_add_number(d, &f->data, cost->interval.high, -1);
    doc_add_number(d, &f->data, benefit->mean, -1);
    doc_add_number(d, &f->data, benefit->interval.low, -1);
    doc_add_number(d, &f->data, benefit->interval.high, -1);
    doc_add_text(d, &f->data, place_words(r->pareto.places[setting]));
    doc_add_text(d, &f->data, is_named(r, m, setting) ? side : "none");
    doc_add_text(d, &f->data,
                 setting == r->base ? document_text(d, "%s (base)", r->all[setting].label)
                                    : r->all[setting].label);
}

static const char *front_words(struct document *d, const struct sweep_results *r)
{
    const struct pareto *p = &r->pareto;
    const char *names = "";

    for (size_t i = 0; i < p->count && i < LABELS_DRAWN; i++)
        names = document_text(d, "%s%s%s", names, i ? "; " : "", r->all[p->settings[i]].label);
    return p->count > LABELS_DRAWN ? document_text(d, "%s; and others", names) : names;
}

bool figure_sweep_pareto(struct document *d, const struct sweep_results *r)
{
    const struct pareto *p = &r->pareto;
    const struct sweep_metric *m[2];
    struct spec_blank blanks[2];
    struct doc_figure *f;
    size_t unsure = 0;

    if (!p->cost || p->count == 0)
        return false;
    m[0] = sweep_metric_find(r, p->cost);
    m[1] = sweep_metric_find(r, p->benefit);
    blanks[0] = (struct spec_blank){ "cost", figure_axis(d, p->cost), NULL };
    blanks[1] = (struct spec_blank){ "benefit", figure_axis(d, p->benefit), NULL };
    f = document_figure(
        d, "sweep-pareto", document_text(d, "%s against %s", p->cost->name, p->benefit->name),
        figure_spec(d, figure_sweep_pareto_spec, blanks, 2), COLUMNS(pareto_columns));
    for (size_t i = 0; i < r->setting_count; i++) {
        if (p->places[i] == PARETO_UNKNOWN)
            continue;
        add_point(d, f, r, m, i);
        unsure += p->places[i] == PARETO_UNSURE;
    }
    f->units =
        document_text(d, "n = %s; none beats those on the front in both", runs_words(d, m[0]));
    f->legend = "lines: 95 % intervals of the means; names: the base, and settings on the front";
    f->reading = document_text(d, "%s on the front: %s; %zu more cannot be told from it.",
                               figure_count(d, p->count, "setting lies", "settings lie"),
                               front_words(d, r), unsure);
    return true;
}

/* --- Drift ------------------------------------------------------------------------------------------------ */

static const struct doc_column drift_columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "block", .head = "block", .number = true },
    { .id = "change", .head = "change", .unit = "%", .number = true },
    { .id = "low", .head = "95 % from", .unit = "%", .number = true },
    { .id = "high", .head = "95 % to", .unit = "%", .number = true },
    { .id = "runs", .head = "runs", .number = true },
};

static double block_average(const struct sweep_results *r, const struct sweep_metric *m)
{
    double sum = 0, count = 0;

    for (size_t i = 0; i < r->repetitions; i++)
        if (m->blocks[i].n > 0) {
            sum += m->blocks[i].mean;
            count++;
        }
    return count > 1 ? sum / count : NAN;
}

bool figure_sweep_drift(struct document *d, const struct sweep_results *r)
{
    struct doc_figure *f = NULL;
    double furthest = 0;
    const char *where = "";

    for (size_t i = 0; i < r->asked_count && i < DRIFTS_DRAWN; i++) {
        const struct sweep_metric *m = &r->metrics[i];
        double average = block_average(r, m), scale = 100 / fabs(average);

        if (!isfinite(scale))
            continue;
        if (!f)
            f = document_figure(d, "sweep-drift", "From block to block", figure_sweep_drift_spec,
                                COLUMNS(drift_columns));
        for (size_t b = 0; b < r->repetitions; b++) {
            double off = scale * (m->blocks[b].mean - average);

            if (m->blocks[b].n == 0)
                continue;
            doc_add_text(d, &f->data, figure_metric(d, m->info));
            doc_add_count(d, &f->data, (int64_t)b + 1);
            doc_add_number(d, &f->data, off, -1);
            doc_add_number(d, &f->data, scale * (m->blocks[b].interval.low - average), -1);
            doc_add_number(d, &f->data, scale * (m->blocks[b].interval.high - average), -1);
            doc_add_count(d, &f->data, (int64_t)m->blocks[b].n);
            if (fabs(off) >= fabs(furthest)) {
                furthest = off;
                where = document_text(d, "%s in block %zu", m->info->name, b + 1);
            }
        }
    }
    if (!f)
        return false;
    f->units = document_text(d, "%% of the mean of all blocks, settings taken off; n = %s",
                             figure_count(d, r->runs.count, "run", "runs"));
    f->legend = "lines: 95 % intervals";
    f->reading = document_text(d, "Furthest from the mean is %s, by %s.", where,
                               figure_difference(d, furthest, "%"));
    return true;
}
