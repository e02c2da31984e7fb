#include "node/generator_plan.h"

#include <stdbool.h>

/* Turns a plan that was made from its end around, and numbers the transactions. */
static void number(struct generator_plan *plan)
{
    for (unsigned i = 0, j = plan->step_count - 1; i < j; i++, j--) {
        struct plan_step step = plan->steps[i];

        plan->steps[i] = plan->steps[j];
        plan->steps[j] = step;
    }
    for (unsigned i = 0; i < plan->step_count; i++) {
        plan->steps[i].first = plan->tx_count;
        plan->tx_count += plan->steps[i].txs;
    }
}

/* What a transaction with such outputs spends. False when that is no number. */
static bool spends(uint64_t outputs, uint64_t value, uint64_t fee, uint64_t *ret)
{
    return !__builtin_mul_overflow(outputs, value, ret) && !__builtin_add_overflow(*ret, fee, ret);
}

enum ou_status plan_make(uint64_t outputs, uint64_t value, uint64_t fee, struct generator_plan *ret,
                         struct ou_error *err)
{
    struct generator_plan plan = { 0 };
    bool fits = true;

    while (outputs >= PLAN_OUTPUTS_MAX && fits && plan.step_count < PLAN_STEPS_MAX - 1) {
        uint64_t txs = outputs / PLAN_OUTPUTS_MAX + (outputs % PLAN_OUTPUTS_MAX != 0);

        plan.steps[plan.step_count++] =
            (struct plan_step){ .txs = txs, .outputs = PLAN_OUTPUTS_MAX, .value = value };
        fits = spends(PLAN_OUTPUTS_MAX, value, fee, &value);
        outputs = txs;
    }
    if (!fits || outputs >= PLAN_OUTPUTS_MAX || !spends(outputs, value, fee, &plan.cost))
        return ou_fail(err, OU_INVALID, "the load needs more lovelace than there can be");
    plan.steps[plan.step_count++] =
        (struct plan_step){ .txs = 1, .outputs = (uint32_t)outputs, .value = value };
    number(&plan);
    *ret = plan;
    return OU_OK;
}

/* The n-th output of a step. */
static struct plan_output output_of(const struct plan_step *step, uint64_t n)
{
    return (struct plan_output){ .tx = step->first + n / step->outputs,
                                 .index = (uint16_t)(n % step->outputs) };
}

struct plan_tx plan_tx_at(const struct generator_plan *plan, uint64_t tx)
{
    struct plan_tx found = { 0 };

    while (found.step + 1 < plan->step_count && plan->steps[found.step + 1].first <= tx)
        found.step++;
    if (found.step > 0)
        found.input = output_of(&plan->steps[found.step - 1], tx - plan->steps[found.step].first);
    return found;
}

struct plan_output plan_output_at(const struct generator_plan *plan, uint64_t n)
{
    return output_of(&plan->steps[plan->step_count - 1], n);
}
