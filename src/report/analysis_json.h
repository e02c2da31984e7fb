/* The analysis file, analysis.json: all that was measured in one run, for
 * programs. docs/formats/analysis.md explains it, analysis.schema.json beside
 * it defines it. */
#ifndef OU_REPORT_ANALYSIS_JSON_H
#define OU_REPORT_ANALYSIS_JSON_H

#include "analyse/analysis.h"
#include "base/buffer.h"

/* Grows when a member changes its meaning or goes; new members do not count. */
#define ANALYSIS_SCHEMA 1

/* Appends the file. The same analysis gives the same bytes; ask the buffer for
 * failures. */
void report_json(const struct analysis *a, struct buffer *out);

#endif
