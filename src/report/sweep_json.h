/* The results of a sweep as a file, results.json: every number, for programs.
 * docs/formats/sweep-results.md explains it, sweep-results.schema.json beside it
 * defines it. */
#ifndef OU_REPORT_SWEEP_JSON_H
#define OU_REPORT_SWEEP_JSON_H

#include "base/buffer.h"
#include "study/sweep_results.h"

/* Grows when a member changes its meaning or goes; new members do not count. */
#define SWEEP_RESULTS_SCHEMA 1

/* Appends the file. The same results give the same bytes; ask the buffer for failures. */
void sweep_json(const struct sweep_results *r, struct buffer *out);

#endif
