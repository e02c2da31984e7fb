/* The seed of hash tables whose keys others choose. */
#ifndef OU_BASE_HASH_SEED_H
#define OU_BASE_HASH_SEED_H

#include <stdint.h>

/* Drawn once per process, so that nobody can prepare keys that collide. Any thread. */
uint64_t hash_seed(void);

#endif
