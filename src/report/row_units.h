/* Numbers that people can read: a row of a metric in seconds is shown in s, ms, µs
 * or ns, all of its numbers in one, with as many decimals as show four digits of
 * its typical number. CSV and JSON have what was measured, in the dictionary's
 * unit. */
#ifndef OU_REPORT_ROW_UNITS_H
#define OU_REPORT_ROW_UNITS_H

#include "report/document.h"

/* Sets unit, scale and decimals of the cells of a row that is complete. The row's unit is that of its
 * first cell (doc_cell.unit), its numbers are those of columns in_unit; the first of them that is not
 * 0 is typical. A name in a table without such columns has no unit behind it. */
void row_units_choose(struct document *d, struct doc_table *t, size_t row);

/* The unit in which a number of that size is shown, and in *ret_scale what to multiply it with: "ms" and 1000 for .012 of "s";
 * the unit itself and 1 for others. */
const char *shown_unit_of(const char *unit, double size, double *ret_scale);

#endif
