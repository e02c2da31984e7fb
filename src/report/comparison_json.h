/* The comparison file, comparison.json: every number of a comparison, for
 * programs. docs/formats/comparison.md explains it, comparison.schema.json
 * beside it defines it. */
#ifndef OU_REPORT_COMPARISON_JSON_H
#define OU_REPORT_COMPARISON_JSON_H

#include "base/buffer.h"
#include "study/comparison.h"

/* Grows when a member changes its meaning or goes; new members do not count. */
#define COMPARISON_SCHEMA 1

/* Appends the file. The same comparison gives the same bytes; ask the buffer for failures. */
void comparison_json(const struct comparison *c, struct buffer *out);

#endif
