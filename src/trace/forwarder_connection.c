#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "trace/forwarder_inside.h"

#define FRAME_NS (MUX_FRAME_TIMEOUT_MS * NS_PER_MS)

/* The first object that comes while a collector waits for some gets so long for others to come with it: a
 * reply of many costs little more than one of one. */
#define GATHER_NS (2 * NS_PER_MS)

/* Of one reply: it is copied three times on its way (held, message, output), and all of that stays for as long as a node runs. More than
 * fits into a frame of the multiplexer saves little. A request is a dozen bytes: they are taken a few at a time, and none while there is
 * something to send, so that a collector that asks and does not read makes nothing grow. */
#define REPLY_BYTES ((size_t)64 << 10)
#define TASTE_BYTES 64

/* --- What the session asks for -------------------------------------------------------- */

/* Who pushes looks at `hungry` after the push, and here it is set before the queue is looked at again: one of
 * the two sees the other. */
static size_t take(void *context, size_t most, struct buffer *out)
{
    struct forwarder *f = context;
    size_t count = forward_queue_take(f->queue, most, REPLY_BYTES, out);

    if (count > 0)
        return count;
    atomic_store(&f->hungry, true);
    count = forward_queue_take(f->queue, most, REPLY_BYTES, out);
    if (count > 0)
        atomic_store(&f->hungry, false);
    return count;
}

static void confirmed(void *context)
{
    const struct forwarder *f = context;

    forward_queue_confirm(f->queue);
}

static void metrics(void *context, enum ekg_wanted wanted, struct ekg_list names,
                    struct buffer *out)
{
    const struct forwarder_source *source = &((struct forwarder *)context)->options.source;

    if (source->metrics) {
        source->metrics(source->context, wanted, names, out);
        return;
    }
    ekg_response_open(out, 0);
    ekg_response_close(out, 0);
}

static bool data_point(void *context, struct span name, struct buffer *out)
{
    const struct forwarder_source *source = &((struct forwarder *)context)->options.source;

    return source->data_point && source->data_point(source->context, name, out);
}

/* --- Bytes ------------------------------------------------------------------------------- */

/* OU_NOT_FOUND: the other side has closed. */
static enum ou_status send_out(struct forwarder *f, struct ou_error *err)
{
    struct bytes out;

    while ((out = forwarder_session_output(f->session)).count > 0) {
        ssize_t sent = send(f->fd, out.at, out.count, MSG_NOSIGNAL);

        if (sent >= 0)
            forwarder_session_sent(f->session, (size_t)sent);
        else if (errno == EAGAIN)
            return OU_OK;
        else if (errno == EPIPE || errno == ECONNRESET)
            return OU_NOT_FOUND;
        else if (errno != EINTR)
            return ou_fail(err, OU_IO, "write to the collector: %s", strerror(errno));
    }
    return OU_OK;
}

/* Likewise. */
static enum ou_status read_in(struct forwarder *f, struct ou_error *err)
{
    ssize_t got = recv(f->fd, f->input, sizeof f->input, 0);

    f->input_at = 0;
    f->input_len = got > 0 ? (size_t)got : 0;
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
        return OU_OK;
    if (got == 0 || errno == ECONNRESET)
        return OU_NOT_FOUND;
    return ou_fail(err, OU_IO, "read from the collector: %s", strerror(errno));
}

static uint32_t now_us(int64_t now_ns)
{
    return (uint32_t)(now_ns / 1000);
}

static enum ou_status taste(struct forwarder *f, int64_t now_ns, struct ou_error *err)
{
    size_t left = f->input_len - f->input_at, count = left < TASTE_BYTES ? left : TASTE_BYTES;
    struct bytes piece = { f->input + f->input_at, count };
    enum ou_status status = forwarder_session_receive(f->session, piece, now_us(now_ns), err);

    f->input_at += count;
    if (status) {
        send_out(f, NULL); /* a refusal, which has its reason */
        return status;
    }
    if (!atomic_load(&f->agreed) && forwarder_session_is_agreed(f->session)) {
        atomic_store(&f->agreed, true);
        forwarder_tell(f, FORWARDER_CONNECTED, NULL);
    }
    return OU_OK;
}

/* As far as it goes without waiting. */
static enum ou_status serve(struct forwarder *f, bool readable, int64_t now_ns,
                            struct ou_error *err)
{
    enum ou_status status = send_out(f, err);

    while (!status && forwarder_session_output(f->session).count == 0) {
        if (f->input_at < f->input_len)
            status = taste(f, now_ns, err);
        else if (readable)
            status = read_in(f, err);
        else
            break;
        readable = readable && f->input_at < f->input_len;
        if (!status)
            status = send_out(f, err);
    }
    return status;
}

static enum ou_status check_time(struct forwarder *f, int64_t now_ns, struct ou_error *err)
{
    if (!forwarder_session_in_frame(f->session))
        f->frame_ns = 0;
    else if (f->frame_ns == 0)
        f->frame_ns = now_ns;
    if (!atomic_load(&f->agreed) && now_ns - f->since_ns >= ATTEMPT_NS)
        return ou_fail(err, OU_IO, "no handshake within 10 s");
    if (f->frame_ns && now_ns - f->frame_ns >= FRAME_NS)
        return ou_fail(err, OU_IO, "a frame did not come whole within 30 s");
    return OU_OK;
}

/* --- From begin to end ------------------------------------------------------------------- */

enum ou_status connection_begin(struct forwarder *f, int fd, int64_t now_ns, struct ou_error *err)
{
    const struct forwarder_source source = { f, take, confirmed, metrics, data_point };

    f->session = forwarder_session_new(!f->options.listen, f->options.magic, &source);
    if (!f->session) {
        close(fd);
        return ou_fail(err, OU_NO_MEMORY, "no memory for a connection");
    }
    f->fd = fd;
    f->since_ns = now_ns;
    f->frame_ns = f->gathered_ns = 0;
    f->input_at = f->input_len = 0;
    return OU_OK;
}

void connection_gather(struct forwarder *f, int64_t now_ns)
{
    if (f->gathered_ns == 0)
        f->gathered_ns = now_ns + GATHER_NS;
}

enum ou_status connection_step(struct forwarder *f, short revents, int64_t now_ns,
                               struct ou_error *err)
{
    enum ou_status status = OU_OK;

    if (f->gathered_ns && (now_ns >= f->gathered_ns || atomic_load(&f->stop_ns))) {
        f->gathered_ns = 0;
        status = forwarder_session_wake(f->session, now_us(now_ns), err);
    }
    if (!status)
        status = serve(f, (revents & (POLLIN | POLLHUP | POLLERR)) != 0, now_ns, err);
    return status ? status : check_time(f, now_ns, err);
}

int64_t connection_due_ns(const struct forwarder *f)
{
    int64_t due = INT64_MAX;

    if (!atomic_load(&f->agreed))
        due = f->since_ns + ATTEMPT_NS;
    if (f->frame_ns && f->frame_ns + FRAME_NS < due)
        due = f->frame_ns + FRAME_NS;
    return f->gathered_ns && f->gathered_ns < due ? f->gathered_ns : due;
}

void connection_end(struct forwarder *f)
{
    int fd = f->fd;

    f->fd = -1; /* first: a child that is forked here must not close others' descriptors */
    close(fd);
    forwarder_session_free(f->session);
    f->session = NULL;
    atomic_store(&f->hungry, false);
    forward_queue_return(f->queue);
}
