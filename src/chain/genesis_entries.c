#include "chain/genesis_entries.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/digits.h"
#include "chain/genesis_reader.h"

/* Names of members in messages; longer ones are cut. */
#define SHOWN_BYTES 120

/* A delegation whose pool may come later in the file. */
struct promise {
    uint8_t stake_key[KEY_HASH_BYTES];
    uint8_t pool_id[KEY_HASH_BYTES];
};

struct entries {
    struct json_walk *walk;
    struct walk_value v;     /* of the last step */
    struct genesis_reader r; /* its status ends all loops */
    struct buffer *rest;
    uint64_t line; /* that *rest has come to */
    struct genesis_ledger *g;
    size_t fund_room, pool_room, promise_room;
    struct promise *promises;
    size_t promise_count;
};

/* --- Steps ------------------------------------------------------------------------- */

static bool step(struct entries *e)
{
    if (!e->r.status)
        e->r.status = json_walk_next(e->walk, &e->v, e->r.err);
    return !e->r.status;
}

/* To the next member or item of the container that we are in; false behind its last. */
static bool step_inside(struct entries *e)
{
    return step(e) && e->v.kind != WALK_CLOSE;
}

/* Behind the value of the last step. */
static void pass_over(struct entries *e)
{
    if (!e->r.status && (e->v.kind == WALK_OBJECT || e->v.kind == WALK_ARRAY))
        e->r.status = json_walk_skip(e->walk, NULL, e->r.err);
}

/* --- What a tree is made of ------------------------------------------------------------ */

static void put(struct entries *e, struct span text)
{
    buffer_append(e->rest, text.at, text.len);
}

/* What comes between two members, and the name of the second. */
static void put_name(struct entries *e, bool first)
{
    if (!first)
        buffer_char(e->rest, ',');
    for (; e->line < e->v.line; e->line++)
        buffer_char(e->rest, '\n');
    if (!e->v.is_member)
        return;
    buffer_char(e->rest, '"');
    put(e, e->v.raw_name);
    buffer_text(e->rest, "\":");
}

/* The value of the last step. As deep as a walk goes, which is a few hundred levels. */
static void put_value(struct entries *e)
{
    const bool object = e->v.kind == WALK_OBJECT;

    if (e->v.kind == WALK_TEXT) {
        buffer_char(e->rest, '"');
        put(e, e->v.raw);
        buffer_char(e->rest, '"');
    } else if (object || e->v.kind == WALK_ARRAY) {
        buffer_char(e->rest, object ? '{' : '[');
        for (bool first = true; step_inside(e); first = false) {
            put_name(e, first);
            put_value(e);
        }
        buffer_char(e->rest, object ? '}' : ']');
    } else {
        put(e, e->v.text);
    }
}

/* --- Entries ------------------------------------------------------------------------- */

/* The bytes of the digits, up to max; the count, or 0 for anything else. */
static size_t bytes_of_hex(struct span digits, size_t max, uint8_t *ret)
{
    size_t count = 0;

    if (sodium_hex2bin(ret, max, digits.at, digits.len, NULL, &count, NULL) != 0)
        return 0;
    return count;
}

static bool is_hash(struct span digits, size_t bytes, uint8_t *ret)
{
    return bytes_of_hex(digits, bytes, ret) == bytes;
}

static bool is_text_hash(const struct walk_value *v, size_t bytes, uint8_t *ret)
{
    return v->kind == WALK_TEXT && is_hash(v->text, bytes, ret);
}

static void fail_at(struct entries *e, const char *object, struct span key, const char *why)
{
    char member[SHOWN_BYTES];

    snprintf(member, sizeof member, "%s.%.*s", object, (int)key.len, key.at);
    genesis_reader_fail(&e->r, member, why);
}

/* Room for one more of `count` items; false after a failure. */
static bool has_room(struct entries *e, void **items, size_t *room, size_t count, size_t max,
                     size_t item_bytes, const char *name)
{
    if (count == max)
        e->r.status = ou_fail(e->r.err, OU_TOO_LARGE, "%s: \"%s\" has more than %zu members",
                              e->r.name, name, max);
    else if (!array_reserve(allocator_libc(), items, room, count + 1, item_bytes, max))
        e->r.status = ou_fail(e->r.err, OU_NO_MEMORY, "%s: no memory for \"%s\"", e->r.name, name);
    return !e->r.status;
}

static struct genesis_fund *next_fund(struct entries *e)
{
    void *funds = e->g->funds;
    const bool fits = has_room(e, &funds, &e->fund_room, e->g->fund_count, GENESIS_FUNDS_MAX,
                               sizeof *e->g->funds, "initialFunds");

    e->g->funds = funds;
    return fits ? &e->g->funds[e->g->fund_count] : NULL;
}

static struct genesis_pool *next_pool(struct entries *e)
{
    void *pools = e->g->pools;
    const bool fits = has_room(e, &pools, &e->pool_room, e->g->pool_count, GENESIS_POOLS_MAX,
                               sizeof *e->g->pools, "staking.pools");

    e->g->pools = pools;
    return fits ? &e->g->pools[e->g->pool_count] : NULL;
}

static struct promise *next_promise(struct entries *e)
{
    void *promises = e->promises;
    const bool fits = has_room(e, &promises, &e->promise_room, e->promise_count, GENESIS_FUNDS_MAX,
                               sizeof *e->promises, "staking.stake");

    e->promises = promises;
    return fits ? &e->promises[e->promise_count] : NULL;
}

/* Digits alone, below 2^63. */
static bool is_coin(const struct walk_value *v, uint64_t *ret)
{
    uint64_t coin = 0;

    if (v->kind != WALK_NUMBER)
        return false;
    for (size_t i = 0; i < v->text.len; i++) {
        const unsigned digit = (unsigned char)v->text.at[i] - '0';

        if (digit > 9 || coin > ((uint64_t)INT64_MAX - digit) / 10)
            return false;
        coin = 10 * coin + digit;
    }
    *ret = coin;
    return true;
}

static void read_fund(struct entries *e)
{
    struct genesis_fund *fund = next_fund(e);
    struct address address;

    if (!fund)
        return;
    *fund = (struct genesis_fund){ 0 };
    fund->address_bytes = (uint8_t)bytes_of_hex(e->v.name, ADDRESS_MAX_BYTES, fund->address);
    if (address_read((struct bytes){ fund->address, fund->address_bytes }, &address, NULL))
        fail_at(e, "initialFunds", e->v.raw_name, "must be named by the hex digits of an address");
    else if (!is_coin(&e->v, &fund->coin))
        fail_at(e, "initialFunds", e->v.raw_name,
                "must be a whole number of lovelace, not negative");
    else
        e->g->fund_count++;
}

/* Of a pool only who it is and its VRF key matter to a node. */
static void read_pool(struct entries *e)
{
    struct genesis_pool *pool = next_pool(e);
    const bool is_object = e->v.kind == WALK_OBJECT;
    char key[SHOWN_BYTES];
    bool has_vrf = false;

    if (!pool)
        return;
    *pool = (struct genesis_pool){ 0 };
    snprintf(key, sizeof key, "%.*s", (int)e->v.raw_name.len, e->v.raw_name.at);
    if (!is_hash(e->v.name, KEY_HASH_BYTES, pool->id))
        fail_at(e, "staking.pools", span_of(key), "must be named by 56 hex digits");
    if (!is_object)
        pass_over(e);
    while (is_object && step_inside(e)) {
        if (span_is(e->v.name, "vrf") && has_vrf)
            fail_at(e, "staking.pools", span_of(key), "has \"vrf\" twice");
        else if (span_is(e->v.name, "vrf"))
            has_vrf = is_text_hash(&e->v, HASH_BYTES, pool->vrf_key_hash);
        pass_over(e);
    }
    if (!has_vrf)
        fail_at(e, "staking.pools", span_of(key), "must have a \"vrf\" of 64 hex digits");
    e->g->pool_count++;
}

static void read_promise(struct entries *e)
{
    struct promise *one = next_promise(e);

    if (!one)
        return;
    if (!is_hash(e->v.name, KEY_HASH_BYTES, one->stake_key))
        fail_at(e, "staking.stake", e->v.raw_name, "must be named by 56 hex digits");
    if (!is_text_hash(&e->v, KEY_HASH_BYTES, one->pool_id))
        fail_at(e, "staking.stake", e->v.raw_name, "must be the id of a pool in staking.pools");
    e->promise_count++;
}

/* An object of entries, which is empty in the tree. */
static void read_each(struct entries *e, void (*read)(struct entries *), const char *member,
                      const char *why)
{
    if (e->v.kind != WALK_OBJECT)
        genesis_reader_fail(&e->r, member, why);
    while (step_inside(e))
        read(e);
    buffer_text(e->rest, "{}");
}

#define STAKING_IS "must be an object of objects \"pools\" and \"stake\""

/* Mainnet has none: its pools came by certificates. */
static void read_staking(struct entries *e)
{
    if (e->v.kind != WALK_OBJECT)
        genesis_reader_fail(&e->r, "staking", STAKING_IS);
    buffer_char(e->rest, '{');
    for (bool first = true; step_inside(e); first = false) {
        put_name(e, first);
        if (span_is(e->v.name, "pools"))
            read_each(e, read_pool, "staking", STAKING_IS);
        else if (span_is(e->v.name, "stake"))
            read_each(e, read_promise, "staking", STAKING_IS);
        else
            put_value(e);
    }
    buffer_char(e->rest, '}');
}

static void read_document(struct entries *e)
{
    if (step(e) && e->v.kind != WALK_OBJECT)
        e->r.status =
            ou_fail(e->r.err, OU_INVALID, "%s: a Shelley genesis is a JSON object", e->r.name);
    buffer_char(e->rest, '{');
    for (bool first = true; step_inside(e); first = false) {
        put_name(e, first);
        if (span_is(e->v.name, "initialFunds"))
            read_each(e, read_fund, "initialFunds", "must be an object");
        else if (span_is(e->v.name, "staking"))
            read_staking(e);
        else
            put_value(e);
    }
    buffer_char(e->rest, '}');
    step(e); /* nothing stands behind it */
}

/* --- Order, and stake -------------------------------------------------------------------- */

static int compare_pools(const void *a, const void *b)
{
    const struct genesis_pool *left = a, *right = b;

    return memcmp(left->id, right->id, KEY_HASH_BYTES);
}

static int compare_promises(const void *a, const void *b)
{
    const struct promise *left = a, *right = b;

    return memcmp(left->stake_key, right->stake_key, KEY_HASH_BYTES);
}

static void sort_pools(struct entries *e)
{
    struct genesis_ledger *g = e->g;

    if (g->pool_count == 0)
        return;
    qsort(g->pools, g->pool_count, sizeof *g->pools, compare_pools);
    /* Digits may be small and capital. */
    for (size_t i = 1; i < g->pool_count; i++)
        if (compare_pools(&g->pools[i - 1], &g->pools[i]) == 0)
            genesis_reader_fail(&e->r, "staking.pools", "has a pool twice");
}

static void keep_promise(struct entries *e, const struct promise *one)
{
    const struct genesis_pool *pool = genesis_find_pool(e->g, one->pool_id);
    struct genesis_delegation *ret = &e->g->delegations[e->g->delegation_count++];
    char key[2 * KEY_HASH_BYTES];

    memcpy(ret->stake_key, one->stake_key, KEY_HASH_BYTES);
    if (pool)
        ret->pool = (uint32_t)(pool - e->g->pools);
    else
        fail_at(e, "staking.stake",
                (struct span){ key, digits_hex(one->stake_key, sizeof key, key) },
                "must be the id of a pool in staking.pools");
}

static void keep_promises(struct entries *e)
{
    if (e->r.status || e->promise_count == 0)
        return;
    e->g->delegations = calloc(e->promise_count, sizeof *e->g->delegations);
    if (!e->g->delegations) {
        e->r.status =
            ou_fail(e->r.err, OU_NO_MEMORY, "%s: no memory for \"staking.stake\"", e->r.name);
        return;
    }
    qsort(e->promises, e->promise_count, sizeof *e->promises, compare_promises);
    for (size_t i = 0; i < e->promise_count; i++) {
        if (i > 0 && compare_promises(&e->promises[i - 1], &e->promises[i]) == 0)
            genesis_reader_fail(&e->r, "staking.stake", "has a stake key twice");
        keep_promise(e, &e->promises[i]);
    }
}

/* Funds count for the pool that their stake key delegates to. That sums do not overflow is looked at with
 * maxLovelaceSupply; until then they mean nothing. */
static void add_up_stake(struct genesis_ledger *g)
{
    for (size_t i = 0; i < g->fund_count; i++) {
        const struct genesis_fund *fund = &g->funds[i];
        struct address address = { 0 };
        long pool = -1;

        if (!address_read((struct bytes){ fund->address, fund->address_bytes }, &address, NULL) &&
            address.stake)
            pool = genesis_find_delegation(g, address.stake);
        if (pool < 0)
            continue;
        g->pools[pool].stake += fund->coin;
        g->total_stake += fund->coin;
    }
}

/* What growing took and is not needed. */
static void give_back_room(struct genesis_ledger *g)
{
    struct genesis_fund *funds = realloc(g->funds, g->fund_count * sizeof *funds);

    if (funds)
        g->funds = funds;
}

enum ou_status genesis_entries_read(struct json_walk *w, const char *name,
                                    struct genesis_ledger *ret, struct buffer *rest,
                                    struct ou_error *err)
{
    struct entries e = {
        .walk = w, .r = { .name = name, .err = err }, .rest = rest, .line = 1, .g = ret
    };

    read_document(&e);
    if (!e.r.status && buffer_status(rest))
        e.r.status =
            ou_fail(err, buffer_status(rest), "%s: without its entries it is too large: %s", name,
                    ou_status_name(buffer_status(rest)));
    sort_pools(&e);
    keep_promises(&e);
    free(e.promises);
    if (e.r.status)
        return e.r.status;
    add_up_stake(ret);
    if (ret->fund_count > 0)
        give_back_room(ret);
    return OU_OK;
}
