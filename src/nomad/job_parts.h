/* How the parts of a job become a document: for job.c and job_group.c alone. */
#ifndef OU_NOMAD_JOB_PARTS_H
#define OU_NOMAD_JOB_PARTS_H

#include "nomad/job.h"

/* A document being made. jansson says "no memory" with NULL, and takes NULL for a value with a failure: so a writer can put a
 * hundred members and ask once. */
struct making {
    const struct nomad_job *job;
    bool no_memory;
    const char *not_text; /* a member whose text is NULL or no UTF-8; NULL: none */
};

/* Takes the value over; NULL is what a failed json_...() returned. */
void making_put(struct making *m, json_t *object, const char *name, json_t *value);
void making_add(struct making *m, json_t *array, json_t *value);
void making_text(struct making *m, json_t *object, const char *name, const char *text);
void making_integer(struct making *m, json_t *object, const char *name, int64_t value);
void making_seconds(struct making *m, json_t *object, const char *name, double seconds);

/* Texts as an array; texts may be NULL. `what` they are, in messages, for ever. */
json_t *making_texts(struct making *m, const char *const *texts, const char *what);
/* "NAME=VALUE" texts as an object; NULL, with a message, for one without a name. */
enum ou_status making_pairs(struct making *m, const char *const *pairs, const char *what,
                            json_t **ret, struct ou_error *err);
/* Puts Constraints, and Affinities where there are any. */
enum ou_status making_rules(struct making *m, const struct nomad_constraint *rules, size_t count,
                            bool distinct_hosts, json_t *ret, struct ou_error *err);

/* Whether the server that is to take the job knows what came with 1.minor. */
bool job_server_has(const struct nomad_job *job, unsigned minor);

enum ou_status job_group_document(struct making *m, const struct nomad_group *group, json_t *ret,
                                  struct ou_error *err);

#endif
