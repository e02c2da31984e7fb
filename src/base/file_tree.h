/* Copies of large files and of folders of small ones, and their removal. */
#ifndef OU_BASE_FILE_TREE_H
#define OU_BASE_FILE_TREE_H

#include <stdbool.h>

#include "base/status.h"

/* A copy with the same mode, in place of what stands there. Shares the blocks where the file system can (then it is a matter of
 * milliseconds for any size), else the kernel copies. OU_NOT_FOUND: no such file. OU_INTERRUPTED leaves a part. */
enum ou_status tree_copy_file(const char *from, const char *to, struct ou_error *err);

/* A folder with all files and folders in it; links and devices are passed over. Folders that are there are filled up. */
enum ou_status tree_copy(const char *from, const char *to, struct ou_error *err);

/* Removes a folder with all that is in it; none there is fine. */
enum ou_status tree_remove(const char *path, struct ou_error *err);

/* Removes all that is in a folder, and leaves the folder; none there is fine. */
enum ou_status tree_clear(const char *path, struct ou_error *err);

/* Nothing is in the folder, or there is none. False for what cannot be looked into. */
bool tree_is_empty(const char *path);

#endif
