#include "cmd/extract_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyse/extract.h"
#include "base/span.h"

#define TEXT_BYTES_MAX ((size_t)64 << 20)

static enum ou_status no_memory(struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "no memory for the list of extracts");
}

static enum ou_status add_file(struct extract_files *files, const char *path, struct ou_error *err)
{
    const char *kept;

    if (!extract_is(path))
        return ou_fail(err, OU_INVALID, "%s: this is no extract (analyse --extract makes them)",
                       path);
    if (files->count == EXTRACT_FILES_MAX)
        return ou_fail(err, OU_TOO_LARGE, "more than %d extracts", EXTRACT_FILES_MAX);
    if (!files->memory.from)
        arena_init(&files->memory, allocator_libc(), TEXT_BYTES_MAX);
    kept = arena_copy(&files->memory, path, strlen(path));
    if (!kept || !array_reserve(allocator_libc(), (void **)&files->paths, &files->cap,
                                files->count + 1, sizeof *files->paths, EXTRACT_FILES_MAX))
        return no_memory(err);
    files->paths[files->count++] = kept;
    return OU_OK;
}

static bool has_name_of_extract(const char *name)
{
    static const char *const endings[] = { ".extract", ".extract.gz", ".extract.zst" };
    struct span text = span_of(name);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (span_ends(text, endings[i]) && text.len > strlen(endings[i]))
            return true;
    return false;
}

static enum ou_status add_folder(struct extract_files *files, const char *path, bool looks_deeper,
                                 struct ou_error *err);

static enum ou_status add_entry(struct extract_files *files, const char *folder, const char *name,
                                bool looks_deeper, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    struct stat st;
    char *path;

    if (name[0] == '.')
        return OU_OK;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return no_memory(err);
    if (stat(path, &st) != 0)
        status = OU_OK; /* vanished, or a link to nowhere */
    else if (S_ISDIR(st.st_mode))
        status = looks_deeper ? add_folder(files, path, false, err) : OU_OK;
    else if (has_name_of_extract(name))
        status = add_file(files, path, err);
    free(path);
    return status;
}

static enum ou_status add_folder(struct extract_files *files, const char *path, bool looks_deeper,
                                 struct ou_error *err)
{
    enum ou_status status = OU_OK;
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);

    if (count < 0)
        return ou_fail(err, OU_IO, "read folder %s: %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        if (!status)
            status = add_entry(files, path, entries[i]->d_name, looks_deeper, err);
        free(entries[i]);
    }
    free(entries);
    return status;
}

enum ou_status extract_files_add(struct extract_files *files, const char *path,
                                 struct ou_error *err)
{
    size_t before = files->count;
    enum ou_status status;
    struct stat st;

    if (stat(path, &st) != 0)
        return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "%s: %s", path,
                       strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return add_file(files, path, err);
    status = add_folder(files, path, true, err);
    if (!status && files->count == before)
        status = ou_fail(err, OU_INVALID,
                         "%s: there is no extract in it (*.extract, HOST/*.extract)", path);
    return status;
}

void extract_files_release(struct extract_files *files)
{
    arena_release(&files->memory);
    free(files->paths);
    *files = (struct extract_files){ 0 };
}
