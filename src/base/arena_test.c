#include "base/arena.h"

#include <string.h>

#include "support/failing_allocator.h"
#include "support/test.h"

enum { PIECES = 3000 };

static void test_pieces_are_zeroed_aligned_and_apart(void **state)
{
    static unsigned char *pieces[PIECES];
    struct arena a;

    (void)state;
    arena_init(&a, allocator_libc(), 1 << 24);
    for (size_t i = 0; i < PIECES; i++) {
        size_t size = i % 97 + 1, align = (size_t)1 << (i % 8);

        pieces[i] = arena_take(&a, size, align);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % align, 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], (int)(i % 251) + 1, size);
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t k = 0; k < i % 97 + 1; k++)
            assert_int_equal(pieces[i][k], i % 251 + 1);
    arena_release(&a);
}

static void test_a_piece_larger_than_any_block_is_taken(void **state)
{
    struct arena a;
    size_t size = 5 * 1024 * 1024;
    char *piece;

    (void)state;
    arena_init(&a, allocator_libc(), SIZE_MAX);
    piece = arena_take(&a, size, 64);
    assert_non_null(piece);
    assert_int_equal((uintptr_t)piece % 64, 0);
    piece[size - 1] = 1;
    arena_release(&a);
}

static void test_the_maximum_bounds_what_is_taken_from_the_allocator(void **state)
{
    struct failing_allocator from;
    struct arena a;
    size_t taken = 0;

    (void)state;
    failing_allocator_init(&from, 0);
    arena_init(&a, &from.base, 100000);
    while (arena_take(&a, 10, 1))
        taken += 10;
    assert_false(arena_has_room(&a, 10, 1));
    assert_true(taken > 90000);
    assert_true(from.peak_bytes <= 100000);
    assert_int_equal(from.live_bytes, a.used_bytes);
    arena_release(&a);
    assert_int_equal(from.live_blocks, 0);
    assert_non_null(arena_take(&a, 10, 1)); /* usable again */
    arena_release(&a);
}

static void test_sizes_at_the_end_of_the_number_line_are_refused(void **state)
{
    struct failing_allocator from;
    struct arena a;

    (void)state;
    failing_allocator_init(&from, 0);
    arena_init(&a, &from.base, SIZE_MAX);
    assert_null(arena_take(&a, SIZE_MAX, 1));
    assert_null(arena_take(&a, SIZE_MAX - 8, 16));
    assert_null(arena_copy(&a, "", SIZE_MAX));
    assert_false(arena_has_room(&a, SIZE_MAX, 1));
    arena_init(&a, &from.base, 3); /* less than a block's own needs */
    assert_null(arena_take(&a, 1, 1));
    assert_int_equal(from.calls, 0);
    arena_release(&a);
}

static void test_an_empty_piece_has_an_address(void **state)
{
    struct arena a;
    char *first, *second;

    (void)state;
    arena_init(&a, allocator_libc(), 1000);
    first = arena_take(&a, 0, 1);
    second = arena_take(&a, 0, 1);
    assert_non_null(first);
    assert_ptr_not_equal(first, second);
    arena_release(&a);
}

static void test_a_copy_is_terminated(void **state)
{
    struct arena a, zeroed = { 0 };

    (void)state;
    arena_init(&a, allocator_libc(), 1000);
    assert_string_equal(arena_copy(&a, "hello world", 5), "hello");
    assert_string_equal(arena_copy(&a, NULL, 0), "");
    arena_release(&a);
    arena_release(&zeroed);
}

static bool take_many(struct allocator *from, void *argument)
{
    struct arena a;
    bool done = true;

    (void)argument;
    arena_init(&a, from, 1 << 20);
    for (int i = 0; i < 40 && done; i++)
        done = arena_take(&a, 1000, 8) != NULL;
    assert_true(done || arena_has_room(&a, 1000, 8));
    arena_release(&a);
    return done;
}

static void test_each_failing_allocation_gives_null(void **state)
{
    (void)state;
    fail_each_allocation(take_many, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(test_a_piece_larger_than_any_block_is_taken),
        cmocka_unit_test(test_the_maximum_bounds_what_is_taken_from_the_allocator),
        cmocka_unit_test(test_sizes_at_the_end_of_the_number_line_are_refused),
        cmocka_unit_test(test_an_empty_piece_has_an_address),
        cmocka_unit_test(test_a_copy_is_terminated),
        cmocka_unit_test(test_each_failing_allocation_gives_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
