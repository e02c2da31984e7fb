#include "trace/render_values.h"

#include "base/digits.h"
#include "trace/json_value.h"
#include "trace/render_real.h"
#include "trace/render_text.h"
#include "trace/values.h"

/* Room for any value of bounded size, and for an item of any list: of both, reals are the
 * longest. */
enum { VALUE_ROOM = REAL_ROOM, HASH_DIGITS = 2 * OU_HASH_BYTES, TXID_DIGITS = 8 };

_Static_assert(VALUE_ROOM > 100 + 2 * DIGITS_ROOM + HASH_DIGITS, "a header has room");

/* --- Pieces: each writes, and returns where it ended --------------------------------- */

static inline char *put(char *at, const char *literal)
{
    size_t len = strlen(literal);

    memcpy(at, literal, len); /* NOLINT(bugprone-not-null-terminated-result): more follows */
    return at + len;
}

static char *put_u64(char *at, uint64_t value)
{
    return at + digits_u64(value, at);
}

static char *put_hash(char *at, const uint8_t *hash, size_t digits)
{
    return at + digits_hex(hash, digits, at);
}

static char *put_parent(char *at, const uint8_t *hash, size_t digits)
{
    return hash ? put_hash(at, hash, digits) : put(at, "GenesisHash");
}

/* hash@slot */
static char *put_point(char *at, const struct ou_chain_point *point, size_t digits)
{
    if (!point->hash)
        return put(at, "Genesis");
    at = put_hash(at, point->hash, digits);
    *at++ = '@';
    return put_u64(at, point->slot);
}

static char *put_block(char *at, const struct ou_chain_point *block, size_t digits)
{
    if (!block->hash)
        return put(at, "{\"kind\":\"GenesisPoint\"}");
    at = put(at, "{\"hash\":\"");
    at = put_hash(at, block->hash, digits);
    at = put(at, "\",\"kind\":\"Point\",\"slot\":");
    at = put_u64(at, block->slot);
    return put(at, "}");
}

/* Numbers are texts here, and the hash has quotation marks of its own: so they
 * come from the node. */
static char *put_header(char *at, const struct ou_header *header, size_t digits)
{
    at = put(at, "{\"blockNo\":\"");
    at = put_u64(at, header->number);
    at = put(at, "\",\"hash\":\"\\\"");
    at = put_hash(at, header->hash, digits);
    at = put(at, "\\\"\",\"kind\":\"ShelleyBlock\",\"slotNo\":\"");
    at = put_u64(at, header->slot);
    return put(at, "\"}");
}

/* --- Values of bounded size ------------------------------------------------------------ */

/* The form of such a value without quotation marks; nothing for others. */
static char *put_plain(char *at, const struct ou_value *v, size_t digits)
{
    switch (v->type) {
    case OU_TYPE_u64:
    case OU_TYPE_digits: return put_u64(at, v->u64);
    case OU_TYPE_i64: return at + digits_i64(v->i64, at);
    case OU_TYPE_f64: return at + real_format(v->f64, at);
    case OU_TYPE_boolean:
    case OU_TYPE_flag: return put(at, v->u64 ? "true" : "false");
    case OU_TYPE_hash: return put_hash(at, v->hash, digits);
    case OU_TYPE_parent: return put_parent(at, v->known ? v->hash : NULL, digits);
    case OU_TYPE_txid: return put_hash(at, v->hash, TXID_DIGITS);
    case OU_TYPE_point:
    case OU_TYPE_block: return put_point(at, &v->point, digits);
    default: return at;
    }
}

/* The same as JSON. */
static char *put_bounded(char *at, const struct ou_value *v, size_t digits)
{
    switch (v->type) {
    case OU_TYPE_digits:
    case OU_TYPE_hash:
    case OU_TYPE_parent:
    case OU_TYPE_txid:
    case OU_TYPE_point:
        *at = '"';
        at = put_plain(at + 1, v, digits);
        *at = '"';
        return at + 1;
    case OU_TYPE_block: return put_block(at, &v->point, digits);
    default: return put_plain(at, v, digits);
    }
}

/* --- Lists --------------------------------------------------------------------------------- */

static char *put_item(char *at, const struct ou_value *list, uint32_t i, size_t digits)
{
    struct ou_header header;

    switch (list->type) {
    case OU_TYPE_hashes:
        at = put(at, "\"");
        at = put_hash(at, value_hash(list, i), digits);
        return put(at, "\"");
    case OU_TYPE_txids:
        at = put(at, "{\"txid\":\"");
        at = put_hash(at, value_hash(list, i), TXID_DIGITS);
        return put(at, "\"}");
    default: header = value_header(list, i); return put_header(at, &header, digits);
    }
}

static char *put_plain_item(char *at, const struct ou_value *list, uint32_t i, size_t digits)
{
    struct ou_header header;

    switch (list->type) {
    case OU_TYPE_hashes: return put_hash(at, value_hash(list, i), digits);
    case OU_TYPE_txids: return put_hash(at, value_hash(list, i), TXID_DIGITS);
    default:
        header = value_header(list, i);
        return put_point(at, &(struct ou_chain_point){ header.slot, header.hash }, digits);
    }
}

static void append_list(struct buffer *out, const struct ou_value *list, size_t digits,
                        char *(*put_one)(char *at, const struct ou_value *, uint32_t, size_t))
{
    buffer_char(out, '[');
    for (uint32_t i = 0; i < list->list.count; i++) {
        char *start = buffer_room(out, 1 + VALUE_ROOM);

        if (!start)
            return;
        *start = ',';
        buffer_added(out, (size_t)(put_one(start + (i > 0), list, i, digits) - start));
    }
    buffer_char(out, ']');
}

/* --- Texts ---------------------------------------------------------------------------------- */

static void append_json(struct buffer *out, struct ou_text json)
{
    struct span text = { json.at, json.len };

    /* A cut one may be valid by chance. */
    if (json.len < OU_TEXT_MAX && json_value_is(text))
        json_value_append(out, text);
    else
        traced_quoted(out, json);
}

static void append_json_bare(struct buffer *out, struct ou_text json)
{
    struct span text = { json.at, json.len };

    if (json.len < OU_TEXT_MAX && json_value_is(text))
        json_value_append(out, text);
    else
        traced_bare(out, json);
}

static void append_connection(struct buffer *out, const struct ou_value *v)
{
    buffer_text(out, "{\"connectionId\":\"");
    traced_escaped(out, v->peer.local);
    buffer_char(out, ' ');
    traced_escaped(out, v->peer.remote);
    buffer_text(out, "\"}");
}

/* An object of address and port, which are parted by the last colon outside the brackets of
 * an IPv6 address. Without one it is all address: the path of a local socket, say. */
static void append_address(struct buffer *out, struct ou_text end)
{
    struct span address = { end.at, end.len }, port = { NULL, 0 };

    for (size_t i = end.len; i > 0 && end.at[i - 1] != ']'; i--)
        if (end.at[i - 1] == ':') {
            address.len = i - 1;
            port = (struct span){ end.at + i, end.len - i };
            break;
        }
    if (address.len >= 2 && address.at[0] == '[' && address.at[address.len - 1] == ']')
        address = (struct span){ address.at + 1, address.len - 2 };
    buffer_text(out, "{\"addr\":");
    text_quoted(out, address);
    buffer_text(out, ",\"port\":");
    text_quoted(out, port);
    buffer_char(out, '}');
}

static void append_legacy_peer(struct buffer *out, const struct ou_value *v)
{
    buffer_text(out, "{\"local\":");
    append_address(out, v->peer.local);
    buffer_text(out, ",\"remote\":");
    append_address(out, v->peer.remote);
    buffer_char(out, '}');
}

/* --- All -------------------------------------------------------------------------------------- */

bool value_is_shown(const struct ou_value *value)
{
    switch (value->type) {
    case OU_TYPE_flag: return value->u64 != 0;
    case OU_TYPE_parent: return true;
    default: return value->known;
    }
}

void value_member(struct buffer *out, char separator, struct span text,
                  const struct ou_value *value, const struct value_form *form)
{
    char *at = buffer_room(out, text.len + VALUE_ROOM);

    if (!at)
        return;
    memcpy(at, text.at, text.len);
    *at = separator;
    buffer_added(out, (size_t)(put_bounded(at + text.len, value, form->hash_digits) - at));
    switch (value->type) {
    case OU_TYPE_text: traced_quoted(out, value->text); break;
    case OU_TYPE_json: append_json(out, value->text); break;
    case OU_TYPE_peer:
        if (form->legacy)
            append_legacy_peer(out, value);
        else
            append_connection(out, value);
        break;
    case OU_TYPE_hashes:
    case OU_TYPE_txids:
    case OU_TYPE_headers: append_list(out, value, form->hash_digits, put_item); break;
    default: break; /* bounded: done */
    }
}

void value_bare(struct buffer *out, const struct ou_value *value)
{
    char *at = buffer_room(out, VALUE_ROOM);

    if (!at)
        return;
    if (!value->known && value->type != OU_TYPE_parent) {
        buffer_char(out, '-');
        return;
    }
    buffer_added(out, (size_t)(put_plain(at, value, HASH_DIGITS) - at));
    switch (value->type) {
    case OU_TYPE_text: traced_bare(out, value->text); break;
    case OU_TYPE_json: append_json_bare(out, value->text); break;
    case OU_TYPE_peer:
        traced_bare(out, value->peer.local);
        buffer_char(out, ' ');
        traced_bare(out, value->peer.remote);
        break;
    case OU_TYPE_hashes:
    case OU_TYPE_txids:
    case OU_TYPE_headers: append_list(out, value, HASH_DIGITS, put_plain_item); break;
    default: break;
    }
}
