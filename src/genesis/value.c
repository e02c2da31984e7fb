#include "genesis/value.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/time.h"
#include "chain/address.h"

/* Of a value that is no good, in its reason. */
#define SHOWN_MAX 60

static bool wrong(char reason[GENESIS_REASON_ROOM], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool wrong(char reason[GENESIS_REASON_ROOM], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reason, GENESIS_REASON_ROOM, format, args);
    va_end(args);
    return false;
}

/* Arguments for "%.*s%s": a text, and three dots where it is cut. */
#define SHOW(text)                                                     \
    (int)((text).len < SHOWN_MAX ? (text).len : SHOWN_MAX), (text).at, \
        (text).len > SHOWN_MAX ? "..." : ""

/* ---- hex and its kin ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return (c | 0x20) - 'a' + 10;
    return -1;
}

bool genesis_hex(struct span digits, size_t count, uint8_t *ret)
{
    int bad = 0;

    if (digits.len != 2 * count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const int high = hex_digit(digits.at[2 * i]), low = hex_digit(digits.at[2 * i + 1]);

        bad |= high | low; /* below 0 as soon as one is */
        ret[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
    }
    return bad >= 0;
}

static bool check_hex(struct span text, unsigned bytes, char reason[GENESIS_REASON_ROOM])
{
    uint8_t room[64];

    if (text.len != 2 * (size_t)bytes)
        return wrong(reason, "must have %u hex digits, and has %zu characters", 2 * bytes,
                     text.len);
    return genesis_hex(text, bytes, room) ||
           wrong(reason, "must be %u hex digits, not \"%.*s%s\"", 2 * bytes, SHOW(text));
}

static bool is_of_alphabet(struct span text, const char *alphabet)
{
    for (size_t i = 0; i < text.len; i++)
        if (!text.at[i] || !strchr(alphabet, text.at[i]))
            return false;
    return true;
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define BASE58 "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

/* As many characters as the bytes need, with the signs at the end that fill up four. */
static bool is_base64(struct span text, size_t bytes, const char *two_more)
{
    const size_t len = (bytes * 8 + 5) / 6, padded = (bytes + 2) / 3 * 4;
    char alphabet[] = LETTERS "0123456789..";

    memcpy(alphabet + sizeof alphabet - 3, two_more, 2);
    return text.len == padded && is_of_alphabet((struct span){ text.at, len }, alphabet) &&
           is_of_alphabet((struct span){ text.at + len, padded - len }, "=");
}

bool genesis_credential(struct span text, uint8_t ret[GENESIS_CREDENTIAL_BYTES])
{
    const size_t prefix = span_starts(text, "keyHash-") ? 8 : 11;

    if (prefix == 11 && !span_starts(text, "scriptHash-"))
        return false;
    ret[0] = prefix == 11;
    return genesis_hex((struct span){ text.at + prefix, text.len - prefix }, KEY_HASH_BYTES,
                       ret + 1);
}

bool genesis_drep(struct span text, bool *ret_named, uint8_t ret[GENESIS_CREDENTIAL_BYTES])
{
    *ret_named = false;
    if (span_is(text, "drep-alwaysAbstain") || span_is(text, "drep-alwaysNoConfidence"))
        return true;
    if (!span_starts(text, "drep-"))
        return false;
    *ret_named = true;
    return genesis_credential((struct span){ text.at + 5, text.len - 5 }, ret);
}

/* ---- numbers ---- */

/* What the table writes as "0..1", "0<..1" or "0.." is told in words where one side is open. */
static bool out_of_range(const struct genesis_field *f, struct span shown,
                         char reason[GENESIS_REASON_ROOM])
{
    const int low = (int)strcspn(f->range, "<.");

    if (!f->above_low && f->has_high)
        return wrong(reason, "must be in %s, not %.*s%s", f->range, SHOW(shown));
    if (!f->above_low)
        return wrong(reason, "must be %.*s or more, not %.*s%s", low, f->range, SHOW(shown));
    return wrong(reason, "must be above %.*s%s%s, not %.*s%s", low, f->range,
                 f->has_high ? " and at most " : "",
                 f->has_high ? f->range + low + strlen("<..") : "", SHOW(shown));
}

bool genesis_value_in_range(const struct genesis_field *f, struct genesis_number n,
                            struct span shown, char reason[GENESIS_REASON_ROOM])
{
    const int low = f->has_low ? genesis_number_compare(n, f->low) : 1;
    const bool fits = low >= 0 && !(low == 0 && f->above_low) &&
                      (!f->has_high || genesis_number_compare(n, f->high) <= 0);

    return fits || out_of_range(f, shown, reason);
}

static bool check_number(const struct genesis_field *f, struct span text,
                         struct genesis_number *ret, char reason[GENESIS_REASON_ROOM])
{
    if (!genesis_number_read(text, ret))
        return wrong(reason, "is no fraction of two 64-bit numbers: %.*s%s", SHOW(text));
    if (f->type != TYPE_RATIONAL && !genesis_is_whole(*ret))
        return wrong(reason, "must be a whole number in %s, not %.*s%s", f->range, SHOW(text));
    return genesis_value_in_range(f, *ret, text, reason);
}

static bool check_digits(const struct genesis_field *f, struct span text,
                         struct genesis_number *ret, char reason[GENESIS_REASON_ROOM])
{
    if (text.len == 0 || !is_of_alphabet(text, "0123456789"))
        return wrong(reason, "must be a text of digits, not \"%.*s%s\"", SHOW(text));
    return check_number(f, text, ret, reason);
}

/* ---- texts ---- */

static bool check_time(struct span text, struct genesis_number *ret,
                       char reason[GENESIS_REASON_ROOM])
{
    int64_t ns;

    if (!span_ends(text, "Z") || text.len < 11 || text.at[10] != 'T' ||
        !time_parse_iso(text.at, text.len, &ns))
        return wrong(reason, "must be a time like 2026-11-22T10:00:00Z, not \"%.*s%s\"",
                     SHOW(text));
    *ret = genesis_whole(ns);
    return true;
}

static bool check_one_of(const struct genesis_field *f, struct span text,
                         struct genesis_number *ret, char reason[GENESIS_REASON_ROOM])
{
    const char *word = f->range;

    for (int place = 0; *word; place++) {
        const size_t len = strcspn(word, " ");

        if (span_equal(text, (struct span){ word, len })) {
            *ret = genesis_whole(place);
            return true;
        }
        word += len + (word[len] == ' ');
    }
    return wrong(reason, "must be one of: %s; not \"%.*s%s\"", f->range, SHOW(text));
}

static bool check_ip(struct span text, int family, char reason[GENESIS_REASON_ROOM])
{
    char copy[INET6_ADDRSTRLEN + 1], address[16];

    if (text.len < sizeof copy) {
        memcpy(copy, text.at, text.len);
        copy[text.len] = '\0';
        if (strlen(copy) == text.len && inet_pton(family, copy, address) == 1)
            return true;
    }
    return wrong(reason, "must be an IPv%c address, not \"%.*s%s\"", family == AF_INET ? '4' : '6',
                 SHOW(text));
}

static bool check_text(const struct genesis_field *f, struct span text, struct genesis_number *ret,
                       char reason[GENESIS_REASON_ROOM])
{
    uint8_t drep[GENESIS_CREDENTIAL_BYTES];
    bool named;

    switch (f->type) {
    case TYPE_DIGITS: return check_digits(f, text, ret, reason);
    case TYPE_HEX: return check_hex(text, f->bytes, reason);
    case TYPE_TIME: return check_time(text, ret, reason);
    case TYPE_ONE_OF: return check_one_of(f, text, ret, reason);
    case TYPE_IPV4: return check_ip(text, AF_INET, reason);
    case TYPE_IPV6: return check_ip(text, AF_INET6, reason);
    case TYPE_BASE64:
        return is_base64(text, f->bytes, "+/") ||
               wrong(reason, "must be %u bytes in base64, not \"%.*s%s\"", f->bytes, SHOW(text));
    case TYPE_DREP:
        return genesis_drep(text, &named, drep) ||
               wrong(reason,
                     "must be drep-keyHash-HEX or drep-scriptHash-HEX with 56 digits, "
                     "drep-alwaysAbstain or drep-alwaysNoConfidence, not \"%.*s%s\"",
                     SHOW(text));
    default: return true;
    }
}

/* ---- what kind it is ---- */

static const char *name_of_type(enum genesis_type type)
{
    static const char *const names[] = {
        [TYPE_OBJECT] = "an object",
        [TYPE_MAP] = "an object",
        [TYPE_LIST] = "a list",
        [TYPE_ANY] = "anything",
        [TYPE_INTEGER] = "a whole number",
        [TYPE_RATIONAL] = "a number, or {\"numerator\": .., \"denominator\": ..}",
        [TYPE_DIGITS] = "digits in quotation marks",
        [TYPE_COST_MODEL] = "a list of numbers, or an object",
    };

    return names[type] ? names[type] : "a text";
}

static const char *name_of_kind(enum walk_kind kind)
{
    static const char *const names[] = {
        [WALK_OBJECT] = "an object", [WALK_ARRAY] = "a list",  [WALK_TEXT] = "a text",
        [WALK_NUMBER] = "a number",  [WALK_TRUE] = "true",     [WALK_FALSE] = "false",
        [WALK_NULL] = "null",        [WALK_CLOSE] = "its end", [WALK_END] = "the end",
    };

    return names[kind];
}

bool genesis_kind_fails(const struct genesis_field *f, enum walk_kind kind,
                        char reason[GENESIS_REASON_ROOM])
{
    return wrong(reason, "must be %s, not %s", name_of_type(f->type), name_of_kind(kind));
}

bool genesis_value_check(const struct genesis_field *f, const struct walk_value *v,
                         struct genesis_number *ret_number, char reason[GENESIS_REASON_ROOM])
{
    const bool is_number = f->type == TYPE_INTEGER || f->type == TYPE_RATIONAL;
    const bool is_container = f->type == TYPE_OBJECT || f->type == TYPE_MAP ||
                              f->type == TYPE_LIST || f->type == TYPE_COST_MODEL;

    if (f->type == TYPE_ANY || (f->nullable && v->kind == WALK_NULL))
        return true;
    if (is_container || v->kind != (is_number ? WALK_NUMBER : WALK_TEXT))
        return genesis_kind_fails(f, v->kind, reason);
    return is_number ? check_number(f, v->text, ret_number, reason)
                     : check_text(f, v->text, ret_number, reason);
}

/* ---- names ---- */

/* A list of tagged bytes (fewer than 256, more than 23) and their checksum, in CBOR. */
static bool is_byron_address(const uint8_t *bytes, size_t count)
{
    static const uint8_t head[] = { 0x82, 0xd8, 0x18, 0x58 };
    const size_t checksum = count > sizeof head ? sizeof head + 1 + bytes[sizeof head] : 0;

    return checksum && memcmp(bytes, head, sizeof head) == 0 && checksum < count &&
           count - checksum <= 5 && bytes[checksum] <= 0x1a;
}

static bool check_address(struct span name, char reason[GENESIS_REASON_ROOM])
{
    uint8_t bytes[ADDRESS_MAX_BYTES + 64];
    struct address address;
    struct ou_error why = { 0 };

    if (name.len % 2 || name.len / 2 > sizeof bytes || !genesis_hex(name, name.len / 2, bytes))
        return wrong(reason, "is not the hex digits of an address: \"%.*s%s\"", SHOW(name));
    if (address_read((struct bytes){ bytes, name.len / 2 }, &address, &why))
        return wrong(reason, "is no address: %.200s", why.text);
    if (bytes[0] >> 4 == 8 && !is_byron_address(bytes, name.len / 2))
        return wrong(reason, "begins with 8, and is no Byron address: \"%.*s%s\"", SHOW(name));
    if (bytes[0] >> 4 >= 14)
        return wrong(reason, "is a reward account, which holds no output");
    return true;
}

bool genesis_key_check(const struct genesis_field *f, struct span name,
                       char reason[GENESIS_REASON_ROOM])
{
    uint8_t credential[GENESIS_CREDENTIAL_BYTES];

    switch (f->key) {
    case KEY_HEX: return check_hex(name, f->key_bytes, reason);
    case KEY_ADDRESS: return check_address(name, reason);
    case KEY_CREDENTIAL:
        return genesis_credential(name, credential) ||
               wrong(reason, "must be keyHash- or scriptHash- and 56 hex digits, not \"%.*s%s\"",
                     SHOW(name));
    case KEY_BASE58:
        return (name.len > 0 && is_of_alphabet(name, BASE58)) ||
               wrong(reason, "is no Byron address: \"%.*s%s\" is not base58", SHOW(name));
    case KEY_AVVM:
        return is_base64(name, 32, "-_") ||
               wrong(reason, "is no redemption key, 32 bytes in base64 for URLs: \"%.*s%s\"",
                     SHOW(name));
    case KEY_NONE: break;
    }
    return true;
}
