#include "collect/api_answer.h"

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
        [QUERY_NO_MEMORY] = { 500, "internal" },
    };

    api_error(answer, kinds[fault].status, kinds[fault].type, "%s", text);
}

void api_labels(struct json_writer *w, const char *name, const char *node_name)
{
    json_begin_object(w);
    if (name && *name) {
        json_key(w, "__name__");
        json_cstring(w, name);
    }
    if (node_name && *node_name) {
        json_key(w, "node_name");
        json_cstring(w, node_name);
    }
    json_end(w);
}

void api_point(struct json_writer *w, int64_t at_ms, double value)
{
    char text[JSON_DOUBLE_ROOM];

    json_begin_array(w);
    json_seconds(w, at_ms * 1000000);
    if (isfinite(value))
        json_text(w, (struct span){ text, json_format_double(value, text) });
    else
        json_cstring(w, isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
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
