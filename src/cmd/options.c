#include "cmd/options.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/suggest.h"
#include "cmd/commands.h"

/* Where the parser stands. */
struct arguments {
    int count, next;
    char *const *at;
};

static bool is_long(const char *argument)
{
    return strncmp(argument, "--", 2) == 0;
}

/* "-" alone is an operand: standard input. */
static bool is_option(const char *argument)
{
    return argument[0] == '-' && argument[1] != '\0';
}

static bool names_option(const struct option_info *info, const char *name, size_t len)
{
    return strlen(info->name) == len && memcmp(info->name, name, len) == 0;
}

/* The row of --name or -n, whose name ends at len; option_count when there is none. */
static size_t find_option(const struct command *command, const char *argument, size_t len)
{
    size_t i = 0;

    for (; i < command->option_count; i++) {
        const struct option_info *info = &command->options[i];

        if (is_long(argument) ? names_option(info, argument + 2, len - 2)
                              : info->letter == argument[1])
            break;
    }
    return i;
}

static enum ou_status unknown_option(const struct command *command, const char *argument,
                                     size_t len, struct ou_error *err)
{
    struct suggestion near = { 0 };

    if (!is_long(argument))
        return ou_fail(err, OU_USAGE, "unknown option -%c", argument[1]);
    suggest_for(&near, (struct span){ argument + 2, len - 2 });
    suggest_consider(&near, "help");
    for (size_t i = 0; i < command->option_count; i++)
        suggest_consider(&near, command->options[i].name);
    if (!near.best)
        return ou_fail(err, OU_USAGE, "unknown option %.*s", (int)len, argument);
    return ou_fail(err, OU_USAGE, "unknown option %.*s; did you mean --%s?", (int)len, argument,
                   near.best);
}

/* Is value one of the words of choices? */
static bool is_choice(const char *choices, const char *value)
{
    size_t len = strlen(value);

    for (const char *word = choices; *word;) {
        size_t word_len = strcspn(word, " ");

        if (word_len == len && memcmp(word, value, len) == 0)
            return true;
        word += word_len;
        word += strspn(word, " ");
    }
    return false;
}

static enum ou_status check_value(const struct option_info *info, const char *value,
                                  struct ou_error *err)
{
    if (info->kind == VALUE_TEXT && info->choices && !is_choice(info->choices, value))
        return ou_fail(err, OU_USAGE, "option --%s: no such %s: '%s' (there are: %s)", info->name,
                       info->argument, value, info->choices);
    return OU_OK;
}

static enum ou_status missing_value(const struct option_info *info, struct ou_error *err)
{
    if (info->choices)
        return ou_fail(err, OU_USAGE, "option --%s needs a value: %s (there are: %s)", info->name,
                       info->argument, info->choices);
    return ou_fail(err, OU_USAGE, "option --%s needs a value: %s", info->name, info->argument);
}

/* The value of an option: what is attached to it, or the next argument. That
 * one is not taken when it looks like a long option, because then the value
 * was forgotten; --name=--value says it is meant. */
static enum ou_status take_value(const struct option_info *info, const char *attached,
                                 struct arguments *arguments, const char **ret,
                                 struct ou_error *err)
{
    if (!info->argument) {
        if (attached)
            return ou_fail(err, OU_USAGE, "option --%s takes no value", info->name);
        *ret = NULL;
        return OU_OK;
    }
    if (!attached && arguments->next < arguments->count && !is_long(arguments->at[arguments->next]))
        attached = arguments->at[arguments->next++];
    if (!attached)
        return missing_value(info, err);
    *ret = attached;
    return check_value(info, attached, err);
}

/* --name=value and -nvalue carry their value with them; NULL otherwise.
 * *ret_len: where the name ends. */
static const char *attached_value(const char *argument, size_t *ret_len)
{
    if (is_long(argument)) {
        *ret_len = strcspn(argument, "=");
        return argument[*ret_len] ? argument + *ret_len + 1 : NULL;
    }
    *ret_len = 2;
    return argument[2] ? argument + 2 : NULL;
}

static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static enum ou_status read_option(struct parsed_options *options, struct arguments *arguments,
                                  struct ou_error *err)
{
    const struct command *command = options->command;
    const char *argument = arguments->at[arguments->next++];
    size_t len;
    const char *value = attached_value(argument, &len);
    size_t row = find_option(command, argument, len);
    enum ou_status status;

    if (row == command->option_count)
        return unknown_option(command, argument, len, err);
    if (!command->options[row].repeatable && option_given(options, row))
        return ou_fail(err, OU_USAGE, "option --%s is given twice", command->options[row].name);
    status = take_value(&command->options[row], value, arguments, &value, err);
    if (status)
        return status;
    options->given[options->given_count++] = (struct parsed_option){ row, value };
    return OU_OK;
}

/* Ends the group that is being read. */
static enum ou_status end_group(struct parsed_options *options, struct ou_error *err)
{
    size_t begin = options->group_count ? options->group_ends[options->group_count - 1] : 0;

    if (options->command->operand_groups && begin == options->operand_count)
        return ou_fail(err, OU_USAGE, "nothing stands %s --: %s",
                       options->group_count ? "after" : "before", options->command->operands);
    options->group_ends[options->group_count++] = options->operand_count;
    return OU_OK;
}

static enum ou_status check_operands(const struct parsed_options *options, struct ou_error *err)
{
    const struct command *command = options->command;

    if (options->operand_count < command->operands_min)
        return ou_fail(err, OU_USAGE, "missing operand: %s", command->operands);
    if (options->operand_count > command->operands_max)
        return ou_fail(err, OU_USAGE, "one operand too many: '%s'",
                       options->operands[command->operands_max]);
    for (size_t i = 0; command->operand_choices && i < options->operand_count; i++) {
        if (!is_choice(command->operand_choices, options->operands[i]))
            return ou_fail(err, OU_USAGE, "no such operand: '%s' (there are: %s)",
                           options->operands[i], command->operand_choices);
    }
    return OU_OK;
}

/* "--": the next group, or nothing but operands from here on. */
static enum ou_status end_of_options(struct parsed_options *options, bool *only_operands,
                                     struct ou_error *err)
{
    if (options->command->operand_groups)
        return end_group(options, err);
    *only_operands = true;
    return OU_OK;
}

static enum ou_status read_arguments(struct parsed_options *options, struct arguments *arguments,
                                     struct ou_error *err)
{
    bool only_operands = false;
    enum ou_status status = OU_OK;

    while (arguments->next < arguments->count) {
        const char *argument = arguments->at[arguments->next];

        if (only_operands || !is_option(argument)) {
            options->operands[options->operand_count++] = argument;
            arguments->next++;
            continue;
        }
        if (strcmp(argument, "--") == 0) {
            status = end_of_options(options, &only_operands, err);
            if (status)
                return status;
            arguments->next++;
            continue;
        }
        if (is_help(argument)) {
            options->help = true;
            return OU_OK;
        }
        status = read_option(options, arguments, err);
        if (status)
            return status;
    }
    status = check_operands(options, err);
    return status ? status : end_group(options, err);
}

enum ou_status options_parse(const struct command *command, struct allocator *from, int argc,
                             char *const *argv, struct parsed_options *ret, struct ou_error *err)
{
    /* No argument makes more than one item; one more, so that none is empty. */
    struct parsed_options got = { .command = command, .from = from, .room = (size_t)argc + 1 };
    enum ou_status status = OU_NO_MEMORY;

    got.given = alloc_zeroed(from, got.room * sizeof(*got.given));
    got.operands = alloc_zeroed(from, got.room * sizeof(*got.operands));
    got.group_ends = alloc_zeroed(from, got.room * sizeof(*got.group_ends));
    if (got.given && got.operands && got.group_ends)
        status = read_arguments(&got, &(struct arguments){ argc, 0, argv }, err);
    else
        ou_fail(err, status, "no memory for %d arguments", argc);
    if (status) {
        options_release(&got);
        return status;
    }
    *ret = got;
    return OU_OK;
}

void options_release(struct parsed_options *options)
{
    if (!options->from)
        return;
    alloc_free(options->from, options->given, options->room * sizeof(*options->given));
    alloc_free(options->from, options->operands, options->room * sizeof(*options->operands));
    alloc_free(options->from, options->group_ends, options->room * sizeof(*options->group_ends));
    *options = (struct parsed_options){ 0 };
}

const char *const *options_group(const struct parsed_options *options, size_t group,
                                 size_t *ret_count)
{
    size_t begin = group ? options->group_ends[group - 1] : 0;

    assert(group < options->group_count);
    *ret_count = options->group_ends[group] - begin;
    return options->operands + begin;
}

static const struct parsed_option *last_given(const struct parsed_options *options, size_t option)
{
    assert(option < options->command->option_count);
    for (size_t i = options->given_count; i > 0; i--) {
        if (options->given[i - 1].option == option)
            return &options->given[i - 1];
    }
    return NULL;
}

bool option_given(const struct parsed_options *options, size_t option)
{
    return last_given(options, option) != NULL;
}

const char *option_value(const struct parsed_options *options, size_t option)
{
    const struct parsed_option *given = last_given(options, option);

    return given ? given->value : NULL;
}
