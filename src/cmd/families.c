#include "cmd/families.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/help.h"

static int by_name(const void *a, const void *b)
{
    const struct first_word *x = a, *y = b;

    return strcmp(x->name, y->name);
}

size_t first_words(struct first_word ret[FIRST_WORDS_MAX])
{
    size_t count = 0;

    assert(command_count + command_family_count <= FIRST_WORDS_MAX);
    for (size_t i = 0; i < command_count; i++)
        if (!*command_second_word(commands[i]))
            ret[count++] = (struct first_word){ commands[i]->name, commands[i]->summary };
    for (size_t i = 0; i < command_family_count; i++)
        if (family_of_word(command_families[i].name))
            ret[count++] =
                (struct first_word){ command_families[i].name, command_families[i].summary };
    qsort(ret, count, sizeof *ret, by_name);
    return count;
}

const struct command *family_next(const char *family, size_t *cursor)
{
    while (*cursor < command_count) {
        const struct command *command = commands[(*cursor)++];

        if (command_is_of(command, family))
            return command;
    }
    return NULL;
}

const struct command_family *family_of_word(const char *word)
{
    size_t cursor = 0;

    return family_next(word, &cursor) ? command_family_find(word) : NULL;
}

const char *command_second_word(const struct command *command)
{
    const char *blank = strchr(command->name, ' ');

    return blank ? blank + 1 : "";
}

void help_of_members(FILE *out, const char *family)
{
    const struct command *command;

    for (size_t cursor = 0; (command = family_next(family, &cursor));)
        fprintf(out, "  %-16s%s\n", command->name, command->summary);
}

void help_of_family(FILE *out, const struct command_family *family)
{
    fprintf(out,
            "Usage: ouroscope %s COMMAND [OPTIONS]\n\n"
            "To %s.\n\n"
            "Commands:\n",
            family->name, family->summary);
    help_of_members(out, family->name);
    fprintf(out, "\n`ouroscope %s COMMAND --help` tells more of a command.\n", family->name);
}

enum exit_code family_without_command(const struct command_family *family, int count,
                                      const char *const *words)
{
    struct ou_error err = { 0 };

    if (count < 2) {
        help_of_family(stderr, family);
        return EXIT_WRONG_USAGE;
    }
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0) {
        help_of_family(stdout, family);
        return EXIT_DONE;
    }
    if (words[1][0] == '-')
        ou_fail(&err, OU_USAGE, "unknown option %s", words[1]);
    else
        unknown_command(count, words, &err);
    return say_usage_error(NULL, &err);
}
