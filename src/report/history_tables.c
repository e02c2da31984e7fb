#include "report/history_tables.h"

#include <math.h>
#include <stdlib.h>

#include "base/time.h"
#include "report/figures_inside.h"

/* --- Words --------------------------------------------------------------------------- */

const char *day_of(struct document *d, const struct finished_run *r)
{
    char text[TIME_ISO_ROOM];

    if (r->started_ns == TIME_NONE)
        return NULL;
    time_format_iso(r->started_ns, text);
    return document_text(d, "%.10s", text);
}

const char *run_and_day(struct document *d, const struct finished_run *r)
{
    const char *day = day_of(d, r);

    return day ? document_text(d, "%s (%s)", r->title, day) : r->title;
}

const char *series_id(struct document *d, const struct metric_history *m)
{
    return document_text(d, "%s-%s%s%s", section_name(m->info->section), m->info->id,
                         m->workload ? "-" : "", m->workload ? m->workload : "");
}

const char *series_name(struct document *d, const struct metric_history *m)
{
    return m->workload ? document_text(d, "%s, %s", m->info->name, m->workload) : m->info->name;
}

/* As people and as programs want it. */
#define P_COLUMNS(what)                                                                \
    { .id = "pText", .head = "adjusted p", .number = true, .hint = what },             \
        { .id = "p", .head = "p, single", .number = true, .machine_only = true },      \
    {                                                                                  \
        .id = "pAdjusted", .head = "p, adjusted", .number = true, .machine_only = true \
    }

/* For people: so small a p says no more than that it is small. NULL: there was no test. */
static const char *p_text(struct document *d, double p)
{
    if (isnan(p))
        return NULL;
    return p < 1e-6 ? "<0.000001" : document_text(d, p < .001 ? "%.6f" : "%.3f", p);
}

/* A change for the better or the worse, where the metric knows one. */
static enum doc_tone tone_of(const struct metric_info *info, double change)
{
    if (info->direction == DIRECTION_NONE || !(change != 0))
        return TONE_PLAIN;
    return (change > 0) == (info->direction == DIRECTION_MORE_IS_BETTER) ? TONE_GOOD : TONE_BAD;
}

static void add_percent(struct document *d, struct doc_table *t, const struct metric_info *info,
                        double percent)
{
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = isfinite(percent) ? DOC_NUMBER : DOC_NONE,
                                    .tone = tone_of(info, percent),
                                    .number = percent,
                                    .decimals = 1,
                                    .sign = true,
                                    .percent = true });
}

/* --- All changes ---------------------------------------------------------------------- */

static size_t place_of(const struct history *h, const struct finished_run *r)
{
    size_t i = 0;

    while (i < h->run_count && h->runs[i] != r)
        i++;
    return i;
}

const struct finished_run *first_run_of(const struct level_change *c)
{
    return c->m->runs[c->segment->first];
}

/* From a level of 0 any change is the greatest. */
static double size_of(const struct level_change *c)
{
    return isnan(c->segment->change_percent) ? INFINITY : fabs(c->segment->change_percent);
}

static int compare_changes(const void *x, const void *y)
{
    const struct level_change *a = x, *b = y;

    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    if (size_of(a) != size_of(b))
        return size_of(a) > size_of(b) ? -1 : 1;
    return (a->m > b->m) - (a->m < b->m);
}

struct level_changes list_changes(const struct history *h, struct document *d)
{
    struct level_changes all = { NULL, 0 };
    size_t room = 1;

    for (size_t i = 0; i < h->metric_count; i++)
        room += h->metrics[i].segment_count;
    all.items = arena_take(&d->memory, room * sizeof *all.items, _Alignof(struct level_change));
    if (!all.items) {
        d->status = OU_NO_MEMORY;
        return all;
    }
    for (size_t i = 0; i < h->metric_count; i++)
        for (size_t k = 1; k < h->metrics[i].segment_count; k++) {
            struct level_change c = { &h->metrics[i], &h->metrics[i].segments[k], 0 };

            c.place = place_of(h, first_run_of(&c));
            all.items[all.count++] = c;
        }
    qsort(all.items, all.count, sizeof *all.items, compare_changes);
    return all;
}

void add_change_table(const struct level_changes *all, struct document *d)
{
    static const struct doc_column columns[] = {
        { .id = "run", .head = "first run", .hint = "The first run of the new level." },
        { .id = "start", .head = "start" },
        { .id = "metric", .head = "metric" },
        { .id = "workload", .head = "workload" },
        { .id = "before",
          .head = "before",
          .number = true,
          .in_unit = true,
          .hint = "Mean of the level before." },
        { .id = "after",
          .head = "after",
          .number = true,
          .in_unit = true,
          .hint = "Mean of the new level." },
        { .id = "changePercent", .head = "change", .number = true },
        { .id = "runs",
          .head = "runs",
          .number = true,
          .hint = "How many runs are on the new level." },
        P_COLUMNS("Of a t test of both levels, adjusted for all that was looked for."),
    };
    struct doc_table *t;

    if (all->count == 0)
        return;
    document_heading(d, 2, "changes", "Changes of level");
    t = document_table(d, "changes-of-level", "Changes of level", columns,
                       sizeof columns / sizeof *columns);
    for (size_t i = 0; i < all->count; i++) {
        const struct level_change *c = &all->items[i];

        doc_add_cell(d, t, run_cell(d, first_run_of(c), first_run_of(c)->title));
        doc_add_text(d, t, day_of(d, first_run_of(c)));
        doc_add_cell(d, t, metric_cell(d, c->m->info));
        doc_add_text(d, t, c->m->workload);
        doc_add_number(d, t, c->segment[-1].mean, -1);
        doc_add_number(d, t, c->segment->mean, -1);
        add_percent(d, t, c->m->info, c->segment->change_percent);
        doc_add_count(d, t, (int64_t)c->segment->count);
        doc_add_text(d, t, p_text(d, c->segment->p_adjusted));
        doc_add_number(d, t, c->segment->p, -1);
        doc_add_number(d, t, c->segment->p_adjusted, -1);
    }
}

/* --- Levels as they are now -------------------------------------------------------------- */

void add_level_table(const struct history *h, struct document *d)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "workload", .head = "workload" },
        { .id = "runs", .head = "runs", .number = true },
        { .id = "levels", .head = "levels", .number = true },
        { .id = "since", .head = "since", .hint = "The first run of the last level." },
        { .id = "mean",
          .head = "mean",
          .number = true,
          .in_unit = true,
          .hint = "Of the last level." },
        { .id = "interval",
          .head = "95 % interval",
          .number = true,
          .in_unit = true,
          .hint = "Of that mean." },
        { .id = "noisePercent",
          .head = "noise",
          .number = true,
          .hint = "By how much runs of one level deviate from its mean." },
    };
    struct doc_table *t;

    document_heading(d, 2, "levels", "Levels today");
    t = document_table(d, "levels-today", "The last level of each series", columns,
                       sizeof columns / sizeof *columns);
    for (size_t i = 0; i < h->metric_count; i++) {
        const struct metric_history *m = &h->metrics[i];
        const struct history_segment *last = &m->segments[m->segment_count - 1];

        doc_add_cell(d, t, metric_cell(d, m->info));
        doc_add_text(d, t, m->workload);
        doc_add_count(d, t, (int64_t)m->count);
        doc_add_count(d, t, (int64_t)m->segment_count);
        doc_add_cell(d, t, run_cell(d, m->runs[last->first], m->runs[last->first]->title));
        doc_add_number(d, t, last->mean, -1);
        doc_add_interval(d, t, last->interval, -1);
        doc_add_cell(d, t,
                     (struct doc_cell){ .kind = isfinite(m->noise_percent) ? DOC_NUMBER : DOC_NONE,
                                        .number = m->noise_percent,
                                        .decimals = 2,
                                        .percent = true });
    }
}

/* --- The last value ------------------------------------------------------------------------ */

static void add_last_value(const struct metric_history *m, struct doc_table *t, struct document *d)
{
    const struct finished_run *last = m->runs[m->count - 1];
    const bool told = interval_known(m->expected_last);

    doc_add_cell(d, t, metric_cell(d, m->info));
    doc_add_text(d, t, m->workload);
    doc_add_cell(d, t, run_cell(d, last, last->title));
    doc_add_number(d, t, m->values[m->count - 1], -1);
    doc_add_interval(d, t, m->expected_last, -1);
    doc_add_text(d, t, p_text(d, m->last_p_adjusted));
    doc_add_number(d, t, m->last_p, -1);
    doc_add_number(d, t, m->last_p_adjusted, -1);
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = DOC_TEXT,
                                    .tone = m->last_unusual ? TONE_UNSURE : TONE_QUIET,
                                    .text = m->last_unusual ? "unusual"
                                            : told          ? "as expected"
                                                            : "too few runs" });
}

size_t count_unusual(const struct history *h)
{
    size_t n = 0;

    for (size_t i = 0; i < h->metric_count; i++)
        n += h->metrics[i].last_unusual;
    return n;
}

void add_last_values(const struct history *h, struct document *d)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "workload", .head = "workload" },
        { .id = "run", .head = "last run" },
        { .id = "value", .head = "value", .number = true, .in_unit = true },
        { .id = "expected",
          .head = "expected",
          .number = true,
          .in_unit = true,
          .hint = "95 % prediction from the runs before it on its level." },
        P_COLUMNS("How seldom a value lies so far out, adjusted for all series."),
        { .id = "word", .head = "" },
    };
    const bool all = h->metric_count <= SERIES_SHOWN;
    const size_t unusual = count_unusual(h);
    struct doc_table *t;

    document_heading(d, 2, "last", "The last run");
    if (unusual)
        document_paragraph(
            d,
            "The last value of %zu of %zu series lies outside what the runs before it predict. One run "
            "alone is no level: the next one will tell whether it is a change, or was an accident.",
            unusual, h->metric_count);
    else
        document_paragraph(
            d,
            "No last value lies outside what the runs before it predict, as far as there are three "
            "runs on its level.");
    if (!all && unusual == 0)
        return;
    t = document_table(d, "last-values",
                       all ? "The last value of each series" : "Unusual last values", columns,
                       sizeof columns / sizeof *columns);
    for (size_t i = 0; i < h->metric_count; i++)
        if (all || h->metrics[i].last_unusual)
            add_last_value(&h->metrics[i], t, d);
}

/* --- One series ------------------------------------------------------------------------------ */

static void add_run_and_day(struct document *d, struct doc_table *t, const struct finished_run *run)
{
    doc_add_cell(d, t, run_cell(d, run, run_and_day(d, run)));
}

void add_segment_table(const struct metric_history *m, struct document *d)
{
    static const struct doc_column columns[] = {
        { .id = "from", .head = "from" },
        { .id = "to", .head = "to" },
        { .id = "runs", .head = "runs", .number = true },
        { .id = "mean", .head = "mean", .number = true },
        { .id = "interval",
          .head = "95 % interval",
          .number = true,
          .hint = "Of the mean, from the runs of the level; none for a single run." },
        { .id = "changePercent", .head = "change", .number = true },
        P_COLUMNS("Of a t test against the level before, adjusted for all that was looked for."),
    };
    const char *id = figure_named(d, "levels", series_id(d, m));
    struct doc_table *t = document_table(d, id, document_text(d, "Levels of %s", series_name(d, m)),
                                         columns, sizeof columns / sizeof *columns);

    for (size_t i = 0; i < m->segment_count; i++) {
        const struct history_segment *g = &m->segments[i];

        add_run_and_day(d, t, m->runs[g->first]);
        add_run_and_day(d, t, m->runs[g->first + g->count - 1]);
        doc_add_count(d, t, (int64_t)g->count);
        doc_add_number(d, t, g->mean, -1);
        doc_add_interval(d, t, g->interval, -1);
        add_percent(d, t, m->info, g->change_percent);
        doc_add_text(d, t, p_text(d, g->p_adjusted));
        doc_add_number(d, t, g->p, -1);
        doc_add_number(d, t, g->p_adjusted, -1);
    }
}
