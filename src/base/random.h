/* Random numbers that can be had again: a counter-based generator (Philox
 * 4x32-10; Salmon et al., SC 2011). A number is a function of seed, stream and
 * position alone, so results do not depend on threads or on what ran before.
 * One stream belongs to one thread. */
#ifndef OU_BASE_RANDOM_H
#define OU_BASE_RANDOM_H

#include <stdint.h>

struct random_stream {
    uint64_t seed, stream;
    uint64_t block;   /* next counter */
    uint32_t word[4]; /* what is left of the last block */
    unsigned left;
};

void random_stream_init(struct random_stream *r, uint64_t seed, uint64_t stream);
uint32_t random_u32(struct random_stream *r);
uint64_t random_u64(struct random_stream *r);
uint32_t random_below(struct random_stream *r, uint32_t n); /* 0..n-1 alike, without bias; n >= 1 */
double random_uniform(struct random_stream *r);             /* inside (0,1), in 2^52 steps */

/* One block of the generator itself, for known-answer tests. */
void philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t ret[4]);

#endif
