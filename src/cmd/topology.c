#include "cmd/topology.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/help.h"
#include "cmd/profile.h"
#include "cmd/run_folder.h"
#include "cmd/say.h"
#include "json/tree.h"
#include "profile/topology_files.h"
#include "workbench/runs.h"

#define MEMORY_BYTES_MAX ((size_t)512 << 20)
#define PATH_ROOM 4096
#define TOPOLOGY_FILE "/topology.json"

static bool is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_builtin(const char *name)
{
    const char *builtin;

    for (size_t i = 0; (builtin = profile_builtin_name(i)); i++)
        if (strcmp(builtin, name) == 0)
            return true;
    return false;
}

/* A run's directory, or a run below ./runs by its name, which is then in ret. */
static bool find_run(const char *name, char *ret, size_t room)
{
    if (is_directory(name))
        return snprintf(ret, room, "%s", name) < (int)room;
    return !profile_name_is_path(name) && !is_builtin(name) &&
           run_find(RUN_FOLDER_DEFAULT, name, ret, room, NULL) == OU_OK;
}

/* A file may be a profile or a topology; profiles have no coreNodes. */
static bool is_topology_file(const char *path)
{
    json_t *document = NULL;
    bool is = profile_name_is_path(path) &&
              json_tree_load(path, TOPOLOGY_FILE_BYTES_MAX, &document, NULL) == OU_OK &&
              (json_object_get(document, "coreNodes") || json_object_get(document, "localRoots") ||
               json_object_get(document, "Producers"));

    json_decref(document);
    return is;
}

/* The name of a run, or of a file: what stands behind the last slash. */
static void title_of(const char *name, char *ret, size_t room)
{
    size_t len = strlen(name);
    const char *start;

    while (len > 1 && name[len - 1] == '/')
        len--;
    start = name + len;
    while (start > name && start[-1] != '/')
        start--;
    snprintf(ret, room, "%.*s", (int)(name + len - start), start);
}

static enum ou_status load_file(const char *path, struct topology_source *s, struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status = topology_load(path, &s->memory, &s->topology, &why);

    return status ? ou_fail(err, status == OU_NO_MEMORY ? status : OU_USAGE, "%s", why.text)
                  : OU_OK;
}

static enum ou_status load_profile(const struct parsed_options *options, const char *name,
                                   size_t overlay_option, struct topology_source *s,
                                   struct ou_error *err)
{
    enum ou_status status = profile_of_options(options, name, overlay_option, &s->profile, err);

    if (status)
        return status;
    profile_tell_remarks(options, &s->profile);
    snprintf(s->title, sizeof s->title, "%s", s->profile.name);
    return topology_of_profile(&s->profile, &s->memory, &s->topology, err);
}

enum ou_status topology_source_load(const struct parsed_options *options, const char *name,
                                    size_t overlay_option, struct topology_source *ret,
                                    struct ou_error *err)
{
    char path[PATH_ROOM];
    bool is_run = find_run(name, path, sizeof path - strlen(TOPOLOGY_FILE));

    *ret = (struct topology_source){ 0 };
    arena_init(&ret->memory, allocator_libc(), MEMORY_BYTES_MAX);
    if (!is_run && !is_topology_file(name))
        return load_profile(options, name, overlay_option, ret, err);
    if (option_given(options, overlay_option))
        return ou_fail(err, OU_USAGE, "--overlay is for profiles, and %s is none", name);
    title_of(is_run ? path : name, ret->title, sizeof ret->title);
    if (is_run)
        memcpy(path + strlen(path), TOPOLOGY_FILE, sizeof TOPOLOGY_FILE);
    return load_file(is_run ? path : name, ret, err);
}

void topology_source_release(struct topology_source *s)
{
    profile_release(&s->profile);
    arena_release(&s->memory);
}

static enum ou_status put_file(const struct parsed_options *options, const struct buffer *out,
                               const char *path, struct ou_error *err)
{
    struct out_file file = { 0 };
    struct ou_error told = { 0 };
    enum ou_status status = out_open(&file, path, err);

    if (status)
        return status;
    out_write_text(&file, out);
    status = out_commit(&file, err);
    out_release(&file);
    if (!status) {
        ou_fail(&told, OU_OK, "wrote %s", path);
        say(options->command, told.text);
    }
    return status;
}

enum exit_code topology_put(const struct parsed_options *options, const struct buffer *out,
                            const char *path)
{
    struct ou_error err = { 0 };
    enum ou_status status;

    if (!path)
        return profile_put(options, out);
    status = put_file(options, out, path, &err);
    return status ? profile_command_failed(options, status, &err) : EXIT_DONE;
}
