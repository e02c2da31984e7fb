#include "collect/log_root.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A part of a path, up to the next slash; NULL at its end. */
static const char *next_part(const char *at, size_t *ret_len)
{
    at += strspn(at, "/");
    *ret_len = strcspn(at, "/");
    return *ret_len ? at : NULL;
}

static bool is_part(const char *part, size_t len, const char *text)
{
    return strlen(text) == len && memcmp(part, text, len) == 0;
}

void log_root_tidy(const char *path, char *out)
{
    const char *begin;
    size_t len;

    if (*path == '/')
        *out++ = '/';
    begin = out;
    for (const char *part = path; (part = next_part(part, &len)); part += len) {
        if (is_part(part, len, "."))
            continue;
        if (out > begin)
            *out++ = '/';
        memcpy(out, part, len);
        out += len;
    }
    if (*path && *path != '/' && out == begin)
        *out++ = '.';
    *out = '\0';
}

static void step_out(char place[PATH_MAX])
{
    char *slash = strrchr(place, '/');

    slash[slash == place] = '\0'; /* the root is above itself */
}

/* From a folder's one name to that of what is called so in it; a part that is not there has no other name. */
static bool step_into(char place[PATH_MAX], const char *part, size_t len)
{
    char real[PATH_MAX];
    size_t used = strlen(place);

    if (is_part(part, len, "..")) {
        step_out(place);
        return true;
    }
    if (used + 1 + len >= PATH_MAX)
        return false;
    snprintf(place + used, PATH_MAX - used, "%s%.*s", used > 1 ? "/" : "", (int)len, part);
    if (realpath(place, real))
        memcpy(place, real, strlen(real) + 1);
    return true;
}

/* The one name of a folder. False: it has none that a system call would take. */
static bool place_of(const char *path, char ret[PATH_MAX])
{
    size_t len;

    if (!realpath(*path == '/' ? "/" : ".", ret))
        return false;
    for (const char *part = path; (part = next_part(part, &len)); part += len)
        if (!is_part(part, len, ".") && !step_into(ret, part, len))
            return false;
    return true;
}

bool log_root_is_same(const char *a, const char *b)
{
    char place_a[PATH_MAX], place_b[PATH_MAX];

    if (strcmp(a, b) == 0)
        return true;
    return place_of(a, place_a) && place_of(b, place_b) && strcmp(place_a, place_b) == 0;
}
