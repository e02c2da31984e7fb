/* Numbers in blobs: doubles of eight bytes, little-endian whatever the machine. Pure. */
#ifndef OU_STORE_RECORD_DOUBLES_H
#define OU_STORE_RECORD_DOUBLES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RECORD_DOUBLE_BYTES 8

static inline void record_doubles_put(char *out, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;

        memcpy(&bits, &values[i], sizeof bits);
        for (size_t k = 0; k < RECORD_DOUBLE_BYTES; k++)
            *out++ = (char)(bits >> (8 * k));
    }
}

static inline void record_doubles_get(const char *at, size_t count, double *ret)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = 0;

        for (size_t k = 0; k < RECORD_DOUBLE_BYTES; k++)
            bits |= (uint64_t)(unsigned char)*at++ << (8 * k);
        memcpy(&ret[i], &bits, sizeof bits);
    }
}

#endif
