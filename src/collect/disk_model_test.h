/* A disk in memory, with a page cache above stable storage, for tests of crashes.
 *
 * Every call may fail by chance, and the machine may crash in any of them: then the disk is dead, calls have no effect
 * any more, and disk_model_wake() shows what the next process finds: after a crash of the process everything that was
 * written; after one of the machine what had been synced, and of later changes to a file those up to a random one, the last one
 * torn. Names that were not synced may be gone, those removed may be back. A sync that failed is not made good by the
 * next one: it says that all is well, as Linux does. */
#ifndef OU_COLLECT_DISK_MODEL_TEST_H
#define OU_COLLECT_DISK_MODEL_TEST_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "collect/disk.h"
#include "support/test.h"

enum { MODEL_NODES = 192, MODEL_FDS = 16, MODEL_CHANGES = 256, MODEL_FILE_BYTES = 16384 };

/* A change of a file since its last sync: bytes appended, or a cut. */
struct model_change {
    size_t from, to; /* the length before and behind it */
    char *bytes;     /* owned; NULL for a cut */
};

struct model_node {
    enum model_kind { MODEL_FREE, MODEL_FILE, MODEL_FOLDER, MODEL_LINK } kind;
    char path[96], target[48];
    bool named, was_named; /* now; in stable storage */
    bool spoiled;          /* a sync has failed */
    size_t len, stable_len, change_count;
    char bytes[MODEL_FILE_BYTES];
    char stable[MODEL_FILE_BYTES]; /* without `changes` */
    struct model_change changes[MODEL_CHANGES];
};

struct disk_model {
    struct disk base; /* first */
    struct model_node *nodes;
    int fds[MODEL_FDS]; /* a node's index + 1; 0: free */
    uint64_t random;
    int64_t now_s;
    unsigned fail_in_1000; /* calls */
    int calls_to_crash;    /* 0: no crash is coming */
    bool is_dead;
    bool write_failed, sync_failed, cut_failed; /* has happened */
};

/* --- Chance ----------------------------------------------------------------------------------- */

static inline uint64_t model_random(struct disk_model *m, uint64_t below)
{
    m->random ^= m->random << 13;
    m->random ^= m->random >> 7;
    m->random ^= m->random << 17;
    return (m->random >> 11) % below;
}

static inline struct disk_model *model_of(struct disk *d)
{
    return (struct disk_model *)(void *)d;
}

static inline int model_fail(int why)
{
    errno = why;
    return -1;
}

/* Whether this call does nothing but fail. Crashes begin in one of them. */
static inline bool model_refuses(struct disk_model *m)
{
    static const int reasons[] = { ENOSPC, EIO, EMFILE, EDQUOT, EROFS };

    if (!m->is_dead && m->calls_to_crash > 0 && --m->calls_to_crash == 0)
        m->is_dead = true;
    errno = m->is_dead ? EIO : reasons[model_random(m, 5)];
    return m->is_dead || model_random(m, 1000) < m->fail_in_1000;
}

/* --- Nodes ------------------------------------------------------------------------------------ */

static inline struct model_node *model_find(struct disk_model *m, const char *path)
{
    for (int i = 0; i < MODEL_NODES; i++)
        if (m->nodes[i].kind != MODEL_FREE && m->nodes[i].named &&
            strcmp(m->nodes[i].path, path) == 0)
            return &m->nodes[i];
    return NULL;
}

static inline void model_forget(struct model_node *node)
{
    for (size_t i = 0; i < node->change_count; i++)
        free(node->changes[i].bytes);
    node->change_count = 0;
    node->kind = MODEL_FREE;
}

static inline struct model_node *model_add(struct disk_model *m, const char *path,
                                           enum model_kind kind)
{
    for (int i = 0; i < MODEL_NODES; i++) {
        struct model_node *node = &m->nodes[i];

        if (node->kind != MODEL_FREE)
            continue;
        memset(node, 0, offsetof(struct model_node, bytes));
        node->kind = kind;
        node->named = true;
        assert_true(snprintf(node->path, sizeof(node->path), "%s", path) < (int)sizeof(node->path));
        return node;
    }
    fail_msg("the model has too few nodes");
    return NULL;
}

static inline bool model_is_in(const struct model_node *node, const char *folder)
{
    const size_t len = strlen(folder);

    return strncmp(node->path, folder, len) == 0 && node->path[len] == '/' &&
           !strchr(node->path + len + 1, '/');
}

static inline struct model_node *model_fd(struct disk_model *m, int fd)
{
    assert_true(fd >= 0 && fd < MODEL_FDS && m->fds[fd] > 0);
    return &m->nodes[m->fds[fd] - 1];
}

static inline struct model_change *model_change(struct model_node *node, size_t to)
{
    struct model_change *change = &node->changes[node->change_count++];

    assert_true(node->change_count <= MODEL_CHANGES && to <= MODEL_FILE_BYTES);
    *change = (struct model_change){ node->len, to, NULL };
    return change;
}

static inline void model_append(struct model_node *node, const void *bytes, size_t count)
{
    struct model_change *change = model_change(node, node->len + count);

    change->bytes = malloc(count + 1);
    assert_non_null(change->bytes);
    memcpy(change->bytes, bytes, count);
    memcpy(node->bytes + node->len, bytes, count);
    node->len += count;
}

/* --- Calls ------------------------------------------------------------------------------------ */

static inline int model_open(struct disk *d, const char *path, int flags, mode_t mode)
{
    struct disk_model *m = model_of(d);
    struct model_node *node;
    int fd = 0;

    (void)mode;
    if (model_refuses(m)) {
        /* Files are opened to be read only when they are to be synced. */
        m->sync_failed = m->sync_failed || (!m->is_dead && (flags & O_ACCMODE) == O_RDONLY);
        return -1;
    }
    node = model_find(m, path);
    if (node && flags & O_EXCL)
        return model_fail(EEXIST);
    if (!node && !(flags & O_CREAT))
        return model_fail(ENOENT);
    if (!node)
        node = model_add(m, path, MODEL_FILE);
    while (m->fds[fd] > 0)
        fd++;
    assert_true(fd < MODEL_FDS);
    m->fds[fd] = (int)(node - m->nodes) + 1;
    return fd;
}

/* A write that fails, or in which the machine crashes, may have written a part. */
static inline ssize_t model_write(struct disk *d, int fd, const void *bytes, size_t count)
{
    struct disk_model *m = model_of(d);
    struct model_node *node = model_fd(m, fd);
    const bool was_dead = m->is_dead, refused = model_refuses(m);
    size_t part = count;

    if (was_dead)
        return -1;
    if (refused)
        part = (size_t)model_random(m, count + 1);
    if (part > 0)
        model_append(node, bytes, part);
    m->write_failed = m->write_failed || refused;
    return m->is_dead || part == 0 ? -1 : (ssize_t)part;
}

static inline int model_truncate(struct disk *d, int fd, off_t size)
{
    struct disk_model *m = model_of(d);
    struct model_node *node = model_fd(m, fd);

    if (model_refuses(m)) {
        m->cut_failed = m->cut_failed || !m->is_dead;
        return -1;
    }
    assert_true((size_t)size <= node->len);
    model_change(node, (size_t)size);
    node->len = (size_t)size;
    return 0;
}

static inline void model_settle(struct model_node *node)
{
    for (size_t i = 0; i < node->change_count; i++)
        free(node->changes[i].bytes);
    node->change_count = 0;
    memcpy(node->stable, node->bytes, node->len);
    node->stable_len = node->len;
}

static inline int model_sync(struct disk *d, int fd)
{
    struct disk_model *m = model_of(d);
    struct model_node *node = model_fd(m, fd);

    if (model_refuses(m)) {
        m->sync_failed = m->sync_failed || !m->is_dead;
        node->spoiled = node->spoiled || !m->is_dead;
        return -1;
    }
    if (!node->spoiled)
        model_settle(node);
    return 0;
}

static inline int model_sync_folder(struct disk *d, const char *path)
{
    struct disk_model *m = model_of(d);

    if (model_refuses(m))
        return -1;
    for (int i = 0; i < MODEL_NODES; i++)
        if (m->nodes[i].kind != MODEL_FREE && model_is_in(&m->nodes[i], path))
            m->nodes[i].was_named = m->nodes[i].named;
    return 0;
}

static inline int model_close(struct disk *d, int fd)
{
    model_fd(model_of(d), fd);
    model_of(d)->fds[fd] = 0;
    return 0;
}

static inline void model_fill_stat(const struct disk_model *m, const struct model_node *node,
                                   struct stat *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->st_ino = (ino_t)(node - m->nodes) + 1;
    ret->st_nlink = node->named;
    ret->st_size = (off_t)node->len;
}

static inline int model_stat_fd(struct disk *d, int fd, struct stat *ret)
{
    model_fill_stat(model_of(d), model_fd(model_of(d), fd), ret);
    return 0;
}

static inline int model_stat_path(struct disk *d, const char *path, struct stat *ret)
{
    struct disk_model *m = model_of(d);
    struct model_node *node = model_find(m, path);
    char target[160];

    if (node && node->kind == MODEL_LINK) {
        snprintf(target, sizeof(target), "%.*s/%s", (int)(strrchr(path, '/') - path), path,
                 node->target);
        node = model_find(m, target);
    }
    if (!node)
        return model_fail(ENOENT);
    model_fill_stat(m, node, ret);
    return 0;
}

static inline int model_make_folder(struct disk *d, const char *path)
{
    struct disk_model *m = model_of(d);

    if (model_refuses(m))
        return -1;
    if (!model_find(m, path))
        model_add(m, path, MODEL_FOLDER);
    return 0;
}

static inline int model_link_to(struct disk *d, const char *target, const char *path)
{
    struct disk_model *m = model_of(d);
    struct model_node *node;

    if (model_refuses(m))
        return -1;
    node = model_find(m, path);
    if (!node)
        node = model_add(m, path, MODEL_LINK);
    snprintf(node->target, sizeof(node->target), "%s", target);
    return 0;
}

static inline int model_remove(struct disk *d, const char *path)
{
    struct disk_model *m = model_of(d);
    struct model_node *node;

    if (model_refuses(m))
        return -1;
    node = model_find(m, path);
    if (!node)
        return model_fail(ENOENT);
    node->named = false;
    return 0;
}

/* Reading does not fail here: where it does, lines may come twice, as log_target.c says. */
static inline int model_list(struct disk *d, const char *path,
                             void (*each)(void *context, const char *name), void *context)
{
    struct disk_model *m = model_of(d);

    if (m->is_dead)
        return model_fail(EIO);
    if (!model_find(m, path))
        return model_fail(ENOENT);
    for (int i = 0; i < MODEL_NODES; i++)
        if (m->nodes[i].kind != MODEL_FREE && m->nodes[i].named && model_is_in(&m->nodes[i], path))
            each(context, m->nodes[i].path + strlen(path) + 1);
    return 0;
}

static inline ssize_t model_read_end(struct disk *d, const char *path, void *ret, size_t room)
{
    const struct model_node *node = model_find(model_of(d), path);
    size_t len;

    if (!node)
        return model_fail(ENOENT);
    len = node->len < room ? node->len : room;
    memcpy(ret, node->bytes + node->len - len, len);
    return (ssize_t)len;
}

static inline int64_t model_wall(struct disk *d)
{
    return model_of(d)->now_s * NS_PER_SECOND;
}

/* --- Life and death --------------------------------------------------------------------------- */

/* nodes: MODEL_NODES of them, zeroed once; they serve one model after the other. */
static inline void disk_model_init(struct disk_model *m, struct model_node *nodes, uint64_t seed,
                                   const char *root)
{
    *m = (struct disk_model){
        .base = { model_open, model_write, model_truncate, model_sync, model_sync_folder,
                  model_close, model_stat_fd, model_stat_path, model_make_folder, model_link_to,
                  model_remove, model_list, model_read_end, model_wall },
        .random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1,
        .now_s = 1774160692,
        .nodes = nodes,
    };
    model_add(m, root, MODEL_FOLDER)->was_named = true;
}

static inline void disk_model_release(struct disk_model *m)
{
    for (int i = 0; i < MODEL_NODES; i++)
        model_forget(&m->nodes[i]);
}

/* The changes of a file up to a random one, of which only a part is there. */
static inline void model_lose_changes(struct disk_model *m, struct model_node *node)
{
    const size_t kept = (size_t)model_random(m, node->change_count + 1);

    memcpy(node->bytes, node->stable, node->stable_len);
    node->len = node->stable_len;
    for (size_t i = 0; i < kept; i++) {
        const struct model_change *change = &node->changes[i];
        size_t count = change->bytes ? change->to - change->from : 0;

        if (i + 1 == kept && count > 0)
            count = (size_t)model_random(m, count + 1);
        node->len = change->bytes ? change->from + count : change->to;
        if (count > 0)
            memcpy(node->bytes + change->from, change->bytes, count);
    }
}

/* What the next process finds. */
static inline void disk_model_wake(struct disk_model *m, bool of_the_machine)
{
    memset(m->fds, 0, sizeof(m->fds));
    m->is_dead = false;
    m->calls_to_crash = 0;
    for (int i = 0; i < MODEL_NODES && of_the_machine; i++) {
        struct model_node *node = &m->nodes[i];

        if (node->kind == MODEL_FREE)
            continue;
        if (node->named != node->was_named)
            node->named = model_random(m, 2) == 0;
        if (node->kind == MODEL_FILE) {
            model_lose_changes(m, node);
            model_settle(node);
            node->spoiled = false;
        }
        node->was_named = node->named;
    }
    /* What lay in a folder that is gone is gone, too. */
    for (int i = 0; i < MODEL_NODES; i++) {
        char folder[96];
        struct model_node *node = &m->nodes[i];

        if (node->kind == MODEL_FREE || node->kind == MODEL_FOLDER)
            continue;
        snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(node->path, '/') - node->path),
                 node->path);
        node->named = node->named && model_find(m, folder) != NULL;
        if (!node->named)
            model_forget(node);
    }
}

#endif
