#include "collect/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"

static int real_open(struct disk *d, const char *path, int flags, mode_t mode)
{
    (void)d;
    return open(path, flags, mode);
}

static ssize_t real_write(struct disk *d, int fd, const void *bytes, size_t count)
{
    (void)d;
    return write(fd, bytes, count);
}

static int real_truncate(struct disk *d, int fd, off_t size)
{
    (void)d;
    return ftruncate(fd, size);
}

static int real_sync(struct disk *d, int fd)
{
    (void)d;
    return fdatasync(fd);
}

static int real_close(struct disk *d, int fd)
{
    (void)d;
    return close(fd);
}

static int real_sync_folder(struct disk *d, const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result, why;

    (void)d;
    if (fd < 0)
        return -1;
    result = fsync(fd);
    why = errno;
    close(fd);
    errno = why;
    return result;
}

static int real_stat_fd(struct disk *d, int fd, struct stat *ret)
{
    (void)d;
    return fstat(fd, ret);
}

static int real_stat_path(struct disk *d, const char *path, struct stat *ret)
{
    (void)d;
    return stat(path, ret);
}

static int make_one(const char *path)
{
    return mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : -1;
}

static int real_make_folder(struct disk *d, const char *path)
{
    char part[PATH_MAX];
    const size_t len = strlen(path);

    (void)d;
    if (make_one(path) == 0)
        return 0;
    if (errno != ENOENT || len >= sizeof(part))
        return -1;
    memcpy(part, path, len + 1);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (make_one(part) < 0)
            return -1;
        *slash = '/';
    }
    return make_one(part);
}

static int real_link_to(struct disk *d, const char *target, const char *path)
{
    char fresh[PATH_MAX];

    (void)d;
    if ((size_t)snprintf(fresh, sizeof(fresh), "%s.tmp", path) >= sizeof(fresh)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (unlink(fresh) < 0 && errno != ENOENT) /* of one who was killed half-way */
        return -1;
    if (symlink(target, fresh) < 0)
        return -1;
    return rename(fresh, path);
}

static int real_remove(struct disk *d, const char *path)
{
    (void)d;
    return unlink(path);
}

static int real_list(struct disk *d, const char *path,
                     void (*each)(void *context, const char *name), void *context)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    int why;

    (void)d;
    if (!folder)
        return -1;
    while (errno = 0, (entry = readdir(folder)) != NULL)
        each(context, entry->d_name);
    why = errno;
    closedir(folder);
    errno = why;
    return why ? -1 : 0;
}

/* From its end backwards is from `start` on. */
static ssize_t read_from(int fd, off_t start, char *ret, size_t room)
{
    size_t got = 0;

    while (got < room) {
        const ssize_t n = pread(fd, ret + got, room - got, start + (off_t)got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

static ssize_t real_read_end(struct disk *d, const char *path, void *ret, size_t room)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t got = -1;
    struct stat st;
    int why;

    (void)d;
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0)
        got = read_from(fd, (uintmax_t)st.st_size > room ? st.st_size - (off_t)room : 0, ret, room);
    why = errno;
    close(fd);
    errno = why;
    return got;
}

static int64_t real_wall_ns(struct disk *d)
{
    (void)d;
    return time_wall_ns();
}

struct disk *disk_real(void)
{
    static struct disk real = {
        .open = real_open,
        .write = real_write,
        .truncate = real_truncate,
        .sync = real_sync,
        .sync_folder = real_sync_folder,
        .close = real_close,
        .stat_fd = real_stat_fd,
        .stat_path = real_stat_path,
        .make_folder = real_make_folder,
        .link_to = real_link_to,
        .remove = real_remove,
        .list = real_list,
        .read_end = real_read_end,
        .wall_ns = real_wall_ns,
    };

    return &real;
}
