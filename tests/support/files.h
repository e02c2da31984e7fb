/* Files for tests: a directory of their own, and the data that is shared
 * between checkouts. What goes wrong here fails the running test. */
#ifndef OU_SUPPORT_FILES_H
#define OU_SUPPORT_FILES_H

#include <stddef.h>

struct temp_dir {
    char *path;
    char *names[64]; /* what temp_path() gave out; owned */
    size_t name_count;
};

void temp_dir_make(struct temp_dir *dir);
void temp_dir_remove(struct temp_dir *dir); /* with everything in it */

/* DIR/name; valid until temp_dir_remove(). */
const char *temp_path(struct temp_dir *dir, const char *name);

void write_file(const char *path, const void *bytes, size_t len);
/* A file in the directory; returns its path. */
const char *temp_file(struct temp_dir *dir, const char *name, const char *text);

/* How many lines of a file, of at most 32 KiB each, contain a text; 0 when there is no such file. */
int lines_with(const char *path, const char *what);

/* The path of a file or folder of the shared data ($OUROSCOPE_SHARED_DATA, or
 * ../shared/data). Where it is absent the running test is skipped: call this
 * before anything that wants to be released. Valid until the next call. */
const char *shared_data(const char *name);

#endif
