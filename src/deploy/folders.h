/* Folders as a whole. Links are never followed. Any thread. */
#ifndef OU_DEPLOY_FOLDERS_H
#define OU_DEPLOY_FOLDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* Of a file, or of all files in a folder; what is not there has none. */
uint64_t folder_bytes(const char *path);

/* With all that is in it; that there is none is fine. */
enum ou_status folder_remove(const char *path, struct ou_error *err);

/* Makes an empty one that is private, in place of what is there. */
enum ou_status folder_make_new(const char *path, struct ou_error *err);

/* Moves files of `from` to the same places below `to`, on the same file system; folders are made as they are needed. What is there
 * already stays, or gives way where `replace` is set. */
enum ou_status folder_merge(const char *from, const char *to, bool replace, struct ou_error *err);

#endif
