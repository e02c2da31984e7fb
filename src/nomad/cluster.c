/* The cluster: what answers there, its machines, its namespaces. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nomad/call.h"
#include "nomad/explain.h"
#include "nomad/facts.h"

#define MINOR_MIN 1 /* of version 1: cores, oversubscription, exec messages */
#define NODES_MAX 10000

static void copy(const char *text, char *ret, size_t room)
{
    snprintf(ret, room, "%s", text);
}

static void read_version(const char *text, struct nomad_facts *ret)
{
    char *end;

    copy(text, ret->version, sizeof ret->version);
    ret->major = (unsigned)strtoul(text, &end, 10);
    ret->minor = *end == '.' ? (unsigned)strtoul(end + 1, NULL, 10) : 0;
}

static void read_self(const json_t *self, struct nomad_facts *ret)
{
    const json_t *config = json_object_get(self, "config");

    read_version(facts_text(json_object_get(config, "Version"), "Version"), ret);
    copy(facts_text(config, "Region"), ret->region, sizeof ret->region);
    copy(facts_text(config, "Datacenter"), ret->datacenter, sizeof ret->datacenter);
    ret->is_server = facts_is_true(json_object_get(config, "Server"), "Enabled");
    ret->acl = facts_is_true(json_object_get(config, "ACL"), "Enabled");
}

/* A token that may not read the agent may still read its machines, which tell their version. */
static enum ou_status look_at_nodes(struct nomad *nomad, struct nomad_facts *ret,
                                    struct ou_error *err)
{
    json_t *nodes = NULL;
    enum ou_status status = nomad_nodes(nomad, false, &nodes, err);

    if (!status) {
        read_version(facts_text(json_array_get(nodes, 0), "Version"), ret);
        ret->acl = true;
    }
    json_decref(nodes);
    return status;
}

static enum ou_status look_at_agent(struct nomad *nomad, struct nomad_facts *ret,
                                    struct ou_error *err)
{
    const struct nomad_call call = { .what = "tell about its agent", .path = "/v1/agent/self" };
    struct http_reply reply;
    json_t *self = NULL;
    enum ou_status status = nomad_call(nomad, &call, &reply, err);
    bool is_forbidden = status == OU_IO && reply.status == 403;

    if (!status)
        status = nomad_call_read(&call, &reply, &self, err);
    http_reply_release(&reply);
    if (is_forbidden)
        return look_at_nodes(nomad, ret, err);
    if (!status)
        read_self(self, ret);
    json_decref(self);
    return status;
}

static enum ou_status look_for_leader(struct nomad *nomad, struct nomad_facts *ret,
                                      struct ou_error *err)
{
    const struct nomad_call call = { .what = "tell its leader", .path = "/v1/status/leader" };
    json_t *leader = NULL;
    enum ou_status status = nomad_call_document(nomad, &call, &leader, NULL, err);

    ret->has_leader = json_string_length(leader) > 0;
    json_decref(leader);
    return status;
}

enum ou_status nomad_look(struct nomad *nomad, struct nomad_facts *ret, struct ou_error *err)
{
    enum ou_status status;

    *ret = (struct nomad_facts){ .major = 0 };
    status = look_at_agent(nomad, ret, err);
    if (!status)
        status = look_for_leader(nomad, ret, err);
    if (status)
        return status;
    if (!ret->has_leader)
        return ou_fail(err, OU_IO,
                       "Nomad's servers have elected no leader: wait, or see that most "
                       "of them run (nomad server members)");
    if (ret->major == 0)
        return ou_fail(err, OU_IO, "Nomad does not tell its version%s",
                       ret->acl ? ": the token's policy needs agent read or node read" : "");
    if (ret->major == 1 && ret->minor < MINOR_MIN)
        return ou_fail(err, OU_IO, "Nomad %s is too old: 1.%d or later is needed", ret->version,
                       MINOR_MIN);
    return OU_OK;
}

static enum ou_status fetch_node(struct nomad *nomad, const char *id, json_t **ret,
                                 struct ou_error *err)
{
    char path[NOMAD_PATH_ROOM];
    const struct nomad_call call = { .what = "show a machine", .path = path };
    enum ou_status status = nomad_path("/v1/node/", id, "", path, err);

    return status ? status : nomad_call_document(nomad, &call, ret, NULL, err);
}

/* Puts the whole documents in place of the list's; a machine that went away in between keeps its own. */
static enum ou_status fetch_all(struct nomad *nomad, json_t *nodes, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < json_array_size(nodes); i++) {
        json_t *node = NULL;

        status = fetch_node(nomad, facts_text(json_array_get(nodes, i), "ID"), &node, err);
        if (status == OU_NOT_FOUND)
            status = OU_OK;
        else if (!status && json_is_object(node) && json_array_set(nodes, i, node))
            status = ou_fail(err, OU_NO_MEMORY, "no memory for the machines of the cluster");
        json_decref(node);
    }
    return status;
}

enum ou_status nomad_nodes(struct nomad *nomad, bool whole, json_t **ret, struct ou_error *err)
{
    const struct nomad_call call = { .what = "list its machines", .path = "/v1/nodes" };
    json_t *nodes = NULL;
    enum ou_status status = nomad_call_document(nomad, &call, &nodes, NULL, err);

    if (!status && nodes && !json_is_array(nodes))
        status = ou_fail(err, OU_IO, "Nomad's list of machines is no list");
    if (!status && json_array_size(nodes) > NODES_MAX)
        status = ou_fail(err, OU_TOO_LARGE, "more than %d machines", NODES_MAX);
    if (!status && whole)
        status = fetch_all(nomad, nodes, err);
    if (status) {
        json_decref(nodes);
        return status;
    }
    *ret = nodes ? nodes : json_array();
    return OU_OK;
}

bool nomad_tell_failures(struct nomad *nomad, const json_t *failed_groups, struct buffer *ret)
{
    json_t *machines = NULL;
    bool told;

    if (json_object_size(failed_groups) > 0)
        nomad_nodes(nomad, false, &machines, NULL);
    told = nomad_explain_failures_on(failed_groups, machines, ret);
    json_decref(machines);
    return told;
}

enum ou_status nomad_namespace_make(struct nomad *nomad, const char *name, struct ou_error *err)
{
    json_t *body = json_pack("{s:s, s:s}", "Name", name, "Description", "Runs of Ouroscope");
    const struct nomad_call call = {
        .what = "make the namespace", .method = "PUT", .path = "/v1/namespace", .body = body
    };
    enum ou_status status = body ? nomad_call_done(nomad, &call, err)
                                 : ou_fail(err, OU_NO_MEMORY, "no memory for a request");

    json_decref(body);
    return status;
}
