/* Did it get worse? */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/comparison_document.h"
#include "report/figures_inside.h"

extern char figure_changes_spec[];

enum { CHANGES_MAX = 40 };

static const struct doc_column change_columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "change", .head = "change", .unit = "%", .number = true },
    { .id = "low", .head = "95 % from", .unit = "%", .number = true },
    { .id = "high", .head = "95 % to", .unit = "%", .number = true },
    { .id = "marginLow", .head = "margin from", .unit = "%", .number = true },
    { .id = "marginHigh", .head = "margin to", .unit = "%", .number = true },
    { .id = "verdict", .head = "verdict" },
};

/* In the order of the verdicts' table; what was not judged by how large it is. */
static int by_harm(const void *a, const void *b)
{
    const struct metric_comparison *x = *(const struct metric_comparison *const *)a;
    const struct metric_comparison *y = *(const struct metric_comparison *const *)b;
    double first = fabs(x->delta_percent), second = fabs(y->delta_percent);

    if (x->verdict == VERDICT_NONE && y->verdict == VERDICT_NONE && first != second)
        return first < second ? 1 : -1;
    return compare_harm(a, b);
}

/* No run moved it: nothing is to be seen. */
static bool is_constant(const struct metric_comparison *m)
{
    return m->delta == 0 && (!interval_known(m->percent_interval) ||
                             m->percent_interval.low == m->percent_interval.high);
}

struct drawn {
    const struct metric_comparison **list; /* by harm */
    size_t count, constant; /* drawn, and left out because they are the same in all runs */
};

/* Of the system under test, not of how it was run or what was left out. */
static bool is_measured(const struct metric_info *info)
{
    return info->section >= SECTION_FORGER && info->section <= SECTION_MACHPERF;
}

/* What can be drawn: judged metrics. With one run on a side there are hardly any, and all that was
 * measured is drawn. */
static struct drawn drawn_metrics(struct document *d, const struct side_comparison *c)
{
    struct drawn drawn = { 0 };
    bool all = c->base->count == 1 || c->variant->count == 1;

    if (!d->status && c->metric_count > 0)
        drawn.list = arena_take(&d->memory, c->metric_count * sizeof(void *), _Alignof(void *));
    for (size_t i = 0; drawn.list && i < c->metric_count; i++) {
        const struct metric_comparison *m = &c->metrics[i];
        bool known = isfinite(m->delta_percent) &&
                     ((all && is_measured(m->info)) || m->verdict != VERDICT_NONE);

        if (is_constant(m))
            drawn.constant += is_measured(m->info);
        else if (known)
            drawn.list[drawn.count++] = m;
    }
    if (drawn.count > 0)
        qsort(drawn.list, drawn.count, sizeof(void *), by_harm);
    return drawn;
}

/* Changes beyond that are drawn at the edge: ten times the base. Margins alone ask for no more than
 * the base, however large they are: floors of metrics near 0 are. */
#define FRAME_MOST 1000.0
#define FRAME_MARGIN 100.0

static void widen(struct interval *frame, double percent)
{
    if (isnan(percent))
        return;
    frame->low = fmax(fmin(frame->low, percent), -FRAME_MOST);
    frame->high = fmin(fmax(frame->high, percent), FRAME_MOST);
}

/* The frame holds all changes, intervals and margins, as far as they are bounded, and some air. */
static struct interval frame_of(const struct metric_comparison *const *list, size_t count)
{
    struct interval frame = { -1, 1 };

    for (size_t i = 0; i < count; i++) {
        struct interval interval = list[i]->percent_interval;
        double margin =
            isnan(list[i]->margin_percent) ? 0 : fmin(list[i]->margin_percent, FRAME_MARGIN);

        widen(&frame, list[i]->delta_percent);
        widen(&frame, margin);
        widen(&frame, -margin);
        widen(&frame, isfinite(interval.low) ? interval.low : NAN);
        widen(&frame, isfinite(interval.high) ? interval.high : NAN);
    }
    return (struct interval){ frame.low * 1.1, frame.high * 1.1 };
}

/* Whether a line or point ends beyond the frame, where an arrow tells it. */
static bool reaches_beyond(const struct metric_comparison *m, struct interval frame)
{
    struct interval of = m->percent_interval;

    return m->delta_percent < frame.low || m->delta_percent > frame.high ||
           (interval_known(of) && (of.low < frame.low || of.high > frame.high));
}

/* "[-20,-5,0,5,20]": where the scale, which is even around 0 and logarithmic beyond, has its marks.
 * Where labels are too close every second one goes: 0 stays when an even number stands before it. */
static const char *ticks_of(struct document *d, struct interval frame)
{
    static const double near[] = { 1, 2, 5, 10, 20 }, far[] = { 5, 20, 100, 500 };
    bool is_near = fmax(-frame.low, frame.high) <= 25;
    const double *marks = is_near ? near : far;
    size_t count = is_near ? sizeof near / sizeof *near : sizeof far / sizeof *far, below = 0;
    const char *text = "0";

    while (below < count && -marks[below] >= frame.low)
        below++;
    for (size_t i = below % 2; i < count; i++) {
        if (i < below)
            text = document_text(d, "%g,%s", -marks[i], text);
        if (marks[i] <= frame.high)
            text = document_text(d, "%s,%g", text, marks[i]);
    }
    return document_text(d, "[%s]", text);
}

static const char *verdict_word(enum verdict v)
{
    return v == VERDICT_NONE ? "not judged" : verdict_name(v);
}

static void add_change(struct document *d, struct doc_figure *f, const struct metric_comparison *m)
{
    bool has_margin = isfinite(m->margin_percent) && m->verdict != VERDICT_NONE;

    doc_add_text(d, &f->data, figure_metric(d, m->info));
    doc_add_number(d, &f->data, m->delta_percent, -1);
    doc_add_number(d, &f->data, m->percent_interval.low, -1);
    doc_add_number(d, &f->data, m->percent_interval.high, -1);
    doc_add_number(d, &f->data, has_margin ? -m->margin_percent : NAN, -1);
    doc_add_number(d, &f->data, has_margin ? m->margin_percent : NAN, -1);
    doc_add_text(d, &f->data, verdict_word(m->verdict));
}

static const char *changes_reading(struct document *d, const struct side_comparison *c,
                                   const struct metric_comparison *first)
{
    static const struct {
        enum verdict verdict;
        const char *one, *many;
    } told[] = {
        { VERDICT_REGRESSION, "regression", "regressions" },
        { VERDICT_IMPROVEMENT, "improvement", "improvements" },
        { VERDICT_CHANGE, "change without a better direction",
          "changes without a better direction" },
        { VERDICT_NEGLIGIBLE, "negligible difference", "negligible differences" },
        { VERDICT_EQUIVALENT, "metric that is equivalent", "metrics that are equivalent" },
        { VERDICT_INCONCLUSIVE, "metric without a conclusion", "metrics without a conclusion" },
    };
    const char *counts = "";

    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        if (c->verdicts[told[i].verdict] > 0)
            counts = document_text(
                d, "%s%s%s", counts, *counts ? ", " : "",
                figure_count(d, c->verdicts[told[i].verdict], told[i].one, told[i].many));
    }
    if (!*counts)
        return document_text(d, "No metric was judged; the greatest change is %s in %s.",
                             figure_difference(d, first->delta_percent, "%"), first->info->name);
    return document_text(d, "%s; first in the list is %s, %s (%s).", counts, first->info->name,
                         figure_difference(d, first->delta_percent, "%"),
                         verdict_word(first->verdict));
}

static const char *changes_units(struct document *d, const struct side_comparison *c,
                                 const struct drawn *drawn, size_t count, struct interval frame)
{
    bool lines = false, arrows = false, boxes = false;
    const char *text = document_text(d, "%% of base; n = %s against %s",
                                     figure_count(d, c->base->count, "run", "runs"),
                                     figure_count(d, c->variant->count, "run", "runs"));

    for (size_t i = 0; i < count; i++) {
        const struct metric_comparison *m = drawn->list[i];

        lines |= interval_known(m->percent_interval);
        arrows |= reaches_beyond(m, frame);
        boxes |= isfinite(m->margin_percent) && m->verdict != VERDICT_NONE;
    }
    if (lines)
        text =
            document_text(d, "%s; lines: 95 %% intervals%s", text,
                          c->basis == BASIS_NONE ? " of what can be counted"
                                                 : document_text(d, " (%s)", basis_name(c->basis)));
    if (boxes)
        text = document_text(
            d, "%s; boxes: margins within which a change does not matter, cut at the frame", text);
    if (arrows)
        text = document_text(d, "%s; arrows: it goes on beyond", text);
    text = drawn->count > count
               ? document_text(d, "%s; the first %zu of %zu metrics, in the order of the verdicts",
                               text, count, drawn->count)
               : document_text(d, "%s; in the order of the verdicts", text);
    if (drawn->constant == 0)
        return text;
    return document_text(d, "%s; left out: %s the same in all runs", text,
                         figure_count(d, drawn->constant, "metric that is", "metrics that are"));
}

bool figure_changes(struct document *d, const struct side_comparison *c)
{
    struct drawn drawn = drawn_metrics(d, c);
    size_t count = drawn.count < CHANGES_MAX ? drawn.count : CHANGES_MAX;
    const struct run_set *sets[] = { c->base, c->variant };
    const char *base = figure_set_label(d, sets, 2, 0), *variant = figure_set_label(d, sets, 2, 1);
    struct interval frame;
    struct doc_figure *f;

    if (count == 0)
        return false;
    frame = frame_of(drawn.list, count);
    f = document_figure(
        d, figure_named(d, "changes", c->variant->label),
        document_text(d, "Change of each metric: %s against %s", variant, base),
        figure_spec(d, figure_changes_spec,
                    (struct spec_blank[]){ { "least", NULL, figure_json(d, frame.low) },
                                           { "most", NULL, figure_json(d, frame.high) },
                                           { "ticks", NULL, ticks_of(d, frame) } },
                    3),
        change_columns, sizeof change_columns / sizeof *change_columns);
    for (size_t i = 0; i < count; i++)
        add_change(d, f, drawn.list[i]);
    f->units = changes_units(d, c, &drawn, count, frame);
    f->reading = changes_reading(d, c, drawn.list[0]);
    return true;
}
