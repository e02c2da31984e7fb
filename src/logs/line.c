#include "logs/line.h"

#include <math.h>

#include "base/time.h"
#include "logs/reading.h"

const struct reject_info reject_infos[REJECTS] = {
#define X(id, code, expected, reason) [REJECT_##id] = { code, reason, expected },
    OU_REJECTS(X)
#undef X
};

bool reading_reject(struct reading *r, enum reject reason)
{
    if (r->reject == REJECTS)
        r->reject = reason;
    return false;
}

bool reading_reject_scan(struct reading *r)
{
    static const enum reject reasons[] = {
        [SCAN_FINE] = REJECT_BAD_JSON,      [SCAN_CUT] = REJECT_CUT_LINE,
        [SCAN_BAD] = REJECT_BAD_JSON,       [SCAN_TYPE] = REJECT_BAD_FIELD,
        [SCAN_RANGE] = REJECT_NUMBER_RANGE,
    };

    return reading_reject(r, reasons[r->scan.problem]);
}

bool reading_unescape(struct reading *r, struct span raw, struct span *ret)
{
    char *copy = arena_take(r->scratch, raw.len + SCAN_PADDING, 1);
    size_t len;

    if (!copy)
        return reading_reject(r, REJECT_NO_MEMORY);
    len = scan_unescape(raw, copy);
    if (len == SIZE_MAX)
        return reading_reject(r, REJECT_BAD_JSON);
    *ret = (struct span){ copy, len };
    return true;
}

/* Is this the body of a legacy forge trace, {"credentials":...,"val":{...}}
 * without a kind of its own? Then *ret_inner is where the inner object begins.
 * The cursor stays. Only bodies that begin with one of the two members are
 * looked at: the legacy encoder sorts its keys. */
static bool find_wrapped(struct reading *r, const char **ret_inner)
{
    struct scan start = r->scan;
    const char *inner = NULL;
    bool credentials = false, kind = false;
    struct walk walk;

    *ret_inner = NULL;
    if (start.end - start.at > 2 && start.at[1] == '"' && start.at[2] != 'c' && start.at[2] != 'v')
        return true; /* what most bodies begin with needs no closer look */
    if (!reading_enter(r, &walk))
        return false;
    while (reading_member(r, &walk)) {
        bool is_credentials = span_is(walk.key, "credentials"), is_val = span_is(walk.key, "val");

        if (!is_credentials && !is_val && !credentials && !inner)
            break;
        credentials |= is_credentials;
        kind |= span_is(walk.key, "kind");
        if (is_val && !inner && scan_peek(&r->scan) == '{')
            inner = r->scan.at;
        if (!reading_skip(r))
            return false;
    }
    if (!reading_fine(r))
        return false;
    r->scan = start;
    if (credentials && inner && !kind)
        *ret_inner = inner;
    return true;
}

/* The member `kind` of the body under the cursor; empty when there is none.
 * Moves behind the body. */
static bool read_kind(struct reading *r, struct span *ret)
{
    struct walk walk;

    if (!reading_enter(r, &walk))
        return false;
    while (reading_member(r, &walk)) {
        if (!span_is(walk.key, "kind")) {
            if (!reading_skip(r))
                return false;
            continue;
        }
        if (scan_peek(&r->scan) == '"' ? !reading_string(r, ret) : !reading_skip(r))
            return false;
        return reading_skip_rest(r);
    }
    return reading_fine(r);
}

/* A line whose body has no members is fine, unless its namespace is an event's.
 * (A collector writes an empty text for a body that it could not read.) */
static bool lacks_body(struct reading *r, enum event_kind event)
{
    r->line->event.kind = event;
    return event == EVENT_NONE || reading_reject(r, REJECT_MISSING_FIELD);
}

/* Reads the trace's body, which is under the cursor, and moves behind it. A
 * namespace in an array names only a logger: the kind is what names the event. */
static bool read_data(struct reading *r, struct span ns, bool ns_is_array)
{
    enum event_kind event = catalogue_find_namespace(ns);
    struct scan start, body;
    struct span kind = { 0 };
    const char *inner;

    r->line->name = ns;
    if (scan_peek(&r->scan) != '{') /* plain text */
        return reading_skip(r) && lacks_body(r, event);
    start = r->scan;
    if (!find_wrapped(r, &inner))
        return false;
    if (inner)
        r->scan.at = inner;
    body = r->scan;
    if (event == EVENT_NONE) {
        if (!read_kind(r, &kind))
            return false;
        event = catalogue_find(ns, kind);
        if (kind.len && (ns_is_array || ns.len == 0))
            r->line->name = kind;
        if (event != EVENT_NONE)
            r->scan = body;
    }
    if (event != EVENT_NONE && !reading_event(r, event))
        return false;
    if (!inner)
        return true;
    r->scan = start;
    return reading_skip(r);
}

/* --- The line as a whole ------------------------------------------------ */

/* What has been met of a line's members so far. */
struct members {
    struct span at, ns, host, thread;
    struct span machine, program; /* of a journal record: who wrote it, where */
    const char *data;             /* where the body begins, while it waits for the namespace */
    const char *message;
    bool ns_is_array, ns_bad, data_seen;
};

/* ns: a string, or an array of one string. */
static bool read_namespace(struct reading *r, struct members *m)
{
    char c = scan_peek(&r->scan);
    struct scan start = r->scan;

    if (c == '"')
        return reading_string(r, &m->ns);
    if (c == '[') {
        r->scan.at++;
        if (scan_peek(&r->scan) == '"' && reading_string(r, &m->ns) && scan_peek(&r->scan) == ']') {
            r->scan.at++;
            m->ns_is_array = true;
            return true;
        }
        if (!reading_fine(r))
            return false;
        m->ns = (struct span){ 0 };
        r->scan = start;
    }
    m->ns_bad = true;
    return reading_skip(r);
}

/* Reads the body, or walks over it when it is broken in a way that leaves its
 * end findable. */
static bool read_or_skip_data(struct reading *r, const struct members *m)
{
    struct scan start = r->scan;

    if (read_data(r, m->ns, m->ns_is_array))
        return true;
    r->scan = start;
    r->body_reject = r->reject;
    r->reject = REJECTS;
    return reading_skip(r); /* that the body has no end weighs more than what is in it */
}

/* A string member of which the first one counts; any other type is no string. */
static bool read_text_member(struct reading *r, struct span *into)
{
    struct span text;

    if (scan_peek(&r->scan) != '"')
        return reading_skip(r);
    if (!reading_string(r, &text))
        return false;
    if (!into->at)
        *into = text;
    return true;
}

static bool read_data_member(struct reading *r, struct members *m)
{
    m->data_seen = true;
    if (m->ns.at && !m->ns_is_array)
        return read_or_skip_data(r, m);
    m->data = r->scan.at;
    return reading_skip(r);
}

static bool read_member(struct reading *r, struct members *m, struct span key)
{
    switch (key.len) {
    case 2:
        if (span_is(key, "at"))
            return read_text_member(r, &m->at);
        if (span_is(key, "ns") && !m->ns.at && !m->ns_bad)
            return read_namespace(r, m);
        break;
    case 4:
        if (span_is(key, "host"))
            return read_text_member(r, &m->host);
        if (span_is(key, "data") && !m->data_seen)
            return read_data_member(r, m);
        break;
    case 6:
        if (span_is(key, "thread"))
            return read_text_member(r, &m->thread);
        break;
    case 7:
        if (span_is(key, "MESSAGE") && !m->message) {
            scan_peek(&r->scan);
            m->message = r->scan.at;
        }
        break;
    case 9:
        if (span_is(key, "_HOSTNAME"))
            return read_text_member(r, &m->machine);
        break;
    case 17:
        if (span_is(key, "SYSLOG_IDENTIFIER"))
            return read_text_member(r, &m->program);
        break;
    default: break;
    }
    return reading_skip(r);
}

/* Moves over an opening (comma, key and colon) if it stands under the cursor. */
static inline bool expect(struct reading *r, const char *opening, size_t len)
{
    if ((size_t)(r->scan.end - r->scan.at) < len || memcmp(r->scan.at, opening, len) != 0)
        return false;
    r->scan.at += len;
    return true;
}

/* The members of a line in the order in which nodes of the new tracing write
 * them. While a line follows it, a comparison of a few bytes does for the
 * reading of a key; from where it does not, its members are read like those of
 * any other object. False when a member is broken. */
static bool read_expected(struct reading *r, struct members *m, bool *ret_any)
{
#define MEMBER(opening, read)                     \
    if (!expect(r, opening, sizeof(opening) - 1)) \
        return true;                              \
    *ret_any = true;                              \
    if (!(read))                                  \
        return false;

    MEMBER("\"at\":", read_text_member(r, &m->at))
    MEMBER(",\"ns\":", read_namespace(r, m))
    MEMBER(",\"data\":", read_data_member(r, m))
    MEMBER(",\"sev\":", reading_skip(r))
    MEMBER(",\"thread\":", read_text_member(r, &m->thread))
    MEMBER(",\"host\":", read_text_member(r, &m->host))
#undef MEMBER
    return true;
}

/* The members of the line's object; the cursor ends behind it, or where it broke.
 * What is wrong with the body does not end the walk: members behind it tell
 * whose line it is. */
static void read_members(struct reading *r, struct members *m)
{
    struct walk walk;
    bool ok;

    if (!reading_enter(r, &walk)) {
        r->reject = REJECT_NOT_JSON;
        return;
    }
    ok = read_expected(r, m, &walk.started);
    while (ok && reading_member(r, &walk))
        ok = read_member(r, m, walk.key);
}

static void check_time(struct reading *r, const struct members *m)
{
    struct line *line = r->line;

    if (!m->at.at)
        reading_reject(r, REJECT_NO_TIME);
    else if (!time_parse_iso(m->at.at, m->at.len, &line->at_ns))
        reading_reject(r, REJECT_BAD_TIME);
    line->event.at_ns = line->at_ns;
}

static enum line_outcome outcome(const struct reading *r)
{
    if (!reading_fine(r)) {
        r->line->reject = r->reject;
        return LINE_REJECTED;
    }
    return r->line->event.kind == EVENT_NONE ? LINE_OTHER : LINE_EVENT;
}

static enum line_outcome read_object(struct span text, struct arena *scratch, struct line *ret,
                                     int depth);

/* MESSAGE as an array of byte values, which is how the journal exports text
 * that it takes for binary. */
static bool read_message_bytes(struct reading *r, struct span *ret)
{
    size_t most = (size_t)(r->scan.end - r->scan.at);
    char *copy = arena_take(r->scratch, most / 2 + SCAN_PADDING, 1);
    size_t len = 0;
    int64_t value;

    if (!copy)
        return reading_reject(r, REJECT_NO_MEMORY);
    r->scan.at++;
    while (scan_peek(&r->scan) != ']') {
        if (len && !scan_char(&r->scan, ','))
            return reading_reject_scan(r);
        if (!reading_count(r, &value))
            return false;
        if (value > 255)
            return reading_reject(r, REJECT_NUMBER_RANGE);
        copy[len++] = (char)value;
    }
    *ret = (struct span){ copy, len };
    return true;
}

/* A journal record: the trace is the text of its member MESSAGE. When it does
 * not say its host, it is the program's that wrote it, or else the machine's. */
static enum line_outcome read_journal(struct reading *r, const struct members *m, int depth)
{
    struct line *line = r->line;
    size_t used = line->used;
    struct span message = { 0 }, padded;
    enum line_outcome got;
    char *copy;

    r->scan.at = m->message;
    r->scan.problem = SCAN_FINE;
    if (*m->message == '[') {
        read_message_bytes(r, &message);
    } else if (*m->message == '"') {
        reading_string(r, &message);
    } else {
        reading_reject(r, REJECT_JOURNAL_OMITTED);
    }
    if (reading_fine(r) && (message.len == 0 || message.at[0] != '{'))
        reading_reject(r, REJECT_JOURNAL_TEXT);
    if (!reading_fine(r))
        return outcome(r);
    copy = arena_take(r->scratch, message.len + SCAN_PADDING, 1);
    if (!copy) {
        reading_reject(r, REJECT_NO_MEMORY);
        return outcome(r);
    }
    memcpy(copy, message.at, message.len);
    padded = (struct span){ copy, message.len };
    got = read_object(padded, r->scratch, line, depth + 1);
    line->used = used;
    if (!line->host.len && (got != LINE_REJECTED || reject_infos[line->reject].expected))
        line->host = m->program.len ? m->program : m->machine;
    return got;
}

/* Member by member: of a compound literal gcc makes a string instruction, which
 * takes longer than the reading of a short line. */
static void clear(struct line *line)
{
    struct event *e = &line->event;

    line->reject = REJECTS;
    line->at_ns = e->at_ns = TIME_NONE;
    line->used = 0;
    e->kind = EVENT_NONE;
    e->host = 0;
    e->slot = e->number = e->size = e->tip_number = -1;
    e->density = NAN;
    line->name = line->host = (struct span){ NULL, 0 };
    e->hash = e->parent = e->thread = e->connection = (struct span){ NULL, 0 };
    e->resources = NULL;
    e->process = NULL;
}

static enum line_outcome read_object(struct span text, struct arena *scratch, struct line *ret,
                                     int depth)
{
    struct reading r = { scan_of(text.at, text.len), scratch, ret, REJECTS, REJECTS };
    struct members m = { 0 };

    clear(ret);
    read_members(&r, &m);
    ret->used = (size_t)(r.scan.at - text.at);
    ret->host = m.host;
    ret->event.thread = m.thread;
    if (reading_fine(&r) && m.message && !m.at.at && !m.data_seen && depth == 0)
        return read_journal(&r, &m, depth);
    if (r.body_reject != REJECTS)
        reading_reject(&r, r.body_reject);
    check_time(&r, &m);
    if (m.ns_bad)
        reading_reject(&r, REJECT_BAD_NAMESPACE);
    if (!m.data_seen)
        lacks_body(&r, catalogue_find_namespace(m.ns));
    if (reading_fine(&r) && m.data) {
        struct scan behind = r.scan;

        r.scan.at = m.data;
        read_data(&r, m.ns, m.ns_is_array);
        r.scan = behind;
    }
    if (!ret->name.len)
        ret->name = m.ns;
    if (reading_fine(&r) && !ret->name.len)
        reading_reject(&r, REJECT_NO_NAME);
    return outcome(&r);
}

enum line_outcome line_read(struct span text, struct arena *scratch, struct line *ret)
{
    struct scan s = scan_of(text.at, text.len);

    if (scan_peek(&s) == '\0' && s.at == s.end) {
        clear(ret);
        ret->used = text.len;
        return LINE_BLANK;
    }
    return read_object(text, scratch, ret, 0);
}
