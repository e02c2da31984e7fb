#include "study/run_usage.h"

#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "json/tree.h"

#define USAGE_BYTES_MAX ((size_t)1 << 20)

/* A line of the file; NaN where it is none. */
static double seconds_of(struct span line, const char *path)
{
    json_t *life = NULL;
    const json_t *user, *system;
    double seconds = NAN;

    if (json_tree_parse(line, path, &life, NULL) != OU_OK)
        return NAN;
    user = json_object_get(life, "userSeconds");
    system = json_object_get(life, "systemSeconds");
    if (json_is_number(user) && json_is_number(system))
        seconds = json_number_value(user) + json_number_value(system);
    json_decref(life);
    return seconds >= 0 && isfinite(seconds) ? seconds : NAN;
}

/* The lives of one process; NaN without the file, or where a line of it is damaged. */
static double lives_of(const char *path, struct buffer *room)
{
    struct span text;
    double sum = 0;

    buffer_clear(room);
    if (file_read(path, room, NULL) != OU_OK)
        return NAN;
    text = (struct span){ buffer_string(room), room->len };
    while (text.len > 0) {
        const char *end = memchr(text.at, '\n', text.len);
        size_t len = end ? (size_t)(end - text.at) : text.len;
        double life = seconds_of((struct span){ text.at, len }, path);

        sum += life;
        len += end ? 1 : 0;
        text = (struct span){ text.at + len, text.len - len };
    }
    return room->len > 0 ? sum : NAN;
}

static double nodes_of(const char *run_directory, struct buffer *room, size_t *ret_count)
{
    char path[PATH_MAX];
    const struct dirent *entry;
    double sum = 0;
    DIR *dir;

    if (snprintf(path, sizeof path, "%s/nodes", run_directory) >= PATH_MAX ||
        !(dir = opendir(path)))
        return NAN;
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        ++*ret_count;
        sum += snprintf(path, sizeof path, "%s/nodes/%s/usage.jsonl", run_directory,
                        entry->d_name) < PATH_MAX
                   ? lives_of(path, room)
                   : NAN;
    }
    closedir(dir);
    return *ret_count > 0 ? sum : NAN;
}

enum ou_status run_usage_read(const char *run_directory, struct run_usage *ret,
                              struct ou_error *err)
{
    char path[PATH_MAX];
    struct buffer room;
    enum ou_status status;

    buffer_init(&room, allocator_libc(), USAGE_BYTES_MAX);
    *ret = (struct run_usage){ NAN, NAN, 0 };
    ret->nodes = nodes_of(run_directory, &room, &ret->node_count);
    if (snprintf(path, sizeof path, "%s/tracer/usage.jsonl", run_directory) < PATH_MAX)
        ret->collector = lives_of(path, &room);
    status = buffer_status(&room);
    buffer_release(&room);
    return status == OU_NO_MEMORY ? ou_fail(err, status, "no memory for %s", path) : OU_OK;
}
