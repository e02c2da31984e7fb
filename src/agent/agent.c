#include "agent/agent.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uv.h>

#include "agent/agent_board.h"
#include "agent/agent_carrier.h"
#include "agent/agent_courier.h"
#include "agent/agent_services.h"
#include "base/interrupt.h"

#define LOOK_EVERY_MS 100
/* Whoever sends a signal kills soon: Nomad, after the job's kill_timeout. */
#define HURRIED_GRACE_MS 6000

struct agent {
    const struct agent_options *options;
    struct agent_voice voice;
    struct agent_task task;
    struct agent_folder folder;
    struct agent_board board;
    bool has_board, has_loop;
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t terminated, interrupted;
    struct agent_services *services;
    struct agent_courier *courier;
    struct agent_carrier *carrier;
    bool leaving, hurried, ended, lost;
};

/* ---- the loop ---- */

/* What takes long, packing or an extract, is broken off: nobody waits for it any more. */
static void begin_to_end(struct agent *a, const char *why)
{
    if (a->leaving)
        return;
    a->leaving = true;
    agent_say(&a->voice, "%s", why);
    agent_board_stopping(&a->board);
    interrupt_take_up();
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct agent *a = handle->data;

    (void)number;
    a->hurried = true;
    begin_to_end(a, "told to end by a signal");
}

static void take_orders(struct agent *a)
{
    struct orders *orders = agent_board_take_loop(&a->board);

    if (!orders)
        return;
    if (orders->leave) {
        agent_board_free_orders(orders);
        begin_to_end(a, "told to leave");
    } else {
        agent_services_want(a->services, orders);
    }
}

/* Once the services have ended the courier tells the last state, and then that it is over. */
static void end_step(struct agent *a)
{
    const uint64_t grace_most_ms = a->hurried ? HURRIED_GRACE_MS : UINT64_MAX;

    if (!a->ended && agent_services_end(a->services, grace_most_ms)) {
        a->ended = true;
        agent_board_ended(&a->board);
    }
    if (agent_board_is_over(&a->board))
        uv_stop(&a->loop);
}

static void on_time(uv_timer_t *timer)
{
    struct agent *a = timer->data;

    if (!a->leaving)
        take_orders(a);
    agent_services_look(a->services, !a->leaving);
    if (agent_board_is_lost(&a->board)) {
        a->lost = true;
        begin_to_end(a, "the bucket is lost");
    }
    if (a->leaving)
        end_step(a);
}

static void on_walk(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* ---- all of it ---- */

static enum ou_status open_loop(struct agent *a, struct ou_error *err)
{
    int problem = uv_loop_init(&a->loop);

    if (problem)
        return ou_fail(err, OU_IO, "begin a loop: %s", uv_strerror(problem));
    a->has_loop = true;
    uv_timer_init(&a->loop, &a->timer);
    uv_signal_init(&a->loop, &a->terminated);
    uv_signal_init(&a->loop, &a->interrupted);
    a->timer.data = a->terminated.data = a->interrupted.data = a;
    uv_timer_start(&a->timer, on_time, LOOK_EVERY_MS, LOOK_EVERY_MS);
    uv_signal_start(&a->terminated, on_signal, SIGTERM);
    uv_signal_start(&a->interrupted, on_signal, SIGINT);
    return OU_OK;
}

static enum ou_status read_task(struct agent *a, struct ou_error *err)
{
    bool is_open = false;
    enum ou_status status = agent_task_load(a->options->task_file, &a->task, &is_open, err);

    if (!status && is_open)
        agent_say(&a->voice, "%s may be read by other users", a->options->task_file);
    if (status == OU_NOT_FOUND)
        status = ou_fail(err, OU_INVALID, "%s: there is no such file", a->options->task_file);
    return status;
}

static enum ou_status open_folder(struct agent *a, struct ou_error *err)
{
    const char *folder = a->options->folder;

    if (!folder)
        folder = getenv("NOMAD_TASK_DIR");
    return agent_folder_open(folder ? folder : ".", &a->folder, err);
}

static enum ou_status start_courier(struct agent *a, struct ou_error *err)
{
    const double lost_after_s = a->options->lost_after_s;
    const struct agent_courier_options options = {
        .task = &a->task,
        .task_file = a->options->task_file,
        .folder = &a->folder,
        .board = &a->board,
        .voice = &a->voice,
        .program = a->options->program,
        .lost_after_s = lost_after_s > 0 ? lost_after_s : AGENT_LOST_AFTER_S,
    };

    return agent_courier_start(&options, &a->courier, err);
}

static enum ou_status start_carrier(struct agent *a, struct ou_error *err)
{
    const struct agent_carrier_options options = {
        .ca_file = a->task.ca_file,
        .program = a->options->program,
        .folder = &a->folder,
        .board = &a->board,
        .voice = &a->voice,
    };

    return agent_carrier_start(&options, &a->carrier, err);
}

/* Threads are started last: what they use is there by then. */
static enum ou_status set_up(struct agent *a, struct ou_error *err)
{
    enum ou_status status = read_task(a, err);

    if (!status)
        status = open_folder(a, err);
    if (!status)
        status = agent_board_open(&a->board, err);
    a->has_board = !status;
    if (!status)
        status = open_loop(a, err);
    if (!status)
        status = agent_services_open(&a->folder, &a->board, &a->voice, a->options->program,
                                     &a->loop, &a->services, err);
    if (!status)
        status = http_client_ready(err);
    if (!status)
        status = start_courier(a, err);
    if (!status)
        status = start_carrier(a, err);
    return status;
}

static void take_down(struct agent *a)
{
    if (a->has_board) {
        agent_board_stopping(&a->board);
        agent_board_ended(&a->board);
    }
    agent_courier_join(a->courier);
    agent_carrier_join(a->carrier);
    agent_services_close(a->services);
    if (a->has_loop) {
        uv_walk(&a->loop, on_walk, NULL);
        uv_run(&a->loop, UV_RUN_DEFAULT);
        uv_loop_close(&a->loop);
    }
    if (a->has_board)
        agent_board_close(&a->board);
    agent_folder_close(&a->folder);
    agent_task_release(&a->task);
}

enum ou_status agent_run(const struct agent_options *options, struct ou_error *err)
{
    struct agent a = { .options = options,
                       .voice = { options->say, options->context },
                       .folder = { .lock = -1 } };
    enum ou_status status;

    umask(S_IRWXG | S_IRWXO); /* of services, too: what is of a run is private */
    status = set_up(&a, err);
    if (!status) {
        agent_say(&a.voice, "%s of run %s, in %s", a.task.host, a.task.run, a.folder.run);
        uv_run(&a.loop, UV_RUN_DEFAULT);
        if (a.lost)
            status =
                ou_fail(err, OU_IO, "no orders could be fetched for %.0f s",
                        options->lost_after_s > 0 ? options->lost_after_s : AGENT_LOST_AFTER_S);
    }
    take_down(&a);
    return status;
}
