#include "report/text_sections.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "report/numbers.h"

/* --- Quantities in words ---------------------------------------------------- */

const char *duration_text(int64_t ns, char out[DURATION_ROOM])
{
    long long s = (long long)(ns / NS_PER_SECOND);

    if (ns == TIME_NONE)
        return "-";
    if (ns < 0)
        snprintf(out, DURATION_ROOM, "%.3f s", (double)ns / NS_PER_SECOND);
    else if (ns < NS_PER_SECOND)
        snprintf(out, DURATION_ROOM, "%lld ms", (long long)(ns / 1000000));
    else if (s < 60)
        snprintf(out, DURATION_ROOM, "%lld.%lld s", s, (long long)(ns / 100000000 % 10));
    else if (s < 3600)
        snprintf(out, DURATION_ROOM, "%lld min %lld s", s / 60, s % 60);
    else if (s < 48 * 3600)
        snprintf(out, DURATION_ROOM, "%lld h %lld min", s / 3600, s / 60 % 60);
    else
        snprintf(out, DURATION_ROOM, "%lld d %lld h", s / 86400, s / 3600 % 24);
    return out;
}

const char *instant_text(int64_t ns, char out[INSTANT_ROOM])
{
    char iso[TIME_ISO_ROOM];

    if (ns == TIME_NONE)
        return "-";
    time_format_iso(ns, iso);
    snprintf(out, INSTANT_ROOM, "%.10s %.8s UTC", iso, iso + 11);
    return out;
}

const char *bytes_text(uint64_t bytes, char out[BYTES_ROOM])
{
    static const char *const units[] = { "KB", "MB", "GB", "TB", "PB", "EB" };
    double size = (double)bytes;
    size_t unit = 0;

    if (bytes < 1000) {
        snprintf(out, BYTES_ROOM, "%d bytes", (int)bytes);
        return out;
    }
    size /= 1000;
    while (size >= 999.95) {
        size /= 1000;
        unit++;
    }
    snprintf(put_fixed(out, size, 1), 4, " %s", units[unit]);
    return out;
}

const char *count_text(uint64_t count, char out[COUNT_ROOM])
{
    *put_grouped(out, count) = '\0';
    return out;
}

/* --- Metrics ------------------------------------------------------------------- */

struct metric_list metrics_of(const struct analysis *a, enum metric_section section)
{
    struct metric_list list = { NULL, 0 };

    for (size_t i = 0; i < a->metric_count; i++) {
        if (a->metrics[i].info->section != section)
            continue;
        list.at = list.at ? list.at : &a->metrics[i];
        list.count++;
    }
    return list;
}

bool metric_has_samples(const struct metric_result *m)
{
    return m->kind == METRIC_DISTRIBUTION && m->over.n > 0;
}

/* NULL: it is there, or nobody misses it. */
static const char *absent_reason(const struct metric_result *m)
{
    if (m->kind == METRIC_ABSENT && m->absent_reason &&
        strcmp(m->absent_reason, METRIC_NOT_OF_KIND) == 0)
        return NULL;
    if (m->kind == METRIC_ABSENT && m->absent_reason)
        return m->absent_reason;
    if (m->kind == METRIC_ABSENT || (m->kind == METRIC_DISTRIBUTION && m->over.n == 0))
        return "There is no sample.";
    return NULL;
}

bool any_samples(const struct metric_list *metrics)
{
    for (size_t i = 0; i < metrics->count; i++) {
        if (metric_has_samples(&metrics->at[i]))
            return true;
    }
    return false;
}

static bool reason_is_told(const struct metric_list *metrics, size_t i, const char *reason)
{
    for (size_t before = 0; before < i; before++) {
        const char *other = absent_reason(&metrics->at[before]);

        if (other && strcmp(other, reason) == 0)
            return true;
    }
    return false;
}

void absent_notes(struct page *p, const struct metric_list *metrics)
{
    for (size_t i = 0; i < metrics->count; i++) {
        const char *reason = absent_reason(&metrics->at[i]);
        struct buffer words;

        if (!reason || reason_is_told(metrics, i, reason))
            continue;
        buffer_init(&words, allocator_libc(), 1 << 16);
        for (size_t j = i; j < metrics->count; j++) {
            const char *same = absent_reason(&metrics->at[j]);

            if (same && strcmp(same, reason) == 0)
                buffer_printf(&words, "%s%s", j > i ? ", " : "", metrics->at[j].info->name);
        }
        buffer_printf(&words, ": %s", reason);
        page_words(p, PAGE_INDENT, 2, EMPHASIS_DIM, "-", buffer_string(&words));
        buffer_inherit(p->out, &words);
        buffer_release(&words);
    }
}

void absent_notes_below(struct page *p, const struct metric_list *metrics)
{
    bool any = false;

    for (size_t i = 0; i < metrics->count; i++)
        any = any || absent_reason(&metrics->at[i]);
    if (any)
        page_line(p);
    absent_notes(p, metrics);
}

void nothing_measured(struct page *p, const struct metric_list *metrics)
{
    const char *only = NULL;
    size_t reasons = 0;

    for (size_t i = 0; i < metrics->count; i++) {
        const char *reason = absent_reason(&metrics->at[i]);

        if (reason && !reason_is_told(metrics, i, reason)) {
            only = reason;
            reasons++;
        }
    }
    if (reasons == 1) {
        page_paragraphf(p, "Nothing of this was measured: %s", only);
        return;
    }
    page_paragraph(p, "Nothing of this was measured.");
    absent_notes(p, metrics);
}

/* --- Tables of distributions ----------------------------------------------------- */

/* One unit for all of a table, so that rows can be compared at a glance. */
struct table_unit {
    const char *name;
    double scale;
    int decimals;
};

static double greatest_shown(const struct metric_list *metrics)
{
    double greatest = 0;

    for (size_t i = 0; i < metrics->count; i++) {
        const struct distribution *d = &metrics->at[i].over;

        if (metric_has_samples(&metrics->at[i]))
            greatest = fmax(greatest, fmax(d->mean, fmax(d->median, d->quantiles[QUANTILE_95])));
    }
    return greatest;
}

static struct table_unit time_unit(double greatest_s)
{
    if (greatest_s >= 10)
        return (struct table_unit){ "s", 1, 2 };
    if (greatest_s >= 1)
        return (struct table_unit){ "ms", 1000, 1 };
    return (struct table_unit){ "ms", 1000, greatest_s >= 0.01 ? 2 : 3 };
}

/* What the table has room and reason for. */
struct table_plan {
    struct metric_list metrics;
    struct table_unit unit;
    bool intervals; /* some median has one */
    bool counts;    /* a column of its own; else they are told below */
};

enum { WIDTH_FOR_COUNTS = 92, ROWS_MAX = 32 };

static struct table_plan plan_table(const struct page *p, const struct metric_list *metrics,
                                    double greatest)
{
    struct table_plan plan = { .metrics = *metrics, .unit = time_unit(greatest) };

    if (plan.metrics.count > ROWS_MAX)
        plan.metrics.count = ROWS_MAX;
    plan.counts = p->width >= WIDTH_FOR_COUNTS;
    for (size_t i = 0; i < plan.metrics.count; i++) {
        const struct distribution *d = &metrics->at[i].over;

        if (metric_has_samples(&metrics->at[i]) && isfinite(d->median_low + d->median_high))
            plan.intervals = true;
    }
    return plan;
}

static size_t plan_columns(const struct table_plan *plan, struct text_column *columns)
{
    size_t count = 0;

    columns[count++] = (struct text_column){ "", false };
    columns[count++] = (struct text_column){ "median", true };
    if (plan->intervals) {
        columns[count++] = (struct text_column){ "from", true };
        columns[count++] = (struct text_column){ "to", true };
    }
    columns[count++] = (struct text_column){ "mean", true };
    columns[count++] = (struct text_column){ "p95", true };
    if (plan->counts)
        columns[count++] = (struct text_column){ "n", true };
    return count;
}

static void distribution_row(struct text_table *t, const struct table_plan *plan,
                             const struct metric_result *m)
{
    bool known = metric_has_samples(m);
    double scale = known ? plan->unit.scale : NAN;
    int decimals = plan->unit.decimals;

    text_cell_foreign(t, m->info->name, 32);
    text_cell_number(t, m->over.median * scale, decimals);
    if (plan->intervals) {
        text_cell_number(t, m->over.median_low * scale, decimals);
        text_cell_number(t, m->over.median_high * scale, decimals);
    }
    text_cell_number(t, m->over.mean * scale, decimals);
    text_cell_number(t, m->over.quantiles[QUANTILE_95] * scale, decimals);
    if (plan->counts)
        text_cell_count(t, known ? m->over.n : 0);
}

/* Where each row's bar begins and ends, as fractions of the whole picture. */
struct bars {
    double from[ROWS_MAX], to[ROWS_MAX], tail[ROWS_MAX];
};

static void draw_bar(struct page *p, int room, size_t row, const void *context)
{
    const struct bars *bars = context;

    page_bar(p, bars->from[row], bars->to[row], bars->tail[row], room);
}

static void plan_bars(const struct metric_list *metrics, double whole, struct bars *bars)
{
    for (size_t i = 0; i < metrics->count; i++) {
        bool known = metric_has_samples(&metrics->at[i]) && whole > 0;

        bars->from[i] = 0;
        bars->to[i] = known ? metrics->at[i].over.median / whole : NAN;
        bars->tail[i] = known ? metrics->at[i].over.quantiles[QUANTILE_95] / whole : NAN;
    }
}

/* The segments up to the announcement follow each other. Sending and adoption
 * begin where the block is forged, beside the announcement; the sum of the path
 * begins at 0. Returns where the longest bar ends, in seconds. */
static double plan_waterfall(const struct metric_list *metrics, struct bars *bars)
{
    double at = 0, forged = 0, whole = 0;

    for (size_t i = 0; i < metrics->count; i++) {
        const struct metric_result *m = &metrics->at[i];
        const char *id = m->info->id;
        double length = metric_has_samples(m) ? m->over.mean : NAN;
        bool total = strcmp(id, "cdfForgerAnnounceCum") == 0;
        bool aside = strcmp(id, "cdfForgerSend") == 0 || strcmp(id, "cdfForgerAdoption") == 0;

        bars->from[i] = total ? 0 : aside ? forged : at;
        bars->to[i] = bars->tail[i] = bars->from[i] + length;
        if (isfinite(length) && !total && !aside)
            at += length;
        if (strcmp(id, "cdfForgerForge") == 0)
            forged = at;
        whole = fmax(whole, bars->to[i]); /* fmax() leaves out what is NaN */
    }
    for (size_t i = 0; i < metrics->count && whole > 0; i++) {
        bars->from[i] /= whole;
        bars->to[i] /= whole;
        bars->tail[i] /= whole;
    }
    return whole;
}

static void picture_legend(struct page *p, const struct table_plan *plan,
                           enum distribution_picture picture, double whole)
{
    char width[NUMBER_ROOM + 1];

    *put_fixed(width, whole * plan->unit.scale, plan->unit.decimals) = '\0';
    page_paragraphf(p, "Times in %s. %sBars: %s; the whole width is %s %s.", plan->unit.name,
                    plan->intervals ? "From, to: the 95 % interval of the median. " : "",
                    picture == PICTURE_BARS ? "solid to the median, light to the 95th percentile"
                                            : "the means one after the other, from slot start on",
                    width, plan->unit.name);
}

/* The least and the greatest count of those that are below `limit`. Returns
 * false when none is. */
static bool count_range(const struct metric_list *metrics, size_t limit, size_t *ret_least,
                        size_t *ret_most)
{
    *ret_least = SIZE_MAX;
    *ret_most = 0;
    for (size_t i = 0; i < metrics->count; i++) {
        size_t n = metrics->at[i].over.n;

        if (metric_has_samples(&metrics->at[i]) && n < limit) {
            *ret_least = n < *ret_least ? n : *ret_least;
            *ret_most = n > *ret_most ? n : *ret_most;
        }
    }
    return *ret_most > 0;
}

/* "n = 3 to 4: too few ..." where an interval is missing for want of values, and
 * the counts where they have no column. */
static void count_notes(struct page *p, const struct table_plan *plan)
{
    size_t needed = quantile_interval_min_n(0.5, 0.95), least, most;
    char from[COUNT_ROOM], to[COUNT_ROOM];

    if (!plan->counts && count_range(&plan->metrics, SIZE_MAX, &least, &most) && most >= needed)
        page_paragraphf(p, "n = %s%s%s.", count_text(least, from), least < most ? " to " : "",
                        least < most ? count_text(most, to) : "");
    if (count_range(&plan->metrics, needed, &least, &most))
        page_paragraphf(p,
                        "n = %zu%s%s: too few for a 95 %% interval of the median (%zu are "
                        "needed).",
                        least, least < most ? " to " : "", least < most ? count_text(most, to) : "",
                        needed);
}

void distribution_table(struct page *p, const struct metric_list *metrics,
                        enum distribution_picture picture)
{
    double whole = greatest_shown(metrics);
    struct table_plan plan = plan_table(p, metrics, whole);
    struct text_column columns[TEXT_COLUMNS_MAX];
    struct text_table t;
    struct bars bars;

    text_table_init(&t, p, columns, plan_columns(&plan, columns));
    for (size_t i = 0; i < plan.metrics.count; i++)
        distribution_row(&t, &plan, &plan.metrics.at[i]);
    if (picture == PICTURE_WATERFALL)
        whole = plan_waterfall(&plan.metrics, &bars);
    else
        plan_bars(&plan.metrics, whole, &bars);
    text_table_draw(p, &t, draw_bar, &bars);
    text_table_release(&t);
    page_line(p);
    picture_legend(p, &plan, picture, whole);
    count_notes(p, &plan);
    absent_notes(p, &plan.metrics);
}
