/* The process of a deployed task: does what orders say at one host, tells how it goes, and leaves when it is told to. Its task file, which only its task can read, has all that
 * it needs to know and no credentials:
 *
 *   {"schema": 1, "run": "...", "host": "node-3", "node": "client-7", "orders_key": hex, "state_seed": hex, "orders_url": "...",
 *    "state_url": "...", "probe_url": "...", "probe_bytes": 1048576, "poll_s": 1, "ca_file": null}
 *
 * It makes FOLDER/run, private (0700), and there what the run directory has of this host; FOLDER/agent is its own. Services are children
 * (backend_local.h), so they end with it, whatever ends it. When it is started again in the same folder it goes on: bundles that are there stay, services are
 * started again only where orders ask for it. SIGTERM and SIGINT: services are ended in order, the last state told, exit 0.
 * Whatever makes it end is an interrupt to all of the process (base/interrupt.h). */
#ifndef OU_AGENT_AGENT_H
#define OU_AGENT_AGENT_H

#include "base/status.h"

#define AGENT_LOST_AFTER_S 3600.0

struct agent_options {
    const char *task_file;
    const char *folder;  /* NULL: NOMAD_TASK_DIR, else the current one */
    const char *program; /* ouroscope: an absolute path */
    double lost_after_s; /* without orders, before it gives up; 0: AGENT_LOST_AFTER_S */
    /* Lines for a person, to the task's standard error; never a URL's query, never a key. From any thread. */
    void (*say)(void *context, const char *line);
    void *context;
};

/* Main thread, which must be the only one. OU_OK: it was told to leave, or to end by a signal. OU_INVALID: the task file or the
 * folder. OU_IO: it has lost the bucket. */
enum ou_status agent_run(const struct agent_options *options, struct ou_error *err);

#endif
