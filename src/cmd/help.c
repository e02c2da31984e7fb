#include "cmd/help.h"

#include <string.h>

#include "base/suggest.h"
#include "cmd/families.h"

#define WIDTH 80       /* help is the same on every terminal, and in the manual */
#define TEXT_COLUMN 24 /* where the explanation of an option begins */

/* Puts words on lines of WIDTH columns, each line but the first indented by
 * `indent`; `column` is where the cursor stands. Newlines in the text are kept. */
static void write_wrapped(FILE *out, const char *text, int indent, int column)
{
    while (*text) {
        int len = (int)strcspn(text, " \n");
        bool begins_line = column == indent;

        if (!begins_line && column + 1 + len > WIDTH) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
            begins_line = true;
        }
        column += fprintf(out, "%s%.*s", begins_line ? "" : " ", len, text);
        text += len;
        for (; *text == '\n'; text++) {
            fprintf(out, "\n%*s", text[1] == '\n' ? 0 : indent, "");
            column = indent;
        }
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

/* The left-hand side of a list, and the cursor at TEXT_COLUMN for the right. */
static void write_term(FILE *out, int written)
{
    if (written > TEXT_COLUMN - 2) {
        fputc('\n', out);
        written = 0;
    }
    fprintf(out, "%*s", TEXT_COLUMN - written, "");
}

static int write_option_names(FILE *out, const struct option_info *option)
{
    int written = 0;

    if (option->letter)
        written += fprintf(out, "  -%c, ", option->letter);
    else
        written += fprintf(out, "      ");
    written += fprintf(out, "--%s", option->name);
    if (option->argument)
        written += fprintf(out, " %s", option->argument);
    return written;
}

const char *option_choices_title(const struct option_info *option)
{
    return option->kind == VALUE_TEXT ? "One of:" : "Shipped:";
}

static void write_option(FILE *out, const struct option_info *option)
{
    write_term(out, write_option_names(out, option));
    write_wrapped(out, option->help, TEXT_COLUMN, TEXT_COLUMN);
    if (option->choices) {
        fprintf(out, "%*s", TEXT_COLUMN, "");
        write_wrapped(out, option->choices, TEXT_COLUMN,
                      TEXT_COLUMN + fprintf(out, "%s", option_choices_title(option)));
    }
    if (option->repeatable)
        fprintf(out, "%*sMay be given more than once.\n", TEXT_COLUMN, "");
}

static const struct option_info help_option = { .name = "help",
                                                .letter = 'h',
                                                .help = "Print this help." };
static const struct option_info version_option = {
    .name = "version",
    .letter = 'V',
    .help = "Print the version, and facts about this build; with --json "
            "behind it, as JSON."
};

static void write_exits(FILE *out, const struct command *command)
{
    fputs("\nExit status:\n", out);
    for (int code = EXIT_DONE; code <= EXIT_REGRESSION; code++) {
        if (command->exits[code]) {
            fprintf(out, "  %d  ", code);
            write_wrapped(out, command->exits[code], 5, 5);
        }
    }
}

static void write_examples(FILE *out, const struct command *command)
{
    if (command->example_count)
        fputs("\nExamples:\n", out);
    for (size_t i = 0; i < command->example_count; i++)
        fprintf(out, "  # %s\n  %s\n", command->examples[i].what, command->examples[i].line);
}

/* Of `run`: `run list` and the like. */
static void write_members(FILE *out, const struct command *command)
{
    size_t cursor = 0;

    if (!family_next(command->name, &cursor))
        return;
    fputs("\nFurther commands:\n", out);
    help_of_members(out, command->name);
}

void help_of_command(FILE *out, const struct command *command)
{
    fprintf(out, "Usage: ouroscope %s%s%s%s\n\n", command->name,
            command->option_count ? " [OPTIONS]" : "", command->operands[0] ? " " : "",
            command->operands);
    write_wrapped(out, command->description, 0, 0);
    fputs("\nOptions:\n", out);
    for (size_t i = 0; i < command->option_count; i++)
        write_option(out, &command->options[i]);
    write_option(out, &help_option);
    write_examples(out, command);
    write_exits(out, command);
    write_members(out, command);
}

void help_of_program(FILE *out)
{
    struct first_word words[FIRST_WORDS_MAX];
    size_t count = first_words(words);

    fputs("Usage: ouroscope COMMAND [OPTIONS]\n\n"
          "Measures clusters of Cardano nodes, and collects what nodes trace.\n\n"
          "Commands:\n",
          out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "  %-12s%s\n", words[i].name, words[i].summary);
    fputs("\nOptions:\n", out);
    write_option(out, &help_option);
    write_option(out, &version_option);
    fputs("\nResults go to standard output, progress and errors to standard error.\n"
          "`ouroscope COMMAND --help` tells more of a command.\n",
          out);
}

/* "profile shwo" where the first word is a family, else the first word alone. */
static void write_name(char *ret, size_t room, int count, const char *const *words, bool of_family)
{
    if (of_family && count > 1)
        snprintf(ret, room, "%s %s", words[0], words[1]);
    else
        snprintf(ret, room, "%s", words[0]);
}

void unknown_command(int count, const char *const *words, struct ou_error *err)
{
    bool of_family = family_of_word(words[0]);
    struct first_word first[FIRST_WORDS_MAX];
    size_t first_count = first_words(first);
    struct suggestion near;
    char name[96];

    write_name(name, sizeof name, count, words, of_family);
    suggest_for(&near, span_of(name));
    for (size_t i = 0; !of_family && i < first_count; i++)
        suggest_consider(&near, first[i].name);
    for (size_t i = 0; of_family && i < command_count; i++)
        if (command_is_of(commands[i], words[0]))
            suggest_consider(&near, commands[i]->name);
    if (near.best)
        ou_fail(err, OU_USAGE, "unknown command '%s'; did you mean '%s'?", name, near.best);
    else
        ou_fail(err, OU_USAGE, "unknown command '%s'", name);
}

enum ou_status command_named(const struct parsed_options *options, const struct command **ret,
                             struct ou_error *err)
{
    int count = (int)options->operand_count, used = 0;

    *ret = command_of_words(count, options->operands, &used);
    if (count == 0 || (*ret && used == count))
        return OU_OK;
    if (*ret)
        return ou_fail(err, OU_USAGE, "one operand too many: '%s'", options->operands[used]);
    if (count == 1 && family_of_word(options->operands[0]))
        return ou_fail(err, OU_USAGE, "'%s' has several commands; ouroscope %s --help lists them",
                       options->operands[0], options->operands[0]);
    unknown_command(count, options->operands, err);
    return OU_USAGE;
}

enum exit_code say_usage_error(const struct command *command, const struct ou_error *err)
{
    const char *name = command ? command->name : "";
    const char *blank = command ? " " : "";

    fprintf(stderr, "ouroscope%s%s: %s\nouroscope%s%s --help tells more.\n", blank, name, err->text,
            blank, name);
    return EXIT_WRONG_USAGE;
}

enum exit_code cmd_help(const struct parsed_options *options)
{
    const struct command_family *family =
        options->operand_count == 1 ? family_of_word(options->operands[0]) : NULL;
    const struct command *command;
    struct ou_error err = { 0 };

    if (family && !command_find(family->name)) {
        help_of_family(stdout, family);
        return EXIT_DONE;
    }
    if (command_named(options, &command, &err))
        return say_usage_error(options->command, &err);
    if (command)
        help_of_command(stdout, command);
    else
        help_of_program(stdout);
    return EXIT_DONE;
}
