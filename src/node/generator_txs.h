/* The transactions of a load: those that split the genesis fund (by the plan), and those that are counted. Each is
 * made when it is wanted, from its number alone, so that memory does not grow with them: of a set-up
 * transaction only the id is kept, and the bytes of the latest ones. One thread. */
#ifndef OU_NODE_GENERATOR_TXS_H
#define OU_NODE_GENERATOR_TXS_H

#include "chain/genesis_ledger.h"
#include "node/generator_config.h"

struct generator_txs; /* opaque */

struct generator_txs_options {
    const struct generator_config *config; /* outlives it, with the two below */
    const struct genesis_ledger *genesis;
    const uint8_t *fund_seed; /* 32 bytes: the key of an address in initialFunds */
    uint64_t ttl;             /* slot from which nothing of it is valid */
};

/* Checks, too, that a transaction of each kind pays its fee, fits the chain's limits and makes outputs that are large
 * enough, and that the fund is. */
enum ou_status generator_txs_create(const struct generator_txs_options *options,
                                    struct generator_txs **ret, struct ou_error *err);
void generator_txs_free(struct generator_txs *t); /* NULL is fine */

uint64_t generator_setup_count(const struct generator_txs *t);

/* The bytes of so many set-up transactions are kept. */
#define GENERATOR_SETUP_KEPT 512

/* A set-up transaction. Those with lower numbers must have been asked for before; all of them before the load is. *ret
 * is valid until another one is asked for whose number differs by a multiple of GENERATOR_SETUP_KEPT. */
enum ou_status generator_setup_tx(struct generator_txs *t, uint64_t number, struct bytes *ret,
                                  const uint8_t **ret_id, struct ou_error *err);

/* Appends a transaction of the load, from 0 to tx_count - 1. */
enum ou_status generator_load_tx(const struct generator_txs *t, uint64_t number, struct buffer *b,
                                 uint8_t ret_id[HASH_BYTES], struct ou_error *err);

/* What metadata_bytes make a transaction longer by add_tx_size, or by the next more that there is: at least 39 bytes,
 * with all that belongs to them; 0 for 0. */
size_t generator_metadata_bytes(uint32_t add_tx_size);

#endif
