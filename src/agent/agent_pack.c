/* Bundles that an agent makes: of what a run left at its host, and of an extract of that. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/agent_jobs_inside.h"
#include "base/interrupt.h"
#include "deploy/spawn.h"
#include "storage/bundle.h"

#define EXTRACT_MS ((uint64_t)4 * 3600 * 1000)
#define EXTRACT_NAME "host.extract"

/* ---- what is left out ---- */

/* A collector has a link to each current file beside it: a bundle, in which links are files, would have it twice. */
static bool is_link(const struct job_doing *d, const char *name)
{
    char path[PATH_MAX];
    struct stat st;

    return agent_folder_in_run(d->carrier->with.folder, name, path, NULL) == OU_OK &&
           lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/* Links, databases of nodes, genesis files, which the operator has, and sockets. A log may have any name. */
static bool is_left_out(void *context, const char *name)
{
    const char *last = strrchr(name, '/');

    if (is_link(context, name))
        return true;
    last = last ? last + 1 : name;
    if (strcmp(name, "genesis") == 0 || strncmp(name, "genesis/", strlen("genesis/")) == 0)
        return true;
    if (strncmp(name, "logs/", strlen("logs/")) == 0)
        return false;
    return strcmp(last, "db") == 0 || span_ends(span_of(last), ".socket");
}

/* ---- a bundle and its parts ---- */

static enum ou_status hash_parts(struct job_doing *d, const char *path, struct ou_error *err)
{
    const uint64_t bytes = d->told.bytes, part = d->part_bytes;
    const size_t count = (size_t)((bytes + part - 1) / part);
    enum ou_status status = OU_OK;
    int fd;

    if (count > ORDERS_PARTS_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%zu parts of %llu bytes: there may be %d", count,
                       (unsigned long long)part, ORDERS_PARTS_MAX);
    d->told.parts =
        arena_take(&d->memory, (count + 1) * sizeof *d->told.parts, _Alignof(struct agent_part));
    if (!d->told.parts)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu parts", count);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ou_fail(err, OU_IO, "open %s: %s", path, strerror(errno));
    for (size_t i = 0; !status && i < count; i++) {
        const uint64_t from = (uint64_t)i * part;
        char sha256[SHA256_HEX] = "";

        status =
            sha256_of_file(fd, from, bytes - from < part ? bytes - from : part, path, sha256, err);
        d->told.parts[i].sha256 = arena_copy(&d->memory, sha256, strlen(sha256));
        if (!status && !d->told.parts[i].sha256)
            status = ou_fail(err, OU_NO_MEMORY, "no memory for %zu parts", count);
        if (!status && interrupt_pending())
            status = ou_fail(err, OU_INTERRUPTED, "interrupted");
        agent_board_job_progress(d->carrier->with.board, d->i, from);
    }
    close(fd);
    d->told.part_count = status ? 0 : count;
    return status;
}

static void on_progress(void *context, uint64_t content_bytes)
{
    const struct job_doing *d = context;

    agent_board_job_progress(d->carrier->with.board, d->i, content_bytes);
}

static enum ou_status pack(struct job_doing *d, const struct bundle_entry *entries, size_t count,
                           struct ou_error *err)
{
    const struct bundle_options options = { .skip = is_left_out,
                                            .context = d,
                                            .progress = on_progress };
    struct bundle_made made;
    char path[PATH_MAX];
    enum ou_status status = agent_job_path(d, "pack-", d->order->id, ".tar.zst", path, err);

    if (!status)
        status = bundle_make(entries, count, &options, path, &made, err);
    if (status)
        return status;
    d->part_bytes = d->order->part_bytes;
    d->told.bytes = d->told.bytes_done = made.bytes;
    d->told.sha256 = arena_copy(&d->memory, made.sha256, strlen(made.sha256));
    if (!d->told.sha256)
        return ou_fail(err, OU_NO_MEMORY, "no memory");
    return hash_parts(d, path, err);
}

/* ---- of paths ---- */

/* A host need not have all of what is asked for: a collector, say. */
static enum ou_status find_entries(struct job_doing *d, struct bundle_entry **ret,
                                   size_t *ret_count, struct ou_error *err)
{
    struct bundle_entry *entries = arena_take(
        &d->memory, (d->order->path_count + 1) * sizeof *entries, _Alignof(struct bundle_entry));
    size_t count = 0;

    for (size_t i = 0; entries && i < d->order->path_count; i++) {
        char path[PATH_MAX];
        struct stat st;
        enum ou_status status =
            agent_folder_in_run(d->carrier->with.folder, d->order->paths[i], path, err);

        if (status)
            return status;
        if (lstat(path, &st) < 0)
            continue;
        entries[count].path = arena_copy(&d->memory, path, strlen(path));
        if (!entries[count].path)
            return ou_fail(err, OU_NO_MEMORY, "no memory");
        entries[count++].name = d->order->paths[i];
    }
    *ret = entries;
    *ret_count = count;
    return entries ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory");
}

enum ou_status agent_job_pack(struct job_doing *d, struct ou_error *err)
{
    struct bundle_entry *entries = NULL;
    size_t count = 0;
    enum ou_status status = find_entries(d, &entries, &count, err);

    if (!status && count == 0)
        status = ou_fail(err, OU_NOT_FOUND, "this host has nothing of what is to be packed");
    return status ? status : pack(d, entries, count, err);
}

/* ---- of an extract ---- */

static enum ou_status run_analysis(struct job_doing *d, const char *file, struct ou_error *err)
{
    const size_t given = d->order->argument_count;
    const char **argv = arena_take(&d->memory, (given + 8) * sizeof *argv, _Alignof(char *));
    const struct spawn_options options = { .argv = (const char *const *)argv,
                                           .directory = d->carrier->with.folder->run,
                                           .limit_ms = EXTRACT_MS };
    struct spawn_result result = { 0 };
    char line[512];
    size_t n = 0;
    enum ou_status status;

    if (!argv)
        return ou_fail(err, OU_NO_MEMORY, "no memory");
    argv[n++] = d->carrier->with.program;
    argv[n++] = "analyse";
    argv[n++] = "--quiet";
    argv[n++] = "--extract";
    argv[n++] = file;
    for (size_t i = 0; i < given; i++)
        argv[n++] = d->order->arguments[i];
    argv[n++] = "--";
    argv[n] = ".";
    status = spawn_run(&options, &result, err);
    spawn_last_line(&result, line, sizeof line);
    if (!status && result.status != 0)
        status = ou_fail(err, OU_IO, "%s", *line ? line : "the extract could not be made");
    spawn_release(&result);
    return status;
}

enum ou_status agent_job_extract(struct job_doing *d, struct ou_error *err)
{
    char folder[PATH_MAX], file[PATH_MAX], name[AGENT_JOB_NAME_ROOM];
    const struct bundle_entry entry = { file, EXTRACT_NAME };
    enum ou_status status;

    agent_job_name(name, "extract-", d->order->id, "");
    agent_folder_remove(d->carrier->with.folder, name); /* of an agent before */
    status = agent_folder_in_own(d->carrier->with.folder, name, folder, err);
    if (!status && snprintf(file, sizeof file, "%s/" EXTRACT_NAME, folder) >= PATH_MAX)
        status = ou_fail(err, OU_IO, "%.80s...: the path is too long", folder);
    if (!status && mkdir(folder, S_IRWXU) < 0)
        status = ou_fail(err, OU_IO, "make folder %s: %s", folder, strerror(errno));
    if (!status)
        status = run_analysis(d, file, err);
    if (!status)
        status = pack(d, &entry, 1, err);
    agent_folder_remove(d->carrier->with.folder, name);
    return status;
}
