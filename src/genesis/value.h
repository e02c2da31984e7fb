/* Whether one value of a genesis file, or one name in a map, is what the table says. Pure; any thread. */
#ifndef OU_GENESIS_VALUE_H
#define OU_GENESIS_VALUE_H

#include "chain/hash.h"
#include "genesis/fields.h"
#include "json/walk.h"

#define GENESIS_REASON_ROOM 400

/* Of values that are no containers. False with the reason, a sentence without its stop: "must be a whole number in
 * 0..65535, not 0.5". *ret_number is set where the value stands for one: numbers, texts of digits, times (nanoseconds since
 * 1970), and the place among the words of one-of. */
bool genesis_value_check(const struct genesis_field *f, const struct walk_value *v,
                         struct genesis_number *ret_number, char reason[GENESIS_REASON_ROOM]);

/* Of a number in the range of a field, wherever it comes from (a fraction, say); shown: how it is written. */
bool genesis_value_in_range(const struct genesis_field *f, struct genesis_number n,
                            struct span shown, char reason[GENESIS_REASON_ROOM]);

/* Of the name of an entry of a map. */
bool genesis_key_check(const struct genesis_field *f, struct span name,
                       char reason[GENESIS_REASON_ROOM]);

/* "must be a list, not a text" */
bool genesis_kind_fails(const struct genesis_field *f, enum walk_kind kind,
                        char reason[GENESIS_REASON_ROOM]);

/* The bytes of 2 * count hex digits; false when they are not exactly that. */
bool genesis_hex(struct span digits, size_t count, uint8_t *ret);

/* "keyHash-HEX", "scriptHash-HEX": whether it is a script's (1) or a key's (0), and the hash. */
#define GENESIS_CREDENTIAL_BYTES (1 + KEY_HASH_BYTES)
bool genesis_credential(struct span text, uint8_t ret[GENESIS_CREDENTIAL_BYTES]);

/* What "drep-" stands before; false for what is none. *ret_named: a credential is in ret; else it is one of the two
 * that always are there. */
bool genesis_drep(struct span text, bool *ret_named, uint8_t ret[GENESIS_CREDENTIAL_BYTES]);

#endif
