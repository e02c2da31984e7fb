/* The collector daemon. */
#ifndef OU_COLLECT_COLLECTOR_H
#define OU_COLLECT_COLLECTOR_H

#include "base/buffer.h"
#include "collect/config.h"

struct collector_options {
    const char *config_path; /* read again on SIGHUP */
    const char *state_path;  /* --state-dir; NULL: none */
    int severity_min;        /* of its own messages; -1: Info */
    /* Called once all that was asked for is open. listens: the address is where nodes connect to (a free port filled in); else
     * addresses are those that are connected to. May be NULL. */
    void (*ready)(void *context, bool listens, const char *addresses);
    void *context;
};

/* Runs until SIGINT or SIGTERM: says Done to nodes, waits at most 15 s for what is on its way, writes and closes everything. Its own messages go through
 * libouroscope to standard output. */
enum ou_status collector_run(const struct collector_options *options, struct ou_error *err);

/* The tracing configuration of its own messages, as JSON. config NULL: as before one is read. */
void collector_tracing_text(const struct collector_options *options,
                            const struct collector_config *config, struct buffer *out);

#endif
