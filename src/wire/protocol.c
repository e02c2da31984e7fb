#include "wire/protocol.h"

int protocol_next(const struct protocol *p, uint8_t state, uint64_t key)
{
    for (size_t i = 0; i < p->step_count; i++)
        if (p->steps[i].from == state && p->steps[i].key == key)
            return p->steps[i].to;
    return -1;
}

enum wire_result protocol_key(struct bytes message, uint64_t *ret_key, const char **ret_why)
{
    struct cbor c = cbor_open(message);
    uint64_t key;

    (void)cbor_list(&c);
    key = cbor_uint(&c);
    if (cbor_ok(&c))
        *ret_key = key;
    else
        *ret_why = c.why;
    return c.result;
}

uint64_t message_open(struct cbor *c, const uint8_t *parts, size_t key_count)
{
    struct cbor_run run = cbor_list(c);
    uint64_t key = cbor_uint(c);

    if (!cbor_ok(c))
        return 0;
    if (key >= key_count || parts[key] == MESSAGE_NONE)
        cbor_refuse(c, "a message that the protocol does not have");
    else if (run.indefinite || run.left != parts[key] + UINT64_C(1))
        cbor_refuse(c, "a message of another length than its kind has");
    return cbor_ok(c) ? key : 0;
}

enum wire_result message_close(struct cbor *c, const char **ret_why)
{
    if (cbor_ok(c) && !cbor_at_end(c))
        cbor_refuse(c, "bytes behind the message");
    if (!cbor_ok(c))
        *ret_why = c->why;
    return c->result;
}

void message_put(struct buffer *b, const uint8_t *parts, uint64_t key)
{
    cbor_put_list(b, parts[key] + UINT64_C(1));
    cbor_put_uint(b, key);
}

void protocol_list_open(struct buffer *b, size_t count)
{
    if (count > 0)
        cbor_put_list_open(b);
    else
        cbor_put_list(b, 0);
}

void protocol_list_close(struct buffer *b, size_t count)
{
    if (count > 0)
        cbor_put_break(b);
}

bool protocol_list_more(struct cbor *c, struct cbor_run *run)
{
    bool more = cbor_more(c, run);

    if (!more)
        *run = (struct cbor_run){ 0 };
    return more;
}
