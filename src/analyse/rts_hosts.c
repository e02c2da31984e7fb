#include "analyse/rts_hosts.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMORY_BYTES_MAX ((size_t)16 << 20)

/* Where such files are: in each folder below RUN/`below`. */
static const struct {
    const char *below, *file;
} places[] = {
    { "/nodes", "rts.stats" },
    { "", "cardano-node.gcstats" },
};

struct search {
    struct rts_hosts *hosts;
    const char *folder; /* whose sub-folders are hosts */
    const char *file;
    enum ou_status status;
    struct ou_error *err;
};

static void fail(struct search *s, enum ou_status status, const char *why)
{
    s->status = ou_fail(s->err, status, "%s: %s", s->folder, why);
}

static void keep(struct search *s, const char *name, const char *path, struct rts_statistics *stats,
                 const char *problem)
{
    struct arena *memory = &s->hosts->memory;
    const char *kept_name = arena_copy(memory, name, strlen(name));
    const char *kept_path = arena_copy(memory, path, strlen(path));
    const char *kept_problem = problem ? arena_copy(memory, problem, strlen(problem)) : NULL;

    if (!kept_name || !kept_path || (problem && !kept_problem))
        fail(s, OU_NO_MEMORY, "no memory");
    else if (!rts_hosts_add(s->hosts, kept_name, kept_path, stats, kept_problem))
        fail(s, OU_TOO_LARGE, "too many hosts");
    if (s->status)
        rts_stats_release(stats);
}

static void look_into(struct search *s, const char *name)
{
    char path[PATH_MAX];
    struct rts_statistics stats = { 0 };
    struct ou_error why = { 0 };
    enum ou_status status;

    if (snprintf(path, sizeof path, "%s/%s/%s", s->folder, name, s->file) >= (int)sizeof path ||
        access(path, F_OK) != 0)
        return; /* most folders of a run have none, and not all that lies there is a folder */
    status = rts_stats_load(path, &stats, &why);
    if (status == OU_NO_MEMORY || status == OU_INTERRUPTED)
        fail(s, status, why.text);
    else
        keep(s, name, path, &stats, status ? why.text : NULL);
}

static void search_folder(struct search *s)
{
    DIR *folder = opendir(s->folder);
    struct dirent *entry;

    if (!folder) /* a run of other programs */
        return;
    while (!s->status && (entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            look_into(s, entry->d_name);
    closedir(folder);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct rts_host *)a)->name, ((const struct rts_host *)b)->name);
}

enum ou_status rts_hosts_init(struct rts_hosts *hosts, struct ou_error *err)
{
    *hosts = (struct rts_hosts){ 0 };
    arena_init(&hosts->memory, allocator_libc(), MEMORY_BYTES_MAX);
    hosts->items =
        arena_take(&hosts->memory, RTS_HOSTS_MAX * sizeof *hosts->items, _Alignof(struct rts_host));
    return hosts->items ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for statistics");
}

bool rts_hosts_add(struct rts_hosts *hosts, const char *name, const char *path,
                   const struct rts_statistics *stats, const char *problem)
{
    if (hosts->count == RTS_HOSTS_MAX)
        return false;
    hosts->items[hosts->count++] =
        (struct rts_host){ .name = name, .path = path, .stats = *stats, .problem = problem };
    return true;
}

void rts_hosts_sort(struct rts_hosts *hosts)
{
    if (hosts->count)
        qsort(hosts->items, hosts->count, sizeof *hosts->items, by_name);
}

enum ou_status rts_hosts_load(const char *run_directory, struct rts_hosts *ret,
                              struct ou_error *err)
{
    char folder[PATH_MAX];
    struct search s = { .hosts = ret, .folder = folder, .err = err };

    s.status = rts_hosts_init(ret, err);
    for (size_t i = 0; i < sizeof places / sizeof *places && !s.status; i++) {
        s.file = places[i].file;
        if (snprintf(folder, sizeof folder, "%s%s", run_directory, places[i].below) <
            (int)sizeof folder)
            search_folder(&s);
    }
    if (s.status)
        rts_hosts_release(ret);
    else
        rts_hosts_sort(ret);
    return s.status;
}

void rts_hosts_release(struct rts_hosts *hosts)
{
    for (size_t i = 0; i < hosts->count; i++)
        rts_stats_release(&hosts->items[i].stats);
    arena_release(&hosts->memory);
    *hosts = (struct rts_hosts){ 0 };
}
