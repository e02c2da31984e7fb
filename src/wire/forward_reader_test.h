/* Messages of forwarding in tests and fuzz harnesses: each is read to its end and written again.
 * What must hold and does not ends the process. */
#ifndef OU_WIRE_FORWARD_READER_TEST_H
#define OU_WIRE_FORWARD_READER_TEST_H

#include <stdlib.h>

#include "wire/data_point.h"
#include "wire/ekg_forward.h"
#include "wire/forward_handshake.h"
#include "wire/trace_forward.h"

static inline void reader_must(bool holds)
{
    if (!holds)
        abort();
}

typedef enum wire_result forward_reader(struct bytes message, struct buffer *again,
                                        const char **ret_why);

static inline enum wire_result read_object(struct bytes message, struct buffer *again,
                                           const char **ret_why)
{
    struct cbor c = cbor_open(message);
    struct trace_object o;
    enum wire_result result;

    trace_object_read(&c, &o);
    result = message_close(&c, ret_why);
    if (result == WIRE_OK)
        trace_object_write(again, &o);
    return result;
}

static inline enum wire_result walk_reply(struct trace_reply reply, struct buffer *again,
                                          const char **ret_why)
{
    struct trace_reply first = reply;
    struct trace_object o;
    size_t count = 0;

    while (trace_reply_next(&first, &o))
        count++;
    if (!cbor_ok(&first.at)) {
        *ret_why = first.at.why;
        return first.at.result;
    }
    reader_must(!trace_reply_next(&first, &o)); /* still at the end */
    reader_must(cbor_ok(&first.at));
    trace_reply_open(again, count);
    while (trace_reply_next(&reply, &o))
        trace_object_write(again, &o);
    trace_reply_close(again, count);
    return WIRE_OK;
}

static inline enum wire_result read_trace_forward(struct bytes message, struct buffer *again,
                                                  const char **ret_why)
{
    struct trace_forward_message m;
    enum wire_result result = trace_forward_read(message, &m, ret_why);

    if (result != WIRE_OK)
        return result;
    if (m.key == TRACE_FORWARD_REPLY)
        return walk_reply(m.reply, again, ret_why);
    trace_forward_write(again, &m);
    return WIRE_OK;
}

enum { READER_NAMES_MAX = 64 };

static inline void write_ekg_response(struct ekg_list list, struct buffer *again)
{
    struct ekg_list first = list;
    struct ekg_metric metric;
    size_t count = 0;

    while (ekg_metrics_next(&first, &metric))
        count++;
    reader_must(cbor_at_end(&first.at));
    ekg_response_open(again, count);
    while (ekg_metrics_next(&list, &metric))
        ekg_metric_write(again, &metric);
    ekg_response_close(again, count);
}

static inline enum wire_result read_ekg(struct bytes message, struct buffer *again,
                                        const char **ret_why)
{
    struct span names[READER_NAMES_MAX];
    struct ekg_message m;
    enum wire_result result = ekg_read(message, &m, ret_why);
    size_t count = 0;

    if (result != WIRE_OK)
        return result;
    switch (m.key) {
    case EKG_REQUEST:
        while (m.wanted == EKG_NAMED && count < READER_NAMES_MAX &&
               ekg_names_next(&m.list, &names[count]))
            count++;
        reader_must(m.wanted != EKG_NAMED || count == READER_NAMES_MAX || cbor_at_end(&m.list.at));
        ekg_request_write(again, m.wanted, names, count);
        break;
    case EKG_RESPONSE: write_ekg_response(m.list, again); break;
    case EKG_DONE: ekg_done_write(again); break;
    }
    return WIRE_OK;
}

static inline void write_data_points(struct data_point_list list, struct buffer *again)
{
    struct data_point_list first = list;
    struct buffer json;
    struct span name;
    bool known;
    size_t count = 0;

    buffer_init(&json, allocator_libc(), 1 << 20);
    while (data_point_values_next(&first, &name, &known, &json))
        count++;
    reader_must(cbor_at_end(&first.at));
    data_point_reply_open(again, count);
    while (data_point_values_next(&list, &name, &known, &json))
        data_point_value_write(
            again, name,
            known ? (struct bytes){ (const uint8_t *)buffer_string(&json), json.len }
                  : (struct bytes){ 0 });
    data_point_reply_close(again, count);
    buffer_release(&json);
}

static inline enum wire_result read_data_point(struct bytes message, struct buffer *again,
                                               const char **ret_why)
{
    struct span names[READER_NAMES_MAX];
    struct data_point_message m;
    enum wire_result result = data_point_read(message, &m, ret_why);
    size_t count = 0;

    if (result != WIRE_OK)
        return result;
    switch (m.key) {
    case DATA_POINT_REQUEST:
        while (count < READER_NAMES_MAX && data_point_names_next(&m.list, &names[count]))
            count++;
        reader_must(count == READER_NAMES_MAX || cbor_at_end(&m.list.at));
        data_point_request_write(again, names, count);
        break;
    case DATA_POINT_REPLY: write_data_points(m.list, again); break;
    case DATA_POINT_DONE: data_point_done_write(again); break;
    }
    return WIRE_OK;
}

static inline enum wire_result read_handshake(struct bytes message, struct buffer *again,
                                              const char **ret_why)
{
    struct handshake_message m;
    enum wire_result result = handshake_read(message, &m, ret_why);

    if (result == WIRE_OK)
        handshake_write(again, &m);
    return result;
}

#endif
