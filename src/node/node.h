/* The reference node as a whole. */
#ifndef OU_NODE_NODE_H
#define OU_NODE_NODE_H

#include "base/status.h"
#include "node/collector_address.h"
#include "node/node_config.h"

struct node_options {
    const char *config_path, *topology_path, *database_path;
    const char *host;                                   /* default 127.0.0.1 */
    uint16_t port;                                      /* 0: any free one */
    const char *kes_path, *vrf_path, *certificate_path; /* all, or none: a relay ... */
    const char *bulk_credentials_path; /* ... or a producer for all pools of this file; NULL */
    /* UINT64_MAX: none. The node ends when its tip has reached it. */
    uint64_t shutdown_slot, shutdown_block;
    struct collector_address collector;
    /* Called when the node listens, with the port that it is; may be NULL. */
    void (*listening)(void *context, const char *host, uint16_t port);
    void *context;
};

/* Runs until SIGINT, SIGTERM or the shutdown condition; OU_OK then. Starts and stops tracing; the process's
 * main thread, once at a time. */
enum ou_status node_run(const struct node_options *options, struct ou_error *err);

#endif
