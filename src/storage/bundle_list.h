/* What goes into a bundle: the files and folders of its entries, by name. One thread. */
#ifndef OU_STORAGE_BUNDLE_LIST_H
#define OU_STORAGE_BUNDLE_LIST_H

#include <sys/stat.h>

#include "base/arena.h"
#include "storage/bundle.h"

struct bundle_item {
    const char *name; /* in the bundle */
    size_t entry;     /* that it came with */
    bool folder;
};

struct bundle_list {
    const struct bundle_entry *entries; /* the caller's */
    char **roots;                       /* of each entry: its path without links; owned */
    size_t entry_count;
    char *link_root; /* likewise; NULL */
    struct arena names;
    struct bundle_item *items; /* by name */
    size_t count, cap;
};

/* The entries must stay as they are as long as the list does. OU_NOT_FOUND: an entry's path is not there; OU_INVALID: a name that
 * no bundle may have, or two files of one name; OU_TOO_LARGE: more than BUNDLE_LIMITS.files. *ret is to be released in any case. */
enum ou_status bundle_list_make(const struct bundle_entry *entries, size_t count,
                                const struct bundle_options *options, struct bundle_list *ret,
                                struct ou_error *err);
void bundle_list_release(struct bundle_list *list);

/* Opens an item that is a file. What was opened lies below the entry or link_root, whatever links were put in the way meanwhile. */
enum ou_status bundle_item_open(const struct bundle_list *list, const struct bundle_item *item,
                                int *ret_fd, struct stat *ret_stat, struct ou_error *err);

#endif
