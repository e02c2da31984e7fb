/* HashiCorp Nomad's HTTP API (1.1 and later): requests as documents. Answers are decoded by name; members that are not known
 * are ignored. A client belongs to one thread at a time. */
#ifndef OU_NOMAD_CLIENT_H
#define OU_NOMAD_CLIENT_H

#include <jansson.h>

#include "http/retry.h"

#define NOMAD_ANSWER_MAX ((size_t)64 << 20)
#define NOMAD_NAME_MAX 128 /* of jobs and namespaces: letters, digits, "-" */

struct nomad_place {
    const char *address;    /* NULL: NOMAD_ADDR, else "http://127.0.0.1:4646" */
    const char *region;     /* NULL: NOMAD_REGION, else the agent's */
    const char *namespace_; /* NULL: NOMAD_NAMESPACE, else "default" */
    const char
        *token_file; /* a file with the ACL token; NULL: NOMAD_TOKEN, else none. Shown nowhere */
    struct http_identity
        identity; /* NULLs: NOMAD_CACERT, NOMAD_CLIENT_CERT, NOMAD_CLIENT_KEY, NOMAD_TLS_SERVER_NAME */
};

struct nomad; /* opaque */

/* Asks nothing yet. OU_USAGE: a place that cannot be. A token over clear text to another machine is refused. */
enum ou_status nomad_open(const struct nomad_place *place, struct nomad **ret,
                          struct ou_error *err);
/* What there is to say of the token's file: that others may read it; "": nothing. */
const char *nomad_remark(const struct nomad *nomad);
void nomad_close(struct nomad *nomad); /* forgets the token; NULL is fine */
void nomad_retry_with(struct nomad *nomad, const struct retry_policy *policy);
void nomad_on_wait(struct nomad *nomad, void (*say)(void *context, const char *why, double wait_s),
                   void *context);
void nomad_cancel(
    struct nomad *nomad); /* from any thread: what it waits for ends with OU_INTERRUPTED */

/* One request, /v1/... with its query ("a=b&c=d", encoded; NULL), tried again where that helps and is harmless (all but POST of evaluations are).
 * *ret: the answer; the caller json_decref()s; NULL for an empty one. OU_NOT_FOUND: 404. OU_IO: all else; the message has what
 * Nomad said and, for the common ones (403 of a token, 500 "no path to region", no leader, ...), what to do. index: of a blocking query (0: none), which
 * waits up to wait_s for something newer; ret_index (may be NULL) is X-Nomad-Index. */
enum ou_status nomad_ask(struct nomad *nomad, const char *method, const char *path,
                         const char *query, const json_t *body, uint64_t index, double wait_s,
                         json_t **ret, uint64_t *ret_index, struct ou_error *err);

/* ---- the cluster ---- */

struct nomad_facts {
    char version[32];
    char region[64], datacenter[64];
    bool is_server, has_leader, acl;
    unsigned major, minor;
};
/* What answers there, with a message that says what to do where it cannot be used. */
enum ou_status nomad_look(struct nomad *nomad, struct nomad_facts *ret, struct ou_error *err);
/* All client nodes, with drivers and attributes (GET /v1/nodes, /v1/node/ID); the caller json_decref()s the array. */
enum ou_status nomad_nodes(struct nomad *nomad, bool whole, json_t **ret, struct ou_error *err);
/* Why groups could not be placed, as nomad_explain_failures_on() says it; the machines are asked for, and told if a token may see them. */
bool nomad_tell_failures(struct nomad *nomad, const json_t *failed_groups, struct buffer *ret);
enum ou_status nomad_namespace_make(struct nomad *nomad, const char *name, struct ou_error *err);

/* ---- jobs ---- */

/* Whether Nomad takes the job. OU_INVALID with all that it finds wrong, one after the other; warnings go to *ret_warnings (may be NULL). */
enum ou_status nomad_job_validate(struct nomad *nomad, const json_t *job,
                                  struct buffer *ret_warnings, struct ou_error *err);
/* What would happen: the answer of /v1/job/ID/plan, for nomad_explain_failures(). */
enum ou_status nomad_job_plan(struct nomad *nomad, const json_t *job, json_t **ret,
                              struct ou_error *err);
/* Registers it, again without harm: a job with the same JobModifyIndex is what it was, and one whose answer was lost is known again by its
 * metadata and groups. OU_IO also when somebody else changed it in between. *ret_evaluation: NOMAD_ID_ROOM; "" when there is none. */
#define NOMAD_ID_ROOM 40
enum ou_status nomad_job_register(struct nomad *nomad, const json_t *job, char *ret_evaluation,
                                  struct ou_error *err);
enum ou_status nomad_job(struct nomad *nomad, const char *id, json_t **ret, struct ou_error *err);
/* OU_OK also when there is none. */
enum ou_status nomad_job_stop(struct nomad *nomad, const char *id, bool purge,
                              struct ou_error *err);
enum ou_status nomad_job_allocations(struct nomad *nomad, const char *id, uint64_t index,
                                     double wait_s, json_t **ret, uint64_t *ret_index,
                                     struct ou_error *err);
enum ou_status nomad_job_evaluations(struct nomad *nomad, const char *id, json_t **ret,
                                     struct ou_error *err);
enum ou_status nomad_job_deployment(struct nomad *nomad, const char *id, json_t **ret,
                                    /* NULL: none */ struct ou_error *err);
enum ou_status nomad_evaluation(struct nomad *nomad, const char *id, uint64_t index, double wait_s,
                                json_t **ret, uint64_t *ret_index, struct ou_error *err);

/* ---- allocations ---- */

enum ou_status nomad_allocation(struct nomad *nomad, const char *id, json_t **ret,
                                struct ou_error *err);
enum ou_status nomad_allocation_signal(struct nomad *nomad, const char *id, const char *task,
                                       const char *signal, struct ou_error *err);
enum ou_status nomad_allocation_restart(struct nomad *nomad, const char *id, const char *task,
                                        struct ou_error *err);
enum ou_status nomad_allocation_stop(struct nomad *nomad, const char *id, struct ou_error *err);
/* Appends the last `bytes` of what a task printed ("stdout", "stderr"). OU_NOT_FOUND: it is gone, or was never there. */
enum ou_status nomad_allocation_log(struct nomad *nomad, const char *id, const char *task,
                                    const char *stream, size_t bytes, struct buffer *ret,
                                    struct ou_error *err);
/* Appends a file of an allocation; its fs/stat is asked first, as fs/cat answers 200 with the error as text. */
enum ou_status nomad_allocation_file(struct nomad *nomad, const char *id, const char *path,
                                     struct buffer *ret, struct ou_error *err);
enum ou_status nomad_allocation_list(struct nomad *nomad, const char *id, const char *path,
                                     json_t **ret, struct ou_error *err);

/* ---- events ---- */

/* Reads the event stream until `tell` returns false, the stream ends (OU_OK; *index is behind the last event told, to go on from) or fails; faults
 * that may pass are tried again from *index on. All events of one index are told anew when the last of them was not.
 * Topics: "Job:ID", "Allocation", ...; NULL behind the last. `tell` gets one event, also NULL about every 10 s when there is none. Lines above 4 MiB are passed over. */
enum ou_status nomad_events(struct nomad *nomad, const char *const *topics, uint64_t *index,
                            bool (*tell)(void *context, const json_t *event), void *context,
                            struct ou_error *err);

#endif
