/* Scripts are not run; the time that they would have taken is spent instead. */
#ifndef OU_NODE_SCRIPT_TIME_H
#define OU_NODE_SCRIPT_TIME_H

#include <stdint.h>

struct script_time {
    double ps_per_step; /* picoseconds; 0: no time passes */
};

/* A ledger_script_cost (chain/ledger.h), whose context is a struct script_time: keeps the processor busy for
 * steps * ps_per_step, at most SCRIPT_TIME_MAX_NS. Memory costs nothing. */
void script_time_spend(void *context, uint64_t steps, uint64_t memory);

#define SCRIPT_TIME_MAX_NS INT64_C(10000000000) /* of one call */

int64_t script_time_ns(const struct script_time *t, uint64_t steps);

#endif
