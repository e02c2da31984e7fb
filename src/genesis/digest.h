/* BLAKE2b-256 (RFC 7693) whose state can be kept in a file and gone on with later, by another program or on another machine.
 * libsodium's cannot: its state is a piece of its memory, of which a forged one would be written beyond. Pure. */
#ifndef OU_GENESIS_DIGEST_H
#define OU_GENESIS_DIGEST_H

#include <stdbool.h>

#include "chain/hash.h"

#define DIGEST_BLOCK_BYTES 128

struct genesis_digest {
    uint64_t chain[8];
    uint64_t bytes;                      /* seen so far */
    uint8_t pending[DIGEST_BLOCK_BYTES]; /* the last of them, see genesis_digest_pending() */
};

void genesis_digest_start(struct genesis_digest *d);
void genesis_digest_add(struct genesis_digest *d, const void *bytes, size_t count);
/* The hash of all that was added; *d stays as it is. */
void genesis_digest_end(const struct genesis_digest *d, uint8_t ret[HASH_BYTES]);

/* How many bytes of `pending` are in use: the last block waits, because it is treated differently. */
static inline size_t genesis_digest_pending(const struct genesis_digest *d)
{
    return d->bytes ? (d->bytes - 1) % DIGEST_BLOCK_BYTES + 1 : 0;
}

/* A state as hexadecimal digits, and back; false for anything that is none. d->bytes is not part of it and must be set. */
#define DIGEST_TEXT_ROOM (2 * (64 + DIGEST_BLOCK_BYTES) + 1)
void genesis_digest_text(const struct genesis_digest *d, char ret[DIGEST_TEXT_ROOM]);
bool genesis_digest_read(const char *text, struct genesis_digest *d);

#endif
