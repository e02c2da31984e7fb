/* The side of a forwarding connection that collects: bytes in, bytes out, no sockets. It always
 * asks first, on all three protocols, whoever connected. Pure; one thread. */
#ifndef OU_WIRE_ACCEPTOR_H
#define OU_WIRE_ACCEPTOR_H

#include "wire/data_point.h"
#include "wire/demux.h"
#include "wire/ekg_forward.h"
#include "wire/forward_handshake.h"
#include "wire/trace_forward.h"

/* What is done with what comes. Called within acceptor_session_receive(). */
struct acceptor_owner {
    void *context;
    void (*agreed)(void *context); /* the handshake is done: time to ask */
    /* A whole Reply message: trace_forward_read() has found it in order, its objects are not yet
     * looked at, but that there is one. Nothing is asked again until
     * acceptor_session_ask_objects(). The bytes are valid during the call. */
    void (*objects)(void *context, struct bytes reply);
    /* These two have been looked through already: walking over them does not fail. */
    void (*metrics)(void *context, struct ekg_list metrics);
    void (*data_points)(void *context, struct data_point_list values);
};

#define ACCEPTOR_MESSAGE_MAX ((size_t)64 << 20) /* the default limit of one message */
#define ACCEPTOR_SMALL_MAX ((size_t)8 << 20)    /* of one with metrics or data points, at most */

struct acceptor_session; /* opaque */

/* connected: this side connected, and proposes at once. message_max: bytes of one message of
 * protocols 1 to 3. NULL: no memory. */
struct acceptor_session *acceptor_session_new(bool connected, uint32_t magic, size_t message_max,
                                              const struct acceptor_owner *owner);
void acceptor_session_free(struct acceptor_session *s);

/* OU_OK; OU_INVALID with a message for people (garbage, another magic, a refusal, an answer
 * nobody asked for, a message above the limit); OU_NO_MEMORY. After a failure the output may
 * still be sent, and then the connection is closed. */
enum ou_status acceptor_session_receive(struct acceptor_session *s, struct bytes input,
                                        uint32_t now_us, struct ou_error *err);

/* Requests; that for objects is blocking, and the receipt for those it was given before. wanted:
 * EKG_ALL or EKG_UPDATED. Each is refused (false) while the one before is not answered, before
 * `agreed` and after finish. */
bool acceptor_session_ask_objects(struct acceptor_session *s, uint16_t count, uint32_t now_us);
bool acceptor_session_ask_metrics(struct acceptor_session *s, enum ekg_wanted wanted,
                                  uint32_t now_us);
bool acceptor_session_ask_metrics_named(struct acceptor_session *s, const struct span *names,
                                        size_t name_count, uint32_t now_us); /* one name at least */
bool acceptor_session_ask_data_points(struct acceptor_session *s, const struct span *names,
                                      size_t name_count, uint32_t now_us);

/* The end: Done on each protocol that is idle, now or as soon as its answer has come. While
 * objects are not receipted all of them wait: the next acceptor_session_ask_objects() returns
 * false and sends Done, which is a receipt as well. */
void acceptor_session_finish(struct acceptor_session *s, uint32_t now_us);

struct bytes acceptor_session_output(const struct acceptor_session *s);
void acceptor_session_sent(struct acceptor_session *s, size_t count);

bool acceptor_session_is_agreed(const struct acceptor_session *s);
bool acceptor_session_in_frame(const struct acceptor_session *s);
uint64_t acceptor_session_frames(const struct acceptor_session *s); /* that have begun to come */
/* Memory that messages take which have not come whole, and what is not sent yet. */
size_t acceptor_session_held_bytes(const struct acceptor_session *s);

#endif
