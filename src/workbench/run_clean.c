/* What a run no longer needs when it is over. */
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "genesis/edit.h"
#include "workbench/run_live.h"
#include "workbench/runs.h"

/* A genesis file below that is kept as it is: its funds are few. */
#define SMALL_BYTES ((off_t)1 << 20)

struct cleaning {
    const char *directory;
    bool dry_run;
    uint64_t freed; /* blocks of the disk, in bytes */
    enum ou_status status;
    struct ou_error *err;
};

/* ---- databases and sockets ---- */

/* Whether this is RUN/nodes/NAME/db, or in one. */
static bool is_of_database(const struct cleaning *c, const FTSENT *entry)
{
    const char *below = entry->fts_path + strlen(c->directory), *name, *rest;

    if (strncmp(below, "/nodes/", 7) != 0)
        return false;
    name = below + 7;
    rest = strchr(name, '/');
    return rest && strncmp(rest, "/db", 3) == 0 && (rest[3] == '/' || rest[3] == '\0');
}

static void remove_entry(struct cleaning *c, const FTSENT *entry)
{
    if (entry->fts_info != FTS_DP)
        c->freed += (uint64_t)entry->fts_statp->st_blocks * 512;
    if (!c->dry_run && remove(entry->fts_path) < 0 && errno != ENOENT && !c->status)
        c->status = ou_fail(c->err, OU_IO, "remove %s: %s", entry->fts_path, strerror(errno));
}

static void look_at(struct cleaning *c, const FTSENT *entry)
{
    bool is_socket = entry->fts_info == FTS_DEFAULT && S_ISSOCK(entry->fts_statp->st_mode);

    if (entry->fts_info == FTS_D || entry->fts_info == FTS_NS || entry->fts_info == FTS_ERR ||
        entry->fts_info == FTS_DNR)
        return;
    if (is_socket || is_of_database(c, entry))
        remove_entry(c, entry);
}

static void clean_tree(struct cleaning *c)
{
    char *const roots[] = { (char *)c->directory, NULL };
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    FTSENT *entry;

    while (tree && (entry = fts_read(tree)))
        look_at(c, entry);
    if (tree)
        fts_close(tree);
}

/* ---- genesis ---- */

/* Members that grow with the data set. Emptied and not removed: a genesis without them is none. */
static const struct {
    const char *file;
    const char *members[2];
} large[] = {
    { "genesis/shelley.json", { "initialFunds", "staking" } },
    { "genesis/conway.json", { "initialDReps", "delegs" } },
    { "genesis/byron.json", { "nonAvvmBalances", "avvmDistr" } },
};

static json_t *emptied(const char *member, json_t *value)
{
    return json_pack("{s:o}", member,
                     strcmp(member, "staking") == 0
                         ? (json_decref(value), json_pack("{s:{}, s:{}}", "pools", "stake"))
                         : value);
}

/* An object merges with what is there: it has to go before an empty one can come. */
static enum ou_status empty_member(const char *path, const char *member, struct ou_error *err)
{
    json_t *removal = json_pack("{s:n}", member), *empty = emptied(member, json_object());
    enum ou_status status = OU_OK;

    if (!removal || !empty)
        status = ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    if (!status)
        status = genesis_edit(path, path, removal, err);
    if (!status)
        status = genesis_edit(path, path, empty, err);
    json_decref(removal);
    json_decref(empty);
    return status;
}

/* What says that the data set is there (genesis_create.h): a run that is begun anew is to make it again. */
static void forget_dataset(const struct cleaning *c)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/genesis/dataset.json", c->directory) < (int)sizeof path)
        unlink(path);
}

/* A link may lead to files that are of no run, or of many. */
static bool has_own_genesis(const struct cleaning *c)
{
    char path[PATH_MAX];
    struct stat st;

    return snprintf(path, sizeof path, "%s/genesis", c->directory) < (int)sizeof path &&
           lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void clean_genesis(struct cleaning *c, const char *file, const char *const members[2])
{
    char path[PATH_MAX];
    struct stat before, after;

    if (snprintf(path, sizeof path, "%s/%s", c->directory, file) >= (int)sizeof path ||
        lstat(path, &before) < 0 || !S_ISREG(before.st_mode) || before.st_size < SMALL_BYTES)
        return;
    if (!c->dry_run)
        forget_dataset(c);
    for (int i = 0; i < 2 && !c->dry_run && !c->status; i++)
        c->status = empty_member(path, members[i], c->err);
    after = before;
    if (c->dry_run)
        after.st_blocks = 0;
    else
        lstat(path, &after);
    if (after.st_blocks < before.st_blocks)
        c->freed += (uint64_t)(before.st_blocks - after.st_blocks) * 512;
}

/* ---- all of it ---- */

enum ou_status run_clean(const char *directory, bool dry_run, uint64_t *ret_bytes,
                         struct ou_error *err)
{
    char real[PATH_MAX];
    struct cleaning c = { .directory = real, .dry_run = dry_run, .err = err };
    bool has_genesis;

    *ret_bytes = 0;
    if (!realpath(directory, real)) /* a link is not walked, and a slash at its end in the way */
        return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "%s: %s", directory,
                       strerror(errno));
    if (run_is_live(directory))
        return ou_fail(err, OU_USAGE, "%s: the run goes on; `ouroscope run stop` ends it",
                       directory);
    clean_tree(&c);
    has_genesis = has_own_genesis(&c);
    for (size_t i = 0; has_genesis && !c.status && i < sizeof large / sizeof *large; i++)
        clean_genesis(&c, large[i].file, large[i].members);
    *ret_bytes = c.freed;
    return c.status;
}
