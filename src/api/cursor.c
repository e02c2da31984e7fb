#include "api/cursor.h"

#include <sodium.h>

#include "base/bytes.h"

/* MAC, binding, type of the value, number, value: 8 bytes, or the text. */
#define MAC_BYTES 16
#define VERSION 1
#define HEAD_BYTES (MAC_BYTES + 1 + CURSOR_BINDING_BYTES + 1 + 8)
#define TEXT_BYTES_MAX \
    2048 /* of a sort value; a longer one is cut, which skips no row that is not alike so far */

static void sign(const unsigned char *bytes, size_t len, const unsigned char key[SERVER_KEY_BYTES],
                 unsigned char ret[MAC_BYTES])
{
    crypto_generichash(ret, MAC_BYTES, bytes + MAC_BYTES, len - MAC_BYTES, key, SERVER_KEY_BYTES);
}

static uint64_t bits_of(struct sql_value value)
{
    uint64_t bits = 0;

    if (value.type == SQL_REAL)
        memcpy(&bits, &value.real, sizeof bits);
    else if (value.type == SQL_INT)
        bits = (uint64_t)value.integer;
    return bits;
}

static uint64_t get_be64(const unsigned char *at)
{
    uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value = value << 8 | at[i];
    return value;
}

static size_t put_value(struct sql_value value, unsigned char *out)
{
    size_t len;

    if (value.type != SQL_TEXT) {
        bytes_put_be64(bits_of(value), out);
        return 8;
    }
    len = value.bytes.len < TEXT_BYTES_MAX ? value.bytes.len : TEXT_BYTES_MAX;
    if (len)
        memcpy(out, value.bytes.at, len);
    return len;
}

void cursor_write(const struct cursor *cursor, const unsigned char key[SERVER_KEY_BYTES],
                  struct buffer *ret)
{
    unsigned char bytes[HEAD_BYTES + TEXT_BYTES_MAX];
    unsigned char *at = bytes + MAC_BYTES;
    size_t len;
    char *room;

    *at++ = VERSION;
    memcpy(at, cursor->binding, CURSOR_BINDING_BYTES);
    at += CURSOR_BINDING_BYTES;
    *at++ = (unsigned char)cursor->after.type;
    bytes_put_be64((uint64_t)cursor->after_no, at);
    at += 8;
    at += put_value(cursor->after, at);
    len = (size_t)(at - bytes);
    sign(bytes, len, key, bytes);
    room =
        buffer_room(ret, sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
    if (!room)
        return;
    sodium_bin2base64(room,
                      sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                      bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    buffer_added(ret, strlen(room));
}

static bool read_value(int type, const unsigned char *at, size_t len, struct arena *memory,
                       struct sql_value *ret)
{
    double real;
    uint64_t bits;
    char *copy;

    if (type == SQL_TEXT) {
        copy = arena_copy(memory, (const char *)at, len);
        *ret = sql_span((struct span){ copy, len });
        return copy != NULL;
    }
    if (len != 8)
        return false;
    bits = get_be64(at);
    memcpy(&real, &bits, sizeof real);
    *ret = type == SQL_INT    ? sql_int((int64_t)bits)
           : type == SQL_REAL ? sql_real(real)
                              : sql_none();
    return true;
}

bool cursor_read(const char *text, const unsigned char key[SERVER_KEY_BYTES], struct arena *memory,
                 struct cursor *ret)
{
    unsigned char bytes[HEAD_BYTES + TEXT_BYTES_MAX], mac[MAC_BYTES];
    const unsigned char *at = bytes + MAC_BYTES;
    size_t len = 0;
    int type;

    if (sodium_base642bin(bytes, sizeof bytes, text, strlen(text), NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        len < HEAD_BYTES)
        return false;
    sign(bytes, len, key, mac);
    if (sodium_memcmp(mac, bytes, MAC_BYTES) != 0 || *at++ != VERSION)
        return false;
    memcpy(ret->binding, at, CURSOR_BINDING_BYTES);
    at += CURSOR_BINDING_BYTES;
    type = *at++;
    ret->after_no = (int64_t)get_be64(at);
    return read_value(type, at + 8, len - HEAD_BYTES, memory, &ret->after);
}
