#include "json/members.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void json_member_string(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_cstring(w, text);
}

void json_member_count(struct json_writer *w, const char *key, uint64_t count)
{
    json_key(w, key);
    json_uint(w, count);
}

/* Negative stands for not known. */
void json_member_known_count(struct json_writer *w, const char *key, int64_t count)
{
    json_key(w, key);
    if (count < 0)
        json_none(w);
    else
        json_int(w, count);
}

void json_member_double(struct json_writer *w, const char *key, double value)
{
    json_key(w, key);
    json_double(w, value);
}

void json_member_bool(struct json_writer *w, const char *key, bool value)
{
    json_key(w, key);
    json_bool(w, value);
}

void json_member_instant(struct json_writer *w, const char *key, int64_t ns)
{
    json_key(w, key);
    json_instant(w, ns);
}

void json_member_seconds(struct json_writer *w, const char *key, int64_t ns)
{
    json_key(w, key);
    json_seconds(w, ns);
}

void json_member_range(struct json_writer *w, const char *key, double low, double high)
{
    json_key(w, key);
    if (isnan(low) || isnan(high)) {
        json_none(w);
        return;
    }
    json_begin_array_inline(w);
    json_double(w, low);
    json_double(w, high);
    json_end(w);
}

void json_rounded(struct json_writer *w, double value)
{
    char digits[JSON_DOUBLE_ROOM];

    if (isfinite(value)) {
        snprintf(digits, sizeof digits, "%.6g", value);
        value = strtod(digits, NULL);
    }
    json_double(w, value);
}
