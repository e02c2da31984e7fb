/* What operations below /api/v1/runs/{run} have in common. */
#ifndef OU_API_RUNS_H
#define OU_API_RUNS_H

#include "api/answering.h"
#include "store/records.h"

/* The run that the path names. */
struct run_at {
    int64_t no, revision;
    const char *id;
    const char *project, *name, *state; /* in the request's memory */
};
/* False: answered, as it is not there, or is not for this token. */
bool run_of_path(struct api_request *r, struct run_at *ret);

/* Who writes, for the audit. */
struct put_options request_options(const struct api_request *r);
struct audit_entry request_audit(const struct api_request *r, const char *action,
                                 const char *target);

extern api_operation_fn get_run_summary, get_samples, get_artifact; /* run_values.c */
extern api_operation_fn publish_run, update_run, delete_run;        /* run_changes.c */
extern api_operation_fn create_project, update_project;             /* projects.c */

#endif
