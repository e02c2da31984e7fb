/* The genesis of a cluster: Byron (minimal), Shelley, Alonzo, Conway and Dijkstra files in the formats of
 * cardano-node, and the keys of pools, delegators, DReps and the generator, as cardano-cli would make them:
 *
 *   DIR/byron.json shelley.json alonzo.json conway.json dijkstra.json   genesis files
 *   DIR/hashes.json                                       their hashes
 *   DIR/dataset.json                                      which data set it is, for the next time
 *   DIR/keys/poolN/{cold,kes,vrf,staking-reward}.{skey,vkey} opcert.{cert,counter}   N from 1
 *   DIR/keys/utxoN/utxo.{skey,vkey}                       the funds of the generator (1), of workloads (2, ...)
 *   DIR/keys/delegatorN/{payment,staking}.{skey,vkey}     one per pool (more delegators exist in the file only)
 *   DIR/keys/drepN/drep.{skey,vkey}                       as many as there are pools, at most
 *   DIR/keys/genesisN/key.{skey,vkey}                     of federated producers, and their delegates:
 *   DIR/keys/delegateN/{key,kes,vrf}.{skey,vkey} opcert.{cert,counter}
 *   DIR/keys/bulk-NODE.creds                              of a host with several pools: [[opcert, vrf, kes], ...]
 */
#ifndef OU_GENESIS_CREATE_H
#define OU_GENESIS_CREATE_H

#include "genesis/cache.h"

struct genesis_options {
    const char *cache; /* a folder of data sets (genesis_cache.h); NULL: none is read or kept */
    const uint8_t *
        seed; /* 32 bytes from which the keys follow; NULL: random ones. Part of a data set's name */
    const char
        *cardano_cli; /* a program that makes keys and data sets; NULL: that of PATH, if there is
                                one, for nodes of kind cardano-node without a seed; else ours */
    const char *
        node_version; /* of cardano-node, whose names Conway's members get; NULL: as node_version_of() has it */
    /* Told now and then while a large set is made: entries written, of how many. May be NULL. */
    void (*progress)(void *context, uint64_t done, uint64_t all);
    void *context;
};

/* What was made, for messages. */
struct genesis_made {
    char dataset[GENESIS_DATASET_NAME_ROOM];
    bool cached; /* the data set was there, in the cache or in the directory */
    uint64_t funds, delegations, dreps;
    double dataset_s, parameters_s; /* how long each half took */
};

/* system_start_ns: whole seconds. In a directory that has a genesis of the same data set only the parameters are
 * written; one of another data set is replaced with its keys. Interrupted (base/interrupt.h): OU_INTERRUPTED, and nothing in
 * the cache that is not whole. A directory that was empty, or not there, is empty after a failure. */
enum ou_status genesis_create(const struct profile *p, const char *directory,
                              int64_t system_start_ns, const struct genesis_options *options,
                              struct genesis_made *ret, struct ou_error *err);

/* Changes the start of a genesis that is there: Shelley's systemStart and Byron's startTime, in place, and hashes.json. */
enum ou_status genesis_set_start(const char *directory, int64_t system_start_ns,
                                 struct ou_error *err);

#endif
