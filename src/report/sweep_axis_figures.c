/* What does each axis of a sweep do, by itself and beside others? */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/figures_inside.h"
#include "report/sweep_document.h"

extern char figure_sweep_levels_spec[], figure_sweep_interactions_spec[];

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

enum {
    UPRIGHT_LETTERS = 22, /* of labels that stand beside each other in a panel */
    SERIES_MOST = 6,      /* lines of an interaction: as many as there are colours */
    PAIRS_DRAWN = 4,
    PAIRS_MOST = 28, /* of eight axes */
};

/* Labels that would lie on each other are turned. */
static const char *angle_of(const char *const *labels, size_t count)
{
    size_t letters = 0;

    for (size_t i = 0; i < count; i++)
        letters += strlen(labels[i]) + 1;
    return letters > UPRIGHT_LETTERS ? "-40" : "0";
}

/* --- Levels ------------------------------------------------------------------------------------- */

static const struct doc_column level_columns[] = {
    { .id = "axis", .head = "axis" },
    { .id = "panel", .head = "panel", .number = true },
    { .id = "level", .head = "level" },
    { .id = "mean", .head = "mean", .number = true },
    { .id = "low", .head = "95 % from", .number = true },
    { .id = "high", .head = "95 % to", .number = true },
    { .id = "runs", .head = "runs", .number = true },
};

static void add_mean(struct document *d, struct doc_figure *f, const struct level_mean *l)
{
    doc_add_number(d, &f->data, l->mean, -1);
    doc_add_number(d, &f->data, l->interval.low, -1);
    doc_add_number(d, &f->data, l->interval.high, -1);
    doc_add_count(d, &f->data, (int64_t)l->n);
}

static const char *all_angles(const struct sweep_results *r)
{
    const char *angle = "0";

    for (size_t i = 0; i < r->axis_count; i++)
        if (strcmp(angle_of(r->axes[i].levels, r->axes[i].level_count), "0") != 0)
            angle = "-40";
    return angle;
}

/* The main effect with the greatest difference of its levels. */
static const struct sweep_effect *greatest_effect(const struct sweep_metric *m)
{
    const struct sweep_effect *greatest = NULL;

    for (size_t i = 0; i < m->effect_count; i++) {
        const struct sweep_effect *e = &m->effects[i];

        if (e->axis == e->other && isfinite(e->largest_percent) &&
            (!greatest || e->largest_percent > greatest->largest_percent))
            greatest = e;
    }
    return greatest;
}

bool figure_sweep_levels(struct document *d, const struct sweep_results *r,
                         const struct sweep_metric *m)
{
    const struct spec_blank blanks[] = { { "axis", figure_axis(d, m->info), NULL },
                                         { "angle", NULL, all_angles(r) } };
    const struct sweep_effect *greatest = greatest_effect(m);
    struct doc_figure *f;

    if (!greatest)
        return false;
    f = document_figure(d, figure_id(d, "sweep-levels", m->info),
                        document_text(d, "What each axis does to %s", m->info->name),
                        figure_spec(d, figure_sweep_levels_spec, blanks, 2),
                        COLUMNS(level_columns));
    for (size_t i = 0; i < m->level_count; i++) {
        const struct level_mean *l = &m->levels[i];

        if (l->axis != l->other)
            continue;
        doc_add_text(d, &f->data, r->axes[l->axis].name);
        doc_add_number(d, &f->data, (double)l->axis, 0);
        doc_add_text(d, &f->data, r->axes[l->axis].levels[l->level]);
        add_mean(d, f, l);
    }
    f->units = figure_sweep_units(d, m);
    f->legend = "a point is the mean over all levels of the other axes; lines: 95 % intervals";
    f->reading = document_text(d, "The levels of %s differ most, by %s of the mean.",
                               r->axes[greatest->axis].name,
                               figure_amount(d, greatest->largest_percent, "%"));
    return true;
}

/* --- Interactions ----------------------------------------------------------------------------------- */

static const struct doc_column interaction_columns[] = {
    { .id = "pair", .head = "axes" },
    { .id = "panel", .head = "panel", .number = true },
    { .id = "level", .head = "level" },
    { .id = "series", .head = "beside" },
    { .id = "mean", .head = "mean", .number = true },
    { .id = "low", .head = "95 % from", .number = true },
    { .id = "high", .head = "95 % to", .number = true },
    { .id = "runs", .head = "runs", .number = true },
};

static int by_p(const void *a, const void *b)
{
    const struct sweep_effect *x = *(const struct sweep_effect *const *)a;
    const struct sweep_effect *y = *(const struct sweep_effect *const *)b;

    if (isnan(x->p) || isnan(y->p))
        return isnan(x->p) - isnan(y->p);
    if (x->p != y->p)
        return x->p < y->p ? -1 : 1;
    return x < y ? -1 : 1;
}

/* Those that the model has, the clearest first; the axis with fewer levels gives the lines. */
static size_t pairs_to_draw(const struct sweep_results *r, const struct sweep_metric *m,
                            const struct sweep_effect **ret)
{
    const struct sweep_effect *all[PAIRS_MOST];
    size_t count = 0;

    for (size_t i = 0; i < m->effect_count && count < PAIRS_MOST; i++) {
        const struct sweep_effect *e = &m->effects[i];
        size_t a = r->axes[e->axis].level_count, b = r->axes[e->other].level_count;

        if (e->axis != e->other && isfinite(e->largest_percent) && (a < b ? a : b) <= SERIES_MOST)
            all[count++] = e;
    }
    if (count == 0)
        return 0;
    qsort(all, count, sizeof(const struct sweep_effect *), by_p);
    count = count < PAIRS_DRAWN ? count : PAIRS_DRAWN;
    memcpy(ret, all, count * sizeof(const struct sweep_effect *));
    return count;
}

static void add_pair(struct document *d, struct doc_figure *f, const struct sweep_results *r,
                     const struct sweep_metric *m, const struct sweep_effect *e, size_t panel)
{
    bool swapped = r->axes[e->axis].level_count < r->axes[e->other].level_count;

    for (size_t i = 0; i < m->level_count; i++) {
        const struct level_mean *l = &m->levels[i];
        size_t along = swapped ? l->other : l->axis, beside = swapped ? l->axis : l->other;
        size_t level = swapped ? l->other_level : l->level;
        size_t other = swapped ? l->level : l->other_level;

        if (l->axis != e->axis || l->other != e->other)
            continue;
        doc_add_text(d, &f->data,
                     document_text(d, "%s, by %s", r->axes[along].name, r->axes[beside].name));
        doc_add_number(d, &f->data, (double)panel, 0);
        doc_add_text(d, &f->data, r->axes[along].levels[level]);
        doc_add_text(
            d, &f->data,
            document_text(d, "%s %s", r->axes[beside].name, r->axes[beside].levels[other]));
        add_mean(d, f, l);
    }
}

bool figure_sweep_interactions(struct document *d, const struct sweep_results *r,
                               const struct sweep_metric *m)
{
    const struct spec_blank blanks[] = { { "axis", figure_axis(d, m->info), NULL },
                                         { "angle", NULL, all_angles(r) } };
    const struct sweep_effect *pairs[PAIRS_DRAWN];
    size_t count = pairs_to_draw(r, m, pairs);
    struct doc_figure *f;

    if (count == 0)
        return false;
    f = document_figure(d, figure_id(d, "sweep-interactions", m->info),
                        document_text(d, "What hangs on what in %s", m->info->name),
                        figure_spec(d, figure_sweep_interactions_spec, blanks, 2),
                        COLUMNS(interaction_columns));
    for (size_t i = 0; i < count; i++)
        add_pair(d, f, r, m, pairs[i], i);
    f->units = figure_sweep_units(d, m);
    f->legend = "lines that run alike: the axes add up; 95 % intervals";
    f->reading = document_text(
        d, "%s: %s, beyond what they do alone%s.", sweep_name_of(d, r, pairs[0]),
        document_text(d, "up to %s of the mean", figure_amount(d, pairs[0]->largest_percent, "%")),
        pairs[0]->p_adjusted < .05 ? "" : ", which chance can make as well");
    return true;
}
