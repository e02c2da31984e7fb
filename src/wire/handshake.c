#include "wire/handshake.h"

/* Versions up to this one have two numbers of data, later ones four. */
enum { LAST_SHORT_VERSION = 10 };
/* Peer sharing of 11 and 12 does not work, and has a value more. */
enum { LAST_OLD_SHARING_VERSION = 12 };

enum { HANDSHAKE_BYTES = 5760, HANDSHAKE_MS = 10000 };

static const struct protocol_state states[] = {
    [HANDSHAKE_PROPOSING] = { "Propose", AGENCY_CLIENT, HANDSHAKE_BYTES, HANDSHAKE_MS },
    [HANDSHAKE_CONFIRMING] = { "Confirm", AGENCY_SERVER, HANDSHAKE_BYTES, HANDSHAKE_MS },
    [HANDSHAKE_DONE] = { "Done", AGENCY_NOBODY, 0, 0 },
};

static const struct protocol_step steps[] = {
    { HANDSHAKE_PROPOSING, HANDSHAKE_PROPOSE, HANDSHAKE_CONFIRMING },
    /* Two nodes that dial each other at the same moment may get one connection (TCP calls it a
     * simultaneous open): each proposes, and takes the other's proposal for the answer. */
    { HANDSHAKE_CONFIRMING, HANDSHAKE_PROPOSE, HANDSHAKE_DONE },
    { HANDSHAKE_CONFIRMING, HANDSHAKE_ACCEPT, HANDSHAKE_DONE },
    { HANDSHAKE_CONFIRMING, HANDSHAKE_REFUSE, HANDSHAKE_DONE },
    { HANDSHAKE_CONFIRMING, HANDSHAKE_QUERY_REPLY, HANDSHAKE_DONE },
};

const struct protocol protocol_handshake = {
    .name = "Handshake",
    .number = 0,
    .ingress_bytes = HANDSHAKE_BYTES,
    .states = states,
    .steps = steps,
    .state_count = sizeof states / sizeof *states,
    .step_count = sizeof steps / sizeof *steps,
};

static const uint8_t parts[] = {
    [HANDSHAKE_PROPOSE] = 1,
    [HANDSHAKE_ACCEPT] = 2,
    [HANDSHAKE_REFUSE] = 1,
    [HANDSHAKE_QUERY_REPLY] = 1,
};

/* --- Messages ---------------------------------------------------------------------- */

static uint16_t version_read(struct cbor *c)
{
    return (uint16_t)cbor_uint_below(c, UINT16_MAX + 1, "a version beyond 16 bits");
}

static bool has_room(struct cbor *c, const struct handshake_message *m)
{
    if (m->version_count == HANDSHAKE_VERSIONS_MAX)
        cbor_refuse(c, "too many versions");
    return cbor_ok(c);
}

/* Versions have 16 bits here; a higher number is of one that nobody knows, and passed over. */
static void table_read(struct cbor *c, struct handshake_message *ret)
{
    struct cbor_run run = cbor_map(c);
    uint64_t before = 0;

    for (bool first = true; cbor_more(c, &run); first = false) {
        uint64_t version = cbor_uint(c);
        struct bytes data = cbor_skip(c);

        if (!first && version <= before)
            cbor_refuse(c, "versions that do not ascend");
        before = version;
        if (version > UINT16_MAX || !has_room(c, ret))
            continue;
        ret->versions[ret->version_count] = (uint16_t)version;
        ret->data[ret->version_count++] = data;
    }
}

static void refusal_read(struct cbor *c, struct handshake_message *ret)
{
    struct cbor_run run = cbor_list(c);
    uint64_t reason = cbor_uint_below(c, REFUSAL_REFUSED + 1, "an unknown reason to refuse");
    bool mismatch = reason == REFUSAL_VERSION_MISMATCH;

    if (cbor_ok(c) && (run.indefinite || run.left != (mismatch ? 2 : 3)))
        cbor_refuse(c, "a refusal of another length than its kind has");
    ret->refusal = (enum refusal)reason;
    if (!mismatch) {
        ret->version = version_read(c);
        ret->text = cbor_text(c);
        return;
    }
    run = cbor_list(c);
    while (cbor_more(c, &run) && has_room(c, ret))
        ret->versions[ret->version_count++] = version_read(c);
}

enum wire_result handshake_read(struct bytes message, struct handshake_message *ret,
                                const char **ret_why)
{
    struct cbor c = cbor_open(message);
    struct handshake_message m = {
        .key = (enum handshake_key)message_open(&c, parts, sizeof parts),
    };
    enum wire_result result;

    switch (m.key) {
    case HANDSHAKE_PROPOSE:
    case HANDSHAKE_QUERY_REPLY: table_read(&c, &m); break;
    case HANDSHAKE_ACCEPT:
        m.version = version_read(&c);
        m.accepted = cbor_skip(&c);
        break;
    case HANDSHAKE_REFUSE: refusal_read(&c, &m); break;
    }
    result = message_close(&c, ret_why);
    if (result == WIRE_OK)
        *ret = m;
    return result;
}

static void table_write(struct buffer *b, const struct handshake_message *m)
{
    cbor_put_map(b, m->version_count);
    for (size_t i = 0; i < m->version_count; i++) {
        cbor_put_uint(b, m->versions[i]);
        cbor_put_raw(b, m->data[i]);
    }
}

static void refusal_write(struct buffer *b, const struct handshake_message *m)
{
    bool mismatch = m->refusal == REFUSAL_VERSION_MISMATCH;

    cbor_put_list(b, mismatch ? 2 : 3);
    cbor_put_uint(b, m->refusal);
    if (!mismatch) {
        cbor_put_uint(b, m->version);
        cbor_put_text(b, m->text);
        return;
    }
    cbor_put_list(b, m->version_count);
    for (size_t i = 0; i < m->version_count; i++)
        cbor_put_uint(b, m->versions[i]);
}

void handshake_write(struct buffer *b, const struct handshake_message *m)
{
    message_put(b, parts, m->key);
    switch (m->key) {
    case HANDSHAKE_PROPOSE:
    case HANDSHAKE_QUERY_REPLY: table_write(b, m); break;
    case HANDSHAKE_ACCEPT:
        cbor_put_uint(b, m->version);
        cbor_put_raw(b, m->accepted);
        break;
    case HANDSHAKE_REFUSE: refusal_write(b, m); break;
    }
}

/* --- Version data ---------------------------------------------------------------------- */

static bool is_known(uint16_t version)
{
    return version >= NODE_VERSION_FIRST && version <= NODE_VERSION_LAST;
}

enum wire_result node_version_data_read(struct bytes data, uint16_t version,
                                        struct version_data *ret, const char **ret_why)
{
    struct cbor c = cbor_open(data);
    struct version_data got = { 0 };
    bool old_sharing = version <= LAST_OLD_SHARING_VERSION;
    enum wire_result result;

    if (!is_known(version))
        cbor_refuse(&c, "a version that nobody here knows");
    cbor_list_of(&c, version <= LAST_SHORT_VERSION ? 2 : 4);
    got.magic = (uint32_t)cbor_uint_below(&c, UINT64_C(1) << 32, "a network magic beyond 32 bits");
    got.initiator_only = cbor_bool(&c);
    if (version > LAST_SHORT_VERSION) {
        uint64_t sharing = cbor_uint_below(&c, old_sharing ? 3 : 2, "no such kind of peer sharing");

        got.peer_sharing = old_sharing ? 0 : (uint8_t)sharing;
        got.query = cbor_bool(&c);
    }
    result = message_close(&c, ret_why);
    if (result == WIRE_OK)
        *ret = got;
    return result;
}

void node_version_data_write(struct buffer *b, uint16_t version, const struct version_data *data)
{
    bool is_short = version <= LAST_SHORT_VERSION;

    cbor_put_list(b, is_short ? 2 : 4);
    cbor_put_uint(b, data->magic);
    cbor_put_bool(b, data->initiator_only);
    if (is_short)
        return;
    cbor_put_uint(b, version <= LAST_OLD_SHARING_VERSION ? 0 : data->peer_sharing);
    cbor_put_bool(b, data->query);
}

/* A message with a table of versions, all with the same data. */
static void put_table(struct buffer *b, enum handshake_key key, uint16_t first,
                      const struct version_data *data)
{
    message_put(b, parts, key);
    cbor_put_map(b, NODE_VERSION_LAST + UINT64_C(1) - first);
    for (uint16_t version = first; version <= NODE_VERSION_LAST; version++) {
        cbor_put_uint(b, version);
        node_version_data_write(b, version, data);
    }
}

void node_propose(struct buffer *b, const struct version_data *data)
{
    put_table(b, HANDSHAKE_PROPOSE, NODE_VERSION_PROPOSED, data);
}

/* --- Negotiation ------------------------------------------------------------------------- */

/* What two nodes want, together. */
static struct version_data agree(const struct version_data *own, const struct version_data *peer)
{
    return (struct version_data){
        .magic = own->magic,
        .initiator_only = own->initiator_only || peer->initiator_only,
        .peer_sharing = own->peer_sharing && peer->peer_sharing && !peer->initiator_only,
        .query = own->query || peer->query,
    };
}

/* Compares the peer's data with our own. WIRE_OK: *ret_agreed. Else *ret_refusal and *ret_why. */
static enum wire_result judge(struct bytes data, uint16_t version, const struct version_data *own,
                              struct version_data *ret_agreed, enum refusal *ret_refusal,
                              const char **ret_why)
{
    struct version_data peer;

    if (node_version_data_read(data, version, &peer, ret_why) != WIRE_OK) {
        *ret_refusal = REFUSAL_DECODE;
        return WIRE_BAD;
    }
    if (peer.magic != own->magic) {
        *ret_refusal = REFUSAL_REFUSED;
        *ret_why = "version data mismatch: another network magic";
        return WIRE_BAD;
    }
    *ret_agreed = agree(own, &peer);
    return WIRE_OK;
}

/* The highest version of a table that lies between `first` and the last one known; 0: none. */
static uint16_t highest_common(const struct handshake_message *m, uint16_t first,
                               struct bytes *ret_data)
{
    for (size_t i = m->version_count; i > 0; i--)
        if (m->versions[i - 1] >= first && m->versions[i - 1] <= NODE_VERSION_LAST) {
            *ret_data = m->data[i - 1];
            return m->versions[i - 1];
        }
    return 0;
}

static const char no_version_in_common[] = "no version in common";

static void refuse_versions(struct buffer *b)
{
    struct handshake_message m = { .key = HANDSHAKE_REFUSE, .refusal = REFUSAL_VERSION_MISMATCH };

    for (uint16_t version = NODE_VERSION_FIRST; version <= NODE_VERSION_LAST; version++)
        m.versions[m.version_count++] = version;
    handshake_write(b, &m);
}

static void accept(struct buffer *b, uint16_t version, const struct version_data *agreed)
{
    message_put(b, parts, HANDSHAKE_ACCEPT);
    cbor_put_uint(b, version);
    node_version_data_write(b, version, agreed);
}

enum wire_result node_answer(struct bytes proposal, const struct version_data *own,
                             struct buffer *b, uint16_t *ret_version,
                             struct version_data *ret_agreed, const char **ret_why)
{
    struct handshake_message m;
    struct handshake_message refusal = { .key = HANDSHAKE_REFUSE };
    struct version_data agreed;
    struct bytes data;
    enum wire_result result = handshake_read(proposal, &m, ret_why);
    uint16_t version;

    if (result != WIRE_OK)
        return result;
    if (m.key != HANDSHAKE_PROPOSE) {
        *ret_why = "the first message is no proposal";
        return WIRE_BAD;
    }
    *ret_version = 0;
    version = highest_common(&m, NODE_VERSION_FIRST, &data);
    if (version == 0) {
        refuse_versions(b);
        *ret_why = no_version_in_common;
    } else if (judge(data, version, own, &agreed, &refusal.refusal, ret_why) != WIRE_OK) {
        refusal.version = version;
        refusal.text = span_of(*ret_why);
        handshake_write(b, &refusal);
    } else if (agreed.query) {
        put_table(b, HANDSHAKE_QUERY_REPLY, NODE_VERSION_FIRST, own);
        *ret_why = "the peer only asked for our versions";
    } else {
        accept(b, version, &agreed);
        *ret_version = version;
        *ret_agreed = agreed;
    }
    return WIRE_OK;
}

void handshake_printable(struct span text, char *ret, size_t room)
{
    size_t len = text.len < room - 1 ? text.len : room - 1;

    for (size_t i = 0; i < len; i++)
        ret[i] = (char)(text.at[i] >= ' ' && text.at[i] <= '~' ? text.at[i] : '?');
    ret[len] = '\0';
}

/* A peer's refusal in words. */
static void tell_refusal(const struct handshake_message *m, struct ou_error *err)
{
    char text[128];

    if (m->refusal == REFUSAL_VERSION_MISMATCH) {
        (void)ou_fail(err, OU_INVALID, "refused: the peer knows none of versions %d to %d",
                      NODE_VERSION_PROPOSED, NODE_VERSION_LAST);
        return;
    }
    handshake_printable(m->text, text, sizeof text);
    (void)ou_fail(err, OU_INVALID, "refused: version %u: %s", m->version, text);
}

/* What the answer names: a version of ours and its data; 0, with a message, when it is a no. */
static uint16_t answered(const struct handshake_message *m, struct bytes *ret_data,
                         struct ou_error *err)
{
    uint16_t version = 0;

    switch (m->key) {
    case HANDSHAKE_ACCEPT:
        *ret_data = m->accepted;
        if (m->version >= NODE_VERSION_PROPOSED && m->version <= NODE_VERSION_LAST)
            version = m->version;
        else
            (void)ou_fail(err, OU_INVALID, "the peer accepts version %u, which was not proposed",
                          m->version);
        break;
    case HANDSHAKE_PROPOSE:
        version = highest_common(m, NODE_VERSION_PROPOSED, ret_data);
        if (version == 0)
            (void)ou_fail(err, OU_INVALID, no_version_in_common);
        break;
    case HANDSHAKE_REFUSE: tell_refusal(m, err); break;
    case HANDSHAKE_QUERY_REPLY:
        (void)ou_fail(err, OU_INVALID, "the peer answers a question for its versions");
        break;
    }
    return version;
}

enum wire_result node_accepted(struct bytes answer, const struct version_data *own,
                               uint16_t *ret_version, struct version_data *ret_agreed,
                               struct ou_error *err)
{
    struct handshake_message m;
    struct version_data agreed;
    struct bytes data = { 0 };
    enum refusal refusal;
    const char *why = NULL;
    enum wire_result result = handshake_read(answer, &m, &why);
    uint16_t version;

    if (result != WIRE_OK) {
        (void)ou_fail(err, OU_INVALID, "handshake: %s", why);
        return result;
    }
    *ret_version = 0;
    version = answered(&m, &data, err);
    if (version == 0)
        return WIRE_OK;
    if (judge(data, version, own, &agreed, &refusal, &why) != WIRE_OK) {
        (void)ou_fail(err, OU_INVALID, "version %u: %s", version, why);
        return WIRE_OK;
    }
    *ret_version = version;
    *ret_agreed = agreed;
    return WIRE_OK;
}
