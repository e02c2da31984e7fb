/* Bash completion, from the table of commands. */
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/families.h"

/* The script looks at the words before the cursor and sets COMPREPLY. Bash
 * splits --name=value into three words at the "="; `before` is the option that
 * the word at the cursor is a value of. It needs nothing but bash itself. */
static const char script_head[] =
    "# bash completion of ouroscope; made by: ouroscope completion bash\n"
    "_ouroscope_words() {\n"
    "    COMPREPLY+=($(compgen -W \"$1\" -- \"$word\"))\n"
    "}\n"
    "_ouroscope_paths() {\n"
    "    local IFS=$'\\n'\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    COMPREPLY+=($(compgen -\"$1\" -- \"$word\"))\n"
    "}\n"
    "_ouroscope() {\n"
    "    local command=${COMP_WORDS[1]}\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} kind=\n"
    "    COMPREPLY=()\n"
    "    if [[ $word == '=' ]]; then\n"
    "        word=\n"
    "    elif [[ $before == '=' && COMP_CWORD -gt 2 ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n"
    "    if ((COMP_CWORD == 1)); then\n"
    "        _ouroscope_commands 1\n"
    "        _ouroscope_words '--help --version'\n"
    "        return\n"
    "    fi\n"
    "    if ((COMP_CWORD == 2)); then\n"
    "        _ouroscope_commands 1\n"
    "    fi\n";

static const char script_tail[] = "    esac\n"
                                  "}\n"
                                  "complete -F _ouroscope ouroscope\n";

/* Second words of a family, with blanks between. */
static void write_second_words(FILE *out, const char *family)
{
    const struct command *command;
    const char *blank = "";

    for (size_t cursor = 0; (command = family_next(family, &cursor)); blank = " ")
        fprintf(out, "%s%s", blank, command_second_word(command));
}

/* A function that completes a command whose first word is word $1 of the line. */
static void write_commands(FILE *out)
{
    struct first_word words[FIRST_WORDS_MAX];
    size_t count = first_words(words);

    fputs("_ouroscope_commands() {\n"
          "    if ((COMP_CWORD == $1)); then\n"
          "        _ouroscope_words '",
          out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%s", i ? " " : "", words[i].name);
    fputs("'\n        return\n    fi\n    case ${COMP_WORDS[$1]} in\n", out);
    for (size_t i = 0; i < count; i++) {
        size_t cursor = 0;

        if (!family_next(words[i].name, &cursor))
            continue;
        fprintf(out, "    %s) _ouroscope_words '", words[i].name);
        write_second_words(out, words[i].name);
        fputs("' ;;\n", out);
    }
    fputs("    esac\n}\n", out);
}

/* Sets the name of the command, of two words where it has two. */
static void write_name_of_command(FILE *out)
{
    const char *bar = "";

    fputs("    case \"$command ${COMP_WORDS[2]}\" in\n    ", out);
    for (size_t i = 0; i < command_count; i++) {
        if (!*command_second_word(commands[i]))
            continue;
        fprintf(out, "%s'%s'", bar, commands[i]->name);
        bar = " | ";
    }
    fputs(") ((COMP_CWORD > 2)) && command+=\" ${COMP_WORDS[2]}\" ;;\n    esac\n", out);
}

/* The lines that complete one kind of value. */
static void write_values(FILE *out, enum value_kind kind, const char *choices)
{
    if (kind == VALUE_COMMAND)
        fputs(" _ouroscope_commands 2;", out);
    if (choices)
        fprintf(out, " _ouroscope_words '%s';", choices);
    if (kind == VALUE_FILE)
        fputs(" _ouroscope_paths f;", out);
    if (kind == VALUE_DIRECTORY)
        fputs(" _ouroscope_paths d;", out);
}

static void write_option_case(FILE *out, const struct command *command,
                              const struct option_info *option)
{
    if (!option->argument)
        return;
    fprintf(out, "    '%s --%s'", command->name, option->name);
    if (option->letter)
        fprintf(out, " | '%s -%c'", command->name, option->letter);
    fputc(')', out);
    write_values(out, option->kind, option->choices);
    fputs(" return ;;\n", out);
}

static void write_command_case(FILE *out, const struct command *command)
{
    fprintf(out, "    '%s -')\n        _ouroscope_words '", command->name);
    for (size_t i = 0; i < command->option_count; i++)
        fprintf(out, "--%s ", command->options[i].name);
    fprintf(out, "--help' ;;\n    '%s ')\n       ", command->name);
    write_values(out, command->operand_kind, command->operand_choices);
    fputs(" ;;\n", out);
}

enum exit_code cmd_completion(const struct parsed_options *options)
{
    FILE *out = stdout;

    (void)options; /* its operand can only be "bash" */
    write_commands(out);
    fputs(script_head, out);
    write_name_of_command(out);
    fputs("    case \"$command $before\" in\n", out);
    for (size_t i = 0; i < command_count; i++) {
        for (size_t j = 0; j < commands[i]->option_count; j++)
            write_option_case(out, commands[i], &commands[i]->options[j]);
    }
    fputs("    esac\n"
          "    [[ $word == -* ]] && kind=-\n"
          "    case \"$command $kind\" in\n",
          out);
    for (size_t i = 0; i < command_count; i++)
        write_command_case(out, commands[i]);
    fputs(script_tail, out);
    return EXIT_DONE;
}
