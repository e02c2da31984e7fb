#include "trace/render_time.h"

#include <string.h>

#include "base/digits.h"
#include "base/time.h"

enum { SECOND_LEN = 19 }; /* "2025-09-12T16:51:39" */

static const char *second_text(int64_t second)
{
    static _Thread_local int64_t last = -1;
    static _Thread_local char text[TIME_ISO_ROOM];

    if (second != last) {
        time_format_iso(second * NS_PER_SECOND, text);
        last = second;
    }
    return text;
}

size_t render_time(int64_t at_ns, size_t decimals, bool trimmed, char out[RENDER_TIME_ROOM])
{
    const int64_t ns = at_ns < 0 ? 0 : at_ns;
    size_t len = SECOND_LEN + 1 + decimals;

    memcpy(out, second_text(ns / NS_PER_SECOND), SECOND_LEN);
    out[SECOND_LEN] = '.';
    digits_fixed((uint64_t)(ns % NS_PER_SECOND), 9, out + SECOND_LEN + 1);
    while (trimmed && out[len - 1] == '0')
        len--;
    if (out[len - 1] == '.')
        len--;
    out[len] = 'Z';
    return len + 1;
}
