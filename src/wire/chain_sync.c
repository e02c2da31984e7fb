#include "wire/chain_sync.h"

static const struct protocol_state states[] = {
    [CHAIN_SYNC_IDLE] = { "Idle", AGENCY_CLIENT, PROTOCOL_SMALL_BYTES, 3373000 },
    [CHAIN_SYNC_CAN_AWAIT] = { "CanAwait", AGENCY_SERVER, PROTOCOL_SMALL_BYTES, 10000 },
    /* Other nodes draw this limit anew each time, from 601 to 911 s, so that not all give up on a
     * quiet chain at once. Here is the upper bound: who draws none never gives up too early. */
    [CHAIN_SYNC_MUST_REPLY] = { "MustReply", AGENCY_SERVER, PROTOCOL_SMALL_BYTES, 911000 },
    [CHAIN_SYNC_INTERSECT] = { "Intersect", AGENCY_SERVER, PROTOCOL_SMALL_BYTES, 10000 },
    [CHAIN_SYNC_ENDED] = { "Done", AGENCY_NOBODY, 0, 0 },
};

static const struct protocol_step steps[] = {
    { CHAIN_SYNC_IDLE, CHAIN_SYNC_REQUEST_NEXT, CHAIN_SYNC_CAN_AWAIT },
    { CHAIN_SYNC_IDLE, CHAIN_SYNC_FIND_INTERSECT, CHAIN_SYNC_INTERSECT },
    { CHAIN_SYNC_IDLE, CHAIN_SYNC_DONE, CHAIN_SYNC_ENDED },
    { CHAIN_SYNC_CAN_AWAIT, CHAIN_SYNC_AWAIT_REPLY, CHAIN_SYNC_MUST_REPLY },
    { CHAIN_SYNC_CAN_AWAIT, CHAIN_SYNC_ROLL_FORWARD, CHAIN_SYNC_IDLE },
    { CHAIN_SYNC_CAN_AWAIT, CHAIN_SYNC_ROLL_BACKWARD, CHAIN_SYNC_IDLE },
    { CHAIN_SYNC_MUST_REPLY, CHAIN_SYNC_ROLL_FORWARD, CHAIN_SYNC_IDLE },
    { CHAIN_SYNC_MUST_REPLY, CHAIN_SYNC_ROLL_BACKWARD, CHAIN_SYNC_IDLE },
    { CHAIN_SYNC_INTERSECT, CHAIN_SYNC_INTERSECT_FOUND, CHAIN_SYNC_IDLE },
    { CHAIN_SYNC_INTERSECT, CHAIN_SYNC_INTERSECT_NOT_FOUND, CHAIN_SYNC_IDLE },
};

const struct protocol protocol_chain_sync = {
    .name = "ChainSync",
    .number = 2,
    .ingress_bytes = 462000, /* 300 headers of 1400 bytes, and a tenth */
    .states = states,
    .steps = steps,
    .state_count = sizeof states / sizeof *states,
    .step_count = sizeof steps / sizeof *steps,
};

static const uint8_t parts[] = {
    [CHAIN_SYNC_REQUEST_NEXT] = 0,        [CHAIN_SYNC_AWAIT_REPLY] = 0,
    [CHAIN_SYNC_ROLL_FORWARD] = 2,        [CHAIN_SYNC_ROLL_BACKWARD] = 2,
    [CHAIN_SYNC_FIND_INTERSECT] = 1,      [CHAIN_SYNC_INTERSECT_FOUND] = 2,
    [CHAIN_SYNC_INTERSECT_NOT_FOUND] = 1, [CHAIN_SYNC_DONE] = 0,
};

/* --- Points and tips --------------------------------------------------------------- */

bool point_equal(const struct point *a, const struct point *b)
{
    if (a->origin || b->origin)
        return a->origin && b->origin;
    return a->slot == b->slot && memcmp(a->hash, b->hash, sizeof a->hash) == 0;
}

/* [] is the origin, all else [slot, hash]. */
void point_read(struct cbor *c, struct point *ret)
{
    struct cbor_run run = cbor_list(c);

    *ret = (struct point){ .origin = true };
    if (!cbor_ok(c) || (!run.indefinite && run.left == 0))
        return;
    if (run.indefinite || run.left != 2) {
        cbor_refuse(c, "a point is [] or [slot, hash]");
        return;
    }
    ret->origin = false;
    ret->slot = cbor_uint(c);
    cbor_fixed(c, sizeof ret->hash, ret->hash);
}

void point_write(struct buffer *b, const struct point *point)
{
    if (point->origin) {
        cbor_put_list(b, 0);
        return;
    }
    cbor_put_list(b, 2);
    cbor_put_uint(b, point->slot);
    cbor_put_bytes(b, (struct bytes){ point->hash, sizeof point->hash });
}

static void tip_read(struct cbor *c, struct tip *ret)
{
    cbor_list_of(c, 2);
    point_read(c, &ret->point);
    ret->number = cbor_uint(c);
}

static void tip_write(struct buffer *b, const struct tip *tip)
{
    cbor_put_list(b, 2);
    point_write(b, &tip->point);
    cbor_put_uint(b, tip->number);
}

/* --- Messages ---------------------------------------------------------------------- */

static size_t points_read(struct cbor *c, struct point *ret_points)
{
    struct cbor_run run = cbor_list(c);
    size_t count = 0;

    if (!ret_points) {
        cbor_refuse(c, "nobody expects points to look for here");
        return 0;
    }
    for (; cbor_more(c, &run); count++) {
        if (count == CHAIN_SYNC_POINTS_MAX) {
            cbor_refuse(c, "too many points");
            break;
        }
        point_read(c, &ret_points[count]);
    }
    return count;
}

/* [era, 24(header)], as all eras but Byron have it. */
static void header_read(struct cbor *c, struct chain_sync_message *ret)
{
    cbor_list_of(c, 2);
    ret->era = (uint8_t)cbor_uint_below(c, UINT8_MAX, "no such era");
    ret->header = cbor_encoded(c);
}

enum wire_result chain_sync_read(struct bytes message, struct chain_sync_message *ret,
                                 struct point *ret_points, const char **ret_why)
{
    struct cbor c = cbor_open(message);
    struct chain_sync_message m = { .key = (enum chain_sync_key)message_open(&c, parts,
                                                                             sizeof parts) };
    enum wire_result result;

    switch (m.key) {
    case CHAIN_SYNC_ROLL_FORWARD:
        header_read(&c, &m);
        tip_read(&c, &m.tip);
        break;
    case CHAIN_SYNC_ROLL_BACKWARD:
    case CHAIN_SYNC_INTERSECT_FOUND:
        point_read(&c, &m.point);
        tip_read(&c, &m.tip);
        break;
    case CHAIN_SYNC_INTERSECT_NOT_FOUND: tip_read(&c, &m.tip); break;
    case CHAIN_SYNC_FIND_INTERSECT:
        m.point_count = points_read(&c, ret_points);
        m.points = ret_points;
        break;
    case CHAIN_SYNC_REQUEST_NEXT:
    case CHAIN_SYNC_AWAIT_REPLY:
    case CHAIN_SYNC_DONE: break;
    }
    result = message_close(&c, ret_why);
    if (result == WIRE_OK)
        *ret = m;
    return result;
}

/* Other nodes write the list with a break at its end, and an empty one without. */
static void points_write(struct buffer *b, const struct point *points, size_t count)
{
    if (count == 0) {
        cbor_put_list(b, 0);
        return;
    }
    cbor_put_list_open(b);
    for (size_t i = 0; i < count; i++)
        point_write(b, &points[i]);
    cbor_put_break(b);
}

void chain_sync_write(struct buffer *b, const struct chain_sync_message *m)
{
    message_put(b, parts, m->key);
    switch (m->key) {
    case CHAIN_SYNC_ROLL_FORWARD:
        cbor_put_list(b, 2);
        cbor_put_uint(b, m->era);
        cbor_put_encoded(b, m->header);
        tip_write(b, &m->tip);
        break;
    case CHAIN_SYNC_ROLL_BACKWARD:
    case CHAIN_SYNC_INTERSECT_FOUND:
        point_write(b, &m->point);
        tip_write(b, &m->tip);
        break;
    case CHAIN_SYNC_INTERSECT_NOT_FOUND: tip_write(b, &m->tip); break;
    case CHAIN_SYNC_FIND_INTERSECT: points_write(b, m->points, m->point_count); break;
    case CHAIN_SYNC_REQUEST_NEXT:
    case CHAIN_SYNC_AWAIT_REPLY:
    case CHAIN_SYNC_DONE: break;
    }
}
