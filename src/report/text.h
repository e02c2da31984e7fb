/* The report of an analysis for a person at a terminal: what was read, how
 * blocks travelled, what the machines did, and what to think of the data. */
#ifndef OU_REPORT_TEXT_H
#define OU_REPORT_TEXT_H

#include "analyse/analysis.h"
#include "base/buffer.h"
#include "report/text_style.h"

/* Appends the report; ask the buffer for failures. Text that comes from logs
 * can neither steer the terminal nor break a line. */
void report_text(const struct analysis *a, const struct text_style *style, struct buffer *out);

#endif
