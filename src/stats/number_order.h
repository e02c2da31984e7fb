/* Doubles as whole numbers in the same order: for sorting by digits, and for
 * bisection over all the numbers that there are. -0 comes just before 0. */
#ifndef OU_STATS_NUMBER_ORDER_H
#define OU_STATS_NUMBER_ORDER_H

#include <stdint.h>
#include <string.h>

#define NUMBER_SIGN_BIT (UINT64_C(1) << 63)

/* IEEE 754 numbers order like their bit patterns read as integers once the
 * sign bit is set for positive ones and all bits are turned for negative ones. */
static inline uint64_t number_key(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits ^ (bits & NUMBER_SIGN_BIT ? UINT64_MAX : NUMBER_SIGN_BIT);
}

static inline double number_of_key(uint64_t key)
{
    uint64_t bits = key ^ (key & NUMBER_SIGN_BIT ? NUMBER_SIGN_BIT : UINT64_MAX);
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
