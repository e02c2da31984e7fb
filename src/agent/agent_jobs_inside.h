/* What the files of an agent's jobs share: agent_jobs.c has shipping and what all jobs have, agent_pack.c what makes bundles. */
#ifndef OU_AGENT_AGENT_JOBS_INSIDE_H
#define OU_AGENT_AGENT_JOBS_INSIDE_H

#include "agent/agent_carrier.h"

#define AGENT_JOB_NAME_ROOM 64

/* A job that is being done. */
struct job_doing {
    const struct agent_carrier *carrier;
    const struct order_job *order;
    size_t i; /* on the board */
    struct arena memory;
    struct agent_job told; /* its texts are in the memory */
    uint64_t part_bytes;   /* of what it packed; 0 */
};

/* "pack-7.tar.zst", and its path in FOLDER/agent. */
void agent_job_name(char ret[AGENT_JOB_NAME_ROOM], const char *before, uint32_t id,
                    const char *behind);
enum ou_status agent_job_path(const struct job_doing *d, const char *before, uint32_t id,
                              const char *behind, char ret[PATH_MAX], struct ou_error *err);

/* Both leave FOLDER/agent/pack-ID.tar.zst, and tell its size, its hash and those of its parts. */
enum ou_status agent_job_pack(struct job_doing *d, struct ou_error *err);
enum ou_status agent_job_extract(struct job_doing *d, struct ou_error *err);

#endif
