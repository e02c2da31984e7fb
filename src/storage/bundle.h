/* Bundles: folders as one tar.zst, whose bytes depend on names, contents and executable bits of what is in it and on nothing else (order by
 * name, time 0, owner 0, mode 0644 or 0755, pax only where ustar does not reach); and back, from somebody who may mean harm. libarchive. */
#ifndef OU_STORAGE_BUNDLE_H
#define OU_STORAGE_BUNDLE_H

#include "storage/sigv4.h"

struct bundle_entry {
    const char *path; /* of a file or a folder, whose content is taken with it */
    /* In the bundle: relative, "/" between parts; "" of a folder: its content stands at the top. */
    const char *name;
};

struct bundle_made {
    uint64_t bytes, content_bytes, files;
    char sha256[SHA256_HEX]; /* of the bundle */
};

/* The bundle is readable by nobody else (0600), and is there only when it is whole. What two entries share must be folders.
 * A file has the size that it had when it was opened; one that gets shorter meanwhile is OU_IO.
 *
 * Names for which `skip` says true are left out, with what is below them; NULL: all is taken. Symbolic links are followed
 * when they lead to a plain file below the entry's path or `link_root` (NULL), and left out otherwise; sockets and devices
 * always. level: of Zstandard (0: 3). OU_INTERRUPTED. */
struct bundle_options {
    bool (*skip)(void *context, const char *name);
    void *context;
    const char *link_root;
    int level;
    void (*progress)(void *context, uint64_t content_bytes);
};
enum ou_status bundle_make(const struct bundle_entry *entries, size_t count,
                           const struct bundle_options *options, const char *path,
                           struct bundle_made *ret, struct ou_error *err);

struct bundle_limits {
    uint64_t content_bytes, files; /* more is OU_TOO_LARGE before it is written */
    uint64_t file_bytes;
};
extern const struct bundle_limits BUNDLE_LIMITS; /* 64 GiB, a million */

/* Unpacks into `folder`, which must be there; files get mode 0600 or 0700, folders 0700. Only plain files and folders with names below
 * it: absolute names, "..", links, devices, names that go through a link, the same file twice, and names that are no UTF-8 or have control characters are OU_INVALID. What was written
 * until then stays: unpack into a folder of its own, and rename. */
enum ou_status bundle_unpack(const char *path, const char *folder,
                             const struct bundle_limits *limits, uint64_t *ret_content_bytes,
                             struct ou_error *err);

#endif
