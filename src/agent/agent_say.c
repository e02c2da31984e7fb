#include "agent/agent_say.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/time.h"

#define LINE_ROOM 1400
#define NS_PER_MS INT64_C(1000000)

/* One call of `say` a line: whoever writes it in one piece needs no lock. */
void agent_say(const struct agent_voice *voice, const char *format, ...)
{
    char line[LINE_ROOM];
    va_list args;
    size_t len;

    if (!voice->say)
        return;
    len = time_format_iso(time_wall_ns() / NS_PER_MS * NS_PER_MS, line);
    line[len++] = ' ';
    va_start(args, format);
    vsnprintf(line + len, sizeof line - len, format, args);
    va_end(args);
    voice->say(voice->context, line);
}
