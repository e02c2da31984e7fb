#include "agent/agent_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file_tree.h"
#include "json/tree.h"

#define DOCUMENT_BYTES_MAX ((size_t)256 << 20)

static enum ou_status make_private(const char *path, struct ou_error *err)
{
    struct stat st;

    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return ou_fail(err, OU_IO, "make folder %s: %s", path, strerror(errno));
    if (lstat(path, &st) < 0)
        return ou_fail(err, OU_IO, "look at %s: %s", path, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return ou_fail(err, OU_INVALID, "%s is no folder", path);
    if (st.st_uid != geteuid())
        return ou_fail(err, OU_INVALID, "%s belongs to another user", path);
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return ou_fail(err, OU_INVALID, "%s is open to other users (mode %o)", path,
                       (unsigned)st.st_mode & 0777);
    return OU_OK;
}

static enum ou_status lock(struct agent_folder *f, struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = agent_folder_in_own(f, "lock", path, err);

    if (status)
        return status;
    f->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (f->lock < 0)
        return ou_fail(err, OU_IO, "open %s: %s", path, strerror(errno));
    if (flock(f->lock, LOCK_EX | LOCK_NB) < 0)
        return ou_fail(err, OU_INVALID, "another agent works in %s", f->own);
    return OU_OK;
}

enum ou_status agent_folder_open(const char *folder, struct agent_folder *ret, struct ou_error *err)
{
    char whole[PATH_MAX];
    enum ou_status status;

    *ret = (struct agent_folder){ .lock = -1 };
    if (!realpath(folder, whole))
        return ou_fail(err, OU_IO, "%s: %s", folder, strerror(errno));
    if (snprintf(ret->run, PATH_MAX, "%s/run", whole) >= PATH_MAX ||
        snprintf(ret->own, PATH_MAX, "%s/agent", whole) >= PATH_MAX)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", whole);
    status = make_private(ret->run, err);
    if (!status)
        status = make_private(ret->own, err);
    if (!status)
        status = lock(ret, err);
    if (status)
        agent_folder_close(ret);
    return status;
}

void agent_folder_close(struct agent_folder *f)
{
    if (f->lock >= 0)
        close(f->lock);
    f->lock = -1;
}

static enum ou_status join(const char *folder, const char *name, char ret[PATH_MAX],
                           struct ou_error *err)
{
    if (snprintf(ret, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", name);
    return OU_OK;
}

enum ou_status agent_folder_in_run(const struct agent_folder *f, const char *name,
                                   char ret[PATH_MAX], struct ou_error *err)
{
    return join(f->run, name, ret, err);
}

enum ou_status agent_folder_in_own(const struct agent_folder *f, const char *name,
                                   char ret[PATH_MAX], struct ou_error *err)
{
    return join(f->own, name, ret, err);
}

enum ou_status agent_folder_load(const struct agent_folder *f, const char *name, json_t **ret,
                                 struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = agent_folder_in_own(f, name, path, err);

    *ret = NULL;
    if (!status)
        status = json_tree_load(path, DOCUMENT_BYTES_MAX, ret, err);
    return status == OU_NOT_FOUND ? OU_OK : status;
}

enum ou_status agent_folder_save(const struct agent_folder *f, const char *name,
                                 const json_t *document, struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = agent_folder_in_own(f, name, path, err);

    return status ? status : json_tree_save(document, path, err);
}

void agent_folder_remove(const struct agent_folder *f, const char *name)
{
    char path[PATH_MAX];

    if (!agent_folder_in_own(f, name, path, NULL))
        tree_remove(path, NULL);
}

uint64_t agent_folder_free_bytes(const struct agent_folder *f)
{
    struct statvfs fs;

    return statvfs(f->run, &fs) == 0 ? (uint64_t)fs.f_bavail * fs.f_frsize : 0;
}
