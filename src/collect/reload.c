/* SIGHUP: the configuration is read again. While no line is being written the new one takes the place of the old one; what is
 * the same in both stays as it is. */
#include <string.h>

#include "base/systemd.h"
#include "collect/collector_inside.h"
#include "collect/connection.h"
#include "collect/desk.h"
#include "collect/network.h"
#include "collect/own_points.h"

static void tell(struct ou_error *err, enum ou_status status)
{
    if (status)
        OU_TRACE(tracer_error, err->text);
    err->text[0] = '\0';
}

static bool same_network(const struct collector_network *a, const struct collector_network *b)
{
    char a_text[ENDPOINT_ROOM], b_text[ENDPOINT_ROOM];

    if (a->listen != b->listen || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        endpoint_format(&a->at[i], a_text);
        endpoint_format(&b->at[i], b_text);
        if (strcmp(a_text, b_text) != 0)
            return false;
    }
    return true;
}

static bool same_forwarding(const struct collector_config *a, const struct collector_config *b)
{
    const struct collector_forwarding *x = &a->forwarding, *y = &b->forwarding;

    if (x->wanted != y->wanted || x->filtered != y->filtered ||
        x->prefix_count != y->prefix_count || x->queue_count != y->queue_count ||
        x->max_reconnect_s != y->max_reconnect_s || a->magic != b->magic)
        return false;
    for (size_t i = 0; i < x->prefix_count; i++)
        if (strcmp(x->prefixes[i], y->prefixes[i]) != 0)
            return false;
    return same_network(&x->network, &y->network);
}

static void follow_forwarding(struct collector *c, const struct collector_config *old)
{
    struct ou_error err = { "" };

    if (same_forwarding(old, c->config))
        return;
    collector_close_reforwarder(c, 0);
    tell(&err, collector_open_reforwarder(c, &err));
}

/* Another length is a matter of what is dropped when; another size is another history. */
static void follow_history(struct collector *c, const struct collector_config *old)
{
    struct ou_error err = { "" };

    if (c->view.history && c->config->history_min &&
        old->history_bytes == c->config->history_bytes) {
        history_set_length(c->view.history, UINT64_C(60000) * c->config->history_min);
        return;
    }
    history_free(c->view.history);
    c->view.history = NULL;
    tell(&err, collector_open_history(c, &err));
}

/* No job is running: desks are paused. */
static void apply(struct collector *c)
{
    struct collector_config *old = c->config;
    struct ou_error err = { "" };

    c->idle = NULL;
    if (c->phase == COLLECTOR_RUNNING) {
        c->config = c->next_config;
        c->view.config = c->config;
        c->next_config = NULL;
        collector_trace_as(c);
        log_writer_configure(c->writer, c->config);
        tell(&err, notifier_configure(c->notifier, c->config, &err));
        if (old->magic != c->config->magic)
            connections_close(c, "the network magic is another one now");
        tell(&err, network_follow(c, &err));
        collector_reopen_pages(c, old);
        follow_forwarding(c, old);
        follow_history(c, old);
        collector_start_resources(c);
        collector_tell_config(c);
        collector_config_free(old);
        systemd_ready();
    }
    desks_resume(c);
}

void collector_reload(struct collector *c)
{
    struct collector_config *config;
    struct ou_error err = { "" };

    if (c->phase != COLLECTOR_RUNNING)
        return;
    systemd_reloading();
    if (collector_load_config(c->options->config_path, &config, &err)) {
        OU_TRACE(tracer_config_refused, err.text);
        systemd_ready();
        return;
    }
    collector_config_free(c->next_config); /* one that has not had its turn yet */
    c->next_config = config;
    desks_pause(c, apply);
}
