/* What an agent is to do: a picture of what is wanted at one host, not a list of steps. It is written whole each time, with a higher number; an agent
 * that missed some, or was started again, sees what is wanted now and does what is missing. docs/formats/agent.md */
#ifndef OU_AGENT_ORDERS_H
#define OU_AGENT_ORDERS_H

#include <jansson.h>

#include "base/arena.h"
#include "deploy/service.h"
#include "storage/sigv4.h"

#define ORDERS_BUNDLES_MAX 16
#define ORDERS_SERVICES_MAX 16
#define ORDERS_JOBS_MAX 64
#define ORDERS_PARTS_MAX 10000

/* To be fetched, checked, and unpacked into the run's folder at the host. */
struct order_bundle {
    const char *url; /* secret: it says all */
    uint64_t bytes, content_bytes;
    const char *sha256;
    const char *name; /* for messages: "genesis", "node-3" */
};

struct order_service {
    const char *name;
    struct start_command command; /* its directory is relative: below the run's folder */
    const char *log;              /* relative; NULL */
    uint32_t
        starts; /* how often it is to have been started: 0 not yet; more than it was: start it (again) */
    bool stopped;          /* it is to end, and not to be started */
    uint64_t grace_ms;     /* then, before it is killed */
    int64_t not_before_ns; /* wall clock; 0: at once */
};

enum order_job_kind {
    JOB_PACK, /* paths into a bundle in the agent's folder: its size, hash and parts' hashes are told in the state */
    JOB_SHIP, /* the parts of a packed bundle go to these URLs: their ETags are told in the state */
    JOB_EXTRACT, /* the host's logs become an extract for the analysis (analyse --extract), packed as a bundle */
    JOB_FORGET, /* a packed bundle is removed */
};
struct order_job {
    uint32_t
        id; /* unique in the run, never used again; a job that is done stays in the orders or not: it is not done twice */
    enum order_job_kind kind;
    const char *const *
        paths; /* of JOB_PACK: relative; path_count of them; names of sockets, databases and genesis are left out by the agent (agent.h) */
    size_t path_count;
    uint64_t part_bytes; /* of JOB_PACK and JOB_EXTRACT */
    uint32_t packed;     /* of JOB_SHIP and JOB_FORGET: the id of the job that packed it */
    const char *const
        *urls; /* of JOB_SHIP: one a part, signed with the part's hash; url_count of them */
    size_t url_count;
    const char *const *
        arguments; /* of JOB_EXTRACT: of `ouroscope analyse`, besides --extract and the logs; argument_count of them */
    size_t argument_count;
};

struct orders {
    struct arena memory; /* of a parsed one */
    const char *run, *host;
    /* Nomad's, of the task that they are for: another one at the same host is to do nothing but leave when it is told to. "": any */
    const char *allocation;
    uint64_t number;  /* rises */
    int64_t start_ns; /* slot 0; 0: not known yet */
    /* Wall clock: services that still run then are ended, and none is started, whether somebody
     * gives orders or not; 0: they go on until they are told to end. */
    int64_t end_ns;
    struct order_bundle *bundles;
    size_t bundle_count;
    struct order_service *services;
    size_t service_count;
    struct order_job *jobs;
    size_t job_count;
    const char *orders_url, *state_url; /* to be used from now on; NULL: those that it has */
    double poll_s;                      /* how often to look; 0: as before */
    bool leave;                         /* end all services, and yourself, with status 0 */
};

/* NULL is no memory. The caller json_decref()s. */
json_t *orders_document(const struct orders *orders);
/* A signed document may still be broken, or of a later version: OU_INVALID names the member. Relative paths that are not below the
 * run's folder are refused. `document` may be released behind it. */
enum ou_status orders_read(const json_t *document, struct orders *ret, struct ou_error *err);
void orders_release(struct orders *orders); /* a zeroed one is fine */

#endif
