#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "support/failing_allocator.h"
#include "support/guard.h"
#include "support/test.h"

enum { KEY_BYTES = 34, MANY = 20000 };

/* Keys that differ in a few bytes, at either end. */
static void key_of(uint32_t number, uint8_t ret[KEY_BYTES])
{
    memset(ret, 0xaa, KEY_BYTES);
    memcpy(ret, &number, 2);
    memcpy(ret + KEY_BYTES - 2, (const uint8_t *)&number + 2, 2);
}

static enum ou_status put(struct map *m, uint32_t number, uint64_t value)
{
    uint8_t key[KEY_BYTES];
    void *at;
    enum ou_status status;

    key_of(number, key);
    status = map_put(m, key, &at, NULL);
    if (!status)
        memcpy(at, &value, sizeof value);
    return status;
}

/* The value of a number; UINT64_MAX when it is not there. */
static uint64_t get(const struct map *m, uint32_t number)
{
    uint8_t key[KEY_BYTES];
    const uint64_t *at;

    key_of(number, key);
    at = map_find(m, key);
    return at ? *at : UINT64_MAX;
}

static bool drop(struct map *m, uint32_t number)
{
    uint8_t key[KEY_BYTES];

    key_of(number, key);
    return map_remove(m, key);
}

static void init(struct map *m)
{
    map_init(m, allocator_libc(), KEY_BYTES, sizeof(uint64_t), MANY);
}

static void test_what_was_put_is_found_until_it_is_removed(void **state)
{
    struct map m;
    uint8_t key[KEY_BYTES];
    void *value;
    bool is_new;

    (void)state;
    init(&m);
    key_of(1, key);
    assert_null(map_find(&m, key));
    assert_false(map_remove(&m, key));
    assert_int_equal(map_put(&m, key, &value, &is_new), OU_OK);
    assert_true(is_new);
    assert_int_equal(*(uint64_t *)value, 0);
    *(uint64_t *)value = 17;
    assert_int_equal(map_put(&m, key, &value, &is_new), OU_OK);
    assert_false(is_new);
    assert_int_equal(*(uint64_t *)value, 17);
    assert_int_equal(m.count, 1);
    assert_int_equal(get(&m, 2), UINT64_MAX);
    assert_true(map_remove(&m, key));
    assert_false(map_remove(&m, key));
    assert_null(map_find(&m, key));
    assert_int_equal(map_put(&m, key, &value, NULL), OU_OK);
    assert_int_equal(*(uint64_t *)value, 0); /* not what stood there before */
    map_release(&m);
}

static void test_many_items_stay_while_the_map_grows(void **state)
{
    struct map m;

    (void)state;
    init(&m);
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(put(&m, i * 7919, i), OU_OK);
    assert_int_equal(m.count, MANY);
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(get(&m, i * 7919), i);
    assert_true(m.slot_count <= 4 * MANY);
    map_release(&m);
}

static void test_values_are_aligned_whatever_the_sizes(void **state)
{
    (void)state;
    for (size_t key_bytes = 1; key_bytes < 20; key_bytes++)
        for (size_t value_bytes = 0; value_bytes < 20; value_bytes++) {
            struct map m;
            uint8_t key[20] = { 0 };
            void *value;

            map_init(&m, allocator_libc(), key_bytes, value_bytes, 200);
            for (uint8_t i = 0; i < 40; i++) {
                key[0] = i;
                assert_int_equal(map_put(&m, key, &value, NULL), OU_OK);
                assert_int_equal((uintptr_t)value % 8, 0);
                memset(value, i, value_bytes);
            }
            for (uint8_t i = 0; i < 40; i++) {
                key[0] = i;
                value = map_find(&m, key);
                assert_non_null(value);
                for (size_t b = 0; b < value_bytes; b++)
                    assert_int_equal(((uint8_t *)value)[b], i);
            }
            map_release(&m);
        }
}

static void test_slots_of_removed_items_are_used_again(void **state)
{
    struct map m;
    size_t slot_count;

    (void)state;
    init(&m);
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(put(&m, i, i), OU_OK);
    slot_count = m.slot_count;
    for (uint32_t i = 0; i < MANY; i++) {
        assert_true(drop(&m, i));
        assert_int_equal(put(&m, i + 100, i), OU_OK);
    }
    assert_int_equal(m.count, 100);
    assert_true(m.slot_count <= 2 * slot_count);
    for (uint32_t i = MANY; i < MANY + 100; i++)
        assert_true(drop(&m, i));
    assert_int_equal(m.count, 0);
    map_release(&m);
}

static size_t slots_in_use(const struct map *m)
{
    size_t count = 0;

    for (size_t i = 0; i < m->slot_count; i++)
        count += m->tags[i] != 0;
    return count;
}

/* Random steps on a map and on an array that is searched from end to end. */
static void test_it_does_what_an_array_would_do(void **state)
{
    enum { NUMBERS = 300, STEPS = 60000 };
    uint64_t values[NUMBERS];
    struct map m;
    size_t count = 0;
    unsigned seed = 7;

    (void)state;
    init(&m);
    memset(values, 0xff, sizeof values);
    for (uint64_t step = 0; step < STEPS; step++) {
        uint32_t number = (uint32_t)rand_r(&seed) % NUMBERS;
        bool there = values[number] != UINT64_MAX;

        /* Now mostly adding, now mostly removing. */
        if ((unsigned)rand_r(&seed) % 10 < (step / 1000 % 2 ? 7 : 3)) {
            assert_int_equal(put(&m, number, step), OU_OK);
            values[number] = step;
            count += !there;
        } else {
            assert_int_equal(drop(&m, number), there);
            values[number] = UINT64_MAX;
            count -= there;
        }
        assert_int_equal(m.count, count);
        assert_true(m.used >= count && m.used <= m.slot_count / 4 * 3);
        if (step % 50 == 0)
            assert_int_equal(m.used, slots_in_use(&m));
        number = (uint32_t)rand_r(&seed) % NUMBERS;
        assert_int_equal(get(&m, number), values[number]);
    }
    map_release(&m);
}

static void test_a_walk_meets_each_item_once(void **state)
{
    struct map m;
    size_t cursor = 0, seen = 0;
    uint64_t sum = 0;
    const void *key;
    void *value;

    (void)state;
    init(&m);
    assert_false(map_next(&m, &cursor, &key, &value));
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(put(&m, i, i), OU_OK);
    for (uint32_t i = 0; i < 1000; i += 3)
        assert_true(drop(&m, i));
    for (cursor = 0; map_next(&m, &cursor, &key, &value); seen++) {
        uint8_t wanted[KEY_BYTES];
        uint64_t number = *(uint64_t *)value;

        key_of((uint32_t)number, wanted);
        assert_memory_equal(key, wanted, KEY_BYTES);
        sum += number;
    }
    assert_int_equal(seen, 666);
    assert_int_equal(sum, 999 * 1000 / 2 - 3 * (333 * 334 / 2));
    map_release(&m);
}

static void test_a_cleared_map_is_empty_and_keeps_its_memory(void **state)
{
    struct map m;
    size_t slot_count;

    (void)state;
    init(&m);
    map_clear(&m);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(put(&m, i, i), OU_OK);
    slot_count = m.slot_count;
    map_clear(&m);
    assert_int_equal(m.count, 0);
    assert_int_equal(m.slot_count, slot_count);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(get(&m, i), UINT64_MAX);
    map_release(&m);
}

static void test_a_full_map_refuses_new_keys_only(void **state)
{
    struct map m;

    (void)state;
    map_init(&m, allocator_libc(), KEY_BYTES, sizeof(uint64_t), 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(put(&m, i, i), OU_OK);
    assert_int_equal(put(&m, 3, 3), OU_TOO_LARGE);
    assert_int_equal(map_reserve(&m, 1), OU_TOO_LARGE);
    assert_int_equal(map_reserve(&m, 0), OU_OK);
    assert_int_equal(put(&m, 1, 9), OU_OK);
    assert_int_equal(get(&m, 1), 9);
    assert_true(drop(&m, 0));
    assert_int_equal(put(&m, 3, 3), OU_OK);
    map_release(&m);
}

/* Room that was reserved needs no memory, with removals in between. */
static void test_reserved_room_is_there(void **state)
{
    struct failing_allocator from;
    struct map m;

    (void)state;
    failing_allocator_init(&from, 0);
    map_init(&m, &from.base, KEY_BYTES, sizeof(uint64_t), MANY);
    for (uint32_t base = 0; base < 5000; base += 500) {
        size_t calls;

        assert_int_equal(map_reserve(&m, 500), OU_OK);
        calls = from.calls;
        for (uint32_t i = 0; i < 500; i++) {
            assert_int_equal(put(&m, base + i, i), OU_OK);
            if (i % 3 == 0)
                assert_true(drop(&m, base + i));
        }
        assert_int_equal(from.calls, calls);
    }
    assert_int_equal(map_reserve(&m, SIZE_MAX), OU_TOO_LARGE);
    map_release(&m);
    assert_int_equal(from.live_bytes, 0);
}

static void test_keys_are_not_read_beyond_their_end(void **state)
{
    uint8_t key[KEY_BYTES];
    struct guarded g;
    struct map m;

    (void)state;
    key_of(5, key);
    g = guard_copy(key, KEY_BYTES);
    init(&m);
    assert_int_equal(map_put(&m, g.at, NULL, NULL), OU_OK);
    assert_non_null(map_find(&m, g.at));
    assert_true(map_remove(&m, g.at));
    guard_release(&g);
    map_release(&m);
}

static bool put_and_drop(struct allocator *from, void *argument)
{
    enum ou_status status = OU_OK;
    struct map m;

    (void)argument;
    map_init(&m, from, KEY_BYTES, sizeof(uint64_t), MANY);
    for (uint32_t i = 0; i < 300 && !status; i++) {
        size_t count = m.count;

        status = put(&m, i, i);
        assert_int_equal(m.count, count + !status);
        assert_int_equal(get(&m, i), status ? UINT64_MAX : i);
        if (!status && i % 4 == 0)
            assert_true(drop(&m, i));
    }
    for (uint32_t i = 1; i < m.count; i += 4)
        assert_int_equal(get(&m, i), i);
    assert_true(status == OU_OK || status == OU_NO_MEMORY);
    map_release(&m);
    return status == OU_OK;
}

static void test_a_failing_allocation_changes_nothing(void **state)
{
    (void)state;
    fail_each_allocation(put_and_drop, NULL);
}

static void test_a_zeroed_map_can_be_released(void **state)
{
    struct map m = { 0 };

    (void)state;
    map_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_put_is_found_until_it_is_removed),
        cmocka_unit_test(test_many_items_stay_while_the_map_grows),
        cmocka_unit_test(test_values_are_aligned_whatever_the_sizes),
        cmocka_unit_test(test_slots_of_removed_items_are_used_again),
        cmocka_unit_test(test_it_does_what_an_array_would_do),
        cmocka_unit_test(test_a_walk_meets_each_item_once),
        cmocka_unit_test(test_a_cleared_map_is_empty_and_keeps_its_memory),
        cmocka_unit_test(test_a_full_map_refuses_new_keys_only),
        cmocka_unit_test(test_reserved_room_is_there),
        cmocka_unit_test(test_keys_are_not_read_beyond_their_end),
        cmocka_unit_test(test_a_failing_allocation_changes_nothing),
        cmocka_unit_test(test_a_zeroed_map_can_be_released),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
