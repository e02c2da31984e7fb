#include "storage/bundle_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "storage/bundle_names.h"

#define NAMES_BYTES_MAX ((size_t)512 << 20)

/* A walk through one entry. */
struct walk {
    struct bundle_list *list;
    const struct bundle_options *options;
    size_t entry;
    struct ou_error *err;
};

static enum ou_status fail_io(const char *what, const char *path, struct ou_error *err)
{
    return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "%s %s: %s", what, path,
                   strerror(errno));
}

/* ---- paths ---- */

/* A name begins with its entry's; what follows is the same in the file system. */
static bool item_path(const struct bundle_list *list, size_t entry, const char *name,
                      char ret[PATH_MAX])
{
    const struct bundle_entry *e = &list->entries[entry];
    const char *rest = name + strlen(e->name);
    const bool slash = *rest && *rest != '/';

    return snprintf(ret, PATH_MAX, "%s%s%s", e->path, slash ? "/" : "", rest) < PATH_MAX;
}

static bool lies_below(const char *path, const char *root)
{
    const size_t len = root ? strlen(root) : 0;

    return root && strncmp(path, root, len) == 0 &&
           (path[len] == '\0' || path[len] == '/' || strcmp(root, "/") == 0);
}

/* Asks the kernel where an open file stands: no path can be changed behind that answer. */
static bool stands_inside(const struct bundle_list *list, size_t entry, int fd)
{
    char link[64], path[PATH_MAX];
    ssize_t len;

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = readlink(link, path, sizeof path - 1);
    if (len < 0)
        return false;
    path[len] = '\0';
    return lies_below(path, list->roots[entry]) || lies_below(path, list->link_root);
}

/* A plain file inside; -1 for whatever else (errno tells a failing open from the rest, where it is 0). A FIFO does not make it wait. */
static int open_inside(const struct bundle_list *list, size_t entry, const char *path,
                       struct stat *ret_stat)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return -1;
    if (fstat(fd, ret_stat) == 0 && S_ISREG(ret_stat->st_mode) && stands_inside(list, entry, fd))
        return fd;
    close(fd);
    errno = 0;
    return -1;
}

enum ou_status bundle_item_open(const struct bundle_list *list, const struct bundle_item *item,
                                int *ret_fd, struct stat *ret_stat, struct ou_error *err)
{
    char path[PATH_MAX];

    if (!item_path(list, item->entry, item->name, path))
        return ou_fail(err, OU_TOO_LARGE, "pack %.80s...: the path is too long", item->name);
    *ret_fd = open_inside(list, item->entry, path, ret_stat);
    if (*ret_fd >= 0)
        return OU_OK;
    if (errno)
        return fail_io("pack", path, err);
    return ou_fail(err, OU_IO, "pack %s: something else was put in its place meanwhile", path);
}

/* ---- collecting ---- */

static enum ou_status add(struct walk *w, const char *name, bool folder)
{
    struct bundle_list *list = w->list;
    const char *fault = bundle_name_fault(span_of(name));
    char shown[BUNDLE_SHOWN_ROOM];
    const char *copy;

    bundle_name_shown(span_of(name), shown);
    if (fault)
        return ou_fail(w->err, OU_INVALID, "pack \"%s\": a name that cannot be packed: %s", shown,
                       fault);
    if (list->count == BUNDLE_LIMITS.files)
        return ou_fail(w->err, OU_TOO_LARGE, "pack \"%s\": more than %zu files", shown,
                       list->count);
    copy = arena_copy(&list->names, name, strlen(name));
    if (!copy || !array_reserve(allocator_libc(), (void **)&list->items, &list->cap,
                                list->count + 1, sizeof *list->items, BUNDLE_LIMITS.files))
        return ou_fail(w->err, OU_NO_MEMORY, "pack \"%s\": no memory", shown);
    list->items[list->count++] = (struct bundle_item){ copy, w->entry, folder };
    return OU_OK;
}

static enum ou_status walk_folder(struct walk *w, const char *path, const char *name);

/* Links that lead out, sockets and devices are passed over. */
static enum ou_status walk_one(struct walk *w, const char *path, const char *name)
{
    struct stat st;
    int fd;

    if (lstat(path, &st) < 0)
        return fail_io("pack", path, w->err);
    if (S_ISDIR(st.st_mode))
        return walk_folder(w, path, name);
    if (S_ISREG(st.st_mode))
        return add(w, name, false);
    if (!S_ISLNK(st.st_mode))
        return OU_OK;
    fd = open_inside(w->list, w->entry, path, &st);
    if (fd < 0)
        return OU_OK;
    close(fd);
    return add(w, name, false);
}

static enum ou_status walk_named(struct walk *w, const char *folder, const char *part)
{
    char name[BUNDLE_NAME_BYTES_MAX + 2], path[PATH_MAX];
    const int len = snprintf(name, sizeof name, "%s%s%s", folder, *folder ? "/" : "", part);

    if (len >= (int)sizeof name || !item_path(w->list, w->entry, name, path))
        return ou_fail(w->err, OU_TOO_LARGE, "pack %.80s...: the path is too long", name);
    if (w->options->skip && w->options->skip(w->options->context, name))
        return OU_OK;
    return walk_one(w, path, name);
}

/* NOLINTNEXTLINE(misc-no-recursion): names end at BUNDLE_DEPTH_MAX parts, which add() sees to */
static enum ou_status walk_folder(struct walk *w, const char *path, const char *name)
{
    enum ou_status status = *name ? add(w, name, true) : OU_OK;
    const struct dirent *found;
    DIR *folder;

    if (status)
        return status;
    folder = opendir(path);
    if (!folder)
        return fail_io("pack", path, w->err);
    while (!status && (found = readdir(folder))) {
        if (interrupt_pending())
            status = ou_fail(w->err, OU_INTERRUPTED, "pack %s: interrupted", path);
        else if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
            status = walk_named(w, name, found->d_name);
    }
    closedir(folder);
    return status;
}

/* What the caller names is followed wherever it leads. */
static enum ou_status walk_entry(struct walk *w)
{
    const struct bundle_entry *e = &w->list->entries[w->entry];
    struct stat st;
    char *root = realpath(e->path, NULL);

    w->list->roots[w->entry] = root;
    if (!root || stat(root, &st) < 0)
        return fail_io("pack", e->path, w->err);
    if (S_ISDIR(st.st_mode))
        return walk_folder(w, e->path, e->name);
    if (S_ISREG(st.st_mode))
        return add(w, e->name, false);
    return ou_fail(w->err, OU_INVALID, "pack %s: neither a file nor a folder", e->path);
}

/* ---- in order ---- */

static int by_name(const void *a, const void *b)
{
    const struct bundle_item *x = a, *y = b;

    return strcmp(x->name, y->name);
}

/* Folders may come from several entries, files may not. */
static enum ou_status sort(struct bundle_list *list, struct ou_error *err)
{
    size_t kept = 0;

    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, by_name);
    for (size_t i = 0; i < list->count; i++) {
        const struct bundle_item *item = &list->items[i];
        const struct bundle_item *before = kept > 0 ? &list->items[kept - 1] : NULL;

        if (!before || strcmp(before->name, item->name) != 0)
            list->items[kept++] = *item;
        else if (!before->folder || !item->folder)
            return ou_fail(err, OU_INVALID, "pack \"%s\": two entries have this name", item->name);
    }
    list->count = kept;
    return OU_OK;
}

enum ou_status bundle_list_make(const struct bundle_entry *entries, size_t count,
                                const struct bundle_options *options, struct bundle_list *ret,
                                struct ou_error *err)
{
    struct walk w = { .list = ret, .options = options, .err = err };
    enum ou_status status = OU_OK;

    *ret = (struct bundle_list){ .entries = entries, .entry_count = count };
    arena_init(&ret->names, allocator_libc(), NAMES_BYTES_MAX);
    ret->roots = calloc(count + 1, sizeof *ret->roots);
    if (!ret->roots)
        return ou_fail(err, OU_NO_MEMORY, "pack: no memory");
    if (options->link_root && !(ret->link_root = realpath(options->link_root, NULL)))
        return fail_io("pack", options->link_root, err);
    for (w.entry = 0; !status && w.entry < count; w.entry++)
        status = walk_entry(&w);
    return status ? status : sort(ret, err);
}

void bundle_list_release(struct bundle_list *list)
{
    for (size_t i = 0; list->roots && i < list->entry_count; i++)
        free(list->roots[i]);
    free(list->roots);
    free(list->link_root);
    alloc_free(allocator_libc(), list->items, list->cap * sizeof *list->items);
    arena_release(&list->names);
    *list = (struct bundle_list){ 0 };
}
