/* What a run has on a Nomad cluster and in its bucket: who its hosts are, where they stand, what their agents have said, and what they are to do.
 * RUN/deploy/deployment.json has what a later process needs of it (docs/formats/deployment.md); it is written before each step outside that it speaks of,
 * so that whoever comes after a crash finds at least what there is.
 *
 * Three threads look after it: the courier (courier.h) moves orders and states, the watch (cluster_watch.h) asks Nomad what becomes of the
 * tasks, and the main thread wants things. What they share is a host's members from `place` on, under the mutex; `news` is signalled
 * whenever one of them has changed. */
#ifndef OU_CLUSTER_DEPLOYMENT_H
#define OU_CLUSTER_DEPLOYMENT_H

#include <limits.h>
#include <pthread.h>

#include "agent/agent_state.h"
#include "agent/envelope.h"
#include "agent/orders.h"
#include "cluster/bucket.h"
#include "cluster/journal.h"
#include "cluster/placement.h"
#include "deploy/backend.h"
#include "nomad/client.h"
#include "nomad/explain.h"

#define DEPLOYMENT_RUN_ROOM 65 /* a name of a run: letters, digits, "-" */
#define DEPLOYMENT_JOB_PREFIX "ouroscope-"
#define DEPLOYMENT_HOSTS_MAX 4096
#define DEPLOYED_TEXT_ROOM 1024
#define PROBE_BYTES ((size_t)1 << 20)

/* Where Nomad has a host. */
struct host_place {
    char allocation[NOMAD_ID_ROOM]; /* the newest one; "": none yet */
    uint64_t created;               /* Nomad's index of its making: newer is larger */
    enum nomad_allocation_state state;
    bool wanted; /* Nomad wants it to run */
    char node[128], node_id[NOMAD_ID_ROOM];
    char address[64], instance[64]; /* "" until it runs */
    uint16_t port;
    unsigned failures;                /* allocations of this host that failed or were lost */
    char trouble[DEPLOYED_TEXT_ROOM]; /* of the newest one that did: why */
    bool is_explained;                /* that of this one has been asked for */
    char waits[DEPLOYED_TEXT_ROOM];   /* for what its task does, before it runs; "": not told */
    int64_t changed_ns;               /* monotonic: when its state was another one */
};

struct deployed_host {
    const char *name;
    unsigned char seed[ENVELOPE_SEED_BYTES], key[ENVELOPE_PUBLIC_BYTES]; /* its states' */
    unsigned attempt; /* of ours, where Nomad's did not do: another one makes another task */
    bool is_fetched;  /* what it wrote is here */
    /* Where the run was told that it stands, which holds once it has been delivered to; "" and NULL: nowhere yet. */
    struct host_site {
        char allocation[NOMAD_ID_ROOM], address[64];
        uint16_t port;
        const char *directory, *program;
    } site;

    struct host_place place;
    struct agent_state state; /* the newest one; its texts are valid under the mutex */
    bool has_state;
    char state_etag[S3_ETAG_ROOM];
    int64_t heard_ns; /* monotonic: when it came */

    /* What it is to do (deployment_orders.h): orders.bundles, services and jobs are these arrays. */
    struct orders orders;
    struct order_bundle bundles[ORDERS_BUNDLES_MAX];
    struct order_service services[ORDERS_SERVICES_MAX];
    struct order_job jobs[ORDERS_JOBS_MAX];
    char *orders_url, *state_url; /* owned */
    uint64_t written;             /* number of the orders in the bucket */
    struct orders past; /* of an earlier process: texts of services above may be its own */
};

struct deployment {
    const char *run_directory;
    char folder[PATH_MAX]; /* RUN/deploy */
    char run[DEPLOYMENT_RUN_ROOM];
    char job[sizeof DEPLOYMENT_JOB_PREFIX + DEPLOYMENT_RUN_ROOM];
    const struct placement *placement; /* borrowed */
    struct backend *tell;              /* whose lines and steps they are; borrowed */
    struct nomad_facts nomad_facts;    /* of the last look */
    struct nomad *nomad;               /* of the main thread; NULL: not open */
    struct bucket bucket;              /* likewise */
    struct journal journal;
    int lock_fd; /* of RUN/deploy/lock; -1: not held */

    unsigned char seed[ENVELOPE_SEED_BYTES]; /* ours: orders are signed with it */
    unsigned char secret[ENVELOPE_SECRET_BYTES], key[ENVELOPE_PUBLIC_BYTES];
    bool was_there;     /* an earlier process began it */
    bool is_registered; /* the job may be there */
    bool is_delivered;  /* hosts have what they need: from now on none may move */
    bool is_started;    /* services were, since */
    bool has_left;
    bool has_objects;   /* something is in the bucket, as far as this process knows */
    double probe_put_s; /* how long the probe took us; 0: not known */

    struct arena memory; /* of names and texts of orders */
    pthread_mutex_t mutex;
    pthread_cond_t news;
    struct deployed_host *hosts;
    size_t host_count;
    bool bucket_is_away, nomad_is_away;    /* the last request failed */
    int64_t bucket_seen_ns, nomad_seen_ns; /* monotonic: of the last answer */
    char bucket_trouble[DEPLOYED_TEXT_ROOM], nomad_trouble[DEPLOYED_TEXT_ROOM];
};

/* A new one with these hosts, or the one of RUN/deploy. Asks nothing of anybody. `names` are copied. OU_INVALID: RUN/deploy/deployment.json
 * cannot be read, is readable by others, or is of other hosts. */
enum ou_status deployment_open(const char *run_directory, const struct placement *placement,
                               const char *const *names, size_t count, struct backend *tell,
                               struct deployment *ret, struct ou_error *err);
/* The one of RUN/deploy. OU_NOT_FOUND: there is none. */
enum ou_status deployment_open_past(const char *run_directory, const struct placement *placement,
                                    struct backend *tell, struct deployment *ret,
                                    struct ou_error *err);
void deployment_close(struct deployment *d); /* forgets keys; a zeroed one is fine */

/* One process at a time gives orders, else their numbers would cross. Until the deployment is closed. OU_USAGE: another one does. */
enum ou_status deployment_lock(struct deployment *d, struct ou_error *err);

/* Opens d->nomad and d->bucket, and looks whether Nomad can be used. Where nothing is registered yet, both try a few times
 * only: until deployment_be_patient(). */
enum ou_status deployment_reach(struct deployment *d, struct ou_error *err);
void deployment_be_patient(struct deployment *d);
/* Stores and clients of another thread, with this deployment's places. Fewer tries: who polls comes again anyway. */
enum ou_status deployment_reach_nomad(struct deployment *d, struct nomad **ret,
                                      struct ou_error *err);
enum ou_status deployment_reach_bucket(struct deployment *d, struct bucket *ret,
                                       struct ou_error *err);

/* A name of a run as jobs, keys and orders have it: what is no letter or digit becomes "-"; long ones end in a part of their hash. */
void deployment_run_name(const char *name, char ret[DEPLOYMENT_RUN_ROOM]);
/* Nomad's namespace by the plan, the environment, or Nomad itself. */
const char *deployment_namespace(const struct placement *p);
/* RUN/deploy/name; OU_TOO_LARGE. */
enum ou_status deployment_path(const struct deployment *d, const char *name, char ret[PATH_MAX],
                               struct ou_error *err);

/* ---- deployment_file.c ---- */

/* Writes deployment.json, private. */
enum ou_status deployment_save(const struct deployment *d, struct ou_error *err);
/* Fills a deployment whose run_directory and folder are set. */
enum ou_status deployment_load(struct deployment *d, struct ou_error *err);
/* Whether there is a deployment.json that does not say that it has been left. */
bool deployment_is_there(const char *run_directory);
/* A document into RUN/deploy/name, mode 0600, whole or not at all. */
enum ou_status deployment_save_document(const struct deployment *d, const char *name,
                                        const json_t *document, struct ou_error *err);

/* ---- waiting ---- */

/* Waits for news, a fifth of a second at most; the mutex must be held. OU_INTERRUPTED when the user wants an end. */
enum ou_status deployment_wait(struct deployment *d, struct ou_error *err);
struct deployed_host *deployment_host(struct deployment *d, struct span name); /* NULL */
/* A line for the journal and for the person. Main thread. */
void deployment_say(struct deployment *d, const char *host, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
