/* How genesis files are read: members of JSON objects, and messages that name them. For genesis.c and
 * genesis_ledger.c. */
#ifndef OU_CHAIN_GENESIS_READER_H
#define OU_CHAIN_GENESIS_READER_H

#include "chain/genesis.h"
#include "json/tree.h"

/* Read as a tree, a file of 1 GiB of initialFunds takes some 10 GiB: a mainnet
 * sized genesis is 3 kB, those of stress clusters some 100 MB. */
#define GENESIS_MAX_BYTES (UINT64_C(1) << 30)

/* One document being read. `status` is the first failure; after it every
 * further question is answered with 0, so that a reader asks once at the end. */
struct genesis_reader {
    const char *name;
    const json_t *root;
    enum ou_status status;
    struct ou_error *err;
};

/* Notes that a member is not as it must be ("must not be 0"). */
void genesis_reader_fail(struct genesis_reader *r, const char *member, const char *why);

/* NULL, with the failure noted, when the member is not there. */
const json_t *genesis_member(struct genesis_reader *r, const json_t *object, const char *member);

/* A whole number of at least so much. */
uint64_t genesis_count(struct genesis_reader *r, const json_t *object, const char *member,
                       uint64_t least);

/* The ledger writes a number; tools with exact arithmetic write a fraction, {"numerator": ..,
 * "denominator": ..}. 0, or what dividing gives, when it is neither: callers look whether the value
 * makes sense. */
double genesis_number(const json_t *value);

/* genesis_parse() of a document that is a tree already. */
enum ou_status genesis_from_tree(const json_t *root, const char *name, struct genesis *ret,
                                 struct ou_error *err);

#endif
