/* The members of genesis files, from data/genesis/fields.tsv: what each may be, since when it is, how it was called. One
 * table drives genesis_check and the page of the reference. */
#ifndef OU_GENESIS_FIELDS_H
#define OU_GENESIS_FIELDS_H

#include "base/arena.h"
#include "genesis/check.h"
#include "genesis/number.h"

enum genesis_type {
    TYPE_OBJECT, /* of the members that it has in the table */
    TYPE_MAP,    /* of any names of one kind */
    TYPE_LIST,
    TYPE_ANY,
    TYPE_INTEGER,
    TYPE_RATIONAL, /* a number, or { "numerator": .., "denominator": .. } */
    TYPE_DIGITS,   /* a whole number in a text */
    TYPE_TEXT,
    TYPE_HEX,
    TYPE_BASE64,
    TYPE_TIME,
    TYPE_ONE_OF,
    TYPE_DREP,
    TYPE_IPV4,
    TYPE_IPV6,
    TYPE_COST_MODEL,
};

/* What the names in a map are. */
enum genesis_key { KEY_NONE, KEY_HEX, KEY_ADDRESS, KEY_CREDENTIAL, KEY_BASE58, KEY_AVVM };

enum genesis_need {
    NEED_REQUIRED,
    NEED_SINCE, /* required by nodes of a version and later */
    NEED_OPTIONAL,
    NEED_OLDER, /* only some older nodes have it, or call it so */
    NEED_OTHER, /* a second spelling, as good as the first */
};

/* What further checks do with it. */
/* clang-format off */
#define GENESIS_ROLES_LIST(X) \
    X(f) X(epoch_length) X(max_body) X(max_tx) X(entropy_kind) X(entropy) X(k) X(kes_period) \
    X(kes_evolutions) X(magic) X(start) X(slot) X(supply) X(network) X(quorum) X(major) \
    X(pool_deposit) X(key_deposit) X(drep_deposit) X(committee_min) X(committee_threshold) \
    X(gen_delegate) X(committee_member) X(fund) X(pool) X(pool_key) X(reward_network) \
    X(delegation) X(drep) X(vote_delegation) X(vote_kind) X(vote_pool)
/* clang-format on */

enum genesis_role {
    ROLE_NONE,
#define X(name) ROLE_##name,
    GENESIS_ROLES_LIST(X)
#undef X
        GENESIS_ROLES
};

struct genesis_field {
    const char *name;  /* of the member; of an entry "<hex 28>", of an item "[]" */
    const char *range; /* as the table writes it: "0..2^32-1", "Testnet Mainnet", "166+ 332" */
    enum genesis_type type;
    bool nullable;
    enum genesis_key key;              /* of an entry: what its name must be */
    unsigned key_bytes, bytes;         /* of hex and base64: in names, in values */
    bool has_low, above_low, has_high; /* above_low: low itself is not in the range */
    struct genesis_number low, high;
    enum genesis_need need;
    const char *nodes; /* of SINCE: the version; of OLDER: of which versions; else "" */
    enum genesis_role role;
    const struct genesis_field *instead_of; /* NULL: of nothing */
    unsigned number;                        /* among its siblings */
    unsigned child_count;
    struct genesis_field *children, *last_child, *next;
};

#define GENESIS_MEMBERS_MAX 192 /* of one object of the table */

struct genesis_fields {
    struct arena memory;
    struct genesis_field *roots[GENESIS_ERAS];
};

/* From the table that is built in. OU_NO_MEMORY; a table that does not make sense is OU_INVALID with its line. */
enum ou_status genesis_fields_load(struct genesis_fields *ret, struct ou_error *err);
void genesis_fields_release(struct genesis_fields *fields); /* a zeroed one is fine */

/* The member of that name in the table; NULL: none. */
const struct genesis_field *genesis_field_find(const struct genesis_field *object,
                                               struct span name);

#endif
