/* Messages of forwarding as the Haskell libraries write them, among them one of each kind: each
 * is read, written again to the same bytes, cut at every byte, lengthened by one, and changed in
 * every byte. */
#include <stdio.h>
#include <stdlib.h>

#include "support/files.h"
#include "support/guard.h"
#include "support/hex.h"
#include "support/test.h"
#include "wire/forward_reader_test.h"
#include "wire/mux.h"

#define VECTORS "real/c-protocol/trace-forward-vectors.tsv"

/* One object of each shape; see the tests of trace objects for what stands in them. */
#define OBJECT_OF_2023                                                                \
    "89 00 81 626869 81 6a7b22736c6f74223a377d"                                       \
    "9f 65466f726765 644c6f6f70 6c4e6f646549734c6561646572 ff 8101 8101 d903e8 a2 01" \
    "1a641a9f34 2b 1b0000001cbb369200 626831 6a5468726561644964 2039"
#define LINE_OF_2026                                                                  \
    "{\"at\":\"2026-03-04T14:15:33.5Z\",\"ns\":\"Forge.Loop.NodeIsLeader\",\"data\":" \
    "{\"kind\":\"TraceNodeIsLeader\",\"slot\":7},\"sev\":\"Info\",\"thread\":\"9\",\"host\":\"h1\"}"

struct row {
    forward_reader *read;
    const char *hex;
};

static const struct row rows[] = {
    { read_handshake, "8200a1011a2d964a09" },   /* propose */
    { read_handshake, "8301011a2d964a09" },     /* accept */
    { read_handshake, "820282008101" },         /* refuse: versions */
    { read_handshake, "8202830201626e6f" },     /* refuse: "no" */
    { read_trace_forward, "8301f582001864" },   /* blocking, 100 */
    { read_trace_forward, "8301f482001864" },   /* not blocking */
    { read_trace_forward, "8301f5820019ffff" }, /* as many as can be asked for */
    { read_trace_forward, "8102" },             /* done */
    { read_trace_forward, "820380" },           /* no objects */
    { read_trace_forward, "82039f" OBJECT_OF_2023 "ff" },
    { read_trace_forward, "82039f" OBJECT_OF_2023 OBJECT_OF_2023 "ff" },
    { read_ekg, "82008100" },
    { read_ekg, "82008102" },
    { read_ekg, "8101" },
    { read_ekg, "820082019f6b736c6f744e756d5f696e74ff" },
    { read_ekg, "8201820080" },
    { read_ekg, "820182009f 826b736c6f744e756d5f696e74 8201182a"
                "82781c466f7267652e6e6f64652d69732d6c65616465725f636f756e746572 820003"
                "826178 82026161 ff" },
    { read_ekg, "820182009f 826161 820124 826162 82001b7fffffffffffffff"
                "826163 82013b7fffffffffffffff ff" }, /* the ends of 64 bits */
    { read_data_point, "820180" },
    { read_data_point, "8102" },
    { read_data_point, "820380" },
    { read_data_point, "82019f684e6f6465496e666fff" },
    { read_data_point, "82039f82684e6f6465496e666f815f4f7b226e694e616d65223a226e31227dffff" },
    { read_data_point, "82039f82684e6f6465496e666f80ff" },
};

static struct bytes row_bytes(size_t i)
{
    return from_hex(rows[i].hex);
}

/* Reads the bytes, placed at the edge of what can be read. */
static enum wire_result read_at_edge(forward_reader *read, struct bytes bytes, struct buffer *again,
                                     const char **ret_why)
{
    struct guarded edge = guard_copy(bytes.at, bytes.count);
    enum wire_result result;

    buffer_clear(again);
    result = read((struct bytes){ (const uint8_t *)edge.at, edge.len }, again, ret_why);
    guard_release(&edge);
    return result;
}

static struct buffer new_buffer(void)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), 1 << 20);
    return b;
}

static void test_messages_are_read_and_written_to_the_same_bytes(void **state)
{
    struct buffer again = new_buffer();
    const char *why = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(read_at_edge(rows[i].read, row_bytes(i), &again, &why), WIRE_OK);
        assert_bytes(bytes_of(&again), row_bytes(i));
    }
    buffer_release(&again);
}

static void test_the_line_of_2026_takes_209_bytes_and_comes_back(void **state)
{
    static const struct span name = { "Forge.Loop.NodeIsLeader", 23 };
    struct trace_object o = {
        .machine_kind = MACHINE_LINE,
        .machine = { LINE_OF_2026, sizeof LINE_OF_2026 - 1 },
        .name = { name },
        .name_count = 1,
        .severity = 1,
        .detail = 1,
        .seconds = 1772633733,
        .picoseconds = 500000000000,
        .host = { "h1", 2 },
        .thread = { "9", 1 },
    };
    struct bytes head = from_hex("82039f 8900 80 7891"),
                 tail = from_hex("9f77466f7267652e4c6f6f702e4e6f646549734c6561646572ff 8101 8101"
                                 "d903e8a2011a69a83e852b1b000000746a528800 626831 6139 ff");
    struct buffer b = new_buffer(), again = new_buffer();
    const char *why = NULL;

    (void)state;
    trace_reply_open(&b, 1);
    trace_object_write(&b, &o);
    trace_reply_close(&b, 1);
    assert_int_equal(b.len, 209);
    assert_memory_equal(b.at, head.at, head.count);
    assert_memory_equal(b.at + head.count, LINE_OF_2026, 145);
    assert_memory_equal(b.at + b.len - tail.count, tail.at, tail.count);
    assert_int_equal(read_at_edge(read_trace_forward, bytes_of(&b), &again, &why), WIRE_OK);
    assert_bytes(bytes_of(&again), bytes_of(&b));
    buffer_release(&b);
    buffer_release(&again);
}

static void test_every_prefix_asks_for_more(void **state)
{
    struct buffer again = new_buffer();
    const char *why = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes whole = row_bytes(i);

        for (size_t cut = 0; cut < whole.count; cut++)
            assert_int_equal(
                read_at_edge(rows[i].read, (struct bytes){ whole.at, cut }, &again, &why),
                WIRE_CUT);
    }
    buffer_release(&again);
}

static void test_a_byte_too_many_is_refused(void **state)
{
    struct buffer longer = new_buffer(), again = new_buffer();
    const char *why = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes whole = row_bytes(i);

        buffer_clear(&longer);
        buffer_append(&longer, whole.at, whole.count);
        buffer_char(&longer, '\0');
        assert_int_equal(read_at_edge(rows[i].read, bytes_of(&longer), &again, &why), WIRE_BAD);
        assert_string_equal(why, "bytes behind the message");
    }
    buffer_release(&longer);
    buffer_release(&again);
}

/* Whatever a changed message means: what is understood is written and understood again as the
 * same. */
static void check_changed(forward_reader *read, struct bytes bytes)
{
    struct buffer once = new_buffer(), twice = new_buffer();
    const char *why = NULL;

    if (read_at_edge(read, bytes, &once, &why) == WIRE_OK) {
        assert_int_equal(read_at_edge(read, bytes_of(&once), &twice, &why), WIRE_OK);
        assert_bytes(bytes_of(&twice), bytes_of(&once));
    } else {
        assert_non_null(why);
    }
    buffer_release(&once);
    buffer_release(&twice);
}

static void test_one_byte_changed_is_harmless(void **state)
{
    static const uint8_t masks[] = { 0x01, 0x02, 0x10, 0x20, 0x40, 0x80, 0x1f, 0xff };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes whole = row_bytes(i);
        struct buffer changed = new_buffer();

        buffer_append(&changed, whole.at, whole.count);
        for (size_t at = 0; at < whole.count; at++)
            for (size_t mask = 0; mask < sizeof masks; mask++) {
                changed.at[at] = (char)(whole.at[at] ^ masks[mask]);
                check_changed(rows[i].read, bytes_of(&changed));
                changed.at[at] = (char)whole.at[at];
            }
        buffer_release(&changed);
    }
}

static void test_lists_may_have_lengths_or_breaks(void **state)
{
    static const struct {
        forward_reader *read;
        const char *other, *usual;
    } pairs[] = {
        { read_trace_forward, "820381" OBJECT_OF_2023, "82039f" OBJECT_OF_2023 "ff" },
        { read_trace_forward, "82039fff", "820380" },
        { read_ekg, "8200820181 6161", "820082019f6161ff" },
        { read_ekg, "82018200 81 826161820003", "820182009f826161820003ff" },
        { read_ekg, "820182009fff", "8201820080" },
        { read_data_point, "8201816161", "82019f6161ff" },
        { read_data_point, "82019fff", "820180" },
        { read_data_point, "820381 826161 81 5f 4130 4131 ff", "82039f826161815f423031ffff" },
        { read_data_point, "820381 826161 81 423031", "82039f826161815f423031ffff" },
        { read_handshake, "8200bf011a2d964a09ff", "8200a1011a2d964a09" },
        { read_object, "8900 9f6161ff 9f6162ff 826163 6164 8100 8100 d903e8 bf 2b00 0100 ff 60 60",
          "8900 816161 816162 9f61636164ff 8100 8100 d903e8a201002b00 60 60" },
    };
    struct buffer again = new_buffer();
    const char *why = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct bytes other = from_hex(pairs[i].other), usual = from_hex(pairs[i].usual);

        assert_int_equal(read_at_edge(pairs[i].read, other, &again, &why), WIRE_OK);
        assert_bytes(bytes_of(&again), usual);
    }
    buffer_release(&again);
}

static void test_what_the_grammar_does_not_have_is_refused_with_a_reason(void **state)
{
    static const struct {
        forward_reader *read;
        const char *hex, *why;
    } bad[] = {
        { read_trace_forward, "8100", "a message that the protocol does not have" },
        { read_trace_forward, "8104", "a message that the protocol does not have" },
        { read_trace_forward, "820280", "a message of another length than its kind has" },
        { read_trace_forward, "9f02ff", "a message of another length than its kind has" },
        { read_trace_forward, "8301f58100", "a list of another length than expected" },
        { read_trace_forward, "8301f5820100", "a number of objects of an unknown form" },
        { read_trace_forward, "8301f582001a00010000", "more than 65535 objects" },
        { read_trace_forward, "8301 01 820000", "another kind of item than expected" },
        { read_trace_forward, "8203818000", "a list of another length than expected" },
        { read_ekg, "8202", "a message that the protocol does not have" },
        { read_ekg, "8100", "a message that the protocol does not have" },
        { read_ekg, "830000", "a message of another length than its kind has" },
        { read_ekg, "82008103", "a message that the protocol does not have" },
        { read_ekg, "8200820180", "a request for metrics by name without a name" },
        { read_ekg, "8201820180", "a message that the protocol does not have" },
        { read_ekg, "8201820081826161820300", "an unknown kind of metric" },
        { read_ekg, "8201820081826161 82001b8000000000000000", "a number beyond 64 bits" },
        { read_ekg, "8201820081826161 8200c24100", "another kind of item than expected" },
        { read_ekg, "820182008182 61ff 820000", "text that is not UTF-8" },
        { read_ekg, "8201820081836161820000 00", "a list of another length than expected" },
        { read_data_point, "8104", "a message that the protocol does not have" },
        { read_data_point, "82018161c3", "text that is not UTF-8" },
        { read_data_point, "820181 4161", "another kind of item than expected" },
        { read_data_point, "82038182616181 6161", "another kind of item than expected" },
        { read_data_point, "820381826161824130 4131", "a data point of more than one value" },
        { read_data_point, "820381826161815f6130ff", "another kind of item than expected" },
        { read_data_point, "82038182616181 5f 5f4130ffff", "a string in pieces" },
    };
    struct buffer again = new_buffer();

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *why = NULL;

        assert_int_equal(read_at_edge(bad[i].read, from_hex(bad[i].hex), &again, &why), WIRE_BAD);
        assert_string_equal(why, bad[i].why);
    }
    buffer_release(&again);
}

static void test_a_value_larger_than_the_room_is_a_failure(void **state)
{
    struct bytes message = from_hex("82039f 826161 815f 44 30303030 ff ff");
    struct data_point_message m;
    struct buffer small;
    struct span name;
    const char *why = NULL;
    bool known;

    (void)state;
    buffer_init(&small, allocator_libc(), 3);
    assert_int_equal(data_point_read(message, &m, &why), WIRE_OK);
    assert_false(data_point_values_next(&m.list, &name, &known, &small));
    assert_int_equal(m.list.at.result, WIRE_BAD);
    buffer_release(&small);
}

/* --- Vectors of other projects --------------------------------------------------------------- */

/* What a row of the table is; others (parts of messages, other protocols) have a case of their
 * own. */
static forward_reader *reader_of(struct span name)
{
    if (span_starts(name, "req-") || span_is(name, "done") || span_is(name, "reply-empty"))
        return read_trace_forward;
    if (span_is(name, "traceobject-minimal"))
        return read_object;
    if (span_starts(name, "ekg-"))
        return read_ekg;
    if (span_starts(name, "ntn-") || span_starts(name, "refuse-"))
        return read_handshake;
    return NULL;
}

static void check_mux_header(struct bytes bytes)
{
    uint8_t again[MUX_HEADER_BYTES];
    struct mux_header header;
    const char *why = NULL;

    assert_int_equal(mux_header_read(bytes, &header, &why), WIRE_OK);
    assert_int_equal(header.timestamp_us, 0xdeadbeef);
    assert_int_equal(header.protocol, FORWARD_PROTOCOL_TRACES);
    assert_false(header.from_responder);
    assert_int_equal(header.bytes, 66);
    mux_header_write(header, again);
    assert_bytes((struct bytes){ again, sizeof again }, bytes);
}

static void check_vector(struct span name, struct bytes bytes)
{
    forward_reader *read = reader_of(name);
    struct buffer again = new_buffer();
    const char *why = NULL;

    if (read) {
        assert_int_equal(read_at_edge(read, bytes, &again, &why), WIRE_OK);
        assert_bytes(bytes_of(&again), bytes);
    } else if (span_starts(name, "sdu-header")) {
        check_mux_header(bytes);
    } else {
        struct cbor c = cbor_open(bytes);

        assert_true(span_is(name, "severity-debug"));
        cbor_list_of(&c, 1);
        assert_int_equal(cbor_uint(&c), 0);
        assert_true(cbor_at_end(&c));
    }
    buffer_release(&again);
}

static void test_vectors_of_other_projects_are_read_and_written_again(void **state)
{
    FILE *file = fopen(shared_data(VECTORS), "r");
    char *line = NULL;
    size_t room = 0, count = 0;

    (void)state;
    assert_non_null(file);
    assert_true(getline(&line, &room, file) > 0); /* the heads of the columns */
    for (; getline(&line, &room, file) > 0; count++) {
        char *hex = strchr(line, '\t');

        assert_non_null(hex);
        *hex++ = '\0';
        *strchr(hex, '\t') = '\0';
        check_vector(span_of(line), from_hex(hex));
    }
    assert_int_equal(count, 10);
    free(line);
    (void)fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_are_read_and_written_to_the_same_bytes),
        cmocka_unit_test(test_the_line_of_2026_takes_209_bytes_and_comes_back),
        cmocka_unit_test(test_every_prefix_asks_for_more),
        cmocka_unit_test(test_a_byte_too_many_is_refused),
        cmocka_unit_test(test_one_byte_changed_is_harmless),
        cmocka_unit_test(test_lists_may_have_lengths_or_breaks),
        cmocka_unit_test(test_what_the_grammar_does_not_have_is_refused_with_a_reason),
        cmocka_unit_test(test_a_value_larger_than_the_room_is_a_failure),
        cmocka_unit_test(test_vectors_of_other_projects_are_read_and_written_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
