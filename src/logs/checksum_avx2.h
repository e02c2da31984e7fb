/* For checksum.c alone: the hash's inner loop for machines with AVX2. */
#ifndef OU_LOGS_CHECKSUM_AVX2_H
#define OU_LOGS_CHECKSUM_AVX2_H

#include <stdbool.h>
#include <stddef.h>

/* Can this machine, and was the function below compiled for it? */
bool checksum_avx2_works(void);

/* XXH3_128bits_update(); state: an XXH3_state_t of checksum.c, made from the same
 * header. */
void checksum_avx2_add(void *state, const void *bytes, size_t len);

#endif
