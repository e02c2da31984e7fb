/* What link*.c and conversation.c know of each other. Nobody else includes this.
 *
 * All work of a link is done in turns: link_turn() takes what has arrived, hands it on, writes what waits, and
 * sets the timer. Reads, timers and finished writes cause a turn at once; link_wake() causes one with the loop's
 * next round, which is how calls from elsewhere (conversation_send()) take effect: several of them share a
 * write, and no owner is called back from within its own call. */
#ifndef OU_NODE_LINK_INSIDE_H
#define OU_NODE_LINK_INSIDE_H

#include "node/conversation.h"
#include "node/delay_line.h"
#include "node/sharp_timer.h"

#define LINK_NEVER_MS UINT64_MAX
/* Not all that is sent is asked for before (conversation_has_room()): small answers, and the message with which a stream
 * passed the mark. Here is where patience ends. */
#define LINK_OUT_MAX ((2 << 20) + PROTOCOL_LARGE_BYTES)

enum link_phase {
    LINK_CONNECTING,
    LINK_SHAKING, /* hands: the handshake */
    LINK_READY,
    LINK_PARTING, /* the peer is to read a refusal: what waits is written, nothing is taken any more */
    LINK_CLOSING, /* handles are being closed */
};

struct conversation {
    struct link *link;
    const struct protocol *protocol;
    const struct conversation_events *events;
    void *owner;
    bool initiator;
    bool paused;
    bool wants_room;

    uint8_t state;
    uint8_t home; /* from which we ask: where pipelined messages belong */
    uint8_t ahead[CONVERSATION_PIPELINE_MAX]; /* a ring: where each pipelined message will lead */
    uint16_t ahead_first, ahead_count;
    uint64_t deadline_ms; /* of the peer's next message; LINK_NEVER_MS */
    uint32_t limit_ms;    /* the duration that led to it */

    struct byte_queue in;  /* received, not yet a message that was taken */
    struct cbor_scan scan; /* of the message at its front, */
    size_t scanned;        /* so many bytes so far */
    struct byte_queue out; /* whole frames */
};

struct link {
    uv_loop_t *loop;
    uv_tcp_t tcp;
    uv_timer_t timer;
    uv_idle_t soon; /* link_wake() */
    uv_connect_t connecting;
    uv_write_t writing;
    uv_shutdown_t shutting;
    unsigned handles; /* not yet closed */

    const struct link_events *events;
    void *owner;
    struct version_data own;
    enum link_phase phase;
    bool dialled, duplex;
    bool silent; /* it never came to be: nobody hears of its end */
    bool is_reading, is_writing, is_shut;
    bool rests;  /* it has read as much as a link may before others have their turn */
    bool at_end; /* the peer has closed, but some of what it sent is still on the modelled line */
    char local[LINK_NAME_ROOM], remote[LINK_NAME_ROOM];
    char why[256]; /* it closes */

    struct conversation *handshake;
    struct conversation *list[LINK_CONVERSATIONS_MAX];
    size_t count;
    size_t next; /* whose frame goes out next */

    /* In: the frame whose payload comes. */
    uint8_t head[MUX_HEADER_BYTES];
    size_t head_count;
    size_t payload_left;
    struct conversation *into;
    struct delay_line arriving; /* without a model: what a paused conversation keeps back */
    bool held;                  /* it does */

    /* Out. */
    struct delay_line leaving;
    struct buffer batch; /* one write */
    size_t batch_written;
    size_t out_bytes; /* in conversations, `leaving` and `batch` */

    uint32_t frame_ms, stall_ms;
    uint64_t phase_deadline_ms, frame_deadline_ms, write_deadline_ms;
    uint64_t armed_ms; /* when the timer fires; LINK_NEVER_MS */
    /* Of a modelled line: a latency of half a millisecond must not become one or two. */
    bool has_line_timer;
    struct sharp_timer line_timer;
    int64_t line_ns;       /* of uv_hrtime(): when a line has something for us; INT64_MAX */
    int64_t line_armed_ns; /* what the timer is set to */

    uint64_t bytes_in, bytes_out;
};

/* What is not yet on its way: neither written nor on a modelled line, whose bytes count by themselves. */
static inline size_t link_waiting(const struct link *l)
{
    return l->out_bytes - delay_line_count(&l->leaving);
}

/* link.c */
void link_turn(struct link *l);
void link_wake(struct link *l);
void link_is_agreed(struct link *l, uint16_t version, const struct version_data *agreed);
void link_part(struct link *l, const char *why); /* after what waits has been written */
/* An instant of uv_hrtime(); INT64_MAX: none. */
void link_wants_turn_at(struct link *l, int64_t when_ns);

/* link_in.c: hands on what arrives. */
void link_take(struct link *l, struct bytes bytes);
void link_take_arrived(struct link *l);
bool link_may_read(struct link *l);

/* link_out.c */
void link_pump(struct link *l);

/* link_handshake.c: opens the conversation of that name, and proposes when we dialled. */
enum ou_status link_shake_hands(struct link *l, struct ou_error *err);

/* conversation.c */
bool conversation_holds(const struct conversation *c, size_t count); /* more bytes, while paused */
void conversation_take(struct conversation *c, struct bytes payload);
void conversation_deliver(struct conversation *c);
void conversation_check_time(struct conversation *c, uint64_t now_ms);
void conversation_tell_room(struct conversation *c);
void conversation_free(struct conversation *c);

#endif
