/* The rules that one transaction must keep, whatever the outputs are kept in. Part of the ledger. */
#ifndef OU_CHAIN_TX_CHECK_H
#define OU_CHAIN_TX_CHECK_H

#include "chain/ledger.h"

/* Where unspent outputs are looked up; NULL: spent or never made. What it returns stays valid until
 * the check is over. */
struct tx_lookup {
    const struct ledger_output *(*find)(const void *context, const struct tx_input *input);
    const void *context;
};

/* OU_INVALID: which rule is broken, by which part ("input 0: ..."), with the values. Under
 * LEDGER_TRUST_SIGNATURES no witness of a key is looked at. Cheap rules come first. */
enum ou_status tx_check(const struct tx *tx, const struct genesis_ledger *genesis, uint64_t slot,
                        enum ledger_trust trust, const struct tx_lookup *lookup,
                        struct ou_error *err);

#endif
