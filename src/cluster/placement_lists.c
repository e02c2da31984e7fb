/* The lists of a placement plan: instances, regions, pins, volumes. */
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "cluster/placement_read.h"

#define LIST_MAX 2000
#define WEIGHT_MAX 100

/* ---- members ---- */

static void *room(struct placement_reading *r, size_t count, size_t bytes)
{
    void *at = arena_take(&r->plan->memory, (count + 1) * bytes, alignof(max_align_t));

    if (at)
        memset(at, 0, (count + 1) * bytes);
    return at;
}

static const char *copy(struct placement_reading *r, const json_t *text)
{
    const char *value = json_string_value(text);

    return value ? arena_copy(&r->plan->memory, value, strlen(value)) : NULL;
}

/* Names of members in one line, blanks between. */
static void check_members(struct placement_reading *r, const char *path, const json_t *object,
                          const char *known)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        struct suggestion s;
        char word[64];
        bool found = false;

        suggest_for(&s, span_of(key));
        for (const char *at = known; *at && !found; at += strspn(at, " ")) {
            size_t len = strcspn(at, " ");

            snprintf(word, sizeof word, "%.*s", (int)len, at);
            found = strcmp(word, key) == 0;
            at += len;
        }
        if (!found)
            placement_fault(r, path, "no member \"%.64s\" is known; there are %s", key, known);
    }
}

static const char *text_of(struct placement_reading *r, const char *path, const json_t *object,
                           const char *member, bool needed)
{
    const json_t *value = json_object_get(object, member);
    const char *text = json_string_value(value);

    if ((!value || json_is_null(value)) && !needed)
        return NULL;
    if (!text || !*text || strlen(text) > 256)
        placement_fault(r, path, "%s: a text of 1 to 256 bytes is wanted", member);
    return copy(r, value);
}

static uint32_t number_of(struct placement_reading *r, const char *path, const json_t *object,
                          const char *member)
{
    const json_t *value = json_object_get(object, member);
    json_int_t number = json_integer_value(value);

    if (!value || json_is_null(value))
        return 0;
    if (!json_is_integer(value) || number < 1 || number > 1000000000) {
        placement_fault(r, path, "%s: a whole number from 1 to 1000000000 is wanted", member);
        return 0;
    }
    return (uint32_t)number;
}

/* The list at a member; of another form, or too long, it counts as empty, and is a fault. */
static size_t list_of(struct placement_reading *r, const json_t *object, const char *member,
                      const char *path, const json_t **ret)
{
    const json_t *list = json_object_get(object, member);

    *ret = list;
    if (!list || json_is_null(list))
        return 0;
    if (!json_is_array(list) || json_array_size(list) > LIST_MAX) {
        placement_fault(r, path, "a list of at most %d objects is wanted", LIST_MAX);
        return 0;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_is_object(json_array_get(list, i)))
            continue;
        placement_fault(r, path, "place %zu: an object is wanted", i);
        return 0;
    }
    return json_array_size(list);
}

/* ---- constraints ---- */

static const char *const operands[] = { "=",
                                        "!=",
                                        ">",
                                        ">=",
                                        "<",
                                        "<=",
                                        "regexp",
                                        "set_contains",
                                        "set_contains_any",
                                        "version",
                                        "semver",
                                        "is_set",
                                        "is_not_set",
                                        NULL };

static void read_rule(struct placement_reading *r, const char *path, const json_t *object,
                      bool is_affinity, struct nomad_constraint *ret)
{
    const json_t *weight = json_object_get(object, "weight");
    size_t i = 0;

    check_members(r, path, object,
                  is_affinity ? "left operand right weight" : "left operand right");
    ret->left = text_of(r, path, object, "left", true);
    ret->operand =
        json_object_get(object, "operand") ? text_of(r, path, object, "operand", true) : "=";
    ret->right = json_object_get(object, "right") ? text_of(r, path, object, "right", true) : "";
    while (ret->operand && operands[i] && strcmp(operands[i], ret->operand) != 0)
        i++;
    if (ret->operand && !operands[i])
        placement_fault(r, path, "operand: Nomad has no \"%.32s\"; \"=\" is the usual one",
                        ret->operand);
    if (!is_affinity)
        return;
    ret->weight = weight ? (int)json_integer_value(weight) : WEIGHT_MAX / 2;
    if (ret->weight == 0 || ret->weight > WEIGHT_MAX || ret->weight < -WEIGHT_MAX)
        placement_fault(r, path, "weight: a whole number from -100 to 100 is wanted, not 0");
}

/* Constraints, and affinities behind them. */
static void read_rules(struct placement_reading *r, const char *path, const json_t *region,
                       struct placement_region *ret)
{
    const json_t *constraints, *affinities;
    size_t count = list_of(r, region, "constraints", path, &constraints);
    size_t more = list_of(r, region, "affinities", path, &affinities);
    struct nomad_constraint *rules = room(r, count + more, sizeof *rules);

    if (!rules)
        return;
    for (size_t i = 0; i < count; i++)
        read_rule(r, path, json_array_get(constraints, i), false, &rules[i]);
    for (size_t i = 0; i < more; i++)
        read_rule(r, path, json_array_get(affinities, i), true, &rules[count + i]);
    ret->rules = rules;
    ret->rule_count = count + more;
}

/* ---- instances and regions ---- */

static const struct placement_instance *read_instance(struct placement_reading *r, const char *path,
                                                      const json_t *instances, const char *name)
{
    const json_t *object = json_object_get(instances, name);
    struct placement_instance *instance;
    char at[256];

    if (!object) {
        struct suggestion s;
        const char *key;
        json_t *value;

        suggest_for(&s, span_of(name));
        json_object_foreach((json_t *)instances, key, value)
        {
            suggest_consider(&s, key);
        }
        placement_fault(r, path, "no instance \"%.64s\" is told in instances%s%s%s", name,
                        s.best ? "; did you mean \"" : "", s.best ? s.best : "",
                        s.best ? "\"?" : "");
        return NULL;
    }
    instance = room(r, 1, sizeof *instance);
    if (!instance)
        return NULL;
    snprintf(at, sizeof at, "instances.%.64s", name);
    check_members(r, at, object, "cores cpu_mhz memory_mb memory_max_mb disk_mb");
    *instance =
        (struct placement_instance){ .name = arena_copy(&r->plan->memory, name, strlen(name)),
                                     .cores = number_of(r, at, object, "cores"),
                                     .cpu_mhz = number_of(r, at, object, "cpu_mhz"),
                                     .memory_mb = number_of(r, at, object, "memory_mb"),
                                     .memory_max_mb = number_of(r, at, object, "memory_max_mb"),
                                     .disk_mb = number_of(r, at, object, "disk_mb") };
    if (instance->memory_max_mb && instance->memory_max_mb < instance->memory_mb)
        placement_fault(r, at, "memory_max_mb is less than memory_mb");
    return instance;
}

static const struct placement_instance *instance_of(struct placement_reading *r, const char *path,
                                                    const json_t *region, const char *member)
{
    const char *name = text_of(r, path, region, member, false);

    return name ? read_instance(r, path, json_object_get(r->file, "instances"), name) : NULL;
}

static void read_region(struct placement_reading *r, size_t number, const json_t *object,
                        struct placement_region *ret)
{
    char path[64];

    snprintf(path, sizeof path, "regions[%zu]", number);
    check_members(r, path, object,
                  "name datacenter class producer explorer constraints affinities");
    ret->name = text_of(r, path, object, "name", true);
    ret->datacenter = text_of(r, path, object, "datacenter", false);
    ret->node_class = text_of(r, path, object, "class", false);
    ret->producer = instance_of(r, path, object, "producer");
    ret->explorer = instance_of(r, path, object, "explorer");
    if (!ret->explorer)
        ret->explorer = ret->producer;
    read_rules(r, path, object, ret);
}

static void check_once(struct placement_reading *r, const struct placement_region *regions,
                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (regions[i].name && regions[k].name && strcmp(regions[i].name, regions[k].name) == 0)
                placement_fault(r, "regions", "\"%.64s\" is told twice", regions[i].name);
}

/* One for all, where nothing is said: Nomad's own name for its first datacenter. */
static const struct placement_region everywhere = { .name = "*", .datacenter = "dc1" };

static void read_regions(struct placement_reading *r)
{
    const json_t *list;
    size_t count = list_of(r, r->file, "regions", "regions", &list);
    struct placement_region *regions;

    r->plan->regions = &everywhere;
    r->plan->region_count = 1;
    if (count == 0 || !(regions = room(r, count, sizeof *regions)))
        return;
    for (size_t i = 0; i < count; i++)
        read_region(r, i, json_array_get(list, i), &regions[i]);
    check_once(r, regions, count);
    r->plan->regions = regions;
    r->plan->region_count = count;
}

/* ---- pins and volumes ---- */

/* {"host", "machine"}, the name of a Nomad client; or {"host", "attribute", "value"}. */
static void read_pin(struct placement_reading *r, size_t number, const json_t *object,
                     struct placement_pin *ret)
{
    const char *machine, *attribute, *value;
    char path[64], left[300];

    snprintf(path, sizeof path, "pins[%zu]", number);
    check_members(r, path, object, "host machine attribute value");
    ret->host = text_of(r, path, object, "host", true);
    machine = text_of(r, path, object, "machine", false);
    attribute = text_of(r, path, object, "attribute", false);
    value = text_of(r, path, object, "value", false);
    if (!machine == !attribute || !attribute != !value) {
        placement_fault(r, path, "either machine is wanted, or attribute and value");
        return;
    }
    snprintf(left, sizeof left, "${%s}", machine ? "node.unique.name" : attribute);
    ret->to = (struct nomad_constraint){ .left = arena_copy(&r->plan->memory, left, strlen(left)),
                                         .operand = "=",
                                         .right = machine ? machine : value };
}

static void read_pins(struct placement_reading *r)
{
    const json_t *list;
    size_t count = list_of(r, r->file, "pins", "pins", &list);
    struct placement_pin *pins = room(r, count, sizeof *pins);

    for (size_t i = 0; pins && i < count; i++)
        read_pin(r, i, json_array_get(list, i), &pins[i]);
    r->plan->pins = pins;
    r->plan->pin_count = pins ? count : 0;
}

static void read_volumes(struct placement_reading *r)
{
    const json_t *list;
    size_t count = list_of(r, json_object_get(r->file, "nomad"), "volumes", "nomad.volumes", &list);
    struct nomad_mount *mounts = room(r, count, sizeof *mounts);

    for (size_t i = 0; mounts && i < count; i++) {
        const json_t *object = json_array_get(list, i);

        check_members(r, "nomad.volumes", object, "source destination read_only");
        mounts[i] = (struct nomad_mount){
            .volume = text_of(r, "nomad.volumes", object, "source", true),
            .destination = text_of(r, "nomad.volumes", object, "destination", true),
            .read_only = json_is_true(json_object_get(object, "read_only")),
        };
    }
    r->plan->mounts = mounts;
    r->plan->mount_count = mounts ? count : 0;
}

/* Lists are completed as they stand. */
static void keep(struct placement_reading *r, const char *member)
{
    json_t *value = json_object_get(r->file, member);

    if (value)
        json_object_set(r->plan->document, member, value);
}

void placement_read_lists(struct placement_reading *r)
{
    json_t *volumes = json_object_get(json_object_get(r->file, "nomad"), "volumes");

    read_regions(r);
    read_pins(r);
    read_volumes(r);
    keep(r, "instances");
    keep(r, "regions");
    keep(r, "pins");
    if (volumes)
        json_object_set(json_object_get(r->plan->document, "nomad"), "volumes", volumes);
}
