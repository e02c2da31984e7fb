#include "base/buffer.h"

#include <string.h>

#include "support/failing_allocator.h"
#include "support/test.h"

static void test_appends_add_up_and_stay_terminated(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 1000);
    assert_string_equal(buffer_string(&b), "");
    buffer_append(&b, "", 0);
    buffer_append(&b, NULL, 0);
    assert_null(b.at);
    buffer_text(&b, "one");
    buffer_char(&b, ' ');
    buffer_printf(&b, "%d-%s", 2, "three");
    buffer_printf(&b, "%s", "");
    buffer_append(&b, "\0x", 2);
    assert_int_equal(b.len, 13);
    assert_memory_equal(b.at, "one 2-three\0x", 14);
    assert_int_equal(buffer_status(&b), OU_OK);
    buffer_release(&b);
}

static void test_a_buffer_fills_to_its_maximum_and_no_further(void **state)
{
    struct buffer b;
    struct failing_allocator a;

    (void)state;
    failing_allocator_init(&a, 0);
    buffer_init(&b, &a.base, 5);
    buffer_text(&b, "12345");
    assert_int_equal(buffer_status(&b), OU_OK);
    buffer_char(&b, '6');
    assert_int_equal(buffer_status(&b), OU_TOO_LARGE);
    assert_string_equal(buffer_string(&b), "12345");
    assert_true(a.peak_bytes <= 6);
    buffer_release(&b);
    assert_int_equal(a.live_blocks, 0);
}

static void test_a_failure_sticks_until_the_buffer_is_cleared(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 5);
    buffer_text(&b, "123");
    buffer_printf(&b, "%s", "456");
    buffer_text(&b, "4"); /* would fit */
    assert_null(buffer_room(&b, 1));
    assert_string_equal(buffer_string(&b), "123");
    assert_int_equal(buffer_status(&b), OU_TOO_LARGE);
    buffer_clear(&b);
    buffer_text(&b, "4");
    assert_string_equal(buffer_string(&b), "4");
    assert_int_equal(buffer_status(&b), OU_OK);
    buffer_release(&b);
}

static void test_a_buffer_of_any_size_is_refused_before_memory_is_taken(void **state)
{
    struct failing_allocator a;
    struct buffer b, zeroed = { 0 };

    (void)state;
    failing_allocator_init(&a, 0);
    buffer_init(&b, &a.base, 100);
    assert_null(buffer_room(&b, SIZE_MAX));
    assert_int_equal(buffer_status(&b), OU_TOO_LARGE);
    assert_int_equal(a.calls, 0);

    buffer_text(&zeroed, "x");
    assert_int_equal(buffer_status(&zeroed), OU_TOO_LARGE);
    buffer_release(&zeroed);
}

static void test_an_unlimited_buffer_does_not_overflow(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), SIZE_MAX);
    buffer_text(&b, "abc");
    assert_null(buffer_room(&b, SIZE_MAX - 3));
    assert_int_equal(buffer_status(&b), OU_TOO_LARGE);
    assert_string_equal(buffer_string(&b), "abc");
    buffer_release(&b);
}

static void test_room_is_counted_only_when_it_was_used(void **state)
{
    struct buffer b;
    char *at;

    (void)state;
    buffer_init(&b, allocator_libc(), 1000);
    buffer_text(&b, "ab");
    at = buffer_room(&b, 900);
    memset(at, 'x', 900);
    assert_int_equal(b.len, 2);
    buffer_added(&b, 3);
    assert_string_equal(buffer_string(&b), "abxxx");
    buffer_release(&b);
}

static bool append_in_many_ways(struct allocator *from, void *argument)
{
    struct buffer b;
    bool done;

    (void)argument;
    buffer_init(&b, from, 10000);
    buffer_text(&b, "start");
    for (int i = 0; i < 200; i++)
        buffer_printf(&b, "%d,", i);
    buffer_char(&b, '.');
    done = buffer_status(&b) == OU_OK;
    assert_true(done ? b.len == 5 + 690 + 1 : buffer_status(&b) == OU_NO_MEMORY);
    buffer_release(&b);
    return done;
}

static void test_each_failing_allocation_is_told_as_no_memory(void **state)
{
    (void)state;
    fail_each_allocation(append_in_many_ways, NULL);
}

static void test_what_is_taken_back_of_a_failed_buffer_leaves_it_failed(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 4);
    buffer_text(&b, "abc,");
    buffer_drop(&b, 1);
    assert_string_equal(buffer_string(&b), "abc");
    buffer_text(&b, "too long");
    buffer_drop(&b, 5); /* more than it has */
    assert_int_equal(buffer_status(&b), OU_TOO_LARGE);
    assert_string_equal(buffer_string(&b), "abc");
    buffer_release(&b);
}

static void test_a_buffer_cut_back_forgets_what_did_not_fit(void **state)
{
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 8);
    buffer_text(&b, "first");
    buffer_text(&b, "second");
    assert_int_equal(buffer_status(&b), OU_TOO_LARGE);
    buffer_cut(&b, 3);
    assert_string_equal(buffer_string(&b), "fir");
    buffer_text(&b, "st");
    assert_string_equal(buffer_string(&b), "first");
    assert_int_equal(buffer_status(&b), OU_OK);
    buffer_release(&b);
}

static void test_a_text_made_of_one_that_failed_has_failed(void **state)
{
    struct buffer whole, part;

    (void)state;
    buffer_init(&whole, allocator_libc(), 100);
    buffer_init(&part, allocator_libc(), 4);
    buffer_text(&part, "fits");
    buffer_inherit(&whole, &part);
    assert_int_equal(buffer_status(&whole), OU_OK);
    buffer_text(&part, "not");
    buffer_inherit(&whole, &part);
    assert_int_equal(buffer_status(&whole), OU_TOO_LARGE);
    part.status = OU_NO_MEMORY;
    buffer_inherit(&whole, &part);
    assert_int_equal(buffer_status(&whole), OU_TOO_LARGE); /* the first */
    buffer_release(&part);
    buffer_release(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_text_made_of_one_that_failed_has_failed),
        cmocka_unit_test(test_what_is_taken_back_of_a_failed_buffer_leaves_it_failed),
        cmocka_unit_test(test_a_buffer_cut_back_forgets_what_did_not_fit),
        cmocka_unit_test(test_appends_add_up_and_stay_terminated),
        cmocka_unit_test(test_a_buffer_fills_to_its_maximum_and_no_further),
        cmocka_unit_test(test_a_failure_sticks_until_the_buffer_is_cleared),
        cmocka_unit_test(test_a_buffer_of_any_size_is_refused_before_memory_is_taken),
        cmocka_unit_test(test_an_unlimited_buffer_does_not_overflow),
        cmocka_unit_test(test_room_is_counted_only_when_it_was_used),
        cmocka_unit_test(test_each_failing_allocation_is_told_as_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
