#include "trace/forwarder.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "trace/forwarder_socket.h"

#define NS_PER_MS INT64_C(1000000)

/* To connect, and to agree: each. */
#define ATTEMPT_NS (10 * NS_PER_SECOND)
#define FRAME_NS (MUX_FRAME_TIMEOUT_MS * NS_PER_MS)

/* The first object that comes while a collector waits for some gets so long for others to come with it: a
 * reply of many costs little more than one of one. */
#define GATHER_NS (2 * NS_PER_MS)

/* Of one reply. A request is a dozen bytes: they are taken a few at a time, and none while there is
 * something to send, so that a collector that asks and does not read makes nothing grow. */
#define REPLY_BYTES ((size_t)1 << 20)
#define INPUT_BYTES 4096
#define TASTE_BYTES 64

enum state {
    RESTING,   /* until `until_ns` */
    CALLING,   /* a connection is under way, until `until_ns` */
    LISTENING, /* for a collector */
    CONNECTED, /* fd and session are there */
};

enum { POLL_WAKE, POLL_CONNECTION, POLL_DOOR, POLLS = POLL_DOOR + LISTENING_MAX };

struct forwarder {
    struct forwarder_options options;
    struct forward_queue *queue;
    pthread_t thread;
    int wake_fd;
    _Atomic uint32_t max_reconnect_s;
    _Atomic bool hungry; /* the collector waits for an object: who pushes one wakes the thread */
    _Atomic bool agreed; /* connected, and through with the handshake */
    _Atomic int64_t stop_ns; /* monotonic: the end, at the latest; 0: none yet */

    /* What follows is the thread's. */
    enum state state;
    int64_t until_ns;
    int64_t pause_s; /* before the next attempt */
    bool tried_last; /* the one attempt that is made after a stop has been made */
    struct door door;
    struct call call;
    int fd; /* -1: none */
    struct forwarder_session *session;
    int64_t since_ns;    /* connected */
    int64_t frame_ns;    /* since when a frame is incomplete; 0: none is */
    int64_t gathered_ns; /* when objects are handed out that have come; 0: nobody waits for them */
    uint8_t input[INPUT_BYTES];
    size_t input_at, input_len;
};

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

static void tell(const struct forwarder *f, enum forwarder_event_kind kind, const char *why)
{
    if (f->options.told)
        f->options.told(f->options.context, kind, why);
}

/* --- Attempts ------------------------------------------------------------------------- */

static void rest(struct forwarder *f, int64_t now_ns)
{
    int64_t most_s = atomic_load(&f->max_reconnect_s);

    f->state = RESTING;
    f->until_ns = now_ns + f->pause_s * NS_PER_SECOND;
    f->pause_s = 2 * f->pause_s < most_s ? 2 * f->pause_s : most_s;
}

static void fail(struct forwarder *f, const struct ou_error *err, int64_t now_ns)
{
    tell(f, FORWARDER_FAILED, err->text);
    rest(f, now_ns);
}

static void connection_begins(struct forwarder *f, int fd, int64_t now_ns)
{
    const struct forwarder_source source = { f, take, confirmed, metrics, data_point };
    struct ou_error err = { "no memory for a connection" };

    f->session = forwarder_session_new(!f->options.listen, f->options.magic, &source);
    if (!f->session) {
        close(fd);
        fail(f, &err, now_ns);
        return;
    }
    f->fd = fd;
    f->state = CONNECTED;
    f->since_ns = now_ns;
    f->frame_ns = f->gathered_ns = 0;
    f->input_at = f->input_len = 0;
    atomic_store(&f->hungry, false);
}

static void call_came_to(struct forwarder *f, enum call_state state, const struct ou_error *err,
                         int64_t now_ns)
{
    int fd = f->call.fd;

    if (state == CALL_PENDING) {
        f->state = CALLING;
        f->until_ns = now_ns + ATTEMPT_NS;
        return;
    }
    if (state == CALL_DONE)
        f->call.fd = -1; /* it is taken over */
    call_end(&f->call);
    if (state == CALL_DONE)
        connection_begins(f, fd, now_ns);
    else
        fail(f, err, now_ns);
}

static void attempt(struct forwarder *f, int64_t now_ns)
{
    struct ou_error err = { "" };

    f->tried_last = atomic_load(&f->stop_ns) != 0;
    if (!f->options.listen) {
        enum call_state state = call_begin(&f->options.at, &f->call, &err);

        call_came_to(f, state, &err, now_ns);
    } else if (door_open(&f->options.at, &f->door, &err) == OU_OK) {
        f->state = LISTENING;
        f->pause_s = 1;
        tell(f, FORWARDER_LISTENING, NULL);
    } else {
        fail(f, &err, now_ns);
    }
}

/* --- A connection ----------------------------------------------------------------------- */

/* What was handed out and not confirmed is to be handed out again. A connection that lasted as long as
 * the longest pause makes the pauses short again. */
static void connection_ends(struct forwarder *f, const struct ou_error *err, int64_t now_ns)
{
    bool was_agreed = atomic_exchange(&f->agreed, false);
    int fd = f->fd;

    f->fd = -1;
    close(fd);
    forwarder_session_free(f->session);
    f->session = NULL;
    atomic_store(&f->hungry, false);
    forward_queue_return(f->queue);
    if (err->text[0] || !was_agreed)
        tell(f, FORWARDER_FAILED, err->text[0] ? err->text : "closed before the handshake");
    else
        tell(f, FORWARDER_CLOSED, NULL);
    if (was_agreed && now_ns - f->since_ns >= atomic_load(&f->max_reconnect_s) * NS_PER_SECOND)
        f->pause_s = 1;
    if (f->options.listen)
        f->state = LISTENING;
    else
        rest(f, now_ns);
}

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
        tell(f, FORWARDER_CONNECTED, NULL);
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

static void connection_goes_on(struct forwarder *f, short revents, int64_t now_ns)
{
    struct ou_error err = { "" };
    enum ou_status status = OU_OK;

    if (f->gathered_ns && (now_ns >= f->gathered_ns || atomic_load(&f->stop_ns))) {
        f->gathered_ns = 0;
        status = forwarder_session_wake(f->session, now_us(now_ns), &err);
    }
    if (!status)
        status = serve(f, (revents & (POLLIN | POLLHUP | POLLERR)) != 0, now_ns, &err);
    if (!status)
        status = check_time(f, now_ns, &err);
    if (status)
        connection_ends(f, &err, now_ns);
}

/* --- The loop ----------------------------------------------------------------------------- */

static int64_t sooner(int64_t a, int64_t b)
{
    return b && b < a ? b : a;
}

/* When something is due though nothing happens. */
static int64_t due_ns(const struct forwarder *f)
{
    int64_t stop_ns = atomic_load(&f->stop_ns), due = sooner(INT64_MAX, stop_ns);

    switch (f->state) {
    case RESTING: return stop_ns ? 0 : f->until_ns;
    case CALLING: return sooner(due, f->until_ns);
    case LISTENING: return stop_ns ? 0 : due; /* who is there already is let in */
    case CONNECTED: break;
    }
    if (!atomic_load(&f->agreed))
        due = sooner(due, f->since_ns + ATTEMPT_NS);
    if (f->frame_ns)
        due = sooner(due, f->frame_ns + FRAME_NS);
    return sooner(due, f->gathered_ns);
}

static int wait_ms(int64_t now_ns, int64_t until_ns)
{
    int64_t ms = until_ns <= now_ns ? 0 : (until_ns - now_ns - 1) / NS_PER_MS + 1;

    return until_ns == INT64_MAX ? -1 : ms > 3600000 ? 3600000 : (int)ms;
}

static void prepare(const struct forwarder *f, struct pollfd polled[POLLS])
{
    for (int i = 0; i < POLLS; i++)
        polled[i] = (struct pollfd){ .fd = -1 };
    polled[POLL_WAKE] = (struct pollfd){ .fd = f->wake_fd, .events = POLLIN };
    if (f->state == CALLING)
        polled[POLL_CONNECTION] = (struct pollfd){ .fd = f->call.fd, .events = POLLOUT };
    if (f->state == CONNECTED) {
        bool sends = forwarder_session_output(f->session).count > 0;

        polled[POLL_CONNECTION] =
            (struct pollfd){ .fd = f->fd, .events = sends ? POLLOUT : POLLIN };
    }
    for (int i = 0; f->state == LISTENING && i < f->door.sockets.count; i++)
        polled[POLL_DOOR + i] = (struct pollfd){ .fd = f->door.sockets.fds[i], .events = POLLIN };
}

static void take_wake(struct forwarder *f, int64_t now_ns)
{
    eventfd_t count;

    eventfd_read(f->wake_fd, &count);
    if (f->state == CONNECTED && f->gathered_ns == 0)
        f->gathered_ns = now_ns + GATHER_NS;
}

static void go_on_calling(struct forwarder *f, bool ready, int64_t now_ns)
{
    struct ou_error err = { "no answer within 10 s" };

    if (ready)
        call_came_to(f, call_go_on(&f->call, &err), &err, now_ns);
    else if (now_ns >= f->until_ns)
        call_came_to(f, CALL_FAILED, &err, now_ns);
}

static void let_in(struct forwarder *f, const struct pollfd polled[POLLS], int64_t now_ns)
{
    for (int i = 0; i < f->door.sockets.count; i++) {
        int fd = polled[POLL_DOOR + i].revents ? door_accept(&f->door, i) : -1;

        if (fd >= 0) {
            connection_begins(f, fd, now_ns);
            return;
        }
    }
    /* Out of descriptors, say: trying again at once would spin. */
    for (int i = 0; i < f->door.sockets.count; i++)
        if (polled[POLL_DOOR + i].revents)
            poll(NULL, 0, 100);
}

/* Whether there is a reason to stay. */
static bool is_over(const struct forwarder *f, int64_t now_ns)
{
    int64_t stop_ns = atomic_load(&f->stop_ns);
    struct forward_counts counts;

    if (!stop_ns)
        return false;
    counts = forward_queue_counts(f->queue);
    return now_ns >= stop_ns || counts.waiting + counts.in_doubt == 0 ||
           (f->state == RESTING && f->tried_last);
}

static void step(struct forwarder *f, const struct pollfd polled[POLLS], int64_t now_ns)
{
    short revents = polled[POLL_CONNECTION].revents;

    switch (f->state) {
    case RESTING:
        if (now_ns >= f->until_ns || atomic_load(&f->stop_ns))
            attempt(f, now_ns);
        return;
    case CALLING: go_on_calling(f, revents != 0, now_ns); return;
    case LISTENING:
        let_in(f, polled, now_ns);
        if (f->state == LISTENING && atomic_load(&f->stop_ns))
            atomic_store(&f->stop_ns, 1); /* nobody is there */
        return;
    case CONNECTED: connection_goes_on(f, revents, now_ns); return;
    }
}

static void *run(void *argument)
{
    struct forwarder *f = argument;
    int64_t now_ns = time_monotonic_ns();

    f->until_ns = now_ns;
    while (!is_over(f, now_ns)) {
        struct pollfd polled[POLLS];

        prepare(f, polled);
        if (poll(polled, POLLS, wait_ms(now_ns, due_ns(f))) < 0)
            continue; /* no signal comes here; without memory the next poll() will do */
        now_ns = time_monotonic_ns();
        if (polled[POLL_WAKE].revents)
            take_wake(f, now_ns);
        step(f, polled, now_ns);
    }
    return NULL;
}

/* --- Life ---------------------------------------------------------------------------------- */

static void wake(struct forwarder *f)
{
    eventfd_write(f->wake_fd, 1);
}

static struct forwarder *forwarder_new(const struct forwarder_options *options)
{
    struct forwarder *f = calloc(1, sizeof *f);

    if (!f)
        return NULL;
    f->options = *options;
    f->fd = f->call.fd = -1;
    f->pause_s = 1;
    atomic_init(&f->max_reconnect_s, options->max_reconnect_s);
    f->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    f->queue = forward_queue_new(options->max_count, options->max_bytes);
    if (f->queue && options->gap)
        forward_queue_tell_gaps(f->queue, options->gap, options->context);
    return f;
}

static void close_sockets(struct forwarder *f)
{
    call_end(&f->call);
    if (f->fd >= 0)
        close(f->fd);
    if (f->wake_fd >= 0)
        close(f->wake_fd);
}

static void release(struct forwarder *f)
{
    close_sockets(f);
    forwarder_session_free(f->session);
    door_close(&f->door, &f->options.at);
    forward_queue_free(f->queue);
    free(f);
}

/* The thread takes no signals: they are the program's. */
static int start_thread(struct forwarder *f)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&f->thread, NULL, run, f);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!failed)
        pthread_setname_np(f->thread, "ou-forwarder");
    return failed;
}

enum ou_status forwarder_start(const struct forwarder_options *options, struct forwarder **ret,
                               struct ou_error *err)
{
    struct forwarder *f = forwarder_new(options);
    enum ou_status status = OU_OK;
    int failed;

    if (!f || !f->queue)
        status =
            ou_fail(err, OU_NO_MEMORY, "no memory for a queue of %zu bytes", options->max_bytes);
    else if (f->wake_fd < 0)
        status = ou_fail(err, OU_IO, "make an eventfd: %s", strerror(errno));
    else if ((failed = start_thread(f)))
        status = ou_fail(err, OU_IO, "start a thread: %s", strerror(failed));
    if (status && f)
        release(f);
    if (!status)
        *ret = f;
    return status;
}

enum ou_status forwarder_limit(struct forwarder *f, size_t max_count, size_t max_bytes,
                               uint32_t max_reconnect_s)
{
    atomic_store(&f->max_reconnect_s, max_reconnect_s);
    return forward_queue_limit(f->queue, max_count, max_bytes);
}

static void wake_if_hungry(struct forwarder *f)
{
    if (atomic_load(&f->hungry) && atomic_exchange(&f->hungry, false))
        wake(f);
}

void forwarder_push(struct forwarder *f, struct bytes object)
{
    forward_queue_push(f->queue, object);
    wake_if_hungry(f);
}

void forwarder_lose(struct forwarder *f)
{
    forward_queue_lose(f->queue);
    wake_if_hungry(f);
}

struct forward_counts forwarder_counts(const struct forwarder *f)
{
    return forward_queue_counts(f->queue);
}

bool forwarder_is_connected(const struct forwarder *f)
{
    return atomic_load(&f->agreed);
}

struct forward_counts forwarder_stop(struct forwarder *f, uint32_t wait_for_ms)
{
    struct forward_counts counts;

    atomic_store(&f->stop_ns, time_monotonic_ns() + wait_for_ms * NS_PER_MS);
    wake(f);
    pthread_join(f->thread, NULL);
    forward_queue_return(f->queue);
    counts = forward_queue_counts(f->queue);
    release(f);
    return counts;
}

void forwarder_abandon(struct forwarder *f)
{
    f->call.all = NULL; /* the thread may have been in the middle of making it */
    listening_close(&f->door.sockets);
    close_sockets(f);
    forward_queue_abandon(f->queue);
}
