#include "base/alloc.h"

#include <string.h>

#include "support/failing_allocator.h"
#include "support/test.h"

static void test_libc_memory_is_taken_moved_and_given_back(void **state)
{
    struct allocator *from = allocator_libc();
    char *at = from->resize(from, NULL, 0, 4);

    (void)state;
    memcpy(at, "abc", 4);
    at = from->resize(from, at, 4, 100000);
    assert_string_equal(at, "abc");
    assert_null(from->resize(from, at, 100000, 0));
}

static void test_zeroed_memory_is_zero_and_freeing_nothing_is_fine(void **state)
{
    struct failing_allocator a;
    static const char zeros[64];
    char *at;

    (void)state;
    failing_allocator_init(&a, 2);
    at = alloc_zeroed(&a.base, sizeof zeros);
    assert_memory_equal(at, zeros, sizeof zeros);
    assert_null(alloc_zeroed(&a.base, sizeof zeros));
    alloc_free(&a.base, at, sizeof zeros);
    alloc_free(&a.base, NULL, 5);
    assert_int_equal(a.live_blocks, 0);
}

static void test_an_array_doubles_so_that_growing_stays_cheap(void **state)
{
    struct failing_allocator a;
    void *at = NULL;
    size_t cap = 0;

    (void)state;
    failing_allocator_init(&a, 0);
    for (size_t need = 1; need <= 1000; need++) {
        assert_true(array_reserve(&a.base, &at, &cap, need, sizeof(int), 1000));
        assert_true(cap >= need && cap <= 1000);
        ((int *)at)[need - 1] = (int)need;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(((int *)at)[i], i + 1);
    assert_int_equal(cap, 1000);
    assert_int_equal(a.calls, 11); /* 1, 2, 4 ... 512, 1000 */
    alloc_free(&a.base, at, cap * sizeof(int));
}

static void test_an_array_refuses_its_limit_before_asking_for_memory(void **state)
{
    struct failing_allocator a;
    void *at = NULL;
    size_t cap = 0;

    (void)state;
    failing_allocator_init(&a, 0);
    assert_false(array_reserve(&a.base, &at, &cap, 11, 8, 10));
    assert_false(array_reserve(&a.base, &at, &cap, SIZE_MAX / 8 + 1, 8, SIZE_MAX));
    assert_false(array_reserve(&a.base, &at, &cap, SIZE_MAX, 2, SIZE_MAX));
    assert_null(at);
    assert_int_equal(cap, 0);
    assert_int_equal(a.calls, 0);
}

static void test_an_array_is_unchanged_when_memory_is_out(void **state)
{
    struct failing_allocator a;
    void *at = NULL;
    size_t cap = 0;
    void *before;

    (void)state;
    failing_allocator_init(&a, 2);
    assert_true(array_reserve(&a.base, &at, &cap, 3, 1, 100));
    before = at;
    assert_false(array_reserve(&a.base, &at, &cap, 4, 1, 100));
    assert_ptr_equal(at, before);
    assert_int_equal(cap, 3);
    alloc_free(&a.base, at, cap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_libc_memory_is_taken_moved_and_given_back),
        cmocka_unit_test(test_zeroed_memory_is_zero_and_freeing_nothing_is_fine),
        cmocka_unit_test(test_an_array_doubles_so_that_growing_stays_cheap),
        cmocka_unit_test(test_an_array_refuses_its_limit_before_asking_for_memory),
        cmocka_unit_test(test_an_array_is_unchanged_when_memory_is_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
