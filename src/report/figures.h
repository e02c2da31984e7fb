/* Figures, each with its data, a Vega-Lite specification (data/figures/NAME.vl.json),
 * its units and n, and the sentence that says what is to be seen. A figure for
 * which there is no data is not added; each returns whether it was. */
#ifndef OU_REPORT_FIGURES_H
#define OU_REPORT_FIGURES_H

#include "report/builders.h"

/* Distribution functions laid over each other, with bands: of a metric of blocks, by set (runs pooled, band over runs)
 * or by the 95 % DKW band for a single run. Then how far the quantiles lie apart ("shift function"). */
bool figure_cdf(struct document *d, const struct run_set *const *sets, size_t set_count,
                enum metric_section section, const char *id);
bool figure_shift(struct document *d, const struct run_set *base, const struct run_set *variant,
                  enum metric_section section, const char *id);
/* Every run a strip of its blocks' values, in run order; and the shares of variance as bars. */
bool figure_run_strips(struct document *d, const struct run_set *set, enum metric_section section,
                       const char *id);
bool figure_shares(struct document *d, const struct variance *v);
/* Hosts against metrics, coloured by modified z score. */
bool figure_host_heat(struct document *d, const struct run_set *set);
/* Lines over slots, with epochs and adopted blocks marked. */
bool figure_timeline(struct document *d, const struct finished_run *run);
/* Share of hosts over time since the slot start, with the physical bound. */
bool figure_arrival(struct document *d, const struct finished_run *run);
/* Stacked phases from the slot start to adoption. */
bool figure_phases(struct document *d, const struct run_set *const *sets, size_t set_count);
/* Change of each metric with interval and margin, the verdict as mark. */
bool figure_changes(struct document *d, const struct side_comparison *c);
bool figure_history(struct document *d, const struct metric_history *h);
/* Half width against the number of runs, and the smallest visible change. */
bool figure_runs_needed(struct document *d, const struct variance *v);

#endif
