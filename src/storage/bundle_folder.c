#include "storage/bundle_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/bundle_names.h"

static enum ou_status fail_name(const struct bundle_folder *f, const char *name,
                                enum ou_status status, const char *why, struct ou_error *err)
{
    char shown[BUNDLE_SHOWN_ROOM];

    bundle_name_shown(span_of(name), shown);
    return ou_fail(err, status, "unpack %s: \"%s\": %s", f->bundle, shown, why);
}

enum ou_status bundle_folder_open(struct bundle_folder *f, const char *path, const char *bundle,
                                  uint64_t made_max, struct ou_error *err)
{
    *f = (struct bundle_folder){ .bundle = bundle, .made_max = made_max };
    f->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->fd < 0)
        return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "unpack into %s: %s", path,
                       strerror(errno));
    return OU_OK;
}

void bundle_folder_close(struct bundle_folder *f)
{
    if (f->bundle && f->fd >= 0)
        close(f->fd);
    *f = (struct bundle_folder){ .fd = -1 };
}

static enum ou_status count_one(struct bundle_folder *f, const char *name, struct ou_error *err)
{
    if (f->made == f->made_max)
        return fail_name(f, name, OU_TOO_LARGE, "more files than there may be", err);
    f->made++;
    return OU_OK;
}

/* A folder in one that is open, made where it is missing. */
static enum ou_status step_into(struct bundle_folder *f, int above, const char *part,
                                const char *name, int *ret_fd, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    if (mkdirat(above, part, 0700) == 0)
        status = count_one(f, name, err);
    else if (errno != EEXIST)
        status = fail_name(f, name, OU_IO, strerror(errno), err);
    if (status)
        return status;
    *ret_fd = openat(above, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*ret_fd >= 0)
        return OU_OK;
    if (errno == ENOTDIR || errno == ELOOP)
        return fail_name(f, name, OU_INVALID, "a file or a link stands where a folder is needed",
                         err);
    return fail_name(f, name, OU_IO, strerror(errno), err);
}

/* Goes through all parts that end in a slash; *ret_last is what stands behind them. */
static enum ou_status walk_to_last(struct bundle_folder *f, const char *name, int *ret_fd,
                                   const char **ret_last, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    const char *part = name, *slash;
    int at = dup(f->fd);

    if (at < 0)
        return fail_name(f, name, OU_IO, strerror(errno), err);
    while (!status && (slash = strchr(part, '/'))) {
        char one[BUNDLE_PART_BYTES_MAX + 1];
        int below = -1;

        memcpy(one, part, (size_t)(slash - part));
        one[slash - part] = '\0';
        status = step_into(f, at, one, name, &below, err);
        close(at);
        at = below;
        part = slash + 1;
    }
    *ret_fd = at;
    *ret_last = part;
    return status;
}

enum ou_status bundle_folder_make(struct bundle_folder *f, const char *name, struct ou_error *err)
{
    const char *last;
    int above, fd;
    enum ou_status status = walk_to_last(f, name, &above, &last, err);

    if (status)
        return status;
    status = step_into(f, above, last, name, &fd, err);
    if (!status)
        close(fd);
    close(above);
    return status;
}

enum ou_status bundle_folder_create(struct bundle_folder *f, const char *name, bool runs,
                                    int *ret_fd, struct ou_error *err)
{
    const char *last;
    int above;
    enum ou_status status = walk_to_last(f, name, &above, &last, err);

    if (status)
        return status;
    status = count_one(f, name, err);
    if (!status) {
        /* Also a link that leads nowhere is something that is there. */
        *ret_fd = openat(above, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                         runs ? 0700 : 0600);
        if (*ret_fd < 0)
            status = errno == EEXIST ? fail_name(f, name, OU_INVALID, "it is there already", err)
                                     : fail_name(f, name, OU_IO, strerror(errno), err);
    }
    close(above);
    return status;
}
