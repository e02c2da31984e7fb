#include "collect/notify_command.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

#define LINE_ROOM 128 /* of the last line */
#define CHUNK_ROOM 4096

struct command_run {
    uv_process_t process;
    uv_pipe_t input, output;
    uv_timer_t timer;
    uv_write_t write;
    int open_handles;
    bool was_tried;       /* the process is a handle, too */
    bool is_late;         /* its time was over, and it was asked to end */
    char line[LINE_ROOM]; /* the line that is being read */
    size_t line_bytes;
    char last[LINE_ROOM]; /* the last one that was not empty */
    char chunk[CHUNK_ROOM];
    char *text;
    void (*done)(void *owner, bool ok, const char *why);
    void *owner;
};

/* ---- what it prints ---- */

/* Foreign bytes, to be shown in a message: controls and what is no UTF-8 becomes '?'. */
static void end_line(struct command_run *c)
{
    struct span rest = { c->line, c->line_bytes };
    size_t len = 0;
    uint32_t character;

    if (rest.len == 0)
        return;
    while (rest.len > 0) {
        const char *from = rest.at;
        bool valid = utf8_next(&rest, &character);
        size_t bytes = (size_t)(rest.at - from);

        if (valid && character >= 0x20 && !(character >= 0x7f && character < 0xa0)) {
            memcpy(c->last + len, from, bytes);
            len += bytes;
        } else {
            c->last[len++] = '?';
        }
    }
    c->last[len] = '\0';
    c->line_bytes = 0;
}

static void take_output(struct command_run *c, const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (at[i] == '\n')
            end_line(c);
        else if (c->line_bytes < LINE_ROOM - 1)
            c->line[c->line_bytes++] = at[i];
    }
}

static void give_chunk(uv_handle_t *handle, size_t wanted, uv_buf_t *ret)
{
    struct command_run *c = handle->data;

    (void)wanted;
    *ret = uv_buf_init(c->chunk, sizeof c->chunk);
}

static void on_output(uv_stream_t *stream, ssize_t got, const uv_buf_t *chunk)
{
    if (got > 0)
        take_output(stream->data, chunk->base, (size_t)got);
    else if (got < 0)
        uv_read_stop(stream);
}

/* What it printed just before it ended. Its children may hold the other end open: its end is not waited for. */
static void read_rest(struct command_run *c)
{
    uv_os_fd_t fd;
    ssize_t got;

    if (uv_fileno((uv_handle_t *)&c->output, &fd) == 0)
        for (int i = 0; i < 16 && (got = read(fd, c->chunk, sizeof c->chunk)) > 0; i++)
            take_output(c, c->chunk, (size_t)got);
    end_line(c);
}

/* ---- its end ---- */

static void on_closed(uv_handle_t *handle)
{
    struct command_run *c = handle->data;

    if (--c->open_handles > 0)
        return;
    free(c->text);
    free(c);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, on_closed);
}

static void close_all(struct command_run *c)
{
    if (c->was_tried)
        close_handle((uv_handle_t *)&c->process);
    close_handle((uv_handle_t *)&c->input);
    close_handle((uv_handle_t *)&c->output);
    close_handle((uv_handle_t *)&c->timer);
}

static void on_exit_of(uv_process_t *process, int64_t status, int number)
{
    struct command_run *c = process->data;
    const char *between;
    char why[COMMAND_WHY_ROOM];

    read_rest(c);
    between = *c->last ? ": " : "";
    if (c->is_late)
        snprintf(why, sizeof why, "did not end in time%s%s", between, c->last);
    else if (number)
        snprintf(why, sizeof why, "killed by signal %d%s%s", number, between, c->last);
    else
        snprintf(why, sizeof why, "exit status %d%s%s", (int)status, between, c->last);
    close_all(c);
    c->done(c->owner, !c->is_late && !number && status == 0, why);
}

static void send_signal(const struct command_run *c, int number)
{
    kill(-c->process.pid, number);
}

void command_kill(struct command_run *c)
{
    send_signal(c, SIGKILL);
}

static void on_time_over(uv_timer_t *timer)
{
    struct command_run *c = timer->data;

    send_signal(c, c->is_late ? SIGKILL : SIGTERM);
    if (!c->is_late)
        uv_timer_start(&c->timer, on_time_over, COMMAND_GRACE_MS, 0);
    c->is_late = true;
}

/* ---- its start ---- */

/* The end of the text for the command. That it did not want to read all is its own business. */
static void on_written(uv_write_t *write, int problem)
{
    struct command_run *c = write->data;

    (void)problem;
    close_handle((uv_handle_t *)&c->input);
}

static int spawn(uv_loop_t *loop, struct command_run *c, const char *const *argv, int output_fd)
{
    uv_stdio_container_t files[3] = {
        { .flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&c->input },
        { .flags = UV_INHERIT_FD, .data.fd = output_fd },
        { .flags = UV_INHERIT_FD, .data.fd = output_fd },
    };
    const uv_process_options_t options = { .exit_cb = on_exit_of,
                                           .file = argv[0],
                                           .args = (char **)argv,
                                           .flags = UV_PROCESS_DETACHED,
                                           .stdio_count = 3,
                                           .stdio = files };

    c->was_tried = true;
    c->open_handles++;
    return uv_spawn(loop, &c->process, &options);
}

static int run(uv_loop_t *loop, struct command_run *c, const char *const *argv)
{
    uv_file ends[2];
    int problem = uv_pipe(ends, UV_NONBLOCK_PIPE, 0);

    if (problem)
        return problem;
    problem = uv_pipe_open(&c->output, ends[0]);
    if (problem)
        close(ends[0]);
    else
        problem = spawn(loop, c, argv, ends[1]);
    close(ends[1]);
    return problem;
}

static void init_handles(uv_loop_t *loop, struct command_run *c)
{
    uv_pipe_init(loop, &c->input, 0);
    uv_pipe_init(loop, &c->output, 0);
    uv_timer_init(loop, &c->timer);
    c->input.data = c->output.data = c->timer.data = c->process.data = c->write.data = c;
    c->open_handles = 3;
}

static void talk(struct command_run *c, size_t text_bytes, uint32_t timeout_ms)
{
    uv_buf_t all = uv_buf_init(c->text, (unsigned)text_bytes);

    uv_read_start((uv_stream_t *)&c->output, give_chunk, on_output);
    if (uv_write(&c->write, (uv_stream_t *)&c->input, &all, 1, on_written))
        close_handle((uv_handle_t *)&c->input);
    uv_timer_start(&c->timer, on_time_over, timeout_ms, 0);
}

enum ou_status command_start(uv_loop_t *loop, const char *const *argv, struct span text,
                             uint32_t timeout_ms,
                             void (*done)(void *owner, bool ok, const char *why), void *owner,
                             struct command_run **ret, struct ou_error *err)
{
    struct command_run *c = calloc(1, sizeof *c);
    int problem;

    if (c)
        c->text = malloc(text.len + 1);
    if (!c || !c->text) {
        free(c);
        return ou_fail(err, OU_NO_MEMORY, "no memory for a command");
    }
    memcpy(c->text, text.at, text.len);
    c->done = done;
    c->owner = owner;
    init_handles(loop, c);
    problem = run(loop, c, argv);
    if (problem) {
        close_all(c); /* it goes with the last of its handles */
        return ou_fail(err, OU_IO, "%s: %s", argv[0], uv_strerror(problem));
    }
    talk(c, text.len, timeout_ms);
    *ret = c;
    return OU_OK;
}
