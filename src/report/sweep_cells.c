/* Words about settings and effects, and cells of tables that are made of them. */
#include <math.h>
#include <string.h>

#include "report/builders.h"
#include "report/row_units.h"
#include "report/sweep_cells.h"

const char *sweep_verdict(const struct sweep_results *r, const struct sweep_metric *m,
                          const struct setting_estimate *e)
{
    bool more = m->info->direction == DIRECTION_MORE_IS_BETTER;

    if (e->setting == r->base)
        return "the base";
    if (!interval_known(e->against_base))
        return "not told";
    switch (e->change) {
    case CHANGE_LESS: return !m->is_judged ? "different" : more ? "worse" : "better";
    case CHANGE_MORE: return !m->is_judged ? "different" : more ? "better" : "worse";
    case CHANGE_NEGLIGIBLE:
    case CHANGE_EQUIVALENT: return "no difference that matters";
    case CHANGE_INCONCLUSIVE: break;
    }
    return "not told";
}

enum doc_tone sweep_tone(const char *verdict)
{
    if (strcmp(verdict, "better") == 0)
        return TONE_GOOD;
    if (strcmp(verdict, "worse") == 0)
        return TONE_BAD;
    return strcmp(verdict, "not told") == 0 ? TONE_UNSURE : TONE_PLAIN;
}

const char *sweep_ranks(struct document *d, const struct setting_estimate *e)
{
    if (e->rank_low == 0)
        return NULL;
    return e->rank_low == e->rank_high ? document_text(d, "%zu", e->rank_low)
                                       : document_text(d, "%zu to %zu", e->rank_low, e->rank_high);
}

const char *sweep_name_of(struct document *d, const struct sweep_results *r,
                          const struct sweep_effect *e)
{
    const char *name = sweep_effect_name(&d->memory, r, e);

    if (!name && !d->status)
        d->status = OU_NO_MEMORY;
    return name ? name : "";
}

void sweep_cell_words(struct document *d, struct doc_table *t, const char *words)
{
    if (words)
        doc_add_text(d, t, words);
    else
        doc_add_none(d, t);
}

void sweep_cell_verdict(struct document *d, struct doc_table *t, const char *verdict)
{
    doc_add_cell(
        d, t, (struct doc_cell){ .kind = DOC_TEXT, .text = verdict, .tone = sweep_tone(verdict) });
}

void sweep_cell_percent(struct document *d, struct doc_table *t, double percent, bool sign)
{
    if (isfinite(percent))
        doc_add_cell(d, t,
                     (struct doc_cell){ .kind = DOC_NUMBER,
                                        .number = percent,
                                        .decimals = fabs(percent) < 10 ? 2 : 1,
                                        .sign = sign,
                                        .percent = true });
    else
        doc_add_none(d, t);
}

void sweep_cell_interval(struct document *d, struct doc_table *t, struct interval percent)
{
    if (interval_known(percent))
        doc_add_cell(d, t,
                     (struct doc_cell){ .kind = DOC_INTERVAL,
                                        .interval = percent,
                                        .decimals = 1,
                                        .sign = true,
                                        .percent = true });
    else
        doc_add_none(d, t);
}

struct sweep_unit sweep_unit(const struct sweep_results *r, const struct sweep_metric *m)
{
    struct sweep_unit unit = { .scale = 1 };
    double base = sweep_estimate(r, m, r->base)->mean;

    if (!*m->info->unit || *m->info->unit == '#')
        return unit;
    unit.of = m->info->unit;
    unit.shown = shown_unit_of(unit.of, isnan(base) ? m->mean : base, &unit.scale);
    return unit;
}

void sweep_cell_scaled(struct document *d, struct doc_table *t, double value, double scale)
{
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = isfinite(value) ? DOC_NUMBER : DOC_NONE,
                                    .number = value,
                                    .decimals = -1,
                                    .scale = scale });
}

void sweep_cell_scaled_interval(struct document *d, struct doc_table *t, struct interval value,
                                double scale)
{
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = interval_known(value) ? DOC_INTERVAL : DOC_NONE,
                                    .interval = value,
                                    .decimals = -1,
                                    .scale = scale });
}

void sweep_cell_p(struct document *d, struct doc_table *t, double p)
{
    doc_add_number(d, t, p, 4);
}

static const struct metric_info *info_at(const void *metrics, size_t i)
{
    return ((const struct sweep_metric *)metrics)[i].info;
}

void sweep_cell_metric(struct document *d, struct doc_table *t, const struct sweep_results *r,
                       const struct sweep_metric *m)
{
    doc_add_cell(d, t, metric_cell_among(d, m->info, r->metrics, r->metric_count, info_at));
}
