#include "store/sql_postgres_values.h"

#include <math.h>

#include "base/bytes.h"

/* Numbers of types that never change: pg_type.dat of the server. */
enum {
    PG_BOOL = 16,
    PG_BYTEA = 17,
    PG_NAME = 19,
    PG_INT8 = 20,
    PG_INT2 = 21,
    PG_INT4 = 23,
    PG_TEXT = 25,
    PG_OID = 26,
    PG_FLOAT4 = 700,
    PG_FLOAT8 = 701,
    PG_UNKNOWN = 705,
    PG_VARCHAR = 1043,
    PG_NUMERIC = 1700,
    PG_VOID = 2278, /* of functions that are called for what they do */
};

unsigned pg_type_of(const struct sql_value *value)
{
    switch (value->type) {
    case SQL_NULL: return 0;
    case SQL_INT: return PG_INT8;
    case SQL_REAL: return PG_FLOAT8;
    case SQL_TEXT: return PG_TEXT;
    case SQL_BLOB: return PG_BYTEA;
    }
    return 0;
}

static const char *number(uint64_t bits, char room[8], int *ret_length)
{
    bytes_put_be64(bits, (uint8_t *)room);
    *ret_length = 8;
    return room;
}

const char *pg_value(const struct sql_value *value, char room[8], int *ret_length)
{
    uint64_t bits;

    *ret_length = 0;
    switch (value->type) {
    case SQL_NULL: return NULL;
    case SQL_INT: return number((uint64_t)value->integer, room, ret_length);
    case SQL_REAL: memcpy(&bits, &value->real, sizeof bits); return number(bits, room, ret_length);
    case SQL_TEXT:
    case SQL_BLOB:
        *ret_length = (int)value->bytes.len;
        return value->bytes.at ? value->bytes.at : "";
    }
    return NULL;
}

bool pg_is_readable(unsigned type)
{
    switch (type) {
    case PG_BOOL:
    case PG_BYTEA:
    case PG_NAME:
    case PG_INT8:
    case PG_INT2:
    case PG_INT4:
    case PG_TEXT:
    case PG_OID:
    case PG_FLOAT4:
    case PG_FLOAT8:
    case PG_UNKNOWN:
    case PG_VARCHAR:
    case PG_NUMERIC:
    case PG_VOID: return true;
    default: return false;
    }
}

static uint64_t bits_of(struct span bytes)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < bytes.len; i++)
        bits = bits << 8 | (unsigned char)bytes.at[i];
    return bits;
}

static unsigned short_at(struct span bytes, size_t i)
{
    return (unsigned)bits_of((struct span){ bytes.at + 2 * i, 2 });
}

/* Sums and averages of integers: how many digits of base 10,000, the power of the first, sign, decimals; then the digits. */
static struct sql_value read_numeric(struct span bytes)
{
    enum { COUNT, WEIGHT, SIGN, DECIMALS, DIGITS };
    enum { MINUS = 0x4000, NOT_A_NUMBER = 0xc000 };
    size_t count = bytes.len >= 8 ? short_at(bytes, COUNT) : 0;
    int weight = bytes.len >= 8 ? (int16_t)short_at(bytes, WEIGHT) : 0;
    double value = 0;

    if (bytes.len < 8 || bytes.len != 8 + 2 * count ||
        (short_at(bytes, SIGN) & NOT_A_NUMBER) == NOT_A_NUMBER)
        return sql_none();
    for (size_t i = 0; i < count; i++)
        value += short_at(bytes, DIGITS + i) * pow(10000, weight - (int)i);
    if (short_at(bytes, SIGN) == MINUS)
        value = -value;
    if (short_at(bytes, DECIMALS) == 0 && fabs(value) < 0x1p53)
        return sql_int((int64_t)value);
    return sql_real(value);
}

static struct sql_value read_float(unsigned type, struct span bytes)
{
    uint64_t bits = bits_of(bytes);
    uint32_t few = (uint32_t)bits;
    double real;
    float small;

    if (bytes.len != (type == PG_FLOAT4 ? sizeof few : sizeof bits))
        return sql_none();
    if (type == PG_FLOAT8) {
        memcpy(&real, &bits, sizeof real);
        return sql_real(real);
    }
    memcpy(&small, &few, sizeof small);
    return sql_real((double)small);
}

struct sql_value pg_read(unsigned type, struct span bytes)
{
    switch (type) {
    case PG_BOOL: return bytes.len == 1 ? sql_int(bytes.at[0] != 0) : sql_none();
    case PG_INT2: return bytes.len == 2 ? sql_int((int16_t)bits_of(bytes)) : sql_none();
    case PG_INT4: return bytes.len == 4 ? sql_int((int32_t)bits_of(bytes)) : sql_none();
    case PG_INT8: return bytes.len == 8 ? sql_int((int64_t)bits_of(bytes)) : sql_none();
    case PG_OID: return bytes.len == 4 ? sql_int((int64_t)bits_of(bytes)) : sql_none();
    case PG_FLOAT4:
    case PG_FLOAT8: return read_float(type, bytes);
    case PG_NUMERIC: return read_numeric(bytes);
    case PG_BYTEA: return sql_blob(bytes);
    default: return sql_span(bytes);
    }
}
