#include "genesis/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_tree.h"
#include "base/interrupt.h"
#include "genesis/dataset.h"
#include "genesis/files.h"

#define WAIT_MS 50 /* between two looks whether another maker is done */

enum ou_status genesis_cache_default(char *ret, size_t room, struct ou_error *err)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int len;

    /* A relative one is to be ignored, as the XDG specification has it. */
    if (cache && *cache == '/')
        len = snprintf(ret, room, "%s/ouroscope/genesis", cache);
    else if (home && *home == '/')
        len = snprintf(ret, room, "%s/.cache/ouroscope/genesis", home);
    else
        return ou_fail(err, OU_NOT_FOUND,
                       "there is no place for a cache: neither XDG_CACHE_HOME nor HOME is set");
    if ((size_t)len >= room)
        return ou_fail(err, OU_TOO_LARGE, "the path of the cache is too long");
    return OU_OK;
}

/* ---- whole or not there ---- */

/* As its maker left it: neither cut nor changed since. A machine that lost its power may have kept names without content. */
static bool is_whole(const char *directory, const char *name)
{
    struct genesis_record record;

    return genesis_record_read(directory, &record) && strcmp(record.name, name) == 0 &&
           genesis_stamp_fits(directory, "shelley.half", &record.shelley_file) &&
           genesis_stamp_fits(directory, "conway.half", &record.conway_file);
}

/* How the halves are left, so that a later change is seen. */
static enum ou_status stamp_halves(const char *directory, struct ou_error *err)
{
    struct genesis_record record;

    if (!genesis_record_read(directory, &record) ||
        !genesis_stamp_take(directory, "shelley.half", &record.shelley_file) ||
        !genesis_stamp_take(directory, "conway.half", &record.conway_file))
        return ou_fail(err, OU_IO, "%s: the data set that was made has gone", directory);
    return genesis_record_write(directory, &record, err);
}

/* ---- one maker ---- */

/* The kernel gives the lock back when its holder dies, however it dies. */
static enum ou_status wait_for_lock(int fd, const char *path, struct ou_error *err)
{
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return ou_fail(err, OU_IO, "lock %s: %s", path, strerror(errno));
        if (interrupt_pending())
            return ou_fail(err, OU_INTERRUPTED, "%s: interrupted while another process made it",
                           path);
        poll(NULL, 0, WAIT_MS);
    }
    return OU_OK;
}

static enum ou_status lock(const char *cache, const char *name, int *ret_fd, struct ou_error *err)
{
    char file[GENESIS_DATASET_NAME_ROOM + 8], path[PATH_MAX];
    enum ou_status status;

    snprintf(file, sizeof file, "%s.lock", name);
    status = genesis_path(cache, file, path, err);
    if (status)
        return status;
    *ret_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*ret_fd < 0)
        return ou_fail(err, OU_IO, "open %s: %s", path, strerror(errno));
    status = wait_for_lock(*ret_fd, path, err);
    if (status)
        close(*ret_fd);
    return status;
}

static enum ou_status move_in(const char *made, const char *path, struct ou_error *err)
{
    enum ou_status status = tree_remove(path, err); /* one that is not whole */

    if (!status && rename(made, path) < 0)
        status = ou_fail(err, OU_IO, "move %s to %s: %s", made, path, strerror(errno));
    return status;
}

static enum ou_status make_entry(const char *cache, const char *name, const char *path,
                                 genesis_make_function make, void *context, struct ou_error *err)
{
    char file[GENESIS_DATASET_NAME_ROOM + 8], made[PATH_MAX];
    enum ou_status status;

    snprintf(file, sizeof file, ".%s.new", name);
    status = genesis_path(cache, file, made, err);
    if (!status)
        status = tree_remove(made, err);
    if (!status && mkdir(made, 0700) < 0)
        status = ou_fail(err, OU_IO, "make directory %s: %s", made, strerror(errno));
    if (status)
        return status;
    status = make(context, made, err);
    if (!status)
        status = stamp_halves(made, err);
    if (!status)
        status = move_in(made, path, err);
    if (status)
        tree_remove(made, NULL);
    return status;
}

enum ou_status genesis_cache_get(const char *cache, const char *name, genesis_make_function make,
                                 void *context, char *ret_path, bool *ret_was_there,
                                 struct ou_error *err)
{
    int fd = -1;
    enum ou_status status = genesis_path(cache, name, ret_path, err);

    if (status)
        return status;
    *ret_was_there = is_whole(ret_path, name);
    if (*ret_was_there)
        return OU_OK;
    status = file_make_directory(cache, err);
    if (!status)
        status = lock(cache, name, &fd, err);
    if (status)
        return status;
    *ret_was_there = is_whole(ret_path, name); /* by whoever was waited for */
    if (!*ret_was_there)
        status = make_entry(cache, name, ret_path, make, context, err);
    close(fd);
    return status;
}
