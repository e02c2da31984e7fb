#include "trace/config_warning.h"

#include <stdio.h>

/* Line breaks in keys and values must not make two warnings of one. */
static void append_line(struct buffer *out, const char *text)
{
    for (; *text; text++)
        buffer_char(out, (unsigned char)*text < ' ' ? ' ' : *text);
    buffer_char(out, '\n');
}

void config_warning_add(struct config_warnings *w, const char *name, int line, const char *format,
                        va_list args)
{
    struct ou_error what = { { 0 } };

    if (w->count++ >= CONFIG_WARNINGS_MAX || !w->lines)
        return;
    vsnprintf(what.text, sizeof(what.text), format, args);
    buffer_printf(w->lines, "%s:%d: ", name, line);
    append_line(w->lines, what.text);
}

void config_warning_rest(const struct config_warnings *w, const char *name)
{
    if (w->lines && w->count > CONFIG_WARNINGS_MAX)
        buffer_printf(w->lines, "%s: %zu more warnings\n", name, w->count - CONFIG_WARNINGS_MAX);
}
