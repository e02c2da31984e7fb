/* From results to documents: what each report says, in which order. */
#ifndef OU_REPORT_BUILDERS_H
#define OU_REPORT_BUILDERS_H

#include "report/document.h"
#include "study/comparison.h"
#include "study/history.h"
#include "study/sweep_results.h"
#include "study/variance.h"

/* One run: what it was, what is to be known before trusting it, its metrics, its pictures (time series, arrival curve,
 * waterfall, hosts). */
void document_of_run(const struct finished_run *run, struct document *d);

/* A set of repeated runs: the columns of multi-run tables, intervals, shares of variance, drift, odd ones, runs needed. */
void document_of_variance(const struct variance *v, struct document *d);

/* Verdicts first, then the tables of the field's comparison reports, then pictures, the manifest, the dictionary. */
void document_of_comparison(const struct comparison *c, struct document *d);

/* A sweep: which setting to take and what carries it, settings against metrics, what each axis does, how sure that is. */
void document_of_sweep(const struct sweep_results *r, struct document *d);

void document_of_history(const struct history *h, struct document *d);

/* --- Parts that several of them have ------------------------------------------ */

/* Manifest and dictionary begin with a heading of their own unless they follow one. */

/* Identification, versions, compiler, workload: a row a line, a column a run; long sets are cut with a word. */
void add_manifest(struct document *d, const struct run_set *const *sets, size_t set_count);
/* What each metric means that a table above it names (doc_cell.metric): to be called last. Cells elsewhere link here. */
void add_dictionary(struct document *d);
/* "endtoend/cdf0.50", in the document's memory: for doc_cell.metric. */
const char *metric_link(struct document *d, const struct metric_info *info);
/* Program and inputs for the footer: each set with its runs and the checksums of their files. A builder that draws random
 * numbers adds its seed. */
void add_provenance(struct document *d, const struct run_set *const *sets, size_t set_count);
/* A cell with the readable name of a metric, its unit ("adoption by 0.50 of the hosts, s") and its link. Columns whose
 * numbers are in that unit are to be in_unit. */
struct doc_cell metric_cell(struct document *d, const struct metric_info *info);
/* The same in a table of a list's metrics, of which metric_at() gives each: where forgers and machines have one of the same
 * name, the section stands behind it. */
typedef const struct metric_info *(*metric_at)(const void *list, size_t i);
struct doc_cell metric_cell_among(struct document *d, const struct metric_info *info,
                                  const void *list, size_t count, metric_at at);
/* A cell with text about a run, a link to its page where the document knows of one. */
struct doc_cell run_cell(struct document *d, const struct finished_run *run, const char *text);
/* People need no row of a metric that is 0 in all runs: hides the row begun last, and its name goes into `names`, which
 * the caller begins as "". */
void hide_zero_row(struct document *d, struct doc_table *t, const struct metric_info *info,
                   const char **names);
/* Says below the table which rows were hidden. */
void tell_zero_rows(struct document *d, struct doc_table *t, const char *names);

#endif
