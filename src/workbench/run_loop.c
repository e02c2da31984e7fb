/* The loop of a run: ten times a second it reads logs and looks whether a phase is at its end; signals end the run. */
#include <signal.h>

#include "base/interrupt.h"
#include "workbench/run_inside.h"

#define TICK_MS 100
#define TICKS_PER_VIEW 5    /* twice a second */
#define TICKS_PER_SEARCH 10 /* for nodes that somebody started by hand */

static void close_all(struct run *r)
{
    uv_close((uv_handle_t *)&r->tick, NULL);
    for (size_t i = 0; i < r->signal_count; i++)
        uv_close((uv_handle_t *)&r->signals[i], NULL);
    r->backend->kind->loop_ends(r->backend);
}

/* What can be watched no longer cannot be ended, either. */
static void poll_backend(struct run *r)
{
    struct ou_error err = { 0 };
    enum ou_status status = r->backend->kind->poll(r->backend, &err);

    if (!status)
        return;
    r->lost = true;
    run_fail(r, status, "%s", err.text);
}

static void on_tick(uv_timer_t *timer)
{
    struct run *r = timer->data;

    poll_backend(r);
    if (r->ticks % TICKS_PER_SEARCH == 0 && run_nodes_up(r) < r->node_count)
        run_count_strays(r);
    if (r->ticks++ % TICKS_PER_VIEW == 0)
        run_show(r);
    run_restart_due(r);
    run_step(r);
    if (r->phase == PHASE_OVER)
        close_all(r);
}

/* The first one ends the run in order, the second one at once. That somebody ends what has no other end is no interruption,
 * unless it is one of many, which are all to last as long. */
static void on_interrupt(uv_signal_t *handle, int number)
{
    struct run *r = handle->data;

    (void)number;
    if (!r->asked_to_end) {
        r->asked_to_end = true;
        r->result->interrupted = r->options->is_one_of_many || !run_is_open_ended(r->profile) ||
                                 r->phase < PHASE_MEASURING;
        run_say(r, "%s: ending all processes (once more to kill them)",
                r->result->interrupted ? "interrupted" : "as asked");
        return;
    }
    run_stop_service(&r->generator, 0);
    run_stop_nodes(r, 0);
    run_stop_tracers(r, 0);
}

/* A signal that our parent made us ignore (nohup, a shell's background job) stays ignored. */
static void catch_signal(struct run *r, int number)
{
    uv_signal_t *handle = &r->signals[r->signal_count];
    struct sigaction action;

    if (sigaction(number, NULL, &action) != 0 || action.sa_handler == SIG_IGN)
        return;
    uv_signal_init(&r->loop, handle);
    handle->data = r;
    uv_signal_start(handle, on_interrupt, number);
    r->signal_count++;
}

static enum ou_status begin_backend(struct run *r, struct ou_error *err)
{
    enum ou_status status = r->backend->kind->loop_begins(r->backend, &r->loop, err);

    if (status)
        return status;
    status = run_add_services(r, err);
    if (status) {
        r->backend->kind->loop_ends(r->backend);
        uv_run(&r->loop, UV_RUN_DEFAULT);
    }
    return status;
}

static void begin(struct run *r)
{
    r->result->interrupted = interrupt_pending(); /* while files were made */
    if (r->attached)
        poll_backend(r); /* what became of what was started */
    if (r->result->interrupted || r->status)
        return;
    if (r->attached)
        run_go_on(r);
    else
        run_begin(r);
}

enum ou_status run_processes_all(struct run *r, struct ou_error *err)
{
    int problem = uv_loop_init(&r->loop);
    enum ou_status status;

    if (problem)
        return ou_fail(err, OU_NO_MEMORY, "event loop: %s", uv_strerror(problem));
    status = begin_backend(r, err);
    if (status) {
        uv_loop_close(&r->loop);
        return status;
    }
    catch_signal(r, SIGINT);
    catch_signal(r, SIGTERM);
    catch_signal(r, SIGHUP);
    uv_timer_init(&r->loop, &r->tick);
    r->tick.data = r;
    uv_timer_start(&r->tick, on_tick, 0, TICK_MS);
    begin(r);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    uv_loop_close(&r->loop);
    return OU_OK;
}
