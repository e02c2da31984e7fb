#include "report/cell_words.h"

#include <math.h>

#include "support/test.h"

static void assert_number(double value, int decimals, bool sign, const char *expected)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 1 << 10);
    number_words(&out, value, decimals, sign);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void assert_cell(struct doc_cell cell, const char *expected)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 1 << 10);
    cell_words(&out, &cell);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void test_numbers_have_the_decimals_that_are_asked_for(void **state)
{
    (void)state;
    assert_number(1.25, 1, false, "1.3");
    assert_number(1.2, 3, false, "1.200");
    assert_number(-.0004, 3, false, "0.000");
    assert_number(2498400, 0, false, "2,498,400");
    assert_number(-1234.5, 2, false, "-1,234.50");
    assert_number(999.4, 0, false, "999");
}

static void test_numbers_without_decimals_show_four_digits(void **state)
{
    (void)state;
    assert_number(0, -1, false, "0");
    assert_number(.120456, -1, false, "0.1205");
    assert_number(.000081234, -1, false, "0.00008123");
    assert_number(12.5, -1, false, "12.5");
    assert_number(12345.678, -1, false, "12,346");
    assert_number(1e300, -1, false, "1e+300");
}

static void test_differences_have_a_sign(void **state)
{
    (void)state;
    assert_number(2.25, 1, true, "+2.3");
    assert_number(-2.25, 1, true, "-2.3");
    assert_number(0, 1, true, "0.0");
}

static void test_what_is_no_number_is_a_word(void **state)
{
    (void)state;
    assert_number(NAN, 2, true, "n/a");
    assert_number(INFINITY, 2, true, "unbounded");
    assert_number(-INFINITY, 2, true, "unbounded");
}

static void test_intervals_are_pairs(void **state)
{
    struct doc_cell cell = { .kind = DOC_INTERVAL, .interval = { -1.5, 12.25 }, .decimals = 1 };

    (void)state;
    assert_cell(cell, "[-1.5, 12.3]");
    cell.sign = cell.percent = true;
    assert_cell(cell, "[-1.5, +12.3]%");
    cell.interval.high = INFINITY;
    assert_cell(cell, "[-1.5, unbounded]%");
    cell.interval = (struct interval){ -INFINITY, INFINITY };
    assert_cell(cell, "unbounded");
    cell.interval = interval_none();
    assert_cell(cell, "n/a");
    cell = (struct doc_cell){ .kind = DOC_INTERVAL, .interval = { .00123, .5 }, .decimals = -1 };
    assert_cell(cell, "[0.0012, 0.5000]");
}

static void test_a_percentage_has_its_sign(void **state)
{
    struct doc_cell cell = { .kind = DOC_NUMBER, .number = 3, .decimals = 0, .percent = true };

    (void)state;
    assert_cell(cell, "3%");
    cell.number = NAN;
    assert_cell(cell, "n/a");
}

static void test_a_bad_number_is_marked_in_letters(void **state)
{
    (void)state;
    assert_string_equal(tone_mark(&(struct doc_cell){ .kind = DOC_NUMBER, .tone = TONE_BAD }), "!");
    assert_string_equal(tone_mark(&(struct doc_cell){ .kind = DOC_INTERVAL, .tone = TONE_UNSURE }),
                        "?");
    assert_string_equal(tone_mark(&(struct doc_cell){ .kind = DOC_TEXT, .tone = TONE_BAD }), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_have_the_decimals_that_are_asked_for),
        cmocka_unit_test(test_numbers_without_decimals_show_four_digits),
        cmocka_unit_test(test_differences_have_a_sign),
        cmocka_unit_test(test_what_is_no_number_is_a_word),
        cmocka_unit_test(test_intervals_are_pairs),
        cmocka_unit_test(test_a_percentage_has_its_sign),
        cmocka_unit_test(test_a_bad_number_is_marked_in_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
