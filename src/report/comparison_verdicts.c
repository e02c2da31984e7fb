/* The first thing that is asked of a comparison - did it get worse? - as a
 * sentence and as a table. */
#include <stdlib.h>
#include <string.h>

#include "report/builders.h"
#include "report/comparison_document.h"

enum { NAMES_TOLD = 3 };

/* --- Order ------------------------------------------------------------------------------------- */

static int rank_of(enum verdict v)
{
    static const int ranks[VERDICT_COUNT] = {
        [VERDICT_REGRESSION] = 0, [VERDICT_CHANGE] = 1,     [VERDICT_INCONCLUSIVE] = 2,
        [VERDICT_NEGLIGIBLE] = 3, [VERDICT_EQUIVALENT] = 4, [VERDICT_IMPROVEMENT] = 5,
        [VERDICT_NONE] = 6,
    };

    return ranks[v];
}

/* The change in margins, positive where it is for the worse. */
static double harm_of(const struct metric_comparison *m)
{
    double margins = m->delta / m->margin_value;

    if (!isfinite(margins))
        return 0;
    switch (m->info->direction) {
    case DIRECTION_LESS_IS_BETTER: return margins;
    case DIRECTION_MORE_IS_BETTER: return -margins;
    case DIRECTION_NONE: break;
    }
    return fabs(margins);
}

int compare_harm(const void *a, const void *b)
{
    const struct metric_comparison *x = *(const struct metric_comparison *const *)a;
    const struct metric_comparison *y = *(const struct metric_comparison *const *)b;
    double more = harm_of(y) - harm_of(x);

    if (x->verdict != y->verdict)
        return rank_of(x->verdict) - rank_of(y->verdict);
    if (x->verdict != VERDICT_NONE && more != 0)
        return more > 0 ? 1 : -1;
    return x < y ? -1 : x > y; /* as in the dictionary */
}

const struct metric_comparison **metrics_by_harm(struct document *d,
                                                 const struct side_comparison *side, size_t *ret_n)
{
    const struct metric_comparison **ret =
        arena_take(&d->memory, (side->metric_count + 1) * sizeof(struct metric_comparison *),
                   _Alignof(void *));
    size_t n = 0;

    *ret_n = 0;
    if (!ret) {
        d->status = OU_NO_MEMORY;
        return NULL;
    }
    for (size_t i = 0; i < side->metric_count; i++)
        if (side->metrics[i].margin->method != COMPARE_NOTHING)
            ret[n++] = &side->metrics[i];
    qsort(ret, n, sizeof(struct metric_comparison *), compare_harm);
    *ret_n = n;
    return ret;
}

/* --- Sentence ---------------------------------------------------------------------------------- */

/* "CPU +5.1 %, fetch +3.0 % and 2 more" */
static const char *name_metrics(struct document *d, const struct side_comparison *side,
                                enum verdict verdict)
{
    size_t n, told = 0;
    const struct metric_comparison **list = metrics_by_harm(d, side, &n);
    const char *text = "";

    for (size_t i = 0; i < n && told < NAMES_TOLD; i++) {
        if (list[i]->verdict != verdict)
            continue;
        text = document_text(d, "%s%s%s", text, told ? ", " : "", list[i]->info->name);
        if (isfinite(list[i]->delta_percent))
            text = document_text(d, "%s %+.1f %%", text, list[i]->delta_percent);
        told++;
    }
    if (side->verdicts[verdict] > told)
        text = document_text(d, "%s and %zu more", text, side->verdicts[verdict] - told);
    return text;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Runs a side that would answer half of the open questions; NaN where too few can be planned. */
static double runs_for_half(struct document *d, const struct side_comparison *side)
{
    size_t open = side->verdicts[VERDICT_INCONCLUSIVE], n = 0;
    double *runs = arena_take(&d->memory, (open + 1) * sizeof(*runs), _Alignof(double));

    if (!runs)
        d->status = OU_NO_MEMORY;
    for (size_t i = 0; runs && i < side->metric_count; i++)
        if (isfinite(side->metrics[i].runs_needed))
            runs[n++] = side->metrics[i].runs_needed;
    if (n == 0 || 2 * n < open)
        return NAN;
    qsort(runs, n, sizeof(*runs), compare_doubles);
    return runs[(open - 1) / 2];
}

static const char *open_questions(struct document *d, const struct side_comparison *side)
{
    double runs = runs_for_half(d, side);
    size_t n = side->verdicts[VERDICT_INCONCLUSIVE];
    const char *what = side->basis == BASIS_PAIRS ? "pairs" : "runs a side";

    if (n == 0)
        return "";
    if (isnan(runs))
        return document_text(d, "; %zu %s inconclusive", n, n == 1 ? "is" : "are");
    return n == 1 ? document_text(d, "; 1 is inconclusive (%.0f %s would decide)", runs, what)
                  : document_text(d, "; %zu are inconclusive (%.0f %s would decide half of them)",
                                  n, runs, what);
}

/* "2 of 53 metrics", "the one metric", "none of 53 metrics" */
static const char *share_of(struct document *d, size_t count, size_t all)
{
    if (count == 1 && all == 1)
        return "the one metric";
    if (all == count)
        return document_text(d, "all %zu metrics", all);
    if (count == 0)
        return all == 1 ? "not the one metric" : document_text(d, "none of %zu metrics", all);
    return document_text(d, "%zu of %zu metrics", count, all);
}

const char *side_sentence(struct document *d, const struct side_comparison *side,
                          enum doc_tone *ret_tone)
{
    const char *who = side->variant->label, *open = open_questions(d, side);
    const size_t *n = side->verdicts, same = n[VERDICT_EQUIVALENT] + n[VERDICT_NEGLIGIBLE];

    /* Counts alone may have been tested: that is no answer. */
    if (n[VERDICT_REGRESSION] == 0 &&
        (side->basis == BASIS_NONE || side->basis == BASIS_WITHIN_RUN)) {
        *ret_tone = TONE_UNSURE;
        return document_text(d,
                             "No verdict on %s: with one run a side, how much runs differ anyway "
                             "is unknown; give several runs, or a history.",
                             who);
    }
    if (n[VERDICT_REGRESSION]) {
        *ret_tone = TONE_BAD;
        return document_text(d, "Regression: %s of %s %s worse (%s)%s.",
                             share_of(d, n[VERDICT_REGRESSION], side->judged), who,
                             n[VERDICT_REGRESSION] == 1 ? "is" : "are",
                             name_metrics(d, side, VERDICT_REGRESSION), open);
    }
    *ret_tone = n[VERDICT_INCONCLUSIVE] ? TONE_UNSURE : TONE_GOOD;
    if (n[VERDICT_IMPROVEMENT])
        return document_text(d, "No regression found in %s: %s %s better (%s)%s.", who,
                             share_of(d, n[VERDICT_IMPROVEMENT], side->judged),
                             n[VERDICT_IMPROVEMENT] == 1 ? "is" : "are",
                             name_metrics(d, side, VERDICT_IMPROVEMENT), open);
    if (same == 0 && side->judged == 1)
        return document_text(d, "No regression found in %s, nor that it is the same%s.", who, open);
    return document_text(d, "No regression found in %s: %s %s the same within %s margin%s%s.", who,
                         share_of(d, same, side->judged), same == 1 ? "is" : "are",
                         same == 1 ? "its" : "their", same == 1 ? "" : "s", open);
}

/* --- Table ------------------------------------------------------------------------------------- */

static enum doc_tone tone_of(enum verdict v)
{
    static const enum doc_tone tones[VERDICT_COUNT] = {
        [VERDICT_NONE] = TONE_QUIET,          [VERDICT_REGRESSION] = TONE_BAD,
        [VERDICT_IMPROVEMENT] = TONE_GOOD,    [VERDICT_CHANGE] = TONE_UNSURE,
        [VERDICT_NEGLIGIBLE] = TONE_PLAIN,    [VERDICT_EQUIVALENT] = TONE_PLAIN,
        [VERDICT_INCONCLUSIVE] = TONE_UNSURE,
    };

    return tones[v];
}

static const char *effect_text(const struct metric_comparison *m)
{
    return m->base_n < 2 || m->new_n < 2 || isnan(m->cliffs) ? "-" : cliffs_word(m->cliffs);
}

static const char *p_text(struct document *d, double p)
{
    if (isnan(p))
        return "-";
    if (p < .0001)
        return "<0.0001";
    if (p < .05 && p >= .04995)
        return "<0.05"; /* readers hold it against .05: it must not be rounded to that */
    return document_text(d, "%#.3g", p);
}

/* Hundredths of a percent where they are among the first four digits. */
static int percent_decimals(double size)
{
    return size < 100 ? 2 : size < 1000 ? 1 : 0;
}

static void add_percent(struct document *d, struct doc_table *t, double percent, enum doc_tone tone)
{
    if (!isfinite(percent)) {
        doc_add_none(d, t);
        return;
    }
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = DOC_NUMBER,
                                    .tone = tone,
                                    .number = percent,
                                    .decimals = percent_decimals(fabs(percent)),
                                    .sign = true,
                                    .percent = true });
}

static void add_percent_interval(struct document *d, struct doc_table *t, struct interval i)
{
    double low = isfinite(i.low) ? fabs(i.low) : 0, high = isfinite(i.high) ? fabs(i.high) : 0;

    if (!interval_known(i)) {
        doc_add_none(d, t);
        return;
    }
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = DOC_INTERVAL,
                                    .interval = i,
                                    .decimals = percent_decimals(fmax(low, high)),
                                    .sign = true,
                                    .percent = true });
}

/* The margin in force: the greater one of share and floor, in percent of the base. */
static void add_margin(struct document *d, struct doc_table *t, const struct metric_comparison *m)
{
    if (!isfinite(m->margin_percent)) {
        doc_add_none(d, t);
        return;
    }
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = DOC_NUMBER,
                                    .number = m->margin_percent,
                                    .decimals = m->margin_percent < 10 ? 1 : 0,
                                    .percent = true });
}

static struct interval interval_shown(const struct metric_comparison *m)
{
    return m->basis == BASIS_WITHIN_RUN ? percent_of_base(m, m->within_run) : m->percent_interval;
}

static void add_numbers(struct document *d, struct doc_table *t, const struct metric_comparison *m)
{
    const double numbers[] = {
        m->delta,      m->delta_interval.low, m->delta_interval.high, m->p,
        m->p_adjusted, m->mann_whitney_p,     m->equivalence_p,       m->cliffs,
        m->hedges
    };

    doc_add_text(d, t, m->info->unit);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        doc_add_number(d, t, numbers[i], -1);
    doc_add_text(d, t, basis_name(m->basis));
}

static const struct metric_info *info_at(const void *metrics, size_t i)
{
    return ((const struct metric_comparison *)metrics)[i].info;
}

static struct doc_cell name_cell(struct document *d, const struct side_comparison *side,
                                 const struct metric_comparison *m)
{
    return metric_cell_among(d, m->info, side->metrics, side->metric_count, info_at);
}

static void add_row(struct document *d, struct doc_table *t, const struct side_comparison *side,
                    const struct metric_comparison *m)
{
    enum doc_tone tone = tone_of(m->verdict);

    doc_add_cell(d, t, name_cell(d, side, m));
    doc_add_number(d, t, m->base, -1);
    doc_add_number(d, t, m->new_value, -1);
    add_percent(d, t, m->delta_percent, tone);
    add_percent_interval(d, t, interval_shown(m));
    doc_add_text(d, t, p_text(d, m->p_adjusted));
    doc_add_text(d, t, effect_text(m));
    add_margin(d, t, m);
    doc_add_cell(
        d, t,
        (struct doc_cell){
            .kind = DOC_TEXT, .tone = tone, .text = verdict_name(m->verdict), .hint = m->why });
    doc_add_number(d, t, m->runs_needed, 0);
    add_numbers(d, t, m);
}

static struct doc_table *begin_table(const struct side_comparison *side, size_t number,
                                     struct document *d)
{
    bool within = side->basis == BASIS_WITHIN_RUN;
    const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "base",
          .head = side->base->label,
          .number = true,
          .hint = "mean over the runs",
          .in_unit = true,
          .spare = 1 },
        { .id = "new",
          .head = side->variant->label,
          .number = true,
          .hint = "mean over the runs",
          .in_unit = true,
          .spare = 1 },
        { .id = "changePercent", .head = "change", .number = true },
        { .id = "interval",
          .head = within ? "95 % within" : "95 %",
          .number = true,
          .hint = within ? "of the change, from blocks and hosts of the two runs: where a mean of "
                           "more blocks of the same runs would lie; other runs may lie anywhere"
                         : "interval of the relative change, by Fieller; of counts exact" },
        { .id = "pAdjustedText",
          .head = "adj. p",
          .number = true,
          .hint =
              "of the difference, adjusted for all metrics that are tested; the interval beside "
              "it is this metric's own" },
        { .id = "effect", .head = "effect", .hint = "Cliff's delta in a word", .spare = 3 },
        { .id = "marginPercent",
          .head = "margin",
          .number = true,
          .spare = 4,
          .hint =
              "how much matters: a share of the base, or the metric's floor where that is more" },
        { .id = "verdict", .head = "verdict", .stays = true },
        { .id = "runsNeeded",
          .head = side->basis == BASIS_PAIRS ? "pairs needed" : "runs needed",
          .number = true,
          .spare = 2,
          .hint =
              "on each side, so that a change as large as the margin would be found, and none be "
              "shown to be none, each with probability 0.8",
          .machine_only = side->verdicts[VERDICT_INCONCLUSIVE] == 0 },
        { .id = "unit", .head = "unit", .machine_only = true },
        { .id = "delta", .head = "difference", .number = true, .machine_only = true },
        { .id = "deltaLow", .head = "from", .number = true, .machine_only = true },
        { .id = "deltaHigh", .head = "to", .number = true, .machine_only = true },
        { .id = "p", .head = "p, single", .number = true, .machine_only = true },
        { .id = "pAdjusted", .head = "p, adjusted", .number = true, .machine_only = true },
        { .id = "pRanks", .head = "p, Mann-Whitney", .number = true, .machine_only = true },
        { .id = "pEquivalence", .head = "p, equivalence", .number = true, .machine_only = true },
        { .id = "cliffsDelta", .head = "Cliff's delta", .number = true, .machine_only = true },
        { .id = "hedgesG", .head = "Hedges' g", .number = true, .machine_only = true },
        { .id = "basis", .head = "basis", .machine_only = true },
    };

    return document_table(
        d, document_text(d, "verdicts-%zu", number),
        document_text(d, "%s against %s", side->variant->label, side->base->label), columns,
        sizeof(columns) / sizeof(*columns));
}

/* No run has another value; counts have none. */
static bool is_zero_in(const struct run_set *set, const struct metric_info *info)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct run_value *v = run_value_find(&set->runs[i], info->section, info->id);

        if (v && v->mean != 0)
            return false;
    }
    return true;
}

void add_verdict_table(const struct side_comparison *side, size_t number, struct document *d)
{
    size_t n;
    const struct metric_comparison **list = metrics_by_harm(d, side, &n);
    struct doc_table *t = begin_table(side, number, d);
    const char *zeros = "";

    for (size_t i = 0; i < n; i++) {
        add_row(d, t, side, list[i]);
        if (list[i]->base == 0 && list[i]->new_value == 0 &&
            is_zero_in(side->base, list[i]->info) && is_zero_in(side->variant, list[i]->info))
            hide_zero_row(d, t, list[i]->info, &zeros);
    }
    tell_zero_rows(d, t, zeros);
}
