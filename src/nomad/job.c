#include "nomad/job.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "nomad/client.h"
#include "nomad/job_parts.h"

/* A deployment that has made no progress for less than that cannot have started a process. */
#define DEADLINE_MIN_S 5.0
#define DEADLINE_S 300.0
/* A single allocation has to be healthy before the deployment gives up: Nomad wants the one below the other. */
#define HEALTHY_SHARE 0.8
#define PAIR_NAME_MAX 255

void making_put(struct making *m, json_t *object, const char *name, json_t *value)
{
    if (json_object_set_new(object, name, value))
        m->no_memory = true;
}

void making_add(struct making *m, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value))
        m->no_memory = true;
}

/* NULL for what is no text: `what` is remembered. */
static json_t *text_value(struct making *m, const char *text, const char *what)
{
    if (text && utf8_is_valid(span_of(text)))
        return json_string(text);
    m->not_text = what;
    return NULL;
}

void making_text(struct making *m, json_t *object, const char *name, const char *text)
{
    making_put(m, object, name, text_value(m, text, name));
}

void making_integer(struct making *m, json_t *object, const char *name, int64_t value)
{
    making_put(m, object, name, json_integer(value));
}

void making_seconds(struct making *m, json_t *object, const char *name, double seconds)
{
    making_integer(m, object, name, llround(seconds * 1e9));
}

json_t *making_texts(struct making *m, const char *const *texts, const char *what)
{
    json_t *array = json_array();

    for (size_t i = 0; texts && texts[i]; i++)
        making_add(m, array, text_value(m, texts[i], what));
    return array;
}

enum ou_status making_pairs(struct making *m, const char *const *pairs, const char *what,
                            json_t **ret, struct ou_error *err)
{
    json_t *object = json_object();

    for (size_t i = 0; pairs && pairs[i]; i++) {
        const char *equals = strchr(pairs[i], '=');
        char name[PAIR_NAME_MAX + 1];

        if (!equals || equals == pairs[i] || equals - pairs[i] > PAIR_NAME_MAX) {
            json_decref(object);
            /* The value may be a secret: only where it stands is told. */
            return ou_fail(err, OU_USAGE, "%s %zu is no NAME=VALUE", what, i + 1);
        }
        snprintf(name, sizeof name, "%.*s", (int)(equals - pairs[i]), pairs[i]);
        making_put(m, object, name, text_value(m, equals + 1, what));
    }
    *ret = object;
    return OU_OK;
}

static json_t *rule_document(struct making *m, const struct nomad_constraint *rule)
{
    json_t *document = json_object();

    making_text(m, document, "LTarget", rule->left ? rule->left : "");
    making_text(m, document, "RTarget", rule->right ? rule->right : "");
    making_text(m, document, "Operand", rule->operand);
    if (rule->weight)
        making_integer(m, document, "Weight", rule->weight);
    return document;
}

static enum ou_status check_rule(const struct nomad_constraint *rule, struct ou_error *err)
{
    if (!rule->operand || rule->operand[0] == '\0')
        return ou_fail(err, OU_USAGE, "a constraint on \"%s\" has no operand",
                       rule->left ? rule->left : "");
    if (rule->weight < -100 || rule->weight > 100)
        return ou_fail(err, OU_USAGE, "an affinity's weight is -100 to 100, not %d (of \"%s\")",
                       rule->weight, rule->left ? rule->left : "");
    return OU_OK;
}

enum ou_status making_rules(struct making *m, const struct nomad_constraint *rules, size_t count,
                            bool distinct_hosts, json_t *ret, struct ou_error *err)
{
    static const struct nomad_constraint DISTINCT = { .operand = "distinct_hosts" };
    json_t *constraints = json_array(), *affinities = json_array();
    enum ou_status status = OU_OK;

    if (distinct_hosts)
        making_add(m, constraints, rule_document(m, &DISTINCT));
    for (size_t i = 0; !status && i < count; i++) {
        status = check_rule(&rules[i], err);
        if (!status)
            making_add(m, rules[i].weight ? affinities : constraints, rule_document(m, &rules[i]));
    }
    making_put(m, ret, "Constraints", constraints);
    if (json_array_size(affinities) > 0)
        making_put(m, ret, "Affinities", affinities);
    else
        json_decref(affinities);
    return status;
}

bool job_server_has(const struct nomad_job *job, unsigned minor)
{
    return job->server_minor == 0 || job->server_minor >= minor;
}

static bool is_name(const char *text)
{
    size_t len = text ? strlen(text) : 0;

    return len > 0 && len <= NOMAD_NAME_MAX &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len;
}

static enum ou_status check_job(const struct nomad_job *job, struct ou_error *err)
{
    if (!is_name(job->id))
        return ou_fail(err, OU_USAGE,
                       "a job's name is made of letters, digits and \"-\", at most %d: not \"%s\"",
                       NOMAD_NAME_MAX, job->id ? job->id : "");
    if (job->namespace_ && !is_name(job->namespace_))
        return ou_fail(err, OU_USAGE,
                       "a namespace is made of letters, digits and \"-\", at most %d: not \"%s\"",
                       NOMAD_NAME_MAX, job->namespace_);
    if (!job->datacenters || !job->datacenters[0])
        return ou_fail(err, OU_USAGE, "job %s names no datacenter", job->id);
    if (job->group_count == 0)
        return ou_fail(err, OU_USAGE, "job %s has no groups", job->id);
    if (job->deadline_s != 0 && !(job->deadline_s >= DEADLINE_MIN_S && job->deadline_s <= 1e6))
        return ou_fail(err, OU_USAGE, "a deadline of %g s: it is %g s to 1000000 s",
                       job->deadline_s, DEADLINE_MIN_S);
    return OU_OK;
}

/* Every group has one allocation and is never changed in place: this is there for the health and the deadline. */
static json_t *update_document(struct making *m, double deadline_s)
{
    json_t *update = json_object();

    making_seconds(m, update, "Stagger", 30);
    making_integer(m, update, "MaxParallel", 1);
    making_text(m, update, "HealthCheck", "task_states");
    making_seconds(m, update, "MinHealthyTime", 1);
    making_seconds(m, update, "HealthyDeadline", deadline_s * HEALTHY_SHARE);
    making_seconds(m, update, "ProgressDeadline", deadline_s);
    making_put(m, update, "AutoRevert", json_false());
    making_integer(m, update, "Canary", 0);
    return update;
}

static enum ou_status put_groups(struct making *m, json_t *ret, struct ou_error *err)
{
    const struct nomad_job *job = m->job;
    json_t *groups = json_array();
    enum ou_status status = OU_OK;

    making_put(m, ret, "TaskGroups", groups);
    for (size_t i = 0; !status && !m->no_memory && i < job->group_count; i++) {
        json_t *group = json_object();

        making_add(m, groups, group);
        if (!m->no_memory)
            status = job_group_document(m, &job->groups[i], group, err);
    }
    return status;
}

static enum ou_status put_job(struct making *m, json_t *ret, struct ou_error *err)
{
    const struct nomad_job *job = m->job;
    json_t *meta = NULL;
    enum ou_status status = making_pairs(m, job->meta, "meta value", &meta, err);

    if (status)
        return status;
    making_put(m, ret, "Meta", meta);
    making_text(m, ret, "ID", job->id);
    making_text(m, ret, "Name", job->id);
    making_text(m, ret, "Type", "service");
    if (job->region)
        making_text(m, ret, "Region", job->region);
    making_text(m, ret, "Namespace", job->namespace_ ? job->namespace_ : "default");
    making_integer(m, ret, "Priority", job->priority ? job->priority : 50);
    making_put(m, ret, "Datacenters", making_texts(m, job->datacenters, "a datacenter"));
    making_put(m, ret, "Update",
               update_document(m, job->deadline_s > 0 ? job->deadline_s : DEADLINE_S));
    status = making_rules(m, job->rules, job->rule_count, job->distinct_hosts, ret, err);
    return status ? status : put_groups(m, ret, err);
}

/* What went wrong while it was made, if anything did. */
static enum ou_status made(const struct making *m, enum ou_status status, struct ou_error *err)
{
    if (!status && m->not_text)
        return ou_fail(err, OU_USAGE, "job %s: %s is missing or no UTF-8", m->job->id, m->not_text);
    if (!status && m->no_memory)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the document of job %s", m->job->id);
    return status;
}

enum ou_status nomad_job_document(const struct nomad_job *job, json_t **ret, struct ou_error *err)
{
    struct making m = { .job = job };
    enum ou_status status = check_job(job, err);
    json_t *document;

    if (status)
        return status;
    document = json_object();
    if (!document)
        m.no_memory = true;
    else
        status = put_job(&m, document, err);
    status = made(&m, status, err);
    if (status)
        json_decref(document);
    else
        *ret = document;
    return status;
}
