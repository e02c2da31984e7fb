/* CBOR against the examples of RFC 8949, appendix A, and against what they do not have: input that
 * is cut, wrong or deep. */
#include "wire/cbor.h"

#include <jansson.h>

#include "support/files.h"
#include "support/guard.h"
#include "support/test.h"

#define VECTORS "real/c-protocol/rfc8949-appendix_a.json"

static struct buffer from_hex(const char *hex)
{
    struct buffer b;
    unsigned byte;

    buffer_init(&b, allocator_libc(), 1 << 20);
    for (; *hex; hex += 2) {
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        buffer_char(&b, (char)byte);
    }
    return b;
}

static enum wire_result scan_all(const void *at, size_t count, size_t *ret_used)
{
    struct cbor_scan scan = { 0 };
    const char *why = NULL;
    enum wire_result result =
        cbor_scan(&scan, (struct bytes){ (const uint8_t *)at, count }, ret_used, &why);

    assert_true((result == WIRE_OK) == (why == NULL));
    return result;
}

/* --- Values ---------------------------------------------------------------------- */

/* Reads an item and writes it again in the shortest form, lists and maps of known length. Returns
 * whether it has only what the cursor takes one by one. */
static bool copy_item(struct cbor *c, struct buffer *b);

static bool copy_run(struct cbor *c, struct buffer *b, bool map)
{
    struct cbor_run run = map ? cbor_map(c) : cbor_list(c);
    struct buffer inner;
    uint64_t count = 0;
    bool known = true;

    buffer_init(&inner, allocator_libc(), 1 << 20);
    for (; cbor_more(c, &run); count++) {
        known = copy_item(c, &inner) && known;
        if (map)
            known = copy_item(c, &inner) && known;
    }
    if (map)
        cbor_put_map(b, count);
    else
        cbor_put_list(b, count);
    cbor_put_raw(b, bytes_of(&inner));
    buffer_release(&inner);
    return known;
}

/* What comes next, strings in pieces among what the cursor only passes over. */
static enum cbor_kind kind_of(const struct cbor *c)
{
    enum cbor_kind kind = cbor_peek(c);
    bool string = kind == CBOR_BYTES || kind == CBOR_TEXT;

    return string && (*c->at & 31) == 31 ? CBOR_OTHER : kind;
}

static bool copy_item(struct cbor *c, struct buffer *b)
{
    switch (kind_of(c)) {
    case CBOR_UINT: cbor_put_uint(b, cbor_uint(c)); return true;
    case CBOR_BYTES: cbor_put_bytes(b, cbor_bytes(c)); return true;
    case CBOR_TEXT: cbor_put_text(b, cbor_text(c)); return true;
    case CBOR_LIST: return copy_run(c, b, false);
    case CBOR_MAP: return copy_run(c, b, true);
    case CBOR_TAG: cbor_put_tag(b, cbor_tag(c)); return copy_item(c, b);
    case CBOR_BOOL: cbor_put_bool(b, cbor_bool(c)); return true;
    case CBOR_NULL:
        cbor_null(c);
        cbor_put_null(b);
        return true;
    default: cbor_put_raw(b, cbor_skip(c)); return false;
    }
}

/* Compares with the value that the RFC gives, where the cursor can take it. */
static void assert_value(struct cbor *c, const json_t *expected)
{
    struct span text;
    struct cbor_run run;
    size_t count = 0;

    switch (kind_of(c)) {
    case CBOR_UINT: assert_true((double)cbor_uint(c) == json_real_value(expected)); return;
    case CBOR_TEXT:
        text = cbor_text(c);
        assert_int_equal(text.len, json_string_length(expected));
        assert_memory_equal(text.at, json_string_value(expected), text.len);
        return;
    case CBOR_BOOL: assert_int_equal(cbor_bool(c), json_is_true(expected)); return;
    case CBOR_NULL:
        cbor_null(c);
        assert_true(json_is_null(expected));
        return;
    case CBOR_LIST:
        run = cbor_list(c);
        for (; cbor_more(c, &run); count++)
            assert_value(c, json_array_get(expected, count));
        assert_int_equal(count, json_array_size(expected));
        return;
    case CBOR_MAP:
        run = cbor_map(c);
        for (; cbor_more(c, &run); count++) {
            text = cbor_text(c);
            assert_value(c, json_object_getn(expected, text.at, text.len));
        }
        assert_int_equal(count, json_object_size(expected));
        return;
    default: (void)cbor_skip(c); return; /* negative numbers, floats, strings in pieces */
    }
}

static void check_vector(const json_t *vector)
{
    struct buffer item = from_hex(json_string_value(json_object_get(vector, "hex")));
    struct guarded edge = guard_copy(item.at, item.len);
    const json_t *decoded = json_object_get(vector, "decoded");
    struct cbor c = cbor_open((struct bytes){ (const uint8_t *)edge.at, edge.len });
    struct buffer again;
    size_t used = 0;

    if (strcmp(json_string_value(json_object_get(vector, "hex")), "f818") == 0) {
        /* The list is of the RFC before (7049), which allowed simple(24); 8949 does not. */
        assert_int_equal(scan_all(edge.at, edge.len, &used), WIRE_BAD);
        buffer_release(&item);
        guard_release(&edge);
        return;
    }
    for (size_t len = 0; len < edge.len; len++)
        assert_int_equal(scan_all(edge.at, len, &used), WIRE_CUT);
    assert_int_equal(scan_all(edge.at, edge.len, &used), WIRE_OK);
    assert_int_equal(used, edge.len);

    buffer_init(&again, allocator_libc(), 1 << 20);
    (void)copy_item(&c, &again);
    assert_true(cbor_at_end(&c));
    if (json_is_true(json_object_get(vector, "roundtrip")))
        assert_true(bytes_equal(bytes_of(&again), bytes_of(&item)));
    c = cbor_open(bytes_of(&item));
    if (decoded && !(json_is_object(decoded) && cbor_peek(&c) == CBOR_MAP &&
                     cbor_open(bytes_of(&item)).at[1] < 0x60)) { /* keys that are no text */
        assert_value(&c, decoded);
        assert_true(cbor_at_end(&c));
    }
    buffer_release(&again);
    buffer_release(&item);
    guard_release(&edge);
}

static void test_the_examples_of_the_rfc_are_read_and_written_again(void **state)
{
    /* Some integers are above 63 bits, where jansson has reals only. */
    json_t *vectors = json_load_file(shared_data(VECTORS), JSON_DECODE_INT_AS_REAL, NULL);

    (void)state;
    assert_int_equal(json_array_size(vectors), 80);
    for (size_t i = 0; i < json_array_size(vectors); i++)
        check_vector(json_array_get(vectors, i));
    json_decref(vectors);
}

/* A few of them, for checkouts without the shared data. */
static void test_numbers_have_the_shortest_heads(void **state)
{
    static const struct {
        uint64_t value;
        const char *hex;
    } rows[] = {
        { 0, "00" },
        { 23, "17" },
        { 24, "1818" },
        { 255, "18ff" },
        { 256, "190100" },
        { 65535, "19ffff" },
        { 65536, "1a00010000" },
        { UINT32_MAX, "1affffffff" },
        { UINT64_C(1) << 32, "1b0000000100000000" },
        { UINT64_MAX, "1bffffffffffffffff" },
    };
    struct buffer b;

    (void)state;
    buffer_init(&b, allocator_libc(), 64);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer expected = from_hex(rows[i].hex);
        struct cbor c;

        buffer_clear(&b);
        cbor_put_uint(&b, rows[i].value);
        assert_true(bytes_equal(bytes_of(&b), bytes_of(&expected)));
        assert_int_equal(cbor_head_bytes(rows[i].value), b.len);
        c = cbor_open(bytes_of(&b));
        assert_true(cbor_uint(&c) == rows[i].value && cbor_at_end(&c));
        buffer_release(&expected);
    }
    buffer_release(&b);
}

static void test_negative_numbers_and_open_containers_are_written(void **state)
{
    struct buffer b, expected = from_hex("9f3903e7bf6161f4fff6ff");

    (void)state;
    buffer_init(&b, allocator_libc(), 64);
    cbor_put_list_open(&b);
    cbor_put_negative(&b, 999); /* -1000 */
    cbor_put_map_open(&b);
    cbor_put_text(&b, span_of("a"));
    cbor_put_bool(&b, false);
    cbor_put_break(&b);
    cbor_put_null(&b);
    cbor_put_break(&b);
    assert_true(bytes_equal(bytes_of(&b), bytes_of(&expected)));
    buffer_release(&b);
    buffer_release(&expected);
}

/* --- Refusals ---------------------------------------------------------------------- */

static void assert_bad(const char *hex)
{
    struct buffer b = from_hex(hex);
    struct cbor c = cbor_open(bytes_of(&b));
    size_t used = 0;

    assert_int_equal(scan_all(b.at, b.len, &used), WIRE_BAD);
    assert_int_equal(cbor_skip(&c).count, 0);
    assert_int_equal(c.result, WIRE_BAD);
    assert_non_null(c.why);
    buffer_release(&b);
}

static void test_what_is_no_cbor_is_refused(void **state)
{
    static const char *const rows[] = {
        "1c",
        "1f",
        "3d",
        "3f", /* heads that mean nothing */
        "5e",
        "9c",
        "dc",
        "df",
        "fc",
        "f800",
        "f81f", /* a simple value in too many bytes */
        "ff",
        "82ff",
        "c1ff", /* breaks out of place */
        "a1ff",
        "bf00ff",
        "9fc1ff", /* between a key and its value, in a tag */
        "5f6161ff",
        "7f4161ff",
        "5f00ff", /* other pieces */
        "5f5f4100",
        "7f7f616100", /* pieces within pieces */
        "9bffffffffffffffff",
        "bb8000000000000000", /* lengths beyond all bounds */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_bad(rows[i]);
}

static void test_depth_is_bounded(void **state)
{
    uint8_t nested[CBOR_DEPTH + 2];
    size_t used = 0;

    (void)state;
    memset(nested, 0x81, sizeof nested);
    nested[CBOR_DEPTH] = 0;
    assert_int_equal(scan_all(nested, CBOR_DEPTH + 1, &used), WIRE_OK);
    nested[CBOR_DEPTH] = 0x81;
    assert_int_equal(scan_all(nested, sizeof nested, &used), WIRE_BAD);
}

static void test_the_first_failure_sticks(void **state)
{
    static const uint8_t input[] = { 0x41, 0x07, 0x05, 0x05 };
    struct cbor c = cbor_open((struct bytes){ input, sizeof input });
    struct cbor_run run;
    uint8_t fixed[2] = { 9, 9 };

    (void)state;
    assert_int_equal(cbor_uint(&c), 0); /* a string it is */
    assert_int_equal(c.result, WIRE_BAD);
    cbor_refuse(&c, "a later reason");
    assert_string_not_equal(c.why, "a later reason");
    assert_int_equal(cbor_bytes(&c).count, 0);
    cbor_fixed(&c, sizeof fixed, fixed);
    assert_int_equal(fixed[0] + fixed[1], 0);
    run = cbor_list(&c);
    assert_false(cbor_more(&c, &run));
    assert_int_equal(cbor_peek(&c), CBOR_OTHER);
    assert_false(cbor_at_end(&c));
    assert_ptr_equal(c.at, input);
}

static void test_each_taker_wants_its_kind_and_its_bytes(void **state)
{
    static const uint8_t list[] = { 0x83, 0x01, 0x02 };
    uint8_t hash[2];
    struct cbor c;

    (void)state;
#define TAKES(hex_, take, expected)           \
    do {                                      \
        struct buffer b = from_hex(hex_);     \
        c = cbor_open(bytes_of(&b));          \
        take;                                 \
        assert_int_equal(c.result, expected); \
        buffer_release(&b);                   \
    } while (0)
    TAKES("", (void)cbor_uint(&c), WIRE_CUT);
    TAKES("", (void)cbor_bool(&c), WIRE_CUT);
    TAKES("", (void)cbor_skip(&c), WIRE_CUT);
    TAKES("19ff", (void)cbor_uint(&c), WIRE_CUT);
    TAKES("20", (void)cbor_uint(&c), WIRE_BAD);
    TAKES("05", (void)cbor_uint_below(&c, 6, "six"), WIRE_OK);
    TAKES("06", (void)cbor_uint_below(&c, 6, "six"), WIRE_BAD);
    TAKES("f6", (void)cbor_bool(&c), WIRE_BAD);
    TAKES("fa", (void)cbor_float(&c), WIRE_CUT);
    TAKES("f4", (void)cbor_float(&c), WIRE_BAD);
    TAKES("01", (void)cbor_float(&c), WIRE_BAD);
    TAKES("61ff", (void)cbor_utf8(&c), WIRE_BAD);
    TAKES("5f", cbor_bytes_joined(&c, NULL), WIRE_CUT);
    TAKES("5f6161ff", cbor_bytes_joined(&c, NULL), WIRE_BAD);
    TAKES("f5", cbor_null(&c), WIRE_BAD);
    TAKES("4201", (void)cbor_bytes(&c), WIRE_CUT);
    TAKES("5f4101ff", (void)cbor_bytes(&c), WIRE_BAD); /* in pieces */
    TAKES("4201ff", cbor_fixed(&c, 2, hash), WIRE_OK);
    TAKES("4201", cbor_fixed(&c, 2, hash), WIRE_CUT);
    TAKES("43", cbor_fixed(&c, 2, hash), WIRE_BAD); /* more bytes do not make it right */
    TAKES("4161", (void)cbor_text(&c), WIRE_BAD);
    TAKES("d818", (void)cbor_tag(&c), WIRE_OK);
    TAKES("8101", cbor_list_of(&c, 1), WIRE_OK);
    TAKES("8101", cbor_list_of(&c, 2), WIRE_BAD);
    TAKES("9f01ff", cbor_list_of(&c, 1), WIRE_BAD);
#undef TAKES
    c = cbor_open((struct bytes){ list, sizeof list });
    assert_int_equal(cbor_skip(&c).count, 0);
    assert_int_equal(c.result, WIRE_CUT);
}

/* Floats of appendix A of the RFC, and the numbers at the ends of 64 bits. */
static void test_numbers_of_either_sign_and_floats_are_taken(void **state)
{
    static const struct {
        const char *hex;
        double value;
    } floats[] = {
        { "f90000", 0 },
        { "f93c00", 1 },
        { "f97bff", 65504 },
        { "f90001", 5.960464477539063e-8 },
        { "f90400", 0.00006103515625 },
        { "f9c400", -4 },
        { "fa47c35000", 100000 },
        { "fb3ff199999999999a", 1.1 },
        { "fbc010666666666666", -4.1 },
    };
    static const struct {
        const char *hex;
        int64_t value;
        bool fits;
    } ints[] = {
        { "00", 0, true },
        { "20", -1, true },
        { "3903e7", -1000, true },
        { "1b7fffffffffffffff", INT64_MAX, true },
        { "3b7fffffffffffffff", INT64_MIN, true },
        { "1b8000000000000000", 0, false },
        { "3bffffffffffffffff", 0, false },
    };
    struct buffer again;

    (void)state;
    buffer_init(&again, allocator_libc(), 16);
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
        struct buffer b = from_hex(floats[i].hex);
        struct cbor c = cbor_open(bytes_of(&b));

        assert_true(cbor_float(&c) == floats[i].value && cbor_at_end(&c));
        buffer_release(&b);
    }
    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++) {
        struct buffer b = from_hex(ints[i].hex);
        struct cbor c = cbor_open(bytes_of(&b));

        assert_true(cbor_int(&c) == ints[i].value);
        assert_int_equal(cbor_at_end(&c), ints[i].fits);
        buffer_clear(&again);
        cbor_put_int(&again, ints[i].value);
        assert_true(!ints[i].fits || bytes_equal(bytes_of(&again), bytes_of(&b)));
        buffer_release(&b);
    }
    buffer_release(&again);
}

static void test_a_byte_string_in_pieces_is_joined(void **state)
{
    static const char *const rows[] = { "43010203", "5f43010203ff", "5f4101404202035800ff" };
    struct buffer joined, pieces = from_hex("5f4101ff");
    struct cbor c;

    (void)state;
    buffer_init(&joined, allocator_libc(), 3);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer b = from_hex(rows[i]);

        c = cbor_open(bytes_of(&b));
        buffer_clear(&joined);
        cbor_bytes_joined(&c, &joined);
        assert_true(cbor_at_end(&c));
        assert_string_equal(buffer_string(&joined), "\1\2\3");
        c = cbor_open(bytes_of(&b));
        cbor_bytes_joined(&c, NULL);
        assert_true(cbor_at_end(&c));
        buffer_release(&b);
    }
    for (size_t cut = 0; cut < pieces.len; cut++) {
        c = cbor_open((struct bytes){ (const uint8_t *)pieces.at, cut });
        cbor_bytes_joined(&c, NULL);
        assert_int_equal(c.result, WIRE_CUT);
    }
    buffer_release(&pieces);
    buffer_release(&joined);
}

static void test_heads_may_be_longer_than_needed(void **state)
{
    static const uint8_t long_seven[] = { 0x1b, 0, 0, 0, 0, 0, 0, 0, 7 };
    struct cbor c = cbor_open((struct bytes){ long_seven, sizeof long_seven });

    (void)state;
    assert_int_equal(cbor_uint(&c), 7);
    assert_true(cbor_at_end(&c));
}

/* --- Pieces ------------------------------------------------------------------------ */

static void test_the_end_is_the_same_wherever_input_is_split(void **state)
{
    /* Two items; the scan is to stop behind the first: a list of a string in pieces, a map, a
     * tagged string, a number with a long head. */
    struct buffer b = from_hex("9f5f42010243030405ffbf616101ffd81842aabb1b0000000100000000ff07");
    size_t whole = b.len - 1;

    (void)state;
    for (size_t first = 0; first <= whole; first++)
        for (size_t second = first; second <= whole; second++) {
            struct bytes pieces[] = { { (const uint8_t *)b.at, first },
                                      { (const uint8_t *)b.at + first, second - first },
                                      { (const uint8_t *)b.at + second, b.len - second } };
            struct cbor_scan scan = { 0 };
            enum wire_result result = WIRE_CUT;
            const char *why = NULL;
            size_t used, total = 0;

            for (size_t i = 0; i < 3 && result == WIRE_CUT; i++, total += used)
                result = cbor_scan(&scan, pieces[i], &used, &why);
            assert_int_equal(result, WIRE_OK);
            assert_int_equal(total, whole);
        }
    buffer_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_examples_of_the_rfc_are_read_and_written_again),
        cmocka_unit_test(test_numbers_have_the_shortest_heads),
        cmocka_unit_test(test_negative_numbers_and_open_containers_are_written),
        cmocka_unit_test(test_what_is_no_cbor_is_refused),
        cmocka_unit_test(test_depth_is_bounded),
        cmocka_unit_test(test_the_first_failure_sticks),
        cmocka_unit_test(test_each_taker_wants_its_kind_and_its_bytes),
        cmocka_unit_test(test_numbers_of_either_sign_and_floats_are_taken),
        cmocka_unit_test(test_a_byte_string_in_pieces_is_joined),
        cmocka_unit_test(test_heads_may_be_longer_than_needed),
        cmocka_unit_test(test_the_end_is_the_same_wherever_input_is_split),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
