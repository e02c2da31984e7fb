/* What an agent says of its host: written whole each time something has changed. It comes from a machine that may be broken or in wrong
 * hands: who reads it believes no size and no text of it. docs/formats/agent.md */
#ifndef OU_AGENT_AGENT_STATE_H
#define OU_AGENT_AGENT_STATE_H

#include <jansson.h>

#include "agent/orders.h"
#include "base/arena.h"
#include "deploy/backend.h"

struct agent_bundle {
    const char *sha256;
    enum agent_bundle_state { BUNDLE_FETCHING, BUNDLE_UNPACKED, BUNDLE_FAILED } state;
    uint64_t bytes_done;
    double fetch_s, unpack_s; /* how long it took */
    unsigned resumed;
    const char *problem; /* "" */
};

struct agent_service {
    const char *name;
    struct service_facts facts;
    const char *last_lines; /* of what it printed, when it has ended and was not to; "" */
    const char *problem;    /* why it could not be started; "" */
};

struct agent_job {
    uint32_t id;
    enum agent_job_state { JOB_BEGUN, JOB_DONE, JOB_FAILED } state;
    const char *problem;
    uint64_t bytes; /* of what was packed */
    const char *sha256;
    struct agent_part {
        const char *sha256; /* of JOB_PACK and JOB_EXTRACT */
        const char *etag;   /* of JOB_SHIP */
    } * parts;
    size_t part_count;
    uint64_t bytes_done;
};

struct agent_state {
    struct arena memory;                        /* of a parsed one */
    const char *run, *host, *allocation, *node; /* Nomad's: NOMAD_ALLOC_ID, node.unique.name; "" */
    uint64_t number;                            /* rises with each writing of this agent */
    uint64_t orders;                            /* the number of the orders that it has seen last */
    int64_t at_ns;                              /* its clock */
    int64_t begun_ns;                           /* when the agent was started, its clock */
    double clock_ahead_s;             /* of its clock against the bucket's; NAN: not known */
    double clock_doubt_s;             /* either way */
    double round_trip_s, bytes_per_s; /* measured with the probe; NAN: not yet */
    const char *directory;            /* the run's folder there: absolute */
    const char *program;              /* its ouroscope */
    const char *version;
    uint64_t free_bytes; /* of the file system that holds the folder */
    uint32_t processors;
    uint64_t memory_bytes;
    struct agent_bundle *bundles;
    size_t bundle_count;
    struct agent_service *services;
    size_t service_count;
    struct agent_job *jobs;
    size_t job_count;
    const char *problem; /* that keeps it from going on; "" */
    bool leaving;        /* its last word */
};

json_t *agent_state_document(const struct agent_state *state); /* NULL is no memory */
/* OU_INVALID names the member; texts are cleaned of control characters, numbers out of range are refused. */
enum ou_status agent_state_read(const json_t *document, struct agent_state *ret,
                                struct ou_error *err);
void agent_state_release(struct agent_state *state);

/* One job of a state, for an agent that writes down what it has done: copied to `memory`. */
json_t *agent_job_document(const struct agent_job *job);
enum ou_status agent_job_read(const json_t *document, struct arena *memory, struct agent_job *ret,
                              struct ou_error *err);

/* Seconds until this host has fetched and unpacked so many bytes, by what it measured, with a half more for doubt; a careful guess where it
 * measured nothing. */
double agent_ready_in_s(const struct agent_state *state, uint64_t bundle_bytes,
                        uint64_t content_bytes);

#endif
