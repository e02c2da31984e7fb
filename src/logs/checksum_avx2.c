#if defined(__x86_64__) && !defined(__clang__)
#pragma GCC target("avx2")
#endif

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "logs/checksum_avx2.h"

bool checksum_avx2_works(void)
{
#ifdef __AVX2__
    return __builtin_cpu_supports("avx2") != 0;
#else
    return false; /* clang, whose pragma does not reach the header's choice */
#endif
}

void checksum_avx2_add(void *state, const void *bytes, size_t len)
{
    XXH3_128bits_update(state, bytes, len);
}
