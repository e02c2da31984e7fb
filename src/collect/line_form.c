#include "collect/line_form.h"

#include "base/digits.h"
#include "base/time.h"
#include "json/check.h"
#include "trace/points.h"
#include "trace/render_text.h"

enum { PICO_DIGITS = 12, SECOND_TEXT = 19 /* 2026-03-22T06:24:52 */ };

#define PICOSECONDS_PER_HUNDREDTH UINT64_C(10000000000)

/* --- Time ------------------------------------------------------------------------------------- */

static int64_t whole_second(const struct trace_object *o)
{
    return trace_object_ns(o) / NS_PER_SECOND;
}

/* The date and the time, between which `between` stands; the second of the last message mostly is that of the
 * next, too. */
static void append_second(int64_t second, char between, struct buffer *out)
{
    static _Thread_local int64_t last = -1;
    static _Thread_local char text[TIME_ISO_ROOM];

    if (second != last) {
        time_format_iso(second * NS_PER_SECOND, text);
        last = second;
    }
    text[10] = between;
    buffer_append(out, text, SECOND_TEXT);
}

/* A time that had to be moved into the range has no decimals. */
static uint64_t picoseconds_of(const struct trace_object *o)
{
    return o->seconds == whole_second(o) ? o->picoseconds : 0;
}

void line_time(const struct trace_object *o, struct buffer *out)
{
    char decimals[1 + PICO_DIGITS] = { '.' };
    size_t len = sizeof(decimals);

    append_second(whole_second(o), 'T', out);
    digits_fixed(picoseconds_of(o), PICO_DIGITS, decimals + 1);
    while (decimals[len - 1] == '0')
        len--;
    buffer_append(out, decimals, len > 1 ? len : 0);
    buffer_char(out, 'Z');
}

/* --- The machine's line ----------------------------------------------------------------------- */

/* Whether every run of backslashes has an even length. */
static bool is_doubled(struct span text)
{
    const char *end = text.at + text.len;

    for (const char *at = text.at; at < end && (at = memchr(at, '\\', (size_t)(end - at))) != NULL;
         at += 2)
        if (at + 1 == end || at[1] != '\\')
            return false;
    return true;
}

void line_undouble(struct span machine, struct buffer *out)
{
    const char *at = machine.at, *end = at + machine.len, *slash;

    if (machine.len == 0)
        return;
    if (is_doubled(machine))
        while ((slash = memchr(at, '\\', (size_t)(end - at))) != NULL) {
            buffer_append(out, at, (size_t)(slash + 1 - at));
            at = slash + 2;
        }
    buffer_append(out, at, (size_t)(end - at));
}

static void append_as_text(const char *key, struct span text, struct buffer *out)
{
    buffer_text(out, "{\"");
    buffer_text(out, key);
    buffer_text(out, "\":");
    text_quoted(out, text);
    buffer_char(out, '}');
}

static void append_data(const struct trace_object *o, struct buffer *out)
{
    const size_t start = out->len;

    if (o->machine_kind == MACHINE_DATA) {
        line_undouble(o->machine, out);
        if (buffer_status(out) != OU_OK ||
            json_is_object_line((struct span){ out->at + start, out->len - start }))
            return;
        buffer_cut(out, start);
    }
    if (o->machine_kind != MACHINE_ABSENT && o->machine.len > 0)
        append_as_text("unparsed", o->machine, out);
    else if (o->has_human)
        append_as_text("human", o->human, out);
    else
        buffer_text(out, "{}");
}

void line_machine(const struct trace_object *o, struct span name, struct buffer *out)
{
    if (o->machine_kind == MACHINE_LINE && json_is_object_line(o->machine)) {
        buffer_append(out, o->machine.at, o->machine.len);
        return;
    }
    buffer_text(out, "{\"at\":\"");
    line_time(o, out);
    buffer_text(out, "\",\"ns\":");
    text_quoted(out, name);
    buffer_text(out, ",\"data\":");
    append_data(o, out);
    buffer_text(out, ",\"sev\":\"");
    buffer_text(out, severity_name((enum ou_severity)o->severity));
    buffer_text(out, "\",\"thread\":");
    text_quoted(out, trace_object_thread(o));
    buffer_text(out, ",\"host\":");
    text_quoted(out, o->host);
    buffer_char(out, '}');
}

/* --- The line for people ---------------------------------------------------------------------- */

/* [host:ns:Sev:thread] [2023-03-22 06:24:52.12 UTC] */
static void append_human_head(const struct trace_object *o, struct span name, struct buffer *out)
{
    buffer_char(out, '[');
    text_bare(out, o->host);
    buffer_char(out, ':');
    text_bare(out, name);
    buffer_char(out, ':');
    buffer_text(out, severity_name((enum ou_severity)o->severity));
    buffer_char(out, ':');
    text_bare(out, trace_object_thread(o));
    buffer_text(out, "] [");
    append_second(whole_second(o), ' ', out);
    buffer_char(out, '.');
    buffer_append(out, digits_decimal_pair(picoseconds_of(o) / PICOSECONDS_PER_HUNDREDTH), 2);
    buffer_text(out, " UTC] ");
}

/* What stands from `start` on, JSON, with those controls escaped that JSON may hold: DEL, and U+0080 to U+009F, which
 * terminals take for orders. */
static void bare_from(struct buffer *out, size_t start)
{
    struct buffer copy;

    if (buffer_status(out) != OU_OK)
        return;
    buffer_init(&copy, out->from, out->max);
    buffer_append(&copy, out->at + start, out->len - start);
    if (buffer_status(&copy) == OU_OK) {
        buffer_cut(out, start);
        text_bare(out, (struct span){ copy.at, copy.len });
    } else {
        out->status = buffer_status(&copy);
    }
    buffer_release(&copy);
}

void line_human(const struct trace_object *o, struct span name, struct buffer *out)
{
    const bool has_text = o->has_human && o->human.len > 0;
    size_t start;

    if (o->machine_kind != MACHINE_LINE)
        append_human_head(o, name, out);
    if (has_text) {
        text_bare(out, o->human);
        return;
    }
    start = out->len;
    if (o->machine_kind == MACHINE_LINE)
        line_machine(o, name, out);
    else
        append_data(o, out);
    bare_from(out, start);
}
