/* Numbers of genesis files, exactly: fractions of 64-bit numbers, as the ledger keeps them. 0.05 is 1/20; nothing is
 * rounded. Pure; any thread. */
#ifndef OU_GENESIS_NUMBER_H
#define OU_GENESIS_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

__extension__ typedef __int128 genesis_wide;

/* In lowest terms; |above| and below are less than 2^64, and below is not 0. */
struct genesis_number {
    genesis_wide above;
    uint64_t below;
};

static inline struct genesis_number genesis_whole(genesis_wide value)
{
    return (struct genesis_number){ value, 1 };
}

static inline bool genesis_is_whole(struct genesis_number n)
{
    return n.below == 1;
}

/* A number as JSON writes it, decimals and exponent included. False when it is no fraction of two 64-bit
 * numbers: too large, or with too many decimals. */
bool genesis_number_read(struct span text, struct genesis_number *ret);

/* False when below is 0, or when even the lowest terms do not fit. */
bool genesis_fraction(genesis_wide above, genesis_wide below, struct genesis_number *ret);

/* Below 0, 0 or above 0, as a is less than, equal to or greater than b. */
int genesis_number_compare(struct genesis_number a, struct genesis_number b);

#endif
