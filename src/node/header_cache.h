/* The headers that followers were told of last. A new block's header goes to every follower at about the same
 * time: it is read from disk once. At most HEADER_CACHE_SLOTS times HEADER_MAX_BYTES. One thread. */
#ifndef OU_NODE_HEADER_CACHE_H
#define OU_NODE_HEADER_CACHE_H

#include "node/chain_db.h"

#define HEADER_CACHE_SLOTS 8

struct header_cache; /* opaque */

/* Followers of one chain_db share a cache: the first one's join makes it, the last one's leave drops it and
 * sets *cache to NULL. */
enum ou_status header_cache_join(struct header_cache **cache, struct ou_error *err);
void header_cache_leave(struct header_cache **cache);

/* The header's bytes; valid until the next call. */
enum ou_status header_cache_get(struct header_cache *cache, const struct chain_db *db,
                                const struct chain_block *block, struct bytes *ret,
                                struct ou_error *err);

#endif
