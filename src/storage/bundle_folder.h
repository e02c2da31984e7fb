/* A folder that a bundle is unpacked into. Names go part by part from its file descriptor, and never through a link: neither the
 * bundle nor somebody who puts links there meanwhile can make it write outside. One thread. */
#ifndef OU_STORAGE_BUNDLE_FOLDER_H
#define OU_STORAGE_BUNDLE_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct bundle_folder {
    const char *bundle; /* whose content it gets, for messages; not owned */
    int fd;
    uint64_t made, made_max; /* files and folders */
};

/* OU_NOT_FOUND when there is no such folder. */
enum ou_status bundle_folder_open(struct bundle_folder *f, const char *path, const char *bundle,
                                  uint64_t made_max, struct ou_error *err);
void bundle_folder_close(struct bundle_folder *f); /* a zeroed one is fine */

/* Names as bundle_name_fault() finds them without fault. Folders above are made where they are missing.
 * OU_INVALID: a link or a file stands where a folder is needed, or the file is there already; OU_TOO_LARGE: too many. */
enum ou_status bundle_folder_make(struct bundle_folder *f, const char *name, struct ou_error *err);
enum ou_status bundle_folder_create(struct bundle_folder *f, const char *name, bool runs,
                                    int *ret_fd, struct ou_error *err);

#endif
