/* A run by what somebody calls it. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "workbench/runs.h"

static bool has_status(const char *directory)
{
    char path[PATH_MAX];

    return snprintf(path, sizeof path, "%s/status.json", directory) < (int)sizeof path &&
           access(path, F_OK) == 0;
}

static enum ou_status give(const char *directory, char *ret, size_t room, struct ou_error *err)
{
    if (snprintf(ret, room, "%s", directory) >= (int)room)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", directory);
    return OU_OK;
}

/* TIME_PROFILE_IDENT: the ident is what --ident said; a profile's name may have underscores in it, an ident, too. */
static const char *ident_of(const char *run_name)
{
    const char *last = strrchr(run_name, '_');

    return last ? last + 1 : "";
}

/* Names of runs, sorted: the newest one is the last. */
struct names {
    struct dirent **at;
    int count;
};

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void release_names(struct names *names)
{
    for (int i = 0; i < names->count; i++)
        free(names->at[i]);
    free(names->at);
}

static bool is_run_of(const char *parent, const char *name, char path[PATH_MAX])
{
    return snprintf(path, PATH_MAX, "%s/%s", parent, name) < PATH_MAX && has_status(path);
}

/* What a name may mean: every run whose name or ident begins with it, or the newest of all. */
struct match {
    char path[PATH_MAX];
    int count;
    const char *first, *second;
};

static void look(const char *parent, const struct names *names, const char *wanted, struct match *m)
{
    bool latest = strcmp(wanted, "latest") == 0;
    size_t len = strlen(wanted);
    char path[PATH_MAX];

    for (int i = 0; i < names->count; i++) {
        const char *name = names->at[i]->d_name;

        if (!latest && strncmp(name, wanted, len) != 0 && strncmp(ident_of(name), wanted, len) != 0)
            continue;
        if (!is_run_of(parent, name, path))
            continue;
        snprintf(m->path, sizeof m->path, "%s", path);
        if (latest)
            m->count = 1;
        else if (m->count++ == 0)
            m->first = name;
        else if (m->count == 2)
            m->second = name;
    }
}

static enum ou_status not_found(const char *parent, const struct names *names, const char *wanted,
                                struct ou_error *err)
{
    struct suggestion near;
    char path[PATH_MAX];

    suggest_for(&near, span_of(wanted));
    for (int i = 0; i < names->count; i++)
        if (is_run_of(parent, names->at[i]->d_name, path)) {
            suggest_consider(&near, names->at[i]->d_name);
            suggest_consider(&near, ident_of(names->at[i]->d_name));
        }
    return ou_fail(err, OU_NOT_FOUND, "no run '%s' in %s%s%s%s", wanted, parent,
                   near.best ? "; did you mean '" : "", near.best ? near.best : "",
                   near.best ? "'?" : "");
}

static enum ou_status find_by_name(const char *parent, const struct names *names,
                                   const char *wanted, char *ret, size_t room, struct ou_error *err)
{
    struct match m = { .count = 0 };

    look(parent, names, wanted, &m);
    if (m.count == 0)
        return not_found(parent, names, wanted, err);
    if (m.count > 1)
        return ou_fail(err, OU_USAGE, "'%s' may be any of %d runs in %s: %s, %s%s", wanted, m.count,
                       parent, m.first, m.second, m.count > 2 ? ", ..." : "");
    return give(m.path, ret, room, err);
}

enum ou_status run_find(const char *parent, const char *name, char *ret, size_t room,
                        struct ou_error *err)
{
    struct names names = { 0 };
    char path[PATH_MAX];
    enum ou_status status;

    if (strchr(name, '/') || strcmp(name, ".") == 0 || has_status(name))
        return has_status(name) ? give(name, ret, room, err)
                                : ou_fail(err, OU_NOT_FOUND, "%s: there is no run", name);
    if (name[0] && is_run_of(parent, name, path))
        return give(path, ret, room, err);
    names.count = scandir(parent, &names.at, is_visible, alphasort);
    if (names.count < 0)
        return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "%s: %s", parent,
                       errno == ENOENT ? "there is no such folder" : strerror(errno));
    status = find_by_name(parent, &names, name, ret, room, err);
    release_names(&names);
    return status;
}
