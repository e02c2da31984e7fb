/* Which members a profile has, and whether a document keeps to that. One table is the source for the loader's messages
 * and for the JSON Schema (docs/formats/profile.schema.json), which a test compares with it. */
#ifndef OU_WORKBENCH_PROFILE_CHECK_H
#define OU_WORKBENCH_PROFILE_CHECK_H

#include "workbench/profile.h"

enum member_type {
    MEMBER_SECTION, /* an object, whose members have rows of their own */
    MEMBER_OBJECT,  /* an object of the node's or the ledger's: members are not looked at */
    MEMBER_OBJECTS, /* a list of objects, at most max, whose members have rows under PATH[] */
    MEMBER_LIST,    /* a list of anything */
    MEMBER_TEXTS,   /* a list of texts, min to max of them */
    MEMBER_TEXT,    /* of min to max bytes */
    MEMBER_WORD,    /* one of `words` */
    MEMBER_NUMBER,  /* from min to max, as MEMBER_INTEGER */
    MEMBER_INTEGER,
    MEMBER_BOOL,
    MEMBER_ANY,
};

struct profile_member {
    const char *path; /* "genesis.utxo", "composition.links[].a" */
    enum member_type type;
    bool may_be_null;
    double min, max;
    const char *words; /* of MEMBER_WORD, with blanks between */
};

extern const struct profile_member profile_members[];
extern const size_t profile_member_count;

/* Structure, types and ranges of one document; it need not be complete. `source` is what messages begin with. */
enum ou_status profile_check_document(const json_t *document, const char *source,
                                      struct ou_error *err);

/* What several members together must fulfil, so that genesis, nodes and generator can work; after profile_derive(). */
enum ou_status profile_check_whole(const struct profile *p, struct ou_error *err);

/* Lovelace in initialFunds: nine tenths of what is given, the rest stays in the reserves, as the ledger's own
 * genesis tool has it. */
static inline uint64_t genesis_share(uint64_t given)
{
    return given - given / 10 - (given % 10 != 0);
}

/* All lovelace that there are: maxLovelaceSupply. */
static inline uint64_t profile_supply(const struct profile *p)
{
    return p->per_pool_balance * p->pools + p->funds_balance;
}

/* The value of a stuffed entry of the UTxO set. */
uint64_t profile_stuffed_value(const struct profile *p);

/* What a benchmark transaction's outputs hold at least: the generator's min_utxo_value. */
#define GENERATOR_OUTPUT_VALUE UINT64_C(10000000)

#endif
