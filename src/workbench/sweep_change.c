#include "workbench/sweep_change.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile/explain.h"
#include "workbench/runs.h"

enum { VALUE_LETTERS = 60 };

struct change {
    const char *label, *run;
    char *text;
    bool is_found;
};

/* Names say nothing of what is run, and what is derived follows from something else. */
static bool says_little(const char *path)
{
    return strcmp(path, "name") == 0 || strcmp(path, "desc") == 0 ||
           strncmp(path, "derived.", strlen("derived.")) == 0;
}

static void keep_first(void *context, const char *path, const json_t *a, const json_t *b)
{
    struct change *c = context;
    char *was, *is;

    if (c->is_found || says_little(path))
        return;
    was = a ? json_dumps(a, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    is = b ? json_dumps(b, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    snprintf(c->text, SWEEP_CHANGE_ROOM, "setting %s: %s was %.*s in %.80s, and is %.*s now",
             c->label, path, VALUE_LETTERS, was ? was : "absent", c->run, VALUE_LETTERS,
             is ? is : "absent");
    c->is_found = true;
    free(was);
    free(is);
}

/* Of a run's identifier, "p12". */
static bool point_of(const struct sweep *s, const char *ident, size_t *ret)
{
    char *end;

    if (!ident || ident[0] != 'p' || ident[1] < '0' || ident[1] > '9')
        return false;
    *ret = strtoul(ident + 1, &end, 10);
    return *end == '\0' && *ret < s->point_count;
}

static bool tells_change(const struct sweep *s, const struct run_summary *run, char *ret)
{
    struct profile then = { 0 }, now = { 0 };
    char label[120], path[PATH_MAX];
    struct change change = { .label = label, .run = run->name, .text = ret };
    size_t point;

    if (!point_of(s, run->ident, &point) ||
        snprintf(path, sizeof path, "%s/profile.json", run->directory) >= (int)sizeof path)
        return false;
    sweep_setting_label(s, point, label, sizeof label);
    if (!profile_load(path, NULL, 0, &then, NULL) && !sweep_profile(s, point, &now, NULL))
        profile_each_difference(&then, &now, true, keep_first, &change);
    profile_release(&then);
    profile_release(&now);
    return change.is_found;
}

bool sweep_find_change(const struct sweep *s, const char *directory, char ret[SWEEP_CHANGE_ROOM])
{
    struct run_list runs = { 0 };
    char path[PATH_MAX];
    bool found = false;

    if (snprintf(path, sizeof path, "%s/runs", directory) >= (int)sizeof path ||
        run_list_read(path, &runs, NULL))
        return false;
    for (size_t i = 0; i < runs.count && !found; i++)
        found = tells_change(s, &runs.runs[i], ret);
    run_list_release(&runs);
    return found;
}
