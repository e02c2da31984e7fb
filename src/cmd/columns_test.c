#include "cmd/columns.h"

#include <string.h>

#include "support/test.h"

static void check(struct columns *c, const char *expected)
{
    struct buffer out;
    struct ou_error err = { 0 };

    buffer_init(&out, allocator_libc(), 1 << 20);
    if (columns_write(c, &out, &err))
        fail_msg("%s", err.text);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
    columns_release(c);
}

static void test_columns_are_as_wide_as_their_widest_cell(void **state)
{
    struct columns c;

    (void)state;
    columns_init(&c, 3, 2, 0);
    columns_add(&c, "NAME");
    columns_add(&c, "N");
    columns_add(&c, "WHAT");
    columns_add(&c, "node-0");
    columns_printf(&c, "%d", 1234);
    columns_add(&c, "");
    check(&c, "NAME       N  WHAT\n"
              "node-0  1234\n");
}

static void test_the_last_column_is_cut_to_the_width(void **state)
{
    struct columns c;

    (void)state;
    columns_init(&c, 2, 0, 40);
    columns_add(&c, "a");
    columns_add(&c, "0123456789012345678901234567890123456789");
    columns_add(&c, "b");
    columns_add(&c, "\xc3\xa4\xc3\xa4 0123456789012345678901234567890123456789");
    check(&c, "a  0123456789012345678901234567890123...\n"
              "b  \xc3\xa4\xc3\xa4 0123456789012345678901234567890...\n");
}

static void test_what_could_make_a_terminal_do_anything_is_escaped(void **state)
{
    struct columns c;

    (void)state;
    columns_init(&c, 1, 0, 0);
    columns_add(&c, "\033[31mred\n");
    check(&c, "\\x1b[31mred\\x0a\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_are_as_wide_as_their_widest_cell),
        cmocka_unit_test(test_the_last_column_is_cut_to_the_width),
        cmocka_unit_test(test_what_could_make_a_terminal_do_anything_is_escaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
