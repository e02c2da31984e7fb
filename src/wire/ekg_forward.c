#include "wire/ekg_forward.h"

#include "wire/trace_forward.h"

static const struct protocol_state states[] = {
    [EKG_IDLE] = { "Idle", AGENCY_CLIENT, PROTOCOL_SMALL_BYTES, 0 },
    [EKG_BUSY] = { "Busy", AGENCY_SERVER, PROTOCOL_REPLY_BYTES, 0 },
    [EKG_ENDED] = { "Done", AGENCY_NOBODY, 0, 0 },
};

static const struct protocol_step steps[] = {
    { EKG_IDLE, EKG_REQUEST, EKG_BUSY },
    { EKG_IDLE, EKG_DONE, EKG_ENDED },
    { EKG_BUSY, EKG_RESPONSE, EKG_IDLE },
};

const struct protocol protocol_ekg_forward = {
    .name = "EKGForward",
    .number = FORWARD_PROTOCOL_METRICS,
    .ingress_bytes = PROTOCOL_REPLY_BYTES,
    .states = states,
    .steps = steps,
    .state_count = sizeof states / sizeof *states,
    .step_count = sizeof steps / sizeof *steps,
};

/* The numbers that messages begin with; 1 alone is Done. */
enum { NUMBER_REQUEST = 0, NUMBER_RESPONSE_OR_DONE = 1 };

static const uint8_t parts[] = { [NUMBER_REQUEST] = 1, [NUMBER_RESPONSE_OR_DONE] = 1 };
static const uint8_t done_parts[] = {
    [NUMBER_REQUEST] = MESSAGE_NONE, [NUMBER_RESPONSE_OR_DONE] = 0
};
static const uint8_t wanted_parts[] = { [EKG_ALL] = 0, [EKG_NAMED] = 1, [EKG_UPDATED] = 0 };

/* A response's list of metrics is wrapped as the only field of a record. */
static const uint8_t record_parts[] = { 1 };

/* --- Reading ------------------------------------------------------------------------------- */

static enum ekg_key read_key(struct cbor *c)
{
    struct cbor ahead = *c;
    struct cbor_run run = cbor_list(&ahead);

    if (!run.indefinite && run.left == 1) {
        (void)message_open(c, done_parts, sizeof done_parts);
        return EKG_DONE;
    }
    return message_open(c, parts, sizeof parts) == NUMBER_REQUEST ? EKG_REQUEST : EKG_RESPONSE;
}

bool ekg_names_next(struct ekg_list *list, struct span *ret)
{
    if (!protocol_list_more(&list->at, &list->run))
        return false;
    *ret = cbor_utf8(&list->at);
    return cbor_ok(&list->at);
}

bool ekg_metrics_next(struct ekg_list *list, struct ekg_metric *ret)
{
    struct cbor *c = &list->at;
    struct ekg_metric m = { 0 };

    if (!protocol_list_more(c, &list->run))
        return false;
    cbor_list_of(c, 2);
    m.name = cbor_utf8(c);
    cbor_list_of(c, 2);
    m.kind = (enum ekg_kind)cbor_uint_below(c, EKG_LABEL + 1, "an unknown kind of metric");
    if (m.kind == EKG_LABEL)
        m.text = cbor_utf8(c);
    else
        m.value = cbor_int(c);
    if (cbor_ok(c))
        *ret = m;
    return cbor_ok(c);
}

/* Goes through the list, so that whoever walks over it later need not expect failures. */
static struct ekg_list read_names(struct cbor *c)
{
    struct ekg_list list = { .run = cbor_list(c) }, walk;
    struct span name;
    size_t count = 0;

    list.at = *c;
    walk = list;
    while (ekg_names_next(&walk, &name))
        count++;
    *c = walk.at;
    if (count == 0)
        cbor_refuse(c, "a request for metrics by name without a name");
    return list;
}

static struct ekg_list read_metrics(struct cbor *c)
{
    struct ekg_list list, walk;
    struct ekg_metric metric;

    (void)message_open(c, record_parts, sizeof record_parts);
    list.run = cbor_list(c);
    list.at = *c;
    walk = list;
    while (ekg_metrics_next(&walk, &metric))
        continue;
    *c = walk.at;
    return list;
}

enum wire_result ekg_read(struct bytes message, struct ekg_message *ret, const char **ret_why)
{
    struct cbor c = cbor_open(message);
    struct ekg_message m = { .key = read_key(&c) };
    enum wire_result result;

    switch (m.key) {
    case EKG_REQUEST:
        m.wanted = (enum ekg_wanted)message_open(&c, wanted_parts, sizeof wanted_parts);
        if (m.wanted == EKG_NAMED)
            m.list = read_names(&c);
        break;
    case EKG_RESPONSE: m.list = read_metrics(&c); break;
    case EKG_DONE: break;
    }
    result = message_close(&c, ret_why);
    if (result == WIRE_OK)
        *ret = m;
    return result;
}

/* --- Writing ------------------------------------------------------------------------------- */

void ekg_request_write(struct buffer *b, enum ekg_wanted wanted, const struct span *names,
                       size_t name_count)
{
    message_put(b, parts, NUMBER_REQUEST);
    message_put(b, wanted_parts, wanted);
    if (wanted != EKG_NAMED)
        return;
    protocol_list_open(b, name_count);
    for (size_t i = 0; i < name_count; i++)
        cbor_put_text(b, names[i]);
    protocol_list_close(b, name_count);
}

void ekg_done_write(struct buffer *b)
{
    message_put(b, done_parts, NUMBER_RESPONSE_OR_DONE);
}

void ekg_response_open(struct buffer *b, size_t count)
{
    message_put(b, parts, NUMBER_RESPONSE_OR_DONE);
    message_put(b, record_parts, 0);
    protocol_list_open(b, count);
}

void ekg_metric_write(struct buffer *b, const struct ekg_metric *m)
{
    cbor_put_list(b, 2);
    cbor_put_text(b, m->name);
    cbor_put_list(b, 2);
    cbor_put_uint(b, m->kind);
    if (m->kind == EKG_LABEL)
        cbor_put_text(b, m->text);
    else
        cbor_put_int(b, m->value);
}

void ekg_response_close(struct buffer *b, size_t count)
{
    protocol_list_close(b, count);
}
