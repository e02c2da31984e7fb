/* Tables of what a sweep's axes do, and its blocks. */
#include <math.h>

#include "report/builders.h"
#include "report/sweep_cells.h"

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)
#define LEVEL .05

/* --- Effects --------------------------------------------------------------------------------------------- */

static const struct doc_column effect_columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "effect", .head = "of", .key = true },
    { .id = "share", .head = "share", .number = true, .hint = "Of the variation between settings" },
    { .id = "largest",
      .head = "differ by",
      .unit = "% of mean",
      .number = true,
      .hint =
          "The greatest difference of two levels' means in percent of the mean; of axes that hang together, of what "
          "that adds to two combinations" },
    { .id = "dof", .head = "dof", .number = true, .spare = 2 },
    { .id = "f", .head = "F", .number = true, .spare = 1 },
    { .id = "p", .head = "p", .number = true, .spare = 1 },
    { .id = "pAdjusted",
      .head = "adjusted p",
      .number = true,
      .hint = "Holm, over all effects on all metrics that the sweep asks for" },
    { .id = "told", .head = "so it is" },
};

static const char *told_words(const struct sweep_effect *e)
{
    if (e->aliased)
        return e->axis == e->other && !isnan(e->p) ? "there, if others do not hang together"
                                                   : "not told from others";
    if (isnan(e->p_adjusted))
        return "not told";
    return e->p_adjusted < LEVEL ? "there" : "not shown";
}

static void add_effect(struct document *d, struct doc_table *t, const struct sweep_results *r,
                       const struct sweep_metric *m, const struct sweep_effect *e, const char *name)
{
    const char *told = told_words(e);
    bool held = e->aliased && e->axis == e->other && !(e->p_adjusted < LEVEL);

    sweep_cell_metric(d, t, r, m);
    doc_add_text(d, t, name);
    sweep_cell_percent(d, t, 100 * e->share, false);
    doc_add_number(d, t, e->largest_percent, e->largest_percent < 10 ? 2 : 1);
    doc_add_number(d, t, e->dof, 0);
    doc_add_number(d, t, e->f, 2);
    sweep_cell_p(d, t, e->p);
    sweep_cell_p(d, t, e->p_adjusted);
    doc_add_text(d, t, held ? "not shown" : told);
}

static void add_effects_of(struct document *d, struct doc_table *t, const struct sweep_results *r,
                           const struct sweep_metric *m)
{
    for (size_t i = 0; i < m->effect_count; i++)
        add_effect(d, t, r, m, &m->effects[i], sweep_name_of(d, r, &m->effects[i]));
    if (m->rest.dof > 0)
        add_effect(d, t, r, m, &m->rest, "what is left of settings");
}

void add_sweep_effects(struct document *d, const struct sweep_results *r)
{
    struct doc_table *t;

    if (r->asked_count == 0)
        return;
    t = document_table(d, "effects", "Effects of axes", COLUMNS(effect_columns));
    for (size_t i = 0; i < r->asked_count; i++)
        add_effects_of(d, t, r, &r->metrics[i]);
}

void add_sweep_levels(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "axis", .head = "axis", .key = true },
        { .id = "level", .head = "level", .key = true },
        { .id = "mean", .head = "mean", .number = true, .in_unit = true },
        { .id = "interval", .head = "95 %", .number = true, .in_unit = true },
        { .id = "runs", .head = "runs", .number = true, .spare = 1 },
    };
    struct doc_table *t;

    if (r->asked_count == 0)
        return;
    t = document_table(d, "levels", "Means of levels, over all levels of the others",
                       COLUMNS(columns));
    for (size_t i = 0; i < r->asked_count; i++) {
        const struct sweep_metric *m = &r->metrics[i];

        for (size_t k = 0; k < m->level_count; k++) {
            const struct level_mean *l = &m->levels[k];

            if (l->axis != l->other)
                continue;
            sweep_cell_metric(d, t, r, m);
            doc_add_text(d, t, r->axes[l->axis].name);
            doc_add_text(d, t, r->axes[l->axis].levels[l->level]);
            doc_add_number(d, t, l->mean, -1);
            doc_add_interval(d, t, l->interval, -1);
            doc_add_count(d, t, (int64_t)l->n);
        }
    }
}

/* --- Drift ----------------------------------------------------------------------------------------------------------- */

void add_sweep_drift(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "p", .head = "p", .number = true },
        { .id = "pAdjusted",
          .head = "adjusted p",
          .number = true,
          .hint = "Holm, over all metrics" },
    };
    struct doc_table *t = NULL;

    if (r->repetitions < 2 || r->metric_count == 0)
        return;
    document_heading(d, 2, "drift", "Drift over blocks");
    document_paragraph(d, "Each block has every setting once, in an order of its own, so that a "
                          "machine that gets slower from block to block does so for all settings "
                          "alike. That is taken off all means.");
    for (size_t i = 0; i < r->metric_count; i++) {
        const struct sweep_metric *m = &r->metrics[i];

        if (!(m->block_p_adjusted < LEVEL))
            continue;
        if (!t)
            t = document_table(d, "drift-test", "Metrics that differ between blocks",
                               COLUMNS(columns));
        sweep_cell_metric(d, t, r, m);
        sweep_cell_p(d, t, m->block_p);
        sweep_cell_p(d, t, m->block_p_adjusted);
    }
    if (!t)
        document_paragraph(d,
                           "No metric is shown to differ between blocks (adjusted p below .05).");
    figure_sweep_drift(d, r);
}
