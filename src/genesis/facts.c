#include "genesis/facts.h"

#include <stdlib.h>

static void references_init(struct genesis_references *r, size_t id_bytes)
{
    map_init(&r->there, allocator_libc(), id_bytes, 0, GENESIS_REFERENCES_MAX);
    map_init(&r->wanted, allocator_libc(), id_bytes, sizeof(struct genesis_place),
             GENESIS_REFERENCES_MAX);
}

void genesis_facts_init(struct genesis_facts *facts)
{
    *facts = (struct genesis_facts){ .given = false };
    references_init(&facts->pools, KEY_HASH_BYTES);
    references_init(&facts->dreps, GENESIS_CREDENTIAL_BYTES);
}

void genesis_facts_release(struct genesis_facts *facts)
{
    map_release(&facts->pools.there);
    map_release(&facts->pools.wanted);
    map_release(&facts->dreps.there);
    map_release(&facts->dreps.wanted);
}

void genesis_place_note(struct genesis_place *place, uint64_t line, uint64_t column)
{
    if (place->count++ == 0) {
        place->line = line;
        place->column = column;
    }
}

/* A set that is full is no failure: the file may be right, it only cannot be told. */
static enum ou_status put(struct genesis_references *r, struct map *m, const uint8_t *id,
                          void **ret_value)
{
    enum ou_status status;

    *ret_value = NULL;
    if (r->full)
        return OU_OK;
    status = map_put(m, id, ret_value, NULL);
    if (status == OU_TOO_LARGE) {
        r->full = true;
        return OU_OK;
    }
    return status;
}

enum ou_status genesis_reference_there(struct genesis_references *r, const uint8_t *id)
{
    void *value;

    map_remove(&r->wanted, id);
    return put(r, &r->there, id, &value);
}

enum ou_status genesis_reference_wanted(struct genesis_references *r, const uint8_t *id,
                                        uint64_t line, uint64_t column)
{
    void *value;
    enum ou_status status;

    if (map_find(&r->there, id))
        return OU_OK;
    status = put(r, &r->wanted, id, &value);
    if (value)
        genesis_place_note(value, line, column);
    return status;
}

struct missing {
    const uint8_t *id;
    const struct genesis_place *place;
};

static int by_place(const void *left, const void *right)
{
    const struct genesis_place *a = ((const struct missing *)left)->place;
    const struct genesis_place *b = ((const struct missing *)right)->place;

    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->column < b->column ? -1 : a->column > b->column;
}

enum ou_status genesis_references_missing(const struct genesis_references *r,
                                          void (*missing)(void *context, const uint8_t *id,
                                                          const struct genesis_place *place),
                                          void *context)
{
    struct missing *all;
    size_t cursor = 0, count = 0;
    const void *id;
    void *place;

    if (r->full || r->wanted.count == 0)
        return OU_OK;
    all = malloc(r->wanted.count * sizeof *all);
    if (!all)
        return OU_NO_MEMORY;
    while (map_next(&r->wanted, &cursor, &id, &place))
        all[count++] = (struct missing){ id, place };
    qsort(all, count, sizeof *all, by_place);
    for (size_t i = 0; i < count; i++)
        missing(context, all[i].id, all[i].place);
    free(all);
    return OU_OK;
}
