/* The parts of a run (run.h), for the files that make it up: run.c has its beginning and its end, run_make.c its files,
 * run_resume.c what an earlier process left of it, run_loop.c the loop, run_phases.c its phases, run_ends.c what ends it,
 * run_cluster.c its processes, run_chainsync.c the chain that is served, run_view.c what a person sees. One thread, one loop. */
#ifndef OU_WORKBENCH_RUN_INSIDE_H
#define OU_WORKBENCH_RUN_INSIDE_H

#include <limits.h>

#include "deploy/child.h"
#include "deploy/ports.h"
#include "deploy/sampler.h"
#include "deploy/log_watch.h"
#include "workbench/node_files.h"
#include "deploy/readiness.h"
#include "workbench/run.h"
#include "workbench/run_live.h"

#define RUN_STRAYS_MAX PROFILE_HOSTS_MAX
#define RUN_SAMPLES 10     /* of the view: what "of late" is */
#define RUN_GRACE_MS 10000 /* between SIGTERM and SIGKILL */

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
    const struct node_spec *spec; /* of a node; NULL */
    char name[32];
    struct start_command command;
    struct child *child; /* NULL: not started */
    struct log_watch log;
    struct ready_watch ready;
    struct sampled_process
        *sampled;     /* where we write its log; NULL: it does itself, or has ended */
    bool ended, died; /* by itself; died: it was not to */
    uint32_t
        starts_at_end; /* of log.starts: more of them later tell that somebody started it again */
    uint32_t restarts;
    int64_t restart_at_ns; /* monotonic: we are to start it again then; 0: we are not */
};

struct run_sample {
    int64_t at_ns, cpu_ns;
    uint64_t txs;
};

/* What is known of a run that is taken up again; of a new one, all that is said of it. */
struct run_identity {
    const char *ident, *batch;
    struct run_place place;
    const json_t *setting;
    uint32_t attempt, resumed;
};

struct run {
    const struct run_options *options;
    const struct profile *profile;
    struct run_identity identity;
    struct run_result *result;
    struct run_lock lock;
    struct arena memory; /* of commands and topology */
    char nodes_directory[PATH_MAX];
    uv_loop_t loop;
    uv_timer_t tick;
    uv_signal_t signals[3];
    size_t signal_count;
    uint64_t ticks;

    struct topology topology;
    struct ports ports;
    struct site *sites; /* of the nodes; in memory */
    struct run_service *nodes; /* node_count of them */
    size_t node_count;
    struct run_service generator, tracer;
    struct sampler *sampler;
    char tracer_socket[PATH_MAX];
    int64_t start_ns;      /* slot 0, wall clock; of programs without slots, their start */
    int64_t nodes_from_ns; /* wall clock: when nodes were started */
    bool goes_on;          /* on the chain that an earlier process left */
    bool wiped;            /* such a chain was given up, and the run begins anew */
    bool load_is_done;     /* all transactions were sent before the run was taken up */
    bool asked_to_end;     /* by a signal */
    bool has_measured;
    unsigned genesis_tenths; /* of its data set, that were told */
    json_t *concurrent;      /* names of the runs that went on when this one began; owned */

    enum run_phase phase;
    int64_t phase_since_ns;  /* monotonic */
    int64_t settled_height;  /* where the chain has taken in the load; -1: there still is load */
    int64_t source_height;   /* of the chain that is served; -1: not known */
    int64_t newest_height;   /* of any node's tip */
    int64_t newest_since_ns; /* monotonic */
    bool silence_told;
    size_t strays;               /* nodes that run and are not our children */
    enum ou_status status;       /* the first failure */
    struct ou_error cause;       /* of it, or of the end */
    struct ou_error first_death; /* how the first node that was not to end did; "": none */

    struct run_sample samples[RUN_SAMPLES];
    size_t sample_count;
};

/* ---- run.c ---- */

/* The first failure: the run ends with this cause. */
void run_fail(struct run *r, enum ou_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void run_say(const struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* That it cannot be written is the run's failure. */
void run_enter_state(struct run *r, enum run_state state, const char *cause);
/* RUN/name */
enum ou_status run_path(const struct run *r, const char *name, char ret[PATH_MAX],
                        struct ou_error *err);

/* What a profile's scenario and kind of nodes need. */
bool run_wants_nodes(const struct profile *p);
bool run_wants_tracer(const struct profile *p);
bool run_wants_load(const struct profile *p);
bool run_has_chain(const struct profile *p);
bool run_is_open_ended(const struct profile *p); /* it goes on until somebody ends it */

/* ---- run_make.c: from nothing to genesis-ready ---- */

enum ou_status run_allocate(struct run *r, struct ou_error *err);
enum ou_status run_deploy(struct run *r, struct ou_error *err);
/* The genesis with its start, and meta.json; a run that goes on keeps the genesis that it has. */
enum ou_status run_make_genesis(struct run *r, struct ou_error *err);

/* ---- run_resume.c ---- */

struct run_past {
    enum run_state state;
    struct profile profile;
    json_t *document; /* meta.json; NULL: there is none yet */
    int64_t start_ns; /* TIME_NONE */
    struct run_identity identity;
};

/* What an earlier process left of a run; run_past_release() it, also after a failure. */
enum ou_status run_past_read(const char *directory, struct run_past *ret, struct ou_error *err);
void run_past_release(struct run_past *past); /* a zeroed one is fine */
/* Ends what is left of its processes, and finds out whether the run can go on on the chain that it has: r->goes_on,
 * r->start_ns, r->load_is_done. Where it cannot, databases are removed, and logs are put aside into RUN/earlier. */
enum ou_status run_take_up(struct run *r, const struct run_past *past, struct ou_error *err);

/* ---- run_chainsync.c ---- */

/* Whether the profile says all that the scenario needs: OU_USAGE. */
enum ou_status run_chainsync_check(const struct profile *p, struct ou_error *err);
/* Copies genesis and chain of the profile's source into the run; gives r->start_ns and r->source_height. */
enum ou_status run_copy_chain(struct run *r, struct ou_error *err);
const char *run_chainsync_end(const struct run *r); /* as run_end_of() */

/* ---- run_loop.c ---- */

/* From the first process to the last. */
enum ou_status run_processes_all(struct run *r, struct ou_error *err);

/* ---- run_phases.c ---- */

void run_begin(struct run *r); /* starts the collector, or what comes first */
void run_step(struct run *r);  /* looks whether a phase is at its end */

/* ---- run_ends.c ---- */

/* Why the run is at its end; NULL: it is not. */
const char *run_end_of(struct run *r);
void run_watch_health(struct run *r); /* says when there is no block for long */

/* ---- run_cluster.c ---- */

enum ou_status run_start(struct run *r, struct run_service *service, struct ou_error *err);
void run_restart_due(struct run *r); /* nodes that died and are to be started again */
bool run_restarts_wait(const struct run *r);
/* Asks all nodes to end, also those that somebody started by hand; grace_ms 0 kills them. */
void run_stop_nodes(struct run *r, uint64_t grace_ms);
bool run_nodes_are_gone(struct run *r);
bool run_service_is_ready(struct run_service *service);
bool run_service_is_up(const struct run *r, const struct run_service *service);
size_t run_nodes_up(const struct run *r);
void run_read_logs(struct run *r);
void run_count_strays(struct run *r);

/* Over the nodes that are up; -1 when one of them has no block, or none is up. */
int64_t run_height_low(const struct run *r);
int64_t run_height_high(const struct run *r);

/* ---- run_view.c ---- */

double run_elapsed_s(const struct run *r); /* since slot 0 */
void run_show(struct run *r);

#endif
