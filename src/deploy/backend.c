#include "deploy/backend.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

#define LINE_ROOM 1200

static void forget_step(struct backend *b, size_t i)
{
    memmove(&b->steps[i], &b->steps[i + 1], (b->step_count - i - 1) * sizeof *b->steps);
    b->step_count--;
}

void backend_step(struct backend *b, const char *name, const char *host)
{
    const struct backend_step step = { .name = name, .at_ns = time_wall_ns(), .host = host };

    for (size_t i = 0; i < b->step_count; i++)
        if (strcmp(b->steps[i].name, name) == 0)
            forget_step(b, i--);
    if (b->step_count < BACKEND_STEPS_MAX)
        b->steps[b->step_count++] = step;
    if (b->stepped)
        b->stepped(b->context, &step);
}

__attribute__((format(printf, 3, 0))) static void tell(const struct backend *b,
                                                       void (*to)(void *context, const char *line),
                                                       const char *format, va_list args)
{
    char line[LINE_ROOM];

    if (!to)
        return;
    vsnprintf(line, sizeof line, format, args);
    to(b->context, line);
}

void backend_say(struct backend *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tell(b, b->say, format, args);
    va_end(args);
}

void backend_progress(struct backend *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tell(b, b->progress, format, args);
    va_end(args);
}
