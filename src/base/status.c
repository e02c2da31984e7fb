#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Ends an overlong text in "...", not in the middle of a UTF-8 character. */
static void mark_cut(char *text, size_t room)
{
    size_t at = room - sizeof "...";

    while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--;
    memcpy(text + at, "...", sizeof "...");
}

#undef ou_fail /* the analyser's, see status.h */
enum ou_status ou_fail(struct ou_error *err, enum ou_status status, const char *format, ...)
{
    struct ou_error got; /* err->text itself may be among the arguments */
    va_list args;
    int len;

    if (!err)
        return status;
    va_start(args, format);
    len = vsnprintf(got.text, sizeof got.text, format, args);
    va_end(args);
    if (len < 0)
        snprintf(got.text, sizeof got.text, "%s", ou_status_name(status));
    else if ((size_t)len >= sizeof got.text)
        mark_cut(got.text, sizeof got.text);
    memcpy(err->text, got.text, strlen(got.text) + 1);
    return status;
}

const char *ou_status_name(enum ou_status status)
{
    switch (status) {
    case OU_OK: return "ok";
    case OU_NO_MEMORY: return "no memory";
    case OU_IO: return "input/output";
    case OU_INVALID: return "invalid";
    case OU_TOO_LARGE: return "too large";
    case OU_NOT_FOUND: return "not found";
    case OU_INTERRUPTED: return "interrupted";
    case OU_USAGE: return "wrong usage";
    }
    return "unknown";
}
