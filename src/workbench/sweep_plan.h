/* Which settings a sweep tries, in which order, and whether all of them can be. For sweep.c. */
#ifndef OU_WORKBENCH_SWEEP_PLAN_H
#define OU_WORKBENCH_SWEEP_PLAN_H

#include "workbench/sweep.h"

#define SWEEP_SCHEMA 1
#define SWEEP_DOCUMENT_BYTES_MAX ((size_t)64 << 20)

/* Makes points and order, and room for what the journal tells of each run, of axes, fraction, seed and repetitions. A block's
 * order does not depend on how many blocks there are. */
enum ou_status sweep_plan_make(struct sweep *s, struct ou_error *err);

/* Loads every point's profile: it must be valid, and unlike every other point's. Fills in profiles_hash. */
enum ou_status sweep_plan_check(struct sweep *s, struct ou_error *err);

/* sweep.json; the caller json_decref()s it. NULL: no memory. */
json_t *sweep_plan_document(const struct sweep *s);

/* Whether the sweep that `before` (a sweep.json) tells is this one, or the beginning of it: OU_INVALID says what differs. */
enum ou_status sweep_plan_compare(const struct sweep *s, const json_t *before,
                                  const char *directory, struct ou_error *err);

#endif
