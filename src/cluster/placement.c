#include "cluster/placement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "cluster/placement_read.h"
#include "json/tree.h"

#define FILE_BYTES_MAX ((size_t)4 << 20)
#define MEMORY_BYTES_MAX ((size_t)64 << 20)

#define BUCKET_VARIABLE "OUROSCOPE_BUCKET" /* of plans that name none, as the examples do */

/* ---- those that are built in ---- */

extern char placement_model_52_json[], placement_one_machine_json[], placement_aws_json[];

static const struct {
    const char *name, *text;
} builtin[] = {
    { "one-machine", placement_one_machine_json },
    { "aws", placement_aws_json },
    { "model-52", placement_model_52_json },
};
#define BUILTIN_COUNT (sizeof builtin / sizeof *builtin)

const char *placement_builtin_name(size_t i)
{
    return i < BUILTIN_COUNT ? builtin[i].name : NULL;
}

static enum ou_status find_builtin(const char *name, json_t **ret, struct ou_error *err)
{
    struct suggestion s;

    suggest_for(&s, span_of(name));
    for (size_t i = 0; i < BUILTIN_COUNT; i++) {
        if (strcmp(builtin[i].name, name) == 0)
            return json_tree_parse(span_of(builtin[i].text), name, ret, err);
        suggest_consider(&s, builtin[i].name);
    }
    return ou_fail(
        err, OU_NOT_FOUND,
        "no placement plan \"%.64s\" is built in%s%s%s; a file of yours has a slash in its "
        "name, or ends in .json",
        name, s.best ? "; did you mean \"" : "", s.best ? s.best : "", s.best ? "\"?" : "");
}

static enum ou_status load_file(const char *name, json_t **ret, struct ou_error *err)
{
    if (strchr(name, '/') || span_ends(span_of(name), ".json"))
        return json_tree_load(name, FILE_BYTES_MAX, ret, err);
    return find_builtin(name, ret, err);
}

/* ---- faults ---- */

void placement_fault(struct placement_reading *r, const char *path, const char *format, ...)
{
    va_list args;

    buffer_printf(&r->faults, "%s%s: %s: ", r->faults.len ? "\n" : "", r->source, path);
    va_start(args, format);
    buffer_vprintf(&r->faults, format, args);
    va_end(args);
}

static bool is_list(const char *path)
{
    static const char *const lists[] = { "instances",   "regions", "pins", "nomad.volumes",
                                         "description", "$schema", NULL };
    size_t i = 0;

    while (lists[i] && strcmp(lists[i], path) != 0)
        i++;
    return lists[i] != NULL;
}

static void check_unknown(struct placement_reading *r, const char *path, const char *key)
{
    struct suggestion s;

    suggest_for(&s, span_of(key));
    placement_offer_fields(path, &s);
    if (!*path) {
        suggest_consider(&s, "instances");
        suggest_consider(&s, "regions");
        suggest_consider(&s, "pins");
        suggest_consider(&s, "nomad");
        suggest_consider(&s, "storage");
        suggest_consider(&s, "agent");
        suggest_consider(&s, "network");
        suggest_consider(&s, "timing");
    }
    placement_fault(r, *path ? path : "plan", "no member \"%.64s\" is known%s%s%s", key,
                    s.best ? "; did you mean \"" : "", s.best ? s.best : "", s.best ? "\"?" : "");
}

/* Members that nobody reads are mistakes of somebody who thinks that they are. */
static void check_members(struct placement_reading *r, const char *path, const json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        char at[256];
        bool is_object = false;

        snprintf(at, sizeof at, "%s%s%.100s", path, *path ? "." : "", key);
        if (is_list(at))
            continue;
        if (!placement_is_field(at, &is_object))
            check_unknown(r, path, key);
        else if (is_object && json_is_object(value))
            check_members(r, at, value);
        else if (is_object && !json_is_null(value))
            placement_fault(r, at, "an object is wanted");
    }
}

/* ---- what does not fit together ---- */

static void check_driver(struct placement_reading *r)
{
    const struct placement *p = r->plan;

    if (strcmp(p->driver, "exec") != 0 && strcmp(p->driver, "raw_exec") != 0 &&
        strcmp(p->driver, "podman") != 0)
        placement_fault(r, "nomad.driver", "one of exec, raw_exec, podman is wanted");
    if (strcmp(p->driver, "podman") == 0 && !p->image)
        placement_fault(r, "nomad.image", "the driver podman needs an image with ouroscope in it");
}

static bool is_sha256(const char *text)
{
    return strlen(text) == 64 && text[strspn(text, "0123456789abcdef")] == '\0';
}

static void check_together(struct placement_reading *r)
{
    const struct placement *p = r->plan;

    check_driver(r);
    if (p->storage.path_style && p->storage.virtual_host)
        placement_fault(r, "storage", "path_style and virtual_host exclude each other");
    if (p->artifact && !p->artifact_sha256)
        placement_fault(r, "agent.sha256",
                        "an artifact is a program that every machine runs: give the SHA-256 of it");
    if (p->artifact_sha256 && !is_sha256(p->artifact_sha256))
        placement_fault(r, "agent.sha256", "64 digits of lower-case hex are wanted");
    if (p->prefix && *p->prefix == '/')
        placement_fault(r, "storage.prefix", "it must not begin with a slash");
    else if (p->prefix && *p->prefix && !span_ends(span_of(p->prefix), "/"))
        placement_fault(r, "storage.prefix", "it has to end with a slash");
    if (!p->nomad.identity.certificate_file != !p->nomad.identity.key_file)
        placement_fault(r, "nomad", "certificate_file and key_file are of use together only");
}

/* ---- all of it ---- */

static void bucket_of_environment(struct placement *p)
{
    const char *bucket = getenv(BUCKET_VARIABLE);

    if (p->storage.bucket || !bucket || !*bucket)
        return;
    p->storage.bucket = arena_copy(&p->memory, bucket, strlen(bucket));
    json_object_set_new(json_object_get(p->document, "storage"), "bucket", json_string(bucket));
}

/* The message that fits into an error says how many there are. */
static enum ou_status conclude(struct placement_reading *r, struct ou_error *err)
{
    if (r->faults.len == 0)
        return buffer_status(&r->faults) ? ou_fail(err, OU_NO_MEMORY, "no memory for a plan")
                                         : OU_OK;
    return ou_fail(err, OU_INVALID, "%s", buffer_string(&r->faults));
}

static enum ou_status read_all(struct placement *p, const json_t *file, const json_t *cluster,
                               struct ou_error *err)
{
    struct placement_reading r = { .plan = p, .source = p->source };
    json_t *all;
    enum ou_status status;

    if (!json_is_object(file))
        return ou_fail(err, OU_INVALID, "%s: an object is wanted", p->source);
    all = placement_of_profile(file, cluster);
    p->document = json_object();
    if (!all || !p->document) {
        json_decref(all);
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", p->source);
    }
    r.file = all;
    buffer_init(&r.faults, allocator_libc(), PLACEMENT_FAULTS_BYTES_MAX);
    check_members(&r, "", all);
    placement_read_fields(&r);
    placement_read_lists(&r);
    bucket_of_environment(p);
    check_together(&r);
    status = conclude(&r, err);
    buffer_release(&r.faults);
    json_decref(all);
    return status;
}

enum ou_status placement_load(const char *name, const json_t *profile_cluster,
                              struct placement *ret, struct ou_error *err)
{
    struct placement p = { 0 };
    json_t *file = NULL;
    enum ou_status status = load_file(name, &file, err);

    if (status)
        return status;
    arena_init(&p.memory, allocator_libc(), MEMORY_BYTES_MAX);
    p.source = arena_copy(&p.memory, name, strlen(name));
    status = p.source ? read_all(&p, file, profile_cluster, err)
                      : ou_fail(err, OU_NO_MEMORY, "no memory for a plan");
    json_decref(file);
    if (!status && !p.name)
        p.name = p.source;
    if (status)
        placement_release(&p);
    else
        *ret = p;
    return status;
}

void placement_release(struct placement *p)
{
    json_decref(p->document);
    arena_release(&p->memory);
    *p = (struct placement){ 0 };
}

/* ---- hosts ---- */

const struct placement_region *placement_region_of(const struct placement *p,
                                                   const struct host_want *want)
{
    const struct placement_region *any = NULL;

    for (size_t i = 0; i < p->region_count; i++) {
        if (strcmp(p->regions[i].name, want->region) == 0)
            return &p->regions[i];
        if (strcmp(p->regions[i].name, "*") == 0)
            any = &p->regions[i];
    }
    return any;
}

/* A plan may be for larger clusters, too: only what no run has can be a slip. */
static bool is_host_name(const char *name)
{
    static const char *const others[] = { "explorer", "proxy", "chaindb-server" };

    if (strncmp(name, "node-", 5) == 0)
        return name[5] && name[5 + strspn(name + 5, "0123456789")] == '\0';
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i]) == 0)
            return true;
    return false;
}

static void check_regions(struct placement_reading *r, const struct host_want *wants, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool told = false;

        for (size_t k = 0; k < i && !told; k++)
            told = strcmp(wants[k].region, wants[i].region) == 0;
        if (!told && !placement_region_of(r->plan, &wants[i]))
            placement_fault(r, "regions",
                            "%s stands in %s, which the plan does not have; a region \"*\" is for "
                            "all that are not named",
                            wants[i].name, wants[i].region);
    }
}

enum ou_status placement_check(const struct placement *p, const struct host_want *wants,
                               size_t count, struct ou_error *err)
{
    struct placement_reading r = { .plan = (struct placement *)p, .source = p->source };
    enum ou_status status;

    buffer_init(&r.faults, allocator_libc(), PLACEMENT_FAULTS_BYTES_MAX);
    if (!p->storage.bucket)
        placement_fault(&r, "storage.bucket",
                        "in which bucket? Genesis, orders and logs go through it; it can be told "
                        "here or in " BUCKET_VARIABLE);
    check_regions(&r, wants, count);
    for (size_t i = 0; i < p->pin_count; i++)
        if (!is_host_name(p->pins[i].host))
            placement_fault(&r, "pins",
                            "no host is called \"%.64s\"; they are node-0, node-1, ..., explorer",
                            p->pins[i].host);
    status = conclude(&r, err);
    buffer_release(&r.faults);
    return status;
}
