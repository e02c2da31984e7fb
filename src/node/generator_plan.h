/* How one fund becomes many: the load generator needs an output for each input of its transactions, and a
 * transaction makes PLAN_OUTPUTS_MAX outputs. Steps of splitting, each into outputs that the next step (in the
 * end, the load) spends. Pure. */
#ifndef OU_NODE_GENERATOR_PLAN_H
#define OU_NODE_GENERATOR_PLAN_H

#include <stdint.h>

#include "base/status.h"

#define PLAN_OUTPUTS_MAX 30
#define PLAN_STEPS_MAX 8 /* 30^8 outputs are more than there are */

struct plan_step {
    uint64_t txs;
    uint32_t outputs; /* of each transaction; the first step's has the change besides */
    uint64_t value;   /* of each output, lovelace */
    uint64_t first;   /* number of its first transaction, from 0, over all steps */
};

struct generator_plan {
    struct plan_step steps[PLAN_STEPS_MAX];
    unsigned step_count;
    uint64_t tx_count; /* of all steps */
    uint64_t
        cost; /* lovelace that the first transaction spends, its fee included, without change */
};

/* For at least so many outputs of `value`, each transaction paying `fee`. The rule is that of the reference
 * generator: below 30 outputs one transaction makes them; else ceil(n / 30) transactions split an
 * output each, and the plan for those outputs comes before. OU_INVALID when the sums are beyond 64 bits. */
enum ou_status plan_make(uint64_t outputs, uint64_t value, uint64_t fee, struct generator_plan *ret,
                         struct ou_error *err);

/* An output that the plan makes. */
struct plan_output {
    uint64_t tx; /* number of the transaction */
    uint16_t index;
};

struct plan_tx {
    unsigned step;
    struct plan_output input; /* what it spends; of the first transaction: nothing of the plan */
};

struct plan_tx plan_tx_at(const struct generator_plan *plan, uint64_t tx);

/* The n-th output of the last step: what the load spends. */
struct plan_output plan_output_at(const struct generator_plan *plan, uint64_t n);

#endif
