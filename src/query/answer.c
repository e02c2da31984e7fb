#include "query/answer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/time.h"

static const char json_type[] = "application/json";

void api_begin(struct http_answer *answer, struct json_writer *ret)
{
    answer->status = 200;
    answer->type = json_type;
    json_writer_init(ret, &answer->body, false);
    json_begin_object(ret);
    json_key(ret, "status");
    json_cstring(ret, "success");
    json_key(ret, "data");
}

void api_error(struct http_answer *answer, unsigned status, const char *type, const char *format,
               ...)
{
    struct json_writer w;
    struct ou_error what;
    va_list args;

    va_start(args, format);
    vsnprintf(what.text, sizeof(what.text), format, args);
    va_end(args);
    buffer_clear(&answer->body);
    answer->status = status;
    answer->type = json_type;
    json_writer_init(&w, &answer->body, false);
    json_begin_object(&w);
    json_key(&w, "status");
    json_cstring(&w, "error");
    json_key(&w, "errorType");
    json_cstring(&w, type);
    json_key(&w, "error");
    json_cstring(&w, what.text);
    json_end(&w);
}

void api_query_error(struct http_answer *answer, enum query_fault fault, const char *text)
{
    static const struct {
        unsigned status;
        const char *type;
    } kinds[] = {
        [QUERY_FINE] = { 500, "internal" },       [QUERY_BAD] = { 400, "bad_data" },
        [QUERY_EXECUTION] = { 422, "execution" }, [QUERY_TIMEOUT] = { 503, "timeout" },
        [QUERY_NO_MEMORY] = { 500, "internal" },  [QUERY_UNAVAILABLE] = { 503, "unavailable" },
    };

    api_error(answer, kinds[fault].status, kinds[fault].type, "%s", text);
}

void api_labels(struct json_writer *w, struct query_labels labels)
{
    json_begin_object(w);
    for (size_t i = 0; i < labels.count; i++) {
        json_key(w, labels.at[i].name);
        json_cstring(w, labels.at[i].value);
    }
    json_end(w);
}

/* 1435781451.781, without zeros at the end. Returns the length. */
static size_t format_seconds(int64_t ms, char *out)
{
    size_t len = 0, decimals = 3;
    uint64_t whole = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    uint64_t part = whole % 1000;

    if (ms < 0)
        out[len++] = '-';
    len += digits_u64(whole / 1000, out + len);
    if (part == 0)
        return len;
    for (; part % 10 == 0; part /= 10)
        decimals--;
    out[len++] = '.';
    return len + digits_fixed(part, decimals, out + len);
}

/* Billionths that say the number exactly: of whole numbers and decimals of some digits. False:
 * it has more. (A decimal of 15 digits is the shortest that reads back; and a quotient of two
 * exact numbers is rounded once, as reading rounds.) */
static bool format_decimal(double value, char *out, size_t *ret_len)
{
    double billionths = nearbyint(fabs(value) * 1e9);
    size_t len = 0, decimals = 9;
    uint64_t whole, part;

    if (!(billionths < 1e15) || billionths / 1e9 != fabs(value))
        return false;
    whole = (uint64_t)billionths / 1000000000;
    part = (uint64_t)billionths % 1000000000;
    if (signbit(value))
        out[len++] = '-';
    len += digits_u64(whole, out + len);
    for (; part > 0 && part % 10 == 0; part /= 10)
        decimals--;
    if (part > 0) {
        out[len++] = '.';
        len += digits_fixed(part, decimals, out + len);
    }
    *ret_len = len;
    return true;
}

/* A million values are what an answer's time goes into: the shortest digits are not looked for
 * where 17 do. */
static size_t format_value(double value, char out[JSON_DOUBLE_ROOM])
{
    size_t len;
    char *other_dot;

    if (!isfinite(value))
        return (size_t)snprintf(out, JSON_DOUBLE_ROOM, "%s",
                                isnan(value) ? "NaN"
                                : value > 0  ? "+Inf"
                                             : "-Inf");
    if (fabs(value) < 9007199254740992.0 && value == trunc(value) && value != 0)
        return digits_i64((int64_t)value, out);
    if (format_decimal(value, out, &len))
        return len;
    len = (size_t)snprintf(out, JSON_DOUBLE_ROOM, "%.17g", value);
    other_dot = strchr(out, ','); /* in some users' language */
    if (other_dot)
        *other_dot = '.';
    return len;
}

enum { POINT_ROOM = 2 * JSON_DOUBLE_ROOM + 8 };

static size_t format_point(int64_t at_ms, double value, char out[POINT_ROOM])
{
    size_t len = 0;

    out[len++] = '[';
    len += format_seconds(at_ms, out + len);
    out[len++] = ',';
    out[len++] = '"';
    len += format_value(value, out + len);
    out[len++] = '"';
    out[len++] = ']';
    return len;
}

void api_point(struct json_writer *w, int64_t at_ms, double value)
{
    char text[JSON_DOUBLE_ROOM];

    json_begin_array(w);
    json_seconds(w, at_ms * 1000000);
    json_text(w, (struct span){ text, format_value(value, text) });
    json_end(w);
}

void api_points(struct json_writer *w, const struct query_point *points, size_t count)
{
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        char text[POINT_ROOM + 1];
        size_t comma = i > 0;

        text[0] = ',';
        buffer_append(w->out, text + 1 - comma,
                      format_point(points[i].at_ms, points[i].value, text + 1) + comma);
    }
    json_end(w);
}

/* Seconds as a decimal, to the next millisecond. */
static bool read_seconds(const char *text, int64_t *ret_ms)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end == text || *end || !(fabs(seconds) <= API_TIME_MAX_MS / 1000.0))
        return false;
    *ret_ms = llround(seconds * 1000);
    return true;
}

/* "+02:00" at the end of an instant: minutes east. */
static bool read_offset(struct span *text, int *ret_min)
{
    const char *at = text->at + text->len - 6;

    *ret_min = 0;
    if (text->len < 20 || (*at != '+' && *at != '-'))
        return true;
    for (int i = 1; i < 6; i++)
        if (i == 3 ? at[i] != ':' : at[i] < '0' || at[i] > '9')
            return false;
    *ret_min = (at[1] - '0') * 600 + (at[2] - '0') * 60 + (at[4] - '0') * 10 + at[5] - '0';
    *ret_min = *at == '-' ? -*ret_min : *ret_min;
    text->len -= 6;
    return true;
}

bool api_time(const char *text, int64_t *ret_ms)
{
    struct span iso = span_of(text);
    int64_t ns;
    int east_min;

    if (read_seconds(text, ret_ms))
        return true;
    if (!read_offset(&iso, &east_min) || !time_parse_iso(iso.at, iso.len, &ns))
        return false;
    *ret_ms = ns / 1000000 - (int64_t)east_min * 60000;
    return true;
}

bool api_duration(const char *text, int64_t *ret_ms)
{
    return read_seconds(text, ret_ms) ||
           (query_duration(span_of(text), ret_ms) && *ret_ms <= API_TIME_MAX_MS);
}
