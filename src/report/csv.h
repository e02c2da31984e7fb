/* Tables as CSV (RFC 4180, but lines end in \n): a header of column names, then
 * a row each. What is not known is an empty cell; text is UTF-8; durations are
 * seconds, exact; other numbers read back bit for bit. */
#ifndef OU_REPORT_CSV_H
#define OU_REPORT_CSV_H

#include "analyse/analysis.h"
#include "base/buffer.h"
#include "report/cell.h"
#include "report/tables.h"

/* Appends a whole table; ask the buffer for failures. table is not TABLE_SLOTS,
 * which slot_table_writer.h writes. */
void report_csv(const struct analysis *a, enum report_table table, struct buffer *out);

/* Appends text as one cell, in quotes where the format wants them. */
void csv_text(struct buffer *out, const char *text);

#endif
