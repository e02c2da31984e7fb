#include <assert.h>
#include <pthread.h>
#include <string.h>

#include <ouroscope/node.h>

#include "logs/reading.h"
#include "trace/reflection.h"

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
    FIELD_CONNECTION, /* {"connectionId": string} -> event.connection; other forms are passed over */
    FIELD_FALSE_ASIDE, /* false: the line is set aside for the reason in `aside` */
    FIELD_ASIDE,       /* present: likewise */
};

/* What is read is named by the field of the trace point that writes it
 * (ouroscope/node.h), whose path has the key. Where several points mean one event, one of
 * them does: they share what is read. Keys that only other versions write
 * stand here themselves. */
struct field_row {
    enum event_kind event;
    const struct ou_point *point; /* NULL: path says it */
    int point_field;
    const char *path;
    enum field_type type;
    bool required;
    enum reject aside;
};

/* clang-format off */
#define ROW(event, point, name, type, required, aside)                                             \
    { EVENT_##event, &ou_point_##point, OU_FIELD(point, name), NULL, FIELD_##type, required, aside }
#define REQUIRED(event, point, name, type) ROW(event, point, name, type, true, REJECTS)
#define OPTIONAL(event, point, name, type) ROW(event, point, name, type, false, REJECTS)
#define ASIDE(event, point, name, type, why) ROW(event, point, name, type, false, REJECT_##why)
#define FORMERLY(event, path, type) { EVENT_##event, NULL, -1, path, FIELD_##type, false, REJECTS }

/* The length of the new chain is the number of its tip. Nodes before 2026 call
 * its object newTipSelectView; chainLengthDelta is legacy tracing's alone. */
#define ADOPTION(event, point)                                                                     \
    REQUIRED(event, point, tip, POINT),                                                            \
    FORMERLY(event, "chainLengthDelta", NUMBER),                                                   \
    OPTIONAL(event, point, parent, PARENT),                                                        \
    FORMERLY(event, "newTipSelectView.chainLength", TIP_NUMBER),                                   \
    OPTIONAL(event, point, new_length, TIP_NUMBER)

/* Of SendHeader's three reasons to be set aside the first in enum reject that
 * applies is the one given: falling edge, then non-blocking, then roll-back. */
static const struct field_row field_rows[] = {
    REQUIRED(START_LEADERSHIP_CHECK, node_start_leadership_check_plus, slot, SLOT),
    OPTIONAL(START_LEADERSHIP_CHECK, node_start_leadership_check_plus, utxo_size, SIZE),
    OPTIONAL(START_LEADERSHIP_CHECK, node_start_leadership_check_plus, chain_density, DENSITY),
    REQUIRED(BLOCK_CONTEXT, node_block_context, slot, SLOT),
    REQUIRED(BLOCK_CONTEXT, node_block_context, tip_number, NUMBER),
    REQUIRED(LEDGER_STATE, node_ledger_state, slot, SLOT),
    REQUIRED(LEDGER_VIEW, node_ledger_view, slot, SLOT),
    REQUIRED(NODE_IS_LEADER, node_is_leader, slot, SLOT),
    REQUIRED(NODE_NOT_LEADER, node_not_leader, slot, SLOT),
    REQUIRED(TICKED_LEDGER_STATE, node_ticked_ledger_state, slot, SLOT),
    REQUIRED(MEMPOOL_SNAPSHOT, node_forging_mempool_snapshot, slot, SLOT),
    REQUIRED(FORGED_BLOCK, node_forged_block, slot, SLOT),
    REQUIRED(FORGED_BLOCK, node_forged_block, number, NUMBER),
    REQUIRED(FORGED_BLOCK, node_forged_block, block, HASH),
    REQUIRED(FORGED_BLOCK, node_forged_block, previous, PARENT),
    REQUIRED(SEEN_HEADER, node_downloaded_header, slot, SLOT),
    REQUIRED(SEEN_HEADER, node_downloaded_header, number, NUMBER),
    REQUIRED(SEEN_HEADER, node_downloaded_header, block, HASH),
    REQUIRED(FETCH_REQUESTED, node_send_fetch_request, head, HASH),
    REQUIRED(FETCH_REQUESTED, node_send_fetch_request, length, NUMBER),
    REQUIRED(FETCH_COMPLETED, node_completed_block_fetch, block, HASH),
    OPTIONAL(FETCH_COMPLETED, node_completed_block_fetch, size, SIZE),
    OPTIONAL(FETCH_COMPLETED, node_completed_block_fetch, peer, CONNECTION),
    OPTIONAL(SEND_HEADER, node_server_header_update, add_block, POINT),
    FORMERLY(SEND_HEADER, "block", POINT),
    ASIDE(SEND_HEADER, node_server_header_update, rising_edge, FALSE_ASIDE, FALLING_EDGE),
    ASIDE(SEND_HEADER, node_server_header_update, blocking_read, FALSE_ASIDE, NON_BLOCKING),
    ASIDE(SEND_HEADER, node_server_header_update, roll_back_to, ASIDE, ROLL_BACK),
    REQUIRED(SENDING_BODY, node_send_block, block, HASH),
    ADOPTION(ADDED_TO_CHAIN, node_added_to_current_chain),
    ADOPTION(SWITCHED_TO_FORK, node_switched_to_a_fork),
    REQUIRED(ADOPTED_BLOCK, node_adopted_block, block, HASH),
    REQUIRED(ADOPTED_BLOCK, node_adopted_block, size, SIZE),
    OPTIONAL(ADOPTED_BLOCK, node_adopted_block, slot, SLOT),
    REQUIRED(LEDGER_METRICS, node_ledger_metrics, slot, SLOT),
    OPTIONAL(LEDGER_METRICS, node_ledger_metrics, utxo_size, SIZE),
    OPTIONAL(LEDGER_METRICS, node_ledger_metrics, chain_density, DENSITY),
    REQUIRED(TXS_COLLECTED, node_txs_collected, count, NUMBER),
    REQUIRED(TXS_PROCESSED, node_txs_processed, accepted, NUMBER),
    REQUIRED(TXS_PROCESSED, node_txs_processed, rejected, SIZE),
    REQUIRED(MEMPOOL_TXS, node_mempool_added_tx, mempool_txs, INNER_NUMBER),
    REQUIRED(GENERATOR_SETUP, node_generator_setup, taken, NUMBER),
    REQUIRED(GENERATOR_SETUP, node_generator_setup, txs, SIZE),
    OPTIONAL(GENERATOR_SUMMARY, node_generator_summary, tx_sent, INNER_NUMBER),
    REQUIRED(RECORDS_LOST, records_lost, lost, NUMBER),
    REQUIRED(FORWARDER_LOST, forwarder_lost, dropped, NUMBER),
};

static const int resource_fields[RESOURCE_MEMBERS] = {
    [RESOURCE_CENTI_CPU] = OU_FIELD(node_resources, centi_cpu),
    [RESOURCE_CENTI_GC] = OU_FIELD(node_resources, centi_gc),
    [RESOURCE_CENTI_MUT] = OU_FIELD(node_resources, centi_mut),
    [RESOURCE_GCS_MAJOR] = OU_FIELD(node_resources, gcs_major),
    [RESOURCE_GCS_MINOR] = OU_FIELD(node_resources, gcs_minor),
    [RESOURCE_RSS] = OU_FIELD(node_resources, rss),
    [RESOURCE_HEAP] = OU_FIELD(node_resources, heap),
    [RESOURCE_LIVE] = OU_FIELD(node_resources, live),
    [RESOURCE_ALLOC] = OU_FIELD(node_resources, alloc),
    [RESOURCE_CENTI_BLK_IO] = OU_FIELD(node_resources, centi_blk_io),
    [RESOURCE_NET_RD] = OU_FIELD(node_resources, net_rd),
    [RESOURCE_NET_WR] = OU_FIELD(node_resources, net_wr),
    [RESOURCE_FS_RD] = OU_FIELD(node_resources, fs_rd),
    [RESOURCE_FS_WR] = OU_FIELD(node_resources, fs_wr),
    [RESOURCE_THREADS] = OU_FIELD(node_resources, threads),
};
/* clang-format on */

/* --- The rows by event and key ---------------------------------------------- */

/* A field as the loops over a body's members want it. */
struct field {
    struct span key; /* NULL behind the last field */
    enum field_type type;
    bool required;
    const char *inner; /* the member of the object `key`, where the type wants one */
    enum reject aside;
};

#define FIELDS_MAX 6

static struct field fields[EVENT_KINDS][FIELDS_MAX];
static struct span resource_keys[RESOURCE_MEMBERS];
static pthread_once_t fields_once = PTHREAD_ONCE_INIT;

static void add_field(const struct field_row *row)
{
    const char *path = row->point ? row->point->fields[row->point_field].path : row->path;
    const char *dot = strchr(path, '.');
    struct field *free_one = fields[row->event];

    while (free_one->key.at)
        free_one++;
    assert(free_one < fields[row->event] + FIELDS_MAX);
    assert((dot != NULL) == (row->type == FIELD_INNER_NUMBER || row->type == FIELD_TIP_NUMBER));
    *free_one = (struct field){ { path, dot ? (size_t)(dot - path) : strlen(path) },
                                row->type,
                                row->required,
                                dot ? dot + 1 : NULL,
                                row->aside };
}

static void build_fields(void)
{
    for (size_t i = 0; i < sizeof(field_rows) / sizeof(*field_rows); i++)
        add_field(&field_rows[i]);
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        resource_keys[i] = span_of(ou_point_node_resources.fields[resource_fields[i]].path);
}

/* Not all versions report the others, and of a program that traces nothing itself nobody knows what its memory is for. */
static bool resource_is_required(int member)
{
    return member == RESOURCE_CENTI_CPU || member == RESOURCE_RSS;
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

/* Who the peer is. Legacy tracing tells addresses and ports apart, and says nothing here. */
static bool read_connection(struct reading *r, struct span *ret)
{
    struct walk walk;

    if (scan_peek(&r->scan) != '{')
        return reading_skip(r);
    if (!reading_enter(r, &walk))
        return false;
    while (reading_member(r, &walk)) {
        bool wanted = !ret->at && span_is(walk.key, "connectionId") && scan_peek(&r->scan) == '"';

        if (wanted ? !reading_string(r, ret) : !reading_skip(r))
            return false;
    }
    return reading_fine(r);
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
    case FIELD_CONNECTION: return read_connection(r, &event->connection);
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
        if (!(seen & 1u << i) && resource_is_required(i))
            return reading_reject(r, REJECT_MISSING_FIELD);
    r->line->event.resources = sample;
    return true;
}

static bool read_seconds(struct reading *r, double *ret)
{
    if (!scan_double(&r->scan, ret))
        return reading_reject_scan(r);
    return *ret >= 0 || reading_reject(r, REJECT_BAD_FIELD);
}

static bool read_end_member(struct reading *r, struct span key, struct process_end *end)
{
    if (span_is(key, "status"))
        return reading_count(r, &end->status);
    if (span_is(key, "wallSeconds"))
        return read_seconds(r, &end->wall_s);
    if (span_is(key, "userSeconds"))
        return read_seconds(r, &end->user_s);
    if (span_is(key, "systemSeconds"))
        return read_seconds(r, &end->system_s);
    if (span_is(key, "maxRssBytes"))
        return reading_count(r, &end->max_rss_bytes);
    return reading_skip(r);
}

static bool read_process_end(struct reading *r)
{
    struct process_end *end = arena_take(r->scratch, sizeof(*end), 8);
    struct walk walk;

    if (!end)
        return reading_reject(r, REJECT_NO_MEMORY);
    *end = (struct process_end){ -1, NAN, NAN, NAN, -1 };
    if (!reading_enter(r, &walk))
        return false;
    while (reading_member(r, &walk))
        if (!read_end_member(r, walk.key, end))
            return false;
    if (!reading_fine(r))
        return false;
    if (end->status < 0 || isnan(end->wall_s) || isnan(end->user_s) || isnan(end->system_s) ||
        end->max_rss_bytes < 0)
        return reading_reject(r, REJECT_MISSING_FIELD);
    r->line->event.process = end;
    return true;
}

bool reading_event(struct reading *r, enum event_kind kind)
{
    pthread_once(&fields_once, build_fields);
    r->line->event.kind = kind;
    switch (kind) {
    case EVENT_RESOURCES: return read_resources(r);
    case EVENT_PROCESS_ENDED: return read_process_end(r);
    default: return read_fields(r, kind);
    }
}
