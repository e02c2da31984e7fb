/* Is a setting predictable? How much its runs differ, and whether that is more than runs of the base do. */
#include <math.h>
#include <string.h>

#include "report/builders.h"
#include "report/sweep_cells.h"

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

static const double level = .05;

/* Told where both methods say so; the interval alone leans on the normal law. */
const char *sweep_spread_verdict(const struct sweep_results *r, const struct setting_estimate *e)
{
    bool more = e->spread.interval.low > 1, less = e->spread.interval.high < 1;

    if (e->setting == r->base)
        return "the base";
    if (!more && !less)
        return "not told";
    if (e->spread.p_robust < level)
        return more ? "more" : "less";
    return more ? "more, if values are normal" : "less, if values are normal";
}

static void add_ratio(struct document *d, struct doc_table *t, const struct variance_ratio *v)
{
    doc_add_number(d, t, v->ratio, 2);
    if (interval_known(v->interval))
        doc_add_interval(d, t, v->interval, 2);
    else
        doc_add_none(d, t);
    sweep_cell_p(d, t, v->p);
    sweep_cell_p(d, t, v->p_robust);
}

static void add_row(struct document *d, struct doc_table *t, const struct sweep_results *r,
                    const struct sweep_metric *m, size_t setting)
{
    const struct setting_estimate *e = sweep_estimate(r, m, setting);

    sweep_cell_metric(d, t, r, m);
    doc_add_text(d, t, r->all[setting].label);
    doc_add_count(d, t, (int64_t)e->n);
    doc_add_number(d, t, e->deviation, -1);
    sweep_cell_percent(d, t, 100 * e->variation, false);
    add_ratio(d, t, &e->spread);
    doc_add_text(d, t, sweep_spread_verdict(r, e));
}

void add_sweep_spread(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "setting", .head = "setting", .key = true },
        { .id = "runs", .head = "runs", .number = true, .spare = 4, .said_once = true },
        { .id = "deviation",
          .head = "deviation",
          .number = true,
          .in_unit = true,
          .spare = 1,
          .hint =
              "Standard deviation of the setting's runs, the drift from block to block included" },
        { .id = "variation",
          .head = "of the mean",
          .number = true,
          .hint = "Coefficient of variation: deviation over mean" },
        { .id = "ratio",
          .head = "variance to the base's",
          .number = true,
          .hint = "Ratio of the variances of runs" },
        { .id = "interval",
          .head = "95 %",
          .number = true,
          .hint = "Of that ratio, by the F law: right where values are normal" },
        { .id = "p", .head = "p", .number = true, .spare = 3, .hint = "By the F law" },
        { .id = "pRobust",
          .head = "p, any law",
          .number = true,
          .spare = 2,
          .hint = "Brown and Forsythe's test, which holds for values that are not normal" },
        { .id = "verdict", .head = "runs differ" },
    };
    struct doc_table *t;

    if (r->asked_count == 0 || r->runs.count == 0)
        return;
    document_heading(d, 2, "spread-heading", "How predictable each setting is");
    t = document_table(d, "spread", "How much runs of a setting differ", COLUMNS(columns));
    for (size_t i = 0; i < r->asked_count; i++)
        for (size_t k = 0; k < r->setting_count; k++)
            add_row(d, t, r, &r->metrics[i], k);
    t->note =
        "Interval and p of the F law take runs for independent and values for normal; a drift of the "
        "machine is in the runs of all settings, and draws ratios towards 1. Each line is by itself: "
        "they are not adjusted for their number.";
}
