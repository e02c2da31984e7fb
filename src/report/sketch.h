/* Small pictures of letters: box plots and sparklines, for terminals. Any thread. */
#ifndef OU_REPORT_SKETCH_H
#define OU_REPORT_SKETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "report/document.h"

/* Appends a box plot in `room` columns, which stand for low to high: a line from min to max, a box
 * from q1 to q3, a mark at the median. What lies beyond the scale is drawn at its end. Nothing is
 * appended when a number is not finite, or low >= high and the box has no extent to take instead.
 * Blanks at its end are left out. */
void sketch_box(struct buffer *out, const struct doc_box *box, double low, double high, int room,
                bool utf8);

/* Appends a line of at most `room` columns; more values than that are averaged in turn, gaps (what
 * is not finite) are blanks. A line without extent stands in the middle. */
void sketch_line(struct buffer *out, const double *values, size_t count, int room, bool utf8);

/* The scale of a sketch: its own, or from the least to the greatest of its finite values. False
 * when there is none. */
bool sketch_scale(const struct doc_sketch *sketch, double *ret_low, double *ret_high);

#endif
