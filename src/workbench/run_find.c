/* A run by what somebody calls it. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "base/time.h"
#include "workbench/runs.h"

#define STATUS_BYTES_MAX ((size_t)1 << 20)

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

/* Names of runs, sorted. */
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

/* When it was made, to better than the second that its name tells. TIME_NONE, which is before all others: not told. */
static int64_t allocated_ns(const char *directory)
{
    json_t *status = NULL;
    const char *at;
    int64_t ns;

    if (run_file_load(directory, "status.json", STATUS_BYTES_MAX, &status, NULL))
        return TIME_NONE;
    at = json_string_value(
        json_object_get(json_array_get(json_object_get(status, "history"), 0), "at"));
    if (!at || !time_parse_iso(at, strlen(at), &ns))
        ns = TIME_NONE;
    json_decref(status);
    return ns;
}

/* Several may have begun in the same second: names do not tell which one did last. */
static void look_for_latest(const char *parent, const struct names *names, struct match *m)
{
    int64_t newest_ns = TIME_NONE;
    char path[PATH_MAX];

    for (int i = 0; i < names->count; i++) {
        int64_t ns;

        if (!is_run_of(parent, names->at[i]->d_name, path))
            continue;
        ns = allocated_ns(path);
        if (m->count > 0 && ns < newest_ns)
            continue;
        newest_ns = ns;
        m->count = 1;
        snprintf(m->path, sizeof m->path, "%s", path);
    }
}

static void look(const char *parent, const struct names *names, const char *wanted, struct match *m)
{
    size_t len = strlen(wanted);
    char path[PATH_MAX];

    for (int i = 0; i < names->count; i++) {
        const char *name = names->at[i]->d_name;

        if (strncmp(name, wanted, len) != 0 && strncmp(ident_of(name), wanted, len) != 0)
            continue;
        if (!is_run_of(parent, name, path))
            continue;
        snprintf(m->path, sizeof m->path, "%s", path);
        if (m->count++ == 0)
            m->first = name;
        else if (m->count == 2)
            m->second = name;
    }
}

/* Whether the profile in a run's name is this one: TIME_PROFILE_IDENT. */
static bool is_of_profile(const char *run_name, const char *profile)
{
    const char *begin = strchr(run_name, '_'), *end = strrchr(run_name, '_');
    size_t len = strlen(profile);

    return begin && end > begin && (size_t)(end - begin - 1) == len &&
           memcmp(begin + 1, profile, len) == 0;
}

/* A profile's name is what one remembers of a run. False: it is none that a run has. */
static bool fail_profile(const char *parent, const struct names *names, const char *wanted,
                         struct ou_error *err)
{
    const char *newest = NULL;
    char path[PATH_MAX];
    int count = 0;

    for (int i = 0; i < names->count; i++)
        if (is_of_profile(names->at[i]->d_name, wanted) &&
            is_run_of(parent, names->at[i]->d_name, path)) {
            newest = names->at[i]->d_name;
            count++;
        }
    if (count == 1)
        ou_fail(err, OU_NOT_FOUND, "'%s' is a profile, and its run in %s is %s", wanted, parent,
                newest);
    else if (count > 1)
        ou_fail(err, OU_NOT_FOUND, "'%s' is a profile, and has %d runs in %s; the newest is %s",
                wanted, count, parent, newest);
    return count > 0;
}

static enum ou_status not_found(const char *parent, const struct names *names, const char *wanted,
                                struct ou_error *err)
{
    struct suggestion near;
    char path[PATH_MAX];

    if (fail_profile(parent, names, wanted, err))
        return OU_NOT_FOUND;
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

    if (strcmp(wanted, "latest") == 0)
        look_for_latest(parent, names, &m);
    else
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
