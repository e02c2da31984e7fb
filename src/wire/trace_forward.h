/* Protocol 2 of forwarding: the acceptor asks for trace objects, the forwarder replies. Pure. */
#ifndef OU_WIRE_TRACE_FORWARD_H
#define OU_WIRE_TRACE_FORWARD_H

#include "wire/protocol.h"
#include "wire/trace_object.h"

#define FORWARD_PROTOCOL_METRICS 1
#define FORWARD_PROTOCOL_TRACES 2
#define FORWARD_PROTOCOL_DATA_POINTS 3

enum trace_forward_key {
    TRACE_FORWARD_REQUEST = 1,
    TRACE_FORWARD_DONE = 2,
    TRACE_FORWARD_REPLY = 3,
};

enum trace_forward_state {
    TRACE_FORWARD_IDLE,
    TRACE_FORWARD_BLOCKING,    /* the reply must have an object at least */
    TRACE_FORWARD_NONBLOCKING, /* it may be empty */
    TRACE_FORWARD_ENDED,
};

struct trace_forward_message {
    enum trace_forward_key key;
    bool blocking;  /* Request */
    uint16_t count; /* Request: at most so many */
    /* Reply: the objects one after the other, to be walked over with trace_reply_next() */
    struct trace_reply {
        struct cbor at;
        struct cbor_run run;
    } reply;
};

/* The reply's objects are not looked at here. */
enum wire_result trace_forward_read(struct bytes message, struct trace_forward_message *ret,
                                    const char **ret_why);
/* Request and Done. */
void trace_forward_write(struct buffer *b, const struct trace_forward_message *m);

/* The next object: false at the end and after a failure, of which reply->at tells (cbor_ok()).
 * Bytes that are left behind the last one are a failure, too. */
bool trace_reply_next(struct trace_reply *reply, struct trace_object *ret);

/* A reply of `count` objects that are encoded already: what stands before and behind them. An
 * empty list is definite. */
void trace_reply_open(struct buffer *b, size_t count);
void trace_reply_close(struct buffer *b, size_t count);

#endif
