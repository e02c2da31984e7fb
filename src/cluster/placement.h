/* A placement plan: which machines a run's hosts stand on, how Nomad and the bucket are reached. A file of the user's or a built-in example
 * (data/placement); docs/formats/placement.md. No secrets are in it: it names files that have them. A plan without a bucket has that of
 * OUROSCOPE_BUCKET. One thread, as getenv(). */
#ifndef OU_CLUSTER_PLACEMENT_H
#define OU_CLUSTER_PLACEMENT_H

#include <jansson.h>

#include "base/arena.h"
#include "deploy/backend.h"
#include "nomad/client.h"
#include "nomad/job.h"
#include "storage/s3.h"

struct placement_instance {
    const char *name; /* "c5d.2xlarge" */
    uint32_t cores, cpu_mhz, memory_mb, memory_max_mb, disk_mb;
};

struct placement_region {
    const char *name;                                     /* as profiles have it: "eu-central-1" */
    const char *datacenter;                               /* Nomad's; NULL: the name */
    const char *node_class;                               /* NULL: any */
    const struct placement_instance *producer, *explorer; /* NULL: Nomad's smallest */
    const struct nomad_constraint *rules; /* constraints and affinities of machines there */
    size_t rule_count;
};

struct placement_pin {
    const char *host;           /* "node-7" */
    struct nomad_constraint to; /* "${node.unique.name}" = "client-eu-07", ... */
};

struct placement {
    struct arena memory;
    json_t *document; /* completed; owned */
    const char *source, *name;
    struct nomad_place nomad;
    const char *driver, *image, *user;
    unsigned priority;
    bool distinct_hosts;
    bool services; /* registered in Nomad's catalogue */
    const struct nomad_mount *mounts;
    size_t mount_count;
    struct s3_place storage;
    const char *prefix;  /* of keys: "ouroscope/"; objects are at PREFIX RUN/... */
    bool keep_objects;   /* the bucket is not cleaned at the end */
    bool keep_job;       /* the job goes on: for analyse --on nomad, for a look; until run stop */
    const char *program; /* of the agent on the machines: "/usr/bin/ouroscope" ... */
    const char *artifact, *artifact_sha256; /* ... or fetched by Nomad; NULL */
    const char *
        address; /* of hosts for each other: NULL Nomad's, or an attribute of machines: "unique.platform.aws.public-ipv4" */
    const char *listen; /* NULL: the address; "0.0.0.0" */
    const struct placement_region *regions;
    size_t region_count;
    const struct placement_pin *pins;
    size_t pin_count;
    double deploy_timeout_s;  /* for all hosts to be ready: 600 */
    unsigned deploy_attempts; /* 3 */
    double margin_s;          /* on top of the latest host's estimate: 5 */
    double lead_s;            /* services are begun so long before slot 0: 5 */
    unsigned start_attempts;  /* deliveries that may be late: 3 */
    double poll_s;            /* of agents: 1 */
    uint64_t part_bytes;      /* of logs that are shipped: 16 MiB */
    uint32_t url_expires_s;   /* of presigned URLs: 86400; shorter where credentials end before */
    uint64_t minimum_free_bytes;
};

/* `name`: a path (a slash in it, or ".json") or a built-in example. Values that the plan leaves out are those of the profile's `cluster` member (may be NULL: resources,
 * namespace, class, instance types), then defaults. All faults are told at once, with place and suggestion: OU_INVALID. */
enum ou_status placement_load(const char *name, const json_t *profile_cluster,
                              struct placement *ret, struct ou_error *err);
void placement_release(struct placement *p);
const char *placement_builtin_name(size_t i); /* NULL behind the last */

/* Whether these hosts can be placed by the plan (every region is there, pins name hosts that are): OU_INVALID. */
enum ou_status placement_check(const struct placement *p, const struct host_want *wants,
                               size_t count, struct ou_error *err);

/* The region's part of the plan for a host. */
const struct placement_region *placement_region_of(const struct placement *p,
                                                   const struct host_want *want);

#endif
