/* What stands in a cell of a document, for people: "1,234.5", "+1.9%", "[0.12,
 * 0.14]", "unbounded". Any thread. */
#ifndef OU_REPORT_CELL_WORDS_H
#define OU_REPORT_CELL_WORDS_H

#include "base/buffer.h"
#include "report/document.h"

/* Appends a number as people read it: with `decimals` (-1: 4 significant digits at least, no zeros
 * at the end), commas between thousands; "n/a" for a NaN, "unbounded" for an infinite one. */
void number_words(struct buffer *out, double value, int decimals, bool sign);

/* What people read of a DOC_TEXT: a metric has the unit of its row behind its name. */
const char *cell_text(const struct doc_cell *cell);

/* Appends the number or interval of a cell in the unit of its row, plain ASCII; nothing for other
 * kinds. */
void cell_words(struct buffer *out, const struct doc_cell *cell);

/* The unit that people read in its head; NULL: none. */
const char *column_unit(const struct doc_column *column);

/* "mean", or "mean, s" when the column has a unit. */
void column_words(struct buffer *out, const struct doc_column *column);

/* The mark that says in letters what the tone of a number says in colour: "!", "?" or "". */
const char *tone_mark(const struct doc_cell *cell);

/* What a notice begins with: "problem", "warning", "good", "note". */
const char *tone_word(enum doc_tone tone);

#endif
