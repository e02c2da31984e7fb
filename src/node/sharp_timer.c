#include "node/sharp_timer.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/time.h"

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct sharp_timer *t = poll->data;
    uint64_t count;

    (void)events;
    if (status == 0 && read(t->fd, &count, sizeof count) == (ssize_t)sizeof count)
        t->fire(t->context);
}

enum ou_status sharp_timer_open(struct sharp_timer *t, uv_loop_t *loop, clockid_t clock,
                                void (*fire)(void *context), void *context, struct ou_error *err)
{
    int result;

    *t = (struct sharp_timer){ .fire = fire, .context = context };
    t->fd = timerfd_create(clock, TFD_NONBLOCK | TFD_CLOEXEC);
    if (t->fd < 0)
        return ou_fail(err, OU_IO, "make a timer: %s", strerror(errno));
    result = uv_poll_init(loop, &t->poll, t->fd);
    if (result < 0) {
        close(t->fd);
        return ou_fail(err, OU_IO, "watch a timer: %s", uv_strerror(result));
    }
    t->poll.data = t;
    uv_poll_start(&t->poll, UV_READABLE, on_readable);
    return OU_OK;
}

void sharp_timer_set(struct sharp_timer *t, int64_t at_ns)
{
    struct itimerspec at = { .it_value = { at_ns / NS_PER_SECOND, at_ns % NS_PER_SECOND } };

    if (at_ns <= 0)
        at.it_value.tv_nsec = 1; /* zero would switch it off */
    timerfd_settime(t->fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void on_closed(uv_handle_t *handle)
{
    struct sharp_timer *t = handle->data;

    close(t->fd);
    t->closed(t->context);
}

void sharp_timer_close(struct sharp_timer *t, void (*closed)(void *context))
{
    t->closed = closed;
    uv_poll_stop(&t->poll);
    uv_close((uv_handle_t *)&t->poll, on_closed);
}
