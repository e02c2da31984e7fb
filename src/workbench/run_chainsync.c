/* A chain that was made before is served to a node that has none: genesis and database of an earlier run are copied to the host
 * that serves it, which has no keys; slots are where they were, in the past. */
#include <stdio.h>
#include <unistd.h>

#include "base/file_tree.h"
#include "base/time.h"
#include "deploy/log_watch.h"
#include "json/tree.h"
#include "workbench/run_inside.h"

#define META_BYTES_MAX ((size_t)64 << 20)

/* ---- the source ---- */

enum ou_status run_chainsync_check(const struct profile *p, struct ou_error *err)
{
    if (!p->with_chaindb_server || !p->with_explorer)
        return ou_fail(err, OU_USAGE,
                       "profile %s: the scenario chainsync needs composition.with_chaindb_server "
                       "and composition.with_explorer",
                       p->name);
    if (!p->chain_source[0])
        return ou_fail(err, OU_USAGE,
                       "profile %s: there is no chain to serve: make a run with --keep, and name "
                       "its directory in chaindb.source. (Chunks of mainnet's chain, as published "
                       "profiles name them, are not fetched.)",
                       p->name);
    return OU_OK;
}

static enum ou_status source_path(const struct run *r, const char *name, char ret[PATH_MAX],
                                  struct ou_error *err)
{
    if (snprintf(ret, PATH_MAX, "%s/%s", r->profile->chain_source, name) >= PATH_MAX)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", r->profile->chain_source);
    return OU_OK;
}

/* Slot 0 of the source, as its meta.json has it. */
static enum ou_status read_start(struct run *r, struct ou_error *err)
{
    char path[PATH_MAX];
    json_t *document = NULL;
    const json_t *start;
    enum ou_status status = source_path(r, "meta.json", path, err);

    if (!status)
        status = json_tree_load(path, META_BYTES_MAX, &document, err);
    if (status)
        return status;
    start = json_object_get(json_object_get(json_object_get(document, "meta"), "timing"), "start");
    if (json_is_integer(start))
        r->start_ns = json_integer_value(start) * NS_PER_SECOND;
    else
        status = ou_fail(err, OU_INVALID, "%s: member meta.timing.start must be a number", path);
    json_decref(document);
    return status;
}

/* How far the chain goes, by the log of the node that has it. */
static enum ou_status read_height(struct run *r, struct ou_error *err)
{
    struct log_watch log = { 0 };
    char path[PATH_MAX];
    enum ou_status status = source_path(r, "logs/node-0/node.json", path, err);

    if (!status)
        status = log_watch_open(&log, path, err);
    while (!status && !log_watch_read(&log, SIZE_MAX))
        ;
    r->source_height = log.height;
    log_watch_close(&log);
    return status;
}

static enum ou_status copy_named(struct run *r, const char *from, const char *to,
                                 struct ou_error *err)
{
    char source[PATH_MAX], target[PATH_MAX];
    enum ou_status status = source_path(r, from, source, err);

    if (!status)
        status = run_path(r, to, target, err);
    if (!status && access(source, F_OK) != 0)
        return ou_fail(err, OU_NOT_FOUND,
                       "%s: there is no such file or folder; chaindb.source must be the directory "
                       "of a run that was made with --keep",
                       source);
    return status ? status : tree_copy(source, target, err);
}

static const struct run_service *find_host(const struct run *r, enum host_kind kind)
{
    for (size_t i = 0; i < r->node_count; i++)
        if (r->nodes[i].spec->kind == kind)
            return &r->nodes[i];
    return NULL;
}

enum ou_status run_copy_chain(struct run *r, struct ou_error *err)
{
    char place[80];
    enum ou_status status = read_start(r, err);

    if (!status)
        status = read_height(r, err);
    if (!status)
        status = copy_named(r, "genesis", "genesis", err);
    if (status)
        return status;
    snprintf(place, sizeof place, "nodes/%s/db", find_host(r, HOST_CHAINDB_SERVER)->name);
    return copy_named(r, "nodes/node-0/db", place, err);
}

/* ---- the end ---- */

const char *run_chainsync_end(const struct run *r)
{
    const struct run_service *explorer = find_host(r, HOST_EXPLORER);
    const struct service_facts *facts = run_facts(explorer);

    if (explorer->spec->stop_slot != UINT64_MAX && facts->tip_slot >= 0 &&
        (uint64_t)facts->tip_slot >= explorer->spec->stop_slot)
        return "the explorer has a block of the last slot or a later one";
    if (r->source_height >= 0 && facts->height >= r->source_height)
        return "the explorer has the whole chain";
    return NULL;
}
