/* Protocol 2: a client follows the server's chain, header by header. Pure. */
#ifndef OU_WIRE_CHAIN_SYNC_H
#define OU_WIRE_CHAIN_SYNC_H

#include "wire/protocol.h"

#define ERA_CONWAY 6       /* index of the era in headers, transactions and their ids */
#define BLOCK_ERA_CONWAY 7 /* and in blocks */

/* A place on a chain. */
struct point {
    bool origin; /* before the first block; then nothing else counts */
    uint64_t slot;
    uint8_t hash[32];
};

struct tip {
    struct point point;
    uint64_t number; /* of the block; 0 at the origin */
};

bool point_equal(const struct point *a, const struct point *b);
void point_read(struct cbor *c, struct point *ret);
void point_write(struct buffer *b, const struct point *point);

enum chain_sync_key {
    CHAIN_SYNC_REQUEST_NEXT = 0,
    CHAIN_SYNC_AWAIT_REPLY = 1,
    CHAIN_SYNC_ROLL_FORWARD = 2,
    CHAIN_SYNC_ROLL_BACKWARD = 3,
    CHAIN_SYNC_FIND_INTERSECT = 4,
    CHAIN_SYNC_INTERSECT_FOUND = 5,
    CHAIN_SYNC_INTERSECT_NOT_FOUND = 6,
    CHAIN_SYNC_DONE = 7,
};

enum chain_sync_state {
    CHAIN_SYNC_IDLE,
    CHAIN_SYNC_CAN_AWAIT,
    CHAIN_SYNC_MUST_REPLY,
    CHAIN_SYNC_INTERSECT,
    CHAIN_SYNC_ENDED,
};

/* Pipelining: a client has at most so many requests open, and begins again at the low mark. */
#define CHAIN_SYNC_HIGH_MARK 300
#define CHAIN_SYNC_LOW_MARK 200
#define CHAIN_SYNC_POINTS_MAX 256 /* of one FindIntersect; more is WIRE_BAD */

struct chain_sync_message {
    enum chain_sync_key key;
    uint8_t era;         /* of the header */
    struct bytes header; /* RollForward: what stands in tag 24 */
    struct point point;  /* RollBackward, IntersectFound */
    struct tip tip;
    size_t point_count;
    const struct point
        *points; /* FindIntersect, to be written; a read one has them in *ret_points */
};

/* ret_points has room for CHAIN_SYNC_POINTS_MAX, or is NULL where no FindIntersect is expected
 * (one is WIRE_BAD then). */
enum wire_result chain_sync_read(struct bytes message, struct chain_sync_message *ret,
                                 struct point *ret_points, const char **ret_why);
void chain_sync_write(struct buffer *b, const struct chain_sync_message *m);

#endif
