/* Parts of the document of a sweep, for its own files. */
#ifndef OU_REPORT_SWEEP_DOCUMENT_H
#define OU_REPORT_SWEEP_DOCUMENT_H

#include "report/document.h"
#include "study/sweep_results.h"

/* --- Words ------------------------------------------------------------------------------ */

/* What a setting is to the base: "better", "worse", "no difference that matters", "not told", "the base". Of a metric
 * without a better direction a difference is "different". */
const char *sweep_verdict(const struct sweep_results *r, const struct sweep_metric *m,
                          const struct setting_estimate *e);
/* How its runs differ beside those of the base: "more", "less", "more, if values are normal", "not told", "the base". */
const char *sweep_spread_verdict(const struct sweep_results *r, const struct setting_estimate *e);
enum doc_tone sweep_tone(const char *verdict);
/* The unit that numbers of a metric are shown in, which suits the base, and what to multiply them with. */
struct sweep_unit {
    const char *of, *shown; /* NULL: none */
    double scale;
};
struct sweep_unit sweep_unit(const struct sweep_results *r, const struct sweep_metric *m);
/* "1", "2 to 5"; NULL: not told. */
const char *sweep_ranks(struct document *d, const struct setting_estimate *e);
/* "allocation area by cores". */
const char *sweep_name_of(struct document *d, const struct sweep_results *r,
                          const struct sweep_effect *e);

/* --- Figures ------------------------------------------------------------------------------ */

/* "ms; n = 18 runs": what stands below one of a metric. */
const char *figure_sweep_units(struct document *d, const struct sweep_metric *m);

/* Settings against metrics, coloured by how each stands to the base. */
bool figure_sweep_matrix(struct document *d, const struct sweep_results *r);
/* Settings of one metric with intervals, the best first. */
bool figure_sweep_settings(struct document *d, const struct sweep_results *r,
                           const struct sweep_metric *m);
/* What each level of each axis comes to; and lines of levels of one axis at each level of another. */
bool figure_sweep_levels(struct document *d, const struct sweep_results *r,
                         const struct sweep_metric *m);
bool figure_sweep_interactions(struct document *d, const struct sweep_results *r,
                               const struct sweep_metric *m);
bool figure_sweep_pareto(struct document *d, const struct sweep_results *r);
/* How the asked metrics changed from block to block, settings taken off. */
bool figure_sweep_drift(struct document *d, const struct sweep_results *r);

/* --- Tables -------------------------------------------------------------------------------- */

/* Each with its heading or sentence; nothing where there is nothing to tell. */
void add_sweep_summary(struct document *d, const struct sweep_results *r);
void add_sweep_matrix(struct document *d, const struct sweep_results *r);
void add_sweep_ranking(struct document *d, const struct sweep_results *r,
                       const struct sweep_metric *m);
void add_sweep_effects(struct document *d, const struct sweep_results *r);
void add_sweep_levels(struct document *d, const struct sweep_results *r);
/* Whether runs of a setting differ more than those of the base. */
void add_sweep_spread(struct document *d, const struct sweep_results *r);
/* CPU and memory, with their picture. */
void add_sweep_resources(struct document *d, const struct sweep_results *r);
/* Messages, what they cost, and how many were lost. */
void add_sweep_traces(struct document *d, const struct sweep_results *r);
void add_sweep_others(struct document *d, const struct sweep_results *r);
void add_sweep_drift(struct document *d, const struct sweep_results *r);
void add_sweep_runs(struct document *d, const struct sweep_results *r);

#endif
