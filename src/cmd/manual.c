/* Manual pages in mdoc(7), from the table of commands. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/help.h"

/* One word of running text. A backslash begins an escape in mdoc, and a dash
 * is a hyphen unless it is escaped, which makes options impossible to copy. */
static void write_word(FILE *out, const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (word[i] == '\\')
            fputs("\\e", out);
        else if (word[i] == '-')
            fputs("\\-", out);
        else
            fputc(word[i], out);
    }
}

static bool ends_sentence(const char *word, size_t len)
{
    return len > 1 && word[len - 1] == '.' && word[len - 2] != '.';
}

/* Running text, a sentence to a line, with .Pp between paragraphs. A line must
 * not begin with a dot or a quote, which would make it a request. */
static void write_text(FILE *out, const char *text)
{
    bool begins_line = true;

    while (*text) {
        size_t len = strcspn(text, " \n");

        if (begins_line && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        write_word(out, text, len);
        begins_line = ends_sentence(text, len) || text[len] == '\n';
        if (text[len])
            fputc(begins_line ? '\n' : ' ', out);
        if (text[len] == '\n')
            fputs(".Pp\n", out);
        text += len;
        text += strspn(text, " \n");
    }
    fputc('\n', out);
}

/* Text as it stands, inside a display. */
static void write_literal(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            fputc('\n', out);
        else
            write_word(out, text, 1);
    }
    fputc('\n', out);
}

/* An argument of a macro: "|" and the like would be read as delimiters. */
static void write_macro_argument(FILE *out, const char *text)
{
    fputc('"', out);
    fputs(text, out);
    fputc('"', out);
}

/* "profile-show": a page's name has no blanks. */
static void write_page_name(FILE *out, const struct command *command, bool upper)
{
    for (const char *c = command->name; *c; c++)
        fputc(*c == ' ' ? '-' : upper ? toupper((unsigned char)*c) : *c, out);
}

static void write_heading(FILE *out, const struct command *command)
{
    fprintf(out, ".Dd %s\n", OUROSCOPE_DATE);
    if (command) {
        fputs(".Dt OUROSCOPE-", out);
        write_page_name(out, command, true);
        fputs(" 1\n", out);
    } else {
        fputs(".Dt OUROSCOPE 1\n", out);
    }
    fputs(".Os Ouroscope " OUROSCOPE_VERSION "\n.Sh NAME\n", out);
    fputs(command ? ".Nm ouroscope-" : ".Nm ouroscope", out);
    if (command)
        write_page_name(out, command, false);
    fprintf(out, "\n.Nd %s\n",
            command ? command->summary
                    : "measure clusters of Cardano nodes, collect what they trace");
}

static void write_flag(FILE *out, const char *macro, const struct option_info *option)
{
    fprintf(out, ".%s ", macro);
    if (option->letter)
        fprintf(out, "Fl %c | ", option->letter);
    fprintf(out, "Fl Fl %s", option->name);
    if (option->argument) {
        fputs(" Ar ", out);
        write_macro_argument(out, option->argument);
    }
    fputc('\n', out);
}

static void write_synopsis(FILE *out, const struct command *command)
{
    fprintf(out, ".Sh SYNOPSIS\n.Nm ouroscope %s\n", command->name);
    for (size_t i = 0; i < command->option_count; i++)
        write_flag(out, "Op", &command->options[i]);
    if (command->operands[0]) {
        fputs(".Ar ", out);
        write_macro_argument(out, command->operands);
        fputc('\n', out);
    }
}

static void write_choices(FILE *out, const struct option_info *option)
{
    fprintf(out, "%s\n", option_choices_title(option));
    for (const char *word = option->choices; *word;) {
        size_t len = strcspn(word, " ");

        fprintf(out, ".Cm %.*s%s\n", (int)len, word, word[len] ? " ," : " .");
        word += len;
        word += strspn(word, " ");
    }
}

static void write_options(FILE *out, const struct command *command)
{
    fputs(".Pp\nThe options are:\n.Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option_info *option = &command->options[i];

        write_flag(out, "It", option);
        write_text(out, option->help);
        if (option->choices)
            write_choices(out, option);
        if (option->repeatable)
            fputs("May be given more than once.\n", out);
    }
    fputs(".It Fl h | Fl Fl help\nPrint a help text.\n.El\n", out);
}

static void write_exits(FILE *out, const struct command *command)
{
    fputs(".Sh EXIT STATUS\n.Bl -tag -width Ds\n", out);
    for (int code = EXIT_DONE; code <= EXIT_REGRESSION; code++) {
        if (command->exits[code]) {
            fprintf(out, ".It %d\n", code);
            write_text(out, command->exits[code]);
        }
    }
    fputs(".El\n", out);
}

static void write_examples(FILE *out, const struct command *command)
{
    if (command->example_count)
        fputs(".Sh EXAMPLES\n", out);
    for (size_t i = 0; i < command->example_count; i++) {
        const struct command_example *example = &command->examples[i];

        fprintf(out, "%s%s:\n.Bd -literal -offset indent\n", i ? ".Pp\n" : "", example->what);
        write_literal(out, example->line);
        fputs(".Ed\n", out);
    }
}

static const char *section_of(const char *page)
{
    return strrchr(page, ' ') + 1;
}

/* By section, then by name, as mandoc wants them. */
static int by_page(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    int order = strcmp(section_of(x), section_of(y));

    return order ? order
                 : strcmp(x, y); /* the blank behind a name sorts before any letter and dash */
}

static void write_see_also(FILE *out, const struct command *command)
{
    const char *pages[SEE_ALSO_MAX];
    size_t count = 0;

    while (count < SEE_ALSO_MAX && command->see_also[count]) {
        pages[count] = command->see_also[count];
        count++;
    }
    qsort(pages, count, sizeof *pages, by_page);
    fputs(".Sh SEE ALSO\n.Xr ouroscope 1", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, " ,\n.Xr %s", pages[i]);
    fputc('\n', out);
}

static void manual_of_command(FILE *out, const struct command *command)
{
    write_heading(out, command);
    write_synopsis(out, command);
    fputs(".Sh DESCRIPTION\n", out);
    write_text(out, command->description);
    write_options(out, command);
    write_exits(out, command);
    write_examples(out, command);
    write_see_also(out, command);
}

static void write_environment(FILE *out)
{
    fputs(".Sh ENVIRONMENT\n.Bl -tag -width NO_COLOR\n"
          ".It Ev NO_COLOR\n"
          "If it is set and not empty, nothing is coloured unless an option asks for it.\n"
          ".It Ev TERM\n"
          "On a terminal of kind\n.Dq dumb\n"
          "nothing is coloured, and no progress is shown.\n"
          ".It Ev COLUMNS\n"
          "The width of reports that do not go to a terminal.\n"
          ".El\n",
          out);
}

static void write_exits_of_program(FILE *out)
{
    fputs(".Sh EXIT STATUS\n.Bl -tag -width Ds\n"
          ".It 0\nThe work was done.\n"
          ".It 1\nThe work failed.\n"
          ".It 2\nThe command line cannot be understood; nothing was done.\n"
          ".It 3\nThe work was done, and found a regression.\n"
          ".El\n",
          out);
}

static void manual_of_program(FILE *out)
{
    write_heading(out, NULL);
    fputs(".Sh SYNOPSIS\n.Nm ouroscope\n.Ar command\n.Op Ar options\n"
          ".Nm ouroscope\n.Fl h | Fl Fl help\n"
          ".Nm ouroscope\n.Fl V | Fl Fl version\n"
          ".Sh DESCRIPTION\n"
          "Measures the performance of clusters of Cardano nodes, and collects what nodes trace.\n"
          "Results go to standard output, progress and errors to standard error.\n"
          ".Pp\nThe commands are:\n.Bl -tag -width completion\n",
          out);
    for (size_t i = 0; i < command_count; i++) {
        fputs(".It Xr ouroscope-", out);
        write_page_name(out, commands[i], false);
        fputs(" 1\n", out);
        write_text(out, commands[i]->summary);
    }
    fputs(".El\n", out);
    write_environment(out);
    write_exits_of_program(out);
    fputs(".Sh SEE ALSO\n", out);
    for (size_t i = 0; i < command_count; i++) {
        fputs(".Xr ouroscope-", out);
        write_page_name(out, commands[i], false);
        fputs(i + 1 < command_count ? " 1 ,\n" : " 1\n", out);
    }
}

enum exit_code cmd_man(const struct parsed_options *options)
{
    const struct command *command;
    struct ou_error err = { 0 };

    if (command_named(options, &command, &err))
        return say_usage_error(options->command, &err);
    if (command)
        manual_of_command(stdout, command);
    else
        manual_of_program(stdout);
    return EXIT_DONE;
}
