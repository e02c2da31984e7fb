/* Protocol 3 of forwarding: the acceptor asks for data points by name, JSON values of which the
 * latest counts. Pure. */
#ifndef OU_WIRE_DATA_POINT_H
#define OU_WIRE_DATA_POINT_H

#include "wire/protocol.h"

enum data_point_key { DATA_POINT_REQUEST = 1, DATA_POINT_DONE = 2, DATA_POINT_REPLY = 3 };
enum data_point_state { DATA_POINT_IDLE, DATA_POINT_BUSY, DATA_POINT_ENDED };

struct data_point_list {
    struct cbor at;
    struct cbor_run run;
};

struct data_point_message {
    enum data_point_key key;
    struct data_point_list list; /* names of a Request; values of a Reply */
};

/* The whole message is looked through: walking over its list fails for want of room only. */
enum wire_result data_point_read(struct bytes message, struct data_point_message *ret,
                                 const char **ret_why);

/* False at the end and after a failure, of which list->at tells. */
bool data_point_names_next(struct data_point_list *list, struct span *ret);

/* The value's chunks are appended to *ret_json (cleared first; its maximum bounds them, what is
 * larger is a failure); *ret_known is false for a name that the forwarder does not know. A
 * definite byte string is taken, too. */
bool data_point_values_next(struct data_point_list *list, struct span *ret_name, bool *ret_known,
                            struct buffer *ret_json);

void data_point_request_write(struct buffer *b, const struct span *names, size_t name_count);
void data_point_done_write(struct buffer *b);

/* A reply: open, then each value (json.at NULL: unknown; else an indefinite byte string of one
 * chunk), then close. */
void data_point_reply_open(struct buffer *b, size_t count);
void data_point_value_write(struct buffer *b, struct span name, struct bytes json);
void data_point_reply_close(struct buffer *b, size_t count);

#endif
