/* Inside store/: a check of a database while it goes on. */
#ifndef OU_STORE_CHECK_INSIDE_H
#define OU_STORE_CHECK_INSIDE_H

#include <stdarg.h>

#include "store/check.h"

struct check {
    struct sql *db;
    struct arena *memory;
    struct check_report *report;
};

void check_found(struct check *c, bool is_damage, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Unpacks everything that is packed: files against their hashes, the rest against its length. */
enum ou_status check_blobs(struct check *c, struct ou_error *err);

#endif
