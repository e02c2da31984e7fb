/* What a node needs of its genesis files beside clock and sizes (genesis.h): protocol parameters, first
 * outputs, pools and delegations. */
#ifndef OU_CHAIN_GENESIS_LEDGER_H
#define OU_CHAIN_GENESIS_LEDGER_H

#include "chain/genesis.h"
#include "chain/tx.h"

#define GENESIS_POOLS_MAX 10000
#define GENESIS_FUNDS_MAX 15000000

struct genesis_pool {
    uint8_t id[KEY_HASH_BYTES]; /* b224 of its cold key */
    uint8_t vrf_key_hash[HASH_BYTES];
    uint64_t stake; /* delegated to it in initialFunds, lovelace */
};

struct genesis_fund {
    uint8_t address[ADDRESS_MAX_BYTES];
    uint8_t address_bytes;
    uint64_t coin;
};

struct genesis_delegation {
    uint8_t stake_key[KEY_HASH_BYTES];
    uint32_t pool; /* index */
};

struct genesis_ledger {
    struct genesis shelley;
    uint8_t hash[HASH_BYTES]; /* b256 of the Shelley file: the first nonce */
    uint8_t network;          /* 0 test, 1 mainnet: of addresses */
    struct tx_fee_rules fees;
    uint32_t max_header_bytes;
    uint16_t major, minor; /* protocol version to forge with */
    uint64_t max_tx_steps, max_tx_memory, max_block_steps, max_block_memory;
    uint64_t max_lovelace;
    struct genesis_pool *pools; /* ascending by id; owned, with all below */
    size_t pool_count;
    struct genesis_fund *funds;
    size_t fund_count;
    struct genesis_delegation *delegations; /* ascending by stake key */
    size_t delegation_count;
    uint64_t total_stake; /* of all pools */
};

/* alonzo_path may be NULL: then script budgets and prices are mainnet's. Files of any size are read once, from front to back;
 * memory is taken for what is in the struct, and for 56 bytes of each delegation meanwhile. That an address stands twice in
 * initialFunds is not seen here, but by ledger_create(). Message says FILE and member. */
enum ou_status genesis_ledger_load(const char *shelley_path, const char *alonzo_path,
                                   struct genesis_ledger *ret, struct ou_error *err);
/* The same of files that are in memory; alonzo.at may be NULL. */
enum ou_status genesis_ledger_parse(struct span shelley, const char *shelley_name,
                                    struct span alonzo, const char *alonzo_name,
                                    struct genesis_ledger *ret, struct ou_error *err);
void genesis_ledger_release(struct genesis_ledger *g); /* a zeroed one is fine */

/* Bytes that transactions may take in a block, each counting TX_ROOM_OVERHEAD beside its own; maxBlockBodySize is
 * GENESIS_BODY_RESERVE more. A file whose maxTxSize does not fit into it, or whose script budgets of a transaction not
 * into those of a block, is refused: one such transaction would keep all others out of every block. */
#define GENESIS_BODY_RESERVE 1024
#define TX_ROOM_OVERHEAD 4
uint64_t genesis_block_room(const struct genesis_ledger *g);

/* The pool with that id, or NULL; the index of the pool a stake key delegates to, or -1. */
const struct genesis_pool *genesis_find_pool(const struct genesis_ledger *g,
                                             const uint8_t id[KEY_HASH_BYTES]);
long genesis_find_delegation(const struct genesis_ledger *g,
                             const uint8_t stake_key[KEY_HASH_BYTES]);

#endif
