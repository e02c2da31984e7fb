/* Cells of a sweep's tables. */
#ifndef OU_REPORT_SWEEP_CELLS_H
#define OU_REPORT_SWEEP_CELLS_H

#include "report/sweep_document.h"

void sweep_cell_words(struct document *d, struct doc_table *t, const char *words); /* NULL: none */
void sweep_cell_verdict(struct document *d, struct doc_table *t, const char *verdict);
void sweep_cell_percent(struct document *d, struct doc_table *t, double percent, bool sign);
void sweep_cell_interval(struct document *d, struct doc_table *t, struct interval percent);
/* Numbers that are multiplied with the scale of the unit that they are shown in. */
void sweep_cell_scaled(struct document *d, struct doc_table *t, double value, double scale);
void sweep_cell_scaled_interval(struct document *d, struct doc_table *t, struct interval value,
                                double scale);
void sweep_cell_p(struct document *d, struct doc_table *t, double p);
/* The metric's name, with its section where others of the sweep have the same. */
void sweep_cell_metric(struct document *d, struct doc_table *t, const struct sweep_results *r,
                       const struct sweep_metric *m);

#endif
