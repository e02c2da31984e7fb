/* The loop of a run: ten times a second it reads logs and looks whether a phase is at its end; signals end the run. */
#include <signal.h>

#include "base/interrupt.h"
#include "workbench/run_inside.h"

#define TICK_MS 100
#define TICKS_PER_VIEW 5    /* twice a second */
#define TICKS_PER_SEARCH 10 /* for nodes that somebody started by hand */

static void release_child(struct run_service *s)
{
    child_free(s->child);
    s->child = NULL;
}

static void close_all(struct run *r)
{
    uv_close((uv_handle_t *)&r->tick, NULL);
    sampler_close(r->sampler);
    for (size_t i = 0; i < r->signal_count; i++)
        uv_close((uv_handle_t *)&r->signals[i], NULL);
    for (size_t i = 0; i < r->node_count; i++)
        release_child(&r->nodes[i]);
    release_child(&r->generator);
    release_child(&r->tracer);
}

static void on_tick(uv_timer_t *timer)
{
    struct run *r = timer->data;

    run_read_logs(r);
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
    if (r->generator.child)
        child_stop(r->generator.child, 0);
    run_stop_nodes(r, 0);
    if (r->tracer.child)
        child_stop(r->tracer.child, 0);
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

enum ou_status run_processes_all(struct run *r, struct ou_error *err)
{
    int problem = uv_loop_init(&r->loop);
    enum ou_status status;

    if (problem)
        return ou_fail(err, OU_NO_MEMORY, "event loop: %s", uv_strerror(problem));
    status = sampler_open(&r->loop, &r->sampler, err);
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
    r->result->interrupted = interrupt_pending(); /* while files were made */
    if (!r->result->interrupted)
        run_begin(r);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    uv_loop_close(&r->loop);
    return OU_OK;
}
