/* A forwarder that sends anything, in the order of a script, while the collecting side asks.
 * What it puts out is always in order; nothing is handed over that was not asked for, and all
 * lists that are handed over can be walked. */
#include <stdint.h>

#include "forward_script.h"
#include "wire/acceptor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A step: a frame of protocol 0 to 3, or raw bytes; a question; the end; output leaves. */
enum {
    FRAME_LAST = 3,
    RAW,
    WITH_BYTES,
    ASK_OBJECTS = WITH_BYTES,
    ASK_METRICS,
    ASK_DATA_POINTS,
    FINISH,
    SEND,
    KINDS
};

struct bench {
    struct acceptor_session *session;
    struct script_output output;
    size_t objects_open, metrics_open, data_points_open; /* questions without an answer, 0 or 1 */
    bool broken, connected, finished;
};

static void on_agreed(void *context)
{
    struct bench *bench = context;

    must(acceptor_session_is_agreed(bench->session));
}

static void on_objects(void *context, struct bytes reply)
{
    struct bench *bench = context;
    struct trace_forward_message m;
    struct trace_object o;
    const char *why = NULL;

    must(bench->objects_open-- == 1);
    must(trace_forward_read(reply, &m, &why) == WIRE_OK && m.key == TRACE_FORWARD_REPLY);
    while (trace_reply_next(&m.reply, &o))
        must(o.severity < TRACE_SEVERITIES);
}

static void on_metrics(void *context, struct ekg_list metrics)
{
    struct bench *bench = context;
    struct ekg_metric metric;

    must(bench->metrics_open-- == 1);
    while (ekg_metrics_next(&metrics, &metric))
        must(metric.kind <= EKG_LABEL);
    must(cbor_at_end(&metrics.at));
}

static void on_data_points(void *context, struct data_point_list values)
{
    struct bench *bench = context;
    struct buffer json;
    struct span name;
    bool known;

    must(bench->data_points_open-- == 1);
    buffer_init(&json, allocator_libc(), 1 << 16);
    while (data_point_values_next(&values, &name, &known, &json))
        must(known || json.len == 0);
    must(cbor_at_end(&values.at));
    buffer_release(&json);
}

static void receive(struct bench *bench, struct bytes input)
{
    struct ou_error err = { 0 };
    enum ou_status status = acceptor_session_receive(bench->session, input, 0, &err);

    must(!bench->broken || status != OU_OK);
    must(status == OU_OK || err.text[0]);
    bench->broken = status != OU_OK;
}

static void ask(struct bench *bench, size_t *open, bool asked)
{
    must(!asked || (*open == 0 && !bench->finished && !bench->broken));
    *open += asked;
}

static void play(struct bench *bench, const struct script_step *step)
{
    static const struct span name = { "NodeInfo", 8 };
    struct acceptor_session *s = bench->session;
    struct buffer frame;
    struct bytes out;

    switch (step->kind) {
    case RAW: receive(bench, step->bytes); break;
    case ASK_OBJECTS:
        ask(bench, &bench->objects_open, acceptor_session_ask_objects(s, step->number, 0));
        break;
    case ASK_METRICS:
        ask(bench, &bench->metrics_open, acceptor_session_ask_metrics(s, EKG_ALL, 0));
        break;
    case ASK_DATA_POINTS:
        ask(bench, &bench->data_points_open,
            acceptor_session_ask_data_points(s, &name, step->number % 2, 0));
        break;
    case FINISH:
        acceptor_session_finish(s, 0);
        bench->finished = true;
        break;
    case SEND:
        out = acceptor_session_output(s);
        script_output_take(&bench->output, out);
        acceptor_session_sent(s, out.count);
        break;
    default:
        buffer_init(&frame, allocator_libc(), 4096);
        mux_put(&frame, step->kind, bench->connected, 0, step->bytes);
        receive(bench, bytes_of(&frame));
        buffer_release(&frame);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench bench = { 0 };
    struct acceptor_owner owner = { &bench, on_agreed, on_objects, on_metrics, on_data_points };
    struct script script;
    struct script_step step;

    if (size == 0)
        return 0;
    bench.connected = data[0] % 2;
    script.rest = (struct bytes){ data + 1, size - 1 };
    bench.session = acceptor_session_new(bench.connected, 7, 5000, &owner);
    must(bench.session != NULL);
    script_output_open(&bench.output, !bench.connected);
    while (script_next(&script, KINDS, WITH_BYTES, &step))
        play(&bench, &step);
    play(&bench, &(struct script_step){ .kind = SEND });
    must(!demux_in_frame(&bench.output.d));
    demux_release(&bench.output.d);
    acceptor_session_free(bench.session);
    return 0;
}
