#include "base/intern.h"

#include <stdio.h>

#include "support/failing_allocator.h"
#include "support/guard.h"
#include "support/test.h"

enum { MANY = 20000 };

static void test_strings_are_numbered_in_order_of_arrival(void **state)
{
    struct intern set;
    uint32_t id = 99;
    bool is_new = false;

    (void)state;
    intern_init(&set, allocator_libc(), 100, 100000);
    assert_false(intern_find(&set, span_of("a"), &id));
    assert_int_equal(id, 99);
    assert_int_equal(intern_put(&set, span_of("a"), &id, &is_new), OU_OK);
    assert_int_equal(id, 0);
    assert_true(is_new);
    assert_int_equal(intern_put(&set, span_of("b"), &id, NULL), OU_OK);
    assert_int_equal(id, 1);
    assert_int_equal(intern_put(&set, span_of("a"), &id, &is_new), OU_OK);
    assert_int_equal(id, 0);
    assert_false(is_new);
    assert_true(intern_find(&set, span_of("b"), &id));
    assert_int_equal(id, 1);
    assert_int_equal(set.count, 2);
    intern_release(&set);
}

static void test_many_strings_keep_their_numbers_while_the_set_grows(void **state)
{
    struct intern set;
    char text[32];
    uint32_t id;

    (void)state;
    intern_init(&set, allocator_libc(), MANY, 10 << 20);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < MANY; i++) {
            bool is_new;

            snprintf(text, sizeof text, "host-%u", i * 7919u);
            assert_int_equal(intern_put(&set, span_of(text), &id, &is_new), OU_OK);
            assert_int_equal(id, i);
            assert_int_equal(is_new, round == 0);
            assert_string_equal(intern_text(&set, i).at, text);
        }
    }
    assert_true(set.slot_count >= 2 * set.count);
    intern_release(&set);
}

static void test_bytes_of_any_kind_are_strings(void **state)
{
    static const struct span texts[] = { { NULL, 0 },   { "\0", 1 },   { "\0\0", 2 },
                                         { "a\0b", 3 }, { "a\0c", 3 }, { "\xff", 1 } };
    struct intern set;
    uint32_t id;

    (void)state;
    intern_init(&set, allocator_libc(), 100, 100000);
    for (uint32_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(intern_put(&set, texts[i], &id, NULL), OU_OK);
        assert_int_equal(id, i);
    }
    assert_int_equal(intern_put(&set, (struct span){ "", 0 }, &id, NULL), OU_OK);
    assert_int_equal(id, 0);
    assert_int_equal(intern_text(&set, 0).at[0], '\0');
    intern_release(&set);
}

static void test_a_full_set_still_finds_what_it_holds(void **state)
{
    struct intern set;
    uint32_t id = 99;
    bool is_new = true;

    (void)state;
    intern_init(&set, allocator_libc(), 2, 100000);
    assert_int_equal(intern_put(&set, span_of("a"), &id, NULL), OU_OK);
    assert_int_equal(intern_put(&set, span_of("b"), &id, NULL), OU_OK);
    assert_int_equal(intern_put(&set, span_of("c"), &id, &is_new), OU_TOO_LARGE);
    assert_int_equal(id, 1);
    assert_true(is_new);
    assert_int_equal(set.count, 2);
    assert_int_equal(intern_put(&set, span_of("a"), &id, &is_new), OU_OK);
    assert_false(is_new);
    intern_release(&set);
}

static void test_text_above_the_byte_limit_is_refused_before_memory_is_taken(void **state)
{
    struct failing_allocator from;
    struct intern set;
    uint32_t id = 99;

    (void)state;
    failing_allocator_init(&from, 0);
    intern_init(&set, &from.base, 100, 1000);
    assert_int_equal(intern_put(&set, (struct span){ "x", 1001 }, &id, NULL), OU_TOO_LARGE);
    assert_int_equal(set.count, 0);
    assert_int_equal(from.calls, 0);
    intern_release(&set);
}

static void test_text_is_not_read_beyond_its_end(void **state)
{
    struct intern set;

    (void)state;
    intern_init(&set, allocator_libc(), 1000, 1 << 20);
    for (size_t len = 0; len <= 300; len++) {
        static const char bytes[300] = "abc";
        struct guarded g = guard_copy(bytes, len);
        uint32_t id, again;

        assert_int_equal(intern_put(&set, (struct span){ g.at, len }, &id, NULL), OU_OK);
        assert_true(intern_find(&set, (struct span){ g.at, len }, &again));
        assert_int_equal(id, again);
        guard_release(&g);
    }
    assert_int_equal(set.count, 301);
    intern_release(&set);
}

/* Puts words until one does not get in; it must then not be there. */
static bool put_many(struct allocator *from, void *argument)
{
    struct intern set;
    enum ou_status status = OU_OK;
    uint32_t id;
    char text[64];

    (void)argument;
    intern_init(&set, from, 1000, 1 << 20);
    for (int i = 0; i < 200 && !status; i++) {
        snprintf(text, sizeof text, "%060d", i);
        status = intern_put(&set, span_of(text), &id, NULL);
        assert_int_equal(set.count, status ? i : i + 1);
        assert_int_equal(intern_find(&set, span_of(text), &id), status == OU_OK);
    }
    assert_true(status == OU_OK || status == OU_NO_MEMORY);
    if (set.count > 0)
        assert_true(intern_find(&set, intern_text(&set, 0), &id));
    intern_release(&set);
    return status == OU_OK;
}

static void test_a_failing_allocation_changes_nothing(void **state)
{
    (void)state;
    fail_each_allocation(put_many, NULL);
}

static void test_a_zeroed_set_can_be_released(void **state)
{
    struct intern set = { 0 };

    (void)state;
    intern_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings_are_numbered_in_order_of_arrival),
        cmocka_unit_test(test_many_strings_keep_their_numbers_while_the_set_grows),
        cmocka_unit_test(test_bytes_of_any_kind_are_strings),
        cmocka_unit_test(test_a_full_set_still_finds_what_it_holds),
        cmocka_unit_test(test_text_above_the_byte_limit_is_refused_before_memory_is_taken),
        cmocka_unit_test(test_text_is_not_read_beyond_its_end),
        cmocka_unit_test(test_a_failing_allocation_changes_nothing),
        cmocka_unit_test(test_a_zeroed_set_can_be_released),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
