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
    struct span key; /* NULL behind the last field */
    enum field_type type;
    bool required;
    const char *inner;
    enum reject aside;
};

#define FIELDS_MAX 6
#define KEY(text)              \
    {                          \
        text, sizeof(text) - 1 \
    }
#define SLOT_FIELD                             \
    {                                          \
        KEY("slot"), FIELD_SLOT, true, NULL, 0 \
    }
    {                                     \
        "slot", FIELD_SLOT, true, NULL, 0 \
    }

/* The length of the new chain is the number of its tip. */
#define ADOPTION_FIELDS                                                         \
    { KEY("newtip"), FIELD_POINT, true, NULL, 0 },                              \
        { KEY("chainLengthDelta"), FIELD_NUMBER, false, NULL, 0 },              \
        { KEY("tipBlockParentHash"), FIELD_PARENT, false, NULL, 0 },            \
        { KEY("newTipSelectView"), FIELD_TIP_NUMBER, false, "chainLength", 0 }, \
    {                                                                           \
        "newSuffixSelectView", FIELD_TIP_NUMBER, false, "chainLength", 0        \
    }

/* Of SendHeader's three reasons to be set aside the first in enum reject that
 * applies is the one given: falling edge, then non-blocking, then roll-back. */
static const struct field fields[EVENT_KINDS][FIELDS_MAX] = {
    [EVENT_START_LEADERSHIP_CHECK] = { SLOT_FIELD,
                                       { KEY("utxoSize"), FIELD_SIZE, false, NULL, 0 },
                                       { KEY("chainDensity"), FIELD_DENSITY, false, NULL, 0 } },
    [EVENT_BLOCK_CONTEXT] = { { KEY("current slot"), FIELD_SLOT, true, NULL, 0 },
                              { KEY("tipBlockNo"), FIELD_NUMBER, true, NULL, 0 } },
    [EVENT_LEDGER_STATE] = { SLOT_FIELD },
    [EVENT_LEDGER_VIEW] = { SLOT_FIELD },
    [EVENT_NODE_IS_LEADER] = { SLOT_FIELD },
    [EVENT_NODE_NOT_LEADER] = { SLOT_FIELD },
    [EVENT_TICKED_LEDGER_STATE] = { SLOT_FIELD },
    [EVENT_MEMPOOL_SNAPSHOT] = { SLOT_FIELD },
    [EVENT_FORGED_BLOCK] = { SLOT_FIELD,
                             { KEY("blockNo"), FIELD_NUMBER, true, NULL, 0 },
                             { KEY("block"), FIELD_HASH, true, NULL, 0 },
                             { KEY("blockPrev"), FIELD_PARENT, true, NULL, 0 } },
    [EVENT_SEEN_HEADER] = { SLOT_FIELD,
                            { KEY("blockNo"), FIELD_NUMBER, true, NULL, 0 },
                            { KEY("block"), FIELD_HASH, true, NULL, 0 } },
    [EVENT_FETCH_REQUESTED] = { { KEY("head"), FIELD_HASH, true, NULL, 0 },
                                { KEY("length"), FIELD_NUMBER, true, NULL, 0 } },
    [EVENT_FETCH_COMPLETED] = { { KEY("block"), FIELD_HASH, true, NULL, 0 },
                                { KEY("size"), FIELD_SIZE, false, NULL, 0 } },
    [EVENT_SEND_HEADER] = { { KEY("addBlock"), FIELD_POINT, false, NULL, 0 },
                            { KEY("block"), FIELD_POINT, false, NULL, 0 },
                            { KEY("risingEdge"), FIELD_FALSE_ASIDE, false, NULL,
                              REJECT_FALLING_EDGE },
                            { KEY("blockingRead"), FIELD_FALSE_ASIDE, false, NULL,
                              REJECT_NON_BLOCKING },
                            { KEY("rollBackTo"), FIELD_ASIDE, false, NULL, REJECT_ROLL_BACK } },
    [EVENT_SENDING_BODY] = { { KEY("block"), FIELD_HASH, true, NULL, 0 } },
    [EVENT_ADDED_TO_CHAIN] = { ADOPTION_FIELDS },
    [EVENT_SWITCHED_TO_FORK] = { ADOPTION_FIELDS },
    [EVENT_ADOPTED_BLOCK] = { { KEY("blockHash"), FIELD_HASH, true, NULL, 0 },
                              { KEY("blockSize"), FIELD_SIZE, true, NULL, 0 },
                              { KEY("slot"), FIELD_SLOT, false, NULL, 0 } },
    [EVENT_LEDGER_METRICS] = { SLOT_FIELD,
                               { KEY("utxoSize"), FIELD_SIZE, false, NULL, 0 },
                               { KEY("chainDensity"), FIELD_DENSITY, false, NULL, 0 } },
    [EVENT_TXS_COLLECTED] = { { KEY("count"), FIELD_NUMBER, true, NULL, 0 } },
    [EVENT_TXS_PROCESSED] = { { KEY("accepted"), FIELD_NUMBER, true, NULL, 0 },
                              { KEY("rejected"), FIELD_SIZE, true, NULL, 0 } },
    [EVENT_MEMPOOL_TXS] = { { KEY("mempoolSize"), FIELD_INNER_NUMBER, true, "numTxs", 0 } },
    [EVENT_GENERATOR_SUMMARY] = { { KEY("summary"), FIELD_INNER_NUMBER, false, "ssTxSent", 0 } },
};

static const struct span resource_keys[RESOURCE_MEMBERS] = {
#define X(id, name) [SAMPLE_##id] = KEY(name),
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
    enum reject body_reject; /* what is wrong with a body that could be walked over */
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
        [SCAN_FINE] = REJECT_BAD_JSON,      [SCAN_CUT] = REJECT_CUT_LINE,
        [SCAN_BAD] = REJECT_BAD_JSON,       [SCAN_TYPE] = REJECT_BAD_FIELD,
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
    case FIELD_SLOT: return read_int(r, &event->slot);
    case FIELD_NUMBER:
        if (scan_peek(&r->scan) == '{')
            return read_inner_int(r, "unBlockNo", true, &event->number);
        return read_int(r, &event->number);
    case FIELD_SIZE: return read_int(r, &event->size);
    case FIELD_DENSITY: return scan_double(&r->scan, &event->density) || reject_scan(r);
    case FIELD_HASH: return read_string(r, &event->hash);
    case FIELD_PARENT: return read_string(r, &event->parent);
    case FIELD_POINT:
        if (!read_string(r, &text))
            return false;
        split_point(text, event);
        return true;
    case FIELD_INNER_NUMBER: return read_inner_int(r, f->inner, f->required, &event->number);
    case FIELD_TIP_NUMBER: return read_inner_int(r, f->inner, f->required, &event->tip_number);
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
    for (int i = 0; i < FIELDS_MAX && wanted[i].key.at; i++)
        if (!(seen & 1u << i) && span_equal(key, wanted[i].key))
            return i;
    return FIELDS_MAX;
}

static unsigned all_fields(const struct field *wanted)
{
    unsigned all = 0;

    for (int i = 0; i < FIELDS_MAX && wanted[i].key.at; i++)
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
    for (int i = 0; i < FIELDS_MAX && wanted[i].key.at; i++)
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

        while (i < RESOURCE_MEMBERS &&
               !(!(seen & 1u << i) && span_equal(walk.key, resource_keys[i])))
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
    if (start.end - start.at > 2 && start.at[1] == '"' && start.at[2] != 'c' && start.at[2] != 'v')
        return true; /* what most bodies begin with needs no closer look */
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

/* A line whose body has no members is fine, unless its namespace is an event's.
 * (A collector writes an empty text for a body that it could not read.) */
static bool lacks_body(struct reading *r, enum event_kind event)
{
    r->line->event.kind = event;
    return event == EVENT_NONE || reject(r, REJECT_MISSING_FIELD);
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
        return skip(r) && lacks_body(r, event);
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
 * end findable. */
static bool read_or_skip_data(struct reading *r, const struct members *m)
{
    struct scan start = r->scan;

    if (read_data(r, m->ns, m->ns_is_array))
        return true;
    r->scan = start;
    r->scan.problem = SCAN_FINE;
    if (!scan_skip(&r->scan))
        return false;
    r->body_reject = r->reject;
    r->reject = REJECTS;
    return true;
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
            return read_text_member(r, &m->machine);
        break;
    case 17:
        if (span_is(key, "SYSLOG_IDENTIFIER"))
            return read_text_member(r, &m->program);
        break;
    default: break;
    }
    return skip(r);
}

/* The members of a line in the order in which nodes of the new tracing write
 * them. While a line follows it, a comparison of a few bytes does for the
 * reading of a key; where it does not, it is read like any other object. */
static const struct expected_member {
    const char *opening; /* comma, key and colon */
    size_t length, key_at, key_length;
} expected_members[] = {
#define X(text, key)                                                                \
    {                                                                               \
        text, sizeof(text) - 1, sizeof(text) - 1 - sizeof(key) - 1, sizeof(key) - 1 \
    }
    X("\"at\":", "at"),    X(",\"ns\":", "ns"),         X(",\"data\":", "data"),
    X(",\"sev\":", "sev"), X(",\"thread\":", "thread"), X(",\"host\":", "host"),
#undef X
};

/* Reads what is there of the expected members. Returns true when at least one
 * was; false in *ret_ok when one of them was broken. */
static bool read_expected(struct reading *r, struct members *m, bool *ret_ok)
{
    size_t i = 0;

    *ret_ok = true;
    for (; i < sizeof(expected_members) / sizeof(*expected_members); i++) {
        const struct expected_member *e = &expected_members[i];

        if ((size_t)(r->scan.end - r->scan.at) < e->length ||
            memcmp(r->scan.at, e->opening, e->length) != 0)
            break;
        r->scan.at += e->length;
        if (!read_member(r, m, (struct span){ e->opening + e->key_at, e->key_length })) {
            *ret_ok = false;
            break;
        }
    }
    return i > 0;
}

/* The members of the line's object; the cursor ends behind it, or where it broke.
 * What is wrong with the body does not end the walk: members behind it tell
 * whose line it is. */
static void read_members(struct reading *r, struct members *m)
{
    struct walk walk;
    bool ok;

    if (!enter(r, &walk)) {
        r->reject = REJECT_NOT_JSON;
        return;
    }
    walk.started = read_expected(r, m, &ok);
    while (ok && next_member(r, &walk))
        ok = read_member(r, m, walk.key);
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
    if (!line->host.len && (got != LINE_REJECTED || reject_infos[line->reject].expected))
        line->host = m->program.len ? m->program : m->machine;
    return got;
}

static enum line_outcome read_object(struct span text, struct arena *scratch, struct line *ret,
                                     int depth)
{
    struct reading r = { scan_of(text.at, text.len), scratch, ret, REJECTS, REJECTS };
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
    if (r.body_reject != REJECTS)
        reject(&r, r.body_reject);
    check_time(&r, &m);
    if (m.ns_bad)
        reject(&r, REJECT_BAD_NAMESPACE);
    if (!m.data_seen)
        lacks_body(&r, catalogue_find_namespace(m.ns));
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
