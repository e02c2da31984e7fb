/* What the figures share: their specifications with their blanks filled in, names
 * that tell sets and runs apart, samples of blocks, and numbers for sentences.
 * All of it lives in the document. */
#ifndef OU_REPORT_FIGURES_INSIDE_H
#define OU_REPORT_FIGURES_INSIDE_H

#include "report/figures.h"

/* Thinned to so many points: a picture shows no more. */
enum { CURVE_POINTS = 200, STRIP_POINTS = 400 };

/* --- Specifications ------------------------------------------------------------- */

/* A blank of a specification, "@name@", and what stands in its place: text inside a string, or JSON,
 * which also takes the place of the quotes when they hold nothing else. */
struct spec_blank {
    const char *name;
    const char *text;
    const char *json; /* where text is NULL */
};

/* JSON: `spec` of data/figures with its blanks filled in. */
const char *figure_spec(struct document *d, const char *spec, const struct spec_blank *blanks,
                        size_t count);

/* A finite number for a blank. */
const char *figure_json(struct document *d, double number);

/* "cdf-endtoend-cdf0-50": an id of a word and any text; of a figure of one metric. */
const char *figure_named(struct document *d, const char *what, const char *text);
const char *figure_id(struct document *d, const char *what, const struct metric_info *info);

/* --- Words ------------------------------------------------------------------------ */

/* The number with about three digits, and its unit: "0.512 s", "3.2 ms", "1,230 MB", "4.1 %". */
const char *figure_amount(struct document *d, double value, const char *unit);
/* The same with a plus before positive ones. */
const char *figure_difference(struct document *d, double value, const char *unit);
/* "1 run", "2,315 blocks". */
const char *figure_count(struct document *d, size_t count, const char *one, const char *many);
/* The name of a metric, with its section where metrics of several sections are called so. */
const char *figure_metric(struct document *d, const struct metric_info *info);
/* "name, unit"; without the unit where there is none. */
const char *figure_axis(struct document *d, const struct metric_info *info);

/* What a set or run is called where no other one is called so. */
const char *figure_set_label(struct document *d, const struct run_set *const *sets, size_t count,
                             size_t i);
const char *figure_run_label(struct document *d, const struct run_set *set, size_t i);

/* --- Samples ------------------------------------------------------------------------ */

struct sample {
    double *values; /* ascending, finite */
    size_t count;
};

/* Of the accepted blocks of one run, or of all runs of a set; empty where a metric has no value for
 * each block. */
struct sample sample_of_run(struct document *d, const struct finished_run *run,
                            const struct metric_info *info);
struct sample sample_of_set(struct document *d, const struct run_set *set,
                            const struct metric_info *info);

/* Zeroed memory of the document; NULL when it has none, and then the document has failed. */
double *figure_numbers(struct document *d, size_t count);

/* Of the runs of a set that have it: the mean of their numbers for a metric; NaN without any. */
double mean_over_runs(const struct run_set *set, enum metric_section section, const char *id);

#endif
