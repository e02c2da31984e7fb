/* The genesis of a cluster of reference nodes: Byron (minimal), Shelley, Alonzo and Conway files in the formats of
 * cardano-node, and the keys of pools, delegators and the generator, as cardano-cli would make them:
 *
 *   DIR/byron.json shelley.json alonzo.json conway.json   genesis files
 *   DIR/hashes.json                                       their hashes
 *   DIR/keys/poolN/{cold,kes,vrf}.{skey,vkey} opcert.cert N from 1
 *   DIR/keys/utxo1/utxo.{skey,vkey}                       the funds of the generator
 *   DIR/keys/delegatorN/{payment,staking}.{skey,vkey}     one per pool (more delegators exist in the file only)
 */
#ifndef OU_WORKBENCH_GENESIS_CREATE_H
#define OU_WORKBENCH_GENESIS_CREATE_H

#include "workbench/profile.h"

/* system_start_ns: whole seconds. With `seed` (32 bytes) the keys follow from it, for tests; NULL: random
 * ones. */
enum ou_status genesis_create(const struct profile *p, const char *directory,
                              int64_t system_start_ns, const uint8_t *seed, struct ou_error *err);

/* Changes the start of a genesis that is there: Shelley's systemStart and Byron's startTime, in place, and hashes.json. */
enum ou_status genesis_set_start(const char *directory, int64_t system_start_ns,
                                 struct ou_error *err);

#endif
