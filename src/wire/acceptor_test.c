#include "wire/acceptor.h"

#include <stdlib.h>
#include <string.h>

#include "support/hex.h"
#include "support/test.h"
#include "wire/forwarder.h"

enum { MAGIC = 7, ASKED = 50 };

#define OBJECT "8900 80 60 80 8100 8100 d903e8a201002b00 60 60"
#define FRAME(protocol, length) "00000000 000" #protocol " " length " "
#define PROPOSAL FRAME(0, "0005") "8200a10107"
#define OBJECTS FRAME(2, "0016") "820381" OBJECT
#define METRICS FRAME(1, "0005") "8201820080"
#define DATA_POINTS FRAME(3, "0003") "820380"
#define OURS(protocol, length) "00000000 800" #protocol " " length " "
#define REQUEST OURS(2, "0007") "8301f582001832"
#define OBJECTS_DONE OURS(2, "0002") "8102"
#define METRICS_DONE OURS(1, "0002") "8101"
#define DATA_POINTS_DONE OURS(3, "0002") "8102"

struct bench {
    struct acceptor_session *session;
    struct ou_error err;
    size_t agreed, objects, metrics, data_points;
};

static void on_agreed(void *context)
{
    ((struct bench *)context)->agreed++;
}

static void on_objects(void *context, struct bytes reply)
{
    assert_true(reply.count > 0);
    ((struct bench *)context)->objects++;
}

static void on_metrics(void *context, struct ekg_list metrics)
{
    (void)metrics;
    ((struct bench *)context)->metrics++;
}

static void on_data_points(void *context, struct data_point_list values)
{
    (void)values;
    ((struct bench *)context)->data_points++;
}

static void bench_open(struct bench *bench, bool connected)
{
    *bench = (struct bench){ 0 };

    struct acceptor_owner owner = { bench, on_agreed, on_objects, on_metrics, on_data_points };

    bench->session = acceptor_session_new(connected, MAGIC, 1000, &owner);
    assert_non_null(bench->session);
}

static enum ou_status receive(struct bench *bench, const char *hex)
{
    return acceptor_session_receive(bench->session, from_hex(hex), 0, &bench->err);
}

static void assert_sends(struct bench *bench, const char *hex)
{
    struct bytes out = acceptor_session_output(bench->session);

    assert_bytes(out, from_hex(hex));
    acceptor_session_sent(bench->session, out.count);
}

static void bench_agreed(struct bench *bench)
{
    bench_open(bench, false);
    assert_int_equal(receive(bench, PROPOSAL), OU_OK);
    assert_int_equal(bench->agreed, 1);
    assert_sends(bench, OURS(0, "0004") "83010107");
}

static bool ask_objects(struct bench *bench)
{
    return acceptor_session_ask_objects(bench->session, ASKED, 0);
}

static bool ask_metrics(struct bench *bench)
{
    return acceptor_session_ask_metrics(bench->session, EKG_UPDATED, 0);
}

static bool ask_data_points(struct bench *bench)
{
    static const struct span name = { "NodeInfo", 8 };

    return acceptor_session_ask_data_points(bench->session, &name, 1, 0);
}

static void test_nothing_is_asked_before_the_handshake(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench, true);
    assert_sends(&bench, FRAME(0, "0005") "8200a10107");
    assert_false(ask_objects(&bench) || ask_metrics(&bench) || ask_data_points(&bench));
    acceptor_session_finish(bench.session, 0);
    assert_sends(&bench, "");
    acceptor_session_free(bench.session);
}

static void test_each_protocol_has_one_request_open(void **state)
{
    struct bench bench;

    (void)state;
    bench_agreed(&bench);
    assert_true(ask_objects(&bench) && ask_metrics(&bench) && ask_data_points(&bench));
    assert_sends(&bench,
                 REQUEST OURS(1, "0004") "82008102" OURS(3, "000d") "82019f684e6f6465496e666fff");
    assert_false(ask_objects(&bench) || ask_metrics(&bench) || ask_data_points(&bench));
    assert_int_equal(receive(&bench, DATA_POINTS OBJECTS METRICS), OU_OK);
    assert_int_equal(bench.objects + bench.metrics + bench.data_points, 3);
    assert_true(ask_objects(&bench) && ask_metrics(&bench) && ask_data_points(&bench));
    acceptor_session_free(bench.session);
}

static void test_done_waits_for_what_is_open(void **state)
{
    struct bench bench;

    (void)state;
    bench_agreed(&bench);
    assert_true(ask_objects(&bench) && ask_metrics(&bench));
    acceptor_session_sent(bench.session, acceptor_session_output(bench.session).count);
    acceptor_session_finish(bench.session, 0);
    assert_sends(&bench, DATA_POINTS_DONE);
    assert_false(ask_metrics(&bench) || ask_data_points(&bench));
    assert_int_equal(receive(&bench, METRICS), OU_OK);
    assert_sends(&bench, METRICS_DONE);
    assert_int_equal(receive(&bench, OBJECTS), OU_OK);
    assert_sends(&bench, ""); /* they are not yet taken care of */
    assert_false(ask_objects(&bench));
    assert_sends(&bench, OBJECTS_DONE);
    assert_false(ask_objects(&bench));
    assert_sends(&bench, "");
    acceptor_session_free(bench.session);
}

static void test_no_done_goes_out_before_the_receipt(void **state)
{
    struct bench bench;

    (void)state;
    bench_agreed(&bench);
    assert_true(ask_objects(&bench));
    assert_sends(&bench, REQUEST);
    assert_int_equal(receive(&bench, OBJECTS), OU_OK);
    acceptor_session_finish(bench.session, 0);
    assert_sends(&bench, "");
    assert_false(ask_objects(&bench));
    assert_sends(&bench, OBJECTS_DONE METRICS_DONE DATA_POINTS_DONE);
    acceptor_session_free(bench.session);
}

static void test_a_peer_that_breaks_the_protocol_is_told_apart(void **state)
{
    static const struct {
        bool agreed;
        const char *hex, *why;
    } rows[] = {
        { false, OBJECTS, "before the handshake" },
        { false, FRAME(0, "0005") "8200a10108", "here and 8 there" },
        { false, FRAME(0, "0003") "591681", "above the limit" },
        { true, PROPOSAL, "second handshake" },
        { true, FRAME(2, "0006") "8301f5820003", "an answer that nobody asked for" },
        { true, METRICS METRICS, "EKGForward: an answer that nobody asked for, in state Idle" },
        { true, OBJECTS OBJECTS, "TraceForward: an answer that nobody asked for" },
        { true, DATA_POINTS DATA_POINTS, "DataPoint: an answer that nobody asked for" },
        { true, FRAME(2, "0002") "8102", "an answer that nobody asked for" },
        /* before it has come whole */
        { true, OBJECTS FRAME(2, "0001") "82", "TraceForward: an answer that nobody asked for" },
        { true, METRICS FRAME(1, "0003") "82019f", "EKGForward: an answer that nobody asked for" },
        { true, FRAME(2, "0003") "820380", "no objects in answer" },
        { true, FRAME(2, "0004") "82039fff", "no objects in answer" },
        { true, FRAME(1, "0008") "820182009f6161ff", "another kind of item" },
        { true, FRAME(3, "0005") "820381 8100", "a list of another length" },
        { true, FRAME(2, "0005") "5a0000 03e9", "above the limit" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench bench;

        if (rows[i].agreed) {
            bench_agreed(&bench);
            assert_true(ask_objects(&bench) && ask_metrics(&bench) && ask_data_points(&bench));
        } else {
            bench_open(&bench, false);
        }
        assert_int_equal(receive(&bench, rows[i].hex), OU_INVALID);
        assert_non_null(strstr(bench.err.text, rows[i].why));
        assert_false(ask_objects(&bench));
        acceptor_session_free(bench.session);
    }
}

/* --- Both of our sides together --------------------------------------------------------------- */

enum { PAIR_OBJECTS = 5000 };

struct pair {
    struct acceptor_session *acceptor;
    struct forwarder_session *forwarder;
    size_t taken, confirmed, received, data_points, metrics;
    uint32_t random;
};

/* Objects are numbered by their seconds, and every other has a text. */
static size_t pair_take(void *context, size_t most, struct buffer *out)
{
    struct pair *pair = context;
    size_t count = 0;

    assert_int_equal(most, ASKED);
    for (; count < most && pair->taken < PAIR_OBJECTS; count++) {
        struct trace_object o = {
            .machine_kind = MACHINE_LINE,
            .machine = { "x", pair->taken % 2 },
            .seconds = (int64_t)pair->taken++,
        };

        trace_object_write(out, &o);
    }
    return count;
}

static void pair_confirmed(void *context)
{
    struct pair *pair = context;

    /* The receipt comes after the objects have been received. */
    assert_int_equal(pair->received, pair->taken);
    pair->confirmed = pair->taken;
}

static void pair_metrics(void *context, enum ekg_wanted wanted, struct ekg_list names,
                         struct buffer *out)
{
    struct ekg_metric metric = { .name = span_of("slotNum_int"), .kind = EKG_GAUGE, .value = -3 };

    (void)context;
    (void)wanted;
    (void)names;
    ekg_response_open(out, 1);
    ekg_metric_write(out, &metric);
    ekg_response_close(out, 1);
}

static bool pair_data_point(void *context, struct span name, struct buffer *out)
{
    (void)context;
    /* More than a frame. */
    for (size_t i = 0; i < 3000; i++)
        buffer_text(out, "[\"NodeInfo\"]");
    return span_is(name, "NodeInfo");
}

static void ask_all(struct pair *pair)
{
    static const struct span name = { "NodeInfo", 8 };

    assert_true(acceptor_session_ask_objects(pair->acceptor, ASKED, 1));
    assert_true(acceptor_session_ask_metrics(pair->acceptor, EKG_ALL, 2));
    assert_true(acceptor_session_ask_data_points(pair->acceptor, &name, 1, 3));
}

static void pair_agreed(void *context)
{
    ask_all(context);
}

static void pair_objects(void *context, struct bytes reply)
{
    struct pair *pair = context;
    struct trace_forward_message m;
    struct trace_object o;
    const char *why = NULL;

    assert_int_equal(trace_forward_read(reply, &m, &why), WIRE_OK);
    while (trace_reply_next(&m.reply, &o)) {
        assert_int_equal(o.seconds, pair->received++);
        assert_int_equal(o.machine.len, o.seconds % 2);
    }
    assert_true(cbor_at_end(&m.reply.at));
    (void)acceptor_session_ask_objects(pair->acceptor, ASKED, 4);
}

static void pair_got_metrics(void *context, struct ekg_list metrics)
{
    struct pair *pair = context;
    struct ekg_metric metric;

    while (ekg_metrics_next(&metrics, &metric))
        assert_int_equal(metric.value, -3);
    pair->metrics++;
    (void)acceptor_session_ask_metrics(pair->acceptor, EKG_ALL, 5);
}

static void pair_got_data_points(void *context, struct data_point_list values)
{
    struct pair *pair = context;
    struct buffer json;
    struct span name;
    bool known;

    buffer_init(&json, allocator_libc(), 1 << 20);
    assert_true(data_point_values_next(&values, &name, &known, &json));
    assert_true(known);
    assert_int_equal(json.len, 36000);
    buffer_release(&json);
    pair->data_points++;
}

static size_t any_piece(struct pair *pair, size_t count)
{
    pair->random = pair->random * 1664525 + 1013904223;
    return 1 + (pair->random >> 16) % count;
}

/* Just so many bytes, so that what is read beyond them is seen by a sanitizer. The caller frees
 * them. */
static struct bytes copy_of(struct bytes bytes)
{
    uint8_t *at = malloc(bytes.count);

    assert_non_null(at);
    memcpy(at, bytes.at, bytes.count);
    return (struct bytes){ at, bytes.count };
}

/* Carries a piece each way; false when there is nothing to carry. */
static bool carry(struct pair *pair)
{
    struct bytes up = forwarder_session_output(pair->forwarder);
    struct bytes down = acceptor_session_output(pair->acceptor);
    struct ou_error err;

    if (up.count > 0) {
        up.count = any_piece(pair, up.count);
        up = copy_of(up);
        forwarder_session_sent(pair->forwarder, up.count);
        assert_int_equal(acceptor_session_receive(pair->acceptor, up, 0, &err), OU_OK);
        free((void *)up.at);
    }
    if (down.count > 0) {
        down = acceptor_session_output(pair->acceptor);
        down.count = any_piece(pair, down.count);
        down = copy_of(down);
        acceptor_session_sent(pair->acceptor, down.count);
        assert_int_equal(forwarder_session_receive(pair->forwarder, down, 0, &err), OU_OK);
        free((void *)down.at);
    }
    return up.count + down.count > 0;
}

static void run_pair(bool forwarder_connects, uint32_t seed)
{
    struct pair pair = { .random = seed };
    struct forwarder_source source = { &pair, pair_take, pair_confirmed, pair_metrics,
                                       pair_data_point };
    struct acceptor_owner owner = { &pair, pair_agreed, pair_objects, pair_got_metrics,
                                    pair_got_data_points };

    pair.forwarder = forwarder_session_new(forwarder_connects, MAGIC, &source);
    pair.acceptor = acceptor_session_new(!forwarder_connects, MAGIC, ACCEPTOR_MESSAGE_MAX, &owner);
    while (pair.confirmed < PAIR_OBJECTS)
        assert_true(carry(&pair));
    assert_int_equal(pair.received, PAIR_OBJECTS);
    assert_int_equal(pair.data_points, 1);
    assert_true(pair.metrics > 0);
    assert_true(forwarder_session_is_drained(pair.forwarder));
    acceptor_session_finish(pair.acceptor, 0);
    while (carry(&pair))
        continue;
    assert_true(forwarder_session_has_ended(pair.forwarder));
    forwarder_session_free(pair.forwarder);
    acceptor_session_free(pair.acceptor);
}

static void test_each_object_arrives_once_and_in_order_between_our_own_sides(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 10; seed++)
        run_pair(seed % 2, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_asked_before_the_handshake),
        cmocka_unit_test(test_each_protocol_has_one_request_open),
        cmocka_unit_test(test_done_waits_for_what_is_open),
        cmocka_unit_test(test_no_done_goes_out_before_the_receipt),
        cmocka_unit_test(test_a_peer_that_breaks_the_protocol_is_told_apart),
        cmocka_unit_test(test_each_object_arrives_once_and_in_order_between_our_own_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
