/* A collector that sends anything, in the order of a script. What the forwarding side puts out
 * is always in order; no object is confirmed that was not handed out, and none is handed out
 * while another is in doubt. */
#include <stdint.h>

#include "forward_script.h"
#include "wire/forwarder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A step: a frame of protocol 0 to 3, or raw bytes; objects come; output leaves. */
enum { FRAME_LAST = 3, RAW, WITH_BYTES, OBJECTS = WITH_BYTES, SEND, SEND_ALL, KINDS };

struct bench {
    struct forwarder_session *session;
    struct script_output output;
    size_t objects, taken, confirmed;
    bool broken, connected;
};

static size_t take(void *context, size_t most, struct buffer *out)
{
    struct bench *bench = context;
    size_t count = 0;

    must(bench->confirmed == bench->taken);
    for (; count < most && bench->objects > 0; count++, bench->objects--)
        cbor_put_uint(out, count);
    bench->taken += count;
    return count;
}

static void confirmed(void *context)
{
    struct bench *bench = context;

    must(bench->confirmed < bench->taken);
    bench->confirmed = bench->taken;
}

static void metrics(void *context, enum ekg_wanted wanted, struct ekg_list names,
                    struct buffer *out)
{
    struct span name;
    size_t count = 0;

    (void)context;
    while (wanted == EKG_NAMED && ekg_names_next(&names, &name))
        count++;
    must(wanted != EKG_NAMED || (count > 0 && cbor_at_end(&names.at)));
    ekg_response_open(out, 0);
    ekg_response_close(out, 0);
}

static bool data_point(void *context, struct span name, struct buffer *out)
{
    (void)context;
    buffer_append(out, name.at, name.len);
    return name.len % 2 == 0;
}

static void send(struct bench *bench, size_t most)
{
    struct bytes out = forwarder_session_output(bench->session);

    out.count = out.count < most ? out.count : most;
    if (out.count == 0)
        return;
    script_output_take(&bench->output, out);
    forwarder_session_sent(bench->session, out.count);
}

static void receive(struct bench *bench, struct bytes input)
{
    struct ou_error err = { 0 };
    enum ou_status status = forwarder_session_receive(bench->session, input, 0, &err);

    must(!bench->broken || status != OU_OK);
    must(status == OU_OK || err.text[0]);
    bench->broken = status != OU_OK;
}

static void play(struct bench *bench, const struct script_step *step)
{
    struct buffer frame;

    switch (step->kind) {
    case RAW: receive(bench, step->bytes); break;
    case OBJECTS:
        bench->objects += step->number;
        must(forwarder_session_wake(bench->session, 0, NULL) == OU_OK);
        break;
    case SEND: send(bench, step->number); break;
    case SEND_ALL: send(bench, SIZE_MAX); break;
    default:
        buffer_init(&frame, allocator_libc(), 4096);
        mux_put(&frame, step->kind, bench->connected, 0, step->bytes);
        receive(bench, bytes_of(&frame));
        buffer_release(&frame);
    }
    must(!forwarder_session_is_drained(bench->session) || bench->confirmed == bench->taken);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench bench = { 0 };
    struct forwarder_source source = { &bench, take, confirmed, metrics, data_point };
    struct script script;
    struct script_step step;

    if (size == 0)
        return 0;
    bench.connected = data[0] % 2;
    script.rest = (struct bytes){ data + 1, size - 1 };
    bench.session = forwarder_session_new(bench.connected, 7, &source);
    must(bench.session != NULL);
    script_output_open(&bench.output, !bench.connected);
    while (script_next(&script, KINDS, WITH_BYTES, &step))
        play(&bench, &step);
    send(&bench, SIZE_MAX);
    must(bench.broken || !demux_in_frame(&bench.output.d));
    demux_release(&bench.output.d);
    forwarder_session_free(bench.session);
    return 0;
}
