/* What the user's terminal can show. */
#ifndef OU_CMD_TERMINAL_H
#define OU_CMD_TERMINAL_H

#include <stdbool.h>

/* The answer to --color and --progress. */
enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

/* "auto", "always", "never"; NULL, as when the option was not given, is auto. */
enum when when_of(const char *text);

bool terminal_is(int fd);

/* Columns to write in: the terminal's, else those of COLUMNS, else 80; at least 40. */
int terminal_width(int fd);

/* May text for fd be coloured? `auto` asks for a terminal that is not "dumb"
 * and an environment without NO_COLOR (https://no-color.org). */
bool terminal_colour(int fd, enum when when);

/* Does the user's locale (LC_ALL, else LC_CTYPE, else LANG) write UTF-8? */
bool terminal_utf8(void);

/* Should progress be shown on fd? `auto` asks for a terminal that is not "dumb",
 * because a progress line is rewritten in place. */
bool terminal_progress(int fd, enum when when);

#endif
