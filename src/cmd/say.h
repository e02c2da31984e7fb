/* What a command tells the person in front of it, on standard error, one line
 * each. Texts hold names from the outside (paths, hosts); what could make a
 * terminal do anything but print is written as escapes. */
#ifndef OU_CMD_SAY_H
#define OU_CMD_SAY_H

#include "cmd/commands.h"

/* "ouroscope COMMAND: TEXT": an error or a remark. */
void say(const struct command *command, const char *text);
/* "ouroscope COMMAND: warning: TEXT" */
void say_warning(const struct command *command, const char *text);

#endif
