/* The parts of a run (run.h), for the files that make it up: run.c has its beginning, run_make.c
 * its folder and the order of what follows, run_backend.c where its cluster stands,
 * run_services.c its services and their files, run_deliver.c genesis, start and delivery,
 * run_cargo.c what is delivered, run_resume.c what an earlier process left of it, run_loop.c the
 * loop, run_phases.c its phases, run_ends.c what ends it, run_cluster.c its services while they
 * run, run_chainsync.c the chain that is served, run_view.c what a person sees, run_home.c its
 * end. One thread, one loop. */
#ifndef OU_WORKBENCH_RUN_INSIDE_H
#define OU_WORKBENCH_RUN_INSIDE_H

#include <limits.h>

#include "deploy/backend.h"
#include "workbench/node_files.h"
#include "workbench/run.h"
#include "workbench/run_live.h"

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

/* A node, the generator, or a collector. */
struct run_service {
    struct run *run;
    const struct node_spec *spec; /* of a node; NULL */
    size_t host;
    char name[32], title[64]; /* title: as messages call it */
    char log[64];             /* below RUN; "": none */
    struct start_command command;
    struct service *service; /* the backend's; NULL: this run has none such, or no loop yet */
    bool died;               /* it ended by itself, and was not to */
    uint32_t restarts;
    int64_t restart_at_ns; /* monotonic: we are to start it again then; 0: we are not */
    int64_t heard_ns;      /* monotonic: when it was heard of last, of one far away; 0 */
};

struct run_sample {
    int64_t at_ns, cpu_ns; /* monotonic: when it was so, of nodes */
    int64_t txs_at_ns;     /* and of the generator */
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
    struct run_hosts hosts;
    struct backend *backend;   /* NULL: not opened */
    struct site *sites;        /* of hosts.count; in memory */
    struct run_service *nodes; /* node_count of them */
    size_t node_count;
    struct run_service *tracers; /* tracer_count of them: one, or one a host */
    size_t tracer_count;
    struct run_service generator;
    json_t *meta;          /* meta.json; owned; NULL: not written yet */
    json_t *past_to_start; /* meta.timing.to_start of an earlier process; owned; NULL */
    int64_t start_ns;      /* slot 0, wall clock; of programs without slots, their start */
    int64_t nodes_from_ns; /* wall clock: when nodes were started */
    bool goes_on;          /* on the chain that an earlier process left */
    bool attached;         /* and with the services that it had started */
    bool began;            /* a service was started: there are logs to fetch */
    bool lost;             /* the cluster can be watched no longer, nor ended, nor fetched from */
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
/* Takes the document over; NULL is no memory. */
enum ou_status run_save_document(const struct run *r, const char *name, json_t *document,
                                 struct ou_error *err);
enum ou_status run_make(struct run *r, struct ou_error *err);

/* ---- run_backend.c ---- */

enum ou_status run_open_backend(struct run *r, struct ou_error *err);
/* Until every host has its place: r->sites. */
enum ou_status run_stand(struct run *r, struct ou_error *err);
/* Whether services of this run go on somewhere, or have ended there, whose process was not this
 * one. */
bool run_is_under_way(const struct run *r);

/* ---- run_services.c ---- */

/* Names of all services, and the files of them for the sites that there are now; again when a
 * host has moved. */
enum ou_status run_write_files(struct run *r, struct ou_error *err);
/* Hands all of them to the backend, whose loop has begun. */
enum ou_status run_add_services(struct run *r, struct ou_error *err);

/* ---- run_cargo.c ---- */

/* What goes to hosts, as the run's files are now; in the run's memory. */
enum ou_status run_load_cargo(struct run *r, struct cargo *ret, struct ou_error *err);

/* ---- run_deliver.c ---- */

/* The slow half of the genesis; its start is not final. Nothing where the run makes none, or
 * goes on with the one it has. */
enum ou_status run_make_genesis_data(struct run *r, struct ou_error *err);
/* The start of slot 0, meta.json, and all files at all hosts; until every host has them in time. */
enum ou_status run_deliver(struct run *r, struct ou_error *err);
/* Tells in meta.json what has been done since. */
void run_tell_steps(struct run *r);

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
/* Ends what is left of its processes, and finds out whether the run can go on on the chain that
 * it has: r->goes_on, r->start_ns, r->load_is_done. Where it cannot, databases are removed, and
 * logs are put aside into RUN/earlier. Services that have outlived their process are left alone:
 * r->attached. The backend is open. */
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
void run_go_on(struct run *r); /* with services that an earlier process has started */
void run_step(struct run *r);  /* looks whether a phase is at its end */

/* ---- run_ends.c ---- */

/* Why the run is at its end; NULL: it is not. */
const char *run_end_of(struct run *r);
/* Says when there is no block for long. */
void run_watch_health(struct run *r);
/* Says when a host far away was not heard of, whatever the run does meanwhile. */
void run_watch_hosts(struct run *r);

/* ---- run_cluster.c ---- */

const struct service_facts *run_facts(const struct run_service *s);
/* The service has ended; also called for one that did so while nobody watched. */
void run_on_ended(struct service *service, void *owner, int status);
enum ou_status run_start(struct run *r, struct run_service *service, struct ou_error *err);
bool run_is_started(const struct run_service *s); /* and has not ended */
void run_stop_service(struct run_service *s, uint64_t grace_ms);
void run_restart_due(struct run *r); /* nodes that died and are to be started again */
bool run_restarts_wait(const struct run *r);
/* Asks all nodes to end, also those that somebody started by hand; grace_ms 0 kills them. */
void run_stop_nodes(struct run *r, uint64_t grace_ms);
void run_stop_tracers(struct run *r, uint64_t grace_ms);
bool run_nodes_are_gone(struct run *r);
bool run_tracers_are_gone(const struct run *r);
bool run_service_is_ready(const struct run_service *service);
bool run_service_is_up(const struct run *r, const struct run_service *service);
size_t run_nodes_up(const struct run *r);
void run_count_strays(struct run *r);

/* Over the nodes that are up; -1 when one of them has no block, or none is up. */
int64_t run_height_low(const struct run *r);
int64_t run_height_high(const struct run *r);

/* ---- run_view.c ---- */

double run_elapsed_s(const struct run *r); /* since slot 0 */
void run_show(struct run *r);

/* ---- run_home.c ---- */

/* The run's last state, its logs, and the end of its cluster. */
void run_conclude(struct run *r);
/* Logs of a run that has stopped, which its earlier process could not fetch; its last state. */
void run_come_home(struct run *r);
/* Ends its cluster, or says who can. */
void run_leave(struct run *r);

#endif
