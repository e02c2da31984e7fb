#include "cmd/commands.h"

#include <stdio.h>
#include <string.h>

#include "analyse/filter.h"
#include "base/buffer.h"
#include "cmd/families.h"
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

static void test_every_command_of_two_words_has_a_family(void **state)
{
    size_t members = 0;

    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        char family[64];

        if (!*command_second_word(commands[i]))
            continue;
        snprintf(family, sizeof family, "%.*s", (int)strcspn(commands[i]->name, " "),
                 commands[i]->name);
        assert_true(command_find(family) || command_family_find(family));
        assert_true(command_is_of(commands[i], family));
        members++;
    }
    assert_true(members >= 4);
}

static void test_two_words_win_over_one(void **state)
{
    static const char *const words[] = { "profile", "show", "demo" };
    int used;

    (void)state;
    assert_ptr_equal(command_of_words(3, words, &used), command_find("profile show"));
    assert_int_equal(used, 2);
    assert_null(command_of_words(1, words, &used));
    assert_null(command_of_words(2, (const char *const[]){ "profile", "shwo" }, &used));
    assert_ptr_equal(command_of_words(2, (const char *const[]){ "run", "demo" }, &used),
                     command_find("run"));
    assert_int_equal(used, 1);
}

static void test_first_words_stand_once_and_in_order(void **state)
{
    struct first_word words[FIRST_WORDS_MAX];
    size_t count = first_words(words);

    (void)state;
    for (size_t i = 1; i < count; i++)
        assert_true(strcmp(words[i - 1].name, words[i].name) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_command_of_two_words_has_a_family),
        cmocka_unit_test(test_two_words_win_over_one),
        cmocka_unit_test(test_first_words_stand_once_and_in_order),
        cmocka_unit_test(test_help_and_completion_know_every_shipped_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
