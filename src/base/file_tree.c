#include "base/file_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"

#define CHUNK_BYTES ((size_t)8 << 20)
#define OPEN_FOLDERS 16
#define READ_BYTES 65536

static enum ou_status fail_io(const char *what, const char *path, struct ou_error *err)
{
    return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "%s %s: %s", what, path,
                   strerror(errno));
}

/* ---- one file ---- */

/* Where the kernel cannot copy between two file systems. */
static enum ou_status copy_by_hand(int in, int out, const char *to, struct ou_error *err)
{
    char piece[READ_BYTES];
    ssize_t got;

    while ((got = read(in, piece, sizeof piece)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_io("copy to", to, err);
        if (interrupt_pending())
            return ou_fail(err, OU_INTERRUPTED, "copy to %s: interrupted", to);
        if (fd_write_all(out, piece, (size_t)got, NULL))
            return fail_io("write", to, err);
    }
    return OU_OK;
}

static bool kernel_cannot(int os_error)
{
    return os_error == EXDEV || os_error == ENOSYS || os_error == EINVAL || os_error == EOPNOTSUPP;
}

static enum ou_status copy_content(int in, int out, const char *to, struct ou_error *err)
{
    if (ioctl(out, FICLONE, in) == 0)
        return OU_OK;
    for (;;) {
        const ssize_t got = copy_file_range(in, NULL, out, NULL, CHUNK_BYTES, 0);

        if (got == 0)
            return OU_OK;
        if (got < 0 && kernel_cannot(errno))
            return copy_by_hand(in, out, to, err);
        if (got < 0 && errno != EINTR)
            return fail_io("write", to, err);
        if (interrupt_pending())
            return ou_fail(err, OU_INTERRUPTED, "copy to %s: interrupted", to);
    }
}

static enum ou_status copy_opened(int in, const char *from, const char *to, struct ou_error *err)
{
    struct stat st;
    enum ou_status status;
    int out;

    if (fstat(in, &st) < 0)
        return fail_io("look at", from, err);
    out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, st.st_mode & 0777);
    if (out < 0)
        return fail_io("write", to, err);
    /* The copy is ours to change, also where what is copied must not be. */
    status = fchmod(out, (st.st_mode & 0777) | S_IWUSR) < 0 ? fail_io("write", to, err)
                                                            : copy_content(in, out, to, err);
    if (close(out) < 0 && !status)
        status = fail_io("write", to, err);
    return status;
}

enum ou_status tree_copy_file(const char *from, const char *to, struct ou_error *err)
{
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    enum ou_status status;

    if (in < 0)
        return fail_io("open", from, err);
    status = copy_opened(in, from, to, err);
    close(in);
    return status;
}

/* ---- folders ---- */

static bool join(char ret[PATH_MAX], const char *folder, const char *name)
{
    return snprintf(ret, PATH_MAX, "%s/%s", folder, name) < PATH_MAX;
}

static enum ou_status copy_entry(const char *from, const char *to, const char *name,
                                 struct ou_error *err)
{
    char source[PATH_MAX], target[PATH_MAX];
    struct stat st;

    if (!join(source, from, name) || !join(target, to, name))
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", to);
    if (lstat(source, &st) < 0)
        return fail_io("look at", source, err);
    if (S_ISDIR(st.st_mode))
        return tree_copy(source, target, err);
    return S_ISREG(st.st_mode) ? tree_copy_file(source, target, err) : OU_OK;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the folders, whose paths end at PATH_MAX */
enum ou_status tree_copy(const char *from, const char *to, struct ou_error *err)
{
    DIR *folder = opendir(from);
    const struct dirent *entry;
    enum ou_status status;

    if (!folder)
        return fail_io("open", from, err);
    status = file_make_directory(to, err);
    while (!status && (entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = copy_entry(from, to, entry->d_name, err);
    closedir(folder);
    return status;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

static int remove_below(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    return at->level == 0 ? 0 : remove_entry(path, st, kind, at);
}

static enum ou_status remove_by(const char *path,
                                int (*visit)(const char *, const struct stat *, int, struct FTW *),
                                struct ou_error *err)
{
    if (nftw(path, visit, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return OU_OK;
    return fail_io("remove", path, err);
}

enum ou_status tree_remove(const char *path, struct ou_error *err)
{
    return remove_by(path, remove_entry, err);
}

enum ou_status tree_clear(const char *path, struct ou_error *err)
{
    return remove_by(path, remove_below, err);
}

bool tree_is_empty(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;

    if (!folder)
        return errno == ENOENT;
    do
        entry = readdir(folder);
    while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    closedir(folder);
    return !entry;
}
