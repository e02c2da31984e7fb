#include "cmd/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_DEFAULT 80
#define WIDTH_MIN 40
#define WIDTH_MAX 1000

enum when when_of(const char *text)
{
    if (text && strcmp(text, "always") == 0)
        return WHEN_ALWAYS;
    if (text && strcmp(text, "never") == 0)
        return WHEN_NEVER;
    return WHEN_AUTO;
}

bool terminal_is(int fd)
{
    return isatty(fd) == 1;
}

/* Can the cursor be moved and text be coloured? */
static bool terminal_is_clever(int fd)
{
    const char *kind = getenv("TERM");

    return terminal_is(fd) && kind && kind[0] && strcmp(kind, "dumb") != 0;
}

static long columns_asked_for(void)
{
    const char *text = getenv("COLUMNS");
    char *end;
    long columns;

    if (!text)
        return WIDTH_DEFAULT;
    columns = strtol(text, &end, 10);
    return end != text && *end == '\0' && columns > 0 ? columns : WIDTH_DEFAULT;
}

int terminal_width(int fd)
{
    struct winsize size;
    long columns;

    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        columns = size.ws_col;
    else
        columns = columns_asked_for();
    if (columns < WIDTH_MIN)
        return WIDTH_MIN;
    return columns > WIDTH_MAX ? WIDTH_MAX : (int)columns;
}

bool terminal_colour(int fd, enum when when)
{
    const char *no_colour = getenv("NO_COLOR");

    if (when != WHEN_AUTO)
        return when == WHEN_ALWAYS;
    return terminal_is_clever(fd) && !(no_colour && no_colour[0]);
}

bool terminal_utf8(void)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *locale = getenv(names[i]);

        if (locale && locale[0])
            return strcasestr(locale, "UTF-8") || strcasestr(locale, "UTF8");
    }
    return false;
}

bool terminal_progress(int fd, enum when when)
{
    if (when != WHEN_AUTO)
        return when == WHEN_ALWAYS;
    return terminal_is_clever(fd);
}
