#include "workbench/runs.h"

#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "workbench/run_live.h"

#define MEMORY_BYTES_MAX ((size_t)256 << 20)
#define RUNS_MAX 100000
#define STATUS_BYTES_MAX ((size_t)1 << 20)
#define META_BYTES_MAX ((size_t)64 << 20)

/* ---- one run ---- */

/* A run being summed up; the first lack of memory sticks. */
struct reading {
    struct arena *memory;
    bool no_memory;
};

static const char *keep(struct reading *r, const char *text)
{
    char *copy = text ? arena_copy(r->memory, text, strlen(text)) : NULL;

    r->no_memory |= text && !copy;
    return copy ? copy : "";
}

static const char *keep_member(struct reading *r, const json_t *object, const char *name)
{
    return keep(r, json_string_value(json_object_get(object, name)));
}

static json_t *load(const char *directory, const char *name, size_t max_bytes, struct ou_error *err)
{
    json_t *document = NULL;

    return run_file_load(directory, name, max_bytes, &document, err) ? NULL : document;
}

static int64_t instant_of(const json_t *change)
{
    const char *at = json_string_value(json_object_get(change, "at"));
    int64_t ns;

    return at && time_parse_iso(at, strlen(at), &ns) ? ns : TIME_NONE;
}

/* The cause of the state is that of the last change that has one: "fetched" says nothing of why it stopped. */
static const char *last_cause(const json_t *history)
{
    for (size_t i = json_array_size(history); i-- > 0;) {
        const char *cause = json_string_value(json_object_get(json_array_get(history, i), "cause"));

        if (cause && cause[0])
            return cause;
    }
    return NULL;
}

static void read_status(struct reading *r, struct run_summary *s)
{
    struct ou_error err = { 0 };
    json_t *document = load(s->directory, "status.json", STATUS_BYTES_MAX, &err);
    const json_t *history = json_object_get(document, "history");

    if (!document || run_state_get(s->directory, &s->state, &err)) {
        s->broken = keep(r, err.text);
    } else {
        s->allocated_ns = instant_of(json_array_get(history, 0));
        s->changed_ns = instant_of(document);
        s->cause = keep(r, last_cause(history));
    }
    json_decref(document);
}

/* It is written with the genesis; before, its name tells most of it. */
static void read_meta(struct reading *r, struct run_summary *s)
{
    json_t *document = load(s->directory, "meta.json", META_BYTES_MAX, NULL), *profile;
    const json_t *meta = json_object_get(document, "meta");

    s->profile = keep_member(r, meta, "profile");
    s->ident = keep_member(r, meta, "ident");
    s->batch = keep_member(r, meta, "batch");
    s->node_version = keep_member(r, meta, "node_version");
    json_decref(document);
    if (s->profile[0])
        return;
    profile = load(s->directory, "profile.json", META_BYTES_MAX, NULL);
    s->profile = keep_member(r, profile, "name");
    json_decref(profile);
}

/* Blocks of the disk, of files and folders; links are not followed. */
static uint64_t bytes_below(const char *directory)
{
    char *const roots[] = { (char *)directory, NULL };
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    uint64_t bytes = 0;
    FTSENT *entry;

    while (tree && (entry = fts_read(tree)))
        if (entry->fts_info != FTS_DP && entry->fts_info != FTS_NS && entry->fts_info != FTS_ERR)
            bytes += (uint64_t)entry->fts_statp->st_blocks * 512;
    if (tree)
        fts_close(tree);
    return bytes;
}

bool run_is_live(const char *directory)
{
    int pid;

    return run_watcher(directory) || run_processes(directory, "/proc/self/exe", &pid, 1) > 0;
}

static bool sum_up(struct arena *memory, const char *directory, struct run_summary *s)
{
    struct reading r = { .memory = memory };

    *s = (struct run_summary){ .allocated_ns = TIME_NONE, .changed_ns = TIME_NONE };
    s->directory = keep(&r, directory);
    s->name = strrchr(s->directory, '/') ? strrchr(s->directory, '/') + 1 : s->directory;
    s->cause = "";
    read_status(&r, s);
    read_meta(&r, s);
    s->bytes = bytes_below(directory);
    s->is_live = run_is_live(directory);
    return !r.no_memory;
}

enum ou_status run_summary_read(const char *directory, struct arena *memory,
                                struct run_summary *ret, struct ou_error *err)
{
    return sum_up(memory, directory, ret) ? OU_OK
                                          : ou_fail(err, OU_NO_MEMORY, "%s: no memory", directory);
}

/* ---- all of a folder ---- */

/* A folder with a status.json; a link is another name of what is told anyway. */
static bool is_run(const char *directory)
{
    char path[PATH_MAX];
    struct stat st;

    return lstat(directory, &st) == 0 && S_ISDIR(st.st_mode) &&
           snprintf(path, sizeof path, "%s/status.json", directory) < (int)sizeof path &&
           access(path, F_OK) == 0;
}

struct growing {
    struct run_summary *at;
    size_t count, cap;
};

static enum ou_status add(struct growing *runs, struct arena *memory, const char *directory,
                          struct ou_error *err)
{
    if (!array_reserve(allocator_libc(), (void **)&runs->at, &runs->cap, runs->count + 1,
                       sizeof *runs->at, RUNS_MAX))
        return ou_fail(err, OU_TOO_LARGE, "%s: more than %d runs, or no memory for them", directory,
                       RUNS_MAX);
    return run_summary_read(directory, memory, &runs->at[runs->count++], err);
}

static enum ou_status read_all(DIR *folder, const char *parent, struct growing *runs,
                               struct arena *memory, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    const struct dirent *entry;
    char path[PATH_MAX];

    while (!status && (entry = readdir(folder)))
        if (entry->d_name[0] != '.' &&
            snprintf(path, sizeof path, "%s/%s", parent, entry->d_name) < (int)sizeof path &&
            is_run(path))
            status = add(runs, memory, path, err);
    return status;
}

static int by_allocation(const void *a, const void *b)
{
    const struct run_summary *x = a, *y = b;

    if (x->allocated_ns != y->allocated_ns)
        return x->allocated_ns < y->allocated_ns ? -1 : 1;
    return strcmp(x->name, y->name);
}

enum ou_status run_list_read(const char *parent, struct run_list *ret, struct ou_error *err)
{
    struct growing runs = { 0 };
    DIR *folder = opendir(parent);
    enum ou_status status;

    *ret = (struct run_list){ 0 };
    if (!folder)
        return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "%s: %s", parent,
                       errno == ENOENT ? "there is no such folder" : strerror(errno));
    arena_init(&ret->memory, allocator_libc(), MEMORY_BYTES_MAX);
    status = read_all(folder, parent, &runs, &ret->memory, err);
    closedir(folder);
    if (!status && runs.count > 0) {
        qsort(runs.at, runs.count, sizeof *runs.at, by_allocation);
        ret->runs =
            arena_take(&ret->memory, runs.count * sizeof *runs.at, _Alignof(struct run_summary));
        if (ret->runs) {
            memcpy(ret->runs, runs.at, runs.count * sizeof *runs.at);
            ret->count = runs.count;
        } else {
            status = ou_fail(err, OU_NO_MEMORY, "%s: no memory", parent);
        }
    }
    free(runs.at);
    if (status)
        run_list_release(ret);
    return status;
}

void run_list_release(struct run_list *list)
{
    arena_release(&list->memory);
    *list = (struct run_list){ 0 };
}
