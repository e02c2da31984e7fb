/* Transactions: read from their bytes, and made. What a ledger without governance does not need is
 * passed over by structure and keeps its bytes. */
#ifndef OU_CHAIN_TX_H
#define OU_CHAIN_TX_H

#include "chain/address.h"
#include "wire/cbor.h"
#include "wire/protocol.h"

#define TX_PARTS_MAX 4096 /* inputs, outputs or witnesses of one transaction; more is refused */
#define TX_MAX_BYTES \
    PROTOCOL_LARGE_BYTES /* that are read at all; the protocol parameter is far lower */

/* An unspent output by the transaction that made it. The key of the ledger's map. */
struct tx_input {
    uint8_t id[HASH_BYTES];
    uint16_t index;
} __attribute__((packed));

struct tx {
    uint8_t id[HASH_BYTES]; /* b256 of the body's bytes */
    struct bytes body, witnesses;
    struct bytes auxiliary; /* count 0 when it has none */
    bool valid;
    uint32_t fee_bytes; /* [body, witnesses, auxiliary / null]: the size that fees count */

    uint32_t input_count, output_count, collateral_count, key_witness_count, redeemer_count;
    uint64_t fee;
    bool has_ttl, has_valid_from;
    uint64_t ttl, valid_from;             /* slots; ttl is exclusive */
    uint64_t script_steps, script_memory; /* all redeemers' budgets together */
    struct bytes inputs, outputs, collateral, key_witnesses, scripts[4],
        redeemers; /* the items' lists; scripts: native, V1, V2, V3 */
    bool has_certificates, has_mint, has_withdrawals, has_votes_or_proposals, has_donation;
    bool has_collateral_return, has_reference_inputs;
};

/* Reads [body, witnesses, valid, auxiliary / null]: what a tx-submission message has in tag 24. */
enum wire_result tx_read(struct bytes input, struct tx *ret, const char **ret_why);

/* The same of parts that lie apart, as in a block. */
enum wire_result tx_read_parts(struct bytes body, struct bytes witnesses, struct bytes auxiliary,
                               bool valid, struct tx *ret, const char **ret_why);

/* --- Parts, one after the other; zero-initialise the walk; false at the end ------------------- */

struct tx_walk {
    struct cbor at;
    struct cbor_run run;
    bool started;
};

struct tx_output {
    struct bytes address;
    uint64_t coin;
    struct bytes bytes; /* the whole output */
    bool has_assets;
};

struct tx_key_witness {
    const uint8_t *key, *signature; /* 32 and 64 bytes, views */
};

/* What a script may cost, and what it is run for. */
struct tx_redeemer {
    uint8_t purpose; /* TX_SPENDING, or another that this project does not know */
    uint32_t index;  /* spending: the input's place among all inputs in ascending order */
    uint64_t steps, memory;
};
#define TX_SPENDING 0

bool tx_next_input(struct bytes inputs, struct tx_walk *walk, struct tx_input *ret);
bool tx_next_output(const struct tx *tx, struct tx_walk *walk, struct tx_output *ret);
bool tx_next_key_witness(const struct tx *tx, struct tx_walk *walk, struct tx_key_witness *ret);

bool tx_next_redeemer(const struct tx *tx, struct tx_walk *walk, struct tx_redeemer *ret);
bool tx_next_script(struct bytes scripts, struct tx_walk *walk, struct bytes *ret); /* not native */

/* Ed25519 over the id. */
bool tx_witness_verifies(const struct tx *tx, const struct tx_key_witness *witness);

/* --- Fees ------------------------------------------------------------------------------ */

struct tx_fee_rules {
    uint64_t per_byte, constant; /* minFeeA, minFeeB */
    uint64_t coins_per_utxo_byte;
    double price_memory, price_steps; /* of script budgets */
};
uint64_t tx_min_fee(const struct tx_fee_rules *rules, const struct tx *tx);
uint64_t tx_min_coin(const struct tx_fee_rules *rules,
                     size_t output_bytes); /* (160 + bytes) * price */

/* --- Making ---------------------------------------------------------------------------- */

struct tx_build_output {
    const uint8_t *address;
    size_t address_bytes;
    uint64_t coin;
};

struct tx_build {
    const struct tx_input *inputs;
    size_t input_count;
    const struct tx_build_output *outputs;
    size_t output_count;
    uint64_t fee;
    uint64_t ttl;          /* 0: none */
    size_t metadata_bytes; /* 0: no auxiliary data; else about so many bytes of metadata */
    const uint8_t (*signing_seeds)[32]; /* a witness each; every payment key of the inputs once */
    size_t signing_count;
    /* A modelled script that guards the inputs: its bytes become a Plutus V3 witness with one spending
     * redeemer per input; NULL for inputs of keys. */
    struct bytes script;
    uint64_t script_steps, script_memory; /* of each redeemer */
    const struct tx_input *collateral;    /* one input, or NULL */
};

/* Appends the whole transaction; ret_id is its id. */
enum ou_status tx_build(const struct tx_build *parts, struct buffer *b, uint8_t ret_id[HASH_BYTES],
                        struct ou_error *err);

/* b224(03 || script): the hash in a Plutus V3 script address. */
void tx_script_hash(struct bytes script, uint8_t ret[KEY_HASH_BYTES]);
/* The same of any language: 1 to 3 for Plutus V1 to V3. */
void tx_plutus_hash(uint8_t language, struct bytes script, uint8_t ret[KEY_HASH_BYTES]);

#endif
