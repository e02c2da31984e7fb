/* Runs, and lists of what is theirs. */
#include "api/runs.h"

static enum ou_status find_run(struct api_request *r, struct run_at *ret, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status =
        sql_query(r->db,
                  "SELECT r.no, r.revision, p.name, r.name, r.state FROM runs r "
                  "JOIN projects p ON p.no = r.project_no WHERE r.id = $1",
                  SQL_ARGS(sql_text(ret->id)), &rows, err);
    const char **texts[] = { &ret->project, &ret->name, &ret->state };

    if (status)
        return status;
    if (sql_next(rows)) {
        ret->no = sql_get_int(rows, 0);
        ret->revision = sql_get_int(rows, 1);
        for (int i = 0; i < 3; i++) {
            struct span text = sql_get_text(rows, i + 2);

            *texts[i] = arena_copy(&r->memory, text.at, text.len);
        }
    }
    status = sql_rows_end(rows, err);
    if (!status && ret->no && (!ret->project || !ret->name || !ret->state))
        status = ou_fail(err, OU_NO_MEMORY, "no memory for a run");
    return status;
}

bool run_of_path(struct api_request *r, struct run_at *ret)
{
    struct ou_error err = { 0 };
    enum ou_status status;

    *ret = (struct run_at){ .id = api_path_value(r, "run") };
    status = find_run(r, ret, &err);
    if (status)
        return api_failed(r, status, &err);
    if (ret->no == 0)
        return api_problem(r, PROBLEM_NOT_FOUND, "There is no run \"%s\".", ret->id);
    return api_may(r, ret->project);
}

struct put_options request_options(const struct api_request *r)
{
    return (struct put_options){
        .actor = r->holder.id,
        .client = r->client,
        .request = r->id,
        .now_ns = r->now_ns,
        .only_project = r->holder.project[0] ? r->holder.project : NULL,
    };
}

struct audit_entry request_audit(const struct api_request *r, const char *action,
                                 const char *target)
{
    return (struct audit_entry){
        .actor = r->holder.id,
        .action = action,
        .target = target,
        .client = r->client,
        .request = r->id,
    };
}

/* ---- lists ---- */

static void list_of_run(struct api_request *r, const char *resource)
{
    struct run_at run;

    if (run_of_path(r, &run))
        api_list(r, resource, &(struct list_fixed){ "run", sql_text(run.id) }, 1);
}

static void list_runs(struct api_request *r)
{
    api_list(r, "runs", NULL, 0);
}

static void get_run(struct api_request *r)
{
    api_item(r, "runs", api_path_value(r, "run"));
}

static void list_hosts(struct api_request *r)
{
    list_of_run(r, "hosts");
}

static void list_run_summaries(struct api_request *r)
{
    list_of_run(r, "summaries");
}

static void list_blocks(struct api_request *r)
{
    list_of_run(r, "blocks");
}

static void list_artifacts(struct api_request *r)
{
    list_of_run(r, "artifacts");
}

const struct api_operation run_operations[] = {
    { "listRuns", SCOPE_READ, 0, list_runs },
    { "getRun", SCOPE_READ, 0, get_run },
    { "publishRun", SCOPE_PUBLISH, OPERATION_LONG | OPERATION_PUBLICATION, publish_run },
    { "updateRun", SCOPE_PUBLISH, 0, update_run },
    { "deleteRun", SCOPE_ADMIN, 0, delete_run },
    { "listRunHosts", SCOPE_READ, 0, list_hosts },
    { "listRunSummaries", SCOPE_READ, 0, list_run_summaries },
    { "getRunSummary", SCOPE_READ, 0, get_run_summary },
    { "getSamples", SCOPE_READ, 0, get_samples },
    { "listBlocks", SCOPE_READ, 0, list_blocks },
    { "listArtifacts", SCOPE_READ, 0, list_artifacts },
    { "getArtifact", SCOPE_READ, 0, get_artifact },
    { "createProject", SCOPE_ADMIN, 0, create_project },
    { "updateProject", SCOPE_ADMIN, 0, update_project },
    { 0 },
};
