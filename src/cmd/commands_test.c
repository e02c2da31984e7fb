#include "cmd/commands.h"

#include "analyse/filter.h"
#include "base/buffer.h"
#include "support/test.h"

static void test_help_and_completion_know_every_shipped_filter(void **state)
{
    const struct command *analyse = command_find("analyse");
    struct buffer names;

    (void)state;
    assert_non_null(analyse);
    buffer_init(&names, allocator_libc(), 4096);
    for (const struct shipped_filter *f = shipped_filters; f->name; f++)
        buffer_printf(&names, "%s%s", names.len ? " " : "", f->name);
    assert_string_equal(analyse->options[ANALYSE_FILTER].choices, buffer_string(&names));
    buffer_release(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_help_and_completion_know_every_shipped_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
