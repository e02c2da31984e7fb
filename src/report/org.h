/* Reports as Emacs Org documents: tables that formulas can refer to, laid out
 * like the field's published ones. docs/formats/tables.md describes them. */
#ifndef OU_REPORT_ORG_H
#define OU_REPORT_ORG_H

#include "analyse/analysis.h"
#include "base/buffer.h"
#include "report/tables.h"

/* Appends a document with title and filters at its head. TABLE_METRICS has a
 * table for each section, TABLE_BLOCKS the block timeline, the others are as in
 * CSV; table is not TABLE_SLOTS. Ask the buffer for failures. */
void report_org(const struct analysis *a, enum report_table table, struct buffer *out);

#endif
