/* Parts of the document of a comparison, for its own files. */
#ifndef OU_REPORT_COMPARISON_DOCUMENT_H
#define OU_REPORT_COMPARISON_DOCUMENT_H

#include "report/document.h"
#include "study/comparison.h"

/* Orders pointers to metric_comparison, the most harmful first: for qsort(). */
int compare_harm(const void *a, const void *b);
/* The metrics of a side that are worth a row, in that order, in the document's memory; NULL and 0 without. */
const struct metric_comparison **metrics_by_harm(struct document *d,
                                                 const struct side_comparison *side, size_t *ret_n);

/* The table of verdicts of one variant. number: 1 for the first one. */
void add_verdict_table(const struct side_comparison *side, size_t number, struct document *d);

/* The answer in one sentence, and how it is meant. */
const char *side_sentence(struct document *d, const struct side_comparison *side,
                          enum doc_tone *ret_tone);

/* What to know before trusting the numbers. */
void add_comparison_notices(const struct comparison *c, struct document *d);

#endif
