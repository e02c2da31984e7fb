/* The Shelley genesis of a cluster: written as a stream, because initialFunds may have millions of entries. */
#ifndef OU_WORKBENCH_GENESIS_SHELLEY_H
#define OU_WORKBENCH_GENESIS_SHELLEY_H

#include "workbench/genesis_keys.h"
#include "workbench/profile.h"

/* Where in the file the text `"systemStart": "` is to be found: among its first bytes. */
#define GENESIS_HEAD_BYTES 4096

/* DIRECTORY/shelley.json, and the keys of the generator and of as many delegators as there are pools.
 * system_start_ns: whole seconds. */
enum ou_status genesis_write_shelley(const struct profile *p, const char *directory,
                                     int64_t system_start_ns, const uint8_t seed[32],
                                     const struct pool_identity *pools, struct ou_error *err);

#endif
