/* From where a bundle was unpacked to the run's folder. Which files came that way is written down before any of them is moved, so
 * that a crash between leaves nothing that a second try would take for somebody else's. */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/agent_folder.h"

#define DELIVERED "delivered.json" /* {"PATH": true, ...} */

struct merge {
    const struct agent_folder *folder;
    char from[PATH_MAX];
    json_t *delivered; /* paths of all deliveries so far */
    struct ou_error *err;
};

static enum ou_status note(struct merge *m, const char *at)
{
    char path[PATH_MAX];
    struct stat st;
    enum ou_status status = agent_folder_in_run(m->folder, at, path, m->err);

    if (status)
        return status;
    if (lstat(path, &st) == 0 && (!S_ISREG(st.st_mode) || !json_object_get(m->delivered, at)))
        return ou_fail(m->err, OU_INVALID, "%s is there already, and was not delivered", at);
    if (json_object_set_new(m->delivered, at, json_true()) != 0)
        return ou_fail(m->err, OU_NO_MEMORY, "%s: no memory", at);
    return OU_OK;
}

static enum ou_status move(struct merge *m, const char *at)
{
    char from[PATH_MAX], to[PATH_MAX];
    enum ou_status status = agent_folder_in_run(m->folder, at, to, m->err);

    if (!status && snprintf(from, sizeof from, "%s/%s", m->from, at) >= PATH_MAX)
        status = ou_fail(m->err, OU_IO, "%.80s...: the path is too long", at);
    if (!status && rename(from, to) < 0)
        status = ou_fail(m->err, OU_IO, "move %s: %s", at, strerror(errno));
    return status;
}

static enum ou_status make_folder(struct merge *m, const char *at)
{
    char path[PATH_MAX];
    struct stat st;
    enum ou_status status = agent_folder_in_run(m->folder, at, path, m->err);

    if (status || mkdir(path, 0700) == 0)
        return status;
    if (errno == EEXIST && lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return OU_OK;
    return ou_fail(m->err, OU_INVALID, "%s cannot be a folder: %s", at, strerror(errno));
}

static enum ou_status visit(struct merge *m, const FTSENT *entry,
                            enum ou_status (*each)(struct merge *m, const char *at), bool make)
{
    const char *at = entry->fts_path + strlen(m->from);

    while (*at == '/')
        at++;
    switch (entry->fts_info) {
    case FTS_F: return each(m, at);
    case FTS_D: return make && *at ? make_folder(m, at) : OU_OK;
    case FTS_DP: return OU_OK;
    default: return ou_fail(m->err, OU_IO, "%s cannot be read", at);
    }
}

/* Calls `each` for every file, by its path below the folder; folders are made in FOLDER/run on the way where `make` is set. */
static enum ou_status walk(struct merge *m, enum ou_status (*each)(struct merge *m, const char *at),
                           bool make)
{
    char *roots[] = { m->from, NULL };
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    const FTSENT *entry;
    enum ou_status status = OU_OK;

    if (!tree)
        return ou_fail(m->err, OU_IO, "open %s: %s", m->from, strerror(errno));
    while (!status && (entry = fts_read(tree)))
        status = visit(m, entry, each, make);
    fts_close(tree);
    return status;
}

enum ou_status agent_folder_merge(const struct agent_folder *f, const char *name,
                                  struct ou_error *err)
{
    struct merge m = { .folder = f, .err = err };
    enum ou_status status = agent_folder_in_own(f, name, m.from, err);

    if (!status)
        status = agent_folder_load(f, DELIVERED, &m.delivered, err);
    if (!status && !m.delivered)
        m.delivered = json_object();
    if (!status)
        status = walk(&m, note, false);
    if (!status)
        status = agent_folder_save(f, DELIVERED, m.delivered, err);
    if (!status)
        status = walk(&m, move, true);
    if (!status)
        agent_folder_remove(f, name);
    json_decref(m.delivered);
    return status;
}
