#include "workbench/genesis_shelley.h"

#include <limits.h>
#include <stdio.h>

#include "base/digits.h"
#include "base/file.h"
#include "base/time.h"
#include "chain/address.h"
#include "json/tree.h"
#include "workbench/profile_check.h"

#define NETWORK 0 /* of addresses: a test network */

/* Text goes to the file in pieces of this size or somewhat more. */
#define PIECE_BYTES 65536
#define TEXT_BYTES_MAX ((size_t)32 << 20) /* the head may hold a profile's own objects */

struct shelley_writer {
    const struct profile *p;
    const char *directory;
    const uint8_t *seed;
    const struct pool_identity *pools;
    struct out_file file;
    struct buffer text;
    const char *indent; /* of the entries of the object being written */
    bool first;         /* of them */
    struct ou_error *err;
    enum ou_status status;
};

static void flush(struct shelley_writer *w)
{
    out_write(&w->file, w->text.at, w->text.len);
    buffer_clear(&w->text);
}

static void append_hex(struct buffer *b, const uint8_t *bytes, size_t count)
{
    char *room = buffer_room(b, 2 * count);

    if (room)
        buffer_added(b, digits_hex(bytes, 2 * count, room));
}

/* "HEX": of the innermost object; a value must follow. */
static void begin_entry(struct shelley_writer *w, const uint8_t *key, size_t key_bytes)
{
    if (w->text.len >= PIECE_BYTES && !buffer_status(&w->text))
        flush(w);
    buffer_text(&w->text, w->first ? "\n" : ",\n");
    buffer_text(&w->text, w->indent);
    buffer_char(&w->text, '"');
    w->first = false;
    append_hex(&w->text, key, key_bytes);
    buffer_text(&w->text, "\": ");
}

static void begin_object(struct shelley_writer *w, const char *opening, const char *indent)
{
    buffer_text(&w->text, opening);
    w->indent = indent;
    w->first = true;
}

/* ---- the members that are not streamed ---- */

/* systemStart comes first, so that it can be found and changed in place. */
static json_t *head_of(const struct profile *p, int64_t system_start_ns)
{
    const json_t *genesis = json_object_get(p->document, "genesis");
    json_t *fragment = json_object_get(genesis, "shelley");
    uint64_t supply = profile_supply(p);
    char start[TIME_ISO_ROOM];
    json_t *head;

    start[time_format_iso(system_start_ns, start)] = '\0';
    head =
        json_pack("{s:s, s:s, s:I, s:O, s:I, s:I, s:O, s:I, s:{}}", "systemStart", start,
                  "networkId", "Testnet", "networkMagic", (json_int_t)p->network_magic,
                  "activeSlotsCoeff", json_object_get(genesis, "active_slots_coeff"), "epochLength",
                  (json_int_t)p->epoch_slots, "securityParam", (json_int_t)p->security_param,
                  "slotLength", json_object_get(genesis, "slot_duration"), "maxLovelaceSupply",
                  (json_int_t)supply, "genDelegs");
    if (head && json_object_update(head, fragment) != 0) {
        json_decref(head);
        return NULL;
    }
    return head;
}

static void append_head(struct shelley_writer *w, int64_t system_start_ns)
{
    json_t *head = head_of(w->p, system_start_ns);

    if (!head) {
        w->text.status = OU_NO_MEMORY;
        return;
    }
    json_tree_append(&w->text, head);
    json_decref(head);
    if (!buffer_status(&w->text))
        buffer_cut(&w->text, w->text.len - strlen("\n}")); /* more members follow */
}

/* ---- initialFunds ---- */

static void append_fund(struct shelley_writer *w, const uint8_t *address, size_t bytes,
                        uint64_t coin)
{
    char digits[DIGITS_ROOM];

    begin_entry(w, address, bytes);
    buffer_append(&w->text, digits, digits_u64(coin, digits));
}

static void append_generator_fund(struct shelley_writer *w)
{
    uint8_t key[32], address[ADDRESS_MAX_BYTES];

    w->status = genesis_write_utxo_key(w->directory, w->seed, 0, key, w->err);
    if (!w->status)
        append_fund(w, address, address_enterprise(NETWORK, key, address),
                    genesis_share(w->p->funds_balance));
}

/* The first ones, one per pool, have keys in files. Of the others only hashes exist: nobody holds their keys, and ten
 * thousands of Ed25519 keys need not be made. */
static bool has_keys(const struct shelley_writer *w, uint32_t delegator)
{
    return delegator < w->p->pools;
}

/* The hash of the stake key of a delegator without keys. */
static void made_up_hash(const struct shelley_writer *w, enum genesis_secret kind, uint64_t number,
                         uint8_t ret[KEY_HASH_BYTES])
{
    uint8_t secret[32];

    genesis_secret(w->seed, kind, number, secret);
    memcpy(ret, secret, KEY_HASH_BYTES);
}

/* A base address: a zero (key and key, test network) and two hashes. */
static void made_up_address(const struct shelley_writer *w, uint32_t delegator,
                            uint8_t ret[ADDRESS_MAX_BYTES])
{
    ret[0] = NETWORK;
    made_up_hash(w, SECRET_PAYMENT, delegator, ret + 1);
    made_up_hash(w, SECRET_STAKE, delegator, ret + 1 + KEY_HASH_BYTES);
}

/* Writes the key files on the way when there are any. */
static void delegator_address(struct shelley_writer *w, uint32_t delegator,
                              uint8_t ret[ADDRESS_MAX_BYTES])
{
    uint8_t payment[32], stake[32];

    if (!has_keys(w, delegator)) {
        made_up_address(w, delegator, ret);
        return;
    }
    w->status = genesis_write_delegator(w->directory, w->seed, delegator, payment, stake, w->err);
    if (!w->status)
        address_base(NETWORK, payment, stake, ret);
}

/* stakes: the stake parts of the delegators that have keys, for later. */
static void append_delegated_funds(struct shelley_writer *w, uint8_t (*stakes)[KEY_HASH_BYTES])
{
    const struct profile *p = w->p;
    uint64_t coin = genesis_share(p->per_pool_balance * p->pools) / p->delegators;

    for (uint32_t i = 0; i < p->delegators && !w->status; i++) {
        uint8_t address[ADDRESS_MAX_BYTES];

        delegator_address(w, i, address);
        if (w->status)
            return;
        if (has_keys(w, i))
            memcpy(stakes[i], address + 1 + KEY_HASH_BYTES, KEY_HASH_BYTES);
        append_fund(w, address, ADDRESS_MAX_BYTES, coin);
    }
}

/* Enterprise addresses of keys that nobody has. */
static void append_stuffed_funds(struct shelley_writer *w)
{
    uint64_t coin = profile_stuffed_value(w->p);
    uint8_t address[1 + KEY_HASH_BYTES] = { 0x60 | NETWORK };

    for (uint64_t i = 0; i < w->p->stuffed_utxo && !w->status; i++) {
        made_up_hash(w, SECRET_STUFFED, i, address + 1);
        append_fund(w, address, sizeof address, coin);
    }
}

/* ---- staking ---- */

static void append_pool(struct shelley_writer *w, const struct pool_identity *pool)
{
    begin_entry(w, pool->id, sizeof pool->id);
    buffer_text(&w->text, "{ \"cost\": 0, \"margin\": 0, \"metadata\": null, \"owners\": [], "
                          "\"pledge\": 0, \"publicKey\": \"");
    append_hex(&w->text, pool->id, sizeof pool->id);
    buffer_text(&w->text, "\", \"relays\": [], \"rewardAccount\": { \"credential\": { \"keyHash\": "
                          "\"");
    append_hex(&w->text, pool->reward_key_hash, sizeof pool->reward_key_hash);
    buffer_text(&w->text, "\" }, \"network\": \"Testnet\" }, \"vrf\": \"");
    append_hex(&w->text, pool->vrf_key_hash, sizeof pool->vrf_key_hash);
    buffer_text(&w->text, "\" }");
}

/* In turn: delegator i delegates to pool i mod n. */
static void append_delegations(struct shelley_writer *w, uint8_t (*stakes)[KEY_HASH_BYTES])
{
    for (uint32_t i = 0; i < w->p->delegators; i++) {
        const struct pool_identity *pool = &w->pools[i % w->p->pools];
        uint8_t hash[KEY_HASH_BYTES];

        if (has_keys(w, i))
            memcpy(hash, stakes[i], sizeof hash);
        else
            made_up_hash(w, SECRET_STAKE, i, hash);
        begin_entry(w, hash, sizeof hash);
        buffer_char(&w->text, '"');
        append_hex(&w->text, pool->id, sizeof pool->id);
        buffer_char(&w->text, '"');
    }
}

/* ---- all of it ---- */

static void write_document(struct shelley_writer *w, int64_t system_start_ns)
{
    uint8_t stakes[PROFILE_HOSTS_MAX][KEY_HASH_BYTES];

    append_head(w, system_start_ns);
    begin_object(w, ",\n  \"initialFunds\": {", "    ");
    append_generator_fund(w);
    append_delegated_funds(w, stakes);
    append_stuffed_funds(w);
    if (w->status)
        return;
    begin_object(w, "\n  },\n  \"staking\": {\n    \"pools\": {", "      ");
    for (uint32_t i = 0; i < w->p->pools; i++)
        append_pool(w, &w->pools[i]);
    begin_object(w, "\n    },\n    \"stake\": {", "      ");
    append_delegations(w, stakes);
    buffer_text(&w->text, "\n    }\n  }\n}\n");
}

static enum ou_status finish(struct shelley_writer *w)
{
    if (!w->status && buffer_status(&w->text))
        w->status = ou_fail(w->err, buffer_status(&w->text), "%s/shelley.json: %s", w->directory,
                            ou_status_name(buffer_status(&w->text)));
    if (w->status)
        return w->status;
    flush(w);
    return out_commit(&w->file, w->err);
}

enum ou_status genesis_write_shelley(const struct profile *p, const char *directory,
                                     int64_t system_start_ns, const uint8_t seed[32],
                                     const struct pool_identity *pools, struct ou_error *err)
{
    struct shelley_writer w = {
        .p = p, .directory = directory, .seed = seed, .pools = pools, .err = err
    };
    char path[PATH_MAX];
    enum ou_status status;

    if (snprintf(path, sizeof path, "%s/shelley.json", directory) >= (int)sizeof path)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", directory);
    buffer_init(&w.text, allocator_libc(), TEXT_BYTES_MAX);
    status = out_open(&w.file, path, err);
    if (!status) {
        write_document(&w, system_start_ns);
        status = finish(&w);
    }
    out_release(&w.file);
    buffer_release(&w.text);
    return status;
}
