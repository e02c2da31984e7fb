/* A job as Nomad's API takes it, from what a run needs: pure. Durations are nanoseconds there, seconds here. */
#ifndef OU_NOMAD_JOB_H
#define OU_NOMAD_JOB_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct nomad_constraint {
    const char *left, *operand,
        *right; /* "${node.class}", "=", "perf"; left and right may be "" where the operand needs none */
    int weight; /* of an affinity, -100 to 100 and not 0; 0: a constraint */
};

struct nomad_port {
    const char *label;
    uint16_t number; /* 0: any free one of the machine's */
};

struct nomad_file {
    const char *path; /* "secrets/agent.json", below the task's folder */
    const char
        *content;     /* literal: what Nomad would take for a template or a variable is escaped */
    const char *mode; /* "600": of the task's user alone, where Nomad can arrange that */
};

struct nomad_artifact {
    const char *source, *destination; /* a URL; "local/" */
    const char *sha256;               /* hex; NULL: not checked */
};

struct nomad_mount {
    const char *volume, *destination; /* a host volume of the client's configuration */
    bool read_only;
};

/* A task group of one task: one host of the run. */
struct nomad_group {
    const char *name;
    const char *driver; /* "raw_exec", "exec", "podman" */
    const char *image;  /* of podman */
    const char *user;   /* NULL: the driver's */
    const char *command;
    const char *const *arguments;         /* NULL behind the last */
    const char *const *environment;       /* "NAME=VALUE"; NULL behind the last; NULL */
    const struct nomad_constraint *rules; /* constraints and affinities; rule_count of them */
    size_t rule_count;
    const struct nomad_port *ports;
    size_t port_count;
    const char *
        service; /* a name in Nomad's own catalogue (1.3 and later) for the first port; NULL: none */
    const char *address; /* of the service: an expression; NULL: Nomad's choice */
    const struct nomad_file *files;
    size_t file_count;
    const struct nomad_artifact *artifacts;
    size_t artifact_count;
    const struct nomad_mount *mounts;
    size_t mount_count;
    uint32_t cpu_mhz, cores;                    /* cores (1.1 and later) wins where not 0 */
    uint32_t memory_mb, memory_max_mb, disk_mb; /* 0: Nomad's */
    unsigned restarts;                          /* of the task on the same machine */
    unsigned reschedules;                       /* on another one */
    double stop_patience_s;                     /* between SIGINT and SIGKILL; 0: 15 */
    double
        disconnect_s; /* a client that falls silent is not given up for so long (1.3 and later); 0: at once */
};

struct nomad_job {
    const char *id; /* checked: letters, digits, "-", at most NOMAD_NAME_MAX */
    const char *region, *namespace_;
    const char *const *datacenters; /* NULL behind the last */
    unsigned priority;              /* 0: 50 */
    bool distinct_hosts;
    double deadline_s; /* of a deployment to become healthy; 0: 300 */
    const struct nomad_constraint *rules;
    size_t rule_count;
    const char *const *meta; /* "NAME=VALUE"; NULL */
    const struct nomad_group *groups;
    size_t group_count;
    unsigned
        server_minor; /* of version 1.x that takes it: members that it does not know are left out; 0: the newest */
};

/* The job as a document, without {"Job": ...} around. The caller json_decref()s. Type "service": an agent lives until it is told to leave. */
enum ou_status nomad_job_document(const struct nomad_job *job, json_t **ret, struct ou_error *err);

#endif
