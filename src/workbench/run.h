/* A benchmark run, from profile to logs: allocated, deployed, genesis made last, started,
 * watched, stopped, fetched. Where its cluster stands is a backend's business
 * (deploy/backend.h): on this machine, if nobody says otherwise. Analysis is the caller's
 * (cmd/run.c): it stands in a layer above. */
#ifndef OU_WORKBENCH_RUN_H
#define OU_WORKBENCH_RUN_H

#include "deploy/backend.h"
#include "profile/profile.h"
#include "workbench/run_dir.h"
#include "workbench/run_meta.h"

/* What a person wants to see while it runs; all counts so far, -1 where not known. */
struct run_view {
    enum run_state state;
    int64_t start_ns;                /* slot 0; 0: not known yet */
    double elapsed_s;                /* since slot 0; negative before */
    int64_t slot;                    /* now */
    int64_t height_low, height_high; /* of the nodes' tips */
    int64_t blocks_forged;
    int64_t txs_sent;
    /* Of the transactions that split the generator's fund, before its load begins; 0: not told. */
    uint64_t setup_taken, setup_txs;
    double tps;         /* of late */
    double cpu_cores;   /* of all nodes together, of late: 1.5 means one and a half processors */
    uint64_t rss_bytes; /* of all nodes */
    uint32_t nodes_up, nodes;
    double heard_s; /* how long ago all of this was so, as far as it is of nodes far away; else 0 */
    const struct run *of; /* opaque: for run_view_node(), while it is shown; may be NULL */
};

/* A node as a person wants to see it. */
struct run_view_node {
    const char *name;
    bool is_up;
    int64_t height; /* of its tip; -1: no block yet */
    uint64_t blocks_forged, rss_bytes;
};
/* Node number i, below view->nodes. False: it is not known, as `of` is NULL. */
bool run_view_node(const struct run_view *view, size_t i, struct run_view_node *ret);

/* What a backend is opened for; all of it stays until the backend is released. */
struct run_hosts {
    const struct profile *profile;
    const char *directory; /* RUN, absolute */
    const char *name;      /* its last part */
    const char *program;   /* ouroscope, here */
    const struct host_want *wants;
    size_t count;
};
typedef enum ou_status (*run_open_backend_fn)(void *context, const struct run_hosts *hosts,
                                              struct backend **ret, struct ou_error *err);

struct run_options {
    const struct profile *profile;
    const char *parent; /* where run directories are made */
    const char *ident;  /* label; "" makes one of random digits */
    const char *batch;  /* label of a series of runs, or "" */
    struct run_place place;
    const char *program;       /* the path of ouroscope itself */
    bool keep_databases;       /* of the nodes; else they are removed after a good run */
    const char *genesis_cache; /* a folder of data sets (genesis_cache.h); NULL: none */
    bool
        prepare_only; /* everything but processes: the run stays genesis-ready, to be looked at or resumed */
    /* A run to go on with instead of a new one: from the state it has reached; what was begun behind that is made anew. Its
     * own profile.json and meta.json count; profile, parent, ident, batch and place are not looked at. NULL: a new run. */
    const char *resume;
    bool is_one_of_many;   /* where it is is told by who makes them all */
    uint32_t attempt;      /* at making this run, from 1; 0 is 1 */
    const json_t *setting; /* of a sweep: {"axis": "level", ...}, for meta.setting; NULL: none */
    /* Opens the backend; a resumed run must get one of the kind that it had. NULL: that of this
     * machine. */
    run_open_backend_fn open_backend;
    void *open_context;
    bool cluster_stands; /* of resume: its earlier process has not left the cluster */
    void (*show)(void *context, const struct run_view *view); /* twice a second; may be NULL */
    void (*say)(void *context, const char *line); /* events worth a line: a node died, ... */
    /* What it waits for before there are processes, and behind them; over and over; may be NULL. */
    void (*progress)(void *context, const char *line);
    /* A step on the way to a cluster's start is done, as it is; may be NULL. Not of this machine: there they take no time. */
    void (*stepped)(void *context, const struct backend_step *step);
    void *context;
};

struct run_result {
    char directory[4096];
    enum run_state
        state; /* fetched or failed; genesis-ready when no more was asked for; analysed when it was that before */
    bool interrupted;   /* by the user; what is there can be analysed */
    bool is_analysable; /* there are logs of nodes */
    uint32_t nodes_died;
    uint64_t blocks; /* of the longest chain */
    uint64_t txs;    /* that nodes acknowledged */
};

/* OU_OK also for a run that was interrupted while it was measured: SIGINT, SIGTERM and SIGHUP
 * end it in order, a second one at once; no process is left, either way. Whoever has
 * interrupt_install()ed may interrupt it before there are processes. A run that failed keeps its
 * directory, with the cause in status.json and err. Logs that could not be fetched are a
 * failure, too: the run stays stopped, its cluster stands, and resuming it tries again. Before
 * the directory is there ret->directory is "". Main thread. */
enum ou_status run_perform(const struct run_options *options, struct run_result *ret,
                           struct ou_error *err);

#endif
