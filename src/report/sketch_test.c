#include "report/sketch.h"

#include <math.h>
#include <string.h>

#include "report/safe_text.h"
#include "support/test.h"

static void assert_box(struct doc_box box, double low, double high, int room, bool utf8,
                       const char *expected)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 1 << 12);
    sketch_box(&out, &box, low, high, room, utf8);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void assert_line(const double *values, size_t count, int room, bool utf8,
                        const char *expected)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 1 << 12);
    sketch_line(&out, values, count, room, utf8);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void test_a_box_stands_where_its_numbers_are(void **state)
{
    struct doc_box box = { NULL, 0, 2, 5, 7, 10 };

    (void)state;
    assert_box(box, 0, 10, 11, false, "|-===#==--|");
    assert_box(box, 0, 10, 11, true, "├─▒▒▒┃▒▒──┤");
}

static void test_boxes_on_one_scale_can_be_compared(void **state)
{
    (void)state;
    assert_box((struct doc_box){ NULL, 0, 1, 2, 3, 4 }, 0, 8, 9, false, "|=#=|");
    assert_box((struct doc_box){ NULL, 4, 5, 6, 7, 8 }, 0, 8, 9, false, "    |=#=|");
}

static void test_what_lies_beyond_the_scale_is_drawn_at_its_end(void **state)
{
    (void)state;
    assert_box((struct doc_box){ NULL, -100, 1, 2, 3, 100 }, 0, 4, 5, false, "|=#=|");
}

static void test_a_box_without_extent_is_its_median(void **state)
{
    (void)state;
    assert_box((struct doc_box){ NULL, 3, 3, 3, 3, 3 }, 0, 0, 9, false, "    #");
    assert_box((struct doc_box){ NULL, 3, 3, 3, 3, 3 }, 0, 6, 7, false, "   #");
}

static void test_what_is_not_finite_is_not_drawn(void **state)
{
    (void)state;
    assert_box((struct doc_box){ NULL, 1, 2, NAN, 4, 5 }, 0, 6, 7, false, "");
    assert_box((struct doc_box){ NULL, 1, 2, 3, 4, INFINITY }, 0, 6, 7, false, "");
    assert_box((struct doc_box){ NULL, 1, 2, 3, 4, 5 }, 0, 6, 0, false, "");
}

static void test_a_line_rises_with_its_values(void **state)
{
    static const double values[] = { 0, 1, 2, 3, 4, 5, 6, 7 };

    (void)state;
    assert_line(values, 8, 20, true, "▁▂▃▄▅▆▇█");
    assert_line(values, 8, 20, false, "_.-=+*#@");
}

static void test_a_gap_is_a_blank(void **state)
{
    static const double values[] = { 1, NAN, 2 }, none[] = { NAN, INFINITY };

    (void)state;
    assert_line(values, 3, 20, false, "_ @");
    assert_line(none, 2, 20, false, "  ");
}

static void test_more_values_than_columns_are_averaged(void **state)
{
    static const double values[] = { 0, 2, 3, 5, 8, 8 }; /* 1, 4, 8 */

    (void)state;
    assert_line(values, 6, 3, false, "_=@");
}

static void test_a_line_without_extent_stands_in_the_middle(void **state)
{
    static const double values[] = { 5, 5, 5 };

    (void)state;
    assert_line(values, 3, 3, false, "+++");
}

static void test_a_sketch_is_never_wider_than_its_room(void **state)
{
    double values[100];

    (void)state;
    for (int i = 0; i < 100; i++)
        values[i] = i % 7;
    for (int room = 0; room < 120; room++) {
        struct doc_box box = { NULL, -1, 20, 50, 80.5, 101 };
        struct buffer out;

        buffer_init(&out, allocator_libc(), 1 << 12);
        sketch_box(&out, &box, 0, 100, room, true);
        assert_true((int)text_columns((struct span){ buffer_string(&out), out.len }) <= room);
        buffer_clear(&out);
        sketch_line(&out, values, 100, room, true);
        assert_int_equal(text_columns((struct span){ buffer_string(&out), out.len }),
                         room < 100 ? room : 100);
        buffer_release(&out);
    }
}

static void test_a_scale_is_given_or_that_of_the_values(void **state)
{
    double values[] = { 3, NAN, -1 }, low, high;
    struct doc_sketch line = { SKETCH_LINE, NULL, values, 3, 0, 0 };
    struct doc_sketch none = { SKETCH_LINE, NULL, values + 1, 1, 0, 0 };

    (void)state;
    assert_true(sketch_scale(&line, &low, &high));
    assert_true(low == -1 && high == 3);
    line.high = 10;
    assert_true(sketch_scale(&line, &low, &high));
    assert_true(low == 0 && high == 10);
    assert_false(sketch_scale(&none, &low, &high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_box_stands_where_its_numbers_are),
        cmocka_unit_test(test_boxes_on_one_scale_can_be_compared),
        cmocka_unit_test(test_what_lies_beyond_the_scale_is_drawn_at_its_end),
        cmocka_unit_test(test_a_box_without_extent_is_its_median),
        cmocka_unit_test(test_what_is_not_finite_is_not_drawn),
        cmocka_unit_test(test_a_line_rises_with_its_values),
        cmocka_unit_test(test_a_gap_is_a_blank),
        cmocka_unit_test(test_more_values_than_columns_are_averaged),
        cmocka_unit_test(test_a_line_without_extent_stands_in_the_middle),
        cmocka_unit_test(test_a_sketch_is_never_wider_than_its_room),
        cmocka_unit_test(test_a_scale_is_given_or_that_of_the_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
