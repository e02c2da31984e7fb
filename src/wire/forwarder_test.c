#include "wire/forwarder.h"

#include <stdlib.h>
#include <string.h>

#include "support/hex.h"
#include "support/test.h"

/* Frames of a collector that listens, and what ours answers, without stamps. */
#define FRAME(protocol, length) "00000000 800" #protocol " " length " "
#define ACCEPT FRAME(0, "0004") "83010107"
#define ASK_OBJECTS FRAME(2, "0006") "8301f5820003"
#define ASK_NOW FRAME(2, "0006") "8301f4820003"
#define OBJECTS_DONE FRAME(2, "0002") "8102"
#define ASK_METRICS FRAME(1, "0004") "82008100"
#define ASK_DATA_POINTS FRAME(3, "000a") "82019f 6161 6162 6163 ff"
#define OURS(protocol, length) "00000000 000" #protocol " " length " "
#define PROPOSAL OURS(0, "0005") "8200a10107"

/* A session and an owner with so many objects (numbers), of which one is handed out at a time. */
struct bench {
    struct forwarder_session *session;
    struct ou_error err;
    size_t objects, taken, confirmed, most;
    size_t metrics_asked;
    size_t metrics_bytes; /* 0: the usual answer */
};

static size_t take(void *context, size_t most, struct buffer *out)
{
    struct bench *bench = context;

    bench->most = most;
    if (bench->taken == bench->objects)
        return 0;
    cbor_put_uint(out, bench->taken++);
    return 1;
}

static void confirmed(void *context)
{
    struct bench *bench = context;

    bench->confirmed++;
}

static void metrics(void *context, enum ekg_wanted wanted, struct ekg_list names,
                    struct buffer *out)
{
    struct bench *bench = context;

    (void)names;
    assert_int_equal(wanted, EKG_ALL);
    bench->metrics_asked++;
    ekg_response_open(out, 0);
    for (size_t i = 0; i < bench->metrics_bytes; i += 1 << 20)
        buffer_append(out, repeated(0, 1 << 20).at, 1 << 20);
    ekg_response_close(out, 0);
}

static bool data_point(void *context, struct span name, struct buffer *out)
{
    (void)context;
    if (span_is(name, "a"))
        buffer_text(out, "{}");
    return !span_is(name, "c");
}

static void bench_open(struct bench *bench, bool connected)
{
    *bench = (struct bench){ 0 };

    struct forwarder_source source = { bench, take, confirmed, metrics, data_point };

    bench->session = forwarder_session_new(connected, 7, &source);
    assert_non_null(bench->session);
}

static enum ou_status receive(struct bench *bench, const char *hex)
{
    return forwarder_session_receive(bench->session, from_hex(hex), 0, &bench->err);
}

/* The output is just this; it is taken off. */
static void assert_sends(struct bench *bench, const char *hex)
{
    struct bytes out = forwarder_session_output(bench->session);

    assert_bytes(out, from_hex(hex));
    forwarder_session_sent(bench->session, out.count);
}

/* A session whose handshake is done. */
static void bench_agreed(struct bench *bench)
{
    bench_open(bench, true);
    assert_sends(bench, PROPOSAL);
    assert_false(forwarder_session_is_agreed(bench->session));
    assert_int_equal(receive(bench, ACCEPT), OU_OK);
    assert_true(forwarder_session_is_agreed(bench->session));
}

static void test_a_blocking_request_waits_until_there_is_an_object(void **state)
{
    struct bench bench;

    (void)state;
    bench_agreed(&bench);
    assert_int_equal(receive(&bench, ASK_OBJECTS), OU_OK);
    assert_int_equal(bench.most, 3);
    assert_sends(&bench, "");
    assert_true(forwarder_session_is_drained(bench.session));
    assert_int_equal(forwarder_session_wake(bench.session, 0, &bench.err), OU_OK);
    assert_sends(&bench, "");
    bench.objects = 1;
    assert_int_equal(forwarder_session_wake(bench.session, 0, &bench.err), OU_OK);
    assert_sends(&bench, OURS(2, "0005") "82039f00ff");
    assert_false(forwarder_session_is_drained(bench.session));
    /* Without a request nothing is handed out. */
    bench.objects = 2;
    assert_int_equal(forwarder_session_wake(bench.session, 0, &bench.err), OU_OK);
    assert_sends(&bench, "");
    assert_int_equal(bench.taken, 1);
    forwarder_session_free(bench.session);
}

static void test_a_request_that_does_not_block_is_answered_at_once(void **state)
{
    struct bench bench;

    (void)state;
    bench_agreed(&bench);
    assert_int_equal(receive(&bench, ASK_NOW), OU_OK);
    assert_sends(&bench, OURS(2, "0003") "820380");
    bench.objects = 1;
    assert_int_equal(receive(&bench, ASK_NOW), OU_OK);
    assert_sends(&bench, OURS(2, "0005") "82039f00ff");
    assert_int_equal(bench.confirmed, 0); /* of the empty reply there is nothing to confirm */
    assert_int_equal(receive(&bench, ASK_NOW), OU_OK);
    assert_int_equal(bench.confirmed, 1);
    forwarder_session_free(bench.session);
}

static void test_the_next_word_on_the_protocol_is_the_receipt(void **state)
{
    struct bench bench;

    (void)state;
    bench_agreed(&bench);
    bench.objects = 2;
    assert_int_equal(receive(&bench, ASK_OBJECTS), OU_OK);
    assert_sends(&bench, OURS(2, "0005") "82039f00ff");
    /* Other protocols say nothing about the objects. */
    assert_int_equal(receive(&bench, ASK_METRICS), OU_OK);
    assert_int_equal(bench.confirmed, 0);
    assert_int_equal(receive(&bench, ASK_OBJECTS), OU_OK);
    assert_int_equal(bench.confirmed, 1);
    forwarder_session_sent(bench.session, forwarder_session_output(bench.session).count);
    assert_false(forwarder_session_has_ended(bench.session));
    assert_int_equal(receive(&bench, OBJECTS_DONE), OU_OK);
    assert_int_equal(bench.confirmed, 2);
    assert_true(forwarder_session_has_ended(bench.session));
    forwarder_session_free(bench.session);
}

static void test_metrics_and_data_points_are_answered_while_a_request_is_open(void **state)
{
    struct bench bench;

    (void)state;
    bench_agreed(&bench);
    assert_int_equal(receive(&bench, ASK_OBJECTS ASK_METRICS ASK_DATA_POINTS), OU_OK);
    /* a is known, b is known and empty, c is unknown. */
    assert_sends(&bench, OURS(1, "0005") "8201820080" OURS(
                             3, "0018") "82039f 826161 815f427b7dff 826162 815f40ff 826163 80 ff");
    forwarder_session_free(bench.session);
}

static void test_a_side_that_listened_answers_the_proposal(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, false);
    assert_sends(&bench, "");
    assert_int_equal(receive(&bench, "00000000 0000 0005 8200a10107"), OU_OK);
    assert_sends(&bench, "00000000 8000 0004 83010107");
    assert_true(forwarder_session_is_agreed(bench.session));
    assert_int_equal(receive(&bench, "00000000 0001 0004 82008100"), OU_OK);
    assert_sends(&bench, "00000000 8001 0005 8201820080");
    forwarder_session_free(bench.session);
}

static void test_a_refusal_goes_out_before_the_end(void **state)
{
    struct bench bench;
    struct bytes out;

    (void)state;
    bench_open(&bench, false);
    assert_int_equal(receive(&bench, "00000000 0000 0005 8200a10108"), OU_INVALID);
    assert_non_null(strstr(bench.err.text, "here and 8 there"));
    assert_false(forwarder_session_is_agreed(bench.session));
    out = forwarder_session_output(bench.session);
    assert_memory_equal(out.at + MUX_HEADER_BYTES, from_hex("82028302").at, 4);
    /* Nothing is taken any more. */
    assert_int_equal(receive(&bench, "00000000 0000 0005 8200a10107"), OU_INVALID);
    assert_false(forwarder_session_is_agreed(bench.session));
    forwarder_session_free(bench.session);
}

static void test_a_peer_that_breaks_the_protocol_is_told_apart(void **state)
{
    static const struct {
        bool agreed;
        const char *hex, *why;
    } rows[] = {
        { false, ASK_OBJECTS, "before the handshake" },
        { true, ACCEPT, "second handshake" },
        { true, FRAME(2, "0006") "8301f5820000", "a blocking request for no objects" },
        { true, ASK_OBJECTS ASK_OBJECTS, "out of turn, in state Blocking" },
        { true, ASK_OBJECTS OBJECTS_DONE, "out of turn, in state Blocking" },
        { true, FRAME(2, "0003") "820380", "out of turn, in state Idle" },
        { true, FRAME(1, "0005") "8201820080", "out of turn, in state Idle" },
        { true, FRAME(3, "0003") "820380", "out of turn, in state Idle" },
        { true, OBJECTS_DONE ASK_OBJECTS, "out of turn, in state Done" },
        /* The answer cannot have been seen: it is still here. */
        { true, ASK_METRICS ASK_METRICS, "before the answer to the last one was sent" },
        { true, ASK_NOW ASK_NOW, "before the answer to the last one was sent" },
        { true, ASK_DATA_POINTS ASK_DATA_POINTS, "before the answer to the last one was sent" },
        { true, FRAME(2, "0002") "8104",
          "TraceForward: a message that the protocol does not have" },
        { true, FRAME(1, "0002") "8100", "EKGForward: a message that the protocol does not have" },
        { true, FRAME(3, "0002") "8104", "DataPoint: a message that the protocol does not have" },
        { true, "00000000 0002 0006 8301f5820003", "wrong direction" },
        { true, FRAME(3, "0005") "5a00100000", "a message above the limit" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench bench;

        if (rows[i].agreed)
            bench_agreed(&bench);
        else
            bench_open(&bench, true);
        assert_int_equal(receive(&bench, rows[i].hex), OU_INVALID);
        assert_non_null(strstr(bench.err.text, rows[i].why));
        forwarder_session_free(bench.session);
    }
}

static void test_an_answer_above_the_limit_ends_the_connection(void **state)
{
    struct bench bench;

    (void)state;
    bench_agreed(&bench);
    bench.metrics_bytes = PROTOCOL_REPLY_BYTES;
    assert_int_equal(receive(&bench, ASK_METRICS), OU_TOO_LARGE);
    assert_sends(&bench, "");
    forwarder_session_free(bench.session);
}

static void test_output_may_leave_in_pieces_of_any_size(void **state)
{
    struct bytes ask = from_hex(ASK_NOW);

    (void)state;
    for (size_t piece = 1; piece < 60; piece++) {
        struct bench bench;
        struct buffer sent;

        buffer_init(&sent, allocator_libc(), 1 << 16);
        bench_agreed(&bench);
        bench.objects = 100;
        for (size_t round = 0; round < 100; round++) {
            struct bytes out;

            assert_int_equal(forwarder_session_receive(bench.session, ask, 0, &bench.err), OU_OK);
            while ((out = forwarder_session_output(bench.session)).count > 0) {
                size_t count = out.count < piece ? out.count : piece;

                buffer_append(&sent, out.at, count);
                forwarder_session_sent(bench.session, count);
            }
        }
        assert_int_equal(bench.confirmed, 99);
        assert_int_equal(sent.len, 24 * 13 + 76 * 14); /* numbers above 23 take a byte more */
        buffer_release(&sent);
        forwarder_session_free(bench.session);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_blocking_request_waits_until_there_is_an_object),
        cmocka_unit_test(test_a_request_that_does_not_block_is_answered_at_once),
        cmocka_unit_test(test_the_next_word_on_the_protocol_is_the_receipt),
        cmocka_unit_test(test_metrics_and_data_points_are_answered_while_a_request_is_open),
        cmocka_unit_test(test_a_side_that_listened_answers_the_proposal),
        cmocka_unit_test(test_a_refusal_goes_out_before_the_end),
        cmocka_unit_test(test_a_peer_that_breaks_the_protocol_is_told_apart),
        cmocka_unit_test(test_an_answer_above_the_limit_ends_the_connection),
        cmocka_unit_test(test_output_may_leave_in_pieces_of_any_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
