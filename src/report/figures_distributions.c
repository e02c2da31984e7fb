#include <ctype.h>
#include <math.h>
#include <string.h>

#include "report/figures_inside.h"
#include "stats/mean.h"
#include "stats/quantile.h"
#include "stats/two_samples.h"

extern char figure_cdf_spec[], figure_cdf_log_spec[], figure_shift_spec[]; /* of data/figures */

enum { SETS_MAX = 6 };

/* --- Distribution functions ---------------------------------------------------------- */

static const struct doc_column cdf_columns[] = {
    { .id = "series", .head = "runs" },
    { .id = "value", .head = "value", .number = true },
    { .id = "share", .head = "share of blocks at or below", .number = true },
    { .id = "low", .head = "band from", .number = true },
    { .id = "high", .head = "band to", .number = true },
};

/* How many of the sample are at or below x. */
static size_t count_up_to(const struct sample *s, double x)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->values[middle] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* One set's function: of all its runs' blocks together, with the least and greatest of its runs as
 * band, or around a single run the band in which its true function lies. */
struct cdf {
    const char *label;
    const struct run_set *set;
    struct sample all;
    struct sample *runs; /* of each run, when there are several */
};

static struct sample *samples_of_runs(struct document *d, const struct run_set *set,
                                      const struct metric_info *info)
{
    struct sample *runs =
        d->status ? NULL
                  : arena_take(&d->memory, set->count * sizeof *runs, _Alignof(struct sample));

    for (size_t i = 0; runs && i < set->count; i++)
        runs[i] = sample_of_run(d, &set->runs[i], info);
    return runs;
}

static struct interval band_at(const struct cdf *c, double value, double share)
{
    struct interval band = { 1, 0 };
    double half;

    if (!c->runs) {
        half = dkw_half_width(c->all.count, 0.05);
        return (struct interval){ fmax(share - half, 0), fmin(share + half, 1) };
    }
    for (size_t i = 0; i < c->set->count; i++) {
        double of_run;

        if (c->runs[i].count == 0)
            continue;
        of_run = (double)count_up_to(&c->runs[i], value) / (double)c->runs[i].count;
        band.low = fmin(band.low, of_run);
        band.high = fmax(band.high, of_run);
    }
    return band;
}

static void add_curve(struct document *d, struct doc_figure *f, const struct cdf *c)
{
    size_t n = c->all.count, points = n < CURVE_POINTS ? n : CURVE_POINTS;
    double before = NAN;

    for (size_t k = 0; k < points; k++) {
        size_t at = points > 1 ? k * (n - 1) / (points - 1) : 0;
        double value = c->all.values[at];
        double share = (double)count_up_to(&c->all, value) / (double)n;
        struct interval band = band_at(c, value, share);

        if (value == before)
            continue;
        before = value;
        doc_add_text(d, &f->data, c->label);
        doc_add_number(d, &f->data, value, -1);
        doc_add_number(d, &f->data, share, -1);
        doc_add_number(d, &f->data, band.low, -1);
        doc_add_number(d, &f->data, band.high, -1);
    }
}

static void add_box(struct document *d, struct doc_figure *f, const char *label,
                    const struct sample *s)
{
    if (s->count > 0)
        doc_figure_box(d, f,
                       (struct doc_box){ label, s->values[0],
                                         quantile_sorted(s->values, s->count, .25, QUANTILE_TYPE7),
                                         quantile_sorted(s->values, s->count, .5, QUANTILE_TYPE7),
                                         quantile_sorted(s->values, s->count, .75, QUANTILE_TYPE7),
                                         s->values[s->count - 1] });
}

/* --- What of it is drawn ------------------------------------------------------------- */

/* A tail is cut where it is longer than so many times what 90 % of the blocks take. */
#define TAIL_MOST 3.0

/* Where the curves rise: a few late blocks would leave them a line at the edge. */
static struct interval bulk_of(const struct cdf *curves, size_t count)
{
    struct interval bulk = { INFINITY, -INFINITY };

    for (size_t i = 0; i < count; i++) {
        const struct sample *s = &curves[i].all;
        double p05 = quantile_sorted(s->values, s->count, .05, QUANTILE_TYPE7);
        double p95 = quantile_sorted(s->values, s->count, .95, QUANTILE_TYPE7);
        double tail = TAIL_MOST * (p95 - p05);

        if (!(tail > 0))
            tail = INFINITY;
        bulk.low = fmin(bulk.low, fmax(s->values[0], p05 - tail));
        bulk.high = fmax(bulk.high, fmin(s->values[s->count - 1], p95 + tail));
    }
    return bulk;
}

static struct interval range_of(const struct cdf *curves, size_t count)
{
    struct interval range = { INFINITY, -INFINITY };

    for (size_t i = 0; i < count; i++) {
        range.low = fmin(range.low, curves[i].all.values[0]);
        range.high = fmax(range.high, curves[i].all.values[curves[i].all.count - 1]);
    }
    return range;
}

static const char *interval_json(struct document *d, struct interval of)
{
    return document_text(d, "[%s,%s]", figure_json(d, of.low), figure_json(d, of.high));
}

static const char *add_tick(struct document *d, const char *text, double value)
{
    return document_text(d, "%s%s%.6g", text, *text ? "," : "", value);
}

/* Marks of a logarithmic axis: 1, 2 and 5 of each power of ten, powers alone when there are many, and within
 * less than one power even steps, of which there would be one or two otherwise. */
static const char *log_ticks(struct document *d, struct interval range)
{
    static const double parts[] = { 1, 2, 5 };
    double powers = log10(range.high / range.low), raw = (range.high - range.low) / 4;
    double power = pow(10, floor(log10(powers < 1 && raw > 0 ? raw : range.low)));
    double step = (raw / power < 2 ? 1 : raw / power < 5 ? 2 : 5) * power;
    const char *text = "";

    if (powers < 1 && raw > 0) {
        double first = ceil(range.low / step);
        int count = (int)(floor(range.high / step) - first) + 1;

        for (int i = 0; i < count; i++)
            text = add_tick(d, text, (first + i) * step);
        return document_text(d, "[%s]", text);
    }
    for (int k = 0; k <= (int)powers + 1; k++) {
        for (int i = 0; i < (powers > 3 ? 1 : 3); i++) {
            double tick = parts[i] * power * pow(10, k);

            if (tick >= range.low && tick <= range.high)
                text = add_tick(d, text, tick);
        }
    }
    return document_text(d, "[%s]", text);
}

/* "; linear scale from 76.0 to 93.1 ms, without 12 of 1,014 blocks"; nothing where all is drawn. */
static const char *beyond_words(struct document *d, const struct cdf *curves, size_t count,
                                const struct metric_info *info)
{
    struct interval bulk = bulk_of(curves, count);
    size_t all = 0, beyond = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sample *s = &curves[i].all;

        all += s->count;
        beyond += s->count - count_up_to(s, bulk.high);
        for (size_t k = 0; k < s->count && s->values[k] < bulk.low; k++)
            beyond++;
    }
    if (beyond == 0)
        return "";
    return document_text(d, "; linear scale from %s to %s, without %zu of %s",
                         figure_amount(d, bulk.low, info->unit),
                         figure_amount(d, bulk.high, info->unit), beyond,
                         figure_count(d, all, "block", "blocks"));
}

static const char *cdf_units(struct document *d, const struct cdf *curves, size_t count,
                             const struct metric_info *info)
{
    const char *text = document_text(d, "%s; n", *info->unit ? info->unit : "no unit");

    for (size_t i = 0; i < count; i++)
        text = document_text(d, "%s%s %s in %s of %s", text, i > 0 ? "," : " =",
                             figure_count(d, curves[i].all.count, "block", "blocks"),
                             figure_count(d, curves[i].set->count, "run", "runs"), curves[i].label);
    return document_text(
        d,
        "%s; accepted blocks; band: %s; quantiles %s; at most %d points a curve, evenly by rank%s",
        text,
        count == 1 && !curves[0].runs ? "95 % (DKW), of this run only"
                                      : "least and greatest run, for a single run 95 % (DKW)",
        quantile_rule_name(QUANTILE_TYPE7), CURVE_POINTS, beyond_words(d, curves, count, info));
}

/* "; no values of blocks of base: variance files keep none": the sides that have no curve. */
static const char *missing_sides(struct document *d, const struct run_set *const *sets,
                                 size_t set_count, const struct cdf *curves, size_t count)
{
    const char *text = "";

    for (size_t i = 0; i < set_count; i++) {
        bool drawn = false, kept = true;

        for (size_t k = 0; k < count; k++)
            drawn = drawn || curves[k].set == sets[i];
        for (size_t r = 0; r < sets[i]->count; r++)
            kept = kept && sets[i]->runs[r].source == RUN_FROM_ANALYSIS;
        if (!drawn && count < SETS_MAX)
            text = document_text(d, "%s; no values of blocks of %s%s", text,
                                 figure_set_label(d, sets, set_count, i),
                                 kept ? "" : ": only analyses of single runs keep them");
    }
    return text;
}

/* Each side is named, also when it is the only one of several that has a curve. */
static const char *cdf_reading(struct document *d, const struct cdf *curves, size_t count,
                               size_t set_count, const struct metric_info *info)
{
    const char *text = document_text(d, "%c%s: half of the blocks are ",
                                     toupper((unsigned char)info->name[0]), info->name + 1);

    for (size_t i = 0; i < count; i++) {
        const struct sample *s = &curves[i].all;
        double median = quantile_sorted(s->values, s->count, .5, QUANTILE_TYPE7);
        double p95 = quantile_sorted(s->values, s->count, .95, QUANTILE_TYPE7);

        text = document_text(d, "%s%sat or below %s, 95 %% at or below %s%s%s", text,
                             i > 0 ? "; half " : "", figure_amount(d, median, info->unit),
                             figure_amount(d, p95, info->unit), set_count > 1 ? " in " : "",
                             set_count > 1 ? curves[i].label : "");
    }
    return document_text(d, "%s.", text);
}

static size_t cdf_curves(struct document *d, const struct run_set *const *sets, size_t set_count,
                         const struct metric_info *info, struct cdf ret[SETS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < set_count && count < SETS_MAX; i++) {
        struct cdf c = { .label = figure_set_label(d, sets, set_count, i), .set = sets[i] };

        c.all = sample_of_set(d, sets[i], info);
        c.runs = sets[i]->count > 1 ? samples_of_runs(d, sets[i], info) : NULL;
        if (c.all.count >= 2 && (c.runs || sets[i]->count == 1))
            ret[count++] = c;
    }
    return count;
}

bool figure_cdf(struct document *d, const struct run_set *const *sets, size_t set_count,
                enum metric_section section, const char *id)
{
    const struct metric_info *info = dictionary_find(section, id);
    struct cdf curves[SETS_MAX];
    size_t count = info ? cdf_curves(d, sets, set_count, info, curves) : 0;
    struct interval range;
    bool positive;
    struct doc_figure *f;

    if (count == 0)
        return false;
    range = range_of(curves, count);
    positive = range.low > 0;
    f = document_figure(d, figure_id(d, "cdf", info),
                        document_text(d, "Distribution of %s", info->name),
                        figure_spec(d, positive ? figure_cdf_log_spec : figure_cdf_spec,
                                    (struct spec_blank[]){
                                        { "axis", figure_axis(d, info), NULL },
                                        { "bulk", NULL, interval_json(d, bulk_of(curves, count)) },
                                        { "range", NULL, interval_json(d, range) },
                                        { "ticks", NULL, positive ? log_ticks(d, range) : "[]" } },
                                    4),
                        cdf_columns, sizeof cdf_columns / sizeof *cdf_columns);
    for (size_t i = 0; i < count; i++) {
        add_curve(d, f, &curves[i]);
        add_box(d, f, curves[i].label, &curves[i].all);
    }
    f->units = document_text(d, "%s%s", cdf_units(d, curves, count, info),
                             missing_sides(d, sets, set_count, curves, count));
    f->reading = cdf_reading(d, curves, count, set_count, info);
    return true;
}

/* --- Differences of quantiles ------------------------------------------------------- */

static const struct doc_column shift_columns[] = {
    { .id = "quantile", .head = "quantile", .unit = "%", .number = true },
    { .id = "base", .head = "base", .number = true },
    { .id = "new", .head = "new", .number = true },
    { .id = "difference", .head = "difference", .number = true },
    { .id = "low", .head = "95 % from", .number = true },
    { .id = "high", .head = "95 % to", .number = true },
};

/* The p-quantile of each run's blocks. Returns how many runs have one. */
static size_t run_quantiles(const struct sample *runs, size_t count, double p, double *ret)
{
    size_t n = 0;

    for (size_t i = 0; i < count; i++) {
        if (runs[i].count > 0)
            ret[n++] = quantile_sorted(runs[i].values, runs[i].count, p, QUANTILE_TYPE7);
    }
    return n;
}

/* What the sentence below the picture is made of. */
struct shift_facts {
    double median, most, most_at;
    size_t points, clear;
    bool intervals;
    size_t base_blocks, new_blocks;
};

static void add_shift(struct document *d, struct doc_figure *f, double p,
                      const struct two_samples *sides, struct shift_facts *facts)
{
    double base = mean_of(sides->a, sides->na), variant = mean_of(sides->b, sides->nb);
    struct interval interval = interval_none();

    if (sides->na >= 2 && sides->nb >= 2)
        interval = welch_test(sides, .95).interval;
    doc_add_number(d, &f->data, p * 100, -1);
    doc_add_number(d, &f->data, base, -1);
    doc_add_number(d, &f->data, variant, -1);
    doc_add_number(d, &f->data, variant - base, -1);
    doc_add_number(d, &f->data, interval.low, -1);
    doc_add_number(d, &f->data, interval.high, -1);
    facts->points++;
    facts->intervals |= interval_bounded(interval);
    facts->clear += interval_bounded(interval) && (interval.low > 0 || interval.high < 0);
    if (p == .5)
        facts->median = variant - base;
    if (facts->points == 1 || fabs(variant - base) > fabs(facts->most)) {
        facts->most = variant - base;
        facts->most_at = p;
    }
}

static const char *shift_reading(struct document *d, const struct shift_facts *facts,
                                 const struct metric_info *info)
{
    const char *text = document_text(
        d, "The median of %s differs by %s; the quantiles lie furthest apart at %g %%, by %s",
        info->name, figure_difference(d, facts->median, info->unit), facts->most_at * 100,
        figure_difference(d, facts->most, info->unit));

    if (!facts->intervals)
        return document_text(
            d, "%s; with one run on a side nobody knows what other runs would show.", text);
    return document_text(d, "%s; the interval leaves out 0 at %zu of %zu quantiles.", text,
                         facts->clear, facts->points);
}

static void add_shifts(struct document *d, struct doc_figure *f, const struct run_set *const *sets,
                       struct sample *const *runs, struct shift_facts *facts)
{
    double *a = figure_numbers(d, sets[0]->count), *b = figure_numbers(d, sets[1]->count);

    for (size_t i = 0; a && b && i < STANDARD_QUANTILES; i++) {
        double p = standard_quantiles[i];
        struct two_samples sides = { .a = a, .b = b };

        if (p < .05 || p > .99)
            continue;
        sides.na = run_quantiles(runs[0], sets[0]->count, p, a);
        sides.nb = run_quantiles(runs[1], sets[1]->count, p, b);
        add_shift(d, f, p, &sides, facts);
    }
}

bool figure_shift(struct document *d, const struct run_set *base, const struct run_set *variant,
                  enum metric_section section, const char *id)
{
    const struct metric_info *info = dictionary_find(section, id);
    const struct run_set *sets[] = { base, variant };
    struct cdf curves[SETS_MAX];
    struct sample *runs[2];
    struct shift_facts facts = { 0 };
    struct doc_figure *f;

    if (!info || cdf_curves(d, sets, 2, info, curves) < 2)
        return false;
    for (int i = 0; i < 2; i++)
        runs[i] = curves[i].runs ? curves[i].runs : &curves[i].all;
    f = document_figure(
        d, figure_id(d, "shift", info),
        document_text(d, "How far the quantiles of %s lie apart", info->name),
        figure_spec(d, figure_shift_spec,
                    &(struct spec_blank){ "axis",
                                          document_text(d, "%s - %s, %s", curves[1].label,
                                                        curves[0].label, info->unit),
                                          NULL },
                    1),
        shift_columns, sizeof shift_columns / sizeof *shift_columns);
    add_shifts(d, f, sets, runs, &facts);
    f->units = document_text(
        d,
        "%s; n = %s against %s; quantiles %s of each run's accepted blocks, averaged over runs; %s",
        info->unit, figure_count(d, base->count, "run", "runs"),
        figure_count(d, variant->count, "run", "runs"), quantile_rule_name(QUANTILE_TYPE7),
        facts.intervals ? "band: 95 % (Welch, over runs), each quantile by itself"
                        : "no interval: it takes two runs on each side");
    f->reading = shift_reading(d, &facts, info);
    return true;
}
