#include "wire/demux.h"

#include <stdlib.h>

#include "support/guard.h"
#include "support/hex.h"
#include "support/test.h"

static const size_t limits[DEMUX_PROTOCOLS] = { 16, 1000, 100000, 100 };

/* Frames of the side that listens, which is the one that `demux_of()` hears. */
#define FRAME(protocol, length) "00000000 800" #protocol " " length " "

static struct demux demux_of(void)
{
    struct demux d;

    demux_init(&d, true, limits);
    return d;
}

/* Feeds a copy of the bytes at the edge of what can be read, in pieces; tells messages as
 * "2:820380 ". */
static enum wire_result tell(struct bytes all, size_t piece, struct buffer *told,
                             const char **ret_why)
{
    struct demux d = demux_of();
    enum wire_result result = WIRE_CUT;

    buffer_clear(told);
    for (size_t at = 0; at < all.count && result == WIRE_CUT; at += piece) {
        size_t count = all.count - at < piece ? all.count - at : piece;
        struct guarded edge = guard_copy(all.at + at, count);
        struct bytes input = { (const uint8_t *)edge.at, count }, message;
        unsigned protocol;

        while ((result = demux_next(&d, &input, &protocol, &message, ret_why)) == WIRE_OK) {
            buffer_printf(told, "%u:", protocol);
            for (size_t i = 0; i < message.count; i++)
                buffer_printf(told, "%02x", message.at[i]);
            buffer_char(told, ' ');
        }
        assert_true(result == WIRE_BAD || input.count == 0);
        guard_release(&edge);
    }
    demux_release(&d);
    return result;
}

static void test_frames_interleave_and_share_messages_in_any_pieces(void **state)
{
    /* A message over two frames with one of another protocol between, two messages in a frame, a
     * message's end and the next one's beginning. */
    struct bytes all = from_hex(
        FRAME(2, "0003") "82039f" FRAME(1, "0004") "82008100" FRAME(2, "0003") "0102ff" FRAME(
            3, "0005") "820180 8102" FRAME(2, "0003") "8102 82" FRAME(2, "0002") "0380");
    struct buffer told;
    const char *why = NULL;

    (void)state;
    buffer_init(&told, allocator_libc(), 4096);
    for (size_t piece = 1; piece <= all.count; piece++) {
        assert_int_equal(tell(all, piece, &told, &why), WIRE_CUT);
        assert_string_equal(buffer_string(&told),
                            "1:82008100 2:82039f0102ff 3:820180 3:8102 2:8102 2:820380 ");
    }
    buffer_release(&told);
}

static void test_what_is_no_frame_of_the_peer_is_refused(void **state)
{
    static const struct {
        const char *hex, *why;
    } rows[] = {
        { "00000000 0002 0001 80", "a frame of the wrong direction" },
        { "00000000 8004 0001 80", "a frame of an unknown protocol" },
        { "00000000 ffff 0001 80", "a frame of an unknown protocol" },
        { "00000000 8002 0000", "a frame of no bytes" },
        { FRAME(2, "0001") "ff", "a break out of place" },
        { FRAME(2, "0001") "1c", "no such CBOR head" },
    };
    struct buffer told;

    (void)state;
    buffer_init(&told, allocator_libc(), 4096);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *why = NULL;

        assert_int_equal(tell(from_hex(rows[i].hex), 1, &told, &why), WIRE_BAD);
        assert_string_equal(why, rows[i].why);
        assert_int_equal(told.len, 0);
    }
    buffer_release(&told);
}

static void test_a_string_longer_than_the_limit_is_refused_by_its_head(void **state)
{
    static const char *const rows[] = {
        FRAME(3, "0009") "5bffffffffffffffff", /* as long as can be said */
        FRAME(3, "0002") "5864",               /* 2 + 100 bytes */
        FRAME(3, "0006") "81 5a 7fffffff",     /* within a list */
        FRAME(0, "0001") "51",                 /* the handshake's limit is its own */
    };
    struct buffer told;

    (void)state;
    buffer_init(&told, allocator_libc(), 64);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *why = NULL;

        assert_int_equal(tell(from_hex(rows[i]), 100, &told, &why), WIRE_BAD);
        assert_string_equal(why, "a message above the limit");
    }
    buffer_release(&told);
}

static void test_items_beyond_the_limit_are_refused_when_they_come(void **state)
{
    struct bytes open = from_hex(FRAME(3, "0001") "9f"), item = from_hex(FRAME(3, "0001") "00");
    struct demux d = demux_of();
    struct bytes input = open, message;
    unsigned protocol;
    const char *why = NULL;

    (void)state;
    for (size_t count = 1; count <= limits[3]; count++) {
        assert_int_equal(demux_next(&d, &input, &protocol, &message, &why), WIRE_CUT);
        input = item;
    }
    assert_true(d.streams[3].message.cap < 3 * limits[3]);
    assert_int_equal(demux_next(&d, &input, &protocol, &message, &why), WIRE_BAD);
    assert_string_equal(why, "a message above the limit");
    demux_release(&d);
}

static void test_a_message_of_just_the_limit_is_taken(void **state)
{
    struct buffer frame, told;
    const char *why = NULL;

    (void)state;
    buffer_init(&frame, allocator_libc(), 200);
    buffer_init(&told, allocator_libc(), 400);
    for (size_t spare = 0; spare < 2; spare++) {
        buffer_clear(&frame);
        mux_put(&frame, 3, true, 0, from_hex("5862"));
        frame.at[7] = 100;
        while (frame.len < MUX_HEADER_BYTES + 100)
            buffer_char(&frame, 'x');
        assert_int_equal(tell(bytes_of(&frame), spare ? 1 : 1000, &told, &why), WIRE_CUT);
        assert_int_equal(told.len, strlen("3: ") + 200);
    }
    buffer_release(&frame);
    buffer_release(&told);
}

static void test_a_frame_has_begun_until_it_has_ended(void **state)
{
    struct bytes all = from_hex(FRAME(2, "0003") "820380"), message;
    struct demux d = demux_of();
    unsigned protocol;
    const char *why = NULL;

    (void)state;
    assert_false(demux_in_frame(&d));
    for (size_t i = 0; i < all.count; i++) {
        struct bytes input = { all.at + i, 1 };

        (void)demux_next(&d, &input, &protocol, &message, &why);
        assert_int_equal(demux_in_frame(&d), i + 1 < all.count);
    }
    demux_release(&d);
}

static void test_messages_go_out_in_frames_of_bounded_length(void **state)
{
    enum { BYTES = 2 * MUX_PAYLOAD_SENT + 5 };
    struct buffer message, out;
    struct demux d = demux_of();
    struct bytes input, got;
    unsigned protocol;
    const char *why = NULL;

    (void)state;
    buffer_init(&message, allocator_libc(), BYTES);
    buffer_init(&out, allocator_libc(), 2 * BYTES);
    cbor_put_bytes(&message, (struct bytes){ repeated(7, BYTES).at, BYTES - 3 });
    assert_int_equal(message.len, BYTES);
    mux_put(&out, 2, true, 0x01020304, bytes_of(&message));
    assert_int_equal(out.len, BYTES + 3 * MUX_HEADER_BYTES);
    assert_memory_equal(out.at, from_hex("01020304 8002 3000").at, MUX_HEADER_BYTES);
    assert_memory_equal(out.at + 2 * ((size_t)MUX_PAYLOAD_SENT + MUX_HEADER_BYTES),
                        from_hex("01020304 8002 0005").at, MUX_HEADER_BYTES);
    input = bytes_of(&out);
    assert_int_equal(demux_next(&d, &input, &protocol, &got, &why), WIRE_OK);
    assert_bytes(got, bytes_of(&message));
    assert_int_equal(protocol, 2);
    demux_release(&d);
    buffer_release(&message);
    buffer_release(&out);
}

static void test_memory_is_held_for_what_has_come_and_given_back(void **state)
{
    enum { BYTES = 90000 };
    struct bytes begun = from_hex(FRAME(2, "0003") "82039f");
    struct demux d = demux_of();
    struct buffer message, out;
    struct bytes input, got;
    unsigned protocol;
    const char *why = NULL;

    (void)state;
    buffer_init(&message, allocator_libc(), (size_t)2 * BYTES);
    buffer_init(&out, allocator_libc(), (size_t)2 * BYTES);
    cbor_put_bytes(&message, (struct bytes){ repeated(7, BYTES).at, BYTES - 5 });
    mux_put(&out, 2, true, 1, bytes_of(&message));
    assert_int_equal(demux_held_bytes(&d), 0);
    input = (struct bytes){ (const uint8_t *)out.at, out.len - 100 };
    assert_int_equal(demux_next(&d, &input, &protocol, &got, &why), WIRE_CUT);
    assert_in_range(demux_held_bytes(&d), BYTES - 200, 2 * BYTES);
    input = (struct bytes){ (const uint8_t *)out.at + out.len - 100, 100 };
    assert_int_equal(demux_next(&d, &input, &protocol, &got, &why), WIRE_OK);
    assert_bytes(got, bytes_of(&message));
    assert_int_equal(demux_next(&d, &input, &protocol, &got, &why), WIRE_CUT);
    assert_int_equal(demux_held_bytes(&d), 0);
    assert_int_equal(demux_next(&d, &begun, &protocol, &got, &why), WIRE_CUT);
    assert_in_range(demux_held_bytes(&d), 3, 65536);
    demux_release(&d);
    buffer_release(&message);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_interleave_and_share_messages_in_any_pieces),
        cmocka_unit_test(test_what_is_no_frame_of_the_peer_is_refused),
        cmocka_unit_test(test_a_string_longer_than_the_limit_is_refused_by_its_head),
        cmocka_unit_test(test_items_beyond_the_limit_are_refused_when_they_come),
        cmocka_unit_test(test_a_message_of_just_the_limit_is_taken),
        cmocka_unit_test(test_a_frame_has_begun_until_it_has_ended),
        cmocka_unit_test(test_memory_is_held_for_what_has_come_and_given_back),
        cmocka_unit_test(test_messages_go_out_in_frames_of_bounded_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
