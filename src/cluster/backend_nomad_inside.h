/* The parts of the Nomad backend: backend_nomad.c is its table, deployment_stand.c brings its hosts up, deployment_deliver.c what they need to them,
 * backend_nomad_services.c their services, deployment_haul.c and deployment_fetch.c what they wrote home, deployment_end.c all of it to an end.
 * Main thread. */
#ifndef OU_CLUSTER_BACKEND_NOMAD_INSIDE_H
#define OU_CLUSTER_BACKEND_NOMAD_INSIDE_H

#include "cluster/backend_nomad.h"
#include "cluster/cluster_watch.h"
#include "cluster/courier.h"
#include "cluster/deployment.h"
#include "cluster/silence.h"

/* What has been made and brought into the bucket for hosts: the same bundle is not brought again. */
struct sent_bundle {
    char sha256[SHA256_HEX];
    char name[64 + sizeof "files-.tar.zst"]; /* of its object */
    uint64_t bytes, content_bytes;
};

struct nomad_backend {
    struct backend backend; /* first */
    struct deployment d;
    struct courier courier;
    struct cluster_watch watch;
    bool is_up;       /* both run */
    int64_t start_ns; /* slot 0 of what was delivered */
    unsigned late;    /* deliveries that were */
    double away_s;    /* how far the start was to be away at the last of them */
    /* How long the last delivery took us until the first host could begin to fetch; 0: there was none. */
    double last_upload_s;
    struct sent_bundle common, *of_hosts; /* of_hosts: one a host; owned */
    struct service **services;            /* service_count of them; owned */
    size_t service_count;
    struct silence bucket_silence, nomad_silence;
};

/* ---- deployment_stand.c ---- */

/* Asks Nomad, and puts the probe into the bucket; once. */
enum ou_status deployment_reach_all(struct nomad_backend *n, struct ou_error *err);
enum ou_status deployment_stand(struct nomad_backend *n, struct site *ret_sites,
                                struct ou_error *err);
/* Takes up one that stands, as far as it does: to ask its hosts something. */
enum ou_status deployment_join(struct nomad_backend *n, struct ou_error *err);
/* The threads; what is up stays up. */
enum ou_status deployment_begin_threads(struct nomad_backend *n, struct ou_error *err);
void deployment_end_threads(struct nomad_backend *n);
/* After a change of orders, with the mutex held: wakes the courier, and lets go of the mutex. */
void deployment_unlock(struct deployment *d);

/* ---- deployment_ready.c ---- */

/* Until all hosts are ready, of a wait that began then (monotonic); OU_IO: the time is over, or it is hopeless; the message says why. */
enum ou_status deployment_wait_ready(struct nomad_backend *n, int64_t begun_ns,
                                     struct ou_error *err);
/* Likewise of a run that had been delivered: hosts that are gone stay so. */
enum ou_status deployment_wait_past(struct nomad_backend *n, int64_t begun_ns,
                                    struct ou_error *err);

/* ---- deployment_submit.c ---- */

/* Validates, plans and registers the job as it is to be now; again without harm. */
enum ou_status deployment_submit(struct nomad_backend *n, struct ou_error *err);
/* Unless an earlier process has. OU_IO: one that was delivered to is there no more. */
enum ou_status deployment_submit_unless_there(struct nomad_backend *n, struct ou_error *err);

/* ---- deployment_deliver.c ---- */

double deployment_ready_in_s(struct nomad_backend *n, const struct cargo *cargo);
enum ou_status deployment_deliver(struct nomad_backend *n, const struct cargo *cargo,
                                  enum delivery *ret, struct ou_error *err);

/* ---- deployment_haul.c ---- */

/* What is brought home from every host that is alive: packed there by a job of this kind, shipped to the bucket in parts, fetched from there,
 * and unpacked into `folder`/HOST, which is new and private. */
struct haul {
    enum order_job_kind kind; /* JOB_PACK or JOB_EXTRACT */
    const char *what;         /* "logs": for messages */
    const char *folder;
    const char *const *arguments; /* of JOB_EXTRACT; argument_count of them */
    size_t argument_count;
    bool (*is_wanted)(const struct deployed_host *h);
    /* Of one that has been unpacked; a failure is the host's. */
    enum ou_status (*arrived)(struct deployment *d, struct deployed_host *h, const char *folder,
                              struct ou_error *err);
};
/* OU_IO names the hosts of which nothing came, and why; the others are here. */
enum ou_status deployment_haul(struct deployment *d, const struct haul *haul, struct ou_error *err);

/* ---- deployment_fetch.c ---- */

enum ou_status deployment_fetch(struct nomad_backend *n, struct ou_error *err);

/* ---- deployment_end.c ---- */

enum ou_status deployment_leave(struct nomad_backend *n, struct ou_error *err);
/* Stops the job and removes the objects; what is not there is fine. */
enum ou_status deployment_end(struct deployment *d, bool job, bool objects, struct ou_error *err);

/* ---- backend_nomad_services.c ---- */

enum ou_status nomad_service_add(struct backend *b, const struct service_options *options,
                                 struct service **ret, struct ou_error *err);
enum ou_status nomad_service_start(struct backend *b, struct service *service,
                                   struct ou_error *err);
void nomad_service_stop(struct backend *b, struct service *service, uint64_t grace_ms);
const struct service_facts *nomad_service_facts(struct backend *b, struct service *service);
void nomad_service_last_lines(struct backend *b, struct service *service, char *ret, size_t room);
enum ou_status nomad_services_poll(struct backend *b, struct ou_error *err);
void nomad_services_forget(struct nomad_backend *n);

#endif
