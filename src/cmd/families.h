/* Commands of two words, by the first of them: `profile list`, `profile show`, ... Help, dispatch, manual and
 * completion all speak of them by this. */
#ifndef OU_CMD_FAMILIES_H
#define OU_CMD_FAMILIES_H

#include <stdio.h>

#include "cmd/commands.h"

/* What a command line may begin with: a command of one word, or the family of several of two. */
struct first_word {
    const char *name, *summary;
};
#define FIRST_WORDS_MAX 64

/* By name; a family that has no commands is left out. Returns how many. */
size_t first_words(struct first_word ret[FIRST_WORDS_MAX]);

/* The next command of a family behind *cursor, which begins at 0; NULL behind the last. */
const struct command *family_next(const char *family, size_t *cursor);

/* NULL where the word is no family, or one without commands. */
const struct command_family *family_of_word(const char *word);

/* The second word of a command's name; "" where it has one word only. */
const char *command_second_word(const struct command *command);

/* What `ouroscope FAMILY --help` prints. */
void help_of_family(FILE *out, const struct command_family *family);

/* "NAME  summary" of all commands of a family, a line each. */
void help_of_members(FILE *out, const char *family);

/* The end of a command line that begins with a family's name and names none of its commands: words[0] is the family. */
enum exit_code family_without_command(const struct command_family *family, int count,
                                      const char *const *words);

#endif
