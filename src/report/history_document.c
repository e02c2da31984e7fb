#include <math.h>
#include <string.h>

#include "report/figures.h"
#include "report/figures_inside.h"
#include "report/history_tables.h"

enum { VALUES_TOLD = 4 };

/* --- The series ------------------------------------------------------------------------------- */

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
        document_heading(d, 3, figure_named(d, "series", series_id(d, m)), series_name(d, m));
        figure_history(d, m);
        add_segment_table(m, d);
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

/* Of one workload, the longer series and of two alike the first. */
static bool stands_before(const struct metric_history *a, const struct metric_history *b)
{
    return a->workload == b->workload && (a->count != b->count ? a->count > b->count : a < b);
}

/* Of each workload once, by its longest series. */
static void add_all_differences(const struct history *h, struct document *d)
{
    for (size_t i = 0; i < h->metric_count; i++) {
        bool longest = true;

        for (size_t k = 0; longest && k < h->metric_count; k++)
            longest = !stands_before(&h->metrics[k], &h->metrics[i]);
        if (longest)
            add_differences(&h->metrics[i], d);
    }
}

static const char *least_change(const struct history *h, struct document *d)
{
    return h->change.minimum_change > 0
               ? document_text(d, " and their means differ by %g %% at least",
                               h->change.minimum_change * 100)
               : "";
}

static void add_method(const struct history *h, struct document *d)
{
    document_heading(d, 2, "method", "How to read this");
    document_paragraph(
        d,
        "A run is a point. A level is a stretch of %zu runs at least between two change points, which E-divisive means "
        "finds: the place where the runs before and behind differ most. It stands when a t test of both levels has p "
        "below %g%s.",
        h->change.least_segment, h->change.threshold, least_change(h, d));
    document_paragraph(
        d,
        "The test takes the place as given though it was looked for, and levels as constant though versions change "
        "little by little: its p is smaller than the truth, hence so low a threshold. It is adjusted "
        "(Benjamini-Hochberg) for all change points and all series without one, %zu series with runs enough.",
        h->searched);
}

/* --- The whole ---------------------------------------------------------------------------------- */

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

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
    const char *left_out = h->repeated
                               ? document_text(d, "; %zu run%s given twice, and left out",
                                               h->repeated, h->repeated == 1 ? " was" : "s were")
                               : "";

    return document_text(d, "%zu run%s, from %s to %s, by %s%s", h->run_count, plural(h->run_count),
                         run_and_day(d, h->runs[0]), run_and_day(d, h->runs[h->run_count - 1]),
                         h->by_version ? "version" : "time", left_out);
}

/* Of one metric the workloads are names enough. */
static const char *short_name(const struct history *h, const struct metric_history *m,
                              struct document *d)
{
    const bool one = h->metrics[0].info == h->metrics[h->metric_count - 1].info;

    return one && m->workload ? m->workload : series_name(d, m);
}

static bool is_same_title(const struct level_change *a, const struct level_change *b)
{
    const char *x = first_run_of(a)->title, *y = first_run_of(b)->title;

    return x && y && strcmp(x, y) == 0;
}

/* Several runs of a release are called alike, and not all began on one day. */
static bool is_of_one_day(const struct level_changes *all, const struct level_change *last,
                          struct document *d)
{
    const char *day = day_of(d, first_run_of(last));

    for (size_t i = 0; day && i < all->count; i++) {
        const char *other = day_of(d, first_run_of(&all->items[i]));

        if (is_same_title(&all->items[i], last) && (!other || strcmp(other, day) != 0))
            return false;
    }
    return day != NULL;
}

/* "value -48.9 %", and where others have another day " (2026-04-15)". */
static const char *change_text(const struct history *h, const struct level_change *c, bool one_day,
                               struct document *d)
{
    const char *day = one_day ? NULL : day_of(d, first_run_of(c));
    const char *text =
        document_text(d, "%s %+.1f %%", short_name(h, c->m, d), c->segment->change_percent);

    return day ? document_text(d, "%s (%s)", text, day) : text;
}

/* "the last time at 10.7.1 (2026-04-15): value -48.9 %; plutus -71.4 %" */
static const char *last_changes(const struct history *h, const struct level_changes *all,
                                struct document *d)
{
    const struct level_change *last = &all->items[all->count - 1];
    bool one_day = is_of_one_day(all, last, d);
    const char *text = "";
    size_t count = 0;

    for (size_t i = 0; i < all->count; i++)
        if (is_same_title(&all->items[i], last))
            text = document_text(d, "%s%s%s", text, count++ ? "; " : "",
                                 change_text(h, &all->items[i], one_day, d));
    if (count > SERIES_SHOWN / 2)
        return document_text(d, "the last time at %s, %zu of them",
                             run_and_day(d, first_run_of(last)), count);
    return document_text(d, "the last time at %s: %s",
                         one_day ? run_and_day(d, first_run_of(last)) : first_run_of(last)->title,
                         text);
}

/* What was not looked for was not found, and that is no finding. */
static const char *found_nothing(const struct history *h, struct document *d)
{
    if (h->searched == 0)
        return document_text(d, "Too few runs to look for changes of level: it takes %zu.",
                             2 * h->change.least_segment);
    if (h->metric_count == 1)
        return document_text(d, "No change of level was found in %zu runs.", h->metrics[0].count);
    return document_text(d, "No change of level was found in %zu series.", h->searched);
}

static const char *found_changes(const struct history *h, const struct level_changes *all,
                                 struct document *d)
{
    size_t changed = 0;

    for (size_t i = 0; i < h->metric_count; i++)
        changed += h->metrics[i].segment_count > 1;
    if (h->metric_count == 1)
        return document_text(d, "%zu change%s of level; %s.", all->count, plural(all->count),
                             last_changes(h, all, d));
    return document_text(d, "%zu of %zu series change their level; %s.", changed, h->metric_count,
                         last_changes(h, all, d));
}

static const char *verdict_of(const struct history *h, const struct level_changes *all,
                              struct document *d)
{
    const char *text = all->count ? found_changes(h, all, d) : found_nothing(h, d);
    const size_t unusual = count_unusual(h);

    if (unusual == 0)
        return text;
    if (h->metric_count == 1)
        return document_text(d, "%s The last value is unusual.", text);
    return document_text(d, "%s %zu last value%s unusual.", text, unusual,
                         unusual == 1 ? " is" : "s are");
}

/* Of many series the pictures of those that changed most are looked at before the long table. */
static void add_changes(const struct history *h, const struct level_changes *all,
                        struct document *d)
{
    if (h->metric_count > SERIES_SHOWN && all->count > 0) {
        add_series(h, d);
        add_change_table(all, d);
        return;
    }
    add_change_table(all, d);
    add_series(h, d);
}

void document_of_history(const struct history *h, struct document *d)
{
    struct level_changes all = list_changes(h, d);

    if (d->status)
        return;
    d->title = title_of(h, d);
    d->subtitle = subtitle_of(h, d);
    d->verdict = verdict_of(h, &all, d);
    d->verdict_tone = TONE_PLAIN;
    add_all_differences(h, d);
    add_changes(h, &all, d);
    add_level_table(h, d);
    add_last_values(h, d);
    add_method(h, d);
    add_dictionary(d);
    add_provenance(d, &h->set, 1);
}
