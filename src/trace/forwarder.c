#include "trace/forwarder.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "trace/forwarder_inside.h"

enum { POLL_WAKE, POLL_CONNECTION, POLL_DOOR, POLLS = POLL_DOOR + LISTENING_MAX };

void forwarder_tell(const struct forwarder *f, enum forwarder_event_kind kind, const char *why)
{
    if (f->options.told)
        f->options.told(f->options.context, kind, why);
}

/* --- Attempts ------------------------------------------------------------------------- */

static void rest(struct forwarder *f, int64_t now_ns)
{
    int64_t most_s = atomic_load(&f->max_reconnect_s);

    f->state = RESTING;
    f->until_ns = now_ns + (atomic_load(&f->stop_ns) ? LAST_PAUSE_NS : f->pause_s * NS_PER_SECOND);
    f->pause_s = 2 * f->pause_s < most_s ? 2 * f->pause_s : most_s;
}

/* Who has a socket to listen at goes on with that. */
static void wait_again(struct forwarder *f, int64_t now_ns)
{
    if (f->door.sockets.count > 0)
        f->state = LISTENING;
    else
        rest(f, now_ns);
}

static void fail(struct forwarder *f, const struct ou_error *err, int64_t now_ns)
{
    forwarder_tell(f, FORWARDER_FAILED, err->text);
    wait_again(f, now_ns);
}

static void go_on_with(struct forwarder *f, int fd, int64_t now_ns)
{
    struct ou_error err = { "" };

    if (connection_begin(f, fd, now_ns, &err) == OU_OK)
        f->state = CONNECTED;
    else
        fail(f, &err, now_ns);
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
        go_on_with(f, fd, now_ns);
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
        forwarder_tell(f, FORWARDER_LISTENING, NULL);
    } else {
        fail(f, &err, now_ns);
    }
}

/* A connection that lasted as long as the longest pause makes the pauses short again. One that was closed without a word was
 * perhaps a tunnel's, with nobody behind it. */
static void give_up(struct forwarder *f, const struct ou_error *err, int64_t now_ns)
{
    bool was_agreed = atomic_exchange(&f->agreed, false);

    connection_end(f);
    f->met = f->met || was_agreed || err->text[0];
    if (err->text[0] || !was_agreed)
        forwarder_tell(f, FORWARDER_FAILED,
                       err->text[0] ? err->text : "closed before the handshake");
    else
        forwarder_tell(f, FORWARDER_CLOSED, NULL);
    if (was_agreed && now_ns - f->since_ns >= atomic_load(&f->max_reconnect_s) * NS_PER_SECOND)
        f->pause_s = 1;
    wait_again(f, now_ns);
}

/* --- The loop ----------------------------------------------------------------------------- */

static int64_t sooner(int64_t a, int64_t b)
{
    return b && b < a ? b : a;
}

/* Whether the end need not wait for somebody to come. */
static bool may_leave(const struct forwarder *f)
{
    return f->met || !f->options.awaits_first;
}

/* When something is due though nothing happens. */
static int64_t due_ns(const struct forwarder *f)
{
    int64_t stop_ns = atomic_load(&f->stop_ns), due = sooner(INT64_MAX, stop_ns);

    switch (f->state) {
    case RESTING: return stop_ns && !f->tried_last ? 0 : sooner(due, f->until_ns);
    case CALLING: return sooner(due, f->until_ns);
    case LISTENING: return stop_ns && may_leave(f) ? 0 : due; /* who is there already is let in */
    case CONNECTED: return sooner(due, connection_due_ns(f));
    }
    return due;
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
    if (f->state == CONNECTED)
        connection_gather(f, now_ns);
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
            go_on_with(f, fd, now_ns);
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
           (f->state == RESTING && f->tried_last && may_leave(f));
}

static void step(struct forwarder *f, const struct pollfd polled[POLLS], int64_t now_ns)
{
    short revents = polled[POLL_CONNECTION].revents;
    struct ou_error err = { "" };

    switch (f->state) {
    case RESTING:
        if (now_ns >= f->until_ns || (atomic_load(&f->stop_ns) && !f->tried_last))
            attempt(f, now_ns);
        return;
    case CALLING: go_on_calling(f, revents != 0, now_ns); return;
    case LISTENING:
        let_in(f, polled, now_ns);
        if (f->state == LISTENING && atomic_load(&f->stop_ns) && may_leave(f))
            atomic_store(&f->stop_ns, 1); /* nobody is there */
        return;
    case CONNECTED:
        if (connection_step(f, revents, now_ns, &err) != OU_OK)
            give_up(f, &err, now_ns);
        return;
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

struct forward_counts forwarder_stop(struct forwarder *f, uint32_t patience_ms)
{
    struct forward_counts counts;

    atomic_store(&f->stop_ns, time_monotonic_ns() + patience_ms * NS_PER_MS);
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
