#include "wire/mux.h"

#include "wire/hex_test.h"

static void test_headers_are_read_and_written(void **state)
{
    static const struct {
        const char *hex;
        struct mux_header header;
    } rows[] = {
        { "00000000 0000 0011", { 0, 0, false, 17 } }, /* a proposal of 17 bytes, its answer of 9 */
        { "00000000 8000 0009", { 0, 0, true, 9 } },
        { "deadbeef 8002 ffff", { 0xdeadbeef, 2, true, 65535 } },
        { "00000001 7fff 0001", { 1, 32767, false, 1 } },
    };
    const char *why = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer bytes = hex_buffer(rows[i].hex);
        struct mux_header got;
        uint8_t again[MUX_HEADER_BYTES];

        for (size_t cut = 0; cut < MUX_HEADER_BYTES; cut++) {
            struct bytes part = { (const uint8_t *)bytes.at, cut };

            assert_int_equal(mux_header_read(part, &got, &why), WIRE_CUT);
        }
        assert_int_equal(mux_header_read(bytes_of(&bytes), &got, &why), WIRE_OK);
        assert_int_equal(got.timestamp_us, rows[i].header.timestamp_us);
        assert_int_equal(got.protocol, rows[i].header.protocol);
        assert_int_equal(got.from_responder, rows[i].header.from_responder);
        assert_int_equal(got.bytes, rows[i].header.bytes);
        mux_header_write(rows[i].header, again);
        assert_memory_equal(again, bytes.at, sizeof again);
        buffer_release(&bytes);
    }
}

static void test_a_frame_of_no_bytes_is_refused(void **state)
{
    struct buffer bytes = hex_buffer("00000000 0002 0000");
    struct mux_header got;
    const char *why = NULL;

    (void)state;
    assert_int_equal(mux_header_read(bytes_of(&bytes), &got, &why), WIRE_BAD);
    assert_string_equal(why, "a frame of no bytes");
    buffer_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers_are_read_and_written),
        cmocka_unit_test(test_a_frame_of_no_bytes_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
