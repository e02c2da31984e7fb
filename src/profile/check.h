/* Which members a profile has, and whether a document keeps to that. One table is the source for the loader's messages
 * and for the JSON Schema (docs/formats/profile.schema.json), which a test compares with it. */
#ifndef OU_PROFILE_CHECK_H
#define OU_PROFILE_CHECK_H

#include "profile/profile.h"

/* Limits of values. Amounts are 63-bit integers in JSON readers. */
#define PROFILE_LOVELACE_MAX 9e18
#define PROFILE_UTXO_MAX 30000000
#define PROFILE_DELEGATORS_MAX 2000000
#define PROFILE_TEXT_MAX 4000

enum member_type {
    MEMBER_SECTION,     /* an object, whose members have rows of their own */
    MEMBER_OBJECT,      /* an object of the node's or the ledger's: members are not looked at */
    MEMBER_OBJECTS,     /* a list of objects, at most max, whose members have rows under PATH[] */
    MEMBER_LIST,        /* a list of anything */
    MEMBER_TEXTS,       /* a list of texts of 1 to 64 bytes, min to max of them */
    MEMBER_ARGUMENTS,   /* a list of texts of at most PROFILE_TEXT_MAX bytes, min to max of them */
    MEMBER_NAMED_TEXTS, /* an object of such texts, under any names */
    MEMBER_TEXT,        /* of min to max bytes */
    MEMBER_WORD,        /* one of `words` */
    MEMBER_NUMBER,      /* from min to max, as MEMBER_INTEGER */
    MEMBER_INTEGER,
    MEMBER_INTEGER_BY_KIND, /* one for all, or an object with one for a kind of host: {"explorer": 1000} */
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

/* Whether every member that a complete profile has is there; profile_load() relies on it where it reads them. */
enum ou_status profile_check_complete(const json_t *document, const char *source,
                                      struct ou_error *err);

/* The row of a member, with its full path; NULL when there is none. */
const struct profile_member *profile_find_member(const char *path);

/* What several members together must fulfil to make sense; after profile_derive(). profile_check_runnable() goes
 * further. */
enum ou_status profile_check_whole(const struct profile *p, struct ou_error *err);

/* profile_load() without that, and not failing at the first fault of a document where lenience (profile_layers.h) is not NULL. */
struct profile_lenience;
enum ou_status profile_load_unchecked(const char *name, const char *const *overlays,
                                      size_t overlay_count, const struct profile_lenience *lenience,
                                      struct profile *ret, struct ou_error *err);

/* The same as profile_check_whole(), told to the end: calls found for each fault, and returns how many there are. */
typedef void profile_fault_fn(void *context, const char *message);
size_t profile_each_fault(const struct profile *p, profile_fault_fn *found, void *context);

/* And profile_check_runnable() and profile_check_machine() told to the end. */
size_t profile_each_obstacle(const struct profile *p, profile_fault_fn *found, void *context);

/* A list of checks: the first does them until one fails, the second does all; messages say which profile. */
typedef enum ou_status profile_check_fn(const struct profile *p, struct ou_error *err);
enum ou_status profile_check_all(const struct profile *p, profile_check_fn *const checks[],
                                 size_t count, struct ou_error *err);
size_t profile_check_each(const struct profile *p, profile_check_fn *const checks[], size_t count,
                          profile_fault_fn *found, void *context);

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
