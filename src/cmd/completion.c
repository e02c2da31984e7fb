/* Bash completion, from the table of commands. */
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"

/* The script looks at the words before the cursor and sets COMPREPLY. Bash
 * splits --name=value into three words at the "="; `before` is the option that
 * the word at the cursor is a value of. It needs nothing but bash itself. */
static const char script_head[] =
    "# bash completion of ouroscope; made by: ouroscope completion bash\n"
    "_ouroscope_words() {\n"
    "    COMPREPLY=($(compgen -W \"$1\" -- \"$word\"))\n"
    "}\n"
    "_ouroscope_paths() {\n"
    "    local IFS=$'\\n'\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    COMPREPLY+=($(compgen -\"$1\" -- \"$word\"))\n"
    "}\n"
    "_ouroscope() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} kind=\n"
    "    COMPREPLY=()\n"
    "    if [[ $word == '=' ]]; then\n"
    "        word=\n"
    "    elif [[ $before == '=' && COMP_CWORD -gt 2 ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n"
    "    if ((COMP_CWORD == 1)); then\n";

static const char script_tail[] = "    esac\n"
                                  "}\n"
                                  "complete -F _ouroscope ouroscope\n";

static void write_command_names(FILE *out)
{
    for (size_t i = 0; i < command_count; i++)
        fprintf(out, "%s%s", i ? " " : "", commands[i]->name);
}

/* The lines that complete one kind of value. */
static void write_values(FILE *out, enum value_kind kind, const char *choices)
{
    if (kind == VALUE_COMMAND) {
        fputs(" _ouroscope_words '", out);
        write_command_names(out);
        fputs("';", out);
    }
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
    fputs(script_head, out);
    fputs("        _ouroscope_words '", out);
    write_command_names(out);
    fputs(" --help --version'\n        return\n    fi\n", out);
    fputs("    case \"${COMP_WORDS[1]} $before\" in\n", out);
    for (size_t i = 0; i < command_count; i++) {
        for (size_t j = 0; j < commands[i]->option_count; j++)
            write_option_case(out, commands[i], &commands[i]->options[j]);
    }
    fputs("    esac\n"
          "    [[ $word == -* ]] && kind=-\n"
          "    case \"${COMP_WORDS[1]} $kind\" in\n",
          out);
    for (size_t i = 0; i < command_count; i++)
        write_command_case(out, commands[i]);
    fputs(script_tail, out);
    return EXIT_DONE;
}
