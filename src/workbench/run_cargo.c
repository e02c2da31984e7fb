/* What goes to the hosts of a run: to each what its services need, and no other's keys. */
#include <dirent.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "workbench/run_inside.h"

#define PATHS_MAX 1024 /* of one host */

/* A list being filled; the first failure sticks. */
struct list {
    const struct run *run;
    struct arena *memory;
    const char **paths;
    size_t count;
    enum ou_status status;
    struct ou_error *err;
};

static void begin(struct list *l, struct run *r, struct ou_error *err)
{
    *l = (struct list){ .run = r, .memory = &r->memory, .err = err };
    l->paths = arena_take(l->memory, PATHS_MAX * sizeof *l->paths, alignof(const char *));
    if (!l->paths)
        l->status = ou_fail(err, OU_NO_MEMORY, "no memory for the files of hosts");
}

/* What is not there does not go: not all kinds of nodes have all files. */
static void add(struct list *l, const char *path)
{
    char whole[PATH_MAX];

    if (!l->status)
        l->status = run_path(l->run, path, whole, l->err);
    if (l->status || access(whole, F_OK) != 0)
        return;
    if (l->count == PATHS_MAX) {
        l->status = ou_fail(l->err, OU_TOO_LARGE, "more than %d files for a host", PATHS_MAX);
        return;
    }
    l->paths[l->count] = arena_copy(l->memory, path, strlen(path));
    if (!l->paths[l->count++])
        l->status = ou_fail(l->err, OU_NO_MEMORY, "no memory for the files of hosts");
}

static void add_named(struct list *l, const char *before, const char *name, const char *behind)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s%s%s", before, name, behind);
    add(l, path);
}

/* ---- keys ---- */

/* As node_files_write() has them: of one pool a folder, of several a file. */
static void add_pools(struct list *l, const struct node_spec *spec)
{
    char path[80];

    if (spec->pools == 1) {
        snprintf(path, sizeof path, "genesis/keys/pool%u", (unsigned)spec->first_pool + 1);
        add(l, path);
    } else if (spec->pools > 1) {
        add_named(l, "genesis/keys/bulk-", spec->name, ".creds");
    }
}

/* What the generator spends. */
static void add_funds(struct list *l)
{
    const struct dirent *entry;
    char path[PATH_MAX];
    DIR *keys;

    if (l->status || run_path(l->run, "genesis/keys", path, NULL))
        return;
    keys = opendir(path);
    while (keys && (entry = readdir(keys)))
        if (strncmp(entry->d_name, "utxo", 4) == 0)
            add_named(l, "genesis/keys/", entry->d_name, "");
    if (keys)
        closedir(keys);
}

/* ---- all of it ---- */

static void add_host(struct list *l, size_t host)
{
    const struct run *r = l->run;
    const struct host_want *want = &r->hosts.wants[host];

    if (r->node_count > 0) {
        add_named(l, "nodes/", want->name, "");
        add_named(l, "logs/", want->name, "");
        add_pools(l, &r->profile->specs[host]);
    }
    if (host < r->tracer_count) {
        add(l, "tracer/config.json");
        add(l, "tracer/start.sh");
    }
    if (want->has_generator) {
        add(l, "generator");
        add(l, "logs/generator");
        add_funds(l);
    }
}

static void add_genesis(struct list *l)
{
    static const char *const names[] = { "byron",  "shelley",  "alonzo",
                                         "conway", "dijkstra", "hashes" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        add_named(l, "genesis/", names[i], ".json");
}

enum ou_status run_load_cargo(struct run *r, struct cargo *ret, struct ou_error *err)
{
    size_t count = r->hosts.count;
    struct list l;

    *ret = (struct cargo){ 0 };
    ret->hosts = arena_take(&r->memory, count * sizeof *ret->hosts, alignof(struct cargo_of_host));
    if (!ret->hosts)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the files of hosts");
    begin(&l, r, err);
    add_genesis(&l);
    ret->common = l.paths;
    ret->common_count = l.count;
    for (size_t i = 0; !l.status && i < count; i++) {
        begin(&l, r, err);
        add_host(&l, i);
        ret->hosts[i] = (struct cargo_of_host){ .paths = l.paths, .count = l.count };
    }
    return l.status;
}
