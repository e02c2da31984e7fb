#include "deploy/folders.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static FTS *open_tree(const char *path)
{
    char *paths[] = { (char *)path, NULL };

    return fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
}

uint64_t folder_bytes(const char *path)
{
    FTS *tree = open_tree(path);
    uint64_t bytes = 0;

    for (FTSENT *entry; tree && (entry = fts_read(tree));)
        if (entry->fts_info == FTS_F)
            bytes += (uint64_t)entry->fts_statp->st_size;
    if (tree)
        fts_close(tree);
    return bytes;
}

enum ou_status folder_remove(const char *path, struct ou_error *err)
{
    FTS *tree = open_tree(path);
    enum ou_status status = OU_OK;

    for (FTSENT *entry; !status && tree && (entry = fts_read(tree));) {
        if (entry->fts_info == FTS_D || entry->fts_info == FTS_NS)
            continue;
        if (remove(entry->fts_accpath) < 0 && errno != ENOENT)
            status = ou_fail(err, OU_IO, "remove %s: %s", entry->fts_path, strerror(errno));
    }
    if (tree)
        fts_close(tree);
    return status;
}

enum ou_status folder_make_new(const char *path, struct ou_error *err)
{
    enum ou_status status = folder_remove(path, err);

    if (!status && mkdir(path, 0700) < 0)
        status = ou_fail(err, OU_IO, "make %s: %s", path, strerror(errno));
    return status;
}

static enum ou_status move_file(const char *from, const char *to, bool replace,
                                struct ou_error *err)
{
    if (!replace && access(to, F_OK) == 0)
        return OU_OK;
    return rename(from, to) == 0
               ? OU_OK
               : ou_fail(err, OU_IO, "rename %s to %s: %s", from, to, strerror(errno));
}

enum ou_status folder_merge(const char *from, const char *to, bool replace, struct ou_error *err)
{
    FTS *tree = open_tree(from);
    enum ou_status status = OU_OK;
    char path[PATH_MAX];

    for (FTSENT *entry; !status && tree && (entry = fts_read(tree));) {
        if (snprintf(path, sizeof path, "%s%s", to, entry->fts_path + strlen(from)) >= PATH_MAX)
            status = ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", path);
        else if (entry->fts_info == FTS_D)
            status = file_make_directory(path, err);
        else if (entry->fts_info == FTS_F)
            status = move_file(entry->fts_path, path, replace, err);
    }
    if (tree)
        fts_close(tree);
    return status;
}
