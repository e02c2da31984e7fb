#include "logs/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/span.h"
#include "base/time.h"
#include "logs/collected.h"

#define NAMES_BYTES_MAX (64u << 20)

void log_inputs_release(struct log_inputs *inputs)
{
    arena_release(&inputs->memory);
    free(inputs->items);
    *inputs = (struct log_inputs){ 0 };
}

static enum ou_status no_memory(struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "no memory for the list of log files");
}

static char *keep(struct log_inputs *inputs, const char *text, size_t len)
{
    if (!inputs->memory.from)
        arena_init(&inputs->memory, allocator_libc(), NAMES_BYTES_MAX);
    return arena_copy(&inputs->memory, text, len);
}

/* A file can be met under several names. */
static bool is_known(const struct log_inputs *inputs, const struct stat *st)
{
    for (size_t i = 0; i < inputs->count; i++)
        if (inputs->items[i].inode == st->st_ino && inputs->items[i].device == st->st_dev)
            return true;
    return false;
}

static enum ou_status add_file(struct log_inputs *inputs, const char *path, const char *host,
                               struct ou_error *err)
{
    struct log_input input = { .first_ns = TIME_NONE };
    struct stat st = { 0 };

    if (strcmp(path, "-") != 0 && stat(path, &st) == 0) {
        if (S_ISREG(st.st_mode) && is_known(inputs, &st)) {
            inputs->skipped_links += !collected_is_link(path);
            return OU_OK;
        }
        input.device = st.st_dev;
        input.inode = st.st_ino;
    }
    if (inputs->count == LOG_INPUTS_MAX)
        return ou_fail(err, OU_TOO_LARGE, "more than %d log files", LOG_INPUTS_MAX);
    if (!array_reserve(allocator_libc(), (void **)&inputs->items, &inputs->cap, inputs->count + 1,
                       sizeof(*inputs->items), LOG_INPUTS_MAX))
        return no_memory(err);
    input.path = keep(inputs, path, strlen(path));
    input.host = host ? keep(inputs, host, strlen(host)) : NULL;
    if (!input.path || (host && !input.host))
        return no_memory(err);
    inputs->items[inputs->count++] = input;
    return OU_OK;
}

struct span log_input_stem(const char *path)
{
    static const char *const endings[] = { ".gz",     ".zst", ".json", ".jsonl",
                                           ".scjson", ".log", ".txt" };
    const char *slash = strrchr(path, '/');
    struct span stem = span_of(slash ? slash + 1 : path);

    if (strcmp(path, "-") == 0)
        return span_of("stdin");
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
        if (span_ends(stem, endings[i]) && stem.len > strlen(endings[i]))
            stem.len -= strlen(endings[i]);
    return stem;
}

static bool looks_like_log(const char *name)
{
    return name[0] != '.' &&
           (log_input_stem(name).len < strlen(name) || strncmp(name, "stdout", 6) == 0);
}

/* The existing workbench keeps a folder for each node directly in the run directory. */
static bool is_node(const char *name)
{
    return strncmp(name, "node-", 5) == 0;
}

/* In a node's folder of the existing workbench other JSON files lie beside the
 * logs: only stdout* and node-DIGIT* are logs. */
static bool looks_like_workbench_log(const char *name)
{
    return strncmp(name, "stdout", 6) == 0 ||
           (is_node(name) && name[5] >= '0' && name[5] <= '9' && looks_like_log(name));
}

/* What is taken from a folder. */
struct folder_plan {
    bool (*is_log)(const char *name);      /* of the files in it; NULL: none */
    bool (*is_host)(const char *name);     /* of the folders in it; NULL: none */
    bool (*is_host_log)(const char *name); /* of the files in those */
    const char *host;                      /* of all files; NULL: its folder, else the lines tell */
};

static bool is_anything(const char *name)
{
    return name[0] != '\0';
}

static enum ou_status add_folder(struct log_inputs *inputs, const char *path,
                                 const struct folder_plan *plan, struct ou_error *err);

/* Of the forms in which a collector writes the same messages side by side one is enough, and its
 * link leads to a file that is met under its own name. */
static bool repeats(struct log_inputs *inputs, const char *path, const char *name,
                    enum collected_form wanted)
{
    enum collected_form form = collected_form_of(name);

    if (form == COLLECTED_NOT)
        return collected_is_link(path);
    inputs->other_forms += form != wanted;
    return form != wanted;
}

static enum ou_status add_entry(struct log_inputs *inputs, const char *folder, const char *name,
                                const struct folder_plan *plan, enum collected_form wanted,
                                struct ou_error *err)
{
    enum ou_status status = OU_OK;
    struct stat st;
    char *path;

    if (name[0] == '.')
        return OU_OK;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return no_memory(err);
    if (stat(path, &st) != 0) {
        status = OU_OK; /* vanished, or a link to nowhere */
    } else if (S_ISDIR(st.st_mode)) {
        struct folder_plan inside = { .is_log = plan->is_host_log,
                                      .host = plan->host ? plan->host : name };

        if (plan->is_host && plan->is_host(name))
            status = add_folder(inputs, path, &inside, err);
    } else if (plan->is_log && plan->is_log(name) && !repeats(inputs, path, name, wanted)) {
        status = add_file(inputs, path, plan->host, err);
    }
    free(path);
    return status;
}

/* Links come last, so that a file is listed under its own name. */
static int links_last(const struct dirent **a, const struct dirent **b)
{
    int link_a = (*a)->d_type == DT_LNK, link_b = (*b)->d_type == DT_LNK;

    return link_a != link_b ? link_a - link_b : strcmp((*a)->d_name, (*b)->d_name);
}

/* The best of the forms of a collector that are there. */
static enum collected_form best_form(struct dirent *const *entries, int count)
{
    enum collected_form best = COLLECTED_NOT;

    for (int i = 0; i < count; i++) {
        enum collected_form form = collected_form_of(entries[i]->d_name);

        best = form < best ? form : best;
    }
    return best;
}

static enum ou_status add_folder(struct log_inputs *inputs, const char *path,
                                 const struct folder_plan *plan, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, links_last);
    enum collected_form wanted;

    if (count < 0)
        return ou_fail(err, OU_IO, "read folder %s: %s", path, strerror(errno));
    wanted = best_form(entries, count);
    for (int i = 0; i < count; i++) {
        if (!status)
            status = add_entry(inputs, path, entries[i]->d_name, plan, wanted, err);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static enum ou_status add_path(struct log_inputs *inputs, const char *path, const char *host,
                               struct ou_error *err)
{
    struct folder_plan plan = { looks_like_log, is_anything, looks_like_log, host };
    size_t before = inputs->count + inputs->skipped_links;
    enum ou_status status;
    struct stat st;

    if (strcmp(path, "-") == 0)
        return add_file(inputs, path, host, err);
    if (stat(path, &st) != 0)
        return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "%s: %s", path,
                       strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return add_file(inputs, path, host, err);
    status = add_folder(inputs, path, &plan, err);
    if (!status && inputs->count + inputs->skipped_links == before)
        return ou_fail(err, OU_NOT_FOUND,
                       "%s: no log file in it (names ending in .json, .jsonl, .scjson, .log "
                       "or .txt, perhaps with .gz or .zst)",
                       path);
    return status;
}

/* The last part of a path; empty when that is no name. */
static struct span last_part(struct span path)
{
    const char *slash;

    while (path.len && path.at[path.len - 1] == '/')
        path.len--;
    slash = path.len ? memrchr(path.at, '/', path.len) : NULL;
    if (slash)
        path = (struct span){ slash + 1, path.len - (size_t)(slash + 1 - path.at) };
    return span_is(path, ".") || span_is(path, "..") ? (struct span){ path.at, 0 } : path;
}

static int by_collector(const struct dirent *entry)
{
    return collected_form_of(entry->d_name) != COLLECTED_NOT;
}

/* The node's folder, if path is one in which a collector writes, or a file of it; else empty. */
static struct span collectors_folder(const char *path)
{
    struct span name = last_part(span_of(path));
    struct dirent **entries;
    int count = scandir(path, &entries, by_collector, NULL);

    if (count < 0) /* no folder */
        return collected_form_of(name.at) != COLLECTED_NOT || collected_is_link(path)
                   ? last_part((struct span){ path, (size_t)(name.at - path) })
                   : (struct span){ name.at, 0 };
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return count ? name : (struct span){ name.at, 0 };
}

static enum ou_status add_found(struct log_inputs *inputs, const char *path, struct ou_error *err)
{
    struct span folder = collectors_folder(path);
    enum ou_status status;
    char *host;

    if (folder.len == 0)
        return add_path(inputs, path, NULL, err);
    host = strndup(folder.at, folder.len);
    status = host ? add_path(inputs, path, host, err) : no_memory(err);
    free(host);
    return status;
}

static enum ou_status add_pattern(struct log_inputs *inputs, const char *pattern, const char *host,
                                  struct ou_error *err)
{
    enum ou_status status = OU_OK;
    glob_t found;
    int result = glob(pattern, 0, NULL, &found);

    if (result == GLOB_NOSPACE)
        return no_memory(err);
    if (result != 0)
        return ou_fail(err, OU_NOT_FOUND, "%s: no file matches", pattern);
    for (size_t i = 0; !status && i < found.gl_pathc; i++)
        status = host ? add_path(inputs, found.gl_pathv[i], host, err)
                      : add_found(inputs, found.gl_pathv[i], err);
    globfree(&found);
    return status;
}

enum ou_status log_inputs_add(struct log_inputs *inputs, const char *argument, struct ou_error *err)
{
    const char *equals = strchr(argument, '='), *path = argument;
    enum ou_status status;
    char *host = NULL;
    struct stat st;

    if (equals && equals > argument && !memchr(argument, '/', (size_t)(equals - argument)) &&
        stat(argument, &st) != 0) {
        host = strndup(argument, (size_t)(equals - argument));
        path = equals + 1;
        if (!host)
            return no_memory(err);
    }
    if (strpbrk(path, "*?[") && stat(path, &st) != 0)
        status = add_pattern(inputs, path, host, err);
    else
        status = add_path(inputs, path, host, err);
    free(host);
    return status;
}

enum ou_status log_inputs_add_run(struct log_inputs *inputs, const char *run, struct ou_error *err)
{
    static const struct folder_plan by_host = { looks_like_log, is_anything, looks_like_log, NULL };
    static const struct folder_plan older = { NULL, is_node, looks_like_workbench_log, NULL };
    enum ou_status status;
    struct stat st;
    char *logs;

    if (asprintf(&logs, "%s/logs", run) < 0)
        return no_memory(err);
    if (stat(logs, &st) == 0 && S_ISDIR(st.st_mode))
        status = add_folder(inputs, logs, &by_host, err);
    else
        status = add_folder(inputs, run, &older, err);
    free(logs);
    if (!status && inputs->count == 0)
        return ou_fail(err, OU_NOT_FOUND,
                       "%s: no logs in this run directory (expected logs/HOST/*.json or "
                       "node-N/stdout)",
                       run);
    return status;
}
