/* The parts of a run (run.h), for the files that make it up: run.c has its phases, run_cluster.c its processes,
 * run_view.c what a person sees of it. One thread, one loop. */
#ifndef OU_WORKBENCH_RUN_INSIDE_H
#define OU_WORKBENCH_RUN_INSIDE_H

#include <limits.h>

#include "deploy/child.h"
#include "deploy/ports.h"
#include "workbench/log_watch.h"
#include "workbench/node_files.h"
#include "workbench/run.h"

#define RUN_STRAYS_MAX PROFILE_HOSTS_MAX
#define RUN_SAMPLES 10 /* of the view: what "of late" is */

enum run_phase {
    PHASE_OPENING,      /* the collector comes up */
    PHASE_STARTING,     /* nodes do */
    PHASE_SYNCING,      /* until all have a block */
    PHASE_MEASURING,    /* until a condition ends the run */
    PHASE_ENDING_LOAD,  /* the generator is asked to end */
    PHASE_MEETING,      /* the last block goes around */
    PHASE_ENDING_NODES, /* the nodes are asked to end */
    PHASE_CLOSING,      /* the collector writes what it has */
    PHASE_OVER,
};

/* A node, the generator, or the collector. */
struct run_service {
    struct run *run;
    char name[32];
    struct start_command command;
    struct child *child; /* NULL: not started */
    struct log_watch log;
    bool ended, died; /* by itself; died: it was not to */
    uint32_t
        starts_at_end; /* of log.starts: more of them later tell that somebody started it again */
};

struct run_sample {
    int64_t at_ns, cpu_ns;
    uint64_t txs;
};

struct run {
    const struct run_options *options;
    const struct profile *profile;
    struct run_result *result;
    struct arena memory; /* of commands and topology */
    char nodes_directory[PATH_MAX];
    uv_loop_t loop;
    uv_timer_t tick;
    uv_signal_t signals[3];
    size_t signal_count;
    uint64_t ticks;

    struct topology topology;
    struct ports ports;
    struct run_service *nodes; /* node_count of them */
    size_t node_count;
    struct run_service generator, tracer;
    char tracer_socket[PATH_MAX];
    int64_t start_ns; /* slot 0, wall clock */

    enum run_phase phase;
    int64_t phase_since_ns; /* monotonic */
    int64_t settled_height; /* where the chain has taken in the load; -1: there still is load */
    size_t strays;          /* nodes that run and are not our children */
    enum ou_status status;  /* the first failure */
    struct ou_error cause;  /* of it, or of the end */

    struct run_sample samples[RUN_SAMPLES];
    size_t sample_count;
};

/* The first failure: the run ends with this cause. */
void run_fail(struct run *r, enum ou_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void run_say(const struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- run_cluster.c ---- */

enum ou_status run_start(struct run *r, struct run_service *service, struct ou_error *err);
/* Asks all nodes to end, also those that somebody started by hand; grace_ms 0 kills them. */
void run_stop_nodes(struct run *r, uint64_t grace_ms);
bool run_nodes_are_gone(struct run *r);
bool run_service_is_up(const struct run *r, const struct run_service *service);
size_t run_nodes_up(const struct run *r);
void run_read_logs(struct run *r);
void run_count_strays(struct run *r);

/* Over the nodes that are up; -1 when one of them has no block, or none is up. */
int64_t run_height_low(const struct run *r);
int64_t run_height_high(const struct run *r);
int64_t run_tip_slot_low(const struct run *r);

/* ---- run_view.c ---- */

double run_elapsed_s(const struct run *r); /* since slot 0 */
void run_show(struct run *r);

#endif
