/* Whole sessions between the Haskell libraries of 2023, as they were taken off the wire,
 * replayed against each of our sides: fed with what one side sent, ours must put out what the
 * other sent, frame by frame and byte by byte, but for the time stamps. */
#include <stdio.h>
#include <stdlib.h>

#include "support/files.h"
#include "support/hex.h"
#include "support/test.h"
#include "wire/acceptor.h"
#include "wire/forwarder.h"

#define CAPTURES "captures/trace-forward-2023.hex"
#define MAGIC 764824073

enum { SESSIONS = 7, FRAMES_MAX = 128, FRAME_ROOM = 1024, NAMES_MAX = 8, STAMP_BYTES = 4 };

struct captured_frame {
    bool from_connecting;
    size_t count;
    uint8_t at[FRAME_ROOM]; /* with its header */
};

struct capture {
    char name[64];
    bool forwarder_connects;
    size_t frame_count;
    struct captured_frame frames[FRAMES_MAX];
};

static struct capture captures[SESSIONS];

/* --- Reading the captures --------------------------------------------------------------------- */

/* "> " and "< " lines; one of 8 bytes in three groups begins a frame. */
static void read_bytes_line(struct capture *c, const char *line)
{
    struct bytes bytes = from_hex(line + 1);
    size_t digits = strcspn(line + 2, " \n");
    struct captured_frame *f;

    if (digits == 8 && line[10] == ' ' && line[15] == ' ') {
        assert_true(c->frame_count < FRAMES_MAX);
        c->frames[c->frame_count++].from_connecting = *line == '>';
    }
    f = &c->frames[c->frame_count - 1];
    assert_true(f->count + bytes.count <= FRAME_ROOM);
    memcpy(f->at + f->count, bytes.at, bytes.count);
    f->count += bytes.count;
}

static void read_captures(void)
{
    FILE *file = fopen(shared_data(CAPTURES), "r");
    char *line = NULL;
    size_t room = 0, count = 0;

    assert_non_null(file);
    while (getline(&line, &room, file) > 0) {
        if (strncmp(line, "## connecting side: ", 20) == 0) {
            captures[count - 1].forwarder_connects = strncmp(line + 20, "forwarder", 9) == 0;
        } else if (strncmp(line, "## ", 3) == 0) {
            assert_true(count < SESSIONS);
            (void)snprintf(captures[count++].name, sizeof captures->name, "%.*s",
                           (int)strcspn(line + 3, ":"), line + 3);
        } else if (*line == '>' || *line == '<') {
            read_bytes_line(&captures[count - 1], line);
        }
    }
    assert_int_equal(count, SESSIONS);
    free(line);
    (void)fclose(file);
}

static const struct capture *next_capture(size_t i)
{
    if (captures[0].frame_count == 0)
        read_captures();
    return &captures[i];
}

static struct bytes frame_bytes(const struct captured_frame *f)
{
    return (struct bytes){ f->at, f->count };
}

static struct bytes payload(const struct captured_frame *f)
{
    return (struct bytes){ f->at + MUX_HEADER_BYTES, f->count - MUX_HEADER_BYTES };
}

static unsigned protocol_of(const struct captured_frame *f)
{
    return f->at[5];
}

static bool is_from_forwarder(const struct capture *c, const struct captured_frame *f)
{
    return f->from_connecting == c->forwarder_connects;
}

/* What a forwarder that proposes or expects another magic has: that of session s5. */
static uint32_t forwarder_magic(const struct capture *c)
{
    return strncmp(c->name, "s5", 2) == 0 ? 1 : MAGIC;
}

/* The output's next frame is the captured one; taken off. */
static void take_frame(struct bytes output, const struct captured_frame *want)
{
    assert_true(output.count >= want->count);
    assert_bytes((struct bytes){ output.at + STAMP_BYTES, want->count - STAMP_BYTES },
                 (struct bytes){ want->at + STAMP_BYTES, want->count - STAMP_BYTES });
}

/* --- The side that collects ------------------------------------------------------------------- */

struct collecting {
    struct acceptor_session *session;
    size_t objects, metrics, data_points;
};

static void on_agreed(void *context)
{
    (void)context; /* what is asked for, and when, stands in the capture */
}

static void on_objects(void *context, struct bytes reply)
{
    struct collecting *at = context;
    struct trace_forward_message m;
    struct trace_object o;
    const char *why = NULL;

    assert_int_equal(trace_forward_read(reply, &m, &why), WIRE_OK);
    while (trace_reply_next(&m.reply, &o))
        at->objects++;
    assert_true(cbor_at_end(&m.reply.at));
}

/* Objects that may be none. */
static void on_changed_objects(void *context, struct bytes reply)
{
    struct collecting *at = context;
    struct trace_forward_message m;
    struct trace_object o;
    const char *why = NULL;

    assert_int_equal(trace_forward_read(reply, &m, &why), WIRE_OK);
    while (trace_reply_next(&m.reply, &o))
        at->objects++;
}

static void on_metrics(void *context, struct ekg_list metrics)
{
    struct collecting *at = context;
    struct ekg_metric metric;

    while (ekg_metrics_next(&metrics, &metric))
        at->metrics++;
}

static void on_data_points(void *context, struct data_point_list values)
{
    struct collecting *at = context;
    struct buffer json;
    struct span name;
    bool known;

    buffer_init(&json, allocator_libc(), 4096);
    while (data_point_values_next(&values, &name, &known, &json))
        at->data_points += known;
    buffer_release(&json);
}

/* Asks for what the captured frame asks for; at the end of a protocol, finishes. */
static void ask_metrics(struct acceptor_session *s, struct bytes message)
{
    struct span names[NAMES_MAX];
    struct ekg_message m;
    const char *why = NULL;
    size_t count = 0;

    assert_int_equal(ekg_read(message, &m, &why), WIRE_OK);
    if (m.key == EKG_DONE) {
        acceptor_session_finish(s, 0);
        return;
    }
    if (m.wanted != EKG_NAMED) {
        assert_true(acceptor_session_ask_metrics(s, m.wanted, 0));
        return;
    }
    while (ekg_names_next(&m.list, &names[count]))
        count++;
    assert_true(acceptor_session_ask_metrics_named(s, names, count, 0));
}

static void ask_objects(struct acceptor_session *s, struct bytes message)
{
    struct trace_forward_message m;
    const char *why = NULL;

    assert_int_equal(trace_forward_read(message, &m, &why), WIRE_OK);
    assert_int_equal(m.key, TRACE_FORWARD_REQUEST);
    assert_true(m.blocking);
    assert_true(acceptor_session_ask_objects(s, m.count, 0));
}

static void ask_data_points(struct acceptor_session *s, struct bytes message)
{
    struct span names[NAMES_MAX];
    struct data_point_message m;
    const char *why = NULL;
    size_t count = 0;

    assert_int_equal(data_point_read(message, &m, &why), WIRE_OK);
    if (m.key == DATA_POINT_DONE) {
        acceptor_session_finish(s, 0);
        return;
    }
    while (data_point_names_next(&m.list, &names[count]))
        count++;
    assert_true(acceptor_session_ask_data_points(s, names, count, 0));
}

/* Ours ends all protocols where the captured one ends one: goes on to that protocol's frame. */
static void skip_other_ends(struct acceptor_session *s, unsigned protocol)
{
    enum { DONE_BYTES = MUX_HEADER_BYTES + 2 };

    for (struct bytes out = acceptor_session_output(s);
         out.count > DONE_BYTES && out.at[7] == 2 && out.at[5] != protocol;
         out = acceptor_session_output(s))
        acceptor_session_sent(s, DONE_BYTES);
}

/* One frame that the collecting side sent: ours is made to, and must send the same. */
static void expect_from_acceptor(struct collecting *at, const struct captured_frame *f)
{
    switch (protocol_of(f)) {
    case FORWARD_PROTOCOL_METRICS: ask_metrics(at->session, payload(f)); break;
    case FORWARD_PROTOCOL_TRACES: ask_objects(at->session, payload(f)); break;
    case FORWARD_PROTOCOL_DATA_POINTS: ask_data_points(at->session, payload(f)); break;
    default: break; /* the handshake goes by itself */
    }
    skip_other_ends(at->session, protocol_of(f));
    take_frame(acceptor_session_output(at->session), f);
    acceptor_session_sent(at->session, f->count);
}

static struct collecting replay_acceptor(const struct capture *c, size_t piece)
{
    static const struct acceptor_owner owner = {
        .agreed = on_agreed,
        .objects = on_objects,
        .metrics = on_metrics,
        .data_points = on_data_points,
    };
    struct collecting at = { 0 };
    struct acceptor_owner own = owner;
    bool refused = false;

    own.context = &at;
    at.session = acceptor_session_new(!c->forwarder_connects, MAGIC, ACCEPTOR_MESSAGE_MAX, &own);
    assert_non_null(at.session);
    for (size_t i = 0; i < c->frame_count; i++) {
        const struct captured_frame *f = &c->frames[i];
        struct bytes bytes = frame_bytes(f);

        if (!is_from_forwarder(c, f)) {
            expect_from_acceptor(&at, f);
            continue;
        }
        for (size_t from = 0; from < bytes.count; from += piece) {
            size_t count = bytes.count - from < piece ? bytes.count - from : piece;
            struct ou_error err;

            assert_false(refused);
            refused = acceptor_session_receive(at.session, (struct bytes){ bytes.at + from, count },
                                               0, &err) != OU_OK;
            assert_int_equal(acceptor_session_in_frame(at.session), from + count < bytes.count);
        }
    }
    /* s5 offers another magic and s6 another version. */
    assert_int_equal(refused, c->name[1] == '5' || c->name[1] == '6');
    acceptor_session_free(at.session);
    return at;
}

static void test_ours_collects_as_the_captured_collector_did(void **state)
{
    (void)state;
    for (size_t i = 0; i < SESSIONS; i++) {
        const struct capture *c = next_capture(i);
        struct collecting at = replay_acceptor(c, FRAME_ROOM);
        bool refused = c->name[1] == '5' || c->name[1] == '6';

        /* The sessions' description says how many there were. */
        assert_int_equal(at.objects, refused ? 0 : 10);
        assert_true(refused || at.metrics > 0);
        assert_true(refused || at.data_points > 0);
    }
}

static void test_pieces_of_any_size_make_no_difference(void **state)
{
    (void)state;
    for (size_t i = 0; i < SESSIONS; i++)
        for (size_t piece = 1; piece < 40; piece++)
            (void)replay_acceptor(next_capture(i), piece);
}

/* Feeds what the forwarder sent, asking all the time; whatever becomes of it. */
static void feed_changed(const struct capture *c, size_t frame, size_t byte, uint8_t mask)
{
    static const struct acceptor_owner owner = {
        .agreed = on_agreed,
        .objects = on_changed_objects,
        .metrics = on_metrics,
        .data_points = on_data_points,
    };
    struct collecting at = { 0 };
    struct acceptor_owner own = owner;
    bool goes_on = true;

    own.context = &at;
    at.session = acceptor_session_new(!c->forwarder_connects, MAGIC, 4096, &own);
    for (size_t i = 0; i < c->frame_count && goes_on; i++) {
        struct captured_frame f = c->frames[i];
        struct ou_error err = { "" };

        if (!is_from_forwarder(c, &f))
            continue;
        if (i == frame)
            f.at[byte] ^= mask;
        (void)acceptor_session_ask_metrics(at.session, EKG_ALL, 0);
        (void)acceptor_session_ask_objects(at.session, 100, 0);
        (void)acceptor_session_ask_data_points(at.session, NULL, 0, 0);
        goes_on = acceptor_session_receive(at.session, frame_bytes(&f), 0, &err) == OU_OK;
        assert_true(goes_on || err.text[0]);
    }
    acceptor_session_free(at.session);
}

static void test_a_byte_changed_anywhere_is_taken_or_refused(void **state)
{
    static const uint8_t masks[] = { 0x01, 0x20, 0x80, 0xff };

    (void)state;
    for (size_t i = 0; i < SESSIONS; i++) {
        const struct capture *c = next_capture(i);

        for (size_t frame = 0; frame < c->frame_count; frame++)
            for (size_t at = 0; at < c->frames[frame].count * sizeof masks; at++)
                if (is_from_forwarder(c, &c->frames[frame]))
                    feed_changed(c, frame, at / sizeof masks, masks[at % sizeof masks]);
    }
}

/* --- The side that forwards ------------------------------------------------------------------- */

/* What the forwarder of the capture has to say, message by message. */
struct forwarding {
    const struct capture *capture;
    struct forwarder_session *session;
    size_t now;     /* frames that have passed */
    size_t told[4]; /* by protocol: frames whose content has been handed out */
    size_t taken, confirmed, in_doubt;
};

/* The next answer on the protocol that has not been handed out; NULL when there is none. */
static const struct captured_frame *next_answer(const struct forwarding *f, unsigned protocol,
                                                size_t *ret_index)
{
    for (size_t i = f->told[protocol]; i < f->capture->frame_count; i++)
        if (is_from_forwarder(f->capture, &f->capture->frames[i]) &&
            protocol_of(&f->capture->frames[i]) == protocol) {
            *ret_index = i;
            return &f->capture->frames[i];
        }
    return NULL;
}

/* Objects are there when the capture has come to the frame they stand in. */
static size_t take_objects(void *context, size_t most, struct buffer *out)
{
    struct forwarding *f = context;
    struct trace_forward_message m;
    struct trace_object o;
    const char *why = NULL;
    size_t index = 0, count = 0;
    const struct captured_frame *frame = next_answer(f, FORWARD_PROTOCOL_TRACES, &index);

    if (!frame || index > f->now)
        return 0;
    assert_int_equal(trace_forward_read(payload(frame), &m, &why), WIRE_OK);
    for (; trace_reply_next(&m.reply, &o); count++)
        trace_object_write(out, &o);
    assert_true(cbor_at_end(&m.reply.at));
    assert_true(count > 0 && count <= most);
    assert_int_equal(f->in_doubt, 0);
    f->told[FORWARD_PROTOCOL_TRACES] = index + 1;
    f->taken += count;
    f->in_doubt = count;
    return count;
}

static void confirm_objects(void *context)
{
    struct forwarding *f = context;

    assert_true(f->in_doubt > 0);
    f->confirmed += f->in_doubt;
    f->in_doubt = 0;
}

static void give_metrics(void *context, enum ekg_wanted wanted, struct ekg_list names,
                         struct buffer *out)
{
    struct forwarding *f = context;
    struct ekg_metric metric;
    struct ekg_message m;
    const char *why = NULL;
    size_t index = 0;
    const struct captured_frame *frame = next_answer(f, FORWARD_PROTOCOL_METRICS, &index);
    struct span name;

    assert_non_null(frame);
    if (wanted == EKG_NAMED)
        assert_true(ekg_names_next(&names, &name) && span_is(name, "Forge.forged"));
    assert_int_equal(ekg_read(payload(frame), &m, &why), WIRE_OK);
    ekg_response_open(out, 1);
    while (ekg_metrics_next(&m.list, &metric))
        ekg_metric_write(out, &metric);
    ekg_response_close(out, 1);
    f->told[FORWARD_PROTOCOL_METRICS] = index + 1;
}

static bool give_data_point(void *context, struct span name, struct buffer *out)
{
    struct forwarding *f = context;
    struct data_point_message m;
    struct span found;
    const char *why = NULL;
    size_t index = 0;
    bool known = false;

    for (const struct captured_frame *frame = next_answer(f, FORWARD_PROTOCOL_DATA_POINTS, &index);
         frame && !known; frame = next_answer(f, FORWARD_PROTOCOL_DATA_POINTS, &index)) {
        assert_int_equal(data_point_read(payload(frame), &m, &why), WIRE_OK);
        while (!known && data_point_values_next(&m.list, &found, &known, out))
            known = known && span_equal(found, name);
        f->told[FORWARD_PROTOCOL_DATA_POINTS] = index + 1;
    }
    f->told[FORWARD_PROTOCOL_DATA_POINTS] = 0;
    return known;
}

/* Gathers the output, as frames, in one queue for each protocol. */
struct queue {
    uint8_t at[FRAME_ROOM * 8];
    size_t from, to;
};

static void gather(struct forwarding *f, struct queue queues[4])
{
    struct bytes out = forwarder_session_output(f->session);

    for (size_t at = 0; at < out.count;) {
        struct mux_header header;
        const char *why = NULL;
        struct queue *q;
        size_t count;

        assert_int_equal(
            mux_header_read((struct bytes){ out.at + at, out.count - at }, &header, &why), WIRE_OK);
        count = MUX_HEADER_BYTES + header.bytes;
        q = &queues[header.protocol];
        assert_true(q->to + count <= sizeof q->at);
        memcpy(q->at + q->to, out.at + at, count);
        q->to += count;
        at += count;
    }
    forwarder_session_sent(f->session, out.count);
}

static void feed(struct forwarding *f, struct bytes bytes, size_t piece)
{
    struct ou_error err;

    for (size_t from = 0; from < bytes.count; from += piece) {
        size_t count = bytes.count - from < piece ? bytes.count - from : piece;
        enum ou_status status = forwarder_session_receive(
            f->session, (struct bytes){ bytes.at + from, count }, 0, &err);

        /* The refusals of s5 and s6 are what ends those. */
        if (f->capture->name[1] == '5' || f->capture->name[1] == '6')
            assert_true(status == (from + count == bytes.count ? OU_INVALID : OU_OK));
        else
            assert_int_equal(status, OU_OK);
    }
}

static void replay_frames(struct forwarding *f, size_t piece)
{
    static struct queue queues[4];
    const struct capture *c = f->capture;

    memset(queues, 0, sizeof queues);
    for (f->now = 0; f->now < c->frame_count; f->now++) {
        const struct captured_frame *frame = &c->frames[f->now];
        struct queue *q = &queues[protocol_of(frame)];

        if (!is_from_forwarder(c, frame)) {
            feed(f, frame_bytes(frame), piece);
            gather(f, queues);
            continue;
        }
        assert_int_equal(forwarder_session_wake(f->session, 0, NULL), OU_OK);
        gather(f, queues);
        take_frame((struct bytes){ q->at + q->from, q->to - q->from }, frame);
        q->from += frame->count;
    }
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(queues[i].from, queues[i].to);
}

static void replay_forwarder(const struct capture *c, size_t piece)
{
    struct forwarding f = { .capture = c };
    struct forwarder_source source = {
        .context = &f,
        .take = take_objects,
        .confirmed = confirm_objects,
        .metrics = give_metrics,
        .data_point = give_data_point,
    };
    bool refused = c->name[1] == '5' || c->name[1] == '6';

    f.session = forwarder_session_new(c->forwarder_connects, forwarder_magic(c), &source);
    assert_non_null(f.session);
    replay_frames(&f, piece);
    assert_int_equal(forwarder_session_is_agreed(f.session), !refused);
    assert_int_equal(f.taken, refused ? 0 : 10);
    /* Each reply was followed by a request, which is its receipt. */
    assert_int_equal(f.confirmed, f.taken);
    assert_int_equal(forwarder_session_is_drained(f.session), !refused);
    /* s3 ends without Done. */
    assert_int_equal(forwarder_session_has_ended(f.session), !refused && c->name[1] != '3');
    forwarder_session_free(f.session);
}

static void test_ours_forwards_as_the_captured_forwarder_did(void **state)
{
    (void)state;
    for (size_t i = 0; i < SESSIONS; i++)
        if (next_capture(i)->name[1] != '6') /* version 2 is nothing that ours would offer */
            replay_forwarder(next_capture(i), FRAME_ROOM);
}

static void test_requests_may_come_in_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < SESSIONS; i++)
        for (size_t piece = 1; next_capture(i)->name[1] != '6' && piece < 12; piece++)
            replay_forwarder(next_capture(i), piece);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ours_collects_as_the_captured_collector_did),
        cmocka_unit_test(test_pieces_of_any_size_make_no_difference),
        cmocka_unit_test(test_a_byte_changed_anywhere_is_taken_or_refused),
        cmocka_unit_test(test_ours_forwards_as_the_captured_forwarder_did),
        cmocka_unit_test(test_requests_may_come_in_pieces_of_any_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
