/* The backend of a Nomad cluster: one job of the run, a group for each host, whose task is `ouroscope agent` (agent.h). Orders, states and bundles go through a bucket
 * (placement.h); Nomad tells what becomes of the tasks. docs/internals/nomad.md
 *
 * RUN/deploy/ has deployment.json (job, keys, numbers: what a later process needs; mode 0600, it has the run's signing key), placement.json, job.json as it was
 * submitted without its secrets, and events.jsonl, all that Nomad told. */
#ifndef OU_CLUSTER_BACKEND_NOMAD_H
#define OU_CLUSTER_BACKEND_NOMAD_H

#include "cluster/placement.h"
#include "deploy/backend.h"

struct backend_nomad_options {
    const char *run_directory, *program, *run_name;
    const struct placement *placement; /* borrowed */
    const struct host_want *wants;     /* borrowed */
    size_t host_count;
};
/* A new deployment, or that of RUN/deploy, when there is one: then stand() takes it up, whatever state it is in. */
enum ou_status backend_nomad_open(const struct backend_nomad_options *options, struct backend **ret,
                                  struct ou_error *err);

/* What Nomad says of the job before there is one, a line for each host and what cannot be placed: appended. Nothing is
 * made anywhere. *ret_possible: all hosts could be placed now. run_directory is not looked at. */
enum ou_status backend_nomad_plan(const struct backend_nomad_options *options, struct buffer *ret,
                                  bool *ret_possible, struct ou_error *err);

/* Whether RUN has a deployment that has not been left. */
bool backend_nomad_is_there(const char *run_directory);

/* What a process that did not begin it can do with a deployment. `say` as of backends. */
struct backend_nomad_seen {
    bool job_is_there;
    size_t hosts_alive;
    uint64_t objects, object_bytes;
};
enum ou_status backend_nomad_look(const char *run_directory, struct backend_nomad_seen *ret,
                                  struct ou_error *err);
/* Ends the job, cleans the bucket. Idempotent. */
enum ou_status backend_nomad_end(const char *run_directory,
                                 void (*say)(void *context, const char *line), void *context,
                                 struct ou_error *err);

/* Has every host make an extract of its logs (JOB_EXTRACT) and brings them to `folder`/HOST. */
enum ou_status backend_nomad_extract(const char *run_directory, const char *const *arguments,
                                     size_t argument_count, const char *folder,
                                     void (*say)(void *context, const char *line), void *context,
                                     struct ou_error *err);

#endif
