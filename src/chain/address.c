#include "chain/address.h"

/* The upper half of the header byte says what follows. */
enum {
    TYPE_BASE = 0, /* + 1: payment part is a script; + 2: stake part is one */
    TYPE_BASE_LAST = 3,
    TYPE_POINTER = 4, /* + 1 */
    TYPE_POINTER_LAST = 5,
    TYPE_ENTERPRISE = 6, /* + 1 */
    TYPE_ENTERPRISE_LAST = 7,
    TYPE_BYRON = 8,
    TYPE_REWARD = 14, /* + 1 */
};

enum {
    PAYMENT_SCRIPT_BIT = 1,
    STAKE_SCRIPT_BIT = 2,
    ENTERPRISE_BYTES = 1 + KEY_HASH_BYTES,
    BASE_BYTES = 1 + 2 * KEY_HASH_BYTES,
    POINTER_LEAST = ENTERPRISE_BYTES + 3, /* slot, transaction, certificate: a byte each at least */
};

static bool length_fits(uint8_t type, size_t count)
{
    if (type <= TYPE_BASE_LAST)
        return count == BASE_BYTES;
    if (type <= TYPE_POINTER_LAST)
        return count >= POINTER_LEAST;
    return count == ENTERPRISE_BYTES;
}

enum ou_status address_read(struct bytes input, struct address *ret, struct ou_error *err)
{
    struct address got = { 0 };
    uint8_t type;

    if (input.count == 0)
        return ou_fail(err, OU_INVALID, "an empty address");
    type = input.at[0] >> 4;
    if (type > TYPE_BYRON && type < TYPE_REWARD)
        return ou_fail(err, OU_INVALID, "no address begins with 0x%02x", input.at[0]);
    if (type == TYPE_BYRON) {
        *ret = got;
        return OU_OK;
    }
    if (!length_fits(type, input.count))
        return ou_fail(err, OU_INVALID, "an address of %zu bytes that begins with 0x%02x",
                       input.count, input.at[0]);
    got.network = input.at[0] & 15;
    if (type <= TYPE_BASE_LAST || (type >= TYPE_ENTERPRISE && type <= TYPE_ENTERPRISE_LAST)) {
        got.kind = type & PAYMENT_SCRIPT_BIT ? ADDRESS_SCRIPT : ADDRESS_KEY;
        got.payment = input.at + 1;
    }
    if (type <= TYPE_BASE_LAST && !(type & STAKE_SCRIPT_BIT))
        got.stake = input.at + 1 + KEY_HASH_BYTES;
    *ret = got;
    return OU_OK;
}

static uint8_t header_of(uint8_t type, uint8_t network)
{
    return (uint8_t)(type << 4 | network);
}

static void put_key_hash(const uint8_t key[32], uint8_t *at)
{
    hash224((struct bytes){ key, 32 }, at);
}

size_t address_enterprise(uint8_t network, const uint8_t key[32], uint8_t ret[ADDRESS_MAX_BYTES])
{
    ret[0] = header_of(TYPE_ENTERPRISE, network);
    put_key_hash(key, ret + 1);
    return ENTERPRISE_BYTES;
}

size_t address_base(uint8_t network, const uint8_t payment_key[32], const uint8_t stake_key[32],
                    uint8_t ret[ADDRESS_MAX_BYTES])
{
    ret[0] = header_of(TYPE_BASE, network);
    put_key_hash(payment_key, ret + 1);
    put_key_hash(stake_key, ret + 1 + KEY_HASH_BYTES);
    return BASE_BYTES;
}

size_t address_script(uint8_t network, const uint8_t script_hash[KEY_HASH_BYTES],
                      uint8_t ret[ADDRESS_MAX_BYTES])
{
    ret[0] = header_of(TYPE_ENTERPRISE | PAYMENT_SCRIPT_BIT, network);
    memcpy(ret + 1, script_hash, KEY_HASH_BYTES);
    return ENTERPRISE_BYTES;
}
