/* The side of a forwarding connection that has the traces: bytes in, bytes out, no sockets. It
 * answers the handshake (or proposes), requests for trace objects, metrics and data points. Pure;
 * one thread.
 *
 * The request for more is the receipt: whoever asks for objects again has taken care of those it
 * was given before; so has who says Done instead. Then `confirmed` is called; when the
 * connection ends first, what was given last stands in doubt, and belongs back to the front of
 * the owner's queue. */
#ifndef OU_WIRE_FORWARDER_H
#define OU_WIRE_FORWARDER_H

#include "wire/data_point.h"
#include "wire/demux.h"
#include "wire/ekg_forward.h"
#include "wire/forward_handshake.h"
#include "wire/trace_forward.h"

/* What the owner has. Called within forwarder_session_receive() and forwarder_session_wake(). */
struct forwarder_source {
    void *context;
    /* Appends up to `most` encoded trace objects, and returns how many: 0 when there is none
     * now. They stay the owner's until confirmed(). */
    size_t (*take)(void *context, size_t most, struct buffer *out);
    void (*confirmed)(void *context); /* those of the last take() */
    /* Appends a whole response (ekg_response_open() ... close()). names is walked over for
     * EKG_NAMED. */
    void (*metrics)(void *context, enum ekg_wanted wanted, struct ekg_list names,
                    struct buffer *out);
    /* Appends the JSON of a data point; false when there is none of that name. */
    bool (*data_point)(void *context, struct span name, struct buffer *out);
};

struct forwarder_session; /* opaque; about 1 KiB and what is in its buffers */

/* connected: this side connected, and proposes at once. NULL: no memory. */
struct forwarder_session *forwarder_session_new(bool connected, uint32_t magic,
                                                const struct forwarder_source *source);
void forwarder_session_free(struct forwarder_session *s);

/* What came from the other side. OU_OK; OU_INVALID (the peer broke the protocol, or refused)
 * with a message that is for people; OU_NO_MEMORY. After a failure, what is in the output may
 * still be sent (a refusal), and then the connection is closed. now_us: any monotonic clock, for
 * the frames' stamps. */
enum ou_status forwarder_session_receive(struct forwarder_session *s, struct bytes input,
                                         uint32_t now_us, struct ou_error *err);

/* There are objects now: answers a blocking request that is open. */
enum ou_status forwarder_session_wake(struct forwarder_session *s, uint32_t now_us,
                                      struct ou_error *err);

/* What is to be sent; the owner takes bytes off its front with forwarder_session_sent(). */
struct bytes forwarder_session_output(const struct forwarder_session *s);
void forwarder_session_sent(struct forwarder_session *s, size_t count);

bool forwarder_session_is_agreed(const struct forwarder_session *s); /* the handshake is done */
bool forwarder_session_has_ended(const struct forwarder_session *s); /* the other side said Done */
/* Bytes of a frame are outstanding: the rest is due within MUX_FRAME_TIMEOUT_MS. */
bool forwarder_session_in_frame(const struct forwarder_session *s);
/* A request for objects is open, and nothing is in doubt: all that was given has been confirmed. */
bool forwarder_session_is_drained(const struct forwarder_session *s);

#endif
