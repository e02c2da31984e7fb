/* Any bytes as a message between nodes; the first byte chooses the protocol. What is read and written
 * again reads the same, so that it is written the same; every part of it that lacks its end asks for more. */
#include <stdint.h>
#include <stdlib.h>

#include "wire/block_fetch.h"
#include "wire/handshake.h"
#include "wire/keep_alive.h"
#include "wire/mux.h"
#include "wire/tx_submission.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* Reads a message and, when it is right, writes it again. */
typedef enum wire_result codec(struct bytes message, struct buffer *again);

static enum wire_result handshake(struct bytes message, struct buffer *again)
{
    const struct version_data own = { .magic = 42 };
    struct version_data agreed;
    struct handshake_message m;
    struct buffer answer;
    struct ou_error err;
    const char *why = NULL;
    enum wire_result result = handshake_read(message, &m, &why);
    uint16_t version = 0;

    if (result == WIRE_OK)
        handshake_write(again, &m);
    buffer_init(&answer, allocator_libc(), 1 << 16);
    if (node_answer(message, &own, &answer, &version, &agreed, &why) == WIRE_OK) {
        check(version == 0 || (agreed.magic == own.magic && !agreed.query));
        check(answer.len > 0 && buffer_status(&answer) == OU_OK);
        check(handshake_read(bytes_of(&answer), &m, &why) == WIRE_OK);
        check(version == 0 || (m.key == HANDSHAKE_ACCEPT && m.version == version));
    }
    buffer_release(&answer);
    check(node_accepted(message, &own, &version, &agreed, &err) == result);
    return result;
}

static enum wire_result chain_sync(struct bytes message, struct buffer *again)
{
    struct point points[CHAIN_SYNC_POINTS_MAX];
    struct chain_sync_message m;
    const char *why = NULL;
    enum wire_result result = chain_sync_read(message, &m, points, &why);

    if (result == WIRE_OK)
        chain_sync_write(again, &m);
    return result;
}

static enum wire_result block_fetch(struct bytes message, struct buffer *again)
{
    struct block_fetch_message m;
    const char *why = NULL;
    enum wire_result result = block_fetch_read(message, &m, &why);

    if (result == WIRE_OK)
        block_fetch_write(again, &m);
    return result;
}

static enum wire_result tx_submission(struct bytes message, struct buffer *again)
{
    static struct tx_submission_room room;
    struct tx_submission_message m;
    const char *why = NULL;
    enum wire_result result = tx_submission_read(message, &m, &room, &why);

    if (result == WIRE_OK)
        tx_submission_write(again, &m);
    for (uint8_t state = 0; state < protocol_tx_submission.state_count; state++)
        check(tx_submission_next(state, message) < protocol_tx_submission.state_count);
    return result;
}

static enum wire_result keep_alive(struct bytes message, struct buffer *again)
{
    struct keep_alive_message m;
    const char *why = NULL;
    enum wire_result result = keep_alive_read(message, &m, &why);

    if (result == WIRE_OK)
        keep_alive_write(again, m);
    return result;
}

static enum wire_result peer_sharing(struct bytes message, struct buffer *again)
{
    struct peer_sharing_message m;
    const char *why = NULL;
    enum wire_result result = peer_sharing_read(message, &m, &why);

    if (result == WIRE_OK)
        peer_sharing_write(again, m);
    return result;
}

static enum wire_result mux_header(struct bytes message, struct buffer *again)
{
    struct mux_header header;
    uint8_t out[MUX_HEADER_BYTES];
    const char *why = NULL;
    enum wire_result result = mux_header_read(message, &header, &why);

    if (result == WIRE_OK) {
        mux_header_write(header, out);
        check(memcmp(out, message.at, sizeof out) == 0);
        buffer_append(again, out, sizeof out);
    }
    return result;
}

/* Codecs of whole messages. */
static codec *const codecs[] = { handshake,     chain_sync, block_fetch,
                                 tx_submission, keep_alive, peer_sharing };

static void check_parts(codec *read, struct bytes message)
{
    size_t step = message.count / 64 + 1; /* all parts of short messages, some of long ones */
    struct buffer none;

    buffer_init(&none, allocator_libc(), 0);
    for (size_t len = 0; len < message.count; len += step)
        check(read((struct bytes){ message.at, len }, &none) == WIRE_CUT);
    buffer_release(&none);
}

static void check_codec(codec *read, struct bytes message)
{
    struct buffer once, twice;

    buffer_init(&once, allocator_libc(), 4 << 20);
    buffer_init(&twice, allocator_libc(), 4 << 20);
    if (read(message, &once) == WIRE_OK) {
        check(read(bytes_of(&once), &twice) == WIRE_OK);
        check(bytes_equal(bytes_of(&once), bytes_of(&twice)));
        check_parts(read, message);
    }
    buffer_release(&once);
    buffer_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t codec_count = sizeof codecs / sizeof *codecs;
    struct bytes message = { data + (size > 0), size - (size > 0) };
    size_t choice = size > 0 ? data[0] % (codec_count + 1) : codec_count;
    struct buffer header;

    if (choice < codec_count) {
        check_codec(codecs[choice], message);
        return 0;
    }
    buffer_init(&header, allocator_libc(), MUX_HEADER_BYTES);
    (void)mux_header(message, &header);
    buffer_release(&header);
    return 0;
}
