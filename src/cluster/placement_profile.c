/* What a profile says of its cluster, as members of a placement plan. */
#include <stdio.h>
#include <string.h>

#include "cluster/placement_read.h"

#define KIB_PER_MIB 1024

/* Sets a member that the plan leaves out; takes the value. */
static void set_missing(json_t *object, const char *member, json_t *value)
{
    json_t *known = json_object_get(object, member);

    if (value && !json_is_null(value) && (!known || json_is_null(known)))
        json_object_set_new(object, member, value);
    else
        json_decref(value);
}

static json_t *section(json_t *file, const char *member)
{
    set_missing(file, member, json_object());
    return json_object_get(file, member);
}

/* "producer" or "explorer": the kind of machine, and what a task is to have of it. The name of the instance. */
static const char *add_instance(json_t *file, const json_t *cluster, const char *role)
{
    const json_t *resources =
        json_object_get(json_object_get(json_object_get(cluster, "nomad"), "resources"), role);
    const char *type = json_string_value(
        json_object_get(json_object_get(json_object_get(cluster, "aws"), "instance_type"), role));
    const char *name = type ? type : role;
    json_t *instance;

    if (!resources)
        return NULL;
    set_missing(section(file, "instances"), name, json_object());
    instance = json_object_get(json_object_get(file, "instances"), name);
    set_missing(instance, "cores", json_incref(json_object_get(resources, "cores")));
    set_missing(instance, "memory_mb", json_incref(json_object_get(resources, "memory")));
    set_missing(instance, "memory_max_mb", json_incref(json_object_get(resources, "memory_max")));
    return name;
}

static void add_to_regions(json_t *file, const json_t *cluster)
{
    const char *producer = add_instance(file, cluster, "producer");
    const char *explorer = add_instance(file, cluster, "explorer");
    json_t *regions, *region;
    size_t i;

    set_missing(file, "regions", json_pack("[{s:s, s:s}]", "name", "*", "datacenter", "dc1"));
    regions = json_object_get(file, "regions");
    json_array_foreach(regions, i, region)
    {
        if (!json_is_object(region))
            continue;
        set_missing(region, "class",
                    json_incref(json_object_get(json_object_get(cluster, "nomad"), "class")));
        if (producer)
            set_missing(region, "producer", json_string(producer));
        if (explorer)
            set_missing(region, "explorer", json_string(explorer));
    }
}

/* Machines that are reached by their public addresses have others of their own, which their nodes bind to. */
static void add_network(json_t *file, const json_t *cluster)
{
    json_t *network = section(file, "network");

    if (!json_is_true(json_object_get(json_object_get(cluster, "aws"), "use_public_routing")))
        return;
    set_missing(network, "address", json_string("unique.platform.aws.public-ipv4"));
    set_missing(network, "listen", json_string("0.0.0.0"));
}

json_t *placement_of_profile(const json_t *file, const json_t *cluster)
{
    json_t *all = json_deep_copy(file);
    const json_t *nomad = json_object_get(cluster, "nomad");
    const json_t *storage =
        json_object_get(json_object_get(cluster, "minimum_storage"), "producer");

    if (!all || !json_is_object(cluster))
        return all;
    set_missing(section(all, "nomad"), "namespace",
                json_incref(json_object_get(nomad, "namespace")));
    set_missing(section(all, "nomad"), "volumes",
                json_incref(json_object_get(nomad, "host_volumes")));
    set_missing(all, "keep_job", json_incref(json_object_get(cluster, "keep_running")));
    if (json_is_integer(storage))
        set_missing(all, "minimum_free_mb",
                    json_integer(json_integer_value(storage) / KIB_PER_MIB));
    add_to_regions(all, cluster);
    add_network(all, cluster);
    return all;
}
