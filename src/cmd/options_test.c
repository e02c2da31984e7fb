#include "cmd/options.h"

#include <string.h>

#include "cmd/commands.h"
#include "support/failing_allocator.h"
#include "support/test.h"

enum { FORMAT, FILTER, QUIET, OUT };

static const struct option_info table[] = {
    [FORMAT] = { .name = "format", .letter = 'f', .argument = "FORMAT", .choices = "text json" },
    [FILTER] = { .name = "filter",
                 .argument = "NAME|FILE",
                 .repeatable = true,
                 .kind = VALUE_FILE,
                 .choices = "unitary model" },
    [QUIET] = { .name = "quiet", .letter = 'q' },
    [OUT] = { .name = "out", .letter = 'o', .argument = "DIR", .kind = VALUE_DIRECTORY },
};
static const struct command subject = {
    .name = "try",
    .operands = "LOGS...",
    .options = table,
    .option_count = sizeof(table) / sizeof(table[0]),
    .operands_max = 3,
};

/* Arguments as a NULL-terminated list. */
#define ARGUMENTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static enum ou_status parse_from(struct allocator *from, const struct command *command,
                                 const char *const *arguments, struct parsed_options *ret,
                                 struct ou_error *err)
{
    int count = 0;

    while (arguments[count])
        count++;
    return options_parse(command, from, count, (char *const *)arguments, ret, err);
}

static struct parsed_options parse(const char *const *arguments)
{
    struct parsed_options options = { 0 };
    struct ou_error err = { 0 };

    if (parse_from(allocator_libc(), &subject, arguments, &options, &err))
        fail_msg("refused: %s", err.text);
    return options;
}

static void assert_refused(const struct command *command, const char *const *arguments,
                           const char *message)
{
    struct parsed_options options = { 0 };
    struct ou_error err = { 0 };

    assert_int_equal(parse_from(allocator_libc(), command, arguments, &options, &err), OU_USAGE);
    assert_string_equal(err.text, message);
    assert_null(options.given);
}

static void test_all_ways_to_write_a_value_mean_the_same(void **state)
{
    static const char *const ways[][3] = {
        { "--format", "json", NULL },
        { "--format=json", NULL },
        { "-f", "json", NULL },
        { "-fjson", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct parsed_options options = parse(ways[i]);

        assert_int_equal(options.given_count, 1);
        assert_int_equal(options.operand_count, 0);
        assert_string_equal(option_value(&options, FORMAT), "json");
        options_release(&options);
    }
}

static void test_options_and_operands_may_be_mixed(void **state)
{
    struct parsed_options options = parse(ARGUMENTS("a.json", "-q", "-", "--out", "x", "b=c.json"));

    (void)state;
    assert_true(option_given(&options, QUIET));
    assert_false(option_given(&options, FORMAT));
    assert_null(option_value(&options, QUIET));
    assert_string_equal(option_value(&options, OUT), "x");
    assert_int_equal(options.operand_count, 3);
    assert_string_equal(options.operands[0], "a.json");
    assert_string_equal(options.operands[1], "-");
    assert_string_equal(options.operands[2], "b=c.json");
    options_release(&options);
}

static void test_after_two_dashes_everything_is_an_operand(void **state)
{
    struct parsed_options options = parse(ARGUMENTS("-q", "--", "--quiet", "--"));

    (void)state;
    assert_int_equal(options.given_count, 1);
    assert_int_equal(options.operand_count, 2);
    assert_string_equal(options.operands[0], "--quiet");
    assert_string_equal(options.operands[1], "--");
    options_release(&options);
}

static void test_a_repeated_option_keeps_all_values_in_order(void **state)
{
    struct parsed_options options = parse(ARGUMENTS("--filter", "a", "--filter=b", "--filter="));

    (void)state;
    assert_int_equal(options.given_count, 3);
    assert_int_equal(options.given[0].option, FILTER);
    assert_string_equal(options.given[0].value, "a");
    assert_string_equal(options.given[1].value, "b");
    assert_string_equal(options.given[2].value, "");
    assert_string_equal(option_value(&options, FILTER), "");
    options_release(&options);
}

static void test_help_ends_the_reading(void **state)
{
    struct parsed_options options = parse(ARGUMENTS("--help", "--no-such-option"));

    (void)state;
    assert_true(options.help);
    options_release(&options);
    options = parse(ARGUMENTS("a", "-h", "b", "c", "d", "e"));
    assert_true(options.help);
    options_release(&options);
}

static void test_wrong_options_are_refused_with_a_reason(void **state)
{
    (void)state;
    assert_refused(&subject, ARGUMENTS("--fromat", "json"),
                   "unknown option --fromat; did you mean --format?");
    assert_refused(&subject, ARGUMENTS("--fromat=json"),
                   "unknown option --fromat; did you mean --format?");
    assert_refused(&subject, ARGUMENTS("--xyzzy"), "unknown option --xyzzy");
    assert_refused(&subject, ARGUMENTS("--form", "json"),
                   "unknown option --form; did you mean --format?");
    assert_refused(&subject, ARGUMENTS("-x"), "unknown option -x");
    assert_refused(&subject, ARGUMENTS("-q", "--quiet"), "option --quiet is given twice");
    assert_refused(&subject, ARGUMENTS("--quiet=yes"), "option --quiet takes no value");
    assert_refused(&subject, ARGUMENTS("-qx"), "option --quiet takes no value");
}

static void test_wrong_values_are_refused_with_a_reason(void **state)
{
    (void)state;
    assert_refused(&subject, ARGUMENTS("--format"),
                   "option --format needs a value: FORMAT (there are: text json)");
    assert_refused(&subject, ARGUMENTS("--out", "--quiet"), "option --out needs a value: DIR");
    assert_refused(&subject, ARGUMENTS("--format", "jso"),
                   "option --format: no such FORMAT: 'jso' (there are: text json)");
    assert_refused(&subject, ARGUMENTS("--format="),
                   "option --format: no such FORMAT: '' (there are: text json)");
}

static void test_a_value_that_looks_like_an_option_can_be_attached(void **state)
{
    struct parsed_options options = parse(ARGUMENTS("--out=--quiet"));

    (void)state;
    assert_string_equal(option_value(&options, OUT), "--quiet");
    options_release(&options);
}

static void test_choices_do_not_exclude_files(void **state)
{
    struct parsed_options options = parse(ARGUMENTS("--filter", "mine.json"));

    (void)state;
    assert_string_equal(option_value(&options, FILTER), "mine.json");
    options_release(&options);
}

static void test_too_few_or_too_many_operands_are_refused(void **state)
{
    struct command strict = subject;

    (void)state;
    strict.operands_min = 2;
    assert_refused(&strict, ARGUMENTS("a"), "missing operand: LOGS...");
    assert_refused(&strict, ARGUMENTS("a", "b", "c", "d", "e"), "one operand too many: 'd'");
    strict.operand_choices = "bash zsh";
    assert_refused(&strict, ARGUMENTS("zsh", "fish"),
                   "no such operand: 'fish' (there are: bash zsh)");
}

static const struct command grouping = {
    .name = "compare",
    .operands = "BASE... -- NEW...",
    .options = table,
    .option_count = sizeof(table) / sizeof(table[0]),
    .operands_min = 2,
    .operands_max = 9,
    .operand_groups = true,
};

static void test_two_dashes_may_stand_between_groups_and_options_stay_options(void **state)
{
    struct parsed_options options = { 0 };
    struct ou_error err = { 0 };
    size_t count;

    (void)state;
    assert_int_equal(parse_from(allocator_libc(), &grouping,
                                ARGUMENTS("a", "-q", "b", "--", "c", "--out", "x", "--", "d"),
                                &options, &err),
                     OU_OK);
    assert_true(option_given(&options, QUIET));
    assert_string_equal(option_value(&options, OUT), "x");
    assert_int_equal(options.group_count, 3);
    assert_string_equal(options_group(&options, 0, &count)[1], "b");
    assert_int_equal(count, 2);
    assert_string_equal(options_group(&options, 1, &count)[0], "c");
    assert_int_equal(count, 1);
    assert_string_equal(options_group(&options, 2, &count)[0], "d");
    assert_int_equal(count, 1);
    options_release(&options);
}

static void test_without_two_dashes_there_is_one_group(void **state)
{
    struct parsed_options options = parse(ARGUMENTS("a", "--", "b", "--"));
    size_t count;

    (void)state;
    assert_int_equal(options.group_count, 1);
    assert_string_equal(options_group(&options, 0, &count)[2], "--");
    assert_int_equal(count, 3);
    options_release(&options);
}

static void test_an_empty_group_is_refused(void **state)
{
    (void)state;
    assert_refused(&grouping, ARGUMENTS("--", "a", "b"),
                   "nothing stands before --: BASE... -- NEW...");
    assert_refused(&grouping, ARGUMENTS("a", "b", "--"),
                   "nothing stands after --: BASE... -- NEW...");
    assert_refused(&grouping, ARGUMENTS("a", "--", "-q", "--", "b"),
                   "nothing stands after --: BASE... -- NEW...");
}

static bool parse_one(struct allocator *from, void *argument)
{
    struct parsed_options options = { 0 };
    struct ou_error err = { 0 };
    enum ou_status status = parse_from(from, &subject, argument, &options, &err);

    assert_true(status == OU_OK || status == OU_NO_MEMORY);
    options_release(&options);
    return status == OU_OK;
}

static void test_a_failing_allocation_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    fail_each_allocation(parse_one, (void *)ARGUMENTS("--filter", "a", "--quiet", "b"));
}

/* The table itself: what help, completion and manual rely on. */
static void test_every_row_of_the_command_table_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = commands[i];

        assert_ptr_equal(command_find(command->name), command);
        assert_true(command->summary && command->description && command->operands);
        assert_true(command->operands_min <= command->operands_max);
        assert_non_null(command->run);
        assert_non_null(command->exits[EXIT_DONE]);
        for (size_t j = 0; j < command->option_count; j++) {
            const struct option_info *option = &command->options[j];

            assert_true(option->name && option->help);
            assert_true(option->argument || !option->choices);
            assert_true(option->letter != 'h' && strcmp(option->name, "help") != 0);
            for (size_t k = 0; k < j; k++) {
                assert_string_not_equal(option->name, command->options[k].name);
                assert_true(!option->letter || option->letter != command->options[k].letter);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_ways_to_write_a_value_mean_the_same),
        cmocka_unit_test(test_options_and_operands_may_be_mixed),
        cmocka_unit_test(test_after_two_dashes_everything_is_an_operand),
        cmocka_unit_test(test_a_repeated_option_keeps_all_values_in_order),
        cmocka_unit_test(test_help_ends_the_reading),
        cmocka_unit_test(test_wrong_options_are_refused_with_a_reason),
        cmocka_unit_test(test_wrong_values_are_refused_with_a_reason),
        cmocka_unit_test(test_a_value_that_looks_like_an_option_can_be_attached),
        cmocka_unit_test(test_choices_do_not_exclude_files),
        cmocka_unit_test(test_too_few_or_too_many_operands_are_refused),
        cmocka_unit_test(test_two_dashes_may_stand_between_groups_and_options_stay_options),
        cmocka_unit_test(test_without_two_dashes_there_is_one_group),
        cmocka_unit_test(test_an_empty_group_is_refused),
        cmocka_unit_test(test_a_failing_allocation_is_reported_and_leaks_nothing),
        cmocka_unit_test(test_every_row_of_the_command_table_is_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
