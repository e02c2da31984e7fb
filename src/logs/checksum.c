/* The hash is compiled twice from the library's header: here for every machine,
 * and in checksum_avx2.c for those with AVX2, where it runs at twice the speed.
 * Both give the same sums. */
#define XXH_INLINE_ALL
#include "logs/checksum.h"

#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "logs/checksum_avx2.h"

struct checksum {
    XXH3_state_t *state;
    void (*add)(void *state, const void *bytes, size_t len);
};

static void add_baseline(void *state, const void *bytes, size_t len)
{
    XXH3_128bits_update(state, bytes, len);
}

struct checksum *checksum_new(void)
{
    struct checksum *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->add = checksum_avx2_works() ? checksum_avx2_add : add_baseline;
    c->state = XXH3_createState();
    if (!c->state) {
        free(c);
        return NULL;
    }
    XXH3_128bits_reset(c->state);
    return c;
}

void checksum_free(struct checksum *c)
{
    if (!c)
        return;
    XXH3_freeState(c->state);
    free(c);
}

void checksum_reset(struct checksum *c)
{
    XXH3_128bits_reset(c->state);
}

void checksum_add(struct checksum *c, const void *bytes, size_t len)
{
    c->add(c->state, bytes, len);
}

void checksum_hex(const struct checksum *c, char out[CHECKSUM_HEX_ROOM])
{
    XXH128_hash_t hash = XXH3_128bits_digest(c->state);

    snprintf(out, CHECKSUM_HEX_ROOM, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}
