/* Since when? */
#include <math.h>
#include <string.h>

#include "report/figures_inside.h"

extern char figure_history_spec[];

static const struct doc_column history_columns[] = {
    { .id = "run", .head = "run" },
    { .id = "value", .head = "value", .number = true },
    { .id = "segment", .head = "segment" },
    { .id = "mean", .head = "mean of segment", .number = true },
    { .id = "low", .head = "95 % from", .number = true },
    { .id = "high", .head = "95 % to", .number = true },
    { .id = "change", .head = "level changes" },
};

/* Runs may be called alike; on an axis each has a place of its own. */
static const char *place_of(struct document *d, const struct metric_history *h, size_t i)
{
    for (size_t k = 0; k < h->count; k++) {
        if (k != i && strcmp(h->runs[k]->title, h->runs[i]->title) == 0)
            return document_text(d, "%s (%zu)", h->runs[i]->title, i + 1);
    }
    return h->runs[i]->title;
}

static void add_segment(struct document *d, struct doc_figure *f, const struct metric_history *h,
                        size_t at)
{
    const struct history_segment *s = &h->segments[at];

    for (size_t i = s->first; i < s->first + s->count && i < h->count; i++) {
        doc_add_cell(d, &f->data, run_cell(d, h->runs[i], place_of(d, h, i)));
        doc_add_number(d, &f->data, h->values[i], -1);
        doc_add_text(d, &f->data, document_text(d, "%zu", at + 1));
        doc_add_number(d, &f->data, s->mean, -1);
        doc_add_number(d, &f->data, s->interval.low, -1);
        doc_add_number(d, &f->data, s->interval.high, -1);
        doc_add_text(d, &f->data, at > 0 && i == s->first ? "yes" : NULL);
    }
}

static const char *history_reading(struct document *d, const struct metric_history *h)
{
    const char *unit = h->info->unit, *text;
    const struct history_segment *most = NULL;

    for (size_t i = 1; i < h->segment_count; i++) {
        if (!most || fabs(h->segments[i].change_percent) > fabs(most->change_percent))
            most = &h->segments[i];
    }
    if (!most)
        text = document_text(d, "No change of level in %s: the mean is %s",
                             figure_count(d, h->count, "run", "runs"),
                             figure_amount(d, h->segments[0].mean, unit));
    else
        text = document_text(
            d, "%s; the greatest at %s: %s, from %s to %s",
            figure_count(d, h->segment_count - 1, "change of level", "changes of level"),
            place_of(d, h, most->first), figure_difference(d, most->change_percent, "%"),
            figure_amount(d, most[-1].mean, unit), figure_amount(d, most->mean, unit));
    if (isfinite(h->noise_percent))
        text = document_text(d, "%s; runs of one level deviate by %s", text,
                             figure_amount(d, h->noise_percent, "%"));
    return document_text(
        d, "%s%s.", text,
        h->last_unusual ? "; the last value lies outside what those before it predict" : "");
}

bool figure_history(struct document *d, const struct metric_history *h)
{
    struct doc_figure *f;
    const char *id = figure_id(d, "history", h->info);

    if (h->count < 2 || h->segment_count == 0)
        return false;
    if (h->workload)
        id = figure_named(d, id, h->workload);
    f = document_figure(d, id,
                        document_text(d, "History of %s%s%s", h->info->name,
                                      h->workload ? ", " : "", h->workload ? h->workload : ""),
                        figure_spec(d, figure_history_spec,
                                    &(struct spec_blank){ "axis", figure_axis(d, h->info), NULL },
                                    1),
                        history_columns, sizeof history_columns / sizeof *history_columns);
    for (size_t i = 0; i < h->segment_count; i++)
        add_segment(d, f, h, i);
    doc_figure_line(d, f, h->values, h->count);
    f->units = document_text(
        d,
        "%s; n = %s; line and band: mean of each level with its 95 %% interval; dashed: the level changes",
        *h->info->unit ? h->info->unit : "no unit", figure_count(d, h->count, "run", "runs"));
    f->reading = history_reading(d, h);
    return true;
}
