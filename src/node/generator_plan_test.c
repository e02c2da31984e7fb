#include "node/generator_plan.h"

#include <stdbool.h>
#include <stdlib.h>

#include "support/test.h"

#define FEE UINT64_C(1000000)
#define VALUE UINT64_C(10500001)

static struct generator_plan plan_of(uint64_t outputs)
{
    struct generator_plan plan;
    struct ou_error err;

    assert_int_equal(plan_make(outputs, VALUE, FEE, &plan, &err), OU_OK);
    return plan;
}

/* The reference generator's example: 768000 transactions with two inputs each. */
static void test_a_large_load_is_split_as_the_reference_generator_does(void **state)
{
    static const uint64_t txs[] = { 1, 2, 57, 1707, 51200 };
    struct generator_plan plan = plan_of(768000 * 2);

    (void)state;
    assert_int_equal(plan.step_count, 5);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(plan.steps[i].txs, txs[i]);
    assert_int_equal(plan.tx_count, 52967);
    assert_int_equal(plan.steps[0].outputs, 2);
    assert_int_equal(plan.steps[4].outputs, 30);
    assert_int_equal(plan.steps[4].value, VALUE);
    assert_int_equal(plan.steps[3].value, 30 * VALUE + FEE);
    assert_int_equal(plan.cost, 2 * plan.steps[0].value + FEE);
}

static void test_few_outputs_take_one_transaction(void **state)
{
    struct generator_plan plan = plan_of(29);

    (void)state;
    assert_int_equal(plan.step_count, 1);
    assert_int_equal(plan.tx_count, 1);
    assert_int_equal(plan.steps[0].outputs, 29);
    assert_int_equal(plan.cost, 29 * VALUE + FEE);
    plan = plan_of(30); /* with the change it would be one output too many */
    assert_int_equal(plan.step_count, 2);
    assert_int_equal(plan.tx_count, 2);
    assert_int_equal(plan.steps[0].outputs, 1);
}

/* Every output is spent at most once, by a later transaction, and for what it holds. */
static void check_whole(uint64_t outputs)
{
    struct generator_plan plan = plan_of(outputs);
    bool *spent = calloc(plan.tx_count * PLAN_OUTPUTS_MAX, sizeof *spent);

    assert_non_null(spent);
    for (uint64_t tx = 1; tx < plan.tx_count + outputs; tx++) {
        bool splits = tx < plan.tx_count;
        struct plan_output from =
            splits ? plan_tx_at(&plan, tx).input : plan_output_at(&plan, tx - plan.tx_count);
        const struct plan_step *source = &plan.steps[plan_tx_at(&plan, from.tx).step];

        assert_true(from.tx < tx);
        assert_true(from.index < source->outputs);
        assert_false(spent[from.tx * PLAN_OUTPUTS_MAX + from.index]);
        spent[from.tx * PLAN_OUTPUTS_MAX + from.index] = true;
        if (splits) {
            const struct plan_step *step = &plan.steps[plan_tx_at(&plan, tx).step];

            assert_int_equal(source->value, step->outputs * step->value + FEE);
        } else {
            assert_int_equal(source->value, VALUE);
        }
    }
    free(spent);
}

static void test_every_input_of_the_load_has_an_output_of_its_own(void **state)
{
    static const uint64_t counts[] = {
        1, 2, 29, 30, 31, 59, 60, 61, 870, 899, 900, 901, 2000, 27001
    };

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        check_whole(counts[i]);
}

static void test_sums_beyond_all_money_are_refused(void **state)
{
    struct generator_plan plan;
    struct ou_error err = { { 0 } };

    (void)state;
    assert_int_equal(plan_make(900, UINT64_MAX / 30, FEE, &plan, &err), OU_INVALID);
    assert_string_equal(err.text, "the load needs more lovelace than there can be");
    assert_int_equal(plan_make(2, UINT64_MAX / 2, FEE, &plan, &err), OU_INVALID);
    assert_int_equal(plan_make(UINT64_MAX, 1, 1, &plan, &err), OU_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_large_load_is_split_as_the_reference_generator_does),
        cmocka_unit_test(test_few_outputs_take_one_transaction),
        cmocka_unit_test(test_every_input_of_the_load_has_an_output_of_its_own),
        cmocka_unit_test(test_sums_beyond_all_money_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
