#include "logs/reading.h"

/* What is read from which event. */

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

/* clang-format off */
#define FIELDS_MAX 6
#define KEY(text) { text, sizeof(text) - 1 }
#define SLOT_FIELD { KEY("slot"), FIELD_SLOT, true, NULL, 0 }

/* The length of the new chain is the number of its tip. */
#define ADOPTION_FIELDS                                                                            \
    { KEY("newtip"), FIELD_POINT, true, NULL, 0 },                                                 \
        { KEY("chainLengthDelta"), FIELD_NUMBER, false, NULL, 0 },                                 \
        { KEY("tipBlockParentHash"), FIELD_PARENT, false, NULL, 0 },                               \
        { KEY("newTipSelectView"), FIELD_TIP_NUMBER, false, "chainLength", 0 },                    \
        { KEY("newSuffixSelectView"), FIELD_TIP_NUMBER, false, "chainLength", 0 }

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
/* clang-format on */

static const struct span resource_keys[RESOURCE_MEMBERS] = {
#define X(id, name) [RESOURCE_##id] = KEY(name),
    OU_RESOURCE_MEMBERS(X)
#undef X
};

/* Not all versions report these. */
static bool resource_is_optional(int member)
{
    return member == RESOURCE_HEAP || (member >= RESOURCE_NET_RD && member <= RESOURCE_FS_WR);
}

bool reading_count(struct reading *r, int64_t *ret)
{
    int64_t value;

    if (!scan_int(&r->scan, &value))
        return reading_reject_scan(r);
    if (value < 0)
        return reading_reject(r, REJECT_NUMBER_RANGE);
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
        return reading_skip(r);
    if (!reading_enter(r, &walk))
        return false;
    while (reading_member(r, &walk)) {
        if (found || !span_is(walk.key, name)) {
            if (!reading_skip(r))
                return false;
            continue;
        }
        if (!reading_count(r, ret))
            return false;
        found = true;
    }
    return reading_fine(r) && (found || !required || reading_reject(r, REJECT_MISSING_FIELD));
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

/* An empty text is no hash. */
static bool names_block(struct reading *r)
{
    return r->line->event.hash.len > 0 || reading_reject(r, REJECT_BAD_FIELD);
}

static bool read_field(struct reading *r, const struct field *f, enum reject *aside)
{
    struct event *event = &r->line->event;
    struct span text = { NULL, 0 };
    bool value = true;

    switch (f->type) {
    case FIELD_SLOT: return reading_count(r, &event->slot);
    case FIELD_NUMBER:
        if (scan_peek(&r->scan) == '{')
            return read_inner_int(r, "unBlockNo", true, &event->number);
        return reading_count(r, &event->number);
    case FIELD_SIZE: return reading_count(r, &event->size);
    case FIELD_DENSITY: return scan_double(&r->scan, &event->density) || reading_reject_scan(r);
    case FIELD_HASH: return reading_string(r, &event->hash) && names_block(r);
    case FIELD_PARENT: return reading_string(r, &event->parent);
    case FIELD_POINT:
        if (!reading_string(r, &text))
            return false;
        split_point(text, event);
        return names_block(r);
    case FIELD_INNER_NUMBER: return read_inner_int(r, f->inner, f->required, &event->number);
    case FIELD_TIP_NUMBER: return read_inner_int(r, f->inner, f->required, &event->tip_number);
    case FIELD_FALSE_ASIDE:
        if (!scan_bool(&r->scan, &value))
            return reading_reject_scan(r);
        if (!value && f->aside < *aside)
            *aside = f->aside;
        return true;
    case FIELD_ASIDE:
        if (f->aside < *aside)
            *aside = f->aside;
        return reading_skip(r);
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

    if (!reading_enter(r, &walk))
        return false;
    while (seen != all) {
        int i;

        ended = !reading_member(r, &walk);
        if (ended)
            break;
        i = find_field(wanted, seen, walk.key);
        if (i == FIELDS_MAX ? !reading_skip(r) : !read_field(r, &wanted[i], &aside))
            return false;
        if (i < FIELDS_MAX)
            seen |= 1u << i;
    }
    if (!reading_fine(r) || (!ended && !reading_skip_rest(r)))
        return false;
    if (aside != REJECTS)
        return reading_reject(r, aside);
    for (int i = 0; i < FIELDS_MAX && wanted[i].key.at; i++)
        if (wanted[i].required && !(seen & 1u << i))
            return reading_reject(r, REJECT_MISSING_FIELD);
    if (kind == EVENT_SEND_HEADER && r->line->event.hash.len == 0)
        return reading_reject(r, REJECT_MISSING_FIELD);
    return true;
}

static bool read_resources(struct reading *r)
{
    struct resource_sample *sample = arena_take(r->scratch, sizeof(*sample), 8);
    unsigned seen = 0;
    struct walk walk;

    if (!sample)
        return reading_reject(r, REJECT_NO_MEMORY);
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        sample->values[i] = -1;
    if (!reading_enter(r, &walk))
        return false;
    while (reading_member(r, &walk)) {
        int i = 0;

        while (i < RESOURCE_MEMBERS &&
               !(!(seen & 1u << i) && span_equal(walk.key, resource_keys[i])))
            i++;
        if (i == RESOURCE_MEMBERS ? !reading_skip(r) : !reading_count(r, &sample->values[i]))
            return false;
        if (i < RESOURCE_MEMBERS)
            seen |= 1u << i;
    }
    if (!reading_fine(r))
        return false;
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        if (!(seen & 1u << i) && !resource_is_optional(i))
            return reading_reject(r, REJECT_MISSING_FIELD);
    r->line->event.resources = sample;
    return true;
}

bool reading_event(struct reading *r, enum event_kind kind)
{
    r->line->event.kind = kind;
    return kind == EVENT_RESOURCES ? read_resources(r) : read_fields(r, kind);
}
