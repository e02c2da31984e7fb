/* Any bytes of one direction of a forwarding connection. In pieces of any size they hold the
 * same messages, and end the same way; the messages, sent again by us, are the same; none is
 * above its limit. */
#include <stdint.h>
#include <stdlib.h>

#include "wire/demux.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const size_t limits[DEMUX_PROTOCOLS] = { 64, 200, 30000, 2000 };

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* Takes the bytes apart, in pieces, and appends the messages as frames of ours to *again. */
static enum wire_result take_apart(struct bytes all, size_t piece, struct buffer *again)
{
    enum wire_result result = WIRE_CUT;
    struct demux d;

    demux_init(&d, false, limits);
    for (size_t at = 0; at < all.count && result == WIRE_CUT; at += piece) {
        size_t count = all.count - at < piece ? all.count - at : piece;
        uint8_t *copy =
            malloc(count); /* just so long, for a sanitizer to see what is read beyond */
        struct bytes input = { copy, count }, message;
        const char *why = NULL;
        unsigned protocol;

        check(copy != NULL);
        memcpy(copy, all.at + at, count);
        while ((result = demux_next(&d, &input, &protocol, &message, &why)) == WIRE_OK) {
            check(protocol < DEMUX_PROTOCOLS && message.count > 0);
            check(message.count <= limits[protocol]);
            mux_put(again, (uint16_t)protocol, false, 0, message);
        }
        check(why != NULL && (result == WIRE_BAD || input.count == 0));
        free(copy);
    }
    demux_release(&d);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t pieces[] = { 1, 2, 7, 100 };
    struct bytes all = { data, size };
    struct buffer messages, again;
    enum wire_result result;

    if (size == 0)
        return 0;
    buffer_init(&messages, allocator_libc(), SIZE_MAX);
    buffer_init(&again, allocator_libc(), SIZE_MAX);
    result = take_apart(all, size, &messages);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        buffer_clear(&again);
        check(take_apart(all, pieces[i], &again) == result);
        check(bytes_equal(bytes_of(&again), bytes_of(&messages)));
    }
    buffer_clear(&again);
    if (messages.len > 0)
        check(take_apart(bytes_of(&messages), messages.len, &again) == WIRE_CUT);
    check(bytes_equal(bytes_of(&again), bytes_of(&messages)));
    buffer_release(&messages);
    buffer_release(&again);
    return 0;
}
