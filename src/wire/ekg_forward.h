/* Protocol 1 of forwarding: the acceptor asks for metrics. Pure. */
#ifndef OU_WIRE_EKG_FORWARD_H
#define OU_WIRE_EKG_FORWARD_H

#include "wire/protocol.h"

/* Response and Done share the number 1: their lengths tell them apart. */
enum ekg_key { EKG_REQUEST, EKG_RESPONSE, EKG_DONE };
enum ekg_state { EKG_IDLE, EKG_BUSY, EKG_ENDED };

enum ekg_wanted { EKG_ALL = 0, EKG_NAMED = 1, EKG_UPDATED = 2 };

enum ekg_kind { EKG_COUNTER = 0, EKG_GAUGE = 1, EKG_LABEL = 2 };

struct ekg_metric {
    struct span name;
    enum ekg_kind kind;
    int64_t value;    /* counter, gauge; numbers beyond 64 bits are refused */
    struct span text; /* label */
};

/* Items of a list, to be walked over with ekg_names_next() or ekg_metrics_next(). */
struct ekg_list {
    struct cbor at;
    struct cbor_run run;
};

struct ekg_message {
    enum ekg_key key;
    enum ekg_wanted wanted; /* Request */
    struct ekg_list list;   /* names of a Request with EKG_NAMED; metrics of a Response */
};

/* The whole message is looked through: walking over its list does not fail. */
enum wire_result ekg_read(struct bytes message, struct ekg_message *ret, const char **ret_why);

/* False at the end and after a failure, of which list->at tells. */
bool ekg_names_next(struct ekg_list *list, struct span *ret);
bool ekg_metrics_next(struct ekg_list *list, struct ekg_metric *ret);

/* names: of EKG_NAMED, at least one; else NULL and 0. */
void ekg_request_write(struct buffer *b, enum ekg_wanted wanted, const struct span *names,
                       size_t name_count);
void ekg_done_write(struct buffer *b);

/* A response: open, then each metric, then close. An empty list is definite (80). */
void ekg_response_open(struct buffer *b, size_t count);
void ekg_metric_write(struct buffer *b, const struct ekg_metric *m);
void ekg_response_close(struct buffer *b, size_t count);

#endif
