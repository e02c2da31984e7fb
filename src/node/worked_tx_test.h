/* A transaction of 203 bytes whose id, fee and signature other tools agree on, and others that differ from it in what they
 * spend (and are signed by nobody). */
#ifndef OU_NODE_WORKED_TX_TEST_H
#define OU_NODE_WORKED_TX_TEST_H

#include "support/hex.h"

#define WORKED_ID "603c0aba424e037352b25a7c28b458d8886c02c21adf0db2fa19b326fa861b88"
#define WORKED_TX                                                                                    \
    "84a400d9010281825820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa000181a200" \
    "581d608b218424ad74df25d35c2ea8e094a4c5c5aeb2cbb442419331569313011a001e8480021a000281d903190e10" \
    "a100d9010281825820ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c5840267f2fdd" \
    "1f92bf3d28d2c7f6625048af3064f94d8c9a1cb0543a91c996e1ce83ab11a2c6e4bb5d25448c68cd9aa9ca4d88129d" \
    "57d271071fb1b9fcd0a6fd8308f5f6"

/* Valid until the next call. */
static inline struct bytes numbered_tx(uint8_t number)
{
    static uint8_t copy[256];
    const struct bytes tx = from_hex(WORKED_TX);

    memcpy(copy, tx.at, tx.count);
    copy[12] = number; /* the first byte of the id that it spends */
    return (struct bytes){ copy, tx.count };
}

#endif
