#include "collect/notify_delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Either a post or the timer or a command is under way. */
struct delivery {
    struct delivery_options options;
    uv_timer_t timer; /* to the next try; and the last turn of the loop */
    unsigned tries;
    uint32_t pause_ms;
    struct web_post *post;
    struct command_run *run;
    char *json;
    size_t json_bytes;
    bool ok;
    char why[DELIVERY_WHY_ROOM];
};

static void on_closed(uv_handle_t *handle)
{
    struct delivery *d = handle->data;

    d->options.done(d->options.owner, d->ok, d->why);
    free(d->json);
    free(d);
}

/* done is called when the timer is closed: nothing of the delivery is left in the loop then. */
static void end(struct delivery *d, bool ok, const char *why)
{
    char host[WEBHOOK_WHY_ROOM / 2];

    d->ok = ok;
    if (d->options.webhook)
        web_url_shown(d->options.webhook, host, sizeof host);
    snprintf(d->why, sizeof d->why, "%s %s: %s", d->options.webhook ? "webhook" : "command",
             d->options.webhook ? host : d->options.command[0], why);
    uv_close((uv_handle_t *)&d->timer, on_closed);
}

/* ---- webhooks ---- */

static void on_posted(void *owner, const struct web_result *result);

static enum ou_status post(struct delivery *d, struct ou_error *err)
{
    d->tries++;
    return web_post_start(d->options.client, d->options.webhook,
                          (struct span){ d->json, d->json_bytes }, WEBHOOK_TIMEOUT_MS, on_posted, d,
                          &d->post, err);
}

static void on_pause_over(uv_timer_t *timer)
{
    struct delivery *d = timer->data;
    struct ou_error err = { 0 };

    if (post(d, &err))
        end(d, false, err.text);
}

static void on_posted(void *owner, const struct web_result *result)
{
    struct delivery *d = owner;

    d->post = NULL;
    if (result->ok || !result->may_pass || d->tries == WEBHOOK_TRIES) {
        end(d, result->ok, result->why);
        return;
    }
    uv_timer_start(&d->timer, on_pause_over, d->pause_ms, 0);
    d->pause_ms *= 5;
}

/* ---- commands ---- */

static void on_command_ended(void *owner, bool ok, const char *why)
{
    struct delivery *d = owner;

    d->run = NULL;
    end(d, ok, why);
}

static enum ou_status start_command(uv_loop_t *loop, struct delivery *d, struct ou_error *err)
{
    uint32_t timeout_ms =
        d->options.command_timeout_ms ? d->options.command_timeout_ms : COMMAND_TIMEOUT_MS;

    return command_start(loop, d->options.command, (struct span){ d->json, d->json_bytes },
                         timeout_ms, on_command_ended, d, &d->run, err);
}

/* ---- both ---- */

static void free_unstarted(uv_handle_t *handle)
{
    struct delivery *d = handle->data;

    free(d->json);
    free(d);
}

enum ou_status delivery_start(uv_loop_t *loop, const struct delivery_options *options,
                              struct span json, struct delivery **ret, struct ou_error *err)
{
    struct delivery *d = calloc(1, sizeof *d);
    enum ou_status status;

    if (d)
        d->json = malloc(json.len + 1);
    if (!d || !d->json) {
        free(d);
        return ou_fail(err, OU_NO_MEMORY, "no memory for a notification");
    }
    memcpy(d->json, json.at, json.len);
    d->json_bytes = json.len;
    d->options = *options;
    d->pause_ms = options->webhook_pause_ms ? options->webhook_pause_ms : WEBHOOK_PAUSE_MS;
    uv_timer_init(loop, &d->timer);
    d->timer.data = d;
    status = options->webhook ? post(d, err) : start_command(loop, d, err);
    if (status) {
        uv_close((uv_handle_t *)&d->timer, free_unstarted);
        return status;
    }
    *ret = d;
    return OU_OK;
}

void delivery_cancel(struct delivery *d)
{
    if (uv_is_closing((uv_handle_t *)&d->timer))
        return;
    if (d->run) {
        command_kill(d->run); /* its end is told */
        return;
    }
    if (d->post)
        web_post_cancel(d->post);
    d->post = NULL;
    end(d, false, "given up");
}
