#include "logs/line.h"

#include <math.h>

#include "base/time.h"
#include "json/scan.h"

const struct reject_info reject_infos[REJECTS] = {
#define X(id, code, expected, reason) [REJECT_##id] = { code, reason, expected },
    OU_REJECTS(X)
#undef X
};

/* --- What is read from which event -------------------------------------- */

enum field_type {
    FIELD_SLOT,         /* number -> event.slot */
    FIELD_NUMBER,       /* number, or {"unBlockNo": number} -> event.number */
    FIELD_SIZE,         /* number -> event.size */
    FIELD_DENSITY,      /* real -> event.density */
    FIELD_HASH,         /* string -> event.hash */
    FIELD_POINT,        /* "hash@slot" -> event.hash, and event.slot when it is there */
    FIELD_PARENT,       /* string -> event.parent */
    FIELD_INNER_NUMBER, /* object -> its member `inner` into event.number */
    FIELD_TIP_NUMBER,   /* object -> its member `inner` into event.tip_number */
    FIELD_FALSE_ASIDE,  /* false: the line is set aside for the reason in `aside` */
    FIELD_ASIDE,        /* present: likewise */
};

struct field {
    const char *key;
    enum field_type type;
    bool required;
    const char *inner;
    enum reject aside;
};

#define FIELDS_MAX 6
#define SLOT_FIELD { "slot", FIELD_SLOT, true, NULL, 0 }

/* The length of the new chain is the number of its tip. */
#define ADOPTION_FIELDS                                                                            \
    { "newtip", FIELD_POINT, true, NULL, 0 },                                                      \
        { "chainLengthDelta", FIELD_NUMBER, false, NULL, 0 },                                      \
        { "tipBlockParentHash", FIELD_PARENT, false, NULL, 0 },                                    \
        { "newTipSelectView", FIELD_TIP_NUMBER, false, "chainLength", 0 },                         \
        { "newSuffixSelectView", FIELD_TIP_NUMBER, false, "chainLength", 0 }

/* Of SendHeader's three reasons to be set aside the first in enum reject that
 * applies is the one given: falling edge, then non-blocking, then roll-back. */
static const struct field fields[EVENT_KINDS][FIELDS_MAX] = {
    [EVENT_START_LEADERSHIP_CHECK] = { SLOT_FIELD,
                                       { "utxoSize", FIELD_SIZE, false, NULL, 0 },
                                       { "chainDensity", FIELD_DENSITY, false, NULL, 0 } },
    [EVENT_BLOCK_CONTEXT] = { { "current slot", FIELD_SLOT, true, NULL, 0 },
                              { "tipBlockNo", FIELD_NUMBER, true, NULL, 0 } },
    [EVENT_LEDGER_STATE] = { SLOT_FIELD },
    [EVENT_LEDGER_VIEW] = { SLOT_FIELD },
    [EVENT_NODE_IS_LEADER] = { SLOT_FIELD },
    [EVENT_NODE_NOT_LEADER] = { SLOT_FIELD },
    [EVENT_TICKED_LEDGER_STATE] = { SLOT_FIELD },
    [EVENT_MEMPOOL_SNAPSHOT] = { SLOT_FIELD },
    [EVENT_FORGED_BLOCK] = { SLOT_FIELD,
                             { "blockNo", FIELD_NUMBER, true, NULL, 0 },
                             { "block", FIELD_HASH, true, NULL, 0 },
                             { "blockPrev", FIELD_PARENT, true, NULL, 0 } },
    [EVENT_SEEN_HEADER] = { SLOT_FIELD,
                            { "blockNo", FIELD_NUMBER, true, NULL, 0 },
                            { "block", FIELD_HASH, true, NULL, 0 } },
    [EVENT_FETCH_REQUESTED] = { { "head", FIELD_HASH, true, NULL, 0 },
                                { "length", FIELD_NUMBER, true, NULL, 0 } },
    [EVENT_FETCH_COMPLETED] = { { "block", FIELD_HASH, true, NULL, 0 },
                                { "size", FIELD_SIZE, false, NULL, 0 } },
    [EVENT_SEND_HEADER] = { { "addBlock", FIELD_POINT, false, NULL, 0 },
                            { "block", FIELD_POINT, false, NULL, 0 },
                            { "risingEdge", FIELD_FALSE_ASIDE, false, NULL, REJECT_FALLING_EDGE },
                            { "blockingRead", FIELD_FALSE_ASIDE, false, NULL,
                              REJECT_NON_BLOCKING },
                            { "rollBackTo", FIELD_ASIDE, false, NULL, REJECT_ROLL_BACK } },
    [EVENT_SENDING_BODY] = { { "block", FIELD_HASH, true, NULL, 0 } },
    [EVENT_ADDED_TO_CHAIN] = { ADOPTION_FIELDS },
    [EVENT_SWITCHED_TO_FORK] = { ADOPTION_FIELDS },
    [EVENT_ADOPTED_BLOCK] = { { "blockHash", FIELD_HASH, true, NULL, 0 },
                              { "blockSize", FIELD_SIZE, true, NULL, 0 },
                              { "slot", FIELD_SLOT, false, NULL, 0 } },
    [EVENT_LEDGER_METRICS] = { SLOT_FIELD,
                               { "utxoSize", FIELD_SIZE, false, NULL, 0 },
                               { "chainDensity", FIELD_DENSITY, false, NULL, 0 } },
    [EVENT_TXS_COLLECTED] = { { "count", FIELD_NUMBER, true, NULL, 0 } },
    [EVENT_TXS_PROCESSED] = { { "accepted", FIELD_NUMBER, true, NULL, 0 },
                              { "rejected", FIELD_SIZE, true, NULL, 0 } },
    [EVENT_MEMPOOL_TXS] = { { "mempoolSize", FIELD_INNER_NUMBER, true, "numTxs", 0 } },
    [EVENT_GENERATOR_SUMMARY] = { { "summary", FIELD_INNER_NUMBER, false, "ssTxSent", 0 } },
};

static const char *const resource_keys[RESOURCE_MEMBERS] = {
#define X(id, name) [SAMPLE_##id] = name,
    OU_RESOURCE_MEMBERS(X)
#undef X
};

/* Not all versions report these. */
static bool resource_is_optional(int member)
{
    return member == SAMPLE_HEAP || (member >= SAMPLE_NET_RD && member <= SAMPLE_FS_WR);
}

/* --- Reading ------------------------------------------------------------ */

/* One line being read. `reject` is REJECTS until something is wrong; the first
 * reason stays. The functions below return false when they have set it. */
struct reading {
    struct scan scan;
    struct arena *scratch;
    struct line *line;
    enum reject reject;
};

static bool reject(struct reading *r, enum reject reason)
{
    if (r->reject == REJECTS)
        r->reject = reason;
    return false;
}

/* Turns what the scanner says into a reason; always false. */
static bool reject_scan(struct reading *r)
{
    static const enum reject reasons[] = {
        [SCAN_FINE] = REJECT_BAD_JSON,  [SCAN_CUT] = REJECT_CUT_LINE,
        [SCAN_BAD] = REJECT_BAD_JSON,   [SCAN_TYPE] = REJECT_BAD_FIELD,
        [SCAN_RANGE] = REJECT_NUMBER_RANGE,
    };

    return reject(r, reasons[r->scan.problem]);
}

static bool skip(struct reading *r)
{
    return scan_skip(&r->scan) || reject_scan(r);
}

static bool skip_rest(struct reading *r)
{
    return scan_skip_rest(&r->scan) || reject_scan(r);
}

/* The text a string stands for. */
static bool text_of(struct reading *r, struct scan_text text, struct span *ret)
{
    char *copy;
    size_t len;

    if (!text.escaped) {
        *ret = text.raw;
        return true;
    }
    copy = arena_take(r->scratch, text.raw.len + SCAN_PADDING, 1);
    if (!copy)
        return reject(r, REJECT_NO_MEMORY);
    len = scan_unescape(text.raw, copy);
    if (len == SIZE_MAX)
        return reject(r, REJECT_BAD_JSON);
    *ret = (struct span){ copy, len };
    return true;
}

static bool read_string(struct reading *r, struct span *ret)
{
    struct scan_text text;

    if (!scan_string(&r->scan, &text))
        return reject_scan(r);
    return text_of(r, text, ret);
}

/* An object is read as
 *     enter(r) and then: while (next_member(r, &walk)) use walk.key
 * and is fine when r->reject is still REJECTS behind the loop. */
struct walk {
    bool started;
    struct span key;
};

static bool enter(struct reading *r, struct walk *walk)
{
    *walk = (struct walk){ 0 };
    return scan_enter_object(&r->scan) || reject_scan(r);
}

static bool next_member(struct reading *r, struct walk *walk)
{
    struct scan_text key;
    bool first = !walk->started;

    walk->started = true;
    if (!scan_member(&r->scan, &first, &key))
        return r->scan.problem != SCAN_FINE && reject_scan(r);
    return text_of(r, key, &walk->key);
}

static bool fine(const struct reading *r)
{
    return r->reject == REJECTS;
}

static bool read_int(struct reading *r, int64_t *ret)
{
    int64_t value;

    if (!scan_int(&r->scan, &value))
        return reject_scan(r);
    if (value < 0)
        return reject(r, REJECT_NUMBER_RANGE);
    *ret = value;
    return true;
}

/* A number that is the member `name` of an object. One that is not required may
 * be absent, and so may the object. */
static bool read_inner_int(struct reading *r, const char *name, bool required, int64_t *ret)
{
    struct walk walk;
    bool found = false;

    if (!required && scan_peek(&r->scan) != '{')
        return skip(r);
    if (!enter(r, &walk))
        return false;
    while (next_member(r, &walk)) {
        if (found || !span_is(walk.key, name)) {
            if (!skip(r))
                return false;
            continue;
        }
        if (!read_int(r, ret))
            return false;
        found = true;
    }
    return fine(r) && (found || !required || reject(r, REJECT_MISSING_FIELD));
}

/* The slot behind the '@' of a point, or -1. */
static int64_t slot_of_point(struct span digits)
{
    int64_t slot = 0;

    if (digits.len == 0)
        return -1;
    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.at[i];

        if (c < '0' || c > '9' || __builtin_mul_overflow(slot, 10, &slot) ||
            __builtin_add_overflow(slot, c - '0', &slot))
            return -1;
    }
    return slot;
}

/* "hash@slot": the hash is what stands before the '@', 64 characters at most. */
static void split_point(struct span point, struct event *event)
{
    const char *at = point.len ? memchr(point.at, '@', point.len) : NULL;

    event->hash = point;
    if (at) {
        size_t hash_len = (size_t)(at - point.at);

        event->hash.len = hash_len;
        if (event->slot < 0)
            event->slot = slot_of_point((struct span){ at + 1, point.len - hash_len - 1 });
    }
    if (event->hash.len > 64)
        event->hash.len = 64;
}

static bool read_field(struct reading *r, const struct field *f, enum reject *aside)
{
    struct event *event = &r->line->event;
    struct span text;
    bool value;

    switch (f->type) {
    case FIELD_SLOT:
        return read_int(r, &event->slot);
    case FIELD_NUMBER:
        if (scan_peek(&r->scan) == '{')
            return read_inner_int(r, "unBlockNo", true, &event->number);
        return read_int(r, &event->number);
    case FIELD_SIZE:
        return read_int(r, &event->size);
    case FIELD_DENSITY:
        return scan_double(&r->scan, &event->density) || reject_scan(r);
    case FIELD_HASH:
        return read_string(r, &event->hash);
    case FIELD_PARENT:
        return read_string(r, &event->parent);
    case FIELD_POINT:
        if (!read_string(r, &text))
            return false;
        split_point(text, event);
        return true;
    case FIELD_INNER_NUMBER:
        return read_inner_int(r, f->inner, f->required, &event->number);
    case FIELD_TIP_NUMBER:
        return read_inner_int(r, f->inner, f->required, &event->tip_number);
    case FIELD_FALSE_ASIDE:
        if (!scan_bool(&r->scan, &value))
            return reject_scan(r);
        if (!value && f->aside < *aside)
            *aside = f->aside;
        return true;
    case FIELD_ASIDE:
        if (f->aside < *aside)
            *aside = f->aside;
        return skip(r);
    }
    return false;
}

/* Which of the fields not yet seen has this key; FIELDS_MAX when none. */
static int find_field(const struct field *wanted, unsigned seen, struct span key)
{
    for (int i = 0; i < FIELDS_MAX && wanted[i].key; i++)
        if (!(seen & 1u << i) && span_is(key, wanted[i].key))
            return i;
    return FIELDS_MAX;
}

static unsigned all_fields(const struct field *wanted)
{
    unsigned all = 0;

    for (int i = 0; i < FIELDS_MAX && wanted[i].key; i++)
        all |= 1u << i;
    return all;
}

/* Reads the fields of the event from its body, whose '{' is under the cursor,
 * and moves behind the body. Once all fields are there the rest is walked over. */
static bool read_fields(struct reading *r, enum event_kind kind)
{
    const struct field *wanted = fields[kind];
    enum reject aside = REJECTS;
    unsigned seen = 0, all = all_fields(wanted);
    struct walk walk;
    bool ended = false;

    if (!enter(r, &walk))
        return false;
    while (seen != all) {
        int i;

        ended = !next_member(r, &walk);
        if (ended)
            break;
        i = find_field(wanted, seen, walk.key);
        if (i == FIELDS_MAX ? !skip(r) : !read_field(r, &wanted[i], &aside))
            return false;
        if (i < FIELDS_MAX)
            seen |= 1u << i;
    }
    if (!fine(r) || (!ended && !skip_rest(r)))
        return false;
    if (aside != REJECTS)
        return reject(r, aside);
    for (int i = 0; i < FIELDS_MAX && wanted[i].key; i++)
        if (wanted[i].required && !(seen & 1u << i))
            return reject(r, REJECT_MISSING_FIELD);
    if (kind == EVENT_SEND_HEADER && r->line->event.hash.len == 0)
        return reject(r, REJECT_MISSING_FIELD);
    return true;
}

static bool read_resources(struct reading *r)
{
    struct resource_sample *sample = arena_take(r->scratch, sizeof(*sample), 8);
    unsigned seen = 0;
    struct walk walk;

    if (!sample)
        return reject(r, REJECT_NO_MEMORY);
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        sample->values[i] = -1;
    if (!enter(r, &walk))
        return false;
    while (next_member(r, &walk)) {
        int i = 0;

        while (i < RESOURCE_MEMBERS && !(!(seen & 1u << i) && span_is(walk.key, resource_keys[i])))
            i++;
        if (i == RESOURCE_MEMBERS ? !skip(r) : !read_int(r, &sample->values[i]))
            return false;
        if (i < RESOURCE_MEMBERS)
            seen |= 1u << i;
    }
    if (!fine(r))
        return false;
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        if (!(seen & 1u << i) && !resource_is_optional(i))
            return reject(r, REJECT_MISSING_FIELD);
    r->line->event.resources = sample;
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
    if (!enter(r, &walk))
        return false;
    while (next_member(r, &walk)) {
        bool is_credentials = span_is(walk.key, "credentials"), is_val = span_is(walk.key, "val");

        if (!is_credentials && !is_val && !credentials && !inner)
            break;
        credentials |= is_credentials;
        kind |= span_is(walk.key, "kind");
        if (is_val && !inner && scan_peek(&r->scan) == '{')
            inner = r->scan.at;
        if (!skip(r))
            return false;
    }
    if (!fine(r))
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

    if (!enter(r, &walk))
        return false;
    while (next_member(r, &walk)) {
        if (!span_is(walk.key, "kind")) {
            if (!skip(r))
                return false;
            continue;
        }
        if (scan_peek(&r->scan) == '"' ? !read_string(r, ret) : !skip(r))
            return false;
        return skip_rest(r);
    }
    return fine(r);
}

static bool read_event(struct reading *r, enum event_kind kind)
{
    r->line->event.kind = kind;
    return kind == EVENT_RESOURCES ? read_resources(r) : read_fields(r, kind);
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
        return skip(r);
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
    if (event != EVENT_NONE && !read_event(r, event))
        return false;
    if (!inner)
        return true;
    r->scan = start;
    return skip(r);
}

/* --- The line as a whole ------------------------------------------------ */

/* What has been met of a line's members so far. */
struct members {
    struct span at, ns, host, thread, journal_host;
    const char *data; /* where the body begins, while it waits for the namespace */
    const char *message;
    bool ns_is_array, ns_bad, data_seen;
};

/* ns: a string, or an array of one string. */
static bool read_namespace(struct reading *r, struct members *m)
{
    char c = scan_peek(&r->scan);
    struct scan start = r->scan;

    if (c == '"')
        return read_string(r, &m->ns);
    if (c == '[') {
        r->scan.at++;
        if (scan_peek(&r->scan) == '"' && read_string(r, &m->ns) && scan_peek(&r->scan) == ']') {
            r->scan.at++;
            m->ns_is_array = true;
            return true;
        }
        if (!fine(r))
            return false;
        m->ns = (struct span){ 0 };
        r->scan = start;
    }
    m->ns_bad = true;
    return skip(r);
}

/* Reads the body, or walks over it when it is broken in a way that leaves its
 * end findable: the members behind it tell whose line it is. */
static bool read_or_skip_data(struct reading *r, const struct members *m)
{
    struct scan start = r->scan;

    if (read_data(r, m->ns, m->ns_is_array))
        return true;
    r->scan = start;
    r->scan.problem = SCAN_FINE;
    return scan_skip(&r->scan);
}

/* A string member of which the first one counts; any other type is no string. */
static bool read_text_member(struct reading *r, struct span *into)
{
    struct span text;

    if (scan_peek(&r->scan) != '"')
        return skip(r);
    if (!read_string(r, &text))
        return false;
    if (!into->at)
        *into = text;
    return true;
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
        if (span_is(key, "data") && !m->data_seen) {
            m->data_seen = true;
            if (m->ns.at && !m->ns_is_array)
                return read_or_skip_data(r, m);
            m->data = r->scan.at;
        }
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
            return read_text_member(r, &m->journal_host);
        break;
    case 17:
        if (span_is(key, "SYSLOG_IDENTIFIER") && scan_peek(&r->scan) == '"') {
            m->journal_host = (struct span){ 0 }; /* the node's own name wins */
            return read_text_member(r, &m->journal_host);
        }
        break;
    default:
        break;
    }
    return skip(r);
}

/* The members of the line's object; the cursor ends behind it, or where it broke. */
static void read_members(struct reading *r, struct members *m)
{
    struct reading outer = *r; /* rejects of the body must not end the walk */
    struct walk walk;

    if (!enter(&outer, &walk)) {
        r->reject = REJECT_NOT_JSON;
        return;
    }
    while (next_member(&outer, &walk)) {
        if (read_member(&outer, m, walk.key)) {
            if (!fine(&outer)) { /* a broken body that could be walked over */
                reject(r, outer.reject);
                outer.reject = REJECTS;
            }
            continue;
        }
        break;
    }
    r->scan = outer.scan;
    if (!fine(&outer))
        reject(r, outer.reject);
}

static void check_time(struct reading *r, const struct members *m)
{
    struct line *line = r->line;

    if (!m->at.at)
        reject(r, REJECT_NO_TIME);
    else if (!time_parse_iso(m->at.at, m->at.len, &line->at_ns))
        reject(r, REJECT_BAD_TIME);
    line->event.at_ns = line->at_ns;
}

static enum line_outcome outcome(const struct reading *r)
{
    if (!fine(r)) {
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
        return reject(r, REJECT_NO_MEMORY);
    r->scan.at++;
    while (scan_peek(&r->scan) != ']') {
        if (len && !scan_char(&r->scan, ','))
            return reject_scan(r);
        if (!read_int(r, &value))
            return false;
        if (value > 255)
            return reject(r, REJECT_NUMBER_RANGE);
        copy[len++] = (char)value;
    }
    *ret = (struct span){ copy, len };
    return true;
}

/* A journal record: the trace is the text of its member MESSAGE. */
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
        read_string(r, &message);
    } else {
        reject(r, REJECT_JOURNAL_OMITTED);
    }
    if (fine(r) && (message.len == 0 || message.at[0] != '{'))
        reject(r, REJECT_JOURNAL_TEXT);
    if (!fine(r))
        return outcome(r);
    copy = arena_take(r->scratch, message.len + SCAN_PADDING, 1);
    if (!copy) {
        reject(r, REJECT_NO_MEMORY);
        return outcome(r);
    }
    memcpy(copy, message.at, message.len);
    padded = (struct span){ copy, message.len };
    got = read_object(padded, r->scratch, line, depth + 1);
    line->used = used;
    if (!line->host.len)
        line->host = m->journal_host;
    return got;
}

static enum line_outcome read_object(struct span text, struct arena *scratch, struct line *ret,
                                     int depth)
{
    struct reading r = { scan_of(text.at, text.len), scratch, ret, REJECTS };
    struct members m = { 0 };

    *ret = (struct line){ .reject = REJECTS, .at_ns = TIME_NONE };
    ret->event = (struct event){
        .kind = EVENT_NONE, .slot = -1, .number = -1, .size = -1, .tip_number = -1, .density = NAN
    };
    read_members(&r, &m);
    ret->used = (size_t)(r.scan.at - text.at);
    ret->host = m.host;
    ret->event.thread = m.thread;
    if (fine(&r) && m.message && !m.at.at && !m.data_seen && depth == 0)
        return read_journal(&r, &m, depth);
    check_time(&r, &m);
    if (m.ns_bad)
        reject(&r, REJECT_BAD_NAMESPACE);
    if (fine(&r) && m.data) {
        struct scan behind = r.scan;

        r.scan.at = m.data;
        read_data(&r, m.ns, m.ns_is_array);
        r.scan = behind;
    }
    if (!ret->name.len)
        ret->name = m.ns;
    if (fine(&r) && !ret->name.len)
        reject(&r, REJECT_NO_NAME);
    return outcome(&r);
}

enum line_outcome line_read(struct span text, struct arena *scratch, struct line *ret)
{
    struct scan s = scan_of(text.at, text.len);

    if (scan_peek(&s) == '\0' && s.at == s.end) {
        *ret = (struct line){ .reject = REJECTS, .at_ns = TIME_NONE, .used = text.len };
        return LINE_BLANK;
    }
    return read_object(text, scratch, ret, 0);
}
