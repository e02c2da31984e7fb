/* Shelley addresses as bytes: a header, the payment part, perhaps a stake part. Pure. */
#ifndef OU_CHAIN_ADDRESS_H
#define OU_CHAIN_ADDRESS_H

#include "chain/hash.h"

#define ADDRESS_MAX_BYTES 57

enum address_payment { ADDRESS_OTHER, ADDRESS_KEY, ADDRESS_SCRIPT };

struct address {
    enum address_payment kind; /* OTHER: reward accounts, pointers, Byron: no part below is set */
    uint8_t network;           /* 0 test networks, 1 mainnet */
    const uint8_t *payment;    /* KEY_HASH_BYTES, a view */
    const uint8_t *stake;      /* KEY_HASH_BYTES of a stake key, or NULL */
};

/* OU_INVALID when the length does not fit the header byte. */
enum ou_status address_read(struct bytes input, struct address *ret, struct ou_error *err);

/* Enterprise address (29 bytes) of a verification key; its length is returned. */
size_t address_enterprise(uint8_t network, const uint8_t key[32], uint8_t ret[ADDRESS_MAX_BYTES]);
/* Base address (57 bytes) of payment and stake keys. */
size_t address_base(uint8_t network, const uint8_t payment_key[32], const uint8_t stake_key[32],
                    uint8_t ret[ADDRESS_MAX_BYTES]);
/* Enterprise address of a script with this hash (29 bytes). */
size_t address_script(uint8_t network, const uint8_t script_hash[KEY_HASH_BYTES],
                      uint8_t ret[ADDRESS_MAX_BYTES]);

#endif
