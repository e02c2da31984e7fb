#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "report/builders.h"
#include "report/figures.h"

/* So many series are shown one by one; of more, those that changed most. */
enum { SERIES_SHOWN = 12, VALUES_TOLD = 4 };

/* --- Words --------------------------------------------------------------------------- */

/* "2026-04-15"; NULL when it is not known. */
static const char *day_of(struct document *d, const struct finished_run *r)
{
    char text[TIME_ISO_ROOM];

    if (r->started_ns == TIME_NONE)
        return NULL;
    time_format_iso(r->started_ns, text);
    return document_text(d, "%.10s", text);
}

static const char *run_and_day(struct document *d, const struct finished_run *r)
{
    const char *day = day_of(d, r);

    return day ? document_text(d, "%s (%s)", r->title, day) : r->title;
}

static const char *series_name(struct document *d, const struct metric_history *m)
{
    return m->workload ? document_text(d, "%s, %s", m->info->name, m->workload) : m->info->name;
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
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

struct level_change {
    const struct metric_history *m;
    const struct history_segment *segment;
    size_t place; /* of its first run among all runs */
};

struct changes {
    struct level_change *items; /* in the document's memory */
    size_t count;
};

static size_t place_of(const struct history *h, const struct finished_run *r)
{
    size_t i = 0;

    while (i < h->set->count && h->runs[i] != r)
        i++;
    return i;
}

static const struct finished_run *first_run(const struct level_change *c)
{
    return c->m->runs[c->segment->first];
}

/* By run; of one run, the greatest first. */
static int compare_changes(const void *x, const void *y)
{
    const struct level_change *a = x, *b = y;
    const double size_a = fabs(a->segment->change_percent),
                 size_b = fabs(b->segment->change_percent);

    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    if (size_a != size_b)
        return size_a > size_b ? -1 : 1;
    return (a->m > b->m) - (a->m < b->m);
}

static struct changes list_changes(const struct history *h, struct document *d)
{
    struct changes all = { NULL, 0 };
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

            c.place = place_of(h, first_run(&c));
            all.items[all.count++] = c;
        }
    qsort(all.items, all.count, sizeof *all.items, compare_changes);
    return all;
}

static void add_changes(const struct changes *all, struct document *d)
{
    static const struct doc_column columns[] = {
        { .id = "run", .head = "first run", .hint = "The first run of the new level." },
        { .id = "start", .head = "start" },
        { .id = "metric", .head = "metric" },
        { .id = "workload", .head = "workload" },
        { .id = "before", .head = "before", .number = true, .hint = "Mean of the level before." },
        { .id = "after", .head = "after", .number = true, .hint = "Mean of the new level." },
        { .id = "changePercent", .head = "change", .number = true },
        { .id = "runs",
          .head = "runs",
          .number = true,
          .hint = "How many runs are on the new level." },
        { .id = "p", .head = "p", .number = true, .machine_only = true },
        { .id = "pAdjusted",
          .head = "adjusted p",
          .number = true,
          .hint = "Of a t test of both levels, adjusted for all that was looked for." },
    };
    struct doc_table *t;

    if (all->count == 0)
        return;
    document_heading(d, 2, "changes", "Changes of level");
    t = document_table(d, "changes-of-level", "Changes of level", columns,
                       sizeof columns / sizeof *columns);
    for (size_t i = 0; i < all->count; i++) {
        const struct level_change *c = &all->items[i];

        doc_add_text(d, t, first_run(c)->title);
        doc_add_text(d, t, day_of(d, first_run(c)));
        doc_add_cell(d, t, metric_cell(d, c->m->info));
        doc_add_text(d, t, c->m->workload);
        doc_add_number(d, t, c->segment[-1].mean, -1);
        doc_add_number(d, t, c->segment->mean, -1);
        add_percent(d, t, c->m->info, c->segment->change_percent);
        doc_add_count(d, t, (int64_t)c->segment->count);
        doc_add_number(d, t, c->segment->p, -1);
        doc_add_number(d, t, c->segment->p_adjusted, -1);
    }
}

/* --- Levels as they are now -------------------------------------------------------------- */

static void add_levels(const struct history *h, struct document *d)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "workload", .head = "workload" },
        { .id = "runs", .head = "runs", .number = true },
        { .id = "levels", .head = "levels", .number = true },
        { .id = "since", .head = "since", .hint = "The first run of the last level." },
        { .id = "mean", .head = "mean", .number = true, .hint = "Of the last level." },
        { .id = "interval", .head = "95 % interval", .number = true, .hint = "Of that mean." },
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
        doc_add_text(d, t, m->runs[last->first]->title);
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
    const bool told = interval_known(m->expected_last);

    doc_add_cell(d, t, metric_cell(d, m->info));
    doc_add_text(d, t, m->workload);
    doc_add_text(d, t, m->runs[m->count - 1]->title);
    doc_add_number(d, t, m->values[m->count - 1], -1);
    doc_add_interval(d, t, m->expected_last, -1);
    doc_add_number(d, t, m->last_p, -1);
    doc_add_number(d, t, m->last_p_adjusted, -1);
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = DOC_TEXT,
                                    .tone = m->last_unusual ? TONE_UNSURE : TONE_QUIET,
                                    .text = m->last_unusual ? "unusual"
                                            : told          ? "as expected"
                                                            : "too few runs" });
}

static size_t count_unusual(const struct history *h)
{
    size_t n = 0;

    for (size_t i = 0; i < h->metric_count; i++)
        n += h->metrics[i].last_unusual;
    return n;
}

static void add_last_values(const struct history *h, struct document *d)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "workload", .head = "workload" },
        { .id = "run", .head = "last run" },
        { .id = "value", .head = "value", .number = true },
        { .id = "expected",
          .head = "expected",
          .number = true,
          .hint = "95 % prediction from the runs before it on its level." },
        { .id = "p", .head = "p", .number = true, .machine_only = true },
        { .id = "pAdjusted", .head = "adjusted p", .number = true },
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

static void add_segments(const struct metric_history *m, struct document *d)
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
        { .id = "p", .head = "p", .number = true },
        { .id = "pAdjusted", .head = "adjusted p", .number = true },
    };
    const char *id = document_text(d, "levels-%s%s%s", m->info->id, m->workload ? "-" : "",
                                   m->workload ? m->workload : "");
    struct doc_table *t = document_table(d, id, document_text(d, "Levels of %s", series_name(d, m)),
                                         columns, sizeof columns / sizeof *columns);

    for (size_t i = 0; i < m->segment_count; i++) {
        const struct history_segment *g = &m->segments[i];

        doc_add_text(d, t, run_and_day(d, m->runs[g->first]));
        doc_add_text(d, t, run_and_day(d, m->runs[g->first + g->count - 1]));
        doc_add_count(d, t, (int64_t)g->count);
        doc_add_number(d, t, g->mean, -1);
        doc_add_interval(d, t, g->interval, -1);
        add_percent(d, t, m->info, g->change_percent);
        doc_add_number(d, t, g->p, -1);
        doc_add_number(d, t, g->p_adjusted, -1);
    }
}

static double greatest_change(const struct metric_history *m)
{
    double most = -1;

    for (size_t i = 1; i < m->segment_count; i++)
        most = fmax(most, fabs(m->segments[i].change_percent));
    return most;
}

/* How many series changed more than this one; of equal ones, those before it. */
static size_t rank_of(const struct history *h, size_t i)
{
    const double own = greatest_change(&h->metrics[i]);
    size_t rank = 0;

    for (size_t k = 0; k < h->metric_count; k++) {
        const double other = greatest_change(&h->metrics[k]);

        rank += other > own || (other == own && k < i);
    }
    return rank;
}

static void add_series(const struct history *h, struct document *d)
{
    const bool all = h->metric_count <= SERIES_SHOWN;

    document_heading(d, 2, "series", all ? "Each series" : "The series that changed most");
    for (size_t i = 0; i < h->metric_count; i++) {
        const struct metric_history *m = &h->metrics[i];

        if (!all && (m->segment_count == 1 || rank_of(h, i) >= SERIES_SHOWN))
            continue;
        document_heading(d, 3,
                         document_text(d, "series-%s-%s%s%s", section_name(m->info->section),
                                       m->info->id, m->workload ? "-" : "",
                                       m->workload ? m->workload : ""),
                         series_name(d, m));
        figure_history(d, m);
        add_segments(m, d);
    }
}

/* --- What to know before -------------------------------------------------------------------- */

/* The values that runs of a series have for a fact, each once; NULL when they agree. */
static const char *values_of_fact(struct document *d, const struct metric_history *m,
                                  const struct run_fact *fact)
{
    const char *told[VALUES_TOLD];
    const char *text = NULL;
    size_t count = 0;

    for (size_t i = 0; i < m->count && count < VALUES_TOLD; i++) {
        const char *value = run_fact_find(m->runs[i], fact->group, fact->name);
        bool known = !value;

        for (size_t k = 0; !known && k < count; k++)
            known = strcmp(told[k], value) == 0;
        if (known)
            continue;
        told[count++] = value;
        text = text ? document_text(d, "%s, %s", text, value) : value;
    }
    return count > 1 ? text : NULL;
}

static void add_differences(const struct metric_history *m, struct document *d)
{
    const struct finished_run *first = m->runs[0];
    const char *all = NULL;

    for (size_t i = 0; i < first->fact_count; i++) {
        const struct run_fact *f = &first->facts[i];
        const char *values = values_of_fact(d, m, f);

        if (!values)
            continue;
        values = document_text(d, "%s%s%s (%s)", f->group, *f->name ? " " : "", f->name, values);
        all = all ? document_text(d, "%s; %s", all, values) : values;
    }
    if (all)
        document_notice(
            d, TONE_UNSURE,
            "Not all runs%s%s were made alike, and a change of level can come from that: %s.",
            m->workload ? " of " : "", m->workload ? m->workload : "", all);
}

/* Of each workload once, by its longest series. */
static void add_all_differences(const struct history *h, struct document *d)
{
    for (size_t i = 0; i < h->metric_count; i++) {
        bool longest = true;

        for (size_t k = 0; longest && k < h->metric_count; k++) {
            const struct metric_history *other = &h->metrics[k];
            const bool same = other->workload == h->metrics[i].workload;

            longest = !same || other->count < h->metrics[i].count ||
                      (other->count == h->metrics[i].count && k >= i);
        }
        if (longest)
            add_differences(&h->metrics[i], d);
    }
}

static void add_method(const struct history *h, struct document *d)
{
    document_heading(d, 2, "method", "How to read this");
    document_paragraph(
        d,
        "A run is a point. A level is a stretch of runs between two change points, which E-divisive means finds: the "
        "place where the runs before and behind differ most. It stands when a t test of both levels has p below %g "
        "and the means differ by %g %% at least; a level has at least %zu runs.",
        h->change.threshold, h->change.minimum_change * 100, h->change.least_segment);
    document_paragraph(
        d,
        "The test takes the place as given though it was looked for, and levels as constant though versions change "
        "little by little: its p is smaller than the truth, hence so low a threshold. It is adjusted "
        "(Benjamini-Hochberg) for all change points and all series without one, %zu series with runs enough.",
        h->searched);
}

/* --- The whole ---------------------------------------------------------------------------------- */

static const char *title_of(const struct history *h, struct document *d)
{
    size_t metrics = 0;

    for (size_t i = 0; i < h->metric_count; i++)
        metrics += i == 0 || h->metrics[i].info != h->metrics[i - 1].info;
    return metrics == 1 ? document_text(d, "History of %s", h->metrics[0].info->name)
                        : document_text(d, "History of %zu metrics", metrics);
}

static const char *subtitle_of(const struct history *h, struct document *d)
{
    return document_text(d, "%zu run%s, from %s to %s, by %s", h->set->count, plural(h->set->count),
                         run_and_day(d, h->runs[0]), run_and_day(d, h->runs[h->set->count - 1]),
                         h->by_version ? "version" : "time");
}

/* "At 10.7.1 (2026-04-15) plutus -71.0 %, value -49.1 %": what changed at the last run at which anything did. */
static const char *last_changes(const struct changes *all, struct document *d)
{
    const struct level_change *last = &all->items[all->count - 1];
    const char *text = "";
    size_t count = 0;

    for (size_t i = 0; i < all->count; i++) {
        const struct level_change *c = &all->items[i];

        if (first_run(c)->title && strcmp(first_run(c)->title, first_run(last)->title) == 0) {
            text = document_text(d, "%s%s%s by %+.1f %%", text, count ? ", " : "",
                                 series_name(d, c->m), c->segment->change_percent);
            count++;
        }
    }
    if (count > SERIES_SHOWN / 2)
        return document_text(d, "the last time at %s, %zu of them", run_and_day(d, first_run(last)),
                             count);
    return document_text(d, "the last time at %s: %s", run_and_day(d, first_run(last)), text);
}

static const char *verdict_of(const struct history *h, const struct changes *all,
                              struct document *d)
{
    size_t changed = 0;

    for (size_t i = 0; i < h->metric_count; i++)
        changed += h->metrics[i].segment_count > 1;
    if (all->count == 0)
        return document_text(d, "No change of level in %zu series.", h->metric_count);
    return document_text(d, "%zu of %zu series changed their level; %s.", changed, h->metric_count,
                         last_changes(all, d));
}

void document_of_history(const struct history *h, struct document *d)
{
    struct changes all = list_changes(h, d);

    if (d->status)
        return;
    d->title = title_of(h, d);
    d->subtitle = subtitle_of(h, d);
    d->verdict = verdict_of(h, &all, d);
    d->verdict_tone = TONE_PLAIN;
    add_all_differences(h, d);
    add_changes(&all, d);
    add_series(h, d);
    add_levels(h, d);
    add_last_values(h, d);
    add_method(h, d);
    add_dictionary(d);
    add_provenance(d, &h->set, 1);
}
