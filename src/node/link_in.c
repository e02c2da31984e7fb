#include "node/link_inside.h"

#include "wire/block_fetch.h"
#include "wire/keep_alive.h"
#include "wire/tx_submission.h"

static const struct protocol *protocol_of(uint16_t number)
{
    static const struct protocol *const known[] = {
        &protocol_handshake,
        &protocol_chain_sync,
        &protocol_block_fetch,
        &protocol_tx_submission,
        &protocol_keep_alive,
        &protocol_peer_sharing,
        NULL,
    };

    for (const struct protocol *const *p = known; *p; p++)
        if ((*p)->number == number)
            return *p;
    return NULL;
}

/* A frame that none of our conversations is for. */
static void refuse_frame(struct link *l, const struct mux_header *header)
{
    const struct protocol *p = protocol_of(header->protocol);

    if (l->phase == LINK_SHAKING && l->dialled && p == &protocol_handshake)
        link_close(l, LINK_CROSSED);
    else if (l->phase == LINK_SHAKING)
        link_close(l, "a frame of protocol %u before the handshake", header->protocol);
    else if (!p)
        link_close(l, "unknown protocol %u", header->protocol);
    else
        link_close(l, "%s: a frame from the %s, whose counterpart does not run here", p->name,
                   header->from_responder ? "responder" : "initiator");
}

/* What a frame's header says: for whom, and how much follows. */
static void begin_frame(struct link *l)
{
    struct mux_header header;
    const char *why = "malformed";

    if (mux_header_read((struct bytes){ l->head, sizeof l->head }, &header, &why) != WIRE_OK) {
        link_close(l, "frame: %s", why);
        return;
    }
    for (size_t i = 0; i < l->count; i++) {
        struct conversation *c = l->list[i];

        if (c->protocol->number == header.protocol && c->initiator == header.from_responder) {
            l->into = c;
            l->payload_left = header.bytes;
            return;
        }
    }
    refuse_frame(l, &header);
}

static size_t take_head(struct link *l, struct bytes bytes)
{
    const size_t wanted = sizeof l->head - l->head_count;
    const size_t part = bytes.count < wanted ? bytes.count : wanted;

    if (l->head_count == 0)
        l->frame_deadline_ms =
            uv_now(l->loop) + (l->phase == LINK_SHAKING && l->frame_ms == MUX_FRAME_TIMEOUT_MS
                                   ? MUX_HANDSHAKE_FRAME_TIMEOUT_MS
                                   : l->frame_ms);
    memcpy(l->head + l->head_count, bytes.at, part);
    l->head_count += part;
    if (l->head_count == sizeof l->head)
        begin_frame(l);
    return part;
}

static size_t take_payload(struct link *l, struct bytes bytes)
{
    const size_t part = bytes.count < l->payload_left ? bytes.count : l->payload_left;

    if (!conversation_holds(l->into, part)) {
        l->held = true;
        return 0;
    }
    l->payload_left -= part;
    if (l->payload_left == 0) {
        l->head_count = 0;
        l->frame_deadline_ms = LINK_NEVER_MS;
    }
    conversation_take(l->into, (struct bytes){ bytes.at, part });
    return part;
}

/* Hands on what frames hold; returns how many bytes that were: all, unless somebody who has paused
 * can hold no more. */
static size_t take_frames(struct link *l, struct bytes bytes)
{
    const size_t all = bytes.count;

    l->held = false;
    while (bytes.count > 0 && l->phase < LINK_PARTING) {
        const size_t used =
            l->head_count < sizeof l->head ? take_head(l, bytes) : take_payload(l, bytes);

        if (l->held)
            break;
        bytes.at += used;
        bytes.count -= used;
    }
    return all - bytes.count;
}

static int64_t now_ns(void)
{
    return (int64_t)uv_hrtime();
}

void link_take(struct link *l, struct bytes bytes)
{
    if (!delay_line_is_there(&l->arriving) && delay_line_count(&l->arriving) == 0) {
        const size_t used = take_frames(l, bytes);

        bytes.at += used;
        bytes.count -= used;
    }
    if (bytes.count > 0 && !link_is_closing(l) &&
        delay_line_put(&l->arriving, bytes, now_ns()) != OU_OK)
        link_close(l, "no memory for what comes in");
}

void link_take_arrived(struct link *l)
{
    int64_t when_ns;
    const struct bytes due = delay_line_due(&l->arriving, now_ns(), &when_ns);

    link_wants_turn_at(l, when_ns);
    if (due.count == 0)
        return;
    delay_line_drop(&l->arriving, take_frames(l, due));
    if (l->at_end && delay_line_count(&l->arriving) == 0)
        link_close(l, "%s", "");
}

bool link_may_read(struct link *l)
{
    const size_t most = delay_line_is_there(&l->arriving) ? LINK_LINE_BYTES : LINK_HELD_BYTES;
    int64_t when_ns = INT64_MAX;

    if (l->phase < LINK_SHAKING || l->phase > LINK_PARTING || l->at_end)
        return false;
    if (l->held || l->rests || delay_line_count(&l->arriving) >= most)
        return false;
    if (delay_line_takes(&l->arriving, now_ns(), &when_ns))
        return true;
    link_wants_turn_at(l, when_ns);
    return false;
}
