#include "node/delay_line.h"

#include "support/test.h"

#define MS INT64_C(1000000)

static void test_a_line_without_limits_delivers_at_once(void **state)
{
    struct link_line line = { 0 };

    (void)state;
    assert_int_equal(link_line_due(&line, 5 * MS, 1000000), 5 * MS);
    assert_int_equal(link_line_due(&line, 6 * MS, 1), 6 * MS);
}

static void test_latency_is_added_to_every_chunk(void **state)
{
    struct link_line line = { .model = { .latency_ns = 40 * MS } };

    (void)state;
    assert_int_equal(link_line_due(&line, 0, 100), 40 * MS);
    assert_int_equal(link_line_due(&line, 1 * MS, 100), 41 * MS);
}

static void test_bytes_wait_for_those_before_them(void **state)
{
    /* 1 MB/s: 1000 bytes take a millisecond. */
    struct link_line line = { .model = { .latency_ns = 10 * MS, .bytes_per_second = 1000000 } };

    (void)state;
    assert_int_equal(link_line_due(&line, 0, 1000), 11 * MS);
    assert_int_equal(link_line_due(&line, 0, 2000), 13 * MS);
    assert_int_equal(link_line_due(&line, 1 * MS, 1), 13 * MS + 1000);
    /* The line has been free for long. */
    assert_int_equal(link_line_due(&line, 100 * MS, 1000), 111 * MS);
}

static void test_absurd_numbers_stay_ordered(void **state)
{
    struct link_line line = { .model = { .bytes_per_second = 1 } };

    (void)state;
    assert_true(link_line_due(&line, 0, UINT64_MAX) >= INT64_MAX / 4);
}

static struct bytes text(const char *t)
{
    return bytes_of_span(span_of(t));
}

static void test_bytes_come_out_in_order_when_they_are_due(void **state)
{
    struct delay_line d;
    int64_t when_ns;

    (void)state;
    delay_line_init(&d, allocator_libc(), (struct link_model){ .latency_ns = 10 * MS }, 1000);
    assert_true(delay_line_is_there(&d));
    assert_int_equal(delay_line_put(&d, text("first"), 0), OU_OK);
    assert_int_equal(delay_line_put(&d, text("second"), 5 * MS), OU_OK);
    assert_int_equal(delay_line_due(&d, 10 * MS - 1, &when_ns).count, 0);
    assert_int_equal(when_ns, 10 * MS);
    assert_true(bytes_equal(delay_line_due(&d, 10 * MS, &when_ns), text("first")));
    assert_int_equal(when_ns, 15 * MS);
    delay_line_drop(&d, 3);
    assert_true(bytes_equal(delay_line_due(&d, 15 * MS, &when_ns), text("stsecond")));
    assert_int_equal(when_ns, INT64_MAX);
    delay_line_drop(&d, 8);
    assert_int_equal(delay_line_count(&d), 0);
    delay_line_release(&d);
}

static void test_a_busy_line_says_when_it_takes_more(void **state)
{
    struct delay_line d;
    int64_t when_ns;

    (void)state;
    delay_line_init(&d, allocator_libc(), (struct link_model){ .bytes_per_second = 1000 }, 100000);
    assert_true(delay_line_takes(&d, 0, &when_ns));
    assert_int_equal(delay_line_put(&d, text("0123456789"), 0), OU_OK); /* 10 ms */
    assert_false(delay_line_takes(&d, 0, &when_ns));
    assert_int_equal(when_ns, 10 * MS - DELAY_LINE_AHEAD_NS);
    assert_true(delay_line_takes(&d, when_ns, &when_ns));
    delay_line_release(&d);
}

static void test_many_chunks_pass_through_a_growing_ring(void **state)
{
    struct delay_line d;
    int64_t when_ns;
    uint8_t out = 0;

    (void)state;
    delay_line_init(&d, allocator_libc(), (struct link_model){ .latency_ns = 100 * MS }, 100000);
    for (int64_t t = 0; t < 1000; t++) {
        const uint8_t byte = (uint8_t)t;
        const struct bytes due = delay_line_due(&d, t * MS, &when_ns);

        for (size_t i = 0; i < due.count; i++)
            assert_int_equal(due.at[i], out++);
        delay_line_drop(&d, due.count);
        assert_int_equal(delay_line_put(&d, (struct bytes){ &byte, 1 }, t * MS), OU_OK);
        assert_true(delay_line_count(&d) <= 100);
    }
    delay_line_release(&d);
}

static void test_a_full_line_takes_nothing(void **state)
{
    struct delay_line d;

    (void)state;
    delay_line_init(&d, allocator_libc(), (struct link_model){ .latency_ns = MS }, 8);
    assert_int_equal(delay_line_put(&d, text("12345678"), 0), OU_OK);
    assert_int_equal(delay_line_put(&d, text("9"), 0), OU_TOO_LARGE);
    assert_int_equal(delay_line_count(&d), 8);
    delay_line_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_without_limits_delivers_at_once),
        cmocka_unit_test(test_latency_is_added_to_every_chunk),
        cmocka_unit_test(test_bytes_wait_for_those_before_them),
        cmocka_unit_test(test_absurd_numbers_stay_ordered),
        cmocka_unit_test(test_bytes_come_out_in_order_when_they_are_due),
        cmocka_unit_test(test_a_busy_line_says_when_it_takes_more),
        cmocka_unit_test(test_many_chunks_pass_through_a_growing_ring),
        cmocka_unit_test(test_a_full_line_takes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
