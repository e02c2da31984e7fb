#include "cmd/say.h"

#include <stdio.h>

#include "base/buffer.h"
#include "report/safe_text.h"

/* A character becomes ten at most, so this holds every struct ou_error. */
#define LINE_BYTES_MAX ((size_t)64 << 10)

/* In one piece, so that lines of programs that share a terminal stay whole. */
static void say_kind(const struct command *command, const char *kind, const char *text)
{
    struct buffer line;

    buffer_init(&line, allocator_libc(), LINE_BYTES_MAX);
    buffer_printf(&line, "ouroscope %s: %s", command->name, kind);
    safe_text(&line, span_of(text), false);
    buffer_char(&line, '\n');
    if (buffer_status(&line))
        fprintf(stderr, "ouroscope %s: %s(no memory for the message)\n", command->name, kind);
    else
        fputs(buffer_string(&line), stderr);
    buffer_release(&line);
}

void say(const struct command *command, const char *text)
{
    say_kind(command, "", text);
}

void say_warning(const struct command *command, const char *text)
{
    say_kind(command, "warning: ", text);
}
