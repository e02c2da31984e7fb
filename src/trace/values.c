#include "trace/values.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* What is left of a record's fields. */
struct rest {
    const char *at;
    size_t bytes;
};

static const char *take(struct rest *rest, size_t bytes)
{
    const char *at = rest->at;

    assert(bytes <= rest->bytes);
    rest->at += bytes;
    rest->bytes -= bytes;
    return at;
}

static uint64_t take_u64(struct rest *rest)
{
    uint64_t value;

    memcpy(&value, take(rest, sizeof(value)), sizeof(value));
    return value;
}

static double take_f64(struct rest *rest)
{
    double value;

    memcpy(&value, take(rest, sizeof(value)), sizeof(value));
    return value;
}

/* NULL for the hash of zeros, which is how an absent one is stored. */
static const uint8_t *hash_at(const char *at)
{
    static const uint8_t zeros[OU_HASH_BYTES];

    return memcmp(at, zeros, OU_HASH_BYTES) == 0 ? NULL : (const uint8_t *)at;
}

static struct ou_chain_point take_point(struct rest *rest)
{
    uint64_t slot = take_u64(rest);

    return (struct ou_chain_point){ slot, hash_at(take(rest, OU_HASH_BYTES)) };
}

/* at NULL: absent. */
static struct ou_text take_text(struct rest *rest)
{
    uint32_t len;
    const char *at = rest->at;

    assert(rest->bytes >= sizeof(len));
    memcpy(&len, at, sizeof(len));
    take(rest, ou_size_text(len));
    if (len == OU_ABSENT_LENGTH)
        return (struct ou_text){ NULL, 0 };
    return (struct ou_text){ at + sizeof(len), len };
}

static void take_list(struct rest *rest, size_t item_bytes, struct ou_value *ret)
{
    uint32_t count = (uint32_t)take_u64(rest);

    ret->known = count != OU_ABSENT_LENGTH;
    ret->list.count = ret->known ? count : 0;
    ret->list.items = take(rest, ret->list.count * item_bytes);
}

static void take_value(struct rest *rest, struct ou_value *ret)
{
    switch (ret->type) {
    case OU_TYPE_u64:
    case OU_TYPE_digits: ret->known = (ret->u64 = take_u64(rest)) != OU_NO_U64; break;
    case OU_TYPE_i64: ret->known = (ret->i64 = (int64_t)take_u64(rest)) != OU_NO_I64; break;
    case OU_TYPE_f64: ret->known = isfinite(ret->f64 = take_f64(rest)); break;
    case OU_TYPE_boolean:
    case OU_TYPE_flag:
        ret->u64 = take_u64(rest);
        ret->known = true;
        break;
    case OU_TYPE_text:
    case OU_TYPE_json: ret->known = (ret->text = take_text(rest)).at != NULL; break;
    case OU_TYPE_hash:
    case OU_TYPE_parent:
    case OU_TYPE_txid: ret->known = (ret->hash = hash_at(take(rest, OU_HASH_BYTES))) != NULL; break;
    case OU_TYPE_point:
    case OU_TYPE_block: ret->known = (ret->point = take_point(rest)).slot != OU_NO_U64; break;
    case OU_TYPE_peer:
        ret->peer.local = take_text(rest);
        ret->peer.remote = take_text(rest);
        ret->known = ret->peer.local.at || ret->peer.remote.at;
        break;
    case OU_TYPE_hashes:
    case OU_TYPE_txids: take_list(rest, OU_HASH_BYTES, ret); break;
    case OU_TYPE_headers: take_list(rest, OU_HEADER_BYTES, ret); break;
    case OU_TYPES: ret->known = false; break; /* no field is of it */
    }
}

void values_read(const struct ou_point *point, const char *body, size_t bytes,
                 struct ou_value ret[OU_FIELDS_MAX])
{
    struct rest rest = { body, bytes };

    assert(point->field_count <= OU_FIELDS_MAX);
    for (uint32_t i = 0; i < point->field_count; i++) {
        ret[i].type = point->fields[i].type;
        take_value(&rest, &ret[i]);
    }
    assert(rest.bytes == 0);
}

const uint8_t *value_hash(const struct ou_value *list, uint32_t i)
{
    assert(i < list->list.count);
    return (const uint8_t *)list->list.items + (size_t)i * OU_HASH_BYTES;
}

struct ou_header value_header(const struct ou_value *list, uint32_t i)
{
    struct ou_header header;
    const char *at = list->list.items + (size_t)i * OU_HEADER_BYTES;

    assert(i < list->list.count);
    memcpy(&header.number, at, sizeof(header.number));
    memcpy(&header.slot, at + 8, sizeof(header.slot));
    header.hash = (const uint8_t *)at + 16;
    return header;
}
