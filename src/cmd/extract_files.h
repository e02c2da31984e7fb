/* Which extracts there are (analyse/extract.h). */
#ifndef OU_CMD_EXTRACT_FILES_H
#define OU_CMD_EXTRACT_FILES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/status.h"

#define EXTRACT_FILES_MAX 20000

/* Zero-initialise. */
struct extract_files {
    struct arena memory;
    const char **paths; /* owned; the texts are in memory */
    size_t count, cap;
};

/* Adds a file, or what a folder has: *.extract, perhaps with .gz or .zst, there and in its folders. OU_NOT_FOUND; OU_INVALID for a file that
 * is no extract, and for a folder without any. */
enum ou_status extract_files_add(struct extract_files *files, const char *path,
                                 struct ou_error *err);
void extract_files_release(struct extract_files *files);

#endif
