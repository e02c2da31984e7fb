#include "wire/data_point.h"

#include "wire/trace_forward.h"

static const struct protocol_state states[] = {
    [DATA_POINT_IDLE] = { "Idle", AGENCY_CLIENT, PROTOCOL_SMALL_BYTES, 0 },
    [DATA_POINT_BUSY] = { "Busy", AGENCY_SERVER, PROTOCOL_REPLY_BYTES, 0 },
    [DATA_POINT_ENDED] = { "Done", AGENCY_NOBODY, 0, 0 },
};

static const struct protocol_step steps[] = {
    { DATA_POINT_IDLE, DATA_POINT_REQUEST, DATA_POINT_BUSY },
    { DATA_POINT_IDLE, DATA_POINT_DONE, DATA_POINT_ENDED },
    { DATA_POINT_BUSY, DATA_POINT_REPLY, DATA_POINT_IDLE },
};

const struct protocol protocol_data_point = {
    .name = "DataPoint",
    .number = FORWARD_PROTOCOL_DATA_POINTS,
    .ingress_bytes = PROTOCOL_REPLY_BYTES,
    .states = states,
    .steps = steps,
    .state_count = sizeof states / sizeof *states,
    .step_count = sizeof steps / sizeof *steps,
};

static const uint8_t parts[] = {
    [0] = MESSAGE_NONE,
    [DATA_POINT_REQUEST] = 1,
    [DATA_POINT_DONE] = 0,
    [DATA_POINT_REPLY] = 1,
};

/* --- Reading ------------------------------------------------------------------------------- */

bool data_point_names_next(struct data_point_list *list, struct span *ret)
{
    if (!protocol_list_more(&list->at, &list->run))
        return false;
    *ret = cbor_utf8(&list->at);
    return cbor_ok(&list->at);
}

/* Takes a name and its optional value; json may be NULL. */
static void read_value(struct cbor *c, struct span *ret_name, bool *ret_known,
                       struct buffer *ret_json)
{
    struct cbor_run run;

    cbor_list_of(c, 2);
    *ret_name = cbor_utf8(c);
    run = cbor_list(c);
    *ret_known = cbor_more(c, &run);
    if (!*ret_known)
        return;
    cbor_bytes_joined(c, ret_json);
    if (cbor_more(c, &run))
        cbor_refuse(c, "a data point of more than one value");
}

bool data_point_values_next(struct data_point_list *list, struct span *ret_name, bool *ret_known,
                            struct buffer *ret_json)
{
    struct span name;
    bool known;

    if (!protocol_list_more(&list->at, &list->run))
        return false;
    buffer_clear(ret_json);
    read_value(&list->at, &name, &known, ret_json);
    if (cbor_ok(&list->at) && buffer_status(ret_json) != OU_OK)
        cbor_refuse(&list->at, "a data point larger than there is room for");
    if (!cbor_ok(&list->at))
        return false;
    *ret_name = name;
    *ret_known = known;
    return true;
}

/* Goes through the list, so that whoever walks over it later need not expect that it is wrong. */
static struct data_point_list read_list(struct cbor *c, enum data_point_key key)
{
    struct data_point_list list = { .run = cbor_list(c) };
    struct cbor_run run = list.run;
    struct span name;
    bool known;

    list.at = *c;
    while (protocol_list_more(c, &run))
        if (key == DATA_POINT_REQUEST)
            (void)cbor_utf8(c);
        else
            read_value(c, &name, &known, NULL);
    return list;
}

enum wire_result data_point_read(struct bytes message, struct data_point_message *ret,
                                 const char **ret_why)
{
    struct cbor c = cbor_open(message);
    struct data_point_message m = {
        .key = (enum data_point_key)message_open(&c, parts, sizeof parts),
    };
    enum wire_result result;

    if (m.key != DATA_POINT_DONE)
        m.list = read_list(&c, m.key);
    result = message_close(&c, ret_why);
    if (result == WIRE_OK)
        *ret = m;
    return result;
}

/* --- Writing ------------------------------------------------------------------------------- */

void data_point_request_write(struct buffer *b, const struct span *names, size_t name_count)
{
    message_put(b, parts, DATA_POINT_REQUEST);
    protocol_list_open(b, name_count);
    for (size_t i = 0; i < name_count; i++)
        cbor_put_text(b, names[i]);
    protocol_list_close(b, name_count);
}

void data_point_done_write(struct buffer *b)
{
    message_put(b, parts, DATA_POINT_DONE);
}

void data_point_reply_open(struct buffer *b, size_t count)
{
    message_put(b, parts, DATA_POINT_REPLY);
    protocol_list_open(b, count);
}

void data_point_value_write(struct buffer *b, struct span name, struct bytes json)
{
    cbor_put_list(b, 2);
    cbor_put_text(b, name);
    cbor_put_list(b, json.at ? 1 : 0);
    if (!json.at)
        return;
    cbor_put_bytes_open(b);
    cbor_put_bytes(b, json);
    cbor_put_break(b);
}

void data_point_reply_close(struct buffer *b, size_t count)
{
    protocol_list_close(b, count);
}
