/* What both sides of a forwarding connection have in common: the handshake, messages out of
 * bytes, and bytes that wait to be sent. Pure; one thread. */
#ifndef OU_WIRE_FORWARD_SESSION_H
#define OU_WIRE_FORWARD_SESSION_H

#include "wire/demux.h"
#include "wire/forward_handshake.h"

struct forward_session {
    struct demux in;
    struct buffer out;     /* frames */
    size_t sent;           /* bytes of out that the owner has taken */
    uint64_t sent_before;  /* bytes that have left `out` altogether */
    struct buffer message; /* the one that is being written */
    uint32_t magic;
    bool connected; /* this side connected */
    bool agreed;    /* the handshake is done */
    bool broken;    /* a failure was returned: nothing more is taken */
};

/* limits: of one message of each protocol, in bytes; that of the handshake is
 * FORWARD_HANDSHAKE_BYTES_MAX. Proposes when connected; OU_NO_MEMORY. */
enum ou_status forward_session_init(struct forward_session *s, bool connected, uint32_t magic,
                                    const size_t limits[DEMUX_PROTOCOLS]);
void forward_session_release(struct forward_session *s);

/* Handles one message of protocols 1 to 3. OU_INVALID and others with a message for people. */
typedef enum ou_status forward_handler(void *context, unsigned protocol, struct bytes message,
                                       uint32_t now_us, struct ou_error *err);

/* Takes the input apart: the handshake is done here, `agreed` is called after it, and `handle`
 * with each message. */
enum ou_status forward_session_receive(struct forward_session *s, struct bytes input,
                                       uint32_t now_us, void (*agreed)(void *context),
                                       forward_handler *handle, void *context,
                                       struct ou_error *err);

/* The message that is to be written: cleared, with a maximum of PROTOCOL_REPLY_BYTES. */
struct buffer *forward_session_message(struct forward_session *s);

/* Puts that message into the output. OU_NO_MEMORY; OU_TOO_LARGE. */
enum ou_status forward_session_put(struct forward_session *s, unsigned protocol, uint32_t now_us,
                                   struct ou_error *err);

struct bytes forward_session_output(const struct forward_session *s);
void forward_session_sent(struct forward_session *s, size_t count);

/* How many bytes were put into the output since the beginning, and how many of them were sent. */
uint64_t forward_session_put_bytes(const struct forward_session *s);
uint64_t forward_session_sent_bytes(const struct forward_session *s);

#endif
