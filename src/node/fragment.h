/* A peer's chain as far as it concerns us: the block where it meets our own chain (the anchor), and the
 * headers that follow there, oldest first. Appending, rolling back, and keeping up with our own chain
 * leave it so. A header takes about 400 bytes; at most FRAGMENT_HEADERS_MAX. One thread. */
#ifndef OU_NODE_FRAGMENT_H
#define OU_NODE_FRAGMENT_H

#include "node/chain_db.h"

#define FRAGMENT_HEADERS_MAX 100000 /* whoever asks for headers stops far below */

struct fragment {
    const struct chain_db *db;
    const struct chain_block *anchor; /* on our chain; NULL: the origin */
    struct header_facts *headers;     /* owned */
    size_t first, count;              /* headers[first] is the oldest one in use */
    size_t capacity;
};

void fragment_init(struct fragment *f, const struct chain_db *db); /* empty, at the origin */
void fragment_release(struct fragment *f);

/* Empties it and moves it to a block of our chain (NULL: the origin). */
void fragment_move(struct fragment *f, const struct chain_block *anchor);

/* The last header; NULL when there is none but the anchor's, and then at the origin. */
const struct header_facts *fragment_tip(const struct fragment *f);
uint64_t fragment_height(const struct fragment *f); /* blocks from the genesis to the tip */
size_t fragment_find(const struct fragment *f,
                     const uint8_t hash[HASH_BYTES]); /* its place among the headers, or count */

/* Adds a header that follows the tip. A block of our own chain moves an empty fragment instead. */
enum ou_status fragment_append(struct fragment *f, const struct header_facts *facts);

/* Goes back to a block: one of the headers, the anchor, or a block of our chain before it. False when the
 * fragment has no such block. */
bool fragment_cut(struct fragment *f, const struct point *point);

/* After our own chain has changed: finds where the two meet now. */
enum ou_status fragment_follow(struct fragment *f);

/* How many blocks of our chain lie behind the anchor: what a change to this chain would undo. */
uint64_t fragment_depth(const struct fragment *f);

#endif
