/* --help, from the table of commands. Failures to write stick to the stream. */
#ifndef OU_CMD_HELP_H
#define OU_CMD_HELP_H

#include <stdio.h>

#include "cmd/commands.h"

void help_of_program(FILE *out);
void help_of_command(FILE *out, const struct command *command);

/* What stands before an option's choices: are they all that there is? */
const char *option_choices_title(const struct option_info *option);

/* What COMMAND in `help COMMAND` and the like names, of one word or two: NULL for the program when
 * there is no operand. OU_USAGE, with the nearest name, when there is no such
 * command; a family alone is none. */
enum ou_status command_named(const struct parsed_options *options, const struct command **ret,
                             struct ou_error *err);

/* Fills in err: the first of these words is no command, or the first two are none of a family. */
void unknown_command(int count, const char *const *words, struct ou_error *err);

/* "ouroscope analyse: MESSAGE" on standard error, and where to read more. */
enum exit_code say_usage_error(const struct command *command, const struct ou_error *err);

#endif
