/* A backend: where the hosts of a run stand and who starts its services. Two kinds, this machine (backend_local.h) and HashiCorp Nomad
 * (backend_nomad.h); a run (workbench/run.h) uses either through what stands here, in this order:
 *
 *   reach        whether those who are asked for hosts can be asked
 *   stand        until every host has its place                                  sites
 *   (the run writes the files of services for these sites, and the genesis with its start time, at the last moment)
 *   ready_in_s   how far away the start must be
 *   deliver      files and genesis to every host, each of which acknowledges their hashes
 *   service_add, service_start, backend_poll, service_stop ...                   while a libuv loop runs
 *   fetch        logs, and what services printed, come home
 *   leave        nothing stays behind
 *
 * reach, stand, deliver, fetch and leave take their time: they are called outside of the loop, and tell what
 * they do (say). All but leave, which is what an interrupt leads to, end with OU_INTERRUPTED when the
 * user wants. All others return at once. Main thread.
 *
 * Where services outlive the process that began them, another one takes them up: it stands, and where is_under_way()
 * says so it adds the services by their names (facts tell what became of them), starts those that never were, and goes on. */
#ifndef OU_DEPLOY_BACKEND_H
#define OU_DEPLOY_BACKEND_H

#include <jansson.h>
#include <stddef.h>
#include <uv.h>

#include "base/status.h"
#include "deploy/service.h"
#include "deploy/site.h"

struct backend; /* a kind's own, which begins with struct backend */
struct service; /* opaque: one that a backend starts */

/* What the run wants at each of its hosts: the profile's order, as in node-specs.json. */
struct host_want {
    const char *name;   /* "node-3" */
    const char *region; /* of the profile */
    bool is_explorer;   /* larger, and where the generator stands */
    bool has_generator;
};

/* What goes to hosts: paths below RUN, files or folders, which have the same place below the site's directory. */
struct cargo {
    const char *const *common; /* to all: genesis files; common_count of them */
    size_t common_count;
    struct cargo_of_host {
        const char *const *paths; /* to this one alone: its folder, its keys */
        size_t count;
    } * hosts;        /* of every host */
    int64_t start_ns; /* slot 0, wall clock; services are begun shortly before; 0: at once */
    double lasts_s;   /* at most, from then on; 0: as long as somebody wants it to */
};

enum delivery {
    DELIVERED, /* every host has acknowledged */
    DELIVERY_LATE, /* a host has not in time: nothing was begun; take a later start, and deliver again */
    DELIVERY_MOVED, /* a host was lost and has another place: stand() again, write files again */
};

/* What is known of a service, until the backend is released. Of one far away, as it was some seconds ago. */
struct service_facts {
    bool running, ended; /* ended: after its last start */
    /* By its readiness; stays so while it runs. Of one that has ended: its log says that somebody else started it again. */
    bool is_ready;
    int status;      /* of its end: exit status, or 128 + signal */
    uint32_t starts; /* how often it was started by us */
    /* of its log (log_watch.h) */
    uint32_t log_starts;
    int64_t height, tip_slot; /* -1: no block yet */
    uint64_t blocks_forged, txs_acked;
    uint64_t setup_taken, setup_txs;
    /* of its process, with its threads; 0 where it does not run */
    int64_t cpu_ns;
    uint64_t rss_bytes;
    int64_t heard_ns; /* monotonic: when all of this came from far away; 0: it is as of now */
};

struct service_options {
    const char *name; /* "node-3", "generator", "tracer"; unique at its host */
    size_t host;
    const struct start_command *command; /* borrowed; its directory is below RUN, here */
    const char *log;      /* its log, below RUN: "logs/node-3/node.json"; NULL: none is watched */
    bool log_begins_here; /* what the log has so far is of an earlier process */
    /* Called from the loop (backend_poll or its child's end) once for each end. Not for one of before it was
     * added, when services are taken up: its facts tell. */
    void (*ended)(struct service *service, void *owner, int status);
    void *owner;
};

/* What is known of how long it took to stand: told by stand and deliver, for the report. */
struct backend_step {
    const char *
        name; /* "job registered", "hosts placed", "agents ready", "bundle uploaded", "genesis fetched by all", ...: static */
    int64_t at_ns;    /* wall clock: when it was done */
    const char *host; /* whose, where it is of one host: the latest; "" */
};
#define BACKEND_STEPS_MAX 256

struct backend_kind {
    const char *name; /* "local", "nomad" */
    bool outlives;    /* services go on when this process dies */
    bool tracer_each; /* every host has a collector of its own */
    /* Before anything slow is made: whether all that stand() will need answers. NULL: it needs nobody. */
    enum ou_status (*reach)(struct backend *b, struct ou_error *err);
    enum ou_status (*stand)(struct backend *b, struct site *ret_sites, struct ou_error *err);
    double (*ready_in_s)(struct backend *b, const struct cargo *cargo);
    enum ou_status (*deliver)(struct backend *b, const struct cargo *cargo, enum delivery *ret,
                              struct ou_error *err);
    enum ou_status (*loop_begins)(struct backend *b, uv_loop_t *loop,
                                  struct ou_error *err); /* before the first service_add() */
    void (*loop_ends)(
        struct backend *b); /* closes its handles; services must have ended, or are let go of */
    enum ou_status (*add)(struct backend *b, const struct service_options *options,
                          struct service **ret, struct ou_error *err);
    enum ou_status (*start)(struct backend *b, struct service *service, struct ou_error *err);
    void (*stop)(struct backend *b, struct service *service, uint64_t grace_ms);
    const struct service_facts *(*facts)(struct backend *b, struct service *service);
    void (*last_lines)(struct backend *b, struct service *service, char *ret, size_t room);
    /* Ten times a second. OU_IO: the cluster cannot be watched any more, or has lost a host; the message says which and why. */
    enum ou_status (*poll)(struct backend *b, struct ou_error *err);
    enum ou_status (*fetch)(struct backend *b, struct ou_error *err);
    enum ou_status (*leave)(struct backend *b, struct ou_error *err);
    /* Whether services were started in this deployment by an earlier process, so that they are to be taken up; before stand()
     * and behind it. NULL: that cannot be. */
    bool (*is_under_way)(struct backend *b);
    /* Processes in the services' folders that somebody else started, by hand say: how many there are; stop asks them to end, or
     * kills them. NULL: such are not known of. */
    size_t (*strays)(struct backend *b);
    void (*stop_strays)(struct backend *b, bool kill_them);
    /* What meta.json says of it, besides its name: an object that the caller json_decref()s; NULL: nothing. May be NULL. */
    json_t *(*describe)(struct backend *b);
    void (*release)(struct backend *b);
};

/* What all kinds have. */
struct backend {
    const struct backend_kind *kind;
    const char *run_directory; /* RUN, absolute, here */
    const char *program;       /* ouroscope, here */
    const struct host_want *wants;
    size_t host_count;
    void (*say)(void *context, const char *line); /* events worth a line; may be NULL */
    void (*progress)(void *context,
                     const char *line); /* what it waits for, over and over; may be NULL */
    void (*stepped)(void *context, const struct backend_step *step); /* one is done; may be NULL */
    void *context;
    struct backend_step steps[BACKEND_STEPS_MAX];
    size_t step_count;
};

/* Notes that a step is done, at the time of the call; names of a step that is there already are replaced: of the last try. */
void backend_step(struct backend *b, const char *name, const char *host);
void backend_say(struct backend *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void backend_progress(struct backend *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
