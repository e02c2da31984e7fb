#include "http/date.h"

#include <stdio.h>

#include "base/time.h"

#define DATE_BYTES 29

/* 1 to 12; 0: none. */
static unsigned month_of(const char *at)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (unsigned i = 0; i < 12; i++)
        if (memcmp(names + (size_t)3 * i, at, 3) == 0)
            return i + 1;
    return 0;
}

/* Digits and separators are looked at by the reader of ISO times. */
int64_t http_date_ns(struct span text)
{
    char iso[TIME_ISO_ROOM];
    int64_t ns;
    int len;

    if (text.len != DATE_BYTES || memcmp(text.at + 3, ", ", 2) != 0 || text.at[7] != ' ' ||
        text.at[11] != ' ' || memcmp(text.at + 25, " GMT", 4) != 0)
        return TIME_NONE;
    len = snprintf(iso, sizeof iso, "%.4s-%02u-%.2s %.8sZ", text.at + 12, month_of(text.at + 8),
                   text.at + 5, text.at + 17);
    return time_parse_iso(iso, (size_t)len, &ns) ? ns : TIME_NONE;
}
