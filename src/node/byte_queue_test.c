#include "node/byte_queue.h"

#include "support/failing_allocator.h"
#include "support/test.h"

static struct bytes text(const char *t)
{
    return bytes_of_span(span_of(t));
}

static void test_bytes_come_out_as_they_went_in(void **state)
{
    struct byte_queue q;
    uint8_t in = 0, out = 0;

    (void)state;
    byte_queue_init(&q, allocator_libc(), 1000);
    for (size_t round = 0; round < 500; round++) {
        uint8_t chunk[97];
        const size_t put = round % 97, drop = round * 7 % 90;

        for (size_t i = 0; i < put; i++)
            chunk[i] = in++;
        if (byte_queue_put(&q, (struct bytes){ chunk, put }) != OU_OK)
            in = (uint8_t)(in - put); /* full: nothing has changed */
        for (size_t i = 0; i < drop && byte_queue_count(&q) > 0; i++) {
            assert_int_equal(byte_queue_all(&q).at[0], out++);
            byte_queue_drop(&q, 1);
        }
    }
    byte_queue_release(&q);
}

static void test_a_full_queue_takes_nothing_and_goes_on(void **state)
{
    struct byte_queue q;

    (void)state;
    byte_queue_init(&q, allocator_libc(), 8);
    assert_int_equal(byte_queue_put(&q, text("12345678")), OU_OK);
    assert_int_equal(byte_queue_put(&q, text("9")), OU_TOO_LARGE);
    assert_true(bytes_equal(byte_queue_all(&q), text("12345678")));
    byte_queue_drop(&q, 3);
    assert_int_equal(byte_queue_put(&q, text("abc")), OU_OK); /* the freed room counts */
    assert_true(bytes_equal(byte_queue_all(&q), text("45678abc")));
    byte_queue_release(&q);
}

static void test_large_memory_is_given_back_when_the_queue_runs_empty(void **state)
{
    static const uint8_t large[3 * BYTE_QUEUE_KEPT];
    struct byte_queue q;

    (void)state;
    byte_queue_init(&q, allocator_libc(), sizeof large);
    assert_int_equal(byte_queue_put(&q, (struct bytes){ large, sizeof large }), OU_OK);
    byte_queue_drop(&q, sizeof large);
    assert_int_equal(q.buffer.cap, 0);
    assert_int_equal(byte_queue_put(&q, text("again")), OU_OK);
    byte_queue_drop(&q, 5);
    assert_int_not_equal(q.buffer.cap, 0);
    byte_queue_release(&q);
}

static void test_without_memory_nothing_has_changed(void **state)
{
    struct failing_allocator from;
    struct byte_queue q;

    (void)state;
    failing_allocator_init(&from, 1);
    byte_queue_init(&q, &from.base, 100);
    assert_int_equal(byte_queue_put(&q, text("abc")), OU_NO_MEMORY);
    assert_int_equal(byte_queue_count(&q), 0);
    byte_queue_release(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_come_out_as_they_went_in),
        cmocka_unit_test(test_a_full_queue_takes_nothing_and_goes_on),
        cmocka_unit_test(test_large_memory_is_given_back_when_the_queue_runs_empty),
        cmocka_unit_test(test_without_memory_nothing_has_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
