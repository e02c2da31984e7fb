/* What the parts of the daemon share. For collector.c, connection.c, desk.c, network.c, pages_open.c and reload.c only. Loop thread,
 * but what a desk's job uses: writer, notifier, reforwarder, which change while no job runs. */
#ifndef OU_COLLECT_COLLECTOR_INSIDE_H
#define OU_COLLECT_COLLECTOR_INSIDE_H

#include <uv.h>

#include "collect/collector.h"
#include "collect/log_writer.h"
#include "collect/notify.h"
#include "collect/pages.h"
#include "collect/reforward.h"

#define COLLECTOR_PAGES 5
#define COLLECTOR_END_MS 15000 /* for what is on its way at the end */

enum collector_phase {
    COLLECTOR_RUNNING,
    COLLECTOR_PARTING, /* nodes are told Done; what they still send is written */
    COLLECTOR_CLOSING, /* handles close */
};

struct collector {
    const struct collector_options *options;
    struct collector_config *config;
    struct collector_view view; /* of pages; view.config is config, view.nodes is &nodes */
    struct collector_nodes nodes;
    enum collector_phase phase;

    uv_loop_t loop;
    uv_timer_t tick; /* every COLLECTOR_TICK_MS */
    uv_timer_t resources;
    uv_signal_t signals[3];
    uint64_t own_lost; /* of its own messages */
    uint64_t
        second_at_ms; /* when what is done once a second is due; by uv_now(), as all ..._ms here */
    uint64_t end_at_ms; /* of COLLECTOR_PARTING */

    struct log_writer *writer;
    struct notifier *notifier;
    struct reforwarder *reforwarder; /* NULL: none */
    struct http_server *pages[COLLECTOR_PAGES];

    struct desk *desks;
    size_t running_jobs;
    bool is_paused;
    void (*idle)(struct collector *c); /* to be called when no job runs; NULL: nobody waits */

    struct connection *connections; /* newest first */
    size_t connection_count;
    uint64_t next_connection;  /* numbers that make ids of local peers unique */
    struct listener *listener; /* network.c's; NULL: none */
    struct connector *connectors;
    uint64_t full_refused, full_told_ms; /* connections above the limit */

    size_t held_bytes; /* of messages that have not come whole, and of those that are not written */

    struct collector_config *next_config; /* waits for jobs to end; NULL: none */
};

/* What one of those who hold messages held, and holds now. */
static inline void collector_holds(struct collector *c, size_t *held, size_t now)
{
    c->held_bytes += now - *held;
    *held = now;
}

static inline bool collector_has_room(const struct collector *c, size_t bytes)
{
    return bytes <= c->config->held_bytes && c->held_bytes <= c->config->held_bytes - bytes;
}

/* pages_open.c: web servers as the configuration asks for them. At a reload only what is different is opened again; a failure is
 * told then, and returned otherwise. */
enum ou_status collector_open_pages(struct collector *c, struct ou_error *err);
void collector_reopen_pages(struct collector *c, const struct collector_config *old);
void collector_close_pages(struct collector *c);

/* Reads the configuration, and tells its warnings. */
#define CONFIG_WARNINGS_BYTES ((size_t)4 << 20)
enum ou_status collector_load_config(const char *path, struct collector_config **ret,
                                     struct ou_error *err);
void collector_tell_config(const struct collector *c);

/* Forwarding onwards, history, tracing and resources as the configuration asks for them. */
enum ou_status collector_open_reforwarder(struct collector *c, struct ou_error *err);
/* Waits so long for the other collector; what is left over then is told. */
void collector_close_reforwarder(struct collector *c, uint32_t wait_ms);
enum ou_status collector_open_history(struct collector *c, struct ou_error *err);
void collector_trace_as(const struct collector *c);
void collector_start_resources(struct collector *c);

/* reload.c: on SIGHUP. */
void collector_reload(struct collector *c);

#endif
