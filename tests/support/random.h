/* Numbers for tests that make up their inputs: the same at each run. */
#ifndef OU_SUPPORT_RANDOM_H
#define OU_SUPPORT_RANDOM_H

#include <stdint.h>

/* The next of a fixed sequence that touches all 64 bits (SplitMix64); *seed is where it is. */
static inline uint64_t next_random(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

#endif
