#include "wire/trace_object.h"

#include "base/time.h"
#include "base/utf8.h"

enum { OBJECT_ITEMS = 9 };

/* How a time may come: RFC 8949 3.4.1 and 3.4.2, and the register of tags for the last one. */
enum { TAG_TIME_TEXT = 0, TAG_TIME_NUMBER = 1, TAG_TIME_PARTS = 1000 };

/* The keys of TAG_TIME_PARTS. */
enum { KEY_SECONDS = 1, KEY_PICOSECONDS = -12 };

#define PICOSECONDS_PER_SECOND UINT64_C(1000000000000)
#define PICOSECONDS_PER_NS 1000

/* Seconds that are exact as a float, far beyond all clocks. */
#define FLOAT_SECONDS_MAX 9007199254740992.0

/* --- Time ------------------------------------------------------------------------------ */

static void read_time_parts(struct cbor *c, struct trace_object *ret)
{
    struct cbor_run run = cbor_map(c);
    bool has_seconds = false, has_picoseconds = false;

    while (cbor_more(c, &run)) {
        int64_t key = cbor_int(c);

        if (key == KEY_SECONDS && !has_seconds) {
            ret->seconds = cbor_int(c);
            has_seconds = true;
        } else if (key == KEY_PICOSECONDS && !has_picoseconds) {
            ret->picoseconds =
                cbor_uint_below(c, PICOSECONDS_PER_SECOND, "picoseconds beyond a second");
            has_picoseconds = true;
        } else {
            cbor_refuse(c, "a time of other parts than seconds and picoseconds");
        }
    }
    if (!has_seconds || !has_picoseconds)
        cbor_refuse(c, "a time without seconds or picoseconds");
}

static void set_float_time(struct cbor *c, double value, struct trace_object *ret)
{
    /* Said this way round, so that what is no number is refused as well. */
    if (!(value > -FLOAT_SECONDS_MAX && value < FLOAT_SECONDS_MAX)) {
        cbor_refuse(c, "a time out of range");
        return;
    }
    ret->seconds = (int64_t)value;
    if ((double)ret->seconds > value)
        ret->seconds--;
    value = (value - (double)ret->seconds) * (double)PICOSECONDS_PER_SECOND;
    ret->picoseconds = (uint64_t)value;
    if (ret->picoseconds >= PICOSECONDS_PER_SECOND) {
        ret->picoseconds = 0;
        ret->seconds++;
    }
}

static void read_time_number(struct cbor *c, struct trace_object *ret)
{
    enum cbor_kind kind = cbor_peek(c);

    if (kind == CBOR_UINT || kind == CBOR_NEGATIVE)
        ret->seconds = cbor_int(c);
    else
        set_float_time(c, cbor_float(c), ret);
}

/* "+01:30" at the end of a text: how many seconds the clock there is ahead. Z and nothing are 0. */
static int64_t take_offset(struct span *text)
{
    enum { OFFSET_CHARS = 6 };
    const char *at;

    if (text->len < OFFSET_CHARS)
        return 0;
    at = text->at + text->len - OFFSET_CHARS;
    if ((at[0] != '+' && at[0] != '-') || at[3] != ':')
        return 0;
    for (size_t i = 1; i < OFFSET_CHARS; i++)
        if (i != 3 && (at[i] < '0' || at[i] > '9'))
            return 0;
    text->len -= OFFSET_CHARS;
    return (at[0] == '-' ? -1 : 1) *
           (((at[1] - '0') * 10 + at[2] - '0') * 3600 + ((at[4] - '0') * 10 + at[5] - '0') * 60);
}

static void read_time_text(struct cbor *c, struct trace_object *ret)
{
    struct span text = cbor_text(c);
    int64_t offset_seconds = take_offset(&text), ns;

    if (!cbor_ok(c))
        return;
    if (!time_parse_iso(text.at, text.len, &ns)) {
        cbor_refuse(c, "a time that is no date");
        return;
    }
    ret->seconds = ns / NS_PER_SECOND - offset_seconds;
    ret->picoseconds = (uint64_t)(ns % NS_PER_SECOND) * PICOSECONDS_PER_NS;
}

static void read_time(struct cbor *c, struct trace_object *ret)
{
    uint64_t tag = cbor_tag(c);

    if (!cbor_ok(c))
        return;
    switch (tag) {
    case TAG_TIME_PARTS: read_time_parts(c, ret); break;
    case TAG_TIME_NUMBER: read_time_number(c, ret); break;
    case TAG_TIME_TEXT: read_time_text(c, ret); break;
    default: cbor_refuse(c, "a time of an unknown form");
    }
}

/* --- The parts of an object ------------------------------------------------------------------- */

/* [] or [text]. */
static bool read_maybe_text(struct cbor *c, struct span *ret)
{
    struct cbor_run run = cbor_list(c);
    bool has = cbor_more(c, &run);

    if (!has)
        return false;
    *ret = cbor_utf8(c);
    if (cbor_more(c, &run))
        cbor_refuse(c, "an optional text of more than one");
    return cbor_ok(c);
}

static void read_machine(struct cbor *c, struct trace_object *ret)
{
    if (cbor_peek(c) == CBOR_TEXT) {
        ret->machine_kind = MACHINE_LINE;
        ret->machine = cbor_utf8(c);
    } else {
        ret->machine_kind = read_maybe_text(c, &ret->machine) ? MACHINE_DATA : MACHINE_ABSENT;
    }
}

static void read_name(struct cbor *c, struct trace_object *ret)
{
    struct cbor_run run = cbor_list(c);

    while (cbor_more(c, &run)) {
        if (ret->name_count == TRACE_NAME_PARTS_MAX) {
            cbor_refuse(c, "a name of too many parts");
            return;
        }
        ret->name[ret->name_count++] = cbor_utf8(c);
    }
}

/* [0] to [count - 1]. */
static uint8_t read_choice(struct cbor *c, uint64_t count, const char *why)
{
    cbor_list_of(c, 1);
    return (uint8_t)cbor_uint_below(c, count, why);
}

void trace_object_read(struct cbor *c, struct trace_object *ret)
{
    ret->has_human = false;
    ret->human = ret->machine = (struct span){ 0 };
    ret->name_count = 0;
    ret->seconds = 0;
    ret->picoseconds = 0;
    cbor_list_of(c, OBJECT_ITEMS);
    (void)cbor_uint_below(c, 1, "a trace object of an unknown form");
    ret->has_human = read_maybe_text(c, &ret->human);
    read_machine(c, ret);
    read_name(c, ret);
    ret->severity = read_choice(c, TRACE_SEVERITIES, "an unknown severity");
    ret->detail = read_choice(c, TRACE_DETAILS, "an unknown level of detail");
    read_time(c, ret);
    ret->host = cbor_utf8(c);
    ret->thread = cbor_utf8(c);
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void write_maybe_text(struct buffer *b, bool has, struct span text)
{
    cbor_put_list(b, has ? 1 : 0);
    if (has)
        cbor_put_text(b, text);
}

static void write_name(struct buffer *b, const struct trace_object *o)
{
    if (o->name_count == 0) {
        cbor_put_list(b, 0);
        return;
    }
    cbor_put_list_open(b);
    for (size_t i = 0; i < o->name_count; i++)
        cbor_put_text(b, o->name[i]);
    cbor_put_break(b);
}

static void write_choice(struct buffer *b, uint8_t index)
{
    cbor_put_list(b, 1);
    cbor_put_uint(b, index);
}

void trace_object_write(struct buffer *b, const struct trace_object *o)
{
    cbor_put_list(b, OBJECT_ITEMS);
    cbor_put_uint(b, 0);
    write_maybe_text(b, o->has_human, o->human);
    if (o->machine_kind == MACHINE_LINE)
        cbor_put_text(b, o->machine);
    else
        write_maybe_text(b, o->machine_kind == MACHINE_DATA, o->machine);
    write_name(b, o);
    write_choice(b, o->severity);
    write_choice(b, o->detail);
    cbor_put_tag(b, TAG_TIME_PARTS);
    cbor_put_map(b, 2);
    cbor_put_int(b, KEY_SECONDS);
    cbor_put_int(b, o->seconds);
    cbor_put_int(b, KEY_PICOSECONDS);
    cbor_put_uint(b, o->picoseconds);
    cbor_put_text(b, o->host);
    cbor_put_text(b, o->thread);
}

/* --- What it says ----------------------------------------------------------------------------- */

struct span trace_object_thread(const struct trace_object *o)
{
    static const char prefix[] = "ThreadId ";
    struct span thread = o->thread;

    if (span_starts(thread, prefix)) {
        thread.at += sizeof prefix - 1;
        thread.len -= sizeof prefix - 1;
    }
    return thread;
}

int64_t trace_object_ns(const struct trace_object *o)
{
    if (o->seconds < 0)
        return 0;
    if (o->seconds >= INT64_MAX / NS_PER_SECOND)
        return INT64_MAX;
    return o->seconds * NS_PER_SECOND + (int64_t)(o->picoseconds / PICOSECONDS_PER_NS);
}

void trace_object_name(const struct trace_object *o, struct buffer *out)
{
    for (size_t i = 0; i < o->name_count; i++) {
        if (i > 0)
            buffer_char(out, '.');
        buffer_append(out, o->name[i].at, o->name[i].len);
    }
}
