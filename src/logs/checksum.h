/* The checksum of a stream of bytes: XXH3 with 128 bits, as `xxhsum -H2` prints
 * it. It tells what was read and finds files given twice; it is no proof against
 * forgery. One thread at a time. */
#ifndef OU_LOGS_CHECKSUM_H
#define OU_LOGS_CHECKSUM_H

#include <stddef.h>

struct checksum;

struct checksum *checksum_new(void);    /* NULL: no memory */
void checksum_free(struct checksum *c); /* NULL is fine */
void checksum_reset(struct checksum *c);
void checksum_add(struct checksum *c, const void *bytes, size_t len);

#define CHECKSUM_HEX_ROOM 33
void checksum_hex(const struct checksum *c, char out[CHECKSUM_HEX_ROOM]);

#endif
