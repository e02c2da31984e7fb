#include "nomad/explain.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "nomad/facts.h"

static bool is_status(const json_t *document, const char *status)
{
    return strcmp(facts_text(document, "Status"), status) == 0;
}

/* What Nomad says of it, or else our words. */
static void append_description(const json_t *document, const char *otherwise, struct buffer *ret)
{
    const char *description = facts_text(document, "StatusDescription");

    facts_append(ret, description[0] ? description : otherwise);
}

enum nomad_evaluation_state nomad_evaluation_state(const json_t *evaluation, struct buffer *ret_why)
{
    const json_t *failed = json_object_get(evaluation, "FailedTGAllocs");

    if (is_status(evaluation, "failed")) {
        buffer_text(ret_why, "Nomad gave the evaluation up: ");
        append_description(evaluation, "without a reason; look into the log of its servers",
                           ret_why);
        return EVALUATION_FAILED;
    }
    if (is_status(evaluation, "canceled") || is_status(evaluation, "cancelled")) {
        buffer_text(ret_why, "the evaluation was cancelled: ");
        append_description(evaluation, "a newer one of the job took its place", ret_why);
        return EVALUATION_FAILED;
    }
    if (is_status(evaluation, "blocked")) {
        if (!nomad_explain_failures(failed, ret_why))
            append_description(evaluation, "it waits for room on the machines", ret_why);
        return EVALUATION_BLOCKED;
    }
    if (!is_status(evaluation, "complete"))
        return EVALUATION_PENDING;
    return nomad_explain_failures(failed, ret_why) ? EVALUATION_BLOCKED : EVALUATION_PLACED;
}

/* ---- ports ---- */

static bool take_port(const json_t *port, const char *address, char ret_address[64],
                      uint16_t *ret_port)
{
    int64_t number = facts_integer(port, "Value", 0);
    unsigned char binary[sizeof(struct in6_addr)];

    /* It becomes part of other hosts' files: nothing but an address is one. */
    if (number <= 0 || number > UINT16_MAX || strlen(address) >= 64 ||
        (inet_pton(AF_INET, address, binary) != 1 && inet_pton(AF_INET6, address, binary) != 1))
        return false;
    snprintf(ret_address, 64, "%s", address);
    *ret_port = (uint16_t)number;
    return true;
}

static const json_t *labelled(const json_t *ports, const char *label)
{
    for (size_t i = 0; i < json_array_size(ports); i++)
        if (strcmp(facts_text(json_array_get(ports, i), "Label"), label) == 0)
            return json_array_get(ports, i);
    return NULL;
}

/* A network of the older form: an address with lists of ports. */
static bool network_port(const json_t *network, const char *label, char ret_address[64],
                         uint16_t *ret_port)
{
    static const char *const LISTS[] = { "DynamicPorts", "ReservedPorts" };

    for (size_t i = 0; i < 2; i++) {
        const json_t *port = labelled(json_object_get(network, LISTS[i]), label);

        if (port && take_port(port, facts_text(network, "IP"), ret_address, ret_port))
            return true;
    }
    return false;
}

bool nomad_allocation_port(const json_t *allocation, const char *label, char ret_address[64],
                           uint16_t *ret_port)
{
    const json_t *resources = json_object_get(allocation, "AllocatedResources");
    const json_t *shared = json_object_get(resources, "Shared");
    const json_t *port = labelled(json_object_get(shared, "Ports"), label);
    const json_t *networks = json_object_get(shared, "Networks");

    if (port && take_port(port, facts_text(port, "HostIP"), ret_address, ret_port))
        return true;
    for (size_t i = 0; i < json_array_size(networks); i++)
        if (network_port(json_array_get(networks, i), label, ret_address, ret_port))
            return true;
    return false;
}

/* ---- events ---- */

static const char *const ALLOCATION_WORDS[] = {
    [ALLOCATION_PENDING] = "is about to start",
    [ALLOCATION_RUNNING] = "is running",
    [ALLOCATION_COMPLETE] = "has ended",
    [ALLOCATION_FAILED] = "has failed",
    [ALLOCATION_LOST] = "is lost",
    [ALLOCATION_UNKNOWN] = "has fallen silent",
};

static bool allocation_line(const json_t *allocation, struct buffer *ret)
{
    struct nomad_allocation_facts facts;
    size_t before;

    nomad_allocation_read(allocation, &facts);
    if (facts.id[0] == '\0')
        return false;
    buffer_text(ret, "group ");
    facts_append(ret, facts.group);
    buffer_text(ret, ": allocation ");
    facts_append_id(ret, facts.id);
    if (facts.node_name[0]) {
        buffer_text(ret, " on ");
        facts_append(ret, facts.node_name);
    }
    buffer_printf(ret, " %s", ALLOCATION_WORDS[facts.state]);
    if (facts.state == ALLOCATION_RUNNING && !facts.wanted)
        buffer_text(ret, ", and is to stop");
    if (facts.state != ALLOCATION_FAILED)
        return true;
    before = ret->len;
    buffer_text(ret, ": ");
    nomad_explain_allocation(allocation, ret);
    if (ret->len == before + 2)
        buffer_cut(ret, before);
    return true;
}

static bool evaluation_line(const json_t *evaluation, struct buffer *ret)
{
    size_t before = ret->len;

    if (facts_text(evaluation, "ID")[0] == '\0')
        return false;
    buffer_text(ret, "evaluation ");
    facts_append_id(ret, facts_text(evaluation, "ID"));
    buffer_text(ret, ": ");
    switch (nomad_evaluation_state(evaluation, ret)) {
    case EVALUATION_BLOCKED:
    case EVALUATION_FAILED: return true;
    case EVALUATION_PENDING:
    case EVALUATION_PLACED: break;
    }
    buffer_cut(ret, before);
    return false;
}

static bool deployment_line(const json_t *deployment, struct buffer *ret)
{
    if (facts_text(deployment, "ID")[0] == '\0' || is_status(deployment, "running"))
        return false;
    buffer_text(ret, "deployment ");
    facts_append_id(ret, facts_text(deployment, "ID"));
    buffer_text(ret, " is ");
    facts_append(ret, facts_text(deployment, "Status"));
    if (is_status(deployment, "successful"))
        return true;
    buffer_text(ret, ": ");
    append_description(deployment, "no reason was told", ret);
    return true;
}

static bool node_line(const json_t *node, struct buffer *ret)
{
    if (facts_text(node, "Name")[0] == '\0')
        return false;
    buffer_text(ret, "machine ");
    facts_append(ret, facts_text(node, "Name"));
    buffer_text(ret, " is ");
    facts_append(ret, facts_is_true(node, "Drain") ? "being emptied" : facts_text(node, "Status"));
    return true;
}

/* Of a job only that it came, and that it was stopped: what follows is told by its allocations. */
static bool job_line(const json_t *job, const char *type, struct buffer *ret)
{
    const char *what = strcmp(type, "JobRegistered") == 0     ? "is registered"
                       : strcmp(type, "JobDeregistered") == 0 ? "is to stop"
                                                              : NULL;

    if (!what || facts_text(job, "ID")[0] == '\0')
        return false;
    buffer_text(ret, "job ");
    facts_append(ret, facts_text(job, "ID"));
    buffer_printf(ret, " %s", what);
    return true;
}

bool nomad_event_line(const json_t *event, struct buffer *ret)
{
    const char *topic = facts_text(event, "Topic");
    const json_t *payload = json_object_get(json_object_get(event, "Payload"), topic);

    if (strcmp(topic, "Allocation") == 0)
        return allocation_line(payload, ret);
    if (strcmp(topic, "Evaluation") == 0)
        return evaluation_line(payload, ret);
    if (strcmp(topic, "Deployment") == 0)
        return deployment_line(payload, ret);
    if (strcmp(topic, "Node") == 0)
        return node_line(payload, ret);
    return strcmp(topic, "Job") == 0 && job_line(payload, facts_text(event, "Type"), ret);
}
