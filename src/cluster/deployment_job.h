/* The Nomad job of a run: a group for each host, whose one task is the agent. Pure. */
#ifndef OU_CLUSTER_DEPLOYMENT_JOB_H
#define OU_CLUSTER_DEPLOYMENT_JOB_H

#include "cluster/placement.h"

#define DEPLOYMENT_TASK "agent"
#define DEPLOYMENT_PORT "node" /* label */
#define DEPLOYMENT_TASK_FILE "secrets/agent.json"

struct job_host {
    const struct host_want *want;
    const char *task_file; /* its content: secret */
    unsigned attempt;      /* another one makes another task, which Nomad has to start anew */
};

struct job_want {
    const char *id, *run;
    const char *namespace_; /* NULL: "default" */
    const struct placement *placement;
    const struct nomad_facts *nomad; /* what takes it */
    const struct job_host *hosts;
    size_t host_count;
};

/* The caller json_decref()s. OU_USAGE: a host has no region in the plan. */
enum ou_status deployment_job_document(const struct job_want *want, json_t **ret,
                                       struct ou_error *err);

/* A copy in which the content of files is "...": what may be kept and shown. NULL: no memory. */
json_t *deployment_job_shown(const json_t *job);

#endif
