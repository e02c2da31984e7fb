#include "wire/forward_handshake.h"

#include <inttypes.h>
#include <stdio.h>

/* How the data of version 1 looks in messages: the magic alone. */
enum { MAGIC_ROOM = 16, TEXT_ROOM = 256 };

static struct bytes magic_data(uint32_t magic, struct buffer *room)
{
    cbor_put_uint(room, magic);
    return bytes_of(room);
}

static enum wire_result read_magic(struct bytes data, uint32_t *ret, const char **ret_why)
{
    struct cbor c = cbor_open(data);
    uint64_t magic = cbor_uint_below(&c, UINT64_C(1) << 32, "a network magic beyond 32 bits");
    enum wire_result result = message_close(&c, ret_why);

    if (result == WIRE_OK)
        *ret = (uint32_t)magic;
    return result;
}

/* Writes a message with version 1 and its data. */
static void put_version(struct buffer *b, enum handshake_key key, uint32_t magic)
{
    struct buffer room;
    struct handshake_message m = { .key = key, .version_count = 1, .version = FORWARD_VERSION };

    buffer_init(&room, allocator_libc(), MAGIC_ROOM);
    m.versions[0] = FORWARD_VERSION;
    m.data[0] = m.accepted = magic_data(magic, &room);
    if (room.status == OU_OK)
        handshake_write(b, &m);
    else
        b->status = room.status;
    buffer_release(&room);
}

void forward_propose(struct buffer *b, uint32_t magic)
{
    put_version(b, HANDSHAKE_PROPOSE, magic);
}

static bool find_version(const struct handshake_message *m, struct bytes *ret_data)
{
    for (size_t i = 0; i < m->version_count; i++)
        if (m->versions[i] == FORWARD_VERSION) {
            *ret_data = m->data[i];
            return true;
        }
    return false;
}

/* Writes a refusal; `text` tells the peer why, unless its versions are the reason. */
static void refuse(struct buffer *b, enum refusal refusal, const char *text)
{
    struct handshake_message m = { .key = HANDSHAKE_REFUSE, .refusal = refusal };

    if (refusal == REFUSAL_VERSION_MISMATCH) {
        m.versions[m.version_count++] = FORWARD_VERSION;
    } else {
        m.version = FORWARD_VERSION;
        m.text = span_of(text);
    }
    handshake_write(b, &m);
}

/* The words of the Haskell library, which operators know from their logs. */
static void refuse_magic(struct buffer *b, uint32_t own, uint32_t other)
{
    char text[TEXT_ROOM];

    (void)snprintf(text, sizeof text,
                   "ForwardingVersionData mismatch: "
                   "ForwardingVersionData {networkMagic = NetworkMagic {unNetworkMagic = %lu}} /= "
                   "ForwardingVersionData {networkMagic = NetworkMagic {unNetworkMagic = %lu}}",
                   (unsigned long)own, (unsigned long)other);
    refuse(b, REFUSAL_REFUSED, text);
}

static void tell_magic(uint32_t own, uint32_t other, struct ou_error *err)
{
    (void)ou_fail(err, OU_INVALID, "the network magic is %lu here and %lu there",
                  (unsigned long)own, (unsigned long)other);
}

enum wire_result forward_answer(struct bytes proposal, uint32_t magic, struct buffer *b,
                                bool *ret_agreed, struct ou_error *err)
{
    struct handshake_message m;
    struct bytes data;
    uint32_t other;
    const char *why = NULL;
    enum wire_result result = handshake_read(proposal, &m, &why);

    if (result == WIRE_OK && m.key != HANDSHAKE_PROPOSE) {
        why = "the first message is no proposal";
        result = WIRE_BAD;
    }
    if (result != WIRE_OK) {
        (void)ou_fail(err, OU_INVALID, "handshake: %s", why);
        return result;
    }
    *ret_agreed = false;
    if (!find_version(&m, &data)) {
        (void)ou_fail(err, OU_INVALID, "the peer does not offer version %d of forwarding",
                      FORWARD_VERSION);
        refuse(b, REFUSAL_VERSION_MISMATCH, NULL);
    } else if (read_magic(data, &other, &why) != WIRE_OK) {
        (void)ou_fail(err, OU_INVALID, "handshake: the data of version %d: %s", FORWARD_VERSION,
                      why);
        refuse(b, REFUSAL_DECODE, why);
    } else if (other != magic) {
        tell_magic(magic, other, err);
        refuse_magic(b, magic, other);
    } else {
        put_version(b, HANDSHAKE_ACCEPT, magic);
        *ret_agreed = true;
    }
    return WIRE_OK;
}

/* Whether a refusal is that of refuse_magic(), and the peer's magic. */
static bool is_about_magic(const char *text, uint32_t own, uint32_t *ret_other)
{
    unsigned long magics[2];

    if (sscanf(text,
               "ForwardingVersionData mismatch: "
               "ForwardingVersionData {networkMagic = NetworkMagic {unNetworkMagic = %10lu}} /= "
               "ForwardingVersionData {networkMagic = NetworkMagic {unNetworkMagic = %10lu",
               &magics[0], &magics[1]) != 2)
        return false;
    *ret_other = (uint32_t)(magics[0] == own ? magics[1] : magics[0]);
    return true;
}

static void tell_refusal(const struct handshake_message *m, uint32_t own, struct ou_error *err)
{
    char text[TEXT_ROOM];
    uint32_t other;

    if (m->refusal == REFUSAL_VERSION_MISMATCH) {
        (void)ou_fail(err, OU_INVALID, "refused: the peer does not know version %d of forwarding",
                      FORWARD_VERSION);
        return;
    }
    handshake_printable(m->text, text, sizeof text);
    if (is_about_magic(text, own, &other))
        (void)ou_fail(err, OU_INVALID,
                      "refused: the network magic is %" PRIu32 " here and %" PRIu32 " there", own,
                      other);
    else
        (void)ou_fail(err, OU_INVALID, "refused: %s", text);
}

/* The data that the answer agrees to; false, with a message, when it is a no. */
static bool find_answer(const struct handshake_message *m, uint32_t own, struct bytes *ret_data,
                        struct ou_error *err)
{
    switch (m->key) {
    case HANDSHAKE_ACCEPT:
        *ret_data = m->accepted;
        if (m->version == FORWARD_VERSION)
            return true;
        (void)ou_fail(err, OU_INVALID, "the peer accepts version %u, which was not proposed",
                      m->version);
        return false;
    case HANDSHAKE_PROPOSE:
        if (find_version(m, ret_data))
            return true;
        (void)ou_fail(err, OU_INVALID, "the peer does not offer version %d of forwarding",
                      FORWARD_VERSION);
        return false;
    case HANDSHAKE_REFUSE: tell_refusal(m, own, err); return false;
    case HANDSHAKE_QUERY_REPLY:
        (void)ou_fail(err, OU_INVALID, "the peer answers a question for its versions");
        return false;
    }
    return false;
}

enum wire_result forward_accepted(struct bytes answer, uint32_t magic, bool *ret_agreed,
                                  struct ou_error *err)
{
    struct handshake_message m;
    struct bytes data;
    uint32_t other;
    const char *why = NULL;
    enum wire_result result = handshake_read(answer, &m, &why);

    if (result != WIRE_OK) {
        (void)ou_fail(err, OU_INVALID, "handshake: %s", why);
        return result;
    }
    *ret_agreed = false;
    if (!find_answer(&m, magic, &data, err))
        return WIRE_OK;
    if (read_magic(data, &other, &why) != WIRE_OK)
        (void)ou_fail(err, OU_INVALID, "handshake: the data of version %d: %s", FORWARD_VERSION,
                      why);
    else if (other != magic)
        tell_magic(magic, other, err);
    else
        *ret_agreed = true;
    return WIRE_OK;
}
