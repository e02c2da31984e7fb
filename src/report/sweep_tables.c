/* Tables of a sweep's settings and metrics. */
#include <math.h>
#include <string.h>

#include "report/builders.h"
#include "report/figures_inside.h"
#include "report/sweep_cells.h"

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

enum { MATRIX_METRICS = 4 };

/* --- In short ----------------------------------------------------------------------------------- */

/* "allocation area (72 %)": where most of what settings differ comes from. */
static const char *greatest_share(struct document *d, const struct sweep_results *r,
                                  const struct sweep_metric *m)
{
    const struct sweep_effect *greatest = NULL;

    for (size_t i = 0; i < m->effect_count; i++)
        if (isfinite(m->effects[i].share) && (!greatest || m->effects[i].share > greatest->share))
            greatest = &m->effects[i];
    return greatest ? document_text(d, "%s (%.0f %%)", sweep_name_of(d, r, greatest),
                                    100 * greatest->share)
                    : NULL;
}

void add_sweep_summary(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "best", .head = "best setting" },
        { .id = "mean", .head = "its mean", .number = true, .in_unit = true, .spare = 1 },
        { .id = "change",
          .head = "to the base",
          .number = true,
          .hint = "Difference to the base in percent of it" },
        { .id = "interval",
          .head = "95 % interval",
          .number = true,
          .hint = "Of that difference; those of all settings and all metrics in this table hold "
                  "at once" },
        { .id = "verdict", .head = "so it is" },
        { .id = "noise",
          .head = "run to run",
          .number = true,
          .spare = 2,
          .hint = "Deviation of runs of one setting, in percent of the mean" },
        { .id = "greatest",
          .head = "most of it by",
          .spare = 3,
          .hint = "The effect with the greatest share of what settings differ" },
    };
    struct doc_table *t;

    if (r->asked_count == 0)
        return;
    t = document_table(d, "summary", "In short", COLUMNS(columns));
    for (size_t i = 0; i < r->asked_count; i++) {
        const struct sweep_metric *m = &r->metrics[i];
        const struct setting_estimate *best = &m->settings[0];

        sweep_cell_metric(d, t, r, m);
        if (!m->is_judged) {
            doc_end_row(d, t);
            continue;
        }
        doc_add_text(d, t, r->all[best->setting].label);
        doc_add_number(d, t, best->mean, -1);
        sweep_cell_percent(d, t, sweep_percent_of_base(r, m, best->base_difference), true);
        sweep_cell_interval(d, t, sweep_percent_against_base(r, m, best));
        sweep_cell_verdict(d, t, sweep_verdict(r, m, best));
        sweep_cell_percent(d, t, m->noise_percent, false);
        sweep_cell_words(d, t, greatest_share(d, r, m));
    }
}

/* --- Matrix ---------------------------------------------------------------------------------------- */

/* True where the setting is shown to be worse than the base. */
static bool add_matrix_cells(struct document *d, struct doc_table *t, const struct sweep_results *r,
                             const struct sweep_metric *m, size_t setting)
{
    double scale = sweep_unit(r, m).scale;
    const struct setting_estimate *e = sweep_estimate(r, m, setting);
    const char *verdict = sweep_verdict(r, m, e);
    bool is_best = m->is_judged && m->settings[0].setting == setting;
    bool is_worse = strcmp(verdict, "worse") == 0;

    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = isnan(e->mean) ? DOC_NONE : DOC_NUMBER,
                                    .number = e->mean,
                                    .decimals = -1,
                                    .scale = scale,
                                    .tone = is_best    ? TONE_GOOD
                                            : is_worse ? TONE_BAD
                                                       : TONE_PLAIN,
                                    .hint = is_best ? "the best by its mean" : NULL });
    sweep_cell_scaled_interval(d, t, e->interval, scale);
    return is_worse;
}

void add_sweep_matrix(struct document *d, const struct sweep_results *r)
{
    struct doc_column columns[2 + 2 * MATRIX_METRICS] = {
        { .id = "setting", .head = "setting" }, { .id = "runs", .head = "runs", .number = true }
    };
    size_t metrics = r->asked_count < MATRIX_METRICS ? r->asked_count : MATRIX_METRICS, worse = 0;
    struct doc_table *t;

    if (metrics == 0)
        return;
    document_heading(d, 2, "settings", "Settings and metrics");
    for (size_t i = 0; i < metrics; i++) {
        const struct metric_info *info = r->metrics[i].info;
        struct sweep_unit unit = sweep_unit(r, &r->metrics[i]);

        columns[2 + 2 * i] = (struct doc_column){ .id = document_text(d, "mean%zu", i + 1),
                                                  .head = info->name,
                                                  .unit = unit.of,
                                                  .shown_unit = unit.shown,
                                                  .number = true };
        columns[3 + 2 * i] = (struct doc_column){
            .id = document_text(d, "interval%zu", i + 1), .head = "95 %", .number = true, .spare = 1
        };
    }
    t = document_table(d, "matrix", "Means of settings, adjusted for blocks", columns,
                       2 + 2 * metrics);
    for (size_t i = 0; i < r->setting_count; i++) {
        doc_add_text(d, t, r->all[i].label);
        doc_add_count(d, t, (int64_t)r->all[i].run_count);
        for (size_t k = 0; k < metrics; k++)
            worse += add_matrix_cells(d, t, r, &r->metrics[k], i);
    }
    if (worse > 0)
        t->note = "Marked by ! or a cross is what is shown to be worse than the base.";
    figure_sweep_matrix(d, r);
}

/* --- Ranking ------------------------------------------------------------------------------------------ */

void add_sweep_ranking(struct document *d, const struct sweep_results *r,
                       const struct sweep_metric *m)
{
    struct sweep_unit unit = sweep_unit(r, m);
    const struct doc_column columns[] = {
        { .id = "setting", .head = "setting" },
        { .id = "rank",
          .head = "rank",
          .hint = "The ranks that it may have: those of all settings hold at once, at 95 %" },
        { .id = "mean", .head = "mean", .unit = unit.of, .shown_unit = unit.shown, .number = true },
        { .id = "interval", .head = "95 %", .number = true, .spare = 1, .hint = "Of the mean" },
        { .id = "change",
          .head = "to the base",
          .number = true,
          .hint = "Difference to the base in percent of it" },
        { .id = "changeInterval",
          .head = "95 %, all at once",
          .number = true,
          .hint = "Dunnett's: of all settings and all metrics that the sweep asks for" },
        { .id = "bestInterval",
          .head = "to the best other",
          .number = true,
          .spare = 2,
          .hint = "Hsu's, in percent of the base, all settings at once: an end of 0 on the better "
                  "side says that it is not the best" },
        { .id = "verdict", .head = "so it is" },
        { .id = "runs", .head = "runs", .number = true, .spare = 3, .said_once = true },
        { .id = "deviation",
          .head = "deviation",
          .number = true,
          .spare = 4,
          .hint = "Of the setting's own runs" },
    };
    struct doc_table *t =
        document_table(d, document_text(d, "ranking-%s", m->info->id),
                       document_text(d, "Settings by %s", m->info->name), COLUMNS(columns));

    for (size_t i = 0; i < r->setting_count; i++) {
        const struct setting_estimate *e = &m->settings[i];

        doc_add_text(d, t, r->all[e->setting].label);
        sweep_cell_words(d, t, sweep_ranks(d, e));
        sweep_cell_scaled(d, t, e->mean, unit.scale);
        sweep_cell_scaled_interval(d, t, e->interval, unit.scale);
        sweep_cell_percent(d, t, sweep_percent_of_base(r, m, e->base_difference), true);
        sweep_cell_interval(d, t, sweep_percent_against_base(r, m, e));
        sweep_cell_interval(d, t,
                            (struct interval){ sweep_percent_of_base(r, m, e->against_best.low),
                                               sweep_percent_of_base(r, m, e->against_best.high) });
        sweep_cell_verdict(d, t, sweep_verdict(r, m, e));
        doc_add_count(d, t, (int64_t)e->n);
        sweep_cell_scaled(d, t, e->deviation, unit.scale);
    }
    t->note =
        document_text(d, "A difference matters beyond the margin of %s.",
                      sweep_is_in_percent(r, m)
                          ? document_text(d, "%.3g %%", sweep_percent_of_base(r, m, m->margin))
                          : figure_amount(d, m->margin, m->info->unit));
    figure_sweep_settings(d, r, m);
}

/* --- Other metrics --------------------------------------------------------------------------------------------- */

void add_sweep_others(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "p",
          .head = "p",
          .number = true,
          .hint = "That settings differ at all; not adjusted" },
        { .id = "greatest", .head = "most of it by" },
        { .id = "pAdjusted",
          .head = "adjusted p",
          .number = true,
          .hint = "Of that effect: Holm, over all effects on all metrics in this table" },
        { .id = "best", .head = "best setting", .spare = 1 },
        { .id = "mean", .head = "its mean", .number = true, .in_unit = true, .spare = 2 },
        { .id = "base", .head = "base", .number = true, .in_unit = true, .spare = 2 },
        { .id = "change", .head = "against the base", .number = true },
        { .id = "changeInterval", .head = "95 %", .number = true, .spare = 1 },
        { .id = "noise", .head = "run to run", .number = true, .spare = 3 },
    };
    struct doc_table *t;

    if (r->metric_count == r->asked_count)
        return;
    document_heading(d, 2, "others", "All other metrics");
    document_paragraph(d, "Looked at beside what the sweep asks for, the clearest first. Their p "
                          "values are adjusted among themselves.");
    t = document_table(d, "other-metrics", "What settings do to other metrics", COLUMNS(columns));
    for (size_t i = r->asked_count; i < r->metric_count; i++) {
        const struct sweep_metric *m = &r->metrics[i];
        const struct setting_estimate *best = &m->settings[0];
        const struct sweep_effect *clearest = NULL;

        for (size_t k = 0; k < m->effect_count; k++)
            if (!isnan(m->effects[k].p) && (!clearest || m->effects[k].p < clearest->p))
                clearest = &m->effects[k];
        sweep_cell_metric(d, t, r, m);
        sweep_cell_p(d, t, m->settings_p);
        sweep_cell_words(d, t, clearest ? sweep_name_of(d, r, clearest) : NULL);
        sweep_cell_p(d, t, clearest ? clearest->p_adjusted : NAN);
        if (!m->is_judged) { /* none is the best one of it */
            doc_end_row(d, t);
            continue;
        }
        doc_add_text(d, t, r->all[best->setting].label);
        doc_add_number(d, t, best->mean, -1);
        doc_add_number(d, t, sweep_estimate(r, m, r->base)->mean, -1);
        sweep_cell_percent(d, t, sweep_percent_of_base(r, m, best->base_difference), true);
        sweep_cell_interval(d, t, sweep_percent_against_base(r, m, best));
        sweep_cell_percent(d, t, m->noise_percent, false);
    }
}
