/* How often a pool may announce headers that prove invalid. */
#include "node/header_trap.h"

#include "support/test.h"

static struct selection_view view(uint64_t number, uint8_t issuer, uint64_t counter)
{
    return (struct selection_view){ .number = number, .issuer = { issuer }, .counter = counter };
}

static bool allows(const struct header_trap *t, uint64_t number, uint8_t issuer, uint64_t counter)
{
    struct selection_view v = view(number, issuer, counter);

    return header_trap_allows(t, &v);
}

static void spring(struct header_trap *t, uint64_t number, uint8_t issuer, uint64_t counter)
{
    struct selection_view v = view(number, issuer, counter);

    header_trap_spring(t, &v);
}

static void test_one_invalid_header_of_a_number_and_pool_is_tolerated(void **state)
{
    struct header_trap t = { .count = 0 };

    (void)state;
    assert_true(allows(&t, 0, 1, 0));
    spring(&t, 7, 1, 0);
    assert_false(allows(&t, 7, 1, 0));
    assert_true(allows(&t, 7, 2, 0)); /* another pool */
    assert_true(allows(&t, 7, 1, 1)); /* another certificate */
    assert_true(allows(&t, 8, 1, 0)); /* the next block */
    assert_false(allows(&t, 6, 2, 0));
    spring(&t, 7, 2, 0);
    assert_false(allows(&t, 7, 1, 0));
    assert_false(allows(&t, 7, 2, 0));
}

static void test_a_later_one_begins_anew(void **state)
{
    struct header_trap t = { .count = 0 };

    (void)state;
    spring(&t, 7, 1, 0);
    spring(&t, 8, 2, 0);
    assert_true(allows(&t, 8, 1, 0));
    assert_false(allows(&t, 7, 3, 0));
}

static void test_many_issuers_at_one_number_use_it_up(void **state)
{
    struct header_trap t = { .count = 0 };

    (void)state;
    for (uint8_t i = 0; i < HEADER_TRAP_ISSUERS; i++)
        spring(&t, 3, i, 0);
    assert_false(allows(&t, 3, 200, 0));
    spring(&t, 3, 200, 0);
    assert_int_equal(t.count, HEADER_TRAP_ISSUERS);
    assert_true(allows(&t, 4, 200, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_invalid_header_of_a_number_and_pool_is_tolerated),
        cmocka_unit_test(test_a_later_one_begins_anew),
        cmocka_unit_test(test_many_issuers_at_one_number_use_it_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
