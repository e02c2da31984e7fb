/* Jobs, their evaluations and deployments. */
#include <stdio.h>
#include <string.h>

#include "nomad/call.h"
#include "nomad/facts.h"

/* ---- what a job is asked with ---- */

/* {"Job": job, ...}; the job is not copied. */
static json_t *request_of(const json_t *job)
{
    return json_pack("{s:O}", "Job", (json_t *)job);
}

static const char *id_of(const json_t *job)
{
    return facts_text(job, "ID");
}

/* One request about a job: /v1/job/ID and what follows. */
static enum ou_status ask_job(struct nomad *nomad, const char *id, const char *after,
                              const struct nomad_call *call, json_t **ret, uint64_t *ret_index,
                              struct ou_error *err)
{
    char path[NOMAD_PATH_ROOM];
    struct nomad_call whole = *call;
    enum ou_status status = nomad_path("/v1/job/", id, after, path, err);

    whole.path = path;
    return status ? status : nomad_call_document(nomad, &whole, ret, ret_index, err);
}

/* ---- before it is registered ---- */

static void append_line(struct buffer *ret, const char *text)
{
    if (!ret || text[0] == '\0')
        return;
    if (ret->len > 0)
        buffer_char(ret, '\n');
    facts_append(ret, text);
}

static enum ou_status judge_validation(const json_t *answer, struct ou_error *err)
{
    const json_t *errors = json_object_get(answer, "ValidationErrors");
    struct buffer text;
    enum ou_status status;

    if (json_array_size(errors) == 0 && facts_text(answer, "Error")[0] == '\0')
        return OU_OK;
    buffer_init(&text, allocator_libc(), sizeof err->text);
    for (size_t i = 0; i < json_array_size(errors); i++) {
        const char *error = json_string_value(json_array_get(errors, i));

        buffer_text(&text, i > 0 ? "; " : "");
        facts_append(&text, error ? error : "?");
    }
    if (text.len == 0)
        facts_append(&text, facts_text(answer, "Error"));
    status = ou_fail(err, OU_INVALID, "Nomad would not take the job: %s", buffer_string(&text));
    buffer_release(&text);
    return status;
}

enum ou_status nomad_job_validate(struct nomad *nomad, const json_t *job,
                                  struct buffer *ret_warnings, struct ou_error *err)
{
    json_t *body = request_of(job), *answer = NULL;
    const struct nomad_call call = {
        .what = "check the job", .method = "POST", .path = "/v1/validate/job", .body = body
    };
    enum ou_status status = nomad_call_document(nomad, &call, &answer, NULL, err);

    if (!status)
        append_line(ret_warnings, facts_text(answer, "Warnings"));
    if (!status)
        status = judge_validation(answer, err);
    json_decref(answer);
    json_decref(body);
    return status;
}

enum ou_status nomad_job_plan(struct nomad *nomad, const json_t *job, json_t **ret,
                              struct ou_error *err)
{
    json_t *body = json_pack("{s:O, s:b}", "Job", (json_t *)job, "Diff", 0);
    const struct nomad_call call = { .what = "plan the job", .method = "POST", .body = body };
    enum ou_status status = ask_job(nomad, id_of(job), "/plan", &call, ret, NULL, err);

    json_decref(body);
    return status;
}

/* ---- registering ---- */

/* The index that a job of this name has now; 0: there is none. */
static enum ou_status find_index(struct nomad *nomad, const char *id, int64_t *ret,
                                 struct ou_error *err)
{
    json_t *job = NULL;
    enum ou_status status = nomad_job(nomad, id, &job, err);

    *ret = status ? 0 : facts_integer(job, "JobModifyIndex", 0);
    json_decref(job);
    return status == OU_NOT_FOUND ? OU_OK : status;
}

/* The newest evaluation that a registration of the job made. */
static void newest_registration(const json_t *evaluations, char *ret_evaluation)
{
    int64_t newest = -1;

    for (size_t i = 0; i < json_array_size(evaluations); i++) {
        const json_t *evaluation = json_array_get(evaluations, i);
        int64_t index = facts_integer(evaluation, "CreateIndex", 0);

        if (index <= newest || strcmp(facts_text(evaluation, "TriggeredBy"), "job-register") != 0)
            continue;
        newest = index;
        snprintf(ret_evaluation, NOMAD_ID_ROOM, "%s", facts_text(evaluation, "ID"));
    }
}

static enum ou_status find_registration(struct nomad *nomad, const char *id, char *ret_evaluation,
                                        struct ou_error *err)
{
    json_t *evaluations = NULL;
    enum ou_status status = nomad_job_evaluations(nomad, id, &evaluations, err);

    if (!status) {
        ret_evaluation[0] = '\0';
        newest_registration(evaluations, ret_evaluation);
    }
    json_decref(evaluations);
    return status;
}

static bool is_conflict(const struct http_reply *reply)
{
    static const char TEXT[] = "Enforcing job modify index";

    return reply->body.len > 0 &&
           memmem(reply->body.at, reply->body.len, TEXT, strlen(TEXT)) != NULL;
}

static bool has_groups(const json_t *job, const json_t *other)
{
    const json_t *ours = json_object_get(job, "TaskGroups");
    const json_t *theirs = json_object_get(other, "TaskGroups");

    for (size_t i = 0; i < json_array_size(ours); i++)
        if (strcmp(facts_text(json_array_get(ours, i), "Name"),
                   facts_text(json_array_get(theirs, i), "Name")) != 0)
            return false;
    return json_array_size(ours) == json_array_size(theirs);
}

/* Whether the job that is there is the one that we asked for. Nomad fills in its defaults, so what is compared is what makes it
 * a job of a certain run: its metadata and its hosts; and it is not to be stopped. */
static bool is_registered(const json_t *job, const json_t *there)
{
    const json_t *meta = json_object_get(job, "Meta");

    return (json_object_size(meta) == 0 || json_equal(meta, json_object_get(there, "Meta"))) &&
           has_groups(job, there) && !facts_is_true(there, "Stop");
}

/* Another index than we had seen, though nobody else knows the job: the answer to our own request was lost (which libcurl, too, repeats
 * on a connection that has just been closed). */
static enum ou_status settle_conflict(struct nomad *nomad, const json_t *job, char *ret_evaluation,
                                      struct ou_error *err)
{
    struct ou_error why = { 0 };
    json_t *there = NULL;
    enum ou_status status = nomad_job(nomad, id_of(job), &there, &why);

    if (status)
        ou_fail(err, status, "%s", why.text);
    else if (is_registered(job, there))
        status = find_registration(nomad, id_of(job), ret_evaluation, err);
    else
        status = OU_IO; /* the message is that of the conflict */
    json_decref(there);
    return status;
}

/* Asks to register it if the job is still at that index. */
static enum ou_status register_at(struct nomad *nomad, const json_t *job, int64_t index,
                                  char *ret_evaluation, struct ou_error *err)
{
    json_t *body = json_pack("{s:O, s:b, s:I}", "Job", (json_t *)job, "EnforceIndex", 1,
                             "JobModifyIndex", (json_int_t)index);
    const struct nomad_call call = {
        .what = "register the job", .method = "POST", .path = "/v1/jobs", .body = body
    };
    json_t *answer = NULL;
    struct http_reply reply;
    enum ou_status status = nomad_call(nomad, &call, &reply, err);

    if (!status)
        status = nomad_call_read(&call, &reply, &answer, err);
    else if (is_conflict(&reply))
        status = settle_conflict(nomad, job, ret_evaluation, err);
    if (answer)
        snprintf(ret_evaluation, NOMAD_ID_ROOM, "%s", facts_text(answer, "EvalID"));
    http_reply_release(&reply);
    json_decref(answer);
    json_decref(body);
    return status;
}

enum ou_status nomad_job_register(struct nomad *nomad, const json_t *job, char *ret_evaluation,
                                  struct ou_error *err)
{
    int64_t index = 0;
    enum ou_status status = find_index(nomad, id_of(job), &index, err);

    ret_evaluation[0] = '\0';
    return status ? status : register_at(nomad, job, index, ret_evaluation, err);
}

/* ---- afterwards ---- */

enum ou_status nomad_job(struct nomad *nomad, const char *id, json_t **ret, struct ou_error *err)
{
    const struct nomad_call call = { .what = "show the job" };

    return ask_job(nomad, id, "", &call, ret, NULL, err);
}

enum ou_status nomad_job_stop(struct nomad *nomad, const char *id, bool purge, struct ou_error *err)
{
    const struct nomad_call call = { .what = "stop the job",
                                     .method = "DELETE",
                                     .query = purge ? "purge=true" : NULL };
    json_t *answer = NULL;
    enum ou_status status = ask_job(nomad, id, "", &call, &answer, NULL, err);

    json_decref(answer);
    return status == OU_NOT_FOUND ? OU_OK : status;
}

enum ou_status nomad_job_allocations(struct nomad *nomad, const char *id, uint64_t index,
                                     double wait_s, json_t **ret, uint64_t *ret_index,
                                     struct ou_error *err)
{
    const struct nomad_call call = { .what = "list the job's allocations",
                                     .index = index,
                                     .wait_s = wait_s };

    return ask_job(nomad, id, "/allocations", &call, ret, ret_index, err);
}

enum ou_status nomad_job_evaluations(struct nomad *nomad, const char *id, json_t **ret,
                                     struct ou_error *err)
{
    const struct nomad_call call = { .what = "list the job's evaluations" };

    return ask_job(nomad, id, "/evaluations", &call, ret, NULL, err);
}

enum ou_status nomad_job_deployment(struct nomad *nomad, const char *id, json_t **ret,
                                    struct ou_error *err)
{
    const struct nomad_call call = { .what = "show the job's deployment" };

    return ask_job(nomad, id, "/deployment", &call, ret, NULL, err);
}

enum ou_status nomad_evaluation(struct nomad *nomad, const char *id, uint64_t index, double wait_s,
                                json_t **ret, uint64_t *ret_index, struct ou_error *err)
{
    char path[NOMAD_PATH_ROOM];
    const struct nomad_call call = {
        .what = "show the evaluation", .path = path, .index = index, .wait_s = wait_s
    };
    enum ou_status status = nomad_path("/v1/evaluation/", id, "", path, err);

    return status ? status : nomad_call_document(nomad, &call, ret, ret_index, err);
}
