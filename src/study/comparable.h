/* Whether runs may be laid side by side: what differs that should not. */
#ifndef OU_STUDY_COMPARABLE_H
#define OU_STUDY_COMPARABLE_H

#include "study/finished_run.h"

struct fact_difference {
    const char *group, *name;
    const char *value_a, *value_b; /* NULL: absent on that side */
    const char *run_a, *run_b;     /* titles */
};

/* Differences of any run of the sets from the first run of the first; each name once. Facts that a source does not tell
 * (a table of published results has none about its genesis) count as unknown, not as different, and *ret_unknown says how
 * many groups could not be checked. The list lives in `memory`. */
enum ou_status runs_differ(const struct run_set *const *sets, size_t set_count,
                           struct arena *memory, struct fact_difference **ret, size_t *ret_count,
                           size_t *ret_unknown, struct ou_error *err);

/* Says that runs which are not alike are not laid beside each other, and why: OU_INVALID. count > 0. */
enum ou_status runs_refuse(const struct fact_difference *differences, size_t count,
                           struct ou_error *err);

/* OU_INVALID when a run of a stands in b, too; with a == b, when a run stands there twice. Both operands are named, and what
 * to do. A run that counts twice makes every interval too narrow. */
enum ou_status runs_once(const struct run_set *a, const struct run_set *b, struct ou_error *err);

/* The runs of a set, each once, the first of its copies; ret has room for s->count. Returns how many there are. */
size_t runs_distinct(const struct run_set *s, const struct finished_run **ret);

#endif
