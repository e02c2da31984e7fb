#include "deploy/program_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* A relative path is one from where we stand; the service will stand elsewhere. */
static bool make_whole(const char *path, char ret[PATH_MAX])
{
    char here[PATH_MAX];

    if (path[0] == '/')
        return snprintf(ret, PATH_MAX, "%s", path) < PATH_MAX;
    return getcwd(here, sizeof here) && snprintf(ret, PATH_MAX, "%s/%s", here, path) < PATH_MAX;
}

/* An empty part of PATH is the current folder. */
static bool search(const char *name, char ret[PATH_MAX])
{
    const char *part = getenv("PATH");
    char path[PATH_MAX];

    while (part) {
        size_t len = strcspn(part, ":");

        if (snprintf(path, sizeof path, "%.*s%s%s", (int)len, part, len ? "/" : "", name) <
                PATH_MAX &&
            is_program(path))
            return make_whole(path, ret);
        part = part[len] ? part + len + 1 : NULL;
    }
    return false;
}

enum ou_status program_path(const char *name, char ret[PATH_MAX], struct ou_error *err)
{
    bool is_path = strchr(name, '/') != NULL;

    if (is_path ? is_program(name) && make_whole(name, ret) : search(name, ret))
        return OU_OK;
    return ou_fail(err, OU_NOT_FOUND,
                   is_path ? "%s is no program that can be run" : "there is no program %s in PATH",
                   name);
}
