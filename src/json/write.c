#include "json/write.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/digits.h"
#include "base/time.h"
#include "base/utf8.h"

void json_writer_init(struct json_writer *w, struct buffer *out, bool indented)
{
    *w = (struct json_writer){ .out = out, .indented = indented };
}

/* ---- structure ---- */

static void new_line(struct json_writer *w)
{
    buffer_char(w->out, '\n');
    for (int i = 0; i < w->depth; i++)
        buffer_text(w->out, "  ");
}

/* What stands between an item and the one before, or the bracket. */
static void begin_item(struct json_writer *w)
{
    int level = w->depth - 1;

    if (w->depth == 0)
        return;
    if (w->has_items[level])
        buffer_char(w->out, ',');
    if (!w->inline_level[level])
        new_line(w);
    else if (w->indented && w->has_items[level])
        buffer_char(w->out, ' ');
    w->has_items[level] = true;
}

static void begin_value(struct json_writer *w)
{
    assert(w->after_key == (w->depth > 0 && w->in_object[w->depth - 1]));
    if (w->after_key)
        w->after_key = false;
    else
        begin_item(w);
}

static void begin_container(struct json_writer *w, bool object, bool on_one_line)
{
    begin_value(w);
    assert(w->depth < JSON_WRITE_DEPTH_MAX);
    if (!w->indented || (w->depth > 0 && w->inline_level[w->depth - 1]))
        on_one_line = true;
    w->in_object[w->depth] = object;
    w->has_items[w->depth] = false;
    w->inline_level[w->depth] = on_one_line;
    w->depth++;
    buffer_char(w->out, object ? '{' : '[');
}

void json_begin_object(struct json_writer *w)
{
    begin_container(w, true, false);
}

void json_begin_array(struct json_writer *w)
{
    begin_container(w, false, false);
}

void json_begin_object_inline(struct json_writer *w)
{
    begin_container(w, true, true);
}

void json_begin_array_inline(struct json_writer *w)
{
    begin_container(w, false, true);
}

void json_end(struct json_writer *w)
{
    assert(w->depth > 0 && !w->after_key);
    w->depth--;
    if (w->has_items[w->depth] && !w->inline_level[w->depth])
        new_line(w);
    buffer_char(w->out, w->in_object[w->depth] ? '}' : ']');
}

/* ---- text ---- */

static void write_escape(struct buffer *out, unsigned char c)
{
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: character, its letter */

    for (const char *pair = named; *pair; pair += 2) {
        if ((unsigned char)*pair == c) {
            buffer_char(out, '\\');
            buffer_char(out, pair[1]);
            return;
        }
    }
    buffer_printf(out, "\\u%04x", c);
}

/* Takes what stands at the front of text: true when it may be written as it is. */
static bool is_plain(struct span *text)
{
    unsigned char c = (unsigned char)*text->at;
    uint32_t character;

    if (c >= 0x80)
        return utf8_next(text, &character);
    text->at++;
    text->len--;
    return c >= ' ' && c != '"' && c != '\\';
}

/* Good bytes go out in runs; only what must change interrupts a run. */
static void write_quoted(struct buffer *out, struct span text)
{
    const char *run = text.at;

    buffer_char(out, '"');
    while (text.len > 0) {
        const char *at = text.at;

        if (is_plain(&text))
            continue;
        buffer_append(out, run, (size_t)(at - run));
        if ((unsigned char)*at < 0x80)
            write_escape(out, (unsigned char)*at);
        else
            buffer_text(out, UTF8_REPLACEMENT);
        run = text.at;
    }
    buffer_append(out, run, (size_t)(text.at - run));
    buffer_char(out, '"');
}

void json_key(struct json_writer *w, const char *key)
{
    assert(w->depth > 0 && w->in_object[w->depth - 1] && !w->after_key);
    begin_item(w);
    write_quoted(w->out, span_of(key));
    buffer_text(w->out, w->indented ? ": " : ":");
    w->after_key = true;
}

void json_text(struct json_writer *w, struct span text)
{
    begin_value(w);
    write_quoted(w->out, text.at ? text : span_of(""));
}

void json_cstring(struct json_writer *w, const char *text)
{
    if (text)
        json_text(w, span_of(text));
    else
        json_none(w);
}

/* ---- scalars ---- */

void json_none(struct json_writer *w)
{
    begin_value(w);
    buffer_text(w->out, "null");
}

void json_bool(struct json_writer *w, bool value)
{
    begin_value(w);
    buffer_text(w->out, value ? "true" : "false");
}

void json_int(struct json_writer *w, int64_t value)
{
    char text[DIGITS_ROOM];

    begin_value(w);
    buffer_append(w->out, text, digits_i64(value, text));
}

void json_uint(struct json_writer *w, uint64_t value)
{
    char text[DIGITS_ROOM];

    begin_value(w);
    buffer_append(w->out, text, digits_u64(value, text));
}

void json_double(struct json_writer *w, double value)
{
    char text[JSON_DOUBLE_ROOM];

    if (!isfinite(value)) {
        json_none(w);
        return;
    }
    begin_value(w);
    buffer_append(w->out, text, json_format_double(value, text));
}

void json_raw(struct json_writer *w, struct span json)
{
    begin_value(w);
    buffer_append(w->out, json.at, json.len);
}

void json_instant(struct json_writer *w, int64_t ns)
{
    char text[TIME_ISO_ROOM];

    if (ns == TIME_NONE) {
        json_none(w);
        return;
    }
    json_text(w, (struct span){ text, time_format_iso(ns, text) });
}

void json_seconds(struct json_writer *w, int64_t ns)
{
    char text[TIME_SECONDS_ROOM];

    if (ns == TIME_NONE) {
        json_none(w);
        return;
    }
    begin_value(w);
    buffer_append(w->out, text, time_format_seconds(ns, text));
}
