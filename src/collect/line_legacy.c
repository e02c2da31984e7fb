#include "collect/line_legacy.h"

#include "base/utf8.h"
#include "collect/line_form.h"
#include "json/scan.h"
#include "trace/legacy_names.h"
#include "trace/points.h"
#include "trace/render_text.h"
#include "trace/render_time.h"

enum { HOST_CHARACTERS = 8, DECIMALS = 2 };

static const char logger_root[] = "\"cardano.node.";

/* --- Peers ------------------------------------------------------------------------------------ */

/* An object of address and port, parted by the last colon outside the brackets of an IPv6 address. The text is
 * that of a JSON string, and stays so. */
static void append_address(struct span end, struct buffer *out)
{
    struct span address = end, port = { NULL, 0 };

    for (size_t i = end.len; i > 0 && end.at[i - 1] != ']'; i--)
        if (end.at[i - 1] == ':') {
            address.len = i - 1;
            port = (struct span){ end.at + i, end.len - i };
            break;
        }
    if (address.len >= 2 && address.at[0] == '[' && address.at[address.len - 1] == ']')
        address = (struct span){ address.at + 1, address.len - 2 };
    buffer_text(out, "{\"addr\":\"");
    buffer_append(out, address.at, address.len);
    buffer_text(out, "\",\"port\":\"");
    buffer_append(out, port.at, port.len);
    buffer_text(out, "\"}");
}

/* The local and the remote end of {"connectionId":"LOCAL REMOTE"}, when value is that and nothing else. */
static bool read_connection(struct span value, struct span *ret_local, struct span *ret_remote)
{
    struct scan s = scan_of(value.at, value.len);
    struct scan_text key, id;
    const char *blank;
    bool first = true;

    if (!scan_enter_object(&s) || !scan_member(&s, &first, &key) ||
        !span_is(key.raw, "connectionId") || !scan_string(&s, &id) ||
        scan_member(&s, &first, &key) || s.problem != SCAN_FINE)
        return false;
    blank = memchr(id.raw.at, ' ', id.raw.len);
    if (!blank || memchr(blank + 1, ' ', (size_t)(id.raw.at + id.raw.len - blank - 1)))
        return false;
    *ret_local = (struct span){ id.raw.at, (size_t)(blank - id.raw.at) };
    *ret_remote = (struct span){ blank + 1, id.raw.len - ret_local->len - 1 };
    return true;
}

static void append_peer(struct span value, struct buffer *out)
{
    struct span local, remote;

    if (!read_connection(value, &local, &remote)) {
        buffer_append(out, value.at, value.len);
        return;
    }
    buffer_text(out, "{\"local\":");
    append_address(local, out);
    buffer_text(out, ",\"remote\":");
    append_address(remote, out);
    buffer_char(out, '}');
}

/* --- Data ------------------------------------------------------------------------------------- */

static void append_kind(const char *kind, struct buffer *out)
{
    buffer_text(out, "\"kind\":");
    text_quoted(out, span_of(kind));
}

static void append_member(struct span key, struct span value, const char *kind, struct buffer *out)
{
    if (kind && span_is(key, "kind")) {
        append_kind(kind, out);
        return;
    }
    buffer_char(out, '"');
    buffer_append(out, key.at, key.len);
    buffer_text(out, "\":");
    if (span_is(key, "peer"))
        append_peer(value, out);
    else
        buffer_append(out, value.at, value.len);
}

/* False when data is no object: then a part of it may have been appended. */
static bool append_members(struct span data, const char *kind, struct buffer *out)
{
    struct scan s = scan_of(data.at, data.len);
    bool first = true, had_kind = false, any = false;
    struct scan_text key;

    if (!scan_enter_object(&s))
        return false;
    buffer_char(out, '{');
    while (scan_member(&s, &first, &key)) {
        const char *value = (scan_peek(&s), s.at);

        if (!scan_skip(&s))
            return false;
        if (any)
            buffer_char(out, ',');
        any = true;
        had_kind = had_kind || span_is(key.raw, "kind");
        append_member(key.raw, (struct span){ value, (size_t)(s.at - value) }, kind, out);
    }
    if (kind && !had_kind) {
        if (any)
            buffer_char(out, ',');
        append_kind(kind, out);
    }
    buffer_char(out, '}');
    return s.problem == SCAN_FINE;
}

/* What is no object is shown as a text. */
static void append_data(struct span data, const struct legacy_form *form, struct buffer *out)
{
    size_t start;

    if (form->wrapped)
        buffer_text(out, "{\"credentials\":\"Cardano\",\"val\":");
    start = out->len;
    if (!append_members(data, form->kind, out) && buffer_status(out) == OU_OK) {
        buffer_cut(out, start);
        text_quoted(out, data);
    }
    if (form->wrapped)
        buffer_char(out, '}');
}

/* The value of `data` in a line of the machine format; the whole line when there is none. */
static struct span find_data(struct span line)
{
    struct scan s = scan_of(line.at, line.len);
    struct scan_text key;
    bool first = true;

    if (!scan_enter_object(&s))
        return line;
    while (scan_member(&s, &first, &key)) {
        const char *value = (scan_peek(&s), s.at);

        if (!scan_skip(&s))
            break;
        if (span_is(key.raw, "data"))
            return (struct span){ value, (size_t)(s.at - value) };
    }
    return line;
}

/* --- The object ------------------------------------------------------------------------------- */

static void append_host(struct span host, struct buffer *out)
{
    struct span rest = host;
    uint32_t character;

    for (int i = 0; i < HOST_CHARACTERS && rest.len > 0 && rest.at[0] != '.'; i++)
        utf8_next(&rest, &character);
    text_quoted(out, (struct span){ host.at, host.len - rest.len });
}

static void append_time(const struct trace_object *o, struct buffer *out)
{
    char *at = buffer_room(out, RENDER_TIME_ROOM);

    if (at)
        buffer_added(out, render_time(trace_object_ns(o), DECIMALS, true, at));
}

/* A name that the older system had not stands as it is. */
static void append_logger(const char *logger, struct span name, struct buffer *out)
{
    const size_t start = out->len + 1;

    buffer_char(out, '[');
    text_quoted(out, logger ? span_of(logger) : name);
    if (!buffer_room(out, sizeof(logger_root)))
        return;
    memmove(out->at + start + strlen(logger_root), out->at + start + 1, out->len - start - 1);
    memcpy(out->at + start, logger_root, strlen(logger_root));
    buffer_added(out, strlen(logger_root) - 1);
    buffer_char(out, ']');
}

void line_legacy(const struct trace_object *o, struct span name, const char *env,
                 struct buffer *scratch, struct buffer *out)
{
    const struct legacy_form form = legacy_form_of(name);

    buffer_clear(scratch);
    line_machine(o, name, scratch);
    if (!buffer_room(scratch, SCAN_PADDING)) { /* the scanner looks ahead */
        out->status = buffer_status(scratch);
        return;
    }
    buffer_text(out, "{\"app\":[],\"at\":\"");
    append_time(o, out);
    buffer_text(out, "\",\"data\":");
    append_data(find_data((struct span){ scratch->at, scratch->len }), &form, out);
    buffer_text(out, ",\"env\":");
    text_quoted(out, span_of(env));
    buffer_text(out, ",\"host\":");
    append_host(o->host, out);
    buffer_text(out, ",\"loc\":null,\"msg\":\"\",\"ns\":");
    append_logger(form.logger, name, out);
    buffer_text(out, ",\"pid\":\"\",\"sev\":\"");
    buffer_text(out, severity_name((enum ou_severity)o->severity));
    buffer_text(out, "\",\"thread\":");
    text_quoted(out, trace_object_thread(o));
    buffer_char(out, '}');
}
