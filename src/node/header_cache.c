#include "node/header_cache.h"

struct cached_header {
    const struct chain_block *block; /* NULL: nothing */
    struct buffer bytes;
};

struct header_cache {
    size_t users;
    struct cached_header slots[HEADER_CACHE_SLOTS]; /* by the block's number */
};

static struct header_cache *cache_new(void)
{
    struct header_cache *cache = alloc_zeroed(allocator_libc(), sizeof(*cache));

    for (size_t i = 0; cache && i < HEADER_CACHE_SLOTS; i++)
        buffer_init(&cache->slots[i].bytes, allocator_libc(), HEADER_MAX_BYTES);
    return cache;
}

enum ou_status header_cache_join(struct header_cache **cache, struct ou_error *err)
{
    if (!*cache && !(*cache = cache_new()))
        return ou_fail(err, OU_NO_MEMORY, "no memory for the headers told to peers");
    (*cache)->users++;
    return OU_OK;
}

void header_cache_leave(struct header_cache **cache)
{
    if (--(*cache)->users > 0)
        return;
    for (size_t i = 0; i < HEADER_CACHE_SLOTS; i++)
        buffer_release(&(*cache)->slots[i].bytes);
    alloc_free(allocator_libc(), *cache, sizeof(**cache));
    *cache = NULL;
}

enum ou_status header_cache_get(struct header_cache *cache, const struct chain_db *db,
                                const struct chain_block *block, struct bytes *ret,
                                struct ou_error *err)
{
    struct cached_header *slot = &cache->slots[block->facts.view.number % HEADER_CACHE_SLOTS];
    enum ou_status status;

    if (slot->block != block) {
        slot->block = NULL;
        buffer_clear(&slot->bytes);
        status = chain_db_read_header(db, block, &slot->bytes, err);
        if (status)
            return status;
        slot->block = block;
    }
    *ret = bytes_of(&slot->bytes);
    return OU_OK;
}
